"""A company so small that its LMS is read in the blink of an eye."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.demo.world import (
    TEACHER,
    Activity,
    Category,
    Course,
    Enrolment,
    Forum,
    Person,
    Story,
    Team,
)

BEGIN = datetime(2026, 11, 25, 9, tzinfo=UTC)


def small_company() -> Story:
    """Three courses, six people, a team of four: a few of them are enrolled, one has finished."""
    moment = int(BEGIN.timestamp())
    people = tuple(
        Person(n, f"person{n}", "Person", f"No. {n}", f"person{n}@example.com")
        for n in range(11, 17)
    )
    courses = tuple(Course(n, f"Course {n}", f"C-{n}", 1) for n in (2, 3, 4))
    pages = tuple(Activity(20 + c.id, c.id, "page", 20 + c.id, "Page", True) for c in courses)
    talks = tuple(Activity(30 + c.id, c.id, "forum", 30 + c.id, "Forum") for c in courses)
    service = Person(90, "bridge", "Social", "Bridge", "bridge@example.com")
    return Story(
        now=moment,
        seed=0,
        site_name="Small",
        people=people,
        site_admin=Person(2, "admin", "Ad", "Min", "admin@example.com"),
        service=service,
        teams=(Team(1, "The team", "team", member_ids=(11, 12, 13, 14)),),
        categories=(Category(1, "Courses"),),
        courses=courses,
        activities=(*pages, *talks),
        forums=tuple(Forum(30 + c.id, c.id, 30 + c.id, "Forum") for c in courses),
        groups=(),
        enrolments=(
            Enrolment(2, 16, TEACHER),
            *(Enrolment(2, n) for n in (11, 12, 13)),
            *(Enrolment(3, n) for n in (11, 14)),
        ),
        marks=(),
        completions=(),
        discussions=(),
        posts=(),
        leaders={},
        choices={},
        learner_id=11,
        leader_id=12,
        admin_id=13,
        burst_team_id=1,
        decay_team_id=1,
    )
