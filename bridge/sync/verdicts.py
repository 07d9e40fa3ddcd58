"""What a verdict of the LMS makes of what was stored: new, the same, corrected, renewed, revoked.

Every way by which a verdict comes (asked one by one, found by the report, pushed, reconciled) ends
here, so that changing the way never loses or repeats a completion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.model import CompletionFact, Tally
from bridge.storage import Work
from bridge.storage.verdicts import Due, StoredCompletion
from bridge.sync import policy

RENEWAL = timedelta(days=1)
"""A completion that is dated later than the stored one by at least this is a renewal; by less, or
earlier, it is a correction of the date."""


@dataclass(frozen=True)
class Answered:
    """What the LMS said of an enrolment; ``fact`` is ``None`` where it has no verdict."""

    due: Due
    fact: CompletionFact | None
    dated_as: str = ""
    """As the report words the moment, where it was the report that told."""


@dataclass(frozen=True)
class Moment:
    """When the verdicts were read, and what is news then."""

    now: datetime
    news_since: datetime
    """A completion from before is history: stored and counted, never announced."""
    dateless_is_news: bool
    """Whether one without any date, which is dated by when it is first seen, is news."""
    never_judged: frozenset[int] = frozenset()
    """Courses, by our ids, that stood there at the first sync and were never judged: what is found
    in them without a date may be years old."""

    def is_history(self, course_id: int, completed_at: datetime | None) -> bool:
        """Whether a completion that is first seen now, and dated so, is history."""
        if completed_at is None:
            return not self.dateless_is_news or course_id in self.never_judged
        return completed_at < self.news_since


def judge(
    answered: Answered, before: StoredCompletion | None, moment: Moment
) -> StoredCompletion | None:
    """The completion as it is to be stored, or ``None`` if nothing is to be written."""
    fact = answered.fact
    if fact is None or (not fact.completed and (before is None or before.revoked)):
        return None
    if before is None:
        return _new(answered, fact, moment)
    if not fact.completed:
        if overtaken(before, moment):
            return None
        return replace(before, revoked=True, pending=not before.history)
    if before.revoked:
        return _back(answered, fact, before, moment)
    return _still(answered, fact, before, moment)


def overtaken(before: StoredCompletion, moment: Moment) -> bool:
    """Whether it was stored since the run began: a "no" may be older than the completion."""
    return before.seen_at > moment.now


def _new(answered: Answered, fact: CompletionFact, moment: Moment) -> StoredCompletion:
    history = moment.is_history(answered.due.course_id, fact.completed_at)
    return StoredCompletion(
        course_id=answered.due.course_id,
        person_id=answered.due.person_id,
        completed_at=fact.completed_at or moment.now,
        dated=fact.completed_at is not None,
        dated_as=answered.dated_as,
        seen_at=moment.now,
        moved_from=None,
        renewals=0,
        history=history,
        revoked=False,
        pending=not history,
    )


def _back(
    answered: Answered, fact: CompletionFact, before: StoredCompletion, moment: Moment
) -> StoredCompletion:
    """It had been taken back: the same one is there again, or it was completed anew."""
    if fact.completed_at is not None and fact.completed_at < before.completed_at + RENEWAL:
        back = replace(before, revoked=False, completed_at=fact.completed_at, dated=True)
        return replace(back, dated_as=answered.dated_as, pending=not before.history)
    return replace(_new(answered, fact, moment), renewals=before.renewals + 1)


def _still(
    answered: Answered, fact: CompletionFact, before: StoredCompletion, moment: Moment
) -> StoredCompletion | None:
    worded = answered.dated_as or before.dated_as
    if fact.completed_at is None or (before.dated and fact.completed_at == before.completed_at):
        # Where the LMS gives no date any more, the one it gave is the best that is known, and no
        # longer its word: so it does not matter who looked in between.
        dated = fact.completed_at is not None
        as_before = worded == before.dated_as and dated == before.dated
        return None if as_before else replace(before, dated=dated, dated_as=worded)
    if fact.completed_at >= before.completed_at + RENEWAL:
        return replace(_new(answered, fact, moment), renewals=before.renewals + 1, dated_as=worded)
    return replace(
        before,
        completed_at=fact.completed_at,
        dated=True,
        dated_as=worded,
        moved_from=before.moved_from or before.completed_at,
        pending=not before.history,
    )


def store(work: Work, connection_id: int, answers: Sequence[Answered], moment: Moment) -> Tally:
    """Store what the LMS said, in a few statements however much it was."""
    before = work.verdicts.stored([one.due.key for one in answers if one.fact is not None])
    written: dict[tuple[int, int], StoredCompletion] = {}
    new = changed = 0
    for one in answers:
        stored = written.get(one.due.key, before.get(one.due.key))
        row = judge(one, stored, moment)
        if row is None:
            continue
        written[row.key] = row
        if stored is None:
            new += 1
        elif replace(row, dated_as="", pending=False) != replace(
            stored, dated_as="", pending=False
        ):
            changed += 1
    # In one order, whatever the answers' was: two processes never wait for each other crosswise.
    work.verdicts.put(connection_id, [written[key] for key in sorted(written)])
    # Who is complete is not due, asked or not.
    work.verdicts.mark_asked(
        [
            one.due.key
            for one in answers
            if one.fact is not None
            and not one.fact.completed
            and not (one.due.key in before and overtaken(before[one.due.key], moment))
        ]
    )
    # What completes a course stands in every verdict on it: so it is known before it is told of.
    policy.learn(
        work,
        connection_id,
        {one.due.course_id: one.fact.rule for one in answers if one.fact and one.fact.rule},
    )
    work.verdicts.mark_unjudged([one.due.key for one in answers if one.fact is None], moment.now)
    return Tally(new, changed)
