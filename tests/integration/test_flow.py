"""What spans rooms, from the LMS to an outlet in it and back, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bridge import config, consent, flow
from bridge.access import leaders, sessions
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.delivery.worker import deliver
from bridge.demo.lms.server import Lms, running_lms
from bridge.errors import InputError, NotAllowed, NotFound
from bridge.feed import read
from bridge.model import (
    Audience,
    AudienceKind,
    Choice,
    Connection,
    DeliveryState,
    Kind,
    Viewer,
)
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync import run as sync
from tests.conftest import SECRET_KEY, FrozenClock

MOMENT = datetime(2026, 11, 25, 9, tzinfo=UTC)
"""The story is told as of a fixed moment: it has another morning every morning."""


@dataclass
class World:
    """A synced demo company in one bridge, with a leader of its first team."""

    bridge: Bridge
    connection: Connection
    lms: Lms
    clock: FrozenClock
    leader: Viewer
    member: Viewer
    team_id: int
    forum_id: int

    @property
    def store(self) -> Store:
        """The bridge's database."""
        return self.bridge.store

    def run(self) -> flow.RunReport:
        """One round of everything."""
        return flow.run_once(
            self.store,
            self.clock,
            self.connection,
            self.bridge.connector(self.connection),
            self.bridge.publisher,
            link=self.bridge.link,
            worker_id="test",
        )

    def deliver(self) -> None:
        """Send what is due, until nothing is."""
        for _ in range(5):
            deliver(
                self.store,
                self.bridge.publisher,
                self.clock,
                link=self.bridge.link,
                worker_id="test",
            )

    def states(self, kind: Kind) -> list[DeliveryState]:
        """The states of the deliveries of activities of a kind."""
        query = (
            select(t.deliveries.c.state)
            .join(t.activities, t.activities.c.id == t.deliveries.c.activity_id)
            .where(t.activities.c.kind == kind.value)
        )
        with self.store.reading() as work:
            return [DeliveryState(state) for state in work.sql.execute(query).scalars()]

    def discussions(self) -> list[str]:
        """The subjects in the forum that shares go to."""
        return [d.name for d in self.lms.store.discussions.values() if d.forum_id == self.forum_id]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The demo LMS, read once; its clock and the bridge's are the same."""
    clock = FrozenClock(MOMENT)
    with running_lms(clock=lambda: int(clock.now().timestamp())) as lms:
        settings = config.load(None, {"SOCIALBRIDGE_SECRET_KEY": SECRET_KEY})
        bridge = Bridge(settings, Store(database_url, [SECRET_KEY]), clock)
        trial = Connection(0, "academy", "moodle", lms.url, "", token=lms.token)
        site = bridge.connector(trial).site()
        team = lms.story.teams[0]
        leader_id = lms.story.leaders[team.id]
        member_id = next(p for p in team.member_ids if p != leader_id)
        with bridge.store.work() as work:
            connection = work.connections.put(
                "academy", "moodle", lms.url, lms.token, site, clock.now()
            )
            everyone = Audience(AudienceKind.EVERYONE, connection.id)
            forum = next(f for f in lms.story.forums)
            outlets.add(
                work, connection.id, "replies", "moodle_forum", everyone, {}, "", purpose="reply"
            )
            outlets.add(
                work, connection.id, "news", "moodle_forum", everyone, {"forum_id": forum.id}, ""
            )
        sync(bridge.store, bridge.connector(connection), connection, clock)
        with bridge.store.work() as work:
            ours = work.people.known(connection.id, [leader_id, member_id])
            its = leaders.find_team(work, connection.id, str(team.id))
            leaders.add(work, its.id, ours[leader_id])
        with bridge.store.reading() as work:
            leader = sessions.viewer_of(work, ours[leader_id])
            member = sessions.viewer_of(work, ours[member_id])
        yield World(bridge, connection, lms, clock, leader, member, its.id, forum.id)
        bridge.store.close()


def share(world: World, text: str = "Who comes along?") -> str:
    """The leader shares the first suggestion; the activity's uid."""
    flow.suggest(world.store, world.clock, world.connection.id)
    page = flow.desk_page(world.store, world.clock, world.leader)
    first = page.suggestions[0]
    activity = flow.share(
        world.store,
        world.clock,
        world.leader,
        course_id=first.course.id,
        text=text,
        audience=Audience(AudienceKind.EVERYONE, world.connection.id),
        outlet_ids=[outlet.id for outlet in page.outlets],
        suggestion_id=first.id,
    )
    return activity.uid


def test_a_share_reaches_the_feed_at_once_and_the_forum_after_a_minute(world: World) -> None:
    """In the minute nothing leaves; then it stands in the LMS's forum, once."""
    before = world.discussions()
    uid = share(world)
    world.deliver()
    assert before == world.discussions()
    with world.store.reading() as work:
        assert "Who comes along?" == read.one(work, world.member, uid).activity.text
    world.clock.advance(minutes=2)
    world.deliver()
    assert len(before) + 1 == len(world.discussions())
    assert [DeliveryState.SHOWN] == world.states(Kind.SHARE)
    page = flow.desk_page(world.store, world.clock, world.leader)
    assert [uid] == [item.activity.uid for item in page.shared]


def test_undo_within_the_minute_leaves_nothing_anywhere(world: World) -> None:
    """It never left, and the suggestion is there again."""
    before = world.discussions()
    uid = share(world)
    flow.undo_share(world.store, world.clock, world.leader, uid)
    world.clock.advance(minutes=2)
    world.deliver()
    assert before == world.discussions()
    with world.store.reading() as work, pytest.raises(NotFound):
        read.one(work, world.member, uid)
    assert 3 == len(flow.desk_page(world.store, world.clock, world.leader).suggestions)


def test_undo_later_takes_it_back_from_the_forum(world: World) -> None:
    """The forum shows what it should: nothing."""
    before = world.discussions()
    uid = share(world)
    world.clock.advance(minutes=2)
    world.deliver()
    flow.undo_share(world.store, world.clock, world.leader, uid)
    world.deliver()
    assert before == world.discussions()
    assert [DeliveryState.GONE] == world.states(Kind.SHARE)


def test_what_the_bridge_posted_is_never_read_back_as_news(world: World) -> None:
    """The next sync finds our own discussion, and tells nobody of it."""
    share(world, "Mine, from the bridge")
    world.clock.advance(minutes=2)
    world.deliver()
    world.run()
    d = t.discussions.c
    with world.store.reading() as work:
        ours = list(work.sql.execute(select(t.discussions).where(d.ours.is_(True))))
        told = work.sql.execute(
            select(t.activities.c.id).where(
                t.activities.c.discussion_id.in_([row.id for row in ours])
            )
        ).fetchall()
    assert 1 == len(ours)
    assert [] == told


def test_an_answer_is_posted_back_once(world: World) -> None:
    """The question leaves the queue, and the forum has one answer that names the leader."""
    [question, *rest] = flow.desk_page(world.store, world.clock, world.leader).questions
    for _ in range(2):
        flow.reply(
            world.store, world.clock, world.leader, question.discussion.id, "Start with thanks."
        )
    world.deliver()
    answers = [
        post.message_html
        for post in world.lms.store.posts.values()
        if post.discussion_id == question.discussion.lms_id
        and post.author_id == world.lms.story.service.id
    ]
    assert 1 == len(answers)
    assert "Start with thanks." in answers[0]
    assert world.leader.name.split()[0] in answers[0]
    assert [DeliveryState.SHOWN] == world.states(Kind.REPLY)
    left = flow.desk_page(world.store, world.clock, world.leader).questions
    assert [q.discussion.id for q in rest] == [q.discussion.id for q in left]


def test_only_leaders_share(world: World) -> None:
    """A member of the team has no desk to share from."""
    with pytest.raises(NotAllowed):
        flow.share(
            world.store,
            world.clock,
            world.member,
            course_id=min(world.member.course_ids),
            text="Me too",
            audience=Audience(AudienceKind.EVERYONE, world.connection.id),
            outlet_ids=[],
        )


def test_a_completion_in_the_lms_is_told_when_its_person_chose_so(world: World) -> None:
    """From a click in the LMS to the colleague's feed, and out of it again by one choice."""
    flow.change_consent(world.store, world.clock, world.leader.person_id, Choice.EVERYONE)
    leader_id = world.lms.story.leaders[world.lms.story.teams[0].id]
    course_id = world.lms.store.add_course("Listening well", world.lms.story.categories[0].id)
    world.lms.store.enrol(leader_id, course_id)
    world.clock.advance(minutes=1)
    world.lms.store.complete(leader_id, course_id)
    world.clock.advance(minutes=5)
    world.run()
    with world.store.reading() as work:
        [item] = [
            i
            for i in read.home(work, world.member).items
            if i.activity.kind is Kind.COMPLETION
            and i.course is not None
            and i.course.name == "Listening well"
        ]
        [mine] = [i for i in consent.mine(work, world.leader).items if i.course == "Listening well"]
    assert [world.leader.name] == [card.name for card in item.names]
    assert mine.uid == item.activity.uid
    assert 1 == flow.hide_item(world.store, world.clock, world.leader, mine.completion_id, True)
    with world.store.reading() as work, pytest.raises(NotFound):
        read.one(work, world.member, item.activity.uid)
    assert 1 == flow.hide_item(world.store, world.clock, world.leader, mine.completion_id, False)
    flow.change_consent(world.store, world.clock, world.leader.person_id, Choice.NOBODY)
    with world.store.reading() as work, pytest.raises(NotFound):
        read.one(work, world.member, item.activity.uid)


def test_the_course_policy_can_be_changed(world: World) -> None:
    """What an admin takes out of the feed is gone, and comes back by the rule."""
    for choice_of in (world.leader, world.member):
        flow.change_consent(world.store, world.clock, choice_of.person_id, Choice.EVERYONE)
    world.run()
    with world.store.reading() as work:
        policies = work.facts.policies(world.connection.id)
    compulsory = [p for p in policies if p.mandatory]
    assert 1 == len(compulsory)
    assert compulsory[0].courses == compulsory[0].mandatory
    flow.set_policy(world.store, world.clock, compulsory[0].id, True)
    with world.store.reading() as work:
        after = work.facts.policies(world.connection.id)
    assert [0] * len(after) == [p.mandatory for p in after]
    flow.set_policy(world.store, world.clock, compulsory[0].id, None)
    with world.store.reading() as work:
        assert policies == work.facts.policies(world.connection.id)
    with pytest.raises(NotFound):
        flow.set_policy(world.store, world.clock, 99_999, True)


def test_a_post_is_told_and_taken_away(world: World) -> None:
    """By its author, to their team."""
    audience = Audience(AudienceKind.TEAM, world.team_id)
    activity = flow.post(world.store, world.clock, world.member, "Any tips?", audience, True)
    with world.store.reading() as work:
        item = read.one(work, world.leader, activity.uid)
    assert (True, "Any tips?") == (item.activity.question, item.activity.text)
    world.clock.advance(seconds=timedelta(hours=1).total_seconds())
    flow.remove_post(world.store, world.clock, world.member, activity.uid)
    with world.store.reading() as work, pytest.raises(NotFound):
        read.one(work, world.leader, activity.uid)


def test_a_share_goes_no_further_than_whom_it_is_for(world: World) -> None:
    """What is for the team is not sent where everyone reads, and nothing of it stays behind."""
    flow.suggest(world.store, world.clock, world.connection.id)
    page = flow.desk_page(world.store, world.clock, world.leader)
    with pytest.raises(InputError, match="whom you did not choose"):
        flow.share(
            world.store,
            world.clock,
            world.leader,
            course_id=page.suggestions[0].course.id,
            text="For us alone",
            audience=Audience(AudienceKind.TEAM, world.team_id),
            outlet_ids=[outlet.id for outlet in page.outlets],
            suggestion_id=page.suggestions[0].id,
        )
    assert () == flow.desk_page(world.store, world.clock, world.leader).shared
