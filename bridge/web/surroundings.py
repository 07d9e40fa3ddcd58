"""What stands around a page: the LMS's name, and the viewer's own teams and courses by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bridge.errors import NotFound
from bridge.model import Course, Team, Viewer
from bridge.storage import Work
from bridge.visibility import may_see_course


@dataclass(frozen=True)
class Surroundings:
    """The viewer's teams and courses in the order of their names."""

    site: str
    connection_id: int
    teams: tuple[Team, ...]
    courses: tuple[Course, ...]
    followed: frozenset[str] = frozenset()
    """The keys of the topics that the viewer follows."""


def surroundings(work: Work, viewer: Viewer) -> Surroundings:
    """What this viewer's pages stand in; four statements."""
    connection = work.connections.by_id(viewer.connection_id)
    return Surroundings(
        site=connection.site_name or connection.name,
        connection_id=connection.id,
        teams=teams(work, viewer.team_ids | viewer.led_team_ids),
        courses=courses(work, viewer, viewer.course_ids),
        followed=work.topics.followed(viewer.person_id),
    )


def teams(work: Work, ids: Collection[int]) -> tuple[Team, ...]:
    """The teams that are still there, by name."""
    found = work.feed.teams(ids).values() if ids else ()
    return tuple(sorted(found, key=lambda team: (team.name.casefold(), team.id)))


def courses(work: Work, viewer: Viewer, ids: Collection[int]) -> tuple[Course, ...]:
    """The courses that the LMS shows, by name."""
    found = work.feed.courses(ids).values() if ids else ()
    shown = [course for course in found if may_see_course(viewer, course)]
    return tuple(sorted(shown, key=lambda course: (course.name.casefold(), course.id)))


def team(work: Work, team_id: int) -> Team:
    """One team.

    :raises NotFound: if it is not there.
    """
    found = teams(work, [team_id])
    if not found:
        raise NotFound("There is no such team.", "It may have been removed in the LMS.")
    return found[0]


def course(work: Work, viewer: Viewer, course_id: int) -> Course:
    """One course that the LMS shows.

    :raises NotFound: if it is not there, or hidden.
    """
    found = courses(work, viewer, [course_id])
    if not found:
        raise NotFound("There is no such course.", "It may have been hidden in the LMS.")
    return found[0]
