"""Why this, why you, why now of an activity, from the figures that ranked it; pure.

It quotes nothing and names nobody, not even a number of those who did it: who may see what is asked
whenever its page is read, and what is stored here has never to be put right when somebody in it
thinks better of it. What it counts is who answered, and who could, under the rule of five.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bridge.curation.happenings import LATELY
from bridge.curation.reasons import Reasons
from bridge.curation.wording import named, of_yours, on, sentence
from bridge.model import AudienceKind, Course, Kind, Reason
from bridge.model.words import PUT_OFF
from bridge.storage.candidates import Happening
from bridge.visibility import shown_count


@dataclass(frozen=True)
class Occasion:
    """One activity for one leader, in raw counts."""

    happening: Happening
    today: date
    days: int
    """How many days ago it was told."""
    people: int
    """People of the leader's teams, without the leader."""
    reach: int
    """How many of them may read it and have said nothing to it."""
    audience: int
    """How many people it was told to."""
    cheers: int
    comments: int
    """People who cheered, and who commented."""
    new_cheers: int
    new_comments: int
    course: Course | None = None
    finished: int = 0
    """How many of the leader's people finished its course."""
    own_finished: bool = False
    own_day: date | None = None
    own_enrolled: bool = False
    put_off: date | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    """What each signal added to the score."""


def reasons(o: Occasion) -> Reasons:
    """The reasons for one activity. No sentence is used twice."""
    page = f"/a/{o.happening.uid}"
    ways = {"momentum": lively, "quality": answered, "together": close}
    heaviest = sorted(ways, key=lambda name: -o.weights.get(name, 0.0))
    this = next(t for t in (*(ways[n](o) for n in heaviest), answered(o), plainly(o)) if t)
    you = next(t for t in (own(o), to_team(o), in_course(o), readers(o)) if t)
    now = put_off(o) or said(o)
    return Reasons(
        this=Reason(sentence(this), page),
        you=Reason(sentence(you), page),
        now=Reason(sentence(now), page),
    )


# --- why this ----------------------------------------------------------------------------------


def lively(o: Occasion) -> str:
    """How many cheered and answered in the last days."""
    text = _both(o, o.new_cheers, o.new_comments)
    return f"{text} in the last {LATELY} days" if text else ""


def answered(o: Occasion) -> str:
    """How many did so far."""
    text = _both(o, o.cheers, o.comments)
    return f"{text} so far" if text else ""


def close(o: Occasion) -> str:
    """What it has to do with what the leader's people learn."""
    if o.weights.get("together", 0.0) <= 0:
        return ""
    if o.course is None:
        return "its words are close to those of courses that your people finished"
    whose = of_yours(o.finished, o)
    name = named(o.course.name)
    if whose:
        return f"it is about {name}, and {whose} have finished that"
    return f"it is about {name}, which is close to what your people finished"


def plainly(o: Occasion) -> str:
    """Nothing more can be said, and that is said."""
    what = {
        Kind.DISCUSSION: "it is a discussion that was answered",
        Kind.POST: "a colleague wrote it",
        Kind.SHARE: "a colleague shared it",
    }.get(o.happening.kind, "it is something that was reached")
    return f"{what}; too little is known yet to say more"


def _both(o: Occasion, cheers: int, comments: int) -> str:
    shown = shown_count(cheers, o.audience), shown_count(comments, o.audience)
    match shown:
        case (None, None):
            return ""
        case (None, _):
            return f"{shown[1]:,} people answered it"
        case (_, None):
            return f"{shown[0]:,} people cheered it"
    return f"{shown[0]:,} people cheered it and {shown[1]:,} answered"


# --- why you -----------------------------------------------------------------------------------


def own(o: Occasion) -> str:
    """The leader finished its course, or is in it."""
    if o.own_finished:
        return f"you finished its course {on(o.own_day, o.today)}" if o.own_day else _DONE
    return "you are enrolled in its course yourself" if o.own_enrolled else ""


_DONE = "you have finished its course"


def to_team(o: Occasion) -> str:
    """It was told to a team that the leader leads."""
    return "it was told to your team" if o.happening.audience.kind is AudienceKind.TEAM else ""


def in_course(o: Occasion) -> str:
    """It was asked among the people of a course, some of whom are the leader's."""
    whose = of_yours(o.reach, o)
    of_course = o.happening.audience.kind is AudienceKind.COURSE
    return f"{whose} are in its course and have not joined in" if of_course and whose else ""


def readers(o: Occasion) -> str:
    """How many of the leader's people could say something. Holds always."""
    whose = of_yours(o.reach, o)
    return f"{whose} can read it and have said nothing yet" if whose else "your people can read it"


# --- why now -----------------------------------------------------------------------------------


def put_off(o: Occasion) -> str:
    """The leader wanted to see it again."""
    return f"{PUT_OFF} {on(o.put_off, o.today)}" if o.put_off else ""


def said(o: Occasion) -> str:
    """When it was told."""
    day = date.fromordinal(o.today.toordinal() - o.days)
    when = "yesterday" if o.days == 1 else on(day, o.today)
    verb = "said" if o.happening.kind in (Kind.POST, Kind.SHARE, Kind.DISCUSSION) else "told"
    return f"it was {verb} {when}"
