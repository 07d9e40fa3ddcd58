"""The feeds for other programs: Atom and ActivityStreams 2.0, by session and by private address."""

from __future__ import annotations

from typing import Any

import feedparser
import pytest

from bridge import flow
from bridge.access import feed_links
from bridge.bootstrap import Bridge
from bridge.feed import write
from bridge.model import Choice
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.lively import BOB_ASKS, Lively, everyone, viewer
from tests.visitor import Visit, tell

HOSTILE = "<script>alert(1)</script> & \"'><b>]]>\x0b"


def key_of(bridge: Bridge, person: int) -> str:
    """A fresh private feed key of the person."""
    with bridge.store.work() as work:
        return feed_links.issue(work, person, bridge.clock.now())


def parsed(source: str) -> Any:
    """The feed, which must be without a flaw."""
    feed = feedparser.parse(source)
    assert not feed.bozo, feed.get("bozo_exception")
    assert "atom10" == feed.version
    return feed


def said(bridge: Bridge, person: int, text: str, cast: Cast) -> str:
    """The person posts to everyone; the item's uid."""
    who = viewer(bridge, person)
    return flow.post(bridge.store, bridge.clock, who, text, everyone(cast), False).uid


# --- Atom ----------------------------------------------------------------------------------------


def test_atom_tells_what_the_page_tells(
    bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Every item with its sentence, its address, its author, its times, newest first."""
    visitor = visit(lite_cast.charlie)
    answer = visitor.get("/feeds/home.atom")
    assert "application/atom+xml; charset=utf-8" == answer.content_type
    feed = parsed(answer.text)
    assert ("Acme Academy", "http://localhost/") == (feed.feed.title, feed.feed.id)
    assert visitor.page("/").count("<article") == len(feed.entries)
    one = next(e for e in feed.entries if e.id == f"http://localhost/a/{lively.post}")
    assert (f"Bob Brown asked: {BOB_ASKS}", "Bob Brown", one.id) == (
        one.title,
        one.author,
        one.link,
    )
    assert BOB_ASKS in one.content[0].value
    assert "text/html" == one.content[0].type
    assert "2026-11-25T06:00:00+00:00" == one.published
    assert [e.published for e in feed.entries] == sorted(
        (e.published for e in feed.entries), reverse=True
    )
    titles = [e.title for e in feed.entries]
    assert any(title.endswith(" and 13 others finished Giving feedback") for title in titles)
    assert not any("Beth Becker finished" in title for title in titles)


def test_a_course_and_a_team_have_feeds_of_their_own(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """With their names, for whoever may read them; the pages say where they are."""
    visitor = visit(lite_cast.bob)
    for path, title in {
        f"courses/{lite_cast.feedback}": "Giving feedback · Acme Academy",
        f"teams/{lite_cast.sales}": "Sales · Acme Academy",
    }.items():
        feed = parsed(visitor.page(f"/feeds/{path}.atom"))
        assert (title, f"http://localhost/{path}") == (feed.feed.title, feed.feed.id)
        assert feed.entries
        assert f'href="/feeds/{path}.atom"' in visitor.page(f"/{path}")
        assert title == visitor.json(f"/feeds/{path}.json")["name"]
    charlie = visit(lite_cast.charlie)
    assert 404 == charlie.get(f"/feeds/teams/{lite_cast.sales}.atom").status_code
    assert 404 == charlie.get(f"/feeds/courses/{lite_cast.layoffs}.json").status_code


def test_an_empty_feed_is_a_feed(lite_cast: Cast, visit: Visit) -> None:
    """Nothing was told yet; that is no mistake."""
    feed = parsed(visit(lite_cast.bob).page("/feeds/home.atom"))
    assert ([], "Acme Academy") == (feed.entries, feed.feed.title)
    collection = visit(lite_cast.bob).json("/feeds/home.json")
    assert ([], "OrderedCollectionPage") == (collection["orderedItems"], collection["type"])


def test_a_feed_has_two_forms(lite_cast: Cast, visit: Visit) -> None:
    """Another is not there, and the answer names the two."""
    answer = visit(lite_cast.bob).get("/feeds/home.rss")
    assert (404, True) == (answer.status_code, "Use .atom or .json." in answer.text)


def test_what_people_write_is_text_in_every_form(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Markup in names, titles and words is not markup in a feed, and breaks none."""
    with bridge.store.work() as work:
        for table, column, ident in (
            (t.people, "name", lite_cast.bob),
            (t.courses, "name", lite_cast.feedback),
            (t.courses, "summary", lite_cast.feedback),
            (t.teams, "name", lite_cast.sales),
            (t.connections, "site_name", lite_cast.connection),
        ):
            work.sql.execute(table.update().where(table.c.id == ident).values({column: HOSTILE}))
    lite_cast.choose(lite_cast.bob, Choice.EVERYONE)
    lite_cast.complete(lite_cast.bob, lite_cast.feedback)
    lite_cast.ask(lite_cast.bob, lite_cast.feedback, HOSTILE)
    tell(bridge, lite_cast)
    said(bridge, lite_cast.bob, f"one\ntwo {HOSTILE}", lite_cast)
    visitor = visit(lite_cast.beth)
    plain = HOSTILE.replace("\x0b", "")
    for path in ("home", f"courses/{lite_cast.feedback}", f"teams/{lite_cast.sales}"):
        source = visitor.page(f"/feeds/{path}.atom")
        assert "<script" not in source
        feed = parsed(source)
        assert plain in feed.feed.title
        for entry in feed.entries:
            # feedparser cleans HTML: what was markup would be gone, what is text is still there.
            assert "alert(1)" in entry.title + entry.content[0].value
            assert "<script" not in entry.content[0].value
    contents = [e.content[0].value for e in parsed(visitor.page("/feeds/home.atom")).entries]
    assert any(c.startswith("<p>one<br />two &lt;script&gt;") for c in contents)
    for item in visitor.json("/feeds/home.json")["orderedItems"]:
        assert "<script" not in item["summary"]


# --- ActivityStreams -----------------------------------------------------------------------------


def test_json_is_activitystreams_page_by_page(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """Each page is a collection page that names the next one; together they are the feed."""
    uids = []
    for number in range(45):
        clock.advance(minutes=1)
        uids.append(said(bridge, lite_cast.bob, f"post {number}", lite_cast))
    visitor = visit(lite_cast.charlie)
    address, seen, sizes = "http://localhost/feeds/home.json", [], []
    while address:
        answer = visitor.get(address.removeprefix("http://localhost"))
        assert "application/activity+json" == answer.content_type
        page: Any = answer.json
        assert "https://www.w3.org/ns/activitystreams" == page["@context"][0]
        assert "OrderedCollectionPage" == page["type"]
        assert (address, "http://localhost/feeds/home.json") == (page["id"], page["partOf"])
        assert all("@context" not in item for item in page["orderedItems"])
        seen += [item["id"].rpartition("/")[2] for item in page["orderedItems"]]
        sizes.append(len(page["orderedItems"]))
        address = page.get("next", "")
    assert [20, 20, 5] == sizes
    assert uids[::-1] == seen


def test_atom_is_paged_as_well(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """By a link to the next page, which keeps the private key, as the link to itself does."""
    for number in range(21):
        clock.advance(minutes=1)
        said(bridge, lite_cast.bob, f"post {number}", lite_cast)
    key = key_of(bridge, lite_cast.charlie)
    first = parsed(visit().page(f"/feeds/home.atom?key={key}"))
    links = {link.rel: link.href for link in first.feed.links}
    assert f"http://localhost/feeds/home.atom?key={key}" == links["self"]
    second = parsed(visit().page(links["next"].removeprefix("http://localhost")))
    assert [20, 1] == [len(first.entries), len(second.entries)]
    assert "next" not in {link.rel for link in second.feed.links}


# --- not twice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["atom", "json"])
def test_who_has_it_already_is_told_so(
    form: str, bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """304 and nothing else, until something that the feed shows changes."""
    visitor, path = visit(lite_cast.charlie), f"/feeds/home.{form}"
    answer = visitor.get(path)
    mark = answer.headers["ETag"]
    assert "private, no-cache" == answer.headers["Cache-Control"]
    again = visitor.get(path, headers={"If-None-Match": mark})
    assert (304, "", mark) == (again.status_code, again.text, again.headers["ETag"])
    with bridge.store.work() as work:
        who = viewer(bridge, lite_cast.erin)
        write.cheer(work, who, lively.post, bridge.clock.now())
    answer = visitor.get(path, headers={"If-None-Match": mark})
    assert 200 == answer.status_code
    assert mark != answer.headers["ETag"]


def test_a_name_that_was_withdrawn_is_not_in_what_is_unchanged(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """A reader that asks again after Bob took his consent back does not keep his name."""
    lite_cast.choose(lite_cast.bob, Choice.EVERYONE)
    lite_cast.complete(lite_cast.bob, lite_cast.feedback)
    tell(bridge, lite_cast)
    visitor = visit(lite_cast.charlie)
    mark = visitor.get("/feeds/home.atom").headers["ETag"]
    flow.change_consent(bridge.store, bridge.clock, lite_cast.bob, Choice.NOBODY)
    answer = visitor.get("/feeds/home.atom", headers={"If-None-Match": mark})
    assert 200 == answer.status_code
    assert "Bob" not in answer.text


# --- private addresses ---------------------------------------------------------------------------


def test_without_a_session_or_a_key_there_is_no_feed(visit: Visit) -> None:
    """A feed reader is told in plain words, not sent to a page."""
    answer = visit().get("/feeds/home.atom")
    assert (401, "text/plain") == (answer.status_code, answer.mimetype)
    assert "Sign in, or use a private feed address." in answer.text


def test_a_key_shows_what_its_person_may_see_and_no_more(
    bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Bob's key opens his team's feed, Charlie's does not; whose browser asks plays no part."""
    bob, charlie = (key_of(bridge, person) for person in (lite_cast.bob, lite_cast.charlie))
    path = f"/feeds/teams/{lite_cast.sales}.atom"
    assert "Beth Becker finished" in visit().page(f"{path}?key={bob}")
    for person in (None, lite_cast.bob):
        assert 404 == visit(person).get(f"{path}?key={charlie}").status_code


def test_a_revoked_key_opens_nothing(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Nor does a guessed one, nor one for a page that is no feed; and it says so without a hint."""
    key = key_of(bridge, lite_cast.bob)
    with bridge.store.work() as work:
        feed_links.revoke(work, lite_cast.bob, bridge.clock.now())
    for one in (key, "guessed"):
        answer = visit().get(f"/feeds/home.json?key={one}")
        assert 404 == answer.status_code
        assert "This private feed address is not in use any more." in answer.text
        assert "Bob" not in answer.text
    assert 303 == visit().get(f"/?key={key_of(bridge, lite_cast.bob)}").status_code
