"""Who leads which team. A leader need not be one of its people."""

from __future__ import annotations

from bridge.access.people import present
from bridge.access.search import only, typed
from bridge.errors import InputError, NotFound
from bridge.model import Team
from bridge.storage import Work


def add(work: Work, team_id: int, person_id: int) -> None:
    """Make the person a leader of the team; one who is stays one.

    :raises NotFound: if there is no such team or person, or they are gone.
    :raises NotAllowed: if the LMS has suspended the person.
    :raises InputError: if the two are of different connections.
    """
    team = work.access.team(team_id)
    if team is None:
        raise NotFound("There is no such team.", "A sync may have found it gone from the LMS.")
    person = present(work, person_id)
    if person.connection_id != team.connection_id:
        raise InputError(
            f"{person.name} and the team {team.name} are of different connections.",
            "Name a person of the team's own LMS.",
        )
    work.access.add_leader(team.id, person.id)


def remove(work: Work, team_id: int, person_id: int) -> None:
    """The person leads the team no more; if they did not, nothing changes."""
    work.access.remove_leader(team_id, person_id)


def find_team(work: Work, connection_id: int | None, text: str) -> Team:
    """The team that ``text`` means: its LMS id, its id number, its name or a part of that.

    :param connection_id: where to look; ``None`` looks everywhere.
    :raises NotFound: if it means none.
    :raises InputError: if it means several; the message names them.
    """
    wanted = typed(text)
    found = only(
        wanted,
        lambda whole: work.access.teams_like(wanted, connection_id, whole=whole),
        (
            lambda team: str(team.team.lms_id) == wanted,
            lambda team: team.id_number == wanted,
            lambda team: team.team.name == wanted,
            lambda team: team.team.name.casefold() == wanted.casefold(),
        ),
        lambda team: f"{team.team.name} ({team.connection}, {team.team.lms_id or 'made by hand'})",
        what="team",
    )
    return found.team
