"""The weekly note: curation and listening know what, the desk how it is said, delivery when."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial

from bridge import curation, listening
from bridge.access import links
from bridge.delivery import leader_notes, note_times, note_wishes
from bridge.delivery.notice_letters import Round
from bridge.delivery.notice_times import zone_of
from bridge.desk.note import Content, Words, note
from bridge.errors import NotAllowed, OutletRefused
from bridge.flow.letters import address_of
from bridge.flow.sending_links import takes_messages
from bridge.model import (
    NoteChannel,
    NoteKind,
    NoteWish,
    PersonalLetter,
    PersonalMessage,
    Viewer,
)
from bridge.ports import Clock
from bridge.storage import Store, Work

LINK = timedelta(days=8)
"""How long the links of a note sign in: until the next one, and a day."""

SECRET = "…"
"""What stands in the place of a link's secret where a note is only looked at."""


@dataclass(frozen=True)
class NoteWays:
    """How a note can reach a leader."""

    message: bool
    """Whether the LMS lets the bridge send messages."""
    address: str
    """Where a letter would go; empty if there is no address, or no mail server."""

    def best(self, channel: NoteChannel, failures: int = 0) -> NoteChannel:
        """The way that was chosen; for who has not chosen the LMS, where they learn already.

        :param failures: how often it was tried in vain; then who has not chosen gets a letter.
        """
        if channel in (NoteChannel.MESSAGE, NoteChannel.MAIL):
            return channel
        by_lms = self.message and not failures
        return NoteChannel.MESSAGE if by_lms or not self.address else NoteChannel.MAIL


@dataclass(frozen=True)
class NoteLook:
    """What a leader would be written now. Nothing is sent, and no link is made."""

    wish: NoteWish
    ways: NoteWays
    kind: NoteKind | None
    """``None`` where the notes rest."""
    zone: tzinfo
    words: Words | None
    """``None`` if there is nothing to say."""


def write_notes(
    store: Store,
    clock: Clock,
    *,
    opened: Callable[[leader_notes.Way], AbstractContextManager[leader_notes.Hand]],
    link: Callable[[str], str],
    zone: tzinfo,
    mails: bool,
    unasked: bool,
    stopping: Callable[[], bool] = lambda: False,
) -> Round:
    """Write every leader the note that is due.

    :param opened: opens the way to an LMS, or to the mail server.
    :param link: makes an absolute address of a path of the bridge.
    :param zone: of people who have none of their own.
    :param mails: whether there is a mail server.
    :param unasked: whether who has not chosen gets a first word.
    """

    def compose(
        work: Work, asked: leader_notes.Asked, now: datetime
    ) -> leader_notes.Composed | None:
        ways = note_ways(work, asked.viewer, mails)
        if asked.kind is NoteKind.FIRST and not (ways.message or ways.address):
            return None  # Nobody asked for it, so nobody has to hear that it cannot be.
        channel = ways.best(asked.wish.channel, asked.wish.failures)
        _check(channel, ways)
        content = _content(
            work, asked, now, link, "", note_wishes.token(work, asked.viewer.person_id)
        )
        if not content.says_anything:
            return None
        token = links.issue(work, asked.viewer.person_id, now, LINK)
        content = replace(content, opens=partial(_opens, link, token))
        kind = _kind(asked.kind, content)
        letter = _letter(work, asked.viewer, channel, ways, note(kind, content), content.ends)
        return leader_notes.Composed(kind, letter, lambda later: links.drop(later, token))

    return leader_notes.write(
        store,
        clock,
        compose=compose,
        opened=opened,
        zone=zone,
        unasked=unasked,
        stopping=stopping,
    )


def look_at_note(
    store: Store,
    clock: Clock,
    person_id: int,
    *,
    link: Callable[[str], str],
    zone: tzinfo,
    mails: bool,
) -> NoteLook:
    """What the leader would be written now.

    :raises NotAllowed: if they lead no team.
    """
    now = clock.now()
    with store.reading() as work:
        viewer = work.access.viewer(person_id=person_id)
        if viewer is None or not viewer.is_leader:
            raise NotAllowed(
                "Only who leads a team gets the weekly note.",
                "Make them a leader: `socialbridge leaders add TEAM PERSON`.",
            )
        wish, last = work.notes.wish(person_id), work.notes.last_days(person_id)
        own_zone = zone_of(viewer.timezone, zone)
        kind = note_times.kind_of(wish, last, now)
        asked = leader_notes.Asked(viewer, wish, kind or NoteKind.WEEKLY, last, own_zone)
        content = _content(work, asked, now, link, SECRET, SECRET)
        words = note(_kind(asked.kind, content), content) if content.says_anything else None
        shown = _kind(asked.kind, content) if kind else None
        return NoteLook(wish, note_ways(work, viewer, mails), shown, own_zone, words)


def note_ways(work: Work, viewer: Viewer, mails: bool) -> NoteWays:
    """How a note can reach the person now."""
    functions = frozenset(work.connections.by_id(viewer.connection_id).functions)
    return NoteWays(
        message=takes_messages(functions),
        address=address_of(work, viewer) if mails else "",
    )


def _check(channel: NoteChannel, ways: NoteWays) -> None:
    """:raises OutletRefused: if the way is closed."""
    if channel is NoteChannel.MESSAGE and not ways.message:
        raise OutletRefused(
            "The LMS does not let the bridge send messages.",
            "An admin of the LMS can add core_message_send_instant_messages to the bridge's"
            " external service. Or choose e-mail.",
        )
    if channel is NoteChannel.MAIL and not ways.address:
        raise OutletRefused(
            "There is no address that a letter could go to, or no mail server.",
            "The LMS has the address; an admin of the bridge sets the mail server"
            " (SOCIALBRIDGE_SMTP_URL).",
        )


def _content(
    work: Work,
    asked: leader_notes.Asked,
    now: datetime,
    link: Callable[[str], str],
    opening: str,
    ending: str,
) -> Content:
    """:param opening: what the links hold that open the desk; ``ending``, those that end it."""
    viewer = asked.viewer
    found = curation.suggestions(work, viewer.person_id, now)
    until = (now + LINK).astimezone(asked.zone)
    return Content(
        name=viewer.name,
        teams=[team.name for team in work.access.teams_led(viewer.person_id)],
        suggestions=[one for one in found if one.state == "open"],
        questions=len(listening.unanswered(work, viewer, now)),
        opens=partial(_opens, link, opening),
        settled=link("/desk/note"),
        ends=link(f"/notes/{ending}"),
        until=f"{until.day} {until:%B}",
        silent=note_times.silent_days(asked.wish, asked.last, now),
        last=note_times.is_last_nudge(asked.wish, asked.last, now),
    )


def _opens(link: Callable[[str], str], token: str, place: str) -> str:
    return link(f"/note/{token}" + (f"?at={place}" if place else ""))


def _kind(wanted: NoteKind, content: Content) -> NoteKind:
    """Without a suggestion there is no draft to begin with."""
    if wanted is NoteKind.NUDGE and not content.suggestions:
        return NoteKind.WEEKLY
    return wanted


def _letter(
    work: Work,
    viewer: Viewer,
    channel: NoteChannel,
    ways: NoteWays,
    words: Words,
    ends: str,
) -> leader_notes.Letter:
    if channel is NoteChannel.MAIL:
        return PersonalLetter(ways.address, words.subject, words.plain, words.html, ends)
    person = work.access.person(viewer.person_id)
    assert person is not None
    return PersonalMessage(viewer.connection_id, person.lms_id, words.message)
