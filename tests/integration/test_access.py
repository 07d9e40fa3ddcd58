"""Who comes in, and as what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.access import audit, feed_links, leaders, links, people, roles, sessions
from bridge.errors import InputError, NotAllowed, NotFound
from bridge.model import Choice, Role, Viewer
from bridge.storage import Work
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock


def issue(cast: Cast, person: int, **ttl: float) -> str:
    """A sign-in link for the person."""
    with cast.store.work() as work:
        return links.issue(work, person, cast.now, timedelta(**(ttl or {"minutes": 15})))


def redeem(cast: Cast, token: str, now: Any = None) -> str:
    """Press the button on the link's page."""
    with cast.store.work() as work:
        return links.redeem(work, token, now or cast.now)


def viewer(cast: Cast, session: str, now: Any = None) -> Viewer | None:
    """Who is signed in by it."""
    with cast.store.reading() as work:
        return sessions.viewer(work, session, now or cast.now)


def change_person(cast: Cast, person: int, **values: Any) -> None:
    """What the next sync found of the person."""
    with cast.store.work() as work:
        work.sql.execute(t.people.update().where(t.people.c.id == person).values(**values))


def test_a_link_signs_in_once(cast: Cast) -> None:
    """Opening it uses nothing up; pressing the button twice does."""
    token = issue(cast, cast.alice)
    with cast.store.reading() as work:
        names = {links.peek(work, token, cast.now).name for _ in range(3)}
    assert {"Alice Adams"} == names
    session = redeem(cast, token)
    found = viewer(cast, session)
    assert found is not None
    assert cast.alice == found.person_id
    with pytest.raises(InputError, match="has been used"):
        redeem(cast, token)
    with cast.store.reading() as work, pytest.raises(InputError, match="has been used"):
        links.peek(work, token, cast.now)


def test_a_link_expires(cast: Cast, clock: FrozenClock) -> None:
    """After a quarter of an hour; a fresh one is asked for."""
    token = issue(cast, cast.alice)
    with pytest.raises(InputError, match=r"expired\. Ask for a new one\."):
        redeem(cast, token, clock.advance(minutes=15))


def test_an_unknown_link_is_not_known(cast: Cast) -> None:
    """Nor is half of one, nor the hash that is stored."""
    token = issue(cast, cast.alice)
    with cast.store.reading() as work:
        stored = work.sql.execute(select(t.sign_in_links.c.token_hash)).scalar_one()
    for wrong in ("", token[:-1], stored, "x" * 500):
        with pytest.raises(InputError, match="not known"):
            redeem(cast, wrong)


def test_nothing_that_opens_a_door_is_stored(cast: Cast) -> None:
    """A database that leaks opens nothing."""
    token = issue(cast, cast.alice)
    session = redeem(cast, token)
    with cast.store.work() as work:
        key = feed_links.issue(work, cast.alice, cast.now)
    with cast.store.reading() as work:
        kept = str(
            [
                work.sql.execute(select(table)).fetchall()
                for table in (t.sign_in_links, t.sessions, t.feed_links)
            ]
        )
    assert [False] * 3 == [secret in kept for secret in (token, session, key)]


def test_a_link_must_last(cast: Cast) -> None:
    """A link of no time at all is a mistake."""
    with pytest.raises(InputError, match="must last"):
        issue(cast, cast.alice, minutes=0)


def test_who_left_or_is_suspended_gets_no_link_and_loses_the_session(cast: Cast) -> None:
    """From the next page view on."""
    token, session = issue(cast, cast.bob), redeem(cast, issue(cast, cast.bob))
    change_person(cast, cast.bob, suspended=True)
    with pytest.raises(NotAllowed, match="suspended"):
        redeem(cast, token)
    assert None is viewer(cast, session)
    change_person(cast, cast.bob, suspended=False, gone=True)
    with pytest.raises(NotFound):
        issue(cast, cast.bob)
    assert None is viewer(cast, session)


def test_a_session_ends_on_the_server(cast: Cast, clock: FrozenClock) -> None:
    """By signing out, by signing out everywhere, or after 30 days."""
    first, second, third = (redeem(cast, issue(cast, cast.alice)) for _ in range(3))
    with cast.store.work() as work:
        sessions.end(work, first, cast.now)
        sessions.end(work, "never begun", cast.now)
    assert [True, False, False] == [viewer(cast, s) is None for s in (first, second, third)]
    with cast.store.work() as work:
        sessions.end_all(work, cast.alice, cast.now)
    assert [None, None] == [viewer(cast, second), viewer(cast, third)]
    late = redeem(cast, issue(cast, cast.alice))
    assert None is viewer(cast, late, clock.advance(days=30))
    assert None is viewer(cast, "")


def test_a_viewer_has_all_that_decides_what_they_see(cast: Cast) -> None:
    """Teams, courses, teams led, roles and the choice, as they are now."""
    cast.choose(cast.alice, Choice.TEAMS)
    found = viewer(cast, redeem(cast, issue(cast, cast.alice)))
    assert found is not None
    assert (
        "Alice Adams",
        frozenset({cast.sales}),
        frozenset({cast.sales}),
        frozenset({cast.feedback, cast.negotiation}),
        Choice.TEAMS,
        frozenset({Role.LEARNER, Role.LEADER}),
    ) == (
        found.name,
        found.team_ids,
        found.led_team_ids,
        found.course_ids,
        found.choice,
        found.roles,
    )
    with cast.store.reading() as work:
        dana = sessions.viewer_of(work, cast.dana)
        with pytest.raises(NotFound):
            sessions.viewer_of(work, 99_999)
    assert (frozenset({Role.LEARNER, Role.ADMIN}), None) == (dana.roles, dana.choice)


def test_roles_are_given_and_taken(cast: Cast) -> None:
    """Twice is as good as once; being a leader comes from leading."""
    with cast.store.work() as work:
        for _ in range(2):
            roles.grant(work, cast.bob, Role.MODERATOR)
        assert Role.MODERATOR in sessions.viewer_of(work, cast.bob).roles
        for _ in range(2):
            roles.revoke(work, cast.bob, Role.MODERATOR)
        assert Role.MODERATOR not in sessions.viewer_of(work, cast.bob).roles
        with pytest.raises(InputError, match="leaders add"):
            roles.grant(work, cast.bob, Role.LEADER)
        with pytest.raises(InputError, match="Everybody is a learner"):
            roles.revoke(work, cast.bob, Role.LEARNER)
        with pytest.raises(NotFound):
            roles.grant(work, 99_999, Role.ADMIN)


def test_leaders_are_added_and_removed(cast: Cast) -> None:
    """A leader need not be of the team; a team that is gone has none."""
    with cast.store.work() as work:
        leaders.add(work, cast.engineering, cast.bob)
        assert ["Engineering"] == [team.name for team in work.access.teams_led(cast.bob)]
        leaders.remove(work, cast.engineering, cast.bob)
        leaders.remove(work, cast.engineering, cast.bob)
        assert () == work.access.teams_led(cast.bob)
        with pytest.raises(NotFound):
            leaders.add(work, 99_999, cast.bob)


@pytest.mark.parametrize("text", ["Sales", "sales", " SALES ", "1", "sal"])
def test_a_team_is_found_by_what_people_type(cast: Cast, text: str) -> None:
    """Its name, be it in capitals, its LMS id, or a part of the name."""
    with cast.store.reading() as work:
        assert cast.sales == leaders.find_team(work, cast.connection, text).id


@pytest.mark.parametrize(
    "text", ["bob@acme.example", "BOB@acme.example", "bob", "101", "Bob Brown", "bob brown", "Brow"]
)
def test_a_person_is_found_by_what_people_type(cast: Cast, text: str) -> None:
    """An address, a user name, the LMS id, the name or a part of it."""
    with cast.store.reading() as work:
        assert cast.bob == people.find(work, text, cast.connection).id


@pytest.mark.parametrize("text", ["nobody", "%", "_ob", "'; --", "\0", "bob@acme%"])
def test_what_means_nobody_says_so(cast: Cast, text: str) -> None:
    """Signs that mean something to a database mean nothing here."""
    with cast.store.reading() as work, pytest.raises(InputError):
        people.find(work, text, cast.connection)


def test_what_means_several_names_them(cast: Cast) -> None:
    """So that the next attempt can be exact."""
    with cast.store.reading() as work, pytest.raises(InputError, match=r"Beth Becker.*Bob Brown"):
        people.find(work, "B", cast.connection)


def test_a_feed_link_opens_until_it_is_revoked(cast: Cast) -> None:
    """Each opens one person's feed; who is suspended has none."""
    with cast.store.work() as work:
        first, second = (feed_links.issue(work, cast.bob, cast.now) for _ in range(2))
        assert [cast.bob, cast.bob, None] == [opens(work, key) for key in (first, second, "other")]
    change_person(cast, cast.bob, suspended=True)
    with cast.store.work() as work:
        assert None is opens(work, first)
    change_person(cast, cast.bob, suspended=False)
    with cast.store.work() as work:
        feed_links.revoke(work, cast.bob, cast.now)
        assert [None, None] == [opens(work, key) for key in (first, second)]


def opens(work: Work, key: str) -> int | None:
    """Whose feeds the key opens."""
    link = feed_links.opened(work, key)
    return None if link is None else link.person_id


def test_each_app_has_an_address_that_is_revoked_by_itself(cast: Cast) -> None:
    """By its handle, which opens nothing, and only by its person."""
    with cast.store.work() as work:
        phone = feed_links.issue(work, cast.bob, cast.now, "  My\nphone\x00 ")
        tablet = feed_links.issue(work, cast.bob, cast.now + timedelta(hours=1), "Tablet")
        assert ["Tablet", "My phone"] == [link.name for link in feed_links.of(work, cast.bob)]
        handle = feed_links.of(work, cast.bob)[1].handle
        assert None is opens(work, handle)
        for person, given in ((cast.beth, handle), (cast.bob, "%"), (cast.bob, "_" * 16)):
            feed_links.revoke(work, person, cast.now, given)
        assert cast.bob == opens(work, phone)
        feed_links.revoke(work, cast.bob, cast.now, handle)
        assert [None, cast.bob] == [opens(work, key) for key in (phone, tablet)]
        assert ["Tablet"] == [link.name for link in feed_links.of(work, cast.bob)]


def test_nobody_has_addresses_without_end(cast: Cast) -> None:
    """Twenty at once, and a name of sixty characters; the answer says what to do."""
    with cast.store.work() as work:
        with pytest.raises(InputError, match="60 characters"):
            feed_links.issue(work, cast.bob, cast.now, "x" * 61)
        for _ in range(feed_links.MOST):
            feed_links.issue(work, cast.bob, cast.now)
        with pytest.raises(InputError, match="Revoke one"):
            feed_links.issue(work, cast.bob, cast.now)
        feed_links.issue(work, cast.beth, cast.now)


def test_the_audit_log_is_newest_first(cast: Cast, clock: FrozenClock) -> None:
    """The command line has no person."""
    with cast.store.work() as work:
        audit.note(work, None, "leader added", "Sales", clock.now())
        audit.note(work, cast.dana, "policy " + "x" * 60, "7", clock.advance(minutes=1))
        entries = audit.recent(work, 10)
    assert [(cast.dana, "7"), (None, "Sales")] == [(e.person_id, e.subject) for e in entries]
    assert 40 == len(entries[0].act)
