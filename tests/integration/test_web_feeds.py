"""The feeds for other programs, in four forms, by session and by private address."""

from __future__ import annotations

from typing import Any

import feedparser
import pytest

from bridge import flow
from bridge.access import feed_links
from bridge.activitystreams import CONTEXT
from bridge.bootstrap import Bridge
from bridge.feed import write
from bridge.model import Audience, AudienceKind, Choice
from bridge.storage import tables as t
from bridge.web import create_app
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.feed_schemas import collection_of, json_feed_of, page_of
from tests.lively import BOB_ASKS, Lively, everyone, viewer
from tests.visitor import Visit, tell

HOSTILE = "<script>alert(1)</script> & \"'><b>]]>\x0b"


def key_of(bridge: Bridge, person: int) -> str:
    """A fresh private feed key of the person."""
    with bridge.store.work() as work:
        return feed_links.issue(work, person, bridge.clock.now())


def parsed(source: str, version: str = "atom10") -> Any:
    """The feed, which must be without a flaw."""
    feed = feedparser.parse(source)
    assert not feed.bozo, feed.get("bozo_exception")
    assert version == feed.version
    return feed


def body(entry: Any) -> str:
    """What an entry says beside its title: Atom's content is what RSS calls the description."""
    return str(entry.content[0].value if "content" in entry else entry.summary)


def said(bridge: Bridge, person: int, text: str, cast: Cast) -> str:
    """The person posts to everyone; the item's uid."""
    who = viewer(bridge, person)
    return flow.post(bridge.store, bridge.clock, who, text, everyone(cast), False).uid


def many(bridge: Bridge, cast: Cast, clock: FrozenClock, count: int) -> list[str]:
    """Bob posts so often, once a minute; the uids in the order in which he did."""
    uids = []
    for number in range(count):
        clock.advance(minutes=1)
        uids.append(said(bridge, cast.bob, f"post {number}", cast))
    return uids


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
    assert not any("Beth Becker" in title and "finished" in title for title in titles)


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
    feed = parsed(visit(lite_cast.bob).page("/feeds/home.rss"), "rss20")
    assert ([], "Acme Academy") == (feed.entries, feed.feed.title)
    collection = collection_of(visit(lite_cast.bob).json("/feeds/home.json"))
    assert [] == collection["first"]["orderedItems"]
    assert [] == json_feed_of(visit(lite_cast.bob).json("/feeds/home.jsonfeed"))["items"]


def test_a_feed_has_four_forms(lite_cast: Cast, visit: Visit) -> None:
    """Another is not there, and the answer names the four."""
    answer = visit(lite_cast.bob).get("/feeds/home.xml")
    named = "Use one of .atom, .rss, .jsonfeed, .json." in answer.text
    assert (404, True) == (answer.status_code, named)


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
        again = parsed(visitor.page(f"/feeds/{path}.rss"), "rss20")
        assert [(e.title, e.id) for e in feed.entries] == [(e.title, e.id) for e in again.entries]
        for entry in (*feed.entries, *again.entries):
            # feedparser cleans HTML: what was markup would be gone, what is text is still there.
            assert "alert(1)" in entry.title + body(entry)
            assert "<script" not in body(entry)
    contents = [e.content[0].value for e in parsed(visitor.page("/feeds/home.atom")).entries]
    assert any(c.startswith("<p>one<br />two &lt;script&gt;") for c in contents)
    for item in collection_of(visitor.json("/feeds/home.json"))["first"]["orderedItems"]:
        assert "<script" not in item["summary"]
    for item in json_feed_of(visitor.json("/feeds/home.jsonfeed"))["items"]:
        assert "<script" not in item["content_html"]
        assert "alert(1)" in item["title"] + item["content_html"]


# --- ActivityStreams -----------------------------------------------------------------------------


def test_json_is_activitystreams_page_by_page(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """A collection with its first page in it; each page names the next; together they are all."""
    uids = many(bridge, lite_cast, clock, 45)
    visitor = visit(lite_cast.charlie)
    answer = visitor.get("/feeds/home.json")
    assert "application/activity+json" == answer.content_type
    page = collection_of(answer.json)["first"]
    assert page_of(visitor.json(page["id"].removeprefix("http://localhost"))) == (
        {"@context": CONTEXT} | page
    )
    seen, sizes = [], []
    while True:
        assert "http://localhost/feeds/home.json" == page["partOf"]
        seen += [item["id"].rpartition("/")[2] for item in page["orderedItems"]]
        sizes.append(len(page["orderedItems"]))
        if "next" not in page:
            break
        address = page["next"]
        page = page_of(visitor.json(address.removeprefix("http://localhost")))
        assert address == page["id"]
    assert [20, 20, 5] == sizes
    assert uids[::-1] == seen


def test_what_was_taken_back_is_a_tombstone_in_its_place(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """It says that it is gone and not what it was, to those who could have known of it."""
    uids = many(bridge, lite_cast, clock, 22)
    bob = viewer(bridge, lite_cast.bob)
    sales = Audience(AudienceKind.TEAM, lite_cast.sales)
    clock.advance(minutes=1)
    secret = flow.post(bridge.store, bridge.clock, bob, "secret", sales, False).uid
    before = visit(lite_cast.charlie).get("/feeds/home.json").headers["ETag"]
    clock.advance(minutes=1)
    for uid in (uids[0], uids[20], secret):
        flow.remove_post(bridge.store, bridge.clock, bob, uid)
    tombs, marks = {}, set()
    for person in (lite_cast.charlie, lite_cast.beth):
        answer = visit(person).get("/feeds/home.json")
        items = collection_of(answer.json)["first"]["orderedItems"]
        tombs[person] = [
            (place, item["id"].rpartition("/")[2], sorted(item))
            for place, item in enumerate(items)
            if item["type"] == "Tombstone"
        ]
        marks.add(answer.headers["ETag"])
    said = ["deleted", "id", "type"]
    assert [(1, uids[20], said)] == [t for t in tombs[lite_cast.charlie] if t[1] != uids[0]]
    assert [(0, secret, said), (2, uids[20], said)] == [
        t for t in tombs[lite_cast.beth] if t[1] != uids[0]
    ]
    assert before not in marks
    for form in ("atom", "rss", "jsonfeed"):
        assert uids[20] not in visit(lite_cast.charlie).page(f"/feeds/home.{form}")


@pytest.mark.parametrize(("form", "version"), [("atom", "atom10"), ("rss", "rss20")])
def test_xml_goes_on_by_links_between_pages(
    form: str,
    version: str,
    bridge: Bridge,
    lite_cast: Cast,
    clock: FrozenClock,
    visit: Visit,
) -> None:
    """To the next and back to the first; they keep the private key, as the link to itself does."""
    many(bridge, lite_cast, clock, 21)
    address = f"http://localhost/feeds/home.{form}?key={key_of(bridge, lite_cast.charlie)}"
    first = parsed(visit().page(address.removeprefix("http://localhost")), version)
    links = {link.rel: link.href for link in first.feed.links}
    assert {"self", "next", "alternate"} == set(links)
    assert address == links["self"]
    second = parsed(visit().page(links["next"].removeprefix("http://localhost")), version)
    assert [20, 1] == [len(first.entries), len(second.entries)]
    later = {link.rel: link.href for link in second.feed.links}
    assert (address, links["next"]) == (later["first"], later["self"])
    assert "next" not in later


def test_rss_tells_what_atom_tells(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """The same items with the same ids, people, times and words."""
    visitor = visit(lite_cast.charlie)
    answer = visitor.get("/feeds/home.rss")
    assert "application/rss+xml; charset=utf-8" == answer.content_type
    both = parsed(visitor.page("/feeds/home.atom")), parsed(answer.text, "rss20")
    told = [
        [(e.id, e.title, e.author, e.published_parsed, body(e)) for e in feed.entries]
        for feed in both
    ]
    assert told[0] == told[1]
    assert len(told[0]) > 5
    assert both[0].feed.link == both[1].feed.link == "http://localhost/"
    assert all(e.id == e.link for e in both[1].entries)


def test_json_feed_is_what_its_specification_says(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """Each item has an id, an address, words and times; each page but the last knows the next."""
    uids = many(bridge, lite_cast, clock, 21)
    key = key_of(bridge, lite_cast.charlie)
    answer = visit().get(f"/feeds/home.jsonfeed?key={key}")
    assert "application/feed+json; charset=utf-8" == answer.content_type
    first = json_feed_of(answer.json)
    assert f"http://localhost/feeds/home.jsonfeed?key={key}" == first["feed_url"]
    second = json_feed_of(visit().json(first["next_url"].removeprefix("http://localhost")))
    assert (first["next_url"], None) == (second["feed_url"], second.get("next_url"))
    items = first["items"] + second["items"]
    assert [f"http://localhost/a/{uid}" for uid in uids[::-1]] == [item["id"] for item in items]
    newest = items[0]
    assert ("Bob Brown wrote: post 20", "<p>post 20</p>", [{"name": "Bob Brown"}]) == (
        newest["title"],
        newest["content_html"],
        newest["authors"],
    )


# --- not twice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["atom", "rss", "json", "jsonfeed"])
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
    assert "Beth Becker and 5 others finished" in visit().page(f"{path}?key={bob}")
    for person in (None, lite_cast.bob):
        assert 404 == visit(person).get(f"{path}?key={charlie}").status_code


def test_a_block_of_the_lms_reads_by_the_address_alone(
    bridge: Bridge, lite_cast: Cast, lively: Lively
) -> None:
    """It keeps no cookies and follows nothing: whole Atom at once, the same again, none set."""
    block = create_app(bridge).test_client(use_cookies=False)
    path = f"/feeds/home.atom?key={key_of(bridge, lite_cast.bob)}"
    answers = [block.get(path, headers={"User-Agent": "MoodleBot/1.0"}) for _ in range(2)]
    assert [(200, "application/atom+xml")] * 2 == [(a.status_code, a.mimetype) for a in answers]
    assert [None, None] == [a.headers.get("Set-Cookie") for a in answers]
    assert answers[0].text == answers[1].text
    assert len(parsed(answers[0].text).entries) > 0


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
