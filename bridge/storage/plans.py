"""What leaders mean to share, as it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy import Connection as SqlConnection

from bridge.model import Audience, Kind, Plan, PlanState
from bridge.storage import tables as t
from bridge.storage.abouts import Joined, about


class PlanRepository:
    """Reads and writes ``plans``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def of(self, leader_id: int) -> tuple[Plan, ...]:
        """The leader's drafts, what is planned, and what was withdrawn and not yet put away; what
        leaves first comes first."""
        p = t.plans.c
        states = [PlanState.DRAFT.value, PlanState.PLANNED.value, PlanState.WITHDRAWN.value]
        query = _plans().where(p.leader_id == leader_id, p.state.in_(states))
        return tuple(_plan(row) for row in self.sql.execute(query.order_by(p.at, p.id)))

    def one(self, plan_id: int, *, hold: bool = False) -> Plan | None:
        """The plan; with ``hold``, until the transaction ends nobody else changes it, and one that
        somebody else holds is not found."""
        query = _plans().where(t.plans.c.id == plan_id)
        if hold:
            query = query.with_for_update(of=t.plans, skip_locked=True)
        row = self.sql.execute(query).first()
        return None if row is None else _plan(row)

    def keep(self, plan: Plan, now: datetime) -> int:
        """Keep a plan, by its id or (0) as a new one; its id."""
        row = {
            "leader_id": plan.leader_id,
            "course_id": plan.course_id,
            "about_id": plan.about_id,
            "suggestion_id": plan.suggestion_id,
            "audience": plan.audience.key,
            "text": plan.text,
            "outlet_ids": list(plan.outlet_ids),
            "at": plan.at,
            "state": plan.state.value,
            "reason": plan.reason,
            "by_id": plan.by_id,
            "changed_at": now,
        }
        p = t.plans
        if plan.id:
            self.sql.execute(p.update().where(p.c.id == plan.id).values(**row))
            return plan.id
        return int(self.sql.execute(p.insert().values(**row).returning(p.c.id)).scalar_one())

    def draft_of(self, leader_id: int, suggestion_id: int, by_id: int | None = None) -> Plan | None:
        """What the leader, or a delegate for them, has begun to write for a suggestion."""
        p = t.plans.c
        open_ = p.state.in_([PlanState.DRAFT.value, PlanState.PLANNED.value])
        theirs = p.by_id.is_(None) if by_id is None else p.by_id == by_id
        query = _plans().where(
            p.leader_id == leader_id, p.suggestion_id == suggestion_id, open_, theirs
        )
        row = self.sql.execute(query.order_by(p.id.desc()).limit(1)).first()
        return None if row is None else _plan(row)

    def taken(self, leader_id: int, since: datetime, but: int = 0) -> list[datetime]:
        """When the leader's shares leave, or left since then, but for that plan."""
        p, a = t.plans.c, t.activities.c
        planned = select(p.at).where(
            p.leader_id == leader_id, p.state == PlanState.PLANNED.value, p.id != but
        )
        left = select(a.published).where(
            func.coalesce(a.behalf_of_id, a.actor_id) == leader_id,
            or_(a.actor_id == leader_id, a.behalf_of_id == leader_id),
            a.kind == Kind.SHARE.value,
            a.gone.is_(False),
            a.published >= since,
        )
        return [*self.sql.execute(planned).scalars(), *self.sql.execute(left).scalars()]

    def looked_at(self, now: datetime) -> Sequence[int]:
        """Ids of planned shares whose time has come, or whose subject, leader or time is amiss."""
        p, c, u, joined = t.plans.c, t.courses.c, t.people.c, Joined()
        # What is gone altogether has left an empty reference.
        nothing = and_(p.course_id.is_(None), or_(p.about_id.is_(None), ~joined.there()))
        amiss = or_(
            nothing,
            c.visible.is_(False),
            c.gone.is_(True),
            and_(c.ends_at.is_not(None), c.ends_at <= p.at),
            u.suspended.is_(True),
            u.gone.is_(True),
            ~_leads(p.leader_id),
            and_(p.by_id.is_not(None), ~_posts_for(p.leader_id, p.by_id)),
        )
        rows = self.sql.execute(
            select(p.id)
            .select_from(joined.beside(t.plans, p.about_id))
            .outerjoin(t.courses, c.id == p.course_id)
            .join(t.people, u.id == p.leader_id)
            .where(p.state == PlanState.PLANNED.value, or_(p.at <= now, amiss))
            .order_by(p.at, p.id)
        )
        return list(rows.scalars())


def _leads(person_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the person leads a team that is there."""
    m, g = t.leaders, t.teams
    return (
        select(m.c.team_id)
        .join(g, g.c.id == m.c.team_id)
        .where(m.c.person_id == person_id, g.c.gone.is_(False))
        .correlate(t.plans)
        .exists()
    )


def _posts_for(leader_id: ColumnElement[int], person_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the person may post on the leader's behalf, and is here."""
    d, helper = t.delegates, t.people.alias("helper")
    return (
        select(d.c.person_id)
        .join(helper, helper.c.id == d.c.person_id)
        .where(
            d.c.leader_id == leader_id,
            d.c.person_id == person_id,
            d.c.may_post.is_(True),
            helper.c.suspended.is_(False),
            helper.c.gone.is_(False),
        )
        .correlate(t.plans)
        .exists()
    )


def _plans() -> Select[Any]:
    p, c, joined, by = t.plans.c, t.courses.c, Joined(), t.people.alias("by_whom")
    shown = and_(c.visible.is_(True), c.gone.is_(False))
    name = case((shown, c.name), else_="").label("course_name")
    whose = func.coalesce(by.c.name, "").label("by_name")
    columns = [column for column in joined.columns() if column.name != "about_id"]
    start = joined.beside(t.plans, p.about_id).outerjoin(t.courses, c.id == p.course_id)
    start = start.outerjoin(by, by.c.id == p.by_id)
    return select(t.plans, name, whose, *columns).select_from(start)


def _plan(row: Any) -> Plan:
    return Plan(
        id=row.id,
        leader_id=row.leader_id,
        course_id=row.course_id,
        course_name=row.course_name,
        suggestion_id=row.suggestion_id,
        audience=Audience.of(row.audience),
        text=row.text,
        outlet_ids=tuple(row.outlet_ids),
        at=row.at,
        state=PlanState(row.state),
        reason=row.reason,
        by_id=row.by_id,
        by_name=row.by_name,
        about_id=row.about_id,
        about=about(row),
    )
