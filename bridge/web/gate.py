"""Who may come in: each request is let through by its row of the table of routes, or not at all."""

from __future__ import annotations

import logging

from flask import Flask, g, redirect, request, url_for
from werkzeug.wrappers import Response

from bridge import pulse
from bridge.access import api_tokens, feed_links, sessions, setup_keys
from bridge.errors import NotAllowed, NotFound, StorageError
from bridge.model import Role, Viewer
from bridge.storage.setups import Setup
from bridge.web import cookies, here
from bridge.web.api.problems import problem
from bridge.web.remembered import Remembered
from bridge.web.table import ANYONE, PRESENCE, Row

log = logging.getLogger(__name__)


class Gate:
    """Holds every request against the rows; a route that has none is refused."""

    def __init__(self, app: Flask, rows: dict[str, Row]) -> None:
        self.rows = rows
        self._noted = Remembered()
        app.before_request(self.admit)
        app.after_request(self.count)

    def admit(self) -> Response | None:
        """Let the request through, send it to sign in, or refuse it.

        :raises NotAllowed: if this person's roles do not open the route, or it has no row.
        :raises NotFound: if it is the setup's, and that is finished.
        """
        if request.endpoint is None:
            g.viewer = _signed_in()
            return None  # No such page: Flask itself says so, to whoever it is.
        row = self.rows.get(request.endpoint)
        if row is None:
            raise NotAllowed("This page is open to nobody.")
        if row.setup:
            g.viewer, g.setup = None, _setup()
            return None
        g.viewer = _viewer(row) if row.scope is None else _by_token()
        if row.roles is ANYONE:
            return None
        if g.viewer is None:
            return _to_sign_in(row)
        if row.scope is not None and row.scope not in g.api_token.scopes:
            raise NotAllowed(
                f"This token has not the scope {row.scope}.", "Make one that has: You → Programs."
            )
        if not roles_of(g.viewer) & row.roles:
            raise NotAllowed("This page is not for your role.", "Ask an admin of the bridge.")
        return None

    def count(self, response: Response) -> Response:
        """Note the person's presence, once for each step up a day: reached, active, engaged."""
        row = self.rows.get(request.endpoint or "")
        looking: Viewer | None = g.get("viewer")
        if row is None or not row.counts or looking is None or response.status_code >= 400:
            return response
        key = (looking.person_id, here.now().date())
        if self._noted.is_news(key, row.counts):
            try:
                with here.bridge().store.work() as work:
                    pulse.record(work, looking.person_id, here.now(), **PRESENCE[row.counts])
            except StorageError:
                # The page is worth more than its place in the statistics.
                log.warning("presence was not noted", exc_info=True)
                self._noted.forget(key)
        return response


def roles_of(viewer: Viewer) -> frozenset[Role]:
    """Every role of the person, that of somebody who leads a team included."""
    led = {Role.LEADER} if viewer.is_leader else set()
    return viewer.roles | led | {Role.LEARNER}


def _viewer(row: Row) -> Viewer | None:
    """Whoever the session cookie, or on a feed the key in its address, stands for."""
    key = request.args.get("key", "") if row.key else ""
    if not key:
        return _signed_in()
    store, now = here.bridge().store, here.now()
    with store.reading() as work:
        link = feed_links.opened(work, key)
        if link is None:
            raise NotFound("This private feed address is not in use any more.")
        looking = sessions.viewer_of(work, link.person_id)
    if not feed_links.is_noted(link, now):
        with store.work() as work:
            feed_links.note_use(work, link, now)
    return looking


def _by_token() -> Viewer | None:
    """Whoever the personal token in the header ``Authorization`` stands for: RFC 6750."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    store, now = here.bridge().store, here.now()
    with store.reading() as work:
        token = api_tokens.opened(work, secret.strip(), now)
        looking = work.access.viewer(person_id=token.person_id) if token else None
    if token is None or looking is None:
        return None
    if not api_tokens.is_noted(token, now):
        with store.work() as work:
            work.api.use(token.token_hash, now)
    g.api_token = token
    return looking


def _signed_in() -> Viewer | None:
    token = cookies.session_token()
    if not token:
        return None
    with here.bridge().store.reading() as work:
        return sessions.viewer(work, token, here.now())


def _setup() -> Setup | None:
    """What is being set up; who sets it up is no person.

    :raises NotFound: if the setup is finished.
    :raises NotAllowed: if this browser did not begin it.
    """
    with here.bridge().store.reading() as work:
        return setup_keys.admitted(work, cookies.setup_key(), here.now())


def _to_sign_in(row: Row) -> Response:
    if row.scope is not None:
        return problem(
            401,
            "This needs a personal token that is good.",
            "Make one under You → Programs, and send it as Authorization: Bearer ...",
        )
    if row.key:
        return Response("Sign in, or use a private feed address.\n", 401, mimetype="text/plain")
    if here.in_place():
        return Response("", 401, {"HX-Redirect": url_for("access.explain")})
    if request.method == "GET":
        return redirect(url_for("access.explain", next=request.full_path.rstrip("?")), 303)
    return redirect(url_for("access.explain"), 303)
