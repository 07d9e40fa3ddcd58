"""What a view asks of the request it stands in: the bridge, the time, who looks, what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from flask import current_app, g, redirect, request
from werkzeug.wrappers import Response

from bridge.errors import BridgeError, InputError, NotAllowed
from bridge.model import Audience, Viewer

if TYPE_CHECKING:
    from bridge.bootstrap import Bridge


LONGEST_PATH = 2_000
"""Characters of a page's address: what anybody may send is kept while they sign in."""


@dataclass(frozen=True)
class Problem:
    """Why a form was not taken; the page shows it next to that form, with what was typed."""

    form: str
    error: BridgeError
    typed: Mapping[str, str]
    lists: Mapping[str, list[str]] = field(default_factory=dict)
    """What was ticked, by the name of the boxes."""


def bridge() -> Bridge:
    """The bridge that this application serves."""
    return cast("Bridge", current_app.extensions["bridge"])


def over_https() -> bool:
    """Whether people reach the bridge by https, whatever a proxy before it speaks."""
    return request.is_secure or bridge().config.base_url.startswith("https://")


def now() -> datetime:
    """The present moment, the same through the whole request."""
    if "now" not in g:
        g.now = bridge().clock.now()
    return cast(datetime, g.now)


def viewer() -> Viewer:
    """The person who looks.

    :raises NotAllowed: if nobody is signed in; the gate lets no such request to a view.
    """
    looking = g.get("viewer")
    if looking is None:
        raise NotAllowed("Nobody is signed in.", "Open your sign-in link.")
    return cast(Viewer, looking)


def from_lms() -> bool:
    """Whether an LMS pushes, which reads JSON, rather than a person with a browser."""
    return request.path.startswith("/xapi/")


def from_program() -> bool:
    """Whether a program asks the API."""
    pages = ("/api/docs", "/api/openapi.json")
    return request.path.startswith("/api/") and request.path not in pages


def agent() -> str:
    """What the browser says it is."""
    return request.headers.get("User-Agent", "")


def in_place() -> bool:
    """Whether htmx asks, to change a part of the page it stands in."""
    return request.headers.get("HX-Request") == "true"


def back(fallback: str, gone: str = "") -> Response:
    """Send the browser back to the page it came from, or to ``fallback``.

    Only the path of our own pages is followed: a redirect never leaves the bridge. ``gone`` is a
    page that may not be there any more.
    """
    try:
        came_from = urlsplit(request.referrer or "")
    except ValueError:  # Anybody can send any header.
        return redirect(fallback, 303)
    ours = came_from.netloc == request.host and came_from.path.startswith("/")
    ours = ours and came_from.path != gone
    path = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    return redirect(path if ours and not path.startswith("//") else fallback, 303)


def safe_next(path: str) -> str:
    """``path`` if it is a page of ours, else the home page; none has an address without end."""
    fits = path.startswith("/") and not path.startswith(("//", "/\\"))
    fits = fits and len(path) <= LONGEST_PATH
    return path if fits and "\\" not in path and path.isprintable() else "/"


def chosen_audience() -> Audience:
    """The audience that the form names.

    :raises InputError: if it names none.
    """
    try:
        return Audience.of(request.form.get("audience", ""))
    except ValueError as error:
        raise InputError(
            "That audience is not one of yours.", "Choose one from the list."
        ) from error


def mentioned() -> list[int]:
    """Whom the writer picked from the list of those who can be mentioned: ids, as the form says."""
    return [int(word) for word in request.form.getlist("mention")[:100] if word.isdecimal()]


def attempt(form: str, act: Callable[[], Any], page: Callable[[], Any], done: str) -> Any:
    """Do what the form asks and go to ``done``; where the input cannot be taken, show ``page``.

    The page is shown again with status 422, the reason next to the form, and what was typed kept.
    """
    try:
        act()
    except (InputError, NotAllowed) as error:
        form_data = request.form
        g.problem = Problem(form, error, form_data.to_dict(), form_data.to_dict(flat=False))
        return page(), 422
    return redirect(done, 303)
