"""Commands about what an outlet takes by itself, how much of it, and when."""

from __future__ import annotations

from typing import Any

import click

from bridge.cli.frame import Frame, show_json
from bridge.cli.people import connection_option
from bridge.delivery import outlets as stored
from bridge.delivery import pace as pacing
from bridge.delivery import settings
from bridge.errors import InputError
from bridge.model import Outlet


@click.command(
    epilog="Example: socialbridge outlets rules news --kinds completion,course"
    ' --only "category: Leadership" --never "topic: pilot"'
)
@click.argument("name")
@click.option("--kinds", help="What is sent by itself: completion, course, post, …; none with ''.")
@click.option("--only", multiple=True, help="Only what is about, or was told to, this.")
@click.option("--never", multiple=True, help="Nothing that is about, or was told to, this.")
@click.option("--clear", is_flag=True, help="Forget every --only and --never there is.")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def rules(
    frame: Frame,
    name: str,
    kinds: str | None,
    only: tuple[str, ...],
    never: tuple[str, ...],
    clear: bool,
    connection_name: str | None,
    as_json: bool,
) -> None:
    """Show or change what goes to an outlet by itself. Chosen shares always go.

    --only and --never take "course: NAME", "category: NAME" (with all that lies in it),
    "topic: WORD", "team: NAME" and "everyone"; each may be given again, and replaces what there
    was. A number in the LMS is as good as a name. A change applies to what comes.
    """
    if clear and (only or never):
        raise InputError("Forget them, or set them?", "Leave --clear out: new ones replace old.")
    connection = frame.connection(connection_name)
    with frame.bridge.store.work() as work:
        outlet = stored.named(work, connection.id, name)
        outlet = settings.set_rules(
            work,
            connection.id,
            outlet.id,
            kinds=None if kinds is None else [k for k in map(str.strip, kinds.split(",")) if k],
            only=only if only or clear else None,
            never=never if never or clear else None,
        )
        written = settings.written(work, outlet)
    if as_json:
        show_json(vars(written))
        return
    lines = [
        f"{outlet.name} takes by itself: {', '.join(written.kinds) or 'nothing'}.",
        *(f"only   {line}" for line in written.only),
        *(f"never  {line}" for line in written.never),
    ]
    for line in lines:
        frame.console.print(line, markup=False)


@click.command(
    epilog="Example: socialbridge outlets pace news --budget 5 --edition daily --at 16:00"
    " --quiet 19:00-08:00 --weekends --zone Europe/Paris"
)
@click.argument("name")
@click.option("--budget", help="Posts a day that the feed makes by itself; none for any number.")
@click.option("--edition", help="How often the digest of all others is made: daily or weekly.")
@click.option("--at", help="When it is made, for example 16:00.")
@click.option("--weekday", help="On which day a weekly one is made, for example friday.")
@click.option("--quiet", help="When nothing new is posted, for example 19:00-08:00; '' for never.")
@click.option("--weekends/--no-weekends", default=None, help="Whether weekends are quiet too.")
@click.option("--zone", help="Whose clock counts, for example Europe/Paris.")
@click.option("--per-minute", help="Messages a minute at most; '' for the default of the kind.")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def pace(frame: Frame, name: str, connection_name: str | None, as_json: bool, **given: Any) -> None:
    """Show or change how much an outlet takes, and when.

    What people write always goes. What the feed makes by itself goes while there is room in the
    day's budget, and the rest as one digest. In quiet hours nothing new is posted; what somebody
    takes back goes at once.
    """
    said = {name: value for name, value in given.items() if value is not None}
    if "weekends" in said:
        said["weekends"] = "yes" if said["weekends"] else "no"
    connection = frame.connection(connection_name)
    with frame.bridge.store.work() as work:
        outlet = stored.named(work, connection.id, name)
        if said:
            now = frame.bridge.clock.now()
            outlet = settings.set_pace(work, connection.id, outlet.id, said, now)
    if as_json:
        show_json(_figures(outlet))
        return
    for line in _sentences(outlet):
        frame.console.print(line, markup=False)


def _figures(outlet: Outlet) -> dict[str, Any]:
    its = pacing.of(outlet)
    return {
        "budget": its.budget,
        "edition": its.edition.value,
        "at": f"{its.at:%H:%M}",
        "weekday": settings.WEEKDAYS[its.weekday],
        "quiet": outlet.settings.get("quiet", ""),
        "weekends": its.weekends,
        "zone": str(its.zone),
        "per_minute": its.per_minute,
    }


def _sentences(outlet: Outlet) -> list[str]:
    figures = _figures(outlet)
    day = f" on {figures['weekday'].capitalize()}" if figures["edition"] == "weekly" else ""
    quiet = [figures["quiet"], "weekends" if figures["weekends"] else ""]
    said = " and ".join(filter(None, quiet))
    if figures["budget"] is None:
        budget = "Everything that is sent by itself is posted at once."
    else:
        budget = (
            f"Posts a day, beside what people write: {figures['budget']}. The rest comes as a"
            f" {figures['edition']} digest{day} at {figures['at']}."
        )
    rate = figures["per_minute"]
    return [
        budget,
        f"Quiet: {said}." if said else "No quiet hours.",
        f"The clock of {figures['zone']} counts.",
        f"At most {rate} messages a minute." if rate else "As many messages a minute as there are.",
    ]
