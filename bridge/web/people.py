"""A person's page, and what a person decides about themselves."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from bridge import consent, flow
from bridge.access import feed_links
from bridge.consent import receipts
from bridge.errors import InputError
from bridge.feed import moderate, read
from bridge.model import Choice, PersonCard
from bridge.web import surroundings
from bridge.web.here import attempt, back, bridge, now, viewer
from bridge.web.present import choice_said

UNDO = "undo"
"""The category of a message that is shown with a way back."""


def me() -> Any:
    """My own page."""
    return redirect(url_for("people.person", person_id=viewer().person_id), 303)


def person(person_id: int) -> Any:
    """What a person tells, as far as it may be seen; on one's own page the settings as well."""
    with bridge().store.reading() as work:
        page = read.person_feed(work, viewer(), person_id, request.args.get("before"))
        mine = PersonCard(viewer().person_id, viewer().name)
        shown = work.feed.cards([person_id]).get(person_id, mine)
        decided = moderate.mine(work, viewer()) if person_id == viewer().person_id else ()
        around = surroundings.surroundings(work, viewer())
    return render_template("person.html", page=page, person=shown, around=around, decided=decided)


def sharing(feed_link: str = "") -> Any:
    """Who sees what I learn: my choice, my items, my private feed."""
    with bridge().store.reading() as work:
        mine = consent.mine(work, viewer())
        taken_back = receipts.mine(work, viewer(), 1)
        around = surroundings.surroundings(work, viewer())
        links = feed_links.of(work, viewer().person_id)
    return render_template(
        "sharing.html",
        mine=mine,
        around=around,
        feed_link=feed_link,
        feed_links=links,
        receipt=taken_back[0] if taken_back else None,
    )


def choose() -> Any:
    """Write down my choice; everything that was told about me follows it at once."""

    def act() -> None:
        try:
            choice = Choice(request.form.get("choice", ""))
        except ValueError as error:
            raise InputError("Choose one of the four.") from error
        flow.change_consent(
            bridge().store,
            bridge().clock,
            viewer().person_id,
            choice,
            address=request.remote_addr or "",
        )
        if asked_on_feed:
            flash(choice_said(choice), UNDO)
        else:
            flash(gettext("Saved. It counts from now on, for what is already shown as well."))

    asked_on_feed = request.form.get("from") == "feed"
    done = url_for("feed.home" if asked_on_feed else "people.sharing")
    return attempt("choice", act, sharing, done)


def undo_choice() -> Any:
    """Take back the choice I have just made on the feed, as if I had not."""

    def act() -> None:
        address = request.remote_addr or ""
        flow.undo_choice(bridge().store, bridge().clock, viewer(), address=address)

    return attempt("choice", act, sharing, url_for("feed.home"))


def put_aside() -> Any:
    """I do not want to be asked who may see my name; nobody does, until I say so."""
    with bridge().store.work() as work:
        consent.put_aside(work, viewer(), now())
    return redirect(url_for("feed.home"), 303)


def hide_item(completion_id: int) -> Any:
    """Hide one thing I finished from everybody else, or show it again."""
    hidden = request.form.get("hidden") == "yes"
    address = request.remote_addr or ""
    flow.hide_item(bridge().store, bridge().clock, viewer(), completion_id, hidden, address=address)
    return back(url_for("people.sharing"))


def make_feed_link() -> Any:
    """A private address of my feeds for one app; it is shown this once."""
    made = ""

    def act() -> None:
        nonlocal made
        with bridge().store.work() as work:
            name = request.form.get("name", "")
            key = feed_links.issue(work, viewer().person_id, now(), name)
        made = bridge().link(url_for("feeds.home", form="atom", key=key))

    refused = attempt("feed-link", act, sharing, "")
    return sharing(made) if made else refused


def revoke_feed_link(handle: str = "") -> Any:
    """Make one private address of mine useless."""
    with bridge().store.work() as work:
        feed_links.revoke(work, viewer().person_id, now(), handle)
    flash(gettext("That private feed address is not in use any more."))
    return redirect(url_for("people.sharing"), 303)


def revoke_feed_links() -> Any:
    """Make every private address of mine useless."""
    with bridge().store.work() as work:
        feed_links.revoke(work, viewer().person_id, now())
    flash(gettext("Your private feed addresses are not in use any more."))
    return redirect(url_for("people.sharing"), 303)
