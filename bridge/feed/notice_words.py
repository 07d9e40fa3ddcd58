"""A notice in one sentence of plain English, for a page and for a letter. Pure."""

from __future__ import annotations

import textwrap

from bridge.feed.notices import Group
from bridge.model import AGGREGATES, FeedItem, Kind


def sentence(group: Group) -> str:
    """ "Bob Brown and 2 others commented on your post “…”", without a full stop.

    It is not escaped for anything. Cheers are counted: the feed does not say whose they are.
    """
    count = len(group.actors)
    about = _about(group)
    match group.kind:
        case "cheer":
            return f"{'Somebody' if count == 1 else f'{count} people'} cheered {about}"
        case "answer":
            return f"{_who(group)} answered your comment on {about}"
        case "mention":
            return f"{_who(group)} mentioned you in {about}"
        case _:
            return f"{_who(group)} commented on {about}"


def excerpt(group: Group, longest: int = 160) -> str:
    """The beginning of the newest comment, in one line; of a cheer nothing."""
    return textwrap.shorten(group.text, longest, placeholder="…")


def _who(group: Group) -> str:
    names = [_plain(card.name, 60) for card in group.actors]
    if len(names) > 3:
        return f"{names[0]} and {len(names) - 1} others"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _about(group: Group) -> str:
    item, mine = group.item, group.kind in ("comment", "cheer")
    whose, text = "your" if mine else "the", f"“{_plain(item.activity.text, 80)}”"
    match item.activity.kind:
        case kind if kind in AGGREGATES:
            return f"what you finished: {_course(item)}" if mine else _course(item)
        case Kind.DISCUSSION if item.discussion:
            return f"{whose} discussion “{_plain(item.discussion.title, 80)}”"
        case Kind.REPLY:
            return f"{whose} answer {text}"
        case Kind.SHARE if item.course:
            return f"{whose} recommendation of {_course(item)}"
        case Kind.SHARE:
            return f"{whose} recommendation {text}"
        case Kind.POST:
            return f"{whose} post {text}"
        case _:
            return _course(item)


def _course(item: FeedItem) -> str:
    return _plain(item.course.name, 80) if item.course else "a course"


def _plain(text: str, longest: int) -> str:
    return textwrap.shorten(text, longest, placeholder="…")
