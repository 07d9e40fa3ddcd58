"""The endpoint that an LMS pushes to: a Learning Record Store that takes, and gives nothing back.

It speaks xAPI 1.0.3 as far as a sender needs it. Answers are JSON, errors included; statements and
the names in them are never logged.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from bridge.access import xapi_keys
from bridge.errors import Conflict, InputError, TooLarge
from bridge.lms import xapi
from bridge.model import PushedFact, XapiKey
from bridge.sync import push
from bridge.web.here import bridge, from_lms, now

STATUS: dict[type[InputError], int] = {Conflict: 409, TooLarge: 413}


def _in_json(view: Callable[[], Any]) -> Callable[[], Any]:
    """Say what is wrong with a request in JSON, with the status that xAPI gives it."""

    @wraps(view)
    def answer() -> Any:
        try:
            return view()
        except InputError as error:
            return _refusal(STATUS.get(type(error), 400), str(error))
        except HTTPException as error:
            return _refusal(error.code or 500, error.description or error.name)

    return answer


def about() -> Any:
    """Which versions are spoken; open to everybody, as xAPI wants it."""
    return jsonify(version=[xapi.VERSION])


@_in_json
def post() -> Any:
    """Take a statement or a list of them; their ids, in the order in which they came."""
    key = _sender()
    if isinstance(key, Response):
        return key
    facts = _facts(key)
    _receive(key, facts)
    return jsonify([fact.id for fact in facts])


@_in_json
def put() -> Any:
    """Take one statement under the id that the address names."""
    key = _sender()
    if isinstance(key, Response):
        return key
    _receive(key, _facts(key, request.args.get("statementId", "")))
    return Response(status=204)


def _sender() -> XapiKey | Response:
    """Whose key and secret the request bears, or why it is refused."""
    given = request.authorization
    if given is not None and given.type == "basic":
        with bridge().store.reading() as work:
            key = xapi_keys.check(work, given.username or "", given.password or "")
        if key is not None:
            return key
    refusal = _refusal(401, "The key and the secret are not known together.")
    refusal.headers["WWW-Authenticate"] = 'Basic realm="xAPI", charset="UTF-8"'
    return refusal


def _facts(key: XapiKey, statement_id: str | None = None) -> list[PushedFact]:
    """What the body says.

    :raises InputError: if the request is not one of xAPI 1.0, or its body is not well formed.
    """
    if not xapi.version_is_ours(request.headers.get("X-Experience-API-Version", "")):
        raise InputError(
            "The header X-Experience-API-Version is missing or names no version 1.0.",
            f"Send X-Experience-API-Version: {xapi.VERSION}.",
        )
    if request.mimetype != "application/json":
        raise InputError(
            f"The body is {request.mimetype or 'of no type'}.",
            "Send application/json; attachments are not taken.",
        )
    request.max_content_length = xapi.MOST_BYTES
    body = request.get_data(cache=False)
    with bridge().store.reading() as work:
        sites = work.xapi.addresses(key.connection_id)
    return xapi.read(body, key.connection_id, sites, key.accounts, statement_id)


def _receive(key: XapiKey, facts: list[PushedFact]) -> None:
    if facts:
        with bridge().store.work() as work:
            push.receive(work, key.connection_id, facts, now())


def _refusal(status: int, message: str) -> Response:
    response = jsonify(error=message)
    response.status_code = status
    return response


def mark(response: Response) -> Response:
    """Put on every answer to an LMS what xAPI wants there."""
    if from_lms():
        response.headers["X-Experience-API-Version"] = xapi.VERSION
        if request.endpoint != "xapi.about":
            response.headers["X-Experience-API-Consistent-Through"] = now().isoformat()
    return response


def init_app(app: Flask) -> None:
    """Mark the answers of ``app`` that are xAPI's."""
    app.after_request(mark)
