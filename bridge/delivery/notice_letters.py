"""Writes people the letters that they asked for about their notices, and ends them.

A letter is kept as an attempt, in a transaction of its own, before it is handed over, and settled
when the mail server answered. So a process that is killed leaves one of three things: nothing
happened, and the letter is still due; it was settled; or an attempt without an outcome, of which
nobody can know whether the mail went out. Such a letter is never written again: its person sees the
doubt on their page, and all that it told stays under the bell.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from bridge.delivery.notice_times import next_of, pause, zone_of
from bridge.errors import (
    ConfigError,
    InputError,
    NotFound,
    OutcomeUnknown,
    OutletBusy,
    OutletRefused,
)
from bridge.model import LetterWish, PersonalLetter, Rhythm, Viewer
from bridge.ports import Clock
from bridge.storage import Store, Work

Post = Callable[[PersonalLetter, str], None]
"""Hands a letter over under an id; raises what :mod:`bridge.errors` has for outlets."""
Compose = Callable[[Work, Viewer, datetime, datetime], PersonalLetter | None]
"""The letter about what came from a moment on and before another, as the person may see it now;
``None`` if that is nothing, or the person has no address."""

A_ROUND = 200
FRESH = timedelta(minutes=1)
"""What is younger is for the next letter: it may stand in a transaction that nobody sees yet."""
ABANDONED = timedelta(minutes=15)
"""An attempt that is older has lost its process: no mail server is waited for as long."""
_PURPOSE = "notices"


@dataclass(frozen=True)
class Round:
    """What a round came to."""

    sent: int = 0
    nothing: int = 0
    """To whom there was nothing to say; of weekly notes, also who leads no team any more."""
    refused: int = 0
    busy: int = 0
    unknown: int = 0


def write(
    store: Store,
    clock: Clock,
    *,
    compose: Compose,
    opened: Callable[[], AbstractContextManager[Post]],
    zone: tzinfo,
    stopping: Callable[[], bool] = lambda: False,
) -> Round:
    """Write every letter that is due, one after another.

    :param opened: opens the way to the mail server; asked only if there is a letter.
    :param zone: of people who have none of their own.
    """
    done = Round(unknown=_doubt_left_over(store, clock, zone))
    with store.reading() as work:
        due = work.letters.due(clock.now(), A_ROUND)
    with ExitStack() as way:
        post: Post | None = None
        for wish in due:
            if stopping():
                break
            found = _prepare(store, clock, wish, compose, zone)
            if found is None:
                done = replace(done, nothing=done.nothing + 1)
                continue
            try:
                post = post or way.enter_context(opened())
                post(found.letter, found.key)
            except OutletBusy as error:
                _settle_busy(store, clock, found, error.message)
                return replace(done, busy=done.busy + 1)
            except OutletRefused as error:
                _settle(store, clock, found, problem=error.message)
                done = replace(done, refused=done.refused + 1)
            except OutcomeUnknown:
                _settle(store, clock, found, covered_to=found.until, doubt_at=clock.now())
                way.close()
                post = None
                done = replace(done, unknown=done.unknown + 1)
            else:
                _settle(store, clock, found, covered_to=found.until, sent_at=clock.now())
                done = replace(done, sent=done.sent + 1)
    return done


@dataclass(frozen=True)
class _Prepared:
    """A letter that is kept as an attempt."""

    wish: LetterWish
    letter: PersonalLetter
    key: str
    until: datetime
    zone: tzinfo


def _prepare(
    store: Store, clock: Clock, wish: LetterWish, compose: Compose, zone: tzinfo
) -> _Prepared | None:
    """The letter, kept as an attempt; ``None`` where there is nothing to write, or nobody."""
    now, key = clock.now(), str(uuid.uuid4())
    until = now - FRESH
    with store.work() as work:
        viewer = work.access.viewer(person_id=wish.person_id)
        own_zone = zone_of(viewer.timezone if viewer else None, zone)
        letter = compose(work, viewer, wish.covered_to or until, until) if viewer else None
        if letter is None:
            next_at = next_of(wish, own_zone, now)
            covered_to = max(wish.covered_to or until, until)
            work.letters.settle(wish.person_id, None, covered_to=covered_to, next_at=next_at)
            return None
        taken = work.letters.attempt(wish.person_id, key, now)
    return _Prepared(wish, letter, key, until, own_zone) if taken else None


def _settle(
    store: Store, clock: Clock, found: _Prepared, *, problem: str = "", **values: datetime
) -> None:
    now = clock.now()
    next_at = next_of(replace(found.wish, sent_at=now), found.zone, now)
    failures = found.wish.failures + 1 if problem else 0
    with store.work() as work:
        work.letters.settle(
            found.wish.person_id,
            found.key,
            next_at=next_at,
            problem=problem,
            failures=failures,
            **values,
        )


def _settle_busy(store: Store, clock: Clock, found: _Prepared, problem: str) -> None:
    """Nothing went out: the same letter is due again after a pause, with what came meanwhile."""
    with store.work() as work:
        work.letters.settle(
            found.wish.person_id,
            found.key,
            next_at=clock.now() + pause(found.wish.failures),
            problem=problem,
            failures=found.wish.failures + 1,
        )


def _doubt_left_over(store: Store, clock: Clock, zone: tzinfo) -> int:
    """Settle the attempts whose process was killed; nobody knows what became of them."""
    now = clock.now()
    with store.work() as work:
        left = work.letters.left_over(now - ABANDONED)
        for wish, key, since in left:
            viewer = work.access.viewer(person_id=wish.person_id)
            own_zone = zone_of(viewer.timezone if viewer else None, zone)
            work.letters.settle(
                wish.person_id,
                key,
                covered_to=since - FRESH,
                doubt_at=since,
                next_at=next_of(replace(wish, sent_at=since), own_zone, now),
            )
    return len(left)


# --- what people want ----------------------------------------------------------------------------


def choose(
    work: Work,
    viewer: Viewer,
    rhythm: Rhythm,
    hour: int,
    weekday: int,
    now: datetime,
    zone: tzinfo,
) -> LetterWish:
    """Keep how often the viewer wants a letter, and when; the first tells what comes from now on.

    :param zone: of people who have none of their own.
    :raises InputError: if there is no such hour or day.
    """
    if not (0 <= hour <= 23 and 0 <= weekday <= 6):
        raise InputError("There is no such time.", "Choose an hour and a day from the lists.")
    before = work.letters.wish(viewer.person_id)
    goes_on = before.rhythm is not Rhythm.OFF and before.covered_to is not None
    wish = replace(before, rhythm=rhythm, hour=hour, weekday=weekday)
    next_at = next_of(wish, zone_of(viewer.timezone, zone), now)
    covered_to = before.covered_to if goes_on and before.covered_to else now
    work.letters.choose(viewer.person_id, rhythm, hour, weekday, next_at, covered_to)
    return work.letters.wish(viewer.person_id)


def token(work: Work, person_id: int) -> str:
    """What a link needs to hold to end the person's letters, without signing in."""
    return work.seal.close(f"{_PURPOSE}:{person_id}")


def of(work: Work, sealed: str) -> LetterWish:
    """Whose link it is, and what they want now.

    :raises NotFound: if it is none.
    """
    try:
        purpose, _, number = work.seal.open(sealed).partition(":")
    except ConfigError as error:
        raise _unknown() from error
    if purpose != _PURPOSE or not number.isdecimal():
        raise _unknown()
    return work.letters.wish(int(number))


def end(work: Work, sealed: str, now: datetime) -> LetterWish:
    """Write the person no more letters; nothing happens if they get none.

    :raises NotFound: if the link is none.
    """
    wish = of(work, sealed)
    if wish.rhythm is not Rhythm.OFF:
        work.letters.choose(wish.person_id, Rhythm.OFF, wish.hour, wish.weekday, None, now)
    return work.letters.wish(wish.person_id)


def _unknown() -> NotFound:
    return NotFound("This link ends nobody's letters.", "Use the one in the newest letter.")
