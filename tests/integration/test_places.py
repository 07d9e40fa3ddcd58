"""Where people stopped reading, and what is new since."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bridge.bootstrap import Bridge
from bridge.feed import places, read, write
from bridge.model import Audience, AudienceKind, Choice
from bridge.storage.reading import Place
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.lively import everyone
from tests.statements import statements
from tests.visitor import Visit, Visitor, tell

_T = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TO = re.compile(r'data-read="/read" data-to="([^"]+)"')


def say(cast: Cast, clock: FrozenClock, *texts: str, person: int = 0) -> None:
    """Bob, or another, says each a minute after the other, to everyone."""
    who = cast.viewer(person or cast.bob)
    for text in texts:
        with cast.store.work() as work:
            write.post(work, who, text, everyone(cast), False, clock.advance(minutes=1))


def new(cast: Cast, person: int) -> int:
    """How many items are new to the person."""
    with cast.store.reading() as work:
        return places.unread(work, cast.viewer(person)).items


def look(cast: Cast, person: int, clock: FrozenClock) -> str:
    """The person opens the feed and reads it; what stands below the line, if there is one."""
    who = cast.viewer(person)
    with cast.store.work() as work:
        page = read.home(work, who)
        waiting = places.unread(work, who)
        uid = places.first_read(page, None, waiting.place, clock.now())
        places.mark(work, who, places.top_of(page), clock.now())
    return next((i.activity.text for i in page.items if i.activity.uid == uid), "")


def test_the_line_stands_where_the_last_visit_ended(cast: Cast, clock: FrozenClock) -> None:
    """It stays there while the visit goes on, and moves on when the person comes anew."""
    say(cast, clock, "one", "two")
    assert (0, "") == (new(cast, cast.charlie), look(cast, cast.charlie, clock))
    clock.advance(hours=8)
    say(cast, clock, "three", "four")
    assert 2 == new(cast, cast.charlie)
    assert "two" == look(cast, cast.charlie, clock)
    assert 0 == new(cast, cast.charlie)
    say(cast, clock, "five")
    assert 1 == new(cast, cast.charlie)
    assert "two" == look(cast, cast.charlie, clock)
    clock.advance(hours=1)
    assert "" == look(cast, cast.charlie, clock)
    say(cast, clock, "six")
    clock.advance(hours=1)
    assert "five" == look(cast, cast.charlie, clock)
    assert (0, 0) == (new(cast, cast.erin), new(cast, cast.dana))


def test_what_is_not_told_to_me_is_not_new_to_me(cast: Cast, clock: FrozenClock) -> None:
    """Nor what I said, what was taken back, or a number that may not be shown."""
    say(cast, clock, "one")
    look(cast, cast.charlie, clock)
    say(cast, clock, "mine", person=cast.charlie)
    sales = Audience(AudienceKind.TEAM, cast.sales)
    with cast.store.work() as work:
        bob = cast.viewer(cast.bob)
        write.post(work, bob, "for Sales", sales, False, clock.advance(minutes=1))
        post = write.post(work, bob, "oh no", everyone(cast), False, clock.now())
        write.remove_post(work, bob, post.uid, clock.now())
    assert 0 == new(cast, cast.charlie)
    say(cast, clock, "two")
    assert 1 == new(cast, cast.charlie)


def test_a_completion_is_new_if_it_tells_something(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock
) -> None:
    """Somebody who does not want to be named, alone, is no news to anybody."""
    say(lite_cast, clock, "one")
    look(lite_cast, lite_cast.charlie, clock)
    clock.advance(minutes=1)
    lite_cast.complete(lite_cast.beth, lite_cast.feedback)
    tell(bridge, lite_cast)
    assert 0 == new(lite_cast, lite_cast.charlie)
    lite_cast.choose(lite_cast.bob, Choice.EVERYONE)
    lite_cast.complete(lite_cast.bob, lite_cast.feedback)
    tell(bridge, lite_cast)
    assert 1 == new(lite_cast, lite_cast.charlie)


def test_more_than_a_hundred_are_not_counted(lite_cast: Cast, clock: FrozenClock) -> None:
    """A number beyond that says nothing more, and would cost more."""
    say(lite_cast, clock, "one")
    look(lite_cast, lite_cast.charlie, clock)
    say(lite_cast, clock, *("another",) * 105)
    assert 100 == new(lite_cast, lite_cast.charlie)


def test_a_page_marks_itself_read_and_nothing_else_does(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """Fetching it, once or ahead, moves nothing; the nav counts on other pages what is new."""
    say(lite_cast, clock, "one")
    visitor = visit(lite_cast.charlie)
    place = to(visitor)
    assert 204 == visitor.post("/read", htmx=True, to=place).status_code
    clock.advance(hours=1)
    say(lite_cast, clock, "two", "three")
    for _ in range(2):
        source = visitor.page("/", headers={"Sec-Purpose": "prefetch"})
        assert "New since your last visit" in source
    assert source.index(">two<") < source.index('id="read-line"') < source.index(">one<")
    assert "Feed2 new" in visitor.read("/me/sharing")
    assert "2 new" not in visitor.read("/")
    # Another device, without scripts: a button says it.
    other = visit(lite_cast.charlie)
    assert 303 == other.post("/read", to=to(other)).status_code
    assert "Feed2 new" not in visitor.read("/me/sharing")
    assert "New since your last visit" in visitor.page("/")


def to(visitor: Visitor) -> str:
    """The place up to which the page is read."""
    found = TO.search(visitor.page("/"))
    assert found is not None
    return found[1]


def test_the_line_is_found_on_a_later_page(
    lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """After more than a page of news it stands on the next; a later page marks nothing."""
    say(lite_cast, clock, "old")
    look(lite_cast, lite_cast.charlie, clock)
    clock.advance(hours=1)
    say(lite_cast, clock, *(f"new {n}" for n in range(20)))
    visitor = visit(lite_cast.charlie)
    first = visitor.page("/")
    assert "New since" not in first
    more = re.search(r'href="(/\?before=[^"]+)"', first)
    assert more is not None
    second = visitor.page(more[1])
    assert second.index('id="read-line"') < second.index(">old<")
    assert "data-read" not in second


def test_the_nav_s_numbers_cost_one_statement(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """On a page of its own as on the feed."""
    say(lite_cast, clock, "one")
    look(lite_cast, lite_cast.charlie, clock)
    visitor = visit(lite_cast.charlie)
    for path in ("/", "/me/sharing"):
        visitor.get(path)
        with statements(bridge.store) as sent:
            visitor.page(path)
        assert 1 == sum("reading_places" in s for s in sent), path


@pytest.mark.parametrize("given", ["", "nonsense", "x" * 10_000, "\x00"])
def test_a_place_that_is_none_moves_nothing(
    given: str, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """Whatever a form sends."""
    say(lite_cast, clock, "one")
    answer = visit(lite_cast.charlie).post("/read", htmx=True, to=given)
    assert (422 if given else 204) == answer.status_code
    with lite_cast.store.reading() as work:
        assert None is work.reading.place(lite_cast.charlie)


def test_reading_without_news_is_seldom_written_down() -> None:
    """A page that is reloaded again and again writes once in five minutes."""
    at = _T
    top = (at - timedelta(days=1), 7)
    place = Place(line=top, seen=top, seen_at=at)
    assert place is places.moved(place, top, at + timedelta(minutes=4))
    later = at + timedelta(minutes=5)
    assert Place(line=top, seen=top, seen_at=later) == places.moved(place, top, later)


def test_reading_an_older_page_later_takes_nothing_back() -> None:
    """A tab that was open since yesterday does not make today's items new again."""
    seen = (_T, 9)
    place = Place(line=(_T - timedelta(days=1), 5), seen=seen, seen_at=_T)
    stale = (_T - timedelta(hours=5), 3)
    assert seen == places.moved(place, stale, _T + timedelta(minutes=6)).seen
