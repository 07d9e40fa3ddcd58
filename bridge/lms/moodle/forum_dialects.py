"""The forum functions of newer and of older sites, and what each of them wants and answers.

Moodle 3.7 and 3.8 brought the newer ones; 4.1 and 4.5 took the older ones away; Totara 12 has the
older ones only. Which of them a site has is read from the functions that it lists, never from its
release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bridge.errors import Missing
from bridge.lms.moodle import schemas

# The sort orders of mod_forum_get_forum_discussions (mod/forum/classes/local/vaults).
_LAST_POST_FIRST = 1
_NEWEST_FIRST = 3


@dataclass(frozen=True)
class ForumPost:
    """A post, whichever function named it."""

    id: int
    author_lms_id: int
    first: bool
    """Whether the discussion begins with it."""
    message: str
    deleted: bool


@dataclass(frozen=True)
class ListDialect:
    """How a forum's discussions are listed, pinned ones first."""

    function: str
    last_post_first: dict[str, Any]
    newest_first: dict[str, Any]

    def page(self, forum_id: int, page: int, size: int) -> dict[str, Any]:
        """The parameters of a page (from 0), the discussion with the latest post first."""
        return {"forumid": forum_id, **self.last_post_first, "page": page, "perpage": size}

    def newest(self, forum_id: int, size: int) -> dict[str, Any]:
        """The parameters of the first page, begun with what was started or moved last."""
        return {"forumid": forum_id, **self.newest_first, "page": 0, "perpage": size}


@dataclass(frozen=True)
class PostsDialect:
    """How a discussion's posts are read."""

    function: str
    schema: type[schemas.Answer]
    post: Callable[[dict[str, Any]], ForumPost]


LISTS = (
    ListDialect(
        "mod_forum_get_forum_discussions",
        {"sortorder": _LAST_POST_FIRST},
        {"sortorder": _NEWEST_FIRST},
    ),
    ListDialect(
        "mod_forum_get_forum_discussions_paginated",
        {"sortby": "timemodified", "sortdirection": "DESC"},
        # What was started just now has the latest post as well.
        {"sortby": "timemodified", "sortdirection": "DESC"},
    ),
)
"""The newer one first."""


def _nested(row: dict[str, Any]) -> ForumPost:
    return ForumPost(
        id=row["id"],
        author_lms_id=(row["author"] or {}).get("id") or 0,
        first=not row["hasparent"],
        message=row["message"] or "",
        deleted=bool(row["isdeleted"]),
    )


def _flat(row: dict[str, Any]) -> ForumPost:
    return ForumPost(
        id=row["id"],
        author_lms_id=row["userid"],
        first=not row["parent"],
        message=row["message"] or "",
        deleted=bool(row["deleted"]),
    )


POSTS = (
    PostsDialect("mod_forum_get_discussion_posts", schemas.ForumPosts, _nested),
    PostsDialect("mod_forum_get_forum_discussion_posts", schemas.FlatPosts, _flat),
)
"""The newer one first."""


def list_dialect(functions: Iterable[str]) -> ListDialect:
    """The best way that a site of these functions lists discussions.

    :raises Missing: if it has none.
    """
    for dialect in LISTS:
        if dialect.function in functions:
            return dialect
    raise _none("list a forum's discussions", [one.function for one in LISTS])


def posts_dialect(functions: Iterable[str]) -> PostsDialect:
    """The best way that a site of these functions shows the posts of a discussion.

    :raises Missing: if it has none.
    """
    for dialect in POSTS:
        if dialect.function in functions:
            return dialect
    raise _none("read a discussion's posts", [one.function for one in POSTS])


def _none(what: str, functions: list[str]) -> Missing:
    return Missing(
        f"The token's service has no function to {what}.",
        f"Add {' or '.join(functions)}, whichever the site offers, to the external service of the"
        " token (Web services → External services).",
        function=functions[0],
    )
