"""Names for the pages: of teams, courses, people and the LMS, by their ids."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, select

from bridge.errors import NotFound
from bridge.model import Course, PersonCard, Stream, StreamReport, SyncReport, Team
from bridge.storage import tables as t
from bridge.storage.rows import columns, entity
from bridge.visibility import is_mandatory


@dataclass(frozen=True)
class SiteView:
    """A connection as a page may show it: without its token."""

    id: int
    name: str
    kind: str
    url: str
    site_name: str
    release: str
    created_at: datetime

    @property
    def title(self) -> str:
        """What people call their LMS."""
        return self.site_name or self.name


@dataclass(frozen=True)
class CategoryView:
    """A category of courses with its policy; ``announce`` is the admin's word, if any."""

    id: int
    name: str
    depth: int
    courses: int
    announce: bool | None
    by_rule: bool
    """Whether the rule would announce its courses."""


class Directory:
    """Looks names up; it decides nothing about who may see them."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def site(self, connection_id: int) -> SiteView:
        """The LMS of a connection.

        :raises NotFound: if there is none.
        """
        query = select(*columns(t.connections, SiteView)).where(t.connections.c.id == connection_id)
        row = self.sql.execute(query).one_or_none()
        if row is None:
            raise NotFound("There is no such connection.")
        return entity(SiteView, row)

    def teams(self, ids: Collection[int]) -> tuple[Team, ...]:
        """The teams that are still there, by name, with their sizes."""
        size = (
            select(func.count())
            .select_from(t.memberships.join(t.people, t.people.c.id == t.memberships.c.person_id))
            .where(t.memberships.c.team_id == t.teams.c.id, t.people.c.gone.is_(False))
            .scalar_subquery()
        )
        query = (
            select(*columns(t.teams, Team), size.label("size"))
            .where(t.teams.c.id.in_(sorted(ids)), t.teams.c.gone.is_(False))
            .order_by(t.teams.c.name, t.teams.c.id)
        )
        return tuple(entity(Team, row) for row in self.sql.execute(query)) if ids else ()

    def team(self, team_id: int) -> Team:
        """One team.

        :raises NotFound: if it is not there.
        """
        found = self.teams([team_id])
        if not found:
            raise NotFound("There is no such team.")
        return found[0]

    def courses(self, ids: Collection[int]) -> tuple[Course, ...]:
        """The courses that the LMS shows, by name."""
        query = (
            select(*columns(t.courses, Course))
            .where(
                t.courses.c.id.in_(sorted(ids)),
                t.courses.c.visible.is_(True),
                t.courses.c.gone.is_(False),
            )
            .order_by(t.courses.c.name, t.courses.c.id)
        )
        return tuple(entity(Course, row) for row in self.sql.execute(query)) if ids else ()

    def course(self, course_id: int) -> Course:
        """One course that the LMS shows.

        :raises NotFound: if it is not there, or hidden.
        """
        found = self.courses([course_id])
        if not found:
            raise NotFound("There is no such course.")
        return found[0]

    def person(self, person_id: int) -> PersonCard:
        """One person's name.

        :raises NotFound: if they are not there.
        """
        query = select(*columns(t.people, PersonCard)).where(
            t.people.c.id == person_id, t.people.c.gone.is_(False)
        )
        row = self.sql.execute(query).one_or_none()
        if row is None:
            raise NotFound("There is no such person.")
        return entity(PersonCard, row)

    def sync_runs(self, connection_id: int, limit: int) -> tuple[SyncReport, ...]:
        """The last sync runs of a connection, newest first."""
        query = (
            select(t.sync_runs, t.connections.c.name)
            .join(t.connections, t.connections.c.id == t.sync_runs.c.connection_id)
            .where(t.sync_runs.c.connection_id == connection_id)
            .order_by(t.sync_runs.c.started_at.desc(), t.sync_runs.c.id.desc())
            .limit(limit)
        )
        return tuple(_run(row) for row in self.sql.execute(query))

    def categories(self, connection_id: int) -> tuple[CategoryView, ...]:
        """The categories of a connection as the tree they are, each with its number of courses."""
        category, course = t.categories.c, t.courses.c
        query = (
            select(t.categories, func.count(course.id).label("courses"))
            .outerjoin(
                t.courses,
                (course.category_lms_id == category.lms_id)
                & (course.connection_id == category.connection_id)
                & course.gone.is_(False),
            )
            .where(category.connection_id == connection_id, category.gone.is_(False))
            .group_by(category.id)
            .order_by(category.sort_order, category.name, category.id)
        )
        rows = self.sql.execute(query).all()
        names = {str(row.lms_id): row.name for row in rows}
        views = []
        for row in rows:
            path = [part for part in row.path.split("/") if part]
            above = tuple(names.get(part, "") for part in path) or (row.name,)
            views.append(
                CategoryView(
                    id=row.id,
                    name=row.name,
                    depth=max(0, len(path) - 1),
                    courses=row.courses,
                    announce=row.announce,
                    by_rule=not is_mandatory((*above, row.name)),
                )
            )
        return tuple(views)


def _run(row: object) -> SyncReport:
    values = row._mapping  # type: ignore[attr-defined]
    report = values["report"] or {}
    streams = report.get("streams", report if isinstance(report, list) else [])
    return SyncReport(
        connection=values["name"],
        started_at=values["started_at"],
        ended_at=values["ended_at"],
        outcome=values["outcome"],
        streams=tuple(_stream(stream) for stream in streams),
        error=values["error"],
        requests=report.get("requests", 0) if isinstance(report, dict) else 0,
    )


def _stream(values: dict[str, object]) -> StreamReport:
    known = {k: v for k, v in values.items() if k in StreamReport.__dataclass_fields__}
    known["problems"] = tuple(known.get("problems", ()))  # type: ignore[arg-type]
    return StreamReport(**{**known, "stream": Stream(str(known["stream"]))})  # type: ignore[arg-type]
