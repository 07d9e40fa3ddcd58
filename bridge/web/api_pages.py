"""The API's document, and a page that shows it."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template

from bridge.web.api.document import spec


def openapi() -> Any:
    """The document, OpenAPI 3.1."""
    return spec(current_app)


def docs() -> Any:
    """The document, to be read and tried out."""
    return render_template("api.html")
