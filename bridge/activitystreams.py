"""An activity in the words of others: ActivityStreams 2.0, and one English sentence.

The vocabulary is that of https://www.w3.org/TR/activitystreams-vocabulary/. What it has no word for
is a completion: that is an ``Activity`` with the extension type ``Completed``, the xAPI verb, as
§ 2.1 of the core asks of extensions. In short:

==============  =================================  ==========================================
kind            ``type``                           ``object``
==============  =================================  ==========================================
completion      ``["Activity", "Completed"]``      the course, a ``Page``
renewal         ``["Activity", "Completed"]``      the course, a ``Page``
milestone       ``["Activity", "Completed"]``      the course, or a ``Collection``
new course      ``Create``, by the LMS             the course, a ``Page``
discussion      ``Create``                         a ``Note`` with a ``name``
share           ``Announce`` with ``content``      the course, a ``Page``, or the address of the
                                                   activity that it is about
post            ``Create``                         a ``Note``, or a ``Question``
reply           ``Create``                         a ``Note`` with ``inReplyTo``
digest          an ``OrderedCollection``           of the activities above
==============  =================================  ==========================================

Several people are one actor, a ``Collection``: those named are its ``items``, and ``totalItems``
counts the others too. The text of people is escaped where the vocabulary says HTML (``content``,
``summary``) and left plain where it says plain text (``name``).

Nothing here decides who may be named: it words what :mod:`bridge.visibility` left over.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bridge.model import (
    About,
    Activity,
    Audience,
    AudienceKind,
    Course,
    Discussion,
    Kind,
    PersonCard,
)

CONTEXT: list[Any] = [
    "https://www.w3.org/ns/activitystreams",
    {"Completed": "http://adlnet.gov/expapi/verbs/completed"},
]
_END_OF_ISOLATE = "\u2069"
_DIRECTIONS = dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c")
_DIRECTIONS |= dict.fromkeys("\u2066\u2067\u2068", _END_OF_ISOLATE)
"""Characters that turn the text after them → the one that ends it."""
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
MEDIA_TYPE = "application/activity+json"

Link = Callable[[str], str]


def activity_object(
    activity: Activity,
    *,
    link: Link,
    actor: PersonCard | None = None,
    names: Sequence[PersonCard] = (),
    named: int = 0,
    others: int | None = None,
    course: Course | None = None,
    discussion: Discussion | None = None,
    site_name: str = "",
    behalf_of: PersonCard | None = None,
    completed_at: datetime | None = None,
    about: About | None = None,
) -> dict[str, Any]:
    """The activity as an ActivityStreams 2.0 object, ready for ``json.dumps``.

    ``link`` makes an absolute address of a path of the bridge. The other arguments are as in
    :class:`~bridge.model.FeedItem`: what may be shown, and nothing more. When somebody finished is
    its ``endTime``, when it was told ``published``. An activity that is gone is a ``Tombstone``.
    """
    ident = link(f"/a/{activity.uid}")
    if activity.gone:
        return {
            "@context": CONTEXT,
            "id": ident,
            "type": "Tombstone",
            "deleted": _time(activity.updated),
        }
    sentence = headline(
        activity,
        actor=actor,
        names=names,
        named=named,
        others=others,
        course=course,
        discussion=discussion,
        site_name=site_name,
        behalf_of=behalf_of,
        about=about,
    )
    page = None if course is None else _page(course, link)
    result: dict[str, Any] = {
        "@context": CONTEXT,
        "id": ident,
        "type": "Create",
        "actor": _actor(actor, names, named, others, link),
        "summary": html.escape(sentence),
        "published": _time(activity.published),
        "updated": _time(activity.updated),
        "to": [_audience(activity.audience, link)],
        "url": ident,
        "endTime": None if completed_at is None else _time(completed_at),
    }
    match activity.kind:
        case Kind.COMPLETION | Kind.RENEWAL:
            result |= {"type": ["Activity", "Completed"], "object": page}
        case Kind.MILESTONE:
            group = {"type": "Group", "id": _audience(activity.audience, link)}
            by = group | {"name": activity.title} if page is None else _crowd(activity.number)
            result |= {"type": ["Activity", "Completed"], "actor": _clean(by)}
            result |= {"object": _crowd(activity.number) if page is None else page}
        case Kind.COURSE:
            site = {"type": "Service", "id": link("/"), "name": site_name}
            result |= {"actor": _clean(site), "object": page}
        case Kind.SHARE if page is not None:
            result |= {"type": "Announce", "object": page, "content": _html(activity.text)}
        case Kind.SHARE if about is not None:
            # Only its address: what it says, and to whom, is for its own page.
            shared = {"type": "Announce", "object": link(f"/a/{about.uid}")}
            result |= {**shared, "content": _html(activity.text)}
        case Kind.DISCUSSION:
            result |= {"object": _discussion(discussion, actor, page, link)}
        case _:
            note = _note(activity, actor, link, ident)
            if activity.kind is Kind.REPLY and discussion is not None:
                note["inReplyTo"] = _address(discussion.url)
            result |= {"object": _clean(note)}
    if behalf_of is not None:
        result["attributedTo"] = _person(behalf_of, link)
    if page is not None and result.get("object") != page:
        result["context"] = page
    return _clean(result)


def digest_object(
    activity: Activity,
    title: str,
    items: Sequence[Mapping[str, Any]],
    total: int,
    audience: Audience,
    *,
    link: Link,
) -> dict[str, Any]:
    """A digest: its lines as a collection, those that are told first.

    :param items: as of :func:`activity_object`. :param total: how many there are with the rest.
    """
    ident = link(f"/a/{activity.uid}")
    lines = [{key: value for key, value in item.items() if key != "@context"} for item in items]
    return {
        "@context": CONTEXT,
        "id": ident,
        "type": "OrderedCollection",
        "name": title,
        "totalItems": total,
        "orderedItems": lines,
        "published": _time(activity.published),
        "updated": _time(activity.updated),
        "to": [_audience(audience, link)],
        "url": ident,
    }


def headline(
    activity: Activity,
    *,
    actor: PersonCard | None = None,
    names: Sequence[PersonCard] = (),
    named: int = 0,
    others: int | None = None,
    course: Course | None = None,
    discussion: Discussion | None = None,
    site_name: str = "",
    behalf_of: PersonCard | None = None,
    completed_at: datetime | None = None,
    about: About | None = None,
) -> str:
    """The activity as one sentence of plain text, without a full stop.

    "Ana Rossi and 7 others finished Giving feedback". It is not escaped for anything. The arguments
    are those of :func:`activity_object`; of times the sentence says nothing.
    """
    who = _plain(actor.name) if actor else "Somebody"
    if behalf_of is not None:
        who = f"{who} (for {_plain(behalf_of.name)})"
    where = _plain(course.name) if course else "a course"
    title = _plain(discussion.title) if discussion else "a discussion"
    match activity.kind:
        case Kind.COMPLETION:
            return f"{_people(names, named, others)} finished {where}"
        case Kind.RENEWAL:
            return f"{_people(names, named, others)} renewed {where}"
        case Kind.MILESTONE if course is not None:
            return f"{activity.number:,} people have finished {where}"
        case Kind.MILESTONE:
            who = _plain(activity.title) or "The team"
            return f"{who} has finished {activity.number:,} courses together"
        case Kind.COURSE:
            return f"New at {_plain(site_name)}: {where}" if site_name else f"New course: {where}"
        case Kind.DISCUSSION:
            return f"{who} started a discussion in {where}: {title}"
        case Kind.SHARE if about is not None:
            return f"{who} shared {about.what}"
        case Kind.SHARE:
            return f"{who} shared {where}" if course else f"{who} shared: {_plain(activity.text)}"
        case Kind.REPLY:
            return f"{who} answered {title} in {where}"
        case Kind.POST:
            verb = "asked" if activity.question else "wrote"
            return f"{who} {verb}: {_plain(activity.text)}"
        case Kind.DIGEST:
            what = f"Learning at {_plain(site_name)}" if site_name else "Learning"
            return f"{what}, {activity.day:%-d %B}" if activity.day else what


def _people(names: Sequence[PersonCard], named: int, others: int | None) -> str:
    """Up to three people by name; more than that are one name and a number."""
    total = max(named, len(names)) + (others or 0)
    known = [_plain(card.name) for card in names]
    if not known:
        return "Somebody" if total < 1 else f"{total} people"
    if total > min(len(known), 3):
        rest = total - 1
        return f"{known[0]} and {rest} {'other' if rest == 1 else 'others'}"
    return known[0] if total == 1 else f"{', '.join(known[:-1])} and {known[-1]}"


def contained(text: str) -> str:
    """A name or title that cannot turn the words around it: each direction that it opens ends.

    https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings
    """
    open_ends: list[str] = []
    for character in text:
        if character in _DIRECTIONS:
            open_ends.append(_DIRECTIONS[character])
        elif character in open_ends:
            # The end of an isolate ends all that was opened in it, too.
            last = len(open_ends) - 1 - open_ends[::-1].index(character)
            if character == _END_OF_ISOLATE or last == len(open_ends) - 1:
                del open_ends[last:]
    return text + "".join(reversed(open_ends))


def _plain(text: str) -> str:
    """One line, not endless."""
    return contained(textwrap.shorten(text, 120, placeholder="…"))


def _html(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _address(url: str) -> str | None:
    """A web address, or nothing: an address of another scheme can run in the reader's page."""
    return url if url.startswith(("http://", "https://")) else None


def _audience(audience: Audience, link: Link) -> str:
    match audience.kind:
        case AudienceKind.PUBLIC:
            return PUBLIC
        case AudienceKind.EVERYONE:
            return link("/")
        case AudienceKind.TEAM:
            return link(f"/teams/{audience.id}")
        case AudienceKind.COURSE:
            return link(f"/courses/{audience.id}")
        case AudienceKind.OUTLET:
            return link("/")


def _person(card: PersonCard, link: Link) -> dict[str, Any]:
    icon = _address(card.photo_url or "")
    return _clean(
        {
            "type": "Person",
            "id": link(f"/people/{card.id}"),
            "name": card.name,
            "icon": {"type": "Image", "url": icon} if icon else None,
        }
    )


def _actor(
    actor: PersonCard | None,
    names: Sequence[PersonCard],
    named: int,
    others: int | None,
    link: Link,
) -> dict[str, Any] | None:
    if actor is not None:
        return _person(actor, link)
    total = max(named, len(names)) + (others or 0)
    if total == 0:
        return None
    if total == 1 and names:
        return _person(names[0], link)
    items = [_person(card, link) for card in names]
    return _clean({"type": "Collection", "totalItems": total, "items": items or None})


def _crowd(count: int) -> dict[str, Any]:
    return {"type": "Collection", "totalItems": count}


def _page(course: Course, link: Link) -> dict[str, Any]:
    return _clean(
        {
            "type": "Page",
            "id": link(f"/courses/{course.id}"),
            "name": course.name,
            "summary": _html(course.summary) or None,
            "url": _address(course.url),
        }
    )


def _discussion(
    discussion: Discussion | None,
    author: PersonCard | None,
    page: dict[str, Any] | None,
    link: Link,
) -> dict[str, Any] | None:
    if discussion is None:
        return None
    return _clean(
        {
            "type": "Note",
            "id": _address(discussion.url),
            "name": discussion.title,
            "content": _html(discussion.text),
            "attributedTo": _person(author, link) if author else None,
            "published": _time(discussion.created_at),
            "url": _address(discussion.url),
            "context": page["id"] if page else None,
            "replies": {"type": "Collection", "totalItems": discussion.replies},
        }
    )


def _note(activity: Activity, author: PersonCard | None, link: Link, ident: str) -> dict[str, Any]:
    return {
        "type": "Question" if activity.question else "Note",
        "id": f"{ident}#text",
        "content": _html(activity.text),
        "attributedTo": _person(author, link) if author else None,
        "published": _time(activity.published),
        "url": ident,
    }


def _clean(thing: dict[str, Any]) -> dict[str, Any]:
    """Without the members that have nothing to say: the vocabulary knows no null."""
    return {key: value for key, value in thing.items() if value is not None and value != ""}
