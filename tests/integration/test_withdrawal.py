"""A person takes everything back across five outlets, over real HTTP and SMTP.

The same at a thousand items is `python -m tests.benchmarks.withdrawal`.
"""

from __future__ import annotations

from bridge import flow
from bridge.model import Choice
from bridge.storage import Store
from tests.benchmarks.withdrawal import withdrawal
from tests.statements import statements

ITEMS = 40


def test_it_is_complete_and_the_receipt_exact(store: Store) -> None:
    """Edited, deleted, stuck in the mail, taken down late: shown is what the receipt says."""
    with withdrawal(store, ITEMS) as one:
        one.tell()
        assert dict.fromkeys(one.names, ITEMS) == one.naming()
        one.withdraw()
        one.drain()
        assert {**dict.fromkeys(one.names, 0), "mail": ITEMS} == one.naming()
        assert one.expected() == {outlet: dict(fates) for outlet, fates in one.told().items()}
        shown = {outlet: len(texts) for outlet, texts in one.shown().items()}
        half = ITEMS // 2
        assert {"wall": half, "stone": 0, "mail": ITEMS, "hook": half, "down": half} == shown


def test_it_costs_the_database_no_more_for_more_items(store: Store) -> None:
    """The feed and the deliveries of many items are read and written together."""
    costs = []
    with withdrawal(store, ITEMS) as one:
        one.tell()
        for person in (one.cast.bob, one.cast.beth):
            with statements(store) as sent:
                flow.change_consent(store, one.clock, person, Choice.NOBODY)
            costs.append(len(sent))
    assert all(cost < 60 for cost in costs), costs
