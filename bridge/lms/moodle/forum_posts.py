"""Writing in a site's forums as the token's user, and finding again what was written."""

from __future__ import annotations

from bridge.errors import LmsError, Missing
from bridge.lms.moodle import schemas
from bridge.lms.moodle.forum_dialects import ForumPost, list_dialect, posts_dialect
from bridge.lms.moodle.site import MoodleSite

RECENT_DISCUSSIONS = 50


class MoodleForumPosts:
    """The writing half of a connector.

    Nothing here names a message format: where a function takes one, HTML is its default; Totara 12
    refuses a parameter that it does not know.
    """

    def __init__(self, site: MoodleSite) -> None:
        self._site = site

    @property
    def rest(self) -> MoodleSite:
        """The site, as its web services are asked."""
        return self._site

    def can(self, function: str) -> bool:
        """Whether the site lists the function for this token."""
        return function in self._site.functions

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
            {"postid": post_id, "subject": subject, "message": message_html},
        )

    def delete_post(self, post_id: int) -> None:
        self._site.write("mod_forum_delete_post", {"postid": post_id})

    def first_post(self, discussion_id: int) -> int:
        for post in self._posts(discussion_id):
            if post.first:
                return post.id
        raise Missing(f"Discussion {discussion_id} has no first post.")

    def find_discussion(self, forum_id: int, needle: str) -> int | None:
        dialect = list_dialect(self._site.functions)
        answer = self._site.read(dialect.function, dialect.newest(forum_id, RECENT_DISCUSSIONS))
        found = schemas.load(schemas.Discussions, answer, dialect.function)["discussions"]
        for row in found:
            if row["userid"] == self._site.user_id and needle in (row["message"] or ""):
                return int(row["discussion"])
        return None

    def find_reply(self, discussion_id: int, needle: str) -> int | None:
        for post in self._posts(discussion_id):
            ours = post.author_lms_id == self._site.user_id and not post.deleted
            if ours and needle in post.message:
                return post.id
        return None

    def _posts(self, discussion_id: int) -> list[ForumPost]:
        dialect = posts_dialect(self._site.functions)
        try:
            answer = self._site.read(dialect.function, {"discussionid": discussion_id})
        except Missing:
            raise
        except LmsError as error:
            if error.code or error.retry:
                raise
            # Moodle runs into a PHP error, which has no code, when the discussion was deleted.
            raise Missing(
                f"Discussion {discussion_id} is not there (any more).", function=dialect.function
            ) from error
        rows = schemas.load(dialect.schema, answer, dialect.function)["posts"]
        return [dialect.post(row) for row in rows]
