"""Commands that run the bridge: sync, run, serve, worker."""

from __future__ import annotations

from contextlib import closing, nullcontext
from dataclasses import asdict
from typing import Any

import click
from rich.table import Table

from bridge import flow
from bridge.cli.frame import Frame, show_json
from bridge.cli.progress import Bars
from bridge.delivery import health as outlet_health
from bridge.model import Connection, SyncReport
from bridge.sync import health
from bridge.sync import run as sync_connection
from bridge.sync.holding import held
from bridge.sync.scope import Scope


@click.command(epilog="Example: socialbridge sync academy --course 9")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.option(
    "--accept-shrink",
    is_flag=True,
    help="Believe the LMS although it names far less than at the last sync.",
)
@click.option("--full", is_flag=True, help="Read everything anew, whenever it was read before.")
@click.option(
    "--course",
    type=int,
    metavar="ID",
    help="Only this course, its people and their completions; the number in its address.",
)
@click.option(
    "--person",
    type=int,
    metavar="ID",
    help="Only this person, their courses and completions; the number in their address.",
)
@click.pass_obj
def sync(
    frame: Frame,
    name: str | None,
    as_json: bool,
    accept_shrink: bool,
    full: bool,
    course: int | None,
    person: int | None,
) -> None:
    """Read what is new in the LMS, and bring the feed up to date.

    It goes on where it was stopped. The first sync is history: nothing older than a week is told.
    What the token may not read is named, and the exit status is 1; the rest is read all the same.
    """
    scope = Scope(full=full, course_lms_id=course, person_lms_id=person)
    connection = frame.connection(name)
    report = _sync(frame, connection, quiet=as_json, accept_shrink=accept_shrink, scope=scope)
    flow.tell(frame.bridge.store, frame.bridge.clock, connection.id)
    if as_json:
        show_json(report_json(report))
    else:
        show_report(frame, report)
    _say_what_is_missing(report)


def _say_what_is_missing(report: SyncReport) -> None:
    """One line for each thing that could not be read, and exit status 1 if there is one."""
    problems = dict.fromkeys(problem for row in report.streams for problem in row.problems)
    for problem in problems:
        click.echo(f"Error: {problem}", err=True)
    if problems:
        raise click.exceptions.Exit(1)


def _say_why_the_worker_waits(frame: Frame, connection: Connection) -> None:
    """A run by hand goes on all the same: somebody may have mended what it waits for."""
    bridge = frame.bridge
    with bridge.store.reading() as work:
        reason = health.why_waiting(
            work, connection, bridge.clock.now(), bridge.config.sync_quiet_hours, bridge.zone
        )
    if reason:
        click.echo(f"{reason} This run goes on all the same.", err=True)


def _sync(
    frame: Frame, connection: Connection, *, quiet: bool, accept_shrink: bool, scope: Scope
) -> SyncReport:
    bridge = frame.bridge
    _say_why_the_worker_waits(frame, connection)
    bars = nullcontext() if quiet else Bars(frame.console)
    with (
        held(bridge.store, connection, bridge.clock, bridge.worker_id, say=_say),
        health.noting(bridge.store, connection, bridge.clock),
        closing(bridge.connector(connection)) as connector,
        bars as progress,
    ):
        return sync_connection(
            bridge.store,
            connector,
            connection,
            bridge.clock,
            progress=progress,
            accept_shrink=accept_shrink,
            scope=scope,
        )


def _say(text: str) -> None:
    click.echo(text, err=True)


def report_json(report: SyncReport) -> dict[str, Any]:
    """A sync report for a machine to read."""
    ended = report.ended_at or report.started_at
    return {
        "connection": report.connection,
        "outcome": report.outcome,
        "scope": report.scope,
        "requests": report.requests,
        "seconds": round((ended - report.started_at).total_seconds(), 3),
        "streams": {
            row.stream.value: {key: value for key, value in asdict(row).items() if key != "stream"}
            for row in report.streams
        },
    }


def show_report(frame: Frame, report: SyncReport) -> None:
    """A sync report for people to read."""
    table = Table(box=None, pad_edge=False)
    table.add_column("stream")
    for heading in ("strategy", "requests", "rows", "new", "changed", "seconds"):
        table.add_column(heading, justify="left" if heading == "strategy" else "right")
    for row in report.streams:
        table.add_row(
            row.stream.value,
            row.strategy,
            str(row.requests),
            str(row.rows),
            str(row.new),
            str(row.changed),
            f"{row.seconds:.2f}",
        )
    frame.console.print(table)
    for row in report.streams:
        if row.why:
            frame.console.print(f"{row.stream} by {row.strategy}: {row.why}", markup=False)
    frame.console.print(f"{report.requests} requests; {report.outcome}.", markup=False)


@click.command(epilog="Example: socialbridge run --once")
@click.argument("name", required=False)
@click.option("--once", is_flag=True, help="One round, then stop; else it goes on as the worker.")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read; with --once.")
@click.pass_context
def run(context: click.Context, name: str | None, once: bool, as_json: bool) -> None:
    """The whole flow in its order: sync, feed, suggestions, deliveries."""
    frame: Frame = context.obj
    if not once:
        context.invoke(worker)
        return
    bridge = frame.bridge
    connection = frame.connection(name)
    try:
        with (
            held(bridge.store, connection, bridge.clock, bridge.worker_id, say=_say),
            closing(bridge.connector(connection)) as connector,
        ):
            report = flow.run_once(
                bridge.store,
                bridge.clock,
                connection,
                connector,
                bridge.publisher,
                link=bridge.link,
                worker_id=bridge.worker_id,
            )
    finally:
        # Where this is run by cron, there is no worker that would.
        health.tell_admins(
            bridge.store,
            bridge.clock,
            bridge.write_to_admins,
            zone=bridge.zone,
            link=bridge.link("/admin/runs"),
        )
        outlet_health.tell_admins(
            bridge.store,
            bridge.clock,
            bridge.write_to_admins,
            zone=bridge.zone,
            link=bridge.link,
        )
    if as_json:
        show_json(
            {
                "sync": report_json(report.sync),
                "activities": report.activities,
                "suggestions": report.suggestions,
                "deliveries": asdict(report.deliveries),
            }
        )
        _say_what_is_missing(report.sync)
        return
    show_report(frame, report.sync)
    frame.console.print(
        f"{report.activities} activities and {report.suggestions} suggestions are new or changed.",
        markup=False,
    )
    done = ", ".join(f"{count} {what}" for what, count in asdict(report.deliveries).items())
    frame.console.print(f"Deliveries: {done}.", markup=False)
    _say_what_is_missing(report.sync)


@click.command(epilog="Example: socialbridge serve --listen 0.0.0.0:8000")
@click.option("--listen", help="HOST:PORT; by default SOCIALBRIDGE_LISTEN.")
@click.option("--threads", default=8, show_default=True, help="Requests served at a time.")
@click.pass_obj
def serve(frame: Frame, listen: str | None, threads: int) -> None:
    """Serve the pages and feeds. Syncs and deliveries run in `socialbridge worker`."""
    from waitress import serve as waitress

    from bridge.web import create_app

    address = listen or frame.bridge.config.listen
    frame.console.print(f"Serving {frame.bridge.config.base_url} on {address}", markup=False)
    waitress(create_app(frame.bridge), listen=address, threads=threads, ident=None)


@click.command(epilog="Example: socialbridge worker")
@click.pass_obj
def worker(frame: Frame) -> None:
    """Sync, suggest and deliver in the background, until stopped.

    Any number of workers may run; each job is held by one of them at a time.
    """
    from bridge.worker import Worker

    Worker(frame.bridge).run()
