"""Why this, why you, why now: one sentence each, from the figures that ranked the course; pure.

A sentence that has nothing to say, or may not say it, gives way to the next; the last of each kind
always holds. What is said about people who did not agree to be named goes through
:func:`bridge.visibility.shown_count`; what the leader did is said exactly, for only they read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.curation.figures import Figures
from bridge.curation.score import days_to
from bridge.curation.site import USUAL_WEEKS
from bridge.curation.telling import Cells, Tie, both_told, told
from bridge.curation.wording import named, of_site, of_yours, on, plural, sentence, since
from bridge.model import Reason
from bridge.model.words import PUT_OFF
from bridge.visibility import FEW, shown_count

NOTABLE = 1.2
"""How many times the usual share a share must be to be told beside it as more."""

NEW_FOR = 45
"""Days for which a course is called new."""


@dataclass(frozen=True)
class Reasons:
    """The three of one suggestion."""

    this: Reason
    you: Reason
    now: Reason
    mentions: tuple[int, ...] = ()
    """Ids of other courses that the suggestion may name."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """What each signal has of the score, to the nearest ten percent; shown beside the reasons."""

    def plain(self) -> dict[str, Any]:
        """As they are stored."""
        return {
            "mentions": list(self.mentions),
            "parts": dict(self.parts),
            "this": {"text": self.this.text, "link": self.this.link},
            "you": {"text": self.you.text, "link": self.you.link},
            "now": {"text": self.now.text, "link": self.now.link},
        }


def reasons(f: Figures) -> Reasons:
    """The reasons for one suggestion. No sentence is used twice."""
    figures = f"/desk/why/{f.course.id}"
    ways: dict[str, Callable[[Figures], str]] = {
        "together": goes_together,
        "momentum": pace,
        "quality": finishers,
    }
    heaviest = sorted(ways, key=lambda name: -f.weights.get(name, 0.0))
    moved = [ways[name] for name in heaviest if f.weights.get(name, 0.0) > 0]
    this = _first(f, [*moved, taken, in_catalogue])
    you = _first(f, [own, asked, own_enrolment, liked, open_to])
    now = next(
        text
        for text in (say(f) for say in (ending, put_off, starting, new, pace, in_it, no_hurry))
        if text and text not in (this, you)
    )
    return Reasons(
        this=Reason(sentence(this), f"{figures}#this"),
        you=Reason(sentence(you), f"{figures}#you"),
        now=Reason(sentence(now), f"{figures}#now"),
        mentions=(f.anchor.course.id,) if f.anchor else (),
        parts=parts(f.weights),
    )


def parts(weights: Mapping[str, float]) -> dict[str, int]:
    """What each signal has of the score, in percents; 0 for one that counts against it.

    To the nearest ten: a signal is made of counts that may not be said, and one who knows another
    signal of the score exactly (what ties them to the course) could work back to them.
    """
    total = sum(max(value, 0.0) for value in weights.values())
    if not total:
        return {}
    return {name: 10 * round(10 * max(value, 0.0) / total) for name, value in weights.items()}


# --- why this ----------------------------------------------------------------------------------


def goes_together(f: Figures) -> str:
    """What people who finished it finished besides."""
    known = f.anchor
    if known is None or f.site < FEW:
        return ""
    name = named(known.course.name)
    text = f"some of the people who finished {name} finished this, too"
    page = told(cells(f), ())
    tie = both_told(page, Tie(known.all, known.theirs, known.both))
    if tie.all is not None and tie.both is not None:
        text = f"{tie.both:,} of the {tie.all:,} people who finished {name} finished this, too"
        if page.all_finished is not None:
            rate, usual = tie.both / tie.all, f.all_finished / f.site
            if rate < NOTABLE * usual:
                return ""
            text = f"{text} ({_percent(rate)}, where {_percent(usual)} of everybody did)"
    kept_back = tie.theirs is None and shown_count(known.theirs, f.people) is not None
    theirs = "" if kept_back else of_yours(known.theirs, f)
    return f"{text}, and {theirs} have done that one" if theirs else text


def pace(f: Figures) -> str:
    """How many finished it lately, against what is usual for it."""
    week = shown_count(f.week, f.site)
    usual = f.usual / USUAL_WEEKS
    site = ""
    if week is not None and week > round(usual):
        site = f"{week:,} people finished it in the last seven days"
        if shown_count(f.usual, f.site) is not None and usual >= 1:
            site += f", where {round(usual):,} a week is usual"
        elif f.usual < USUAL_WEEKS:
            site += ", where fewer than one a week is usual"
    text = _recently(f)
    if text:
        return f"{text}; across the site, {site}" if site else text
    if site:
        return site
    if f.site >= FEW and f.week > usual:
        return "it was finished more often than usual in the last seven days"
    return ""


def _recently(f: Figures) -> str:
    # Beside how many of them finished it at all, it would tell how many did so longer ago.
    finished = shown_count(f.finished, f.people)
    recently = shown_count(f.recently, f.people if finished is None else finished)
    if recently is not None:
        return f"{recently:,} of your {f.people:,} people finished it in the last three weeks"
    if finished is not None and finished >= 2 * FEW and finished - f.recently < FEW:
        text = f"{finished:,} of your {f.people:,} people have finished it"
        return f"{text}, most of them in the last three weeks"
    return ""


def finishers(f: Figures) -> str:
    """How many of those who are in it finished it."""
    finished = shown_count(f.all_finished, f.all_enrolled)
    # Of the site and those in it, a reader learns how many are not.
    if shown_count(f.all_enrolled - f.all_finished, f.site - f.all_finished) is None:
        return ""
    if finished is None or of_site(f.all_finished, f.finished, f) is None:
        return ""
    text = f"{finished:,} of the {f.all_enrolled:,} people enrolled in it have finished it"
    rate = finished / f.all_enrolled
    if rate < NOTABLE * f.site_rate:
        return text
    return f"{text}: {_percent(rate)}, where {_percent(f.site_rate)} is usual"


def taken(f: Figures) -> str:
    """How many people of the site finished it."""
    finished = of_site(f.all_finished, f.finished, f)
    return f"{finished:,} of the {f.site:,} people here have finished it" if finished else ""


def in_catalogue(f: Figures) -> str:
    """Nothing more can be said, and that is said."""
    place = f"one of {f.offers:,} courses on offer" if f.offers > 1 else "the only course on offer"
    category = f", in {named(f.course.category)}" if f.course.category else ""
    return f"it is {place}{category}; too little is known yet to say more"


def _percent(share: float) -> str:
    return f"{round(100 * share)} %" if share >= 0.01 else "under 1 %"


# --- why you -----------------------------------------------------------------------------------


def own(f: Figures) -> str:
    """The leader finished it."""
    if not f.own_finished:
        return ""
    done = f"you finished it {on(f.own_day, f.today)}" if f.own_day else "you have finished it"
    return f"{done}, and {_questions(f)}" if f.questions else done


def asked(f: Figures) -> str:
    """The leader's people ask about it."""
    return _questions(f) if f.questions else ""


def own_enrolment(f: Figures) -> str:
    """The leader is in it."""
    return "you are enrolled in it yourself" if f.own_enrolled else ""


def liked(f: Figures) -> str:
    """The leader shares this kind of course."""
    if not f.shared_alike:
        return ""
    courses = plural(f.shared_alike, "other course", "other courses")
    return f"you shared {courses} in {named(f.course.category)} in the last half-year"


def open_to(f: Figures) -> str:
    """The leader's people could take it. Holds always, because nothing else is ever chosen."""
    whose = of_yours(f.could, f)
    if f.course.self_enrol is False:
        return f"{whose} are enrolled in it and have not finished it" if whose else _CAN_OPEN
    if f.course.self_enrol:
        return f"{whose} could still take it" if whose else _CAN_OPEN
    return f"{whose} have not finished it" if whose else _NOT_CLOSED


_CAN_OPEN = "your people can open it in the LMS"
_NOT_CLOSED = "nothing in the LMS says that it is closed to your people"


def _questions(f: Figures) -> str:
    open_ones = plural(f.questions, "question", "questions")
    return f"{open_ones} of your people there {_waits(f.questions)} for an answer"


def _waits(count: int) -> str:
    return "waits" if count == 1 else "wait"


# --- why now -----------------------------------------------------------------------------------


def ending(f: Figures) -> str:
    """It is over soon."""
    soon = days_to(f.course.ends_at, f.today) is not None
    return f"it ends {on(f.course.ends_at.date(), f.today)}" if soon and f.course.ends_at else ""


def put_off(f: Figures) -> str:
    """The leader wanted to see it again."""
    return f"{PUT_OFF} {on(f.put_off, f.today)}" if f.put_off else ""


def starting(f: Figures) -> str:
    """It begins soon."""
    starts = f.course.starts_at
    soon = days_to(starts, f.today) is not None
    return f"it starts {on(starts.date(), f.today)}" if soon and starts else ""


def new(f: Figures) -> str:
    """It is new."""
    if f.opened is None or (f.today - f.opened).days > NEW_FOR:
        return ""
    return f"it is new: it has been open {since(f.opened, f.today)}"


def in_it(f: Figures) -> str:
    """Some of the leader's people are in the middle of it."""
    whose = of_yours(f.in_it, f)
    return f"{whose} are enrolled in it and have not finished it" if whose else ""


def no_hurry(f: Figures) -> str:
    """Nothing presses, and that is said."""
    if f.course.ends_at:
        return f"there is time: it ends {on(f.course.ends_at.date(), f.today)}"
    return "nothing presses: it has no closing date"


def cells(f: Figures) -> Cells:
    """The counts of which no two may tell a third."""
    return Cells(
        people=f.people,
        site=f.site,
        finished=f.finished,
        recently=f.recently,
        in_it=f.in_it,
        all_finished=f.all_finished,
        all_enrolled=f.all_enrolled,
    )


def _first(f: Figures, ways: list[Callable[[Figures], str]]) -> str:
    return next((text for text in (say(f) for say in ways) if text), "")
