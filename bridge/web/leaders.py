"""Who leads which team: seen and changed by an admin, by hand, by a file and by rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, g, render_template, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.access import leader_file, leadership
from bridge.access.leadership import Change
from bridge.errors import InputError
from bridge.model import Team
from bridge.storage.access import Led
from bridge.web.acting import acting
from bridge.web.here import attempt, bridge, now

A_PAGE = 50


@dataclass(frozen=True)
class Line:
    """A team, with who leads it."""

    team: Team
    leaders: tuple[Led, ...]

    @property
    def without(self) -> bool:
        """Whether nobody who is here leads it."""
        return all(led.away for led in self.leaders)


def show() -> Any:
    """Teams with their leaders; those that nobody leads, or of some name, on demand."""
    return render_template("leaders.html", **known())


def known() -> dict[str, Any]:
    """What the page shows, as far as the address asks for it."""
    with bridge().store.reading() as work:
        connection = work.connections.by_id(acting().connection_id)
        teams = work.access.teams(connection.id)
        led: dict[int, list[Led]] = defaultdict(list)
        for one in work.access.leading(connection.id):
            led[one.team_id].append(one)
    rules = leadership.rules_of(connection.settings)
    lines = [Line(team, tuple(led[team.id])) for team in teams]
    without = [line for line in lines if line.without]
    wanted = request.args.get("named", "").strip().casefold()
    some = without if request.args.get("led") == "no" else lines
    some = [line for line in some if wanted in line.team.name.casefold()]
    page = max(request.args.get("page", 1, type=int), 1)
    return {
        "lines": some[(page - 1) * A_PAGE : page * A_PAGE],
        "count": len(some),
        "teams": len(lines),
        "without": len(without),
        "page": page,
        "pages": max(1, -(-len(some) // A_PAGE)),
        "rules": "\n".join(f"{rule.cohort} => {rule.team}" for rule in rules),
        "tried": g.get("tried"),
    }


def add() -> Any:
    """Have somebody lead a team, by hand."""
    return attempt("add", let_lead, show, url_for("leaders.show"))


def let_lead() -> None:
    """Have them lead the team, as the form says."""
    mine = acting()
    team, person = flow.let_lead(
        bridge().store,
        bridge().clock,
        mine.connection_id,
        request.form.get("team", ""),
        request.form.get("person", ""),
        by=mine.person_id,
    )
    flash(gettext("%(name)s leads %(team)s now.", name=person.name, team=team.name))


def end(team_id: int, person_id: int) -> Any:
    """End that somebody leads a team, if it was begun by hand."""
    return attempt("end", ending(team_id, person_id), show, url_for("leaders.show"))


def ending(team_id: int, person_id: int) -> Callable[[], None]:
    """What ends it."""

    def act() -> None:
        mine = acting()
        with bridge().store.work() as work:
            here, me = mine.connection_id, mine.person_id
            found = leadership.end_by_hand(work, here, team_id, person_id, now(), me)
        flash(gettext("%(name)s leads %(team)s no more.", name=found.person, team=found.team))

    return act


def take_file() -> Any:
    """Have people lead teams as pasted lines say; tried first, if so wished."""
    return tried_first("file", take_lines, show, url_for("leaders.show"))


def take_lines() -> None:
    """Take the lines of the form, or only say what they would change."""
    lines = request.form.get("lines", "").splitlines()
    _tried(
        "file",
        flow.take_leaders(
            bridge().store,
            bridge().clock,
            acting().connection_id,
            leader_file.read(lines),
            replace="replace" in request.form,
            dry_run=_only_tries(),
            by=acting().person_id,
        ),
    )


def set_rules() -> Any:
    """Follow rules about cohorts from now on; tried first, if so wished."""
    return tried_first("rules", follow_rules, show, url_for("leaders.show"))


def follow_rules() -> None:
    """Follow the rules of the form, or only say what they would change."""
    written = [line for line in request.form.get("rules", "").splitlines() if line.strip()]
    rules = [leadership.rule(*_rule(line)) for line in written]
    _tried(
        "rules",
        flow.set_leader_rules(
            bridge().store,
            bridge().clock,
            acting().connection_id,
            rules,
            dry_run=_only_tries(),
            by=acting().person_id,
        ),
    )


def tried_first(form: str, act: Callable[[], None], page: Callable[[], Any], done: str) -> Any:
    """Do what the form asks; where it only tries, the page shows what would change."""
    answer = attempt(form, act, page, done)
    return page() if g.get("tried") and _only_tries() else answer


def _tried(form: str, change: Change) -> None:
    g.tried = (form, change)
    if not _only_tries():
        added, ended = len(change.added), len(change.ended)
        flash(gettext("Done: %(a)s lead more, %(e)s no more.", a=added, e=ended))


def _only_tries() -> bool:
    return request.form.get("do") == "try"


def _rule(line: str) -> tuple[str, str]:
    cohort, arrow, team = line.partition("=>")
    if not arrow or not cohort.strip() or not team.strip():
        raise InputError(
            f"{line.strip()!r} is no rule.", r"Write COHORT => TEAM, for example Leads (.+) => \1"
        )
    return cohort.strip(), team.strip()
