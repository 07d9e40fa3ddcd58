"""What becomes of a pushed statement, as pure functions of what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

from bridge.model import Actor, ActorBy, PushedFact, PushState, Says
from bridge.storage.verdicts import Due, Pair, StoredCompletion
from bridge.storage.xapi import Outcome
from bridge.sync.plan import CLOCKS_APART
from bridge.sync.verdicts import RENEWAL

GIVE_UP = timedelta(days=30)
"""How long a statement waits to be matched."""

REMEMBER = timedelta(days=90)
"""How long a settled statement is recognised when it comes again."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No LMS that the bridge reads is older; a time before is a mistake."""

_BY = {
    ActorBy.USER_ID: "user id",
    ActorBy.USERNAME: "user name",
    ActorBy.EMAIL: "e-mail address",
    ActorBy.EMAIL_SHA1: "e-mail address (as a hash)",
}

NOT_BELIEVED = "Its time is not believed: the LMS itself is asked at the next sync."
NO_TIME = "Its time is not believed, and the person is not in the course."
NOT_ENROLLED = "The LMS's list of the course, which was read later, does not name the person."


class Act(Enum):
    """What is done for a statement that is matched."""

    NOTHING = "nothing"
    COMPLETE = "complete"
    ASK = "ask"
    """The LMS is asked for its verdict at the next sync."""


@dataclass(frozen=True)
class Matched:
    """A statement and whom and what it means."""

    fact: PushedFact
    due: Due


@dataclass
class Known:
    """What is known of the matched: it grows as one statement after another is decided."""

    enrolled: dict[Pair, bool]
    """Whether the person is in the course; one that never was is not there."""
    completed: dict[Pair, StoredCompletion | datetime]
    """The completion as stored, or the time of one that this batch brings."""
    enrolments_read: datetime | None
    """When the last run began that read the enrolments to their end."""
    to_enrol: list[Pair] = field(default_factory=list)


def first_state(fact: PushedFact) -> Outcome:
    """What a statement is kept as before it is matched."""
    if fact.says is Says.NOTHING:
        return Outcome(fact, PushState.IGNORED, fact.reason)
    if fact.says in {Says.LEFT, Says.POSTED}:
        return Outcome(fact, PushState.NOTED)
    return Outcome(fact, PushState.STORED)


def match(
    fact: PushedFact,
    people: Mapping[Actor, Sequence[tuple[int, int]]],
    courses: Mapping[int, int],
) -> Matched | str:
    """Whom and what the statement means, or the sentence that says why nobody knows.

    :param people: each actor → those whom it may mean, as our id and the LMS's.
    :param courses: LMS id → our id.
    """
    if fact.actor is None or fact.course_lms_id is None:
        return "It names nobody, or no course."
    meant = people[fact.actor]
    if not meant:
        return f"Nobody here has the {_BY[fact.actor.by]} that it names."
    if len(meant) > 1:
        return f"Several people have the {_BY[fact.actor.by]} that it names."
    if fact.course_lms_id not in courses:
        return f"Course {fact.course_lms_id} is not known here."
    (person_id, person_lms_id) = meant[0]
    course_id = courses[fact.course_lms_id]
    return Matched(fact, Due(course_id, person_id, fact.course_lms_id, person_lms_id))


def believable(at: datetime, now: datetime) -> datetime | None:
    """The time that a statement says, or ``None`` if it cannot be.

    An hour ahead is a clock that is wrong, and counts as now; more, or before 2000, is no time.
    """
    if not EARLIEST <= at <= now + CLOCKS_APART:
        return None
    return min(at, now)


def decide(matched: Matched, known: Known, now: datetime) -> tuple[Outcome, Act]:
    """What becomes of a matched statement; ``known`` is brought up to date with it.

    The LMS's own list of a course is above a statement that is older than it: nobody is put back
    into a course that they left since.
    """
    fact, pair = matched.fact, matched.due.key
    at = believable(fact.at or now, now)
    if not known.enrolled.get(pair, False):
        read = known.enrolments_read
        if at is None:
            return Outcome(fact, PushState.IGNORED, NO_TIME), Act.NOTHING
        if read is not None and at < read - CLOCKS_APART:
            return Outcome(fact, PushState.WAITING, NOT_ENROLLED), Act.NOTHING
        known.enrolled[pair] = True
        known.to_enrol.append(pair)
    if fact.says is Says.ENROLLED:
        return Outcome(fact, PushState.STORED), Act.NOTHING
    if at is None:
        return Outcome(fact, PushState.STORED, NOT_BELIEVED), Act.ASK
    return Outcome(fact, PushState.STORED), _completion(at, pair, known)


def _completion(at: datetime, pair: Pair, known: Known) -> Act:
    """A completion that is stored changes by a push only if it is completed anew.

    One that the LMS took back does not come back by an old statement that is sent again: the LMS is
    asked.
    """
    before = known.completed.get(pair)
    if isinstance(before, StoredCompletion):
        renewed = at >= before.completed_at + RENEWAL
        if before.revoked and not renewed:
            return Act.ASK
        if before.dated and not renewed:
            return Act.NOTHING
    elif before is not None and at < before + RENEWAL:
        return Act.NOTHING
    known.completed[pair] = at
    return Act.COMPLETE


def still_waiting(outcome: Outcome, received_at: datetime, now: datetime) -> Outcome:
    """A statement that waits, given up when it has waited for :data:`GIVE_UP`."""
    if outcome.state is not PushState.WAITING or received_at > now - GIVE_UP:
        return outcome
    reason = f"Given up after {GIVE_UP.days} days. {outcome.reason}"
    return Outcome(outcome.fact, PushState.IGNORED, reason)
