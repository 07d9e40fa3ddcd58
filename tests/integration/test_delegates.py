"""Somebody prepares for a leader and, if the leader allows it, posts on their behalf."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bridge import desk, flow
from bridge.access import delegates
from bridge.bootstrap import Bridge
from bridge.cli import cli
from bridge.delivery.compose import shown
from bridge.desk.planning import Wording
from bridge.errors import InputError, NotAllowed, NotFound
from bridge.model import Audience, AudienceKind, PlanState, Role, Viewer
from bridge.storage import tables as t
from tests.cast import Cast
from tests.company import Company
from tests.conftest import SECRET_KEY, FrozenClock
from tests.integration.test_curation import set_row
from tests.integration.test_delivery_room import FORUM
from tests.integration.test_desk import WORDS, sales, suggest
from tests.visitor import Visit, Visitor


def viewer(cast: Cast, person: int) -> Viewer:
    """The person as they are after signing in."""
    with cast.store.reading() as work:
        found = work.access.viewer(person_id=person)
    assert found is not None
    return found


def let(cast: Cast, person: int, *, post: bool = False, leader: int | None = None) -> None:
    """Alice (or another leader) lets the person prepare, and with ``post`` post."""
    with cast.store.work() as work:
        delegates.name(work, leader or cast.alice, person, post, cast.now, leader or cast.alice)


def stop(cast: Cast, person: int) -> None:
    """Alice is helped by that person no more."""
    with cast.store.work() as work:
        delegates.end(work, cast.alice, person, cast.now, cast.alice)


def post(cast: Cast, clock: FrozenClock, person: int, **changes: Any) -> Any:
    """The person shares Giving feedback with Sales on Alice's behalf."""
    with cast.store.reading() as work:
        leader = delegates.posting_for(work, viewer(cast, person), cast.alice)
    wanted = {"course_id": cast.feedback, "text": WORDS, "audience": sales(cast), **changes}
    return flow.share(cast.store, clock, leader, outlet_ids=[], by=viewer(cast, person), **wanted)


def wording(cast: Cast, suggestion: int) -> Wording:
    """What is to be said about Giving feedback."""
    return Wording(cast.feedback, WORDS, sales(cast), (), suggestion)


# --- who may ------------------------------------------------------------------------------------


def test_a_leader_names_who_helps(cast: Cast) -> None:
    """Charlie is a delegate from then on, until Alice ends it."""
    let(cast, cast.charlie)
    found = viewer(cast, cast.charlie)
    assert (frozenset({cast.alice}), True) == (found.helped_ids, Role.DELEGATE in found.roles)
    with cast.store.reading() as work:
        assert [("Charlie Chen", False)] == [
            (d.name, d.may_post) for d in work.delegates.of(cast.alice)
        ]
        leader, _ = delegates.acting_for(work, found, cast.alice)
    assert cast.alice == leader.person_id
    stop(cast, cast.charlie)
    assert Role.DELEGATE not in viewer(cast, cast.charlie).roles
    with cast.store.reading() as work, pytest.raises(NotFound, match="no such desk"):
        delegates.acting_for(work, found, cast.alice)


def test_not_everybody_can_be_named(cast: Cast) -> None:
    """Not oneself; not by somebody who leads nobody; not more than ten."""
    with pytest.raises(InputError, match="their own delegate"):
        let(cast, cast.alice)
    with pytest.raises(NotAllowed, match="leads no team"):
        let(cast, cast.beth, leader=cast.bob)
    set_row(cast, t.people, cast.charlie, suspended=True)
    with pytest.raises(NotAllowed, match="suspended"):
        let(cast, cast.charlie)


def test_somebody_is_found_by_the_whole_name_or_address(cast: Cast) -> None:
    """Whoever does not know it learns nothing of who is there."""
    set_row(cast, t.people, cast.charlie, email="charlie@example.com")
    alice = viewer(cast, cast.alice)
    with cast.store.reading() as work:
        for text in ("charlie chen", " Charlie Chen ", "CHARLIE@example.com"):
            assert cast.charlie == delegates.find(work, alice, text)
        for text in ("Charlie", "char", "%", "charlie@"):
            with pytest.raises(NotFound, match="Nobody here is called so"):
                delegates.find(work, alice, text)
    set_row(cast, t.people, cast.beth, name="Charlie Chen")
    with cast.store.reading() as work, pytest.raises(InputError, match=r"Several.*address"):
        delegates.find(work, alice, "Charlie Chen")


@pytest.mark.parametrize("change", ["leads no more", "left", "never named", "only prepares"])
def test_it_is_asked_at_every_act(cast: Cast, clock: FrozenClock, change: str) -> None:
    """What was allowed yesterday may not be so today."""
    let(cast, cast.charlie, post=True)
    match change:
        case "leads no more":
            with cast.store.work() as work:
                work.sql.execute(t.leaders.delete().where(t.leaders.c.person_id == cast.alice))
        case "left":
            set_row(cast, t.people, cast.alice, gone=True)
        case "never named":
            set_row(cast, t.people, cast.alice, never_named=True)
        case "only prepares":
            let(cast, cast.charlie, post=False)
    with pytest.raises((NotAllowed, NotFound)):
        post(cast, clock, cast.charlie)


# --- on behalf of -------------------------------------------------------------------------------


def test_a_share_says_both_names(company: Company) -> None:
    """Charlie wrote it, for Alice: in the feed and at an outlet."""
    cast = company.cast
    let(cast, cast.charlie, post=True)
    wall = company.outlet("Wall", FORUM, [])
    activity = post(
        cast,
        company.clock,
        cast.charlie,
        audience=Audience(AudienceKind.EVERYONE, cast.connection),
    )
    assert (cast.charlie, cast.alice) == (activity.actor_id, activity.behalf_of_id)
    with cast.store.reading() as work:
        content = work.delivery.contents([activity.id])[activity.id]
        outlet = next(o for o in work.delivery.outlets() if o.name == "Wall")
    told = shown(content, outlet)
    assert told is not None
    assert ("Charlie Chen", "Alice Adams") == (told.actor.name, told.behalf_of.name)
    assert wall


def test_it_is_in_the_leaders_history_and_not_in_the_delegates_own(
    cast: Cast, clock: FrozenClock
) -> None:
    """Erin helps Alice, and leads a team herself."""
    let(cast, cast.erin, post=True)
    activity = post(cast, clock, cast.erin)
    with cast.store.reading() as work:
        alices = desk.shared(work, viewer(cast, cast.alice), clock.now())
        erins = desk.shared(work, viewer(cast, cast.erin), clock.now())
    assert ([activity.uid], []) == ([s.activity.uid for s in alices], list(erins))


@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_both_can_take_it_back(cast: Cast, clock: FrozenClock, who: str) -> None:
    """The leader in whose name it is, and whoever wrote it; nobody else."""
    let(cast, cast.charlie, post=True)
    activity = post(cast, clock, cast.charlie)
    with pytest.raises(NotFound):
        flow.undo_share(cast.store, clock, viewer(cast, cast.bob), activity.uid)
    flow.undo_share(cast.store, clock, viewer(cast, getattr(cast, who)), activity.uid)
    with cast.store.reading() as work:
        found = work.desk.activity(activity.uid)
    assert found is not None
    assert found.gone


def test_half_an_hour_is_counted_for_the_leader(cast: Cast, clock: FrozenClock) -> None:
    """Erin's share for Alice keeps Alice from another, and not Erin from her own."""
    let(cast, cast.erin, post=True)
    post(cast, clock, cast.erin)
    with cast.store.reading() as work:
        since = clock.now() - timedelta(days=1)
        assert [clock.now()] == work.plans.taken(cast.alice, since)
        assert [] == work.plans.taken(cast.erin, since)


def test_the_same_words_twice_are_shared_once(cast: Cast, clock: FrozenClock) -> None:
    """A double click of the delegate's; the leader's own are another share."""
    let(cast, cast.charlie, post=True)
    first, again = post(cast, clock, cast.charlie), post(cast, clock, cast.charlie)
    assert first.id == again.id
    wanted = {"course_id": cast.feedback, "text": WORDS, "audience": sales(cast)}
    own = flow.share(cast.store, clock, viewer(cast, cast.alice), outlet_ids=[], **wanted)
    assert own.id != first.id


def test_a_former_delegate_changes_no_words(cast: Cast, clock: FrozenClock) -> None:
    """They may still take back what they wrote."""
    let(cast, cast.charlie, post=True)
    everyone = Audience(AudienceKind.EVERYONE, cast.connection)
    activity = post(cast, clock, cast.charlie, audience=everyone)
    stop(cast, cast.charlie)
    with pytest.raises(NotAllowed, match="on their behalf any more"):
        flow.edit_post(cast.store, clock, viewer(cast, cast.charlie), activity.uid, "Other words")
    flow.undo_share(cast.store, clock, viewer(cast, cast.charlie), activity.uid)


# --- preparing ----------------------------------------------------------------------------------


def test_a_draft_waits_for_the_leader(cast: Cast, clock: FrozenClock) -> None:
    """Beside the leader's own, which it does not touch; sharing settles both."""
    let(cast, cast.charlie)
    suggestion = suggest(cast)
    alice, charlie = viewer(cast, cast.alice), viewer(cast, cast.charlie)
    own = Wording(cast.feedback, "Mine.", sales(cast), (), suggestion)
    with cast.store.work() as work:
        desk.planning.save(work, alice, own, clock.now())
        desk.planning.save(work, alice, wording(cast, suggestion), clock.now(), charlie)
        plans = work.plans.of(cast.alice)
    assert {("Mine.", ""), (WORDS, "Charlie Chen")} == {(p.text, p.by_name) for p in plans}
    flow.share(
        cast.store,
        clock,
        alice,
        course_id=cast.feedback,
        text="Together.",
        audience=sales(cast),
        outlet_ids=[],
        suggestion_id=suggestion,
    )
    with cast.store.reading() as work:
        assert () == work.plans.of(cast.alice)


def test_a_plan_leaves_in_both_names(cast: Cast, clock: FrozenClock) -> None:
    """On Thursday at half past nine, as Charlie planned it for Alice."""
    let(cast, cast.charlie, post=True)
    suggestion = suggest(cast)
    at = clock.now() + timedelta(days=1, minutes=30)
    alice, charlie = viewer(cast, cast.alice), viewer(cast, cast.charlie)
    flow.plan_share(cast.store, clock, alice, wording(cast, suggestion), at, UTC, charlie)
    clock.advance(days=1, minutes=31)
    assert 1 == flow.publish_plans(cast.store, clock)
    with cast.store.reading() as work:
        (row,) = work.sql.execute(
            select(t.activities.c.actor_id, t.activities.c.behalf_of_id).where(
                t.activities.c.kind == "share"
            )
        )
    assert (cast.charlie, cast.alice) == tuple(row)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("ended", "Charlie Chen may not post in your name any more."),
        ("only prepares", "Charlie Chen may not post in your name any more."),
        ("left", "Charlie Chen may not post in your name any more."),
        ("leader leads no more", "You lead no team any more."),
    ],
)
def test_a_plan_is_withdrawn_as_soon_as_it_may_not_leave(
    cast: Cast, clock: FrozenClock, change: str, why: str
) -> None:
    """Not only when its time comes; the words stay for Alice, with the reason."""
    let(cast, cast.charlie, post=True)
    at = clock.now() + timedelta(days=1, minutes=30)
    alice, charlie = viewer(cast, cast.alice), viewer(cast, cast.charlie)
    flow.plan_share(cast.store, clock, alice, wording(cast, suggest(cast)), at, UTC, charlie)
    assert 0 == flow.publish_plans(cast.store, clock)
    match change:
        case "ended":
            stop(cast, cast.charlie)
        case "only prepares":
            let(cast, cast.charlie)
        case "left":
            set_row(cast, t.people, cast.charlie, gone=True)
        case _:
            with cast.store.work() as work:
                work.sql.execute(t.leaders.delete().where(t.leaders.c.person_id == cast.alice))
    assert 0 == flow.publish_plans(cast.store, clock)
    with cast.store.reading() as work:
        (plan,) = work.plans.of(cast.alice)
    assert (PlanState.WITHDRAWN, why, WORDS) == (plan.state, plan.reason, plan.text)


def test_what_is_planned_is_no_draft_again_by_saving(cast: Cast, clock: FrozenClock) -> None:
    """A plan is cancelled by whoever means to."""
    suggestion = suggest(cast)
    alice = viewer(cast, cast.alice)
    at = clock.now() + timedelta(days=1, minutes=30)
    flow.plan_share(cast.store, clock, alice, wording(cast, suggestion), at, UTC)
    with cast.store.work() as work, pytest.raises(InputError, match="planned already"):
        desk.planning.save(work, alice, wording(cast, suggestion), clock.now())


# --- pages --------------------------------------------------------------------------------------


@pytest.fixture
def charlie(lite_cast: Cast, visit: Visit) -> Visitor:
    """Charlie, who may prepare for Alice."""
    let(lite_cast, lite_cast.charlie)
    suggestion = suggest(lite_cast)
    reasons = {
        "this": {"text": "20 of the 200 people here have finished it.", "link": "/desk/why/1#this"},
        "you": {"text": "You finished it in May.", "link": "/desk/why/1#you"},
        "now": {"text": "You put it off on 3 November.", "link": "/desk/why/1#now"},
        "ways": {"question": "When did you last wish that you knew more about this?"},
    }
    with lite_cast.store.work() as work:
        work.sql.execute(
            t.suggestions.update()
            .where(t.suggestions.c.id == suggestion)
            .values(reasons=reasons, prompt="What did you do after you finished it?")
        )
        own = Wording(lite_cast.feedback, "Alice alone.", sales(lite_cast), (), suggestion)
        desk.planning.save(work, viewer(lite_cast, lite_cast.alice), own, lite_cast.now)
    return visit(lite_cast.charlie)


def test_a_delegate_finds_the_leaders_desk(lite_cast: Cast, charlie: Visitor) -> None:
    """Without what the leader finished, put off, wrote for herself, or is asked."""
    lite_cast.ask(lite_cast.bob, lite_cast.feedback)
    answer = charlie.get("/desk")
    assert (303, f"/desk?leader={lite_cast.alice}") == (
        answer.status_code,
        answer.headers["Location"],
    )
    page = charlie.read(f"/desk?leader={lite_cast.alice}")
    assert "For Alice Adams" in page
    assert "20 of the 200 people here have finished it." in page
    assert "Keep for Alice Adams" in page
    for hidden in (
        "You finished it",
        "put it off",
        "Alice alone.",
        "after you finished",
        "Nobody answered yet",
        "Bob Brown",
    ):
        assert hidden not in page, hidden


def test_a_leader_who_left_is_in_nobodys_way(lite_cast: Cast, charlie: Visitor) -> None:
    """Charlie helps Erin as well, whose desk is there; without her, the page of whom he helps."""
    let(lite_cast, lite_cast.charlie, leader=lite_cast.erin)
    set_row(lite_cast, t.people, lite_cast.alice, gone=True)
    assert f"/desk?leader={lite_cast.erin}" == charlie.get("/desk").headers["Location"]
    set_row(lite_cast, t.people, lite_cast.erin, gone=True)
    assert "/desk/delegates" == charlie.get("/desk").headers["Location"]
    assert "Whom you help" in charlie.read("/desk/delegates")


def test_what_is_prepared_stands_on_the_leaders_desk(
    lite_cast: Cast, charlie: Visitor, visit: Visit
) -> None:
    """With who prepared it; her own draft stays where she sees it."""
    with lite_cast.store.work() as work:
        work.sql.execute(t.plans.delete())
    suggestion = 1
    form = {
        "leader": lite_cast.alice,
        "suggestion_id": suggestion,
        "course_id": lite_cast.feedback,
        "audience": f"team:{lite_cast.sales}",
        "text": "Charlie's idea.",
    }
    assert 303 == charlie.post("/desk/save", **form).status_code
    page = visit(lite_cast.alice).read("/desk")
    assert "Prepared by Charlie Chen" in page
    assert "Charlie's idea." in page
    refused = charlie.post("/desk/share", **form)
    assert 422 == refused.status_code
    assert "not post in their name" in refused.text


def test_another_leaders_desk_stays_shut(lite_cast: Cast, charlie: Visitor) -> None:
    """Charlie helps Alice, and nobody else: whatever is asked about Erin's is not there."""
    form = {"leader": lite_cast.erin, "suggestion_id": 1, "course_id": lite_cast.feedback}
    form |= {"audience": f"team:{lite_cast.engineering}", "text": WORDS}
    assert 404 == charlie.get(f"/desk?leader={lite_cast.erin}").status_code
    for path in (
        "share",
        "preview",
        "plan",
        "save",
        "suggestions/1/later",
        "suggestions/1/dismiss",
    ):
        assert charlie.post(f"/desk/{path}", **form).status_code in (404, 422), path
    assert 403 == charlie.get(f"/desk/why/{lite_cast.feedback}").status_code


def test_a_leader_names_changes_and_ends(lite_cast: Cast, bridge: Bridge, visit: Visit) -> None:
    """On a page of their own; whoever helps can lay it down."""
    alice = visit(lite_cast.alice)
    assert "Nobody helps you yet." in alice.read("/desk/delegates")
    assert 303 == alice.post("/desk/delegates", person="Bob Brown", may_post="no").status_code
    assert "Bob Brown prepares" in alice.read("/desk/delegates")
    alice.post(f"/desk/delegates/{lite_cast.bob}", may_post="yes")
    assert "posts on your behalf" in alice.read("/desk/delegates")
    wrong = alice.post("/desk/delegates", person="Bo")
    assert (422, True) == (wrong.status_code, "Nobody here is called so" in wrong.text)
    bob = visit(lite_cast.bob)
    assert "Whom you help" in bob.read("/desk/delegates")
    assert 303 == bob.post(f"/desk/helping/{lite_cast.alice}/end").status_code
    assert "Nobody helps you yet." in alice.read("/desk/delegates")
    assert 403 == bob.get("/desk").status_code


def test_by_command(lite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """An admin does it for a leader who asks."""
    monkeypatch.setenv("SOCIALBRIDGE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", lite_cast.store.url)
    runner = CliRunner()
    said = [
        runner.invoke(cli, ["leaders", "delegate", "Alice Adams", "Bob Brown", *more]).output
        for more in ([], ["--may-post"], ["--end"])
    ]
    assert [
        "Bob Brown may prepare for Alice Adams.\n",
        "Bob Brown may post on behalf of Alice Adams.\n",
        "Bob Brown does not help Alice Adams any more.\n",
    ] == said


def test_nobody_is_named_by_an_id_alone(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Who is no delegate, or has laid it down, is not made one by a form with their number."""
    alice, bob = visit(lite_cast.alice), visit(lite_cast.bob)
    for person in (lite_cast.beth, lite_cast.charlie, 9_999):
        assert 404 == alice.post(f"/desk/delegates/{person}", may_post="yes").status_code
    with bridge.store.work() as work:
        delegates.name(work, lite_cast.alice, lite_cast.bob, False, lite_cast.now, None)
    assert 303 == alice.post(f"/desk/delegates/{lite_cast.bob}", may_post="yes").status_code
    bob.post(f"/desk/helping/{lite_cast.alice}/end")
    assert 404 == alice.post(f"/desk/delegates/{lite_cast.bob}", may_post="yes").status_code
    with bridge.store.reading() as work:
        assert () == work.delegates.of(lite_cast.alice)
