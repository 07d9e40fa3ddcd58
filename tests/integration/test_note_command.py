"""The command that shows a leader's weekly note."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from bridge.bootstrap import Bridge
from bridge.cli import cli
from bridge.curation.choose import monday
from bridge.errors import NotAllowed
from bridge.model import NoteChannel
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import SECRET_KEY
from tests.noting import choose, sends_messages, suggest

Command = Callable[..., Result]


@pytest.fixture
def command(lite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command on the cast's database."""
    monkeypatch.setenv("SOCIALBRIDGE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", lite_cast.store.url)
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str) -> Result:
        result = CliRunner().invoke(cli, ["--env-file", "/dev/null", "note", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return command


def test_the_note_is_shown_and_nothing_is_sent(
    command: Command, bridge: Bridge, lite_cast: Cast
) -> None:
    """Before the leader chose anything, after, and when they want none; no link is made."""
    suggest(lite_cast, week=monday(datetime.now(UTC)), weeks=2)
    sends_messages(lite_cast)
    said = command("alice@acme.example").output
    assert "Alice Adams has not chosen: one first note, by a message of the LMS." in said
    assert "\n1. Giving feedback\n9 of your people say why now.\n" in said
    assert "/note/…?at=suggestion-" in said
    choose(bridge, lite_cast.alice, NoteChannel.MAIL, hour=9, weekday=3)
    said = command("alice").output
    assert "Alice Adams, by e-mail, each Thursday at 09:00." in said
    assert "The next one is due on Thu 26 Nov 2026, 09:00 UTC." in said
    assert "Subject: To share this week: Giving feedback and 1 more" in said
    choose(bridge, lite_cast.alice, NoteChannel.OFF)
    assert "Alice Adams wants no note. If they did:" in command("alice").output
    found = json.loads(command("alice", "--json").output)
    assert ("off", None, "weekly", True) == (
        found["channel"],
        found["next"],
        found["kind"],
        found["by_message"],
    )
    with lite_cast.store.reading() as work:
        assert [] == work.sql.execute(t.sign_in_links.select()).all()


def test_a_week_without_anything_to_say_is_said(command: Command) -> None:
    """Then nothing would be sent."""
    assert "There is nothing to say now" in command("alice").output


def test_who_leads_nobody_has_no_note(command: Command) -> None:
    """It is said how somebody comes to lead."""
    with pytest.raises(NotAllowed, match="leaders add"):
        command("bob")
