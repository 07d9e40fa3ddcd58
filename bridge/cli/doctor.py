"""The command that examines a connection, or tries its outlets."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import click
from rich.table import Table

from bridge.cli.frame import Frame, show_json
from bridge.errors import InputError
from bridge.flow import examining
from bridge.model import Connection
from bridge.setup.around import Check, Health

COLOURS = {Health.GREEN: "green", Health.AMBER: "yellow", Health.RED: "red"}


@click.command(epilog="Example: socialbridge doctor academy --outlets")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.option(
    "--outlets",
    "of_outlets",
    is_flag=True,
    help="Try each outlet instead, by a message that is published and deleted again.",
)
@click.option(
    "--send",
    is_flag=True,
    help="With --outlets: send the message also where it cannot be deleted again.",
)
@click.pass_obj
def doctor(frame: Frame, name: str | None, as_json: bool, of_outlets: bool, send: bool) -> None:
    """Prove with data that the LMS lets the bridge do its work.

    With --outlets, prove that outlets take a message, and give it back. Who reads there may see it
    for a moment; it says that it is a test. Nothing is sent where it would stay, unless you say so.

    The exit status is 0 when nothing is red.
    """
    if send and not of_outlets:
        raise InputError("--send is about outlets.", "Say --outlets as well.")
    connection = frame.connection(name)
    found = _outlets(frame, connection, send) if of_outlets else _lms(frame, connection)
    checks: Sequence[Check] = found.pop("checks")
    if as_json:
        show_json({"connection": connection.name, **found, "checks": [_row(c) for c in checks]})
    else:
        _show(frame, connection, checks)
    if any(check.health is Health.RED for check in checks):
        raise click.exceptions.Exit(1)


def _lms(frame: Frame, connection: Connection) -> dict[str, Any]:
    bridge = frame.bridge
    with closing(bridge.connector(connection)) as connector:
        found = examining.examine(bridge.store, bridge.clock, connector, connection, bridge.config)
    site = found.site
    return {
        "site": site.name if site else None,
        "release": site.release if site else None,
        "strategies": dict(site.strategies) if site else {},
        "requests": found.traffic.requests,
        "seconds": round(found.traffic.seconds, 3),
        "checks": found.checks,
    }


def _outlets(frame: Frame, connection: Connection, send: bool) -> dict[str, Any]:
    bridge = frame.bridge
    checks = examining.try_outlets(
        bridge.store, bridge.clock, connection.id, bridge.publisher, bridge.link("/"), send=send
    )
    if not checks:
        raise InputError("There is no outlet to try.", "Add one: `socialbridge outlets add`.")
    return {"checks": checks}


def _row(check: Check) -> dict[str, str]:
    return {
        "feature": check.feature,
        "health": check.health.value,
        "found": check.found,
        "remedy": check.remedy,
    }


def _show(frame: Frame, connection: Connection, checks: Sequence[Check]) -> None:
    table = Table(title=connection.name, box=None, title_justify="left", pad_edge=False)
    table.add_column("feature")
    table.add_column("")
    table.add_column("found, and what to do", overflow="fold")
    for check in checks:
        colour = COLOURS[check.health]
        text = f"{check.found}. {check.remedy}".strip() if check.remedy else check.found
        table.add_row(
            _escaped(check.feature), f"[{colour}]{check.health}[/{colour}]", _escaped(text)
        )
    frame.console.print(table)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
