"""What is said of each request: an id, one line in the log, and a count.

The line names the route, not the address: an address may hold a secret or say who somebody is.
"""

from __future__ import annotations

import re
import time
import uuid

import structlog
from flask import Flask, g, request
from werkzeug.wrappers import Response

from bridge.web.metrics import Requests

log = structlog.get_logger("web")

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What a proxy may call a request; anything else gets a name of ours."""

QUIET = frozenset({"static", "access.healthz", "access.readyz", "metrics.show"})
"""Endpoints that machines ask all day: they are counted and not logged."""


def begin() -> None:
    """Give the request its id; every line that is logged meanwhile carries it."""
    given = request.headers.get(HEADER, "")
    g.request_id = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def finish(requests: Requests, response: Response) -> Response:
    """Log and count the request, and tell its id."""
    seconds = time.perf_counter() - g.began
    route = request.endpoint or "none"
    requests.note(route, request.method, response.status_code, seconds)
    if route not in QUIET:
        log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round(1000 * seconds, 1),
        )
    response.headers[HEADER] = g.request_id
    return response


def forget(error: BaseException | None) -> None:
    """The thread goes on with another request."""
    structlog.contextvars.clear_contextvars()


def init_app(app: Flask, requests: Requests) -> None:
    """Trace every request of ``app``, and those that are refused."""
    app.before_request(begin)
    app.after_request(lambda response: finish(requests, response))
    app.teardown_request(forget)
