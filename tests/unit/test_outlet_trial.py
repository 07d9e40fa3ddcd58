"""An outlet is tried by a message that goes away again: what each answer means."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bridge.errors import (
    CannotTakeBack,
    OutcomeUnknown,
    OutletBusy,
    OutletError,
    OutletRefused,
    OutletUnusable,
)
from bridge.model import Audience, AudienceKind, Outlet, Post, Receipt, Removal, Rendering
from bridge.ports import Abilities, Act, Publisher
from bridge.setup.around import Check, Health
from bridge.setup.outlet_trial import BRIEFLY, STAYING, TITLE, try_outlet

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
OUTLET = Outlet(7, 1, "news", "webhook", Audience(AudienceKind.EVERYONE, 1), {}, "")
EVERYTHING = Abilities(edit=True, delete=True, find=True, idempotent=True)
STAYS = Abilities(edit=False, delete=False, find=False, idempotent=False, stays="A letter is out.")


@dataclass
class Outbox:
    """An outlet that does what it is told to."""

    abilities: Abilities = EVERYTHING
    publishing: OutletError | None = None
    deleting: OutletError | None = None
    removal: Removal = Removal.DONE
    arrived: bool = False
    """Whether what got no answer is there."""
    shown: bool = True
    sent: list[Post] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        raise AssertionError("nobody asks for it")

    def publish(self, post: Post) -> Receipt:
        self.sent.append(post)
        if self.publishing:
            raise self.publishing
        return Receipt("there-1", self.shown)

    def edit(self, remote_id: str, post: Post) -> Receipt:
        raise AssertionError("nobody asks for it")

    def delete(self, remote_id: str, post: Post) -> Removal:
        if self.deleting:
            raise self.deleting
        self.deleted.append(remote_id)
        return self.removal

    def find(self, post: Post) -> Receipt | None:
        return Receipt("there-1") if self.arrived else None


def tried(way: Publisher, send: bool = False) -> Check:
    """The outlet, tried."""
    page = "https://social.example/"
    return try_outlet(OUTLET, lambda outlet: way, page=page, now=NOW, send=send)


def test_a_test_is_published_and_taken_away() -> None:
    """It says what it is, and is about nobody."""
    outbox = Outbox()
    check = tried(outbox)
    assert ("outlet news", Health.GREEN) == (check.feature, check.health)
    assert "published and taken away again" in check.found
    assert (1, ["there-1"]) == (len(outbox.sent), outbox.deleted)
    (post,) = outbox.sent
    assert (TITLE, BRIEFLY, "") == (post.title, post.text, post.author)


def test_where_nothing_can_be_deleted_nothing_is_sent() -> None:
    """Unless somebody says so; then it says that it stays."""
    outbox = Outbox(STAYS)
    check = tried(outbox)
    assert (Health.AMBER, []) == (check.health, outbox.sent)
    assert "what is sent there stays (A letter is out)" in check.found
    assert "--send" in check.remedy
    check = tried(outbox, send=True)
    assert (Health.GREEN, STAYING) == (check.health, outbox.sent[0].text)
    assert "stays there" in check.found


@pytest.mark.parametrize(
    ("outbox", "health", "said", "remedy"),
    [
        (Outbox(publishing=OutletRefused("No.", "Ask.")), Health.RED, "No", "Ask."),
        (Outbox(publishing=OutletBusy("Later.")), Health.AMBER, "Later", "Try it again later."),
        (
            Outbox(publishing=OutcomeUnknown("Silence.")),
            Health.AMBER,
            "no answer came: Silence",
            "Look whether it is there",
        ),
        (
            Outbox(deleting=CannotTakeBack("Too late.", "Hurry.")),
            Health.AMBER,
            "cannot be taken back: Too late",
            "Delete it there. Hurry.",
        ),
        (
            Outbox(deleting=OutletBusy("Later.")),
            Health.AMBER,
            "was not taken back: Later",
            "Look whether it is still there",
        ),
        (Outbox(removal=Removal.ACCEPTED), Health.GREEN, "does not say whether it is gone", ""),
    ],
)
def test_each_answer_is_told(outbox: Outbox, health: Health, said: str, remedy: str) -> None:
    """Refused is red; what may pass, or has to be looked at, is amber."""
    check = tried(outbox)
    assert health is check.health
    assert said in check.found
    assert check.remedy.startswith(remedy)


def test_what_got_no_answer_is_looked_for_and_taken_away() -> None:
    """It is never sent again."""
    outbox = Outbox(publishing=OutcomeUnknown("Silence."), arrived=True)
    assert Health.GREEN is tried(outbox).health
    assert (1, ["there-1"]) == (len(outbox.sent), outbox.deleted)


def test_settings_that_cannot_be_used_are_red() -> None:
    """With what its own kind says of them."""

    def unusable(outlet: Outlet) -> Publisher:
        raise OutletUnusable("It has no address.", "Give one.")

    check = try_outlet(OUTLET, unusable, page="/", now=NOW)
    assert (Health.RED, "It has no address", "Give one.") == (
        check.health,
        check.found,
        check.remedy,
    )
