"""What people say in the feed, and take back."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.errors import InputError, NotAllowed, NotFound
from bridge.feed import read, threads, write
from bridge.model import Activity, Audience, AudienceKind
from bridge.storage import tables as t
from tests.cast import Cast


def post(cast: Cast, person: int, text: str = "Any tips?", **to: Any) -> Activity:
    """The person says something to everyone, or to somebody else."""
    audience = to.get("audience", Audience(AudienceKind.EVERYONE, cast.connection))
    with cast.store.work() as work:
        return write.post(
            work, cast.viewer(person), text, audience, to.get("question", False), cast.now
        )


def item(cast: Cast, person: int, uid: str) -> Any:
    """The activity as the person sees it."""
    with cast.store.reading() as work:
        return read.one(work, cast.viewer(person), uid)


def test_a_post_is_seen_by_its_audience_alone(cast: Cast) -> None:
    """What Bob tells Sales, Alice reads and Charlie does not."""
    told = post(cast, cast.bob, audience=Audience(AudienceKind.TEAM, cast.sales), question=True)
    seen = item(cast, cast.alice, told.uid)
    assert ("Any tips?", True, "Bob Brown") == (
        seen.activity.text,
        seen.activity.question,
        seen.actor.name,
    )
    with pytest.raises(NotFound):
        item(cast, cast.charlie, told.uid)


@pytest.mark.parametrize("kind", ["foreign team", "foreign course", "hidden course", "public"])
def test_only_ones_own_audiences_can_be_addressed(cast: Cast, kind: str) -> None:
    """Bob cannot speak to Engineering, to a course he is not in, or to the world."""
    audience = {
        "foreign team": Audience(AudienceKind.TEAM, cast.engineering),
        "foreign course": Audience(AudienceKind.COURSE, cast.safety),
        "hidden course": Audience(AudienceKind.COURSE, cast.layoffs),
        "public": Audience(AudienceKind.PUBLIC, cast.connection),
    }[kind]
    with pytest.raises(NotFound):
        post(cast, cast.bob, audience=audience)


def test_a_course_can_be_addressed_by_its_people(cast: Cast) -> None:
    """As long as the LMS shows it."""
    audience = Audience(AudienceKind.COURSE, cast.feedback)
    assert audience == post(cast, cast.bob, audience=audience).audience
    with cast.store.work() as work:
        work.sql.execute(
            t.courses.update().where(t.courses.c.id == cast.feedback).values(visible=False)
        )
    with pytest.raises(NotFound):
        post(cast, cast.bob, audience=audience)


@pytest.mark.parametrize(
    ("text", "kept"), [("  hi\x00 there\x07 ", "hi there"), ("a" * 4000, "a" * 4000)]
)
def test_text_is_plain(cast: Cast, text: str, kept: str) -> None:
    """Trimmed, and without control characters."""
    assert kept == post(cast, cast.bob, text).text


@pytest.mark.parametrize("text", ["", "   ", "\x00", "a" * 4001])
def test_text_must_be_there_and_not_endless(cast: Cast, text: str) -> None:
    """In a post as in a comment."""
    uid = post(cast, cast.bob).uid
    with pytest.raises(InputError):
        post(cast, cast.bob, text)
    with cast.store.work() as work, pytest.raises(InputError):
        write.comment(work, cast.viewer(cast.alice), uid, text, cast.now)


def test_cheering_twice_is_cheering_once(cast: Cast) -> None:
    """And taking it back twice is taking it back once."""
    uid = post(cast, cast.bob).uid
    for act, count in (("cheer", 1), ("cheer", 1), ("uncheer", 0), ("uncheer", 0)):
        with cast.store.work() as work:
            arguments = [cast.now] if act == "cheer" else []
            getattr(write, act)(work, cast.viewer(cast.alice), uid, *arguments)
        seen = item(cast, cast.alice, uid)
        assert (count, bool(count)) == (seen.reactions, seen.reacted)


def test_what_one_does_not_see_cannot_be_answered(cast: Cast) -> None:
    """Charlie neither cheers nor comments what Sales was told."""
    uid = post(cast, cast.bob, audience=Audience(AudienceKind.TEAM, cast.sales)).uid
    charlie = cast.viewer(cast.charlie)
    with cast.store.work() as work:
        for act in (
            lambda: write.cheer(work, charlie, uid, cast.now),
            lambda: write.uncheer(work, charlie, uid),
            lambda: write.comment(work, charlie, uid, "Me too", cast.now),
            lambda: write.comment(work, charlie, "no-such-thing", "Me too", cast.now),
            lambda: threads.comments(work, charlie, uid),
        ):
            with pytest.raises(NotFound):
                act()


def test_comments_are_read_in_order_and_removed_by_their_author(cast: Cast) -> None:
    """Not by others, a moderator included: those hide, with a reason; what is gone is not there."""
    uid = post(cast, cast.bob).uid
    with cast.store.work() as work:
        first = write.comment(work, cast.viewer(cast.alice), uid, "One", cast.now)
        write.comment(work, cast.viewer(cast.charlie), uid, "Two", cast.now)
        with pytest.raises(NotAllowed):
            write.remove_comment(work, cast.viewer(cast.charlie), first.id)
        said = threads.comments(work, cast.viewer(cast.bob), uid).threads
        assert ["One", "Two"] == [c.text for c in said]
        write.remove_comment(work, cast.viewer(cast.alice), first.id)
        for gone in (first.id, 0, 2**40):
            with pytest.raises(NotFound):
                write.remove_comment(work, cast.viewer(cast.alice), gone)
        [left] = threads.comments(work, cast.viewer(cast.bob), uid).threads
        with pytest.raises(NotAllowed):
            write.remove_comment(work, cast.viewer(cast.dana), left.id)
        write.remove_comment(work, cast.viewer(cast.charlie), left.id)
        assert () == threads.comments(work, cast.viewer(cast.bob), uid).threads
    assert 0 == item(cast, cast.bob, uid).comments


def test_a_comment_in_a_foreign_team_is_not_there(cast: Cast) -> None:
    """Charlie is told neither that it exists nor that it is not his."""
    uid = post(cast, cast.bob, audience=Audience(AudienceKind.TEAM, cast.sales)).uid
    with cast.store.work() as work:
        said = write.comment(work, cast.viewer(cast.alice), uid, "One", cast.now)
        with pytest.raises(NotFound):
            write.remove_comment(work, cast.viewer(cast.charlie), said.id)


def test_a_post_is_removed_by_its_author(cast: Cast) -> None:
    """It is gone, with a revision by which its outlets follow."""
    told = post(cast, cast.bob)
    with cast.store.work() as work:
        for other in (cast.alice, cast.dana):
            with pytest.raises(NotAllowed):
                write.remove_post(work, cast.viewer(other), told.uid, cast.now)
        assert told.id == write.remove_post(work, cast.viewer(cast.bob), told.uid, cast.now)
        row = work.sql.execute(t.activities.select().where(t.activities.c.id == told.id)).one()
        for gone in (told.uid, "no-such-thing"):
            with pytest.raises(NotFound):
                write.remove_post(work, cast.viewer(cast.bob), gone, cast.now)
    assert (True, 2) == (row.gone, row.revision)


def test_what_came_from_the_lms_is_removed_there(cast: Cast) -> None:
    """Not even its author can take a discussion out of the LMS from here."""
    discussion = cast.ask(cast.beth, cast.feedback)
    with cast.store.work() as work:
        from bridge.feed.project import project

        project(work, cast.connection, cast.now)
        uid = (
            work.sql.execute(
                t.activities.select().where(t.activities.c.discussion_id == discussion)
            )
            .one()
            .uid
        )
        with pytest.raises(InputError, match="came from the LMS"):
            write.remove_post(work, cast.viewer(cast.beth), uid, cast.now)
