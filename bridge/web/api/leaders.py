"""Who leads which team: seen and changed by an admin, by hand, by a file and by rules."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from bridge import flow
from bridge.access import leader_file, leadership
from bridge.access.leadership import Change
from bridge.web.api.fields import Flag, Words, shape
from bridge.web.here import bridge, now, viewer

Led = shape(
    "Led",
    "Somebody who leads the team, and by what.",
    id=fields.Integer(required=True, attribute="person_id"),
    name=fields.String(required=True, attribute="person"),
    origin=fields.String(required=True, metadata={"enum": ["hand", "file", "rule", "job"]}),
    away=fields.Boolean(required=True),
)
TeamLed = shape(
    "TeamLed",
    "A team, and who leads it.",
    id=fields.Integer(required=True),
    name=fields.String(required=True),
    size=fields.Integer(required=True),
    leaders=fields.List(fields.Nested(Led), required=True),
)
LeaderSaid = shape(
    "LeaderSaid",
    "A team and a person, by what you know of them: a name, a number, an address.",
    team=Words(required=True, least=1, most=255),
    person=Words(required=True, least=1, most=255),
)
LeaderMade = shape(
    "LeaderMade",
    "Who leads what now.",
    team_id=fields.Integer(required=True),
    person_id=fields.Integer(required=True),
)
FileSaid = shape(
    "FileSaid",
    "Lines of CSV: team, leader.",
    lines=fields.List(Words(most=1000), required=True, validate=validate.Length(max=5000)),
    replace=Flag(load_default=False, metadata={"description": "End who leads by an older file."}),
    dry_run=Flag(load_default=False),
)
RuleShape = shape(
    "RuleSaid",
    "The people of one cohort lead another one.",
    cohort=Words(required=True, least=1, most=255, metadata={"example": "Leads (.+)"}),
    team=Words(required=True, least=1, most=255, metadata={"example": "\\1"}),
)
RulesSaid = shape(
    "RulesSaid",
    "The rules that are followed from now on, and no others.",
    rules=fields.List(fields.Nested(RuleShape), required=True, validate=validate.Length(max=200)),
    dry_run=Flag(load_default=False),
)
Pair = shape(
    "Pair",
    "A team and a person.",
    team=fields.String(required=True),
    person=fields.String(required=True),
)
ChangeShape = shape(
    "Change",
    "What it changes, or would.",
    added=fields.List(fields.Nested(Pair), required=True),
    ended=fields.List(fields.Nested(Pair), required=True),
    same=fields.Integer(required=True),
)
Rules = shape("Rules", "The rules.", rules=fields.List(fields.Nested(RuleShape), required=True))


def show() -> Any:
    """Teams with their leaders."""
    with bridge().store.reading() as work:
        teams = work.access.teams(viewer().connection_id)
        led = work.access.leading(viewer().connection_id)
    return {
        "items": [
            {
                "id": team.id,
                "name": team.name,
                "size": team.size,
                "leaders": [one for one in led if one.team_id == team.id],
            }
            for team in teams
        ]
    }


def add(said: dict[str, Any]) -> Any:
    """Have somebody lead a team, by hand."""
    store, clock, me = bridge().store, bridge().clock, viewer()
    team, person = flow.let_lead(
        store, clock, me.connection_id, said["team"], said["person"], by=me.person_id
    )
    return {"team_id": team.id, "person_id": person.id}


def end(team_id: int, person_id: int) -> None:
    """End that somebody leads a team, if it was begun by hand."""
    with bridge().store.work() as work:
        me, here = viewer().person_id, viewer().connection_id
        leadership.end_by_hand(work, here, team_id, person_id, now(), me)


def take_file(said: dict[str, Any]) -> Any:
    """Have people lead teams as lines say; with `dry_run` only tried."""
    return _change(
        flow.take_leaders(
            bridge().store,
            bridge().clock,
            viewer().connection_id,
            leader_file.read(said["lines"]),
            replace=said["replace"],
            dry_run=said["dry_run"],
            by=viewer().person_id,
        )
    )


def rules() -> Any:
    """The rules about cohorts."""
    with bridge().store.reading() as work:
        settings = work.connections.by_id(viewer().connection_id).settings
    return {"rules": leadership.rules_of(settings)}


def set_rules(said: dict[str, Any]) -> Any:
    """Follow rules about cohorts; with `dry_run` only tried."""
    return _change(
        flow.set_leader_rules(
            bridge().store,
            bridge().clock,
            viewer().connection_id,
            [leadership.rule(one["cohort"], one["team"]) for one in said["rules"]],
            dry_run=said["dry_run"],
            by=viewer().person_id,
        )
    )


def _change(found: Change) -> dict[str, Any]:
    def named(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
        return [{"team": team, "person": person} for team, person in pairs]

    return {"added": named(found.added), "ended": named(found.ended), "same": found.same}
