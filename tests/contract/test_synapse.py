"""The contract of publishers, put to a real Matrix homeserver.

A line stands between the bridge and it, that can be told to fail; what people see is read by an
account of their own, as a client reads it.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
import requests

from bridge.errors import OutletBusy, OutletRefused
from bridge.outlets.matrix import MatrixPublisher
from tests.contract.homeserver import (
    SERVER_NAME,
    Homeserver,
    NotInstalled,
    running_homeserver,
)
from tests.contract.hostile import WORDS
from tests.contract.matrix_server import ALIVE, Formatted
from tests.contract.publishers import POST, WITHDRAWAL, EveryPublisher
from tests.contract.serving import Moods, Reply, Request, serving
from tests.contract.test_matrix import seen

HERE = frozenset({"127.0.0.1"})
PATIENCE = 5
"""Seconds that the publishers wait: the homeserver shares its machine with other tests."""


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Homeserver:
    """One for all processes of the test run."""
    ours = tmp_path_factory.getbasetemp()
    shared = "PYTEST_XDIST_WORKER" in os.environ
    try:
        return running_homeserver(
            ours.parent if shared else ours, os.getppid() if shared else os.getpid()
        )
    except NotInstalled as error:
        pytest.skip(f"No Matrix homeserver here, and none could be installed: {error}")


@pytest.fixture(scope="session")
def tokens(homeserver: Homeserver) -> dict[str, str]:
    """The accounts of the bridge, of a reader, and of the homeserver's admin, and their tokens."""
    some = uuid.uuid4().hex[:8]
    return {
        name: homeserver.register(f"{name}-{some}", admin=name == "admin")
        for name in ("bridge", "reader", "admin")
    }


class Line(Moods):
    """The way to the homeserver."""

    def __init__(self, homeserver: Homeserver) -> None:
        super().__init__()
        self.homeserver = homeserver

    def answer(self, request: Request) -> Reply:
        if request.method == "GET":
            return self._handed_on(request)
        return self.answered(request, lambda: self._handed_on(request))

    def _handed_on(self, request: Request) -> Reply:
        names = ("authorization", "content-type")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        answer = requests.request(
            request.method,
            self.homeserver.url + request.path,
            params=request.query,
            data=request.body or None,
            headers=headers,
            timeout=30,
        )
        return Reply(answer.status_code, raw=answer.content)


class Place:
    """A room of its own, which a reader has joined."""

    sample = POST
    at_least = None
    makes_links = True

    def __init__(self, line: Line, url: str, tokens: dict[str, str], closed_url: str) -> None:
        self.line, self.url, self.tokens = line, url, tokens
        room = self.ask("bridge", "POST", "createRoom", {"preset": "public_chat"})["room_id"]
        self.room = room
        self.ask("reader", "POST", f"rooms/{quote(room, safe='')}/join")
        self.publisher = self.at(url)
        self.closed = self.at(closed_url)

    def at(self, url: str, token: str = "") -> MatrixPublisher:
        secret = token or self.tokens["bridge"]
        return MatrixPublisher(url, secret, self.room, timeout=PATIENCE, allow_private=HERE)

    def ask(self, who: str, method: str, path: str, content: Any = None) -> dict[str, Any]:
        path = f"/_matrix/client/v3/{path}"
        return self.line.homeserver.ask(self.tokens[who], method, path, content)

    def messages(self) -> list[dict[str, Any]]:
        """Everything that was said in the room, oldest first, as the reader gets it."""
        path = f"rooms/{quote(self.room, safe='')}/messages?dir=f&limit=200"
        events = self.ask("reader", "GET", path)["chunk"]
        return [e for e in events if e["type"] == "m.room.message" and e["content"]]

    def contents(self) -> list[dict[str, Any]]:
        """What each message says after its edits, as the homeserver counts them."""
        shown = []
        for event in self.messages():
            if event["content"].get("m.relates_to"):
                continue
            edit = event.get("unsigned", {}).get("m.relations", {}).get("m.replace")
            shown.append(edit["content"]["m.new_content"] if edit else event["content"])
        return shown

    def shows(self) -> list[tuple[str, str]]:
        return seen(self.contents())

    def links(self) -> list[str]:
        found = [Formatted(c["formatted_body"]).links for c in self.contents()]
        return [link for links in found for link in links]

    def received(self) -> object:
        return json.loads(self.line.bodies[-1])

    def busy_once(self) -> None:
        self.line.once(Reply(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 7000}))

    def refuse_once(self) -> None:
        self.line.once(Reply(403, {"errcode": "M_FORBIDDEN", "error": "You may not"}))

    def silent_once(self) -> None:
        self.publisher = MatrixPublisher(
            self.url, self.tokens["bridge"], self.room, timeout=1.5, allow_private=HERE
        )
        self.line.once(Reply(then="hang"), kept=True)


@pytest.fixture
def there(homeserver: Homeserver, tokens: dict[str, str], closed_url: str) -> Iterator[Place]:
    """A room on the real homeserver."""
    with _line(homeserver) as (line, url):
        yield Place(line, url, tokens, closed_url)


@contextmanager
def _line(homeserver: Homeserver) -> Iterator[tuple[Line, str]]:
    line = Line(homeserver)
    with serving(line.answer) as url:
        yield line, url


class TestEveryPublisher(EveryPublisher):
    """The suite."""


def test_names_and_titles_mean_nothing_there(there: Place) -> None:
    """All of them, as they come out again at a reader; nobody is told that they were mentioned."""
    for number, words in enumerate(WORDS):
        hostile = {"title": words, "text": f"{words}\n{words}", "link_title": words}
        there.publisher.publish(replace(POST, key=f"key-{number}", **hostile))

    contents = there.contents()
    assert len(WORDS) == len(contents)
    for content in contents:
        plain = content["body"].replace(POST.link, "").replace(POST.url, "")
        assert ([], []) == (Formatted(content["formatted_body"]).alive, ALIVE.findall(plain))
    assert [POST.link, POST.url] * len(WORDS) == there.links()
    told = there.ask("reader", "GET", "notifications?only=highlight")
    assert [] == [n for n in told["notifications"] if n["room_id"] == there.room]


def test_a_text_as_long_as_it_gets_can_be_edited_too(there: Place) -> None:
    """An event has room for 64 KiB, whatever characters they are."""
    for number, text in enumerate(["word " * 40_000, "🎉" * 20_000, '"\\' * 20_000]):
        post = replace(POST, key=f"key-{number}", text=text)
        remote_id = there.publisher.publish(post).remote_id
        there.publisher.edit(remote_id, replace(post, revision=4, title="Better"))

    assert ["Better"] * 3 == [title for title, _ in there.shows()]


def test_nothing_of_what_was_edited_is_left(there: Place) -> None:
    """Every edit is a message of its own, which somebody could still read."""
    remote_id = there.publisher.publish(POST).remote_id
    for revision in (4, 5, 6):
        there.publisher.edit(remote_id, replace(POST, revision=revision, text="More."))
    before = len(there.messages())

    there.publisher.delete(remote_id, WITHDRAWAL)

    assert (4, []) == (before, there.messages())


def test_an_earlier_revision_under_the_same_key_is_corrected(there: Place) -> None:
    """The homeserver answers with what it had; the bridge makes it say what it should."""
    first = there.publisher.publish(POST)
    second = there.publisher.publish(replace(POST, revision=4, text="Third chapter."))

    assert first == second
    assert [(POST.title, "Third chapter.")] == there.shows()


def test_another_token_of_the_account_finds_it(there: Place) -> None:
    """Its key stands in the message, so that a new token loses nothing."""
    receipt = there.publisher.publish(POST)
    who = there.ask("bridge", "GET", "account/whoami")["user_id"]
    login = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": who},
        "password": "a password",
    }
    token = there.ask("bridge", "POST", "login", login)["access_token"]

    assert receipt == there.at(there.url, token).find(POST)


def test_a_token_that_was_signed_out(there: Place) -> None:
    """It says what to do, whatever is asked for."""
    name = f"leaver-{uuid.uuid4().hex[:8]}"
    there.tokens = {**there.tokens, "leaver": there.line.homeserver.register(name)}
    there.ask("leaver", "POST", "logout")
    wrong = there.at(there.url, there.tokens["leaver"])

    for act in (wrong.publish, wrong.find):
        with pytest.raises(OutletRefused, match=r"M_UNKNOWN_TOKEN.*\n?.*new access token"):
            act(POST)


def test_a_room_that_it_has_not_joined_or_is_encrypted(there: Place) -> None:
    """Each says what to do, and nothing is sent."""
    stranger = there.line.homeserver.register(f"stranger-{uuid.uuid4().hex[:8]}")
    with pytest.raises(OutletRefused, match="Invite"):
        there.at(there.url, stranger).publish(POST)
    path = f"rooms/{quote(there.room, safe='')}/state/m.room.encryption"
    there.ask("bridge", "PUT", path, {"algorithm": "m.megolm.v1.aes-sha2"})
    with pytest.raises(OutletRefused, match="encrypted"):
        there.publisher.publish(POST)

    assert [] == there.messages()


def test_the_limit_of_the_homeserver(there: Place) -> None:
    """It says when to come back."""
    name = f"chatty-{uuid.uuid4().hex[:8]}"
    token = there.line.homeserver.register(name)
    there.tokens = {**there.tokens, "chatty": token}
    there.ask("chatty", "POST", f"rooms/{quote(there.room, safe='')}/join")
    limit = {"messages_per_second": 1, "burst_count": 1}
    path = f"/_synapse/admin/v1/users/@{name}:{SERVER_NAME}/override_ratelimit"
    there.line.homeserver.ask(there.tokens["admin"], "POST", path, limit)
    publisher = there.at(there.url, token)

    with pytest.raises(OutletBusy, match="M_LIMIT_EXCEEDED") as caught:
        for number in range(10):
            publisher.publish(replace(POST, key=f"key-{number}"))

    assert 0 < (caught.value.after or 0) < 60
