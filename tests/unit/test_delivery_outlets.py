"""The outlets' parts that need no server: signatures, the guard, and what a forum is told."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

import pytest
import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    SSLError,
)

from bridge import guard
from bridge.errors import ConfigError, OutletBusy, OutletRefused
from bridge.guard import checked_addresses, is_public
from bridge.model import Post
from bridge.outlets.answers import excerpt, never_left
from bridge.outlets.guard import guarded_session, inside
from bridge.outlets.moodle_forum import LONGEST_SUBJECT, message, subject
from bridge.outlets.signing import key_of, new_secret, sign
from bridge.outlets.webhook import WebhookPublisher

SECRET = "whsec_" + "c2VjcmV0LWZvci10ZXN0cy1hbmQtbm90aGluZy1lbHNl"
POST = Post("key", 1, "Title", "Text", "https://bridge.example/a/uid")


class TestSigning:
    @pytest.mark.parametrize(
        ("secret", "ident", "timestamp", "body", "signature"),
        [
            (
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1614265330,
                b'{"test": 2432232314}',
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
            (
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1614265330,
                b'{"test": 2432232314}',
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ],
    )
    def test_the_signature_is_that_of_the_reference(
        self, secret: str, ident: str, timestamp: int, body: bytes, signature: str
    ) -> None:
        """The specification's own libraries are tested with these values."""
        assert signature == sign(key_of(secret), ident, timestamp, body)

    def test_a_fresh_secret_can_be_used(self) -> None:
        """And is another one each time."""
        assert 32 == len(key_of(new_secret()))
        assert new_secret() != new_secret()

    @pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%", "whsec_é"])
    def test_a_secret_that_is_none_is_refused(self, secret: str) -> None:
        """Too short, or not base64."""
        with pytest.raises(ConfigError, match="secret"):
            WebhookPublisher("https://hooks.example/x", secret)

    @pytest.mark.parametrize(
        "url", ["", "hooks.example", "ftp://hooks.example", "https://", "https://u:p@hooks.example"]
    )
    def test_an_address_that_is_none_is_refused(self, url: str) -> None:
        """Before anything is sent, and without repeating what may be a password."""
        with pytest.raises(ConfigError) as caught:
            WebhookPublisher(url, SECRET)

        assert "u:p" not in str(caught.value)

    def test_a_webhook_is_never_asked(self) -> None:
        """The same key sent again does no harm."""
        assert WebhookPublisher("https://hooks.example/x", SECRET).find(POST) is None


class TestGuard:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1%eth0",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:0:7f00:1::",
        ],
    )
    def test_private(self, address: str) -> None:
        """Own, link-local, shared, reserved; IPv4 inside IPv6 as well."""
        assert not is_public(address)

    @pytest.mark.parametrize(
        "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"]
    )
    def test_public(self, address: str) -> None:
        """The internet."""
        assert is_public(address)

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "localhost"]
    )
    def test_no_spelling_of_an_own_address_gets_through(self, host: str) -> None:
        """What is checked is what the name stands for, not how it is written."""
        with pytest.raises(OutletRefused, match="inside a private network"):
            checked_addresses(host, 80, (), inside)

    def test_a_listed_host_may_be_inside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """By its name, in whatever case, with or without the last dot."""
        names(monkeypatch, [["10.0.0.1"], ["::1"]])

        assert ["10.0.0.1"] == checked_addresses("Hooks.Intranet.", 80, {"hooks.intranet"}, inside)
        assert ["::1"] == checked_addresses("::1", 80, {"::1"}, inside)

    def test_one_private_address_among_public_ones_is_enough(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Which of them would be taken is not in our hands."""
        names(monkeypatch, [["93.184.215.14", "10.0.0.1"]])

        with pytest.raises(OutletRefused, match=r"hooks\.example stands for 10\.0\.0\.1"):
            checked_addresses("hooks.example", 443, (), inside)

    def test_the_connection_goes_to_the_address_that_was_checked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name that answers differently the second time gains nothing."""
        names(monkeypatch, [["93.184.215.14"], ["127.0.0.1"]])
        tried = connections(monkeypatch)

        with pytest.raises(OutletBusy):
            WebhookPublisher("http://hooks.example/x", SECRET).publish(POST)

        assert [("93.184.215.14", 80)] == tried

    def test_every_checked_address_is_tried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The first may be down."""
        names(monkeypatch, [["93.184.215.14", "93.184.215.15"]])
        tried = connections(monkeypatch)

        with pytest.raises(requests.ConnectionError):
            guarded_session(()).get("https://hooks.example/x", timeout=1)

        assert [("93.184.215.14", 443), ("93.184.215.15", 443)] == tried

    @pytest.mark.parametrize("answers", [[[]], [OSError("no resolver")], [socket.gaierror("no")]])
    def test_a_name_that_stands_for_nothing_is_a_passing_failure(
        self, monkeypatch: pytest.MonkeyPatch, answers: list[Any]
    ) -> None:
        """A name server that fails now may answer later; nothing was sent."""
        names(monkeypatch, answers)

        with pytest.raises(OutletBusy, match="cannot be reached"):
            WebhookPublisher("http://hooks.example/x", SECRET).publish(POST)

    def test_a_name_that_cannot_be_one_stands_for_nothing(self) -> None:
        """A label of a name has at most 63 characters."""
        with pytest.raises(OutletBusy, match="cannot be reached"):
            WebhookPublisher(f"http://{'a' * 70}.example/x", SECRET).publish(POST)

    def test_no_proxy_of_the_environment_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It would look the name up for itself, unchecked."""
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

        with pytest.raises(OutletRefused, match="inside a private network"):
            guarded_session(()).get("http://localhost/x", timeout=1)


def names(monkeypatch: pytest.MonkeyPatch, answers: list[Any]) -> None:
    """Each look-up gets the next answer."""
    left = list(answers)

    def look_up(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        answer = left.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in answer]

    monkeypatch.setattr(guard.socket, "getaddrinfo", look_up)


def connections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections are tried to; none of them succeeds."""
    tried: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(guard, "create_connection", connect)
    return tried


class TestAnswers:
    @pytest.mark.parametrize(
        ("error", "never"),
        [
            (requests.exceptions.InvalidURL("no"), True),
            (requests.exceptions.ConnectTimeout("late"), True),
            (requests.ConnectionError(ProtocolError("reset")), False),
            (requests.ReadTimeout("late"), False),
            (requests.ConnectionError(), False),
        ],
    )
    def test_what_never_left(self, error: requests.RequestException, never: bool) -> None:
        """Only what certainly did not reach the outlet."""
        assert never == never_left(error)

    @pytest.mark.parametrize(
        ("reason", "never"),
        [
            (NewConnectionError(None, "refused"), True),  # type: ignore[arg-type]
            (ConnectTimeoutError("late"), True),
            (SSLError(ssl.SSLCertVerificationError("expired")), True),
            (SSLError("cut off while reading"), False),
            (ProtocolError("reset"), False),
        ],
    )
    def test_what_never_left_by_its_reason(self, reason: Exception, never: bool) -> None:
        """A certificate that is refused is refused before anything is sent."""
        error = MaxRetryError(None, "/", reason)  # type: ignore[arg-type]

        assert never == never_left(requests.ConnectionError(error))

    def test_an_answer_that_drips_is_left_alone(self) -> None:
        """Its status has said everything."""
        response = requests.Response()
        response.status_code = 400
        response.raw = Dripping()

        assert " (x)" == excerpt(response, 0.01)
        assert "" == excerpt(response, -1)

    def test_an_answer_that_breaks_off_is_as_good_as_none(self) -> None:
        """The status came."""
        response = requests.Response()
        response.status_code = 400
        response.raw = Broken()

        assert "" == excerpt(response, 1)


class Dripping:
    """An answer that comes in single characters, each later than its reader's patience."""

    def read1(self, amount: int, decode_content: bool) -> bytes:
        time.sleep(0.02)
        return b"x"


class Broken:
    """An answer that breaks off."""

    def read1(self, amount: int, decode_content: bool) -> bytes:
        raise ProtocolError("reset")


class TestForumMessage:
    def test_paragraphs_and_lines(self) -> None:
        """Plain text keeps its shape."""
        html = message(
            Post("key", 1, "T", "One\ntwo\r\n\r\n\n<b>three</b>", "https://b.example/a/1")
        )

        assert (
            "<p>One<br>two</p>\n<p>&lt;b&gt;three&lt;/b&gt;</p>\n"
            '<p><a href="https://b.example/a/1#key">See it in Socialbridge</a></p>'
        ) == html

    def test_a_quote_does_not_end_an_attribute(self) -> None:
        """Escaped for where it goes; and what holds one is no address to lead anybody to."""
        html = message(Post("key", 1, "T", "x", 'https://b.example/"><script>', link='http://x/"y'))

        assert "<script>" not in html
        assert 'href="https://b.example/&quot;&gt;&lt;script&gt;#key"' in html
        assert "http://x/" not in html

    def test_a_subject_fits_into_the_forum(self) -> None:
        """One line of at most 255 characters, and no tag that Moodle would strip."""
        title = subject(Post("key", 1, "I <3\n" + "long " * 100, "", ""))

        assert LONGEST_SUBJECT == len(title)
        assert title.startswith("I ‹3 long")
        assert title.endswith("…")
