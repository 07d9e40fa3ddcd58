"""Commands to set the bridge up: init, db."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import click

from bridge import config as settings
from bridge.access import setup_keys
from bridge.cli.frame import Frame
from bridge.storage import schema


@click.command(epilog="Example: socialbridge init --base-url https://social.example.com")
@click.option("--base-url", help="The address under which people will reach the bridge.")
@click.option("--database-url", help="Where facts are kept; a SQLite file here by default.")
@click.pass_obj
def init(frame: Frame, base_url: str | None, database_url: str | None) -> None:
    """Write a .env file with a fresh key, make the database, and print where the setup begins.

    A .env file that is there keeps its values; only missing ones are added. The address that is
    printed opens the setup in the browser, once, for 24 hours.
    """
    path = Path(frame.env_file)
    before = path.read_text("utf-8") if path.exists() else ""
    wanted = {
        "SOCIALBRIDGE_SECRET_KEY": settings.new_secret_key(),
        "SOCIALBRIDGE_DATABASE_URL": database_url or "sqlite:///socialbridge.db",
        "SOCIALBRIDGE_BASE_URL": base_url or "http://127.0.0.1:8000",
    }
    missing = {
        name: value
        for name, value in wanted.items()
        if not re.search(rf"^{name}=", before, re.MULTILINE)
    }
    lines = "".join(f"{name}={value}\n" for name, value in missing.items())
    if missing:
        separator = "" if not before or before.endswith("\n") else "\n"
        path.touch(mode=0o600)
        path.write_text(before + separator + lines, "utf-8")
    frame.console.print(
        f"{path}: " + (", ".join(missing) + " written." if missing else "nothing was missing.")
    )
    frame.console.print(f"Database at revision {schema.upgrade(frame.bridge.store)}.")
    if _is_set_up(frame):
        frame.console.print("The bridge is set up. Next: socialbridge serve, and beside it worker")
        return
    frame.console.print(
        f"Next: start the bridge with `{_serve(frame)}`, and open this address:", markup=False
    )
    _print_setup_link(frame)
    frame.console.print("Or at the command line: socialbridge connect NAME --url https://your-lms")


@click.command("setup-link", epilog="Example: socialbridge setup-link")
@click.pass_obj
def setup_link(frame: Frame) -> None:
    """Print an address by which the setup in the browser begins, or goes on elsewhere.

    It works once, for 24 hours, and no more once the setup is finished.
    """
    _print_setup_link(frame)


def _serve(frame: Frame) -> str:
    """The command that serves where the bridge's address leads, if nothing stands before it."""
    config = frame.bridge.config
    at = urlsplit(config.base_url)
    if at.scheme == "http" and at.port and not config.listen.endswith(f":{at.port}"):
        host = config.listen.rpartition(":")[0]
        return f"socialbridge serve --listen {host}:{at.port}"
    return "socialbridge serve"


def _print_setup_link(frame: Frame) -> None:
    with frame.bridge.store.work() as work:
        token = setup_keys.issue(work, frame.bridge.clock.now())
    # Not wrapped, so that it can be followed and copied.
    click.echo(frame.bridge.link(f"/setup/{token}"))
    hours = int(setup_keys.LASTS.total_seconds() // 3600)
    frame.console.print(
        f"It works once, for {hours} hours; `socialbridge setup-link` makes another."
    )


def _is_set_up(frame: Frame) -> bool:
    with frame.bridge.store.reading() as work:
        return work.setups.is_set_up()


@click.group()
def db() -> None:
    """The database."""


@db.command(epilog="Example: socialbridge db upgrade")
@click.pass_obj
def upgrade(frame: Frame) -> None:
    """Bring the tables to this version; safe to repeat."""
    before = schema.current(frame.bridge.store)
    after = schema.upgrade(frame.bridge.store)
    frame.console.print(
        f"The database was at revision {before} already."
        if before == after
        else f"The database went from revision {before or 'none'} to {after}."
    )
