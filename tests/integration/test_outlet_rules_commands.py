"""The commands about what an outlet takes by itself, how much of it, and when."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from bridge.cli import cli
from bridge.delivery import outlets
from bridge.errors import BridgeError, InputError, NotFound
from bridge.model import Audience, AudienceKind, Outlet
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import SECRET_KEY

Command = Callable[..., Result]


@pytest.fixture
def command(lite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command of the outlets on the cast's database, where there is a *Square*."""
    monkeypatch.setenv("SOCIALBRIDGE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", lite_cast.store.url)
    monkeypatch.setenv("COLUMNS", "200")
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    with lite_cast.store.work() as work:
        outlets.add(work, lite_cast.connection, "Square", "slack", everyone, {"channel": "C1"}, "")

    def command(*arguments: str) -> Result:
        words = ["--env-file", "/dev/null", "outlets", *arguments]
        return CliRunner().invoke(cli, words, catch_exceptions=False)

    return command


def square(cast: Cast) -> Outlet:
    """The outlet as it is stored."""
    with cast.store.reading() as work:
        return outlets.named(work, cast.connection, "Square")


def test_rules_are_shown_by_name_and_kept_by_number(command: Command, lite_cast: Cast) -> None:
    """By a name in any case, a short name or the LMS's number; what is not given stays."""
    said = command(
        *("rules", "Square", "--kinds", "completion, course"),
        *("--only", "course: giving FEEDBACK", "--only", "course:13", "--never", "team: Sales"),
        *("--never", "topic:  Pilot"),
    ).output
    assert (
        "Square takes by itself: completion, course.\n"
        "only   course: Giving feedback\n"
        "only   course: Layoffs 101\n"
        "never  team: Sales\n"
        "never  topic: pilot\n"
    ) == said
    kept = square(lite_cast).settings
    assert [f"course:{lite_cast.feedback}", f"course:{lite_cast.layoffs}"] == kept["only"]
    assert [f"team:{lite_cast.sales}", "topic:pilot"] == kept["never"]
    assert "C1" == kept["channel"]

    found = json.loads(command("rules", "Square", "--clear", "--json").output)
    assert {"kinds": ["completion", "course"], "only": [], "never": []} == found


def test_two_of_a_name_are_told_apart_by_their_number(command: Command, lite_cast: Cast) -> None:
    """It says so, and shows the number where the name would not do."""
    c = t.courses
    with lite_cast.store.work() as work:
        work.sql.execute(
            c.update().where(c.c.id == lite_cast.negotiation).values(name="Giving feedback")
        )
    with pytest.raises(InputError, match=r"2 courses are called Giving feedback.*number"):
        command("rules", "Square", "--only", "course: Giving feedback")
    assert "only   course: 10\n" in command("rules", "Square", "--only", "course: 10").output


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--only", "courses: Giving feedback"], "'courses: Giving feedback' is no rule. Write"),
        (["--only", "course:"], "is no rule"),
        (["--only", "everyone: here"], "is no rule"),
        (["--only", "course: Nothing"], "There is no course called Nothing."),
        (["--only", "category: 99999999999999"], "There is no category"),
        (["--never", "team: sales", "--only", "team: Sales"], "team: Sales stands in both lists."),
        (["--kinds", "completion,gossip"], "Unknown: gossip. Use completion"),
        (["--kinds", "digest"], "Unknown: digest."),
        (["--never", "topic: " + "x" * 81], "at most 80 characters"),
        (["--clear", "--only", "everyone"], "Leave --clear out"),
    ],
)
def test_what_is_no_rule_is_named(
    command: Command, lite_cast: Cast, arguments: list[str], error: str
) -> None:
    """With what to write instead; nothing is changed."""
    before = square(lite_cast)
    with pytest.raises(BridgeError) as raised:
        command("rules", "Square", *arguments)
    assert error in str(raised.value)
    assert before == square(lite_cast)


def test_a_pace_is_shown_in_sentences(command: Command) -> None:
    """The defaults, and after a change."""
    assert (
        "Posts a day, beside what people write: 5. The rest comes as a daily digest at 16:00.\n"
        "No quiet hours.\n"
        "The clock of UTC counts.\n"
        "At most 50 messages a minute.\n"
    ) == command("pace", "Square").output
    said = command(
        *("pace", "Square", "--budget", "0", "--edition", "weekly", "--weekday", "Monday"),
        *("--at", "9:30".zfill(5), "--quiet", "19:00-08:00", "--weekends"),
        *("--zone", "Europe/Paris", "--per-minute", "12"),
    ).output
    assert (
        "Posts a day, beside what people write: 0."
        " The rest comes as a weekly digest on Monday at 09:30.\n"
        "Quiet: 19:00-08:00 and weekends.\n"
        "The clock of Europe/Paris counts.\n"
        "At most 12 messages a minute.\n"
    ) == said
    plain = ("--budget", "none", "--quiet", "", "--no-weekends", "--per-minute", "")
    found = json.loads(command("pace", "Square", *plain, "--json").output)
    assert (None, "", False, 50) == tuple(
        found[name] for name in ("budget", "quiet", "weekends", "per_minute")
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--budget", "-1"], "A budget: '-1' cannot be used."),
        (["--budget", "many"], "from 0 to 1000, or none"),
        (["--edition", "hourly"], "Use daily or weekly."),
        (["--at", "25:00"], "'25:00' is no time of day."),
        (["--weekday", "someday"], "'someday' is no day of the week."),
        (["--quiet", "19:00"], "'19:00' is no span of hours."),
        (["--quiet", "00:00-24:00"], "The quiet hours are the whole day."),
        (["--zone", "Paris"], "'Paris' is no time zone."),
        (["--zone", "../etc/passwd"], "is no time zone."),
        (["--per-minute", "0"], "from 1 to 6000"),
    ],
)
def test_what_cannot_be_a_pace_is_named(
    command: Command, lite_cast: Cast, arguments: list[str], error: str
) -> None:
    """With what to write instead; nothing is changed."""
    before = square(lite_cast)
    with pytest.raises(InputError) as raised:
        command("pace", "Square", *arguments)
    assert error in str(raised.value)
    assert before == square(lite_cast)


def test_an_outlet_that_is_not_there(command: Command) -> None:
    """It names those that are."""
    with pytest.raises(NotFound, match="There are: Square"):
        command("rules", "Circle")
