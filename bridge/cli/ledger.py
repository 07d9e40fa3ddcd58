"""Commands about the ledger: what became of what was to be sent."""

from __future__ import annotations

import click
from rich.table import Table

from bridge.cli.frame import Frame, show_json
from bridge.cli.people import connection_option
from bridge.delivery import ledger as stored
from bridge.delivery import outlets
from bridge.errors import InputError
from bridge.model import Connection, DeliveryState

outlet_option = click.option("--outlet", help="Only deliveries to the outlet of this name.")


@click.group()
def ledger() -> None:
    """What each outlet should show, what it shows, and why not."""


@ledger.command("list", epilog="Example: socialbridge ledger list --state dead --outlet news")
@outlet_option
@click.option("--state", type=click.Choice(list(DeliveryState)), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def list_deliveries(
    frame: Frame,
    outlet: str | None,
    state: str | None,
    limit: int,
    connection_name: str | None,
    as_json: bool,
) -> None:
    """Show the newest deliveries, and how many are in each state. It names no person."""
    connection = frame.connection(connection_name)
    only = _outlet_id(frame, connection, outlet)
    wanted = DeliveryState(state) if state else None
    with frame.bridge.store.reading() as work:
        rows = stored.page(work, connection.id, limit=limit, state=wanted, outlet_id=only)
        counts = stored.counts(work, connection.id, only)
    if as_json:
        deliveries = [
            {
                "id": row.delivery.id,
                "outlet": row.outlet_name,
                "what": row.what,
                "state": row.delivery.state.value,
                "wanted": row.delivery.wanted,
                "shown": row.delivery.shown,
                "attempts": row.delivery.attempts,
                "due_at": row.delivery.due_at if row.delivery.pending else None,
                "reason": row.delivery.reason,
            }
            for row in rows
        ]
        show_json({"counts": counts, "deliveries": deliveries})
        return
    table = Table("id", "outlet", "what", "state", "attempts", "reason", box=None, pad_edge=False)
    for row in rows:
        d = row.delivery
        table.add_row(
            str(d.id), row.outlet_name, row.what, d.state.value, str(d.attempts), d.reason
        )
    frame.console.print(table)
    said = ", ".join(f"{count} {state.value}" for state, count in counts.items())
    frame.console.print(f"In all: {said or 'nothing'}.", markup=False)


@ledger.command(epilog="Example: socialbridge ledger retry --outlet news")
@click.argument("delivery_ids", type=int, nargs=-1, metavar="[ID]...")
@outlet_option
@click.option("--all", "everything", is_flag=True, help="All that was given up, at every outlet.")
@click.option(
    "--anyway",
    is_flag=True,
    help="With an ID: send again what may stand there already and cannot be asked about.",
)
@connection_option
@click.pass_obj
def retry(
    frame: Frame,
    delivery_ids: tuple[int, ...],
    outlet: str | None,
    everything: bool,
    anyway: bool,
    connection_name: str | None,
) -> None:
    """Try again: the deliveries of these IDs, or all that was given up."""
    if bool(delivery_ids) + bool(outlet) + everything != 1:
        raise InputError("Try what again?", "Give ids, or --outlet NAME, or --all.")
    connection = frame.connection(connection_name)
    only = _outlet_id(frame, connection, outlet)
    now = frame.bridge.clock.now()
    with frame.bridge.store.work() as work:
        for ident in delivery_ids:
            stored.retry(work, ident, now, connection_id=connection.id, anyway=anyway)
        count = len(delivery_ids) or stored.retry_all(work, connection.id, now, only)
    click.echo(f"{count} to be tried again with the next run of the worker.")


def _outlet_id(frame: Frame, connection: Connection, name: str | None) -> int | None:
    if name is None:
        return None
    with frame.bridge.store.reading() as work:
        return outlets.named(work, connection.id, name).id
