"""Who leads whom, by a file or by rules about cohorts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bridge.access import audit, leadership
from bridge.access.leader_file import Row
from bridge.access.leadership import Change, Rule
from bridge.ports import Clock
from bridge.storage import Store, Work


class _Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


def take_leaders(
    store: Store,
    clock: Clock,
    connection_id: int,
    rows: Sequence[Row],
    *,
    replace: bool,
    dry_run: bool = False,
    by: int | None = None,
) -> Change:
    """Have people lead teams as a file says; see :func:`leadership.take_file`.

    :raises InputError: naming the lines that cannot be taken; then nothing is changed.
    """

    def act(work: Work) -> Change:
        change = leadership.take_file(work, connection_id, rows, replace=replace)
        _note(work, change, "file", clock, by)
        return change

    return _tried(store, act, dry_run)


def set_leader_rules(
    store: Store,
    clock: Clock,
    connection_id: int,
    rules: Sequence[Rule],
    *,
    dry_run: bool = False,
    by: int | None = None,
) -> Change:
    """Follow these rules from now on, at once and after each sync, and no others.

    :raises NotFound: if there is no such connection.
    """

    def act(work: Work) -> Change:
        kept = [[rule.cohort, rule.team] for rule in rules]
        work.connections.set(connection_id, {"leader_rules": kept})
        change = leadership.follow_rules(work, connection_id, rules)
        audit.note(work, by, "leader rules set", str(len(rules)), clock.now())
        _note(work, change, "rule", clock, by)
        return change

    return _tried(store, act, dry_run)


def follow_leader_rules(work: Work, connection_id: int, clock: Clock) -> None:
    """Bring who leads by a rule up to date with the cohorts, as the last sync left them."""
    rules = leadership.rules_of(work.connections.by_id(connection_id).settings)
    if rules:
        _note(work, leadership.follow_rules(work, connection_id, rules), "rule", clock)


def _note(work: Work, change: Change, origin: str, clock: Clock, by: int | None = None) -> None:
    # How many, and not who: the log is read by others than the people it is about.
    for act, pairs in (("added", change.added), ("ended", change.ended)):
        if pairs:
            audit.note(work, by, f"leaders {act} by {origin}", str(len(pairs)), clock.now())


def _tried(store: Store, act: Callable[[Work], Change], dry_run: bool) -> Change:
    found: list[Change] = []
    try:
        with store.work() as work:
            found.append(act(work))
            if dry_run:
                raise _Undone
    except _Undone:
        pass
    return found[0]
