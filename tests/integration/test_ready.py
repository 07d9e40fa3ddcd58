"""What stands ready for a page is what would be made for it anew, whatever happened since."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Date, Integer, Row, Table, func, select, text
from sqlalchemy.exc import IntegrityError

from bridge import consent, flow
from bridge.access import sessions
from bridge.bootstrap import Bridge
from bridge.errors import BridgeError
from bridge.feed import moderate, read, ready, write
from bridge.feed.project import project, project_person
from bridge.model import Audience, Choice, FeedPage, Role
from bridge.storage import Store, touched
from bridge.storage import tables as t
from bridge.storage.types import Instant
from bridge.visibility import may_see
from tests.cast import Cast, make_cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.lively import Lively, everyone, make_lively
from tests.statements import statements
from tests.visitor import bridge_of

SHOWN = [
    "activities",
    "activity_members",
    "comments",
    "completions",
    "consents",
    "courses",
    "discussions",
    "people",
    "reactions",
    "teams",
    "memberships",
    "enrolments",
    "leaders",
    "mentions",
]
"""The tables of which a page of the feed shows anything."""

OWNED = {
    ("activity_members", "activity_id"),
    ("comments", "activity_id"),
    ("consents", "person_id"),
    ("completions", "person_id"),
    ("activities", "uid"),
}
"""Whose or what a row is: nothing changes that."""

NO_OTHER = {
    # What is not one of a few words is no row of ours.
    ("activities", "kind"): "post",
    ("activities", "audience"): "team:1",
    ("activities", "standing"): "hidden",
    ("comments", "standing"): "hidden",
    ("consents", "choice"): "teams",
}
"""Other values for columns that take only some."""


@pytest.fixture
def acme(cast: Cast, clock: FrozenClock) -> Bridge:
    """The bridge of the cast, on either database."""
    return bridge_of(cast, clock)


@pytest.fixture
def life(acme: Bridge, cast: Cast) -> Lively:
    """What goes on at Acme."""
    cast.ask(cast.erin, cast.feedback, "Who is first?", lms_id=902)
    found = make_lively(acme, cast)
    cast.complete(cast.erin, cast.feedback, days_ago=0.5)
    cast.choose(cast.erin, Choice.TEAMS)
    flow.tell(acme.store, acme.clock, cast.connection)
    _share_what_was_told(acme, cast)
    return found


def _share_what_was_told(acme: Bridge, cast: Cast) -> None:
    """Alice shares a post, an achievement and a discussion."""
    a = t.activities.c
    with cast.store.reading() as work:
        alice = sessions.viewer_of(work, cast.alice)
        query = select(a.id, a.kind, a.audience).where(a.gone.is_(False)).order_by(a.id)
        rows = work.sql.execute(query).all()
    about = {row.kind: row for row in rows if may_see(alice, Audience.of(row.audience))}
    for kind in ("post", "completion", "discussion"):
        flow.share(
            acme.store,
            acme.clock,
            alice,
            about_id=about[kind].id,
            text=f"About a {kind}.",
            audience=Audience.of(about[kind].audience),
            outlet_ids=(),
        )


def pages(store: Store, people: list[int]) -> list[tuple[FeedPage, ...] | None]:
    """The first two pages of each of them, all that is told; ``None`` for who may not look."""
    found: list[tuple[FeedPage, ...] | None] = []
    with store.reading() as work:
        for person in people:
            viewer = work.access.viewer(person_id=person)
            if viewer is None:
                found.append(None)
                continue
            first = read.home(work, viewer, limit=12)
            found.append((first, read.home(work, viewer, first.before, limit=100)))
    return found


@contextmanager
def watched(cast: Cast) -> Iterator[Callable[[str], None]]:
    """What checks that a process that has looked before sees what one sees that never did."""
    people = [cast.alice, cast.bob, cast.charlie, cast.dana]
    with closing(Store(cast.store.url, [SECRET_KEY])) as knowing:
        pages(knowing, people)

        def check(what: str) -> None:
            with closing(Store(cast.store.url, [SECRET_KEY])) as anew:
                assert pages(anew, people) == pages(knowing, people), what

        yield check


def other(column: Column[Any]) -> Any:
    """An expression that is not what stands in the column."""
    if (column.table.name, column.name) in NO_OTHER:
        return NO_OTHER[column.table.name, column.name]
    if isinstance(column.type, Boolean):
        return ~column
    if isinstance(column.type, Instant):
        return text(f"{column.name} - 777")
    if isinstance(column.type, Date):
        return text("NULL")
    if isinstance(column.type, Integer):
        return column + 100_000
    return func.substr("x" + column, 1, getattr(column.type, "length", None) or 10_000)


def changes(store: Store, table: Table, column: Column[Any]) -> Iterator[str]:
    """Change the column in every row; a reference in a few rows, one after the other."""
    if not column.foreign_keys:
        with store.work() as work:
            work.sql.execute(table.update().values({column.name: other(column)}))
        yield f"{table.name}.{column.name}"
        return
    (to,) = column.foreign_keys
    key = list(table.primary_key)
    with store.reading() as work:
        targets = list(work.sql.execute(select(to.column).order_by(to.column)).scalars())
        rows = work.sql.execute(select(*key, column.label("before")).limit(200)).all()
    for row in rows[:: max(1, len(rows) // 4)]:
        if _moved(store, table, column, key, row, targets):
            yield f"{table.name}.{column.name} of {row}"


def _moved(
    store: Store, table: Table, column: Column[Any], key: list[Any], row: Row[Any], to: list[int]
) -> bool:
    where = [k == value for k, value in zip(key, row, strict=False)]
    for target in [target for target in to if target != row.before]:
        try:
            with store.work() as work:
                work.sql.execute(table.update().where(*where).values({column.name: target}))
        except IntegrityError:
            continue
        return True
    return False


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_that_is_shown_changes_unseen(
    name: str, acme: Bridge, cast: Cast, life: Lively
) -> None:
    """Every column of every table that a page is made of, changed behind everybody's back."""
    table = t.metadata.tables[name]
    with watched(cast) as check:
        for column in table.columns:
            if (column.primary_key and not column.foreign_keys) or (name, column.name) in OWNED:
                continue
            for what in changes(cast.store, table, column):
                check(what)
        with cast.store.work() as work:
            work.sql.execute(table.delete())
        check(f"every row of {name} is deleted")


def _acts(bridge: Bridge, cast: Cast, life: Lively, dice: random.Random) -> list[Any]:
    """What people, admins and the LMS do, by the ways by which they do it."""
    store, clock, now = bridge.store, bridge.clock, bridge.clock.now()
    someone = dice.choice([cast.alice, cast.bob, cast.beth, cast.erin, *life.colleagues[:6]])
    course = dice.choice([cast.feedback, cast.negotiation])

    def viewer(person: int = someone) -> Any:
        with store.reading() as work:
            return sessions.viewer_of(work, person)

    def uids() -> list[str]:
        with store.reading() as work:
            return [i.activity.uid for i in read.home(work, viewer(cast.alice), limit=100).items]

    def on(act: Callable[..., Any], *more: Any, by: int = someone) -> None:
        looks = viewer(by)
        with store.work() as work:
            act(work, looks, dice.choice(uids()), *more)

    def rows(table: Table, where: Any, **values: Any) -> None:
        with store.work() as work:
            work.sql.execute(table.update().where(where).values(**values))

    def choose() -> None:
        with store.work() as work:
            consent.choose(work, someone, dice.choice(list(Choice)), now, "person")
            if dice.random() < 0.5:
                project_person(work, cast.connection, someone, now)

    def look() -> None:
        with store.work() as work:
            project(work, cast.connection, now)

    def moderated(act: Callable[..., Any]) -> None:
        looks = viewer(cast.dana)
        with store.work() as work:
            row = work.sql.execute(select(t.activities.c.id).where(t.activities.c.text != "")).all()
            act(work, looks, moderate.thing(str(dice.choice(row).id), ""), "Because.", now)

    p, g, c, d, k = t.people, t.teams, t.courses, t.discussions, t.completions
    yes = dice.random() < 0.5
    return [
        lambda: on(write.cheer, now),
        lambda: on(write.uncheer),
        lambda: on(write.comment, f"I say {dice.random()}", now),
        lambda: flow.post(store, clock, viewer(), f"Hello {dice.random()}", everyone(cast), False),
        choose,
        look,
        lambda: cast.complete(someone, course, days_ago=dice.random()),
        lambda: rows(k, k.c.person_id == someone, hidden=yes),
        lambda: rows(k, k.c.person_id == someone, revoked=yes, pending=True),
        lambda: rows(p, p.c.id == someone, name=f"Name {dice.random()}"),
        lambda: rows(p, p.c.id == someone, photo_url=f"https://lms.example/{dice.random()}"),
        lambda: rows(p, p.c.id == someone, suspended=yes),
        lambda: rows(p, p.c.id == someone, never_named=yes),
        lambda: rows(c, c.c.id == course, name=f"Course {dice.random()}"),
        lambda: rows(c, c.c.id == course, visible=yes),
        lambda: rows(g, g.c.id == cast.sales, name=f"Team {dice.random()}"),
        lambda: rows(d, d.c.course_id == course, title=f"Title {dice.random()}", gone=yes),
        lambda: moderated(moderate.hide),
        lambda: moderated(moderate.restore),
        lambda: flow.erase(store, clock, life.colleagues[dice.randrange(6, 12)]),
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_is_seen_at_once(
    seed: int, acme: Bridge, cast: Cast, life: Lively, clock: FrozenClock
) -> None:
    """People come and go, choose, write and are moderated; another process looks all the while."""
    dice, done = random.Random(seed), 0
    with cast.store.work() as work:
        work.access.grant(cast.dana, Role.MODERATOR)
    with watched(cast) as check:
        for step in range(70):
            clock.advance(minutes=3)
            act = dice.choice(_acts(acme, cast, life, dice))
            try:
                act()
                done += 1
            except (IntegrityError, BridgeError):
                continue
            check(f"step {step}")
    assert done > 35


def test_a_page_that_stands_ready_is_two_statements(acme: Bridge, cast: Cast, life: Lively) -> None:
    """Who looks, and the way through the feed; what is touched is read anew, whatever it shows."""
    sqlite = cast.store.engine.dialect.name == "sqlite"
    page = lambda: pages(cast.store, [cast.charlie])  # noqa: E731
    page()
    with statements(cast.store) as sent:
        page()
    assert 3 + sqlite == len(sent)  # Of two pages.
    with cast.store.work() as work:
        t_ = t.courses
        work.sql.execute(t_.update().where(t_.c.id == cast.feedback).values(name="Renamed"))
    with statements(cast.store) as sent:
        page()
    assert 3 + 4 + sqlite == len(sent)


def test_in_a_crowd_everybody_finds_themselves(
    acme: Bridge, cast: Cast, life: Lively, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an aggregate that names more people than stand ready with it, the viewer is asked for."""
    people = [cast.bob, *life.colleagues]
    expected = pages(cast.store, people)
    monkeypatch.setattr(ready, "MOST_NAMED", 3)
    with closing(Store(cast.store.url, [SECRET_KEY])) as store:
        assert [expected, expected] == [pages(store, people), pages(store, people)]
    assert any(
        item.about_me for found in expected if found for page in found for item in page.items
    )


def test_a_page_that_began_before_a_change_leaves_nothing_behind(
    acme: Bridge, cast: Cast, life: Lively
) -> None:
    """It reads on while another page has seen the change: what it makes is as old as it began."""
    name = t.courses.update().where(t.courses.c.id == cast.feedback).values(name="Renamed")
    with closing(Store(cast.store.url, [SECRET_KEY])) as store:
        pages(store, [cast.dana])
        with store.reading() as slow:
            viewer = slow.access.viewer(person_id=cast.charlie)
            assert viewer is not None
            with cast.store.work() as work:
                work.sql.execute(name)
            pages(store, [cast.bob])
            store.ready.let_everything_go()
            read.home(slow, viewer, limit=100)
        with closing(Store(cast.store.url, [SECRET_KEY])) as anew:
            assert pages(anew, [cast.charlie]) == pages(store, [cast.charlie])


@pytest.mark.postgresql
def test_what_was_begun_before_and_committed_after_is_heard(
    postgresql_url: str, clock: FrozenClock
) -> None:
    """Two transactions overlap: a page between their ends hears of one, the next of the other."""
    with closing(Store(postgresql_url, [SECRET_KEY])) as store:
        cast = make_cast(store, clock.now())
        for person in (cast.bob, cast.beth):
            cast.choose(person, Choice.EVERYONE)
            cast.complete(person, cast.feedback)
        with store.work() as work:
            project(work, cast.connection, clock.now())
        p = t.people
        with watched(cast) as check:
            with store.engine.begin() as early:
                early.execute(p.update().where(p.c.id == cast.bob).values(name="Robert"))
                with store.work() as work:
                    work.sql.execute(p.update().where(p.c.id == cast.beth).values(name="Betty"))
                check("the later one is committed")
            check("and the earlier one")


def test_what_a_transaction_does_is_for_nobody_to_see_before_it_ends(
    acme: Bridge, cast: Cast, life: Lively
) -> None:
    """It looks at its own changes, is undone, and nothing of it stays anywhere."""
    with watched(cast) as check, pytest.raises(ZeroDivisionError), cast.store.work() as work:
        work.sql.execute(t.people.update().values(name="Nobody"))
        viewer = sessions.viewer_of(work, cast.charlie)
        names = {card.name for item in read.home(work, viewer).items for card in item.names}
        assert {"Nobody"} == names
        raise ZeroDivisionError
    with watched(cast) as check:
        check("afterwards")


def test_what_was_touched_long_ago_is_forgotten(acme: Bridge, cast: Cast, life: Lively) -> None:
    """Who did not hear of it by then begins anew."""
    with watched(cast) as check:
        with cast.store.work() as work:
            work.sql.execute(t.courses.update().values(name="Renamed"))
        with cast.store.work() as work:
            before = work.feed.forget_touches(keep=1)
            left = work.sql.execute(select(t.touches.c.what).order_by(t.touches.c.id)).scalars()
            assert [touched.EVERYTHING] == list(left)[-1:]
            assert before > 1
        check("forgotten")
