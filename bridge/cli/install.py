"""Commands to set the bridge up: init, db."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bridge import config as settings
from bridge.cli.frame import Frame
from bridge.storage import schema


@click.command(epilog="Example: socialbridge init --base-url https://social.example.com")
@click.option("--base-url", help="The address under which people will reach the bridge.")
@click.option("--database-url", help="Where facts are kept; a SQLite file here by default.")
@click.pass_obj
def init(frame: Frame, base_url: str | None, database_url: str | None) -> None:
    """Write a .env file with a fresh key, and make the database.

    A .env file that is there keeps its values; only missing ones are added.
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
    frame.console.print("Next: socialbridge connect NAME --url https://your-lms", markup=False)


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
