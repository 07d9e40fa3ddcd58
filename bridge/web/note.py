"""The weekly note: how a leader wants it, the links in it, and ending it by one of them."""

from __future__ import annotations

import re
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.access import links
from bridge.delivery import note_wishes
from bridge.errors import InputError, NotAllowed
from bridge.model import NoteChannel
from bridge.web import access, surroundings
from bridge.web.here import attempt, bridge, now, viewer

PLACE = re.compile(r"suggestion-\d{1,10}|answer")


def show() -> Any:
    """How I get the note, when the next one is due, and what it would say."""
    look = flow.look_at_note(
        bridge().store,
        bridge().clock,
        viewer().person_id,
        link=bridge().link,
        zone=bridge().zone,
        mails=bridge().writes_letters,
    )
    with bridge().store.reading() as work:
        around = surroundings.surroundings(work, viewer())
    first = bridge().config.first_note
    return render_template("note.html", wish=look.wish, look=look, first=first, around=around)


def choose() -> Any:
    """Keep how I want it, and when."""

    def act() -> None:
        form = request.form
        try:
            channel = NoteChannel(form.get("channel", ""))
            hour, weekday = int(form.get("hour", "8")), int(form.get("weekday", "0"))
        except ValueError as error:
            raise InputError("There is no such choice.", "Choose from the lists.") from error
        with bridge().store.work() as work:
            me = viewer().person_id
            note_wishes.choose(work, me, channel, hour, weekday, now(), bridge().zone)
        flash(gettext("Saved."))

    return attempt("note", act, show, url_for("note.show"))


def offer(token: str) -> Any:
    """Whose desk the link opens, and a button: mail scanners open links."""
    return _opened(token, lambda person: render_template("note_link.html", person=person))


def come_in(token: str) -> Any:
    """Use the link up, begin a session, and go to the desk."""
    return _opened(token, lambda person: access.come_in(token, _place(person.id)))


def ask(token: str) -> Any:
    """Whether somebody wants the note, and the buttons for it."""
    with bridge().store.reading() as work:
        wish = note_wishes.of(work, token)
    return render_template("note_end.html", wish=wish, token=token)


def switch(token: str) -> Any:
    """End the notes at once (RFC 8058), or begin them; a mail program has no form token.

    :raises InputError: if it is not said what is meant.
    """
    end = request.form.get("List-Unsubscribe") == "One-Click"
    if not end and request.form.get("note") != "weekly":
        raise InputError("Nothing says what is meant.", "Press a button on the page.")
    with bridge().store.work() as work:
        wish = note_wishes.of(work, token)
        reader = work.access.viewer(person_id=wish.person_id)
        channel = NoteChannel.OFF
        if not end and reader is not None:
            ways = flow.note_ways(work, reader, bridge().writes_letters)
            channel = ways.best(NoteChannel.UNASKED)
        note_wishes.switch(work, token, channel, now(), bridge().zone)
        wish = note_wishes.of(work, token)
    return render_template("note_end.html", wish=wish, token=token)


def _opened(token: str, act: Any) -> Any:
    """Do it with whom the link is for; who is signed in as that person goes on to the desk."""
    with bridge().store.reading() as work:
        owner = links.whose(work, token)
    looking = g.get("viewer")
    if owner is not None and looking is not None and looking.person_id == owner:
        return redirect(_place(owner), 303)
    try:
        with bridge().store.reading() as work:
            person = links.peek(work, token, now())
        return act(person)
    except (InputError, NotAllowed) as error:
        return render_template("note_link.html", person=None, error=error), 410


def _place(person_id: int) -> str:
    """Where on the desk the link leads; to the feed for who leads no team any more."""
    with bridge().store.reading() as work:
        leads = work.access.teams_led(person_id)
    if not leads:
        return url_for("feed.home")
    place = request.args.get("at", "")
    return url_for("desk.show", _anchor=place if PLACE.fullmatch(place) else None)
