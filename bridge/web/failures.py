"""Errors as pages: what happened, what to do about it, and the way back."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from flask import Flask, current_app, g, jsonify, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from bridge.errors import (
    BridgeError,
    IdentityError,
    InputError,
    LmsError,
    NotAllowed,
    NotFound,
    OutletError,
    StorageError,
)
from bridge.web import here
from bridge.web.api.problems import problem

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[BridgeError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (IdentityError, 400),
    (InputError, 422),
    (StorageError, 503),
    (LmsError, 502),
    (OutletError, 502),
    (BridgeError, 500),
)
"""The first class that an error belongs to gives the status of its page."""


def status_of(error: BridgeError) -> int:
    """The HTTP status that says what kind of error it is; 503 where trying again can help."""
    if error.retry:
        return 503
    return next(status for kind, status in STATUS if isinstance(error, kind))


def on_bridge_error(error: BridgeError) -> Any:
    """A page for an error of our own tree."""
    status = status_of(error)
    if status >= 500:
        # By its rule: an address may hold a secret, and who reads the log is not to open it.
        log.error("%s %s: %s", request.method, request.url_rule, error, exc_info=error)
        # What a database or an LMS said is for the log; a visitor learns what they can do.
        if isinstance(error, StorageError):
            return _page(status, gettext("The bridge cannot reach its database just now."), "")
    elif isinstance(error, IdentityError):
        # Somebody may be trying; and an admin who is asked why finds it by the time.
        log.warning("%s %s: %s", request.method, request.url_rule, error.message)
    return _page(status, error.message, error.remedy)


def on_csrf(error: CSRFError) -> Any:
    """A form that did not come from one of our pages, or from one that was open too long."""
    return _page(
        400,
        gettext("This form is not from a page that you opened here."),
        gettext("Go back, reload the page and send it again. Nothing was changed."),
    )


def on_http(error: HTTPException) -> Any:
    """A page for what Flask itself refuses."""
    status = 404 if _leads_nowhere(error) else error.code or 500
    if error.response is not None or status < 400:
        return error
    if here.from_program() and status == 422:
        return problem(
            422, gettext("What was sent cannot be taken."), "", _parts(error), retry=False
        )
    said = {
        400: (gettext("What was sent cannot be read."), gettext("Send it once more.")),
        404: (gettext("There is no such page."), gettext("The address may be mistyped or old.")),
        405: (gettext("This page cannot be opened that way."), ""),
        413: (gettext("That was too much at once."), gettext("Send less text.")),
        429: (
            gettext("That was very often in a short time."),
            gettext("Wait a minute and try again."),
        ),
        500: (
            gettext("Something went wrong on our side."),
            gettext("It has been noted. Try again; if it stays, tell an admin the time."),
        ),
    }
    message, remedy = said.get(status, (error.name, ""))
    return _page(status, message, remedy)


def _leads_nowhere(error: HTTPException) -> bool:
    """Whether no method opens the address, although one was said to: an id that none can be."""
    if not isinstance(error, MethodNotAllowed):
        return False
    adapter = current_app.create_url_adapter(request)
    for method in error.valid_methods or ():
        with suppress(HTTPException):
            if adapter is not None and adapter.match(method=method):
                return False
    return True


def _parts(error: HTTPException) -> dict[str, Any]:
    """What is wrong with which part; the first level says where it stood, which is known."""
    found = getattr(error, "data", {}).get("messages", {})
    if not isinstance(found, dict):
        return {}
    return {
        name: said
        for inner in found.values()
        for name, said in (inner.items() if isinstance(inner, dict) else [("_schema", inner)])
    }


def _page(status: int, message: str, remedy: str) -> Any:
    g.setdefault("viewer", None)
    if here.from_program():
        return problem(status, message, remedy, retry=status == 503)
    if here.from_lms():
        return jsonify(error=f"{message} {remedy}".strip()), status
    if here.in_place():
        return render_template("_failure.html", message=message, remedy=remedy), status
    return (
        render_template("failure.html", status=status, message=message, remedy=remedy),
        status,
    )


def init_app(app: Flask) -> None:
    """Show these pages."""
    app.register_error_handler(BridgeError, on_bridge_error)
    app.register_error_handler(CSRFError, on_csrf)
    app.register_error_handler(HTTPException, on_http)
