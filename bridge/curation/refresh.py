"""Brings the week's suggestions up to date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bridge.curation.choose import monday
from bridge.curation.compose import compose
from bridge.curation.happenings import DAYS, Told
from bridge.curation.memory import TASTE
from bridge.curation.plan import Wanted, plan
from bridge.curation.site import Site, build
from bridge.model import Audience, AudienceKind
from bridge.storage import Work

QUESTIONS = timedelta(days=60)
"""How far back a question waits: as long as the listening room shows it."""


def refresh(work: Work, connection_id: int, now: datetime, leader_id: int | None = None) -> int:
    """Write this week's suggestions for every leader of the connection, or for one of them.

    Three a leader and week (of Monday, in UTC), fewer where there is too little to go on. What the
    leader has decided this week stays and counts; an open suggestion gives way only to a clearly
    better one, and is withdrawn when its course or activity is hidden or its leader leads no more.
    With the same data, a second refresh of the same day writes nothing.

    :returns: how many suggestions were added or rewritten.
    """
    now = now.astimezone(UTC)
    week = monday(now)
    curation = work.curation
    leaders = curation.leaders(connection_id, leader_id)
    stored = curation.week(connection_id, week, leader_id)
    if not leaders and not stored:
        return 0
    site = _site(work, connection_id, now)
    leads = curation.audiences(connection_id, leader_id)
    there = work.abouts.there([s.about_id for s in stored if s.about_id is not None])
    wanted = compose(
        site,
        leaders,
        leads,
        curation.decided(connection_id, now - TASTE, leader_id),
        stored,
        week,
        _told(work, connection_id, now),
        there,
    )
    todo = plan(stored, wanted, {course.id for course in site.courses}, there)
    curation.withdraw(todo.withdraw)
    curation.add([_row(want, now, week) for want in todo.add])
    curation.rewrite([{"id": ident, **_row(want, now)} for ident, want in todo.rewrite])
    return len(todo.add) + len(todo.rewrite)


def _site(work: Work, connection_id: int, now: datetime) -> Site:
    curation = work.curation
    offers = curation.offers(connection_id)
    return build(
        today=now.date(),
        people=curation.people(connection_id),
        courses=tuple(offer.course for offer in offers),
        history=tuple(offer.history for offer in offers),
        completed=curation.completions(connection_id),
        enrolled=curation.enrolments(connection_id),
        asked=curation.open_questions(connection_id, now - QUESTIONS),
        warmth=work.candidates.warmth(connection_id, now - TASTE),
    )


def _told(work: Work, connection_id: int, now: datetime) -> Told:
    """What of the feed could be shared by any leader; a handful of statements.

    The usual pace is that of all of it, so it is the same whomever the refresh is for.
    """
    teams, courses = work.candidates.of_leaders(connection_id)
    keys = {Audience(AudienceKind.EVERYONE, connection_id).key}
    keys |= {Audience(AudienceKind.TEAM, team).key for team in teams}
    keys |= {Audience(AudienceKind.COURSE, course).key for course in courses}
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = work.candidates.happenings(connection_id, keys, midnight - timedelta(days=DAYS))
    ids = [happening.id for happening in found]
    return Told(
        happenings=found,
        answers=work.candidates.answers(ids),
        parts=work.candidates.parts(ids),
        team_sizes=work.candidates.team_sizes(teams),
    )


def _row(want: Wanted, now: datetime, week: date | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "team_id": want.team_id,
        "position": want.position,
        "score": want.score,
        "reasons": want.reasons,
        "prompt": want.prompt,
        "made_at": now,
    }
    if week:
        row |= {"leader_id": want.leader_id, "week": week}
        row |= {"course_id": want.course_id, "about_id": want.about_id}
    return row
