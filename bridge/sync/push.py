"""What an LMS pushes by xAPI, stored as a pull would have stored it.

A push is believed for what happened and when; whether it still is so, the next reading and the
weekly reconciliation say. What cannot be matched yet waits, and is tried again after each people
sync.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bridge.errors import Conflict
from bridge.model import CompletionFact, PushedFact, PushState, Stream
from bridge.storage import Store, Work
from bridge.storage.xapi import Outcome
from bridge.sync import verdicts
from bridge.sync.plan import NEWS
from bridge.sync.push_plan import (
    REMEMBER,
    Act,
    Known,
    Matched,
    believable,
    decide,
    first_state,
    match,
    still_waiting,
)

A_PAGE = 500
ERASED = "It names somebody who was erased."

Cursor = tuple[datetime, str]
"""The last statement that was tried again: when it came, and its id."""


def receive(work: Work, connection_id: int, facts: Sequence[PushedFact], now: datetime) -> None:
    """Take what an LMS pushed; what came before, in this batch or another, changes nothing.

    :raises Conflict: if one has the id of another that said something else; then the transaction
        must not be kept.
    """
    dated = {fact.id: replace(fact, at=fact.at or now) for fact in facts}
    named = {fact.actor for fact in dated.values() if fact.actor}
    erased = work.erased.actors(connection_id, named)
    first = [
        Outcome(fact, PushState.IGNORED, ERASED) if fact.actor in erased else first_state(fact)
        for fact in dated.values()
    ]
    new = work.xapi.claim(connection_id, first, now)
    _refuse_contradictions(work, connection_id, [f for f in dated.values() if f.id not in new])
    matter = [o.fact for o in first if o.fact.id in new and o.state is PushState.STORED]
    outcomes = _settle(work, connection_id, matter, now)
    work.xapi.settle(connection_id, [o for o in outcomes if o != Outcome(o.fact, PushState.STORED)])


def _refuse_contradictions(work: Work, connection_id: int, again: Sequence[PushedFact]) -> None:
    kept = work.xapi.digests(connection_id, [fact.id for fact in again])
    for fact in again:
        if kept.get(fact.id, fact.digest) != fact.digest:
            raise Conflict(
                f"A statement with the id {fact.id} is there, and says something else.",
                "Give the statement an id of its own.",
            )


def retry(work: Work, connection_id: int, now: datetime, after: Cursor | None) -> Cursor | None:
    """Try one page of what waits again, the oldest first; where the next page begins, if any."""
    waiting = work.xapi.waiting(connection_id, after, A_PAGE)
    if not waiting:
        return None
    before = {one.fact.id: one for one in waiting}
    outcomes = [
        still_waiting(outcome, before[outcome.fact.id].received_at, now)
        for outcome in _settle(work, connection_id, [one.fact for one in waiting], now)
    ]
    work.xapi.settle(
        connection_id,
        [
            outcome
            for outcome in outcomes
            if outcome.state is not PushState.WAITING
            or outcome.reason != before[outcome.fact.id].reason
        ],
    )
    return waiting[-1].received_at, waiting[-1].fact.id


def retry_all(store: Store, connection_id: int, now: datetime) -> None:
    """Try all that waits again, each page in a transaction of its own, and forget what is old.

    Called after the people were read. What the streams read since has settled is settled.
    """
    after: Cursor | None = None
    while True:
        with store.work() as work:
            after = retry(work, connection_id, now, after)
        if after is None:
            break
    with store.work() as work:
        work.xapi.settle_noted(connection_id, work.runs.last_read(connection_id))
        work.xapi.forget(connection_id, now - REMEMBER)


def _settle(
    work: Work, connection_id: int, facts: Sequence[PushedFact], now: datetime
) -> list[Outcome]:
    """Match the statements and store what they say; what became of each."""
    if not facts:
        return []
    people = work.xapi.people(connection_id, {fact.actor for fact in facts if fact.actor})
    courses = work.xapi.courses(
        connection_id, {fact.course_lms_id for fact in facts if fact.course_lms_id}
    )
    outcomes: list[Outcome] = []
    matched: list[Matched] = []
    for fact in facts:
        found = match(fact, people, courses)
        if isinstance(found, Matched):
            matched.append(found)
        else:
            outcomes.append(Outcome(fact, PushState.WAITING, found))
    return outcomes + _store(work, connection_id, matched, now)


def _store(
    work: Work, connection_id: int, matched: Sequence[Matched], now: datetime
) -> list[Outcome]:
    if not matched:
        return []
    pairs = sorted({one.due.key for one in matched})
    known = Known(
        enrolled=work.xapi.enrolled(pairs),
        completed=dict(work.verdicts.stored(pairs)),
        enrolments_read=work.runs.last_read(connection_id).get(Stream.ENROLMENTS),
    )
    outcomes: list[Outcome] = []
    complete: list[Matched] = []
    ask: list[Matched] = []
    # In the order of time: a completion and its renewal may come in one batch.
    for one in sorted(matched, key=lambda m: (m.fact.at or now, m.fact.id)):
        outcome, act = decide(one, known, now)
        outcomes.append(outcome)
        if act is Act.COMPLETE:
            complete.append(one)
        elif act is Act.ASK:
            ask.append(one)
    work.xapi.enrol(known.to_enrol, now)
    verdicts.store(
        work,
        connection_id,
        # Each pair's in the order of time, and pairs in theirs: two who push never lock crosswise.
        [
            verdicts.Answered(one.due, _completion(one, now))
            for one in sorted(complete, key=lambda m: m.due.key)
        ],
        verdicts.Moment(now, now - NEWS, dateless_is_news=True),
    )
    work.xapi.ask_again(sorted({one.due.key for one in ask}))
    return outcomes


def _completion(one: Matched, now: datetime) -> CompletionFact:
    return CompletionFact(*one.due.pair, True, believable(one.fact.at or now, now))
