"""One sync run as it goes: what its streams share, and what they count."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bridge.errors import LmsError, NotAnLms
from bridge.model import Connection, Stream, StreamReport, Tally
from bridge.ports import Connector
from bridge.storage import Store
from bridge.sync.scope import EVERYTHING_DUE, Scope


class Progress(Protocol):
    """Is told how a sync gets on."""

    def begin(self, stream: Stream, total: int | None) -> None:
        """A stream begins; ``total`` rows are expected, where that is known."""
        ...

    def advance(self, stream: Stream, rows: int) -> None:
        """So many rows more were read and stored."""
        ...

    def end(self, stream: Stream) -> None:
        """The stream is done."""
        ...


@dataclass
class Task:
    """What the streams of one run share."""

    store: Store
    connector: Connector
    connection: Connection
    now: datetime
    last_read: Mapping[Stream, datetime]
    """By stream, when the last run began that read it to its end."""
    progress: Progress
    accept_shrink: bool = False
    scope: Scope = EVERYTHING_DUE
    reports: list[StreamReport] = field(default_factory=list)
    finished: bool = False

    def first(self, stream: Stream) -> bool:
        """Whether the stream was never read to its end before."""
        return stream not in self.last_read

    def since(self, stream: Stream) -> datetime | None:
        """When the stream was last read to its end, as far as that spares anything now."""
        return None if self.scope.full else self.last_read.get(stream)


class Count:
    """Counts what a stream reads and finds, and keeps what stood in its way."""

    def __init__(self, task: Task, stream: Stream, strategy: str) -> None:
        self._task = task
        self._stream = stream
        self.strategy = strategy
        self.why = ""
        self.rows = 0
        self.tally = Tally()
        self.problems: list[str] = []
        self.refused_courses: set[int] = set()
        """By LMS id."""
        self.cursor: dict[str, Any] = {}
        """Where the next run goes on, of a stream that is read in slices."""
        self.whole = True
        """Whether the stream was read to its end; what was refused by itself stays due."""

    def page(self, rows: int, tally: Tally) -> None:
        """A page was stored."""
        self.rows += rows
        self.tally += tally
        self._task.progress.advance(self._stream, rows)

    def fall_back(self, strategy: str, error: LmsError) -> None:
        """The better way failed: this one is taken, and why is said."""
        self.why = f"the {self.strategy} cannot be used: {error}"
        self.strategy = strategy

    def problem(self, error: LmsError) -> None:
        """Something could not be read; each sentence is kept once."""
        if str(error) not in self.problems:
            self.problems.append(str(error))


@contextmanager
def reading(task: Task, stream: Stream, strategy: str, total: int | None = None) -> Iterator[Count]:
    """Read one stream: its figures become a report.

    A refused right and an answer that cannot be understood are problems of the stream, not the end.

    :raises LmsError: if the whole connection is at fault (unreachable, or the token is refused).
    """
    count = Count(task, stream, strategy)
    started, sent = time.perf_counter(), task.connector.requests
    task.progress.begin(stream, total)
    try:
        yield count
    except LmsError as error:
        if of_connection(error):
            raise
        count.problem(error)
        count.whole = False
    else:
        if count.whole and task.scope.whole:
            with task.store.work() as work:
                work.runs.read_through(task.connection.id, stream, task.now, count.cursor)
    finally:
        task.progress.end(stream)
        task.reports.append(
            StreamReport(
                stream=stream,
                strategy=count.strategy,
                # A connector may have had to take another way meanwhile, and says so.
                why=count.why or task.connector.site().reasons.get(stream, ""),
                requests=task.connector.requests - sent,
                rows=count.rows,
                new=count.tally.new,
                changed=count.tally.changed,
                seconds=round(time.perf_counter() - started, 3),
                problems=tuple(count.problems),
            )
        )


def of_connection(error: LmsError) -> bool:
    """Whether an error is the whole connection's, and not that of what was asked for."""
    return error.retry or isinstance(error, NotAnLms) or error.code == "invalidtoken"
