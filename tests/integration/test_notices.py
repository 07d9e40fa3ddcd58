"""What people are told of: answers, comments, mentions and cheers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bridge import flow
from bridge.bootstrap import Bridge
from bridge.feed import notice_words, notices, places, read, write
from bridge.model import Audience, AudienceKind, Choice
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.lively import everyone
from tests.statements import statements
from tests.visitor import Visit, bridge_of, tell


def post(cast: Cast, person: int, text: str = "Who is for lunch?") -> str:
    """The person posts to everyone; the item's uid."""
    with cast.store.work() as work:
        who = cast.viewer(person)
        return write.post(work, who, text, everyone(cast), False, cast.now).uid


def comment(cast: Cast, person: int, uid: str, text: str = "Me!", parent: int | None = None) -> int:
    """The person comments, or answers a comment; the comment's id."""
    with cast.store.work() as work:
        ident = write.comment(work, cast.viewer(person), uid, text, cast.now).id
        if parent is not None:
            work.sql.execute(t.notices.delete().where(t.notices.c.comment_id == ident))
            work.sql.execute(
                t.comments.update().where(t.comments.c.id == ident).values(parent_id=parent)
            )
            activity = work.feed.by_uid(uid)
            assert activity is not None
            work.notices.tell_of_comment(activity.id, ident, person, cast.now)
        return ident


def cheer(cast: Cast, person: int, uid: str, on: bool = True) -> None:
    """The person cheers, or takes the cheer back."""
    with cast.store.work() as work:
        if on:
            write.cheer(work, cast.viewer(person), uid, cast.now)
        else:
            write.uncheer(work, cast.viewer(person), uid)


def mention(cast: Cast, uid: str, person: int, comment_id: int | None = None) -> None:
    """A text mentions the person, and they are told."""
    with cast.store.work() as work:
        activity = work.feed.by_uid(uid)
        assert activity is not None
        work.sql.execute(
            t.mentions.insert(),
            {
                "activity_id": activity.id,
                "comment_id": comment_id,
                "person_id": person,
                "start": 0,
                "at": cast.now,
            },
        )
        if comment_id is None:
            work.notices.tell_of_post(activity.id, activity.actor_id or 0, cast.now)
        else:
            work.sql.execute(t.notices.delete().where(t.notices.c.comment_id == comment_id))
            author = work.talk.comment(comment_id)
            assert author is not None
            work.notices.tell_of_comment(activity.id, comment_id, author.author_id, cast.now)


def told(cast: Cast, person: int, **which: bool) -> list[str]:
    """What the person is told, newest first."""
    with cast.store.reading() as work:
        found = notices.groups(work, cast.viewer(person), **which)
    return [notice_words.sentence(group) for group in found]


def waiting(cast: Cast, person: int) -> int:
    """The number on the person's bell."""
    with cast.store.reading() as work:
        return places.unread(work, cast.viewer(person)).notices


POST = "your post “Who is for lunch?”"


def test_a_comment_is_told_to_whom_the_item_is_of(cast: Cast) -> None:
    """Not to who wrote it, nor to those who only read."""
    uid = post(cast, cast.bob)
    comment(cast, cast.bob, uid, "Nobody?")
    assert [] == told(cast, cast.bob)
    comment(cast, cast.charlie, uid)
    comment(cast, cast.beth, uid)
    comment(cast, cast.beth, uid, "When?")
    assert [f"Beth Becker and Charlie Chen commented on {POST}"] == told(cast, cast.bob)
    assert 3 == waiting(cast, cast.bob)
    assert [] == told(cast, cast.charlie) == told(cast, cast.alice)
    for person in (cast.erin, cast.dana):
        comment(cast, person, uid)
    assert [f"Dana Diaz and 3 others commented on {POST}"] == told(cast, cast.bob)


def test_an_item_that_names_people_is_theirs(cast: Cast, clock: FrozenClock) -> None:
    """Whoever is named among those who finished is told; whoever hides it since, no more."""
    bridge = bridge_of(cast, clock)
    for person in (cast.bob, cast.beth):
        cast.choose(person, Choice.EVERYONE)
    mine = cast.complete(cast.bob, cast.feedback)
    cast.complete(cast.beth, cast.feedback)
    tell(bridge, cast)
    with cast.store.reading() as work:
        uid = read.home(work, cast.viewer(cast.charlie)).items[0].activity.uid
    comment(cast, cast.charlie, uid, "Well done!")
    cheer(cast, cast.erin, uid)
    expected = [
        "Somebody cheered what you finished: Giving feedback",
        "Charlie Chen commented on what you finished: Giving feedback",
    ]
    assert expected == told(cast, cast.bob) == told(cast, cast.beth)
    flow.hide_item(cast.store, clock, cast.viewer(cast.bob), mine, True)
    assert [] == told(cast, cast.bob)
    assert expected == told(cast, cast.beth)


def test_cheers_are_counted_and_nobody_is_named(cast: Cast) -> None:
    """As the feed shows them; one that was taken back is not told of, one's own never."""
    uid = post(cast, cast.bob)
    for person in (cast.bob, cast.charlie, cast.erin, cast.beth, cast.beth):
        cheer(cast, person, uid)
    assert [f"3 people cheered {POST}"] == told(cast, cast.bob)
    cheer(cast, cast.charlie, uid, on=False)
    cheer(cast, cast.erin, uid, on=False)
    assert [f"Somebody cheered {POST}"] == told(cast, cast.bob)
    cheer(cast, cast.beth, uid, on=False)
    assert ([], 0) == (told(cast, cast.bob), waiting(cast, cast.bob))


def test_an_answer_and_a_mention_are_told_as_such(cast: Cast) -> None:
    """Each comment tells a person once, by what concerns them most."""
    uid = post(cast, cast.bob)
    first = comment(cast, cast.charlie, uid)
    answer = comment(cast, cast.erin, uid, "Me too!", parent=first)
    assert ["Erin Evans answered your comment on the post “Who is for lunch?”"] == (
        told(cast, cast.charlie)
    )
    mention(cast, uid, cast.charlie, answer)
    mention(cast, uid, cast.alice, answer)
    said = "Erin Evans mentioned you in the post “Who is for lunch?”"
    assert [said] == told(cast, cast.charlie) == told(cast, cast.alice)
    assert [f"Erin Evans and Charlie Chen commented on {POST}"] == told(cast, cast.bob)
    other = post(cast, cast.bob, "Ask @someone")
    mention(cast, other, cast.beth)
    assert ["Bob Brown mentioned you in the post “Ask @someone”"] == told(cast, cast.beth)


def test_what_does_not_stand_any_more_is_not_told(cast: Cast) -> None:
    """A comment or post taken back, a person who left: neither the words nor the number."""
    uid = post(cast, cast.bob)
    ident = comment(cast, cast.charlie, uid)
    comment(cast, cast.erin, uid)
    with cast.store.work() as work:
        write.remove_comment(work, cast.viewer(cast.charlie), ident)
    assert [f"Erin Evans commented on {POST}"] == told(cast, cast.bob)
    assert 1 == waiting(cast, cast.bob)
    with cast.store.work() as work:
        work.sql.execute(t.people.update().where(t.people.c.id == cast.erin).values(gone=True))
    assert [] == told(cast, cast.bob)
    comment(cast, cast.beth, uid)
    flow.remove_post(cast.store, FrozenClock(cast.now), cast.viewer(cast.bob), uid)
    assert ([], 0) == (told(cast, cast.bob), waiting(cast, cast.bob))


def test_what_one_may_not_see_any_more_is_not_told(cast: Cast) -> None:
    """Charlie was mentioned to Engineering, and is not of it any more."""
    team = Audience(AudienceKind.TEAM, cast.engineering)
    with cast.store.work() as work:
        uid = write.post(work, cast.viewer(cast.erin), "Hi", team, False, cast.now).uid
    comment(cast, cast.charlie, uid)
    mention(cast, uid, cast.charlie)
    assert 1 == len(told(cast, cast.charlie))
    mention(cast, uid, cast.beth)
    assert [] == told(cast, cast.beth)


def test_reading_them_is_up_to_what_was_shown(cast: Cast) -> None:
    """What comes while one reads stays new; what one looked at on its own page is read."""
    uid, other = post(cast, cast.bob), post(cast, cast.bob, "And dinner?")
    comment(cast, cast.charlie, uid)
    bob = cast.viewer(cast.bob)
    with cast.store.reading() as work:
        newest = notices.groups(work, bob)[0].newest
    comment(cast, cast.erin, uid)
    comment(cast, cast.erin, other)
    with cast.store.work() as work:
        notices.mark(work, cast.viewer(cast.beth), newest + 5, cast.now)
        notices.mark(work, bob, newest, cast.now)
    assert 2 == waiting(cast, cast.bob)
    assert [
        "Erin Evans commented on your post “And dinner?”",
        f"Erin Evans commented on {POST}",
    ] == told(cast, cast.bob, unread=True)
    with cast.store.work() as work:
        notices.mark_item(work, bob, other, cast.now)
    assert 1 == waiting(cast, cast.bob)
    assert 2 == len(told(cast, cast.bob))


def test_notices_cost_the_same_however_many(cast: Cast) -> None:
    """A constant number of statements, and of old ones nothing is kept."""
    costs = []
    for number in range(2):
        for n in range(4):
            comment(cast, cast.charlie, post(cast, cast.bob, f"{number} {n}"))
        with statements(cast.store) as sent:
            told(cast, cast.bob)
        costs.append(len(sent))
    assert 1 == len(set(costs))
    with cast.store.work() as work:
        assert 0 == work.keeping.forget("notices", cast.now)
        assert 8 == work.keeping.forget("notices", cast.now + timedelta(seconds=1))
    assert [] == told(cast, cast.bob)


# --- pages ---------------------------------------------------------------------------------------


def test_the_bell_leads_to_the_page_which_marks_itself_read(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Fetching it changes nothing; looking at it does, or the button."""
    visitor = visit(lite_cast.bob)
    assert "Nothing to tell you yet" in visitor.read("/notices")
    uid = post(lite_cast, lite_cast.bob)
    comment(lite_cast, lite_cast.charlie, uid, "<b>Me</b> & you")
    cheer(lite_cast, lite_cast.erin, uid)
    assert 'aria-label="Notices: 2 new"' in visitor.page("/me/sharing")
    source = visitor.page("/notices")
    assert "&lt;b&gt;Me&lt;/b&gt; &amp; you" in source
    page = visitor.read("/notices")
    assert f"New: Somebody cheered {POST}" in page
    assert f"New: Charlie Chen commented on {POST}" in page
    assert re.search(rf'href="/a/{uid}#c-\d+"', source)
    to = re.search(r'data-read="/notices/read" data-to="(\d+)"', source)
    assert to is not None
    assert 204 == visitor.post("/notices/read", htmx=True, to=to[1]).status_code
    page = visitor.read("/notices")
    assert ("New:" in page, "Mark all as read" in page) == (False, False)
    assert 'aria-label="Notices"' in visitor.page("/")


def test_opening_an_item_reads_what_one_was_told_of_it(lite_cast: Cast, visit: Visit) -> None:
    """By the page's own mark, as everywhere."""
    uid = post(lite_cast, lite_cast.bob)
    comment(lite_cast, lite_cast.charlie, uid)
    visitor = visit(lite_cast.bob)
    assert f'data-read="/a/{uid}/read"' in visitor.page(f"/a/{uid}")
    assert 204 == visitor.post(f"/a/{uid}/read", htmx=True).status_code
    assert 0 == waiting(lite_cast, lite_cast.bob)


@pytest.mark.parametrize("given", ["", "x", "-1", "99999999999999999999", "1e9"])
def test_a_form_that_marks_nothing_harms_nothing(given: str, lite_cast: Cast, visit: Visit) -> None:
    """Whatever it sends; a number beyond the last marks all there is."""
    comment(lite_cast, lite_cast.charlie, post(lite_cast, lite_cast.bob))
    answer = visit(lite_cast.bob).post("/notices/read", htmx=True, to=given)
    assert 204 == answer.status_code
    assert (0 if given.startswith("9") else 1) == waiting(lite_cast, lite_cast.bob)


def test_hostile_names_are_text_in_a_notice(lite_cast: Cast, visit: Visit) -> None:
    """Escaped on the page, and cut to a length that a line can bear."""
    name = "<script>alert(1)</script> " + "x" * 10_000
    with lite_cast.store.work() as work:
        people = t.people
        work.sql.execute(people.update().where(people.c.id == lite_cast.charlie).values(name=name))
    comment(lite_cast, lite_cast.charlie, post(lite_cast, lite_cast.bob), "y" * 4_000)
    source = visit(lite_cast.bob).page("/notices")
    assert "<script>alert" not in source
    assert "&lt;script&gt;alert(1)&lt;/script&gt;…" in source
    assert "y" * 200 not in source
