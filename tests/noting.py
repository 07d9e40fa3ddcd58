"""Leaders' weekly notes in the tests: what there is to say, and ways that do what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bridge import flow
from bridge.bootstrap import Bridge
from bridge.delivery import leader_notes, note_wishes
from bridge.delivery.leader_notes import Letter
from bridge.delivery.notice_letters import Round
from bridge.lms.moodle.messages import SEND
from bridge.model import NoteChannel, NoteWish
from bridge.storage import tables as t
from tests.cast import Cast

MONDAY = date(2026, 11, 30)
PROMPT = "What would you have done differently, had you known it before?"


def suggest(cast: Cast, *, week: date = MONDAY, weeks: int = 1, leader: int = 0) -> list[int]:
    """Giving feedback and Negotiation are suggested to Alice (or another) in those weeks."""
    reasons = {
        name: {"text": f"9 of your people say why {name}.", "link": ""}
        for name in ("this", "you", "now")
    }
    rows = [
        {
            "leader_id": leader or cast.alice,
            "course_id": course,
            "team_id": cast.sales,
            "week": week + timedelta(weeks=number),
            "position": place,
            "score": 1.0 - place / 10,
            "reasons": reasons,
            "prompt": PROMPT,
            "made_at": cast.now,
        }
        for number in range(weeks)
        for place, course in enumerate([cast.feedback, cast.negotiation])
    ]
    with cast.store.work() as work:
        made = work.sql.execute(t.suggestions.insert().returning(t.suggestions.c.id), rows)
        return list(made.scalars())


def sends_messages(cast: Cast) -> None:
    """The LMS lists the function for messages."""
    with cast.store.work() as work:
        its = t.connections.update().where(t.connections.c.id == cast.connection)
        work.sql.execute(its.values(functions=[SEND]))


def choose(
    bridge: Bridge,
    person: int,
    channel: NoteChannel = NoteChannel.MAIL,
    *,
    hour: int = 8,
    weekday: int = 0,
) -> NoteWish:
    """The person wants the note."""
    with bridge.store.work() as work:
        now = bridge.clock.now()
        return note_wishes.choose(work, person, channel, hour, weekday, now, bridge.zone)


def wish(bridge: Bridge, person: int) -> NoteWish:
    """What is kept of the person's notes."""
    with bridge.store.reading() as work:
        return work.notes.wish(person)


def round_of(bridge: Bridge, **options: Any) -> Round:
    """One round of the worker's job; first words are not written unless it is said."""
    ways: dict[str, Any] = {
        "opened": bridge.note_way,
        "link": bridge.link,
        "zone": bridge.zone,
        "mails": bridge.writes_letters,
        "unasked": False,
    }
    return flow.write_notes(bridge.store, bridge.clock, **(ways | options))


@dataclass
class Ways:
    """A way for everything, which keeps what was handed over, and does first what a test wants."""

    now: Callable[[], datetime]
    before: Callable[[Letter], None] = lambda letter: None
    after: Callable[[Letter], None] = lambda letter: None
    handed: list[tuple[datetime, Letter]] = field(default_factory=list)

    @contextmanager
    def opened(self, way: leader_notes.Way) -> Iterator[leader_notes.Hand]:
        """Open it."""

        def hand_over(letter: Letter, key: str) -> None:
            self.before(letter)
            self.handed.append((self.now(), letter))
            self.after(letter)

        yield hand_over
