"""People choose, and see what becomes of what they learned."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bridge import consent
from bridge.errors import NotFound
from bridge.feed.project import project
from bridge.model import Choice
from bridge.storage import tables as t
from tests.cast import Cast


def test_every_choice_is_logged(cast: Cast) -> None:
    """The last one counts, and all of them stand in the log with where they came from."""
    with cast.store.work() as work:
        consent.choose(work, cast.bob, Choice.TEAMS, cast.now, "person", "192.0.2.1")
        consent.choose(work, cast.bob, Choice.NOBODY, cast.now, "admin")
        assert Choice.NOBODY is work.consent.choice(cast.bob)
        log = work.sql.execute(select(t.consent_log).order_by(t.consent_log.c.id)).fetchall()
    assert [("teams", "person", "192.0.2.1"), ("nobody", "admin", "")] == [
        (row.choice, row.origin, row.address) for row in log
    ]


def test_who_was_never_asked_has_no_choice(cast: Cast) -> None:
    """That is not the same as nobody, though it tells as little."""
    with cast.store.reading() as work:
        assert None is consent.mine(work, cast.viewer(cast.bob)).choice


def test_mine_says_what_becomes_of_each_item(cast: Cast) -> None:
    """Told, history, mandatory: each with its reason, newest first."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback, days_ago=1)
    cast.complete(cast.bob, cast.negotiation, days_ago=40, history=True)
    cast.complete(cast.bob, cast.safety, days_ago=2)
    with cast.store.work() as work:
        project(work, cast.connection, cast.now)
        sharing = consent.mine(work, cast.viewer(cast.bob))
    assert [
        ("Giving feedback", "", True),
        ("Safety at work", "mandatory", False),
        ("Negotiation", "history", False),
    ] == [(item.course, item.reason, item.uid is not None) for item in sharing.items]


def test_somebody_of_two_teams_has_each_item_once(cast: Cast) -> None:
    """They are named twice for one completion, and see it once."""
    with cast.store.work() as work:
        work.sql.execute(
            t.memberships.insert(), {"team_id": cast.engineering, "person_id": cast.bob}
        )
    cast.choose(cast.bob, Choice.TEAMS)
    cast.complete(cast.bob, cast.feedback)
    with cast.store.work() as work:
        assert 2 == len(project(work, cast.connection, cast.now))
        assert 1 == len(consent.mine(work, cast.viewer(cast.bob)).items)


def test_only_ones_own_item_can_be_hidden(cast: Cast) -> None:
    """Charlie cannot hide what Bob finished."""
    completion = cast.complete(cast.bob, cast.feedback)
    with cast.store.work() as work:
        consent.hide(work, cast.viewer(cast.bob), completion, True, cast.now)
        assert consent.mine(work, cast.viewer(cast.bob)).items[0].hidden
        with pytest.raises(NotFound):
            consent.hide(work, cast.viewer(cast.charlie), completion, False, cast.now)
