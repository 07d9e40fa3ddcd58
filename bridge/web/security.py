"""What a browser is told it may do with our pages: nothing that they do not need."""

from __future__ import annotations

import secrets

from flask import Flask, g, request, session
from werkzeug.wrappers import Response

from bridge.web import cookies, here

POLICY = (
    "default-src 'none'",
    "script-src 'self' 'nonce-{nonce}'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'{posts_to}",
    "base-uri 'none'",
    "frame-ancestors {framed_by}",
)
"""The content security policy. Faces are initials and fonts are our own: nothing is loaded from
elsewhere, so nobody elsewhere learns who reads what."""

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)
YEAR = 31_536_000


def nonce() -> str:
    """This answer's own word, by which its scripts are known."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def guard(response: Response) -> Response:
    """Put the headers on an answer; what a view has said about caching stands."""
    headers = response.headers
    shown_by = framed_by()
    headers["Content-Security-Policy"] = "; ".join(POLICY).format(
        nonce=nonce(),
        framed_by=shown_by or "'none'",
        posts_to=f" {g.posts_to}" if g.get("posts_to") else "",
    )
    headers["X-Content-Type-Options"] = "nosniff"
    if not shown_by:
        headers["X-Frame-Options"] = "DENY"
    # The form token is checked against the page it came from, so our own pages must be told.
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = PERMISSIONS
    # Who opened us in a window of its own is told when a registration is done.
    opener = "unsafe-none" if g.get("keeps_opener") else "same-origin"
    headers["Cross-Origin-Opener-Policy"] = opener
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if here.over_https():
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    if _never_changes():
        headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")
        headers.add("Vary", "Cookie, HX-Request")
    return response


def framed_by() -> str:
    """The site whose pages may show this answer in a frame; empty where none may.

    It is the LTI platform that the request is about, or the one that the session began at.
    """
    return str(g.get("framed_by") or (session.get("framed_by", "") if cookies.framed() else ""))


def _never_changes() -> bool:
    """Whether the address stands for these bytes alone: a file's version is in it, or it is a font.

    The stylesheet names the fonts, and cannot know their versions; another font has another name.
    """
    if request.endpoint != "static" or request.view_args is None:
        return False
    return "v" in request.args or str(request.view_args["filename"]).startswith("fonts/")


def init_app(app: Flask) -> None:
    """Guard every answer of ``app``, errors included."""
    app.after_request(guard)
    app.jinja_env.globals["nonce"] = nonce
