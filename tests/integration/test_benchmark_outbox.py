"""The benchmark of the outbox, small enough for the tests: what it counts, never its times."""

from __future__ import annotations

from tests.benchmarks.outbox import drain, undergo


def test_workers_that_are_killed_lose_and_double_nothing(database_url: str) -> None:
    """Eighty deliveries to four outlets that misbehave; up to four workers are killed."""
    figures = undergo(database_url, shares=20, kills=4, seed=1)

    assert 80 == figures["deliveries"]
    assert 0 < figures["kills"] <= 4
    assert (0, 0) == (figures["lost"], figures["doubled"])
    in_doubt = [said.get("unknown", 0) for said in figures["states"].values()]
    assert figures["unknown"] == sum(in_doubt) == figures["states"]["teams"].get("unknown", 0)


def test_one_worker_drains_an_outbox(sqlite_url: str) -> None:
    """It says so itself if anything was not delivered to the webhook."""
    assert drain(sqlite_url, 20) > 0
