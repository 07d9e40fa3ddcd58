"""Carries out what is due: one batch, every outlet's share of it at its own pace.

A share goes in small portions, and a portion in three steps: a transaction that asks consent once
more and writes down that the attempts are begun; the network, with no transaction open; a
transaction that writes down what came of them. Where a doubt is resolved by sending once more, a
portion is many deliveries; elsewhere it is one, so that a worker that dies leaves no more than one
to be looked for, or to stay in doubt.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from bridge.delivery import claiming, digests, health, pace, plan
from bridge.delivery.compose import Link, compose, shown, withdrawal
from bridge.delivery.plan import Attempt, Step
from bridge.errors import BridgeError, CannotTakeBack, OutcomeUnknown, OutletBusy
from bridge.model import Delivery, DeliveryState, Outlet, OutletHealth, Post, Receipt
from bridge.ports import Abilities, Clock, Publisher
from bridge.storage import Store
from bridge.storage.delivery import Claim

LEASE = timedelta(minutes=5)
"""After this a claim lapses: longer than any single attempt, time-outs and all, can last."""
OUTLETS_AT_ONCE = 8
PORTION = 50
STALE = timedelta(seconds=3)
"""What was composed longer ago than this is not sent, but composed again."""
TROUBLE = 2
"""Failures in a row after which the rest of an outlet's share waits."""
MENDING = timedelta(minutes=5)
"""How long an outlet whose settings cannot be used is left alone."""


@dataclass(frozen=True)
class DeliveryReport:
    """What one batch came to, in deliveries."""

    published: int = 0
    edited: int = 0
    deleted: int = 0
    retried: int = 0
    unknown: int = 0
    dead: int = 0
    gone: int = 0
    """Not published after all, because nothing of them is wanted or may be shown any more."""
    kept: int = 0
    """Shown there and not to be taken back."""
    held: int = 0
    """Not attempted, because their outlet is in trouble, or has its quiet hours."""
    claimed: int = 0

    def __add__(self, other: DeliveryReport) -> DeliveryReport:
        names = [f.name for f in fields(self)]
        return DeliveryReport(**{n: getattr(self, n) + getattr(other, n) for n in names})


def deliver(
    store: Store,
    publisher_of: Callable[[Outlet], Publisher],
    clock: Clock,
    *,
    link: Link,
    worker_id: str,
    limit: int = 100,
    jitter: Callable[[], float] = random.random,
) -> DeliveryReport:
    """Take about ``limit`` due deliveries and make their outlets show what they should.

    A failing outlet keeps no other one waiting. The caller calls again as long as some were
    ``claimed``. Any number of workers may do so at once.

    :param worker_id: who claims; no two workers that run at once may use the same.
    :raises StorageError: if the database fails; what is claimed is free again after :data:`LEASE`.
    """
    now = clock.now()
    digests.publish_due(store, now)
    with store.work() as work:
        waiting = work.delivery.waiting(now)
        outlets = {o.id: o for o in work.delivery.outlets()} if waiting else {}
        known = work.delivery.health() if waiting else {}
        claim = Claim(worker_id, now + LEASE)
        taken = claiming.claim(work, [outlets[i] for i in waiting], claim, limit, now)
    if not taken:
        return DeliveryReport()
    shares = [
        (_Share(store, outlets[outlet_id], clock, link, worker_id, jitter), list(deliveries))
        for outlet_id, deliveries in groupby(taken, attrgetter("outlet_id"))
    ]
    report = sum(_run(shares, publisher_of), DeliveryReport(claimed=len(taken)))
    for share, _ in shares:
        share.note_health(failing=known.get(share.outlet.id, OutletHealth()).failures > 0)
    return report


def _run(
    shares: Sequence[tuple[_Share, Sequence[Delivery]]], publisher_of: Callable[[Outlet], Publisher]
) -> list[DeliveryReport]:
    """What each share came to; a single one keeps no other waiting and needs no thread."""
    if len(shares) == 1:
        return [share.run(publisher_of, some) for share, some in shares]
    with ThreadPoolExecutor(min(len(shares), OUTLETS_AT_ONCE)) as pool:
        running = [pool.submit(share.run, publisher_of, some) for share, some in shares]
    return [one.result() for one in running]


@dataclass(frozen=True)
class _Outcome:
    """What came of an attempt: a receipt (or none, where none is given), or an error."""

    attempt: Attempt
    receipt: Receipt | None = None
    error: BridgeError | None = None


@dataclass
class _Share:
    """One outlet's share of a batch."""

    store: Store
    outlet: Outlet
    clock: Clock
    link: Link
    worker_id: str
    jitter: Callable[[], float]
    went: bool = False
    """Whether something of it went through."""
    trouble: BridgeError | None = None
    """Why the last of what did not go through did not, other than for being there to stay."""
    lasting: bool = False
    """Whether nobody will try that again by themselves."""

    def run(
        self, publisher_of: Callable[[Outlet], Publisher], deliveries: Sequence[Delivery]
    ) -> DeliveryReport:
        waiting = deque(d.id for d in deliveries)
        try:
            publisher = publisher_of(self.outlet)
        except BridgeError as error:
            self.trouble, self.lasting = error, True
            return self._hold(list(waiting), self.clock.now() + MENDING, str(error))
        size = _portion(publisher.abilities)
        report, troubles = DeliveryReport(), 0
        while waiting:
            portion = [waiting.popleft() for _ in range(min(size, len(waiting)))]
            begun, left = self._begin(portion, publisher)
            outcomes, unsent, troubles = self._send(begun, publisher, troubles)
            report += left + self._record(outcomes, publisher)
            last = outcomes[-1].error if outcomes else None
            if last is not None and _in_trouble(last, troubles):
                until = self.clock.now() + self._pause(last)
                self._take_back(unsent, until, str(last))
                held = self._hold(list(waiting), until, str(last))
                return report + held + DeliveryReport(held=len(unsent))
            self._take_back(unsent, self.clock.now(), "", hold=True)
            waiting.extendleft(attempt.delivery.id for attempt in reversed(unsent))
            if unsent:  # It takes its time: no more is begun than it takes before that is stale.
                size = max(1, len(outcomes))
        return report

    def note_health(self, *, failing: bool) -> None:
        """Write down whether the outlet works, where that is news or a failure goes on.

        :param failing: whether it was failing before.
        """
        if self.went and failing:
            health.note_success(self.store, self.outlet.id)
        elif self.trouble is not None and not self.went:
            now = self.clock.now()
            health.note_failure(self.store, self.outlet.id, self.trouble, now, lasting=self.lasting)

    # --- the three steps -----------------------------------------------------------------------

    def _begin(
        self, ids: Sequence[int], publisher: Publisher
    ) -> tuple[list[tuple[Attempt, Post]], DeliveryReport]:
        """Write down what is about to be attempted, as it is wanted and may be shown now."""
        now = self.clock.now()
        begun: list[tuple[Attempt, Post]] = []
        started: list[Delivery] = []
        settled: list[Delivery] = []
        resting: list[Delivery] = []
        until = pace.rests_until(pace.of(self.outlet), now)
        with self.store.work() as work:
            rows = work.delivery.claimed(ids, self.worker_id)
            contents = work.delivery.contents({row.activity_id for row in rows.values()})
            for row in rows.values():
                if not row.pending:
                    settled.append(row)
                    continue
                content = contents[row.activity_id]
                seen = shown(content, self.outlet)
                attempt = plan.next_step(row, publisher.abilities, may_show=seen is not None)
                if attempt.step is Step.NOTHING:
                    settled.append(plan.left(attempt, now, publisher.abilities.stays))
                    continue
                if until is not None and plan.rests(attempt):
                    resting.append(replace(row, due_at=until))
                    continue
                speaks = attempt.step in (Step.PUBLISH, Step.EDIT)
                if seen is not None and speaks:
                    post = compose(seen, row, self.link, publisher.abilities.longest)
                else:
                    post = withdrawal(content, row, self.link)
                begun.append((attempt, post))
                started.append(plan.begun(attempt, now))
            work.delivery.save_claimed(started, Claim(self.worker_id, now + LEASE))
            work.delivery.save_claimed(settled + resting, None)
        report = _count(Counter(_name(one.state) for one in settled))
        return begun, report + DeliveryReport(held=len(resting))

    def _send(
        self, begun: Sequence[tuple[Attempt, Post]], publisher: Publisher, troubles: int
    ) -> tuple[list[_Outcome], list[Attempt], int]:
        """Go over the network; what was not sent, because of trouble or for being stale, too."""
        start = self.clock.now()
        outcomes: list[_Outcome] = []
        for number, (attempt, post) in enumerate(begun):
            outcome = _attempt(publisher, attempt, post)
            outcomes.append(outcome)
            passing = isinstance(outcome.error, OutletBusy | OutcomeUnknown)
            troubles = troubles + 1 if passing else 0
            stale = self.clock.now() - start > STALE
            if stale or (outcome.error is not None and _in_trouble(outcome.error, troubles)):
                return outcomes, [attempt for attempt, _ in begun[number + 1 :]], troubles
        return outcomes, [], troubles

    def _record(self, outcomes: Sequence[_Outcome], publisher: Publisher) -> DeliveryReport:
        """Write down what came of the attempts, beside what is wanted meanwhile."""
        if not outcomes:
            return DeliveryReport()
        now = self.clock.now()
        counted: Counter[str] = Counter()
        after: list[Delivery] = []
        with self.store.work() as work:
            rows = work.delivery.claimed([o.attempt.delivery.id for o in outcomes], self.worker_id)
            for outcome in outcomes:
                row = rows.get(outcome.attempt.delivery.id)
                if row is None:  # The claim lapsed; another worker sees to it now.
                    continue
                done = self._after(row, outcome, publisher, now)
                after.append(done)
                counted[_told(outcome, done)] += 1
            work.delivery.save_claimed(after, None)
        return _count(counted)

    def _after(
        self, row: Delivery, outcome: _Outcome, publisher: Publisher, now: datetime
    ) -> Delivery:
        attempt, error = outcome.attempt, outcome.error
        if error is None:
            self.went = True
            key = str(uuid.uuid4())
            return plan.succeeded(row, attempt, outcome.receipt, now, key=key)
        if not isinstance(error, CannotTakeBack):
            self.trouble = error
            self.lasting = attempt.step is Step.PUBLISH and not error.retry
        return plan.failed(row, attempt, error, publisher.abilities, now, self.jitter())

    # --- what is not attempted -----------------------------------------------------------------

    def _take_back(
        self, attempts: Sequence[Attempt], due_at: datetime, reason: str, *, hold: bool = False
    ) -> None:
        """Undo that the attempts were begun."""
        if not attempts:
            return
        claim = Claim(self.worker_id, self.clock.now() + LEASE) if hold else None
        with self.store.work() as work:
            rows = work.delivery.claimed([a.delivery.id for a in attempts], self.worker_id)
            restored = [
                plan.unsent(rows[a.delivery.id], a, due_at, reason)
                for a in attempts
                if a.delivery.id in rows
            ]
            work.delivery.save_claimed(restored, claim)

    def _hold(self, ids: Sequence[int], until: datetime, reason: str) -> DeliveryReport:
        """Let deliveries go that were claimed and not begun, to be taken up later."""
        if not ids:
            return DeliveryReport()
        with self.store.work() as work:
            rows = work.delivery.claimed(ids, self.worker_id).values()
            later = [replace(r, due_at=until, reason=reason) if r.pending else r for r in rows]
            work.delivery.save_claimed(later, None)
        return DeliveryReport(held=len(later))

    def _pause(self, error: BridgeError) -> timedelta:
        asked = error.after if isinstance(error, OutletBusy) else None
        wait = plan.FIRST_WAIT * (0.75 + self.jitter() / 2)
        return max(wait, min(timedelta(seconds=asked or 0), plan.LONGEST_ASKED_WAIT))


def _portion(abilities: Abilities) -> int:
    # An outlet that has keys and can be asked is asked: it forgets its keys after a while.
    return PORTION if abilities.idempotent and not abilities.find else 1


def _attempt(publisher: Publisher, attempt: Attempt, post: Post) -> _Outcome:
    # An outlet that knows posts by their key is told to delete one of which no id came back.
    remote_id = attempt.delivery.remote_id or ""
    try:
        match attempt.step:
            case Step.PUBLISH:
                return _Outcome(attempt, publisher.publish(post))
            case Step.EDIT:
                return _Outcome(attempt, publisher.edit(remote_id, post))
            case Step.ASK:
                return _Outcome(attempt, publisher.find(post))
            case _:
                publisher.delete(remote_id, post)
                return _Outcome(attempt)
    except BridgeError as error:
        return _Outcome(attempt, error=error)


def _in_trouble(error: BridgeError, troubles: int) -> bool:
    """Whether it is the outlet that fails, and not this one post."""
    asked_to_wait = isinstance(error, OutletBusy) and error.after is not None
    return asked_to_wait or troubles >= TROUBLE


def _told(outcome: _Outcome, after: Delivery) -> str:
    """The report's word for an outcome."""
    if outcome.error is not None:
        return _name(after.state)
    match outcome.attempt.step:
        case Step.EDIT:
            return "edited"
        case Step.DELETE:
            return "deleted"
        case Step.ASK if outcome.receipt is None:
            return _name(after.state)
        case _:
            return "published"


def _name(state: DeliveryState) -> str:
    return {
        DeliveryState.RETRY: "retried",
        DeliveryState.UNKNOWN: "unknown",
        DeliveryState.DEAD: "dead",
        DeliveryState.GONE: "gone",
        DeliveryState.KEPT: "kept",
    }.get(state, "")


def _count(counted: Counter[str]) -> DeliveryReport:
    return DeliveryReport(**{name: number for name, number in counted.items() if name})
