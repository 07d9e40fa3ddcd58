"""How much an outlet takes, and when: quiet budgets, editions, quiet hours, messages a minute.

Pure. The figures stand in the outlet's settings, and :mod:`bridge.delivery.settings` checks them
when they are given; what is read here was checked, or is the default of the outlet's kind.
"""

from __future__ import annotations

from calendar import day_name
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from bridge.hours import Spans, quiet_until, spans
from bridge.model import Kind, Outlet

PEOPLES_OWN = frozenset({Kind.SHARE, Kind.POST, Kind.REPLY, Kind.DIGEST})
"""What is never held back for a digest: people's own words, and a digest itself."""

A_DAY = 5
"""How many posts that the feed makes by itself an outlet shows in a day, unless it is told."""

MACHINES = frozenset({"webhook"})
"""Kinds that no person reads: they take everything at once."""

PER_MINUTE = {
    # https://docs.slack.dev/apis/web-api/rate-limits: tier 3 for updates and deletions; a message
    # a second and channel.
    "slack": 50,
    # https://docs.joinmastodon.org/api/rate-limits/: 300 requests an account in five minutes.
    "mastodon": 50,
    # https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit: 1,800 an hour
    # and conversation.
    "teams": 30,
    # Synapse's configuration manual, rc_message: one in five seconds, after ten at once.
    "matrix": 12,
    # What the strictest of the services behind it that say so allow a webhook.
    "apprise": 30,
    # No published rules: what a shared mail server or an LMS bears beside its own work.
    "email": 30,
    "moodle_forum": 60,
    "totara_forum": 60,
    "mahara": 60,
}
"""Messages a minute by the outlet's published rules; a kind that is not here has no limit."""

ROUND = 2
"""Seconds between two looks of the worker: what may go in that time may go at once."""
EDITIONS = 8
"""How many editions ahead one is looked for that does not fall into quiet hours."""


class Edition(StrEnum):
    """How often a digest is made."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class Pace:
    """How much an outlet takes, and when."""

    budget: int | None
    """Posts a day that the feed makes by itself; ``None`` for any number, 0 for digests only."""
    edition: Edition = Edition.DAILY
    at: time = time(16, 0)
    """When an edition is made, by the clock of ``zone``."""
    weekday: int = 4
    """On which day a weekly edition is made, 0 for Monday."""
    quiet: Spans = ()
    weekends: bool = False
    """Whether Saturdays and Sundays are quiet."""
    zone: tzinfo = UTC
    per_minute: int | None = None


def of(outlet: Outlet) -> Pace:
    """The pace that the outlet's settings, or its kind, ask for."""
    said = outlet.settings
    by_kind = None if outlet.kind in MACHINES else A_DAY
    return Pace(
        budget=said.get("budget", by_kind),
        edition=Edition(said.get("edition", Edition.DAILY)),
        at=time.fromisoformat(said.get("at", "16:00")),
        weekday=said.get("weekday", 4),
        quiet=spans(said.get("quiet", "")),
        weekends=said.get("weekends", False),
        zone=ZoneInfo(said.get("zone", "UTC")),
        per_minute=said.get("per_minute", PER_MINUTE.get(outlet.kind)) or None,
    )


def rests_until(pace: Pace, now: datetime) -> datetime | None:
    """When the quiet hours end in which nothing new is posted; ``None`` outside of them."""
    if not pace.quiet and not pace.weekends:
        return None
    return quiet_until(pace.quiet, pace.zone, now, weekends=pace.weekends)


def day_of(pace: Pace, at: datetime) -> date:
    """The day of the outlet's own clock that a post leaving at that moment counts for."""
    return at.astimezone(pace.zone).date()


def next_edition(pace: Pace, after: datetime) -> datetime:
    """When the next digest is made: after that moment, and not in quiet hours.

    An edition that falls into quiet hours is left out where the next one does not, so that a
    weekend makes no two digests for Monday morning.
    """
    local = after.astimezone(pace.zone)
    coming: list[datetime] = []
    day = local.date()
    while len(coming) < EDITIONS:
        if pace.edition is Edition.DAILY or day.weekday() == pace.weekday:
            moment = datetime.combine(day, pace.at, pace.zone).astimezone(UTC)
            if moment > after:
                coming.append(moment)
        day += timedelta(days=1)
    awake = next((moment for moment in coming if rests_until(pace, moment) is None), None)
    return awake or rests_until(pace, coming[0]) or coming[0]


def grant(per_minute: int, free_ms: int, now_ms: int, most: int) -> tuple[int, int]:
    """How many of ``most`` messages may go now, and when the next one is free after them.

    The generic cell rate algorithm: never more than ``per_minute`` in any minute, whoever asks and
    however often, and not much at once.

    :param free_ms: what this returned the last time, in milliseconds since 1970; 0 at first.
    """
    # What falls due in a round, and two more where that is little: else a part of each is lost.
    at_once = per_minute * ROUND // 60 + (2 if per_minute >= 12 else 0) or 1
    interval = -(-60_000 // (per_minute - at_once + 1))
    start = max(free_ms, now_ms)
    spent = -(-(start - now_ms) // interval)
    count = max(0, min(most, at_once - spent))
    return count, start + count * interval


def in_words(pace: Pace) -> str:
    """How much the outlet takes, and when, in one sentence."""
    said = "Any number of posts a day"
    if pace.budget is not None:
        weekly = f"weekly digest on {day_name[pace.weekday]}s"
        digest = weekly if pace.edition is Edition.WEEKLY else "daily digest"
        posts = "1 post" if pace.budget == 1 else f"{pace.budget} posts"
        said = f"At most {posts} a day by itself, the rest in a {digest}"
        said += f" at {pace.at:%H:%M}"
    quiet = [f"quiet {begin:%H:%M}-{end:%H:%M}" for begin, end in pace.quiet]
    quiet += ["quiet at weekends"] if pace.weekends else []
    return f"{'; '.join([said, *quiet])} ({pace.zone})."
