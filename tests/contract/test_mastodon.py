"""The contract of publishers, and what is Mastodon's own, against a strict server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.errors import (
    CannotTakeBack,
    ConfigError,
    OutcomeUnknown,
    OutletBusy,
    OutletError,
    OutletRefused,
)
from bridge.outlets.mastodon import MastodonPublisher
from tests.contract.hostile import WORDS
from tests.contract.mastodon_server import TOKEN, MastodonServer, mastodon
from tests.contract.publishers import PATIENCE, POST, WITHDRAWAL, EveryPublisher
from tests.contract.serving import Reply

HERE = frozenset({"127.0.0.1"})


class Place:
    """The publisher with its server."""

    sample = POST
    at_least = 100
    makes_links = True

    def __init__(self, server: MastodonServer, url: str, closed_url: str) -> None:
        self.server, self.url = server, url
        self.publisher = self.at(url)
        self.closed = self.at(closed_url)

    def at(self, url: str, token: str = TOKEN) -> MastodonPublisher:
        return MastodonPublisher(url, token, timeout=PATIENCE, allow_private=HERE)

    def shows(self) -> list[tuple[str, str]]:
        """As people see it: the joiner has no width, and the addresses stand by themselves."""
        seen = []
        for status in self.server.statuses.values():
            words = status["text"].replace("\u2060", "").rpartition("\n\n")[0]
            title, _, text = words.partition("\n\n")
            seen.append((title, text))
        return seen

    def links(self) -> list[str]:
        return [link for status in self.server.statuses.values() for link in status["links"]]

    def received(self) -> object:
        return json.loads(self.server.bodies[-1])

    def busy_once(self) -> None:
        reset = "2026-11-25T09:00:07.000000Z"
        headers = {"Date": "Wed, 25 Nov 2026 09:00:00 GMT", "X-RateLimit-Reset": reset}
        self.server.once(Reply(429, {"error": "Too many requests"}, headers))

    def refuse_once(self) -> None:
        self.server.once(Reply(403, {"error": "This action is outside the authorized scopes"}))

    def silent_once(self) -> None:
        self.server.once(Reply(then="hang"), kept=True)


@pytest.fixture
def there(closed_url: str) -> Iterator[Place]:
    """An account whose token may do what the bridge needs."""
    with mastodon() as (server, url):
        yield Place(server, url, closed_url)


class TestEveryPublisher(EveryPublisher):
    """The suite."""


@pytest.mark.parametrize("words", WORDS)
def test_names_and_titles_mean_nothing_there(there: Place, words: str) -> None:
    """Nobody is mentioned, nothing is tagged, and no link is there but the bridge's own two."""
    there.publisher.publish(replace(POST, title=words, text=f"{words}\n{words}", link_title=words))

    (status,) = there.server.statuses.values()
    assert ([], [], []) == (status["mentions"], status["tags"], status["emojis"])
    assert [POST.link, f"{POST.url}#{POST.key}.{POST.revision}"] == status["links"]


def test_a_text_is_cut_to_what_the_server_takes(there: Place) -> None:
    """Five hundred characters, or what it says itself; both addresses stay whole."""
    long = replace(POST, text="words " * 2_000)
    there.publisher.publish(long)
    there.server.most = 5_000
    there.at(there.url).publish(replace(long, key="another"))

    short, longer = (len(s["text"]) for s in there.server.statuses.values())
    assert (True, True) == (450 < short <= 500, 4_900 < longer <= 5_000)
    assert 4 == len(there.links())


def test_a_server_that_tells_no_limit_gets_five_hundred(there: Place) -> None:
    """As older servers do."""
    there.server.tells_limits = False

    there.publisher.publish(replace(POST, text="words " * 2_000))

    (status,) = there.server.statuses.values()
    assert len(status["text"]) <= 500


def test_the_limit_is_asked_once(there: Place) -> None:
    """Not for every post."""
    there.publisher.publish(POST)
    there.publisher.publish(replace(POST, key="another"))

    assert 1 == there.server.asked.count("GET /api/v2/instance")


def test_a_title_that_says_it_all_is_said_once(there: Place) -> None:
    """The text of a completion is its title."""
    there.publisher.publish(replace(POST, text=POST.title))

    assert [(POST.title, "")] == there.shows()


def test_a_key_that_is_known_shows_the_newest_words(there: Place) -> None:
    """The server answers with what it had; the bridge makes it say what it should."""
    first = there.publisher.publish(POST)
    second = there.publisher.publish(replace(POST, revision=4, text="Third chapter."))

    assert first == second
    assert [(POST.title, "Third chapter.")] == there.shows()


def test_followers_see_it_unless_it_is_said_otherwise(there: Place) -> None:
    """Nothing is public by itself."""
    there.publisher.publish(POST)
    MastodonPublisher(there.url, TOKEN, visibility="unlisted", allow_private=HERE).publish(
        replace(POST, key="another")
    )

    seen = [s["visibility"] for s in there.server.statuses.values()]
    assert ["private", "unlisted"] == seen


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (Reply(429, {}, {"Retry-After": "120"}), OutletBusy, "HTTP 429"),
        (Reply(503), OutletBusy, "HTTP 503"),
        (Reply(500, {"error": "We're sorry"}), OutcomeUnknown, r"HTTP 500 \(We're sorry\)"),
        (Reply(401, {"error": "The access token is invalid"}), OutletRefused, "new access token"),
        (Reply(403), OutletRefused, "write:statuses"),
        (Reply(422, {"error": "Too\nlong"}), OutletRefused, r"HTTP 422 \(Too long\)"),
        (Reply(302, None, {"Location": "http://127.0.0.1/x"}), OutletRefused, "on to http://127"),
        (Reply(200, raw=b"<html>"), OutcomeUnknown, "none of its answers"),
        (Reply(200, {"scheduled_at": "later"}), OutcomeUnknown, "none of its answers"),
        (Reply(200, raw=b"[" * 100_000), OutcomeUnknown, "none of its answers"),
        (Reply(200, None, {"Content-Length": str(10**8)}, b"x" * 99), OutcomeUnknown, "none of"),
        (Reply(then="drop"), OutcomeUnknown, "broke the connection off"),
    ],
)
def test_not_taken(there: Place, reply: Reply, error: type[OutletError], message: str) -> None:
    """Each answer in one clear line, and what to do."""
    there.server.once(reply)

    with pytest.raises(error, match=message) as caught:
        there.publisher.publish(POST)

    assert TOKEN not in str(caught.value)


def test_a_limit_in_unix_time(there: Place) -> None:
    """As GoToSocial says it."""
    headers = {"Date": "Wed, 25 Nov 2026 09:00:00 GMT"}
    at = int(datetime(2026, 11, 25, 9, 0, 30, tzinfo=UTC).timestamp())
    there.server.once(Reply(429, {}, {**headers, "X-RateLimit-Reset": str(at)}))

    with pytest.raises(OutletBusy) as caught:
        there.publisher.publish(POST)

    assert 30 == caught.value.after


def test_a_wrong_token_is_said_to_be_one(there: Place) -> None:
    """Whatever is asked for."""
    wrong = there.at(there.url, "wrong")

    for act in (lambda: wrong.publish(POST), lambda: wrong.find(POST)):
        with pytest.raises(OutletRefused, match="new access token"):
            act()


def test_a_token_that_may_not_read_cannot_find(there: Place) -> None:
    """It says which scopes it needs; nothing is sent twice."""
    there.server.scopes -= {"read:statuses"}

    with pytest.raises(OutletRefused, match="read:statuses"):
        there.publisher.find(POST)


def test_somebody_deleted_it_there(there: Place) -> None:
    """It is not published again against their will."""
    remote_id = there.publisher.publish(POST).remote_id
    there.publisher.delete(remote_id, WITHDRAWAL)

    with pytest.raises(OutletRefused, match="not there any more"):
        there.publisher.edit(remote_id, POST)


def test_a_server_that_edits_nothing(there: Place) -> None:
    """A correction is then made by taking it down, if it is urgent."""
    remote_id = there.publisher.publish(POST).remote_id
    there.server.edits = False

    with pytest.raises(CannotTakeBack):
        there.publisher.edit(remote_id, POST)


def test_found_on_a_later_page_and_not_beyond_the_last(there: Place) -> None:
    """Two thousand statuses are looked through; what lies further back is not guessed at."""
    receipt = there.publisher.publish(POST)
    for number in range(1_990):
        there.server._take(str(2_000 + number), f"status {number}", "public")

    assert receipt == there.publisher.find(POST)
    for number in range(20):
        there.server._take(str(4_000 + number), f"status {number}", "public")
    with pytest.raises(OutletRefused, match="newest 2,000"):
        there.publisher.find(POST)


def test_statuses_from_before_end_the_search(there: Place) -> None:
    """An account of many years does not hide that a new post never arrived."""
    there.server.now = "2026-11-20T09:00:00.000Z"
    for number in range(2_100):
        there.server._take(str(2_000 + number), f"status {number}", "public")
    there.server.asked.clear()

    assert there.publisher.find(POST) is None
    assert 2 == len(there.server.asked)


def test_a_private_address_is_refused_before_anything_is_sent(there: Place) -> None:
    """Unless its host is listed."""
    with pytest.raises(OutletRefused, match="SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE"):
        MastodonPublisher(there.url, TOKEN).publish(POST)

    assert [] == there.server.asked


@pytest.mark.parametrize(
    ("url", "token", "visibility"),
    [
        ("mastodon.example", TOKEN, "public"),
        ("https://user@mastodon.example", TOKEN, "public"),
        ("https://mastodon.example", "", "public"),
        ("https://mastodon.example", "new\nline", "public"),
        ("https://mastodon.example", TOKEN, "direct"),
    ],
)
def test_settings_that_cannot_be_used(url: str, token: str, visibility: str) -> None:
    """Said when the outlet is made, and without the token."""
    with pytest.raises(ConfigError) as caught:
        MastodonPublisher(url, token, visibility=visibility)

    assert TOKEN not in str(caught.value)
