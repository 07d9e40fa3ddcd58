"""Who leads which team."""

from __future__ import annotations

from bridge.access.people import chosen
from bridge.model import Team
from bridge.storage import Work


def add(work: Work, team_id: int, person_id: int) -> None:
    """The person leads the team; a team may have several leaders."""
    work.access.add_leader(team_id, person_id)


def remove(work: Work, team_id: int, person_id: int) -> None:
    """The person leads the team no more."""
    work.access.remove_leader(team_id, person_id)


def find_team(work: Work, connection_id: int | None, text: str) -> Team:
    """The team whose name, id number or LMS id is ``text``.

    :raises NotFound: if there is none. :raises InputError: if there are several.
    """
    found = work.access.teams_like(connection_id, text.strip())
    return chosen(found, "team", text, lambda team: f"{team.name} (LMS id {team.lms_id})")
