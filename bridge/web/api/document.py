"""The OpenAPI document, made of the operations, and the page that shows it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import flask
from flask import Flask
from flask_limiter import Limiter
from flask_smorest import Api, Blueprint

from bridge import __version__
from bridge.web.api.operations import BLUEPRINT, described, guarded, headers, tagged
from bridge.web.api.problems import Problem
from bridge.web.api.table import OPERATIONS
from bridge.web.table import Ident

ABOUT = """\
What the pages do, for programs. A program acts for a person, by a token that the person makes under
*You → Programs*: it may do what its scopes say, and never more than the person may.

- **Authorization**: `Authorization: Bearer sb_...`
- **Pages**: answers that go on have `before`; send it as the parameter `before` for the next page.
- **Errors** are problem details (RFC 9457); `remedy` says what can be done.
- **ETags**: each answer to `GET` has one. `If-None-Match` spares sending it again, and `If-Match`
  on a write does it only if nothing has changed since.
- **Once**: a write with an `Idempotency-Key` is done once, however often it is sent within a day.
- **Limits**: 600 requests a minute for each token, fewer for what is costly; 429 says so.

Moments are RFC 3339, in UTC. Texts are plain text.
"""

TAGS = {
    operation.tag: str(inspect.getmodule(operation.view).__doc__).strip().splitlines()[0]
    for operation in OPERATIONS
}
"""The parts of the document, each with what its module says of itself."""

LICENCE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


class Described(Api):
    """flask-smorest, but for errors, which are the bridge's own."""

    # Each operation names what it may answer, and nothing else is documented.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """The bridge answers errors itself: :mod:`bridge.web.failures`."""


def init_app(app: Flask, limiter: Limiter) -> None:
    """Put the operations on the application."""
    blueprint = flask.Blueprint(BLUEPRINT, __name__, url_prefix="/api")
    views = _described()[1]
    for operation in OPERATIONS:
        blueprint.add_url_rule(
            operation.rule,
            operation.ident,
            guarded(operation, views[operation.ident], limiter),
            methods=[operation.method],
        )
    blueprint.after_request(tagged)
    app.register_blueprint(blueprint)


def spec(app: Flask) -> dict[str, Any]:
    """The document, with the address of this bridge."""
    return {**_spec(), "servers": [{"url": app.extensions["bridge"].config.base_url}]}


@cache
def _described() -> tuple[Blueprint, dict[str, Callable[..., Any]]]:
    """The operations as they are documented, and their views by their names.

    They are the same for every application of the process, and take a while to be made.
    """
    blueprint = Blueprint(BLUEPRINT, __name__, url_prefix="/api")
    views = {one.ident: described(one, blueprint) for one in OPERATIONS}
    for one in OPERATIONS:
        blueprint.route(one.rule, methods=[one.method], endpoint=one.ident)(views[one.ident])
    return blueprint, views


@cache
def _spec() -> dict[str, Any]:
    """The document, made when it is first asked for, on an application that serves nothing.

    Two who ask at once make it twice, which changes nothing but their time.
    """
    app = Flask(__name__)
    app.url_map.converters["int"] = Ident
    app.config.update(
        API_TITLE="Socialbridge",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
    )
    api = Described(app, spec_kwargs={"info": {"description": ABOUT, "license": LICENCE}})
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.components.schema(Problem.__name__, schema=Problem)
    api.register_blueprint(_described()[0])
    found: dict[str, Any] = api.spec.to_dict()
    by_id = {operation.ident: operation for operation in OPERATIONS}
    for path in found["paths"].values():
        for told in path.values():
            if isinstance(told, dict) and told.get("operationId") in by_id:
                own = told.get("parameters", [])
                told["parameters"] = own + headers(by_id[told["operationId"]])
    return {**found, "tags": [{"name": name, "description": said} for name, said in TAGS.items()]}
