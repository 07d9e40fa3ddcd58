"""The commands about who is named: profile fields, figures, and taking somebody out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from bridge.access import audit
from bridge.cli import cli
from bridge.errors import InputError
from bridge.model import Choice, ProfileRules, Site
from bridge.storage import Store
from tests.cast import Cast
from tests.conftest import SECRET_KEY
from tests.small_company import small_company
from tests.small_site import Reading, small_site

Command = Callable[..., Result]


def _command(store: Store, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("SOCIALBRIDGE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", store.url)
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str) -> Result:
        result = CliRunner().invoke(cli, ["--env-file", "/dev/null", "consent", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return command


@pytest.fixture
def command(lite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command of the group on the cast's database."""
    return _command(lite_cast.store, monkeypatch)


@pytest.fixture
def reading(lite_store: Store) -> Iterator[Reading]:
    """The small company; four of its people have filled in two profile fields."""
    with small_site(lite_store, generated=None, story=small_company()) as reading:
        people = reading.lms.store.people
        for person, said in ((11, "Everyone"), (12, "yes"), (13, "yes"), (14, "who knows")):
            people[person] = replace(people[person], fields=(("sharing", said),))
        people[16] = replace(people[16], fields=(("protect", "Under 18"),))
        reading.sync()
        yield reading


def test_fields_are_set_and_what_they_hold_is_shown(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An admin sees at once whether the short name is right and what each value will mean."""
    command = _command(reading.store, monkeypatch)
    output = command(
        "fields", "--seed", "sharing", "--word", "Yes=teams", "--never", "protect=under 18, x"
    ).output
    held = "yes (2, teams), Everyone (1, everyone), who knows (1, means nothing)"
    assert re.search(rf"sharing of 4 of \d people: {re.escape(held)}\.", output)
    assert re.search(r"protect of 1 of \d people: Under 18 \(1, never named\)\.", output)
    assert "socialbridge sync academy" in output
    with reading.store.reading() as work:
        connection = work.connections.named("academy")
        assert "profile fields set" == audit.recent(work, 1)[0].act
    assert ProfileRules(
        "sharing", {"yes": Choice.TEAMS}, "protect", frozenset({"under 18", "x"})
    ) == ProfileRules.of(connection.settings)
    reading.connection = connection
    reading.sync()
    figures = json.loads(command("show", "--json").output)["people"]
    assert (1, 2, 1) == (
        figures["never named"],
        figures["teams, by their profile"],
        figures["everyone, by their profile"],
    )


def test_a_wrong_short_name_is_noticed(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes back: the short name or a right is wrong, and both are named."""
    output = _command(reading.store, monkeypatch)("fields", "--seed", "Sharing!").output
    assert re.search(r"The LMS shows Sharing! of none of \d people\. Check the short name", output)
    assert "moodle/user:viewalldetails" in output


def test_fields_can_be_dropped_one_by_one(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not mentioned stays as it is."""
    command = _command(reading.store, monkeypatch)
    command("fields", "--seed", "a", "--never", "b=1")
    assert "First choice: what a says." in command("show").output
    command("fields", "--no-seed")
    output = command("show").output
    assert "No profile field chooses for anybody." in output
    assert "Never named: whose b is 1." in output
    assert re.search(r"\d  not asked yet", output)


def test_reconnecting_keeps_the_fields(lite_cast: Cast) -> None:
    """A new token or another report does not change who is protected."""
    with lite_cast.store.work() as work:
        rules = ProfileRules(never_field="b", never_values=frozenset({"1"}))
        work.connections.set(lite_cast.connection, rules.settings)
        before = work.connections.named("acme")
        after = work.connections.put(
            "acme",
            "moodle",
            before.url,
            "new",
            _site(before.url),
            lite_cast.now,
            settings={"report_id": 7},
        )
    assert (7, "b") == (after.settings["report_id"], after.settings["never_field"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--never", "b"),
        ("--never", "=1"),
        ("--never", "b=,"),
        ("--seed", "a", "--word", "yes"),
        ("--seed", "a", "--word", "yes=all"),
        ("--word", "yes=teams"),
        ("--seed", "a", "--no-seed"),
    ],
)
def test_half_a_rule_is_refused(command: Command, arguments: tuple[str, ...]) -> None:
    """With an example of a whole one."""
    with pytest.raises(InputError) as error:
        command("fields", *arguments)
    assert error.value.remedy


def test_an_admin_takes_consent_back_and_never_gives_it(command: Command, lite_cast: Cast) -> None:
    """Bob asked to be taken out; his log says who did it, and there is no way to put him in."""
    lite_cast.choose(lite_cast.bob, Choice.EVERYONE)
    output = command("withdraw", "bob@acme.example").output
    assert "Bob Brown is named nowhere from now on" in output
    with lite_cast.store.reading() as work:
        assert Choice.NOBODY is work.consent.choice(lite_cast.bob)
        (entry,) = work.consent.log(lite_cast.bob)
    assert ("nobody", "admin", "") == (entry.what, entry.origin, entry.address)
    assert {"fields", "show", "withdraw"} == set(cli.commands["consent"].commands)  # type: ignore[attr-defined]


def _site(url: str) -> Site:
    return Site("Acme", url, "4.5", 99, "Bridge", frozenset())
