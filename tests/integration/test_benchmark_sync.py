"""The benchmark of the sync, on a site small enough for the tests: its counts, never its times."""

from __future__ import annotations

from argparse import Namespace

import pytest

from tests.benchmarks.sync import measure


@pytest.mark.postgresql
def test_the_benchmark_measures_what_it_says(postgresql_url: str) -> None:
    """Both clients find the same, by many times fewer requests; without news hardly any is sent."""
    figures = measure(
        Namespace(people=30, courses=4, enrolments=70, completions=20, stored=2_000, large=False),
        postgresql_url,
    )
    assert figures["same_completions"]
    assert figures["first_sync_request_ratio"] > 5
    assert "report" == figures["strategy"]
    assert figures["quiet_requests_report"] <= 3
    assert figures["quiet_requests_batch"] <= 1
    assert {
        "first_sync_speedup",
        "peak_mb",
        "completions_per_s_sqlite",
        "completions_per_s_postgresql",
    } <= figures.keys()
