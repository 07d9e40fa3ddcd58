"""The command that connects an LMS."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bridge import flow
from bridge.cli.credentials import ID_VARIABLE, SECRET_VARIABLE, oauth_client
from bridge.cli.frame import Frame
from bridge.errors import LmsError
from bridge.model import Site, Stream
from bridge.ports import Connector
from bridge.setup.address import connection_name

TOKEN_VARIABLE = "SOCIALBRIDGE_LMS_TOKEN"


@click.command(epilog="Example: socialbridge connect academy --url https://moodle.example.com")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["auto", "moodle", "totara"]),
    default="auto",
    show_default=True,
    help="Which LMS it is; by default it is asked.",
)
@click.option("--url", required=True, help="The address of the site's front page.")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False),
    help=f"A file with the token; else {TOKEN_VARIABLE} is read, else you are asked.",
)
@click.option(
    "--report",
    metavar="NAME_OR_ID",
    help="The custom report to read completions from; by default the one called Social bridge"
    " completions, if it is there.",
)
@click.option(
    "--oauth-file",
    type=click.Path(exists=True, dir_okay=False),
    help="A file with client_id and client_secret of an API client (Totara 17 and later), as JSON"
    f" or on two lines; else {ID_VARIABLE} and {SECRET_VARIABLE} are read.",
)
@click.option(
    "--setup",
    "in_setup",
    is_flag=True,
    help="Announce nothing before the setup in the browser is finished (socialbridge setup-link).",
)
@click.pass_obj
def connect(
    frame: Frame,
    name: str,
    kind: str,
    url: str,
    token_file: str | None,
    report: str | None,
    oauth_file: str | None,
    in_setup: bool,
) -> None:
    """Connect an LMS, or give a connection a new address or token.

    The token is asked for, or read from a file or the environment: never an argument, which others
    on the machine could see. Nothing is stored before the LMS has answered.
    """
    name = connection_name(name)  # Before the token is asked for.
    bridge = frame.bridge
    client = oauth_client(oauth_file, os.environ)
    wanted = flow.Wanted(name, url, _token(token_file), kind, client or {}, report)
    made = flow.connect_lms(
        bridge.store, bridge.clock, wanted, bridge.kind_of, bridge.connector, setup=in_setup
    )
    connection, site = made.connection, made.site
    for line in made.report:
        frame.console.print(line, markup=False)
    _tell_of(frame, made)
    _tell_of_completions(frame, bridge.connector(connection))
    if client:
        _tell_of_graphql(frame, site)
    after = f"socialbridge doctor {connection.name}, then socialbridge sync {connection.name}"
    frame.console.print(f"Next: {'go on in the browser' if in_setup else after}", markup=False)


def _tell_of_completions(frame: Frame, connector: Connector) -> None:
    site = connector.site()
    way, why = site.strategies[Stream.COMPLETIONS], site.reasons.get(Stream.COMPLETIONS, "")
    if way == "report":
        try:
            page = connector.completion_report(0, 50)
            why = f"it has {page.total} rows"
        except LmsError as error:
            way, why = site.strategies[Stream.RECONCILIATION], str(error)
    frame.console.print(
        f"Completions are read by {way}" + (f": {why}" if why else "."), markup=False
    )


def _tell_of_graphql(frame: Frame, site: Site) -> None:
    if site.strategies.get(Stream.PEOPLE) == "graphql":
        said = "The API client works: people, courses and managers are read by GraphQL."
    else:
        why = site.reasons.get(Stream.PEOPLE, "the LMS does not say why.")
        said = f"The API client cannot be used, and everything is read by REST: {why}"
    frame.console.print(said, markup=False)


def _tell_of(frame: Frame, made: flow.Connected) -> None:
    console, connection, site = frame.console, made.connection, made.site
    kind = connection.kind.capitalize()
    console.print(
        f"Connected {connection.name}: {site.name}, {kind} release {site.release}, as"
        f" {site.user_name}.",
        markup=False,
    )
    if site.url != connection.url:
        console.print(
            f"Note: the site calls itself {site.url}; you gave {connection.url}.", markup=False
        )
    for feature, missing in made.missing:
        console.print(
            f"Missing for {feature}: {', '.join(missing)}. Add them under Site"
            " administration → Server → Web services → External services.",
            markup=False,
        )


def _token(token_file: str | None) -> str:
    if token_file:
        token = Path(token_file).read_text("utf-8").strip()
    elif os.environ.get(TOKEN_VARIABLE):
        token = os.environ[TOKEN_VARIABLE].strip()
    else:
        token = click.prompt("Token of the LMS's web service", hide_input=True).strip()
    return token
