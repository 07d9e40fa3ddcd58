"""A first and a quiet sync in this process: `python -m tests.benchmarks.sync_process URL DB WAY`.

Prints what they cost and the process's peak of memory, for :mod:`tests.benchmarks.sync`.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from bridge.model import Stream
from bridge.storage import Store
from bridge.storage import tables as t
from tests.benchmarks.sync import Reader
from tests.conftest import SECRET_KEY


def main() -> None:
    """Sync the site at the address into an empty database."""
    url, database, way = sys.argv[1:]
    store = Store(database, [SECRET_KEY])
    t.metadata.create_all(store.engine)
    reader = Reader(store, url, report=way == "report")
    began = time.perf_counter()
    first = reader.sync()
    seconds = time.perf_counter() - began
    first_peak = _peak_mb()
    second = reader.sync()
    store.close()
    print(
        json.dumps(
            {
                "first_seconds": round(seconds, 1),
                "first_requests": first.requests,
                "rows": {row.stream: row.rows for row in first.streams},
                "seconds": {row.stream: round(row.seconds, 1) for row in first.streams},
                "outcome": first.outcome,
                "quiet_completions_requests": next(
                    row.requests for row in second.streams if row.stream is Stream.COMPLETIONS
                ),
                "quiet_requests": {row.stream: row.requests for row in second.streams},
                "peak_mb_first": first_peak,
                "peak_mb": _peak_mb(),
            }
        )
    )


def _peak_mb() -> int:
    """Of this process so far; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
