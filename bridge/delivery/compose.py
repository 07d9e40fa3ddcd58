"""An activity in words for one outlet, with consent asked once more: pure.

The feed asked when it projected the activity, and people may have changed their minds since. So
the same rules are put to the outlet's audience here, just before something leaves. What is composed
is plain text; making it harmless for its outlet is the publisher's work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.activitystreams import activity_object, contained, digest_object, headline
from bridge.delivery.routing import FROM_THE_LMS, may_go
from bridge.mentions import pieces, plain
from bridge.model import (
    AGGREGATES,
    About,
    Activity,
    Audience,
    AudienceKind,
    Course,
    Delivery,
    Discussion,
    Kind,
    Outlet,
    PersonCard,
    Post,
)
from bridge.storage.contents import Content, Member
from bridge.visibility import covers, may_name, shown_count

Link = Callable[[str], str]

NAMES = 3
NEWS_OF_A_COURSE = AGGREGATES | {Kind.COURSE}
"""Kinds that tell of a course which is announced, and of no other."""

LINES = 10
"""Lines of a digest that an outlet shows; the others are a number and a link."""
LONGEST_DIGEST = 2_000
"""Characters of a digest's text, unless the outlet shows fewer: every other one takes as many."""
TITLE = 200
"""Characters of a title: no outlet shows more in one line."""


@dataclass(frozen=True)
class Shown:
    """What of a content may be said at an outlet."""

    activity: Activity
    actor: PersonCard | None = None
    behalf_of: PersonCard | None = None
    names: tuple[PersonCard, ...] = ()
    named: int = 0
    others: int | None = None
    course: Course | None = None
    discussion: Discussion | None = None
    about: About | None = None
    site_name: str = ""
    completed_at: datetime | None = None
    """When the newest of those named finished, where the LMS says so."""


@dataclass(frozen=True)
class Listed:
    """What of a digest may be said at its outlet."""

    activity: Activity
    lines: tuple[Shown, ...]
    unread: int
    """How many it lists that nobody looked at, for there are too many."""
    site_name: str
    audience: Audience
    """Who reads it there."""


def shown(content: Content, outlet: Outlet) -> Shown | Listed | None:
    """What may be said of it at the outlet, or ``None`` if nothing (any more)."""
    if not may_go(content.activity, outlet, chosen=True):
        return None
    if content.activity.kind is Kind.DIGEST:
        return _listed(content, outlet)
    return _shown(content, outlet)


def _listed(content: Content, outlet: Outlet) -> Listed | None:
    """A digest with those of its lines that may be shown there, each by its own people's choice."""
    may = [one for one in content.lines if may_go(one.activity, outlet, chosen=False)]
    lines = tuple(seen for one in may if (seen := _shown(one, outlet)) is not None)
    if not lines:
        return None
    return Listed(content.activity, lines, content.unread, content.site_name, outlet.audience)


def _shown(content: Content, outlet: Outlet) -> Shown | None:
    activity = content.activity
    course = content.course
    if course is not None and (not course.visible or course.gone):
        if activity.kind is not Kind.SHARE:
            return None
        course = None  # A share's text stays when its course is hidden; the course goes.
    if activity.kind in NEWS_OF_A_COURSE and (course is None or course.mandatory):
        return None
    if activity.kind is Kind.MILESTONE and course is not None and course.mandatory:
        return None
    if activity.kind in (Kind.DISCUSSION, Kind.REPLY) and content.discussion is None:
        return None
    if content.mentions:
        named = [m.spot for m in content.mentions if _may_name(m.member, activity, outlet)]
        activity = replace(activity, text=plain(pieces(activity.text, named)))
    seen = Shown(
        activity=activity,
        actor=_actor(content.actor, activity, outlet),
        behalf_of=content.behalf_of,
        course=course,
        discussion=content.discussion,
        about=_about(content),
        site_name=content.site_name,
    )
    return _aggregate(seen, content, outlet) if activity.kind in AGGREGATES else seen


def _about(content: Content) -> About | None:
    """What a share is about, which everybody whom the share was told to may see."""
    found = content.about
    return found if found and covers(content.activity.audience, found.audience) else None


def _actor(actor: Member | None, activity: Activity, outlet: Outlet) -> PersonCard | None:
    """Who did it: people put their names to what they write here, not to what they wrote there."""
    if actor is None or (activity.kind in FROM_THE_LMS and not _may_name(actor, activity, outlet)):
        return None
    return actor.card


def _may_name(member: Member, activity: Activity, outlet: Outlet) -> bool:
    return all(
        may_name(member.choice, kind) for kind in (activity.audience.kind, outlet.audience.kind)
    )


def _aggregate(seen: Shown, content: Content, outlet: Outlet) -> Shown | None:
    activity = content.activity
    members = [m for m in content.members if _may_name(m, activity, outlet)]
    # Those who are not named did not agree to be told of in public, as a number either.
    public = outlet.audience.kind is AudienceKind.PUBLIC
    others = None if public else shown_count(activity.others, activity.group)
    if not members and others is None:
        return None
    return replace(
        seen,
        names=tuple(m.card for m in members[:NAMES]),
        named=len(members),
        others=others,
        completed_at=members[0].completed_at if members else None,
    )


def compose(seen: Shown | Listed, delivery: Delivery, link: Link, longest: int = 0) -> Post:
    """The post of what may be shown.

    :param longest: characters of a text that the outlet shows, where that is little.
    """
    if isinstance(seen, Listed):
        return _digest(seen, delivery, link, longest)
    activity, course, discussion = seen.activity, seen.course, seen.discussion
    title = headline(**vars(seen))
    text = title
    thread = reply_to = ""
    if activity.kind in (Kind.SHARE, Kind.POST):
        text = f"{_byline(seen)}:\n\n{activity.text}"
    if activity.kind is Kind.REPLY and discussion is not None:
        title = f"Re: {discussion.title}"
        # Its author there is the bridge's own account, so the text says whose answer it is.
        text = f"Answer from {_byline(seen)}:\n\n{activity.text}"
        thread, reply_to = str(discussion.lms_id), str(discussion.first_post_lms_id)
    about = (course.url, course.name) if course is not None else ("", "")
    if discussion is not None:
        about = (discussion.url, discussion.title)
    if seen.about is not None:
        about = (link(f"/a/{seen.about.uid}"), f"See {seen.about.what}")
    return Post(
        key=delivery.key,
        revision=activity.revision,
        title=_one_line(title),
        text=text,
        url=link(f"/a/{activity.uid}"),
        link=about[0],
        link_title=_one_line(about[1]),
        author=_byline(seen) if seen.actor is not None else "",
        published=activity.published,
        activity=activity_object(**vars(seen), link=link),
        reply_to=reply_to,
        thread=thread,
    )


def _digest(seen: Listed, delivery: Delivery, link: Link, longest: int) -> Post:
    activity = seen.activity
    title = _one_line(headline(activity, site_name=seen.site_name))
    said = [_one_line(headline(**vars(line))) for line in seen.lines]
    told, text = fitted(said, seen.unread, longest or LONGEST_DIGEST)
    items = [activity_object(**vars(line), link=link) for line in seen.lines[:told]]
    total = len(said) + seen.unread
    return Post(
        key=delivery.key,
        revision=activity.revision,
        title=title,
        text=text,
        url=link(f"/a/{activity.uid}"),
        published=activity.published,
        activity=digest_object(activity, title, items, total, seen.audience, link=link),
    )


def fitted(lines: Sequence[str], unread: int, longest: int) -> tuple[int, str]:
    """How many of a digest's lines are told, and its text of at most ``longest`` characters (but
    always with one line): those lines, and how many more there are in the feed."""
    for told in range(min(len(lines), LINES), 0, -1):
        rest = len(lines) - told + unread
        text = "\n".join(f"• {line}" for line in lines[:told])
        text += f"\n\nAnd {rest} more in the feed." if rest else ""
        if len(text) <= longest or told == 1:
            return told, text
    return 0, ""


def withdrawal(content: Content, delivery: Delivery, link: Link) -> Post:
    """The post that takes one away: which one it is, and not a word of what it said."""
    activity = content.activity
    return Post(
        key=delivery.key,
        revision=activity.revision,
        title="",
        text="",
        url=link(f"/a/{activity.uid}"),
        reply_to=_answers(content),
        thread=str(content.discussion.lms_id) if content.discussion else "",
    )


def _answers(content: Content) -> str:
    if content.activity.kind is not Kind.REPLY or content.discussion is None:
        return ""
    return str(content.discussion.first_post_lms_id)


def _byline(seen: Shown) -> str:
    who = _one_line(seen.actor.name) if seen.actor else "Somebody"
    if seen.behalf_of is None:
        return who
    return f"{who} on behalf of {_one_line(seen.behalf_of.name)}"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return contained(line if len(line) <= TITLE else line[: TITLE - 1].rstrip() + "…")
