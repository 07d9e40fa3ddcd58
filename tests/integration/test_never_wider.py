"""Never wider than the LMS: whoever is not meant reads no word of it, on no page and in no feed.

The site of :mod:`tests.authorisation`: what is said to Sales, asked in Sales' course, told of the
hidden course and kept of another connection; six roles in Engineering read every address there is.
"""

from __future__ import annotations

import html
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge import flow
from bridge.access import feed_links, sessions
from bridge.delivery import outlets
from bridge.delivery.worker import deliver
from bridge.model import Audience, AudienceKind, Role
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.web.cookies import COOKIE
from tests.api_table import CALLS
from tests.authorisation import OTHER, OWN, ROLES, Site, make_site
from tests.authorisation_table import TABLE
from tests.cast import make_cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.integration.test_nobody_is_named_unasked import Wall

SALES = ("Only for Sales.", "One more word.", "I took this one.")
"""Said to Sales, and to nobody else."""
COURSE = ("When do you name a price?",)
"""Asked in a course that only Sales is in."""
NOBODYS = ("Layoffs", "Cutting costs kindly", "Globex", "Zoe Zane", "Intern talks")
"""Of the hidden course and of the other connection: for none of those who look."""
ONES_OWN = (
    *("/me/sharing", "/me/export.json", "/me/export.html"),
    *("/api/me/sharing", "/api/me/export"),
)
"""Pages that tell a person of themselves, that they were in the hidden course included."""
SEARCHES = ("sales", "price", "layoffs", "word", "kindly", "globex", "zoe", "intern")


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, in which the hidden course was alive before it was hidden."""
    path = tmp_path_factory.mktemp("wider") / "bridge.db"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}", [SECRET_KEY])
    clock = FrozenClock(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    cast = make_cast(store, clock.now())
    layoffs = t.courses.c.id == cast.layoffs
    with store.work() as work:
        work.sql.execute(
            t.courses.update().where(layoffs).values(visible=True, summary="Cutting costs kindly")
        )
        work.sql.execute(
            t.enrolments.insert(),
            [
                {"course_id": cast.layoffs, "person_id": one, "first_seen_at": cast.now}
                for one in (cast.bob, cast.beth, cast.charlie)
            ],
        )
        work.sql.execute(
            t.completions.insert(),
            [
                {
                    "connection_id": cast.connection,
                    "course_id": cast.layoffs,
                    "person_id": one,
                    "completed_at": cast.now,
                    "seen_at": cast.now,
                }
                for one in (cast.bob, cast.beth)
            ],
        )
    cast.ask(cast.beth, cast.layoffs, "Intern talks", lms_id=900)
    flow.tell(store, clock, cast.connection)
    with store.work() as work:
        work.sql.execute(t.courses.update().where(layoffs).values(visible=False, pending=True))
    flow.tell(store, clock, cast.connection)
    made = make_site(cast, clock)
    yield made
    made.close()
    store.close()


def _addresses(site: Site) -> list[str]:
    """Every address of the table, and a search for each of the words."""
    found = [line.path.format(**site.things) for line in TABLE if line.method == "GET"]
    # The document's examples were made from a site like this one; they are the same for everybody.
    found = [path for path in found if "key=" not in path and path != "/api/openapi.json"]
    return [*found, *(f"/search?q={word}" for word in SEARCHES)]


def _read(site: Site, person: int) -> dict[str, str]:
    """What the person reads at each address, what they typed themselves left out."""
    client = site.app.test_client()
    client.environ_base = {**client.environ_base, "REMOTE_ADDR": f"10.1.0.{person}"}
    client.set_cookie(COOKIE, site.things[f"session of {person}"])
    pages = {path: html.unescape(client.get(path, buffered=True).text) for path in _addresses(site)}
    api = {
        f"/api{call.path}": site.call("GET", call.path, None, person)
        for call in CALLS
        # Whoever names somebody in the address reads that name in the answer.
        if call.method == "GET" and "Zoe" not in call.path
    }
    told = {path: json.dumps(said.json, ensure_ascii=False) for path, said in api.items()}
    return pages | told


def _where(pages: dict[str, str], words: tuple[str, ...]) -> set[tuple[str, str]]:
    """Where which of the words stand; the hidden course's name may on one's own pages."""
    return {
        (path, word)
        for path, said in pages.items()
        for word in words
        if word in said and not (word == "Layoffs" and path in ONES_OWN)
    }


@pytest.mark.parametrize("role", ROLES)
def test_the_other_team_reads_no_word_of_it(site: Site, role: Role) -> None:
    """Roles make nobody a teammate: an admin of Engineering is none of Sales."""
    pages = _read(site, site.people[role, OTHER])
    assert set() == _where(pages, SALES + COURSE + NOBODYS)


@pytest.mark.parametrize("role", ROLES)
def test_the_own_team_reads_all_of_it_but_what_is_nobodys(site: Site, role: Role) -> None:
    """So that the test above would notice: it is there, for those whom it is for."""
    pages = _read(site, site.people[role, OWN])
    assert set(SALES + COURSE) == {word for _, word in _where(pages, SALES + COURSE)}
    assert set() == _where(pages, NOBODYS)


@pytest.mark.parametrize("form", ["atom", "rss", "json", "jsonfeed"])
def test_a_private_address_reads_no_more_than_its_owner(site: Site, form: str) -> None:
    """Charlie's key opens Charlie's feeds: Sales' words are in none of them, Bob's has them."""
    found = {}
    for person in (site.cast.charlie, site.cast.bob):
        with site.cast.store.work() as work:
            key = feed_links.issue(work, person, site.cast.now)
        client = site.app.test_client()
        feeds = {
            name: html.unescape(client.get(f"/feeds/{name}.{form}?key={key}").text)
            for name in (
                "home",
                f"teams/{site.cast.sales}",
                f"courses/{site.cast.negotiation}",
                f"courses/{site.cast.layoffs}",
                "tags/staff",
            )
        }
        assert set() == _where(feeds, NOBODYS)
        found[person] = {word for _, word in _where(feeds, SALES + COURSE)}
    assert set() == found[site.cast.charlie]
    assert {"Only for Sales.", "I took this one.", *COURSE} <= found[site.cast.bob]


def test_a_copy_of_ones_own_tells_of_nobody_else(site: Site) -> None:
    """What Charlie takes along holds no word of Sales; he was in the hidden course, and it says so:
    that he was is his."""
    client = site.app.test_client()
    client.set_cookie(COOKIE, site.things[f"session of {site.cast.charlie}"])
    for form in ("json", "html"):
        said = html.unescape(client.get(f"/me/export.{form}").text)
        assert set() == _where({form: said}, SALES + COURSE + ("Globex", "Zoe Zane", "Intern"))


def test_no_outlet_is_sent_what_its_readers_may_not_see(site: Site) -> None:
    """Whoever reads the outlet; that of Sales has it, and the hidden course is in none."""
    cast, store = site.cast, site.cast.store
    clock = FrozenClock(cast.now)
    readers = {
        "sales": Audience(AudienceKind.TEAM, cast.sales),
        "engineering": Audience(AudienceKind.TEAM, cast.engineering),
        "everyone": Audience(AudienceKind.EVERYONE, cast.connection),
        "public": Audience(AudienceKind.PUBLIC, cast.connection),
        "the hidden course": Audience(AudienceKind.COURSE, cast.layoffs),
    }
    kinds = ["completion", "milestone", "course", "discussion", "post", "share"]
    walls: dict[int, tuple[str, Wall]] = {}
    with store.work() as work:
        for name, audience in readers.items():
            at = {"url": "https://hub.example", "kinds": kinds}
            made = outlets.add(work, cast.connection, name, "webhook", audience, at, "")
            walls[made.id] = name, Wall()
        bob = sessions.viewer_of(work, cast.bob)
    team = Audience(AudienceKind.TEAM, cast.sales)
    flow.post(store, clock, bob, "Said to Sales this minute.", team, False)
    cast.ask(cast.beth, cast.layoffs, "Intern talks again", days_ago=0, lms_id=901)
    flow.tell(store, clock, cast.connection)
    for _ in range(20):
        clock.advance(minutes=5)
        deliver(
            store,
            lambda outlet: walls.get(outlet.id, ("", Wall()))[1],
            clock,
            link=lambda path: f"https://bridge.example{path}",
            worker_id="test",
        )
    sent = {name: " ".join(wall.sent) for name, wall in walls.values()}
    assert {"sales"} == {name for name, said in sent.items() if "Said to Sales this min" in said}
    for name, said in sent.items():
        assert set() == _where({name: said}, NOBODYS), name
