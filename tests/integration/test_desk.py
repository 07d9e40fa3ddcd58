"""A leader shares, takes back, puts off, dismisses and answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest

from bridge import desk
from bridge.errors import InputError, NotAllowed, NotFound
from bridge.listening import unanswered
from bridge.model import Activity, Audience, AudienceKind, DeliveryState, Kind, SharedItem
from bridge.storage import tables as t
from tests.cast import Cast

WORDS = "I gave feedback badly for years. This is what changed it."


def sales(cast: Cast) -> Audience:
    return Audience(AudienceKind.TEAM, cast.sales)


def everyone(cast: Cast) -> Audience:
    return Audience(AudienceKind.EVERYONE, cast.connection)


def suggest(cast: Cast, leader: int | None = None, course: int | None = None) -> int:
    """A suggestion of this week (by default Giving feedback to Alice); its id."""
    with cast.store.work() as work:
        return work.sql.execute(
            t.suggestions.insert().returning(t.suggestions.c.id),
            {
                "leader_id": leader or cast.alice,
                "course_id": course or cast.feedback,
                "team_id": cast.sales,
                "week": date(2026, 11, 23),
                "score": 0.5,
                "reasons": {},
                "made_at": cast.now,
            },
        ).scalar_one()


def share(cast: Cast, person: int | None = None, **changes: Any) -> Activity:
    """The person (by default Alice) shares Giving feedback with Sales."""
    wanted = {
        "course_id": cast.feedback,
        "text": WORDS,
        "audience": sales(cast),
        "now": cast.now,
        **changes,
    }
    with cast.store.work() as work:
        return desk.share(work, cast.viewer(person or cast.alice), **wanted)


def decision(cast: Cast, suggestion_id: int) -> tuple[str, str, int | None]:
    """State, reason and activity of the suggestion as it is stored."""
    s = t.suggestions
    with cast.store.reading() as work:
        row = work.sql.execute(s.select().where(s.c.id == suggestion_id)).one()
    return row.state, row.decided_why, row.activity_id


def stored(cast: Cast) -> int:
    """How many activities there are."""
    with cast.store.reading() as work:
        return len(work.sql.execute(t.activities.select()).all())


def set_row(cast: Cast, table: Any, ident: int, **values: Any) -> None:
    """Change the row with that id."""
    with cast.store.work() as work:
        work.sql.execute(table.update().where(table.c.id == ident).values(**values))


# --- share --------------------------------------------------------------------------------------


def test_a_leader_shares_a_course_with_their_team(cast: Cast) -> None:
    """Alice's words become an activity for Sales, trimmed and otherwise as she wrote them."""
    activity = share(cast, text=f"  {WORDS}\r\n\r\nSee you there! \x07 ")

    assert (
        Kind.SHARE,
        sales(cast),
        cast.alice,
        cast.feedback,
        f"{WORDS}\n\nSee you there!",
        cast.now,
        1,
        False,
    ) == (
        activity.kind,
        activity.audience,
        activity.actor_id,
        activity.course_id,
        activity.text,
        activity.published,
        activity.revision,
        activity.gone,
    )


def test_a_share_decides_the_suggestion_it_came_from(cast: Cast) -> None:
    """The suggestion is shared, and knows which activity it became."""
    suggestion = suggest(cast)

    activity = share(cast, suggestion_id=suggestion)

    assert ("shared", "", activity.id) == decision(cast, suggestion)


def test_a_leader_may_share_with_everyone(cast: Cast) -> None:
    """Everyone of the connection is an audience too."""
    assert everyone(cast) == share(cast, audience=everyone(cast)).audience


def test_a_team_one_is_only_in_is_an_audience_too(cast: Cast) -> None:
    """Alice sits in Engineering as well and may tell them something."""
    viewer = cast.viewer(cast.alice)
    both = replace(viewer, team_ids=viewer.team_ids | {cast.engineering})
    engineering = Audience(AudienceKind.TEAM, cast.engineering)

    with cast.store.work() as work:
        activity = desk.share(
            work,
            both,
            course_id=cast.feedback,
            text=WORDS,
            audience=engineering,
            now=cast.now,
        )

    assert engineering == activity.audience


@pytest.mark.parametrize("person", ["bob", "dana"])
def test_who_leads_nobody_does_not_share(cast: Cast, person: str) -> None:
    """A teammate posts in the feed; an admin's office is no team."""
    with pytest.raises(NotAllowed, match="Only leaders"):
        share(cast, getattr(cast, person), audience=everyone(cast))
    assert 0 == stored(cast)


@pytest.mark.parametrize(
    "audience",
    ["team:engineering", "everyone:elsewhere", "course:feedback", "public:here"],
)
def test_an_audience_of_others_is_refused(cast: Cast, audience: str) -> None:
    """Another team, another LMS, a course's people and the world are not hers to address."""
    chosen = {
        "team:engineering": Audience(AudienceKind.TEAM, cast.engineering),
        "everyone:elsewhere": Audience(AudienceKind.EVERYONE, cast.connection + 1),
        "course:feedback": Audience(AudienceKind.COURSE, cast.feedback),
        "public:here": Audience(AudienceKind.PUBLIC, cast.connection),
    }[audience]

    with pytest.raises(InputError, match="cannot share with these people"):
        share(cast, audience=chosen)
    assert 0 == stored(cast)


def test_a_hidden_course_is_not_shared(cast: Cast) -> None:
    """Her people would find nothing there, and its name alone says too much."""
    with pytest.raises(InputError, match="cannot see this course") as caught:
        share(cast, course_id=cast.layoffs)
    assert "Layoffs" not in str(caught.value)


def test_a_course_that_is_not_there_is_refused_alike(cast: Cast) -> None:
    """A hidden course and one that never was cannot be told apart."""
    with pytest.raises(InputError, match="cannot see this course"):
        share(cast, course_id=9_999)


def test_another_leaders_suggestion_is_not_there(cast: Cast) -> None:
    """Erin's suggestion is none of Alice's business, and stays open."""
    suggestion = suggest(cast, cast.erin)

    with pytest.raises(NotFound):
        share(cast, suggestion_id=suggestion)
    assert ("open", "", None) == decision(cast, suggestion)


def test_a_suggestion_of_another_course_is_not_there(cast: Cast) -> None:
    """A form that names one course and the suggestion of another is refused whole."""
    suggestion = suggest(cast, course=cast.negotiation)

    with pytest.raises(NotFound):
        share(cast, suggestion_id=suggestion)
    assert 0 == stored(cast)


@pytest.mark.parametrize("with_suggestion", [True, False])
def test_a_double_click_shares_once(cast: Cast, with_suggestion: bool) -> None:
    """The second click finds the first one's activity."""
    suggestion = suggest(cast) if with_suggestion else None

    first = share(cast, suggestion_id=suggestion)
    second = share(
        cast, suggestion_id=suggestion, text=f" {WORDS} ", now=cast.now + timedelta(minutes=9)
    )

    assert (first, 1) == (second, stored(cast))


def test_the_same_words_later_are_a_new_share(cast: Cast) -> None:
    """Eleven minutes on it is no accident any more."""
    first = share(cast)
    second = share(cast, now=cast.now + timedelta(minutes=11))

    assert first.uid != second.uid


def test_a_shared_suggestion_is_not_shared_in_other_words(cast: Cast) -> None:
    """The first share has to be taken back before: two about one thing help nobody."""
    suggestion = suggest(cast)
    share(cast, suggestion_id=suggestion)

    with pytest.raises(InputError, match="already"):
        share(cast, suggestion_id=suggestion, text="Another thought.")
    assert 1 == stored(cast)


def test_clicks_at_the_same_moment_share_once(cast: Cast) -> None:
    """Four requests at once, each in a transaction of its own: one activity, and all see it."""
    suggestion = suggest(cast)
    barrier = Barrier(4)

    def click(_: int) -> str:
        barrier.wait(timeout=10)
        return share(cast, suggestion_id=suggestion).uid

    with ThreadPoolExecutor(4) as pool:
        uids = set(pool.map(click, range(4)))

    assert (1, 1) == (len(uids), stored(cast))


# --- undo ---------------------------------------------------------------------------------------


def test_a_share_that_is_taken_back_leaves_the_suggestion_open(cast: Cast) -> None:
    """The activity is gone in a revision of its own, so that every outlet follows."""
    suggestion = suggest(cast)
    activity = share(cast, suggestion_id=suggestion)
    later = cast.now + timedelta(seconds=40)

    with cast.store.work() as work:
        gone = desk.undo(work, cast.viewer(cast.alice), activity.uid, later)

    assert (True, 2, later) == (gone.gone, gone.revision, gone.updated)
    assert ("open", "", None) == decision(cast, suggestion)


def test_taken_back_twice_is_taken_back_once(cast: Cast) -> None:
    """A second click changes nothing: no third revision, and no later time."""
    activity = share(cast)
    with cast.store.work() as work:
        first = desk.undo(work, cast.viewer(cast.alice), activity.uid, cast.now)
        second = desk.undo(
            work, cast.viewer(cast.alice), activity.uid, cast.now + timedelta(hours=1)
        )

    assert first == second


def test_after_undo_the_same_words_can_be_shared_again(cast: Cast) -> None:
    """She changed her mind twice: the new share is a new activity."""
    suggestion = suggest(cast)
    first = share(cast, suggestion_id=suggestion)
    with cast.store.work() as work:
        desk.undo(work, cast.viewer(cast.alice), first.uid, cast.now)

    second = share(cast, suggestion_id=suggestion)

    assert first.uid != second.uid
    assert ("shared", "", second.id) == decision(cast, suggestion)


def test_nobody_takes_back_what_another_shared(cast: Cast) -> None:
    """Erin cannot undo Alice's share, nor learn that it is there."""
    activity = share(cast)

    with cast.store.work() as work, pytest.raises(NotFound):
        desk.undo(work, cast.viewer(cast.erin), activity.uid, cast.now)


def test_only_shares_are_taken_back_here(cast: Cast) -> None:
    """A reply stands in the LMS's forum; and what never was cannot be taken back at all."""
    question = cast.ask(cast.bob, cast.feedback)
    with cast.store.work() as work:
        answer = desk.reply(work, cast.viewer(cast.alice), question, "Start small.", cast.now)

    for uid in (answer.uid, "no-such-uid"):
        with cast.store.work() as work, pytest.raises(NotFound):
            desk.undo(work, cast.viewer(cast.alice), uid, cast.now)


# --- later, dismiss -----------------------------------------------------------------------------


def test_a_suggestion_can_wait_and_then_be_dismissed(cast: Cast) -> None:
    """Later is no last word; the reason for a dismissal is kept, cleaned."""
    suggestion = suggest(cast)
    alice = cast.viewer(cast.alice)

    with cast.store.work() as work:
        desk.later(work, alice, suggestion, cast.now)
    assert ("later", "", None) == decision(cast, suggestion)

    with cast.store.work() as work:
        desk.dismiss(work, alice, suggestion, " We did this\x00 in May. ", cast.now)
    assert ("dismissed", "We did this in May.", None) == decision(cast, suggestion)


def test_what_was_shared_is_decided(cast: Cast) -> None:
    """Neither later nor not for me: the share has to be taken back first."""
    suggestion = suggest(cast)
    activity = share(cast, suggestion_id=suggestion)
    alice = cast.viewer(cast.alice)

    with cast.store.work() as work:
        with pytest.raises(InputError, match="already"):
            desk.later(work, alice, suggestion, cast.now)
        with pytest.raises(InputError, match="already"):
            desk.dismiss(work, alice, suggestion, "", cast.now)

    assert ("shared", "", activity.id) == decision(cast, suggestion)


def test_nobody_decides_for_another_leader(cast: Cast) -> None:
    """Erin cannot dismiss what was suggested to Alice, nor what never was."""
    erin = cast.viewer(cast.erin)

    for suggestion in (suggest(cast), 9_999):
        with cast.store.work() as work:
            with pytest.raises(NotFound):
                desk.later(work, erin, suggestion, cast.now)
            with pytest.raises(NotFound):
                desk.dismiss(work, erin, suggestion, "", cast.now)


def test_a_reason_as_long_as_a_letter_is_refused(cast: Cast) -> None:
    """The suggestion stays open, and the message says how much fits."""
    suggestion = suggest(cast)

    with cast.store.work() as work, pytest.raises(InputError, match="at most 400"):
        desk.dismiss(work, cast.viewer(cast.alice), suggestion, "x" * 401, cast.now)
    assert ("open", "", None) == decision(cast, suggestion)


# --- reply --------------------------------------------------------------------------------------


def test_an_answer_is_for_the_courses_people_and_closes_the_question(cast: Cast) -> None:
    """Alice answers Bob; the question leaves her list at once, before any sync."""
    question = cast.ask(cast.bob, cast.feedback)
    alice = cast.viewer(cast.alice)

    with cast.store.work() as work:
        answer = desk.reply(work, alice, question, " Start small. ", cast.now)

    assert (
        Kind.REPLY,
        Audience(AudienceKind.COURSE, cast.feedback),
        cast.alice,
        cast.feedback,
        question,
        "Start small.",
    ) == (
        answer.kind,
        answer.audience,
        answer.actor_id,
        answer.course_id,
        answer.discussion_id,
        answer.text,
    )
    with cast.store.reading() as work:
        assert () == unanswered(work, alice, cast.now)


def test_an_answer_sent_twice_is_given_once(cast: Cast) -> None:
    """The same words within ten minutes are the first answer."""
    question = cast.ask(cast.bob, cast.feedback)
    alice = cast.viewer(cast.alice)

    with cast.store.work() as work:
        first = desk.reply(work, alice, question, "Start small.", cast.now)
    soon = cast.now + timedelta(minutes=10)
    with cast.store.work() as work:
        second = desk.reply(work, alice, question, "Start small.\r\n", soon)

    assert (first, 1) == (second, stored(cast))


def test_answers_at_the_same_moment_are_one(cast: Cast) -> None:
    """Four requests at once with the same words: one answer goes into the forum."""
    question = cast.ask(cast.bob, cast.feedback)
    barrier = Barrier(4)

    def click(_: int) -> str:
        barrier.wait(timeout=10)
        with cast.store.work() as work:
            alice = cast.viewer(cast.alice)
            return desk.reply(work, alice, question, "Start small.", cast.now).uid

    with ThreadPoolExecutor(4) as pool:
        uids = set(pool.map(click, range(4)))

    assert (1, 1) == (len(uids), stored(cast))


def test_two_people_may_say_the_same(cast: Cast) -> None:
    """Alice and Beth both answer "Start small."; the time of the first answer stays."""
    question = cast.ask(cast.bob, cast.feedback)
    soon = cast.now + timedelta(minutes=1)

    with cast.store.work() as work:
        desk.reply(work, cast.viewer(cast.alice), question, "Start small.", cast.now)
        desk.reply(work, cast.viewer(cast.beth), question, "Start small.", soon)

    d = t.discussions
    with cast.store.reading() as work:
        row = work.sql.execute(d.select().where(d.c.id == question)).one()
    assert (2, cast.now) == (stored(cast), row.answered_at)


def test_a_second_question_of_the_same_person_has_its_own_answer(cast: Cast) -> None:
    """The same words under another question are another answer."""
    first = cast.ask(cast.bob, cast.feedback, lms_id=501)
    second = cast.ask(cast.bob, cast.feedback, lms_id=502)
    alice = cast.viewer(cast.alice)

    with cast.store.work() as work:
        answers = [desk.reply(work, alice, q, "Start small.", cast.now) for q in (first, second)]

    assert [first, second] == [answer.discussion_id for answer in answers]


def test_only_people_of_the_course_answer(cast: Cast) -> None:
    """Charlie is not in Negotiation: for him there is no such question."""
    question = cast.ask(cast.bob, cast.negotiation)

    with cast.store.work() as work, pytest.raises(NotFound):
        desk.reply(work, cast.viewer(cast.charlie), question, "Start small.", cast.now)


@pytest.mark.parametrize("values", [{"gone": True}, {"ours": True}], ids=str)
def test_what_is_no_question_is_not_answered(cast: Cast, values: dict[str, Any]) -> None:
    """Deleted in the LMS, or started by the bridge itself."""
    question = cast.ask(cast.bob, cast.feedback)
    set_row(cast, t.discussions, question, **values)

    with cast.store.work() as work, pytest.raises(NotFound):
        desk.reply(work, cast.viewer(cast.alice), question, "Start small.", cast.now)


def test_a_question_in_a_hidden_course_is_not_answered(cast: Cast) -> None:
    """The course was hidden while the page stood open."""
    question = cast.ask(cast.bob, cast.feedback)
    set_row(cast, t.courses, cast.feedback, visible=False)

    with cast.store.work() as work, pytest.raises(NotFound):
        desk.reply(work, cast.viewer(cast.alice), question, "Start small.", cast.now)


def test_an_empty_answer_leaves_the_question_open(cast: Cast) -> None:
    """White space is no answer."""
    question = cast.ask(cast.bob, cast.feedback)
    alice = cast.viewer(cast.alice)

    with cast.store.work() as work, pytest.raises(InputError, match="no text"):
        desk.reply(work, alice, question, " \n ", cast.now)
    with cast.store.reading() as work:
        assert 1 == len(unanswered(work, alice, cast.now))


def test_a_question_of_a_person_that_we_do_not_know_can_be_answered(cast: Cast) -> None:
    """Its author was never synced; the course's people can read it all the same."""
    question = cast.ask(cast.bob, cast.feedback)
    set_row(cast, t.discussions, question, author_id=None)

    with cast.store.work() as work:
        answer = desk.reply(work, cast.viewer(cast.alice), question, "Start small.", cast.now)
    assert question == answer.discussion_id


# --- shared -------------------------------------------------------------------------------------


def history(cast: Cast, person: int | None = None) -> tuple[SharedItem, ...]:
    """What became of the person's (by default Alice's) shares."""
    with cast.store.reading() as work:
        return desk.shared(work, cast.viewer(person or cast.alice), cast.now)


def hire(cast: Cast, count: int) -> list[int]:
    """So many more people in Sales."""
    with cast.store.work() as work:
        people = [
            work.sql.execute(
                t.people.insert().returning(t.people.c.id),
                {"connection_id": cast.connection, "lms_id": 900 + n, "name": f"Person {n}"},
            ).scalar_one()
            for n in range(count)
        ]
        work.sql.execute(
            t.memberships.insert(), [{"team_id": cast.sales, "person_id": p} for p in people]
        )
    return people


def test_a_leader_sees_what_became_of_each_share(cast: Cast) -> None:
    """Newest first, with cheers, comments that still stand, and how far each outlet got."""
    old = share(cast, now=cast.now - timedelta(days=20))
    new = share(cast, course_id=cast.negotiation)
    with cast.store.work() as work:
        for person in (cast.bob, cast.beth):
            work.sql.execute(
                t.reactions.insert(),
                {"activity_id": old.id, "person_id": person, "at": cast.now},
            )
        for gone in (False, True):
            work.sql.execute(
                t.comments.insert(),
                {
                    "activity_id": old.id,
                    "person_id": cast.bob,
                    "text": "Thanks!",
                    "at": cast.now,
                    "gone": gone,
                },
            )
        for number, (name, state) in enumerate([("Wall", "shown"), ("Forum", "retry")]):
            outlet = work.sql.execute(
                t.outlets.insert().returning(t.outlets.c.id),
                {
                    "connection_id": cast.connection,
                    "name": name,
                    "kind": "webhook",
                    "audience": sales(cast).key,
                    "settings": {},
                },
            ).scalar_one()
            work.sql.execute(
                t.deliveries.insert(),
                {
                    "activity_id": old.id,
                    "outlet_id": outlet,
                    "key": f"key-{number}",
                    "state": state,
                    "due_at": cast.now,
                },
            )

    newest, oldest = history(cast)

    assert (new.uid, "Negotiation", 0, 0, ()) == (
        newest.activity.uid,
        newest.course and newest.course.name,
        newest.reactions,
        newest.comments,
        newest.deliveries,
    )
    assert (2, 1, (("Forum", DeliveryState.RETRY), ("Wall", DeliveryState.SHOWN))) == (
        oldest.reactions,
        oldest.comments,
        oldest.deliveries,
    )


def test_completions_after_a_share_are_its_audiences_in_fourteen_days(cast: Cast) -> None:
    """Of twelve in Sales five finished in time; before, too late, outside and revoked do not count.

    Charlie of Engineering counts for a share with everyone, and for none with Sales.
    """
    people = hire(cast, 9)
    share(cast, now=cast.now - timedelta(days=20))
    for person in people[:5]:
        cast.complete(person, cast.feedback, days_ago=10)
    cast.complete(people[5], cast.feedback, days_ago=21)
    cast.complete(people[6], cast.feedback, days_ago=4)
    cast.complete(people[7], cast.negotiation, days_ago=10)
    cast.complete(cast.charlie, cast.feedback, days_ago=10)
    revoked = cast.complete(people[8], cast.feedback, days_ago=10)
    set_row(cast, t.completions, revoked, revoked=True)
    share(cast, audience=everyone(cast), now=cast.now - timedelta(days=19))

    assert [6, 5] == [item.completions_after for item in history(cast)]


def test_beside_it_stands_what_was_usual_and_who_entered(cast: Cast) -> None:
    """Six finished in the four weeks before: three in two. Five entered after it; too old, too few
    and the moment of the share itself are counted on no side or the right one."""
    people = hire(cast, 14)
    share(cast, now=cast.now - timedelta(days=20))
    for person, days in zip(people[:8], (20.1, 25, 30, 40, 47, 47.9, 48.1, 60), strict=True):
        cast.complete(person, cast.feedback, days_ago=days)
    with cast.store.work() as work:
        e = t.enrolments
        for number, person in enumerate(people):
            seen = cast.now - timedelta(days=10 if number < 5 else 50)
            its = (e.c.person_id == person, e.c.course_id == cast.feedback)
            work.sql.execute(e.delete().where(*its))
            row = {"person_id": person, "course_id": cast.feedback, "first_seen_at": seen}
            work.sql.execute(e.insert(), row)
    (item,) = history(cast)
    assert (3, 5, None) == (item.usual_before, item.enrolments_after, item.completions_after)


@pytest.mark.parametrize(("finished", "more", "shown"), [(4, 9, None), (5, 6, None), (5, 7, 5)])
def test_the_rule_of_five_binds_the_leaders_view(
    cast: Cast, finished: int, more: int, shown: int | None
) -> None:
    """Four of twelve is too few; five of nine leaves too few others; five of ten may be said."""
    people = hire(cast, more)
    share(cast, now=cast.now - timedelta(days=20))
    for person in people[:finished]:
        cast.complete(person, cast.feedback, days_ago=10)

    assert [shown] == [item.completions_after for item in history(cast)]


def test_who_left_is_in_no_number(cast: Cast) -> None:
    """Five finished, but one of them is suspended since: four are too few to say."""
    people = hire(cast, 9)
    share(cast, now=cast.now - timedelta(days=20))
    for person in people[:5]:
        cast.complete(person, cast.feedback, days_ago=10)
    set_row(cast, t.people, people[0], suspended=True)

    assert [None] == [item.completions_after for item in history(cast)]


def test_the_history_is_the_leaders_own_and_of_eight_weeks(cast: Cast) -> None:
    """Not Erin's, not what was taken back, not older than 56 days."""
    share(cast, now=cast.now - timedelta(days=57))
    kept = share(cast, now=cast.now - timedelta(days=56))
    undone = share(cast, now=cast.now - timedelta(days=3))
    share(cast, cast.erin, audience=everyone(cast))
    with cast.store.work() as work:
        desk.undo(work, cast.viewer(cast.alice), undone.uid, cast.now)

    assert [kept.uid] == [item.activity.uid for item in history(cast)]


def test_a_course_hidden_since_is_shown_no_more(cast: Cast) -> None:
    """Her words stay; the course and the number about it do not."""
    people = hire(cast, 9)
    share(cast, now=cast.now - timedelta(days=20))
    for person in people[:5]:
        cast.complete(person, cast.feedback, days_ago=10)
    set_row(cast, t.courses, cast.feedback, visible=False)

    (item,) = history(cast)

    assert (WORDS, None, None) == (item.activity.text, item.course, item.completions_after)


def test_who_shared_nothing_has_no_history(cast: Cast) -> None:
    """An empty page, for a leader and for anybody."""
    assert ((), ()) == (history(cast), history(cast, cast.bob))
