"""Errors of the API: problem details, RFC 9457."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response
from marshmallow import fields

from bridge.web.api.fields import Shape

MEDIA_TYPE = "application/problem+json"


class Fault(Shape):
    """What is wrong with one part of what was sent."""

    pointer = fields.String(
        required=True,
        metadata={"description": "Where it stands: a JSON pointer, RFC 6901.", "example": "/text"},
    )
    detail = fields.String(required=True, metadata={"example": "Missing data for required field."})


class Problem(Shape):
    """Why it was not done."""

    type = fields.String(
        required=True,
        metadata={"description": "`about:blank`: the status says what kind it is."},
    )
    title = fields.String(required=True, metadata={"example": "Not Found"})
    status = fields.Integer(required=True, metadata={"example": 404})
    detail = fields.String(
        required=True, metadata={"example": "There is no such item, or it is not for you."}
    )
    remedy = fields.String(metadata={"description": "What can be done about it."})
    retry = fields.Boolean(metadata={"description": "Whether it may go well later as it is."})
    errors = fields.List(fields.Nested(Fault), metadata={"description": "Part by part, for 422."})


def problem(
    status: int,
    detail: str,
    remedy: str = "",
    errors: Mapping[str, Any] | None = None,
    *,
    retry: bool = False,
) -> Response:
    """An answer that says why it was not done."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if remedy:
        body["remedy"] = remedy
    if retry:
        body["retry"] = True
    if errors:
        body["errors"] = [
            {"pointer": pointer, "detail": said} for pointer, said in _faults(errors, "")
        ]
    response = Response(json.dumps(body), status, mimetype=MEDIA_TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="socialbridge"'
    return response


def _faults(errors: Any, at: str) -> list[tuple[str, str]]:
    """marshmallow's messages, which are nested as what was sent is, one by one."""
    if isinstance(errors, Mapping):
        return [
            fault
            for name, inner in errors.items()
            for fault in _faults(inner, at if name == "_schema" else f"{at}/{_escaped(str(name))}")
        ]
    if isinstance(errors, list):
        return [fault for inner in errors for fault in _faults(inner, at)]
    return [(at, str(errors))]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
