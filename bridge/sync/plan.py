"""What a sync decides, as pure functions of what it knows."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.errors import LmsError
from bridge.model import Stream

GRACE = timedelta(hours=48)
"""How long after a person's last visit the LMS's cron may still complete a course."""

FRESH = timedelta(hours=2)
"""So long after a visit each run looks whether the LMS's cron has completed the course."""

LATER_LOOKS = (timedelta(hours=6), timedelta(hours=12), timedelta(hours=24), GRACE)
"""And then at these distances from it: cron comes within minutes, seldom within a day."""

NEWS = timedelta(days=7)
"""Older than this when first seen is history, not news (design, decision 2)."""

CURSOR_KEEP = timedelta(hours=24)
"""How long a stopped reading may be taken up where it stopped; later it begins again."""

PEOPLE_KEEP = timedelta(hours=24)
"""How long a person's record is believed before it is read again."""

HELD_KEEP = timedelta(hours=24)
"""How long a course that refused is asked about only now and then."""

PROBES = 3
"""So many of the courses that refuse are tried in every run: the right may be back."""

DUES_A_PAGE = 2_000

RECONCILE_AFTER = timedelta(days=5)
"""How long the verdicts of a course are believed; in the day after they are compared. What is found
then is still news: that it is older than a week would be said of it a day later."""

RECONCILE_WITHIN = timedelta(days=1)

_LEAST_SLICE = {"plain": 50}
_MOST_SLICE = {"plain": 2_000}
_ANY_LEAST_SLICE, _ANY_MOST_SLICE = 500, 50_000

LEAST_ROWS, MOST_ROWS = 100, 20_000

UNJUDGED_KEEP = timedelta(days=1)
"""How long the report is not believed against an LMS that would not judge somebody."""

UNREADABLE_KEEP = timedelta(days=7)
"""How long a course without completion criteria is left alone."""

DISCUSSIONS_BACK = timedelta(days=180)
"""How far back discussions are read on a first sync."""

CLOCKS_APART = timedelta(hours=1)
"""How far the LMS's clock and ours may differ."""

SHRINK_FROM = 10
"""Fewer than this can go away in a day without meaning anything."""

_WORDS = {
    Stream.COURSES: "courses",
    Stream.TEAMS: "teams",
    Stream.ENROLMENTS: "enrolments",
    Stream.PEOPLE: "people",
}


Span = tuple[datetime, datetime]
"""Moments after the first, up to and including the second."""


def looks(last_read: datetime | None, now: datetime) -> list[Span]:
    """When somebody who was asked about must have been seen in a course to be asked about again.

    Between two runs each visit grows older; whoever has just come to one of :data:`LATER_LOOKS` is
    looked at, and whoever came lately is in any case. None on a first sync: all are new.
    """
    if last_read is None:
        return []
    lately = (last_read - FRESH, now + CLOCKS_APART)
    older = [(last_read - look, min(now - look, lately[0])) for look in LATER_LOOKS]
    return [lately, *(span for span in older if span[0] < span[1])]


def moved_since(last_read: datetime | None) -> datetime | None:
    """Completions dated since then may be new in the report; ``None`` on a first sync."""
    return last_read - GRACE if last_read else None


def report_rows(expected: int) -> int:
    """How many rows of the report to ask for at once: so many that the news fits into a page.

    :param expected: how many of its completions are dated since the last run less the grace.
    """
    return max(LEAST_ROWS, min(MOST_ROWS, expected + expected // 4 + LEAST_ROWS // 2))


def slice_size(total: int, last: datetime | None, now: datetime, strategy: str) -> int:
    """How many verdicts to compare in this run, so that all are compared within a week.

    What became due is spread over a day, however often runs are made. One by one (*plain*) a run
    takes no more than it can: then it takes longer than a week, and the LMS is spared.

    :param total: how many verdicts there are in all. :param last: when the last slice was taken.
    """
    elapsed = now - last if last else RECONCILE_WITHIN / 24
    share = int(total * min(1.0, elapsed / RECONCILE_WITHIN)) + 1
    least = _LEAST_SLICE.get(strategy, _ANY_LEAST_SLICE)
    return max(least, min(_MOST_SLICE.get(strategy, _ANY_MOST_SLICE), share))


def discussions_since(last_read: datetime | None, now: datetime) -> datetime:
    """Discussions with a post since then are read."""
    return last_read - CLOCKS_APART if last_read else now - DISCUSSIONS_BACK


def refuse_shrink(stream: Stream, before: int, now: int, accept: bool, where: str = "") -> None:
    """Do not believe an LMS that suddenly answers far less than before.

    :raises LmsError: with the figures, if less than half of what was there is left.
    """
    if accept or before < SHRINK_FROM or now * 2 >= before:
        return
    raise LmsError(
        f"The LMS had {before} {_WORDS[stream]}{where} and now names {now}:"
        " that is not believed, and nothing was changed.",
        "If it is right, run `socialbridge sync NAME --accept-shrink` once; if not, the token has"
        " probably lost a capability.",
    )


def still_held(courses: int, what: str) -> LmsError:
    """What is said of courses that refused and are not asked in this run.

    :param what: they would not say, for example "who is in them".
    """
    return LmsError(
        f"{courses} courses more would not say {what} when they were last asked.",
        f"They are asked again a day later, or as soon as one of {PROBES} tried in each run"
        " answers.",
    )
