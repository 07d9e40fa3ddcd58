"""Names and titles by people who mean no good, at the outlets without a test of their own for it.

Those whose markup is a language of its own are put to the same words in their own files.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.demo.lms.server import running_lms
from bridge.demo.story import make_story
from bridge.demo.world import Story
from bridge.model import Post
from tests.contract.hostile import WORDS
from tests.contract.mahara_server import BOT, running_mahara
from tests.contract.mail_server import mail_server
from tests.contract.publishers import POST
from tests.contract.receiver import receiving
from tests.contract.test_email import Mailbox, words
from tests.contract.test_mahara import Journal
from tests.contract.test_publishers import Forum, Hook, Shown

LINKED = re.compile(
    r"\b(?:https?://|www\.)\w\S*|[\w.]+@[\w-]+\.\w+|\b[\w-]+\.(?:example|org|com)\b", re.IGNORECASE
)
"""What a filter or a mail program makes a link of by itself."""


def post(said: str) -> Post:
    """What the feed tells by itself: its text is its title."""
    return replace(POST, title=said, text=" ".join(said.split()), link_title=said)


def alive(html: str) -> list[str]:
    """Tags that are not the bridge's own, and what would become a link outside of its two."""
    outside = re.sub(r"<a [^>]*>.*?</a>", "", html)
    return [*(Shown(html).tags - {"p", "br", "a", "html", "body"}), *LINKED.findall(outside)]


@pytest.fixture(scope="module")
def story() -> Story:
    """The demo company."""
    return make_story(datetime.now(UTC))


@pytest.fixture(scope="module")
def forum(story: Story) -> Iterator[Forum]:
    """A forum for all of the words."""
    with running_lms(story=story) as lms:
        yield Forum(lms, lms.url)


@pytest.mark.parametrize("said", WORDS)
def test_in_a_forum(forum: Forum, said: str) -> None:
    """No tag, no link but the bridge's two, and one line as the subject."""
    forum.publisher.publish(post(said))

    subject, message = forum._new()[-1]
    assert [] == alive(message)
    assert 2 == len(Shown(message).links)
    assert ([], False) == ([c for c in subject if c < " "], "<" in subject)


@pytest.mark.parametrize("owner", [None, BOT])
@pytest.mark.parametrize("said", WORDS)
def test_in_a_journal(said: str, owner: int | None) -> None:
    """Neither in the token's own, which takes HTML, nor in somebody's, which takes none."""
    with running_mahara() as site:
        place = Journal(site, "admin-token" if owner else "bot-token", owner)
        place.publisher.publish(post(said))

        (entry,) = site.entries
        described = entry.description
        for own in (POST.link, f"{POST.url}#{POST.key}"):
            described = described.replace(own.replace("&", "&amp;"), "")
        assert [] == alive(described)
        assert "\0" not in entry.title + entry.description


@pytest.mark.parametrize("said", WORDS)
def test_in_a_letter(said: str, tmp_path: Path) -> None:
    """No header, no receiver and no link comes of it, in either form of the letter."""
    with mail_server(tmp_path) as server:
        Mailbox(server).publisher.publish(post(said))

        (letter,) = server.letters
        assert [["anna@example.com"]] == server.receivers
        assert ([], 1) == (letter.get_all("Bcc", []), len(letter.get_all("Subject", [])))
        assert "\n" not in letter["Subject"]
        assert [] == alive(words(letter, "html"))
        plain = words(letter, "plain").replace(POST.link, "").replace(POST.url, "")
        assert [] == LINKED.findall(re.sub(r"https://bridge\.example/unsubscribe/\S+", "", plain))


@pytest.mark.parametrize("said", WORDS)
def test_in_a_webhook(said: str) -> None:
    """It is data there, whole, and nothing that a receiver could not keep."""
    with receiving(time.time) as receiver:
        Hook(receiver, receiver.url).publisher.publish(replace(post(said), activity={"name": said}))

        ((_, data),) = receiver.shown.items()
        kept = said.replace("\0", "").encode("utf-8", "replace").decode()
        assert (kept, {"name": kept}) == (data["title"], data["activity"])
        assert [] == receiver.refusals
