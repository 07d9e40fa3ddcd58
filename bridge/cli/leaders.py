"""Commands about who leads which team: by hand, by a file, by a rule about cohorts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

import click

from bridge import flow
from bridge.access import audit, delegates, leader_file, leadership
from bridge.access import leaders as leading
from bridge.cli.frame import Frame, show_json
from bridge.cli.people import connection_option
from bridge.errors import InputError

dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Say what would change, and change nothing."
)


@click.group()
def leaders() -> None:
    """Who leads which team."""


@leaders.command(epilog="Example: socialbridge leaders add Sales alice@example.com")
@click.argument("team")
@click.argument("person")
@connection_option
@click.pass_obj
def add(frame: Frame, team: str, person: str, connection_name: str | None) -> None:
    """Make PERSON a leader of TEAM.

    TEAM is a cohort's name or id; PERSON an e-mail address, a user name, an LMS id or a full name.
    """
    connection = frame.connection(connection_name)
    found = frame.person(person, connection)
    with frame.bridge.store.work() as work:
        its = leading.find_team(work, connection.id, team)
        leading.add(work, its.id, found.id)
        audit.note(work, None, "leader added", f"{its.name}: {found.id}", frame.bridge.clock.now())
    frame.console.print(f"{found.name} leads {its.name}.", markup=False)


@leaders.command(epilog="Example: socialbridge leaders remove Sales alice@example.com")
@click.argument("team")
@click.argument("person")
@connection_option
@click.pass_obj
def remove(frame: Frame, team: str, person: str, connection_name: str | None) -> None:
    """PERSON leads TEAM no more."""
    connection = frame.connection(connection_name)
    found = frame.person(person, connection)
    with frame.bridge.store.work() as work:
        its = leading.find_team(work, connection.id, team)
        leading.remove(work, its.id, found.id)
        now = frame.bridge.clock.now()
        audit.note(work, None, "leader removed", f"{its.name}: {found.id}", now)
    frame.console.print(f"{found.name} does not lead {its.name}.", markup=False)


@leaders.command("list", epilog="Example: socialbridge leaders list --json")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def list_leaders(frame: Frame, connection_name: str | None, as_json: bool) -> None:
    """Show who leads which team and by what, and the teams that nobody leads.

    By hand, file, rule, or job (a job assignment of Totara). Who was suspended or left is marked:
    nothing is suggested to them.
    """
    connection = frame.connection(connection_name)
    with frame.bridge.store.reading() as work:
        found, teams = work.access.leading(connection.id), work.access.teams(connection.id)
    led = {one.team_id for one in found if not one.away}
    without = [team.name for team in teams if team.id not in led]
    if as_json:
        rows = [
            {"team": one.team, "leader": one.person, "by": one.origin, "left": one.away}
            for one in found
        ]
        show_json({"leaders": rows, "teams_without": without})
        return
    for one in found:
        left = ", left" if one.away else ""
        frame.console.print(f"{one.team}: {one.person} (by {one.origin}{left})", markup=False)
    if without:
        frame.console.print(f"Nobody leads: {', '.join(without)}.", markup=False)
    if not teams:
        frame.console.print("There are no teams yet: cohorts of the LMS become teams by a sync.")


@leaders.command(epilog="Example: socialbridge leaders delegate alice@example.com bob@example.com")
@click.argument("leader")
@click.argument("person")
@click.option("--may-post", is_flag=True, help="They may post on the leader's behalf, too.")
@click.option("--end", is_flag=True, help="They help the leader no more.")
@click.option("--connection", "connection_name", metavar="NAME", help="Where both are.")
@click.pass_obj
def delegate(
    frame: Frame, leader: str, person: str, may_post: bool, end: bool, connection_name: str | None
) -> None:
    """Let PERSON prepare shares for LEADER. Leaders do it by themselves, from their desk."""
    bridge, connection = frame.bridge, frame.connection(connection_name)
    theirs, helper = frame.person(leader, connection), frame.person(person, connection)
    now = bridge.clock.now()
    with bridge.store.work() as work:
        if end:
            delegates.end(work, theirs.id, helper.id, now, None)
        else:
            delegates.name(work, theirs.id, helper.id, may_post, now, None)
    done = "may post on behalf of" if may_post else "may prepare for"
    said = f"does not help {theirs.name} any more" if end else f"{done} {theirs.name}"
    frame.console.print(f"{helper.name} {said}.", markup=False)


@leaders.command("import", epilog="Example: socialbridge leaders import leaders.csv --dry-run")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option(
    "--replace", is_flag=True, help="Who leads by an earlier file, and is not in this one, ends."
)
@dry_run_option
@connection_option
@click.pass_obj
def import_file(
    frame: Frame, file: TextIO, replace: bool, dry_run: bool, connection_name: str | None
) -> None:
    """Have people lead teams as FILE says: CSV whose first line is team,leader.

    A team is a cohort's name, id number or id; a leader an e-mail address, a user name, an LMS id
    or a full name. If one line cannot be taken, none is. Given twice, it changes nothing more.
    """
    connection = frame.connection(connection_name)
    try:
        rows = leader_file.read(file)
    except UnicodeDecodeError as error:
        raise InputError("The file is not UTF-8.", "Save it as CSV with UTF-8.") from error
    change = flow.take_leaders(
        frame.bridge.store,
        frame.bridge.clock,
        connection.id,
        rows,
        replace=replace,
        dry_run=dry_run,
    )
    _say(frame, change, dry_run)


@leaders.command("export", epilog="Example: socialbridge leaders export > leaders.csv")
@connection_option
@click.pass_obj
def export_file(frame: Frame, connection_name: str | None) -> None:
    """Write who leads which team, whatever by, as a file that import takes."""
    connection = frame.connection(connection_name)
    with frame.bridge.store.reading() as work:
        found = work.access.leading(connection.id)
    leader_file.write(((one.team, one.address) for one in found if not one.away), sys.stdout)


@leaders.command(
    "rules",
    epilog=r"Example: socialbridge leaders rules --cohort 'Leads (.+)' --team '\1' --dry-run",
)
@click.option(
    "--cohort", "cohorts", multiple=True, help="A pattern for the leaders' cohort's name."
)
@click.option(
    "--team", "teams", multiple=True, help=r"The name of the team they lead; \1 is a group."
)
@click.option(
    "--clear", is_flag=True, help="Follow no rule any more; who led by one leads no more."
)
@dry_run_option
@connection_option
@click.pass_obj
def rules(
    frame: Frame,
    cohorts: Sequence[str],
    teams: Sequence[str],
    clear: bool,
    dry_run: bool,
    connection_name: str | None,
) -> None:
    r"""Have the people of one cohort lead another, by their names; show the rules.

    --cohort and --team belong together and may be given again; they replace the rules there are.
    "Leads (.+)" with "\1" has the people of "Leads Sales" lead "Sales". The rules are followed anew
    after each sync, so who leaves the cohort leads no more.
    """
    connection = frame.connection(connection_name)
    if len(cohorts) != len(teams):
        raise InputError(
            "Each --cohort needs its --team.", "Give as many of the one as of the other."
        )
    if clear or cohorts:
        wanted = [leadership.rule(*both) for both in zip(cohorts, teams, strict=True)]
        change = flow.set_leader_rules(
            frame.bridge.store, frame.bridge.clock, connection.id, wanted, dry_run=dry_run
        )
        _say(frame, change, dry_run)
        return
    stands = leadership.rules_of(connection.settings)
    for one in stands:
        frame.console.print(f"{one.cohort}  leads  {one.team}", markup=False)
    if not stands:
        frame.console.print(r"No rule. Set one: --cohort 'Leads (.+)' --team '\1'", markup=False)


def _say(frame: Frame, change: leadership.Change, dry_run: bool) -> None:
    for sign, pairs in (("+", change.added), ("-", change.ended)):
        for team, person in pairs:
            frame.console.print(f"{sign} {team}: {person}", markup=False)
    said = f"{len(change.added)} added, {len(change.ended)} ended, {change.same} as before."
    frame.console.print(f"{said} Nothing was changed: a dry run." if dry_run else said)
