"""Who leads whom by a file, or by a rule about cohorts: each ends only what it began itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bridge.access import audit, people
from bridge.access.leader_file import Row
from bridge.access.leaders import find_team, remove
from bridge.errors import BridgeError, InputError, NotFound
from bridge.model import Team
from bridge.storage import Work
from bridge.storage.access import Led

HAND, FILE, RULE = "hand", "file", "rule"
"""``leaders.origin`` of what somebody, a file and a rule began."""

ELSEWHERE = {
    FILE: "Take the line out of the file, and take it with “End who …” ticked.",
    RULE: "Change the rule, or who is in the cohort of leaders.",
    "job": "Change the job assignment in the LMS; the next sync follows it.",
}
"""Where it is ended that somebody leads a team, if not by hand."""

SAID = 10
"""So many lines that cannot be taken are named; the rest is a number."""

_GROUP = re.compile(r"\\(\d)")

Pair = tuple[int, int]
"""Our ids of a team and of who leads it."""


@dataclass(frozen=True)
class Change:
    """What a file or a rule changes: pairs of a team's and a person's name."""

    added: list[tuple[str, str]]
    ended: list[tuple[str, str]]
    same: int


@dataclass(frozen=True)
class Rule:
    """The people of one cohort lead another one, which is found by its name.

    ``cohort`` is a regular expression for the whole name of the leaders' cohort; ``team`` is the
    name of theirs, where ``\\1`` stands for the first group.
    """

    cohort: str
    team: str

    def team_of(self, name: str) -> str | None:
        """The name of the team that the people of the cohort lead; ``None`` for other cohorts."""
        found = re.fullmatch(self.cohort, name)
        if found is None:
            return None
        return _GROUP.sub(lambda group: found[int(group[1])] or "", self.team)


def rule(cohort: str, team: str) -> Rule:
    """A rule that can be followed.

    :raises InputError: if the expression is none, or the team asks for a group that it has not.
    """
    try:
        pattern = re.compile(cohort)
    except (re.error, OverflowError, RecursionError) as error:
        raise InputError(
            f"{cohort!r} is no pattern: {error}.",
            r"For example: --cohort 'Leads (.+)' --team '\1'.",
        ) from error
    if any(int(number) > pattern.groups for number in _GROUP.findall(team)):
        raise InputError(
            f"{team!r} takes more groups than {cohort!r} has.", "Put what is taken in parentheses."
        )
    return Rule(cohort, team)


def rules_of(settings: Mapping[str, Any]) -> list[Rule]:
    """The rules that stand in a connection's settings."""
    return [Rule(*both) for both in settings.get("leader_rules", ())]


def by_rules(rules: Sequence[Rule], teams: Sequence[Team]) -> list[Pair]:
    """Pure: (team that is led, cohort whose people lead it), by the rules, both by our ids.

    Nobody leads the cohort of leaders itself by being in it.
    """
    by_name = {team.name.casefold(): team.id for team in teams}
    found = set()
    for one in rules:
        for cohort in teams:
            led = by_name.get((one.team_of(cohort.name) or "").casefold())
            if led is not None and led != cohort.id:
                found.add((led, cohort.id))
    return sorted(found)


def take_file(work: Work, connection_id: int, rows: Sequence[Row], *, replace: bool) -> Change:
    """Have the people of the file lead its teams.

    :param replace: whoever leads by an earlier file and is not in this one leads no more.
    :raises InputError: naming every line that cannot be taken (at most :data:`SAID` of them);
        then nothing is changed.
    """
    pairs: set[Pair] = set()
    wrong: list[str] = []
    for row in rows:
        try:
            team = find_team(work, connection_id, row.team)
            person = people.present(work, people.find(work, row.leader, connection_id).id)
            pairs.add((team.id, person.id))
        except BridgeError as error:
            wrong.append(f"line {row.line}: {error.message}")
    if wrong:
        more = f"; and {len(wrong) - SAID} more" if len(wrong) > SAID else ""
        raise InputError(
            f"{len(wrong)} of {len(rows)} lines cannot be taken: {'; '.join(wrong[:SAID])}{more}.",
            "Nothing was changed. Correct the lines, and give the file again.",
        )
    return converge(work, connection_id, pairs, FILE, end=replace)


def follow_rules(work: Work, connection_id: int, rules: Sequence[Rule]) -> Change:
    """Have the people of cohorts lead teams as the rules say, and end what they say no more."""
    pairs = by_rules(rules, work.access.teams(connection_id)) if rules else []
    members = work.access.present_members({cohort for _, cohort in pairs})
    led = {(team, person) for team, cohort in pairs for person in members.get(cohort, ())}
    return converge(work, connection_id, led, RULE, end=True)


def converge(
    work: Work, connection_id: int, wanted: Collection[Pair], origin: str, *, end: bool
) -> Change:
    """Make those lead who should, by this origin; who leads by another one stays as they are."""
    before = {(led.team_id, led.person_id): led for led in work.access.leading(connection_id)}
    new = sorted(pair for pair in wanted if pair not in before)
    over = sorted(p for p, led in before.items() if led.origin == origin and p not in wanted)
    over = over if end else []
    work.access.add_leaders(new, origin)
    work.access.end_leaders(over)
    after = {(led.team_id, led.person_id): led for led in work.access.leading(connection_id)}
    return Change(
        added=[_names(after[pair]) for pair in new],
        ended=[_names(before[pair]) for pair in over],
        same=len(set(wanted) & set(before)),
    )


def _names(led: Led) -> tuple[str, str]:
    return led.team, led.person


def end_by_hand(
    work: Work,
    connection_id: int,
    team_id: int,
    person_id: int,
    now: datetime,
    by: int | None,
) -> Led:
    """End that somebody leads a team, if it was begun by hand; what it was.

    :raises NotFound: if they do not lead it.
    :raises InputError: if it was begun otherwise, saying where it is ended.
    """
    led = work.access.leading(connection_id)
    found = next((o for o in led if (o.team_id, o.person_id) == (team_id, person_id)), None)
    if found is None:
        raise NotFound("They do not lead this team.", "It may have been ended already.")
    if found.origin != HAND:
        raise InputError(
            f"{found.person} leads {found.team} by {found.origin}.", ELSEWHERE.get(found.origin, "")
        )
    remove(work, team_id, person_id)
    audit.note(work, by, f"leads {found.team} no more", str(person_id), now)
    return found
