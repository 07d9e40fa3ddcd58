"""The commands about the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from bridge.cli import cli
from bridge.delivery import ledger
from bridge.errors import InputError, NotFound, OutletRefused
from bridge.model import DeliveryState
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.integration.test_delivery_room import Stage

Command = Callable[..., Result]


@pytest.fixture
def command(lite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on the cast's database."""
    monkeypatch.setenv("SOCIALBRIDGE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", lite_cast.store.url)
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str) -> Result:
        words = ["--env-file", "/dev/null", *arguments]
        return CliRunner().invoke(cli, words, catch_exceptions=False)

    return command


@pytest.fixture
def stage(lite_cast: Cast, clock: FrozenClock) -> Stage:
    """Two shares that the square refused, and one that the wall shows."""
    stage = Stage(lite_cast, clock)
    wall = stage.outlet("Wall")
    stage.board.trouble = [OutletRefused("No right."), OutletRefused("No right.")]
    for text in ("One.", "Two."):
        stage.share(text)
    stage.share("Three.", to=wall)
    stage.work()
    return stage


def test_the_ledger_counts_and_lists(stage: Stage, command: Command) -> None:
    """Of one outlet or of all, with what went wrong and without a name."""
    found = json.loads(command("ledger", "list", "--outlet", "Square", "--json").output)
    assert {"dead": 2} == found["counts"]
    assert ["No right.", "No right."] == [d["reason"] for d in found["deliveries"]]
    said = command("ledger", "list").output
    assert "In all: 1 shown, 2 dead." in said
    assert "Share: Giving feedback" in said
    assert "Alice" not in said


def test_all_of_an_outlet_is_tried_again(stage: Stage, command: Command) -> None:
    """What was given up waits for the worker; what is shown is left alone."""
    said = command("ledger", "retry", "--outlet", "Square").output

    assert "2 to be tried again with the next run of the worker.\n" == said
    stage.clock.advance(days=36_500)  # The command goes by the machine's clock.
    assert 2 == stage.work().published
    assert {DeliveryState.SHOWN: 3} == counts(stage)


def test_one_is_tried_again_by_its_id(stage: Stage, command: Command) -> None:
    """The id stands in the list."""
    ident = json.loads(command("ledger", "list", "--json").output)["deliveries"][1]["id"]

    assert "1 to be tried again" in command("ledger", "retry", str(ident)).output
    assert {DeliveryState.WAITING: 1, DeliveryState.SHOWN: 1, DeliveryState.DEAD: 1} == counts(
        stage
    )


def test_what_to_try_again_has_to_be_said(stage: Stage, command: Command) -> None:
    """Neither nothing nor two things at once; and an outlet that is there."""
    with pytest.raises(InputError, match="--all"):
        command("ledger", "retry")
    with pytest.raises(InputError, match="--all"):
        command("ledger", "retry", "--all", "--outlet", "Wall")
    with pytest.raises(NotFound, match="There are: Square, Wall"):
        command("ledger", "retry", "--outlet", "Door")


def counts(stage: Stage) -> dict[DeliveryState, int]:
    """How many deliveries are in each state."""
    with stage.store.reading() as work:
        return ledger.counts(work, stage.cast.connection)
