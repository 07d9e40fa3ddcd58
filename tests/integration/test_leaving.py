"""A copy of everything that is kept of a person, and the pages and commands of leaving."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bridge.access import audit
from bridge.cli import cli
from bridge.consent import exporting
from bridge.errors import NotFound
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.storage.exporting import LEFT_OUT, SECTIONS
from bridge.storage.tables import metadata
from tests.cast import Cast
from tests.company import TOLD, Company
from tests.conftest import SECRET_KEY, FrozenClock
from tests.every_table import fill
from tests.integration.test_delivery_room import FORUM
from tests.visitor import Visit, words

HELD_OTHERWISE = {
    "xapi_statements.fact": "a section of its own, compared name by name",
    "outlets.settings": "the addresses that an outlet writes to: a section of its own",
    "outlet_unsubscribed.address": "a section of its own, by the address",
    "sync_runs.report": "a run that an admin made for one person's number: nothing about them",
    "teams.name": "a team by job assignment bears its manager's name: who leads it reads it",
}
"""Where a person's name, address or number may stand without a reference to them."""


def test_every_column_that_refers_to_a_person_is_exported_or_left_out_for_a_reason() -> None:
    """Whoever adds a table decides which, or this test fails."""
    refers = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is t.people for key in column.foreign_keys)
        or column.name in {"person_id", "moderator_id"}
    }
    covered = {name for section in SECTIONS for name in section.of} | set(LEFT_OUT)
    assert set() == refers - covered
    assert covered - refers == {"people", "outlet_unsubscribed.address"}
    assert all(LEFT_OUT.values())
    known = {f"{table.name}.{c.name}" for table in metadata.sorted_tables for c in table.columns}
    assert set() == (set(HELD_OTHERWISE) | set(LEFT_OUT)) - known


def test_everything_that_is_kept_is_in_the_copy(store: Store, clock: FrozenClock) -> None:
    """A row of each table: every section has something, and nothing of somebody else."""
    with store.work() as work:
        mine = fill(work.sql, "Mine", 777)
        fill(work.sql, "Theirs", 888)
        me, email = mine["people"]["id"], mine["people"]["email"]
        work.sql.execute(t.discussions.update().values(gone=False))
        o, u = t.outlets, t.outlet_unsubscribed
        its = o.c.connection_id == mine["connections"]["id"]
        work.sql.execute(o.update().where(its).values(settings={"to": [email, "x@example.com"]}))
        work.sql.execute(u.update().values(address=email.lower()))
        fact = {"by": "user_id", "who": "777", "course": 1}
        work.sql.execute(t.xapi_statements.update().values(state="waiting", fact=fact))
        audit.note(work, None, "granted admin", str(me), clock.now())
    with store.reading() as work:
        copy = exporting.export(work, me, clock.now())
        with pytest.raises(NotFound):
            exporting.export(work, 9_999, clock.now())
    assert [] == [part.title for part in copy.parts if not part.rows]
    for text in (copy.as_json(), copy.as_html()):
        assert "Mine people.name" in text
        assert "Mine comments.text" in text
        assert "Theirs" not in text
        assert "x@example.com" not in text
    assert len(copy.parts) == len(json.loads(copy.as_json())["sections"])


def test_the_page_is_one_file_that_is_harmless(cast: Cast, clock: FrozenClock) -> None:
    """Hostile names and words stay words, and nothing is fetched from anywhere."""
    with cast.store.work() as work:
        work.sql.execute(
            t.people.update().where(t.people.c.id == cast.bob).values(name="<script>x</script>")
        )
    with cast.store.reading() as work:
        page = exporting.export(work, cast.bob, clock.now()).as_html()
    tags: list[tuple[str, list[tuple[str, str | None]]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, attrs))

    Reader().feed(page)
    assert {"script", "img", "link", "iframe"} & {tag for tag, _ in tags} == set()
    assert {"src", "href"} & {name for _, attrs in tags for name, _ in attrs} == set()
    assert "&lt;script&gt;" in page


# --- pages ---------------------------------------------------------------------------------------


def test_a_person_takes_a_copy_and_leaves(lite_company: Company, visit: Visit) -> None:
    """Offered a copy first, asked if they are sure, and shown the receipt; then they are nobody."""
    bob = lite_company.cast.bob
    wall = lite_company.outlet("Wall", FORUM, TOLD)
    lite_company.tell()
    visitor = visit(bob)
    assert "Take a copy along, or have all of it erased" in visitor.read(f"/people/{bob}")
    page = visitor.page("/me/data")
    assert page.index("/me/export.html") < page.index("/me/data/erase")
    saved = visitor.get("/me/export.json")
    assert 'attachment; filename="socialbridge.json"' == saved.headers["Content-Disposition"]
    assert "Bob Brown" == json.loads(saved.text)["person"]
    assert "no-store" in visitor.get("/me/export.html").headers["Cache-Control"]
    answer = visitor.post("/me/data/erase")
    assert 422 == answer.status_code
    assert "Tick the box if you are sure. Nothing was erased." in words(answer.text)
    answer = visitor.post("/me/data/erase", sure="yes")
    assert 303 == answer.status_code
    receipt = answer.headers["Location"]
    assert re.fullmatch(r"/receipts/[\w-]{43}", receipt)
    assert "The bridge is still at it." in visit().read(receipt)
    lite_company.drain()
    told = visit().read(receipt)
    assert "Done: nothing of it stands anywhere any more." in told
    assert "Negotiation" not in told
    assert ["Beth Becker finished Giving feedback"] == lite_company.boards[wall.id].titles
    assert "/sign-in" in visitor.get("/me/data").headers["Location"]


def test_an_admin_erases_and_lifts(lite_company: Company, visit: Visit) -> None:
    """Found by number also who left the LMS; the log keeps that it was done, and nobody's name."""
    cast = lite_company.cast
    with lite_company.store.work() as work:
        gone = t.people.update().where(t.people.c.id == cast.bob).values(gone=True)
        work.sql.execute(gone)
    dana = visit(cast.dana)
    assert "Bob Brown Number 101 in the LMS" in dana.read("/admin/erase?person=101")
    assert "nobody" in dana.read("/admin/erase?person=nobody").lower()
    assert 422 == dana.post(f"/admin/erase/{cast.bob}").status_code
    assert 303 == dana.post(f"/admin/erase/{cast.bob}", sure="yes").status_code
    assert 404 == dana.post(f"/admin/erase/{cast.bob}", sure="yes").status_code
    assert "1 person was erased" in dana.read("/admin/erase")
    assert 422 == dana.post("/admin/erase/lift", lms_id="102").status_code
    assert 303 == dana.post("/admin/erase/lift", lms_id="101").status_code
    with lite_company.store.reading() as work:
        log = [(entry.person_id, entry.act) for entry in audit.recent(work, 2)]
        assert [(cast.dana, "erasure lifted"), (cast.dana, "person erased")] == log


def test_nobody_erases_people_of_another_connection(
    lite_store: Store, lite_cast: Cast, visit: Visit
) -> None:
    """An admin is one of their own connection."""
    with lite_store.work() as work:
        other = fill(work.sql, "Other", 901)["people"]["id"]
    dana = visit(lite_cast.dana)
    assert 404 == dana.post(f"/admin/erase/{other}", sure="yes").status_code
    with lite_store.reading() as work:
        assert None is not work.access.person(other)


# --- commands ------------------------------------------------------------------------------------


def run(cast: Cast, *words: str, answer: str | None = None) -> Result:
    """A command on the cast's database."""
    env = {"SOCIALBRIDGE_SECRET_KEY": SECRET_KEY, "SOCIALBRIDGE_DATABASE_URL": cast.store.url}
    return CliRunner().invoke(cli, [*words], env=env, input=answer)


def test_the_commands_copy_and_erase(lite_cast: Cast) -> None:
    """They ask before they erase, offer a copy, and print the receipt's address."""
    copy = run(lite_cast, "export", "bob@acme.example")
    assert "Bob Brown" == json.loads(copy.output)["person"]
    assert "<!doctype html>" in run(lite_cast, "export", "101", "--format", "html").output
    asked = run(lite_cast, "erase", "bob@acme.example", answer="n\n")
    assert "socialbridge export 101 --format html" in asked.output
    with lite_cast.store.reading() as work:
        assert None is not work.access.person(lite_cast.bob)
    done = run(lite_cast, "erase", "bob@acme.example", "--yes")
    assert "/receipts/" in done.output
    with lite_cast.store.reading() as work:
        assert None is work.access.person(lite_cast.bob)
        acts = [row.act for row in work.sql.execute(select(t.audit).order_by(t.audit.c.id))]
        assert ["person exported", "person exported", "person erased"] == acts
    assert "no name here" in str(run(lite_cast, "erase", "--lift", "bob").exception)
    assert "takes them up again" in run(lite_cast, "erase", "--lift", "101").output
