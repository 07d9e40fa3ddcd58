"""The command that shows what outlets would be told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bridge import flow
from bridge.cli import cli
from bridge.delivery import outlets
from bridge.errors import InputError, NotFound
from bridge.model import Audience, AudienceKind, Choice
from bridge.storage import Store
from tests.cast import Cast, make_cast
from tests.conftest import SECRET_KEY, FrozenClock

Command = Callable[..., Result]
WORKFLOW = "https://workflows.example.com/1?sig=secret"


@pytest.fixture
def cast(lite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast of this very day: a command goes by the machine's clock."""
    monkeypatch.setenv("SOCIALBRIDGE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", lite_store.url)
    monkeypatch.setenv("SOCIALBRIDGE_BASE_URL", "https://bridge.example")
    return make_cast(lite_store, datetime.now(UTC))


@pytest.fixture
def command(cast: Cast) -> Command:
    """Runs a command on the cast's database."""

    def command(*arguments: str) -> Result:
        words = ["--env-file", "/dev/null", *arguments]
        return CliRunner().invoke(cli, words, catch_exceptions=False)

    return command


def _add(cast: Cast, name: str, kind: str, audience: AudienceKind, **settings: Any) -> None:
    with cast.store.work() as work:
        ident = cast.sales if audience is AudienceKind.TEAM else cast.connection
        secret = WORKFLOW if kind == "teams" else "xoxb-for-tests"
        readers = Audience(audience, ident)
        new = outlets.add(work, cast.connection, name, kind, readers, settings, secret)
        outlets.change(work, cast.connection, new.id, enabled=False)


def _bob_finishes(cast: Cast, choice: Choice = Choice.EVERYONE) -> None:
    cast.choose(cast.bob, choice)
    cast.complete(cast.bob, cast.feedback, days_ago=2)
    flow.tell(cast.store, FrozenClock(cast.now - timedelta(days=1)), cast.connection)


def test_each_post_in_its_outlets_own_words(cast: Cast, command: Command) -> None:
    """When, what it is, who reads it, the words, and that it cannot be taken back."""
    _bob_finishes(cast)
    _add(cast, "Staff", "teams", AudienceKind.EVERYONE, kinds=["completion"])

    said = command("preview").output

    assert "Staff (teams), read by everyone\n" in said
    assert "It is switched off; this is as if it were on." in said
    assert "What is sent there cannot be taken back." in said
    assert "As the last 7 days would have looked:" in said
    assert ": 1 post (1 of a budget of 5)\n" in said
    assert "At most 5 posts a day by itself, the rest in a daily digest at 16:00 (UTC)." in said
    assert "New; Completions of Wed 25 Nov: Giving feedback; cannot be taken back\n" in said
    assert "    | Bob Brown finished Giving feedback\n" in said
    assert "    | See it in Socialbridge: https://bridge.example/a/" in said
    assert "AdaptiveCard" not in said
    assert WORKFLOW not in said


def test_the_body_of_each_request_can_be_asked_for(cast: Cast, command: Command) -> None:
    """The card that Teams would be sent."""
    _bob_finishes(cast)
    _add(cast, "Staff", "teams", AudienceKind.EVERYONE, kinds=["completion"])

    said = command("preview", "--body").output

    assert '"type": "AdaptiveCard"' in said
    assert WORKFLOW not in said


def test_other_kinds_and_readers_can_be_tried(cast: Cast, command: Command) -> None:
    """Without either being stored."""
    _bob_finishes(cast)
    _add(cast, "Staff", "teams", AudienceKind.EVERYONE, kinds=[])

    assert "It takes nothing by itself" in command("preview").output
    tried = ("preview", "--outlet", "Staff", "--kinds", "completion")
    assert "Bob Brown finished" in command(*tried).output
    public = command(*tried, "--audience", "public").output
    assert "read by public" in public
    assert "its rules have to name the courses" in public
    assert "It takes nothing by itself" in command("preview").output


def test_names_that_were_given_to_a_team_are_not_for_the_console(
    cast: Cast, command: Command
) -> None:
    """The console is in no team."""
    _bob_finishes(cast, Choice.TEAMS)
    _add(cast, "Sales", "slack", AudienceKind.TEAM, kinds=["completion"], channel="C0123456789")

    said = command("preview", "--body").output

    assert "read by Sales" in said
    assert "[a name] finished Giving feedback" in said
    assert "what you may not see is in [brackets]" in said
    assert "Bob" not in said


def test_for_a_machine(cast: Cast, command: Command) -> None:
    """Counts by day, and each post with the payload of its request."""
    _bob_finishes(cast)
    _add(cast, "Sales", "slack", AudienceKind.EVERYONE, kinds=["completion"], channel="C0123456789")

    (found,) = json.loads(command("preview", "--json").output)

    assert [{"publish": 1}] == list(found["replayed"]["days"].values())
    (post,) = found["replayed"]["posts"]
    assert ("publish", "blocks") == (post["step"], post["form"])
    assert "C0123456789" == post["payload"]["channel"]
    assert [] == found["coming"]["posts"]
    assert "Nothing is on its way" in found["coming"]["why_nothing"]


def test_what_is_hostile_moves_no_cursor(cast: Cast, command: Command) -> None:
    """A name with marks that turn the line, and with an escape, is shown by their numbers."""
    with cast.store.work() as work:
        work.sql.exec_driver_sql(
            "UPDATE people SET name = 'Bob \u202e\x1b[31m' WHERE id = ?", (cast.bob,)
        )
    _bob_finishes(cast)
    _add(
        cast,
        "Hook",
        "webhook",
        AudienceKind.EVERYONE,
        kinds=["completion"],
        url="https://a.example",
    )

    said = command("preview", "--body").output

    assert "Bob \\u202e\\u001b[31m\\u202c finished" in said
    assert not {"\u202e", "\x1b"} & set(said)


def test_an_outlet_that_is_not_there(command: Command) -> None:
    """Named so, and so are kinds that are none."""
    with pytest.raises(NotFound):
        command("preview", "--outlet", "Nowhere")
    assert "There is no outlet yet." in command("preview").output


def test_kinds_that_are_none(cast: Cast, command: Command) -> None:
    """They are named, with those that there are."""
    _add(cast, "Staff", "teams", AudienceKind.EVERYONE, kinds=[])

    with pytest.raises(InputError, match="gossip"):
        command("preview", "--kinds", "gossip")


def test_rules_and_budgets_can_be_tried(cast: Cast, command: Command) -> None:
    """By the words with which they are stored, and refused like them."""
    _bob_finishes(cast)
    _add(cast, "Staff", "teams", AudienceKind.EVERYONE, kinds=["completion"])

    said = command("preview", "--never", "course: Giving feedback").output
    assert "Its rules leave out" in said
    said = command("preview", "--budget", "0", "--edition", "weekly", "--zone", "Asia/Tokyo").output
    assert "the rest in a weekly digest on Fridays at 16:00 (Asia/Tokyo)." in said
    with pytest.raises(InputError, match="There is no course called Nothing"):
        command("preview", "--only", "course: Nothing")
    with pytest.raises(InputError, match="budget"):
        command("preview", "--budget", "many")
    with cast.store.reading() as work:
        stored = outlets.named(work, cast.connection, "Staff").settings
    assert {"kinds": ["completion"]} == stored
