"""A sync's progress as bars."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from bridge.model import Stream


class Bars:
    """A :class:`~bridge.sync.Progress` that draws one bar a stream while it is entered."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[Stream, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def begin(self, stream: Stream, total: int | None) -> None:
        """Draw the stream's bar."""
        self._tasks[stream] = self._progress.add_task(stream.value, total=total or None)

    def advance(self, stream: Stream, rows: int) -> None:
        """Move it on."""
        self._progress.advance(self._tasks[stream], rows)

    def end(self, stream: Stream) -> None:
        """Fill it."""
        task = self._progress.tasks[self._tasks[stream]]
        done = max(int(task.completed), 1)
        self._progress.update(task.id, completed=done, total=done)
