"""The command ``socialbridge``: each command is a handful of lines over the flows and rooms."""

from __future__ import annotations

import sys

import click

from bridge import __version__
from bridge.cli.backup import backup, restore
from bridge.cli.connect import connect
from bridge.cli.consent import consent
from bridge.cli.demo import demo
from bridge.cli.disconnect import disconnect
from bridge.cli.doctor import doctor
from bridge.cli.evaluate import evaluate
from bridge.cli.frame import Frame, reporting
from bridge.cli.install import db, init, setup_link
from bridge.cli.keys import keys
from bridge.cli.leaders import leaders
from bridge.cli.leaving import erase, export
from bridge.cli.ledger import ledger
from bridge.cli.lti import lti_group
from bridge.cli.manifest import manifest
from bridge.cli.note import note
from bridge.cli.oidc import oidc_group
from bridge.cli.outlets import outlets
from bridge.cli.people import link, roles, suggest
from bridge.cli.policy import policy
from bridge.cli.preview import preview
from bridge.cli.receipts import receipt
from bridge.cli.running import run, serve, sync, worker
from bridge.cli.tidy import tidy
from bridge.cli.xapi import xapi


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: socialbridge demo",
)
@click.version_option(__version__, prog_name="socialbridge")
@click.option("--debug", is_flag=True, help="Show the cause of an error.")
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False),
    default=".env",
    show_default=True,
    help="Where settings are read from that are not in the environment.",
)
@click.pass_context
def cli(context: click.Context, debug: bool, env_file: str) -> None:
    """Bring what people learn in Moodle or Totara into the social feeds where they talk."""
    context.obj = Frame(debug=debug, env_file=env_file)
    context.call_on_close(context.obj.close)


for _command in (
    demo,
    init,
    setup_link,
    connect,
    disconnect,
    manifest,
    doctor,
    sync,
    run,
    serve,
    worker,
    db,
    backup,
    restore,
    keys,
    leaders,
    roles,
    oidc_group,
    link,
    suggest,
    note,
    receipt,
    export,
    erase,
    tidy,
    evaluate,
    consent,
    policy,
    outlets,
    preview,
    ledger,
    lti_group,
    xapi,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command line; an expected error is one line and exit status 1."""
    with reporting():
        # Outside of its standalone mode click returns the status that a command exits with.
        sys.exit(cli(standalone_mode=False))
