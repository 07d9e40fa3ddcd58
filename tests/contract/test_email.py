"""Letters of an outlet, sent to a real mail server on this machine, and the link to end them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import (
    ConfigError,
    OutcomeUnknown,
    OutletBusy,
    OutletRefused,
)
from bridge.outlets.email import MOST, SOMEBODYS_LINK, EmailPublisher
from bridge.outlets.letter import Letters
from tests.contract.mail_server import USER, Post, mail_server
from tests.contract.publishers import HOSTILE, PATIENCE, POST, Destination, EveryPublisher
from tests.contract.test_publishers import Shown

NINE = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ANNA, BEN, CLEO = "anna@example.com", "Ben@example.com", "cleo@example.com"
PAGE = "https://bridge.example/unsubscribe/"
SEALED = "g" * 250
"""As long as the longest that a link holds."""


def words(letter: EmailMessage, kind: str) -> str:
    """The letter's text in one of its two forms."""
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class Mailbox:
    """An outlet that writes to people, and the mail server that it uses."""

    sample = POST
    at_least = None
    makes_links = True

    def __init__(self, post: Post, to: tuple[str, ...] = (ANNA,), **more: Any) -> None:
        self.post = post
        self.ended: set[str] = set()
        self.publisher = self._at(post.url, to, **more)
        with socket.create_server(("127.0.0.1", 0)) as free:
            nobody = f"smtp://127.0.0.1:{free.getsockname()[1]}"
        self.closed = self._at(nobody, to)

    def _at(self, url: str, to: tuple[str, ...], **more: Any) -> EmailPublisher:
        options = {
            "lists": (),
            "link": lambda address: f"{PAGE}{SEALED}?{address}",
            "ended": lambda: self.ended,
            "now": lambda: NINE,
        } | more
        letters = Letters(url, USER, timeout=PATIENCE * 5, tls=self.post.tls)
        return EmailPublisher(letters, to, **options)

    def shows(self) -> list[tuple[str, str]]:
        shown = []
        for letter in self.post.letters:
            html, plain = Shown(words(letter, "html")).text.strip(), words(letter, "plain")
            first = html.split("\n")[0]
            assert first in plain  # Both forms say the same.
            shown.append((letter["Subject"], html.replace("\u2060", "")))  # It has no width.
        return shown

    def links(self) -> list[str]:
        """Of the HTML, without the one that ends the letters."""
        found = [a for one in self.post.letters for a in Shown(words(one, "html")).links]
        return [a for a in found if not a.startswith(PAGE)]

    def received(self) -> object:
        return self.post.raw[-1].decode()

    def busy_once(self) -> None:
        self.post.refuses[ANNA] = "451 come back later"

    def refuse_once(self) -> None:
        self.post.refuses["data"] = "554 we do not want it"

    def silent_once(self) -> None:
        self.post.refuses["data"] = "250 hang up"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """A mail server of this test's own."""
    with mail_server(tmp_path) as running:
        yield running


class TestEveryPromise(EveryPublisher):
    """What every publisher promises."""

    @pytest.fixture
    def there(self, post: Post) -> Mailbox:
        """An outlet with one receiver."""
        return Mailbox(post)

    @pytest.mark.parametrize("long", [False, True])
    def test_sends_what_it_renders(self, there: Destination, long: bool) -> None:
        """To a mailing list byte for byte; a person's letter has a link that is theirs alone."""
        assert isinstance(there, Mailbox)
        there.publisher = there._at(there.post.url, (), lists=(ANNA,))
        super().test_sends_what_it_renders(there, long)

    def test_a_passing_failure_says_when_to_come_back(self, there: Destination) -> None:
        """SMTP says no time to come back at; nothing is there, and trying again helps."""
        assert isinstance(there, Mailbox)
        there.busy_once()

        with pytest.raises(OutletBusy) as caught:
            there.publisher.publish(there.sample)

        assert (None, []) == (caught.value.after, there.shows())
        there.post.refuses.clear()
        there.publisher.publish(there.sample)
        assert 1 == len(there.shows())


def test_each_receiver_gets_a_letter_of_their_own(post: Post) -> None:
    """Nobody sees who else does, and everybody has their own link."""
    Mailbox(post, (ANNA, BEN)).publisher.publish(POST)

    assert [[ANNA], [BEN]] == post.receivers
    assert [ANNA, BEN] == [letter["To"] for letter in post.letters]
    links = [f"<{PAGE}{SEALED}?{who}>" for who in (ANNA, BEN)]
    assert links == [letter["List-Unsubscribe"] for letter in post.letters]


def test_a_rendering_tells_nobodys_own_link(post: Post) -> None:
    """It is the first receiver's letter, but for the link with which they end their letters."""
    box = Mailbox(post, (ANNA, BEN))
    rendered = box.publisher.render(POST)
    box.publisher.publish(POST)

    assert SEALED not in str(rendered)
    assert "2 receivers get a letter each." in rendered.notes
    own = words(post.letters[0], "plain").strip()
    assert own == rendered.text.replace(SOMEBODYS_LINK, f"{PAGE}{SEALED}?{ANNA}").strip()


def test_the_headers_are_those_of_the_standards(post: Post) -> None:
    """One click by RFC 8058, nobody answers it by RFC 3834, and dated by the bridge's clock."""
    Mailbox(post).publisher.publish(POST)

    (letter,) = post.letters
    assert "List-Unsubscribe=One-Click" == letter["List-Unsubscribe-Post"]
    assert "auto-generated" == letter["Auto-Submitted"]
    assert "Wed, 25 Nov 2026 09:00:00 +0000" == letter["Date"]
    assert USER == letter["From"]
    assert "multipart/alternative" == letter.get_content_type()
    parts = [part.get_content_type() for part in letter.iter_parts()]
    assert ["text/plain", "text/html"] == parts  # RFC 2046: the richest one is the last.
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID", "Subject"):
        assert 1 == len(letter.get_all(name, []))


def test_one_click_is_offered_over_https_only(post: Post) -> None:
    """RFC 8058 knows no other; the header of RFC 2369 stands all the same."""
    Mailbox(post, link=lambda address: "http://bridge.example/u/1").publisher.publish(POST)

    (letter,) = post.letters
    assert "<http://bridge.example/u/1>" == letter["List-Unsubscribe"]
    assert letter["List-Unsubscribe-Post"] is None


def test_the_link_to_end_it_stands_in_both_forms(post: Post) -> None:
    """Not every mail program shows the header."""
    Mailbox(post).publisher.publish(POST)

    (letter,) = post.letters
    assert f"{PAGE}{SEALED}?{ANNA}" in Shown(words(letter, "html")).links
    assert f"{PAGE}{SEALED}?{ANNA}" in words(letter, "plain")


def test_the_same_post_is_the_same_message(post: Post) -> None:
    """Whenever it is sent and to whom; another one is another."""
    mailbox = Mailbox(post, (ANNA, BEN))

    receipt = mailbox.publisher.publish(POST)
    mailbox.publisher.publish(POST)
    mailbox.publisher.publish(replace(POST, key="another"))

    assert f"{POST.key}@example.com" == receipt.remote_id
    same = [f"<{POST.key}@example.com>"] * 4
    assert [*same, *["<another@example.com>"] * 2] == [one["Message-ID"] for one in post.letters]


def test_a_mailing_list_has_no_link(post: Post) -> None:
    """One of its readers could end it for all."""
    Mailbox(post, (ANNA,), lists=("all@lists.example.com",)).publisher.publish(POST)

    _, listed = post.letters
    assert "all@lists.example.com" == listed["To"]
    assert listed["List-Unsubscribe"] is None
    assert listed["List-Unsubscribe-Post"] is None
    assert PAGE not in words(listed, "html") + words(listed, "plain")


def test_who_has_unsubscribed_gets_nothing_more(post: Post) -> None:
    """From the very next letter on, however the address is written."""
    mailbox = Mailbox(post, (ANNA, BEN))
    mailbox.publisher.publish(POST)
    mailbox.ended.add(BEN.lower())

    mailbox.publisher.publish(replace(POST, key="another"))
    mailbox.ended.add(ANNA)
    with pytest.raises(OutletRefused, match="Every receiver has unsubscribed"):
        mailbox.publisher.publish(replace(POST, key="a third"))

    assert [[ANNA], [BEN], [ANNA]] == post.receivers


@pytest.mark.parametrize(
    "title",
    [
        "Hello\r\nBcc: everybody@example.com",
        "Hello\nList-Unsubscribe: <https://evil.example>",
        "Hello\x00\x0b\x0c\x1c\x85\u2028Bcc: everybody@example.com",
        "\ud800 half a character",
        "Grüße 🎉 " + "long " * 60,
        "=?utf-8?q?=0ABcc:_x@example.com?=",
        HOSTILE,
    ],
)
def test_a_title_makes_no_header(post: Post, title: str) -> None:
    """It stays one subject, whatever is in it."""
    Mailbox(post).publisher.publish(replace(POST, title=title))

    (letter,) = post.letters
    assert letter["Bcc"] is None
    assert [[ANNA]] == post.receivers
    assert 1 == len(letter.get_all("Subject", []))
    assert 1 == len(letter.get_all("List-Unsubscribe", []))
    assert "\n" not in letter["Subject"]
    assert not any(name.lower().startswith("bcc") for name in letter)


def test_hostile_text_is_inert_in_both_forms(post: Post) -> None:
    """In HTML by escaping; in plain text nothing is markup."""
    hostile = replace(POST, text=f"{HOSTILE}\n.\n\nQUIT\0", link_title=HOSTILE)
    Mailbox(post).publisher.publish(hostile)

    (letter,) = post.letters
    shown = Shown(words(letter, "html"))
    assert HOSTILE in shown.text.replace("\u2060", "")
    assert {"p", "br", "a", "html", "body"} == shown.tags
    assert f"{HOSTILE}\n.\n\nQUIT\n" in words(letter, "plain").replace("\u2060", "")


@pytest.mark.parametrize("at", [ANNA, BEN, CLEO])
def test_a_receiver_who_is_refused_leaves_it_unknown(post: Post, at: str) -> None:
    """The others have theirs, and get no second one by themselves."""
    post.refuses[at] = "550 no such person"
    mailbox = Mailbox(post, (ANNA, BEN, CLEO))

    with pytest.raises(
        OutcomeUnknown, match=r"went out to 2 of 3 receivers.*none of its"
    ) as caught:
        mailbox.publisher.publish(POST)

    assert [[who] for who in (ANNA, BEN, CLEO) if who != at] == post.receivers
    assert "example.com" not in str(caught.value)


def test_nothing_that_went_out_can_be_tried_again(post: Post) -> None:
    """One comes back later, one does not exist: it is worth another try."""
    post.refuses |= {ANNA: "550 no such person", BEN: "451 come back later"}

    with pytest.raises(OutletBusy):
        Mailbox(post, (ANNA, BEN)).publisher.publish(POST)

    assert [] == post.letters


def test_a_server_that_closes_for_now_has_taken_nothing(post: Post) -> None:
    """What is not sent for want of a connection is in no doubt."""
    post.refuses["data"] = "421 closing"

    with pytest.raises(OutletBusy):
        Mailbox(post, (ANNA, BEN)).publisher.publish(POST)

    assert [] == post.letters


def test_a_connection_that_breaks_ends_the_attempt(post: Post) -> None:
    """The rest is not written to: nobody knows what the server does."""
    post.refuses["data"] = "250 hang up"

    with pytest.raises(OutcomeUnknown):
        Mailbox(post, (ANNA, BEN)).publisher.publish(POST)

    assert [[ANNA]] == post.receivers


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ((), "1 to 50 receivers"),
        (tuple(f"a{n}@example.com" for n in range(MOST + 1)), "1 to 50 receivers"),
        (("nobody",), "no e-mail address"),
        (("a@b.example\r\nBcc: c@d.example",), "no e-mail address"),
        (("Anna <anna@example.com>",), "no e-mail address"),
        (("änna@example.com",), "no e-mail address"),
    ],
)
def test_receivers_that_cannot_be_used(post: Post, to: tuple[str, ...], says: str) -> None:
    """They are refused before anything is sent."""
    with pytest.raises(ConfigError, match=says):
        Mailbox(post, to)


def test_an_address_that_stands_there_twice_is_written_to_once(post: Post) -> None:
    """People are not written to twice because of a slip."""
    Mailbox(post, (ANNA, ANNA)).publisher.publish(POST)

    assert [[ANNA]] == post.receivers
