"""Keep words for later, and plan when they leave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from bridge.desk import times
from bridge.desk.rules import LONGEST, check_leads, clean, said
from bridge.desk.subject import checked
from bridge.errors import InputError, NotFound
from bridge.model import Audience, Plan, PlanState, Viewer
from bridge.storage import Work
from bridge.visibility import check_may_write


@dataclass(frozen=True)
class Wording:
    """What the leader has filled in so far."""

    course_id: int | None
    text: str
    audience: Audience
    outlet_ids: tuple[int, ...]
    suggestion_id: int
    about_id: int | None = None


def save(
    work: Work, viewer: Viewer, wording: Wording, now: datetime, by: Viewer | None = None
) -> Plan:
    """Keep what was written so far; one draft a suggestion and writer.

    :param by: the delegate who prepares it for the leader, who finds it at the desk.

    :raises NotAllowed: if the viewer leads no team.
    :raises NotFound: if the suggestion is not theirs.
    :raises InputError: if there is nothing to keep, or too much.
    """
    check_leads(viewer)
    text = clean(wording.text)
    if not text:
        raise InputError("There is nothing to keep yet.", "Write a word or two first.")
    if len(text) > LONGEST:
        raise InputError(f"More than {LONGEST:,} characters do not fit.", "Shorten it.")
    return _kept(work, viewer, replace(wording, text=text), PlanState.DRAFT, None, now, by)


def plan(
    work: Work,
    viewer: Viewer,
    wording: Wording,
    at: datetime,
    zone: tzinfo,
    now: datetime,
    by: Viewer | None = None,
) -> Plan:
    """Share it at that moment, unless something changes before.

    :param zone: of whoever plans it.
    :param by: the delegate in whose name it leaves, on the leader's behalf.
    :raises NotAllowed: if the viewer leads no team, or is never named.
    :raises NotFound: if the suggestion is not theirs.
    :raises InputError: if it could not be shared now, or not at that moment; then the message
        says when it could.
    """
    check_leads(viewer)
    check_may_write(viewer)
    wording = replace(wording, text=said(wording.text))
    subject = checked(work, viewer, wording.audience, wording.course_id, wording.about_id)
    work.desk.hold_person(viewer.person_id)
    before = _begun(work, viewer, wording, by)
    taken = work.plans.taken(viewer.person_id, now - timedelta(days=1), before.id if before else 0)
    times.check(at, now, zone, taken, subject.until)
    kept = _kept(work, viewer, wording, PlanState.PLANNED, at, now, by)
    work.desk.decide(wording.suggestion_id, "planned", now)
    return kept


def unplan(
    work: Work, viewer: Viewer, plan_id: int, now: datetime, by: Viewer | None = None
) -> Plan:
    """Plan it no more; the words stay as a draft, and the suggestion is open again.

    :param by: the delegate who does it: only what they planned themselves.

    :raises NotFound: if there is no such plan of the viewer's, or it has left.
    """
    found = _own(work, viewer, plan_id, PlanState.PLANNED)
    if by is not None and found.by_id != by.person_id:
        raise NotFound("There is no such plan of yours.", "It may have left already.")
    if found.suggestion_id is not None:
        work.desk.decide(found.suggestion_id, "open", None)
    draft = replace(found, state=PlanState.DRAFT, at=None)
    work.plans.keep(draft, now)
    return draft


def put_away(work: Work, viewer: Viewer, plan_id: int, now: datetime) -> None:
    """The leader has read why it was withdrawn.

    :raises NotFound: if there is no such plan of the viewer's.
    """
    found = _own(work, viewer, plan_id, PlanState.WITHDRAWN)
    work.plans.keep(replace(found, state=PlanState.DROPPED), now)


def shared(work: Work, viewer: Viewer, suggestion_id: int | None, now: datetime) -> None:
    """What was kept for the suggestion, by the leader and by delegates, has been shared."""
    if suggestion_id is None:
        return
    for found in work.plans.of(viewer.person_id):
        if found.suggestion_id == suggestion_id and found.state in _UNSHARED:
            work.plans.keep(replace(found, state=PlanState.SHARED), now)


def withdraw(work: Work, plan: Plan, reason: str, now: datetime) -> None:
    """It cannot be shared as it was planned; the words stay for the leader to read."""
    work.plans.keep(replace(plan, state=PlanState.WITHDRAWN, reason=reason), now)
    if plan.suggestion_id is not None:
        work.desk.decide(plan.suggestion_id, "later", now)


def proposal(work: Work, viewer: Viewer, zone: tzinfo, now: datetime) -> datetime | None:
    """The next good time for a share of the viewer's."""
    taken = work.plans.taken(viewer.person_id, now - timedelta(days=1))
    return times.proposed(now, zone, taken, None)


def _begun(work: Work, viewer: Viewer, wording: Wording, by: Viewer | None) -> Plan | None:
    whose = by.person_id if by else None
    return work.plans.draft_of(viewer.person_id, wording.suggestion_id, whose)


_UNSHARED = frozenset({PlanState.DRAFT, PlanState.PLANNED})


def _kept(
    work: Work,
    viewer: Viewer,
    wording: Wording,
    state: PlanState,
    at: datetime | None,
    now: datetime,
    by: Viewer | None,
) -> Plan:
    suggestion = work.desk.suggestion(wording.suggestion_id)
    ours = suggestion is not None and suggestion.leader_id == viewer.person_id
    its = (wording.course_id, wording.about_id)
    if suggestion is None or not ours or (suggestion.course_id, suggestion.about_id) != its:
        raise NotFound("There is no such suggestion for you.", "Reload the desk.")
    if suggestion.activity_id is not None:
        raise InputError("You have shared this suggestion already.", "Take that share back first.")
    before = _begun(work, viewer, wording, by)
    if before is not None and before.state is PlanState.PLANNED and state is PlanState.DRAFT:
        raise InputError("It is planned already.", "Cancel the plan first; the words stay.")
    course = None if wording.course_id is None else work.desk.course(wording.course_id)
    kept = Plan(
        id=before.id if before else 0,
        leader_id=viewer.person_id,
        course_id=wording.course_id,
        course_name=course.name if course else "",
        suggestion_id=wording.suggestion_id,
        audience=wording.audience,
        text=wording.text,
        outlet_ids=wording.outlet_ids,
        at=at,
        state=state,
        by_id=by.person_id if by else None,
        by_name=by.name if by else "",
        about_id=wording.about_id,
    )
    return replace(kept, id=work.plans.keep(kept, now))


def _own(work: Work, viewer: Viewer, plan_id: int, state: PlanState) -> Plan:
    found = work.plans.one(plan_id, hold=True)
    if found is None or found.leader_id != viewer.person_id or found.state is not state:
        raise NotFound("There is no such plan of yours.", "It may have left already.")
    return found
