"""What an operation of the API is, and the view that is made of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, cast

from flask import Response, g, jsonify, request
from flask_limiter import Limiter
from marshmallow import Schema

from bridge.model import Role
from bridge.model.api import Scope
from bridge.web.api.once import HEADER, LONGEST, once
from bridge.web.api.problems import MEDIA_TYPE, Problem, problem
from bridge.web.table import SIGNED_IN, Counts, Row

BLUEPRINT = "api"
EXAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))
"""By the name of an operation what was ``said`` and what the ``answer`` was, as it was once."""
A_PROBLEM = {"$ref": f"#/components/schemas/{Problem.__name__}"}
OFTEN = "600 per minute"
FEW = "30 per minute"


@dataclass(frozen=True)
class Operation:
    """One thing that a program can ask for."""

    method: str
    rule: str
    view: Callable[..., Any]
    """Takes what the address, the query (``asked``) and the body (``said``) hold, and gives what is
    answered."""
    scope: Scope
    summary: str
    gives: type[Schema] | Schema | None = None
    """What it answers; ``None`` for nothing (204)."""
    says: type[Schema] | None = None
    """What has to be sent, as JSON."""
    asks: type[Schema] | None = None
    """The parameters of its address."""
    status: int = 200
    roles: frozenset[Role] = SIGNED_IN
    counts: Counts = Counts.NOTHING
    of: tuple[Callable[..., Any], type[Schema]] | None = None
    """What reads what this one changes: its ETag can be asked for by ``If-Match``."""
    more: Mapping[int, str] = field(default_factory=dict)
    """Further refusals, by status."""
    secret: bool = False
    """Whether what it answers is shown this once, and kept nowhere."""
    limit: str = ""
    """How often a token may ask this one; it may ask all of them :data:`OFTEN` together."""

    @property
    def name(self) -> str:
        """Its own name: module and function, ``feed.home``."""
        return f"{self.view.__module__.rpartition('.')[2]}.{self.view.__name__}"

    @property
    def tag(self) -> str:
        """The part of the document that it stands in."""
        return self.view.__module__.rpartition(".")[2]

    @property
    def key(self) -> str:
        """Its name among the routes."""
        return f"{BLUEPRINT}.{self.ident}"

    @property
    def ident(self) -> str:
        """Its name in the document: ``feed_home``."""
        return self.name.replace(".", "_")

    @property
    def row(self) -> Row:
        """Its row of the table of routes."""
        return Row(
            self.method,
            f"/api{self.rule}",
            self.view,
            self.roles,
            self.counts,
            limit=self.limit,
            machine=True,
            scope=self.scope,
            named=self.key,
        )

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"

    @property
    def refusals(self) -> dict[int, str]:
        """What else it may answer, by status."""
        found = {
            401: "No token, or one that is not good (any more).",
            403: "The token's scopes, or its person's roles, do not allow it.",
            429: "Asked too often; `Retry-After` says how many seconds to wait.",
            503: "The database cannot be reached, or somebody else did not answer in time.",
        }
        if "<" in self.rule:
            found[404] = "There is no such thing, or it is not for the token's person."
        if self.says is not None or self.asks is not None or self.writes:
            found[422] = "What was sent cannot be taken: `errors` or `detail` says why."
        if self.writes:
            found[409] = f"The same {HEADER} is at work, was broken off, or its answer is not kept."
            found[400] = "What was sent is no JSON, or the key is too long."
        if self.says is not None:
            found[413] = "That was too much at once."
            found[415] = "The body is not sent as `application/json`."
        if self.of is not None:
            found[412] = "It has changed since the ETag in `If-Match`."
        return dict(sorted({**found, **self.more}.items()))


def described(operation: Operation, blueprint: Any) -> Callable[..., Any]:
    """The operation's view as it is documented: it reads what is sent, and shapes what is answered.

    The examples come last: what a decorator of the blueprint finds said already, it copies.
    """
    view: Any = blueprint.doc(
        operationId=operation.ident,
        summary=operation.summary,
        description=f"Needs the scope `{operation.scope}`.",
        tags=[operation.tag],
        security=[{"token": []}],
        responses={
            str(status): {"description": why, "content": {MEDIA_TYPE: {"schema": A_PROBLEM}}}
            for status, why in operation.refusals.items()
        },
    )(operation.view)
    examples = EXAMPLES.get(operation.name, {})
    if operation.says is not None:
        view = blueprint.arguments(
            operation.says, location="json", arg_name="said", example=examples.get("said")
        )(view)
    if operation.asks is not None:
        view = blueprint.arguments(operation.asks, location="query", arg_name="asked")(view)
    if operation.gives is None:
        answered = blueprint.response(204, description="Done.")(view)
    else:
        answered = blueprint.response(
            operation.status,
            operation.gives,
            description="As asked.",
            example=examples.get("answer"),
        )(view)
    return cast(Callable[..., Any], answered)


def guarded(operation: Operation, view: Callable[..., Any], limiter: Limiter) -> Any:
    """The view behind what the headers say, and behind its limit."""
    view = _held(operation, view)
    if operation.writes:
        view = once(view, keeps=not operation.secret)
    # Outermost: what is refused for what stands in it counts as well.
    view = limiter.limit(operation.limit, key_func=bearer)(view) if operation.limit else view
    return limiter.shared_limit(OFTEN, scope="api", key_func=bearer)(view)


def tagged(response: Response) -> Response:
    """The answer with its ETag; to who has the same already, that nothing has changed."""
    if request.method == "GET" and response.status_code == 200:
        response.add_etag()
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.make_conditional(request)
    return response


def bearer() -> str:
    """Whose requests are counted together: those of a token, or of an address."""
    token = g.get("api_token")
    return token.token_hash if token is not None else (request.remote_addr or "")


def headers(operation: Operation) -> list[dict[str, Any]]:
    """The headers that the operation understands, as parameters of the document."""
    known = {
        HEADER: (
            operation.writes,
            "What is sent twice under one key within a day is done once.",
            {"type": "string", "maxLength": LONGEST},
        ),
        "If-Match": (
            operation.of is not None,
            "An ETag: it is done only if nothing has changed since.",
            {"type": "string"},
        ),
    }
    return [
        {"in": "header", "name": name, "description": why, "schema": schema}
        for name, (fits, why, schema) in known.items()
        if fits
    ]


def _held(operation: Operation, view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, which first looks at what the headers say."""

    @wraps(view)
    def held(*args: Any, **kwargs: Any) -> Any:
        if operation.says is not None and not request.is_json:
            return problem(415, "The body is not JSON.", "Send it as application/json.")
        if operation.of is not None and "If-Match" in request.headers:
            read, shape = operation.of
            now = jsonify(shape().dump(read(**kwargs)))
            now.add_etag()
            if not request.if_match.contains(str(now.get_etag()[0])):
                return problem(412, "It has changed since you read it.", "Read it again first.")
        return view(*args, **kwargs)

    return held
