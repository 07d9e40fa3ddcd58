"""Signing in and out, and what needs no signing in."""

from __future__ import annotations

import logging
from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from bridge.access import link_requests, links, sessions
from bridge.errors import NotFound, StorageError
from bridge.web import cookies
from bridge.web.here import agent, attempt, back, bridge, in_place, now, over_https, safe_next

log = logging.getLogger(__name__)

THEMES = ("auto", "light", "dark")
YEAR = 31_536_000


def healthz() -> Any:
    """Whether the process answers: if not, it is to be started anew."""
    return {"status": "ok"}


def readyz() -> Any:
    """Whether pages can be asked of this process: its database answers, with this version's tables.

    If not, it is to be spared until they can.
    """
    try:
        with bridge().store.reading() as work:
            work.connections.all()
    except StorageError as error:
        log.warning("not ready", exc_info=error)
        return {"status": "not ready", "remedy": error.remedy}, 503
    return {"status": "ok"}


def explain() -> Any:
    """How to get a sign-in link."""
    ways = bridge().link_ways
    provider = bridge().config.oidc
    with bridge().store.reading() as work:
        ready = work.setups.is_set_up()
    return render_template(
        "sign_in.html",
        person=None,
        ready=ready,
        ways=ways,
        provider=provider.name if provider else "",
        next=safe_next(request.values.get("next", "/")),
        asked="asked" in request.args,
    )


def ask() -> Any:
    """Somebody asks for a link. Whether they are known, nobody learns from the answer."""

    def act() -> None:
        if not bridge().link_ways:
            raise NotFound(gettext("Links are made by an admin here."))
        with bridge().store.work() as work:
            link_requests.ask(work, request.form.get("said", ""), now(), wanted)

    wanted = safe_next(request.form.get("next", "/"))
    return attempt("ask", act, explain, url_for("access.explain", asked="yes", next=wanted))


def offer(token: str) -> Any:
    """Who the link is for, and a button. Opening it uses nothing up: mail scanners open links."""
    with bridge().store.reading() as work:
        person = links.peek(work, token, now())
    wanted = safe_next(request.args.get("next", "/"))
    return render_template("sign_in.html", person=person, token=token, next=wanted)


def redeem(token: str) -> Any:
    """Use the link up, and begin a session."""
    return come_in(token, safe_next(request.form.get("next", "/")))


def come_in(token: str, to: str) -> Response:
    """Use the link up, begin a session, and go to a page.

    :raises InputError: if the link is not known, has been used or has expired.
    """
    with bridge().store.work() as work:
        secret = links.redeem(work, token, now(), sessions.browser_of(agent()))
    session.clear()  # A form token from before signing in is worth nothing after it.
    response: Response = redirect(to, 303)
    cookies.keep_session(response, secret)
    return response


def sign_out() -> Any:
    """End the session, here and in the database."""
    with bridge().store.work() as work:
        sessions.end(work, cookies.session_token(), now())
    session.clear()
    response = redirect(url_for("access.explain"), 303)
    cookies.drop_session(response)
    return response


def theme() -> Any:
    """Light, dark, or as the device says; kept in a cookie, so that no page flashes."""
    wanted = request.form.get("theme", "auto")
    response: Response = Response("", 204) if in_place() else back("/")
    response.set_cookie(
        "theme",
        wanted if wanted in THEMES else "auto",
        samesite="Lax",
        secure=over_https(),
        max_age=YEAR,
    )
    return response
