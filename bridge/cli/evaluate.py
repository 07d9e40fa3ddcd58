"""``socialbridge evaluate``: how well the ranking does on a file of interactions."""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from typing import Any, TextIO

import click
from rich.table import Table

from bridge.cli.frame import Frame, show_json
from bridge.curation.ranking import evaluation, table, text
from bridge.curation.ranking.evaluation import Result


@click.command(epilog="Example: socialbridge evaluate log.csv --items courses.csv --compare")
@click.argument("interactions", type=click.File(encoding="utf-8", errors="replace"))
@click.option(
    "--items",
    type=click.File(encoding="utf-8", errors="replace"),
    help="What the items are about: columns item, title and any others, as text.",
)
@click.option(
    "--split-column", metavar="COL", help="A column of train, valid, test and drop; else by time."
)
@click.option("--k", default=10, show_default=True, type=click.IntRange(1, 1000))
@click.option("--compare", is_flag=True, help="Measure what it has to beat on the same split, too.")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def evaluate(
    frame: Frame,
    interactions: TextIO,
    items: TextIO | None,
    split_column: str | None,
    k: int,
    compare: bool,
    as_json: bool,
) -> None:
    """Say how well the ranking of suggestions would have done on INTERACTIONS.

    INTERACTIONS is a CSV file with the columns user, item and timestamp. The ranking is fitted to
    everything before the 80 % quantile of time, and asked once, as of that moment, what each person
    will take next; it is right as far as their first new item afterwards stands near the top.
    """
    rows = table.interactions(interactions, split_column or "", _say)
    split = rows.split()
    likeness = text.alike(table.texts(items, rows.items)) if items else None
    # What is read in a moment needs no word of how far it is.
    say = _say if len(rows.at) >= table.MANY else _be_silent
    results = evaluation.evaluate(split, k=k, likeness=likeness, compare=compare, say=say)
    if as_json:
        show_json(_as_json(results))
    else:
        _show(frame, results, k)


def _say(words: str) -> None:
    click.echo(words, err=True)


def _be_silent(words: str) -> None:
    """Nothing is said."""


def _as_json(results: Sequence[Result]) -> dict[str, Any]:
    ours, *others = (_fields(result) for result in results)
    ours["peak_mb"] = peak_mb()
    return ours | ({"compare": others} if others else {})


def _fields(result: Result) -> dict[str, Any]:
    kept = {name: value for name, value in vars(result).items() if name != "better_than"}
    if result.better_than is None:
        return {k: v for k, v in kept.items() if k != "model"}
    return kept | {"ours_better_by_95": list(result.better_than)}


def _show(frame: Frame, results: Sequence[Result], k: int) -> None:
    shown = Table(box=None, pad_edge=False)
    shown.add_column("model", no_wrap=True)
    for name in (f"HR@{k}", f"NDCG@{k}", "MRR", "coverage", "fit s", "ms each", "ours better"):
        shown.add_column(name, justify="right", no_wrap=True)
    for r in results:
        better = "" if r.better_than is None else "{:+.3f}…{:+.3f}".format(*r.better_than)
        shown.add_row(
            r.model,
            *(f"{value:.4f}" for value in (r.hr, r.ndcg, r.mrr, r.coverage)),
            f"{r.fit_seconds:.2f}",
            f"{r.ms_per_person:.2f}",
            better,
        )
    frame.console.print(shown)
    frame.console.print(f"{results[0].people} people; peak memory {peak_mb()} MB.")
    if len(results) > 1:
        frame.console.print("Ours better: the 95 % interval of NDCG, paired by person (bootstrap).")


def peak_mb() -> int:
    """The most memory that this process has held, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))
