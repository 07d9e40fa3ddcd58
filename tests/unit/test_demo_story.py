"""The story of the demo company: believable, whole, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from bridge.demo.story import make_story
from bridge.demo.world import ALL_PARTICIPANTS, SEPARATE_GROUPS, TEACHER, Story
from bridge.model import Choice
from bridge.visibility import is_mandatory

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DAY = 86_400


@pytest.fixture(scope="module")
def story() -> Story:
    return make_story(NOW, 7)


def test_the_same_seed_tells_the_same(story: Story) -> None:
    """Seed and moment decide everything; another seed tells of other people."""
    assert story == make_story(NOW, 7)
    assert story.people != make_story(NOW, 8).people


def test_the_company_has_its_size(story: Story) -> None:
    """200 people with names of their own, 8 teams, 25 courses in 5 categories."""
    assert (200, 8, 5, 25) == (
        len(story.people),
        len(story.teams),
        len(story.categories),
        len(story.courses),
    )
    assert 200 == len({p.name for p in story.people}) == len({p.username for p in story.people})
    assert 1200 <= len(story.enrolments) <= 1400


@pytest.mark.parametrize("seed", range(1, 12))
def test_any_seed_tells_a_whole_story(seed: int) -> None:
    """Ids that are referred to exist, and nothing has happened after now."""
    story = make_story(NOW, seed)
    people = {p.id for p in story.people}
    courses = {c.id for c in story.courses}
    activities = {a.id for a in story.activities}
    forums = {f.id for f in story.forums}
    enrolled = {(e.course_id, e.person_id) for e in story.enrolments}

    assert len(enrolled) == len(story.enrolments)
    assert {c for c, _ in enrolled} <= courses
    assert {p for _, p in enrolled} <= people
    assert {(c.course_id, c.person_id) for c in story.completions} <= enrolled
    assert {m.activity_id for m in story.marks} <= activities
    assert {d.forum_id for d in story.discussions} <= forums
    assert {p.author_id for p in story.posts} <= people
    moments = [c.recorded_at for c in story.completions]
    moments += [p.created_at for p in story.posts] + [e.last_access for e in story.enrolments]
    assert max(moments) <= story.now
    assert {story.learner_id, story.leader_id, story.admin_id, *story.choices} <= people
    assert set(story.choices.values()) <= {choice.value for choice in Choice}


def test_one_category_is_mandatory(story: Story) -> None:
    """The bridge recognises one of the five categories by its name."""
    assert 1 == sum(is_mandatory((c.name,)) for c in story.categories)


def test_each_team_has_a_leader_of_its_own(story: Story) -> None:
    """A leader is a member of the team; the learner and the leader of the links share one."""
    members = {team.id: team.member_ids for team in story.teams}

    assert members.keys() == story.leaders.keys()
    assert all(person in members[team] for team, person in story.leaders.items())
    assert {story.learner_id, story.leader_id} <= set(members[story.burst_team_id])
    assert story.leader_ids == set(story.leaders.values())


def test_each_course_has_a_teacher(story: Story) -> None:
    """One teacher a course, who learns nothing there."""
    teachers = {e.course_id: e.person_id for e in story.enrolments if e.role == TEACHER}

    assert 25 == len(teachers)
    assert teachers == story.teachers
    assert not set(teachers.items()) & {(c.course_id, c.person_id) for c in story.completions}


def test_weeks_have_a_rhythm(story: Story) -> None:
    """People learn on weekdays, and the mandatory courses had their deadline."""
    days = Counter(datetime.fromtimestamp(c.completed_at, UTC).weekday() for c in story.completions)

    assert days[5] + days[6] < 0.1 * days.total()


def test_a_burst_and_a_decay(story: Story) -> None:
    """One team learns far more than usual now; another spiked two months ago and dwindled."""
    members = {team.id: set(team.member_ids) for team in story.teams}

    def between(team_id: int, newest: int, oldest: int) -> int:
        return sum(
            newest <= (story.now - c.completed_at) / DAY < oldest
            for c in story.completions
            if c.person_id in members[team_id]
        )

    burst, decay = story.burst_team_id, story.decay_team_id
    assert between(burst, 0, 7) > 2 * between(burst, 7, 28) / 3
    assert between(decay, 49, 77) > 3 * between(decay, 0, 28)


def test_completions_and_last_accesses_agree(story: Story) -> None:
    """Who completed a course was seen in it then or later; one completion was dated back."""
    seen = {(e.course_id, e.person_id): e.last_access for e in story.enrolments}
    late = [c for c in story.completions if c.recorded_at - c.completed_at > DAY]

    assert all(seen[c.course_id, c.person_id] >= c.completed_at for c in story.completions)
    assert 1 == len(late)
    assert late[0].recorded_at == seen[late[0].course_id, late[0].person_id]


def test_some_questions_wait(story: Story) -> None:
    """A dozen open discussions have waited for days; one in a group, one pinned."""
    counts = Counter(post.discussion_id for post in story.posts)
    waiting = [
        d
        for d in story.discussions
        if counts[d.id] == 1 and "?" in d.name and story.now - d.created_at > 2 * DAY
    ]

    assert 6 <= len(waiting)
    assert 1 == sum(d.pinned for d in story.discussions)
    assert 1 == sum(d.group_id != ALL_PARTICIPANTS for d in story.discussions)
    assert sorted(d.created_at for d in story.discussions) == [
        d.created_at for d in story.discussions
    ]


def test_some_places_are_closed(story: Story) -> None:
    """One course is hidden, one has no criteria; three forums are not open to their course."""
    with_criteria = {a.course_id for a in story.activities if a.criterion}
    forums = [a for a in story.activities if a.kind == "forum"]

    assert 1 == sum(not c.visible for c in story.courses)
    assert 1 == len({c.id for c in story.courses} - with_criteria)
    assert 1 == sum(a.group_mode == SEPARATE_GROUPS for a in forums)
    assert 1 == sum(not a.visible for a in forums)
    assert 1 == sum(bool(a.availability) for a in forums)
