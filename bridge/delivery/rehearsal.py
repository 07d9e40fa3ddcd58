"""Plays what one outlet would be sent, from one due moment to the next, without sending anything.

It is the worker itself that works here, on a :class:`~bridge.storage.trial.Trial` and with a clock
that is moved, so that what comes out is what would go out. In place of the publishers stand some
that write down what they are handed, and take everything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.delivery import outbox
from bridge.delivery.compose import Link
from bridge.delivery.plan import Step
from bridge.delivery.worker import deliver
from bridge.model import Post, Receipt, Removal, Rendering
from bridge.ports import Abilities, Act
from bridge.storage.trial import Trial

MOST = 150
"""Posts that are played: more than anybody reads."""
MOST_ARRIVALS = 3 * MOST
"""Activities that are played where a budget lets few of them be posts."""
LOOK = timedelta(seconds=2)
"""How often a worker looks what is due."""
ROUNDS = 10 * MOST
"""Due moments that are looked at, whether or not a post comes of them."""


@dataclass(frozen=True)
class Line:
    """One thing that the outlet would be told, and when."""

    at: datetime
    step: Step
    post: Post
    in_doubt: bool = False
    """Whether it was sent before and no answer came, so that it may be there already."""


@dataclass(frozen=True)
class Arrival:
    """An activity that comes at a moment, and whether somebody chose the outlet for it."""

    at: datetime
    activity_id: int
    chosen: bool = False


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
    outlet_id: int,
    abilities: Abilities,
    begin: datetime,
    end: datetime,
    *,
    link: Link,
    arrivals: Iterable[Arrival] = (),
) -> Script:
    """Everything that the outlet would be told from ``begin`` until ``end``.

    Nothing may be due at any other outlet.
    """
    clock, script = Moved(begin), Script()
    coming = deque(sorted(arrivals, key=lambda one: (one.at, one.activity_id)))
    prompter = _Prompter(abilities, clock, script.lines)
    for _ in range(ROUNDS):
        due = _due(trial)
        moment = min(filter(None, [due, coming[0].at if coming else None]), default=None)
        if moment is None or moment > end:
            return script
        if len(script.lines) >= MOST:
            break
        clock.at = max(clock.at, moment)
        if _arrive(trial, coming, outlet_id, clock.at):
            due = _due(trial)
        if due is None or due > clock.at:
            continue
        report = deliver(
            trial,
            lambda outlet: prompter,
            clock,
            link=link,
            worker_id="preview",
            limit=MOST - len(script.lines),
            jitter=lambda: 0.5,
        )
        if not report.claimed:
            # What is due and not taken waits for the outlet's rate: the worker looks again later.
            clock.at += LOOK
    script.cut = True
    return script


def _due(trial: Trial) -> datetime | None:
    with trial.reading() as work:
        return work.next_due()


def _arrive(trial: Trial, coming: deque[Arrival], outlet_id: int, now: datetime) -> int:
    """Let what has come by now be told; how many came."""
    before = len(coming)
    with trial.work() as work:
        while coming and coming[0].at <= now:
            one = coming.popleft()
            outbox.enqueue(
                work, [one.activity_id], now, outlet_ids=[outlet_id] if one.chosen else []
            )
    return before - len(coming)


class _Prompter:
    """A :class:`~bridge.ports.Publisher` that writes down what it is handed, and takes it."""

    def __init__(self, abilities: Abilities, clock: Moved, lines: list[Line]) -> None:
        self.abilities = abilities
        self._clock, self._lines = clock, lines
        self._asked: set[str] = set()

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        """Never asked: posts are worded when the trial is over."""
        return Rendering("text", post.title, post.text, None)

    def publish(self, post: Post) -> Receipt:
        self._note(Step.PUBLISH, post)
        return Receipt(post.key)

    def edit(self, remote_id: str, post: Post) -> Receipt:
        self._note(Step.EDIT, post)
        return Receipt(remote_id)

    def delete(self, remote_id: str, post: Post) -> Removal:
        self._note(Step.DELETE, post)
        return Removal.DONE

    def find(self, post: Post) -> Receipt | None:
        """Nobody is asked here; if it is there already, it will not be sent again."""
        self._asked.add(post.key)
        return None

    def _note(self, step: Step, post: Post) -> None:
        doubt = post.key in self._asked
        self._lines.append(Line(self._clock.now(), step, post, doubt))
