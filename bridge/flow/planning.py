"""What leaders plan to share: it leaves when its time has come, if it still may."""

from __future__ import annotations

from datetime import datetime, tzinfo

from bridge import pulse
from bridge.access import delegates
from bridge.delivery import outlets
from bridge.desk import planning
from bridge.desk.planning import Wording
from bridge.errors import InputError, NotAllowed, NotFound
from bridge.flow.sharing import shared_by
from bridge.model import Kind, Plan, PlanState, Viewer
from bridge.ports import Clock
from bridge.storage import Store, Work


def plan_share(
    store: Store,
    clock: Clock,
    viewer: Viewer,
    wording: Wording,
    at: datetime,
    zone: tzinfo,
    by: Viewer | None = None,
) -> Plan:
    """Plan a share; see :func:`bridge.desk.planning.plan`.

    :raises InputError: also if an outlet cannot be taken.
    """
    now = clock.now()
    with store.work() as work:
        plan = planning.plan(work, viewer, wording, at, zone, now, by)
        outlets.check_readers(
            work, viewer.connection_id, wording.outlet_ids, Kind.SHARE, wording.audience
        )
        pulse.record(work, (by or viewer).person_id, now, active=True, engaged=True)
    return plan


def publish_plans(store: Store, clock: Clock) -> int:
    """Share what is due, and withdraw what may not be shared any more; how many were shared.

    Each is a transaction of its own, in which it is held: any number of workers may do this at
    once, and each share leaves once.
    """
    now = clock.now()
    with store.reading() as work:
        ids = work.plans.looked_at(now)
    left = 0
    for plan_id in ids:
        with store.work() as work:
            plan = work.plans.one(plan_id, hold=True)
            if plan is not None and plan.state is PlanState.PLANNED:
                left += _left(work, plan, now)
    return left


def _left(work: Work, plan: Plan, now: datetime) -> int:
    """Share it, or withdraw it, saying why; how many were shared."""
    viewer = work.access.viewer(person_id=plan.leader_id)
    if not viewer or not viewer.is_leader:
        why = "You could not sign in any more." if not viewer else "You lead no team any more."
        planning.withdraw(work, plan, why, now)
        return 0
    try:
        by = _writer(work, plan)
    except NotAllowed as error:
        planning.withdraw(work, plan, error.message, now)
        return 0
    course = None if plan.course_id is None else work.desk.course(plan.course_id)
    if plan.course_id is None and plan.about is None:
        planning.withdraw(work, plan, "What it was about is no longer there.", now)
        return 0
    if plan.course_id is not None and (course is None or not course.visible or course.gone):
        planning.withdraw(work, plan, "The course was hidden in the LMS.", now)
        return 0
    ends_at = course.ends_at if course is not None else None
    if plan.at is None or (ends_at is not None and ends_at <= plan.at):
        planning.withdraw(work, plan, "The course is over before that time.", now)
        return 0
    if plan.at > now:
        return 0
    enabled = {o.id for o in outlets.of(work, viewer.connection_id) if o.enabled}
    try:
        with work.all_or_nothing():
            shared_by(
                work,
                viewer,
                course_id=plan.course_id,
                about_id=plan.about_id,
                text=plan.text,
                audience=plan.audience,
                outlet_ids=[ident for ident in plan.outlet_ids if ident in enabled],
                suggestion_id=plan.suggestion_id,
                now=now,
                by=by,
            )
    except (InputError, NotAllowed, NotFound) as error:
        planning.withdraw(work, plan, error.message, now)
        return 0
    return 1


def _writer(work: Work, plan: Plan) -> Viewer | None:
    """The delegate who wrote it, if the leader did not.

    :raises NotAllowed: if they may not post in the leader's name any more, or are not here.
    """
    if plan.by_id is None:
        return None
    by = work.access.viewer(person_id=plan.by_id)
    not_any_more = NotAllowed(f"{plan.by_name} may not post in your name any more.")
    if by is None:
        raise not_any_more
    try:
        delegates.posting_for(work, by, plan.leader_id)
    except (NotAllowed, NotFound) as error:
        raise not_any_more from error
    return by
