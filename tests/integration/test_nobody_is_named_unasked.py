"""No path names a person who must not be named: every page, every feed, every outlet.

Bob of Sales finishes *Giving feedback*. For each choice that he can make, with and without the word
of his profile that he is never named, the item hidden or not, the course announced or not, every
page that the table of routes has is opened by everybody who may, and everything that leaves for
outlets of every audience is read. What is asked is only whether his name is there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from bridge import flow
from bridge.access import sessions
from bridge.bootstrap import Bridge
from bridge.delivery.worker import deliver
from bridge.feed import read, write
from bridge.model import Audience, AudienceKind, Choice, Kind, Post, Receipt, Removal, Viewer
from bridge.ports import Abilities, Act, Rendering
from bridge.storage import tables as t
from bridge.web.cookies import COOKIE
from bridge.web.routes import ROWS
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.visitor import Visitor, session_of

BOB = "Bob"
LOTS = re.compile(r'(nonce|value)="[\w.-]{20,}"')
NAMES = "/people/names?q=bro"
"""The names that may be mentioned; by a part of his that is not looked for."""
CROWD = 18
"""People of Sales beside the cast who chose nothing; half of them finish as well."""
NOT_OPENED = {
    "/healthz": "tells of nobody",
    "/readyz": "tells of nobody",
    "/metrics": "counts requests and deliveries, and names nobody",
    "/sign-in": "tells of nobody",
    "/me": "leads to one's own page",
    "/lti/keys": "tells of nobody",
    "/api/openapi.json": "the same for everybody; its examples are of a site like this one",
    "/lti/login": "sends on to the LMS",
    "/xapi/about": "tells of nobody",
}
"""Addresses that are not opened here, and why; one with a secret is open to who has that."""
SECRET = "<token>"


@dataclass
class Wall:
    """An outlet that keeps what it was sent, and shows what it should."""

    abilities = Abilities(edit=True, delete=True, find=True, idempotent=True)
    shows: dict[str, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        return Rendering("text", post.title, post.text, repr(post))

    def publish(self, post: Post) -> Receipt:
        self.sent.append(repr(post))
        self.shows[post.key] = repr(post)
        return Receipt(post.key)

    def edit(self, remote_id: str, post: Post) -> Receipt:
        self.sent.append(repr(post))
        self.shows[remote_id] = repr(post)
        return Receipt(remote_id)

    def delete(self, remote_id: str, post: Post) -> Removal:
        self.sent.append(repr(post))
        self.shows.pop(remote_id, None)
        return Removal.DONE

    def find(self, post: Post) -> Receipt | None:
        return Receipt(post.key) if post.key in self.shows else None


@dataclass
class World:
    """The cast, with a crowd, a category and an outlet for every audience."""

    cast: Cast
    bridge: Bridge
    app: Flask
    clock: FrozenClock
    category: int
    item: int
    walls: dict[AudienceKind | str, Wall]
    kinds: dict[int, AudienceKind | str]

    def settle(self) -> None:
        """What changed is told, and every outlet shows what it should."""
        store = self.cast.store
        flow.tell(store, self.clock, self.cast.connection)
        self.clock.advance(minutes=2)
        for wall in self.walls.values():
            wall.sent.clear()
        for _ in range(50):
            report = deliver(
                store,
                lambda outlet: self.walls[self.kinds[outlet.id]],
                self.clock,
                link=lambda path: f"https://bridge.example{path}",
                worker_id="test",
            )
            if not report.claimed:
                return
        raise AssertionError("The outlets never come to rest.")

    def naming_walls(self) -> set[AudienceKind | str]:
        """The outlets that show Bob's name, or were just sent it."""
        return {
            kind
            for kind, wall in self.walls.items()
            if any(BOB in told for told in (*wall.shows.values(), *wall.sent))
        }

    def naming_pages(
        self, person: int, paths: Iterable[str], leave_out: Collection[str] = ()
    ) -> set[str]:
        """Those of the pages on which the person reads Bob's name, or meets a link to him."""
        visitor = Visitor(self.app.test_client())
        visitor.client.set_cookie(COOKIE, session_of(self.bridge, person))
        found = set()
        for path in paths:
            if path in leave_out:
                continue
            answer = visitor.get(path)
            assert answer.status_code < 500, path
            link = f"/people/{self.cast.bob}"
            # What is drawn by lot for each page may spell anybody's name.
            said = LOTS.sub("", answer.text).replace(f'action="{path}', "")
            if BOB in said or f'{link}"' in said:
                found.add(path)
        return found

    def main_paths(self) -> list[str]:
        """The pages and feeds that tell of a completion."""
        cast = self.cast
        with cast.store.reading() as work:
            uids = work.sql.execute(select(t.activities.c.uid)).scalars().all()
        return [
            "/",
            f"/courses/{cast.feedback}",
            f"/teams/{cast.sales}",
            "/feeds/home.atom",
            "/feeds/home.json",
            "/feeds/home.jsonfeed",
            *(f"/a/{uid}" for uid in uids),
        ]

    def paths(self) -> Iterator[str]:
        """Every address that somebody can open, with all that there is to fill in."""
        ids = self._ids()
        for row in ROWS:
            if row.method != "GET" or row.rule in NOT_OPENED or SECRET in row.rule:
                continue
            if row.setup:  # Open to nobody any more, once there are people.
                continue
            names = [part.split(">")[0] for part in row.rule.split("<")[1:]]
            assert set(names) <= ids.keys(), f"Say what {row.rule} is to be opened with."
            for values in product(*(ids[name] for name in names)):
                path = row.rule
                for name, value in zip(names, values, strict=True):
                    path = path.replace(f"<{name}>", str(value))
                yield path
        yield NAMES
        yield "/search?q=brown"
        yield "/search?q=feedback"

    def _ids(self) -> dict[str, list[object]]:
        cast = self.cast
        with cast.store.reading() as work:
            uids = list(work.sql.execute(select(t.activities.c.uid)).scalars())
            comments = list(work.sql.execute(select(t.comments.c.id)).scalars())
            receipts = list(work.sql.execute(select(t.withdrawals.c.uid).limit(2)).scalars())
        return {
            "uid": [*uids, *receipts],
            "int:comment_id": comments,
            "int:course_id": [cast.feedback, cast.negotiation, cast.safety, cast.layoffs],
            "int:team_id": [cast.sales, cast.engineering],
            "int:person_id": [cast.bob, cast.charlie],
            "int:category_id": [self.category],
            "int:outlet_id": list(self.kinds),
            "path:word": ["staff"],
            "form": ["atom", "rss", "json", "jsonfeed"],
        }


@pytest.fixture
def world(lite_cast: Cast, bridge: Bridge, app: Flask, clock: FrozenClock) -> World:
    """Nothing told yet; Bob and half of the crowd have finished Giving feedback."""
    cast = lite_cast
    item = cast.complete(cast.bob, cast.feedback, days_ago=0.1)
    with cast.store.work() as work:
        sql = work.sql
        category = sql.execute(
            t.categories.insert().returning(t.categories.c.id),
            {"connection_id": cast.connection, "lms_id": 5, "name": "Leadership"},
        ).scalar_one()
        sql.execute(
            t.courses.update().where(t.courses.c.id == cast.feedback).values(category_lms_id=5)
        )
        sql.execute(t.roles.insert(), [{"person_id": cast.dana, "role": "moderator"}])
        for number in range(CROWD):
            person = sql.execute(
                t.people.insert().returning(t.people.c.id),
                {
                    "connection_id": cast.connection,
                    "lms_id": 500 + number,
                    "name": f"Crowd {number}",
                    "detailed_at": cast.now,
                },
            ).scalar_one()
            sql.execute(t.memberships.insert(), {"team_id": cast.sales, "person_id": person})
            sql.execute(
                t.enrolments.insert(),
                {"course_id": cast.feedback, "person_id": person, "first_seen_at": cast.now},
            )
            if number % 2:
                sql.execute(
                    t.completions.insert(),
                    {
                        "connection_id": cast.connection,
                        "course_id": cast.feedback,
                        "person_id": person,
                        "completed_at": cast.now,
                        "seen_at": cast.now,
                    },
                )
        audiences: dict[AudienceKind | str, Audience] = {
            AudienceKind.TEAM: Audience(AudienceKind.TEAM, cast.sales),
            "other team": Audience(AudienceKind.TEAM, cast.engineering),
            AudienceKind.EVERYONE: Audience(AudienceKind.EVERYONE, cast.connection),
            AudienceKind.PUBLIC: Audience(AudienceKind.PUBLIC, cast.connection),
            AudienceKind.COURSE: Audience(AudienceKind.COURSE, cast.negotiation),
        }
        kinds = ["completion", "renewal", "milestone", "course", "discussion", "post", "share"]
        outlets = {
            sql.execute(
                t.outlets.insert().returning(t.outlets.c.id),
                {
                    "connection_id": cast.connection,
                    "name": str(kind),
                    "kind": "webhook",
                    "audience": audience.key,
                    "settings": {"kinds": kinds, "url": "https://hub.example"},
                    "secret_sealed": cast.store.seal.close("s"),
                },
            ).scalar_one(): kind
            for kind, audience in audiences.items()
        }
    walls = {kind: Wall() for kind in audiences}
    return World(cast, bridge, app, clock, category, item, walls, outlets)


def test_every_address_is_looked_at(world: World) -> None:
    """A new page is opened by the tests below, or it is said why not."""
    rules = {row.rule for row in ROWS if row.method == "GET"}
    assert set() == NOT_OPENED.keys() - rules
    assert len(set(world.paths())) > 40


STATES = list(product([False, True], repeat=3))
ADMINS_PATHS = ["/admin/ledger", "/admin/preview", "/admin/withdrawals", "/desk", "/moderation"]


@pytest.mark.parametrize("choice", [None, *Choice])
def test_a_completion_names_only_where_it_may(world: World, choice: Choice | None) -> None:
    """By what was chosen, unless the profile, the item or the course forbids it."""
    cast, store = world.cast, world.cast.store
    bob = cast.viewer(cast.bob)
    for never, hidden, quiet in STATES:
        if choice is not None:
            flow.change_consent(store, world.clock, cast.bob, choice)
        with store.work() as work:
            (work.profile.forbid if never else work.profile.allow)([cast.bob], world.clock.now())
            work.people.look_first([cast.bob])
        flow.hide_item(store, world.clock, bob, world.item, hidden)
        flow.set_policy(store, world.clock, world.category, False if quiet else None)
        world.settle()
        may = not (never or hidden or quiet)
        to_team = may and choice not in (None, Choice.NOBODY)
        to_all = may and choice in (Choice.EVERYONE, Choice.PUBLIC)
        state, paths = (choice, never, hidden, quiet), world.main_paths()
        teammate = world.naming_pages(cast.beth, paths)
        outsider = world.naming_pages(cast.charlie, paths)
        admin = world.naming_pages(cast.dana, [*paths, *ADMINS_PATHS])
        assert to_team is ("/" in teammate), state
        assert to_team or not teammate, state
        for seen in (outsider, admin):
            assert to_all is ("/" in seen), state
            assert to_all or not seen, state
        assert _walls(to_team, to_all) == world.naming_walls(), state
        _check_numbers(world, state, 0 if hidden else 1, to_all)


def _check_numbers(world: World, state: object, unhidden: int, named: bool) -> None:
    """A number about the others is true, and it and its complement are five or more."""
    cast = world.cast
    enrolled = 5 + CROWD
    with cast.store.reading() as work:
        for item in read.home(work, cast.viewer(cast.charlie)).items:
            if item.activity.kind is not Kind.COMPLETION:
                continue
            finished = CROWD // 2 + (0 if named else unhidden)
            assert finished == item.others, state
            assert item.others >= 5, state
            assert enrolled - item.named - item.others >= 5, state


def _walls(to_team: bool, to_all: bool) -> set[AudienceKind | str]:
    """The outlets that may name him: never one that the public reads, of what is told to all."""
    found: set[AudienceKind | str] = {AudienceKind.TEAM} if to_team else set()
    if to_all:
        found |= {"other team", AudienceKind.EVERYONE, AudienceKind.COURSE}
    return found


@pytest.mark.parametrize("choice", [None, Choice.NOBODY, Choice.TEAMS])
def test_no_page_at_all_names_whom_it_may_not(world: World, choice: Choice | None) -> None:
    """Every address of the table of routes, opened by the outsider; his own page is open to him,
    who shares a course with Bob, as in the LMS."""
    if choice is not None:
        flow.change_consent(world.cast.store, world.clock, world.cast.bob, choice)
    world.settle()
    own = (f"/people/{world.cast.bob}", NAMES)
    assert set() == world.naming_pages(world.cast.charlie, world.paths(), own)


def test_who_is_never_named_is_named_by_nothing_they_did_before(world: World) -> None:
    """Not as the author of a question, a post, a comment or a share, nor as somebody meant."""
    cast, store, clock = world.cast, world.cast.store, world.clock
    everyone = Audience(AudienceKind.EVERYONE, cast.connection)
    flow.change_consent(store, clock, cast.bob, Choice.PUBLIC)
    cast.ask(cast.bob, cast.negotiation, days_ago=0.1)
    with store.work() as work:
        work.access.add_leader(cast.sales, cast.bob)
    bob = _viewer(world, cast.bob)
    posted = flow.post(store, clock, bob, "Who joins me?", everyone, False)
    flow.share(
        store,
        clock,
        bob,
        course_id=cast.feedback,
        text="I took this one",
        audience=everyone,
        outlet_ids=[i for i, kind in world.kinds.items() if kind is not AudienceKind.PUBLIC],
    )
    world.settle()
    with store.work() as work:
        write.comment(work, bob, posted.uid, "Nobody yet?", clock.now())
        write.comment(work, cast.viewer(cast.alice), posted.uid, "I do", clock.now())
        write.cheer(work, bob, posted.uid, clock.now())
    assert "/" in world.naming_pages(cast.charlie, ["/"])
    assert AudienceKind.EVERYONE in world.naming_walls()
    with store.work() as work:
        work.profile.forbid([cast.bob], clock.now())
        work.people.look_first([cast.bob])
    world.settle()
    for person in (cast.alice, cast.charlie, cast.dana):
        assert set() == world.naming_pages(person, world.paths()), person
    assert set() == world.naming_walls()
    with store.reading() as work:
        assert None is read.one(work, cast.viewer(cast.charlie), posted.uid).actor


def _viewer(world: World, person: int) -> Viewer:
    with world.cast.store.reading() as work:
        return sessions.viewer_of(work, person)
