"""The benchmark of the feed, on a site small enough for the tests: its counts, never its times."""

from __future__ import annotations

from tests.benchmarks.feed import measure
from tests.benchmarks.feed_site import Site


def test_every_reader_sees_the_stories_of_their_places(database_url: str) -> None:
    """Page by page they are what the site itself says; every page takes as many statements."""
    figures = measure(database_url, Site(100, 2_000), 10, 100, compared=False)

    assert figures["same_pages"]
    assert 1 == len(figures["statements"])
    assert {"ours first", "bare deep"} <= figures["milliseconds"].keys()
