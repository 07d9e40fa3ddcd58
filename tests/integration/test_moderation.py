"""Reports, and what moderators decide: gone everywhere, and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge import desk, flow
from bridge.errors import InputError, NotAllowed, NotFound
from bridge.feed import moderate, read, threads, write
from bridge.feed.project import project
from bridge.model import Activity, Audience, AudienceKind, Choice, Queue, Role, Standing, Viewer
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock


def post(cast: Cast, person: int, text: str, team: int | None = None) -> Activity:
    """The person says something to everyone, or to a team."""
    kind = AudienceKind.EVERYONE if team is None else AudienceKind.TEAM
    audience = Audience(kind, team or cast.connection)
    with cast.store.work() as work:
        return write.post(work, cast.viewer(person), text, audience, False, cast.now)


def comment(cast: Cast, person: int, uid: str, text: str) -> int:
    """The person comments; the comment's id."""
    with cast.store.work() as work:
        return write.comment(work, cast.viewer(person), uid, text, cast.now).id


def report(
    cast: Cast, person: int, uid: str, comment_id: int | None = None, reason: str = "Rude"
) -> None:
    """The person reports it."""
    with cast.store.work() as work:
        moderate.report(work, cast.viewer(person), uid, comment_id, reason, cast.now)


def queue(cast: Cast, person: int | None = None) -> Queue:
    """What Dana, or somebody else, has to decide about."""
    with cast.store.reading() as work:
        return moderate.queue(work, cast.viewer(person or cast.dana))


def waiting(cast: Cast) -> list[tuple[str, tuple[str, ...]]]:
    """The reported texts with the reasons."""
    return [(case.words.text, case.reasons) for case in queue(cast).waiting]


def decide(cast: Cast, act: str, *thing: int | None, reason: str = "Be kind") -> None:
    """Dana decides."""
    acts = {"hide": flow.hide_words, "restore": flow.restore_words, "keep": flow.keep_words}
    clock, dana = FrozenClock(cast.now), cast.viewer(cast.dana)
    acts[act](cast.store, clock, dana, (thing[0] or 0, thing[1]), reason)


def seen(cast: Cast, person: int, uid: str) -> bool:
    """Whether the person sees the item."""
    with cast.store.reading() as work:
        try:
            return read.one(work, cast.viewer(person), uid).activity.uid == uid
        except NotFound:
            return False


def row(cast: Cast, activity_id: int) -> Any:
    """The activity as it is kept."""
    with cast.store.reading() as work:
        a = t.activities
        return work.sql.execute(a.select().where(a.c.id == activity_id)).one()


def test_reports_of_one_thing_are_one_case(cast: Cast) -> None:
    """With every reason and nobody's name; who reports twice has reported once."""
    told = post(cast, cast.bob, "Nonsense")
    said = comment(cast, cast.charlie, told.uid, "More of it")
    report(cast, cast.alice, told.uid, reason="It is rude")
    report(cast, cast.alice, told.uid, reason="It is very rude")
    report(cast, cast.beth, told.uid, reason="And wrong")
    report(cast, cast.beth, told.uid, said)
    assert [("Nonsense", ("It is rude", "And wrong")), ("More of it", ("Rude",))] == waiting(cast)
    assert "Alice" not in repr(queue(cast)) and "Beth" not in repr(queue(cast))


def test_only_what_one_sees_and_others_wrote_can_be_reported(cast: Cast) -> None:
    """Neither one's own words, nor a team's one is not of, nor what nobody wrote."""
    told, team = post(cast, cast.bob, "Mine"), post(cast, cast.bob, "Ours", cast.sales)
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    with cast.store.work() as work:
        project(work, cast.connection, cast.now)
        a = t.activities.c
        completion = work.sql.execute(select(a.uid).where(a.kind == "completion")).scalar_one()
    said = comment(cast, cast.charlie, told.uid, "Hm")
    with cast.store.work() as work:
        write.remove_comment(work, cast.viewer(cast.charlie), said)
    other = post(cast, cast.beth, "Else").uid
    for person, uid, comment_id, error in (
        (cast.bob, told.uid, None, InputError),
        (cast.charlie, team.uid, None, NotFound),
        (cast.charlie, completion, None, InputError),
        (cast.alice, told.uid, said, NotFound),
        (cast.alice, other, said, NotFound),
        (cast.alice, told.uid, 2**40, NotFound),
    ):
        with pytest.raises(error):
            report(cast, person, uid, comment_id)
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(InputError):
            report(cast, cast.alice, told.uid, reason=reason)
    assert [] == waiting(cast)


def test_nobody_reports_without_end(cast: Cast) -> None:
    """Twenty things a day; the day after there is room again."""
    uids = [post(cast, cast.bob, str(n)).uid for n in range(22)]
    for uid in uids[:20]:
        report(cast, cast.alice, uid)
    with pytest.raises(InputError, match="20 things"):
        report(cast, cast.alice, uids[20])
    report(cast, cast.beth, uids[20])
    with cast.store.work() as work:
        tomorrow = cast.now + timedelta(days=1, seconds=1)
        moderate.report(work, cast.viewer(cast.alice), uids[21], None, "Rude", tomorrow)


def test_what_is_hidden_is_gone_and_its_author_is_told_why(cast: Cast) -> None:
    """Restored, it is there again, at a later revision each time; the log has it all."""
    told = post(cast, cast.bob, "Nonsense")
    report(cast, cast.alice, told.uid)
    decide(cast, "hide", told.id, None)
    assert (False, [], 2) == (
        seen(cast, cast.alice, told.uid),
        waiting(cast),
        row(cast, told.id).revision,
    )
    with cast.store.reading() as work:
        [case] = moderate.mine(work, cast.viewer(cast.bob))
        assert () == moderate.mine(work, cast.viewer(cast.alice))
    assert ("Nonsense", "hidden", "Be kind") == (
        case.words.text,
        case.decision and case.decision.act,
        case.decision and case.decision.reason,
    )
    [hidden] = queue(cast).hidden
    assert told.id == hidden.words.activity_id
    decide(cast, "restore", told.id, None, reason="It was a joke")
    assert (True, 3, ()) == (
        seen(cast, cast.alice, told.uid),
        row(cast, told.id).revision,
        queue(cast).hidden,
    )
    with cast.store.reading() as work:
        [case] = moderate.mine(work, cast.viewer(cast.bob))
        acts = [entry.act for entry in work.access.recent(5)]
    assert "It was a joke" == (case.decision and case.decision.reason)
    assert ["restore post", "hide post"] == acts


def test_a_hidden_comment_leaves_its_place_if_it_was_answered(cast: Cast) -> None:
    """And comes back with its words."""
    told = post(cast, cast.bob, "Hello")
    said = comment(cast, cast.charlie, told.uid, "Rude words")
    with cast.store.work() as work:
        write.comment(work, cast.viewer(cast.beth), told.uid, "Hey!", cast.now, reply_to=said)
    report(cast, cast.alice, told.uid, said)
    for act, standing, text in (
        ("hide", Standing.HIDDEN, ""),
        ("restore", Standing.SHOWN, "Rude words"),
    ):
        decide(cast, act, told.id, said)
        with cast.store.reading() as work:
            [thread] = threads.comments(work, cast.viewer(cast.alice), told.uid).threads
        assert (standing, text) == (thread.standing, thread.text)


def test_what_is_kept_stays_and_waits_no_more(cast: Cast) -> None:
    """No reason is needed; a new report opens it again."""
    told = post(cast, cast.bob, "Hello")
    report(cast, cast.alice, told.uid)
    decide(cast, "keep", told.id, None, reason="")
    assert (True, [], 1) == (
        seen(cast, cast.alice, told.uid),
        waiting(cast),
        row(cast, told.id).revision,
    )
    report(cast, cast.beth, told.uid, reason="Still")
    assert [("Hello", ("Still",))] == waiting(cast)


def test_who_comes_second_is_told_so(cast: Cast) -> None:
    """Two moderators, one text: nothing is decided twice, and the author's word stands."""
    told, away = post(cast, cast.bob, "Hello"), post(cast, cast.bob, "Away")
    for one in (told, away):
        report(cast, cast.alice, one.uid)
    with pytest.raises(InputError, match="not hidden"):
        decide(cast, "restore", told.id, None)
    decide(cast, "hide", told.id, None)
    with pytest.raises(InputError, match="not shown any more"):
        decide(cast, "hide", told.id, None)
    with cast.store.work() as work:
        write.remove_post(work, cast.viewer(cast.bob), away.uid, cast.now)
    for act in ("hide", "restore"):
        with pytest.raises(InputError):
            decide(cast, act, away.id, None)
    for reason in ("", " ", "x" * 501):
        with pytest.raises(InputError):
            decide(cast, "restore", told.id, None, reason=reason)


def test_a_share_taken_back_is_not_brought_back_by_a_moderator(cast: Cast) -> None:
    """What its author took away stays away, hidden before or not."""
    alice = cast.viewer(cast.alice)
    audience = Audience(AudienceKind.EVERYONE, cast.connection)
    with cast.store.work() as work:
        share = desk.share(
            work, alice, course_id=cast.feedback, text="Try it", audience=audience, now=cast.now
        )
    report(cast, cast.bob, share.uid)
    decide(cast, "hide", share.id, None)
    with cast.store.work() as work:
        desk.undo(work, alice, share.uid, cast.now)
    with pytest.raises(InputError):
        decide(cast, "restore", share.id, None)
    assert not seen(cast, cast.bob, share.uid)


def test_a_report_opens_it_to_moderators_and_nothing_else_does(cast: Cast) -> None:
    """Dana is not of Sales; who is no moderator decides nothing; ids of nothing are refused."""
    told = post(cast, cast.bob, "Ours", cast.sales)
    with pytest.raises(NotAllowed):
        decide(cast, "hide", told.id, None)
    report(cast, cast.alice, told.uid)
    assert [("Ours", ("Rude",))] == waiting(cast)
    with cast.store.work() as work:
        for act in (moderate.hide, moderate.restore, moderate.keep):
            with pytest.raises(NotAllowed):
                act(work, cast.viewer(cast.alice), (told.id, None), "No", cast.now)
            for thing in ((9_999, None), (told.id, 9_999)):
                with pytest.raises(NotFound):
                    act(work, cast.viewer(cast.dana), thing, "No", cast.now)
    with pytest.raises(NotAllowed):
        queue(cast, cast.alice)
    decide(cast, "hide", told.id, None)
    assert not seen(cast, cast.alice, told.uid)


def test_a_moderator_of_another_connection_decides_nothing(cast: Cast) -> None:
    """It is as if it were not there."""
    told = post(cast, cast.bob, "Hello")
    report(cast, cast.alice, told.uid)
    stranger = Viewer(cast.dana, cast.connection + 1, "Dana", frozenset({Role.MODERATOR}))
    with cast.store.work() as work:
        assert () == moderate.queue(work, stranger).waiting
        with pytest.raises(NotFound):
            moderate.hide(work, stranger, (told.id, None), "No", cast.now)


def test_a_hidden_discussion_stays_hidden_whatever_the_lms_says(cast: Cast) -> None:
    """Edited there, it is still not shown here, until a moderator restores it."""
    discussion = cast.ask(cast.beth, cast.feedback)
    with cast.store.work() as work:
        project(work, cast.connection, cast.now)
        a = t.activities
        told = work.sql.execute(a.select().where(a.c.discussion_id == discussion)).one()
    report(cast, cast.bob, told.uid)
    [case] = queue(cast).waiting
    assert ("How do you start?", "Beth Becker") == (
        case.words.title,
        case.words.author and case.words.author.name,
    )
    decide(cast, "hide", told.id, None)
    d = t.discussions
    with cast.store.work() as work:
        work.sql.execute(d.update().values(pending=True, text="Edited."))
        project(work, cast.connection, cast.now)
    assert not seen(cast, cast.bob, told.uid)
    decide(cast, "restore", told.id, None)
    assert seen(cast, cast.bob, told.uid)


def test_moderators_read_what_it_said_before(cast: Cast) -> None:
    """An edit after a report does not hide what was reported."""
    told = post(cast, cast.bob, "Nonsense")
    report(cast, cast.alice, told.uid)
    with cast.store.work() as work:
        write.edit_post(work, cast.viewer(cast.bob), told.uid, "I love you all", cast.now)
    [case] = queue(cast).waiting
    assert ("I love you all", ["Nonsense"]) == (case.words.text, [e.text for e in case.earlier])
