"""The command that takes a connection out."""

from __future__ import annotations

from collections.abc import Mapping

import click

from bridge import flow
from bridge.cli.frame import Frame
from bridge.errors import InputError
from bridge.model import Connection
from bridge.sync.holding import held


@click.command(epilog="Example: socialbridge disconnect academy --take-back")
@click.argument("name")
@click.option(
    "--take-back/--leave",
    "take_back",
    default=None,
    help="Have outlets take down what they show first, or leave it there for ever.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.pass_obj
def disconnect(frame: Frame, name: str, take_back: bool | None, yes: bool, dry_run: bool) -> None:
    """Delete the connection NAME, and everything that is kept of it.

    Nothing is changed in the LMS. What outlets show can be taken down first; afterwards the bridge
    does not know any more that it stands there.
    """
    bridge, console = frame.bridge, frame.console
    connection = frame.connection(name)
    with bridge.store.reading() as work:
        counts = work.purge.counts(connection.id)
        standing = work.purge.standing(connection.id)
    _tell(frame, connection, counts, standing)
    if dry_run:
        return
    if standing and take_back is None and not yes:
        take_back = click.confirm("Have the outlets take it down first?", default=True)
    if not yes:
        said = click.prompt(f"It cannot be undone. Type {name} to go on", default="")
        if said != name:
            raise InputError("Nothing was deleted.", "Type the connection's name to go on.")
    with held(bridge.store, connection, bridge.clock, bridge.worker_id, say=console.print):
        if standing and take_back is not False:
            _take_back(frame, connection)
        with console.status("Deleting") as status:
            total = flow.disconnect(
                bridge.store,
                bridge.clock,
                connection,
                say=lambda what, count: status.update(f"Deleting {what}: {count:,}"),
            )
    console.print(f"{name} is disconnected; {total:,} rows were deleted.", markup=False)


def _tell(frame: Frame, connection: Connection, counts: Mapping[str, int], standing: int) -> None:
    frame.console.print(f"{connection.name} ({connection.url}) has:", markup=False)
    for table, count in sorted(counts.items(), key=lambda one: -one[1]):
        frame.console.print(f"  {table.replace('_', ' '):24} {count:>10,}", markup=False)
    frame.console.print(f"Its outlets show {standing:,} posts.", markup=False)


def _take_back(frame: Frame, connection: Connection) -> None:
    """Take back what can be.

    :raises InputError: if an outlet may take something down yet, when it is asked again later.
    """
    bridge = frame.bridge
    with frame.console.status("Taking back") as status:
        waiting = flow.take_all_back(
            bridge.store,
            bridge.clock,
            connection,
            bridge.publisher,
            link=bridge.link,
            worker_id=bridge.worker_id,
            say=lambda what, count: status.update(f"Taking back: {count:,} to go"),
        )
    with bridge.store.reading() as work:
        standing = work.purge.standing(connection.id)
    if waiting:
        raise InputError(
            f"{waiting:,} posts could not be taken back yet: their outlet asks to wait or does not"
            " answer. Nothing was deleted.",
            "Run it again later, or with --leave to leave them there.",
        )
    if standing:
        frame.console.print(f"{standing:,} posts cannot be taken back, and stay.", markup=False)
