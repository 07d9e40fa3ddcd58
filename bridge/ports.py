"""What a connector, a publisher and a clock promise.

Ports stand only where there really are several implementations. Each method's docstring is the
contract that every implementation is held to by the same test suite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bridge.errors import LmsError, MissingCapability
from bridge.model import (
    Carried,
    CategoryFact,
    CompletionFact,
    CourseFact,
    EnrolmentFact,
    ForumFact,
    ForumRights,
    JobTeamFact,
    Listing,
    PersonFact,
    Post,
    Receipt,
    Removal,
    Rendering,
    ReportPage,
    Site,
    TeamFact,
    Traffic,
    Way,
)


class Clock(Protocol):
    """The one seam for time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class Connector(Protocol):
    """Speaks to one LMS. It does not decide what to fetch, and keeps nothing but counters.

    Every method may raise an :class:`~bridge.errors.LmsError`. Reads are tried again where that can
    help; writes never are.
    """

    @property
    def requests(self) -> int:
        """HTTP requests sent so far."""
        ...

    @property
    def traffic(self) -> Traffic:
        """What was asked so far, how long it took, and whether the LMS asked for patience."""
        ...

    def way(self) -> Way:
        """What stands between the bridge and the LMS's address, by one request without the token.

        Never an error: that nothing answers shows in it too.
        """
        ...

    def carries(self, person_ids: Sequence[int]) -> Carried | None:
        """Whether the longest form that is ever sent to the LMS arrives whole, tried by a read.

        :param person_ids: people whom the LMS names.
        :returns: ``None`` where nothing can be told from them.
        """
        ...

    def site(self) -> Site:
        """Who the LMS is and what the token may call. Asked first: it decides the strategies."""
        ...

    def categories(self) -> Sequence[CategoryFact]:
        """Every category the token may see."""
        ...

    def courses(self) -> Sequence[CourseFact]:
        """Every course the token may see; the site itself (Moodle's course 1) is not among them."""
        ...

    def courses_tagged(self, tags: Sequence[str]) -> dict[str, list[int] | LmsError]:
        """Tag → the ids of the courses that carry it, or why that cannot be said.

        A tag that the LMS does not know is a :class:`~bridge.errors.Missing` with a code. At most
        two requests a tag, and one more for every 200 courses with it.
        """
        ...

    def teams(self) -> Sequence[TeamFact]:
        """Every cohort or audience of the site."""
        ...

    def team_members(self, team_ids: Sequence[int]) -> dict[int, list[int]]:
        """Team id → ids of its people, for every id asked for."""
        ...

    def enrolments(
        self, course_ids: Iterable[int]
    ) -> Iterator[tuple[int, list[EnrolmentFact] | LmsError]]:
        """For each course, in the order asked, its people, or why they could not be read.

        ``course_ids`` are taken as they are needed: never more than a few batches ahead.
        """
        ...

    def courses_of(self, person_id: int) -> list[int] | None:
        """The courses that the person is in; ``None`` where the LMS is not asked for that."""
        ...

    def people(self, person_ids: Sequence[int]) -> list[PersonFact]:
        """The people among ``person_ids`` that the LMS knows; unknown and deleted ones are absent.

        :raises MissingCapability: if it names nobody although people were asked for by ids that
            the LMS itself gave: silence that means a missing right.
        """
        ...

    def completions(
        self, pairs: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[tuple[int, int], CompletionFact | LmsError]]:
        """For each (course id, person id), in the order asked, the verdict or why there is none.

        ``pairs`` are taken as they are needed: never more than a few batches ahead. A course that
        cannot be judged for one of its people (:func:`of_whole_course`) is not asked about the
        others: they get the same error.
        """
        ...

    def completion_report(self, page: int, size: int) -> ReportPage:
        """A page (from 0) of the custom report of who completed what, newest first.

        :raises LmsError: without a report, and if its columns cannot be recognised.
        """
        ...

    def prepare_report(self, wanted: str | int | None) -> tuple[int, list[str]] | None:
        """Find the custom report by its name or id, by default by ours, and make it ready.

        :returns: its id, and a sentence for each thing that was done to it; ``None`` without one.
        :raises LmsError: if one was named and is not there, or it cannot be made ready.
        """
        ...

    def report_clicks(self) -> Sequence[str]:
        """How an admin makes such a report, line by line; none where the LMS has no reports."""
        ...

    def job_teams(self) -> Sequence[JobTeamFact]:
        """Who reports to whom, by manager; empty where the LMS has no job assignments."""
        ...

    def forums(self, course_ids: Sequence[int]) -> list[ForumFact]:
        """The forums of the courses."""
        ...

    def discussions(
        self, forums: Sequence[ForumFact], since: datetime | None
    ) -> Iterator[tuple[ForumFact, Listing | LmsError]]:
        """For each forum, at least its discussions with a post at or after ``since``, or why not.

        Discussions of a single group are left out: they are not open to the whole course. The
        listing may reach further back than asked, and says how far. ``None`` asks for all.
        """
        ...

    def forum_rights(self, forum: ForumFact, discussion_id: int | None) -> ForumRights:
        """What the token's user may do in the forum with what others wrote, as the LMS says.

        :param discussion_id: one with a post by somebody else; without it less is known.
        """
        ...

    def start_discussion(self, forum_id: int, subject: str, message_html: str) -> int:
        """Start a discussion; the id of the **discussion**. Never repeated by itself."""
        ...

    def reply(self, post_id: int, subject: str, message_html: str) -> int:
        """Answer a post; the id of the new **post**. Never repeated by itself."""
        ...

    def first_post(self, discussion_id: int) -> int:
        """The id of a discussion's first post."""
        ...

    def update_post(self, post_id: int, subject: str, message_html: str) -> None:
        """Change a post that the token's user wrote."""
        ...

    def delete_post(self, post_id: int) -> None:
        """Delete a post; a first post takes its discussion along."""
        ...

    def find_discussion(self, forum_id: int, needle: str) -> int | None:
        """The token user's own recent discussion whose message contains ``needle``, if any."""
        ...

    def find_reply(self, discussion_id: int, needle: str) -> int | None:
        """The token user's own post in the discussion whose message contains ``needle``."""
        ...

    def send_message(self, person_lms_id: int, text: str) -> int:
        """Write to one person by the LMS's own messaging, as the token's user; the message's id.

        Never repeated by itself: an LMS has no key by which it knows a message again.

        :param text: plain text, in paragraphs; a line that is nothing but an address of the web is
            a link there, and nothing else in it means anything.
        :raises Refused: without a code, if the LMS took the call and did not deliver the message:
            the person does not exist, or does not let this account write to them.
        """
        ...

    def can(self, function: str) -> bool:
        """Whether the site lists the web-service function for this token."""
        ...

    def close(self) -> None:
        """Give the HTTP connections back."""
        ...


NO_CRITERIA = frozenset({"nocriteriaset", "completionnotenabled"})
"""The codes of a course that has nothing to judge its people by."""


def of_whole_course(error: LmsError) -> bool:
    """Whether a refused verdict is about the course, and not about the one person."""
    return isinstance(error, MissingCapability) or error.code in NO_CRITERIA


@dataclass(frozen=True)
class Abilities:
    """What an outlet of a kind can do."""

    edit: bool
    delete: bool
    find: bool
    """Whether it can be asked if a post arrived."""
    idempotent: bool
    """Whether sending the same key twice shows one post."""
    remembers: bool = False
    """Whether people there can still read what a post said before it was edited."""
    stays: str = ""
    """Why what went out stays as it is, where it can be neither edited nor deleted."""
    longest: int = 0
    """Characters of a text that it shows beside title and links, where that is little; 0 where a
    text of some thousand is shown whole."""


NOTHING = Abilities(edit=False, delete=False, find=False, idempotent=False)


@dataclass(frozen=True)
class OutletKind:
    """What is known of every outlet of a kind, without a setting, a secret or the network."""

    label: str
    """What people call it."""
    reaches: str
    """Who reads what is sent there."""
    limit: str
    """How much a post may hold; what is longer is cut where people see that it was."""
    abilities: Abilities
    depends: str = ""
    """On what its abilities depend, where they are not the same for all."""


Act = Literal["publish", "edit", "delete"]
"""What is done with a post at an outlet."""


class Publisher(Protocol):
    """Speaks to one outlet. It does not decide when, and keeps nothing.

    Raises :class:`~bridge.errors.OutletBusy` for a passing failure,
    :class:`~bridge.errors.OutletRefused` for a lasting one, and
    :class:`~bridge.errors.OutcomeUnknown` when something was sent and no answer came.
    """

    abilities: Abilities

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        """What :meth:`publish` sends for the post, made by the same code and without the network.

        For another ``act``, what :meth:`edit` or :meth:`delete` sends beside the post's id there.

        :raises OutletRefused: if it would be refused before anything is sent.
        """
        ...

    def publish(self, post: Post) -> Receipt:
        """Show the post."""
        ...

    def edit(self, remote_id: str, post: Post) -> Receipt:
        """Make what is shown as ``remote_id`` look like ``post``.

        :raises CannotTakeBack: if the outlet does not allow it any more.
        """
        ...

    def delete(self, remote_id: str, post: Post) -> Removal:
        """Take it away. What is not there any more counts as taken away.

        :returns: whether it is gone, or whether the outlet only says that it took the message.
        :raises CannotTakeBack: if the outlet does not allow it any more.
        """
        ...

    def find(self, post: Post) -> Receipt | None:
        """What became of an attempt that got no answer; ``None`` if the outlet does not have it."""
        ...
