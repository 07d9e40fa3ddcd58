"""A sync of the demo LMS, over real HTTP, into either database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from bridge.demo.lms.capabilities import DEFAULT
from bridge.demo.lms.server import Lms, running_lms
from bridge.errors import LmsError, Refused, Unreachable
from bridge.lms.moodle import MoodleConnector
from bridge.model import Connection, Stream, SyncReport
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync import run
from tests.conftest import RealClock

FACTS = (t.people, t.teams, t.memberships, t.courses, t.enrolments, t.completions, t.discussions)


@pytest.fixture(scope="module")
def lms() -> Iterator[Lms]:
    """The demo LMS, standing still."""
    with running_lms() as lms:
        yield lms


def connector(lms: Any) -> MoodleConnector:
    """A connector that does not wait between attempts."""
    return MoodleConnector(lms.url, lms.token, timeout=10, pause=lambda seconds: None)


def connected(store: Store, lms: Any) -> Connection:
    """The connection to the demo LMS, stored."""
    with store.work() as work:
        return work.connections.put(
            "academy", "moodle", lms.url, lms.token, connector(lms).site(), datetime.now(UTC)
        )


def sync(store: Store, lms: Any, connection: Connection) -> SyncReport:
    """One run."""
    return run(store, connector(lms), connection, RealClock())


def counts(store: Store) -> dict[str, int]:
    """How many rows each fact table has."""
    with store.reading() as work:
        return {
            table.name: work.sql.execute(select(func.count()).select_from(table)).scalar_one()
            for table in FACTS
        }


def rows(store: Store) -> dict[str, list[Any]]:
    """Every row of every fact table."""
    with store.reading() as work:
        return {
            table.name: sorted(map(tuple, work.sql.execute(select(table))), key=repr)
            for table in FACTS
        }


def test_a_first_sync_finds_the_company_at_little_cost(store: Store, lms: Lms) -> None:
    """Everything is read in at most 60 requests, and nothing stands in the way."""
    connection = connected(store, lms)
    report = sync(store, lms, connection)
    assert ("complete", []) == (report.outcome, [p for s in report.streams for p in s.problems])
    assert report.requests <= 60
    assert set(Stream) == {stream.stream for stream in report.streams}
    found = counts(store)
    assert (8, 25) == (found["teams"], found["courses"])
    # Who is in no course and in no team is none of the bridge's business.
    assert 190 <= found["people"] <= 203
    assert found["completions"] > 300
    assert found["discussions"] > 10


def test_a_sync_without_news_writes_nothing(store: Store, lms: Lms) -> None:
    """At most 12 requests, no new row, no changed one."""
    connection = connected(store, lms)
    sync(store, lms, connection)
    before = rows(store)
    report = sync(store, lms, connection)
    assert report.requests <= 12
    assert [(0, 0)] * 6 == [(s.new, s.changed) for s in report.streams]
    assert before == rows(store)


class _Stopping:
    """A connector whose reading ends after a number of requests, as if the process were killed."""

    def __init__(self, inner: MoodleConnector, after: int) -> None:
        self._inner, self._after = inner, after

    def __getattr__(self, name: str) -> Any:
        if name != "requests" and self._inner.requests >= self._after:
            raise Unreachable("The line went dead.")
        return getattr(self._inner, name)


@pytest.mark.parametrize("after", [2, 5, 7, 9, 12])
def test_a_stopped_sync_goes_on_and_ends_the_same(lite_store: Store, lms: Lms, after: int) -> None:
    """Wherever it stopped, the next one completes what an undisturbed one would have found."""
    connection = connected(lite_store, lms)
    with pytest.raises(LmsError):
        run(lite_store, _Stopping(connector(lms), after), connection, RealClock())  # type: ignore[arg-type]
    report = sync(lite_store, lms, connection)
    assert "complete" == report.outcome
    found = counts(lite_store)
    assert (8, 25) == (found["teams"], found["courses"])
    assert found["completions"] > 300
    with lite_store.reading() as work:
        assert ["complete", "failed"] == [r.outcome for r in work.runs.latest(connection.id)]


def test_the_first_sync_is_history(lite_store: Store, lms: Lms) -> None:
    """Completions older than a week are stored, and never announced."""
    connection = connected(lite_store, lms)
    sync(lite_store, lms, connection)
    k = t.completions.c
    with lite_store.reading() as work:
        wrong = work.sql.execute(
            select(func.count())
            .select_from(t.completions)
            .where(
                k.history.is_(True) != (k.seen_at - k.completed_at > 7 * 86400), k.dated.is_(True)
            )
        ).scalar_one()
    assert 0 == wrong


def test_groups_and_hidden_activities_are_not_stored(lite_store: Store, lms: Lms) -> None:
    """What is not open to the whole course does not leave the LMS."""
    connection = connected(lite_store, lms)
    sync(lite_store, lms, connection)
    forums = {f.lms_id: f for f in connector(lms).forums(list(range(2, 60)))}
    closed = {lms_id for lms_id, forum in forums.items() if not forum.open_to_course}
    with lite_store.reading() as work:
        stored = set(work.sql.execute(select(t.discussions.c.forum_lms_id)).scalars())
    assert closed
    assert set() == closed & stored


def test_a_missing_right_is_named_and_the_rest_is_read(lite_store: Store) -> None:
    """Without report/completion:view everything but completions arrives."""
    with running_lms(capabilities=set(DEFAULT) - {"report/completion:view"}) as lms:
        report = sync(lite_store, lms, connected(lite_store, lms))
    assert "partial" == report.outcome
    problems = {s.stream: s.problems for s in report.streams if s.problems}
    assert [Stream.COMPLETIONS] == list(problems)
    assert "report/completion:view" in problems[Stream.COMPLETIONS][0]
    assert report.requests <= 30


def test_a_refused_token_ends_the_run(lite_store: Store, lms: Lms) -> None:
    """The run is kept as failed, with what the LMS said."""
    connection = connected(lite_store, lms)
    bad = MoodleConnector(lms.url, "wrong", timeout=10, pause=lambda seconds: None)
    with pytest.raises(Refused, match="does not know the token"):
        run(lite_store, bad, connection, RealClock())
    with lite_store.reading() as work:
        [kept] = work.runs.latest(connection.id)
    assert ("failed", True) == (kept.outcome, "Manage tokens" in kept.error)
