"""Whether forums can be read and written in, proven with what the LMS answers."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.errors import LmsError
from bridge.model import CourseFact, ForumFact, ForumRights
from bridge.ports import Connector
from bridge.setup.around import Check, Health
from bridge.setup.manifest import Lms, grant
from bridge.setup.phrases import lower, phrase

LOOKED_INTO = 5
"""In so many forums a discussion is looked for."""

READING = ("mod/forum:viewdiscussion", "moodle/course:view")
HIDDEN = "moodle/course:viewhiddenactivities"


class ForumProofs:
    """Reads forums, one forum's discussions and one discussion's posts; it writes nothing."""

    def __init__(self, connector: Connector, lms: Lms) -> None:
        self._connector = connector
        self._lms = lms
        self._forums: list[ForumFact] = []
        self._rights = ForumRights()

    def reading(self, courses: Sequence[CourseFact]) -> Check:
        """Forums, their discussions, and whether they are open to their whole course."""
        name = "discussions"
        self._forums = self._connector.forums([c.lms_id for c in courses])
        if not self._forums:
            return Check(
                name,
                Health.AMBER,
                "the LMS shows no forum",
                "If there are any, " + lower(grant(self._lms, *READING)),
            )
        open_ones = [forum for forum in self._forums if forum.open_to_course]
        looked_into = (open_ones or self._forums)[:LOOKED_INTO]
        seen: tuple[ForumFact, int] | None = None
        for forum, answer in self._connector.discussions(looked_into, None):
            if isinstance(answer, LmsError):
                return Check(name, Health.AMBER, phrase(answer.message), answer.remedy)
            # A discussion that was answered holds a post by somebody else most surely.
            busiest = max(answer.found, key=lambda one: one.replies, default=None)
            if seen is None and busiest is not None:
                seen = forum, busiest.lms_id
        forum, discussion = seen or (looked_into[0], None)
        self._rights = self._connector.forum_rights(forum, discussion)
        if self._rights.hidden is False and HIDDEN not in self._lms.without:
            return Check(
                name,
                Health.AMBER,
                f"{len(self._forums)} forums are seen, and not by which conditions they are"
                " restricted, nor hidden ones",
                grant(self._lms, HIDDEN),
            )
        return Check(
            name,
            Health.GREEN,
            f"{len(open_ones)} of {len(self._forums)} forums are open to their whole course",
        )

    def writing(self) -> Check:
        """Starting, answering, changing and deleting, by what the LMS says it would allow."""
        name = "replies"
        if self._forums and not any(forum.can_start for forum in self._forums):
            return Check(
                name,
                Health.AMBER,
                "the token may not start a discussion in any forum",
                grant(self._lms, "mod/forum:startdiscussion", "mod/forum:replypost"),
            )
        if self._rights.reply is False:
            return Check(
                name,
                Health.AMBER,
                "the token may not answer in the forum looked at",
                grant(self._lms, "mod/forum:replypost"),
            )
        if not self._connector.can("mod_forum_delete_post"):
            return Check(name, Health.GREEN, "posting is possible; posts cannot be taken back")
        short = []
        if self._rights.edit is False:
            short.append(("changed", "mod/forum:editanypost"))
        if self._rights.delete is False:
            short.append(("taken back", "mod/forum:deleteanypost"))
        if short:
            what = " and ".join(word for word, _ in short)
            beside = ["mod/forum:deleteownpost"] * (self._rights.delete is False)
            return Check(
                name,
                Health.AMBER,
                f"posting is possible; a post can be {what} in its first half hour at most",
                grant(self._lms, *(capability for _, capability in short), *beside),
            )
        return Check(name, Health.GREEN, "posting is possible; posts can be taken back")
