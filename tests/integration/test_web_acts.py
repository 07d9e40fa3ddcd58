"""The page of the log: what was done with rights."""

from __future__ import annotations

from sqlalchemy import insert

from bridge import flow
from bridge.access import audit
from bridge.bootstrap import Bridge
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.visitor import Visit


def _note(cast: Cast, person: int | None, act: str, subject: str = "") -> None:
    with cast.store.work() as work:
        audit.note(work, person, act, subject, cast.now)


def test_an_admin_reads_what_was_done_and_by_whom(
    lite_cast: Cast, visit: Visit, bridge: Bridge
) -> None:
    """What is done on a page is in it at once."""
    with lite_cast.store.work() as work:
        category = work.sql.execute(
            insert(t.categories).returning(t.categories.c.id),
            {"connection_id": lite_cast.connection, "lms_id": 3, "name": "Leadership"},
        ).scalar_one()
    dana = visit(lite_cast.dana)
    assert "Nothing was done yet." in dana.read("/admin/audit")
    dana.follow(f"/admin/policy/{category}", announce="no")
    said = dana.read("/admin/audit")
    assert "policy set Dana Diaz" in said
    assert f"category {category}: no" in said


def test_it_is_read_by_kind_and_page_by_page(lite_cast: Cast, visit: Visit) -> None:
    """Every line stands on one page and on no other."""
    for number in range(120):
        _note(lite_cast, lite_cast.dana, "policy set", f"number-{number}.")
    _note(lite_cast, None, "granted admin", "7")
    dana = visit(lite_cast.dana)
    seen, path = [], "/admin/audit?kind=sharing"
    for _ in range(3):
        page = dana.page(path)
        seen += [n for n in range(120) if f">number-{n}.<" in page]
        assert "granted admin" not in page
        older = page.partition('href="/admin/audit?before=')[2].partition('"')[0]
        path = f"/admin/audit?before={older}".replace("&amp;", "&")
    assert (list(range(120)), "") == (sorted(seen), older)
    only = dana.read("/admin/audit?kind=people")
    assert "granted admin the command line" in only
    assert "policy set" not in only
    assert "Nothing of this kind" in dana.read("/admin/audit?kind=keys")


def test_who_was_erased_is_named_no_more_and_what_they_did_stays(
    lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """The log stays readable without them, as one who did it and as one to whom it was done."""
    _note(lite_cast, lite_cast.alice, "delegate named", str(lite_cast.bob))
    flow.erase(lite_cast.store, clock, lite_cast.alice)
    flow.erase(lite_cast.store, clock, lite_cast.bob)
    said = visit(lite_cast.dana).read("/admin/audit?kind=leaders")
    assert "delegate named somebody who is not here any more" in said
    assert "Alice" not in said


def test_another_connections_acts_are_not_there(lite_cast: Cast, visit: Visit) -> None:
    """Nor what is of no connection, as soon as there is another one: it may be about that."""
    _note(lite_cast, None, "leader added", "Sales: 7")
    with lite_cast.store.work() as work:
        other = work.sql.execute(
            insert(t.connections).returning(t.connections.c.id),
            {
                "name": "globex",
                "kind": "moodle",
                "url": "https://globex.example",
                "site_name": "Globex",
                "token_sealed": "",
                "user_lms_id": 1,
                "functions": [],
                "created_at": lite_cast.now,
            },
        ).scalar_one()
        zoe = work.sql.execute(
            insert(t.people).returning(t.people.c.id),
            {"connection_id": other, "lms_id": 1, "name": "Zoe Zane"},
        ).scalar_one()
    _note(lite_cast, zoe, "outlet switched on", "Theirs")
    _note(lite_cast, lite_cast.dana, "outlet switched off", "Ours")
    said = visit(lite_cast.dana).read("/admin/audit")
    assert (True, False, False) == ("Ours" in said, "Theirs" in said, "Sales: 7" in said)


def test_what_is_asked_for_is_not_believed(lite_cast: Cast, visit: Visit) -> None:
    """Another kind is all kinds, and a number that no column holds is a number."""
    _note(lite_cast, lite_cast.dana, "policy set", "<b>tag</b>")
    dana = visit(lite_cast.dana)
    assert "policy set" in dana.read("/admin/audit?kind=nonsense&before=99999999999999")
    assert "<b>tag" not in dana.page("/admin/audit")
