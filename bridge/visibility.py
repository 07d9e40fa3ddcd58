"""Who may see what of whom: pure rules, asked wherever something is read, projected or sent.

Reads filter by these rules, and a worker asks them again just before it sends. They bind every
other person's view, leaders' and admins' pages included.
"""

from __future__ import annotations

import re

from bridge.errors import NotAllowed
from bridge.model import Audience, AudienceKind, Choice, Course, Viewer

FEW = 5
"""Fewer people than this are never counted in public: a small number points at persons."""

_COMPULSORY = re.compile(
    r"\b(mandatory|compulsory|compliance|required|statutory|pflicht\w*|verpflichtend\w*"
    r"|obligat\w*|conformit\w*)\b",
    re.IGNORECASE,
)


GUEST = "guest"
"""The user name of the account that an LMS lends to whoever has none."""


def is_guest(username: str | None) -> bool:
    """Whether it is the guest account: no person, never named and never a viewer."""
    return username is not None and username.strip().casefold() == GUEST


def effective(choice: Choice | None, never_named: bool) -> Choice | None:
    """What counts of a choice: of somebody who is never named (minors, exceptions that a works
    council agreed), nothing but *nobody*, whatever they chose before."""
    return Choice.NOBODY if never_named else choice


def check_may_write(viewer: Viewer) -> None:
    """Whatever is said here stands with a name, so who is never named says nothing here.

    :raises NotAllowed: for them.
    """
    if viewer.never_named:
        raise NotAllowed(
            "Your organisation has set that your name is not shown here, and what is written here"
            " stands with a name.",
            "You can read, cheer, and write in the forums of your courses.",
        )


def may_name(choice: Choice | None, audience: AudienceKind, *, never_named: bool = False) -> bool:
    """Whether a person who chose ``choice`` may be named to ``audience``.

    A course's people are a group the person did not choose; they are covered by *everyone*. What is
    told to one outlet's readers names nobody by itself: its lines are asked about one by one.
    """
    match effective(choice, never_named):
        case Choice.PUBLIC:
            return audience is not AudienceKind.OUTLET
        case Choice.EVERYONE:
            return audience not in (AudienceKind.PUBLIC, AudienceKind.OUTLET)
        case Choice.TEAMS:
            return audience is AudienceKind.TEAM
        case _:
            return False


def shown_count(count: int, group: int) -> int | None:
    """``count`` of a ``group`` if it may be shown, else ``None``.

    The rule of five: a number about people who have not agreed to be named is shown only if it and
    its complement in the group are five or more.
    """
    return count if count >= FEW and group - count >= FEW else None


def visible_audiences(viewer: Viewer) -> tuple[Audience, ...]:
    """The audiences the viewer belongs to: everyone of the connection, their teams, their courses.

    A leader sees a team they lead; a role opens nothing here, because consent was given to people,
    not to offices.
    """
    return tuple(Audience.of(key) for key in visible_keys(viewer))


def visible_keys(viewer: Viewer) -> list[str]:
    """The keys of :func:`visible_audiences`, in which every page of a feed is looked for."""
    return [
        f"everyone:{viewer.connection_id}",
        *(f"team:{team}" for team in sorted(viewer.team_ids | viewer.led_team_ids)),
        *(f"course:{course}" for course in sorted(viewer.course_ids)),
    ]


def may_see(viewer: Viewer, audience: Audience) -> bool:
    """Whether the viewer belongs to the audience."""
    match audience.kind:
        case AudienceKind.PUBLIC | AudienceKind.EVERYONE:
            return audience.id == viewer.connection_id
        case AudienceKind.TEAM:
            return audience.id in viewer.team_ids or audience.id in viewer.led_team_ids
        case AudienceKind.COURSE:
            return audience.id in viewer.course_ids
        case AudienceKind.OUTLET:
            return False


def may_see_course(viewer: Viewer, course: Course) -> bool:
    """Never wider than the LMS: a visible course is in its catalogue, a hidden one in none."""
    return course.connection_id == viewer.connection_id and course.visible and not course.gone


def covers(outlet: Audience, audience: Audience) -> bool:
    """Whether everybody at ``outlet`` may see what was told to ``audience``.

    An item for everyone may go to a team's outlet; a team's item never goes to everyone's.
    """
    if audience.kind is AudienceKind.PUBLIC:
        return True
    if audience.kind is AudienceKind.EVERYONE:
        return outlet.kind is not AudienceKind.PUBLIC and (
            outlet.kind is not AudienceKind.EVERYONE or outlet.id == audience.id
        )
    return outlet == audience


def is_mandatory(category_names: tuple[str, ...]) -> bool:
    """Whether a course under these categories is, by their names, one that people must take.

    It is the default of the course policy; an admin can say otherwise.
    """
    return any(_COMPULSORY.search(name) for name in category_names)
