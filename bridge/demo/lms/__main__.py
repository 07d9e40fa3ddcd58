"""``python -m bridge.demo.lms``: the demo LMS as a process of its own."""

from __future__ import annotations

import logging
import signal
from types import FrameType

import click

from bridge.demo.generated import Size
from bridge.demo.lms import capabilities as can
from bridge.demo.lms.costs import REAL
from bridge.demo.lms.languages import LANGUAGES, SERVER_ZONE, known_zone
from bridge.demo.lms.reports import Preparation
from bridge.demo.lms.server import FLAVOURS, MOODLE, TOKEN, Lms
from bridge.demo.story import SEED

_PACE = 40.0


def _size(
    people: int | None, courses: int | None, enrolments: int | None, completions: int
) -> Size | None:
    """The size of the generated site that is asked for, if one is."""
    if people is None and courses is None and enrolments is None:
        return None
    if people is None or courses is None or enrolments is None:
        raise click.UsageError("--people, --courses and --enrolments go together.")
    try:
        return Size(people, courses, enrolments, completions)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _zone(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    try:
        return known_zone(name)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8090, show_default=True, help="0 takes any that is free.")
@click.option(
    "--flavour",
    type=click.Choice(list(FLAVOURS)),
    default=MOODLE,
    show_default=True,
    help="Which LMS it is. A generated site is a Moodle.",
)
@click.option(
    "--pace",
    type=float,
    help="Seconds between two things that happen by themselves; 0 for none.  [default: 40.0; 0 on"
    " a generated site]",
)
@click.option("--seed", default=SEED, show_default=True, help="Which company, or which site.")
@click.option("--people", type=int, help="Serve a generated site: with so many people,")
@click.option("--courses", type=int, help="so many courses,")
@click.option("--enrolments", type=int, help="so many enrolments in them,")
@click.option(
    "--completions",
    type=int,
    default=-1,
    help="and so many of these completed.  [default: three in ten]",
)
@click.option(
    "--costs",
    type=click.Choice(["none", "real"]),
    default="none",
    show_default=True,
    help="Answer as fast as this machine can, or spend what a real LMS spends, on two requests at"
    " a time.",
)
@click.option(
    "--moment",
    type=int,
    help="Tell the story as of this moment, in epoch seconds, instead of now: after a restart what"
    " happened stays where it was.",
)
@click.option("--token", default=TOKEN, help="The secret of the web-service user.")
@click.option(
    "--without",
    multiple=True,
    metavar="CAPABILITY",
    help="A right that the token's user does not have. May be given more than once.",
)
@click.option(
    "--report",
    type=click.Choice([how.value for how in Preparation]),
    default=Preparation.READY.value,
    show_default=True,
    help="The custom report of completions: with its columns, without any, or not there.",
)
@click.option(
    "--language",
    type=click.Choice(list(LANGUAGES)),
    default="en",
    show_default=True,
    help="In which the web-service user reads dates, yes and no.",
)
@click.option(
    "--timezone",
    default=SERVER_ZONE,
    show_default=True,
    callback=_zone,
    help="Of the web-service user: a name such as Europe/Berlin; 99 is the server's, UTC.",
)
@click.option("--webhook-secret", default="", help="Take webhooks signed with it, at /inbox.")
@click.option("--verbose", is_flag=True, help="Say what happens by itself.")
def main(
    host: str,
    port: int,
    flavour: str,
    pace: float | None,
    seed: int,
    people: int | None,
    courses: int | None,
    enrolments: int | None,
    completions: int,
    costs: str,
    moment: int | None,
    token: str,
    without: tuple[str, ...],
    report: str,
    language: str,
    timezone: str,
    webhook_secret: str,
    verbose: bool,
) -> None:
    """Serve a made-up company, or a site of any size, over Moodle's web-service protocol.

    \b
    Examples:
      python -m bridge.demo.lms --port 8090
      python -m bridge.demo.lms --without moodle/cohort:view --report bare
      python -m bridge.demo.lms --language de --timezone Europe/Berlin
      python -m bridge.demo.lms --people 100000 --courses 2000 --enrolments 1000000 \\
        --completions 300000 --costs real
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(message)s")
    try:
        taken = can.known(without)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--without") from error
    size = _size(people, courses, enrolments, completions)
    if size and pace:
        raise click.BadParameter("nothing happens by itself there.", param_hint="--pace")
    if size and flavour != MOODLE:
        raise click.BadParameter("a generated site is a Moodle.", param_hint="--flavour")
    rights = FLAVOURS[flavour][1].default_capabilities
    try:
        lms = Lms(
            flavour=flavour,
            generated=size,
            costs=REAL if costs == "real" else None,
            seed=seed,
            moment=moment,
            token=token,
            capabilities=rights - taken,
            pace=(0 if size else _PACE) if pace is None else pace,
            report=report,
            language=language,
            timezone=timezone,
            webhook_secret=webhook_secret,
            host=host,
            port=port,
        )
    except OSError as error:
        raise click.ClickException(f"Port {port} cannot be used: {error}.") from error
    signal.signal(signal.SIGTERM, _end)
    click.echo(f"The demo LMS is ready at {lms.url}")
    lms.serve()


def _end(_signal: int, _frame: FrameType | None) -> None:
    # Waitress takes this exception for a request to end and finishes what it is answering.
    raise SystemExit(0)


if __name__ == "__main__":
    main()
