"""Three suggestions a week for each leader, from what is stored to what is stored."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zlib import crc32

import pytest
from sqlalchemy import event

from bridge import curation, desk
from bridge.model import Audience, AudienceKind, Suggestion
from bridge.storage import Store
from bridge.storage import tables as t
from tests.cast import Cast

MONDAY = date(2026, 11, 23)


def refresh(cast: Cast, now: datetime | None = None, leader: int | None = None) -> int:
    """Bring this week up to date; how many were written."""
    with cast.store.work() as work:
        return curation.refresh(work, cast.connection, now or cast.now, leader)


def suggested(cast: Cast, leader: int, now: datetime | None = None) -> list[Suggestion]:
    """What the leader sees."""
    with cast.store.reading() as work:
        return list(curation.suggestions(work, leader, now or cast.now))


def names(cast: Cast, leader: int, now: datetime | None = None) -> list[str]:
    """The courses suggested to the leader, best first."""
    return [s.course.name for s in suggested(cast, leader, now)]


def rows(cast: Cast) -> list[tuple[Any, ...]]:
    """Every suggestion as it is stored."""
    with cast.store.reading() as work:
        return [tuple(r) for r in work.sql.execute(t.suggestions.select().order_by("id"))]


def set_row(cast: Cast, table: Any, ident: int, **values: Any) -> None:
    """Change the row with that id."""
    with cast.store.work() as work:
        work.sql.execute(table.update().where(table.c.id == ident).values(**values))


def insert(cast: Cast, table: Any, *found: dict[str, Any]) -> None:
    """Store rows."""
    with cast.store.work() as work:
        work.sql.execute(table.insert(), list(found))


def open_course(cast: Cast, name: str, **values: Any) -> int:
    """A further course of the catalogue, there from the beginning; its id."""
    row = {
        "connection_id": cast.connection,
        "lms_id": 50 + crc32(name.encode()) % 1_000_000,
        "name": name,
        "category": "Other",
        "first_seen_at": cast.now - timedelta(days=100),
        "history": True,
        **values,
    }
    with cast.store.work() as work:
        return work.sql.execute(t.courses.insert().returning(t.courses.c.id), row).scalar_one()


def hire(cast: Cast, team: int, count: int, *, first: int = 1_000) -> list[int]:
    """So many more people in the team; their ids."""
    with cast.store.work() as work:
        people = [
            work.sql.execute(
                t.people.insert().returning(t.people.c.id),
                {"connection_id": cast.connection, "lms_id": first + n, "name": f"Person {n}"},
            ).scalar_one()
            for n in range(count)
        ]
        work.sql.execute(
            t.memberships.insert(), [{"team_id": team, "person_id": p} for p in people]
        )
    return people


def finish(cast: Cast, people: list[int], course: int, *, days_ago: float = 40) -> None:
    """They all finished it."""
    at = cast.now - timedelta(days=days_ago)
    insert(
        cast,
        t.completions,
        *(
            {
                "connection_id": cast.connection,
                "course_id": course,
                "person_id": person,
                "completed_at": at,
                "seen_at": at,
            }
            for person in people
        ),
    )


# --- what is suggested --------------------------------------------------------------------------


def test_each_leader_gets_their_own_week(cast: Cast) -> None:
    """Charlie's people are new to what Bob's know: the lists differ, and start with the Monday."""
    finish(cast, hire(cast, cast.sales, 12), cast.negotiation)
    finish(cast, hire(cast, cast.engineering, 12, first=2_000), cast.feedback)

    assert 2 == refresh(cast)

    (for_alice,) = [s for s in suggested(cast, cast.alice) if s.course.id == cast.feedback]
    (for_erin,) = [s for s in suggested(cast, cast.erin) if s.course.id == cast.negotiation]
    assert (MONDAY, "open", cast.sales) == (for_alice.week, for_alice.state, for_alice.team_id)
    assert cast.engineering == for_erin.team_id
    assert "Nothing presses: it has no closing date." == for_erin.why_now.text


def test_reasons_are_figures_with_a_link_and_the_prompt_is_a_question(cast: Cast) -> None:
    """Twelve of fourteen finished Negotiation, and five of those finished Giving feedback, too."""
    people = hire(cast, cast.sales, 12)
    hire(cast, cast.engineering, 8, first=2_000)
    finish(cast, people, cast.negotiation)
    finish(cast, people[:5], cast.feedback)
    cast.complete(cast.alice, cast.feedback, days_ago=200)
    set_row(cast, t.courses, cast.feedback, self_enrol=True)

    refresh(cast)

    (found,) = [s for s in suggested(cast, cast.alice) if s.course.id == cast.feedback]
    assert (
        "5 of the 12 people who finished “Negotiation” finished this, too, "
        "and most of your people have done that one."
    ) == found.why_this.text
    assert f"/desk/why/{cast.feedback}#this" == found.why_this.link
    assert "You finished it in May." == found.why_you.text
    assert "?" in found.prompt
    assert 0 < found.score < 1


def test_hidden_mandatory_and_finished_courses_are_never_suggested(cast: Cast) -> None:
    """Everybody did Layoffs 101 and Safety; Old times ended; only the rest is left."""
    people = [cast.bob, cast.beth, cast.charlie]
    for course in (cast.layoffs, cast.safety):
        finish(cast, people, course, days_ago=2)
    ended = open_course(cast, "Old times", ends_at=cast.now - timedelta(days=1))
    finish(cast, people[:1], ended)
    finish(cast, people[:1], cast.feedback)

    refresh(cast)

    assert {"Giving feedback", "Negotiation"} == {
        *names(cast, cast.alice),
        *names(cast, cast.erin),
    }


def test_what_most_of_them_have_done_is_not_suggested(cast: Cast) -> None:
    """Both of Alice's people finished it: to her it is no news, to Erin it is."""
    finish(cast, [cast.bob, cast.beth], cast.feedback)

    refresh(cast)

    assert "Giving feedback" not in names(cast, cast.alice)
    assert "Giving feedback" in names(cast, cast.erin)


def test_what_nobody_of_them_could_enter_is_not_suggested(cast: Cast) -> None:
    """Negotiation is by invitation, and nobody of Engineering is invited."""
    set_row(cast, t.courses, cast.negotiation, self_enrol=False)
    finish(cast, [cast.bob], cast.negotiation, days_ago=2)

    refresh(cast)

    assert "Negotiation" in names(cast, cast.alice)
    assert "Negotiation" not in names(cast, cast.erin)


def test_who_left_counts_no_more(cast: Cast) -> None:
    """Bob is suspended: of Alice's people only Beth is left, and she has done it."""
    finish(cast, [cast.beth], cast.feedback)
    set_row(cast, t.people, cast.bob, suspended=True)

    refresh(cast)

    assert "Giving feedback" not in names(cast, cast.alice)


def test_a_withdrawn_verdict_counts_no_more(cast: Cast) -> None:
    """The LMS took Bob's completion back: he could take it again."""
    finish(cast, [cast.bob, cast.beth], cast.feedback)
    with cast.store.work() as work:
        work.sql.execute(
            t.completions.update().where(t.completions.c.person_id == cast.bob).values(revoked=True)
        )

    refresh(cast)

    assert "Giving feedback" in names(cast, cast.alice)


def test_open_questions_are_told_to_who_can_read_them(cast: Cast) -> None:
    """Bob asks in both forums; Alice, in the course, is told, and Erin never is."""
    cast.ask(cast.bob, cast.feedback)
    cast.ask(cast.charlie, cast.negotiation, lms_id=501)

    refresh(cast)

    alice = {s.course.id: s.why_you for s in suggested(cast, cast.alice)}
    assert "1 question of your people there waits for an answer." == alice[cast.feedback].text
    assert f"/desk/why/{cast.feedback}#you" == alice[cast.feedback].link
    assert all("question" not in s.why_you.text for s in suggested(cast, cast.erin))


def test_a_leader_of_two_teams_is_pointed_to_the_one_that_could_take_it(cast: Cast) -> None:
    """Sales has done Negotiation; of Alice's two teams it is Engineering that could."""
    insert(cast, t.leaders, {"team_id": cast.engineering, "person_id": cast.alice})
    hire(cast, cast.engineering, 3)
    finish(cast, [cast.bob, cast.beth], cast.negotiation)
    closed = open_course(cast, "By invitation", self_enrol=False)
    then = cast.now - timedelta(days=9)
    insert(
        cast,
        t.enrolments,
        *({"course_id": closed, "person_id": p, "first_seen_at": then} for p in [cast.bob]),
    )

    refresh(cast)

    teams = {s.course.name: s.team_id for s in suggested(cast, cast.alice)}
    assert cast.engineering == teams["Negotiation"]
    assert cast.sales == teams["By invitation"]


def test_a_new_course_that_nobody_finished_is_worth_a_word(cast: Cast) -> None:
    """It came to the catalogue five days ago, and the reason says so."""
    open_course(cast, "Brand new", history=False, first_seen_at=cast.now - timedelta(days=5))

    refresh(cast)

    (found,) = [s for s in suggested(cast, cast.erin) if s.course.name == "Brand new"]
    assert "It is new: it has been open since 20 November." == found.why_now.text
    assert found.why_this.text.endswith("too little is known yet to say more.")


# --- small sites --------------------------------------------------------------------------------


def test_old_courses_that_nobody_took_are_not_suggested(cast: Cast) -> None:
    """No completion, nobody of theirs enrolled, nothing new: then there is nothing to say."""
    with cast.store.work() as work:
        work.sql.execute(t.enrolments.delete())

    assert 0 == refresh(cast)
    assert [] == suggested(cast, cast.alice)


def test_a_leader_without_people_gets_nothing(cast: Cast) -> None:
    """Everybody else left Sales: there is nobody to share with."""
    finish(cast, [cast.charlie], cast.feedback, days_ago=1)
    with cast.store.work() as work:
        m = t.memberships
        work.sql.execute(m.delete().where(m.c.person_id.in_([cast.bob, cast.beth])))

    refresh(cast)

    assert [] == suggested(cast, cast.alice)


def test_leaders_without_any_people_get_nothing(cast: Cast) -> None:
    """The teams are named and led, and nobody is in them yet."""
    with cast.store.work() as work:
        work.sql.execute(t.memberships.delete())

    assert 0 == refresh(cast)


def test_a_site_without_courses_gets_nothing(cast: Cast) -> None:
    """All were deleted in the LMS."""
    with cast.store.work() as work:
        work.sql.execute(t.courses.update().values(gone=True))

    assert 0 == refresh(cast)


@pytest.mark.parametrize("table", [t.leaders, t.people])
def test_a_site_without_leaders_or_people_gets_nothing(cast: Cast, table: Any) -> None:
    """Nobody leads, or nobody is there at all."""
    with cast.store.work() as work:
        work.sql.execute(table.delete())

    assert 0 == refresh(cast)


def test_a_connection_that_is_not_there_has_no_suggestions(cast: Cast) -> None:
    """Nothing to do is no error; and before the first refresh the desk is empty."""
    with cast.store.work() as work:
        assert 0 == curation.refresh(work, 9_999, cast.now)
    assert [] == suggested(cast, cast.alice)


# --- again, and again ---------------------------------------------------------------------------


def test_a_second_refresh_writes_nothing(cast: Cast) -> None:
    """The same data on the same day: the same rows, to the second in which they were made."""
    finish(cast, [cast.bob], cast.feedback, days_ago=2)
    assert 0 < refresh(cast)
    before = rows(cast)

    assert 0 == refresh(cast, cast.now + timedelta(hours=10))
    assert before == rows(cast)


def test_a_days_news_rewrites_what_it_changes(cast: Cast) -> None:
    """Twelve of Engineering finish Giving feedback: Alice's and Erin's reasons change in place."""
    hire(cast, cast.sales, 12)
    people = hire(cast, cast.engineering, 20, first=2_000)
    refresh(cast)
    before = {row[0]: row for row in rows(cast)}
    finish(cast, people[:12], cast.feedback, days_ago=0.1)

    assert 0 < refresh(cast, cast.now + timedelta(minutes=5))

    after = {row[0]: row for row in rows(cast)}
    assert set(before) <= set(after)
    (found,) = [s for s in suggested(cast, cast.erin) if s.course.id == cast.feedback]
    expected = "12 of your 21 people have finished it, most of them in the last three weeks"
    assert expected in found.why_this.text


def test_a_refresh_for_one_leader_leaves_the_others(cast: Cast) -> None:
    """Alice's are made, Erin's are not."""
    assert 0 < refresh(cast, leader=cast.alice)

    assert [] == suggested(cast, cast.erin)
    assert 0 == refresh(cast, leader=cast.bob)


def test_one_leader_gets_alone_what_they_get_among_all(cast: Cast) -> None:
    """The command for one leader and the worker's round agree."""
    finish(cast, [cast.bob, cast.charlie], cast.negotiation, days_ago=3)
    refresh(cast, leader=cast.alice)
    alone = suggested(cast, cast.alice)

    refresh(cast)

    assert alone == suggested(cast, cast.alice)


# --- what leaders decided -----------------------------------------------------------------------


@pytest.fixture
def wide(cast: Cast) -> Cast:
    """The cast with seven further courses that Charlie finished long ago."""
    for number in range(7):
        course = open_course(cast, f"Course {number}", category=f"Kind {number}")
        finish(cast, [cast.charlie], course)
    return cast


def share(cast: Cast, suggestion: Suggestion, now: datetime | None = None) -> str:
    """Alice shares it with Sales; the uid of the activity."""
    with cast.store.work() as work:
        return desk.share(
            work,
            cast.viewer(cast.alice),
            course_id=suggestion.course.id,
            text="This helped me.",
            audience=Audience(AudienceKind.TEAM, cast.sales),
            now=now or cast.now,
            suggestion_id=suggestion.id,
        ).uid


def test_what_was_decided_stays_and_counts_towards_the_three(wide: Cast) -> None:
    """One shared, one put off, one dismissed: the week is full, and a refresh adds nothing."""
    refresh(wide)
    one, two, three = suggested(wide, wide.alice)
    share(wide, one)
    alice = wide.viewer(wide.alice)
    with wide.store.work() as work:
        desk.later(work, alice, two.id, wide.now)
        desk.dismiss(work, alice, three.id, "Not us.", wide.now)

    assert 0 == refresh(wide, wide.now + timedelta(hours=1))

    assert [(one.id, "shared"), (two.id, "later")] == [
        (s.id, s.state) for s in suggested(wide, wide.alice)
    ]


def test_what_is_left_open_stays_beside_what_was_shared(wide: Cast) -> None:
    """She shares the first: the other two stay, and no fourth comes."""
    refresh(wide)
    first, *others = suggested(wide, wide.alice)
    share(wide, first)

    refresh(wide)

    found = suggested(wide, wide.alice)
    assert 3 == len(found)
    assert {s.id for s in others} | {first.id} == {s.id for s in found}


def test_what_was_shared_or_dismissed_does_not_come_back_for_eight_weeks(wide: Cast) -> None:
    """Next week both are away; after eight weeks they may be among the best again."""
    refresh(wide)
    one, two, _ = suggested(wide, wide.alice)
    share(wide, one)
    with wide.store.work() as work:
        desk.dismiss(work, wide.viewer(wide.alice), two.id, "", wide.now)

    for weeks in range(1, 8):
        now = wide.now + timedelta(weeks=weeks)
        refresh(wide, now)
        assert {one.course.id, two.course.id}.isdisjoint(
            s.course.id for s in suggested(wide, wide.alice, now)
        )


def test_a_share_without_a_suggestion_counts_as_well(wide: Cast) -> None:
    """She shared Giving feedback from its own page: it is not suggested to her."""
    finish(wide, [wide.bob], wide.feedback, days_ago=1)
    with wide.store.work() as work:
        desk.share(
            work,
            wide.viewer(wide.alice),
            course_id=wide.feedback,
            text="This helped me.",
            audience=Audience(AudienceKind.TEAM, wide.sales),
            now=wide.now,
        )

    refresh(wide)

    assert "Giving feedback" not in names(wide, wide.alice)


def test_what_was_taken_back_is_open_again(wide: Cast) -> None:
    """Shared and undone: the same suggestion stands there, as if nothing had been."""
    refresh(wide)
    before = suggested(wide, wide.alice)
    uid = share(wide, before[0])
    with wide.store.work() as work:
        desk.undo(work, wide.viewer(wide.alice), uid, wide.now)

    assert 0 == refresh(wide)
    assert before == suggested(wide, wide.alice)


def test_what_was_put_off_comes_back_and_says_so(wide: Cast) -> None:
    """Next week it is there again, before what is equal to it."""
    refresh(wide)
    chosen = suggested(wide, wide.alice)[0]
    with wide.store.work() as work:
        desk.later(work, wide.viewer(wide.alice), chosen.id, wide.now)
    now = wide.now + timedelta(weeks=1)

    refresh(wide, now)

    (found,) = [s for s in suggested(wide, wide.alice, now) if s.course.id == chosen.course.id]
    assert "You put it off on 25 November." == found.why_now.text


def test_what_was_left_lying_makes_room(wide: Cast) -> None:
    """A week later, with nothing else changed, other courses have their turn."""
    refresh(wide)
    before = names(wide, wide.alice)
    now = wide.now + timedelta(weeks=1)

    refresh(wide, now)

    assert set(before).isdisjoint(names(wide, wide.alice, now))
    assert before == names(wide, wide.alice)


# --- what is withdrawn --------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{"visible": False}, {"gone": True}], ids=str)
def test_a_course_that_is_hidden_takes_its_suggestion_along(
    wide: Cast, values: dict[str, Any]
) -> None:
    """The page leaves it out at once; the next refresh takes it away and fills its place."""
    refresh(wide)
    first, second, third = suggested(wide, wide.alice)
    with wide.store.work() as work:
        desk.later(work, wide.viewer(wide.alice), second.id, wide.now)
    for course in (first.course.id, second.course.id):
        set_row(wide, t.courses, course, **values)

    assert [third.id] == [s.id for s in suggested(wide, wide.alice)]
    refresh(wide)

    found = suggested(wide, wide.alice)
    assert 3 == len(found)
    assert {first.course.id, second.course.id}.isdisjoint(row[2] for row in rows(wide))


def test_a_course_that_became_mandatory_is_withdrawn(wide: Cast) -> None:
    """The admin moved it to Compliance."""
    refresh(wide)
    first = suggested(wide, wide.alice)[0]
    set_row(wide, t.courses, first.course.id, mandatory=True)

    refresh(wide)

    assert first.course.name not in names(wide, wide.alice)


def test_who_leads_no_more_has_no_suggestions(wide: Cast) -> None:
    """Alice handed Sales over; what she had shared stays as history, and Erin's stay."""
    refresh(wide)
    shared, *_ = suggested(wide, wide.alice)
    share(wide, shared)
    erins = suggested(wide, wide.erin)
    with wide.store.work() as work:
        work.sql.execute(t.leaders.delete().where(t.leaders.c.person_id == wide.alice))

    refresh(wide)

    assert [shared.id] == [s.id for s in suggested(wide, wide.alice)]
    assert erins == suggested(wide, wide.erin)


# --- a company ----------------------------------------------------------------------------------


def company(cast: Cast, seed: int = 3) -> list[int]:
    """Eight teams of 24 with tastes of their own and three months of completions; the leaders."""
    rng = Random(seed)
    courses = [open_course(cast, f"Subject {n}", category=f"Kind {n % 5}") for n in range(24)]
    leaders = []
    for number in range(8):
        with cast.store.work() as work:
            team = work.sql.execute(
                t.teams.insert().returning(t.teams.c.id),
                {
                    "connection_id": cast.connection,
                    "lms_id": 100 + number,
                    "name": f"Team {number}",
                },
            ).scalar_one()
        people = hire(cast, team, 24, first=5_000 + 100 * number)
        insert(cast, t.leaders, {"team_id": team, "person_id": people[0]})
        leaders.append(people[0])
        liked = {*courses[3 * number : 3 * number + 5], *courses[:2]}
        for course in sorted(liked):
            for person in rng.sample(people[1:], rng.randint(3, 16)):
                finish(cast, [person], course, days_ago=rng.uniform(0, 90))
    return leaders


def test_a_company_gets_lists_that_differ(lite_cast: Cast) -> None:
    """Eight leaders: three each, every reason said, and hardly two lists alike."""
    leaders = company(lite_cast)

    refresh(lite_cast)

    lists = [suggested(lite_cast, leader) for leader in leaders]
    assert [3] * 8 == [len(found) for found in lists]
    assert 7 <= len({frozenset(s.course.id for s in found) for found in lists})
    for found in lists:
        assert 2 <= len({s.course.category for s in found})
        for s in found:
            assert s.why_this.text and s.why_you.text and s.why_now.text and "?" in s.prompt


def test_the_same_site_gets_the_same_suggestions(lite_cast: Cast) -> None:
    """Made twice from nothing, they are the same to the last word."""
    company(lite_cast)
    refresh(lite_cast)
    first = [row[1:] for row in rows(lite_cast)]
    with lite_cast.store.work() as work:
        work.sql.execute(t.suggestions.delete())

    refresh(lite_cast)

    assert first == [row[1:] for row in rows(lite_cast)]


def test_a_course_in_decline_is_no_momentum(lite_cast: Cast) -> None:
    """Whatever the reasons are, each that tells of a rise is about a course that rose."""
    leaders = company(lite_cast)
    refresh(lite_cast)

    told = [
        (s.course.id, text)
        for leader in leaders
        for s in suggested(lite_cast, leader)
        for text in (s.why_this.text, s.why_now.text)
        if "usual in the last seven days" in text or "a week is usual" in text
    ]

    assert told
    with lite_cast.store.reading() as work:
        f = t.completions.c
        for course, _ in told:
            found = work.sql.execute(t.completions.select().where(f.course_id == course)).fetchall()
            ages = [(lite_cast.now.date() - r.completed_at.date()).days for r in found]
            week = sum(0 <= age < 7 for age in ages)
            usual = sum(14 <= age < 70 for age in ages) / 8
            assert week > usual


def statements(store: Store, act: Any) -> int:
    """How many statements the act sends."""
    sent: list[str] = []

    def note(*args: Any) -> None:
        sent.append(args[2])

    event.listen(store.engine, "before_cursor_execute", note)
    act()
    event.remove(store.engine, "before_cursor_execute", note)
    return len(sent)


def test_more_leaders_are_not_more_statements(lite_cast: Cast) -> None:
    """Ten leaders cost what two do; a leader's page is one statement."""
    few = statements(lite_cast.store, lambda: refresh(lite_cast))
    leaders = company(lite_cast)
    many = statements(lite_cast.store, lambda: refresh(lite_cast))
    page = statements(lite_cast.store, lambda: suggested(lite_cast, leaders[0]))

    assert many <= few + 2
    # The page's transaction itself is a BEGIN.
    assert page <= 2
