"""The streams that say how the LMS is built: courses with their categories, and teams."""

from __future__ import annotations

from bridge.errors import LmsError, Missing
from bridge.model import Stream
from bridge.storage import Work
from bridge.sync import policy
from bridge.sync.plan import refuse_shrink
from bridge.sync.task import Count, Task, reading


def courses(task: Task, strategy: str) -> None:
    """Read all courses and categories, and which courses carry the tags of the policy.

    All is stored in one transaction, in which the courses are judged anew: what is announced.
    """
    with reading(task, Stream.COURSES, strategy) as count:
        categories = task.connector.categories()
        found = task.connector.courses()
        with task.store.reading() as work:
            tags = work.policy.words(task.connection.id).read
        tagged = task.connector.courses_tagged(tags) if tags else {}
        with task.store.work() as work:
            before = work.facts.count_courses(task.connection.id)
            refuse_shrink(Stream.COURSES, before, len(found), task.accept_shrink)
            names = {category.lms_id: category.name for category in categories}
            tally = work.facts.put_categories(task.connection.id, categories)
            tally += work.facts.put_courses(
                task.connection.id,
                [(course, names.get(course.category_lms_id or 0, "")) for course in found],
                task.now,
                history=task.first(Stream.COURSES),
            )
            for tag, those in tagged.items():
                _put_tagged(task, count, work, tag, those)
            policy.judge(work, task.connection.id)
        count.page(len(found) + len(categories), tally)


def _put_tagged(
    task: Task, count: Count, work: Work, tag: str, those: list[int] | LmsError
) -> None:
    """Keep which courses carry the tag; where the LMS does not say, what is known stays."""
    if not isinstance(those, LmsError):
        work.policy.put_tagged(task.connection.id, tag, those)
    elif isinstance(those, Missing) and those.code:
        # The tag was deleted there.
        work.policy.put_tagged(task.connection.id, tag, [])
    else:
        count.problem(those)


def teams(task: Task, strategy: str) -> None:
    """Read all teams and who is in them; store them in one transaction.

    Then those who report to a manager, in another: what keeps the LMS from saying that is a
    problem, and never the end of a run.
    """
    with reading(task, Stream.TEAMS, strategy) as count:
        found = task.connector.teams()
        members = task.connector.team_members([team.lms_id for team in found])
        with task.store.work() as work:
            before = work.facts.count_teams(task.connection.id)
            refuse_shrink(Stream.TEAMS, before, len(found), task.accept_shrink)
            refuse_shrink(
                Stream.ENROLMENTS,
                work.facts.count_members(task.connection.id),
                sum(map(len, members.values())),
                task.accept_shrink,
                " in teams",
            )
            people = work.people.ids(
                task.connection.id, {p: "" for those in members.values() for p in those}
            )
            tally = work.facts.put_teams(task.connection.id, found)
            tally += work.facts.put_members(task.connection.id, members, people)
        count.page(len(found) + sum(map(len, members.values())), tally)
        _job_teams(task, count)


def _job_teams(task: Task, count: Count) -> None:
    try:
        found = task.connector.job_teams()
        rows = sum(len(team.person_lms_ids) for team in found)
        with task.store.work() as work:
            refuse_shrink(
                Stream.PEOPLE,
                work.job_teams.count_members(task.connection.id),
                rows,
                task.accept_shrink,
                " in teams by job assignment",
            )
            named = {person: "" for team in found for person in team.person_lms_ids}
            named |= {team.manager_lms_id: team.manager_name for team in found}
            people = work.people.ids(task.connection.id, named)
            tally = work.job_teams.put(task.connection.id, found, people)
    except LmsError as error:
        # The cohorts were read all the same, and are not read in every run for that.
        count.problem(error)
    else:
        count.page(rows, tally)
