"""core_cohort_*: the teams."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Call, Function, Table
from bridge.demo.lms.parameters import Many, Record, Type, Value
from bridge.demo.lms.refusals import no_record
from bridge.demo.lms.wording import title


def get_cohorts(call: Call, params: dict[str, Any]) -> Any:
    teams = call.store.teams
    wanted = [teams[i] for i in params["cohortids"] or teams if i in teams]
    if wanted:
        call.require(can.VIEW_COHORTS)
    return [
        {
            "id": team.id,
            "name": title(team.name),
            "idnumber": team.id_number,
            "description": team.description_html,
            "descriptionformat": 1,
            "visible": team.visible,
            "theme": "",
            "customfields": [],
        }
        for team in wanted
    ]


def get_cohort_members(call: Call, params: dict[str, Any]) -> Any:
    answer = []
    for team_id in params["cohortids"]:
        team = call.store.teams.get(team_id)
        if team is None:
            raise no_record("cohort")
        call.require(can.VIEW_COHORTS)
        answer.append({"cohortid": team_id, "userids": list(team.member_ids)})
    return answer


FUNCTIONS: Table = {
    "core_cohort_get_cohorts": Function(
        get_cohorts, Record({"cohortids": Many(Value(Type.INT), default=())})
    ),
    "core_cohort_get_cohort_members": Function(
        get_cohort_members, Record({"cohortids": Many(Value(Type.INT))})
    ),
}
