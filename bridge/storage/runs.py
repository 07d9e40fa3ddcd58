"""Sync runs and checkpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import select

from bridge.model import Stream, StreamReport, SyncReport
from bridge.storage import tables as t
from bridge.storage.statements import put

Cursor = dict[str, Any]


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

    def read_through(self, connection_id: int, stream: Stream, began: datetime) -> None:
        """A run that began then has read the stream to its end: nothing is to be taken up."""
        put(
            self.sql,
            t.checkpoints,
            [
                {
                    "connection_id": connection_id,
                    "stream": stream.value,
                    "cursor": {},
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
        """Note that a run began; its id."""
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
                    "streams": [_plain(stream) for stream in report.streams],
                },
            )
        )

    def latest(self, connection_id: int, limit: int = 20) -> list[SyncReport]:
        """The runs of a connection, newest first."""
        rows = self.sql.execute(
            select(t.sync_runs, t.connections.c.name)
            .join(t.connections, t.connections.c.id == t.sync_runs.c.connection_id)
            .where(t.sync_runs.c.connection_id == connection_id)
            .order_by(t.sync_runs.c.started_at.desc(), t.sync_runs.c.id.desc())
            .limit(limit)
        )
        return [
            SyncReport(
                connection=row.name,
                started_at=row.started_at,
                ended_at=row.ended_at,
                outcome=row.outcome,
                error=row.error,
                requests=row.report["requests"] if row.report else 0,
                streams=tuple(
                    StreamReport(
                        **{
                            **stream,
                            "stream": Stream(stream["stream"]),
                            "problems": tuple(stream["problems"]),
                        }
                    )
                    for stream in (row.report["streams"] if row.report else [])
                ),
            )
            for row in rows
        ]


def _plain(report: StreamReport) -> dict[str, Any]:
    return {
        "stream": report.stream.value,
        "strategy": report.strategy,
        "requests": report.requests,
        "rows": report.rows,
        "new": report.new,
        "changed": report.changed,
        "seconds": report.seconds,
        "problems": list(report.problems),
    }
