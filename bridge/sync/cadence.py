"""When the worker reads what: each stream at its own pace. Pure. Quiet hours are in :mod:`hours`.

A run that somebody starts by hand reads every stream at any hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bridge.model import Stream

HOUR = timedelta(hours=1)
SLACK = timedelta(minutes=1)
"""Runs begin a little early or late; a stream is not put off by a whole round for that."""

HOURLY = frozenset({Stream.COURSES, Stream.TEAMS})
"""What changes seldom. Everything else is read, as far as it is due, in every run."""

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
