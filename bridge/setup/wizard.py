"""The steps of the setup in the browser: which there are, and which are open; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """A page of the setup, in their order."""

    CONNECT = "connect"
    CHECK = "check"
    SHARED = "shared"
    PEOPLE = "people"
    OUTLETS = "outlets"
    INVITE = "invite"

    @property
    def next(self) -> Step:
        """The step after it; the last one stays."""
        steps = list(Step)
        return steps[min(steps.index(self) + 1, len(steps) - 1)]


@dataclass(frozen=True)
class Stage:
    """A step in the list above each page."""

    step: Step
    done: bool
    here: bool
    open: bool
    """Whether it can be gone to."""


def stages(here: Step, done: Collection[str], *, connected: bool) -> tuple[Stage, ...]:
    """The list of steps. Before an LMS is connected only the first is open; then all are."""
    return tuple(
        Stage(
            step=step,
            done=step.value in done,
            here=step is here,
            open=connected or step is Step.CONNECT,
        )
        for step in Step
    )


def first_open(done: Collection[str], *, connected: bool) -> Step:
    """Where somebody who comes back goes on."""
    if not connected:
        return Step.CONNECT
    return next((step for step in Step if step.value not in done), Step.INVITE)
