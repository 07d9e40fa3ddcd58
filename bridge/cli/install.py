"""Commands to set the bridge up: init, db, connect, doctor."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
from rich.table import Table

from bridge import config as settings
from bridge import flow
from bridge.cli.credentials import ID_VARIABLE, SECRET_VARIABLE, oauth_client
from bridge.cli.frame import Frame, show_json
from bridge.errors import InputError
from bridge.model import Connection, Site, Stream
from bridge.setup.doctor import Check, Doctor, Health
from bridge.setup.manifest import features
from bridge.storage import schema

TOKEN_VARIABLE = "SOCIALBRIDGE_LMS_TOKEN"
COLOURS = {Health.GREEN: "green", Health.AMBER: "yellow", Health.RED: "red"}


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
    frame.console.print(
        "Next: socialbridge connect NAME --kind moodle --url https://your-moodle", markup=False
    )


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


@click.command(
    epilog="Example: socialbridge connect academy --kind moodle --url https://moodle.example.com"
)
@click.argument("name")
@click.option(
    "--kind", type=click.Choice(["moodle", "totara"]), default="moodle", show_default=True
)
@click.option("--url", required=True, help="The address of the site's front page.")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False),
    help=f"A file with the token; else {TOKEN_VARIABLE} is read, else you are asked.",
)
@click.option(
    "--oauth-file",
    type=click.Path(exists=True, dir_okay=False),
    help="A file with client_id and client_secret of an API client (Totara 17 and later), as JSON"
    f" or on two lines; else {ID_VARIABLE} and {SECRET_VARIABLE} are read.",
)
@click.pass_obj
def connect(
    frame: Frame,
    name: str,
    kind: str,
    url: str,
    token_file: str | None,
    oauth_file: str | None,
) -> None:
    """Connect an LMS, or give a connection a new address or token.

    The token is asked for, or read from a file or the environment: never an argument, which others
    on the machine could see. Nothing is stored before the LMS has answered.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise InputError(
            f"{name!r} is no name for a connection.",
            "Use small letters, digits and hyphens, for example: academy.",
        )
    bridge = frame.bridge
    url = _front_page(url)
    token = _token(token_file)
    client = oauth_client(oauth_file, os.environ)
    if client and kind != "totara":
        raise InputError("An API client is Totara's, and this is none.", "Use --kind totara.")
    trial = Connection(
        id=0,
        name=name,
        kind=kind,
        url=url,
        site_name="",
        token=token,
        oauth_client=client or {},
    )
    site = bridge.connector(trial).site()
    connection = flow.connect(
        bridge.store, bridge.clock, name, kind, url, token, site, oauth_client=client
    )
    _tell_of(frame, connection, site)
    if client:
        _tell_of_graphql(frame, site)


def _tell_of_graphql(frame: Frame, site: Site) -> None:
    if site.strategies.get(Stream.PEOPLE) == "graphql":
        said = "The API client works: people, courses and managers are read by GraphQL."
    else:
        why = site.reasons.get(Stream.PEOPLE, "the LMS does not say why.")
        said = f"The API client cannot be used, and everything is read by REST: {why}"
    frame.console.print(said, markup=False)


def _tell_of(frame: Frame, connection: Connection, site: Site) -> None:
    console = frame.console
    console.print(
        f"Connected {connection.name}: {site.name}, release {site.release}, as {site.user_name}.",
        markup=False,
    )
    if site.url != connection.url:
        console.print(
            f"Note: the site calls itself {site.url}; you gave {connection.url}.", markup=False
        )
    for feature in features():
        missing = feature.missing(site.functions)
        if missing:
            console.print(
                f"Missing for {feature.name}: {', '.join(missing)}. Add them under Site"
                " administration → Server → Web services → External services.",
                markup=False,
            )
    console.print(
        f"Next: socialbridge doctor {connection.name}, then socialbridge sync {connection.name}",
        markup=False,
    )


def _front_page(url: str) -> str:
    """The site's front page: what people paste is often a page of it."""
    url = url.strip()
    if not url.startswith(("http://", "https://")):
        url = f"https://{url}"
    url = re.sub(
        r"/(login|my|course|admin|webservice|user|index\.php)(/.*|\?.*)?$", "", url.split("#")[0]
    )
    return url.split("?")[0].rstrip("/")


def _token(token_file: str | None) -> str:
    if token_file:
        token = Path(token_file).read_text("utf-8").strip()
    elif os.environ.get(TOKEN_VARIABLE):
        token = os.environ[TOKEN_VARIABLE].strip()
    else:
        token = click.prompt("Token of the LMS's web service", hide_input=True).strip()
    if not token:
        raise InputError(
            "The token is empty.",
            "Copy it from Site administration → Server → Web services → Manage tokens.",
        )
    return token


@click.command(epilog="Example: socialbridge doctor academy")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def doctor(frame: Frame, name: str | None, as_json: bool) -> None:
    """Prove with data that the LMS lets the bridge do its work.

    The exit status is 0 when nothing is red.
    """
    connection = frame.connection(name)
    site, checks = Doctor(frame.bridge.connector(connection)).examine()
    if as_json:
        show_json(
            {
                "connection": connection.name,
                "site": site.name,
                "release": site.release,
                "strategies": dict(site.strategies),
                "checks": [
                    {
                        "feature": c.feature,
                        "health": c.health.value,
                        "found": c.found,
                        "remedy": c.remedy,
                    }
                    for c in checks
                ],
            }
        )
    else:
        _show(frame, connection, checks)
    if any(check.health is Health.RED for check in checks):
        raise click.exceptions.Exit(1)


def _show(frame: Frame, connection: Connection, checks: list[Check]) -> None:
    table = Table(title=connection.name, box=None, title_justify="left", pad_edge=False)
    table.add_column("feature")
    table.add_column("")
    table.add_column("found, and what to do", overflow="fold")
    for check in checks:
        colour = COLOURS[check.health]
        text = f"{check.found}. {check.remedy}".strip() if check.remedy else check.found
        table.add_row(check.feature, f"[{colour}]{check.health}[/{colour}]", _escaped(text))
    frame.console.print(table)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
