"""The questions of a leader's people that nobody answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bridge.listening import unanswered
from bridge.storage import tables as t
from tests.cast import Cast


def asked(cast: Cast, person: int | None = None) -> list[str]:
    """The titles on the person's list (Alice's by default), in their order."""
    with cast.store.reading() as work:
        questions = unanswered(work, cast.viewer(person or cast.alice), cast.now)
    return [q.discussion.title for q in questions]


def set_row(cast: Cast, table: Any, ident: int, **values: Any) -> None:
    """Change the row with that id."""
    with cast.store.work() as work:
        work.sql.execute(table.update().where(table.c.id == ident).values(**values))


def test_a_leader_hears_who_waited_longest_first(cast: Cast) -> None:
    """Bob asked two days before Beth, so Bob stands first, whatever their ids say."""
    cast.ask(cast.beth, cast.feedback, "And by e-mail?", days_ago=2, lms_id=501)
    cast.ask(cast.bob, cast.feedback, "How do you start?", days_ago=4.9, lms_id=502)

    with cast.store.reading() as work:
        first, second = unanswered(work, cast.viewer(cast.alice), cast.now)

    assert ("Bob Brown", "Giving feedback", "Sales", 4) == (
        first.author.name,
        first.course.name,
        first.team_name,
        first.waiting_days,
    )
    assert "https://lms.example/mod/forum/discuss.php?d=502" == first.discussion.url
    assert ("And by e-mail?", 2) == (second.discussion.title, second.waiting_days)


def test_another_teams_leader_hears_other_people(cast: Cast) -> None:
    """Erin of Engineering hears Charlie, and Alice of Sales does not."""
    cast.ask(cast.charlie, cast.feedback, "Is there a template?")

    assert [] == asked(cast)
    assert ["Is there a template?"] == asked(cast, cast.erin)


@pytest.mark.parametrize("person", ["bob", "dana"])
def test_who_leads_nobody_hears_nobody(cast: Cast, person: str) -> None:
    """Neither a teammate nor an admin has a list: it belongs to who leads the team."""
    cast.ask(cast.beth, cast.feedback)

    assert [] == asked(cast, getattr(cast, person))


def test_a_leader_of_no_course_hears_nothing(cast: Cast) -> None:
    """Never wider than the LMS: who is in no course reads no course's forum here either."""
    cast.ask(cast.bob, cast.feedback)
    outside = replace(cast.viewer(cast.alice), course_ids=frozenset())

    with cast.store.reading() as work:
        assert () == unanswered(work, outside, cast.now)


def test_a_leader_hears_nothing_from_courses_of_others(cast: Cast) -> None:
    """Safety at work has a forum that Alice cannot open in the LMS, so she is not shown it here."""
    cast.ask(cast.bob, cast.safety)

    assert [] == asked(cast)


def test_a_leaders_own_question_is_for_others(cast: Cast) -> None:
    """Alice asked it herself: it waits for somebody, but not for her."""
    cast.ask(cast.alice, cast.feedback)

    assert [] == asked(cast)


@pytest.mark.parametrize(
    "values",
    [
        {"replies": 1},
        {"ours": True},
        {"gone": True},
        {"author_id": None},
    ],
    ids=str,
)
def test_what_does_not_wait_for_anybody_is_left_out(cast: Cast, values: dict[str, Any]) -> None:
    """Answered in the LMS, posted by the bridge, deleted, or by nobody we know."""
    question = cast.ask(cast.bob, cast.feedback)
    set_row(cast, t.discussions, question, **values)

    assert [] == asked(cast)


def test_what_was_answered_at_the_desk_is_left_out(cast: Cast) -> None:
    """The LMS still says no replies until the next sync; the list knows better."""
    question = cast.ask(cast.bob, cast.feedback)
    set_row(cast, t.discussions, question, answered_at=cast.now - timedelta(minutes=1))

    assert [] == asked(cast)


@pytest.mark.parametrize("values", [{"visible": False}, {"gone": True}], ids=str)
def test_a_hidden_course_is_silent(cast: Cast, values: dict[str, Any]) -> None:
    """A course that was hidden or deleted after the question takes the question along."""
    cast.ask(cast.bob, cast.feedback)
    set_row(cast, t.courses, cast.feedback, **values)

    assert [] == asked(cast)


@pytest.mark.parametrize("values", [{"suspended": True}, {"gone": True}], ids=str)
def test_who_left_the_company_waits_no_more(cast: Cast, values: dict[str, Any]) -> None:
    """Nobody is asked to answer a person who cannot read the answer."""
    cast.ask(cast.bob, cast.feedback)
    set_row(cast, t.people, cast.bob, **values)

    assert [] == asked(cast)


def test_who_left_the_team_is_another_leaders(cast: Cast) -> None:
    """Bob moved to Engineering: Erin hears him now, and Alice no more."""
    cast.ask(cast.bob, cast.feedback)
    with cast.store.work() as work:
        work.sql.execute(
            t.memberships.update()
            .where(t.memberships.c.person_id == cast.bob)
            .values(team_id=cast.engineering)
        )

    assert [] == asked(cast)
    assert ["How do you start?"] == asked(cast, cast.erin)


def test_a_team_that_is_gone_has_no_leader(cast: Cast) -> None:
    """The LMS deleted the cohort; the session that still names it opens nothing."""
    cast.ask(cast.bob, cast.feedback)
    set_row(cast, t.teams, cast.sales, gone=True)

    assert [] == asked(cast)


def test_a_person_of_two_led_teams_is_listed_once(cast: Cast) -> None:
    """Alice leads both teams and Bob is in both: one question, under the older team."""
    cast.ask(cast.bob, cast.feedback)
    with cast.store.work() as work:
        row = {"team_id": cast.engineering, "person_id": cast.bob}
        work.sql.execute(t.memberships.insert(), row)
    both = replace(cast.viewer(cast.alice), led_team_ids=frozenset({cast.sales, cast.engineering}))

    with cast.store.reading() as work:
        assert ["Sales"] == [q.team_name for q in unanswered(work, both, cast.now)]


def test_sixty_days_are_the_end_of_waiting(cast: Cast) -> None:
    """On the sixtieth day it still stands there, on the sixty-first it does not."""
    cast.ask(cast.bob, cast.feedback, "Sixty", days_ago=60, lms_id=501)
    cast.ask(cast.bob, cast.feedback, "Sixty-one", days_ago=61, lms_id=502)

    assert ["Sixty"] == asked(cast)


def test_a_clock_ahead_of_ours_waits_no_days(cast: Cast) -> None:
    """The LMS's clock runs an hour ahead: that is no day at all, not minus one."""
    cast.ask(cast.bob, cast.feedback, days_ago=-1 / 24)

    with cast.store.reading() as work:
        (question,) = unanswered(work, cast.viewer(cast.alice), cast.now)
    assert 0 == question.waiting_days


def test_fifty_are_enough(lite_cast: Cast) -> None:
    """Sixty wait; the fifty oldest are listed."""
    for number in range(60):
        title = f"Question {number}"
        lite_cast.ask(lite_cast.bob, lite_cast.feedback, title, days_ago=number / 2, lms_id=number)

    titles = asked(lite_cast)

    assert (50, "Question 59", "Question 10") == (len(titles), titles[0], titles[-1])
