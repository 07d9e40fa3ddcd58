"""A program acts for Bob, by the JSON API and a token of his; it may never do more than he may."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from bridge import flow
from bridge.access import api_tokens, sessions
from bridge.bootstrap import Bridge
from bridge.config_values import KEPT
from bridge.errors import InputError, NotFound, StorageError
from bridge.model import Role
from bridge.model.api import Scope
from bridge.storage import tables as t
from bridge.web import create_app
from bridge.web.api import document
from bridge.web.api.operations import EXAMPLES
from bridge.web.api.table import OPERATIONS
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.statements import statements
from tests.visitor import Visit, bridge_of, words


@dataclass
class Program:
    """A program that has a token, or none."""

    app: Flask
    token: str = ""

    def ask(self, method: str, path: str, said: Any = None, **headers: str) -> TestResponse:
        """One request to the API."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        client = self.app.test_client(use_cookies=False)
        return client.open(f"/api{path}", method=method, json=said, headers=sent, buffered=True)

    def read(self, path: str) -> Any:
        """What is answered, which must be there."""
        answer = self.ask("GET", path)
        assert 200 == answer.status_code, answer.text
        return answer.json


def token_of(bridge: Bridge, person: int, *scopes: Scope) -> str:
    """A token of the person's, with these scopes or all of them."""
    with bridge.store.work() as work:
        who = sessions.viewer_of(work, person)
        now = bridge.clock.now()
        return api_tokens.issue(work, who, "A program", scopes or list(Scope), 90, now)


@pytest.fixture
def pages(cast: Cast, clock: FrozenClock) -> Bridge:
    """The bridge of the cast, on each database."""
    return bridge_of(cast, clock)


@pytest.fixture
def bob(app: Flask, bridge: Bridge, lite_cast: Cast) -> Program:
    """A program of Bob's that may do everything he may; on SQLite."""
    return Program(app, token_of(bridge, lite_cast.bob))


def post(program: Program, cast: Cast, text: str = "We settled.", **headers: str) -> TestResponse:
    """Say something to Sales."""
    said = {"text": text, "audience": f"team:{cast.sales}"}
    return program.ask("POST", "/posts", said, **headers)


@pytest.fixture
def dana(app: Flask, bridge: Bridge, lite_cast: Cast) -> Program:
    """A program of the admin's."""
    return Program(app, token_of(bridge, lite_cast.dana))


# --- who asks ------------------------------------------------------------------------------------


def test_a_program_does_what_its_person_may(pages: Bridge, cast: Cast) -> None:
    """It posts, the post stands in the feed, and it is taken away again; on each database."""
    bob = Program(create_app(pages), token_of(pages, cast.bob))
    made = post(bob, cast)
    assert 201 == made.status_code
    uid = made.json["uid"]
    (item,) = bob.read("/feed")["items"]
    assert (uid, "We settled.", {"id": cast.bob, "name": "Bob Brown"}) == (
        item["uid"],
        item["text"],
        item["actor"],
    )
    changed = bob.ask("PATCH", f"/activities/{uid}", {"text": "We settled well."})
    assert "We settled well." == changed.json["text"]
    cheered = bob.ask("PUT", f"/activities/{uid}/cheer", {"cheer": True})
    assert (1, True) == (cheered.json["cheers"], cheered.json["cheered"])
    comment = bob.ask("POST", f"/activities/{uid}/comments", {"text": "At last."})
    assert comment.json["id"] == bob.read(f"/activities/{uid}/comments")["items"][0]["id"]
    assert 204 == bob.ask("DELETE", f"/activities/{uid}").status_code
    assert [] == bob.read("/feed")["items"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer nothing",
        "Bearer sb_guessed",
        "Basic Ym9iOnNlY3JldA==",
        "Bearer \u00e9",
    ],
)
def test_without_a_good_token_nothing_is_told(header: str, app: Flask) -> None:
    """401, with the way to get one; and never who would have been let in."""
    answer = Program(app).ask("GET", "/feed", Authorization=header)
    assert (401, 'Bearer realm="socialbridge"') == (
        answer.status_code,
        answer.headers["WWW-Authenticate"],
    )
    assert "application/problem+json" == answer.mimetype
    assert "You → Programs" in answer.json["remedy"]


def test_a_session_opens_no_operation(visit: Visit, lite_cast: Cast) -> None:
    """A page of another site that has Bob's browser ask gets nothing, and changes nothing."""
    browser = visit(lite_cast.bob)
    said = {"text": "Forged.", "audience": f"team:{lite_cast.sales}"}
    assert 401 == browser.client.post("/api/posts", json=said).status_code
    assert 401 == browser.client.get("/api/feed").status_code


def test_a_token_opens_no_page(app: Flask, bob: Program) -> None:
    """It is for the API alone."""
    headers = {"Authorization": f"Bearer {bob.token}"}
    assert 303 == app.test_client().get("/", headers=headers).status_code


@pytest.mark.parametrize("scope", Scope)
def test_a_token_does_what_its_scope_says(
    scope: Scope, app: Flask, bridge: Bridge, lite_cast: Cast
) -> None:
    """Of all that an operation needs, the scope comes first."""
    only = Program(app, token_of(bridge, lite_cast.bob, scope))
    shut = set()
    for operation in OPERATIONS:
        path = operation.rule.replace("<int:", "<")
        while "<" in path:
            path = path[: path.index("<")] + "9999" + path[path.index(">") + 1 :]
        answer = only.ask(operation.method, path, {} if operation.says else None)
        if answer.status_code == 403 and "has not the scope" in answer.json["detail"]:
            shut.add(operation.name)
    assert {o.name for o in OPERATIONS if o.scope is not scope} == shut


def test_who_is_suspended_has_no_program(bob: Program, lite_cast: Cast) -> None:
    """Nor who left: it is as if the token were none."""
    assert 200 == bob.ask("GET", "/me").status_code
    with lite_cast.store.work() as work:
        work.sql.execute(t.people.update().values(suspended=True))
    assert 401 == bob.ask("GET", "/me").status_code


def test_a_token_ends(bob: Program, lite_cast: Cast, clock: FrozenClock) -> None:
    """After the days that it was made for."""
    clock.advance(days=89)
    assert 200 == bob.ask("GET", "/me").status_code
    clock.advance(days=1)
    assert 401 == bob.ask("GET", "/me").status_code


def test_a_program_can_revoke_its_own_token(bob: Program) -> None:
    """And then opens nothing any more."""
    (token,) = bob.read("/me/tokens")["items"]
    assert 204 == bob.ask("DELETE", f"/me/tokens/{token['handle']}").status_code
    assert 401 == bob.ask("GET", "/me").status_code


@pytest.mark.parametrize("path", ["/me/tokens", "/me/feed-links"])
def test_a_program_makes_nothing_that_opens_what_its_token_does_not(
    path: str, bob: Program, lite_cast: Cast
) -> None:
    """Neither another token, nor an address that reads without end and without a scope."""
    assert 405 == bob.ask("POST", path, {"name": "For later"}).status_code
    with lite_cast.store.reading() as work:
        assert () == work.access.feed_links(lite_cast.bob)


def test_what_is_read_counts_no_presence_and_what_is_said_does(
    bob: Program, lite_cast: Cast
) -> None:
    """A program that looks every minute is nobody reading; a post is one by its person."""
    bob.read("/feed")

    def days() -> list[tuple[int, bool]]:
        with lite_cast.store.reading() as work:
            p = t.presence
            return [(row.person_id, row.engaged) for row in work.sql.execute(p.select())]

    assert [] == days()
    post(bob, lite_cast)
    assert [(lite_cast.bob, True)] == days()


def test_one_request_costs_few_statements(bob: Program, lite_cast: Cast) -> None:
    """Whose token it is, who that is, and the page: one each."""
    post(bob, lite_cast)
    bob.read("/feed")
    with statements(lite_cast.store) as sent:
        bob.read("/feed")
    assert 3 == len([one for one in sent if one != "BEGIN"]), sent


# --- problems, ETags, pages ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "pointers"),
    [
        ({}, {"/text", "/audience"}),
        ({"text": "", "audience": "team:1"}, {"/text"}),
        ({"text": 7, "audience": "team:1"}, {"/text"}),
        ({"text": "a\0b", "audience": "team:1"}, {"/text"}),
        ({"text": "\ud800", "audience": "team:1"}, {"/text"}),
        ({"text": "x", "audience": "team:1", "question": "yes"}, {"/question"}),
        ({"text": "x", "audience": "team:1", "mentions": [True]}, {"/mentions/0"}),
        ({"text": "x", "audience": "team:1", "mentions": ["1"]}, {"/mentions/0"}),
        ({"text": "x", "audience": "team:1", "colour": "red"}, {"/colour"}),
        ({"text": "x", "audience": "team:1", "a/b~c": 1}, {"/a~1b~0c"}),
        ([], {""}),
        ("text", {""}),
    ],
)
def test_what_cannot_be_taken_is_said_part_by_part(
    said: Any, pointers: set[str], bob: Program
) -> None:
    """By JSON pointers; and nothing was done."""
    answer = bob.ask("POST", "/posts", said)
    assert (422, "application/problem+json") == (answer.status_code, answer.mimetype)
    assert pointers == {fault["pointer"] for fault in answer.json["errors"]}
    assert [] == bob.read("/feed")["items"]


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/posts", {"data": "{", "content_type": "application/json"}, 400),
        ("/posts", {"data": b"\xff\xfe", "content_type": "application/json"}, 400),
        ("/posts", {"data": "text=x"}, 415),
        ("/posts", {"data": "x" * 70_000, "content_type": "application/json"}, 413),
        ("/nothing", {}, 404),
        ("/activities/x/cheer", {}, 405),
        ("/me/tokens/x", {}, 405),
        ("/admin/outlets/99999999999999999999", {}, 404),
    ],
)
def test_whatever_is_wrong_is_a_problem_in_json(
    path: str, options: dict[str, Any], status: int, app: Flask, bob: Program
) -> None:
    """No page of markup stands where a program expects JSON."""
    headers = {"Authorization": f"Bearer {bob.token}"}
    answer = app.test_client().post(f"/api{path}", headers=headers, **options)
    assert (status, "application/problem+json") == (answer.status_code, answer.mimetype)
    assert status == answer.json["status"]
    assert answer.json["detail"]


def test_a_database_that_is_away_is_a_problem_that_passes(
    bob: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, to be tried again; what the database said is for the log."""

    def away(*_: object, **__: object) -> None:
        raise StorageError("It is at 10.0.0.7.", "Start it.")

    monkeypatch.setattr("bridge.web.api.feed.read.home", away)
    answer = bob.ask("GET", "/feed")
    assert (503, True) == (answer.status_code, answer.json["retry"])
    assert "10.0.0.7" not in answer.text


def test_what_has_not_changed_is_not_sent_again(bob: Program, lite_cast: Cast) -> None:
    """By the ETag of the answer before; a new item changes it."""
    post(bob, lite_cast)
    etag = bob.ask("GET", "/feed").headers["ETag"]
    again = bob.ask("GET", "/feed", If_None_Match=etag)
    assert (304, b"") == (again.status_code, again.data)
    post(bob, lite_cast, "And again.")
    assert 200 == bob.ask("GET", "/feed", If_None_Match=etag).status_code


def test_no_cache_keeps_everything_of_somebody(bob: Program) -> None:
    """An export is for who asked; a feed may be kept by who looks whether it has changed."""
    kept = [bob.ask("GET", path).headers["Cache-Control"] for path in ("/me/export", "/feed")]
    assert ["no-store", "private, no-cache"] == kept


def test_nobody_writes_over_what_they_have_not_read(bob: Program, lite_cast: Cast) -> None:
    """With If-Match a change is made only to what was read; without it, to what is there."""
    uid = post(bob, lite_cast).json["uid"]
    etag = bob.ask("GET", f"/activities/{uid}").headers["ETag"]
    path = f"/activities/{uid}"
    assert 200 == bob.ask("PATCH", path, {"text": "One."}, If_Match=etag).status_code
    late = bob.ask("PATCH", path, {"text": "Two."}, If_Match=etag)
    assert (412, "One.") == (late.status_code, bob.read(path)["text"])
    assert 412 == bob.ask("DELETE", path, If_Match=etag).status_code
    assert 200 == bob.ask("PATCH", path, {"text": "Three."}, If_Match="*").status_code
    assert 204 == bob.ask("DELETE", path).status_code


def test_an_etag_that_is_none_fits_nothing(bob: Program, lite_cast: Cast) -> None:
    """Who sends If-Match does not mean that anything will do."""
    uid = post(bob, lite_cast).json["uid"]
    answer = bob.ask("DELETE", f"/activities/{uid}", If_Match=",")
    assert (412, 200) == (answer.status_code, bob.ask("GET", f"/activities/{uid}").status_code)


def test_a_feed_is_read_page_by_page(bob: Program, lite_cast: Cast, clock: FrozenClock) -> None:
    """Each item once, the newest first, whatever comes in between."""
    for number in range(5):
        post(bob, lite_cast, f"Number {number}.")
        clock.advance(minutes=1)
    found, before = [], ""
    for _ in range(9):
        page = bob.read(f"/feed?limit=2{f'&before={before}' if before else ''}")
        found += [item["text"] for item in page["items"]]
        before = page["before"]
        post(bob, lite_cast, "In between.")
        if not before:
            break
    assert [f"Number {number}." for number in (4, 3, 2, 1, 0)] == found


# --- once ----------------------------------------------------------------------------------------


def test_what_is_sent_twice_is_done_once(pages: Bridge, cast: Cast) -> None:
    """The second answer is the first one, word for word; another key is another post."""
    bob = Program(create_app(pages), token_of(pages, cast.bob))
    first = post(bob, cast, Idempotency_Key="k1")
    second = post(bob, cast, Idempotency_Key="k1")
    assert (201, first.json) == (second.status_code, second.json)
    assert "true" == second.headers["Idempotency-Replayed"]
    assert 1 == len(bob.read("/feed")["items"])
    assert first.json != post(bob, cast, Idempotency_Key="k2").json


def test_a_key_is_of_one_request(bob: Program, lite_cast: Cast) -> None:
    """For something else it is refused; and it is nobody else's."""
    post(bob, lite_cast, Idempotency_Key="k1")
    other = post(bob, lite_cast, "Something else.", Idempotency_Key="k1")
    assert (422, "used for something else") == (
        other.status_code,
        other.json["detail"][-24:-1],
    )
    beths = Program(
        bob.app, token_of(bridge_of(lite_cast, FrozenClock(lite_cast.now)), lite_cast.beth)
    )
    assert 201 == post(beths, lite_cast, Idempotency_Key="k1").status_code


def test_what_was_refused_may_be_sent_again(bob: Program, lite_cast: Cast) -> None:
    """Nothing was done, so the key is free."""
    assert 422 == post(bob, lite_cast, "", Idempotency_Key="k1").status_code
    assert 201 == post(bob, lite_cast, Idempotency_Key="k1").status_code


def test_what_failed_may_be_sent_again(
    bob: Program, lite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An act is one transaction: one that raised has done nothing."""
    with monkeypatch.context() as patch:

        def breaks(*_: object, **__: object) -> None:
            raise StorageError("Away.", "Wait.")

        patch.setattr("bridge.web.api.talk.flow.post", breaks)
        assert 503 == post(bob, lite_cast, Idempotency_Key="k1").status_code
    assert 201 == post(bob, lite_cast, Idempotency_Key="k1").status_code


def test_what_was_broken_off_is_not_done_again_by_itself(
    bob: Program, lite_cast: Cast, clock: FrozenClock
) -> None:
    """A process that died in between has left a key without an answer: nobody knows how it went."""
    post(bob, lite_cast, Idempotency_Key="k1")
    with lite_cast.store.work() as work:
        work.sql.execute(t.api_answers.update().values(status=None, body=""))
    again = post(bob, lite_cast, Idempotency_Key="k1")
    assert (409, True) == (again.status_code, "nobody knows" in again.json["detail"])
    clock.advance(days=1, seconds=1)
    assert 201 == post(bob, lite_cast, Idempotency_Key="k1").status_code


def test_a_secret_is_kept_under_no_key(bob: Program, lite_cast: Cast) -> None:
    """The receipt of an erasure is opened by who was given it; what is kept opens nothing."""
    with lite_cast.store.work() as work:
        work.access.grant(lite_cast.bob, Role.ADMIN)
    path, said = f"/admin/people/{lite_cast.beth}/erase", {"sure": True}
    first = bob.ask("POST", path, said, Idempotency_Key="k1")
    secret = first.json["receipt"].rpartition("/")[2]
    with lite_cast.store.reading() as work:
        (kept,) = work.sql.execute(t.api_answers.select())
    assert secret not in kept.body
    again = bob.ask("POST", path, said, Idempotency_Key="k1")
    assert (409, True) == (again.status_code, "not kept" in again.json["detail"])


def test_an_answer_is_kept_for_a_day(bob: Program, lite_cast: Cast, clock: FrozenClock) -> None:
    """And then tidied away, whether or not a program sends another key."""
    post(bob, lite_cast, Idempotency_Key="k1")
    clock.advance(days=1, seconds=1)
    list(flow.tidy(lite_cast.store, clock, {**KEPT, "runs": 30}))
    with lite_cast.store.reading() as work:
        assert [] == work.sql.execute(t.api_answers.select()).all()


@pytest.mark.parametrize("how", ["erased", "took away"])
def test_what_is_taken_back_stands_in_no_answer(how: str, pages: Bridge, cast: Cast) -> None:
    """Beth cheered what Bob said, and has that under a key; she is told that it was done."""
    app = create_app(pages)
    bob, beth = (Program(app, token_of(pages, person)) for person in (cast.bob, cast.beth))
    uid = post(bob, cast).json["uid"]
    path, said = f"/activities/{uid}/cheer", {"cheer": True}
    first = beth.ask("PUT", path, said, Idempotency_Key="k1")
    assert ("Bob Brown", "We settled.") == (first.json["actor"]["name"], first.json["text"])
    made = post(beth, cast, Idempotency_Key="k2")
    if how == "erased":
        flow.erase(pages.store, pages.clock, cast.bob)
    else:
        assert 204 == bob.ask("DELETE", f"/activities/{uid}").status_code
    again = beth.ask("PUT", path, said, Idempotency_Key="k1")
    assert (409, True) == (again.status_code, "It was done" in again.json["detail"])
    with cast.store.reading() as work:
        kept = [row.body for row in work.sql.execute(t.api_answers.select()) if row.status == 200]
    assert [""] == kept
    assert made.json == post(beth, cast, Idempotency_Key="k2").json


def test_a_key_that_cannot_be_one_is_refused(bob: Program, lite_cast: Cast) -> None:
    """It is not longer than 200 characters."""
    assert 400 == post(bob, lite_cast, Idempotency_Key="k" * 201).status_code


# --- outlets -------------------------------------------------------------------------------------

HOOK: dict[str, Any] = {
    "name": "Intranet",
    "kind": "webhook",
    "answers": {"url": "https://intranet.example/hook"},
    "secret": "whsec_c2l4dGVlbi1vci1tb3JlLWJ5dGVzLW9mLWtleQ==",
}


def test_an_outlet_is_added_and_taken_out(dana: Program, lite_cast: Cast) -> None:
    """Its questions are read first; it is off at first; no answer has its secret."""
    kinds = {one["kind"]: one for one in dana.read("/admin/outlets/kinds")["items"]}
    assert ["url"] == [question["name"] for question in kinds["webhook"]["questions"]]
    made = dana.ask("POST", "/admin/outlets", {**HOOK, "audience": f"team:{lite_cast.sales}"})
    assert (201, False, "Sales") == (made.status_code, made.json["enabled"], made.json["read_by"])
    assert HOOK["secret"] not in made.text
    assert 204 == dana.ask("DELETE", f"/admin/outlets/{made.json['id']}").status_code
    assert [] == dana.read("/admin/outlets")["items"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"audience": "team:4711"}, "The outlet's audience is not one of this connection."),
        ({"audience": "all"}, "That audience is none."),
        ({"secret": " "}, "Signing secret is missing."),
        ({"secret": "short"}, "The webhook's secret cannot be used."),
        ({"answers": {}}, "Address of the receiver is missing."),
        ({"answers": {"url": "intranet"}}, "'intranet' is no address of the web."),
    ],
)
def test_an_outlet_that_cannot_be_used_is_not_added(
    said: dict[str, Any], reason: str, dana: Program, lite_cast: Cast
) -> None:
    """The problem says which part of it."""
    whole = {**HOOK, "audience": f"everyone:{lite_cast.connection}"}
    answer = dana.ask("POST", "/admin/outlets", whole | said)
    assert 422 == answer.status_code
    assert reason in answer.json["detail"]
    assert [] == dana.read("/admin/outlets")["items"]


# --- tokens --------------------------------------------------------------------------------------


def test_bob_makes_a_token_on_his_page_and_revokes_it(
    visit: Visit, app: Flask, lite_cast: Cast
) -> None:
    """It is shown once; it may do what he ticked; what is not for him is not offered."""
    browser = visit(lite_cast.bob)
    page = browser.page("/me/tokens")
    assert 'value="admin"' not in page and 'value="lead"' not in page
    made = browser.post("/me/tokens", name="Feed on the wall", scope="read", days="30").text
    token = made.split('readonly value="')[1].split('"')[0]
    assert token.startswith("sb_")
    assert token not in browser.page("/me/tokens")
    wall = Program(app, token)
    assert 200 == wall.ask("GET", "/feed").status_code
    assert 403 == post(wall, lite_cast).status_code
    assert "Feed on the wall read · last used" in words(browser.page("/me/tokens"))
    handle = browser.page("/me/tokens").split("/me/tokens/")[1].split("/")[0]
    assert 303 == browser.post(f"/me/tokens/{handle}/revoke").status_code
    assert 401 == wall.ask("GET", "/feed").status_code


@pytest.mark.parametrize(
    ("name", "scopes", "days", "says"),
    [
        ("", [Scope.READ], 30, "Name the program"),
        ("x" * 61, [Scope.READ], 30, "Name the program"),
        ("x", [], 30, "what the program may do"),
        ("x", [Scope.READ], 31, "how long"),
    ],
)
def test_a_token_needs_a_name_a_scope_and_an_end(
    name: str, scopes: list[Scope], days: int, says: str, bridge: Bridge, lite_cast: Cast
) -> None:
    """Who finds it later knows what it was for, and it does not open for ever."""
    with bridge.store.work() as work, pytest.raises(InputError, match=says):
        who = sessions.viewer_of(work, lite_cast.bob)
        api_tokens.issue(work, who, name, scopes, days, lite_cast.now)


def test_nobody_has_tokens_without_end(bridge: Bridge, lite_cast: Cast) -> None:
    """Twenty at once."""
    for _ in range(api_tokens.MOST):
        token_of(bridge, lite_cast.bob)
    with pytest.raises(InputError, match="20 tokens already"):
        token_of(bridge, lite_cast.bob)


@pytest.mark.parametrize("handle", ["", "%", "_" * 16, "0" * 16, "x" * 64])
def test_a_handle_that_is_none_revokes_nothing(
    handle: str, bridge: Bridge, lite_cast: Cast
) -> None:
    """Nor does somebody else's."""
    token_of(bridge, lite_cast.bob)
    with bridge.store.work() as work, pytest.raises(NotFound):
        who = sessions.viewer_of(work, lite_cast.bob)
        api_tokens.revoke(work, who, handle, lite_cast.now)


# --- the document --------------------------------------------------------------------------------


def test_the_document_is_openapi(app: Flask) -> None:
    """3.1, and valid; each operation stands in it under a name of its own."""
    document = app.test_client().get("/api/openapi.json").json
    validate(document)
    assert "3.1.0" == document["openapi"]
    told = [op for path in document["paths"].values() for op in path.values() if "tags" in op]
    assert len(OPERATIONS) == len({op["operationId"] for op in told}) == len(told)
    for op in told:
        assert {"401", "403", "429", "503"} <= set(op["responses"]), op["operationId"]
        assert [{"token": []}] == op["security"]
    named = {
        operation.ident: {
            *(operation.asks().fields if operation.asks else ()),
            *re.findall(r"<(?:int:)?(\w+)>", operation.rule),
            *(["Idempotency-Key"] if operation.method != "GET" else []),
            *(["If-Match"] if operation.of else []),
        }
        for operation in OPERATIONS
    }
    for path in document["paths"].values():
        shared = {parameter["name"] for parameter in path.get("parameters", ())}
        for op in path.values():
            if isinstance(op, dict) and "tags" in op:
                own = {parameter["name"] for parameter in op["parameters"]}
                assert named[op["operationId"]] == own | shared


def test_two_may_ask_for_the_document_at_once() -> None:
    """Who comes while it is made for the first time makes it once more, and it is the same."""
    assert document._spec() == document._spec.__wrapped__()


def test_every_operation_has_an_example_that_fits(app: Flask) -> None:
    """What was said and answered once (`python -m tests.api_examples`), held to the shapes."""
    assert {operation.name for operation in OPERATIONS} == set(EXAMPLES)
    for operation in OPERATIONS:
        example = EXAMPLES[operation.name]
        if operation.says is not None:
            operation.says().load(example["said"])
        if operation.gives is not None:
            shape = operation.gives
            assert {} == shape().validate(example["answer"]), operation.name


def test_the_document_can_be_read_as_a_page(visit: Visit, lite_cast: Cast) -> None:
    """By everybody; nothing on it comes from elsewhere."""
    page = visit().page("/api/docs")
    assert 'data-document="/api/openapi.json"' in page
    assert "//" not in page.replace("http://localhost", "").split("<script")[-1]
    assert [] == re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', page)


def test_examples_hold_no_secret() -> None:
    """Tokens that were made for them are left out."""
    text = json.dumps(EXAMPLES)
    assert "SECRET" in text
    assert api_tokens.PREFIX not in text


def test_all_that_a_token_asks_counts_together(
    bob: Program, bridge: Bridge, lite_cast: Cast
) -> None:
    """600 a minute, whatever they are for; another token has its own."""
    asked = [bob.ask("GET", path) for path in ("/me", "/feed", "/activities/none")]
    assert ["599", "598", "597"] == [one.headers["X-RateLimit-Remaining"] for one in asked]
    beth = Program(bob.app, token_of(bridge, lite_cast.beth))
    assert "599" == beth.ask("GET", "/me").headers["X-RateLimit-Remaining"]


LIMITED: tuple[Callable[[Program], TestResponse], ...] = (
    lambda program: program.ask("POST", "/me/erase", {"sure": False}),
    lambda program: program.ask("GET", "/me/export"),
)


@pytest.mark.parametrize("ask", LIMITED)
def test_what_is_costly_is_not_asked_without_end(
    ask: Callable[[Program], TestResponse], bob: Program, bridge: Bridge, lite_cast: Cast
) -> None:
    """Each token has a measure of its own; the answer says when to come back."""
    answers = [ask(bob).status_code for _ in range(31)]
    assert (429, 30) == (answers[-1], sum(status != 429 for status in answers))
    beth = Program(bob.app, token_of(bridge, lite_cast.beth))
    assert 429 != ask(beth).status_code
    last = ask(bob)
    assert "application/problem+json" == last.mimetype
    assert int(last.headers["Retry-After"]) > 0
