"""The demo's inbox takes what the bridge's webhook sends, and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
import requests

from bridge.demo.lms.server import Lms, running_lms
from bridge.model import Post
from bridge.outlets.signing import key_of, new_secret, sign
from bridge.outlets.webhook import WebhookPublisher

SECRET, OTHER = new_secret(), new_secret()


@pytest.fixture
def lms() -> Iterator[Lms]:
    """A demo LMS with an inbox."""
    with running_lms(webhook_secret=SECRET) as lms:
        yield lms


def post(revision: int = 1, text: str = "Who joins?") -> Post:
    """A leader's share."""
    return Post("key-1", revision, "Giving feedback", text, "https://bridge.example/a/1")


def test_the_inbox_shows_what_the_webhook_sends(lms: Lms) -> None:
    """Published, changed in place, repeated without effect, and withdrawn."""
    publisher = WebhookPublisher(f"{lms.url}/inbox", SECRET, allow_private={"127.0.0.1"})
    assert "Nothing yet" in requests.get(f"{lms.url}/inbox", timeout=5).text
    receipt = publisher.publish(post())
    publisher.publish(post())
    publisher.edit(receipt.remote_id, post(2, "Who joins <me>?"))
    page = requests.get(f"{lms.url}/inbox", timeout=5).text
    assert (1, True) == (page.count("<article"), "Who joins &lt;me&gt;?" in page)
    publisher.delete(receipt.remote_id, post(3))
    assert "Nothing yet" in requests.get(f"{lms.url}/inbox", timeout=5).text


@pytest.mark.parametrize(
    ("secret", "late", "ident"),
    [(OTHER, 0, "m"), (SECRET, 3600, "m"), (SECRET, 0, "")],
    ids=["another secret", "an old timestamp", "no id"],
)
def test_a_message_that_is_not_signed_now_is_refused(
    lms: Lms, secret: str, late: int, ident: str
) -> None:
    """Another's secret, an old timestamp, no id."""
    body = json.dumps({"type": "activity.published", "data": {}}).encode()
    at = int(time.time()) - late
    answer = requests.post(
        f"{lms.url}/inbox",
        data=body,
        headers={
            "webhook-id": ident,
            "webhook-timestamp": str(at),
            "webhook-signature": sign(key_of(secret), ident, at, body),
        },
        timeout=5,
    )
    assert 401 == answer.status_code
