"""When the worker reads what: each stream at its own pace, and nothing in quiet hours. Pure.

A run that somebody starts by hand reads every stream at any hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo

from bridge.model import Stream

HOUR = timedelta(hours=1)
SLACK = timedelta(minutes=1)
"""Runs begin a little early or late; a stream is not put off by a whole round for that."""

HOURLY = frozenset({Stream.COURSES, Stream.TEAMS})
"""What changes seldom. Everything else is read, as far as it is due, in every run."""

MINUTE = timedelta(minutes=1)


AT_MOST_A_TWENTIETH = 20
"""A stream that took long is put off for so many times as long: on a large site the LMS is not kept
busy by what is read again and again."""

NEVER_PUT_OFF = frozenset({Stream.PEOPLE, Stream.COMPLETIONS, Stream.RECONCILIATION})
"""These read what is due and no more: they cost what there is to do."""


def due(
    strategies: Mapping[Stream, str],
    last_read: Mapping[Stream, datetime],
    now: datetime,
    took: Mapping[Stream, timedelta] | None = None,
) -> set[Stream]:
    """The streams that a run of the worker reads.

    Enrolments say whose completion is worth asking for, so they are read in every run, unless
    completions come from a report, which says that by itself.

    :param strategies: by which strategy the streams were read the last time.
    :param last_read: when the last run began that read the stream to its end.
    :param took: how long reading it took the last time.
    """
    by_report = strategies.get(Stream.COMPLETIONS) == "report"
    hourly = HOURLY | {Stream.ENROLMENTS} if by_report else HOURLY
    found = set()
    for stream in Stream:
        wait = HOUR if stream in hourly else timedelta(0)
        if stream not in NEVER_PUT_OFF:
            wait = max(wait, AT_MOST_A_TWENTIETH * (took or {}).get(stream, timedelta(0)))
        if stream not in last_read or now - last_read[stream] >= wait - SLACK:
            found.add(stream)
    return found


def quiet_until(hours: Sequence[tuple[time, time]], zone: tzinfo, now: datetime) -> datetime | None:
    """When the quiet hours end that ``now`` lies in; ``None`` outside of them.

    What counts is what the clock on the wall of ``zone`` shows, the hour that it shows twice and
    the one that it leaves out included.
    """
    if not _quiet(hours, now.astimezone(zone)):
        return None
    moment = now.replace(second=0, microsecond=0)
    # Spans never cover a whole day, so an end comes; a minute at a time it is right on the days
    # on which the clock is changed as well.
    while _quiet(hours, moment.astimezone(zone)):
        moment += MINUTE
    return moment


def _quiet(hours: Sequence[tuple[time, time]], local: datetime) -> bool:
    at = local.time()
    return any(
        begin <= at < end if begin < end else at >= begin or at < end for begin, end in hours
    )
