"""The command line as an admin meets it, against the demo LMS over real HTTP."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from bridge.cli import main
from bridge.demo.lms.capabilities import DEFAULT
from bridge.demo.lms.faults import Kind
from bridge.demo.lms.server import Lms, running_lms
from bridge.lms import wire
from bridge.model import Stream
from bridge.sync import breaker


@dataclass
class Result:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What ``--json`` printed."""
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture(scope="module")
def lms() -> Iterator[Lms]:
    """The demo LMS, standing still."""
    with running_lms() as lms:
        yield lms


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["socialbridge", *arguments])
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return Result(status, printed.out, printed.err)

    return run


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, lms: Lms) -> Path:
    """A folder after ``init`` and ``connect``."""
    folder = tmp_path_factory.mktemp("installation")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SOCIALBRIDGE_LMS_TOKEN", lms.token)
        for command in (["init"], ["connect", "academy", "--kind", "moodle", "--url", lms.url]):
            patch.setattr(sys, "argv", ["socialbridge", *command])
            with pytest.raises(SystemExit) as ended:
                main()
            assert ended.value.code in (0, None)
    return folder


@pytest.fixture
def installed(
    run: Run, monkeypatch: pytest.MonkeyPatch, lms: Lms, installation: Path, tmp_path: Path
) -> Run:
    """After ``init`` and ``connect``, in a folder of its own."""
    shutil.copytree(installation, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("SOCIALBRIDGE_LMS_TOKEN", lms.token)
    return run


def test_init_writes_settings_once(run: Run, tmp_path: Path) -> None:
    """A second init keeps the key, and the file is its owner's alone; no log drowns its words."""
    first = run("init", "--base-url", "https://social.example.com")
    env = (tmp_path / ".env").read_text()
    assert (0, "", True) == (
        first.status,
        first.err,
        "SOCIALBRIDGE_BASE_URL=https://social.example.com" in env,
    )
    assert 0 == run("init").status
    assert env == (tmp_path / ".env").read_text()
    assert 0o600 == (tmp_path / ".env").stat().st_mode & 0o777


def test_init_prints_where_the_setup_begins(run: Run) -> None:
    """An address of its own each time, at the bridge's own, until the bridge is set up."""
    said = [
        run("init", "--base-url", "https://social.example.com").out,
        run("init").out,
        run("setup-link").out,
    ]
    found = [re.findall(r"^https://social\.example\.com/setup/\S{43}$", out, re.M) for out in said]
    assert [1, 1, 1] == [len(links) for links in found]
    assert 3 == len({links[0] for links in found})
    assert "It works once, for 24 hours" in said[2]


@pytest.mark.parametrize(
    ("address", "command"),
    [
        ("http://127.0.0.1:8000", "socialbridge serve"),
        ("http://lms.internal:8123", "socialbridge serve --listen 127.0.0.1:8123"),
        ("https://social.example.com:8443", "socialbridge serve"),
    ],
)
def test_init_says_how_the_bridge_is_started(address: str, command: str, run: Run) -> None:
    """On the port of its address, unless something that speaks TLS stands before it."""
    assert f"with `{command}`, and" in run("init", "--base-url", address).out


def test_what_is_connected_here_needs_no_setup(installed: Run) -> None:
    """No address is made any more, and the error says how admins come in."""
    refused = installed("setup-link")
    assert (1, True) == (refused.status, "socialbridge link NAME" in refused.err)
    assert "The bridge is set up." in installed("init").out


def test_connecting_for_the_setup_announces_nothing(
    run: Run, lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setup goes on in the browser; a run of everything tells nothing."""
    run("init")
    monkeypatch.setenv("SOCIALBRIDGE_LMS_TOKEN", lms.token)
    connected = run("connect", "academy", "--url", lms.url, "--setup")
    assert (0, True) == (connected.status, "go on in the browser" in connected.out)
    assert 0 == run("setup-link").status
    assert 0 == run("run", "--once", "--json").data["activities"]


def test_without_settings_the_error_says_what_to_do(run: Run) -> None:
    """One line, exit status 1, no traceback."""
    result = run("sync")
    assert (1, 1) == (result.status, len(result.err.splitlines()))
    assert "SOCIALBRIDGE_SECRET_KEY is not set. Run `socialbridge init`" in result.err


def test_connecting_says_who_answered_and_what_is_next(installed: Run, lms: Lms) -> None:
    """The site's name, and the two commands that follow."""
    result = installed("connect", "academy", "--url", lms.url + "/login/index.php")
    assert "Connected academy:" in result.out
    assert "socialbridge doctor academy" in result.out


def test_a_token_from_a_file(run: Run, lms: Lms, tmp_path: Path) -> None:
    """White space around it does not count."""
    run("init")
    (tmp_path / "token").write_text(f"  {lms.token}\n")
    result = run("connect", "academy", "--url", lms.url, "--token-file", "token")
    assert (0, True) == (result.status, "Connected academy" in result.out)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ((Kind.MAINTENANCE, {}), "HTTP 503"),
        ((Kind.HTML, {}), "a web page instead of data"),
        ((Kind.TRUNCATED, {}), "cut off after"),
        ((Kind.SERVER_ERROR, {}), "HTTP 500"),
        ((Kind.SLOW, {"seconds": 0.5}), "did not answer within 0.2 seconds"),
        ((Kind.WITHOUT, {"field": "userid"}), "core_webservice_get_site_info is not what"),
    ],
)
def test_what_stands_in_the_way_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, fault: tuple[Kind, dict[str, Any]], says: str
) -> None:
    """Nothing is stored before the LMS has answered properly."""
    monkeypatch.setattr("bridge.lms.wire.LONGEST_WAIT", 0.0)
    run("init")
    with running_lms() as broken:
        monkeypatch.setenv("SOCIALBRIDGE_LMS_TOKEN", broken.token)
        monkeypatch.setenv("SOCIALBRIDGE_LMS_TIMEOUT", "0.2")
        broken.faults.switch_on(fault[0], **fault[1])
        result = run("connect", "academy", "--url", broken.url)
    assert (1, 1) == (result.status, len(result.err.splitlines())), result.err
    assert says in result.err
    assert "There is no connection yet" in run("sync").err


@pytest.mark.parametrize(
    ("url", "token", "says"),
    [
        ("http://127.0.0.1:9", "t", "cannot be reached"),
        ("{lms}/nowhere", "t", "there is no Moodle there"),
        ("{lms}", "wrong", "does not know the token"),
    ],
)
def test_a_wrong_address_or_token_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, lms: Lms, url: str, token: str, says: str
) -> None:
    """It says what is wrong, and on which page of the LMS to look."""
    monkeypatch.setattr("bridge.lms.wire.LONGEST_WAIT", 0.0)
    run("init")
    monkeypatch.setenv("SOCIALBRIDGE_LMS_TOKEN", token)
    result = run("connect", "academy", "--url", url.format(lms=lms.url))
    assert (1, 1) == (result.status, len(result.err.splitlines())), result.err
    assert says in result.err
    assert "Traceback" not in result.err


def test_debug_shows_the_cause(run: Run) -> None:
    """For whoever wants to know."""
    assert "Traceback" in run("--debug", "sync").err


def test_a_bad_name_is_refused(run: Run) -> None:
    """Names stand in commands and addresses."""
    run("init")
    result = run("connect", "My Academy!", "--url", "https://lms.example")
    assert (1, True) == (result.status, "small letters" in result.err)


def test_syncing_twice_in_a_row(installed: Run) -> None:
    """The first finds everything at little cost, the second nothing at less."""
    first = installed("sync", "academy", "--json").data
    second = installed("sync", "academy", "--json").data
    assert ("complete", "complete") == (first["outcome"], second["outcome"])
    assert first["requests"] <= 60
    assert second["requests"] <= 12
    assert {stream.value for stream in Stream} == set(first["streams"])
    assert {"strategy", "requests", "rows", "new", "changed", "seconds", "problems", "why"} == set(
        first["streams"]["people"]
    )
    assert [(0, 0)] * len(Stream) == [(s["new"], s["changed"]) for s in second["streams"].values()]


def test_a_missing_right_is_one_line_and_the_rest_is_read(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the capability and the page of the LMS; the exit status is 1."""
    run("init")
    with running_lms(capabilities=set(DEFAULT) - {"report/completion:view"}) as lms:
        monkeypatch.setenv("SOCIALBRIDGE_LMS_TOKEN", lms.token)
        run("connect", "academy", "--url", lms.url)
        result = run("sync", "--json")
        once = run("run", "--once")
    assert (1, 1) == (result.status, len(result.err.splitlines()))
    assert "report/completion:view under Site administration" in result.err
    assert 0 < result.data["streams"]["people"]["new"]
    assert (1, result.err) == (once.status, once.err)


def test_the_doctor_is_green_on_the_demo(installed: Run) -> None:
    """Each feature is proven with data."""
    result = installed("doctor", "--json")
    assert 0 == result.status
    checks = {check["feature"]: check for check in result.data["checks"]}
    rights, discussions = checks.pop("rights"), checks.pop("discussions")
    assert {"green"} == {check["health"] for check in checks.values()}
    # The demo's service has one function more than the bridge needs, and that is told.
    assert "amber" == rights["health"]
    assert "core_completion_get_activities_completion_status" in rights["found"]
    # And its role, unlike the preset, does not see what is hidden.
    assert "moodle/course:viewhiddenactivities" in discussions["remedy"]
    assert "green" in installed("doctor", "academy").out


def test_the_doctor_names_what_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One right is taken away; its feature is not green and says which. The others: test_doctor."""
    run("init")
    capability = "moodle/course:viewparticipants"
    with running_lms(capabilities=set(DEFAULT) - {capability}) as lms:
        monkeypatch.setenv("SOCIALBRIDGE_LMS_TOKEN", lms.token)
        run("connect", "academy", "--url", lms.url)
        result = run("doctor", "--json")
    checks = {c["feature"]: c for c in result.data["checks"]}
    assert (1, "red") == (result.status, checks["people"]["health"])
    assert capability in checks["people"]["remedy"]
    assert result.data["requests"] >= 10 and result.data["seconds"] >= 0


def test_the_doctor_says_why_an_lms_does_not_answer(installed: Run, lms: Lms) -> None:
    """With what is seen on the way; and the exit status says that it is not well."""
    with lms.faults.during(Kind.HTML):
        result = installed("doctor", "--json")
    checks = {c["feature"]: c for c in result.data["checks"]}
    assert (1, None) == (result.status, result.data["site"])
    assert ("red", "amber") == (checks["connect"]["health"], checks["proxy"]["health"])
    assert "something else answers in place of the LMS" == checks["proxy"]["found"]


def test_the_whole_flow_in_one_command(installed: Run, lms: Lms) -> None:
    """Leaders are named, the round is run, suggestions are printed, a link signs in."""
    installed("sync")
    team = lms.story.teams[0]
    leader = next(p for p in lms.story.people if p.id == lms.story.leaders[team.id])
    assert (
        f"{leader.name} leads {team.name}."
        in installed("leaders", "add", team.name, leader.email).out
    )
    report = installed("run", "--once", "--json").data
    assert report["suggestions"] >= 3
    suggestions = installed("suggest", leader.email, "--json").data
    assert 3 == len(suggestions)
    assert all(s["why_this"] and s["why_you"] and s["why_now"] for s in suggestions)
    assert "why this" in installed("suggest", leader.email).out
    assert "/sign-in/" in installed("link", leader.email).out
    assert "is admin" in installed("roles", "grant", leader.email, "admin").out
    assert "is not admin" in installed("roles", "revoke", leader.email, "admin").out
    assert "Deliveries:" in installed("run", "--once").out
    assert "does not lead" in installed("leaders", "remove", team.name, leader.email).out
    assert "leads no team" in installed("suggest", leader.email).err


def test_outlets_are_added_and_listed(installed: Run) -> None:
    """A webhook's secret is shown once; the list never shows it."""
    installed("sync")
    assert (
        0
        == installed(
            "outlets", "add", "news", "--kind", "moodle_forum", "--forum", "7", "--yes"
        ).status
    )
    hub = installed(
        "outlets",
        "add",
        "hub",
        "--kind",
        "webhook",
        "--url",
        "https://hub.example/in",
        "--kinds",
        "completion, course",
        "--yes",
    )
    secret = hub.out.rsplit(" ", 1)[-1].strip()
    assert secret.startswith("whsec_")
    listed = installed("outlets", "list", "--json")
    assert ["academy: answers in the forum", "hub", "news"] == sorted(
        o["name"] for o in listed.data
    )
    assert secret not in listed.out + installed("outlets", "list").out


def test_a_mahara_journal_is_added(installed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its token comes from the environment, and is shown nowhere."""
    monkeypatch.setenv("SOCIALBRIDGE_OUTLET_SECRET", "a-token")
    where = ("--kind", "mahara", "--url", "https://mahara.example", "--journal", "10")

    added = installed("outlets", "add", "journal", *where, "--yes")

    listed = installed("outlets", "list", "--json")
    (settings,) = [o["settings"] for o in listed.data if o["name"] == "journal"]
    assert ("https://mahara.example", 10) == (settings["url"], settings["journal"])
    assert "a-token" not in added.out + listed.out


@pytest.mark.parametrize(
    ("arguments", "secret", "settings", "promise"),
    [
        (
            ("--kind", "mastodon", "--url", "https://social.example"),
            "a-token",
            {"url": "https://social.example", "visibility": "private"},
            "is edited and deleted",
        ),
        (
            ("--kind", "mastodon", "--url", "https://social.example", "--audience", "public"),
            "a-token",
            {"url": "https://social.example", "visibility": "public"},
            "is edited and deleted",
        ),
        (
            ("--kind", "matrix", "--url", "https://matrix.example", "--room", "!a:matrix.example"),
            "a-token",
            {"url": "https://matrix.example", "room": "!a:matrix.example"},
            "is edited and deleted",
        ),
        (
            ("--kind", "slack", "--channel", "C0123456789"),
            "xoxb-a-token",
            {"channel": "C0123456789", "url": None},
            "is edited and deleted",
        ),
        (
            ("--kind", "apprise"),
            "discord://123456789012345678/a-token-for-a-webhook",
            {},
            "cannot be taken back",
        ),
        (
            ("--kind", "teams"),
            "https://prod.example/workflows/abc?sig=a-signature",
            {},
            "cannot be taken back",
        ),
    ],
)
def test_an_outlet_elsewhere_is_added(
    installed: Run,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    secret: str,
    settings: dict[str, object],
    promise: str,
) -> None:
    """It says what it can do; what it must keep to itself is shown nowhere."""
    monkeypatch.setenv("SOCIALBRIDGE_OUTLET_SECRET", secret)

    added = installed("outlets", "add", "elsewhere", *arguments, "--yes")

    listed = installed("outlets", "list", "--json")
    (stored,) = [o["settings"] for o in listed.data if o["name"] == "elsewhere"]
    kept = settings | {"kinds": [], "zone": "UTC"}
    assert (kept, True) == (stored, promise in added.out)
    assert secret not in added.out + listed.out


def test_a_secret_that_cannot_be_one_is_not_kept(
    installed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said when the outlet is added, not when the first post should go out."""
    monkeypatch.setenv("SOCIALBRIDGE_OUTLET_SECRET", "prod.example/workflows")

    result = installed("outlets", "add", "elsewhere", "--kind", "teams")

    assert (1, True) == (result.status, "cannot be used" in result.err)
    assert 1 == len(installed("outlets", "list", "--json").data)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--kind", "mastodon"), "Address of the server is missing. Add --url https://"),
        (("--kind", "slack"), "Add --channel C0123456789. It begins with C"),
        (("--kind", "matrix"), "Add --url https://matrix.example.com. That of the homeserver"),
        (
            ("--kind", "matrix", "--url", "https://matrix.example"),
            "Add --room '!abc:",
        ),
        (("--kind", "teams"), "Address of the workflow is missing. Set SOCIALBRIDGE_OUTLET_SECRET"),
        (("--kind", "apprise"), "As Apprise writes it"),
        (
            ("--kind", "moodle_forum"),
            "Number of the forum is missing. Add --forum 7.",
        ),
        (("--kind", "webhook"), "Add --url https://example.com/hook."),
        (("--kind", "email"), "Whom to? Add --to anna@example.com."),
        (
            ("--kind", "mahara", "--url", "https://x.example"),
            "Add --journal 10.",
        ),
        (("--kind", "mahara", "--url", "https://x.example", "--journal", "1"), "Token is missing."),
        (("--kind", "webhook", "--url", "https://x.example", "--kinds", "nonsense"), "nonsense"),
        (("--kind", "webhook", "--url", "https://x.example", "--audience", "mars"), "no audience"),
        (("--kind", "webhook", "--url", "https://x.example", "--audience", "team:X"), "No team"),
    ],
)
def test_an_outlet_that_makes_no_sense_is_refused(
    installed: Run, arguments: tuple[str, ...], says: str
) -> None:
    """One line, and nothing is stored."""
    result = installed("outlets", "add", "news", *arguments)
    assert (1, True) == (result.status, says in result.err)
    assert 1 == len(installed("outlets", "list", "--json").data)


def test_nobody_of_that_name(installed: Run) -> None:
    """The error says where names come from."""
    result = installed("link", "nobody@example.com")
    assert (1, True) == (result.status, "No person is found by 'nobody@example.com'" in result.err)


def test_the_database_is_upgraded_once(installed: Run) -> None:
    """A second time there is nothing to do."""
    assert "already" in installed("db", "upgrade").out


def test_every_command_has_an_example(run: Run) -> None:
    """``--help`` of each command ends with one."""
    from bridge.cli import cli

    def walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        children = getattr(command, "commands", {})
        if not children:
            yield path
        for name, child in children.items():
            yield from walk(child, (*path, name))

    for path in walk(cli, ()):
        assert "Example: socialbridge " + " ".join(path[:1]) in run(*path, "--help").out, path


def test_the_demo_fills_and_starts_everything(run: Run) -> None:
    """One command: the LMS, the sync, the stage, the server and the worker, and three links."""
    result = run("demo", "--check", "--pace", "0", "--home", "here")
    assert (0, "") == (result.status, result.err)
    assert 3 == result.out.count("/sign-in/")
    assert "Ready in" in result.out


def test_a_port_that_is_taken_is_said(run: Run) -> None:
    """Before anything is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("demo", "--check", "--port", str(port))
    assert (1, True) == (result.status, f"Port {port} is taken" in result.err)


def test_a_demo_that_is_told_to_end_takes_its_processes_along(tmp_path: Path) -> None:
    """Nothing of it answers afterwards."""
    command = [sys.executable, "-m", "bridge.cli", "demo", "--pace", "0", "--home", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        process.terminate()
    addresses = re.findall(r"^  (http://127\.0\.0\.1:\d+)$", said, re.MULTILINE)
    assert 2 == len(addresses)
    for address in addresses:
        with pytest.raises(requests.ConnectionError):
            requests.get(address, timeout=2)


def test_a_sync_by_hand_tries_what_the_worker_leaves_alone(
    installed: Run, lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says in one line that it was paused, until when and why; then it is paused no more."""
    monkeypatch.setattr(wire, "LONGEST_WAIT", 0.0)
    with lms.faults.during(Kind.MAINTENANCE):
        assert 1 == installed("sync").status
    again = installed("sync")
    [line] = again.err.splitlines()
    assert 0 == again.status
    assert re.fullmatch(
        r"academy is paused until .*: since .* it has failed once\. The LMS answered HTTP 503.*"
        r" This run goes on all the same\.",
        line,
    )
    assert "" == installed("sync", "--json").err


def test_a_sync_by_hand_goes_on_in_quiet_hours(
    installed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever types it knows what for."""
    now = datetime.now(UTC)
    begin, end = now - timedelta(hours=1), now + timedelta(hours=1)
    monkeypatch.setenv("SOCIALBRIDGE_SYNC_QUIET_HOURS", f"{begin:%H:%M}-{end:%H:%M}")
    result = installed("sync", "--json")
    assert (0, "complete") == (result.status, result.data["outcome"])
    assert result.err.startswith("It is quiet hours until ")


def test_a_round_from_cron_tells_admins_as_the_worker_does(
    installed: Run, lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nobody else to do it."""
    monkeypatch.setattr(wire, "LONGEST_WAIT", 0.0)
    monkeypatch.setattr(breaker, "ALARM_AFTER", timedelta(0))
    with lms.faults.during(Kind.MAINTENANCE):
        results = [installed("run", "--once") for _ in range(2)]
    assert [1, 1] == [result.status for result in results]
    assert 1 == "".join(result.err for result in results).count('"connection failing"')
    assert '"connection works again"' in installed("run", "--once").err


def test_everything_is_kept_in_a_file_and_taken_back(
    installed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup, a new database, and the connection is there again with its outlet."""
    before = installed("outlets", "list", "--json").data
    kept = installed("backup", "all.zip")
    assert (0, True) == (kept.status, kept.out.startswith("all.zip: "))
    again = installed("backup", "all.zip")
    assert (1, True) == (again.status, "--force" in again.err)
    assert 0 == installed("backup", "all.zip", "--force").status
    full = installed("restore", "all.zip")
    assert (1, True) == (full.status, "holds something already" in full.err)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    assert 0 == installed("restore", "all.zip").status
    assert before == installed("outlets", "list", "--json").data
