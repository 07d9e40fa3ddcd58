"""Letters about notices: who gets which, when, and never twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bridge import flow
from bridge.bootstrap import Bridge
from bridge.delivery import notice_letters
from bridge.delivery.notice_letters import Round
from bridge.errors import InputError
from bridge.feed import notices, write
from bridge.model import Audience, AudienceKind, LetterWish, PersonalLetter, Rhythm
from bridge.storage import tables as t
from bridge.web import create_app
from bridge.web.cookies import COOKIE
from bridge.worker import Worker
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.contract.mail_server import Post
from tests.integration.test_notices import cheer, comment, post
from tests.visitor import Visit, Visitor, session_of

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def choose(bridge: Bridge, person: int, rhythm: Rhythm = Rhythm.DAILY, hour: int = 10) -> None:
    """The person wants letters."""
    with bridge.store.work() as work:
        viewer = work.access.viewer(person_id=person)
        assert viewer is not None
        now = bridge.clock.now()
        notice_letters.choose(work, viewer, rhythm, hour, 4, now, bridge.zone)


def wish(bridge: Bridge, person: int) -> LetterWish:
    """What is kept of the person's letters."""
    with bridge.store.reading() as work:
        return work.letters.wish(person)


def round_of(bridge: Bridge, **options: Callable[..., object]) -> Round:
    """One round of the worker's job."""
    ways = {"opened": bridge.posting, "link": bridge.link, "zone": bridge.zone, **options}
    return flow.write_letters(bridge.store, bridge.clock, **ways)  # type: ignore[arg-type]


def plain(server: Post, number: int = 0) -> str:
    """The text of a letter."""
    body = server.letters[number].get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_letter_tells_what_is_unread_at_the_hour_that_was_chosen(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """As text and as HTML, with links, and a way to end it that is the reader's alone."""
    uid = post(cast, cast.bob)
    comment(cast, cast.erin, uid, "Before he chose")
    clock.advance(seconds=1)
    choose(mailing, cast.bob)
    cast = replace(cast, now=clock.now())
    ident = comment(cast, cast.charlie, uid, "Me!")
    cheer(cast, cast.erin, uid)
    assert Round() == round_of(mailing)
    clock.advance(hours=1)
    assert Round(sent=1) == round_of(mailing)
    assert Round() == round_of(mailing)
    (letter,) = server.letters
    assert ("bob@acme.example", ["bob@acme.example"]) == (letter["To"], server.receivers[0])
    assert "Somebody cheered your post “Who is for lunch?” and 1 more" == letter["Subject"]
    assert "multipart/alternative" == letter.get_content_type()
    text = plain(server)
    assert "* Charlie Chen commented on your post “Who is for lunch?”" in text
    assert f"  “Me!”\n  https://bridge.example/a/{uid}#c-{ident}" in text
    assert "Before he chose" not in text
    html = letter.get_body(("html",))
    assert html is not None
    assert f'<a href="https://bridge.example/a/{uid}#c-{ident}">' in html.get_content()
    assert re.fullmatch(
        r"<https://bridge\.example/letters/end/[\w=-]+>", letter["List-Unsubscribe"]
    )
    assert "List-Unsubscribe=One-Click" == letter["List-Unsubscribe-Post"]
    assert "auto-generated" == letter["Auto-Submitted"]


def test_nothing_empty_is_sent_and_nothing_twice(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """What was read under the bell meanwhile, or told before, is in no letter."""
    choose(mailing, cast.bob)
    choose(mailing, cast.beth)
    clock.advance(hours=1)
    assert Round(nothing=2) == round_of(mailing)
    uid = post(cast, cast.bob)
    comment(replace(cast, now=clock.advance(hours=1)), cast.charlie, uid, "one")
    clock.advance(hours=24)
    assert Round(sent=1, nothing=1) == round_of(mailing)
    comment(replace(cast, now=clock.advance(hours=1)), cast.charlie, uid, "two")
    clock.advance(hours=24)
    assert Round(sent=1, nothing=1) == round_of(mailing)
    assert ("“one”" in plain(server), "“two”" in plain(server)) == (True, False)
    assert ("“one”" in plain(server, 1), "“two”" in plain(server, 1)) == (False, True)
    comment(replace(cast, now=clock.advance(hours=1)), cast.charlie, uid, "three")
    with cast.store.work() as work:
        notices.mark(work, cast.viewer(cast.bob), 2**31 - 1, clock.now())
    clock.advance(hours=24)
    assert Round(nothing=2) == round_of(mailing)


def test_what_happens_while_a_letter_is_written_is_in_the_next(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """In the same second as well: what is younger than a minute waits."""
    choose(mailing, cast.bob)
    uid = post(cast, cast.bob)
    comment(replace(cast, now=clock.advance(minutes=30)), cast.charlie, uid, "one")
    clock.advance(minutes=30)
    comment(replace(cast, now=clock.now()), cast.charlie, uid, "two")
    assert Round(sent=1) == round_of(mailing)
    comment(replace(cast, now=clock.now()), cast.charlie, uid, "three")
    clock.advance(hours=24)
    assert Round(sent=1) == round_of(mailing)
    told = [sorted(set(re.findall("one|two|three", plain(server, n)))) for n in (0, 1)]
    assert [["one"], ["three"]] == told
    assert "Charlie Chen commented" in plain(server, 1)


def test_who_may_see_what_is_asked_again_when_it_is_sent(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """A comment taken away, a team left, an account suspended: nothing of it is written."""
    team = Audience(AudienceKind.TEAM, cast.engineering)
    with cast.store.work() as work:
        uid = write.post(work, cast.viewer(cast.charlie), "Hi", team, False, cast.now).uid
    for person in (cast.charlie, cast.bob):
        choose(mailing, person)
    cast = replace(cast, now=clock.advance(minutes=5))
    comment(cast, cast.erin, uid)
    gone = comment(cast, cast.erin, post(cast, cast.bob))
    with cast.store.work() as work:
        write.remove_comment(work, cast.viewer(cast.erin), gone)
        m = t.memberships
        work.sql.execute(m.delete().where(m.c.person_id == cast.charlie))
    clock.advance(hours=1)
    assert (Round(nothing=2), []) == (round_of(mailing), server.letters)
    comment(replace(cast, now=clock.now()), cast.erin, post(cast, cast.bob))
    with cast.store.work() as work:
        people = t.people.update().where(t.people.c.id == cast.bob)
        work.sql.execute(people.values(suspended=True))
    clock.advance(hours=24)
    assert (Round(nothing=2), []) == (round_of(mailing), server.letters)


# --- when it does not go well --------------------------------------------------------------------


def waiting_letter(bridge: Bridge, cast: Cast, clock: FrozenClock) -> None:
    """Bob has a letter that is due."""
    choose(bridge, cast.bob)
    comment(replace(cast, now=clock.advance(minutes=5)), cast.charlie, post(cast, cast.bob))
    clock.advance(hours=1)


def test_a_busy_server_is_asked_again_later_and_nothing_is_lost(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """The same letter, once the server takes it."""
    waiting_letter(mailing, cast, clock)
    server.refuses["data"] = "451 Come back later"
    assert Round(busy=1) == round_of(mailing)
    assert Round() == round_of(mailing)
    assert "451" in wish(mailing, cast.bob).problem
    clock.advance(minutes=10)
    assert Round(busy=1) == round_of(mailing)
    del server.refuses["data"]
    clock.advance(minutes=20)
    assert Round(sent=1) == round_of(mailing)
    assert ("", 0) == (wish(mailing, cast.bob).problem, wish(mailing, cast.bob).failures)
    assert 1 == len(server.letters)


def test_a_refused_letter_is_told_with_the_next(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """Another person's goes out all the same."""
    waiting_letter(mailing, cast, clock)
    choose(mailing, cast.beth, hour=11)
    cast = replace(cast, now=clock.now())
    comment(cast, cast.charlie, post(cast, cast.beth))
    clock.advance(hours=1)
    server.refuses["bob@acme.example"] = "550 No such mailbox"
    assert Round(sent=1, refused=1) == round_of(mailing)
    server.refuses.clear()
    clock.advance(hours=24)
    assert Round(sent=1, nothing=1) == round_of(mailing)
    assert "Charlie Chen commented" in plain(server, 1)


def test_a_letter_of_which_nobody_knows_is_not_sent_again(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """The server took it and hung up: it may be there. The page says so; the bell keeps all."""
    waiting_letter(mailing, cast, clock)
    server.refuses["data"] = "250 hang up"
    assert Round(unknown=1) == round_of(mailing)
    server.refuses.clear()
    clock.advance(hours=48)
    assert Round(nothing=1) == round_of(mailing)
    assert 1 == len(server.letters)
    assert wish(mailing, cast.bob).doubt_at is not None
    visitor = Visitor(create_app(mailing).test_client())
    visitor.client.set_cookie(f"__Host-{COOKIE}", session_of(mailing, cast.bob), secure=True)
    page = visitor.read("/me/letters", base_url="https://localhost")
    assert "nobody knows whether it arrived" in page
    assert "Notices1 new" in page


class Killed(BaseException):
    """The process ends here, whatever it was doing."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_worker_neither_repeats_a_letter_nor_holds_up_the_next(
    moment: str, mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """Just before or just after the mail went out, which nobody can tell from what it left."""
    waiting_letter(mailing, cast, clock)

    @contextmanager
    def dying() -> Iterator[notice_letters.Post]:
        with mailing.posting() as hand_over:

            def post(letter: PersonalLetter, key: str) -> None:
                if moment == "after":
                    hand_over(letter, key)
                raise Killed

            yield post

    with pytest.raises(Killed):
        round_of(mailing, opened=dying)
    taken = len(server.letters)
    assert Round() == round_of(mailing)
    clock.advance(minutes=16)
    assert Round(unknown=1) == round_of(mailing)
    comment(replace(cast, now=clock.now()), cast.charlie, post(cast, cast.bob, "Later?"), "Yes")
    clock.advance(hours=24)
    assert Round(sent=1) == round_of(mailing)
    assert taken + 1 == len(server.letters)
    assert "Later?" in plain(server, -1)
    assert "lunch" not in plain(server, -1)


def test_two_workers_write_one_letter(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """Whoever comes second finds it on its way, even without the lease."""
    waiting_letter(mailing, cast, clock)

    @contextmanager
    def meanwhile() -> Iterator[notice_letters.Post]:
        assert Round() == round_of(mailing)
        with mailing.posting() as hand_over:
            yield hand_over

    assert Round(sent=1) == round_of(mailing, opened=meanwhile)
    assert 1 == len(server.letters)


def test_hostile_names_and_words_stay_words(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """No header, no markup, no endless line comes of them."""
    name = "Eve\r\nBcc: all@example.com <b>=?utf-8?q?x?=</b>" + "\u202e" + "x" * 10_000
    with cast.store.work() as work:
        people = t.people.update().where(t.people.c.id == cast.charlie)
        work.sql.execute(people.values(name=name))
    waiting_letter(mailing, cast, clock)
    uid = post(cast, cast.bob, "<script>alert(1)</script>")
    comment(replace(cast, now=clock.now() - timedelta(minutes=2)), cast.charlie, uid, "[x](y)<i>")
    assert Round(sent=1) == round_of(mailing)
    (letter,) = server.letters
    assert (None, ["bob@acme.example"]) == (letter["Bcc"], server.receivers[0])
    assert len(letter["Subject"]) <= 200
    html = letter.get_body(("html",))
    assert html is not None
    assert not re.search(r"<(b|i|script)>", html.get_content())
    assert "&lt;script&gt;" in html.get_content()


@pytest.mark.parametrize("address", [None, "", "nobody", "a@b, c@d", "ä@example.com", "a@b\r\nc@d"])
def test_no_letter_goes_where_none_can(
    address: str | None, mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """An address of an LMS may be anything, or missing."""
    with cast.store.work() as work:
        people = t.people.update().where(t.people.c.id == cast.bob)
        work.sql.execute(people.values(email=address))
    waiting_letter(mailing, cast, clock)
    assert (Round(nothing=1), []) == (round_of(mailing), server.letters)


def test_the_worker_writes_them_where_it_can(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """Under a lease, and not at all without a mail server."""
    waiting_letter(mailing, cast, clock)
    without = replace(mailing, config=replace(mailing.config, smtp_url=""))
    Worker(without).write_letters()
    with cast.store.work() as work:
        work.leases.take("letters", "another", clock.now(), timedelta(minutes=2))
    Worker(mailing).write_letters()
    assert [] == server.letters
    with cast.store.work() as work:
        work.leases.give_back("letters", "another")
    Worker(mailing).write_letters()
    assert 1 == len(server.letters)


# --- what people want ----------------------------------------------------------------------------


def test_nobody_gets_letters_unasked(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """Off until chosen; ended by one click from the letter, without signing in."""
    comment(cast, cast.charlie, post(cast, cast.bob))
    clock.advance(days=8)
    assert (Round(), Rhythm.OFF) == (round_of(mailing), wish(mailing, cast.bob).rhythm)
    waiting_letter(mailing, cast, clock)
    assert Round(sent=1) == round_of(mailing)
    path = server.letters[0]["List-Unsubscribe"].strip("<>").removeprefix("https://bridge.example")
    stranger = create_app(mailing).test_client()
    assert "No more letters?" in stranger.get(path).text
    assert 422 == stranger.post(path).status_code
    assert Rhythm.DAILY is wish(mailing, cast.bob).rhythm
    for _ in range(2):
        answer = stranger.post(path, data=ONE_CLICK)
        assert (200, True) == (answer.status_code, "You get no more letters" in answer.text)
    assert (Rhythm.OFF, None) == (wish(mailing, cast.bob).rhythm, wish(mailing, cast.bob).next_at)
    for other in ("none", path.rpartition("/")[2][:-2]):
        assert 404 == stranger.post(f"/letters/end/{other}", data=ONE_CLICK).status_code


def test_the_hour_is_by_the_reader_s_own_clock(mailing: Bridge, cast: Cast) -> None:
    """Bob is in New York; on Friday at ten there it is three in the afternoon in UTC."""
    with cast.store.work() as work:
        people = t.people.update().where(t.people.c.id == cast.bob)
        work.sql.execute(people.values(timezone="America/New_York"))
    choose(mailing, cast.bob, Rhythm.WEEKLY)
    due = wish(mailing, cast.bob).next_at
    assert due is not None
    assert "2026-11-27 15:00" == f"{due:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(("hour", "weekday"), [(24, 0), (-1, 0), (8, 7), (8, -1)])
def test_there_is_no_such_time(hour: int, weekday: int, mailing: Bridge, cast: Cast) -> None:
    """It is refused in words."""
    with cast.store.work() as work, pytest.raises(InputError, match="Choose an hour"):
        viewer = cast.viewer(cast.bob)
        now = mailing.clock.now()
        notice_letters.choose(work, viewer, Rhythm.DAILY, hour, weekday, now, mailing.zone)


def test_choosing_on_one_s_own_page(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """It says when the next is due and where it goes; what is no choice is refused."""
    visitor = visit(lite_cast.bob)
    page = visitor.page("/me/letters")
    assert "This installation sends no e-mail." in page
    assert re.search(r'value="off" required checked', page)
    assert "Saved." in visitor.follow("/me/letters", rhythm="daily", hour="7", weekday="0")
    assert re.search(r'value="daily" required checked', visitor.page("/me/letters"))
    assert 7 == wish(bridge, lite_cast.bob).hour
    for form in ({"rhythm": "hourly"}, {"rhythm": "daily", "hour": "x"}, {}):
        assert 422 == visitor.post("/me/letters", **form).status_code
    assert 'href="/me/letters"' in visitor.page(f"/people/{lite_cast.bob}")


def test_who_ends_them_while_one_goes_out_gets_no_other(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """A round settles what it began before: the next moment that it writes down does not count."""
    uid = post(cast, cast.bob)
    clock.advance(seconds=1)
    choose(mailing, cast.bob)
    clock.advance(seconds=1)
    comment(replace(cast, now=clock.now()), cast.charlie, uid, "One")
    clock.advance(hours=1)

    @contextmanager
    def slow() -> Iterator[notice_letters.Post]:
        with mailing.posting() as hand_over:

            def handed_over(letter: PersonalLetter, key: str) -> None:
                hand_over(letter, key)
                choose(mailing, cast.bob, Rhythm.OFF)

            yield handed_over

    assert Round(sent=1) == round_of(mailing, opened=slow)
    comment(replace(cast, now=clock.now()), cast.charlie, uid, "Two")
    clock.advance(hours=25)
    assert Round() == round_of(mailing)
