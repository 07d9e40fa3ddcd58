"""The doctor before a demo LMS whose token lacks one right after the other."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from bridge.demo.lms.server import Lms, running_lms
from bridge.errors import LmsError
from bridge.lms.moodle import MoodleConnector
from bridge.model import Outlet
from bridge.setup import preset
from bridge.setup.around import Check, Health
from bridge.setup.doctor import Doctor, Findings

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
STANDS_IN = {
    "moodle/course:useremail": "moodle/site:viewuseridentity",
    "mod/forum:deleteownpost": "mod/forum:deleteanypost",
    "moodle/reportbuilder:viewall": "moodle/reportbuilder:editall",
    "moodle/reportbuilder:editall": "moodle/reportbuilder:viewall",
}
"""Rights that nobody misses as long as the other one is there, which opens the same."""
WHEN_REFUSED = frozenset({"moodle/site:messageanyuser"})
"""Rights whose want shows only when somebody is written to: the doctor writes to nobody."""


def examined(lms: Lms, *, refused: int = 0) -> Findings:
    """What the doctor finds of a demo LMS that has been connected before."""
    report = _report(lms)
    connector = MoodleConnector(lms.url, lms.token, report_id=report, pause=lambda seconds: None)
    try:
        return Doctor(connector, "moodle", lms.url, NOW, refused=refused).examine()
    finally:
        connector.close()


def _report(lms: Lms) -> int | None:
    connecting = MoodleConnector(lms.url, lms.token)
    try:
        ready = connecting.prepare_report(None)
    except LmsError:
        # The rights were taken away after the connection was made.
        ready = None
    finally:
        connecting.close()
    return next(iter(lms.store.reports.by_id)) if ready is None else ready[0]


def without(*missing: str) -> Findings:
    """What the doctor finds where the role has all of the preset but these rights."""
    role = set(preset.capabilities("moodle")) - set(missing)
    refused = len(WHEN_REFUSED & set(missing))
    functions, moment = preset.functions("moodle"), int(NOW.timestamp())
    with running_lms(capabilities=role, functions=functions, clock=lambda: moment) as lms:
        return examined(lms, refused=refused)


def no_outlet(outlet: Outlet, *about: object, **more: object) -> Check:
    """A trial that sends nothing: no test of who may do what goes over the network."""
    return Check(f"outlet {outlet.name}", Health.GREEN, "a test was published and taken away again")


def amiss(found: Findings) -> list[Check]:
    """What is not green. The clock and the certificate are another matter."""
    return [check for check in found.checks if check.health is not Health.GREEN]


def rights_page() -> str:
    """What the doctor says when a right is missing, word for word, as Markdown."""
    lines = [
        "# When a right is missing",
        "",
        "What `socialbridge doctor` says, word for word, of a Moodle whose role has every"
        " capability of the preset but the one in the first column. Made from the program by"
        " `python -m tests.reference`, which asks a demo LMS; the tests compare.",
        "",
        "Three things a demo does not show: `moodle/reportbuilder:editall` is wanted once, when the"
        " report is made ready; `moodle/category:viewcourselist` is one that every user of a Moodle"
        " has unless somebody took it away; and `moodle/site:messageanyuser` is missed only when"
        " somebody is written to: its line is that of a bridge where a sign-in link was refused.",
        "",
        "| without | it says | |",
        "|---|---|---|",
    ]
    for capability in preset.capabilities("moodle"):
        lines += _rows(capability, amiss(without(capability)))
    return "\n".join(lines) + "\n"


def _rows(capability: str, checks: Collection[Check]) -> list[str]:
    if checks:
        first, rest = f"`{capability}`", list(checks)
        return [
            f"| {first if number == 0 else ''} | {check.feature}: {check.found}. {check.remedy} |"
            f" {check.health.value} |"
            for number, check in enumerate(rest)
        ]
    stands_in = STANDS_IN[capability]
    both = amiss(without(capability, stands_in))
    return [
        f"| `{capability}` | nothing, as `{stands_in}` opens the same. Without both,"
        f" {check.feature}: {check.found}. {check.remedy} | {check.health.value} |"
        for check in both[:1]
    ]
