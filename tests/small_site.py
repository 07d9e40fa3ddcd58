"""A small generated LMS, a connection to it, and a clock that both share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from bridge.demo.generated.size import Size
from bridge.demo.lms.server import Lms, running_lms
from bridge.lms.moodle import MoodleConnector
from bridge.model import Connection, ProfileRules, Stream, StreamReport, SyncReport
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync import run
from bridge.sync.scope import EVERYTHING_DUE, Scope
from tests.conftest import FrozenClock

START = datetime(2026, 11, 25, 9, tzinfo=UTC)
SIZE = Size(people=30, courses=6, enrolments=90, completions=30)


@dataclass
class Reading:
    """A store that reads the LMS as an admin connected it."""

    store: Store
    lms: Lms
    clock: FrozenClock
    connection: Connection
    report_id: int | None = None

    def connector(self) -> MoodleConnector:
        """A connector that does not wait between attempts."""
        return MoodleConnector(
            self.lms.url,
            self.lms.token,
            timeout=10,
            pause=lambda seconds: None,
            report_id=self.report_id,
            profile_fields=ProfileRules.of(self.connection.settings).fields,
        )

    def sync(self, scope: Scope = EVERYTHING_DUE, **more: Any) -> SyncReport:
        """One run."""
        connector = self.connector()
        try:
            return run(self.store, connector, self.connection, self.clock, scope=scope, **more)
        finally:
            connector.close()

    def live(self) -> dict[tuple[int, int], datetime]:
        """(course, person), by LMS ids → when it was completed; what counts as complete."""
        k, c, p = t.completions.c, t.courses.c, t.people.c
        with self.store.reading() as work:
            rows = work.sql.execute(
                select(c.lms_id, p.lms_id, k.completed_at)
                .join_from(t.completions, t.courses, c.id == k.course_id)
                .join(t.people, p.id == k.person_id)
                .where(k.revoked.is_(False))
            )
            return {(row[0], row[1]): row[2] for row in rows}

    def row(self, course_lms_id: int, person_lms_id: int) -> Any:
        """One stored completion, revoked or not; ``None`` without one."""
        k, c, p = t.completions.c, t.courses.c, t.people.c
        with self.store.reading() as work:
            return work.sql.execute(
                select(t.completions)
                .join(t.courses, c.id == k.course_id)
                .join(t.people, p.id == k.person_id)
                .where(c.lms_id == course_lms_id, p.lms_id == person_lms_id)
            ).first()

    def in_lms(self) -> dict[tuple[int, int], datetime]:
        """What the LMS says is complete now."""
        store, now = self.lms.store, int(self.clock.now().timestamp())
        return {
            key: datetime.fromtimestamp(completion.completed_at, UTC)
            for key, completion in store.completions.items()
            if completion.recorded_at <= now
        }

    def unfinished(self) -> Iterator[tuple[int, int]]:
        """(course, person) of learners who have not completed, by LMS ids."""
        store = self.lms.store
        for course_id in store.courses:
            for enrolment in store.enrolled(course_id):
                if enrolment.role == "student" and not store.completion(
                    course_id, enrolment.person_id
                ):
                    yield course_id, enrolment.person_id


def of(report: SyncReport, stream: Stream) -> StreamReport:
    """What a run says of one stream."""
    return next(row for row in report.streams if row.stream is stream)


@contextmanager
def small_site(store: Store, *, by_report: bool = False, **more: Any) -> Iterator[Reading]:
    """The LMS, running; ``by_report``: its custom report is made ready and used."""
    clock = FrozenClock(START)
    with running_lms(
        generated=more.pop("generated", SIZE), clock=lambda: int(clock.now().timestamp()), **more
    ) as lms:
        first = MoodleConnector(lms.url, lms.token, pause=lambda seconds: None)
        found = first.prepare_report(None) if by_report else None
        with store.work() as work:
            connection = work.connections.put(
                "academy", "moodle", lms.url, lms.token, first.site(), clock.now()
            )
        first.close()
        yield Reading(store, lms, clock, connection, found[0] if found else None)
