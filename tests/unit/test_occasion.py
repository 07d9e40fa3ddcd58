"""Why an activity is worth sharing, in words that name nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bridge.curation import choose
from bridge.curation.occasion import Occasion, reasons
from bridge.curation.prompts import prompt_about
from bridge.model import ABOUT, About, Audience, AudienceKind, Course, Kind
from bridge.storage.candidates import Happening
from tests.unit.test_curation_choose import pick

TODAY = date(2026, 11, 25)
EVERYONE, SALES = Audience(AudienceKind.EVERYONE, 1), Audience(AudienceKind.TEAM, 2)
FEEDBACK = Course(5, 1, 10, "Giving feedback", "", "https://lms.example/5")


def happening(kind: Kind = Kind.COMPLETION, audience: Audience = EVERYONE) -> Happening:
    """Something that was told today."""
    return Happening(7, "uid-7", kind, audience, datetime(2026, 11, 25, 8, tzinfo=UTC), actor_id=3)


def occasion(kind: Kind = Kind.COMPLETION, **values: Any) -> Occasion:
    """An activity for a leader of 31 people, of which little is known."""
    start = Occasion(
        happening=happening(kind),
        today=TODAY,
        days=0,
        people=31,
        reach=0,
        audience=200,
        cheers=0,
        comments=0,
        new_cheers=0,
        new_comments=0,
    )
    return replace(start, **values)


def said(o: Occasion) -> tuple[str, str, str]:
    """The three sentences."""
    found = reasons(o)
    return found.this.text, found.you.text, found.now.text


def test_what_people_say_to_it_is_counted() -> None:
    """Nine cheered and six answered; fourteen of hers have not; it was yesterday."""
    lively = occasion(cheers=9, comments=6, new_cheers=9, new_comments=6, reach=14, days=1)
    assert (
        "9 people cheered it and 6 answered in the last 3 days.",
        "14 of your 31 people can read it and have said nothing yet.",
        "It was told yesterday.",
    ) == said(replace(lively, weights={"momentum": 0.1}))
    assert "/a/uid-7" == reasons(lively).this.link == reasons(lively).now.link


@pytest.mark.parametrize(
    ("cheers", "comments", "text"),
    [
        (9, 2, "9 people cheered it so far."),
        (1, 7, "7 people answered it so far."),
        (4, 4, "It is something that was reached; too little is known yet to say more."),
        (198, 0, "It is something that was reached; too little is known yet to say more."),
    ],
)
def test_few_are_not_counted_nor_nearly_all(cheers: int, comments: int, text: str) -> None:
    """The rule of five holds for who cheered, too."""
    assert text == said(occasion(cheers=cheers, comments=comments))[0]


def test_what_it_has_to_do_with_their_learning() -> None:
    """By its course, else by its words."""
    weights = {"together": 0.2}
    known = occasion(course=FEEDBACK, finished=12, weights=weights)
    assert (
        "It is about “Giving feedback”, and 12 of your 31 people have finished that."
        == (said(known)[0])
    )
    assert (
        "It is about “Giving feedback”, which is close to what your people finished."
        == (said(replace(known, finished=0))[0])
    )
    assert (
        "Its words are close to those of courses that your people finished."
        == (said(occasion(Kind.POST, weights=weights))[0])
    )


def test_what_ties_the_leader_to_it() -> None:
    """Their own course, their own team, the course of their people, and what they put off."""
    own = occasion(course=FEEDBACK, own_finished=True, own_day=date(2026, 5, 4))
    assert "You finished its course in May." == said(own)[1]
    assert "You have finished its course." == said(replace(own, own_day=None))[1]
    assert "You are enrolled in its course yourself." == said(occasion(own_enrolled=True))[1]
    told = happening(audience=SALES)
    assert "It was told to your team." == said(occasion(happening=told))[1]
    of_course = happening(Kind.DISCUSSION, Audience(AudienceKind.COURSE, 5))
    assert (
        "8 of your 31 people are in its course and have not joined in."
        == (said(occasion(happening=of_course, reach=8))[1])
    )
    assert "Your people can read it." == said(occasion())[1]
    assert "You put it off on 18 November." == said(occasion(put_off=date(2026, 11, 18)))[2]


@pytest.mark.parametrize("kind", sorted(ABOUT))
def test_a_prompt_is_always_a_question(kind: Kind) -> None:
    """Never words that could be sent as they stand; and each kind has a name."""
    assert all(prompt_about(kind, turn).endswith("?") for turn in range(6))
    assert 3 == len({prompt_about(kind, turn) for turn in range(6)})
    about = About(1, "u", 1, kind, EVERYONE, course="Giving feedback")
    assert about.name.endswith(" in Giving feedback")
    assert about.what[0].islower()


# --- which are chosen ---------------------------------------------------------------------------


def test_of_a_kind_there_is_one_and_one_is_a_course() -> None:
    """Three activities are ahead of every course: two of them stand, of two kinds."""
    scores = [0.1, 0.2, 0.9, 0.8, 0.7]
    assert [2, 4, 1] == pick(scores, kinds=[0, 0, 1, 1, 2])
    assert [2, 3, 1] == pick(scores, kinds=[0, 0, 1, 2, 3])


def test_where_no_course_fits_activities_may_fill_the_week() -> None:
    """Of three kinds; and what the week has decided already counts."""
    scores = [0.9, 0.8, 0.7, 0.6]
    assert [0, 1, 2] == pick(scores, kinds=[1, 2, 3, 1])
    assert [1, 2] == pick(
        scores, kinds=[1, 2, 3, 1], taken=(0,), count=2, allowed=[False] + 3 * [True]
    )


def test_a_hundred_activities_do_not_crowd_out_the_course() -> None:
    """The short list of the courses is their own."""
    scores, kinds = [0.01, *[0.9] * 100], [0, *[1] * 100]
    assert 0 in pick(scores, kinds=kinds)
    assert choose.A_WEEK - 1 == len(pick(scores, kinds=kinds))
