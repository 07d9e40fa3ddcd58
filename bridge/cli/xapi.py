"""Commands about what an LMS pushes by xAPI: keys, and statements that wait."""

from __future__ import annotations

import click
from rich.table import Table

from bridge.access import audit, xapi_keys
from bridge.cli.frame import Frame, show_json
from bridge.model import ActorBy, PushState

ACCOUNTS = {"id": ActorBy.USER_ID, "username": ActorBy.USERNAME}
NOT_STORED = (PushState.WAITING, PushState.NOTED, PushState.IGNORED)


@click.group()
def xapi() -> None:
    """What an LMS pushes by itself, beside what is read from it."""


@xapi.command(epilog="Example: socialbridge xapi key academy")
@click.argument("name")
@click.option(
    "--accounts",
    type=click.Choice(list(ACCOUNTS)),
    default="id",
    show_default=True,
    help="What the LMS names people's accounts by; the plugin's own choice is the id.",
)
@click.pass_obj
def key(frame: Frame, name: str, accounts: str) -> None:
    """Make a key by which the LMS of connection NAME pushes, and print what to enter there.

    The secret is shown this once and kept nowhere.
    """
    bridge = frame.bridge
    connection = frame.connection(name)
    now = bridge.clock.now()
    with bridge.store.work() as work:
        made, secret = xapi_keys.issue(work, connection.id, ACCOUNTS[accounts], now)
        audit.note(work, None, "xapi key made", f"{connection.name}: {made.key}", now)
    endpoint = bridge.link("/xapi")
    click.echo(
        f"In Moodle, in the settings of the plugin Logstore xAPI:\n"
        f"  LRS endpoint                  {endpoint}\n"
        f"  LRS auth key/username         {made.key}\n"
        f"  LRS auth secret/password      {secret}\n"
        f"  Identify users by username    {'Yes' if accounts == 'username' else 'No'}"
        "   (Identify users by email may be either)\n"
        f"Other senders: POST {endpoint}/statements with Basic auth of the key and the secret."
    )
    if not endpoint.startswith("https://"):
        click.echo("Note: without https:// anybody on the way can read the secret.")


@xapi.command(epilog="Example: socialbridge xapi keys academy --json")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def keys(frame: Frame, name: str, as_json: bool) -> None:
    """Show the keys of connection NAME, without their secrets."""
    connection = frame.connection(name)
    with frame.bridge.store.reading() as work:
        found = work.xapi.keys(connection.id)
    named = {by: word for word, by in ACCOUNTS.items()}
    rows = [
        {
            "key": one.key,
            "accounts": named[one.accounts],
            "made_at": one.made_at.isoformat(),
            "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
        }
        for one in found
    ]
    if as_json:
        show_json(rows)
        return
    if not rows:
        click.echo(f"No key yet. Make one: socialbridge xapi key {connection.name}")
        return
    table = Table("key", "accounts", "made", "revoked", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(value or "no") for value in row.values()))
    frame.console.print(table)


@xapi.command(epilog="Example: socialbridge xapi revoke 4f2a9c7e1b3d5f6a8c0e2b4d")
@click.argument("key")
@click.pass_obj
def revoke(frame: Frame, key: str) -> None:
    """Make KEY useless; what came with it stays."""
    now = frame.bridge.clock.now()
    with frame.bridge.store.work() as work:
        revoked = work.xapi.revoke_key(key, now)
        connection = work.connections.by_id(revoked.connection_id)
        audit.note(work, None, "xapi key revoked", f"{connection.name}: {key}", now)
    click.echo(f"The key {key} of {connection.name} is revoked.")


@xapi.command(epilog="Example: socialbridge xapi waiting academy --json")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def waiting(frame: Frame, name: str, as_json: bool) -> None:
    """Show what connection NAME pushed that is not stored, with the reasons.

    What waits is tried again after each sync of people, for 30 days. What is noted makes the next
    sync read the enrolments or the discussions.
    """
    connection = frame.connection(name)
    with frame.bridge.store.reading() as work:
        counts = work.xapi.by_reason(connection.id, NOT_STORED)
    if as_json:
        show_json(
            [
                {
                    "state": one.state.value,
                    "reason": one.reason,
                    "count": one.count,
                    "oldest": one.oldest.isoformat(),
                }
                for one in counts
            ]
        )
        return
    if not counts:
        click.echo("Nothing waits.")
        return
    table = Table("count", "state", "oldest", "reason", box=None, pad_edge=False)
    for one in counts:
        oldest = f"{one.oldest:%Y-%m-%d %H:%M}"
        table.add_row(str(one.count), one.state.value, oldest, one.reason)
    frame.console.print(table)
