"""Hands leaders their weekly notes over, each at most once a week.

A note is kept as an attempt, in a transaction of its own, before it is handed over, and settled
when the mail server or the LMS answered. Neither can be asked afterwards, and an LMS has no key by
which it would know a message again: of what got no answer, or whose process was killed, nobody can
know whether it arrived. It counts as one that left, its leader sees the doubt on their page, and
the next one is written a week later.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from bridge.delivery import note_times as times
from bridge.delivery.notice_letters import A_ROUND, ABANDONED, Round
from bridge.delivery.notice_times import zone_of
from bridge.errors import OutcomeUnknown, OutletBusy, OutletRefused
from bridge.model import NoteKind, NoteWish, PersonalLetter, PersonalMessage, Viewer
from bridge.ports import Clock
from bridge.storage import Store, Work
from bridge.storage.notes import LastDays

Letter = PersonalLetter | PersonalMessage
Way = int | None
"""By which a note goes: the connection whose LMS hands messages over; ``None`` is the mail."""
Hand = Callable[[Letter, str], None]
"""Hands a note over under an id; raises what :mod:`bridge.errors` has for outlets."""


@dataclass(frozen=True)
class Composed:
    """A note that can be handed over."""

    kind: NoteKind
    """What it came to be: without a suggestion there is no nudge."""
    letter: Letter
    not_left: Callable[[Work], None]
    """Takes back what was made for it, if it surely did not leave."""


@dataclass(frozen=True)
class Asked:
    """What note is to be composed, for whom."""

    viewer: Viewer
    wish: NoteWish
    kind: NoteKind
    last: LastDays
    zone: tzinfo


Compose = Callable[[Work, Asked, datetime], Composed | None]
"""The note, with a fresh link in it; ``None`` if there is nothing to say.

Raises :class:`~bridge.errors.OutletRefused` if the way that was chosen is closed."""


def write(
    store: Store,
    clock: Clock,
    *,
    compose: Compose,
    opened: Callable[[Way], AbstractContextManager[Hand]],
    zone: tzinfo,
    unasked: bool,
    stopping: Callable[[], bool] = lambda: False,
) -> Round:
    """Write every note that is due, one after another.

    :param opened: opens a way; asked only if a note goes by it.
    :param zone: of people who have none of their own.
    :param unasked: whether who has not chosen gets a first word.
    """
    if unasked:
        _welcome(store, clock, zone)
    done = Round(unknown=_doubt_left_over(store, clock, zone))
    with store.reading() as work:
        due = work.notes.due(clock.now(), A_ROUND)
    with _Ways(opened) as ways:
        for person_id in due:
            if stopping():
                break
            outcome = _one(store, clock, person_id, compose, ways, zone)
            if outcome:
                done = replace(done, **{outcome: getattr(done, outcome) + 1})
    return done


class _Ways:
    """Ways that are open, and those that are closed for the rest of a round."""

    def __init__(self, opened: Callable[[Way], AbstractContextManager[Hand]]) -> None:
        self._opened = opened
        self._open: dict[Way, tuple[ExitStack, Hand]] = {}
        self._busy: dict[Way, OutletBusy] = {}

    def __enter__(self) -> _Ways:
        return self

    def __exit__(self, *raised: Any) -> None:
        for way in list(self._open):
            self._close(way)

    def hand_over(self, letter: Letter, key: str) -> None:
        """:raises OutletError: as a :data:`Hand`; without trying if the way was busy before."""
        way = letter.connection_id if isinstance(letter, PersonalMessage) else None
        if way in self._busy:
            raise OutletBusy(self._busy[way].message, self._busy[way].remedy)
        try:
            if way not in self._open:
                stack = ExitStack()
                self._open[way] = stack, stack.enter_context(self._opened(way))
            self._open[way][1](letter, key)
        except OutletBusy as error:
            self._busy[way] = error
            raise
        except OutcomeUnknown:
            self._close(way)  # The connection that broke is not to be used any more.
            raise

    def _close(self, way: Way) -> None:
        stack, _ = self._open.pop(way)
        stack.close()


def _one(
    store: Store, clock: Clock, person_id: int, compose: Compose, ways: _Ways, zone: tzinfo
) -> str:
    """Write one note; the name of what it came to in a :class:`Round`."""
    key = str(uuid.uuid4())
    found = _prepare(store, clock, person_id, key, compose, zone)
    if isinstance(found, str):
        return found
    try:
        ways.hand_over(found.letter, key)
    except OutletBusy as error:
        with store.work() as work:
            found.not_left(work)
            _settle_busy(work, person_id, key, error, clock.now())
        return "busy"
    except OutletRefused as error:
        with store.work() as work:
            found.not_left(work)
            _settle_refused(work, person_id, key, error, zone, clock.now())
        return "refused"
    except OutcomeUnknown:
        with store.work() as work:
            _settle_left(work, person_id, key, zone, clock.now(), doubt=True)
        return "unknown"
    with store.work() as work:
        _settle_left(work, person_id, key, zone, clock.now(), doubt=False)
    return "sent"


def _prepare(
    store: Store, clock: Clock, person_id: int, key: str, compose: Compose, zone: tzinfo
) -> Composed | str:
    """The note, kept as an attempt; else what it came to, or nothing if somebody else has it."""
    now = clock.now()
    with store.work() as work:
        if not work.notes.attempt(person_id, key, now):
            return ""
        viewer = work.access.viewer(person_id=person_id)
        wish, own_zone = _standing(work, person_id, zone)
        if viewer is None or not viewer.is_leader:
            # If they lead again, their silence meanwhile was none.
            _wait(work, wish, key, times.next_of(wish, own_zone, now), begun_at=None, nudges=0)
            return "nothing"
        if not times.in_time(wish, own_zone, now) or not times.is_free(wish, own_zone, now):
            _wait(work, wish, key, times.next_of(wish, own_zone, now))
            return "nothing"
        last = work.notes.last_days(person_id)
        kind = times.kind_of(wish, last, now)
        if kind is None:
            _wait(work, wish, key, times.next_of(wish, own_zone, now))
            return "nothing"
        try:
            found = compose(work, Asked(viewer, wish, kind, last, own_zone), now)
        except OutletRefused as error:
            _settle_refused(work, person_id, key, error, zone, now)
            return "refused"
        if found is None:
            soon = now + times.AGAIN
            again = times.in_time(wish, own_zone, soon)
            _wait(work, wish, key, soon if again else times.next_of(wish, own_zone, now))
            return "nothing"
        work.notes.name_attempt(person_id, found.kind)
    return found


def _standing(work: Work, person_id: int, zone: tzinfo) -> tuple[NoteWish, tzinfo]:
    """What the person wants now, as if nothing were on its way, and their time zone."""
    person = work.access.person(person_id)
    wish = replace(work.notes.wish(person_id), attempted_at=None)
    return wish, zone_of(person.timezone if person else None, zone)


def _wait(work: Work, wish: NoteWish, key: str, until: datetime | None, **values: Any) -> None:
    work.notes.settle(wish.person_id, key, next_at=until, **values)


def _settle_left(
    work: Work, person_id: int, key: str | None, zone: tzinfo, now: datetime, *, doubt: bool
) -> None:
    """It left, or may have; nothing happens if that was written down before."""
    before = work.notes.wish(person_id)
    if key is None or before.attempt != key or before.attempted_at is None:
        return
    at, kind = before.attempted_at, NoteKind(before.attempted_as)
    wish, own_zone = _standing(work, person_id, zone)
    values: dict[str, Any] = {"begun_at": wish.begun_at or at}
    if kind is NoteKind.NUDGE:
        last = work.notes.last_days(person_id)
        values |= {"nudged_at": at, "nudges": times.nudges_after(wish, last)}
    work.notes.settle(
        person_id,
        key,
        next_at=times.next_of(replace(wish, left_at=at), own_zone, now),
        left_at=at,
        left_as=kind.value,
        doubt_at=at if doubt else None,
        failures=0,
        problem="",
        remedy="",
        **values,
    )


def _settle_busy(work: Work, person_id: int, key: str, error: OutletBusy, now: datetime) -> None:
    """Nothing left: it is written again after a pause, unless that is too late."""
    failures = work.notes.wish(person_id).failures
    wait = max(times.pause(failures), timedelta(seconds=error.after or 0))
    work.notes.settle(
        person_id,
        key,
        next_at=now + wait,
        failures=failures + 1,
        problem=error.message,
        remedy=error.remedy,
    )


def _settle_refused(
    work: Work, person_id: int, key: str, error: OutletRefused, zone: tzinfo, now: datetime
) -> None:
    """It will be refused again, until somebody does something about it."""
    wish, own_zone = _standing(work, person_id, zone)
    next_at = times.next_of(wish, own_zone, now, weeks=times.weeks(wish.failures))
    work.notes.settle(
        person_id,
        key,
        next_at=next_at,
        failures=wish.failures + 1,
        problem=error.message,
        remedy=error.remedy,
    )


def _doubt_left_over(store: Store, clock: Clock, zone: tzinfo) -> int:
    """Settle the attempts whose process was killed; nobody knows what became of them."""
    now = clock.now()
    with store.work() as work:
        left = work.notes.left_over(now - ABANDONED)
        for wish in left:
            _settle_left(work, wish.person_id, wish.attempt, zone, now, doubt=True)
    return len(left)


def _welcome(store: Store, clock: Clock, zone: tzinfo) -> None:
    """Give everybody who leads a team, and was never asked, the moment of their first word."""
    now = clock.now()
    with store.reading() as work:
        found = work.notes.newcomers(A_ROUND)
    if not found:
        return
    wishes = [
        replace(wish, next_at=times.next_of(wish, zone_of(name, zone), now))
        for wish, name in ((NoteWish(person_id), name) for person_id, name in found)
    ]
    with store.work() as work:
        work.notes.add(wishes)
