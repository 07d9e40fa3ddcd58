"""The contract of publishers, and what is Matrix's own, against a strict homeserver."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bridge.errors import ConfigError, OutcomeUnknown, OutletBusy, OutletError, OutletRefused
from bridge.outlets.matrix import MARK, MatrixPublisher
from tests.contract.hostile import WORDS
from tests.contract.matrix_server import ALIVE, OTHER, ROOM, TOKEN, Formatted, MatrixServer, matrix
from tests.contract.publishers import PATIENCE, POST, WITHDRAWAL, EveryPublisher
from tests.contract.serving import Reply

HERE = frozenset({"127.0.0.1"})


def seen(contents: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Title and text as people see them: the joiner has no width, links stand below."""
    pairs = []
    for content in contents:
        first, *rest = Formatted(content["formatted_body"]).paragraphs
        links = len(Formatted(content["formatted_body"]).links)
        text = "\n\n".join(rest[: len(rest) - links])
        pairs.append((first.replace("\u2060", ""), text.replace("\u2060", "")))
    return pairs


class Place:
    """The publisher with its server."""

    sample = POST
    at_least = None
    makes_links = True

    def __init__(self, server: MatrixServer, url: str, closed_url: str) -> None:
        self.server, self.url = server, url
        self.publisher = self.at(url)
        self.closed = self.at(closed_url)

    def at(self, url: str, token: str = TOKEN, room: str = ROOM) -> MatrixPublisher:
        return MatrixPublisher(url, token, room, timeout=PATIENCE, allow_private=HERE)

    def shows(self) -> list[tuple[str, str]]:
        return seen(self.server.contents())

    def links(self) -> list[str]:
        found = [Formatted(c["formatted_body"]).links for c in self.server.contents()]
        return [link for links in found for link in links]

    def received(self) -> object:
        return json.loads(self.server.bodies[-1])

    def busy_once(self) -> None:
        limited = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many", "retry_after_ms": 7000}
        self.server.once(Reply(429, limited))

    def refuse_once(self) -> None:
        self.server.once(Reply(403, {"errcode": "M_FORBIDDEN", "error": "Not in the room"}))

    def silent_once(self) -> None:
        self.server.once(Reply(then="hang"), kept=True)


@pytest.fixture
def there(closed_url: str) -> Iterator[Place]:
    """A room in which the bridge's account may write."""
    with matrix() as (server, url):
        yield Place(server, url, closed_url)


class TestEveryPublisher(EveryPublisher):
    """The suite."""


@pytest.mark.parametrize("words", WORDS)
def test_names_and_titles_mean_nothing_there(there: Place, words: str) -> None:
    """Nobody is mentioned, no pill is made, and no link is there but the bridge's own two."""
    there.publisher.publish(replace(POST, title=words, text=f"{words}\n{words}", link_title=words))

    (content,) = there.server.contents()
    plain = content["body"].replace(POST.link, "").replace(POST.url, "")
    assert ([], []) == (Formatted(content["formatted_body"]).alive, ALIVE.findall(plain))
    assert ({}, [POST.link, POST.url]) == (content["m.mentions"], there.links())


def test_an_earlier_revision_under_the_same_key_is_corrected(there: Place) -> None:
    """The server answers with what it had; the bridge makes it say what it should."""
    first = there.publisher.publish(POST)
    second = there.publisher.publish(replace(POST, revision=4, text="Third chapter."))

    assert first == second
    assert [(POST.title, "Third chapter.")] == there.shows()


def test_a_check_that_fails_after_sending_leaves_a_doubt(there: Place) -> None:
    """It was sent; whoever asks later finds it."""
    there.server.transactions[POST.key] = "$gone-before"

    with pytest.raises(OutcomeUnknown):
        there.publisher.publish(POST)


def test_nothing_of_what_was_edited_is_left(there: Place) -> None:
    """Every edit is a message of its own, which somebody could still read."""
    remote_id = there.publisher.publish(POST).remote_id
    for revision in range(4, 130):
        there.publisher.edit(remote_id, replace(POST, revision=revision, text="More."))

    there.publisher.delete(remote_id, WITHDRAWAL)

    assert [] == there.server.words()


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (Reply(503), OutletBusy, "HTTP 503"),
        (Reply(500, {"errcode": "M_UNKNOWN", "error": "oh"}), OutcomeUnknown, "HTTP 500"),
        (Reply(401, {"errcode": "M_UNKNOWN_TOKEN", "error": "x"}), OutletRefused, "new access"),
        (Reply(403, {"errcode": "M_FORBIDDEN", "error": "x"}), OutletRefused, "Invite"),
        (Reply(413, {"errcode": "M_TOO_LARGE", "error": "x"}), OutletRefused, "M_TOO_LARGE"),
        (Reply(400, {"errcode": "M_NEW\nX", "error": "y"}), OutletRefused, "HTTP 400"),
        (Reply(302, None, {"Location": "http://127.0.0.1/x"}), OutletRefused, "on to http://127"),
        (Reply(200, raw=b"<html>"), OutcomeUnknown, "none of its answers"),
        (Reply(200, {"event_id": 7}), OutcomeUnknown, "none of its answers"),
        (Reply(200, None, {"Content-Length": str(10**8)}, b"x" * 99), OutcomeUnknown, "none of"),
        (Reply(429, {"errcode": "M_LIMIT_EXCEEDED"}, {"Retry-After": "9"}), OutletBusy, "LIMIT"),
        (Reply(then="drop"), OutcomeUnknown, "broke the connection off"),
    ],
)
def test_not_taken(there: Place, reply: Reply, error: type[OutletError], message: str) -> None:
    """Each answer in one clear line, and what to do."""
    there.server.once(reply)

    with pytest.raises(error, match=message) as caught:
        there.publisher.publish(POST)

    assert TOKEN not in str(caught.value)


def test_an_encrypted_room_is_not_written_into(there: Place) -> None:
    """Its people expect that no server reads along."""
    there.server.encrypted = True

    with pytest.raises(OutletRefused, match="encrypted"):
        there.publisher.publish(POST)

    assert [] == there.server.words()


def test_a_room_that_the_account_has_not_joined(there: Place) -> None:
    """It says what to do; a wrong token and a wrong room do, too."""
    there.server.joined = False
    with pytest.raises(OutletRefused, match="Invite"):
        there.publisher.publish(POST)
    with pytest.raises(OutletRefused, match="Invite"):
        there.at(there.url, room="!other:matrix.example").publish(POST)
    for act in ("publish", "find"):
        with pytest.raises(OutletRefused, match="new access token"):
            getattr(there.at(there.url, "syt_wrong"), act)(POST)


def test_somebody_took_it_away(there: Place) -> None:
    """A moderator's word stands: it is neither edited nor sent again."""
    remote_id = there.publisher.publish(POST).remote_id
    there.publisher.delete(remote_id, WITHDRAWAL)

    with pytest.raises(OutletRefused, match="taken away"):
        there.publisher.edit(remote_id, POST)
    with pytest.raises(OutcomeUnknown, match="taken away"):
        there.publisher.publish(POST)


def test_found_on_a_later_page_and_not_beyond_the_last(there: Place) -> None:
    """A thousand messages of its own are looked through; others' do not count, nor convince."""
    receipt = there.publisher.publish(POST)
    for number in range(1_990):
        forged = {"msgtype": "m.text", "body": "x", MARK: {"key": "none", "revision": 1}}
        sender = {} if number % 2 else {"sender": OTHER}
        there.server.add(forged if sender else {"msgtype": "m.text", "body": "y"}, **sender)

    assert receipt == there.publisher.find(POST)
    assert there.publisher.find(replace(POST, key="none")) is None
    for _ in range(20):
        there.server.add({"msgtype": "m.text", "body": "z"})
    with pytest.raises(OutletRefused, match="newest 1000"):
        there.publisher.find(POST)


def test_a_private_address_is_refused_before_anything_is_sent(there: Place) -> None:
    """Unless its host is listed."""
    with pytest.raises(OutletRefused, match="SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE"):
        MatrixPublisher(there.url, TOKEN, ROOM).publish(POST)

    assert [] == there.server.asked


@pytest.mark.parametrize(
    ("url", "token", "room"),
    [
        ("matrix.example", TOKEN, ROOM),
        ("https://user@matrix.example", TOKEN, ROOM),
        ("https://matrix.example", "", ROOM),
        ("https://matrix.example", "new\nline", ROOM),
        ("https://matrix.example", TOKEN, "#news:matrix.example"),
        ("https://matrix.example", TOKEN, ""),
    ],
)
def test_settings_that_cannot_be_used(url: str, token: str, room: str) -> None:
    """Said when the outlet is made, and without the token."""
    with pytest.raises(ConfigError) as caught:
        MatrixPublisher(url, token, room)

    assert TOKEN not in str(caught.value)
