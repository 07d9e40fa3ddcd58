"""What an outlet would be told: in the coming days, and in the last ones had they been as they are.

It does: set the stage on a trial, have the worker play on it (:mod:`~bridge.delivery.rehearsal`),
and say of what was played what it is and why there is nothing where there is nothing. It does not:
word a post for its outlet, which its publisher does when the trial is over.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from bridge.delivery import pace, rehearsal
from bridge.delivery.compose import Link
from bridge.delivery.ledger import KINDS
from bridge.delivery.pace import PEOPLES_OWN
from bridge.delivery.plan import Step
from bridge.delivery.rehearsal import Arrival, Line, Script
from bridge.delivery.routing import names_courses, reaches, rules_of
from bridge.delivery.veil import MARKS
from bridge.errors import OutletError
from bridge.model import Activity, Audience, AudienceKind, Outlet, Post, Rendering
from bridge.ports import Abilities, Act, Publisher
from bridge.storage.contents import Content
from bridge.storage.trial import Trial, TrialWork

LOOKED_AT = 5_000
"""Activities of the last days that are looked at for one outlet, the newest first."""


@dataclass(frozen=True)
class Scene:
    """One thing that an outlet would be told."""

    at: datetime
    """When, in UTC."""
    step: Step
    """``publish``, ``edit`` or ``delete``."""
    what: str
    """What it is, without names of people."""
    post: Post
    veiled: bool = False
    """Whether some of it is hidden from whoever looks, and not from the outlet's readers."""
    in_doubt: bool = False
    """Whether it was sent already and no answer came: where it arrived, it is not sent again."""
    by_itself: bool = False
    """Whether it is a post that the outlet's budget counts: nobody chose it, nobody wrote it."""


@dataclass(frozen=True)
class Scenes:
    """What one outlet would be told, in the order of time."""

    scenes: tuple[Scene, ...] = ()
    cut: bool = False
    """Whether there is more than is shown here."""
    why: str = ""
    """Why there is nothing, and what would make something appear."""

    def by_day(self, zone: tzinfo) -> dict[date, tuple[Scene, ...]]:
        """The scenes of each day in that zone, days without any left out."""
        days: dict[date, list[Scene]] = {}
        for scene in self.scenes:
            days.setdefault(scene.at.astimezone(zone).date(), []).append(scene)
        return {day: tuple(scenes) for day, scenes in days.items()}


# --- the coming days ---------------------------------------------------------------------------


def set_up(trial: Trial, outlet: Outlet, now: datetime) -> Outlet:
    """Make the outlet what it would be, switched on; nothing is due at any other."""
    on = replace(outlet, enabled=True)
    with trial.work() as work:
        work.delivery.change_outlet(on)
        work.set_aside(outlet.id, now)
    return on


def coming(
    trial: Trial, outlet: Outlet, can: Abilities, now: datetime, until: datetime, link: Link
) -> Scenes:
    """What is on its way to the outlet."""
    script = rehearsal.play(trial, outlet.id, can, now, until, link=link)
    nothing = "Nothing is on its way. What happens from now on appears here as soon as it is read."
    return _told(trial, script, nothing)


# --- as the last days would have looked --------------------------------------------------------


def replayed(
    trial: Trial, outlet: Outlet, can: Abilities, since: datetime, now: datetime, link: Link
) -> Scenes:
    """What the outlet would have been told since then, from an empty start."""
    with trial.work() as work:
        going = _going(work, outlet, since)
        work.begin_anew(outlet.id, since)
    # Without a budget each is a post of its own.
    most = rehearsal.MOST if pace.of(outlet).budget is None else rehearsal.MOST_ARRIVALS
    newest = [Arrival(a.published, a.id, a.id in going.chosen) for a in going.activities[:most]]
    script = rehearsal.play(trial, outlet.id, can, since, now, link=link, arrivals=newest)
    script.cut |= len(newest) < len(going.activities)
    with trial.reading() as work:
        why = _why_nothing(work, outlet, going)
    return _told(trial, script, why)


@dataclass(frozen=True)
class _Going:
    """What of the last days may go to an outlet; routing says what of it does."""

    told: Counter[str]
    """How many activities its readers could see, by their kind."""
    activities: tuple[Activity, ...]
    """Those of its kinds, and those that somebody chose it for; the newest first."""
    chosen: frozenset[int]
    """Ids of the latter."""


def _going(work: TrialWork, outlet: Outlet, since: datetime) -> _Going:
    told = work.told_to(_audiences(outlet), since, LOOKED_AT)
    chosen = work.sent_to(outlet.id, [activity.id for activity in told])
    readable = [
        a for a in told if a.id in chosen or reaches(a.kind, a.audience, outlet, chosen=False)
    ]
    kinds = outlet.settings.get("kinds", ())
    going = [a for a in readable if a.kind.value in kinds or a.id in chosen]
    told_by_kind = Counter(a.kind.value for a in readable)
    return _Going(told_by_kind, tuple(going), frozenset(chosen))


def _audiences(outlet: Outlet) -> set[Audience]:
    """Those of which something may go to the outlet: see :mod:`bridge.delivery.routing`."""
    kinds = (AudienceKind.PUBLIC, AudienceKind.EVERYONE)
    return {outlet.audience, *(Audience(kind, outlet.connection_id) for kind in kinds)}


def _why_nothing(work: TrialWork, outlet: Outlet, going: _Going) -> str:
    kinds = ", ".join(outlet.settings.get("kinds", ()))
    taken = work.sent_to(outlet.id, [activity.id for activity in going.activities], shown=False)
    if taken:
        return (
            f"{len(taken)} items were held back: nobody in them may be named to its readers, or"
            " their course is not announced. People's choices and the course policy decide that."
        )
    waiting = work.sent_to(outlet.id, [activity.id for activity in going.activities])
    if waiting:
        return (
            f"All of it, {len(waiting)} items, would still wait: for the next digest, or for the"
            " end of quiet hours."
        )
    if outlet.audience.kind is AudienceKind.PUBLIC and not names_courses(rules_of(outlet)):
        return (
            "The public reads it, so its rules have to name the courses, categories or topics that"
            ' may be spoken of there: --only "category: NAME". Of those, it names whoever chose'
            " to be named in public."
        )
    if going.activities:
        return f"Its rules leave out all {len(going.activities)} items of its kinds ({kinds})."
    if outlet.purpose == "reply":
        return "Nobody answered a question from the desk. An answer goes back into its forum."
    there = ", ".join(f"{count} {kind}" for kind, count in going.told.most_common())
    if not kinds:
        some = f" There was for its readers: {there}." if there else ""
        return (
            "It takes nothing by itself, and nobody shared anything to it. Choose kinds for it"
            f" (--kinds completion,course), or share something from the desk.{some}"
        )
    if there:
        return f"What was told to its readers ({there}) is not of its kinds ({kinds})."
    return "Nothing was told to its readers in these days. What they finish next appears here."


# --- what was played ---------------------------------------------------------------------------


def _told(trial: Trial, script: Script, why: str) -> Scenes:
    with trial.reading() as work:
        known = work.known({_uid(line.post) for line in script.lines})
        contents = work.delivery.contents([activity.id for activity in known.values()])
    scenes = []
    for line in script.lines:
        activity = known.get(_uid(line.post))
        scenes.append(_scene(line, contents.get(activity.id) if activity else None))
    return Scenes(tuple(scenes), script.cut, "" if scenes else why)


def _scene(line: Line, content: Content | None) -> Scene:
    said = f"{line.post.title}\n{line.post.text}\n{line.post.link_title}"
    return Scene(
        at=line.at,
        step=line.step,
        what=_what(content),
        post=line.post,
        veiled=any(mark in said for mark in MARKS),
        in_doubt=line.in_doubt,
        by_itself=line.step is Step.PUBLISH
        and content is not None
        and content.activity.kind not in PEOPLES_OWN,
    )


def _what(content: Content | None) -> str:
    if content is None:
        return "Digest"
    course = content.course
    seen = course is not None and course.visible and not course.gone
    word, of_day = KINDS[content.activity.kind], content.activity.day
    if of_day is not None:
        # A course's completions of two days may leave together, and read the same but for a number.
        word += f" of {of_day:%a} {of_day.day} {of_day:%b}"
    return f"{word}: {course.name}" if course is not None and seen else word


def _uid(post: Post) -> str:
    """The word that stands for the post's activity in the address of its page."""
    return post.url.rpartition("/a/")[2]


def counts(scenes: Sequence[Scene]) -> Counter[Step]:
    """How many posts, edits and deletions there are."""
    return Counter(scene.step for scene in scenes)


def worded(scene: Scene, publisher: Publisher | None) -> Rendering | OutletError:
    """The scene in its outlet's own words, or why the outlet would not be sent it.

    :param publisher: ``None`` where there is none: then it is plain text.
    """
    post = scene.post
    if publisher is None:
        return Rendering("text", post.title, post.text, None)
    act: Act = "publish"
    if scene.step is not Step.PUBLISH:
        act = "delete" if scene.step is Step.DELETE else "edit"
    try:
        return publisher.render(post, act)
    except OutletError as error:
        return error


def body(words: Rendering) -> str:
    """The whole body of the request, for people to read; empty if there is none."""
    if words.payload is None or isinstance(words.payload, str):
        return words.payload or ""
    return json.dumps(words.payload, indent=2, ensure_ascii=False)
