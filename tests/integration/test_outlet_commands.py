"""The commands about outlets: what is shown before one is switched on."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from bridge.bootstrap import PUBLISHERS
from bridge.cli import cli
from bridge.delivery import outlets
from bridge.errors import InputError, NotFound
from bridge.model import Audience, AudienceKind, Site
from bridge.outlets.kinds import KINDS
from tests.cast import Cast
from tests.conftest import SECRET_KEY

Command = Callable[..., Result]
TOTARA = Site(
    name="Academy",
    url="https://lms.example",
    release="3.3.9",
    user_id=2,
    user_name="Bridge",
    functions=frozenset(
        {
            "mod_forum_add_discussion",
            "mod_forum_get_forum_discussion_posts",
            "mod_forum_get_forum_discussions_paginated",
        }
    ),
)
HUB = ("outlets", "add", "hub", "--kind", "webhook", "--url", "https://hub.example/in")


@pytest.fixture
def command(lite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on the cast's database; ``said`` is what somebody answers."""
    monkeypatch.setenv("SOCIALBRIDGE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", lite_cast.store.url)
    monkeypatch.setenv("COLUMNS", "250")

    def command(*arguments: str, said: str = "") -> Result:
        words = ["--env-file", "/dev/null", *arguments]
        return CliRunner().invoke(cli, words, input=said, catch_exceptions=False)

    return command


def stored(cast: Cast) -> list[tuple[str, bool]]:
    """Name and switch of each outlet."""
    with cast.store.reading() as work:
        return [(o.name, o.enabled) for o in outlets.of(work, cast.connection)]


def test_what_it_can_do_is_shown_before_it_is_added(lite_cast: Cast, command: Command) -> None:
    """Who reads there and what can be taken back; then somebody is asked."""
    result = command(*HUB, "--audience", "team:Sales", said="y\n")

    shown, _, asked = result.output.partition("Add it?")
    assert "read by whoever reads at the receiver; kept to what Sales may see" in shown
    assert "is edited and deleted when that is needed" in shown
    assert "Outlet hub added" in asked
    assert [("hub", True)] == stored(lite_cast)


@pytest.mark.parametrize(("said", "error"), [("n\n", "Nothing was changed"), ("", "Add --yes")])
def test_without_a_yes_nothing_is_added(
    lite_cast: Cast, command: Command, said: str, error: str
) -> None:
    """Neither after a no, nor where nobody can be asked."""
    with pytest.raises(InputError, match=error):
        command(*HUB, said=said)

    assert [] == stored(lite_cast)


def test_an_outlet_is_added_switched_off_and_then_on(lite_cast: Cast, command: Command) -> None:
    """What it can do is shown once more; switching it off needs no question."""
    added = command(*HUB, "--off", "--yes")
    assert ("socialbridge outlets on hub" in added.output, [("hub", False)]) == (
        True,
        stored(lite_cast),
    )

    with pytest.raises(InputError, match="Nothing was changed"):
        command("outlets", "on", "hub", said="n\n")
    assert [("hub", False)] == stored(lite_cast)

    shown = command("outlets", "on", "hub", said="y\n").output
    assert ("read by" in shown, "edited and deleted" in shown) == (True, True)
    assert [("hub", True)] == stored(lite_cast)
    assert "on already" in command("outlets", "on", "hub").output

    command("outlets", "off", "hub")
    assert [("hub", False)] == stored(lite_cast)


def test_an_outlet_that_is_not_there(command: Command) -> None:
    """The error names those that are."""
    command(*HUB, "--yes")
    for act in ("on", "off"):
        with pytest.raises(NotFound, match=r"no outlet called hup\.\s+There are: hub"):
            command("outlets", act, "hup")


def test_the_list_shows_readers_and_abilities(lite_cast: Cast, command: Command) -> None:
    """A forum's by what its LMS listed for the token, without asking it."""
    with lite_cast.store.work() as work:
        team = Audience(AudienceKind.TEAM, lite_cast.sales)
        forum = {"forum_id": 7}
        outlets.add(work, lite_cast.connection, "forum", "moodle_forum", team, forum, "")
    found = json.loads(command("outlets", "list", "--json").output)
    assert ["publish", "edit", "delete", "find"] == found[0]["abilities"]

    with lite_cast.store.work() as work:
        work.connections.remember(lite_cast.connection, TOTARA)
    (found,) = json.loads(command("outlets", "list", "--json").output)

    assert (["publish", "find"], True) == (found["abilities"], "does not offer" in found["stays"])
    assert "Sales" in command("outlets", "list").output


def test_every_kind_is_shown_with_what_it_can_do(command: Command) -> None:
    """Each that can be spoken to is described, and no other."""
    told = {kind["kind"]: kind for kind in json.loads(command("outlets", "kinds", "--json").output)}

    assert PUBLISHERS.keys() == KINDS.keys() == told.keys()
    assert ["publish", "edit", "delete", "find", "idempotent"] == told["matrix"]["abilities"]
    assert ["publish"] == told["teams"]["abilities"]
    assert all(kind["label"] and kind["reaches"] and kind["limit"] for kind in told.values())
    # What stays for good says why.
    assert all(bool(k["stays"]) == ("delete" not in k["abilities"]) for k in told.values())
    shown = command("outlets", "kinds").output
    assert all(f"{kind} " in shown for kind in told)
