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
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from bridge.delivery import claiming, digests, health, pace, plan
from bridge.delivery.compose import Link, compose, shown, withdrawal
from bridge.delivery.outcomes import (
    DeliveryReport,
    Outcome,
    attempted,
    counted_up,
    in_trouble,
    name_of,
    told,
)
from bridge.delivery.plan import Attempt, Step
from bridge.errors import BridgeError, CannotTakeBack, OutcomeUnknown, OutletBusy, OutletUnusable
from bridge.model import Delivery, Outlet, OutletHealth, Post
from bridge.ports import NOTHING, Abilities, Clock, Publisher
from bridge.storage import Store
from bridge.storage.delivery import Claim

LEASE = timedelta(minutes=5)
"""After this a claim lapses: longer than any single attempt, time-outs and all, can last."""
OUTLETS_AT_ONCE = 8
PORTION = 50
STALE = timedelta(seconds=3)
"""What was composed longer ago than this is not sent, but composed again."""
MENDING = timedelta(minutes=5)
"""How long an outlet whose settings cannot be used is left alone."""


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
            return self._out_of_order(list(waiting), error)
        size = _portion(publisher.abilities)
        report, troubles = DeliveryReport(), 0
        while waiting:
            portion = [waiting.popleft() for _ in range(min(size, len(waiting)))]
            begun, left = self._begin(portion, publisher)
            outcomes, unsent, troubles = self._send(begun, publisher, troubles)
            report += left + self._record(outcomes, publisher)
            last = outcomes[-1].error if outcomes else None
            if last is not None and in_trouble(last, troubles):
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
        report = counted_up(Counter(name_of(one.state) for one in settled))
        return begun, report + DeliveryReport(held=len(resting))

    def _send(
        self, begun: Sequence[tuple[Attempt, Post]], publisher: Publisher, troubles: int
    ) -> tuple[list[Outcome], list[Attempt], int]:
        """Go over the network; what was not sent, because of trouble or for being stale, too."""
        start = self.clock.now()
        outcomes: list[Outcome] = []
        for number, (attempt, post) in enumerate(begun):
            outcome = attempted(publisher, attempt, post)
            outcomes.append(outcome)
            passing = isinstance(outcome.error, OutletBusy | OutcomeUnknown)
            troubles = troubles + 1 if passing else 0
            stale = self.clock.now() - start > STALE
            if stale or (outcome.error is not None and in_trouble(outcome.error, troubles)):
                return outcomes, [attempt for attempt, _ in begun[number + 1 :]], troubles
        return outcomes, [], troubles

    def _record(self, outcomes: Sequence[Outcome], publisher: Publisher) -> DeliveryReport:
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
                counted[told(outcome, done)] += 1
            work.delivery.save_claimed(after, None)
        return counted_up(counted)

    def _after(
        self, row: Delivery, outcome: Outcome, publisher: Publisher, now: datetime
    ) -> Delivery:
        attempt, error = outcome.attempt, outcome.error
        if error is None:
            self.went = True
            key = str(uuid.uuid4())
            return plan.succeeded(row, attempt, outcome.answer, now, key=key)
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

    def _out_of_order(self, ids: Sequence[int], error: BridgeError) -> DeliveryReport:
        """Hold what waits until the outlet can be used again; but what would stay there anyway,
        whatever is wanted, waits for nothing."""
        stays = error.stays if isinstance(error, OutletUnusable) else ""
        kept: list[Delivery] = []
        if stays:
            now = self.clock.now()
            with self.store.work() as work:
                rows = work.delivery.claimed(ids, self.worker_id)
                contents = work.delivery.contents({row.activity_id for row in rows.values()})
                for row in rows.values():
                    seen = shown(contents[row.activity_id], self.outlet)
                    attempt = plan.next_step(row, NOTHING, may_show=seen is not None)
                    if row.pending and attempt.step is Step.NOTHING:
                        kept.append(plan.left(attempt, now, stays))
                work.delivery.save_claimed(kept, None)
        settled = {one.id for one in kept}
        until = self.clock.now() + MENDING
        held = self._hold([ident for ident in ids if ident not in settled], until, str(error))
        return held + counted_up(Counter(name_of(one.state) for one in kept))

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


__all__ = ["DeliveryReport", "deliver"]
