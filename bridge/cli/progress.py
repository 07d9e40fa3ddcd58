"""A sync's progress as bars."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
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
            TextColumn("{task.fields[rows]:>9,} rows"),
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
        self._tasks[stream] = self._progress.add_task(stream.value, total=total or None, rows=0)

    def advance(self, stream: Stream, rows: int) -> None:
        """Move it on."""
        task = self._progress.tasks[self._tasks[stream]]
        self._progress.update(task.id, advance=rows, rows=task.fields["rows"] + rows)

    def end(self, stream: Stream) -> None:
        """Fill it: what was expected may have been more than what there was."""
        task = self._tasks[stream]
        self._progress.update(task, completed=1, total=1)
