"""How things are said on a page: times, names, initials, colours, addresses."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, format_time, get_day_names
from babel.numbers import format_decimal
from flask import Flask, g
from flask_babel import get_locale, gettext, ngettext
from markupsafe import Markup, escape

from bridge.model import (
    About,
    Cause,
    Choice,
    ConsentEntry,
    DeliveryState,
    Fate,
    FeedItem,
    Kind,
    PersonCard,
    Viewer,
    WithdrawalReceipt,
)
from bridge.model.api import Scope
from bridge.outlets.kinds import KINDS
from bridge.visibility import shown_count
from bridge.web import here

TINTS = 10
"""How many pairs of colours the stylesheet has for faces and course tiles."""

CELLS = (
    "M0 0h12v12H0z",
    "M0 0a12 12 0 0 1 12 12H0z",
    "M12 0A12 12 0 0 0 0 12h12z",
    "M0 0h12A12 12 0 0 1 0 12z",
    "M0 0a12 12 0 0 0 12 12V0z",
    "M6 0a6 6 0 1 1 0 12A6 6 0 0 1 6 0z",
    "M0 12 12 0v12z",
)
"""The shapes that a course's tile is laid from, on a square of 12."""


def zone() -> tzinfo:
    """The time zone of the person who looks, else the bridge's own, else UTC."""
    looking: Viewer | None = g.get("viewer")
    for name in (looking.timezone if looking else None, here.bridge().config.timezone):
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            # A name may also be that of a folder, or too long for one.
            continue
    return UTC


def ago(at: datetime) -> str:
    """A moment as people say it: *just now*, *2 hours ago*, *yesterday*, *12 November*."""
    seconds = int((here.now() - at).total_seconds())
    local, today = at.astimezone(zone()), here.now().astimezone(zone())
    days = (today.date() - local.date()).days
    if seconds < 60:
        return gettext("just now")
    if seconds < 3600:
        return ngettext("%(num)d minute ago", "%(num)d minutes ago", seconds // 60)
    if days <= 0 or seconds < 6 * 3600:
        return ngettext("%(num)d hour ago", "%(num)d hours ago", seconds // 3600)
    if days == 1:
        return gettext("yesterday")
    if days < 7:
        return ngettext("%(num)d day ago", "%(num)d days ago", days)
    return day(local.date(), with_year=local.year != today.year)


def exact(at: datetime) -> str:
    """The whole truth about a moment, with the zone it is told in."""
    local = at.astimezone(zone())
    name = local.tzname() or ""
    name = f"UTC{name}" if name.startswith(("+", "-")) else name
    return f"{format_datetime(local, 'EEE d MMM y, HH:mm', locale=get_locale())} {name}"


def clock(at: datetime) -> str:
    """The time of day of a moment; the date as well where it is not today."""
    local, today = at.astimezone(zone()), here.now().astimezone(zone())
    time = str(format_time(local, "HH:mm", locale=get_locale()))
    if local.date() == today.date():
        return time
    return f"{day(local.date(), with_year=local.year != today.year)}, {time}"


def day(when: date, with_year: bool = False) -> str:
    """A day: *12 Nov*, or *12 Nov 2025*."""
    return str(format_date(when, "d MMM y" if with_year else "d MMM", locale=get_locale()))


def number(count: float) -> str:
    """A number with the reader's separators."""
    return str(format_decimal(count, locale=get_locale()))


def people_count(count: int, group: int) -> str:
    """How many of a group, as far as the rule of five allows to say it."""
    if shown_count(count, group) is not None:
        return number(count)
    return gettext("few") if 2 * count < group else gettext("nearly all")


def cards(item: FeedItem, looking: Viewer) -> list[PersonCard]:
    """The people that an item names, the one who looks before all others."""
    others = [card for card in item.names if card.id != looking.person_id]
    mine = [PersonCard(looking.person_id, looking.name)] if item.about_me else []
    return mine + others


def initials(name: str) -> str:
    """At most two letters that stand for a person who shows no photo."""
    words = [w for w in name.split() if w[0].isalnum()]
    if not words:
        return "·"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def tint(key: object) -> int:
    """The number of the colours that stand for ``key``, always the same ones.

    Ids that follow one another get colours that differ: they often stand side by side.
    """
    return key % TINTS if isinstance(key, int) else _digest(key)[0] % TINTS


def cover(key: object) -> list[tuple[str, int, int, bool]]:
    """The tile of a course: four shapes with the place and the shade of each."""
    digest = _digest(key)
    return [
        (CELLS[digest[n] % len(CELLS)], x, y, digest[n + 4] % 2 == 1)
        for n, (x, y) in enumerate([(0, 0), (12, 0), (0, 12), (12, 12)], start=1)
    ]


def web_url(url: str | None) -> str:
    """``url`` if a browser may be sent there, else nothing: an LMS may say ``javascript:``."""
    try:
        return url if url and urlsplit(url).scheme in {"http", "https"} else ""
    except ValueError:  # An address that cannot be taken apart is none.
        return ""


def choice_said(choice: Choice) -> str:
    """What follows from a choice, in one sentence, said right after it was made."""
    return {
        Choice.NOBODY: gettext("Nobody sees your name beside what you finish."),
        Choice.TEAMS: gettext("Your teams see your name beside what you finish."),
        Choice.EVERYONE: gettext("Everyone here sees your name beside what you finish."),
        Choice.PUBLIC: gettext("Everybody may see your name beside what you finish."),
    }[choice]


def decision_name(entry: ConsentEntry) -> str:
    """What was decided, as its line in the list says it."""
    if entry.what in set(Choice):
        return choice_name(Choice(entry.what))
    return {
        "never": gettext("Your name stands nowhere"),
        "free": gettext("Your own choice counts again"),
        "undone": gettext("Undone"),
        "hidden": gettext("Hidden: %(course)s", course=entry.course or gettext("one item")),
        "shown": gettext("Shown again: %(course)s", course=entry.course or gettext("one item")),
    }[entry.what]


def origin_name(origin: str) -> str:
    """Who decided."""
    return {
        "person": gettext("by you"),
        "admin": gettext("by an admin"),
        "profile": gettext("by your profile in the LMS"),
        "demo": gettext("by the demo"),
    }.get(origin, origin)


def choice_name(choice: Choice | None) -> str:
    """A consent as people say it."""
    names = {
        Choice.TEAMS: gettext("My teams"),
        Choice.EVERYONE: gettext("Everyone here"),
        Choice.PUBLIC: gettext("Public"),
    }
    return names.get(choice, gettext("Nobody")) if choice else gettext("Nobody")


def state_name(state: DeliveryState) -> str:
    """The state of a delivery as people say it."""
    return {
        DeliveryState.WAITING: gettext("on its way"),
        DeliveryState.SHOWN: gettext("shown"),
        DeliveryState.ACCEPTED: gettext("accepted"),
        DeliveryState.DIGEST: gettext("for the digest"),
        DeliveryState.LISTED: gettext("in a digest"),
        DeliveryState.RETRY: gettext("trying again"),
        DeliveryState.UNKNOWN: gettext("no answer yet"),
        DeliveryState.DEAD: gettext("given up"),
        DeliveryState.GONE: gettext("taken back"),
        DeliveryState.KEPT: gettext("cannot be taken back"),
    }[state]


def with_code(said: str) -> Markup:
    """A sentence of ours, with what stands between backticks as what is typed."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(said))))


_CODE = re.compile("`([^`]+)`")


def kind_name(kind: str) -> str:
    """The kind of a connection or an outlet as people say it."""
    if kind in KINDS:
        return gettext(KINDS[kind].label)
    return {"moodle": "Moodle", "totara": "Totara"}.get(kind, kind)


def activity_kind(kind: str) -> str:
    """What activities of a kind tell, as people say it."""
    names = {
        Kind.COMPLETION: gettext("Completions"),
        Kind.RENEWAL: gettext("Renewals"),
        Kind.MILESTONE: gettext("Milestones"),
        Kind.COURSE: gettext("New courses"),
        Kind.DISCUSSION: gettext("Discussions"),
        Kind.SHARE: gettext("Shares"),
        Kind.POST: gettext("Posts"),
    }
    return names.get(Kind(kind), kind)


def weekday_name(number: int) -> str:
    """The day of the week, 0 for Monday."""
    return str(get_day_names("wide", locale=get_locale())[number])


def cause_name(cause: Cause) -> str:
    """Why something was taken back, as people say it."""
    return {
        Cause.CHOICE: gettext("Shared with fewer people"),
        Cause.ITEM: gettext("One item hidden"),
        Cause.POST: gettext("A post removed"),
        Cause.ERASURE: gettext("A person erased"),
        Cause.PROFILE: gettext("The profile in the LMS says so"),
        Cause.LEFT: gettext("The person left"),
    }[cause]


def fate_name(fate: Fate) -> str:
    """What became of it, as it stands behind a number or alone."""
    return {
        Fate.DELETED: gettext("deleted there"),
        Fate.EDITED: gettext("there without the name"),
        Fate.WAITING: gettext("still to be taken back"),
        Fate.STAYS: gettext("cannot be taken back"),
        Fate.NEVER: gettext("never left"),
    }[fate]


def what_name(kind: Kind) -> str:
    """What an activity tells, in a word or two."""
    return {
        Kind.COMPLETION: gettext("Finished a course"),
        Kind.RENEWAL: gettext("Renewed a course"),
        Kind.MILESTONE: gettext("A milestone"),
        Kind.COURSE: gettext("A new course"),
        Kind.DISCUSSION: gettext("A discussion"),
        Kind.SHARE: gettext("A share"),
        Kind.REPLY: gettext("An answer"),
        Kind.DIGEST: gettext("A digest"),
    }.get(kind, gettext("A post"))


def about_name(about: About) -> str:
    """The activity that a share or a suggestion is about, within a sentence."""
    return {
        Kind.DISCUSSION: gettext("a discussion"),
        Kind.MILESTONE: gettext("a milestone"),
        Kind.POST: gettext("a colleague's post"),
        Kind.SHARE: gettext("a colleague's share"),
    }.get(about.kind, gettext("an achievement"))


def receipt_word(receipt: WithdrawalReceipt) -> str:
    """How a withdrawal stands, in one line."""
    if not receipt.total:
        return gettext("nothing stood at any outlet")
    parts = [
        ngettext("taken back in %(num)s place", "taken back in %(num)s places", receipt.removed)
    ]
    if receipt.waiting:
        parts.append(gettext("%(count)s still to go", count=receipt.waiting))
    if receipt.stays:
        parts.append(gettext("%(count)s cannot be", count=receipt.stays))
    if receipt.never:
        parts.append(gettext("%(count)s never left", count=receipt.never))
    return ", ".join(parts)


def _digest(key: object) -> bytes:
    return hashlib.blake2s(str(key).encode(), digest_size=16).digest()


def scope_said(scope: Scope) -> str:
    """What a scope lets a program do, in words."""
    return {
        Scope.READ: gettext("Read what you may read"),
        Scope.WRITE: gettext("Post, comment, cheer and follow as you"),
        Scope.ME: gettext("See and change your own settings, take your data along, erase you"),
        Scope.LEAD: gettext("Work at your desk, or at that of a leader whom you help"),
        Scope.MODERATE: gettext("Decide about what was reported"),
        Scope.ADMIN: gettext("Do everything that admins do"),
    }[scope]


def init_app(app: Flask) -> None:
    """Give every template these words."""
    filters: dict[str, Any] = {
        "ago": ago,
        "exact": exact,
        "clock": clock,
        "day": day,
        "number": number,
        "people_count": people_count,
        "cards": cards,
        "initials": initials,
        "tint": tint,
        "cover": cover,
        "scope_said": scope_said,
        "web_url": web_url,
        "choice_name": choice_name,
        "decision_name": decision_name,
        "origin_name": origin_name,
        "state_name": state_name,
        "with_code": with_code,
        "kind_name": kind_name,
        "activity_kind": activity_kind,
        "weekday_name": weekday_name,
        "cause_name": cause_name,
        "fate_name": fate_name,
        "what_name": what_name,
        "about_name": about_name,
        "receipt_word": receipt_word,
    }
    app.jinja_env.filters.update(filters)
