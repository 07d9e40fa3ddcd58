"""Disconnecting: nothing of the connection is left, and nothing of another is touched."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bridge import flow
from bridge.access import audit
from bridge.cli import cli
from bridge.errors import OutletBusy
from bridge.storage import Store, purge
from bridge.storage import tables as t
from bridge.storage.purge import NOT_OF_ONE, belongs
from bridge.storage.tables import metadata
from tests.cast import Cast
from tests.company import LETTERS, TOLD, Company
from tests.conftest import SECRET_KEY, FrozenClock
from tests.every_table import everything, fill, saying
from tests.integration.test_delivery_room import FORUM


def test_every_table_is_purged_or_named() -> None:
    """Each refers to a connection, by itself or by what it refers to, or is said for itself."""
    unknown = {table.name for table in metadata.sorted_tables if belongs(table, 1) is None}
    assert set(NOT_OF_ONE) == unknown


def test_nothing_is_left_and_nothing_else_is_touched(
    store: Store, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two connections with a row in every table: afterwards the other is as it was, to the word."""
    monkeypatch.setattr(purge, "A_BATCH", 1)
    with store.work() as work:
        ours = fill(work.sql, "Zeppelin", 777)
        theirs = fill(work.sql, "Yonder", 888)
        work.sql.execute(t.leases.delete())
        # The bridge's own keys, and what somebody typed, are of no connection: they stay.
        ours_kid = t.lti_keys.c.kid.startswith("Zeppelin")
        work.sql.execute(t.lti_keys.delete().where(ours_kid))
        opens = t.setup_keys.c.token_hash.startswith("Zeppelin")
        work.sql.execute(t.setup_keys.delete().where(opens))
        begun = t.oidc_logins.c.state_hash.startswith("Zeppelin")
        work.sql.execute(t.oidc_logins.delete().where(begun))
        said = t.sign_in_requests.c.said.startswith("Zeppelin")
        work.sql.execute(t.sign_in_requests.delete().where(said))
        for rows in (ours, theirs):
            ident = rows["people"]["id"]
            work.sql.execute(t.xapi_keys.insert(), {**rows["xapi_keys"], "key": f"more-{ident}"})
            audit.note(work, None, "granted admin", str(ident), clock.now())
            audit.note(work, None, "leader added", f"Sales: {ident}", clock.now())
    with store.reading() as work:
        before = {
            table: _theirs(table, rows, theirs)
            for table, rows in everything(work.sql).items()
            if table != "touches"
        }
        connection = work.connections.by_id(ours["connections"]["id"])
        counts = work.purge.counts(connection.id)
        assert {name for name in before if name not in NOT_OF_ONE} == set(counts)
    told: list[tuple[str, int]] = []
    total = flow.disconnect(store, clock, connection, say=lambda *said: told.append(said))
    assert sum(counts.values()) == total
    assert ("connections", 1) == told[-1]
    with store.reading() as work:
        after = everything(work.sql)
        del after["touches"]
        assert before == {table: _theirs(table, rows, theirs) for table, rows in after.items()}
        assert {} == work.purge.counts(connection.id)
        # The keys are no connection's, and only the test lets them say something.
        keys = {"naming_keys.mark", "naming_keys.key_sealed"}
        assert {"audit.act", "audit.subject"} | keys >= saying(work.sql, "Zeppelin")
        ours_id = ours["people"]["id"]
        log = after["audit"]
        assert all(ours_id != row["person_id"] for row in log)
        assert all(not row["subject"].endswith(f" {ours_id}") for row in log)
        assert "disconnected" == log[-1]["act"]
        for table, rows in after.items():
            if table not in {"audit", "naming_keys"}:
                assert len(before[table]) == len(rows), table


def _theirs(
    table: str, rows: list[dict[str, Any]], theirs: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of the other connection."""
    found = [row for row in rows if "Yonder" in str(row) or str(theirs[table]) == str(row)]
    if table == "audit":
        ident = theirs["people"]["id"]
        return [row for row in rows if row["person_id"] == ident or _about(row, ident)]
    if "connection_id" in (rows[0] if rows else {}):
        ident = theirs["connections"]["id"]
        return [row for row in rows if row["connection_id"] == ident]
    keys = [c.name for c in metadata.tables[table].primary_key]
    same = [row for row in rows if all(row[k] == theirs[table][k] for k in keys)]
    return same or found


def _about(row: dict[str, Any], ident: int) -> bool:
    return row["subject"] in {str(ident), f"Sales: {ident}"}


# --- what stands at outlets ----------------------------------------------------------------------


def take_back(company: Company) -> int:
    """Take back all that the outlets show; how much is still to be."""
    with company.store.reading() as work:
        connection = work.connections.by_id(company.cast.connection)
    return flow.take_all_back(
        company.store,
        company.clock,
        connection,
        lambda outlet: company.boards[outlet.id],
        link=lambda path: f"https://bridge.example{path}",
        worker_id="w1",
        say=lambda what, count: None,
    )


def test_outlets_take_down_what_they_can(company: Company) -> None:
    """What can go goes, what is busy is still to be, and mail stays."""
    wall = company.outlet("Wall", FORUM, TOLD)
    mail = company.outlet("Mail", LETTERS, TOLD)
    slow = company.outlet("Slow", FORUM, TOLD)
    company.tell()
    company.boards[slow.id].trouble = [OutletBusy("Later.", after=60)]
    assert 2 == take_back(company)
    assert {} == company.boards[wall.id].posts
    assert 2 == len(company.boards[mail.id].posts)
    company.clock.advance(hours=1)
    assert 0 == take_back(company)
    assert {} == company.boards[slow.id].posts
    with company.store.reading() as work:
        assert 2 == work.purge.standing(company.cast.connection)


# --- the command ---------------------------------------------------------------------------------


def run(cast: Cast, *words: str, answer: str | None = None) -> Result:
    """The command on the cast's database."""
    env = {"SOCIALBRIDGE_SECRET_KEY": SECRET_KEY, "SOCIALBRIDGE_DATABASE_URL": cast.store.url}
    return CliRunner().invoke(cli, ["disconnect", "acme", *words], env=env, input=answer)


def test_the_command_shows_what_goes_and_asks(lite_cast: Cast) -> None:
    """Counts first; the name has to be typed; then nothing is there any more."""
    assert "people " in run(lite_cast, "--dry-run").output
    refused = run(lite_cast, answer="yes\n")
    assert "Nothing was deleted." in str(refused.exception)
    with lite_cast.store.reading() as work:
        assert 1 == len(work.connections.all())
    done = run(lite_cast, answer="acme\n")
    assert "acme is disconnected" in done.output
    with lite_cast.store.reading() as work:
        assert [] == work.connections.all()
        assert [] == list(work.sql.execute(select(t.people)))
        assert [] == list(work.sql.execute(select(t.leases)))
