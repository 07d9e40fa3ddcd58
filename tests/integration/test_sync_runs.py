"""Sync runs are kept: how each ended, page by page, and not for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.model import Stream, StreamReport, SyncReport
from bridge.storage import Store
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock


def run(cast: Cast, clock: FrozenClock, outcome: str = "complete", strategy: str = "batch") -> int:
    """A run of the connection that ended so, five minutes after the one before; its id."""
    began = clock.advance(minutes=5)
    with cast.store.work() as work:
        run_id = work.runs.begin(cast.connection, began)
        if outcome != "running":
            streams = (
                StreamReport(Stream.COMPLETIONS, strategy, 3, 20, why="There is no report."),
            )
            report = SyncReport("acme", began, began, outcome, streams, requests=4, scope="full")
            work.runs.finish(run_id, report)
    return run_id


def ids(cast: Cast) -> list[int]:
    """Of the runs that are kept, newest first."""
    with cast.store.reading() as work:
        return [run_id for run_id, _ in work.runs.page(cast.connection, 1000)]


def test_a_run_is_kept_with_its_scope_and_why_it_read_so(cast: Cast, clock: FrozenClock) -> None:
    """What an admin asks afterwards."""
    run(cast, clock)
    with cast.store.reading() as work:
        [kept] = work.runs.latest(cast.connection)
    assert ("full", "There is no report.", 4) == (kept.scope, kept.streams[0].why, kept.requests)


def test_a_run_whose_process_was_killed_is_called_stopped(cast: Cast, clock: FrozenClock) -> None:
    """As soon as the next one begins; it would have said by itself how it ended."""
    run(cast, clock, "running")
    run(cast, clock)
    run(cast, clock, "running")
    with cast.store.reading() as work:
        runs = work.runs.latest(cast.connection)
    assert ["running", "complete", "stopped"] == [r.outcome for r in runs]
    assert "the next run goes on from there" in runs[2].error


def test_a_run_that_was_only_thought_dead_has_the_last_word(cast: Cast, clock: FrozenClock) -> None:
    """Somebody ran one by hand beside it."""
    with cast.store.work() as work:
        slow = work.runs.begin(cast.connection, clock.now())
    run(cast, clock)
    with cast.store.work() as work:
        ended = SyncReport("acme", clock.now(), clock.now(), "complete", ())
        work.runs.finish(slow, ended)
        runs = work.runs.latest(cast.connection)
    assert ["complete", "complete"] == [r.outcome for r in runs]
    assert ["", ""] == [r.error for r in runs]


def test_runs_are_paged_and_can_be_asked_for_by_how_they_ended(
    cast: Cast, clock: FrozenClock
) -> None:
    """Newest first; a page goes on before the last run of the one before."""
    made = [run(cast, clock, outcome) for outcome in ("complete", "failed", "partial", "complete")]
    with cast.store.reading() as work:
        first = work.runs.page(cast.connection, 3)
        second = work.runs.page(cast.connection, 3, before=first[-1][0])
        bad = work.runs.page(cast.connection, 3, outcomes=("failed", "stopped"))
    assert list(reversed(made)) == [run_id for run_id, _ in first + second]
    assert [(made[1], "failed")] == [(run_id, report.outcome) for run_id, report in bad]


def test_how_a_stream_was_read_the_last_time_is_known(cast: Cast, clock: FrozenClock) -> None:
    """Of the last run that read it, not of the first."""
    run(cast, clock, strategy="report")
    run(cast, clock, strategy="batch")
    run(cast, clock, "running")
    with cast.store.reading() as work:
        assert {Stream.COMPLETIONS: "batch"} == work.runs.strategies(cast.connection)
        assert {} == work.runs.strategies(999)


@pytest.mark.parametrize(("keep", "left"), [(2, 3), (5, 5)])
def test_old_runs_are_forgotten_but_for_the_last_few(
    keep: int, left: int, cast: Cast, clock: FrozenClock
) -> None:
    """Of a connection that has long been away there is still something to see."""
    made = [run(cast, clock) for _ in range(6)]
    ten = clock.now() - timedelta(minutes=10)  # The last three began since.
    with cast.store.work() as work:
        assert 6 - left == work.runs.prune(ten, keep)
    assert list(reversed(made[-left:])) == ids(cast)


def test_another_connection_s_runs_do_not_count(
    store: Store, cast: Cast, clock: FrozenClock
) -> None:
    """Each keeps its own last few."""
    with store.work() as work:
        values = {"name": "other", "kind": "moodle", "url": "https://o.example", "token_sealed": ""}
        values |= {"created_at": clock.now(), "functions": [], "settings": {}}
        other = work.sql.execute(
            t.connections.insert().returning(t.connections.c.id), values
        ).scalar_one()
        work.runs.begin(other, clock.now())
    run(cast, clock)
    run(cast, clock)
    with store.work() as work:
        assert 1 == work.runs.prune(clock.now() + timedelta(days=1), 1)
        assert 1 == len(work.runs.page(other, 10))
    assert 1 == len(ids(cast))
