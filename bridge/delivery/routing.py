"""Where an activity goes: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bridge.model import AGGREGATES, Activity, Audience, AudienceKind, Kind, Outlet
from bridge.visibility import covers

FROM_THE_LMS = frozenset(
    {Kind.COMPLETION, Kind.RENEWAL, Kind.MILESTONE, Kind.COURSE, Kind.DISCUSSION}
)
"""Kinds that nobody wrote in the bridge: they never go where they are not covered."""

TO_THE_PUBLIC = AGGREGATES
"""Kinds that may go by themselves where the public reads: of the people in them, those who chose
*public*, and nobody else (decision 019)."""

CHOSEN_FOR_THE_PUBLIC = frozenset({Kind.SHARE})
"""Kinds that go where the public reads if whoever wrote them picked that outlet."""

EVERYONE = "everyone"
AUDIENCES = ("team", EVERYONE)
"""Words of terms about whom an activity was told to; all others are about its course."""


@dataclass(frozen=True)
class Place:
    """What an activity is about, as terms: ``course:12``, ``category:3``, ``topic:feedback``."""

    terms: frozenset[str] = frozenset()


NOWHERE = Place()


@dataclass(frozen=True)
class Rules:
    """What an outlet takes by itself. What people choose it for goes there anyway.

    A term is ``course:12``, ``category:3`` (with what is below it) or ``topic:feedback`` for what
    an activity is about, and ``team:4`` or ``everyone`` for whom it was told to.
    """

    kinds: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    """Where there are terms of what it is about, one has to fit; so of whom it was told to."""
    never: frozenset[str] = frozenset()
    """No term may fit."""

    @property
    def about_courses(self) -> bool:
        """Whether the rules ask what an activity is about."""
        return any(not _is_audience(term) for term in self.only | self.never)


def rules_of(outlet: Outlet) -> Rules:
    """The rules in an outlet's settings."""
    said = outlet.settings
    return Rules(*(frozenset(said.get(name, ())) for name in ("kinds", "only", "never")))


def takes(
    rules: Rules, activity: Activity, place: Place, readers: AudienceKind = AudienceKind.EVERYONE
) -> bool:
    """Whether an outlet of these rules takes the activity by itself.

    What its readers see of it is no wider than the LMS: where the public reads, a rule has to name
    the courses, or a category or topic of them, that may be spoken of in public.
    """
    if activity.kind.value not in rules.kinds:
        return False
    told = _told(activity.audience)
    if rules.never & (place.terms | {told}):
        return False
    audiences = {term for term in rules.only if _is_audience(term)}
    about = rules.only - audiences
    if readers is AudienceKind.PUBLIC and not about:
        return False
    return (not audiences or told in audiences) and (not about or bool(about & place.terms))


def names_courses(rules: Rules) -> bool:
    """Whether the rules say which courses the outlet tells of."""
    return any(not _is_audience(term) for term in rules.only)


def _is_audience(term: str) -> bool:
    return term.partition(":")[0] in AUDIENCES


def _told(audience: Audience) -> str:
    everyone = audience.kind in (AudienceKind.EVERYONE, AudienceKind.PUBLIC)
    return EVERYONE if everyone else audience.key


def may_go(activity: Activity, outlet: Outlet, *, chosen: bool) -> bool:
    """Whether the activity may be at the outlet at all.

    What people wrote goes where they chose to send it. Everything else goes only where everybody
    who reads the outlet may see it. A digest is made for one outlet.
    """
    if activity.gone:
        return False
    if activity.kind is Kind.DIGEST:
        return activity.audience == readers(outlet)
    if chosen and activity.kind not in FROM_THE_LMS:
        return True
    return reaches(activity.kind, activity.audience, outlet, chosen=chosen)


def reaches(kind: Kind, audience: Audience, outlet: Outlet, *, chosen: bool) -> bool:
    """Whether what is told to the audience may be read at the outlet: the one rule about it.

    What is told to everyone here does not go where the public reads, but for what people there
    agreed to: completions, of which only those are told who chose *public*, and what somebody wrote
    and sent to just this outlet.

    :param chosen: whether somebody picked the outlet for it.
    """
    public = outlet.audience.kind is AudienceKind.PUBLIC
    if public and audience == Audience(AudienceKind.EVERYONE, outlet.connection_id):
        return kind in TO_THE_PUBLIC or (chosen and kind in CHOSEN_FOR_THE_PUBLIC)
    return covers(outlet.audience, audience)


def readers(outlet: Outlet) -> Audience:
    """The audience of what is made for this outlet alone."""
    return Audience(AudienceKind.OUTLET, outlet.id)


def route(
    activity: Activity,
    outlets: Iterable[Outlet],
    *,
    chosen: Collection[int],
    there: Collection[int],
    place: Place = NOWHERE,
) -> dict[int, int | None]:
    """Outlet id → the revision that it should show, for every outlet that has to hear of it.

    What is there already stays there when rules change, as long as the readers may see it.

    :param chosen: the outlets that somebody picked for this activity.
    :param there: the outlets that have a delivery of it already.
    """
    wanted: dict[int, int | None] = {}
    for outlet in outlets:
        picked = outlet.id in chosen or outlet.id in there
        by_itself = (
            outlet.enabled
            and outlet.purpose == "share"
            and takes(rules_of(outlet), activity, place, outlet.audience.kind)
        )
        if may_go(activity, outlet, chosen=picked) and (picked or by_itself):
            wanted[outlet.id] = activity.revision
        elif outlet.id in there:
            wanted[outlet.id] = None
    return wanted
