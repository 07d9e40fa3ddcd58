"""Pages a person's feed: home, a course's, a team's, a person's, and one activity.

Every function takes the viewer and answers only with what that viewer may see; what they may not
see and what is not there are the same :class:`~bridge.errors.NotFound`.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import replace

from bridge.errors import NotFound
from bridge.feed import ready
from bridge.feed.look import decorated, look, looked_up, page
from bridge.feed.named import with_mentions
from bridge.feed.sight import Focus
from bridge.model import (
    Activity,
    Audience,
    AudienceKind,
    Choice,
    FeedItem,
    FeedPage,
    Kind,
    Viewer,
)
from bridge.storage import Work
from bridge.visibility import may_name, may_see, may_see_course, visible_keys

MOST_LINES = 100
"""Lines of a digest that its page shows."""
LARGE_TEAM = 200
"""From so many people on, a team's feed is read from what is new, not from its people."""

_LARGEST_ID = 2**31 - 1


def home(work: Work, viewer: Viewer, before: str | None = None, limit: int = 20) -> FeedPage:
    """What is told to everyone, to the viewer's teams and to their courses' people.

    :param before: the cursor of an earlier page; ``None`` begins with the newest.
    :param limit: items, from 1 to 100.
    :raises InputError: if ``before`` is no cursor.
    """
    keys = visible_keys(viewer)
    found = page(lambda at, size: ready.walk(work, viewer, keys, at, size), before, limit)
    return replace(found, items=tuple(with_mentions(work, viewer, found.items)))


def course_feed(
    work: Work, viewer: Viewer, course_id: int, before: str | None = None, limit: int = 20
) -> FeedPage:
    """What is told about a course to an audience of the viewer's, or to its people.

    Whoever sees the course in the LMS's catalogue may open it; it shows what they may see.

    :raises NotFound: if the LMS does not show the course to the viewer.
    :raises InputError: if ``before`` is no cursor.
    """
    course = work.feed.courses([_possible(course_id)]).get(course_id)
    if course is None or not may_see_course(viewer, course):
        raise _not_found("course")
    keys = visible_keys(viewer)
    return looked_up(
        work,
        viewer,
        lambda at, size: work.feed.course(course_id, keys, at, size, viewer.person_id),
        before,
        limit,
    )


def team_feed(
    work: Work, viewer: Viewer, team_id: int, before: str | None = None, limit: int = 20
) -> FeedPage:
    """What is told to a team, and what everyone is told that names one of its people.

    It is open to the team's people and leaders: an LMS does not tell others who is in a cohort.

    :raises NotFound: if there is no such team, or the viewer is not of it.
    :raises InputError: if ``before`` is no cursor.
    """
    team = work.feed.teams([_possible(team_id)]).get(team_id)
    if team is None or team.connection_id != viewer.connection_id:
        raise _not_found("team")
    if not may_see(viewer, Audience(AudienceKind.TEAM, team_id)):
        raise _not_found("team")
    everyone = Audience(AudienceKind.EVERYONE, viewer.connection_id).key
    return looked_up(
        work,
        viewer,
        lambda at, size: work.feed.team(
            team, everyone, at, size, viewer.person_id, large=team.size >= LARGE_TEAM
        ),
        before,
        limit,
        Focus(team_id=team_id),
    )


def person_feed(
    work: Work, viewer: Viewer, person_id: int, before: str | None = None, limit: int = 20
) -> FeedPage:
    """What a person finished, as far as they are named to the viewer, and what they said.

    It is open to the person, to who shares a team or a course with them, to who was told something
    by them, and to everybody of the connection if they agreed to that.

    :raises NotFound: if there is no such person, they left, or the viewer does not meet them.
    :raises InputError: if ``before`` is no cursor.
    """
    keys = visible_keys(viewer)
    found = work.feed.person_card(viewer.connection_id, _possible(person_id), viewer.person_id)
    if found is None or not _may_open(work, viewer, person_id, found[1], keys):
        raise _not_found("person")
    return looked_up(
        work,
        viewer,
        lambda at, size: work.feed.person(person_id, keys, at, size, viewer.person_id),
        before,
        limit,
        Focus(person_id=person_id),
    )


def one(work: Work, viewer: Viewer, uid: str) -> FeedItem:
    """One activity.

    :raises NotFound: if there is none with that uid that the viewer may see.
    """
    (item,) = decorated(work, viewer, [visible(work, viewer, uid)])
    return item


def these(work: Work, viewer: Viewer, activity_ids: Collection[int]) -> dict[int, FeedItem]:
    """Those of the activities that the viewer may see, by id; without their comments."""
    if not activity_ids:
        return {}
    items = look(work, viewer, work.feed.entries(activity_ids, viewer.person_id))
    return {item.activity.id: item for item in with_mentions(work, viewer, items)}


def digest(work: Work, viewer: Viewer, uid: str) -> tuple[Activity, FeedPage]:
    """A digest that an outlet got, with all of what it lists that the viewer may see.

    Its readers come by its link. It names nobody by itself, and each of its lines is looked at as
    everywhere.

    :raises NotFound: if it is no digest, or not one of the viewer's connection.
    """
    found = work.feed.by_uid(uid)
    ours = found is not None and found.connection_id == viewer.connection_id
    if found is None or not ours or found.kind is not Kind.DIGEST:
        raise _not_found("item")
    ids = work.delivery.lines([found.id]).get(found.id, [])[:MOST_LINES]
    items = look(work, viewer, work.feed.entries(ids, viewer.person_id))
    return found, FeedPage(tuple(decorated(work, viewer, items)))


def visible(work: Work, viewer: Viewer, uid: str) -> FeedItem:
    """One activity without its cheers and comments: for whoever wants to say something to it.

    :raises NotFound: if there is none with that uid that the viewer may see.
    """
    try:
        key = str(uuid.UUID(uid))
    except ValueError as error:
        raise _not_found("item") from error
    entry = work.feed.entry(key, viewer.person_id)
    items = [] if entry is None else look(work, viewer, [entry])
    if not items:
        raise _not_found("item")
    return items[0]


def newest(work: Work, viewer: Viewer) -> str:
    """A mark that changes whenever the first page of the home feed looks different.

    It is made of all that the page shows, so a name that was withdrawn never stays in a cache.
    """
    return mark(home(work, viewer))


def mark(feed_page: FeedPage) -> str:
    """A mark that is the same for two pages that show the same: 32 letters and digits."""
    return hashlib.sha256(repr(feed_page).encode()).hexdigest()[:32]


def _possible(ident: int) -> int:
    """The id, if a database could hold it: an address may name any number."""
    if not 0 < ident <= _LARGEST_ID:
        raise _not_found("page")
    return ident


def _may_open(
    work: Work, viewer: Viewer, person_id: int, choice: Choice | None, keys: list[str]
) -> bool:
    return (
        person_id == viewer.person_id
        or may_name(choice, AudienceKind.EVERYONE)
        or work.feed.acquainted(viewer.person_id, person_id, keys)
    )


def _not_found(what: str) -> NotFound:
    return NotFound(f"There is no such {what}.", "It may have been removed, or is not for you.")
