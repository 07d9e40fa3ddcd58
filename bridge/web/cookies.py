"""What is kept in a browser: who is signed in, and the secret of its forms.

A page of ours that an LMS shows in a frame is another site's part to the browser. There a cookie
comes back only with ``SameSite=None``, and only to frames of that LMS if it is ``Partitioned``
(CHIPS); so a frame has a session cookie and a form cookie of its own, and who is signed in there
is signed in nowhere else.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.wrappers import Response

from bridge.access.lti import MINUTES
from bridge.access.setup_keys import LASTS
from bridge.web.here import over_https

COOKIE = "socialbridge"
FRAMED = "socialbridge-framed"
BROWSER = "socialbridge-lti"
PROVIDER = "socialbridge-oidc"
SETUP = "socialbridge-setup"
FORM = "socialbridge-form"
MONTH = 30 * 24 * 3600


def name(plain: str) -> str:
    """The cookie's name; over https one that only this host can set."""
    return f"__Host-{plain}" if over_https() else plain


def framed() -> bool:
    """Whether the page stands in a frame of an LMS: only there comes that session's cookie alone.

    A browser that knows no partitions sends it to our own pages as well, where the other counts.
    """
    if "framed" not in g:
        sent = request.cookies
        g.framed = over_https() and name(FRAMED) in sent and name(COOKIE) not in sent
    return bool(g.framed)


def session_token() -> str:
    """The secret of the session that the browser keeps; empty without one."""
    return request.cookies.get(name(FRAMED if framed() else COOKIE), "")


def keep_session(response: Response, secret: str) -> None:
    """Have the browser keep the session, in the frame or outside of it."""
    if framed():
        _keep(response, FRAMED, secret, MONTH, SameSite="None", Partitioned=True)
    else:
        _keep(response, COOKIE, secret, MONTH, SameSite="Lax")


def drop_session(response: Response) -> None:
    """Have the browser forget the session."""
    if framed():
        _keep(response, FRAMED, "", 0, SameSite="None", Partitioned=True)
    else:
        _keep(response, COOKIE, "", 0, SameSite="Lax")


def browser() -> str:
    """The secret that the browser keeps since an LTI login began; empty without one."""
    return request.cookies.get(name(BROWSER), "")


def keep_browser(response: Response, secret: str) -> None:
    """Have the browser keep it.

    The LMS sends the launch as a form of its own: only ``SameSite=None`` comes along with that. In
    a tab nothing is partitioned: there a browser does not send it with another site's form.
    """
    seconds = int(MINUTES.total_seconds())
    if over_https():
        alone = request.headers.get("Sec-Fetch-Dest") == "document"
        _keep(response, BROWSER, secret, seconds, SameSite="None", Partitioned=not alone)
    else:
        _keep(response, BROWSER, secret, seconds)


def provider_secret() -> str:
    """The secret that the browser keeps since a login at a provider began; empty without one."""
    return request.cookies.get(name(PROVIDER), "")


def keep_provider_secret(response: Response, secret: str) -> None:
    """Have the browser keep it; empty has it forgotten. The provider sends people back by a link,
    with which a cookie of ``SameSite=Lax`` comes along."""
    seconds = int(MINUTES.total_seconds()) if secret else 0
    _keep(response, PROVIDER, secret, seconds, SameSite="Lax")


def setup_key() -> str:
    """The secret of who sets the bridge up; empty without one."""
    return request.cookies.get(name(SETUP), "")


def keep_setup_key(response: Response, secret: str) -> None:
    """Have the browser keep it, as long as it is good."""
    _keep(response, SETUP, secret, int(LASTS.total_seconds()), SameSite="Lax")


def drop_setup_key(response: Response) -> None:
    """Have the browser forget it."""
    _keep(response, SETUP, "", 0, SameSite="Lax")


def _keep(response: Response, plain: str, value: str, seconds: int, **where: Any) -> None:
    response.set_cookie(
        name(plain),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=over_https(),
        samesite=where.get("SameSite"),
        partitioned=where.get("Partitioned", False),
    )


class Forms(SecureCookieSessionInterface):
    """The form cookie: in a frame another one than outside."""

    def get_cookie_name(self, app: Flask) -> str:
        """Its name."""
        return f"{FORM}-framed" if framed() else FORM

    def get_cookie_samesite(self, app: Flask) -> str | None:
        """With which requests it comes along."""
        return "None" if framed() else "Lax"

    def get_cookie_partitioned(self, app: Flask) -> bool:
        """Whether it is kept for frames of one LMS."""
        return framed()
