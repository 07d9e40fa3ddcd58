"""Sets the stage in the bridge: what the demo company's people chose and did there so far.

The LMS tells only of learning. That people agreed to be named, who leads whom, who came to the
feed and who cheered is the bridge's own, and is written here through the same rooms and flows as
in real life.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from random import Random

from bridge import curation, desk, flow, pulse
from bridge.access import leaders, roles, sessions
from bridge.access import people as directory
from bridge.bootstrap import Bridge
from bridge.delivery import outbox, outlets
from bridge.demo.world import Story
from bridge.feed import read, write
from bridge.model import (
    Audience,
    AudienceKind,
    Choice,
    Connection,
    Kind,
    Person,
    Role,
    Viewer,
)
from bridge.storage import Work

WEEKS = 12

# How many of a team's people come in a week, at the beginning and now.
_COMING = {"burst": (0.45, 0.9), "decay": (0.9, 0.15), "else": (0.4, 0.55)}

COMMENTS = (
    "Well done! What will you do differently from now on?",
    "I took it last month: the second part stayed with me.",
    "Congratulations! Could you show us at the next team meeting?",
    "Thank you for telling, this is now on my list.",
)

SHARES = (
    ("I took this in spring and still open every Monday with its first question. Who joins?", 3),
    ("Two of us tried it on a real case last week. Ask me what went wrong, it is worth it.", 26),
)
"""What two leaders said, in their own words, and how many hours ago."""


class Stage:
    """The demo company in one bridge."""

    def __init__(self, bridge: Bridge, connection: Connection, story: Story) -> None:
        self._bridge = bridge
        self._connection = connection
        self._story = story
        self._random = Random(story.seed)
        self._now = bridge.clock.now()
        with bridge.store.reading() as work:
            names = {p.id: p.name for p in story.people}
            self._ids: Mapping[int, int] = work.people.known(connection.id, list(names))

    def person(self, lms_id: int) -> Person:
        """The person of the story, as the bridge knows them."""
        with self._bridge.store.reading() as work:
            return directory.find(work, str(lms_id), self._connection.id)

    def set(self) -> None:
        """Leaders, an admin, choices, an outlet, and three months of coming and going."""
        self._name_leaders()
        self._choose()
        self._open_forum()
        self._come_and_go()

    def enliven(self) -> None:
        """Cheers, a few comments and two leaders' shares; call it when the feed is filled."""
        store = self._bridge.store
        with store.reading() as work:
            viewers = [self._viewer(lms_id) for lms_id in self._regulars(60)]
            seen = {viewer: read.home(work, viewer, limit=12).items for viewer in viewers}
        with store.work() as work:
            for viewer, items in seen.items():
                for item in items:
                    dice = self._random.random()
                    if item.about_me or item.activity.kind is not Kind.COMPLETION or dice > 0.25:
                        continue
                    at = item.activity.published
                    at += (self._now - at) * self._random.uniform(0.1, 0.9)
                    write.cheer(work, viewer, item.activity.uid, at)
                    if dice < 0.015 and not viewer.never_named:
                        text = self._random.choice(COMMENTS)
                        write.comment(work, viewer, item.activity.uid, text, at)
                    pulse.record(work, viewer.person_id, at, active=True, engaged=True)
        self._share()

    def _share(self) -> None:
        """Two leaders other than the one whose desk is shown have shared this week."""
        others = [p for p in self._story.leaders.values() if p != self._story.leader_id]
        for lms_id, (words, hours) in zip(others, SHARES, strict=False):
            viewer = self._viewer(lms_id)
            at = self._now - timedelta(hours=hours)
            with self._bridge.store.work() as work:
                found = [
                    (suggestion, suggestion.course)
                    for suggestion in curation.suggestions(work, self._ids[lms_id], self._now)
                    if suggestion.course is not None
                ]
                if not found:
                    continue
                suggestion, course = found[0]
                activity = desk.share(
                    work,
                    viewer,
                    course_id=course.id,
                    text=words,
                    audience=Audience(AudienceKind.EVERYONE, self._connection.id),
                    now=at,
                    suggestion_id=suggestion.id,
                )
                sent_to = [
                    outlet.id
                    for outlet in outlets.of(work, self._connection.id)
                    if outlet.purpose == "share"
                ]
                outbox.enqueue(work, [activity.id], self._now, outlet_ids=sent_to)

    def _viewer(self, lms_id: int) -> Viewer:
        with self._bridge.store.reading() as work:
            return sessions.viewer_of(work, self._ids[lms_id])

    def _regulars(self, count: int) -> list[int]:
        ids = [p.id for p in self._story.people if p.id in self._ids and not p.suspended]
        return self._random.sample(ids, min(count, len(ids)))

    def _name_leaders(self) -> None:
        with self._bridge.store.work() as work:
            for team_id, person_id in self._story.leaders.items():
                team = leaders.find_team(work, self._connection.id, str(team_id))
                leaders.add(work, team.id, self._ids[person_id])
            roles.grant(work, self._ids[self._story.admin_id], Role.ADMIN)
            roles.grant(work, self._ids[self._story.admin_id], Role.COMMUNITY_MANAGER)

    def _choose(self) -> None:
        with self._bridge.store.work() as work:
            for lms_id, choice in self._story.choices.items():
                if lms_id in self._ids:
                    work.consent.choose(self._ids[lms_id], Choice(choice), self._now, "demo", "")
        flow.tell(self._bridge.store, self._bridge.clock, self._connection.id)

    def _open_forum(self) -> None:
        forum = self._story.forums[0]
        with self._bridge.store.work() as work:
            outlets.add(
                work,
                self._connection.id,
                f"Forum: {forum.name}",
                "moodle_forum",
                Audience(AudienceKind.EVERYONE, self._connection.id),
                {"forum_id": forum.id},
                "",
            )

    def _come_and_go(self) -> None:
        """Three months of visits: one team on the rise, one that spiked and dwindled."""
        with self._bridge.store.work() as work:
            for team in self._story.teams:
                begin, end = _COMING[self._mood(team.id)]
                for lms_id in team.member_ids:
                    if lms_id not in self._ids:
                        continue
                    for week in range(WEEKS):
                        share = begin + (end - begin) * week / (WEEKS - 1)
                        self._visit(work, self._ids[lms_id], week, share)

    def _mood(self, team_id: int) -> str:
        if team_id == self._story.burst_team_id:
            return "burst"
        return "decay" if team_id == self._story.decay_team_id else "else"

    def _visit(self, work: Work, person_id: int, week: int, share: float) -> None:
        dice = self._random.random()
        if dice > share:
            return
        monday = self._now.date() - timedelta(days=self._now.weekday(), weeks=WEEKS - 1 - week)
        day = monday + timedelta(days=self._random.randrange(5))
        at = datetime.combine(day, time(10), UTC)
        if at > self._now:
            return
        pulse.record(
            work,
            person_id,
            at,
            active=dice < share * 0.7,
            engaged=dice < share * 0.45,
        )
