"""Bad input, outlet by outlet: each gets one clear line, and does no harm."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from bridge.errors import BridgeError, ConfigError, OutcomeUnknown, OutletError, OutletRefused
from bridge.lms.moodle import MoodleConnector
from bridge.model import Receipt
from bridge.outlets.apprise import ApprisePublisher
from bridge.outlets.mahara import MaharaPublisher
from bridge.outlets.mastodon import MastodonPublisher
from bridge.outlets.matrix import MatrixPublisher
from bridge.outlets.moodle_forum import MoodleForumPublisher
from bridge.outlets.slack import SlackPublisher
from bridge.outlets.teams import TeamsPublisher
from bridge.outlets.webhook import WebhookPublisher
from bridge.ports import Publisher
from tests.contract.mean_server import MUCH, meaning_no_good
from tests.contract.publishers import POST
from tests.contract.receiver import SECRET
from tests.contract.serving import Reply, Request, serving

HERE = frozenset({"127.0.0.1"})
TOKEN = "xoxb-a-token-for-tests"
PATIENCE = 1.5
"""Seconds: enough for 4 MB on a busy machine, and not for an answer without an end."""
LONGEST_LINE = 500

Made = Callable[..., Publisher]


def _apprise(scheme: str, path: str) -> Made:
    def made(url: str, **how: Any) -> Publisher:
        return ApprisePublisher(f"{scheme}{urlsplit(url).netloc}{path}", **how)

    return made


def _forum(url: str, **how: Any) -> Publisher:
    # An LMS's answer as a whole may take ten times as long as a piece of it.
    connector = MoodleConnector(url, TOKEN, timeout=how["timeout"] / 5, pause=lambda seconds: None)
    return MoodleForumPublisher(connector, 7, frozenset())


GUARDED: dict[str, Made] = {
    "webhook": lambda url, **how: WebhookPublisher(url, SECRET, **how),
    "mahara": lambda url, **how: MaharaPublisher(url, TOKEN, 10, **how),
    "mahara-any": lambda url, **how: MaharaPublisher(url, TOKEN, 10, 2, **how),
    "mastodon": lambda url, **how: MastodonPublisher(url, TOKEN, **how),
    "matrix": lambda url, **how: MatrixPublisher(url, TOKEN, "!a:matrix.example", **how),
    "slack": lambda url, **how: SlackPublisher("C0123456789", TOKEN, url=url, **how),
    "teams": lambda url, **how: TeamsPublisher(f"{url}/workflows/a?sig={TOKEN}", **how),
    "apprise-json": _apprise("json://", f"/{TOKEN}"),
    "apprise-ntfy": _apprise("ntfy://", f"/{TOKEN}"),
    "apprise-rocket": _apprise("rocket://xoxbtoken/xoxbtoken@", "/#general?mode=webhook"),
}
"""Those whose address comes from settings, and is kept out of the own network."""
ALL = {**GUARDED, "moodle_forum": _forum}
"""The address of an LMS was typed by its admin at the command line, where that is meant."""

outlet = pytest.mark.parametrize("name", ALL)
guarded = pytest.mark.parametrize("name", GUARDED)


def one_clear_line(error: BridgeError) -> bool:
    """Whether it can be read in a ledger, and gives no secret away."""
    said = str(error)
    clear = said.isprintable() and 10 < len(said) < LONGEST_LINE
    return clear and TOKEN not in said and "xoxbtoken" not in said and SECRET not in said


def outcome(act: Callable[[], Receipt]) -> Receipt | BridgeError:
    """What came of it."""
    try:
        return act()
    except BridgeError as error:
        return error


# --- answers ------------------------------------------------------------------------------------


@outlet
@pytest.mark.parametrize("way", ["huge", "endless", "headers", "bomb"])
def test_an_answer_without_measure_is_cut_off(name: str, way: str) -> None:
    """Most of 100 MB is never taken, and what has no end is not waited for.

    An outlet is read for 4 MB, an LMS for 64; what is on its way comes on top of it.
    """
    with meaning_no_good(way) as (mean, url):
        publisher = ALL[name](url, timeout=PATIENCE, allow_private=HERE)
        came = outcome(lambda: publisher.publish(POST))

    assert mean.requests
    assert mean.most < (MUCH * 4 // 5 if name == "moodle_forum" else MUCH // 4)
    # Where the status alone says that it was taken, a long answer after it changes nothing.
    assert isinstance(came, Receipt) or one_clear_line(came)


@outlet
def test_a_redirect_is_not_followed(name: str) -> None:
    """Neither to another host nor into the own network; nothing is sent there."""
    seen: list[Request] = []

    def answer(request: Request) -> Reply:
        seen.append(request)
        return Reply(data={})

    with serving(answer) as elsewhere, meaning_no_good("redirect", elsewhere) as (mean, url):
        publisher = ALL[name](url, timeout=PATIENCE, allow_private=HERE)
        came = outcome(lambda: publisher.publish(POST))

    assert isinstance(came, OutletRefused | OutcomeUnknown)
    assert one_clear_line(came)
    assert (True, []) == (mean.requests > 0, seen)


# --- tokens -------------------------------------------------------------------------------------

EXPIRED: dict[str, tuple[Reply, str]] = {
    "webhook": (Reply(401, {"error": "signature too old"}), "secret"),
    "mahara": (
        Reply(
            data={
                "error": True,
                "error_class": "WebserviceAccessException",
                "error_rendered": "x",
                "error_message": "Invalid token: Token expired",
            }
        ),
        "Token expired",
    ),
    "mastodon": (Reply(401, {"error": "The access token expired"}), "new access token"),
    "matrix": (
        Reply(401, {"errcode": "M_UNKNOWN_TOKEN", "error": "Expired", "soft_logout": True}),
        "new access token",
    ),
    "slack": (Reply(data={"ok": False, "error": "token_expired"}), "new bot token"),
    "teams": (Reply(401, {"error": {"code": "ExpiredAuthenticationToken"}}), "once more"),
    "apprise-json": (Reply(401, {"error": "expired"}), "secret"),
    "apprise-ntfy": (Reply(401, {"code": 40101, "error": "unauthorized"}), "secret"),
    "apprise-rocket": (Reply(401, {"success": False}), "secret"),
    "moodle_forum": (
        Reply(
            data={
                "exception": "core\\exception\\moodle_exception",
                "errorcode": "invalidtoken",
                "message": "Invalid token - token expired",
            }
        ),
        "token",
    ),
}
EXPIRED["mahara-any"] = EXPIRED["mahara"]


@outlet
def test_an_expired_token_says_what_to_do(name: str) -> None:
    """Trying again does not help, and the line says what will."""
    reply, says = EXPIRED[name]
    with serving(lambda request: reply) as url:
        publisher = ALL[name](url, timeout=PATIENCE * 4, allow_private=HERE)
        came = outcome(lambda: publisher.publish(POST))

    assert isinstance(came, OutletRefused)
    assert (False, True) == (came.retry, one_clear_line(came))
    assert re.search(says, str(came), re.IGNORECASE)


# --- addresses ----------------------------------------------------------------------------------

INSIDE = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::]",
]
"""Ways to write this machine."""


# To Apprise's ntfy some of these are no host, but a topic of the public ntfy.sh.
NTFY_READS = {"127.0.0.1", "localhost", "[::1]", "0.0.0.0"}


@pytest.mark.parametrize(
    ("name", "host"),
    [
        (name, host)
        for name in GUARDED
        for host in INSIDE
        if name != "apprise-ntfy" or host in NTFY_READS
    ],
)
def test_an_address_inside_the_network_is_refused(name: str, host: str) -> None:
    """However it is written; nothing is sent, and the line says how it would be allowed."""
    seen: list[Request] = []

    def answer(request: Request) -> Reply:
        seen.append(request)
        return Reply(data={})

    with serving(answer) as url:
        came = outcome(lambda: _inside(name, host, urlsplit(url).port).publish(POST))

    assert isinstance(came, OutletRefused | ConfigError)
    assert ([], True) == (seen, one_clear_line(came))
    # Some ways to write a host are none to Apprise: such an outlet cannot even be added.
    assert isinstance(came, ConfigError) or "SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE" in str(came)


def _inside(name: str, host: str, port: int | None) -> Publisher:
    return GUARDED[name](f"http://{host}:{port}", timeout=PATIENCE)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[list[str]]]]:
    """Name → what it stands for, the first time it is looked up, the second, and so on."""
    told: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def looked_up(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        if host not in told:
            return real(host, port, *more, **options)
        answers = told[host]
        now = answers.pop(0) if len(answers) > 1 else answers[0]
        kinds = [socket.AF_INET6 if ":" in ip else socket.AF_INET for ip in now]
        return [(kind, 1, 6, "", (ip, port)) for kind, ip in zip(kinds, now, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    yield told


@guarded
@pytest.mark.parametrize(
    "stands_for",
    [
        ["10.0.0.7"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["fd00::1"],
        ["fe80::1"],
        ["::ffff:10.0.0.7"],
        ["64:ff9b::a00:7"],
        ["2002:7f00:1::"],
        ["93.184.215.14", "10.0.0.7"],
    ],
)
def test_a_name_that_stands_for_the_inside_is_refused(
    name: str, stands_for: list[str], names: dict[str, list[list[str]]]
) -> None:
    """Also where only one of its addresses does."""
    names["hub.example"] = [stands_for]

    came = outcome(lambda: GUARDED[name]("http://hub.example:80", timeout=0.2).publish(POST))

    assert isinstance(came, OutletRefused)
    assert one_clear_line(came)
    assert "hub.example" in str(came)


@guarded
def test_a_name_that_changes_its_mind_gains_nothing(
    name: str, names: dict[str, list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was checked is what is connected to, and no name is looked up twice."""
    names["hub.example"] = [["93.184.215.14"], ["127.0.0.1"]]
    reached: list[str] = []

    def connect(address: tuple[str, int], *more: Any, **options: Any) -> socket.socket:
        reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr("bridge.guard.create_connection", connect)

    came = outcome(lambda: GUARDED[name]("http://hub.example:80", timeout=0.2).publish(POST))

    assert isinstance(came, OutletError)
    assert one_clear_line(came)
    assert ["93.184.215.14"] == reached


@guarded
def test_a_host_that_is_listed_is_reached(name: str) -> None:
    """That is what the list is for."""
    seen: list[Request] = []

    def answer(request: Request) -> Reply:
        seen.append(request)
        return Reply(404, {})

    with serving(answer) as url:
        publisher = GUARDED[name](url, timeout=PATIENCE * 4, allow_private=HERE)
        outcome(lambda: publisher.publish(replace(POST, key="another")))

    assert seen
