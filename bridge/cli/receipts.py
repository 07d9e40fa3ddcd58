"""What people took back, and what became of it."""

from __future__ import annotations

from typing import Any

import click

from bridge.cli.frame import Frame, show_json
from bridge.cli.people import connection_option
from bridge.consent import receipts
from bridge.model import Fated, WithdrawalReceipt


@click.command(epilog="Example: socialbridge receipt --json")
@click.argument("uid", required=False)
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def receipt(frame: Frame, uid: str | None, connection_name: str | None, as_json: bool) -> None:
    """What became of what people took back, in numbers that name nobody.

    Without UID the newest withdrawals; with the UID of one, how it stands at every outlet.
    """
    with frame.bridge.store.reading() as work:
        if uid is not None:
            found = [receipts.by_uid(work, uid)]
        else:
            found = receipts.of_connection(work, frame.connection(connection_name).id)
    if as_json:
        show_json([_plain(one) for one in found])
        return
    if not found:
        frame.console.print("Nobody took anything back yet.")
    for one in found:
        w = one.withdrawal
        frame.console.print(
            f"{w.at:%Y-%m-%d %H:%M} UTC  {w.cause.value:8}  {_word(one)}  {w.uid}",
            markup=False,
            soft_wrap=True,
        )
        for fated in one.fates if uid is not None else ():
            frame.console.print(f"  {_line(fated)}", markup=False, soft_wrap=True)


def _word(one: WithdrawalReceipt) -> str:
    return (
        f"taken back {one.removed}, still to be {one.waiting}, cannot be {one.stays},"
        f" never left {one.never}"
    )


def _line(one: Fated) -> str:
    when = f", next try {one.next_try:%Y-%m-%d %H:%M} UTC" if one.next_try else ""
    why = f": {one.reason}" if one.reason else ""
    return f"{one.outlet_name}: {one.count} {one.fate.value}{when}{why}"


def _plain(one: WithdrawalReceipt) -> dict[str, Any]:
    return {
        "uid": one.withdrawal.uid,
        "cause": one.withdrawal.cause.value,
        "at": one.withdrawal.at,
        "taken_back": one.removed,
        "still_to_be": one.waiting,
        "cannot_be": one.stays,
        "never_left": one.never,
        "outlets": [
            {
                "outlet": f.outlet_name,
                "kind": f.outlet_kind,
                "fate": f.fate.value,
                "count": f.count,
                "reason": f.reason,
                "next_try": f.next_try,
            }
            for f in one.fates
        ],
    }
