"""Commands that keep everything in a file, and take it back."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bridge import __version__
from bridge.cli.frame import Frame
from bridge.errors import InputError
from bridge.storage import backup as backups
from bridge.storage.backup import About


@click.command(epilog="Example: socialbridge backup /var/backups/socialbridge.zip --force")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def backup(frame: Frame, file: Path, force: bool) -> None:
    """Write everything that is kept into FILE, while the bridge runs.

    Keep SOCIALBRIDGE_SECRET_KEY as well, in another place: it is not in the file, and without it
    the file is not taken back.
    """
    if file.exists() and not force:
        raise InputError(f"{file} is there already.", "Name another file, or add --force.")
    bridge = frame.bridge
    with _Bar(frame) as bar:
        about = backups.write(bridge.store, file, bridge.clock.now(), __version__, bar.advance)
    frame.console.print(f"{file}: {_said(about)}.", markup=False)


@click.command(epilog="Example: socialbridge restore /var/backups/socialbridge.zip")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def restore(frame: Frame, file: Path) -> None:
    """Take everything back from FILE, into an empty database of either kind.

    It is how a SQLite file becomes a PostgreSQL database, too. What was said and erased since the
    backup is not in it: who was erased since is to be erased again.
    """
    with _Bar(frame) as bar:
        about = backups.restore(frame.bridge.store, file, bar.advance)
    frame.console.print(f"Restored: {_said(about)}.", markup=False)
    frame.console.print(
        f"Whoever was erased after {about.made_at[:16].replace('T', ' ')} UTC is here again:"
        " see the audit log of the lost database, and run `socialbridge erase`.",
        markup=False,
    )


def _said(about: About) -> str:
    rows = sum(about.rows.values())
    made = about.made_at[:16].replace("T", " ")
    return f"{rows:,} rows of revision {about.revision}, made {made} UTC"


class _Bar:
    """What is under way, drawn while it is entered."""

    def __init__(self, frame: Frame) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<20}"),
            BarColumn(bar_width=30),
            TextColumn("{task.completed:>11,.0f} rows"),
            TimeElapsedColumn(),
            console=frame.console,
            transient=True,
            disable=not frame.console.is_terminal,
        )
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def advance(self, table: str, rows: int) -> None:
        """So many more rows of a table are through."""
        self._progress.update(self._task, description=table, advance=rows)
