"""Plays what an outlet would be sent, from one due moment to the next, without sending anything.

It is the worker itself that works here, on a :class:`~bridge.storage.trial.Trial` and with a clock
that is moved, so that what comes out is what would go out. In place of the publishers stand some
that write down what they are handed, and take everything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.delivery import outbox
from bridge.delivery.compose import Link
from bridge.delivery.plan import Step
from bridge.delivery.worker import deliver
from bridge.model import Outlet, Post, Receipt, Rendering
from bridge.ports import Abilities, Act
from bridge.storage.trial import Trial

MOST = 300
"""Posts that are played: more than anybody reads."""
LOOK = timedelta(seconds=2)
"""How often a worker looks what is due."""
ROUNDS = 10 * MOST
"""Due moments that are looked at, whether or not a post comes of them."""


@dataclass(frozen=True)
class Line:
    """One thing that an outlet would be told, and when."""

    at: datetime
    outlet_id: int
    step: Step
    post: Post
    in_doubt: bool = False
    """Whether it was sent before and no answer came, so that it may be there already."""


@dataclass(frozen=True)
class Arrival:
    """An activity that comes at a moment, and the outlets that somebody chose for it."""

    at: datetime
    activity_id: int
    chosen: tuple[int, ...] = ()


@dataclass
class Moved:
    """A clock that stands where it was put."""

    at: datetime

    def now(self) -> datetime:
        """The moment that is being played."""
        return self.at


@dataclass
class Script:
    """What was played: every line, and whether there was more."""

    lines: list[Line] = field(default_factory=list)
    cut: bool = False
    """Whether it was broken off before its end."""


def play(
    trial: Trial,
    abilities: Mapping[int, Abilities],
    begin: datetime,
    end: datetime,
    *,
    link: Link,
    arrivals: Iterable[Arrival] = (),
) -> Script:
    """Everything that the outlets would be told from ``begin`` until ``end``.

    :param abilities: what each outlet can do, by its id; the others are not played.
    """
    clock, script = Moved(begin), Script()
    coming = deque(sorted(arrivals, key=lambda arrival: arrival.at))
    asked: set[str] = set()

    def publisher_of(outlet: Outlet) -> _Prompter:
        return _Prompter(outlet.id, abilities[outlet.id], clock, script.lines, asked)

    idle = False
    for _ in range(ROUNDS):
        moment = _next(trial, coming)
        if moment is None or moment > end:
            return script
        if len(script.lines) >= MOST:
            break
        # What is due and not taken waits for the outlet's rate: the worker looks again later.
        clock.at = max(clock.at + (LOOK if idle else timedelta(0)), moment)
        arrived = _arrive(trial, coming, clock.at)
        report = deliver(
            trial,
            publisher_of,
            clock,
            link=link,
            worker_id="preview",
            limit=MOST - len(script.lines),
            jitter=lambda: 0.5,
        )
        idle = not arrived and not report.claimed
    script.cut = True
    return script


def _next(trial: Trial, coming: Sequence[Arrival]) -> datetime | None:
    with trial.reading() as work:
        due = work.next_due()
    moments = [moment for moment in (due, coming[0].at if coming else None) if moment is not None]
    return min(moments, default=None)


def _arrive(trial: Trial, coming: deque[Arrival], now: datetime) -> int:
    """Let what has come by now be told; how many came."""
    before = len(coming)
    with trial.work() as work:
        while coming and coming[0].at <= now:
            one = coming.popleft()
            outbox.enqueue(work, [one.activity_id], now, outlet_ids=one.chosen)
    return before - len(coming)


class _Prompter:
    """A :class:`~bridge.ports.Publisher` that writes down what it is handed, and takes it."""

    def __init__(
        self,
        outlet_id: int,
        abilities: Abilities,
        clock: Moved,
        lines: list[Line],
        asked: set[str],
    ) -> None:
        self.abilities = abilities
        self._outlet_id, self._clock, self._lines = outlet_id, clock, lines
        self._asked = asked

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        """Never asked: posts are worded when the trial is over."""
        return Rendering("text", post.title, post.text, None)

    def publish(self, post: Post) -> Receipt:
        self._note(Step.PUBLISH, post)
        return Receipt(post.key)

    def edit(self, remote_id: str, post: Post) -> Receipt:
        self._note(Step.EDIT, post)
        return Receipt(remote_id)

    def delete(self, remote_id: str, post: Post) -> None:
        self._note(Step.DELETE, post)

    def find(self, post: Post) -> Receipt | None:
        """Nobody is asked here; if it is there already, it will not be sent again."""
        self._asked.add(post.key)
        return None

    def _note(self, step: Step, post: Post) -> None:
        doubt = post.key in self._asked
        self._lines.append(Line(self._clock.now(), self._outlet_id, step, post, doubt))
