"""Facts become activities, and what was told is corrected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bridge import consent
from bridge.feed import read
from bridge.feed.project import project, project_person
from bridge.model import Audience, AudienceKind, Choice, CompletionFact, Kind, PersonFact
from bridge.storage import tables as t
from bridge.storage.verdicts import Due
from bridge.sync import verdicts
from bridge.visibility import shown_count
from tests.cast import Cast
from tests.conftest import FrozenClock


def told(cast: Cast, **where: Any) -> list[Any]:
    """The activities, gone ones included, by id."""
    query = select(t.activities).order_by(t.activities.c.id)
    for column, value in where.items():
        query = query.where(t.activities.c[column] == value)
    with cast.store.reading() as work:
        return list(work.sql.execute(query))


def named(cast: Cast, activity_id: int) -> set[int]:
    """Who is named in it."""
    m = t.activity_members.c
    with cast.store.reading() as work:
        rows = work.sql.execute(select(m.person_id).where(m.activity_id == activity_id))
        return set(rows.scalars())


def run(cast: Cast) -> list[int]:
    """Project once."""
    with cast.store.work() as work:
        return project(work, cast.connection, cast.now)


def test_nobody_is_told_of_without_consent(cast: Cast) -> None:
    """Bob finished a course and chose nothing: the feed stays silent."""
    cast.complete(cast.bob, cast.feedback)
    assert [] == run(cast)
    assert [] == told(cast)


def test_a_completion_is_told_once(cast: Cast) -> None:
    """Bob chose everyone; a second look finds nothing to do."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    [changed] = run(cast)
    [activity] = told(cast)
    assert (changed, f"everyone:{cast.connection}", 1) == (
        activity.id,
        activity.audience,
        activity.revision,
    )
    assert {cast.bob} == named(cast, activity.id)
    assert [] == run(cast)


def test_a_day_grows_in_place(cast: Cast) -> None:
    """Charlie finishes the same course on the same day: one activity, a new revision."""
    for person in (cast.bob, cast.charlie):
        cast.choose(person, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback, days_ago=0.1)
    run(cast)
    cast.complete(cast.charlie, cast.feedback)
    assert 1 == len(run(cast))
    [activity] = told(cast)
    assert (2, 2) == (activity.revision, activity.named)
    assert {cast.bob, cast.charlie} == named(cast, activity.id)


def test_another_day_is_another_activity(cast: Cast) -> None:
    """Yesterday stays yesterday."""
    for person in (cast.bob, cast.charlie):
        cast.choose(person, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback, days_ago=1)
    cast.complete(cast.charlie, cast.feedback)
    run(cast)
    assert [1, 1] == [activity.named for activity in told(cast)]


def test_a_silent_change_of_the_raw_number_is_no_revision(cast: Cast) -> None:
    """Beth, who chose nobody, makes it one other: nothing looks different."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    run(cast)
    cast.complete(cast.beth, cast.feedback)
    assert [] == run(cast)
    [activity] = told(cast)
    assert (1, 1, 1) == (activity.revision, activity.named, activity.others)


def test_teams_are_told_what_teams_may_know(cast: Cast) -> None:
    """Bob chose his teams: Sales is told, everyone is not."""
    cast.choose(cast.bob, Choice.TEAMS)
    cast.complete(cast.bob, cast.feedback)
    run(cast)
    assert [f"team:{cast.sales}"] == [activity.audience for activity in told(cast)]


def test_withdrawing_takes_the_name_out(cast: Cast) -> None:
    """Bob takes it back: Charlie stays; then Charlie too, and nothing is left."""
    for person in (cast.bob, cast.charlie):
        cast.choose(person, Choice.EVERYONE)
        cast.complete(person, cast.feedback)
    run(cast)
    for person, left, gone in ((cast.bob, {cast.charlie}, False), (cast.charlie, set(), True)):
        with cast.store.work() as work:
            consent.choose(work, person, Choice.NOBODY, cast.now, "person")
            assert 1 == len(project_person(work, cast.connection, person, cast.now))
        [activity] = told(cast)
        assert (left, gone) == (named(cast, activity.id), activity.gone)


def test_choosing_again_brings_it_back(cast: Cast) -> None:
    """The same activity returns, at a later revision."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    run(cast)
    for choice in (Choice.NOBODY, Choice.EVERYONE):
        with cast.store.work() as work:
            consent.choose(work, cast.bob, choice, cast.now, "person")
        run(cast)
    [activity] = told(cast)
    assert (False, 3) == (activity.gone, activity.revision)
    assert {cast.bob} == named(cast, activity.id)


def test_narrowing_moves_the_item_to_the_team(cast: Cast) -> None:
    """From everyone to my teams: gone here, told there."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    run(cast)
    with cast.store.work() as work:
        consent.choose(work, cast.bob, Choice.TEAMS, cast.now, "person")
    run(cast)
    assert [(f"everyone:{cast.connection}", True), (f"team:{cast.sales}", False)] == [
        (activity.audience, activity.gone) for activity in told(cast)
    ]


def test_history_and_mandatory_courses_are_not_told(cast: Cast) -> None:
    """Neither what is older than a week, nor safety training, nor a hidden course."""
    cast.choose(cast.bob, Choice.PUBLIC)
    cast.complete(cast.bob, cast.feedback, days_ago=30, history=True)
    cast.complete(cast.bob, cast.safety)
    cast.complete(cast.bob, cast.layoffs)
    run(cast)
    assert [] == told(cast)


def test_hiding_a_course_takes_everything_of_it_away(cast: Cast) -> None:
    """Completions, its announcement and its discussions; showing it brings them back."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    cast.ask(cast.beth, cast.feedback)
    _change_course(cast, cast.feedback, history=False)
    run(cast)
    assert [False, False, False] == [activity.gone for activity in told(cast)]
    _change_course(cast, cast.feedback, visible=False)
    assert 3 == len(run(cast))
    assert [True, True, True] == [activity.gone for activity in told(cast)]
    _change_course(cast, cast.feedback, visible=True)
    run(cast)
    assert [False, False, False] == [activity.gone for activity in told(cast)]


def test_a_renamed_course_is_told_by_its_new_name(cast: Cast) -> None:
    """Outlets that show the old one are to be corrected, so it is a new revision."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    run(cast)
    _change_course(cast, cast.feedback, name="Giving good feedback")
    assert 1 == len(run(cast))
    [activity] = told(cast)
    assert ("Giving good feedback", 2) == (activity.title, activity.revision)


def test_a_new_course_is_told_and_an_old_one_is_not(cast: Cast) -> None:
    """What was there at the first sync is no news."""
    _change_course(cast, cast.negotiation, history=False)
    _change_course(cast, cast.feedback, history=True)
    run(cast)
    assert [(cast.negotiation, "course")] == [(a.course_id, a.kind) for a in told(cast)]


def test_a_discussion_is_told_to_its_course(cast: Cast) -> None:
    """A question is marked as one; what the bridge itself posted is not told."""
    cast.ask(cast.beth, cast.feedback, "How do you start?", lms_id=500)
    ours = cast.ask(cast.bob, cast.feedback, "Three finished", lms_id=501)
    with cast.store.work() as work:
        work.sql.execute(t.discussions.update().where(t.discussions.c.id == ours).values(ours=True))
    run(cast)
    [activity] = told(cast)
    assert (f"course:{cast.feedback}", cast.beth, True) == (
        activity.audience,
        activity.actor_id,
        activity.question,
    )


def test_a_retitled_discussion_is_a_new_revision(cast: Cast) -> None:
    """More replies are none."""
    discussion = cast.ask(cast.beth, cast.feedback)
    run(cast)
    for values, changed in (({"replies": 3}, 0), ({"title": "How do I start?"}, 1)):
        with cast.store.work() as work:
            work.sql.execute(
                t.discussions.update()
                .where(t.discussions.c.id == discussion)
                .values(pending=True, **values)
            )
        assert changed == len(run(cast))


def test_a_first_telling_keeps_the_times_of_the_lms(cast: Cast, clock: FrozenClock) -> None:
    """What a first sync finds is not all told at this moment; later news is."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback, days_ago=3)
    run(cast)
    [first] = told(cast)
    assert cast.now - timedelta(days=3) == first.published
    cast.complete(cast.bob, cast.negotiation, days_ago=0.2)
    run(cast)
    assert cast.now == told(cast)[-1].published


def _change_course(cast: Cast, course: int, **values: Any) -> None:
    with cast.store.work() as work:
        work.sql.execute(
            t.courses.update().where(t.courses.c.id == course).values(pending=True, **values)
        )


def test_a_number_says_nothing_of_those_it_is_taken_from(cast: Cast) -> None:
    """Five named and five others are all ten of the course: then no number is told."""
    people = _crowd(cast, 10)
    for person in people:
        cast.complete(person, cast.safety)
    _change_course(cast, cast.safety, mandatory=False)
    for person in people[:5]:
        cast.choose(person, Choice.EVERYONE)
    run(cast)
    [activity] = told(cast, kind="completion")
    assert (5, 5, 5) == (activity.named, activity.others, activity.group_size)
    assert None is shown_count(activity.others, activity.group_size)


def test_who_is_suspended_is_no_cover_for_the_others(cast: Cast) -> None:
    """Five of ten are suspended: what the other five did is what everybody did."""
    people = _crowd(cast, 10)
    for person in people[:5]:
        cast.complete(person, cast.safety)
    with cast.store.work() as work:
        work.sql.execute(
            t.people.update().where(t.people.c.id.in_(people[5:])).values(suspended=True)
        )
    _change_course(cast, cast.safety, mandatory=False)
    run(cast)
    assert [] == told(cast, kind="completion")


def _crowd(cast: Cast, count: int) -> list[int]:
    """So many people in Safety, and nobody else."""
    with cast.store.work() as work:
        ids = [
            work.sql.execute(
                t.people.insert().returning(t.people.c.id),
                {"connection_id": cast.connection, "lms_id": 700 + n, "name": f"Person {n}"},
            ).scalar_one()
            for n in range(count)
        ]
        work.sql.execute(
            t.enrolments.insert(),
            [{"course_id": cast.safety, "person_id": i, "first_seen_at": cast.now} for i in ids],
        )
    return ids


def test_leaving_a_team_takes_the_name_out_of_it(cast: Cast) -> None:
    """Bob told his teams; when the LMS says that he is of Sales no more, Sales is told no more."""
    cast.choose(cast.bob, Choice.TEAMS)
    cast.complete(cast.bob, cast.feedback)
    run(cast)
    with cast.store.work() as work:
        people = {100: cast.alice, 101: cast.bob, 102: cast.beth, 103: cast.charlie, 104: cast.erin}
        work.facts.put_members(cast.connection, {1: [100, 102], 2: [103, 104]}, people)
    assert 1 == len(run(cast))
    [activity] = told(cast)
    assert activity.gone


def test_who_is_suspended_is_named_no_more_and_again_when_they_return(cast: Cast) -> None:
    """At the next record that the LMS gives of them."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    run(cast)
    for suspended in (True, False):
        bob = PersonFact(
            101, "Bob Brown", "bob", "bob@acme.example", None, None, None, None, suspended, None
        )
        with cast.store.work() as work:
            work.people.put(cast.connection, [101], [bob], cast.now)
        assert 1 == len(run(cast))
        [activity] = told(cast)
        assert suspended is activity.gone
    with cast.store.work() as work:
        work.people.put(cast.connection, [101], [], cast.now)
    run(cast)
    assert told(cast)[0].gone


def test_a_choice_reaches_what_was_asked_in_the_lms(cast: Cast) -> None:
    """Outlets name the author of a discussion by their choice, so they look at it again."""
    cast.ask(cast.bob, cast.feedback)
    run(cast)
    with cast.store.work() as work:
        consent.choose(work, cast.bob, Choice.NOBODY, cast.now, "person")
        assert [told(cast)[0].id] == project_person(work, cast.connection, cast.bob, cast.now)
    assert 2 == told(cast)[0].revision


def test_a_share_of_a_course_that_is_hidden_is_shown_anew(cast: Cast) -> None:
    """The words stay, the course beside them goes; when it is back, so is its name."""
    audience = Audience(AudienceKind.EVERYONE, cast.connection)
    with cast.store.work() as work:
        share = work.desk.write(
            Kind.SHARE,
            cast.viewer(cast.alice),
            audience=audience,
            text="Who joins?",
            now=cast.now,
            course_id=cast.feedback,
            title="Giving feedback",
        )
    _change_course(cast, cast.feedback)
    assert [] == run(cast)
    for visible, title in ((False, ""), (True, "Giving feedback")):
        _change_course(cast, cast.feedback, visible=visible)
        assert share.id in run(cast)
        assert (title, False) == (told(cast)[0].title, told(cast)[0].gone)


def test_an_edited_question_is_a_new_revision(cast: Cast) -> None:
    """Not its title alone: outlets show its text, too."""
    discussion = cast.ask(cast.beth, cast.feedback)
    run(cast)
    with cast.store.work() as work:
        work.sql.execute(
            t.discussions.update()
            .where(t.discussions.c.id == discussion)
            .values(pending=True, text="Before Friday, please.")
        )
    assert 1 == len(run(cast))


def _verdict(cast: Cast, person: int, days_ago: float) -> None:
    """The LMS says that the person finished Giving feedback then."""
    due = Due(cast.feedback, person, 10, 100)
    fact = CompletionFact(10, 100, True, cast.now - timedelta(days=days_ago))
    moment = verdicts.Moment(cast.now, cast.now - timedelta(days=7), dateless_is_news=True)
    with cast.store.work() as work:
        verdicts.store(work, cast.connection, [verdicts.Answered(due, fact)], moment)


def test_a_renewal_is_told_as_one(cast: Cast) -> None:
    """Bob finished a year ago, which is history, and again today; Beth finished for the first."""
    for person in (cast.bob, cast.beth):
        cast.choose(person, Choice.EVERYONE)
    _verdict(cast, cast.bob, 400)
    _verdict(cast, cast.bob, 0.1)
    _verdict(cast, cast.beth, 0.1)
    run(cast)
    assert {("renewal", cast.bob), ("completion", cast.beth)} == {
        (activity.kind, *named(cast, activity.id)) for activity in told(cast)
    }
    with cast.store.reading() as work:
        items = read.home(work, cast.viewer(cast.charlie)).items
    assert {Kind.RENEWAL: "Bob Brown", Kind.COMPLETION: "Beth Becker"} == {
        item.activity.kind: item.names[0].name for item in items
    }


def test_a_renewal_of_long_ago_is_no_news(cast: Cast) -> None:
    """A site that is read for the first time in a year finds old ones."""
    cast.choose(cast.bob, Choice.EVERYONE)
    _verdict(cast, cast.bob, 400)
    _verdict(cast, cast.bob, 30)
    run(cast)
    assert [] == told(cast)


def test_what_was_told_before_a_renewal_keeps_its_time(cast: Cast) -> None:
    """Bob renews what he finished five days ago: the older post still says five days ago."""
    cast.choose(cast.bob, Choice.EVERYONE)
    _verdict(cast, cast.bob, 5)
    run(cast)
    _verdict(cast, cast.bob, 0)
    run(cast)
    with cast.store.reading() as work:
        new, old = read.home(work, cast.viewer(cast.charlie)).items
    assert (Kind.RENEWAL, cast.now) == (new.activity.kind, new.completed_at)
    assert (Kind.COMPLETION, cast.now - timedelta(days=5), None) == (
        old.activity.kind,
        old.completed_at,
        old.recorded_at,
    )


def test_what_has_no_date_says_so(cast: Cast) -> None:
    """The LMS recognised prior learning: when that was nobody knows."""
    cast.choose(cast.bob, Choice.EVERYONE)
    completion = cast.complete(cast.bob, cast.feedback)
    with cast.store.work() as work:
        k = t.completions
        work.sql.execute(k.update().where(k.c.id == completion).values(dated=False))
    run(cast)
    with cast.store.reading() as work:
        (item,) = read.home(work, cast.viewer(cast.charlie)).items
    assert (False, None, cast.now) == (item.dated, item.completed_at, item.recorded_at)


def test_withdrawing_takes_a_renewal_back_too(cast: Cast) -> None:
    """As it does any completion."""
    cast.choose(cast.bob, Choice.EVERYONE)
    _verdict(cast, cast.bob, 400)
    _verdict(cast, cast.bob, 0)
    run(cast)
    with cast.store.work() as work:
        consent.choose(work, cast.bob, Choice.NOBODY, cast.now, "person")
        assert 1 == len(project_person(work, cast.connection, cast.bob, cast.now))
    assert [("renewal", True)] == [(activity.kind, activity.gone) for activity in told(cast)]
