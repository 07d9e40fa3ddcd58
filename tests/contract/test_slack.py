"""The contract of publishers, and what is Slack's own, against a strict server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bridge.errors import (
    CannotTakeBack,
    ConfigError,
    OutcomeUnknown,
    OutletBusy,
    OutletError,
    OutletRefused,
)
from bridge.outlets.slack import SlackPublisher
from tests.contract.hostile import WORDS
from tests.contract.publishers import PATIENCE, POST, WITHDRAWAL, EveryPublisher
from tests.contract.serving import Reply
from tests.contract.slack_server import CHANNEL, TOKEN, SlackServer, slack

HERE = frozenset({"127.0.0.1"})


class Place:
    """The publisher with its server."""

    sample = POST
    at_least = 2_900
    makes_links = True

    def __init__(self, server: SlackServer, url: str, closed_url: str) -> None:
        self.server, self.url = server, url
        self.publisher = self.at(url)
        self.closed = self.at(closed_url)

    def at(self, url: str, token: str = TOKEN, channel: str = CHANNEL) -> SlackPublisher:
        return SlackPublisher(channel, token, url=url, timeout=PATIENCE, allow_private=HERE)

    def shows(self) -> list[tuple[str, str]]:
        """As people see it: the joiner has no width."""
        seen = []
        for message in self.server.messages.values():
            texts = {b["type"]: b["text"]["text"] for b in message["blocks"] if "text" in b}
            pair = (texts.get("header", ""), texts.get("section", ""))
            seen.append((pair[0].replace("\u2060", ""), pair[1].replace("\u2060", "")))
        return seen

    def links(self) -> list[str]:
        return self.server.links()

    def received(self) -> object:
        return json.loads(self.server.bodies[-1])

    def busy_once(self) -> None:
        limited = {"ok": False, "error": "ratelimited"}
        self.server.once(Reply(429, limited, {"Retry-After": "7"}))

    def refuse_once(self) -> None:
        self.server.once(Reply(data={"ok": False, "error": "is_archived"}))

    def silent_once(self) -> None:
        self.server.once(Reply(then="hang"), kept=True)


@pytest.fixture
def there(closed_url: str) -> Iterator[Place]:
    """A channel in which the app is, with the scopes that the bridge needs."""
    with slack() as (server, url):
        yield Place(server, url, closed_url)


class TestEveryPublisher(EveryPublisher):
    """The suite."""


@pytest.mark.parametrize("words", WORDS)
def test_names_and_titles_mean_nothing_there(there: Place, words: str) -> None:
    """Nobody is called, and no link is there but the bridge's own two."""
    there.publisher.publish(replace(POST, title=words, text=f"{words}\n{words}", link_title=words))

    assert [] == there.server.alive()
    assert [POST.link, POST.url] == there.links()


def test_a_title_that_says_it_all_is_said_once(there: Place) -> None:
    """The text of a completion is its title; where a heading is too short for it, both stand."""
    there.publisher.publish(replace(POST, text=POST.title))
    long = "name " * 34 + "finished it"
    there.publisher.publish(replace(POST, title=long, text=long))

    (first, second) = there.shows()
    assert (POST.title, "") == first
    assert long == second[1]


@pytest.mark.parametrize(
    ("code", "error", "message"),
    [
        ("ratelimited", OutletBusy, "ratelimited"),
        ("service_unavailable", OutletBusy, "service_unavailable"),
        ("internal_error", OutcomeUnknown, "internal_error"),
        ("fatal_error", OutcomeUnknown, "fatal_error"),
        ("invalid_auth", OutletRefused, "new bot token"),
        ("token_expired", OutletRefused, "new bot token"),
        ("not_in_channel", OutletRefused, "/invite @app"),
        ("restricted_action", OutletRefused, "admin of the workspace"),
        ("something_new", OutletRefused, "something_new"),
    ],
)
def test_errors_by_their_codes(
    there: Place, code: str, error: type[OutletError], message: str
) -> None:
    """Slack says them with HTTP 200."""
    there.server.once(Reply(data={"ok": False, "error": code}))

    with pytest.raises(error, match=message):
        there.publisher.publish(POST)


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (Reply(503), OutletBusy, "HTTP 503"),
        (Reply(500), OutcomeUnknown, "HTTP 500"),
        (Reply(302, None, {"Location": "http://127.0.0.1/x"}), OutletRefused, "on to http://127"),
        (Reply(200, raw=b"<html>"), OutcomeUnknown, "none of its answers"),
        (Reply(200, {"ok": True}), OutcomeUnknown, "under which id"),
        (Reply(200, {"ok": "yes"}), OutletRefused, "None"),
        (Reply(200, None, {"Content-Length": str(10**8)}, b"x" * 99), OutcomeUnknown, "none of"),
        (Reply(then="drop"), OutcomeUnknown, "broke the connection off"),
    ],
)
def test_not_taken(there: Place, reply: Reply, error: type[OutletError], message: str) -> None:
    """Each answer in one clear line."""
    there.server.once(reply)

    with pytest.raises(error, match=message) as caught:
        there.publisher.publish(POST)

    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("locked", ["edit_window_closed", "cant_update_message"])
def test_the_workspace_lets_nothing_be_edited(there: Place, locked: str) -> None:
    """The time to edit is over, or there is none."""
    remote_id = there.publisher.publish(POST).remote_id
    there.server.locked = locked

    with pytest.raises(CannotTakeBack, match=locked):
        there.publisher.edit(remote_id, replace(POST, title="Better"))


@pytest.mark.parametrize("locked", ["cant_delete_message", "compliance_exports_prevent_deletion"])
def test_the_workspace_lets_nothing_be_deleted(there: Place, locked: str) -> None:
    """As some must keep what was said."""
    remote_id = there.publisher.publish(POST).remote_id
    there.server.locked = locked

    with pytest.raises(CannotTakeBack, match=locked):
        there.publisher.delete(remote_id, WITHDRAWAL)


def test_somebody_deleted_it_there(there: Place) -> None:
    """It is not published again against their will."""
    remote_id = there.publisher.publish(POST).remote_id
    there.publisher.delete(remote_id, WITHDRAWAL)

    with pytest.raises(OutletRefused, match="not in the channel any more"):
        there.publisher.edit(remote_id, POST)


def test_a_token_that_may_not_read_cannot_find(there: Place) -> None:
    """It says which scope it needs; nothing is sent twice."""
    there.server.scopes -= {"channels:history"}

    with pytest.raises(OutletRefused, match="the scope channels:history"):
        there.publisher.find(POST)


def test_found_on_a_later_page_and_not_beyond_the_last(there: Place) -> None:
    """Two thousand messages are looked through; what lies further back is not guessed at."""
    receipt = there.publisher.publish(POST)
    for number in range(1_990):
        there.server.messages[f"2000000000.{number:06}"] = {"text": "hello", "blocks": []}

    assert receipt == there.publisher.find(POST)
    for number in range(20):
        there.server.messages[f"2000000001.{number:06}"] = {"text": "hello", "blocks": []}
    with pytest.raises(OutletRefused, match="newest 2,000"):
        there.publisher.find(POST)


def test_messages_from_before_are_not_looked_through(there: Place) -> None:
    """A channel of many years does not hide that a new post never arrived."""
    for number in range(2_100):
        there.server.messages[f"1763600000.{number:06}"] = {"text": "hello", "blocks": []}

    assert there.publisher.find(POST) is None
    assert ["conversations.history"] == there.server.asked


def test_what_nobody_dated_is_looked_for_everywhere(there: Place) -> None:
    """Without a moment there is no bound."""
    undated = replace(POST, published=None)
    receipt = there.publisher.publish(undated)

    assert receipt == there.publisher.find(undated)


def test_an_app_that_is_not_in_the_channel(there: Place) -> None:
    """It says how to invite it."""
    there.server.member = False

    with pytest.raises(OutletRefused, match="/invite"):
        there.publisher.publish(POST)


def test_a_wrong_token_or_channel(there: Place) -> None:
    """Each says what to do."""
    with pytest.raises(OutletRefused, match="new bot token"):
        there.at(there.url, "xoxb-wrong").publish(POST)
    with pytest.raises(OutletRefused, match="channel's id"):
        there.at(there.url, channel="C999").publish(POST)


def test_a_private_address_is_refused_before_anything_is_sent(there: Place) -> None:
    """Unless its host is listed."""
    with pytest.raises(OutletRefused, match="SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE"):
        SlackPublisher(CHANNEL, TOKEN, url=there.url).publish(POST)

    assert [] == there.server.asked


@pytest.mark.parametrize(
    ("channel", "token"), [("#news", TOKEN), ("", TOKEN), (CHANNEL, "secret"), (CHANNEL, "")]
)
def test_settings_that_cannot_be_used(channel: str, token: str) -> None:
    """Said when the outlet is made."""
    with pytest.raises(ConfigError):
        SlackPublisher(channel, token)
