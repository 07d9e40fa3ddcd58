"""Doing once what is sent twice: the header ``Idempotency-Key``.

A program that got no answer sends the same again, under the same key, and gets the answer that it
would have got. The key is reserved before anything is done, so that of two at the same time one
does it. See https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, make_response, request

from bridge.access import api_tokens
from bridge.access.secrecy import hashed
from bridge.model.api import Answer
from bridge.web.api.problems import problem
from bridge.web.here import bridge, now

HEADER = "Idempotency-Key"
LONGEST = 200


def once(view: Callable[..., Any], *, keeps: bool = True) -> Callable[..., Any]:
    """The view, done once for each key.

    :param keeps: whether its answer may be kept; it may not where it holds a secret.
    """

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER, "")
        if not key:
            return view(*args, **kwargs)
        if len(key) > LONGEST or not key.isprintable():
            return problem(400, f"{HEADER} is longer than {LONGEST} characters, or cannot be read.")
        body = request.get_data().decode("utf-8", "backslashreplace")
        asked = hashed(f"{request.method} {request.full_path} {body}")
        with bridge().store.work() as work:
            kept, before = api_tokens.reserve(work, g.api_token, key, asked, now())
        if before is not None:
            return _again(before, asked)
        return _first(kept, lambda: make_response(view(*args, **kwargs)), keeps)

    return answered


def _first(kept: str, act: Callable[[], Response], keeps: bool) -> Response:
    done = False
    try:
        response = act()
        done = response.status_code < 300
    finally:
        # What was refused, or failed, was not done: each act is one transaction.
        if not done:
            with bridge().store.work() as work:
                work.api.release(kept)
    body = response.get_data(as_text=True) if keeps else ""
    with bridge().store.work() as work:
        work.api.keep(kept, response.status_code, body)
    return response


def _again(before: Answer, asked: str) -> Response:
    if before.request_hash != asked:
        return problem(
            422, f"This {HEADER} was used for something else.", "Make a new key for each thing."
        )
    if before.status is None:
        return problem(
            409,
            "The same is being done, or was broken off: nobody knows how it went.",
            "Look whether it is there, and if not, send it under a new key.",
        )
    if not before.body and before.status != 204:
        return problem(
            409,
            "It was done, and its answer is not kept: it held a secret, or what was taken back.",
            "Read how it is now. If you miss a secret, take back what was made, and make another.",
        )
    response = Response(before.body, before.status, mimetype="application/json")
    response.headers["Idempotency-Replayed"] = "true"
    return response
