"""Sync runs and checkpoints."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy import Connection as SqlConnection

from bridge.model import Stream, StreamReport, SyncReport
from bridge.storage import tables as t
from bridge.storage.statements import put

Cursor = dict[str, Any]

STOPPED = (
    "The process that ran it was stopped before its end."
    " What it had stored stays, and the next run goes on from there."
)


A_FEW = 60
"""Runs that are looked back on: more than an hour of them, by the usual settings."""


class RunRepository:
    """Reads and writes ``sync_runs`` and ``checkpoints``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def cursor(self, connection_id: int, stream: Stream, since: datetime) -> Cursor:
        """Where a reading of the stream stopped, if it did so after ``since``; else empty."""
        c = t.checkpoints.c
        found = self.sql.execute(
            select(c.cursor).where(
                c.connection_id == connection_id, c.stream == stream.value, c.updated_at >= since
            )
        ).scalar()
        return dict(found or {})

    def set_cursor(self, connection_id: int, stream: Stream, cursor: Cursor, now: datetime) -> None:
        """Remember where the reading stands, in the transaction of the page it stands after."""
        put(
            self.sql,
            t.checkpoints,
            [
                {
                    "connection_id": connection_id,
                    "stream": stream.value,
                    "cursor": cursor,
                    "updated_at": now,
                }
            ],
            ["connection_id", "stream"],
        )

    def read_through(
        self, connection_id: int, stream: Stream, began: datetime, cursor: Cursor | None = None
    ) -> None:
        """A run that began then has read the stream to its end, or its slice of it.

        :param cursor: where the next slice begins; without one nothing is to be taken up.
        """
        put(
            self.sql,
            t.checkpoints,
            [
                {
                    "connection_id": connection_id,
                    "stream": stream.value,
                    "cursor": cursor or {},
                    "updated_at": began,
                    "read_at": began,
                }
            ],
            ["connection_id", "stream"],
        )

    def last_read(self, connection_id: int) -> dict[Stream, datetime]:
        """By stream, when the last run began that read it to its end."""
        c = t.checkpoints.c
        rows = self.sql.execute(
            select(c.stream, c.read_at).where(
                c.connection_id == connection_id, c.read_at.is_not(None)
            )
        )
        return {Stream(row.stream): row.read_at for row in rows}

    def begin(self, connection_id: int, now: datetime) -> int:
        """Note that a run began; its id.

        One that still says that it is running was killed: it would have said how it ended.
        """
        c = t.sync_runs.c
        self.sql.execute(
            t.sync_runs.update()
            .where(c.connection_id == connection_id, c.outcome == "running")
            .values(outcome="stopped", error=STOPPED)
        )
        return int(
            self.sql.execute(
                t.sync_runs.insert()
                .values(connection_id=connection_id, started_at=now, outcome="running", report=[])
                .returning(t.sync_runs.c.id)
            ).scalar_one()
        )

    def finish(self, run_id: int, report: SyncReport) -> None:
        """Note how the run ended."""
        self.sql.execute(
            t.sync_runs.update()
            .where(t.sync_runs.c.id == run_id)
            .values(
                ended_at=report.ended_at,
                outcome=report.outcome,
                error=report.error,
                report={
                    "requests": report.requests,
                    "scope": report.scope,
                    "streams": [_plain(stream) for stream in report.streams],
                },
            )
        )

    def latest(self, connection_id: int, limit: int = 20) -> list[SyncReport]:
        """The runs of a connection, newest first."""
        return [_report(row) for row in self.sql.execute(_newest(connection_id).limit(limit))]

    def page(
        self,
        connection_id: int,
        limit: int,
        *,
        before: int | None = None,
        outcomes: Collection[str] = (),
    ) -> list[tuple[int, SyncReport]]:
        """A page of the runs with their ids, newest first.

        :param before: the id of the last run of the page before.
        :param outcomes: only runs that ended so; by default all.
        """
        rows = _newest(connection_id).limit(limit)
        if before is not None:
            rows = rows.where(t.sync_runs.c.id < before)
        if outcomes:
            rows = rows.where(t.sync_runs.c.outcome.in_(outcomes))
        return [(row.id, _report(row)) for row in self.sql.execute(rows)]

    def strategies(self, connection_id: int) -> dict[Stream, str]:
        """By which strategy each stream was read the last time, in the last few runs.

        Those of one course or person are read in their own way, and do not count.
        """
        found: dict[Stream, str] = {}
        for run in self.latest(connection_id, A_FEW):
            for stream in run.streams if run.scope in ("", "full") else ():
                found.setdefault(stream.stream, stream.strategy)
        return found

    def took(self, connection_id: int) -> dict[Stream, timedelta]:
        """How long reading each stream took the last time that it was read whole."""
        found: dict[Stream, timedelta] = {}
        for run in self.latest(connection_id, A_FEW):
            for stream in run.streams if run.scope == "" else ():
                found.setdefault(stream.stream, timedelta(seconds=stream.seconds))
        return found

    def prune(self, before: datetime, keep: int) -> int:
        """Forget the runs that began before then, but for the last ``keep`` of each connection.

        :returns: how many were forgotten.
        """
        gone = t.sync_runs.delete().where(*_forgettable(before, keep))
        return self.sql.execute(gone).rowcount

    def count_prunable(self, before: datetime, keep: int) -> int:
        """How many :meth:`prune` would forget."""
        query = select(func.count()).select_from(t.sync_runs)
        return self.sql.execute(query.where(*_forgettable(before, keep))).scalar_one()


def _forgettable(before: datetime, keep: int) -> list[ColumnElement[bool]]:
    c = t.sync_runs.c
    place = func.row_number().over(partition_by=c.connection_id, order_by=c.id.desc())
    placed = select(c.id, place.label("place")).subquery()
    kept = select(placed.c.id).where(placed.c.place <= keep)
    return [c.started_at < before, c.id.not_in(kept)]


def _newest(connection_id: int) -> Select[Any]:
    # A run's id says when it began: one connection's runs begin one after the other.
    return (
        select(t.sync_runs, t.connections.c.name)
        .join(t.connections, t.connections.c.id == t.sync_runs.c.connection_id)
        .where(t.sync_runs.c.connection_id == connection_id)
        .order_by(t.sync_runs.c.id.desc())
    )


def _report(row: Any) -> SyncReport:
    kept = row.report or {"requests": 0, "streams": []}
    return SyncReport(
        connection=row.name,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        error=row.error,
        requests=kept["requests"],
        scope=kept.get("scope", ""),
        streams=tuple(
            StreamReport(
                **{
                    **stream,
                    "stream": Stream(stream["stream"]),
                    "problems": tuple(stream["problems"]),
                }
            )
            for stream in kept["streams"]
        ),
    )


def _plain(report: StreamReport) -> dict[str, Any]:
    return {
        "stream": report.stream.value,
        "strategy": report.strategy,
        "why": report.why,
        "requests": report.requests,
        "rows": report.rows,
        "new": report.new,
        "changed": report.changed,
        "seconds": report.seconds,
        "problems": list(report.problems),
    }
