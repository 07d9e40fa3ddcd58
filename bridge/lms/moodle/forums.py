"""Reading a site's forums, and writing in them as the token's user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from bridge.errors import LmsError, Missing
from bridge.lms.moodle import facts, schemas
from bridge.lms.moodle.site import MoodleSite
from bridge.model import ForumFact, Listing

COURSES_A_REQUEST = 50
FORUMS_A_BATCH = 50
DISCUSSIONS_A_PAGE = 50

# The sort orders of mod_forum_get_forum_discussions (mod/forum/classes/local/vaults).
LAST_POST_FIRST = 1
NEWEST_FIRST = 3

LIST = "mod_forum_get_forum_discussions"
POSTS = "mod_forum_get_discussion_posts"
_SEPARATE_GROUPS = 1
_HTML = 1


class MoodleForums:
    """The forum half of a connector."""

    def __init__(self, site: MoodleSite) -> None:
        self._site = site

    def can(self, function: str) -> bool:
        """Whether the site lists the function for this token."""
        return function in self._site.functions

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
        read: dict[int, list[dict[str, Any]]] = {forum.lms_id: [] for forum in forums}
        ended: set[int] = set()
        failed: dict[int, LmsError] = {}
        waiting, page = list(forums), 0
        while waiting:
            answers = self._site.read_many(
                LIST,
                [
                    {
                        "forumid": forum.lms_id,
                        "sortorder": LAST_POST_FIRST,
                        "page": page,
                        "perpage": DISCUSSIONS_A_PAGE,
                    }
                    for forum in waiting
                ],
                FORUMS_A_BATCH,
            )
            further = []
            for forum, answer in zip(waiting, answers, strict=True):
                if isinstance(answer, LmsError):
                    failed[forum.lms_id] = answer
                    continue
                rows = schemas.load(schemas.Discussions, answer, LIST)["discussions"]
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
                    if row["groupid"] <= 0
                ),
                since=None if forum.lms_id in ended else _beyond(_reach(rows)),
            )
            yield forum, failed.get(forum.lms_id, listing)

    def start_discussion(self, forum_id: int, subject: str, message_html: str) -> int:
        function = "mod_forum_add_discussion"
        answer = self._site.write(
            function, {"forumid": forum_id, "subject": subject, "message": message_html}
        )
        return int(schemas.load(schemas.NewDiscussion, answer, function)["discussionid"])

    def reply(self, post_id: int, subject: str, message_html: str) -> int:
        function = "mod_forum_add_discussion_post"
        answer = self._site.write(
            function, {"postid": post_id, "subject": subject, "message": message_html}
        )
        return int(schemas.load(schemas.NewPost, answer, function)["postid"])

    def update_post(self, post_id: int, subject: str, message_html: str) -> None:
        self._site.write(
            "mod_forum_update_discussion_post",
            {
                "postid": post_id,
                "subject": subject,
                "message": message_html,
                "messageformat": _HTML,
            },
        )

    def delete_post(self, post_id: int) -> None:
        self._site.write("mod_forum_delete_post", {"postid": post_id})

    def first_post(self, discussion_id: int) -> int:
        for post in self._posts(discussion_id):
            if not post["hasparent"]:
                return int(post["id"])
        raise Missing(f"Discussion {discussion_id} has no first post.", function=POSTS)

    def find_discussion(self, forum_id: int, needle: str) -> int | None:
        answer = self._site.read(
            LIST,
            {"forumid": forum_id, "sortorder": NEWEST_FIRST, "page": 0, "perpage": 50},
        )
        for row in schemas.load(schemas.Discussions, answer, LIST)["discussions"]:
            if row["userid"] == self._site.user_id and needle in (row["message"] or ""):
                return int(row["discussion"])
        return None

    def find_reply(self, discussion_id: int, needle: str) -> int | None:
        for post in self._posts(discussion_id):
            author = (post["author"] or {}).get("id")
            if author == self._site.user_id and needle in (post["message"] or ""):
                return int(post["id"])
        return None

    def _posts(self, discussion_id: int) -> list[dict[str, Any]]:
        try:
            answer = self._site.read(POSTS, {"discussionid": discussion_id})
        except Missing:
            raise
        except LmsError as error:
            if error.code or error.retry:
                raise
            # Moodle runs into a PHP error, which has no code, when the discussion was deleted.
            raise Missing(
                f"Discussion {discussion_id} is not there (any more).", function=POSTS
            ) from error
        return list(schemas.load(schemas.ForumPosts, answer, POSTS)["posts"])


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
