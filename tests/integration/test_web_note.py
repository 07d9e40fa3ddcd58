"""The weekly note on the pages: choosing it, coming in by its links, and ending it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.access import links
from bridge.bootstrap import Bridge
from bridge.flow.notes import LINK
from bridge.model import NoteChannel, PersonalLetter, PersonalMessage
from bridge.storage import tables as t
from bridge.web import create_app
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.noting import Ways, choose, round_of, sends_messages, suggest, wish
from tests.visitor import Visit, Visitor

MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def paths(bridge: Bridge, lite_cast: Cast, clock: FrozenClock) -> list[str]:
    """The paths of the links in the note that Alice was just sent, those that open the desk."""
    sends_messages(lite_cast)
    suggest(lite_cast)
    choose(bridge, lite_cast.alice, NoteChannel.MESSAGE)
    clock.at = MONDAY
    ways = Ways(clock.now)
    assert 1 == round_of(bridge, opened=ways.opened).sent
    ((_, message),) = ways.handed
    assert isinstance(message, PersonalMessage)
    return re.findall(r"http://localhost(/note/\S+)", message.text)


def kept(cast: Cast) -> tuple[Any, int]:
    """When the link was used, and how many sessions there are."""
    with cast.store.reading() as work:
        (used,) = work.sql.execute(
            t.sign_in_links.select().with_only_columns(t.sign_in_links.c.used_at)
        ).scalars()
        return used, len(work.sql.execute(t.sessions.select()).all())


def test_a_link_opens_a_page_and_its_button_the_desk(
    paths: list[str], visit: Visit, lite_cast: Cast
) -> None:
    """Whatever opens it, nothing happens; the button signs in and leads to the suggestion."""
    first = paths[0]
    assert re.fullmatch(r"/note/[\w-]{43}\?at=suggestion-\d+", first)
    leader = visit()
    for _ in range(3):
        page = leader.read(first)
        assert ("Hello, Alice Adams" in page, "Open my desk" in page) == (True, True)
    leader.client.head(first)
    assert (None, 0) == kept(lite_cast)
    answer = leader.post(first)
    place = first.partition("at=")[2]
    assert (303, f"/desk#{place}") == (answer.status_code, answer.headers["Location"])
    assert f'id="{place}"' in leader.page("/desk")
    used, sessions = kept(lite_cast)
    assert (False, 1) == (used is None, sessions)


def test_a_link_signs_in_once_and_then_says_how_to_get_in(
    paths: list[str], visit: Visit, lite_cast: Cast
) -> None:
    """A note that somebody else finds opens nothing; where its leader is signed in it goes on."""
    leader, stranger = visit(), visit()
    leader.post(paths[0])
    for answer in (stranger.get(paths[0]), stranger.post(paths[0]), stranger.get(paths[-1])):
        assert 410 == answer.status_code
        assert "This sign-in link has been used." in answer.text
        assert "The next note brings a new link." in answer.text
    assert 303 == stranger.get("/desk").status_code
    for path in paths:
        answer = leader.get(path)
        assert (303, "/desk") == (answer.status_code, answer.headers["Location"].partition("#")[0])
    assert 1 == kept(lite_cast)[1]


def test_who_is_signed_in_goes_straight_to_the_desk(
    paths: list[str], visit: Visit, lite_cast: Cast
) -> None:
    """And the link is not used up by it; who is signed in as somebody else is told."""
    place = paths[1].partition("at=")[2]
    answer = visit(lite_cast.alice).get(paths[1])
    assert (303, f"/desk#{place}") == (answer.status_code, answer.headers["Location"])
    other = visit(lite_cast.erin)
    assert "You are signed in as Erin Evans; that ends here." in other.read(paths[1])
    assert None is kept(lite_cast)[0]
    other.post(paths[1])
    assert "Alice Adams" in other.read("/me", follow_redirects=True)


@pytest.mark.parametrize("at", ["//evil.example", "suggestion-1%0d%0aX:y", "suggestion-", "%22"])
def test_a_link_leads_to_the_desk_and_nowhere_else(at: str, paths: list[str], visit: Visit) -> None:
    """Whatever somebody makes of its address."""
    answer = visit().post(paths[0].partition("?")[0] + f"?at={at}")
    assert (303, "/desk") == (answer.status_code, answer.headers["Location"])


def test_a_link_ends_after_eight_days(
    paths: list[str], visit: Visit, clock: FrozenClock, lite_cast: Cast
) -> None:
    """And one that was never made opens nothing; a form of another site's neither."""
    assert 400 == visit().client.post(paths[0]).status_code
    clock.at = MONDAY + LINK - timedelta(seconds=1)
    assert 200 == visit().get(paths[0]).status_code
    clock.advance(seconds=1)
    for path in (paths[0], "/note/none"):
        assert 410 == visit().get(path).status_code
        assert 410 == visit().post(path).status_code
    assert (None, 0) == kept(lite_cast)


def test_who_leads_no_team_any_more_comes_in_all_the_same(
    paths: list[str], visit: Visit, lite_cast: Cast
) -> None:
    """To the feed; who was suspended does not."""
    with lite_cast.store.work() as work:
        work.access.remove_leader(lite_cast.sales, lite_cast.alice)
    assert "/" == visit().post(paths[0]).headers["Location"]
    with lite_cast.store.work() as work:
        token = links.issue(work, lite_cast.erin, MONDAY, LINK)
        work.sql.execute(t.people.update().values(suspended=True))
    answer = visit().post(f"/note/{token}")
    assert (410, True) == (answer.status_code, "is suspended in the LMS" in answer.text)


# --- ending it -----------------------------------------------------------------------------------


def test_off_in_one_click_without_signing_in(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock
) -> None:
    """By the mail program's own button (RFC 8058), or by the page's; opening it ends nothing."""
    mailing = replace(bridge.config, smtp_url="smtp://127.0.0.1:1", mail_from="bridge@example.com")
    bridge = replace(bridge, config=mailing)
    suggest(lite_cast, weeks=3)
    choose(bridge, lite_cast.alice, hour=9, weekday=1)
    clock.at = MONDAY + timedelta(days=1, hours=1)
    ways = Ways(clock.now)
    round_of(bridge, opened=ways.opened)
    ((_, letter),) = ways.handed
    assert isinstance(letter, PersonalLetter)
    path = letter.unsubscribe.removeprefix("http://localhost")
    stranger = create_app(bridge).test_client()
    page = stranger.get(path).text
    assert "You get one by e-mail each Tuesday at 09:00." in page
    assert 422 == stranger.post(path).status_code
    assert NoteChannel.MAIL is wish(bridge, lite_cast.alice).channel
    for _ in range(2):
        answer = stranger.post(path, data=ONE_CLICK)
        assert (200, True) == (answer.status_code, "You get no more notes" in answer.text)
    off = wish(bridge, lite_cast.alice)
    assert (NoteChannel.OFF, None) == (off.channel, off.next_at)
    clock.advance(days=7)
    assert 0 == round_of(bridge, opened=ways.opened).sent
    assert "No more notes?" in stranger.post(path, data={"note": "weekly"}).text
    again = wish(bridge, lite_cast.alice)
    assert (NoteChannel.MAIL, 9, 1) == (again.channel, again.hour, again.weekday)
    token = path.rpartition("/")[2]
    for other in ("none", token[:-2], "x" * 400):
        assert 404 == stranger.get(f"/notes/{other}").status_code
        assert 404 == stranger.post(f"/notes/{other}", data=ONE_CLICK).status_code
    with lite_cast.store.work() as work:
        work.erasure.delete(lite_cast.alice)
    assert 404 == stranger.post(path, data=ONE_CLICK).status_code


def test_the_first_word_can_be_said_yes_to(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock
) -> None:
    """By one click on its page, without signing in; the next note comes a week later."""
    sends_messages(lite_cast)
    suggest(lite_cast, weeks=3)
    round_of(bridge, unasked=True)
    clock.at = MONDAY
    ways = Ways(clock.now)
    round_of(bridge, opened=ways.opened, unasked=True)
    ((_, message),) = ways.handed
    assert isinstance(message, PersonalMessage)
    (path,) = re.findall(r"http://localhost(/notes/\S+)", message.text)
    stranger = create_app(bridge).test_client()
    assert "A note each week?" in stranger.get(path).text
    assert "each Monday at 08:00" in stranger.post(path, data={"note": "weekly"}).text
    chosen = wish(bridge, lite_cast.alice)
    assert (NoteChannel.MESSAGE, MONDAY + timedelta(days=7)) == (chosen.channel, chosen.next_at)
    clock.advance(days=7)
    assert 1 == round_of(bridge, opened=ways.opened).sent


# --- choosing it ---------------------------------------------------------------------------------


def test_choosing_on_one_s_own_page(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Only the ways that are open are offered; it says when the next one is due."""
    leader = visit(lite_cast.alice)
    assert 'href="/desk/note"' in leader.page("/desk")
    page = leader.read("/desk/note")
    assert "Neither way is open" in page
    assert 2 == page.count("Not possible at the moment.")
    assert "you get one first note, and then none" in page
    sends_messages(lite_cast)
    assert 'value="message" required' in leader.page("/desk/note")
    page = leader.follow("/desk/note", channel="message", hour="9", weekday="3")
    for part in ("Saved.", "The next one is due on", "Thu 26 Nov 2026, 09:00 UTC"):
        assert part in page
    assert "Nothing: so none would be sent." in page
    chosen = wish(bridge, lite_cast.alice)
    assert (NoteChannel.MESSAGE, 9, 3) == (chosen.channel, chosen.hour, chosen.weekday)
    for form in ({"channel": "pigeon"}, {"channel": "mail", "hour": "x"}, {"channel": "unasked"}):
        assert 422 == leader.post("/desk/note", **form).status_code
    assert "Not possible at the moment." not in leader.page("/desk/note")
    suggest(lite_cast, week=(MONDAY - timedelta(days=7)).date())
    assert "1. Giving feedback" in leader.read("/desk/note")


def test_only_who_leads_a_team_chooses(lite_cast: Cast, visit: Visit) -> None:
    """Nobody else has a desk."""
    for person in (lite_cast.bob, lite_cast.dana):
        assert 403 == visit(person).get("/desk/note").status_code
        assert 403 == visit(person).post("/desk/note", channel="off").status_code
    assert "The weekly note" not in visit(lite_cast.bob).page(f"/people/{lite_cast.bob}")


def test_what_went_wrong_is_shown_with_its_remedy(lite_cast: Cast, visit: Visit) -> None:
    """In the LMS's words, which are only words, and with what can be done; a doubt as well."""
    row = {
        "person_id": lite_cast.alice,
        "channel": "message",
        "hour": 8,
        "weekday": 0,
        "next_at": MONDAY,
        "problem": "The LMS did not deliver the message: <b>You can't</b>.",
        "remedy": "Give moodle/site:messageanyuser. Or choose e-mail.",
        "doubt_at": MONDAY - timedelta(days=14),
    }
    with lite_cast.store.work() as work:
        work.sql.execute(t.leader_notes.insert(), row)
    leader: Visitor = visit(lite_cast.alice)
    page = leader.read("/desk/note")
    assert "The last note was not taken. The LMS did not deliver the message: <b>You can't" in page
    assert "Give moodle/site:messageanyuser. Or choose e-mail." in page
    assert "nobody knows whether it arrived" in page
    assert "Not possible at the moment." in page
    page = leader.follow("/desk/note", channel="off", hour="8", weekday="0")
    assert "The last note was not taken." not in page
