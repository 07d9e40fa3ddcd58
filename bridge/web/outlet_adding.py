"""Adding an outlet in the browser, and taking one out; on the admin's pages and in the setup."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.delivery.settings import ROUTED, kinds_of
from bridge.errors import InputError
from bridge.model import Audience, AudienceKind, Outlet
from bridge.outlets.kinds import KINDS, doubt, promise
from bridge.outlets.mastodon import VISIBILITIES
from bridge.outlets.questions import ASKED, settings_of
from bridge.web.acting import acting
from bridge.web.here import attempt, bridge, chosen_audience


def show(made: Outlet | None = None) -> Any:
    """The kinds to choose from, or what is asked about the one that was chosen."""
    return render_template("outlet_add.html", made=made, **offered())


def add() -> Any:
    """Add one, switched off: its preview is one step away, and its switch."""
    return adding(False, show, lambda outlet: url_for("outlets.show", _anchor=f"outlet-{outlet}"))


def offered() -> dict[str, Any]:
    """What a page with the form needs: the kinds, and all about the one that was chosen."""
    word = request.values.get("kind", "")
    if word not in KINDS:
        return {"kinds": KINDS, "word": ""}
    kind = KINDS[word]
    return {
        "kinds": KINDS,
        "word": word,
        "kind": kind,
        "asked": ASKED[word],
        "audiences": audiences(),
        "routed": ROUTED,
        "visibilities": VISIBILITIES,
        "promise": promise(kind.abilities),
        "doubt": doubt(kind.abilities),
    }


def audiences() -> list[tuple[Audience, str]]:
    """Who may read at an outlet, each with what it is called."""
    ident = acting().connection_id
    with bridge().store.reading() as work:
        teams = work.access.teams(ident)
    wide = [Audience(kind, ident) for kind in (AudienceKind.EVERYONE, AudienceKind.PUBLIC)]
    return [(one, "") for one in wide] + [
        (Audience(AudienceKind.TEAM, team.id), team.name) for team in teams
    ]


def adding(enabled: bool, page: Callable[[Outlet | None], Any], done: Callable[[int], str]) -> Any:
    """Add what the form says, and go on; a secret that was made for it is shown this once.

    :param page: shows the form, or the outlet whose secret is to be copied. :param done: where to
        go afterwards, for the new outlet's id.
    """
    made: list[Outlet] = []

    def act() -> None:
        made.append(_from_form(enabled))

    refused = attempt("add-outlet", act, lambda: page(None), "")
    if not made:
        return refused
    (outlet,) = made
    if outlet.secret and not request.form.get("secret", "").strip():
        return page(outlet)
    said = gettext("%(name)s is added.") if enabled else gettext("%(name)s is added, and off.")
    flash(said % {"name": outlet.name})
    return redirect(done(outlet.id), 303)


def _from_form(enabled: bool) -> Outlet:
    form = request.form
    kind = form.get("kind", "")
    asked = ASKED[kind].questions if kind in ASKED else ()
    return make(
        kind,
        form.get("name", ""),
        chosen_audience(),
        {question.name: form.get(question.name, "") for question in asked},
        form.get("secret", ""),
        form.getlist("kinds"),
        enabled,
    )


def make(
    kind: str,
    name: str,
    audience: Audience,
    answers: Mapping[str, str],
    secret: str,
    kinds: Collection[str],
    enabled: bool,
) -> Outlet:
    """Add an outlet to the connection of who acts.

    :param answers: by the name of their question; see :mod:`bridge.outlets.questions`.
    :param kinds: what goes there by itself.
    :raises InputError: if part of it cannot be used.
    """
    if kind not in KINDS:
        raise InputError("There is no such kind of outlet.", f"Use one of: {', '.join(KINDS)}.")
    who = acting()
    settings, secret = settings_of(kind, answers, secret, audience.kind)
    by_itself = {"kinds": kinds_of(kinds), "zone": bridge().config.timezone}
    wanted = Outlet(
        id=0,
        connection_id=who.connection_id,
        name=name,
        kind=kind,
        audience=audience,
        settings=by_itself | settings,
        secret=secret,
        enabled=enabled,
    )
    store, clock, publisher = bridge().store, bridge().clock, bridge().publisher
    return flow.add_outlet(store, clock, wanted, publisher, by=who.person_id)


def removing(outlet_id: int) -> Callable[[], None]:
    """What takes the outlet out."""

    def act() -> None:
        who, store, clock = acting(), bridge().store, bridge().clock
        gone = flow.remove_outlet(store, clock, who.connection_id, outlet_id, by=who.person_id)
        flash(gettext("%(name)s is taken out.", name=gone.name))

    return act
