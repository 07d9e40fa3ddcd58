"""What is said of the figures, and what is not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.curation import prompts
from bridge.curation.figures import Anchor, Figures
from bridge.curation.reasons import Reasons, reasons
from bridge.curation.wording import named, on, plural, since
from bridge.model import Course
from bridge.visibility import shown_count

TODAY = date(2026, 11, 25)
FEEDBACK = Course(
    id=7,
    connection_id=1,
    lms_id=1,
    name="Giving feedback",
    summary="",
    url="",
    category="Leadership",
    self_enrol=True,
)
LISTENING = replace(FEEDBACK, id=8, name="Listening")
PLAIN = Figures(
    course=FEEDBACK,
    today=TODAY,
    offers=12,
    site=200,
    people=40,
    finished=8,
    recently=0,
    could=32,
    in_it=0,
    week=0,
    usual=0,
    all_finished=20,
    all_enrolled=60,
    site_rate=0.5,
)


def say(**values: Any) -> Reasons:
    """The reasons for plain figures but for these."""
    return reasons(replace(PLAIN, **values))


def this(weight: str, **values: Any) -> str:
    """Why this, where one signal is the only one."""
    return say(weights={weight: 0.2}, **values).this.text


def course_at(**moments: datetime) -> Course:
    """The course with a start or an end."""
    return replace(FEEDBACK, **moments)  # type: ignore[arg-type]


def at(days: int) -> datetime:
    """So many days from the day of the tests."""
    return datetime(2026, 11, 25, 12, tzinfo=UTC) + timedelta(days=days)


# --- why this -----------------------------------------------------------------------------------


def test_people_who_finished_that_finished_this() -> None:
    """With numbers that can be checked, and beside them how many did so anyway."""
    anchor = Anchor(LISTENING, theirs=12, all=28, both=18)

    assert (
        "18 of the 28 people who finished “Listening” finished this, too "
        "(64 %, where 15 % of everybody did), and 12 of your 40 people have done that one."
    ) == this("together", anchor=anchor, all_finished=30)


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        (
            Anchor(LISTENING, theirs=3, all=9, both=4),
            "Some of the people who finished “Listening” finished this, too, "
            "and a few of your people have done that one.",
        ),
        (
            Anchor(LISTENING, theirs=38, all=198, both=20),
            "Some of the people who finished “Listening” finished this, too, "
            "and nearly all of your 40 people have done that one.",
        ),
    ],
)
def test_few_and_nearly_all_are_not_counted(anchor: Anchor, expected: str) -> None:
    """Four of nine, three of forty, 38 of forty: words, not numbers."""
    assert expected == this("together", anchor=anchor)


@pytest.mark.parametrize(("all", "expected"), [(16, False), (17, True)])
def test_two_numbers_do_not_tell_a_third(all: int, expected: bool) -> None:
    """12 of the leader's people and 16 of the site are four others: then the site's is not said."""
    anchor = Anchor(LISTENING, theirs=12, all=all, both=8)

    text = this("together", anchor=anchor)

    assert expected == (f"the {all} people" in text)
    assert "12 of your 40 people have done that one" in text


def test_what_the_site_finished_gives_way_to_what_yours_did() -> None:
    """20 less 8 of the leader's are twelve others; 11 less 8 are three, and too few."""
    assert "20 of the 200 people here have finished it." == this("none", all_finished=20)
    assert "too little is known" in this("none", all_finished=11)
    assert "too little is known" in this("quality", all_finished=11, all_enrolled=60)


def test_what_counted_is_told_to_the_nearest_ten() -> None:
    """Of what speaks for the course; what speaks against it has no share."""
    found = say(weights={"together": 0.29, "reach": 0.1, "yours": -0.05}).parts
    assert {"together": 70, "reach": 30, "yours": 0} == found
    assert {} == say(weights={}).parts


def test_no_share_of_everybody_where_too_few_finished() -> None:
    """Of the whole site only four finished this: then that is not said as a share, either."""
    anchor = Anchor(LISTENING, theirs=12, all=20, both=5)

    assert (
        "5 of the 20 people who finished “Listening” finished this, too, "
        "and 12 of your 40 people have done that one."
    ) == this("together", anchor=anchor, all_finished=4)


def test_what_does_not_go_together_more_than_usual_is_not_said_to() -> None:
    """11 % of those and 10 % of everybody: that is no reason; how many did is one."""
    anchor = Anchor(LISTENING, theirs=12, all=100, both=11)

    assert "20 of the 200 people here have finished it." == this("together", anchor=anchor)


def test_a_share_of_almost_nobody_is_not_called_none() -> None:
    """5 of 2,000 are under one in a hundred, and not 0 %."""
    anchor = Anchor(LISTENING, theirs=12, all=100, both=5)

    text = this("together", anchor=anchor, all_finished=12, site=2_000, finished=0)

    assert "(5 %, where under 1 % of everybody did)" in text


def test_of_a_group_under_five_nothing_is_said() -> None:
    """A leader of three is not told that a few of them did anything."""
    anchor = Anchor(LISTENING, theirs=2, all=40, both=20)

    text = this("together", anchor=anchor, people=3, could=2, finished=1, all_finished=40)

    assert text.endswith("where 20 % of everybody did).")
    assert "too little is known" in this("together", anchor=anchor, site=4, people=3, could=2)


def test_a_tie_without_a_course_to_name_is_no_reason() -> None:
    """No anchor: something else is said."""
    assert "20 of the 200 people here have finished it." == this("together")


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (
            {"week": 9, "usual": 24},
            "9 people finished it in the last seven days, where 3 a week is usual.",
        ),
        (
            {"week": 9, "usual": 3},
            "9 people finished it in the last seven days, where fewer than one a week is usual.",
        ),
        (
            {"recently": 12, "finished": 20, "week": 9, "usual": 24},
            "12 of your 40 people finished it in the last three weeks; across the site, "
            "9 people finished it in the last seven days, where 3 a week is usual.",
        ),
        (
            {"recently": 12, "finished": 20},
            "12 of your 40 people finished it in the last three weeks.",
        ),
        (
            {"recently": 12, "finished": 13},
            "13 of your 40 people have finished it, most of them in the last three weeks.",
        ),
        ({"week": 4, "usual": 8}, "It was finished more often than usual in the last seven days."),
        ({"week": 6, "usual": 9, "site": 13}, "6 people finished it in the last seven days."),
    ],
)
def test_the_pace_is_told_against_the_usual(figures: dict[str, int], expected: str) -> None:
    """Of the leader's people if they are enough, of everybody, or only that it is more."""
    assert expected == this("momentum", **figures)


@pytest.mark.parametrize("figures", [{"week": 3, "usual": 24}, {"week": 1, "site": 4}])
def test_no_pace_where_nothing_may_be_said(figures: dict[str, int]) -> None:
    """The usual pace is no news; and a site of four is too small to tell of any."""
    assert "too little is known" in this("momentum", all_finished=3, **figures)


@pytest.mark.parametrize(
    ("finished", "enrolled", "expected"),
    [
        (
            18,
            25,
            "18 of the 25 people enrolled in it have finished it: 72 %, where 50 % is usual.",
        ),
        (18, 60, "18 of the 60 people enrolled in it have finished it."),
    ],
)
def test_quality_is_said_in_people(finished: int, enrolled: int, expected: str) -> None:
    """The rate beside the usual one, where it is above it."""
    assert expected == this("quality", all_finished=finished, all_enrolled=enrolled)


@pytest.mark.parametrize("finished", [4, 21])
def test_quality_hides_few_and_all_but_few(finished: int) -> None:
    """Four finished, or four did not: neither is said."""
    text = this("quality", all_finished=finished, all_enrolled=25, site=25)

    assert "It is one of 12 courses on offer, in “Leadership”; too little is known" in text


def test_the_only_course_is_called_so() -> None:
    """No plural for one, and no category where there is none."""
    alone = replace(FEEDBACK, category="")

    assert ("It is the only course on offer; too little is known yet to say more.") == say(
        course=alone, offers=1, all_finished=0
    ).this.text


def test_the_heaviest_signal_speaks() -> None:
    """The one that added most to the score is the reason, if it has something to say."""
    figures = {"week": 9, "usual": 24, "all_finished": 18, "all_enrolled": 25}
    light = say(weights={"momentum": 0.02, "quality": 0.08}, **figures)
    heavy = say(weights={"momentum": 0.12, "quality": 0.08}, **figures)

    assert light.this.text.startswith("18 of the 25")
    assert heavy.this.text.startswith("9 people finished it")


# --- why you ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "expected", "link"),
    [
        ({"own_finished": True}, "You have finished it.", "/desk/why/7#you"),
        (
            {"own_finished": True, "own_day": date(2026, 5, 3)},
            "You finished it in May.",
            "/desk/why/7#you",
        ),
        (
            {"own_finished": True, "own_day": date(2026, 11, 3), "questions": 2},
            "You finished it on 3 November, and 2 questions of your people there wait for an "
            "answer.",
            "/desk/why/7#you",
        ),
        (
            {"questions": 1, "own_enrolled": True},
            "1 question of your people there waits for an answer.",
            "/desk/why/7#you",
        ),
        (
            {"own_enrolled": True, "shared_alike": 3},
            "You are enrolled in it yourself.",
            "/desk/why/7#you",
        ),
        (
            {"shared_alike": 1},
            "You shared 1 other course in “Leadership” in the last half-year.",
            "/desk/why/7#you",
        ),
        (
            {"shared_alike": 3},
            "You shared 3 other courses in “Leadership” in the last half-year.",
            "/desk/why/7#you",
        ),
    ],
)
def test_what_ties_the_leader_to_it_is_said_exactly(
    figures: dict[str, Any], expected: str, link: str
) -> None:
    """The leader's own facts, with singular and plural right."""
    you = say(**figures).you

    assert (expected, link) == (you.text, you.link)


@pytest.mark.parametrize(
    ("self_enrol", "figures", "expected"),
    [
        (True, {"could": 26}, "26 of your 40 people could still take it."),
        (True, {"could": 38}, "Nearly all of your 40 people could still take it."),
        (True, {"could": 2, "people": 3}, "Your people can open it in the LMS."),
        (None, {"could": 26}, "26 of your 40 people have not finished it."),
        (None, {"could": 9, "people": 12}, "Most of your people have not finished it."),
        (
            None,
            {"could": 1, "people": 1},
            "Nothing in the LMS says that it is closed to your people.",
        ),
        (
            False,
            {"could": 6, "in_it": 6},
            "6 of your 40 people are enrolled in it and have not finished it.",
        ),
        (
            False,
            {"could": 3, "in_it": 3},
            "A few of your people are enrolled in it and have not finished it.",
        ),
        (False, {"could": 1, "people": 2}, "Your people can open it in the LMS."),
    ],
)
def test_who_could_take_it_is_said_as_far_as_the_lms_says(
    self_enrol: bool | None, figures: dict[str, int], expected: str
) -> None:
    """Who can enrol, who is enrolled, or only who has not finished it."""
    course = replace(FEEDBACK, self_enrol=self_enrol)

    assert expected == say(course=course, **figures).you.text


# --- why now ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"course": course_at(ends_at=at(9))}, "It ends on Friday 4 December."),
        ({"course": course_at(ends_at=at(1))}, "It ends tomorrow."),
        ({"put_off": date(2026, 11, 18)}, "You put it off on 18 November."),
        ({"course": course_at(starts_at=at(12))}, "It starts on Monday 7 December."),
        (
            {"opened": date(2026, 11, 20)},
            "It is new: it has been open since 20 November.",
        ),
        ({"opened": TODAY}, "It is new: it has been open since today."),
        (
            {"opened": date(2026, 1, 20), "week": 9, "usual": 24},
            "9 people finished it in the last seven days, where 3 a week is usual.",
        ),
        ({"in_it": 9}, "9 of your 40 people are enrolled in it and have not finished it."),
        (
            {"course": course_at(ends_at=at(200))},
            "There is time: it ends on 13 June 2027.",
        ),
        ({}, "Nothing presses: it has no closing date."),
    ],
)
def test_why_now_is_the_nearest_date_or_none(figures: dict[str, Any], expected: str) -> None:
    """A date, a rise, people in the middle of it; or, honestly, nothing that presses."""
    assert expected == say(**figures).now.text


def test_no_sentence_is_used_twice() -> None:
    """The pace is why this, so it is not why now as well; nor are those who are in it."""
    closed = replace(FEEDBACK, self_enrol=False)
    found = say(course=closed, week=9, usual=24, in_it=6, could=6, weights={"momentum": 0.1})

    assert 3 == len({found.this.text, found.you.text, found.now.text})
    assert "Nothing presses: it has no closing date." == found.now.text


def test_reasons_are_stored_as_plain_text_with_their_links() -> None:
    """Three names, each with a text and a link."""
    stored = say().plain()

    assert ["mentions", "parts", "this", "you", "now"] == list(stored)
    assert {"text": "Nothing presses: it has no closing date.", "link": "/desk/why/7#now"} == (
        stored["now"]
    )


# --- words --------------------------------------------------------------------------------------


def test_a_long_name_is_cut() -> None:
    """A course's name of 200 letters does not take the sentence away."""
    assert 82 == len(named("x" * 200))
    assert named("x" * 200).endswith("x…”")


def test_one_is_not_many() -> None:
    """And thousands are told apart."""
    assert ["1 person", "0 people", "1,200 people"] == [
        plural(n, "person", "people") for n in (1, 0, 1200)
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (TODAY, "today"),
        (date(2026, 11, 24), "on 24 November"),
        (date(2025, 12, 31), "in December 2025"),
        (date(2026, 2, 28), "in February"),
    ],
)
def test_days_are_said_as_people_say_them(day: date, expected: str) -> None:
    """Near ones by the day, older ones by the month, old ones with the year."""
    assert expected == on(day, TODAY)


def test_since_when() -> None:
    """Today has no date."""
    assert ("since today", "since 1 November") == (
        since(TODAY, TODAY),
        since(date(2026, 11, 1), TODAY),
    )


# --- prompts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "situation"),
    [
        ({"own_finished": True, "questions": 2}, prompts.STORY),
        ({"questions": 2, "own_enrolled": True}, prompts.ANSWER),
        ({"own_enrolled": True}, prompts.BEGUN),
        ({"course": course_at(ends_at=at(9))}, prompts.PRESSING),
        ({"course": course_at(starts_at=at(9))}, prompts.PRESSING),
        ({"recently": 6, "opened": TODAY}, prompts.THANKS),
        ({"recently": 4, "opened": TODAY}, prompts.NEW),
        ({"recently": 4}, prompts.QUESTION),
    ],
)
def test_a_prompt_fits_the_situation(figures: dict[str, Any], situation: tuple[str, ...]) -> None:
    """Three turns, three different questions of one kind."""
    asked = {prompts.prompt(replace(PLAIN, **figures), turn) for turn in range(6)}

    assert set(situation) == asked


def test_a_prompt_may_go_on_from_what_the_team_knows() -> None:
    """The course they know is named as it is called, braces and all."""
    odd = replace(LISTENING, name="Listening {0} to %s")
    figures = replace(PLAIN, anchor=Anchor(odd, theirs=6, all=40, both=20))

    assert "“Listening {0} to %s”" in prompts.prompt(figures, 0)
    assert prompts.prompt(replace(figures, people=4), 0) in prompts.QUESTION


def test_every_prompt_asks() -> None:
    """It is never copy to be sent as it stands."""
    kinds = (
        prompts.STORY,
        prompts.ANSWER,
        prompts.BEGUN,
        prompts.THANKS,
        prompts.PRESSING,
        prompts.NEW,
        prompts.ONWARDS,
        prompts.QUESTION,
        prompts.TALE,
        prompts.GRATITUDE,
    )

    assert [] == [text for kind in kinds for text in kind if "?" not in text]


# --- the rule of five, whatever the figures -----------------------------------------------------

small = st.integers(0, 60)


@st.composite
def any_figures(draw: st.DrawFn) -> Figures:
    """Figures of any small site that can be: parts are no greater than their wholes."""

    def part(whole: int) -> int:
        return draw(st.integers(0, whole))

    site = draw(st.integers(1, 60))
    people = part(site)
    finished = part(people)
    all_finished = finished + part(site - people)
    anchor_all = part(site)
    self_enrol = draw(st.sampled_from([True, None, False]))
    in_it = part(people - finished)
    return replace(
        PLAIN,
        course=replace(FEEDBACK, self_enrol=self_enrol),
        site=site,
        people=people,
        finished=finished,
        recently=part(finished),
        could=in_it if self_enrol is False else people - finished,
        in_it=in_it,
        week=part(all_finished),
        usual=part(all_finished),
        all_finished=all_finished,
        all_enrolled=all_finished + part(site - all_finished),
        anchor=Anchor(
            LISTENING, theirs=part(min(people, anchor_all)), all=anchor_all, both=part(anchor_all)
        ),
        weights={name: draw(st.floats(0, 1)) for name in ("together", "momentum", "quality")},
    )


@given(any_figures())
def test_no_sentence_tells_a_small_number(f: Figures) -> None:
    """Of every number of people that is said, it and its complement are five or more.

    The group of a number is named beside it; where it is not, it is the whole site.
    """
    found = reasons(f)
    for text in (found.this.text, found.you.text, found.now.text):
        assert text and text.endswith(".")
        for count, group in re.findall(r"(\d+) of (?:your|the) (\d+) people", text):
            assert shown_count(int(count), int(group)) is not None
        for count in re.findall(r"(\d+) people (?:who )?finished", text):
            if f" of the {count} people" not in text and f" of your {count} people" not in text:
                assert shown_count(int(count), f.site) is not None
        for usual in re.findall(r"where (\d+) a week", text):
            assert int(usual) == round(f.usual / 8)
            assert shown_count(f.usual, f.site) is not None


@given(any_figures(), st.integers(0, 4), st.integers(0, 4))
def test_what_is_hidden_does_not_show_in_the_words(f: Figures, one: int, other: int) -> None:
    """Whether one or four of the leader's people finished it lately, the words are the same."""
    people = max(f.people, 10)
    same = {"people": people, "week": 0, "anchor": None, "could": people - 4, "in_it": 0}

    assert reasons(replace(f, recently=one, **same)) == reasons(replace(f, recently=other, **same))


@pytest.mark.parametrize(
    ("figures", "stories", "thanks"),
    [
        ({"own_finished": True, "recently": 8}, prompts.STORY, prompts.THANKS),
        ({"own_enrolled": True}, prompts.BEGUN, prompts.GRATITUDE),
        ({"recently": 2}, prompts.TALE, prompts.GRATITUDE),
    ],
)
def test_a_leader_may_begin_in_three_other_ways(
    figures: dict[str, Any], stories: tuple[str, ...], thanks: tuple[str, ...]
) -> None:
    """A story of theirs, a question, a thank-you: never the prompt that stands there already."""
    for turn in range(12):
        found = prompts.ways(replace(PLAIN, **figures), turn)
        assert list(prompts.Way) == list(found)
        assert found[prompts.Way.STORY] in stories
        assert found[prompts.Way.QUESTION] in prompts.QUESTION
        assert found[prompts.Way.THANKS] in thanks
        assert prompts.prompt(replace(PLAIN, **figures), turn) not in found.values()
        assert all("?" in text for text in found.values())
