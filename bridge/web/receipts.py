"""What was taken back, and what became of it: one's own, by a secret link, and in numbers."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from bridge.access.secrecy import hashed
from bridge.consent import receipts
from bridge.web.here import bridge, viewer
from bridge.web.table import LARGEST_ID


def mine() -> Any:
    """Everything that I took back, with what became of it."""
    with bridge().store.reading() as work:
        found = receipts.mine(work, viewer())
    return render_template("receipts.html", receipts=found)


def one(uid: str) -> Any:
    """One of my receipts: how many things, where, and each of them."""
    after = min(max(request.args.get("after", 0, type=int), 0), LARGEST_ID)
    with bridge().store.reading() as work:
        receipt = receipts.one(work, viewer(), uid)
        items = receipts.items(work, viewer(), uid, after)
    more = items[-1].delivery_id if len(items) == receipts.A_PAGE else None
    return render_template("receipt.html", receipt=receipt, items=items, more=more)


def secret(token: str) -> Any:
    """The receipt of somebody who was erased, for who has the link: numbers, and no names."""
    with bridge().store.reading() as work:
        receipt = receipts.by_token(work, hashed(token))
    return render_template("receipt.html", receipt=receipt, items=(), more=None)


def all_of_them() -> Any:
    """For admins: what people of the connection took back, in numbers."""
    with bridge().store.reading() as work:
        found = receipts.of_connection(work, viewer().connection_id)
    return render_template("withdrawals.html", receipts=found)
