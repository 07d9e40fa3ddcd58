"""The OpenAPI document, made of the operations, and the page that shows it."""

from __future__ import annotations

import inspect
from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_smorest import Api, Blueprint

from bridge import __version__
from bridge.web.api.operations import BLUEPRINT, made, tagged
from bridge.web.api.table import OPERATIONS

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
    """Put the operations and their document on the application."""
    app.config.update(
        API_TITLE="Socialbridge",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
    )
    api = Described(
        app,
        spec_kwargs={
            "info": {"description": ABOUT, "license": LICENCE},
            "servers": [{"url": app.extensions["bridge"].config.base_url}],
        },
    )
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    blueprint = Blueprint(BLUEPRINT, __name__, url_prefix="/api")
    for operation in OPERATIONS:
        made(operation, blueprint, limiter)
    blueprint.after_request(tagged)
    api.register_blueprint(blueprint)
    app.extensions["api"] = api


def spec(app: Any) -> dict[str, Any]:
    """The document."""
    found: dict[str, Any] = app.extensions["api"].spec.to_dict()
    return {**found, "tags": [{"name": name, "description": said} for name, said in TAGS.items()]}
