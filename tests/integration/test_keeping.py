"""Nothing is kept for ever, and nothing is forgotten that still stands somewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from bridge import config_values, flow
from bridge.cli import cli
from bridge.errors import ConfigError
from bridge.model import Choice, DeliveryState
from bridge.storage import Store, keeping
from bridge.storage import tables as t
from bridge.storage.keeping import KINDS
from tests.company import TOLD, Company
from tests.conftest import SECRET_KEY, FrozenClock
from tests.every_table import fill
from tests.integration.test_delivery_room import FORUM

DAYS = {**config_values.KEPT, "runs": 90.0}


def test_each_kind_has_its_days() -> None:
    """The setting knows the same kinds as what forgets them."""
    assert set(KINDS) == set(config_values.KEPT)
    assert {**config_values.KEPT, "audit": 30.0} == config_values.days(" audit = 30,")
    for wrong in ("secrets=3", "audit=0", "audit", "audit=x"):
        with pytest.raises(ConfigError):
            config_values.days(wrong)


def test_everything_is_forgotten_when_its_time_has_come(
    store: Store, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing on the first day; ten years later nothing of any kind, batch by batch."""
    monkeypatch.setattr(keeping, "A_BATCH", 1)
    with store.work() as work:
        fill(work.sql, "Old", 777)
        fill(work.sql, "Older", 888)
        settled = t.xapi_statements.update().values(state="stored")
        work.sql.execute(settled)
        gone = DeliveryState.GONE.value
        nothing = {"remote_id": None, "sent": None, "digest_id": None, "not_before": None}
        work.sql.execute(t.deliveries.update().values(state=gone, pending=False, **nothing))
        work.sql.execute(t.activities.update().values(gone=True, kind="post"))
        work.sql.execute(t.consent_log.update().values(address="192.0.2.7"))
    assert dict.fromkeys((*KINDS, "runs"), 0) == flow.too_old(store, clock, DAYS)
    assert {0} == set(dict(flow.tidy(store, clock, DAYS)).values())
    clock.advance(days=3_650)
    found = flow.too_old(store, clock, DAYS)
    # What a receipt or an activity lists waits for that to be forgotten first.
    waits = {"ledger", "activities", "discussions"}
    assert {kind for kind, count in found.items() if not count} <= {*waits, "runs"}
    forgotten = dict(flow.tidy(store, clock, DAYS))
    assert dict.fromkeys((*KINDS, "runs"), 0) == flow.too_old(store, clock, DAYS)
    assert all(count >= 2 for kind, count in forgotten.items() if kind not in {*waits, "runs"})
    with store.reading() as work:
        for kept in (one for kinds in KINDS.values() for one in kinds):
            left = work.sql.execute(select(func.count()).select_from(kept.table)).scalar_one()
            assert (2 if kept.table is t.consent_log else 0) == left, kept.table.name
        assert {""} == set(work.sql.execute(select(t.consent_log.c.address)).scalars())


def test_what_stands_at_an_outlet_stays_correctable(company: Company) -> None:
    """However old: as long as an outlet shows it, it can be taken back, and that is done."""
    bob = company.cast.bob
    wall = company.outlet("Wall", FORUM, TOLD)
    company.tell()
    company.clock.advance(days=3_650)
    dict(flow.tidy(company.store, company.clock, DAYS))
    company.narrow(bob)
    company.drain()
    assert (2, 0, 0, 0) == company.counts(bob)
    assert ["Beth Becker finished Giving feedback"] == company.boards[wall.id].titles


def test_a_receipt_stays_while_something_is_still_to_be(company: Company) -> None:
    """It goes a year after, and only then what it lists."""
    bob = company.cast.bob
    company.outlet("Wall", FORUM, TOLD)
    company.tell()
    company.narrow(bob)
    company.clock.advance(days=400)
    dict(flow.tidy(company.store, company.clock, DAYS))
    assert (0, 2, 0, 0) == company.counts(bob)
    company.drain()
    assert 1 == dict(flow.tidy(company.store, company.clock, DAYS))["receipts"]


def test_what_was_forgotten_is_not_told_once_more(company: Company) -> None:
    """Items that nobody keeps any more are history: a later choice does not bring them back."""
    company.tell()
    company.clock.advance(days=1_200)
    assert 0 < dict(flow.tidy(company.store, company.clock, DAYS))["activities"]
    company.cast.choose(company.cast.beth, company.viewer(company.cast.bob).choice)  # type: ignore[arg-type]
    assert 0 == flow.tell(company.store, company.clock, company.cast.connection)
    with company.store.reading() as work:
        assert 0 == work.sql.execute(select(func.count()).select_from(t.activities)).scalar_one()


def test_a_day_is_forgotten_for_every_audience_or_for_none(company: Company) -> None:
    """Its completions would be history for the one that stands, and be missing in it."""
    cast = company.cast
    cast.choose(cast.beth, Choice.TEAMS)
    company.outlet("Wall", FORUM, TOLD)
    company.tell()
    a = t.activities.c
    of_the_day = select(a.audience).where(a.course_id == cast.feedback).order_by(a.audience)
    with company.store.reading() as work:
        told = list(work.sql.execute(of_the_day).scalars())
    assert [company.everyone.key, f"team:{cast.sales}"] == told
    company.clock.advance(days=1_200)
    dict(flow.tidy(company.store, company.clock, DAYS))
    with company.store.work() as work:
        assert told == list(work.sql.execute(of_the_day).scalars())
        work.sql.execute(t.completions.update().values(pending=True))
    flow.tell(company.store, company.clock, cast.connection)
    with company.store.reading() as work:
        assert told == list(work.sql.execute(of_the_day.where(a.gone.is_(False))).scalars())
    # When the last of them may go, they go together.
    company.narrow(cast.bob)
    company.drain()
    company.clock.advance(days=1_200)
    for _ in range(2):  # The receipt first, and then what it lists.
        dict(flow.tidy(company.store, company.clock, DAYS))
    with company.store.reading() as work:
        assert [] == list(work.sql.execute(of_the_day).scalars())


def test_the_command_counts_before_it_forgets(lite_company: Company) -> None:
    """A line a kind: how long it is kept, and how much is older."""
    env = {
        "SOCIALBRIDGE_SECRET_KEY": SECRET_KEY,
        "SOCIALBRIDGE_DATABASE_URL": lite_company.store.url,
        "SOCIALBRIDGE_KEEP_DAYS": "audit=1",
    }
    with lite_company.store.work() as work:
        long_ago = lite_company.clock.now() - timedelta(days=900)
        work.access.note(None, "link issued", "1", long_ago)
    for words, said in (["tidy", "--dry-run"], "1 would be forgotten"), (["tidy"], "1 forgotten"):
        told = CliRunner().invoke(cli, words, env=env, catch_exceptions=False).output
        line = next(line for line in told.splitlines() if line.startswith("audit"))
        assert line.endswith(said)
        assert "kept      1 days" in line
    told = CliRunner().invoke(cli, ["tidy"], env=env, catch_exceptions=False).output
    assert "1 forgotten" not in told
