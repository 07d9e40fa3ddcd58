"""The contract of publishers, and what is Teams's own, against a strict workflow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bridge.errors import ConfigError, OutcomeUnknown, OutletBusy, OutletError, OutletRefused
from bridge.outlets.teams import TeamsPublisher
from tests.contract.hostile import WORDS
from tests.contract.publishers import PATIENCE, POST, EveryPublisher
from tests.contract.serving import Reply
from tests.contract.teams_server import MOST, SIGNATURE, TeamsServer, teams

HERE = frozenset({"127.0.0.1"})


class Place:
    """The publisher with its workflow."""

    sample = POST
    at_least = None
    makes_links = True

    def __init__(self, server: TeamsServer, url: str, closed_url: str) -> None:
        self.server, self.url = server, url
        self.publisher = self.at(url)
        self.closed = self.at(closed_url)

    def at(self, url: str) -> TeamsPublisher:
        return TeamsPublisher(url, timeout=PATIENCE, allow_private=HERE)

    def shows(self) -> list[tuple[str, str]]:
        return [(title, "\n".join(lines)) for title, *lines in self.server.runs()]

    def links(self) -> list[str]:
        return self.server.links()

    def received(self) -> object:
        return json.loads(self.server.bodies[-1])

    def busy_once(self) -> None:
        self.server.once(Reply(429, {}, {"Retry-After": "7"}))

    def refuse_once(self) -> None:
        self.server.once(Reply(404, {"error": {"code": "WorkflowNotFound"}}))

    def silent_once(self) -> None:
        self.server.once(Reply(then="hang"), kept=True)


@pytest.fixture
def there(closed_url: str) -> Iterator[Place]:
    """A workflow that posts into a channel."""
    with teams() as (server, url):
        yield Place(server, url, closed_url)


class TestEveryPublisher(EveryPublisher):
    """The suite."""


@pytest.mark.parametrize("words", WORDS)
def test_names_and_titles_mean_nothing_there(there: Place, words: str) -> None:
    """The workflow takes text runs only, which read no markup; only two buttons lead anywhere."""
    there.publisher.publish(replace(POST, title=words, text=f"{words}\n{words}", link_title=words))

    assert [POST.link, POST.url] == there.links()


def test_accepted_is_not_shown(there: Place) -> None:
    """The receipt keeps the two apart, whatever the workflow says."""
    assert not there.publisher.publish(POST).shown
    there.server.once(Reply(200, {}))
    assert not there.publisher.publish(POST).shown


@pytest.mark.parametrize("text", ["word " * 40_000, "\n" * 5_000 + "end", "🎉" * 20_000])
def test_a_card_is_never_too_large(there: Place, text: str) -> None:
    """Counted in bytes, with everything around the text."""
    there.publisher.publish(replace(POST, text=f"It begins.\n{text}"))

    ((_, shown),) = there.shows()
    assert shown.startswith("It begins.")
    assert there.server.sizes[0] <= MOST


def test_a_title_that_says_it_all_is_said_once(there: Place) -> None:
    """The text of a completion is its title."""
    there.publisher.publish(replace(POST, text=POST.title))

    assert [(POST.title, "")] == there.shows()


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (Reply(503), OutletBusy, "HTTP 503"),
        (Reply(502, {"error": {"code": "NoResponse"}}), OutcomeUnknown, "HTTP 502"),
        (Reply(401, {"error": {"code": "Unauthorized"}}), OutletRefused, "question mark"),
        (Reply(404), OutletRefused, "make a new one"),
        (Reply(413), OutletRefused, "HTTP 413"),
        (Reply(302, None, {"Location": "http://127.0.0.1/x"}), OutletRefused, "on to http://127"),
        (Reply(then="drop"), OutcomeUnknown, "broke the connection off"),
    ],
)
def test_not_taken(there: Place, reply: Reply, error: type[OutletError], message: str) -> None:
    """Each answer in one clear line, and without the address, which is the secret."""
    there.server.once(reply)

    with pytest.raises(error, match=message) as caught:
        there.publisher.publish(POST)

    assert SIGNATURE not in str(caught.value)


def test_a_wrong_address(there: Place) -> None:
    """Its signature is part of it."""
    with pytest.raises(OutletRefused, match="question mark"):
        there.at(there.url + "x").publish(POST)


def test_a_private_address_is_refused_before_anything_is_sent(there: Place) -> None:
    """Unless its host is listed."""
    with pytest.raises(OutletRefused, match="SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE") as caught:
        TeamsPublisher(there.url).publish(POST)

    assert ([], False) == (there.server.asked, SIGNATURE in str(caught.value))


@pytest.mark.parametrize("url", ["", "prod.example/workflows", "https://user@prod.example/x"])
def test_an_address_that_cannot_be_used(url: str) -> None:
    """Said when the outlet is made, and not repeated: it is the secret."""
    with pytest.raises(ConfigError) as caught:
        TeamsPublisher(url)

    assert "prod.example" not in str(caught.value)
