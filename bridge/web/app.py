"""The application factory: one Flask application for one bridge; nothing is built at import."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request, url_for
from flask_babel import Babel, get_locale
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix

from bridge.model import Viewer
from bridge.storage.sealing import signing_key
from bridge.web import (
    banner,
    cookies,
    failures,
    here,
    metrics,
    moderation,
    opened,
    present,
    routes,
    security,
    trace,
    unread,
    xapi,
)
from bridge.web.access import THEMES
from bridge.web.table import Ident

if TYPE_CHECKING:
    from bridge.bootstrap import Bridge

LANGUAGES = ("en",)
"""Languages with a translation; what people and the LMS wrote stays in theirs."""

MOST = 64 * 1024
"""Bytes that one request may send: our longest form is a few thousand characters."""


class Pages(Flask):
    """Flask, but for what it logs of an exception that nobody expected."""

    def log_exception(self, exc_info: Any) -> None:
        """By the rule: an address may hold a secret, and who reads the log is not to open it."""
        self.logger.error("%s %s", request.method, request.url_rule, exc_info=exc_info)


def create_app(bridge: Bridge) -> Flask:
    """The pages of ``bridge``, as a WSGI application."""
    app = Pages("bridge.web", root_path=str(Path(__file__).parent))
    config = bridge.config
    secure = config.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=signing_key(config.secret_keys[0]),
        SECRET_KEY_FALLBACKS=[signing_key(key) for key in config.secret_keys[1:]],
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=secure,
        # A feed stays open all day; its forms are good as long as the session is.
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=MOST,
    )
    app.session_interface = cookies.Forms()
    app.extensions["bridge"] = bridge
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["metrics"] = metrics.registry_of(bridge)
    trace.init_app(app, metrics.Requests(app.extensions["metrics"]))
    security.init_app(app)
    failures.init_app(app)
    banner.init_app(app)
    moderation.init_app(app)
    opened.init_app(app)
    unread.init_app(app)
    present.init_app(app)
    xapi.init_app(app)
    Babel(app, locale_selector=_language, timezone_selector=lambda: str(present.zone()))
    app.url_map.converters["int"] = Ident
    # After the gate: who is not let in needs no form token, and learns nothing about tokens.
    routes.init_app(app)
    routes.exempt(CSRFProtect(app))
    versions: dict[str, str] = {}

    def asset(filename: str) -> str:
        """The address of a file of ours, which changes when the file does."""
        if filename not in versions:
            content = Path(str(app.static_folder), filename).read_bytes()
            versions[filename] = hashlib.blake2s(content, digest_size=6).hexdigest()
        return url_for("static", filename=filename, v=versions[filename])

    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["csrf"] = _form_token
    app.jinja_env.globals["may"] = routes.may
    app.context_processor(_words)
    return app


def _language() -> str:
    looking: Viewer | None = g.get("viewer")
    preferred = (looking.language or "").partition("_")[0] if looking else ""
    if preferred in LANGUAGES:
        return preferred
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _form_token() -> Markup:
    """The hidden field by which a form is known to come from one of our own pages."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _words() -> dict[str, Any]:
    """What every template may say."""
    theme = request.cookies.get("theme", "auto")
    return {
        "viewer": g.get("viewer"),
        "problem": g.get("problem"),
        "theme": theme if theme in THEMES else "auto",
        "language": str(get_locale()),
        "now": here.now(),
    }
