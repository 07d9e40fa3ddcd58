"""How many people opened a share: counted once each, and told as a number or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge import desk, flow
from bridge.bootstrap import Bridge
from bridge.desk import opening
from bridge.model import Activity, Audience, AudienceKind
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.integration.test_curation import hire, set_row
from tests.integration.test_desk import everyone, share
from tests.integration.test_keeping import DAYS
from tests.statements import statements
from tests.visitor import Visit


def open_it(cast: Cast, activity: Activity, *people: int) -> None:
    """Each of them opens it."""
    with cast.store.work() as work:
        for person in people:
            viewer = work.access.viewer(person_id=person)
            assert viewer is not None
            opening.opened(work, viewer, activity, cast.now)


def opens(cast: Cast, leader: int | None = None) -> int | None:
    """What the leader's history says of their latest share."""
    with cast.store.reading() as work:
        return desk.shared(work, cast.viewer(leader or cast.alice), cast.now)[0].opens


def kept(cast: Cast) -> list[Any]:
    """Who opened what on which day."""
    with cast.store.reading() as work:
        rows = work.sql.execute(select(t.opens.c.person_id, t.opens.c.day).order_by("person_id"))
        return [tuple(row) for row in rows]


def test_people_are_counted_and_not_clicks(cast: Cast) -> None:
    """Six of twenty open it, one of them every day; an earlier day stays."""
    people = hire(cast, cast.sales, 20)
    told = share(cast)
    open_it(cast, told, *people[:6], people[0])
    with cast.store.work() as work:
        viewer = work.access.viewer(person_id=people[0])
        assert viewer is not None
        opening.opened(work, viewer, told, cast.now + timedelta(days=3))
    assert 6 == opens(cast)
    assert [(person, cast.now.date()) for person in people[:6]] == kept(cast)


@pytest.mark.parametrize(("many", "told"), [(4, None), (5, 5), (18, 18), (19, None)])
def test_a_few_are_not_told_nor_nearly_all(cast: Cast, many: int, told: int | None) -> None:
    """Sales has 23 people with Alice, Bob and Beth."""
    people = hire(cast, cast.sales, 20)
    open_it(cast, share(cast), *people[:many])
    assert told == opens(cast)


def test_who_shared_it_is_not_counted(cast: Cast) -> None:
    """Neither who wrote it, nor in whose name: they look what became of it."""
    told = share(cast)
    set_row(cast, t.activities, told.id, behalf_of_id=cast.bob)
    with cast.store.reading() as work:
        activity = work.desk.activity(told.uid)
    assert activity is not None
    open_it(cast, activity, cast.alice, cast.bob, cast.beth)
    assert [cast.beth] == [person for person, _ in kept(cast)]


def test_only_its_audience_counts(cast: Cast) -> None:
    """Who left the team since, or the company, is not in the number."""
    people = hire(cast, cast.sales, 20)
    told = share(cast)
    open_it(cast, told, *people[:8], cast.charlie)
    set_row(cast, t.people, people[0], suspended=True)
    with cast.store.work() as work:
        work.sql.execute(t.memberships.delete().where(t.memberships.c.person_id == people[1]))
    assert 6 == opens(cast)


def test_a_share_for_everyone_counts_everybody(cast: Cast) -> None:
    """Whatever team they are in."""
    people = [
        *hire(cast, cast.sales, 5),
        *hire(cast, cast.engineering, 9, first=2_000),
    ]
    open_it(cast, share(cast, audience=everyone(cast)), *people[:7])
    assert 7 == opens(cast)


def test_other_items_are_not_counted(cast: Cast, clock: FrozenClock) -> None:
    """A post is no share: nobody asked what became of it."""
    audience = Audience(AudienceKind.TEAM, cast.sales)
    post = flow.post(cast.store, clock, cast.viewer(cast.bob), "Hello", audience, False)
    open_it(cast, post, cast.beth)
    assert [] == kept(cast)


def test_a_page_writes_it_down_once(lite_cast: Cast, bridge: Bridge, visit: Visit) -> None:
    """The second time Bob opens it, nothing is written; Alice's own look is none."""
    told = share(lite_cast)
    bob, alice = visit(lite_cast.bob), visit(lite_cast.alice)
    with statements(bridge.store) as sent:
        bob.page(f"/a/{told.uid}")
        bob.page(f"/a/{told.uid}")
        alice.page(f"/a/{told.uid}")
    assert 1 == len([s for s in sent if s.startswith("INSERT INTO opens")])
    assert [lite_cast.bob] == [person for person, _ in kept(lite_cast)]


def test_the_way_to_the_course_is_an_opening(lite_cast: Cast, visit: Visit) -> None:
    """From the feed straight into the LMS, by a link that leads nowhere else."""
    set_row(
        lite_cast, t.courses, lite_cast.feedback, url="https://lms.example/course/view.php?id=7"
    )
    told = share(lite_cast)
    bob = visit(lite_cast.bob)
    assert f'href="/a/{told.uid}/go"' in bob.page("/")
    answer = bob.get(f"/a/{told.uid}/go")
    assert (303, "https://lms.example/course/view.php?id=7") == (
        answer.status_code,
        answer.headers["Location"],
    )
    assert [lite_cast.bob] == [person for person, _ in kept(lite_cast)]


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "//elsewhere.example"])
def test_the_way_leads_only_to_a_page(lite_cast: Cast, visit: Visit, url: str) -> None:
    """Whatever the LMS says its address is."""
    set_row(lite_cast, t.courses, lite_cast.feedback, url=url)
    told = share(lite_cast)
    assert 404 == visit(lite_cast.bob).get(f"/a/{told.uid}/go").status_code
    assert [] == kept(lite_cast)


def test_an_outsider_and_a_scanner_are_not_counted(lite_cast: Cast, visit: Visit) -> None:
    """Charlie may not see what Sales is told; who is not signed in is shown the way in."""
    told = share(lite_cast)
    for path in (f"/a/{told.uid}", f"/a/{told.uid}/go"):
        assert 404 == visit(lite_cast.charlie).get(path).status_code
        assert 303 == visit().get(path).status_code
    assert [] == kept(lite_cast)


def test_it_is_forgotten_after_sixty_days(cast: Cast, clock: FrozenClock) -> None:
    """The number is for the weeks in which a leader asks."""
    open_it(cast, share(cast), cast.bob)
    clock.advance(days=59)
    dict(flow.tidy(cast.store, clock, DAYS))
    assert 1 == len(kept(cast))
    clock.advance(days=3)
    dict(flow.tidy(cast.store, clock, DAYS))
    assert [] == kept(cast)
