"""What to write from: a question to the leader, answered in their own words in the share box; pure.

It is never copy to be sent as it stands: every prompt is a question, and what is shared is what
the leader answers. There are several for each situation, so that a month of suggestions does not
ask the same four times.
"""

from __future__ import annotations

from enum import StrEnum

from bridge.curation.figures import Figures
from bridge.curation.reasons import NEW_FOR
from bridge.curation.score import days_to
from bridge.curation.wording import named
from bridge.model import Kind
from bridge.visibility import FEW, shown_count

STORY = (
    "What did you do differently in the weeks after you finished it?",
    "Which moment of this course do you still think of, and when did it last help you?",
    "What did you believe before this course that you do not believe any more?",
)
ANSWER = (
    "Your people are asking about this. What would you have liked to be told when you began?",
    "What is the one thing about this that you had to find out the hard way?",
    "Somebody waits for an answer there. What would you say to all who wonder the same?",
)
BEGUN = (
    "You are in it yourself. What made you start, and what do you hope to use first?",
    "What has been harder in this course than you thought, and who would you like to ask?",
    "You have begun it. Whom would you like to have beside you, and why?",
)
THANKS = (
    "Several of your people have finished it lately. What would you like to thank them for?",
    "What have you noticed at work since your people took this, and what would you ask them?",
    "Who showed you, in the last weeks, that it was worth their time? How would you say so?",
)
PRESSING = (
    "There is a date on this one. What would your team miss if it went by?",
    "Which work that is coming up would be easier for whoever takes this in time?",
    "If there were time for one thing before that day, why should it be this?",
)
NEW = (
    "It is new. Which problem of your team's last week might it help with?",
    "Nobody knows yet how good this is. What would you want to hear from whoever tries it first?",
    "What would have to be in it for you to say afterwards that it was time well spent?",
)
ONWARDS = (
    "Your people know {course}. What should come after it, and why this?",
    "What did your team make of {course}, and which question did it leave open?",
    "Where does your team get stuck after {course}, and how could this help?",
)
QUESTION = (
    "Which situation at work does this make you think of, and how did it end?",
    "When did you last wish that you knew more about this?",
    "What would you like to ask your people about this before anybody takes it?",
)


TALE = (
    "What happened at work lately that made you wish you had known more about this?",
    "Who taught you something about this, and what did they say?",
    "When did you get this wrong, and what did it cost?",
)
GRATITUDE = (
    "Who of your people does this well already? What would you like to thank them for?",
    "Whose work would be harder without what this is about? Have you told them?",
    "Who took the time to show somebody else how this is done?",
)


class Way(StrEnum):
    """By which kind of content a leader may begin."""

    STORY = "story"
    """One of their own."""
    QUESTION = "question"
    """To their people."""
    THANKS = "thanks"


def ways(f: Figures, turn: int) -> dict[str, str]:
    """Three other ways to begin, a prompt each; none is the one of :func:`prompt`."""
    lately = shown_count(f.recently, f.people) is not None
    story = STORY if f.own_finished else BEGUN if f.own_enrolled else TALE
    found = {
        Way.STORY: story,
        Way.QUESTION: QUESTION,
        Way.THANKS: THANKS if lately else GRATITUDE,
    }
    first = prompt(f, turn)
    return {
        way.value: next(text for text in _from(some, turn + 1) if text != first)
        for way, some in found.items()
    }


def _from(some: tuple[str, ...], turn: int) -> tuple[str, ...]:
    begin = turn % len(some)
    return some[begin:] + some[:begin]


TO_THANK = (
    "What did they do that made it possible, and what would you thank them for?",
    "What do you know of the work behind this that others should hear?",
    "Which of their work lately showed you that they were learning this?",
)
TO_JOIN = (
    "What would you add, and what would you ask those who answered?",
    "Which of your people has met just this, and what would you ask them?",
    "What is still open here, and who could say more?",
)
TO_PASS_ON = (
    "What did this make you think of?",
    "Where have you seen the same, and how did it end?",
    "What would you like your people to ask about this?",
)


def prompt_about(kind: Kind, turn: int) -> str:
    """The prompt for what somebody else did or said; a question, too."""
    fitting = {Kind.DISCUSSION: TO_JOIN, Kind.POST: TO_PASS_ON, Kind.SHARE: TO_PASS_ON}
    some = fitting.get(kind, TO_THANK)
    return some[turn % len(some)]


def prompt(f: Figures, turn: int) -> str:
    """The prompt for one suggestion; ``turn`` chooses among those that fit."""
    fitting = _situation(f)
    course = named(f.anchor.course.name) if f.anchor else ""
    return fitting[turn % len(fitting)].format(course=course)


def _situation(f: Figures) -> tuple[str, ...]:
    if f.own_finished:
        return STORY
    if f.questions:
        return ANSWER
    if f.own_enrolled:
        return BEGUN
    if any(days_to(at, f.today) is not None for at in (f.course.starts_at, f.course.ends_at)):
        return PRESSING
    if shown_count(f.recently, f.people) is not None:
        return THANKS
    if f.opened and (f.today - f.opened).days <= NEW_FOR:
        return NEW
    if f.anchor and f.people >= FEW:
        return ONWARDS
    return QUESTION
