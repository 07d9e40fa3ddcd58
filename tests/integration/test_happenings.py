"""A leader shares what happened in the feed: who may see it, and what becomes of it afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge import desk, flow
from bridge.access import sessions
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.desk.planning import Wording
from bridge.errors import InputError
from bridge.feed import moderate, read, write
from bridge.model import (
    Activity,
    Audience,
    AudienceKind,
    Choice,
    FeedItem,
    Kind,
    PlanState,
    Role,
    Suggestion,
    Viewer,
)
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.visitor import Visit, bridge_of, words

WORDS = "This is how we should talk about it. Who joins?"
SAID = "We begin each meeting with what went well."


@pytest.fixture
def acme(cast: Cast, clock: FrozenClock) -> Bridge:
    """The bridge of the cast, on either database."""
    return bridge_of(cast, clock)


def everyone(cast: Cast) -> Audience:
    return Audience(AudienceKind.EVERYONE, cast.connection)


def team(ident: int) -> Audience:
    return Audience(AudienceKind.TEAM, ident)


def course(ident: int) -> Audience:
    return Audience(AudienceKind.COURSE, ident)


def viewer(cast: Cast, person: int) -> Viewer:
    """The person as they are after signing in."""
    with cast.store.reading() as work:
        return sessions.viewer_of(work, person)


def post(bridge: Bridge, cast: Cast, person: int, audience: Audience | None = None) -> Activity:
    """The person writes something."""
    by = viewer(cast, person)
    return flow.post(bridge.store, bridge.clock, by, SAID, audience or everyone(cast), False)


def told(bridge: Bridge, cast: Cast, kind: Kind) -> int:
    """The one activity of the kind, after all that is pending was told."""
    flow.tell(bridge.store, bridge.clock, cast.connection)
    a = t.activities.c
    with cast.store.reading() as work:
        query = select(a.id).where(a.kind == kind.value, a.gone.is_(False))
        return int(work.sql.execute(query).scalar_one())


def discussion(bridge: Bridge, cast: Cast, person: int, in_course: int) -> int:
    """A discussion of the person that was answered; the activity that tells of it."""
    cast.ask(person, in_course, "What do you open with?", days_ago=1, replies=3)
    return told(bridge, cast, Kind.DISCUSSION)


def share(bridge: Bridge, cast: Cast, about: int, audience: Audience, **more: Any) -> Activity:
    """Alice shares it."""
    return flow.share(
        bridge.store,
        bridge.clock,
        viewer(cast, more.pop("by", cast.alice)),
        about_id=about,
        text=WORDS,
        audience=audience,
        outlet_ids=more.pop("outlet_ids", ()),
        **more,
    )


def seen(cast: Cast, person: int, uid: str) -> FeedItem:
    """The share as the person sees it."""
    with cast.store.reading() as work:
        return read.one(work, viewer(cast, person), uid)


def suggested(bridge: Bridge, cast: Cast, person: int | None = None) -> list[Suggestion]:
    """What stands on the desk (by default Alice's) about activities, after a refresh."""
    flow.suggest(bridge.store, bridge.clock, cast.connection)
    return on_desk(bridge, cast, person)


def on_desk(bridge: Bridge, cast: Cast, person: int | None = None) -> list[Suggestion]:
    """The same, without one."""
    page = flow.desk_page(bridge.store, bridge.clock, viewer(cast, person or cast.alice))
    return [s for s in page.suggestions if s.about is not None]


def abouts(bridge: Bridge, cast: Cast, person: int | None = None) -> list[int]:
    """Ids of the activities that are suggested."""
    return [s.about.id for s in suggested(bridge, cast, person) if s.about]


def set_row(cast: Cast, table: Any, ident: int, **values: Any) -> None:
    """Change the row with that id."""
    with cast.store.work() as work:
        work.sql.execute(table.update().where(table.c.id == ident).values(**values))


# --- whom it may be shared with ----------------------------------------------------------------


def test_what_everyone_was_told_may_be_shared_with_anybody(acme: Bridge, cast: Cast) -> None:
    """Charlie's post: Alice amplifies it to all, and to Sales; nothing of it is in her share."""
    about = post(acme, cast, cast.charlie)
    for audience in (everyone(cast), team(cast.sales)):
        made = share(acme, cast, about.id, audience)
        item = seen(cast, cast.bob, made.uid)
        assert item.about is not None
        assert (Kind.SHARE, None, about.uid) == (made.kind, made.course_id, item.about.uid)
        assert (WORDS, "a colleague's post") == (made.text, made.title)
        assert SAID not in str(item) and "Charlie" not in str(item)


def test_what_a_team_was_told_stays_in_the_team(acme: Bridge, cast: Cast) -> None:
    """Bob wrote to Sales."""
    about = post(acme, cast, cast.bob, team(cast.sales))
    with pytest.raises(InputError, match="Not all of these people can see what it is about"):
        share(acme, cast, about.id, everyone(cast))
    share(acme, cast, about.id, team(cast.sales))
    with pytest.raises(InputError, match="no longer there"):
        share(acme, cast, about.id, team(cast.engineering), by=cast.erin)


def test_a_discussion_is_for_the_people_of_its_course(acme: Bridge, cast: Cast) -> None:
    """In Negotiation there is only Sales: Alice may point them to it, Erin cannot see it."""
    about = discussion(acme, cast, cast.bob, cast.negotiation)
    for audience in (everyone(cast), team(cast.sales)):
        with pytest.raises(InputError, match="Not all of these people"):
            share(acme, cast, about, audience)
    with pytest.raises(InputError, match="cannot share with these people"):
        share(acme, cast, about, course(cast.feedback))
    made = share(acme, cast, about, course(cast.negotiation))
    assert "Negotiation" == seen(cast, cast.beth, made.uid).audience_name
    with pytest.raises(InputError, match="no longer there"):
        share(acme, cast, about, course(cast.negotiation), by=cast.erin)


def test_a_course_is_not_shared_with_a_courses_people(acme: Bridge, cast: Cast) -> None:
    """That audience is for discussions alone; a post is not passed on to it either."""
    about = post(acme, cast, cast.bob, course(cast.feedback))
    for subject in ({"course_id": cast.feedback}, {"about_id": about.id}):
        with pytest.raises(InputError, match="cannot share with these people"):
            flow.share(
                acme.store,
                acme.clock,
                viewer(cast, cast.alice),
                text=WORDS,
                audience=course(cast.feedback),
                outlet_ids=(),
                **subject,
            )


def test_ones_own_words_are_not_passed_on(acme: Bridge, cast: Cast) -> None:
    """Nor is anything that is no achievement, discussion, post or share."""
    mine = post(acme, cast, cast.alice)
    with pytest.raises(InputError, match="cannot be shared from the desk"):
        share(acme, cast, mine.id, everyone(cast))
    set_row(cast, t.activities, mine.id, kind="reply", actor_id=cast.bob)
    with pytest.raises(InputError, match="cannot be shared from the desk"):
        share(acme, cast, mine.id, everyone(cast))
    with pytest.raises(InputError, match="no longer there"):
        share(acme, cast, 9_999, everyone(cast))


# --- what becomes of it ------------------------------------------------------------------------


def test_removed_and_restored_the_share_follows(acme: Bridge, cast: Cast) -> None:
    """A moderator hides Bob's post: the share keeps Alice's words, loses the link, and outlets hear
    of it; restored, it is back."""
    with cast.store.work() as work:
        work.access.grant(cast.dana, Role.MODERATOR)
        outlet = outlets.add(work, cast.connection, "News", "webhook", everyone(cast), {}, "s").id
    about = post(acme, cast, cast.bob)
    made = share(acme, cast, about.id, everyone(cast), outlet_ids=[outlet])

    def state() -> tuple[bool, str, int, int | None]:
        d = t.deliveries.c
        with cast.store.reading() as work:
            wanted = work.sql.execute(select(d.wanted).where(d.activity_id == made.id)).scalar_one()
        item = seen(cast, cast.charlie, made.uid)
        return item.about is not None, item.activity.text, item.activity.revision, wanted

    assert (True, WORDS, 1, 1) == state()
    thing = moderate.thing(str(about.id), "")
    dana = viewer(cast, cast.dana)
    flow.hide_words(acme.store, acme.clock, dana, thing, "Not here.")
    assert (False, WORDS, 2, 2) == state()
    flow.restore_words(acme.store, acme.clock, dana, thing, "It was fine.")
    assert (True, WORDS, 3, 3) == state()
    flow.remove_post(acme.store, acme.clock, viewer(cast, cast.bob), about.uid)
    assert (False, WORDS, 4, 4) == state()


def test_who_thinks_better_of_it_is_nowhere_in_the_share(acme: Bridge, cast: Cast) -> None:
    """Bob's completion is told with his name; he withdraws: suggestion and link go at once."""
    cast.complete(cast.bob, cast.feedback, days_ago=0.5)
    cast.choose(cast.bob, Choice.EVERYONE)
    about = told(acme, cast, Kind.COMPLETION)
    assert [about] == abouts(acme, cast)
    with cast.store.reading() as work:
        kept = str(work.sql.execute(t.suggestions.select()).all())
    assert "Bob" not in kept
    made = share(acme, cast, about, everyone(cast))
    assert seen(cast, cast.charlie, made.uid).about is not None

    flow.change_consent(acme.store, acme.clock, cast.bob, Choice.NOBODY)

    assert [] == on_desk(acme, cast)
    assert seen(cast, cast.charlie, made.uid).about is None
    with cast.store.reading() as work:
        assert "Bob" not in str(work.sql.execute(t.activities.select()).all())


def test_an_erased_author_leaves_the_leaders_words(acme: Bridge, cast: Cast) -> None:
    """Charlie is erased: what Alice said stays, and what it was about is no longer there."""
    about = post(acme, cast, cast.charlie)
    made = share(acme, cast, about.id, everyone(cast))
    assert [about.id] == abouts(acme, cast, cast.erin)
    flow.erase(acme.store, acme.clock, cast.charlie)
    item = seen(cast, cast.bob, made.uid)
    assert (None, WORDS, "") == (item.about, item.activity.text, item.activity.title)
    assert [] == on_desk(acme, cast, cast.erin)
    assert [] == abouts(acme, cast, cast.erin)


def test_a_forgotten_activity_is_about_nothing(acme: Bridge, cast: Cast) -> None:
    """What is older than it is kept goes; nothing else can be taken for it afterwards."""
    about = post(acme, cast, cast.bob)
    made = share(acme, cast, about.id, everyone(cast))
    long_ago = cast.now - timedelta(days=900)
    set_row(cast, t.activities, about.id, published=long_ago, updated=long_ago)
    with cast.store.work() as work:
        assert 1 == work.keeping.forget("activities", cast.now - timedelta(days=800))
    item = seen(cast, cast.charlie, made.uid)
    assert (None, None) == (item.about, item.activity.about_id)


def test_what_is_gone_before_the_click_is_said_so(acme: Bridge, cast: Cast) -> None:
    """Suggested in the morning, removed at noon: the message says what happened."""
    about = post(acme, cast, cast.charlie)
    (one,) = suggested(acme, cast)
    flow.remove_post(acme.store, acme.clock, viewer(cast, cast.charlie), about.uid)
    assert [] == on_desk(acme, cast)
    with pytest.raises(InputError, match=r"What you want to share is no longer there\."):
        share(acme, cast, about.id, everyone(cast), suggestion_id=one.id)


def test_a_planned_share_is_withdrawn_and_the_leader_told(
    acme: Bridge, cast: Cast, clock: FrozenClock
) -> None:
    """Its post is removed before its time: the plan says why, with Alice's words."""
    about = post(acme, cast, cast.charlie)
    (one,) = suggested(acme, cast)
    wording = Wording(None, WORDS, everyone(cast), (), one.id, about_id=about.id)
    at = clock.now() + timedelta(hours=3)
    alice = viewer(cast, cast.alice)
    flow.plan_share(acme.store, clock, alice, wording, at, UTC)
    assert 0 == flow.publish_plans(acme.store, clock)
    flow.remove_post(acme.store, clock, viewer(cast, cast.charlie), about.uid)
    assert 0 == flow.publish_plans(acme.store, clock)
    with cast.store.reading() as work:
        (plan,) = work.plans.of(cast.alice)
    assert (PlanState.WITHDRAWN, "What it was about is no longer there.", WORDS) == (
        plan.state,
        plan.reason,
        plan.text,
    )


def test_a_planned_share_leaves_when_its_time_has_come(
    acme: Bridge, cast: Cast, clock: FrozenClock
) -> None:
    """About what it was planned for; its suggestion is shared."""
    about = post(acme, cast, cast.charlie)
    (one,) = suggested(acme, cast)
    wording = Wording(None, WORDS, everyone(cast), (), one.id, about_id=about.id)
    alice = viewer(cast, cast.alice)
    flow.plan_share(acme.store, clock, alice, wording, clock.now() + timedelta(hours=3), UTC)
    clock.advance(hours=4)
    assert 1 == flow.publish_plans(acme.store, clock)
    a = t.activities.c
    with cast.store.reading() as work:
        query = select(a.about_id, a.text).where(a.kind == "share")
        assert [(about.id, WORDS)] == [tuple(row) for row in work.sql.execute(query)]
    assert ["shared"] == [s.state for s in on_desk(acme, cast)]


def test_a_share_and_its_suggestion_are_about_the_same(acme: Bridge, cast: Cast) -> None:
    """Neither another activity nor a course can be put into its form."""
    about, other = post(acme, cast, cast.charlie), post(acme, cast, cast.erin)
    (one,) = suggested(acme, cast)
    wrong = other if one.about and one.about.id == about.id else about
    with pytest.raises(Exception, match="There is no such suggestion"):
        share(acme, cast, wrong.id, everyone(cast), suggestion_id=one.id)


# --- what is suggested -------------------------------------------------------------------------


def test_an_empty_feed_suggests_courses_alone(acme: Bridge, cast: Cast) -> None:
    """As before."""
    assert [] == suggested(acme, cast)


def test_what_is_worth_sharing(acme: Bridge, cast: Cast) -> None:
    """A colleague's post and an answered discussion of Alice's course; both say why."""
    said = post(acme, cast, cast.charlie)
    asked = discussion(acme, cast, cast.bob, cast.negotiation)
    found = {s.about.id: s for s in suggested(acme, cast) if s.about}
    assert {said.id, asked} == set(found)
    assert (None, f"/a/{said.uid}") == (found[said.id].course, found[said.id].why_this.link)
    assert "A discussion in Negotiation" == found[asked].name
    assert {said.id} == set(abouts(acme, cast, cast.erin)), "Erin is not in Negotiation"
    assert all(s.prompt.endswith("?") for s in found.values())


@pytest.mark.parametrize(
    ("what", "values"),
    [
        ("activity", {"gone": True}),
        ("activity", {"published": datetime(2026, 11, 1, tzinfo=UTC)}),
        ("discussion", {"replies": 0}),
        ("discussion", {"gone": True}),
        ("discussion", {"ours": True}),
        ("course", {"visible": False}),
        ("course", {"gone": True}),
        ("course", {"mandatory": True}),
        ("enrolment", {"gone": True}),
    ],
)
def test_what_is_no_candidate(acme: Bridge, cast: Cast, what: str, values: dict[str, Any]) -> None:
    """Gone, old, unanswered, started by the bridge, hidden, mandatory, or not the leader's."""
    asked = discussion(acme, cast, cast.bob, cast.negotiation)
    assert [asked] == abouts(acme, cast)
    a = t.activities.c
    with cast.store.work() as work:
        its = work.sql.execute(select(a.discussion_id).where(a.id == asked)).scalar_one()
        table, where = {
            "activity": (t.activities, a.id == asked),
            "discussion": (t.discussions, t.discussions.c.id == its),
            "course": (t.courses, t.courses.c.id == cast.negotiation),
            "enrolment": (t.enrolments, t.enrolments.c.person_id == cast.alice),
        }[what]
        work.sql.execute(table.update().where(where).values(**values))
    assert [] == abouts(acme, cast)


def test_what_a_leader_said_or_decided_does_not_come_back(
    acme: Bridge, cast: Cast, clock: FrozenClock
) -> None:
    """Her own post never; what she dismissed, and what she shared without a suggestion, no more.

    The week in which she dismissed a colleague's post has no other one.
    """
    post(acme, cast, cast.alice)
    assert [] == suggested(acme, cast)
    dismissed = post(acme, cast, cast.charlie)
    (one,) = suggested(acme, cast)
    with cast.store.work() as work:
        desk.dismiss(work, viewer(cast, cast.alice), one.id, "", cast.now)
    shared = post(acme, cast, cast.erin)
    assert [] == suggested(acme, cast)
    clock.advance(days=7)
    assert [shared.id] == abouts(acme, cast)
    assert dismissed.id not in abouts(acme, cast)
    share(acme, cast, shared.id, everyone(cast))
    assert [] == abouts(acme, cast)


def test_nobody_thanks_themselves(acme: Bridge, cast: Cast) -> None:
    """Alice finished it, and is named: it is suggested to Erin, and not to her."""
    cast.complete(cast.alice, cast.feedback, days_ago=0.5)
    cast.choose(cast.alice, Choice.EVERYONE)
    about = told(acme, cast, Kind.COMPLETION)
    assert ([], [about]) == (abouts(acme, cast), abouts(acme, cast, cast.erin))


def test_where_all_have_answered_nothing_is_left_to_say(acme: Bridge, cast: Cast) -> None:
    """Bob and Beth, all of Alice's people, have cheered."""
    about = post(acme, cast, cast.charlie)
    assert [about.id] == abouts(acme, cast)
    with cast.store.work() as work:
        for person in (cast.bob, cast.beth):
            write.cheer(work, cast.viewer(person), about.uid, cast.now)
    assert [] == abouts(acme, cast)


def test_a_time_to_come_is_no_error(acme: Bridge, cast: Cast) -> None:
    """A clock that was ahead: it counts as said today."""
    about = post(acme, cast, cast.charlie)
    set_row(cast, t.activities, about.id, published=cast.now + timedelta(days=40))
    (one,) = suggested(acme, cast)
    assert "It was said today." == one.why_now.text


def test_of_a_kind_there_is_one_a_week(acme: Bridge, cast: Cast) -> None:
    """Five posts, and a course is among the three all the same."""
    for _ in range(5):
        post(acme, cast, cast.charlie)
    assert 1 == len(suggested(acme, cast))
    cast.complete(cast.bob, cast.feedback, days_ago=1)
    flow.suggest(acme.store, acme.clock, cast.connection)
    page = flow.desk_page(acme.store, acme.clock, viewer(cast, cast.alice))
    assert any(s.course is not None for s in page.suggestions)


def test_the_same_feed_gives_the_same_week(acme: Bridge, cast: Cast) -> None:
    """A second refresh writes nothing; for one leader alone, nothing either."""
    post(acme, cast, cast.charlie)
    discussion(acme, cast, cast.bob, cast.negotiation)
    assert 0 < flow.suggest(acme.store, acme.clock, cast.connection)
    for leader in (None, cast.alice, cast.erin):
        assert 0 == flow.suggest(acme.store, acme.clock, cast.connection, leader)


def test_what_was_put_off_goes_with_what_it_was_about(acme: Bridge, cast: Cast) -> None:
    """Put off it stays this week, however old it grows; removed, the refresh takes it away."""
    about = post(acme, cast, cast.charlie)
    (one,) = suggested(acme, cast)
    with cast.store.work() as work:
        desk.later(work, viewer(cast, cast.alice), one.id, cast.now)
    set_row(cast, t.activities, about.id, published=cast.now - timedelta(days=20))
    assert ["later"] == [s.state for s in suggested(acme, cast)]
    flow.remove_post(acme.store, acme.clock, viewer(cast, cast.charlie), about.uid)
    flow.suggest(acme.store, acme.clock, cast.connection)
    with cast.store.reading() as work:
        week = work.curation.week(cast.connection, one.week, cast.alice)
    assert [] == [s.id for s in week if s.about_id is not None]


def test_a_cheered_course_is_of_better_quality(acme: Bridge, cast: Cast) -> None:
    """Reactions to what was told of a course count, as its completions do."""
    with cast.store.reading() as work:
        assert [] == work.candidates.warmth(cast.connection, cast.now - timedelta(9)).tolist()
    made = flow.share(
        acme.store,
        acme.clock,
        viewer(cast, cast.erin),
        course_id=cast.feedback,
        text=WORDS,
        audience=everyone(cast),
        outlet_ids=(),
    )
    with cast.store.work() as work:
        for person in (cast.bob, cast.beth):
            write.cheer(work, cast.viewer(person), made.uid, cast.now)
    with cast.store.reading() as work:
        found = work.candidates.warmth(cast.connection, cast.now - timedelta(9)).tolist()
    assert [(cast.feedback, 1, 2)] == found


# --- the pages ---------------------------------------------------------------------------------


def test_the_desk_shows_it_and_the_share_leads_to_it(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Alice reads what Charlie wrote, shares it with Sales, and Bob finds the way to it."""
    cast = lite_cast
    about = post(bridge, cast, cast.charlie)
    (one,) = suggested(bridge, cast)
    alice, bob = visit(cast.alice), visit(cast.bob)
    it_is_said = f"A colleague's postEveryoneIt was said today. Charlie Chen {SAID}"
    assert f"{it_is_said} See it" in alice.read("/desk")
    with cast.store.work() as work:
        for person in (cast.bob, cast.beth):
            write.cheer(work, cast.viewer(person), about.uid, cast.now)
    assert f"{it_is_said} 2 cheers See it" in alice.read("/desk")
    form = {"suggestion_id": one.id, "about_id": about.id, "text": WORDS}
    kept = alice.follow("/desk/save", **form, audience=team(cast.sales).key)
    assert "Kept. Only you see it." in kept
    page = alice.follow("/desk/share", **form, audience=team(cast.sales).key)
    assert "Shared. Nothing leaves for a minute. Undo" in page
    assert "A colleague's post" in page.partition("What became of your shares")[2]
    home = bob.read("/")
    assert f"Alice Adams shares a colleague's post just now · Seen by Sales {WORDS}" in home
    assert f'href="/a/{about.uid}">See what it is about</a>' in bob.page("/")

    flow.remove_post(bridge.store, bridge.clock, viewer(cast, cast.charlie), about.uid)
    assert "What it was about is no longer there." in bob.read("/")
    assert "What it was about is no longer there." in alice.read("/desk")


def test_a_discussion_offers_its_course_alone(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Alice can choose neither everyone nor her team, and reads why."""
    cast = lite_cast
    about = discussion(bridge, cast, cast.bob, cast.negotiation)
    (one,) = suggested(bridge, cast)
    alice = visit(cast.alice)
    page = alice.page("/desk")
    here = page[page.index(f'id="suggestion-{one.id}"') :]
    here = here[: here.index("</form>")]
    assert f'<option value="course:{cast.negotiation}">The people of Negotiation</option>' in here
    assert 1 == here.count("<option")
    assert "Nobody else can see what it is about." in words(here)
    form = {"suggestion_id": one.id, "about_id": about, "text": WORDS}
    refused = alice.post("/desk/share", **form, audience=everyone(cast).key)
    assert 422 == refused.status_code
    assert "Not all of these people can see what it is about." in words(refused.text)
    alice.follow("/desk/share", **form, audience=course(cast.negotiation).key)
    assert "Alice Adams shares a discussion" in visit(cast.beth).read(
        f"/courses/{cast.negotiation}"
    )


def test_the_feeds_for_programs_announce_it(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """In ActivityStreams an ``Announce`` of the activity's address, and not a word of it."""
    cast = lite_cast
    about = post(bridge, cast, cast.charlie)
    share(bridge, cast, about.id, team(cast.sales))
    items = visit(cast.bob).client.get("/feeds/home.json").json["first"]["orderedItems"]
    (found,) = [item for item in items if item["type"] == "Announce"]
    assert (f"/a/{about.uid}", WORDS) == (found["object"][-len(about.uid) - 3 :], found["content"])
    assert SAID not in str(found) and "Charlie" not in str(found)
