"""What is kept of a person: a copy of it, and the end of it."""

from __future__ import annotations

import click

from bridge import flow
from bridge.access import audit, people
from bridge.cli.frame import Frame
from bridge.cli.people import connection_option
from bridge.consent import exporting
from bridge.errors import InputError


@click.command(epilog="Example: socialbridge export bob@example.com --format html > bob.html")
@click.argument("person")
@connection_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "html"]),
    default="json",
    show_default=True,
    help="For a machine, or as one page to read.",
)
@click.pass_obj
def export(frame: Frame, person: str, connection_name: str | None, form: str) -> None:
    """Print everything that is kept of PERSON.

    PERSON is an e-mail address, a user name, a number in the LMS or a full name. The log keeps that
    it was done.
    """
    connection, now = frame.connection(connection_name), frame.bridge.clock.now()
    with frame.bridge.store.work() as work:
        found = people.kept(work, person, connection.id)
        copy = exporting.export(work, found.id, now)
        audit.note(work, None, "person exported", str(found.id), now)
    click.echo(copy.as_html() if form == "html" else copy.as_json(), nl=False)


@click.command(epilog="Example: socialbridge erase bob@example.com, socialbridge erase --lift 4711")
@click.argument("person")
@connection_option
@click.option("--lift", is_flag=True, help="Let the next sync take PERSON (a number) up again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def erase(frame: Frame, person: str, connection_name: str | None, lift: bool, yes: bool) -> None:
    """Erase PERSON from every table, and have every outlet take down what names them.

    No sync brings them back, until that is lifted by their number in the LMS. It prints the secret
    address of a receipt, once.
    """
    connection, bridge = frame.connection(connection_name), frame.bridge
    if lift:
        if not person.isdecimal():
            raise InputError("An erased person has no name here.", "Give their number in the LMS.")
        flow.lift_erasure(bridge.store, bridge.clock, connection.id, int(person))
        frame.console.print("The next sync takes them up again, as somebody new.")
        return
    with bridge.store.reading() as work:
        found = people.kept(work, person, connection.id)
    if not yes:
        click.confirm(
            f"Erase {found.name} (number {found.lms_id}) from {connection.name}? It cannot be"
            f" undone. A copy first: `socialbridge export {found.lms_id} --format html`.",
            abort=True,
        )
    done = flow.erase(bridge.store, bridge.clock, found.id)
    frame.console.print("Erased. The outlets follow; the receipt stands at:", markup=False)
    click.echo(bridge.link(f"/receipts/{done.token}"))
