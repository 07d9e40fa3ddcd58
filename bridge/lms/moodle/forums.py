"""Reading a site's forums and their discussions, as far as their whole course may read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from bridge.errors import LmsError
from bridge.lms.moodle import facts, schemas
from bridge.lms.moodle.forum_dialects import list_dialect
from bridge.lms.moodle.forum_posts import MoodleForumPosts
from bridge.model import ForumFact, Listing

COURSES_A_REQUEST = 50
FORUMS_A_BATCH = 50
DISCUSSIONS_A_PAGE = 50

_SEPARATE_GROUPS = 1


class MoodleForums(MoodleForumPosts):
    """The forum half of a connector."""

    def forums(self, course_ids: Sequence[int]) -> list[ForumFact]:
        function = "mod_forum_get_forums_by_courses"
        rows: list[dict[str, Any]] = []
        for start in range(0, len(course_ids), COURSES_A_REQUEST):
            some = list(course_ids[start : start + COURSES_A_REQUEST])
            rows += self._site.read_list(function, schemas.Forum, {"courseids": some})
        open_modules = self._open_modules(sorted({row["course"] for row in rows}))
        return [
            ForumFact(
                lms_id=row["id"],
                course_lms_id=row["course"],
                name=row["name"],
                open_to_course=row["cmid"] in open_modules,
                can_start=bool(row["cancreatediscussions"]),
            )
            for row in rows
        ]

    def _open_modules(self, course_ids: Sequence[int]) -> set[int]:
        """The forums' course modules that the whole course may enter, as far as can be proven."""
        function = "core_course_get_contents"
        options = [
            {"name": "modname", "value": "forum"},
            {"name": "excludecontents", "value": "1"},
        ]
        answers = self._site.read_many(
            function,
            [{"courseid": course_id, "options": options} for course_id in course_ids],
            FORUMS_A_BATCH,
        )
        found: set[int] = set()
        for answer in answers:
            if isinstance(answer, LmsError):
                continue  # What cannot be proven open counts as closed.
            for section in schemas.load(schemas.Section, answer, function, many=True):
                if (
                    section["visible"]
                    and section["uservisible"]
                    and not section["availabilityinfo"]
                ):
                    found |= {m["id"] for m in section["modules"] if _open(m)}
        return found

    def discussions(
        self, forums: Sequence[ForumFact], since: datetime | None
    ) -> Iterator[tuple[ForumFact, Listing | LmsError]]:
        dialect = list_dialect(self._site.functions)
        read: dict[int, list[dict[str, Any]]] = {forum.lms_id: [] for forum in forums}
        ended: set[int] = set()
        failed: dict[int, LmsError] = {}
        waiting, page = list(forums), 0
        while waiting:
            answers = self._site.read_many(
                dialect.function,
                [dialect.page(forum.lms_id, page, DISCUSSIONS_A_PAGE) for forum in waiting],
                FORUMS_A_BATCH,
            )
            further = []
            for forum, answer in zip(waiting, answers, strict=True):
                if isinstance(answer, LmsError):
                    failed[forum.lms_id] = answer
                    continue
                rows = schemas.load(schemas.Discussions, answer, dialect.function)["discussions"]
                read[forum.lms_id] += rows
                if len(rows) < DISCUSSIONS_A_PAGE:
                    ended.add(forum.lms_id)
                elif _may_go_on(rows, since):
                    further.append(forum)
            waiting, page = further, page + 1
        for forum in forums:
            rows = read[forum.lms_id]
            listing = Listing(
                found=tuple(
                    facts.discussion(
                        row, forum.lms_id, forum.course_lms_id, self._site.url, self._site.language
                    )
                    for row in rows
                    if _for_everybody(row)
                ),
                since=None if forum.lms_id in ended else _beyond(_reach(rows)),
            )
            yield forum, failed.get(forum.lms_id, listing)


def _open(module: dict[str, Any]) -> bool:
    return bool(
        module["visible"]
        and module["uservisible"]
        and module["groupmode"] != _SEPARATE_GROUPS
        and _unrestricted(module["availability"])
        and not module["availabilityinfo"]
    )


def _unrestricted(availability: str | None) -> bool:
    """Whether a module's availability tree (JSON) holds no condition."""
    return not availability or '"type"' not in availability


def _for_everybody(row: dict[str, Any]) -> bool:
    """Whether a discussion is shown to the whole course, and at any time."""
    return row["groupid"] <= 0 and row["timestart"] is None and row["timeend"] is None


def _may_go_on(rows: list[dict[str, Any]], since: datetime | None) -> bool:
    """Whether the page behind a full one may hold something wanted."""
    reach = _reach(rows)
    return since is None or reach is None or reach >= since


def _beyond(reach: datetime | None) -> datetime | None:
    """The moment from which on everything was read: of its very second some may be left."""
    return None if reach is None else reach + timedelta(seconds=1)


def _reach(rows: list[dict[str, Any]]) -> datetime | None:
    """How far back rows in the order of their last post reach; pinned ones stand before that."""
    return min((row["timemodified"] for row in rows if not row["pinned"]), default=None)
