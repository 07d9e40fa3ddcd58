"""The endpoint that an LMS pushes to, over HTTP."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from bridge.bootstrap import Bridge
from bridge.lms.xapi import MOST_BYTES
from bridge.lms.xapi.reading import MOST_IN_ONE, MOST_STATEMENTS
from bridge.model import ActorBy
from bridge.storage import tables as t
from tests.cast import Cast
from tests.pushing import Pusher, pusher, recorded, statement
from tests.visitor import Visit

HERE = "/xapi/statements?statementId="


@pytest.fixture
def lms(app: Flask, bridge: Bridge, lite_cast: Cast) -> Pusher:
    """Acme's LMS, with a key."""
    return pusher(bridge, app.test_client(), lite_cast.connection)


def completions(bridge: Bridge) -> set[tuple[int, int]]:
    """Who completed what, as course and person."""
    k = t.completions.c
    with bridge.store.reading() as work:
        rows = work.sql.execute(select(k.course_id, k.person_id))
        return {(row.course_id, row.person_id) for row in rows}


def kept(bridge: Bridge) -> list[Any]:
    """What is kept of statements."""
    with bridge.store.reading() as work:
        return list(work.sql.execute(select(t.xapi_statements)))


# --- what a real Moodle sent ---------------------------------------------------------------------


def test_the_recorded_batch_is_taken(bridge: Bridge, lite_cast: Cast, app: Flask) -> None:
    """A real plugin's batch: two completions of a course; those of its pages are none."""
    with bridge.store.work() as work:
        work.sql.execute(t.connections.update().values(url="https://moodle.example"))
        work.sql.execute(
            t.courses.update().where(t.courses.c.id == lite_cast.feedback).values(lms_id=9)
        )
        for person, number in ((lite_cast.bob, 287), (lite_cast.beth, 158)):
            work.sql.execute(
                t.people.update()
                .where(t.people.c.id == person)
                .values(email=f"user{number}@example.com")
            )
    lms = pusher(bridge, app.test_client(), lite_cast.connection)
    request = recorded("course_completed")

    answer = lms.push(
        request["body"],
        path=request["path"],
        method=request["method"],
        version=request["headers"]["X-Experience-Api-Version"],
        content_type=request["headers"]["Content-Type"],
    )

    assert (200, 4) == (answer.status_code, len(answer.json))
    assert all(uuid.UUID(ident) for ident in answer.json)
    assert "1.0.3" == answer.headers["X-Experience-API-Version"]
    feedback = lite_cast.feedback
    assert {(feedback, lite_cast.bob), (feedback, lite_cast.beth)} == completions(bridge)


def test_the_recorded_empty_batch_is_taken(lms: Pusher, bridge: Bridge) -> None:
    """The plugin sends an empty list when its events make no statements."""
    request = recorded("empty_batch")
    answer = lms.push(request["body"], path=request["path"])
    assert (200, []) == (answer.status_code, answer.json)
    assert [] == kept(bridge)


def test_one_statement_by_itself_is_taken(lms: Pusher, bridge: Bridge, lite_cast: Cast) -> None:
    """A statement need not stand in a list; the answer is a list all the same."""
    ident = str(uuid.uuid4())
    answer = lms.push(statement("bob@acme.example", id=ident))
    assert (200, [ident]) == (answer.status_code, answer.json)
    assert {(lite_cast.feedback, lite_cast.bob)} == completions(bridge)


def test_ids_come_back_in_the_order_of_the_statements(lms: Pusher) -> None:
    """One that came with its own id keeps it; the others get one."""
    mine = str(uuid.uuid4())
    batch = [statement("101"), statement("102", id=mine.upper()), statement("103")]
    first = lms.push(batch).json
    assert mine == first[1]
    assert 3 == len(set(first))
    assert list(reversed(first)) == lms.push(list(reversed(batch))).json


def test_a_batch_that_is_sent_again_is_one_batch(lms: Pusher, bridge: Bridge) -> None:
    """The plugin repeats what it has no answer to; the ids are the same, and nothing is doubled."""
    batch = [statement("101"), statement("102"), statement("102")]
    first, again = lms.push(batch), lms.push(batch)
    assert (200, 200, first.json) == (first.status_code, again.status_code, again.json)
    assert (2, 2) == (len(kept(bridge)), len(completions(bridge)))


# --- PUT and about -------------------------------------------------------------------------------


def test_a_statement_is_put_under_its_id(lms: Pusher, bridge: Bridge) -> None:
    """The address names the id; a second time it is there already, which is as good."""
    ident = str(uuid.uuid4())
    for _ in range(2):
        answer = lms.push(
            statement("101"), method="PUT", path=f"/xapi/statements?statementId={ident}"
        )
        assert (204, b"") == (answer.status_code, answer.data)
    assert [ident] == [row.id for row in kept(bridge)]


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/xapi/statements", statement("101"), "names no statementId"),
        ("/xapi/statements?statementId=7", statement("101"), "id: not a valid uuid"),
        (f"{HERE}{uuid.UUID(int=1)}", [statement("101")], "not one statement"),
        (
            f"{HERE}{uuid.UUID(int=1)}",
            statement("101", id=str(uuid.UUID(int=2))),
            "not the one that the address names",
        ),
    ],
)
def test_a_put_that_contradicts_itself_is_refused(
    lms: Pusher, bridge: Bridge, path: str, body: Any, says: str
) -> None:
    """One statement, with the id that the address names."""
    answer = lms.push(body, method="PUT", path=path)
    assert 400 == answer.status_code
    assert says in answer.json["error"]
    assert [] == kept(bridge)


def test_the_versions_are_told_to_anybody(app: Flask) -> None:
    """A sender asks before it has a key."""
    answer = app.test_client().get("/xapi/about")
    assert (200, {"version": ["1.0.3"]}) == (answer.status_code, answer.json)
    assert "1.0.3" == answer.headers["X-Experience-API-Version"]


# --- who may push --------------------------------------------------------------------------------


def test_nothing_is_taken_without_the_secret(lms: Pusher, app: Flask, bridge: Bridge) -> None:
    """A wrong secret, a wrong key, no key, another scheme: all are told the same."""
    client = app.test_client()
    body = {"data": json.dumps([statement("101")]), "content_type": "application/json"}
    refused = [
        lms.push([statement("101")], secret="guessed"),
        lms.push([statement("101")], secret=""),
        lms.push(statement("101"), secret="guessed", method="PUT", path=HERE),
        Pusher(client, "no-such-key", lms.secret).push([statement("101")]),
        Pusher(client, "\0", "\0").push([statement("101")]),
        client.post("/xapi/statements", **body),
        client.post("/xapi/statements", headers={"Authorization": "Basic %%%"}, **body),
        client.post("/xapi/statements", headers={"Authorization": f"Bearer {lms.secret}"}, **body),
    ]
    assert {401} == {answer.status_code for answer in refused}
    assert 1 == len({answer.json["error"] for answer in refused})
    assert all("Basic" in answer.headers["WWW-Authenticate"] for answer in refused)
    assert [] == kept(bridge)


def test_a_session_is_no_key(lite_cast: Cast, visit: Visit, bridge: Bridge) -> None:
    """Not even an admin's browser pushes; without a form token it would have to be a trap."""
    answer = visit(lite_cast.dana).client.post("/xapi/statements", json=[statement("101")])
    assert 401 == answer.status_code
    assert [] == kept(bridge)


def test_a_revoked_key_is_worth_nothing(lms: Pusher, bridge: Bridge) -> None:
    """From the moment on at which it is revoked."""
    assert 200 == lms.push([]).status_code
    with bridge.store.work() as work:
        work.xapi.revoke_key(lms.key, bridge.clock.now())
    assert 401 == lms.push([]).status_code


def test_of_a_secret_only_a_hash_is_kept(lms: Pusher, bridge: Bridge) -> None:
    """A database that leaks lets nobody push."""
    with bridge.store.reading() as work:
        row = work.sql.execute(select(t.xapi_keys)).one()
    assert lms.secret not in str(row)
    assert 64 == len(row.secret_hash)


def test_a_key_is_one_connections(lms: Pusher, bridge: Bridge, lite_cast: Cast) -> None:
    """What it pushes is about its own LMS; another's people are nobody there."""
    with bridge.store.work() as work:
        other = work.connections.put(
            "other", "moodle", "https://other.example", "token", _site(), bridge.clock.now()
        )
    stranger = pusher(bridge, lms.client, other.id)
    made = statement("101")
    made["object"]["id"] = made["object"]["id"].replace("lms.example", "other.example")
    made["actor"]["account"]["homePage"] = "https://other.example"
    assert 200 == stranger.push([statement("101"), made]).status_code
    assert set() == completions(bridge)
    assert {"ignored", "waiting"} == {row.state for row in kept(bridge)}
    assert {other.id} == {row.connection_id for row in kept(bridge)}


def _site() -> Any:
    from bridge.model import Site

    return Site("Other", "https://other.example", "4.5", 2, "Bridge", frozenset())


def test_the_site_may_be_reached_by_another_address_than_its_own(
    lms: Pusher, bridge: Bridge, lite_cast: Cast
) -> None:
    """The bridge reads it inside the network; it pushes by the name that it has outside."""
    with bridge.store.work() as work:
        work.sql.execute(t.connections.update().values(url="http://10.0.0.5:8080/moodle"))
    assert 200 == lms.push([statement("101")]).status_code
    assert {(lite_cast.feedback, lite_cast.bob)} == completions(bridge)


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("version", [None, "", "0.9", "0.95", "1.1.0", "2.0.0", "1.0.x", "1"])
def test_another_version_is_refused(lms: Pusher, version: str | None) -> None:
    """The header must be there and name a 1.0; the answer says which is spoken."""
    answer = lms.push([], version=version)
    assert 400 == answer.status_code
    assert "X-Experience-API-Version" in answer.json["error"]
    assert "1.0.3" == answer.headers["X-Experience-API-Version"]


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.9"])
def test_every_patch_of_our_version_is_taken(lms: Pusher, version: str) -> None:
    """Older versions of the plugin say 1.0.0."""
    assert 200 == lms.push([], version=version).status_code


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b'[{"actor": NaN}]', "no JSON"),
        (b"7" * 5000, "no JSON"),
        (b"null", "neither a statement nor a list"),
        (b'"text"', "neither a statement nor a list"),
        (b"[" * 100_000, "nested too deep"),
        ([statement("101"), 7], "Statement 2: it is no object"),
        ([{**statement("101"), "actor": None}], "Statement 1: actor"),
        ([{**statement("101"), "actor": []}], "Statement 1: actor"),
        ([{**statement("101"), "verb": {}}], "Statement 1: verb.id"),
        ([{**statement("101"), "verb": {"id": 7}}], "Statement 1: verb.id"),
        ([{**statement("101"), "object": "course"}], "Statement 1: object"),
        ([statement("101", id="7")], "Statement 1: id"),
        ([statement("101", at="yesterday")], "Statement 1: timestamp"),
        ([statement("101", at="2026-11-25T08:30:00")], "Statement 1: timestamp: has no time zone"),
        ([statement("101", at="9999-12-31T23:59:59-14:00")], "Statement 1: timestamp"),
        ([statement("101"), statement("102", at=[7])], "Statement 2: timestamp"),
        ([statement({"account": {"name": 5, "homePage": "x"}})], "actor.account.name"),
        ([statement("101", id=str(uuid.UUID(int=7)))] * 2, "Statement 2: id: another one"),
    ],
)
def test_a_malformed_body_says_where(lms: Pusher, bridge: Bridge, body: Any, says: str) -> None:
    """Which statement and which field; and nothing of the batch is kept."""
    answer = lms.push(body)
    assert 400 == answer.status_code
    assert says in answer.json["error"]
    assert [] == kept(bridge)


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/mixed; boundary=x", "application/x-www-form-urlencoded", ""]
)
def test_only_json_is_taken(lms: Pusher, kind: str) -> None:
    """Attachments would have to be kept, and are for nobody."""
    answer = lms.push([], content_type=kind)
    assert 400 == answer.status_code
    assert "application/json" in answer.json["error"]


def test_too_much_at_once_is_refused(lms: Pusher, bridge: Bridge) -> None:
    """Too many statements, one too long, or too many bytes: 413, and nothing is kept."""
    long = statement("101", result={"response": "x" * MOST_IN_ONE})
    for body, says in (
        ([statement("101")] * (MOST_STATEMENTS + 1), f"at most {MOST_STATEMENTS}"),
        ([statement("101"), long], "Statement 2 is longer"),
        (b" " * (MOST_BYTES + 1), ""),
    ):
        answer = lms.push(body)
        assert 413 == answer.status_code
        assert says in answer.json["error"]
    assert [] == kept(bridge)


def test_a_contradiction_is_refused_and_nothing_is_half_written(
    lms: Pusher, bridge: Bridge, lite_cast: Cast
) -> None:
    """The same id with other words is 409; what came with it in the batch is not kept either."""
    ident = str(uuid.uuid4())
    assert 200 == lms.push([statement("101", id=ident)]).status_code
    before = kept(bridge), completions(bridge)
    answer = lms.push([statement("103"), statement("102", id=ident)])
    assert 409 == answer.status_code
    assert ident in answer.json["error"]
    assert before == (kept(bridge), completions(bridge))


def test_the_same_words_written_otherwise_are_no_contradiction(lms: Pusher) -> None:
    """Order, zone and spelling of the time, and what describes the activity, say nothing new."""
    ident = str(uuid.uuid4())
    first = statement("101", id=ident, at="2026-11-25T08:30:00.000Z")
    again = dict(reversed(statement("101", id=ident, at="2026-11-25T09:30:00+01:00").items()))
    again["object"]["definition"]["name"] = {"de": "Ein Kurs"}
    again["stored"], again["version"] = "2026-11-25T08:31:00Z", "1.0.0"
    assert [200, 200] == [lms.push(one).status_code for one in (first, again)]


def test_nothing_can_be_read_back(lms: Pusher) -> None:
    """It takes statements and gives none: whoever has a key learns nothing about anybody."""
    answer = lms.push(b"", method="GET")
    assert 405 == answer.status_code
    assert "error" in answer.json


def test_pages_of_other_sites_get_no_leave_to_push(lms: Pusher) -> None:
    """No header lets a browser's script in from elsewhere."""
    for method in ("OPTIONS", "POST"):
        answer = lms.client.open(
            "/xapi/statements", method=method, headers={"Origin": "https://evil.example"}
        )
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_flood_is_slowed_down(lms: Pusher) -> None:
    """After 1,200 requests a minute the next one waits, and reads why in JSON."""
    statuses = [lms.client.post("/xapi/statements").status_code for _ in range(1201)]
    assert ([401] * 1200, 429) == (statuses[:-1], statuses[-1])
    answer = lms.push([])
    assert "very often" in answer.json["error"]
    assert "1.0.3" == answer.headers["X-Experience-API-Version"]


def test_a_database_that_is_away_is_said_so(
    lms: Pusher, bridge: Bridge, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    """A sender that reads 503 keeps its statements and sends them later."""
    from bridge.errors import StorageError
    from bridge.sync import push

    def away(*given: Any) -> None:
        raise StorageError("The database cannot be used: disk of bob@acme.example full.")

    monkeypatch.setattr(push, "receive", away)
    answer = lms.push([statement("bob@acme.example")])
    assert 503 == answer.status_code
    assert "cannot reach its database" in answer.json["error"]


def test_no_name_and_no_statement_is_logged(lms: Pusher, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever becomes of them."""
    caplog.set_level(logging.DEBUG)
    named = {"name": "Bob Brown", "mbox": "mailto:nobody@acme.example"}
    lms.push([statement(named)])
    lms.push([statement(named), {"actor": named}])
    lms.push([statement(named, at="Bob Brown's birthday")])
    assert "Brown" not in caplog.text
    assert "nobody@" not in caplog.text


def test_of_a_statement_no_name_and_no_text_is_kept(lms: Pusher, bridge: Bridge) -> None:
    """Settled ones leave their id; one that waits what it is matched by."""
    lms.push(
        [
            statement({"name": "Bob Brown", "mbox": "mailto:bob@acme.example"}),
            statement({"name": "No Body", "mbox": "mailto:nobody@acme.example"}),
            statement(
                "101", verb="http://example.org/verbs/whispered", result={"response": "psst"}
            ),
        ]
    )
    rows = {row.state: row.fact for row in kept(bridge)}
    assert ({}, {}) == (rows["stored"], rows["ignored"])
    assert {"says", "at", "by", "who", "course"} == set(rows["waiting"])
    assert "Body" not in str(rows) and "psst" not in str(rows)


def test_names_of_accounts_are_what_the_key_says(
    app: Flask, bridge: Bridge, lite_cast: Cast
) -> None:
    """Beth's user name is the number of Bob's account: the key says which of them is meant."""
    with bridge.store.work() as work:
        work.sql.execute(
            t.people.update().where(t.people.c.id == lite_cast.beth).values(username="101")
        )
    by_id = pusher(bridge, app.test_client(), lite_cast.connection)
    by_name = pusher(bridge, app.test_client(), lite_cast.connection, ActorBy.USERNAME)
    by_id.push([statement("101", course=10)])
    by_name.push([statement("101", course=11)])
    assert {
        (lite_cast.feedback, lite_cast.bob),
        (lite_cast.negotiation, lite_cast.beth),
    } == completions(bridge)


def test_what_is_pushed_is_told(lms: Pusher, bridge: Bridge, lite_cast: Cast) -> None:
    """The feed looks at it as at anything that was pulled."""
    lms.push([statement("101")])
    with bridge.store.reading() as work:
        pending = work.sql.execute(
            select(func.count()).where(t.completions.c.pending.is_(True))
        ).scalar_one()
    assert 1 == pending
