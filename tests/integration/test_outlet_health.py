"""An admin is told of an outlet that fails, once, and when something goes through again."""

from __future__ import annotations

from datetime import UTC

import pytest

from bridge.delivery import health
from bridge.errors import CannotTakeBack, ConfigError, OutletBusy, OutletRefused
from bridge.model import Outlet
from bridge.ports import Publisher
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.integration.test_delivery_room import Stage
from tests.statements import statements
from tests.visitor import Visit

BUSY = OutletBusy("The receiver is full.")
REFUSED = OutletRefused("The token is not valid any more.", "Make a new one.")


class Desk:
    """A stage, and an admin's letter box."""

    def __init__(self, cast: Cast, clock: FrozenClock) -> None:
        self.stage = Stage(cast, clock)
        self.clock = clock
        self.letters: list[tuple[str, str]] = []
        self.broken: list[OutletBusy] = []

    def share(self, *trouble: Exception | None) -> None:
        """Alice shares something, and the square takes it or not."""
        self.stage.board.trouble = list(trouble)
        self.stage.share()
        self.stage.work()

    def retry(self) -> None:
        """What waits is tried again now."""
        self.clock.advance(minutes=10)
        self.stage.work()

    def watch(self) -> list[str]:
        """The subjects of the letters that the worker's next look sends."""
        before = len(self.letters)
        health.tell_admins(
            self.stage.store,
            self.clock,
            self._write,
            zone=UTC,
            link=lambda path: f"https://bridge.example{path}",
        )
        return [subject for subject, _ in self.letters[before:]]

    def _write(self, subject: str, text: str) -> None:
        if self.broken:
            raise self.broken.pop()
        self.letters.append((subject, text))


@pytest.fixture
def desk(cast: Cast, clock: FrozenClock) -> Desk:
    """On both databases."""
    return Desk(cast, clock)


@pytest.fixture
def lite_desk(lite_cast: Cast, clock: FrozenClock) -> Desk:
    """Where the kind of database plays no part."""
    return Desk(lite_cast, clock)


def test_an_hour_of_failing_is_told_once_and_its_end_too(desk: Desk) -> None:
    """With what went wrong, what to do, how much waits, and where to look."""
    desk.share(BUSY, BUSY)
    desk.retry()
    assert [] == desk.watch()
    desk.clock.advance(minutes=50)
    assert ["Socialbridge cannot send to Square"] == desk.watch()
    text = desk.letters[0][1]
    assert "Since Wed 25 Nov 2026, 09:00 UTC nothing has gone through to the outlet Square." in text
    assert "What went wrong: The receiver is full." in text
    assert "1 of its deliveries wait" in text
    assert f"https://bridge.example/admin/ledger?outlet={desk.stage.square.id}" in text
    assert [] == desk.watch()

    desk.retry()
    assert ["Socialbridge sends to Square again"] == desk.watch()
    assert "There is nothing to do." in desk.letters[1][1]
    assert [] == desk.watch()


def test_a_token_that_is_refused_needs_no_second_failure(desk: Desk) -> None:
    """Nothing tries again by itself; the letter says how to, when it is mended."""
    desk.share(REFUSED)
    desk.clock.advance(hours=1)
    assert ["Socialbridge cannot send to Square"] == desk.watch()
    assert "What to do: Make a new one." in desk.letters[0][1]
    assert "1 were given up" in desk.letters[0][1]
    desk.share(None)
    desk.watch()
    assert 'socialbridge ledger retry --outlet "Square"' in desk.letters[1][1]


def test_one_passing_failure_is_no_failing_hour(lite_desk: Desk) -> None:
    """In quiet hours, or while no worker ran, nothing was tried since."""
    lite_desk.share(BUSY)
    lite_desk.clock.advance(hours=10)
    assert [] == lite_desk.watch()


def test_one_post_among_others_is_no_failing_outlet(lite_desk: Desk) -> None:
    """Something went through; and what stays where it is, is nobody's failure."""
    stage = lite_desk.stage
    for text in ("One.", "Two."):
        stage.share(text)
    stage.board.trouble = [REFUSED, None]
    stage.work()
    share = stage.share("Three.")
    stage.work()
    stage.board.trouble = [CannotTakeBack("Too late."), CannotTakeBack("Too late.")]
    stage.revise(share, gone=True, urgent=True)
    stage.work()
    lite_desk.clock.advance(hours=2)
    assert [] == lite_desk.watch()


def test_a_letter_that_is_not_taken_is_sent_again(lite_desk: Desk) -> None:
    """Rather once too often than never."""
    lite_desk.share(REFUSED)
    lite_desk.clock.advance(hours=1)
    lite_desk.broken = [OutletBusy("No mail.")]
    assert [] == lite_desk.watch()
    assert ["Socialbridge cannot send to Square"] == lite_desk.watch()


def test_settings_that_cannot_be_used_are_told(lite_desk: Desk) -> None:
    """The publisher could not even be made."""

    def nobody(outlet: Outlet) -> Publisher:
        raise ConfigError("No mail server is set.", "Set one.")

    lite_desk.stage.share()
    lite_desk.stage.work(publisher_of=nobody)
    lite_desk.clock.advance(hours=1)
    assert ["Socialbridge cannot send to Square"] == lite_desk.watch()
    assert "What went wrong: No mail server is set." in lite_desk.letters[0][1]


def test_while_all_is_well_nothing_is_written(lite_desk: Desk) -> None:
    """A batch of successes leaves no trace of health."""
    lite_desk.stage.share()
    with statements(lite_desk.stage.store) as sent:
        lite_desk.stage.work()
    assert not any("INTO outlet_health" in one for one in sent)
    with lite_desk.stage.store.reading() as work:
        assert {} == work.delivery.health()


def test_a_banner_stands_above_an_admins_pages(
    lite_desk: Desk, lite_cast: Cast, visit: Visit
) -> None:
    """After an hour, with what to do; for nobody else; and it goes by itself."""
    lite_desk.share(REFUSED)
    admin = visit(lite_cast.dana)
    assert "Nothing gets through" not in admin.read("/admin")
    lite_desk.clock.advance(hours=1)
    page = admin.read("/admin")
    assert "Nothing gets through to Square Since 09:00" in page
    assert "The token is not valid any more. Make a new one. See its deliveries" in page
    assert "Nothing gets through" not in visit(lite_cast.bob).read("/")
    lite_desk.share(None)
    assert "Nothing gets through" not in admin.read("/admin")
