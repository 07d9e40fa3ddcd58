"""One sync run as it goes: what its streams share, and what they count."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bridge.errors import LmsError, Missing, NotAnLms, Refused
from bridge.model import Connection, Stream, StreamReport, Tally
from bridge.ports import Connector
from bridge.storage import Store


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
    reports: list[StreamReport] = field(default_factory=list)

    def first(self, stream: Stream) -> bool:
        """Whether the stream was never read to its end before."""
        return stream not in self.last_read


class Count:
    """Counts what a stream reads and finds, and keeps what stood in its way."""

    def __init__(self, task: Task, stream: Stream) -> None:
        self._task = task
        self._stream = stream
        self.rows = 0
        self.tally = Tally()
        self.problems: list[str] = []
        self.whole = True
        """Whether the stream was read to its end; what was refused by itself stays due."""

    def page(self, rows: int, tally: Tally) -> None:
        """A page was stored."""
        self.rows += rows
        self.tally += tally
        self._task.progress.advance(self._stream, rows)

    def problem(self, error: LmsError) -> None:
        """Something could not be read; each sentence is kept once."""
        if str(error) not in self.problems:
            self.problems.append(str(error))


@contextmanager
def reading(task: Task, stream: Stream, strategy: str, total: int | None = None) -> Iterator[Count]:
    """Read one stream: its figures become a report; a refused right is a problem, not the end.

    :raises LmsError: if the whole connection is at fault (unreachable, or the token is refused).
    """
    count = Count(task, stream)
    started, sent = time.perf_counter(), task.connector.requests
    task.progress.begin(stream, total)
    try:
        yield count
    except LmsError as error:
        if error.retry or isinstance(error, NotAnLms) or error.code == "invalidtoken":
            raise
        if not isinstance(error, Refused | Missing) and type(error) is not LmsError:
            raise
        count.problem(error)
        count.whole = False
    else:
        if count.whole:
            with task.store.work() as work:
                work.runs.read_through(task.connection.id, stream, task.now)
    finally:
        task.progress.end(stream)
        task.reports.append(
            StreamReport(
                stream=stream,
                strategy=strategy,
                requests=task.connector.requests - sent,
                rows=count.rows,
                new=count.tally.new,
                changed=count.tally.changed,
                seconds=round(time.perf_counter() - started, 3),
                problems=tuple(count.problems),
            )
        )
