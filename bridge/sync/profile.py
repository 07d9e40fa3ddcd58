"""What people's profile fields say about naming them, and what follows from it.

A field that an LMS does not show is not told apart from one that is empty. So where a field said
something of somebody before, and nobody of the same page has it any more, a right is missing rather
than a mind changed: then what stands is kept, and an admin is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bridge.errors import LmsError, MissingCapability
from bridge.model import Choice, PersonFact, ProfileRules
from bridge.storage import Work
from bridge.storage.profile import Standing

CAPABILITY = "moodle/user:viewalldetails"


@dataclass
class Plan:
    """What is to be changed, by our ids."""

    forbid: list[int] = field(default_factory=list)
    """They are never named from now on."""
    allow: list[int] = field(default_factory=list)
    """Their own choice counts again."""
    seed: dict[int, Choice] = field(default_factory=dict)
    doubts: list[LmsError] = field(default_factory=list)


def plan(
    rules: ProfileRules,
    facts: Sequence[PersonFact],
    before: Mapping[int, Standing],
    *,
    accept: bool,
) -> Plan:
    """What the records of a page of people change. Pure.

    :param before: by LMS id, how those people stand.
    :param accept: believe a field that nobody shows any more.
    """
    found = Plan()
    known = [fact for fact in facts if fact.lms_id in before]
    stands = [(fact.profile, before[fact.lms_id]) for fact in known]
    if rules.never_field:
        lost = _lost(rules.never_field, stands, (s.never_named and s.read for _, s in stands))
        if lost and not accept:
            found.doubts.append(_doubt(rules.never_field, lost))
        else:
            for profile, standing in stands:
                never = rules.never(profile)
                if never and not (standing.never_named and standing.read):
                    found.forbid.append(standing.id)
                elif standing.never_named and not never:
                    found.allow.append(standing.id)
    if rules.seed_field:
        lost = _lost(rules.seed_field, stands, (s.seeded for _, s in stands))
        if lost and not accept:
            found.doubts.append(_doubt(rules.seed_field, lost))
        else:
            for profile, standing in stands:
                choice = _seed(rules.choice(profile), standing)
                if choice is not None:
                    found.seed[standing.id] = choice
    return found


def _seed(said: Choice | None, standing: Standing) -> Choice | None:
    """The choice that the field now makes for somebody, if that is another than stands."""
    if standing.choice is not None and not standing.seeded:
        return None  # The person's own word is never touched.
    if said is None:
        # What the field does not say any more does not count any more.
        said = Choice.NOBODY if standing.seeded else None
    return None if said is standing.choice else said


def _lost(
    name: str, stands: Sequence[tuple[Mapping[str, str], Standing]], said: Iterable[bool]
) -> int:
    """Of how many people the field said something before, where now nobody shows it."""
    if any(name in profile for profile, _ in stands):
        return 0
    return sum(said)


def _doubt(name: str, people: int) -> LmsError:
    return MissingCapability(
        f"The LMS does not show the profile field {name!r} of anybody any more, and it said"
        f" something of {people} people: what it said is kept.",
        f"Give the role of the token's user the capability {CAPABILITY}; if the field really is"
        " empty now, run `socialbridge sync NAME --full --accept-shrink` once.",
        capability=CAPABILITY,
    )


def apply(
    work: Work,
    facts: Sequence[PersonFact],
    rules: ProfileRules,
    before: Mapping[int, Standing],
    now: datetime,
    *,
    accept: bool = False,
) -> list[LmsError]:
    """Let what the profiles say count, in the transaction in which the records are stored.

    What newly forbids a name is marked so that the feed and the outlets follow before all else.

    :param before: by LMS id, how they stood before the records were stored.
    :returns: what is doubted.
    """
    if not rules.fields:
        return []
    found = plan(rules, facts, before, accept=accept)
    work.profile.forbid(found.forbid, now)
    work.job_teams.forget_names(found.forbid)
    work.profile.allow(found.allow, now)
    narrowed = work.profile.seed(found.seed, now)
    work.people.look_first([*found.forbid, *narrowed])
    return found.doubts
