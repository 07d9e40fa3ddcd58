"""What may be said, to whom and about what: pure rules of the desk."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from bridge.errors import InputError, NotAllowed
from bridge.model import ABOUT, About, Audience, AudienceKind, Course, Kind, Viewer
from bridge.visibility import covers, may_see, may_see_course

LONGEST = 4_000
"""Characters of a share or a reply: longer ones belong in the LMS."""

LONGEST_WHY = 400
"""Characters of the reason for a dismissal."""

SAME_CLICK = timedelta(minutes=10)
"""The same words by the same person about the same thing, so soon, are one act sent twice."""

HISTORY = timedelta(weeks=8)
"""How far back a leader sees what became of their shares."""

AFTERWARDS = timedelta(days=14)
"""For how long after a share completions of its course are counted beside it."""

BEFOREHAND = 2 * AFTERWARDS
"""How long before a share says what was usual."""

_LAYOUT = "\n\t"
# These turn the direction of everything that follows, names and links of the page included.
_OVERRIDES = "\u202d\u202e"


def clean(text: str) -> str:
    """``text`` without control characters and without white space around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        c
        for c in lines
        if c in _LAYOUT or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in _OVERRIDES)
    )
    return "".join(kept).strip()


def said(text: str) -> str:
    """The cleaned text of a share or a reply.

    :raises InputError: if nothing readable is left, or more than :data:`LONGEST` characters.
    """
    kept = clean(text)
    if not any(c.isprintable() and not c.isspace() for c in kept):
        raise InputError("There is no text.", "Write a sentence of your own first.")
    if len(kept) > LONGEST:
        raise InputError(
            f"The text has {len(kept):,} characters, and at most {LONGEST:,} fit.", "Shorten it."
        )
    return kept


def why_not(text: str) -> str:
    """The cleaned reason for a dismissal, which may be empty.

    :raises InputError: if it has more than :data:`LONGEST_WHY` characters.
    """
    kept = clean(text)
    if len(kept) > LONGEST_WHY:
        raise InputError(
            f"The reason has {len(kept):,} characters, and at most {LONGEST_WHY} fit.",
            "Shorten it, or leave it out.",
        )
    return kept


def check_leads(viewer: Viewer) -> None:
    """Only who leads a team shares.

    :raises NotAllowed: for everybody else.
    """
    if not viewer.is_leader:
        raise NotAllowed(
            "Only leaders of a team share from the desk.",
            "Write a post in the feed, or ask an admin to make you a leader of your team.",
        )


def check_audience(viewer: Viewer, audience: Audience) -> None:
    """A share goes to everyone of the connection or to a team that the viewer leads or is in.

    :raises InputError: for any other audience.
    """
    known = audience.kind in {AudienceKind.TEAM, AudienceKind.EVERYONE}
    if not (known and may_see(viewer, audience)):
        raise InputError(
            "You cannot share with these people.", "Choose everyone, or a team of yours."
        )


def check_course(viewer: Viewer, course: Course | None) -> Course:
    """The course, if the people it is shared with can find it in the LMS.

    :raises InputError: if it is not there, is hidden, or is of another LMS.
    """
    if course is None or not may_see_course(viewer, course):
        raise InputError(
            "The people you share with cannot see this course.",
            "Choose a course that is visible in the LMS.",
        )
    return course


def check_about(viewer: Viewer, audience: Audience, about: About | None) -> About:
    """The activity, if it is there, is somebody else's, and all of the audience may see it.

    Never wider than what was told: about something for everyone a share goes to anybody, about a
    team's to that team, and about a discussion to the people of its course.

    :raises InputError: if it is not so.
    """
    if about is None or not may_see(viewer, about.audience):
        raise InputError(
            "What you want to share is no longer there.",
            "It was removed or hidden. Take another suggestion.",
        )
    own = viewer.person_id in (about.actor_id, about.behalf_of_id)
    if own or about.kind not in ABOUT:
        raise InputError("This cannot be shared from the desk.", "Take another suggestion.")
    to_course = audience.kind is AudienceKind.COURSE and about.kind is Kind.DISCUSSION
    if not (to_course and audience == about.audience):
        check_audience(viewer, audience)
    if not covers(audience, about.audience):
        raise InputError(
            "Not all of these people can see what it is about.",
            "Choose the people whom it was told to.",
        )
    return about


def may_answer(viewer: Viewer, course: Course) -> bool:
    """Whether the viewer may read, and so answer, the forums of the course."""
    return may_see_course(viewer, course) and may_see(
        viewer, Audience(AudienceKind.COURSE, course.id)
    )
