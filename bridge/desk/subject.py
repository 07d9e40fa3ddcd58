"""What a share is about, and whether the people it is for may see that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.desk.rules import check_about, check_audience, check_course
from bridge.model import About, Audience, Course, Viewer
from bridge.storage import Work


@dataclass(frozen=True)
class Subject:
    """A course, or an activity of the feed: one of the two."""

    course: Course | None = None
    about: About | None = None

    @property
    def title(self) -> str:
        """What the share is told to be about: of an activity neither a name nor a word."""
        if self.course is not None:
            return self.course.name
        return self.about.what if self.about is not None else ""

    @property
    def until(self) -> datetime | None:
        """When it is over."""
        return self.course.ends_at if self.course is not None else None

    @property
    def ids(self) -> tuple[int | None, int | None]:
        """The course's id and the activity's."""
        return (
            self.course.id if self.course is not None else None,
            self.about.id if self.about is not None else None,
        )


def checked(
    work: Work, viewer: Viewer, audience: Audience, course_id: int | None, about_id: int | None
) -> Subject:
    """What the share is about, if the audience is one of the viewer's and may see it.

    :raises InputError: if it is not, or may not, or what it is about is not there.
    """
    if about_id is None:
        check_audience(viewer, audience)
        course = work.desk.course(course_id) if course_id is not None else None
        return Subject(course=check_course(viewer, course))
    return Subject(about=check_about(viewer, audience, work.abouts.one(about_id)))
