"""The contract of publishers, and what is Apprise's own, against strict services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bridge.errors import ConfigError, OutcomeUnknown, OutletBusy, OutletError, OutletRefused
from bridge.outlets.apprise import ApprisePublisher
from tests.contract.apprise_servers import ALIVE, HOOK, TOPIC, Message, Services, services
from tests.contract.hostile import WORDS
from tests.contract.publishers import PATIENCE, POST, EveryPublisher
from tests.contract.serving import Reply

HERE = frozenset({"127.0.0.1"})
SECRET = "atokenfortests"


def address(kind: str, host: str) -> str:
    """Where the service is, as Apprise writes it."""
    return {
        "rocket": f"rocket://atokenfortests/anditssecondhalf@{host}/#general?mode=webhook",
        "ntfy": f"ntfy://{host}/{TOPIC}",
        "json": f"json://{host}/in",
    }[kind]


class Place:
    """The publisher with a service."""

    sample = POST
    makes_links = True

    def __init__(self, kind: str, server: Services, host: str, closed_url: str) -> None:
        self.kind, self.server, self.host = kind, server, host
        self.at_least = {"rocket": 600, "ntfy": 7_000, "json": None}[kind]
        self.publisher = self.at(address(kind, host))
        self.closed = self.at(address(kind, closed_url.removeprefix("http://")))

    def at(self, url: str) -> ApprisePublisher:
        return ApprisePublisher(url, timeout=PATIENCE, allow_private=HERE)

    def messages(self) -> list[Message]:
        return list(getattr(self.server, self.kind))

    def shows(self) -> list[tuple[str, str]]:
        """As people see it: the joiner has no width, and the addresses stand by themselves."""
        seen = []
        for message in self.messages():
            text = message.text.replace("\u2060", "").rpartition("\n\n")[0]
            seen.append((message.title.replace("\u2060", ""), text))
        return seen

    def links(self) -> list[str]:
        ways = [message.text.rpartition("\n\n")[2] for message in self.messages()]
        return [link for part in ways for link in re.findall(r": (https?://\S+)", part)]

    def received(self) -> object:
        message = self.messages()[-1]
        return {"title": message.title, "body": message.text}

    def busy_once(self) -> None:
        self.server.once(Reply(429, {}, {"Retry-After": "7"}))

    def refuse_once(self) -> None:
        self.server.once(Reply(404, {"error": "gone"}))

    def silent_once(self) -> None:
        self.server.once(Reply(then="hang"), kept=True)


@pytest.fixture(params=["rocket", "ntfy", "json"])
def there(request: pytest.FixtureRequest, closed_url: str) -> Iterator[Place]:
    """Each service in turn."""
    with services() as (server, host):
        yield Place(request.param, server, host, closed_url)


class TestEveryPublisher(EveryPublisher):
    """The suite."""


@pytest.mark.parametrize("words", WORDS)
def test_names_and_titles_mean_nothing_there(there: Place, words: str) -> None:
    """Nobody is called, nothing is marked up, and no link is there but the bridge's own two."""
    there.publisher.publish(replace(POST, title=words, text=f"{words}\n{words}", link_title=words))

    (message,) = there.messages()
    said = f"{message.title}\n{message.text}".replace(POST.link, "").replace(POST.url, "")
    assert [] == ALIVE.findall(said)
    assert [POST.link, POST.url] == there.links()


def test_accepted_is_not_shown(there: Place) -> None:
    """The receipt keeps the two apart, and the rendering says who gives it its form."""
    assert not there.publisher.publish(POST).shown
    assert "in that service's own form" in there.publisher.render(POST).notes[-1]


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (Reply(503), OutletBusy, "HTTP 503"),
        (Reply(500, {"error": "oh"}), OutcomeUnknown, "HTTP 500"),
        (Reply(401, {"error": "no"}), OutletRefused, "HTTP 401"),
        (Reply(404, raw=HOOK.encode()), OutletRefused, "HTTP 404"),
        (Reply(302, None, {"Location": f"http://127.0.0.1{HOOK}"}), OutletRefused, "sends the"),
        (Reply(then="drop"), OutcomeUnknown, "broke the connection off"),
    ],
)
def test_not_taken(there: Place, reply: Reply, error: type[OutletError], message: str) -> None:
    """Each in one clear line, asked once, and without the address, which is the secret."""
    there.server.once(reply)

    with pytest.raises(error, match=message) as caught:
        there.publisher.publish(POST)

    assert (1, False) == (len(there.server.asked), SECRET in str(caught.value))
    assert "\n" not in str(caught.value)


def test_what_only_some_of_its_receivers_got_is_in_doubt(closed_url: str) -> None:
    """An address may name several; who got it gets no second one."""
    with services() as (server, host):
        place = Place("ntfy", server, host, closed_url)
        both = place.at(f"ntfy://{host}/{TOPIC}/other")

        with pytest.raises(OutcomeUnknown, match="not told all of it"):
            both.publish(POST)

    assert 1 == len(place.messages())


def test_a_private_address_is_refused_before_anything_is_sent(there: Place) -> None:
    """Unless its host is listed."""
    with pytest.raises(OutletRefused, match="SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE") as caught:
        ApprisePublisher(address(there.kind, there.host)).publish(POST)

    assert ([], False) == (there.server.asked, SECRET in str(caught.value))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "no service"),
        ("https://hub.example/in", "no service"),
        ("nonsense://atokenfortests", "no service"),
        ("rocket://", "no service"),
        ("mailto://user:atokenfortests@mail.example", "not send by HTTP"),
        ("syslog://", "not send by HTTP"),
        ("mqtt://127.0.0.1/atokenfortests", "HTTP|no service"),
        ("ircs://127.0.0.1/atokenfortests", "not send by HTTP"),
        ("rsyslog://127.0.0.1", "not send by HTTP"),
    ],
)
def test_an_address_that_cannot_be_used(url: str, says: str) -> None:
    """Said when the outlet is made, and not repeated: it is the secret."""
    with pytest.raises(ConfigError, match=says) as caught:
        ApprisePublisher(url)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "most"),
    [
        ("discord://123456789012345678/abcdefghijklmnop-qrstuvwxyz", 2_000),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", 4_096),
        ("gchat://workspace/key/token", 4_000),
    ],
)
@pytest.mark.parametrize("text", ["word " * 4_000, "<&>\n" * 4_000, "\n" * 9_000 + "end"])
def test_a_text_is_cut_to_what_the_service_takes(url: str, most: int, text: str) -> None:
    """Its own figure, counted as it is sent; both addresses stay whole."""
    rendered = ApprisePublisher(url).render(replace(POST, text=f"It begins.\n{text}"))

    assert len(rendered.title) + len(rendered.text) <= most
    assert rendered.text.endswith(POST.url)
    assert "It begins." in rendered.text
    assert any("shortened" in note for note in rendered.notes)


def test_without_apprise_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)

    with pytest.raises(ConfigError, match=r"pip install 'socialbridge\[apprise\]'"):
        ApprisePublisher("json://hub.example/in")
