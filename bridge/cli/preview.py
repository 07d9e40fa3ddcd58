"""The command that shows what outlets would be told, and tells nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from bridge import flow
from bridge.cli.frame import Frame, show_json
from bridge.cli.outlets import audience_of, kinds_of
from bridge.cli.people import connection_option
from bridge.delivery import outlets as stored
from bridge.delivery import pace, settings
from bridge.delivery import preview as dry
from bridge.delivery.plan import Step
from bridge.delivery.preview import Scene, Scenes
from bridge.errors import BridgeError
from bridge.flow import OutletPreview
from bridge.model import Connection, Outlet
from bridge.outlets.kinds import promise
from bridge.storage import Work

EXAMPLES = """\b
Example: socialbridge preview --days 7
  socialbridge preview --outlet news --kinds completion,course --budget 3
  socialbridge preview --outlet news --never 'category: Compliance' --quiet 19:00-08:00"""
HARMLESS = "\u2060\n\t"
"""The joiner that publishers put into names has no width and moves no cursor."""
PACE = ("budget", "edition", "quiet", "weekends", "zone")


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
@click.option("--only", multiple=True, help="Try a rule: course: NAME, category: NAME, team: NAME.")
@click.option("--never", multiple=True, help="Try a rule of what it does not take; the same words.")
@click.option("--audience", help="Try other readers: everyone, public or team:NAME.")
@click.option("--budget", help="Try a number of posts a day, or none for any number.")
@click.option("--edition", help="Try the digest as daily or weekly.")
@click.option("--quiet", help="Try quiet hours, as 19:00-08:00.")
@click.option("--weekends", help="Try quiet weekends: yes or no.")
@click.option("--zone", help="Try another time zone, as Europe/Paris.")
@click.option("--body", is_flag=True, help="Show the whole body of each request as well.")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def preview(
    frame: Frame,
    days: int,
    names: tuple[str, ...],
    body: bool,
    connection_name: str | None,
    as_json: bool,
    **tried: Any,
) -> None:
    """Show what each outlet would be told, in its own words. Nothing is sent or stored.

    First what is on its way: that is exact. Then the last days as they would have looked, had the
    outlet been on with these rules: what people will finish next week nobody knows. Outlets that
    are switched off are shown as if they were on.
    """
    bridge = frame.bridge
    connection = frame.connection(connection_name)
    with bridge.store.reading() as work:
        known = stored.of(work, connection.id)
        outlets = [stored.named(work, connection.id, name) for name in names] or known
    shown = flow.preview(
        bridge.store,
        bridge.clock,
        connection.id,
        bridge.publisher,
        bridge.abilities,
        link=bridge.link,
        outlet_ids=[outlet.id for outlet in outlets],
        what_if=_what_if(frame, connection, outlets, tried),
        days=days,
    )
    if as_json:
        show_json([_json(one) for one in shown])
        return
    said = [_told(one, days, body) for one in shown]
    click.echo("\n\n".join(said) or "There is no outlet yet. Add one: `socialbridge outlets add`.")


def _what_if(
    frame: Frame, connection: Connection, outlets: Sequence[Outlet], tried: Mapping[str, Any]
) -> flow.WhatIf:
    """What is tried, by the functions that would store it."""
    readers = tried["audience"] and audience_of(frame, connection, tried["audience"])
    kinds = None if tried["kinds"] is None else kinds_of(tried["kinds"])
    paces = {name: tried[name] for name in PACE if tried[name] is not None}

    def change(work: Work) -> None:
        now = frame.bridge.clock.now()
        for outlet in outlets:
            settings.set_rules(
                work,
                connection.id,
                outlet.id,
                kinds=kinds,
                only=tried["only"] or None,
                never=tried["never"] or None,
            )
            after = settings.set_pace(work, connection.id, outlet.id, paces, now)
            if readers:
                work.delivery.change_outlet(replace(after, audience=readers))

    return change


# --- for people to read ------------------------------------------------------------------------


def _told(one: OutletPreview, days: int, body: bool) -> str:
    outlet = one.outlet
    lines = [printable(f"{outlet.name} ({outlet.kind}), read by {one.read_by}")]
    if not outlet.enabled:
        lines.append("It is switched off; this is as if it were on.")
    if one.problem:
        lines.append(f"It cannot be used as it is: {one.problem}")
    lines.append(promise(one.abilities))
    lines += [pace.in_words(one.pace)] if outlet.purpose == "share" else []
    lines += ["", f"Coming in {_days(days)}:", *_part(one, one.coming, body)]
    lines += ["", f"As the last {_days(days)} would have looked:"]
    return "\n".join([*lines, *_part(one, one.replayed, body)])


def _part(one: OutletPreview, part: Scenes, body: bool) -> Iterator[str]:
    if part.why:
        yield f"  {part.why}"
    for number, (day, scenes) in enumerate(part.by_day(one.pace.zone).items()):
        yield from [""] if number else []
        yield f"  {day:%a %d %b %Y}: {_counted(scenes, one.pace.budget)}"
        for scene in scenes:
            yield ""
            yield f"    {_heading(scene, one)}"
            yield from (f"    | {line}" for line in _lines(scene, one, body))
    if part.cut:
        yield f"  There is more; {len(part.scenes)} are shown."


def _heading(scene: Scene, one: OutletPreview) -> str:
    notes = [WORDS[scene.step], scene.what]
    if scene.step is Step.PUBLISH and not one.abilities.delete:
        notes.append("cannot be taken back")
    if scene.veiled:
        notes.append("what you may not see is in [brackets]")
    if scene.in_doubt:
        notes.append("only if it is not there already")
    return f"{scene.at.astimezone(one.pace.zone):%H:%M %Z}  {'; '.join(map(printable, notes))}"


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


def _counted(scenes: Sequence[Scene], budget: int | None) -> str:
    counts = dry.counts(scenes)
    said = [
        f"{counts[step]} {word if counts[step] == 1 else words}"
        for step, word, words in (
            (Step.PUBLISH, "post", "posts"),
            (Step.EDIT, "edit", "edits"),
            (Step.DELETE, "deletion", "deletions"),
        )
        if counts[step]
    ]
    taken = sum(scene.by_itself for scene in scenes)
    return ", ".join(said) + (f" ({taken} of a budget of {budget})" if budget is not None else "")


def _days(days: int) -> str:
    return "day" if days == 1 else f"{days} days"


WORDS = {Step.PUBLISH: "New", Step.EDIT: "Changed", Step.DELETE: "Taken down"}


def printable(text: str) -> str:
    """The text without what a terminal obeys: control characters and marks that turn the line."""
    return "".join(c if c.isprintable() or c in HARMLESS else f"\\u{ord(c):04x}" for c in text)


# --- for a machine -----------------------------------------------------------------------------


def _json(one: OutletPreview) -> dict[str, Any]:
    return {
        "outlet": one.outlet.name,
        "kind": one.outlet.kind,
        "audience": one.outlet.audience.key,
        "enabled": one.outlet.enabled,
        "problem": one.problem,
        "abilities": vars(one.abilities),
        "budget": one.pace.budget,
        "zone": str(one.pace.zone),
        "coming": _part_json(one, one.coming),
        "replayed": _part_json(one, one.replayed),
    }


def _part_json(one: OutletPreview, part: Scenes) -> dict[str, Any]:
    return {
        "why_nothing": part.why,
        "more": part.cut,
        "days": {
            day.isoformat(): {step.value: count for step, count in dry.counts(scenes).items()}
            for day, scenes in part.by_day(one.pace.zone).items()
        },
        "posts": [_scene_json(scene, one) for scene in part.scenes],
    }


def _scene_json(scene: Scene, one: OutletPreview) -> dict[str, Any]:
    words = dry.worded(scene, one.publisher)
    said = {"refused": str(words)} if isinstance(words, BridgeError) else vars(words)
    return {
        "at": scene.at.astimezone(one.pace.zone).isoformat(),
        "step": scene.step.value,
        "what": scene.what,
        "by_itself": scene.by_itself,
        "veiled": scene.veiled,
        "in_doubt": scene.in_doubt,
        **said,
    }
