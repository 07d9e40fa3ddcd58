"""What every publisher promises: a suite that the tests of each of them inherit.

An outlet that cannot edit, delete or be asked says so, and is held to saying so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import pytest

from bridge.errors import CannotTakeBack, OutcomeUnknown, OutletBusy, OutletRefused
from bridge.model import Post, Removal
from bridge.ports import Publisher

PATIENCE = 0.4
"""Seconds that the publishers wait for an answer."""

POST = Post(
    key="6a0c2f0e-6f6b-4a57-9c3c-0d7c1f2a3b4c",
    revision=3,
    title="Alice Adams shared Giving feedback",
    text="Alice Adams:\n\nTry the second chapter.\nIt helped me.",
    url="https://bridge.example/a/uid-1",
    link="https://lms.example/course/view.php?id=10&section=2",
    link_title="Giving feedback",
    published=datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
    activity={"type": "Announce"},
)
WITHDRAWAL = Post(key=POST.key, revision=4, title="", text="", url=POST.url)
HOSTILE = (
    "<script>alert(1)</script> \"quoted\" 'so' & &amp; @channel <!everyone> [a](http://x) "
    "<img src=x onerror=alert(1)> \u202eright to left 🎉 %0d%0aX: y </p></body>"
)


class Destination(Protocol):
    """A publisher with the server that it speaks to."""

    publisher: Publisher
    closed: Publisher
    """One whose server is not there."""
    sample: Post
    at_least: int | None
    """The characters of a long text that are shown for certain; ``None`` for all of them."""
    makes_links: bool
    """Whether it makes links of addresses, and does not just hand them on."""

    def shows(self) -> list[tuple[str, str]]:
        """Title and text, as people see them, of each post that is there."""

    def links(self) -> list[str]:
        """The addresses in the posts that are there."""

    def received(self) -> object:
        """What was taken last, in the form of a rendering's payload."""

    def busy_once(self) -> None:
        """The next request is answered: come back in 7 seconds."""

    def refuse_once(self) -> None:
        """The next request is refused for good."""

    def silent_once(self) -> None:
        """The next request is done, and no answer comes in time."""


class EveryPublisher:
    """Needs a fixture ``there``, a :class:`Destination`."""

    def test_publishes(self, there: Destination) -> None:
        """Title, text, and the ways to the course and to the bridge are there."""
        there.publisher.publish(there.sample)

        ((title, text),) = there.shows()
        assert POST.title == title
        assert "Alice Adams:" in text
        assert "Try the second chapter.\nIt helped me." in text
        course, page = there.links()
        assert POST.link == course
        assert page.startswith(POST.url)

    @pytest.mark.parametrize("long", [False, True])
    def test_sends_what_it_renders(self, there: Destination, long: bool) -> None:
        """An admin who looks first sees exactly what the server is sent."""
        more = {"title": "t" * 1_000, "text": "word " * 9_000} if long else {"text": HOSTILE}
        post = replace(there.sample, **more)
        there.publisher.publish(replace(post, key="before"))

        rendered = there.publisher.render(post)
        assert 1 == len(there.shows())  # Rendering sends nothing.
        there.publisher.publish(post)

        assert rendered.payload == there.received()
        assert rendered.text
        shortened = len(there.shows()[-1][0]) < len(post.title)
        assert shortened == bool([note for note in rendered.notes if "shortened" in note])

    def test_edits_in_place(self, there: Destination) -> None:
        """One post, with the new words."""
        remote_id = there.publisher.publish(there.sample).remote_id
        better = replace(there.sample, revision=4, title="Better", text="Third chapter.")
        if not there.publisher.abilities.edit:
            with pytest.raises(CannotTakeBack):
                there.publisher.edit(remote_id, better)
            return

        receipt = there.publisher.edit(remote_id, better)

        assert remote_id == receipt.remote_id
        ((title, text),) = there.shows()
        assert "Better" == title
        assert "Third chapter." in text
        assert "second" not in text

    def test_deletes(self, there: Destination) -> None:
        """Nothing of it is left."""
        remote_id = there.publisher.publish(there.sample).remote_id
        if not there.publisher.abilities.delete:
            with pytest.raises(CannotTakeBack):
                there.publisher.delete(remote_id, WITHDRAWAL)
            return

        assert Removal.DONE is there.publisher.delete(remote_id, WITHDRAWAL)

        assert [] == there.shows()

    def test_what_is_deleted_already_counts_as_deleted(self, there: Destination) -> None:
        """Deleting can be repeated."""
        if not there.publisher.abilities.delete:
            return
        remote_id = there.publisher.publish(there.sample).remote_id

        there.publisher.delete(remote_id, WITHDRAWAL)
        assert Removal.DONE is there.publisher.delete(remote_id, WITHDRAWAL)

        assert [] == there.shows()

    def test_editing_twice_is_editing_once(self, there: Destination) -> None:
        """An edit without an answer is simply made again."""
        if not there.publisher.abilities.edit:
            return
        remote_id = there.publisher.publish(there.sample).remote_id
        better = replace(there.sample, revision=4, title="Better")

        there.publisher.edit(remote_id, better)
        there.publisher.edit(remote_id, better)

        assert ["Better"] == [title for title, _ in there.shows()]

    def test_finds_what_it_published_or_needs_not(self, there: Destination) -> None:
        """By the key, and no other post."""
        if not there.publisher.abilities.find:
            there.publisher.publish(there.sample)
            assert there.publisher.find(there.sample) is None
            return
        receipt = there.publisher.publish(there.sample)
        there.publisher.publish(replace(there.sample, key="another"))

        found = there.publisher.find(there.sample)

        assert found is not None
        assert receipt.remote_id == found.remote_id
        assert there.publisher.find(replace(there.sample, key="none")) is None

    def test_shows_the_same_key_as_often_as_it_declares(self, there: Destination) -> None:
        """Once where it calls itself idempotent; else it is not sent twice."""
        there.publisher.publish(there.sample)
        there.publisher.publish(there.sample)

        expected = 1 if there.publisher.abilities.idempotent else 2
        assert expected == len(there.shows())

    def test_hostile_text_is_inert(self, there: Destination) -> None:
        """It is shown as it was written, and does nothing."""
        there.publisher.publish(replace(there.sample, text=HOSTILE, link_title=HOSTILE))

        ((_, text),) = there.shows()
        assert HOSTILE in text

    def test_a_hostile_title_is_inert(self, there: Destination) -> None:
        """No tag is left of it, and no second line."""
        there.publisher.publish(replace(there.sample, title="I <3\r\nX-Header: b <b>you</b>"))

        ((title, _),) = there.shows()
        assert "3" in title
        assert "you" in title

    def test_a_hostile_address_is_no_link(self, there: Destination) -> None:
        """A link that runs in the page is none in a forum; a receiver gets it as text."""
        there.publisher.publish(replace(there.sample, link="javascript:alert(1)"))

        if there.makes_links:
            assert not any(link.startswith("javascript") for link in there.links())

    def test_takes_long_posts(self, there: Destination) -> None:
        """A title that is too long is cut, a text only where the outlet takes no more."""
        text = "word " * 4_000 + "end"
        there.publisher.publish(replace(there.sample, title="t" * 1_000, text=text))

        ((title, shown),) = there.shows()
        assert title.startswith("ttt")
        if there.at_least is None:
            assert text in shown
        else:
            assert shown.endswith("…")
            assert text.startswith(shown.removesuffix("…"))
            assert there.at_least < len(shown)

    def test_a_passing_failure_says_when_to_come_back(self, there: Destination) -> None:
        """Nothing is there, and trying again will help."""
        there.busy_once()

        with pytest.raises(OutletBusy) as caught:
            there.publisher.publish(there.sample)

        assert 7 == caught.value.after
        assert [] == there.shows()
        there.publisher.publish(there.sample)
        assert 1 == len(there.shows())

    def test_a_lasting_failure_says_what_to_do(self, there: Destination) -> None:
        """Trying again will not help, and the remedy says what will."""
        there.refuse_once()

        with pytest.raises(OutletRefused) as caught:
            there.publisher.publish(there.sample)

        assert not caught.value.retry
        assert caught.value.remedy
        assert [] == there.shows()

    def test_silence_after_it_was_taken_is_unknown_and_can_be_resolved(
        self, there: Destination
    ) -> None:
        """Asked, or sent again with the same key: one post in the end; else nobody repeats it."""
        there.silent_once()

        with pytest.raises(OutcomeUnknown):
            there.publisher.publish(there.sample)

        assert soon(lambda: len(there.shows()) == 1)
        if there.publisher.abilities.find:
            assert there.publisher.find(there.sample) is not None
        elif there.publisher.abilities.idempotent:
            there.publisher.publish(there.sample)
        assert 1 == len(there.shows())

    def test_a_server_that_is_not_there_is_no_lasting_failure(self, there: Destination) -> None:
        """It may come back."""
        with pytest.raises((OutletBusy, OutcomeUnknown)):
            there.closed.publish(there.sample)


def soon(true: Callable[[], bool]) -> bool:
    """Whether it becomes true within a few seconds."""
    deadline = time.monotonic() + 5
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()
