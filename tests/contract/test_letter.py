"""Letters, sent to a real mail server on this machine."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.errors import BridgeError, ConfigError, OutcomeUnknown, OutletBusy, OutletRefused
from bridge.outlets import letter
from bridge.outlets.letter import Letters
from tests.contract.mail_server import PASSWORD, USER, Post, mail_server

NINE = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DANA = "dana@example.com"
OPS = "ops@example.com"


def send(post: Post, to: tuple[str, ...] = (DANA,), subject: str = "Hello", text: str = "") -> None:
    """Send a letter by that server."""
    Letters(post.url, USER, timeout=5, tls=post.tls).send(to, subject, text or "All is well.", NINE)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_letter_arrives_encrypted_and_signed_in(tls: str, tmp_path: Path) -> None:
    """By STARTTLS as by TLS from the beginning; the password may hold anything."""
    with mail_server(tmp_path, tls) as post:
        send(post, (DANA, OPS), "Café: it\nworks", "Grüße\n\nfrom the bridge")
    [arrived] = post.letters
    assert (USER, f"{DANA}, {OPS}", "Café: it works") == (
        arrived["From"],
        arrived["To"],
        arrived["Subject"],
    )
    assert "Grüße\n\nfrom the bridge\n" == arrived.get_content().replace("\r\n", "\n")
    assert ("auto-generated", "Wed, 25 Nov 2026 09:00:00 +0000") == (
        arrived["Auto-Submitted"],
        arrived["Date"],
    )
    assert ([[DANA, OPS]], [True], [True]) == (post.receivers, post.encrypted, post.signed_in)


def test_an_encoded_word_in_a_subject_makes_no_header(tmp_path: Path) -> None:
    """A line break in one is not set free."""
    with mail_server(tmp_path) as post:
        send(post, subject="=?utf-8?q?=0ABcc:_x@example.com?=")
    [arrived] = post.letters
    assert None is arrived["Bcc"]
    assert "= ?utf-8?q?=0ABcc:_x@example.com?=" == arrived["Subject"]


def test_a_server_inside_may_want_neither_password_nor_tls(tmp_path: Path) -> None:
    """A relay on this machine is normal."""
    with mail_server(tmp_path, "", password=False) as post:
        send(post)
    assert ([False], [False]) == (post.encrypted, post.signed_in)


def test_a_password_is_not_sent_in_the_clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To another machine, where the server offers no encryption: somebody may have taken it out."""
    monkeypatch.setattr(letter, "LOOPBACK", frozenset())
    with (
        mail_server(tmp_path, "") as post,
        pytest.raises(OutletRefused, match="offers no STARTTLS, so the password was not sent"),
    ):
        send(post)
    assert [] == post.letters


def test_a_certificate_that_nobody_knows_is_not_believed(tmp_path: Path) -> None:
    """Without the test's own trust, the server could be anybody."""
    with mail_server(tmp_path) as post:
        post.tls = None
        with pytest.raises(OutletRefused, match=r"certificate of the mail server 127\.0\.0\.1"):
            send(post)
    assert [] == post.letters


def test_a_wrong_password_is_named_and_never_shown(tmp_path: Path) -> None:
    """The remedy is a setting."""
    with mail_server(tmp_path) as post:
        post.url = post.url.replace("sesame", "barley")
        with pytest.raises(OutletRefused, match="refused the user name or the password") as error:
            send(post)
    assert "barley" not in str(error.value) + repr(error.value)
    assert "SOCIALBRIDGE_SMTP_URL" in error.value.remedy


@pytest.mark.parametrize(
    ("refuses", "expected"),
    [
        ({DANA: "550 unknown"}, OutletRefused),
        ({DANA: "451 greylisted"}, OutletBusy),
        ({"data": "554 no"}, OutletRefused),
        ({"data": "452 full"}, OutletBusy),
        ({"data": "hang up"}, OutcomeUnknown),
    ],
)
def test_what_a_server_answers_is_passing_or_lasting(
    refuses: dict[str, str], expected: type[BridgeError], tmp_path: Path
) -> None:
    """Its own three digits say so; a connection that breaks in the middle leaves a doubt."""
    with mail_server(tmp_path) as post:
        post.refuses = refuses
        with pytest.raises(expected) as error:
            send(post)
    assert PASSWORD not in str(error.value)


def test_one_receiver_that_is_refused_does_not_keep_the_letter_from_the_others(
    tmp_path: Path,
) -> None:
    """An admin has left; the other is told."""
    with mail_server(tmp_path) as post:
        post.refuses = {DANA: "550 unknown"}
        send(post, (DANA, OPS))
    assert [[OPS]] == post.receivers


def test_no_server_is_a_passing_failure() -> None:
    """It may be starting."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(OutletBusy, match="cannot be reached"):
            Letters(url, USER, timeout=5).send([DANA], "x", "x", NINE)


@pytest.mark.parametrize("url", ["http://mail.example.com", "smtp://", "smtp://h:port", "mail"])
def test_an_address_of_no_mail_server_is_refused(url: str) -> None:
    """When the bridge starts, not when it has something to say."""
    with pytest.raises(ConfigError, match="SOCIALBRIDGE_SMTP_URL"):
        Letters(url, USER)


def test_half_a_character_does_not_keep_a_letter_back(tmp_path: Path) -> None:
    """What an LMS said may hold one."""
    with mail_server(tmp_path) as post:
        send(post, subject="a\ud800b", text="c\ud800d")
    assert ("a?b", "c?d") == (post.letters[0]["Subject"], post.letters[0].get_content().strip())
