"""How the ranking does on many small sites: `python -m tests.benchmarks.ranking`.

On each site of :mod:`tests.benchmarks.worlds` the ranking and what it has to beat are fitted to
what was before the 80 % quantile of time, as ``socialbridge evaluate`` does it. One small site has
some fifty people to be tried, and the best of six on it owes much to luck; so a character is made
from several seeds, and means over all its people are compared. Of wild sites, whose traits are
drawn, each has a ratio of its own.

``FILE`` adds real interactions (``--split-column`` as for the command). Of these only the past is
used: it is cut at several moments, and what is to be tested at the end is not looked at.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bridge.curation.ranking import evaluation, table
from bridge.curation.ranking.split import Split, by_time
from tests.benchmarks.worlds import CHARACTERS, made, wild

INNER = (0.5, 0.6, 0.7, 0.8, 0.9)
LEAST_PEOPLE = 10
"""People to be tried without whom a wild site says nothing."""


@dataclass(frozen=True)
class Row:
    """Means over the people of several splits; NDCG@10, and the ratio of two coverages."""

    site: str
    people: int
    ours: float
    best: float
    best_model: str
    ratio: float
    coverage_of_recent: float


def compared(site: str, splits: Sequence[Split]) -> Row | None:
    """Ours and the best of the others by their means over all people."""
    many, gained, covered = 0, np.zeros(7), np.zeros(7)
    names: list[str] = []
    for split in splits:
        if not len(split.people):
            continue
        results = evaluation.evaluate(split, compare=True)
        names = [result.model for result in results]
        many += results[0].people
        gained += [result.ndcg * result.people for result in results]
        covered += [result.coverage for result in results]
    if not many or not gained[1:].any():
        return None
    ours, best = gained[0] / many, gained[1:].max() / many
    recent = covered[names.index("recent popularity")]
    model = names[1 + int(gained[1:].argmax())]
    return Row(site, many, ours, best, model, ours / best, covered[0] / recent)


def rows(seeds: int, wilds: int, files: Sequence[Path], column: str) -> Iterator[Row]:
    """Every character, every wild site, every file."""
    for world in CHARACTERS:
        found = compared(world.name, [by_time(made(world, seed)) for seed in range(seeds)])
        if found:
            yield found
    for seed in range(wilds):
        found = compared(wild(seed).name, [by_time(made(wild(seed), seed))])
        if found and found.people >= LEAST_PEOPLE:
            yield found
    for path in files:
        with path.open(encoding="utf-8") as lines:
            past = table.interactions(lines, column).split().train
        found = compared(str(path), [by_time(past, quantile) for quantile in INNER])
        if found:
            yield found


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--split-column", default="")
    parser.add_argument("--seeds", type=int, default=5, help="sites of each character")
    parser.add_argument("--wild", type=int, default=40, help="sites whose traits are drawn")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    begun = time.perf_counter()
    found = list(rows(asked.seeds, asked.wild, asked.files, asked.split_column))
    ratios = np.array([row.ratio for row in found])
    whole = {
        "sites": len(found),
        "at_least_the_best": int((ratios >= 1.0).sum()),
        "within_5_percent": int((ratios >= 0.95).sum()),
        "least": float(ratios.min()),
        "seconds": round(time.perf_counter() - begun, 1),
    }
    if asked.json:
        print(json.dumps(whole | {"rows": [asdict(row) for row in found]}))
        return
    for row in found:
        print(
            f"{row.site[-30:]:30s} {row.people:5d} people  ours {row.ours:.4f}  "
            f"best {row.best:.4f} {row.best_model:18s} {row.ratio:5.2f}  "
            f"coverage x{row.coverage_of_recent:.1f}"
        )
    print(whole)


if __name__ == "__main__":
    main()
