"""What a day's completions of one course come to, for each audience. Pure.

One activity per course, audience and day (design, decision 4), under consent (decision 3): a person
is named in the one audience they chose; everybody else is at most counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bridge.model import Audience, AudienceKind, Choice, Kind
from bridge.visibility import FEW, may_name, shown_count


@dataclass(frozen=True)
class Completer:
    """A person who completed the course that day, with what decides how they may be told of."""

    person_id: int
    completion_id: int
    completed_at: datetime
    seen_at: datetime
    choice: Choice | None
    team_ids: frozenset[int] = frozenset()
    hidden: bool = False
    """They said that this one item is not to be shown."""
    present: bool = True
    """Neither suspended nor gone."""
    renewed: bool = False
    """Not for the first time: it is told as a renewal."""


@dataclass(frozen=True)
class Aggregate:
    """What one audience may be told of a course's day."""

    audience: Audience
    named: tuple[Completer, ...]
    others: int
    group: int
    """How many people ``others`` is taken from: those of the audience's group who are not named."""

    @property
    def telling(self) -> bool:
        """Whether there is anything to tell: a name, or a number that may be shown."""
        return bool(self.named) or self.shown_others is not None

    @property
    def shown_others(self) -> int | None:
        """The number of the unnamed, where the rule of five lets it be shown."""
        return shown_count(self.others, self.group)


def tellings(
    connection_id: int,
    completers: Sequence[Completer],
    enrolled: int,
    team_sizes: Mapping[int, int],
) -> dict[tuple[Kind, Audience], Aggregate]:
    """What is to be told of one course and day: who finished it, and apart from it who renewed it.

    The arguments are those of :func:`aggregates`.
    """
    found: dict[tuple[Kind, Audience], Aggregate] = {}
    for kind, renewed in ((Kind.COMPLETION, False), (Kind.RENEWAL, True)):
        some = [c for c in completers if c.renewed is renewed]
        for audience, aggregate in aggregates(connection_id, some, enrolled, team_sizes).items():
            found[kind, audience] = aggregate
    return found


def aggregates(
    connection_id: int,
    completers: Sequence[Completer],
    enrolled: int,
    team_sizes: Mapping[int, int],
) -> dict[Audience, Aggregate]:
    """The aggregates of one course and day that have something to tell, by audience.

    Those who are named, here or to everyone, are known to have finished: a number about the others
    is taken from the rest, so that its complement says nothing of them either.

    :param enrolled: how many people are in the course: the group that *everyone* counts from.
    :param team_sizes: team id → how many people are in it.
    """
    there = [c for c in completers if c.present and not c.hidden]
    everyone = Audience(AudienceKind.EVERYONE, connection_id)
    named = [c for c in there if may_name(c.choice, AudienceKind.EVERYONE)]
    to_teams = [c for c in there if c.choice is Choice.TEAMS]
    others = _beyond_teams(len(there) - len(named), to_teams)
    found = [_aggregate(everyone, named, others, enrolled - len(named))]
    for team_id in sorted({team for c in to_teams for team in c.team_ids}):
        in_team = [c for c in there if team_id in c.team_ids]
        unnamed = sum(c.choice in (None, Choice.NOBODY) for c in in_team)
        found.append(
            _aggregate(
                Audience(AudienceKind.TEAM, team_id),
                [c for c in to_teams if team_id in c.team_ids],
                unnamed,
                team_sizes.get(team_id, 0) - (len(in_team) - unnamed),
            )
        )
    return {a.audience: a for a in found if a.telling}


def _beyond_teams(others: int, to_teams: Sequence[Completer]) -> int:
    """The number of those who are not named to everyone, or 0 where a team could work out few.

    A team reads the names of its own beside the number that everyone is told. What is left without
    them, and without those who are named in any team, is nobody or five and more.
    """
    by_team = Counter(team for c in to_teams for team in c.team_ids)
    left = [others - names for names in (*by_team.values(), len(to_teams))]
    return 0 if others >= FEW and any(0 < rest < FEW for rest in left) else others


def _aggregate(
    audience: Audience, named: Sequence[Completer], others: int, group: int
) -> Aggregate:
    newest_first = sorted(named, key=lambda c: (c.completed_at, c.person_id), reverse=True)
    return Aggregate(audience, tuple(newest_first), others, group)
