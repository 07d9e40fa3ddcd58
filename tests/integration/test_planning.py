"""Drafts and planned shares: they leave once, when their time has come, if they still may."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bridge import flow
from bridge.access import sessions
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.desk import planning
from bridge.desk.planning import Wording
from bridge.errors import InputError, NotAllowed, NotFound
from bridge.model import Audience, AudienceKind, Plan, PlanState, Viewer
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.visitor import Visit, words

PARIS = ZoneInfo("Europe/Paris")


def viewer(cast: Cast, person: int) -> Viewer:
    """The person as they are after signing in."""
    with cast.store.reading() as work:
        return sessions.viewer_of(work, person)


def suggestion(cast: Cast, course: int | None = None) -> int:
    """Alice is suggested Giving feedback, or another course, this week."""
    row = {
        "leader_id": cast.alice,
        "course_id": course or cast.feedback,
        "week": date(2026, 11, 23),
        "position": 0,
        "score": 0.5,
        "reasons": {},
        "made_at": cast.now,
    }
    with cast.store.work() as work:
        query = t.suggestions.insert().values(**row).returning(t.suggestions.c.id)
        return int(work.sql.execute(query).scalar_one())


def wording(cast: Cast, ident: int, text: str = "Try it.", *outlet_ids: int) -> Wording:
    """What Alice has filled in."""
    everyone = Audience(AudienceKind.EVERYONE, cast.connection)
    return Wording(cast.feedback, text, everyone, outlet_ids, ident)


def plan(cast: Cast, clock: FrozenClock, ident: int, hours: float = 3, *outlet_ids: int) -> Plan:
    """Alice plans it for in so many hours."""
    return flow.plan_share(
        cast.store,
        clock,
        viewer(cast, cast.alice),
        wording(cast, ident, "Try it.", *outlet_ids),
        clock.now() + timedelta(hours=hours),
        PARIS,
    )


def news(cast: Cast) -> int:
    """An outlet that everyone reads."""
    with cast.store.work() as work:
        everyone = Audience(AudienceKind.EVERYONE, cast.connection)
        return outlets.add(work, cast.connection, "News", "webhook", everyone, {}, "s").id


def shares(cast: Cast) -> list[str]:
    """The texts of the shares that stand."""
    a = t.activities.c
    with cast.store.reading() as work:
        query = select(a.text).where(a.kind == "share", a.gone.is_(False)).order_by(a.id)
        return list(work.sql.execute(query).scalars())


def states(cast: Cast) -> list[tuple[PlanState, str]]:
    """What stands on Alice's desk."""
    return [(p.state, p.reason) for p in plans(cast)]


def plans(cast: Cast) -> tuple[Plan, ...]:
    """The same, whole."""
    with cast.store.reading() as work:
        return work.plans.of(cast.alice)


def test_a_draft_is_kept_once_a_suggestion(cast: Cast, clock: FrozenClock) -> None:
    """Saved twice it is one; shared, it is gone; nothing of it was seen by anybody."""
    ident, alice = suggestion(cast), viewer(cast, cast.alice)
    for text in ("When I", "When I began"):
        with cast.store.work() as work:
            planning.save(work, alice, wording(cast, ident, text), cast.now)
    assert ["When I began"] == [p.text for p in plans(cast)]
    assert [] == shares(cast)
    flow.share(
        cast.store,
        clock,
        alice,
        course_id=cast.feedback,
        text="When I began, nobody asked.",
        audience=wording(cast, ident).audience,
        outlet_ids=[],
        suggestion_id=ident,
    )
    assert [] == states(cast)


def test_it_leaves_when_its_time_has_come_and_once(cast: Cast, clock: FrozenClock) -> None:
    """Three workers at the same moment, and again later: one share, with its deliveries."""
    outlet = news(cast)
    plan(cast, clock, suggestion(cast), 3, outlet)
    assert 0 == flow.publish_plans(cast.store, clock)
    clock.advance(hours=3)
    left: list[int] = []
    workers = [
        threading.Thread(target=lambda: left.append(flow.publish_plans(cast.store, clock)))
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert 1 == sum(left)
    assert 0 == flow.publish_plans(cast.store, clock)
    assert ["Try it."] == shares(cast)
    assert [] == states(cast)
    with cast.store.reading() as work:
        d, s = t.deliveries.c, t.suggestions.c
        assert [outlet] == list(work.sql.execute(select(d.outlet_id)).scalars())
        assert ["shared"] == list(work.sql.execute(select(s.state)).scalars())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"visible": False}, "hidden in the LMS"),
        ({"gone": True}, "hidden in the LMS"),
        ({"ends_at": datetime(2026, 11, 25, 10, tzinfo=UTC)}, "over before that time"),
    ],
)
def test_what_is_hidden_before_its_time_is_withdrawn_at_once(
    change: dict[str, object], says: str, cast: Cast, clock: FrozenClock
) -> None:
    """The leader is told why; the words are kept; and it never leaves, whatever comes after."""
    plan(cast, clock, suggestion(cast))
    with cast.store.work() as work:
        c = t.courses
        work.sql.execute(c.update().where(c.c.id == cast.feedback).values(**change))
    assert 0 == flow.publish_plans(cast.store, clock)
    ((state, reason),) = states(cast)
    assert PlanState.WITHDRAWN is state
    assert says in reason
    with cast.store.work() as work:
        work.sql.execute(t.courses.update().values(visible=True, gone=False, ends_at=None))
    clock.advance(hours=4)
    assert 0 == flow.publish_plans(cast.store, clock)
    assert [] == shares(cast)


@pytest.mark.parametrize("how", ["suspended", "leads no more", "never named"])
def test_who_may_not_share_any_more_shares_nothing(
    how: str, cast: Cast, clock: FrozenClock
) -> None:
    """Between the plan and its time the leader left, lost the team, or is not to be named."""
    plan(cast, clock, suggestion(cast))
    with cast.store.work() as work:
        p = t.people.update().where(t.people.c.id == cast.alice)
        if how == "suspended":
            work.sql.execute(p.values(suspended=True))
        if how == "never named":
            work.sql.execute(p.values(never_named=True))
        if how == "leads no more":
            work.access.remove_leader(cast.sales, cast.alice)
    clock.advance(hours=3)
    assert 0 == flow.publish_plans(cast.store, clock)
    assert [PlanState.WITHDRAWN] == [state for state, _ in states(cast)]
    assert [] == shares(cast)


def test_an_outlet_that_was_switched_off_meanwhile_is_left_out(
    cast: Cast, clock: FrozenClock
) -> None:
    """The share leaves all the same."""
    outlet = news(cast)
    plan(cast, clock, suggestion(cast), 3, outlet)
    with cast.store.work() as work:
        outlets.change(work, cast.connection, outlet, enabled=False)
    clock.advance(hours=3)
    assert 1 == flow.publish_plans(cast.store, clock)


def test_two_plans_keep_their_distance(cast: Cast, clock: FrozenClock) -> None:
    """Of two suggestions; and a plan may be moved, being no obstacle to itself."""
    first, second = suggestion(cast), suggestion(cast, cast.negotiation)
    plan(cast, clock, first)
    with pytest.raises(InputError, match="within half an hour"):
        flow.plan_share(
            cast.store,
            clock,
            viewer(cast, cast.alice),
            Wording(cast.negotiation, "This too.", wording(cast, first).audience, (), second),
            clock.now() + timedelta(hours=3.4),
            PARIS,
        )
    plan(cast, clock, first, 3.25)
    assert [PlanState.PLANNED] == [state for state, _ in states(cast)]


def test_a_cancelled_plan_is_a_draft_again(cast: Cast, clock: FrozenClock) -> None:
    """Its suggestion is open, and nothing leaves."""
    kept = plan(cast, clock, suggestion(cast))
    with cast.store.work() as work:
        planning.unplan(work, viewer(cast, cast.alice), kept.id, clock.now())
    assert [(PlanState.DRAFT, "")] == states(cast)
    with cast.store.reading() as work:
        assert ["open"] == list(work.sql.execute(select(t.suggestions.c.state)).scalars())
    clock.advance(hours=3)
    assert 0 == flow.publish_plans(cast.store, clock)
    with pytest.raises(NotFound), cast.store.work() as work:
        planning.unplan(work, viewer(cast, cast.alice), kept.id, clock.now())


def test_nobody_plans_for_another(cast: Cast, clock: FrozenClock) -> None:
    """Neither with a suggestion of hers nor a plan of hers; and who leads nobody not at all."""
    ident = suggestion(cast)
    kept = plan(cast, clock, ident)
    erin, bob = viewer(cast, cast.erin), viewer(cast, cast.bob)
    later = clock.now() + timedelta(hours=5)
    with pytest.raises(NotFound):
        flow.plan_share(cast.store, clock, erin, wording(cast, ident), later, PARIS)
    with pytest.raises(NotAllowed):
        flow.plan_share(cast.store, clock, bob, wording(cast, ident), later, PARIS)
    for act in (planning.unplan, planning.put_away):
        with pytest.raises(NotFound), cast.store.work() as work:
            act(work, erin, kept.id, clock.now())
    with cast.store.reading() as work:
        assert () == work.plans.of(cast.erin)


def test_the_desk_plans_shows_and_cancels(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """Without a script: a day and a time, a list of what is planned, and a way out."""
    ident = suggestion(lite_cast)
    desk = visit(lite_cast.alice)
    form = {
        "suggestion_id": ident,
        "course_id": lite_cast.feedback,
        "text": "Who tries it with me?",
        "audience": f"everyone:{lite_cast.connection}",
    }
    page = desk.page("/desk")
    assert 'type="datetime-local"' in page
    assert 'value="2026-11-25T' in page
    desk.post("/desk/save", **form)
    assert "Who tries it with me?</textarea>" in desk.page("/desk")
    answer = desk.post("/desk/plan", **form, at="2026-11-25T23:00")
    assert 422 == answer.status_code
    assert "People are not at work then" in words(answer.text)
    assert "Take Thu 26 Nov 2026, 08:00" in words(answer.text)
    assert "No time is chosen" in words(desk.post("/desk/plan", **form, at="soon").text)
    last_of_all = desk.post("/desk/plan", **form, at="9999-12-31T23:59")
    assert "more than 60 days away" in words(last_of_all.text)
    desk.post("/desk/plan", **form, at="2026-11-26T12:30")
    page = words(desk.page("/desk"))
    assert "Planned" in page
    assert "Thu 26 Nov 2026, 12:30" in page
    (found,) = plans(lite_cast)
    desk.post(f"/desk/plans/{found.id}/cancel")
    assert "Who tries it with me?</textarea>" in desk.page("/desk")
    desk.post("/desk/plan", **form, at="2026-11-26T12:30")
    with lite_cast.store.work() as work:
        work.sql.execute(t.courses.update().values(visible=False))
    flow.publish_plans(bridge.store, clock)
    page = words(desk.page("/desk"))
    assert "A share was not made as planned. The course was hidden in the LMS." in page
    (found,) = plans(lite_cast)
    desk.post(f"/desk/plans/{found.id}/put-away")
    assert "as planned" not in words(desk.page("/desk"))
