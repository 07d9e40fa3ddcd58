"""Threads, mentions and edits: what people say to one another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge import flow
from bridge.delivery.compose import shown
from bridge.errors import InputError, NotAllowed, NotFound
from bridge.feed import read, threads, write
from bridge.feed.project import project_forbidden, project_person
from bridge.feed.threads import THREADS
from bridge.model import (
    Activity,
    Audience,
    AudienceKind,
    Choice,
    CommentPage,
    CommentView,
    Outlet,
    Piece,
    Standing,
)
from bridge.storage import tables as t
from bridge.storage.talk import REPLIES
from tests.cast import Cast
from tests.company import NO_EDIT, Company
from tests.statements import statements


def post(cast: Cast, person: int, text: str, *, team: int | None = None, **more: Any) -> Activity:
    """The person says something to everyone, or to a team."""
    kind = AudienceKind.EVERYONE if team is None else AudienceKind.TEAM
    audience = Audience(kind, team or cast.connection)
    with cast.store.work() as work:
        return write.post(work, cast.viewer(person), text, audience, False, cast.now, **more)


def say(cast: Cast, person: int, uid: str, text: str, reply_to: int | None = None) -> CommentView:
    """The person comments."""
    with cast.store.work() as work:
        return write.comment(work, cast.viewer(person), uid, text, cast.now, reply_to=reply_to)


def talk(cast: Cast, person: int, uid: str, **where: Any) -> CommentPage:
    """What the person reads under it."""
    with cast.store.reading() as work:
        return threads.comments(work, cast.viewer(person), uid, **where)


def item(cast: Cast, person: int, uid: str) -> Any:
    """The activity as the person sees it."""
    with cast.store.reading() as work:
        return read.one(work, cast.viewer(person), uid)


def remove(cast: Cast, person: int, comment_id: int) -> None:
    """The person takes their comment away."""
    with cast.store.work() as work:
        write.remove_comment(work, cast.viewer(person), comment_id)


# --- threads --------------------------------------------------------------------------------------


def test_an_answer_stands_under_what_it_answers(cast: Cast) -> None:
    """And an answer to an answer beside it: threads have one level."""
    uid = post(cast, cast.bob, "Hello").uid
    first, second = say(cast, cast.alice, uid, "One"), say(cast, cast.beth, uid, "Two")
    answer = say(cast, cast.bob, uid, "To one", first.id)
    say(cast, cast.alice, uid, "To the answer", answer.id)
    page = talk(cast, cast.charlie, uid)
    assert [("One", ["To one", "To the answer"]), ("Two", [])] == [
        (thread.text, [reply.text for reply in thread.replies]) for thread in page.threads
    ]
    assert (4, second.id) == (item(cast, cast.bob, uid).comments, page.threads[1].id)


def test_only_what_stands_there_can_be_answered(cast: Cast) -> None:
    """Not a comment on something else, nor one that is gone, nor none."""
    uid, other = post(cast, cast.bob, "Hello").uid, post(cast, cast.bob, "Other").uid
    elsewhere, gone = say(cast, cast.alice, other, "One"), say(cast, cast.alice, uid, "Two")
    remove(cast, cast.alice, gone.id)
    for answered in (elsewhere.id, gone.id, 0, 2**40):
        with pytest.raises(NotFound):
            say(cast, cast.beth, uid, "What?", answered)


def test_what_was_answered_leaves_its_place(cast: Cast) -> None:
    """Removed by its author, without its words; when the answer goes too, nothing is left."""
    uid = post(cast, cast.bob, "Hello").uid
    first = say(cast, cast.alice, uid, "Wrong")
    answer = say(cast, cast.beth, uid, "No, see here", first.id)
    remove(cast, cast.alice, first.id)
    [thread] = talk(cast, cast.bob, uid).threads
    assert (None, "", Standing.REMOVED) == (thread.author, thread.text, thread.standing)
    assert ["No, see here"] == [reply.text for reply in thread.replies]
    assert ["No, see here"] == [c.text for c in item(cast, cast.bob, uid).latest_comments]
    remove(cast, cast.beth, answer.id)
    assert () == talk(cast, cast.bob, uid).threads


@pytest.mark.parametrize("how", ["suspended", "erased"])
def test_what_is_left_of_somebody_who_left(cast: Cast, how: str) -> None:
    """The place of a comment that was answered; whose it was nobody reads."""
    uid = post(cast, cast.bob, "Hello").uid
    first = say(cast, cast.charlie, uid, "I am off")
    say(cast, cast.beth, uid, "Farewell", first.id)
    p = t.people
    with cast.store.work() as work:
        if how == "erased":
            work.sql.execute(p.delete().where(p.c.id == cast.charlie))
        else:
            work.sql.execute(p.update().where(p.c.id == cast.charlie).values(suspended=True))
    [thread] = talk(cast, cast.bob, uid).threads
    assert (None, "", ["Farewell"]) == (
        thread.author,
        thread.text,
        [r.text for r in thread.replies],
    )


def test_long_talks_have_pages(cast: Cast) -> None:
    """Every thread on one page and no other, the newest first to be seen, in their order."""
    uid = post(cast, cast.bob, "Hello").uid
    for number in range(2 * THREADS + 3):
        say(cast, cast.alice, uid, str(number))
    seen: list[str] = []
    before = None
    for _ in range(3):
        page = talk(cast, cast.bob, uid, before=before)
        seen = [thread.text for thread in page.threads] + seen
        before = page.before
    assert (None, [str(n) for n in range(2 * THREADS + 3)]) == (before, seen)


def test_long_threads_show_their_newest_replies(cast: Cast) -> None:
    """The earlier ones stand on the thread's own page."""
    uid = post(cast, cast.bob, "Hello").uid
    first = say(cast, cast.alice, uid, "One")
    say(cast, cast.alice, uid, "Two")
    for number in range(REPLIES + 2):
        say(cast, cast.beth, uid, str(number), first.id)
    thread, _ = talk(cast, cast.bob, uid).threads
    assert (2, ["2", "3", "4", "5", "6"]) == (thread.earlier, [r.text for r in thread.replies])
    [alone] = talk(cast, cast.bob, uid, thread=first.id).threads
    assert [str(n) for n in range(REPLIES + 2)] == [reply.text for reply in alone.replies]
    with pytest.raises(NotFound):
        talk(cast, cast.bob, uid, thread=9_999)


def test_a_long_talk_costs_what_a_short_one_does(cast: Cast) -> None:
    """As many statements with fifty comments as with one."""
    uid = post(cast, cast.bob, "Hello").uid
    costs = []
    for count in (1, 49):
        for number in range(count):
            first = say(cast, cast.alice, uid, f"@Bob Brown {number}")
            say(cast, cast.beth, uid, "yes", first.id)
        with statements(cast.store) as sent:
            talk(cast, cast.bob, uid)
        costs.append(len(sent))
    assert costs[0] == costs[1]


# --- mentions -------------------------------------------------------------------------------------


def test_a_mention_is_kept_by_id_and_read_by_name(cast: Cast) -> None:
    """The text itself names nobody; Bob, whom Charlie knows from a course, is a link to him."""
    told = post(cast, cast.alice, "Well done, @bob brown!")
    assert "Well done, @someone!" == told.text
    seen = item(cast, cast.charlie, told.uid)
    assert "Well done, @Bob Brown!" == seen.activity.text
    assert (Piece("Well done, "), Piece("@Bob Brown", cast.bob), Piece("!")) == seen.said
    with cast.store.reading() as work:
        row = work.sql.execute(select(t.mentions)).one()
    assert (told.id, None, cast.bob, 11, cast.now) == (
        row.activity_id,
        row.comment_id,
        row.person_id,
        row.start,
        row.at,
    )


def test_in_a_comment_too(cast: Cast) -> None:
    """On the feed's page as well as under the item."""
    uid = post(cast, cast.bob, "Hello").uid
    say(cast, cast.alice, uid, "Ask @Charlie Chen")
    [thread] = talk(cast, cast.bob, uid).threads
    assert ("Ask @Charlie Chen", cast.charlie) == (thread.text, thread.said[-1].person_id)
    [latest] = item(cast, cast.bob, uid).latest_comments
    assert "Ask @Charlie Chen" == latest.text


def test_who_does_not_know_them_reads_someone(cast: Cast) -> None:
    """Dana meets Bob nowhere: he is named to her when he agreed to everyone, and not before."""
    uid = post(cast, cast.alice, "Thanks, @Bob Brown").uid
    assert "Thanks, @someone" == item(cast, cast.dana, uid).activity.text
    cast.choose(cast.bob, Choice.EVERYONE)
    assert "Thanks, @Bob Brown" == item(cast, cast.dana, uid).activity.text


@pytest.mark.parametrize("how", ["suspended", "gone", "never_named", "erased"])
def test_who_leaves_is_someone(cast: Cast, how: str) -> None:
    """In every text at once."""
    uid = post(cast, cast.alice, "Thanks, @Bob Brown").uid
    p = t.people
    with cast.store.work() as work:
        if how == "erased":
            work.sql.execute(p.delete().where(p.c.id == cast.bob))
        else:
            work.sql.execute(p.update().where(p.c.id == cast.bob).values({how: True}))
    assert ("Thanks, @someone", ()) == (
        item(cast, cast.charlie, uid).activity.text,
        item(cast, cast.charlie, uid).said,
    )


@pytest.mark.parametrize(
    ("writer", "name", "team", "found"),
    [
        ("bob", "Beth Becker", None, True),
        ("bob", "Charlie Chen", None, True),  # They share a course.
        ("bob", "Charlie Chen", "sales", False),  # Sales is not for him.
        ("bob", "Alice Adams", "sales", True),
        ("bob", "Dana Diaz", None, False),  # Nowhere do they meet.
        ("dana", "Bob Brown", None, False),
        ("bob", "Bob Brown", None, False),  # Nobody calls themselves.
    ],
)
def test_only_fellows_who_are_of_the_audience_can_be_mentioned(
    cast: Cast, writer: str, name: str, team: str | None, found: bool
) -> None:
    """Whoever else is named stays what was typed."""
    person = getattr(cast, writer)
    told = post(cast, person, f"Hey @{name}", team=team and getattr(cast, team))
    assert ("Hey @someone" if found else f"Hey @{name}") == told.text
    audience = told.audience
    with cast.store.reading() as work:
        offered = work.mentions.offered(cast.viewer(person), audience, name.split()[1][:3].lower())
    assert found is (name in [card.name for card in offered])


@pytest.mark.parametrize("hostile", ["@everyone", "<img src=x>", "*Bob* [x](javascript:1)", "%"])
def test_a_hostile_name_is_a_name(cast: Cast, hostile: str) -> None:
    """It is found, kept by id, and said as it is spelt."""
    with cast.store.work() as work:
        p = t.people
        work.sql.execute(p.update().where(p.c.id == cast.beth).values(name=f"Beth {hostile}"))
    uid = post(cast, cast.bob, f"Hi @Beth {hostile} there").uid
    assert f"Hi @Beth {hostile} there" == item(cast, cast.alice, uid).activity.text
    with cast.store.reading() as work:
        assert "Hi @someone there" == work.sql.execute(select(t.activities.c.text)).scalar_one()


def test_an_outlet_names_only_who_agreed_to_its_readers(cast: Cast) -> None:
    """In an outlet for everyone Bob is someone, until he agrees: then it is a new revision."""
    told = post(cast, cast.alice, "Thanks, @Bob Brown")
    outlet = Outlet(1, cast.connection, "Square", "webhook", told.audience)
    said = []
    for choice in (Choice.TEAMS, Choice.EVERYONE):
        cast.choose(cast.bob, choice)
        with cast.store.work() as work:
            assert [told.id] == project_person(work, cast.connection, cast.bob, cast.now)
            seen = shown(work.delivery.contents([told.id])[told.id], outlet)
        assert seen is not None
        said.append((seen.activity.text, seen.activity.revision))
    assert [("Thanks, @someone", 2), ("Thanks, @Bob Brown", 3)] == said


# --- edits ----------------------------------------------------------------------------------------


def test_an_edited_post_is_a_new_revision(cast: Cast) -> None:
    """What it said before is kept, and who was mentioned before keeps the time of that."""
    told = post(cast, cast.alice, "Thanks @Bob Brown")
    later = cast.now + timedelta(hours=1)
    with cast.store.work() as work:
        text = "Many thanks @Bob Brown and @Beth Becker"
        write.edit_post(work, cast.viewer(cast.alice), told.uid, text, later)
    seen = item(cast, cast.charlie, told.uid).activity
    assert (text, 2, later, cast.now) == (
        seen.text,
        seen.revision,
        seen.edited_at,
        seen.published,
    )
    with cast.store.reading() as work:
        m = t.mentions.c
        at = dict(tuple(row) for row in work.sql.execute(select(m.person_id, m.at)))
        assert {cast.bob: cast.now, cast.beth: later} == at
        [before] = work.talk.wordings([told.id], [])
    assert ("Thanks @someone", later) == (before.text, before.until)


def test_putting_a_word_right_takes_nothing_down(company: Company) -> None:
    """Where an outlet cannot edit, what stands there stays, though it could be deleted."""
    square = company.outlet("Wall", NO_EDIT)
    told = flow.share(
        company.store,
        company.clock,
        company.viewer(company.cast.alice),
        course_id=company.cast.feedback,
        text="It takes a day.",
        audience=company.everyone,
        outlet_ids=[square.id],
    )
    company.clock.advance(minutes=2)
    company.drain()
    alice = company.viewer(company.cast.alice)
    flow.edit_post(company.store, company.clock, alice, told.uid, "It takes an hour.")
    company.drain()
    (shown_there,) = company.boards[square.id].posts.values()
    assert "It takes a day." in shown_there.text


def test_saying_the_same_again_is_no_edit(cast: Cast) -> None:
    """No revision, no word about it."""
    told = post(cast, cast.alice, "Thanks @Bob Brown")
    with cast.store.work() as work:
        write.edit_post(work, cast.viewer(cast.alice), told.uid, " Thanks @Bob Brown ", cast.now)
        assert [] == work.talk.wordings([told.id], [])
    seen = item(cast, cast.charlie, told.uid).activity
    assert (1, None) == (seen.revision, seen.edited_at)


def test_a_comment_can_be_edited_by_its_author_alone(cast: Cast) -> None:
    """Not by a moderator, nor once it is gone, nor into nothing."""
    uid = post(cast, cast.bob, "Hello").uid
    said = say(cast, cast.alice, uid, "Wrng")
    later = cast.now + timedelta(minutes=5)
    with cast.store.work() as work:
        write.edit_comment(work, cast.viewer(cast.alice), said.id, "Wrong", later)
        for other in (cast.bob, cast.dana):
            with pytest.raises(NotAllowed):
                write.edit_comment(work, cast.viewer(other), said.id, "Mine", later)
        with pytest.raises(InputError):
            write.edit_comment(work, cast.viewer(cast.alice), said.id, " ", later)
    [thread] = talk(cast, cast.bob, uid).threads
    assert ("Wrong", later, cast.now) == (thread.text, thread.edited_at, thread.at)
    remove(cast, cast.alice, said.id)
    with cast.store.work() as work, pytest.raises(NotFound):
        write.edit_comment(work, cast.viewer(cast.alice), said.id, "Back", later)


def test_only_ones_own_posts_can_be_edited(cast: Cast) -> None:
    """A stranger to the audience is not even told that there is one."""
    told = post(cast, cast.bob, "Hello", team=cast.sales)
    for person, error in ((cast.alice, NotAllowed), (cast.charlie, NotFound)):
        with cast.store.work() as work, pytest.raises(error):
            write.edit_post(work, cast.viewer(person), told.uid, "Mine", cast.now)


def test_earlier_words_are_forgotten_in_time(cast: Cast) -> None:
    """And so are the words of what its author took away; what stands stays."""
    told, gone = post(cast, cast.alice, "First"), post(cast, cast.alice, "Away")
    said = say(cast, cast.beth, told.uid, "Also away")
    with cast.store.work() as work:
        write.edit_post(work, cast.viewer(cast.alice), told.uid, "Second", cast.now)
        write.remove_post(work, cast.viewer(cast.alice), gone.uid, cast.now)
        write.remove_comment(work, cast.viewer(cast.beth), said.id)
        for later, forgotten in ((0, 0), (1, 3), (1, 0)):
            before = cast.now + timedelta(seconds=later)
            assert forgotten == work.keeping.forget("wordings", before)
        assert [] == work.talk.wordings([told.id], [])
        texts = work.sql.execute(select(t.activities.c.text).order_by(t.activities.c.id))
        assert ["Second", ""] == list(texts.scalars())
        assert "" == work.sql.execute(select(t.comments.c.text)).scalar_one()


def test_who_may_not_be_named_any_more_is_taken_out_of_texts(cast: Cast) -> None:
    """A post that stands at an outlet with their name follows before all else, and only once."""
    cast.choose(cast.beth, Choice.PUBLIC)
    told = post(cast, cast.bob, "Ask @Beth Becker", team=cast.sales)
    post(cast, cast.bob, "Ask somebody else", team=cast.sales)
    with cast.store.work() as work:
        work.profile.forbid([cast.beth], cast.now)
        work.people.look_first([cast.beth])
        assert [told.id] == project_forbidden(work, cast.connection, cast.now)
        assert [] == project_forbidden(work, cast.connection, cast.now)
        (after,) = work.delivery.activities([told.id])
        assert told.revision + 1 == after.revision
