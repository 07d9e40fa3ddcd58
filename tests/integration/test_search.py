"""Finding items by their words, within what somebody may read."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from bridge import flow
from bridge.feed import search, write
from bridge.model import Audience, AudienceKind, Choice, FeedPage
from bridge.storage import Store, schema, search_index
from bridge.storage import tables as t
from bridge.storage.tables import metadata
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.lively import BOB_ASKS, Lively, everyone
from tests.statements import statements
from tests.visitor import Visit, bridge_of, tell


def say(cast: Cast, words: str, person: int = 0, audience: Audience | None = None) -> str:
    """Bob, or another, posts it; the item's uid."""
    with cast.store.work() as work:
        who = cast.viewer(person or cast.bob)
        where = audience or everyone(cast)
        return write.post(work, who, words, where, False, cast.now).uid


def found(cast: Cast, person: int, query: str, before: str | None = None, n: int = 20) -> FeedPage:
    """What the person finds."""
    who, asked = cast.viewer(person), search.words(query)
    with cast.store.reading() as work:
        named = search.courses(work, who, asked)
        return search.find(work, who, asked, named, before, n)


def texts(cast: Cast, person: int, query: str) -> list[str]:
    """The texts, titles or courses of what the person finds."""
    return [
        i.activity.text
        or (i.discussion.title if i.discussion else "")
        or (i.course.name if i.course else "")
        for i in found(cast, person, query).items
    ]


def test_what_people_said_is_found_by_its_words(cast: Cast) -> None:
    """All of them, in one text, by their beginnings, whatever their case."""
    say(cast, "Silence is the best question.")
    say(cast, "Ask about e-mail, not by e-mail!")
    say(cast, "Ärger? Überlegt euch: naïve Fragen – 学习 helps.")
    one, two, three = (["Silence is the best question."], ["Ask about e-mail, not by e-mail!"], 3)
    for query, expected in {
        "silence": one,
        "QUEST best": one,
        "silence email": [],
        "silence nothing": [],
        "e-mail": two,
        "mail": two,
        "by_e": two,
        "ilence": [],
    }.items():
        assert expected == texts(cast, cast.charlie, query), query
    for query in ("überlegt", "naïve", "学习"):
        assert three == len(texts(cast, cast.charlie, query)) + 2, query


def test_a_comment_leads_to_its_item(cast: Cast) -> None:
    """As long as it stands, and who wrote it is there."""
    uid = say(cast, "Who is for lunch?")
    with cast.store.work() as work:
        who = cast.viewer(cast.charlie)
        ident = write.comment(work, who, uid, "Spaghetti at noon", cast.now).id
    assert ["Who is for lunch?"] == texts(cast, cast.erin, "spaghetti")
    assert [] == texts(cast, cast.erin, "spaghetti lunch")
    for gone in (True, False):
        with cast.store.work() as work:
            people = t.people.update().where(t.people.c.id == cast.charlie)
            work.sql.execute(people.values(gone=gone))
        assert int(not gone) == len(texts(cast, cast.erin, "spaghetti"))
    with cast.store.work() as work:
        write.remove_comment(work, cast.viewer(cast.charlie), ident)
    assert [] == texts(cast, cast.erin, "spaghetti")


def test_discussions_and_courses_are_found(cast: Cast, clock: FrozenClock) -> None:
    """A discussion by its title or text, a course by its name with all that is told about it."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.negotiation)
    cast.ask(cast.bob, cast.feedback, "Silence after a question?")
    tell(bridge_of(cast, clock), cast)
    assert ["Silence after a question?"] == texts(cast, cast.charlie, "silence after")
    assert ["Silence after a question?"] == texts(cast, cast.charlie, "before monday")
    assert ["Negotiation"] == texts(cast, cast.charlie, "negot")
    with cast.store.reading() as work:
        who = cast.viewer(cast.charlie)
        names = [c.name for c in search.courses(work, who, ("giving", "feed"))]
        assert ["Giving feedback"] == names
        assert [] == search.courses(work, who, ("layoffs",))
        assert [] == search.courses(work, who, ("%",)) == search.courses(work, who, ())


def test_nobody_finds_what_they_may_not_read(cast: Cast, clock: FrozenClock) -> None:
    """Another team's words, a course's that one is not in, a hidden course's: no sign of them."""
    sales = Audience(AudienceKind.TEAM, cast.sales)
    say(cast, "confidential numbers", audience=sales)
    say(cast, "confidential course", audience=Audience(AudienceKind.COURSE, cast.negotiation))
    assert 2 == len(texts(cast, cast.beth, "confidential"))
    assert [] == texts(cast, cast.charlie, "confidential") == texts(cast, cast.dana, "confidential")
    with cast.store.work() as work:
        courses = t.courses.update().where(t.courses.c.id == cast.negotiation)
        work.sql.execute(courses.values(visible=False))
    assert ["confidential numbers"] == texts(cast, cast.beth, "confidential")
    assert [] == texts(cast, cast.beth, "negotiation")


def test_people_are_not_searched(cast: Cast, clock: FrozenClock) -> None:
    """Whoever finished something is not found by name, agreed or not."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    tell(bridge_of(cast, clock), cast)
    say(cast, "Hello")
    assert [] == texts(cast, cast.charlie, "Bob") == texts(cast, cast.charlie, "Brown")


def test_what_goes_is_not_in_the_index_any_more(cast: Cast) -> None:
    """Taken back, put into other words, emptied or erased with its person: at once, any way."""
    a = t.activities
    uids = [say(cast, f"unforgettable {n}") for n in range(4)]
    assert 4 == len(texts(cast, cast.charlie, "unforgettable"))
    flow.remove_post(cast.store, FrozenClock(cast.now), cast.viewer(cast.bob), uids[0])
    with cast.store.work() as work:
        for uid, words in ((uids[1], "other words"), (uids[2], "")):
            work.sql.execute(a.update().where(a.c.uid == uid).values(text=words))
    assert ["unforgettable 3"] == texts(cast, cast.charlie, "unforgettable")
    assert ["other words"] == texts(cast, cast.charlie, "other")
    assert 1 == raw(cast.store, "unforgettable")
    with cast.store.work() as work:
        work.sql.execute(a.update().where(a.c.uid == uids[0]).values(gone=False))
    assert 2 == raw(cast.store, "unforgettable")
    with cast.store.work() as work:
        work.sql.execute(t.people.delete().where(t.people.c.id == cast.bob))
    assert 0 == raw(cast.store, "unforgettable") == raw(cast.store, "other")


def raw(store: Store, word: str) -> int:
    """How many rows the index itself knows under the word."""
    with store.reading() as work:
        return len(work.sql.execute(work.search._ids(search_index.POSTS, [word]).select()).all())


def test_pages_of_what_was_found_follow_one_another(cast: Cast, clock: FrozenClock) -> None:
    """Without gap or repeat, at a constant cost."""
    with cast.store.work() as work:
        for number in range(12):
            at = clock.advance(minutes=1)
            who = cast.viewer(cast.bob)
            write.post(work, who, f"needle {number}", everyone(cast), False, at)
    seen, before, costs = [], None, []
    while True:
        with statements(cast.store) as sent:
            page = found(cast, cast.charlie, "needle", before, 5)
        costs.append(len(sent))
        seen += [item.activity.text for item in page.items]
        if (before := page.before) is None:
            break
    assert [f"needle {n}" for n in reversed(range(12))] == seen
    assert 1 == len(set(costs))


HOSTILE = {
    "'": 0,
    '"': 0,
    "%": 0,
    "_": 0,
    "*": 0,
    "\x00": 0,
    "lunch\x00": 1,
    '"lunch': 1,
    "lunch'": 1,
    "lunch*": 1,
    "lun%": 1,
    "%unch": 0,
    "lunch OR dinner": 0,
    "NOT lunch": 0,
    "lunch NEAR lunch": 0,
    "text:lunch": 0,
    "lunch) UNION SELECT 1 --": 0,
    "l:*": 0,
    "!lunch": 1,
    "<->": 0,
    "\ud800": 0,
    "\u202elunch": 1,
    "lunch " * 2_000: 1,
    "x" * 10_000: 0,
    " ".join(f"word{n}" for n in range(1_000)): 0,
}


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_are_harmless(query: str, cast: Cast) -> None:
    """Quotes, wildcards, operators, NUL and length are nothing but words, or nothing."""
    say(cast, "Who is for lunch?")
    assert HOSTILE[query] == len(texts(cast, cast.charlie, query))


def test_text_that_is_hard_to_index_can_be_kept(cast: Cast) -> None:
    """A megabyte of different words, as an LMS may hold; its beginning is found."""
    long = " ".join(f"w{n}" for n in range(200_000))
    ident = cast.ask(cast.bob, cast.feedback, "A novel")
    with cast.store.work() as work:
        d = t.discussions
        work.sql.execute(d.update().where(d.c.id == ident).values(text=long))
    tell(bridge_of(cast, FrozenClock(cast.now)), cast)
    assert ["A novel"] == texts(cast, cast.charlie, "w1")


def test_the_migration_makes_the_same_index(store: Store) -> None:
    """What is there after an upgrade is what the code makes, and it knows what was there before."""
    made = index_of(store)
    metadata.drop_all(store.engine)
    assert [] == index_of(store)
    schema.upgrade(store)
    assert made == index_of(store)


def index_of(store: Store) -> list[str]:
    """How the database itself words what makes the index."""
    query = (
        "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'ix_%_words'"
        if store.engine.dialect.name == "postgresql"
        else "SELECT sql FROM sqlite_master WHERE name LIKE '%!_words!_%' ESCAPE '!'"
        " OR name LIKE '%!_words' ESCAPE '!'"
    )
    with store.reading() as work:
        return sorted(re.sub(r"\s+", " ", row or "") for row in work.sql.scalars(text(query)))


# --- pages ---------------------------------------------------------------------------------------


def test_the_page_says_what_can_be_found_and_finds_it(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """From every page one click away; nothing found says what to try."""
    visitor = visit(lite_cast.charlie)
    assert 'href="/search"' in visitor.page("/")
    assert "People are not searched." in visitor.read("/search")
    page = visitor.read("/search?q=any+feedback")
    assert BOB_ASKS in page
    page = visitor.read("/search?q=feedback")
    assert "Courses GF" not in page
    assert re.search(r"Courses\s*Giving feedback", page)
    assert "finished Giving feedback" in page
    page = visitor.read("/search?q=nowhere+to+be+found")
    assert "Nothing found for “nowhere to be found”" in page
    assert "Try fewer of them" in page


def test_a_query_is_text_on_its_page(lite_cast: Cast, visit: Visit) -> None:
    """Markup in it is none, a long one is cut, and it goes along to the next page."""
    visitor = visit(lite_cast.charlie)
    answer = visitor.get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E%00" + "x" * 10_000)
    assert 200 == answer.status_code
    assert "<script>alert" not in answer.text
    for number in range(21):
        say(lite_cast, f"needle & {number}")
    source = visitor.page("/search?q=needle+%26")
    more = re.search(r'href="/search\?before=([\w=-]+)&amp;q=needle\+%26"', source)
    assert more is not None
    assert 1 == visitor.page(f"/search?q=needle+%26&before={more[1]}").count("<article")
    assert 422 == visitor.get("/search?q=needle&before=nonsense").status_code
