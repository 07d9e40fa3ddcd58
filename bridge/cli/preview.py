"""The command that shows what outlets would be told, and tells nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

import click

from bridge import flow
from bridge.cli.frame import Frame, show_json
from bridge.cli.outlets import audience_of, kinds_of
from bridge.cli.people import connection_option
from bridge.delivery import outlets as stored
from bridge.delivery import preview as dry
from bridge.delivery.plan import Step
from bridge.delivery.preview import Scene, Scenes
from bridge.errors import BridgeError
from bridge.flow import OutletPreview
from bridge.model import Connection, Outlet
from bridge.outlets.kinds import promise

EXAMPLES = """\b
Examples:
  socialbridge preview --days 7
  socialbridge preview --outlet news --kinds completion,course
  socialbridge preview --outlet news --audience public --json"""
HARMLESS = "\u2060\n\t"
"""The joiner that publishers put into names has no width and moves no cursor."""


@click.command(epilog=EXAMPLES)
@click.option(
    "--days",
    type=click.IntRange(1, flow.LONGEST),
    default=flow.DAYS,
    show_default=True,
    help="How many days to look ahead, and back.",
)
@click.option(
    "--outlet", "names", multiple=True, help="Only the outlet of this name; may be given again."
)
@click.option("--kinds", help="Try other kinds: completion, course, discussion, post, …")
@click.option("--audience", help="Try other readers: everyone, public or team:NAME.")
@click.option("--body", is_flag=True, help="Show the whole body of each request as well.")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def preview(
    frame: Frame,
    days: int,
    names: tuple[str, ...],
    kinds: str | None,
    audience: str | None,
    body: bool,
    connection_name: str | None,
    as_json: bool,
) -> None:
    """Show what each outlet would be told, in its own words. Nothing is sent or stored.

    First what is on its way: that is exact. Then the last days as they would have looked, had the
    outlet been on with these rules: what people will finish next week nobody knows. Outlets that
    are switched off are shown as if they were on.
    """
    bridge = frame.bridge
    connection = frame.connection(connection_name)
    with bridge.store.reading() as work:
        found: Sequence[Outlet] = stored.of(work, connection.id)
        if names:
            found = [stored.named(work, connection.id, name) for name in names]
    tried = [_tried(frame, connection, outlet, kinds, audience) for outlet in found]
    shown = flow.preview(
        bridge.store,
        bridge.clock,
        connection.id,
        tried,
        bridge.publisher,
        link=bridge.link,
        days=days,
    )
    if as_json:
        show_json([_json(one, bridge.zone) for one in shown])
        return
    said = [_told(one, days, bridge.zone, body) for one in shown]
    click.echo("\n\n".join(said) or "There is no outlet yet. Add one: `socialbridge outlets add`.")


def _tried(
    frame: Frame, connection: Connection, outlet: Outlet, kinds: str | None, audience: str | None
) -> Outlet:
    if kinds is not None:
        outlet = replace(outlet, settings={**outlet.settings, "kinds": kinds_of(kinds)})
    if audience is not None:
        outlet = replace(outlet, audience=audience_of(frame, connection, audience))
    return outlet


# --- for people to read ------------------------------------------------------------------------


def _told(one: OutletPreview, days: int, zone: tzinfo, body: bool) -> str:
    outlet = one.outlet
    kind = outlet.audience.kind.value
    readers = f"{kind}:{one.audience_name}" if one.audience_name else kind
    lines = [printable(f"{outlet.name} ({outlet.kind}), read by {readers}")]
    if not outlet.enabled:
        lines.append("It is switched off; this is as if it were on.")
    if one.problem:
        lines.append(f"It cannot be used as it is: {one.problem}")
    if one.publisher is not None:
        lines.append(promise(one.publisher.abilities))
    lines += ["", f"Coming in {_days(days)}:"]
    lines += _part(one, one.coming, zone, body)
    lines += ["", f"As the last {_days(days)} would have looked:"]
    lines += _part(one, one.replayed, zone, body)
    return "\n".join(lines)


def _part(one: OutletPreview, part: Scenes, zone: tzinfo, body: bool) -> Iterator[str]:
    if part.why:
        yield f"  {part.why}"
    for number, (day, scenes) in enumerate(part.by_day(zone).items()):
        yield from [""] if number else []
        yield f"  {day:%a %d %b %Y}: {_counted(scenes)}"
        for scene in scenes:
            yield ""
            yield f"    {_heading(scene, zone, one)}"
            yield from (f"    | {line}" for line in _lines(scene, one, body))
    if part.cut:
        yield f"  There is more; {len(part.scenes)} are shown."


def _heading(scene: Scene, zone: tzinfo, one: OutletPreview) -> str:
    notes = [WORDS[scene.step], scene.what]
    if scene.step is Step.PUBLISH and one.publisher and not one.publisher.abilities.delete:
        notes.append("cannot be taken back")
    if scene.veiled:
        notes.append("what you may not see is in [brackets]")
    if scene.in_doubt:
        notes.append("only if it is not there already")
    return f"{_clock(scene.at, zone)}  {'; '.join(map(printable, notes))}"


def _lines(scene: Scene, one: OutletPreview, body: bool) -> Iterator[str]:
    words = dry.worded(scene, one.publisher)
    if isinstance(words, BridgeError):
        yield f"It would be refused: {words}"
        return
    if words.title and words.title != words.text:
        yield from printable(words.title).split("\n")
        yield ""
    yield from printable(words.text).split("\n") if words.text else ()
    yield from (f"({note})" for note in words.notes)
    if body:
        yield ""
        yield from printable(dry.body(words)).split("\n")


def _counted(scenes: Sequence[Scene]) -> str:
    counts = dry.counts(scenes)
    return ", ".join(
        f"{counts[step]} {word if counts[step] == 1 else words}"
        for step, word, words in (
            (Step.PUBLISH, "post", "posts"),
            (Step.EDIT, "edit", "edits"),
            (Step.DELETE, "deletion", "deletions"),
        )
        if counts[step]
    )


def _days(days: int) -> str:
    return "day" if days == 1 else f"{days} days"


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%H:%M %Z}"


WORDS = {Step.PUBLISH: "New", Step.EDIT: "Changed", Step.DELETE: "Taken down"}


def printable(text: str) -> str:
    """The text without what a terminal obeys: control characters and marks that turn the line."""
    return "".join(c if c.isprintable() or c in HARMLESS else f"\\u{ord(c):04x}" for c in text)


# --- for a machine -----------------------------------------------------------------------------


def _json(one: OutletPreview, zone: tzinfo) -> dict[str, Any]:
    publisher = one.publisher
    return {
        "outlet": one.outlet.name,
        "kind": one.outlet.kind,
        "audience": one.outlet.audience.key,
        "enabled": one.outlet.enabled,
        "problem": one.problem,
        "abilities": vars(publisher.abilities) if publisher else None,
        "coming": _part_json(one, one.coming, zone),
        "replayed": _part_json(one, one.replayed, zone),
    }


def _part_json(one: OutletPreview, part: Scenes, zone: tzinfo) -> dict[str, Any]:
    return {
        "why_nothing": part.why,
        "more": part.cut,
        "days": {
            day.isoformat(): {step.value: count for step, count in dry.counts(scenes).items()}
            for day, scenes in part.by_day(zone).items()
        },
        "posts": [_scene_json(scene, one, zone) for scene in part.scenes],
    }


def _scene_json(scene: Scene, one: OutletPreview, zone: tzinfo) -> dict[str, Any]:
    words = dry.worded(scene, one.publisher)
    said = {"refused": str(words)} if isinstance(words, BridgeError) else vars(words)
    return {
        "at": scene.at.astimezone(zone).isoformat(),
        "step": scene.step.value,
        "what": scene.what,
        "veiled": scene.veiled,
        "in_doubt": scene.in_doubt,
        **said,
    }
