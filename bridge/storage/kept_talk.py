"""What is kept of a person in the feed and at the outlets, a statement each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, or_, select

from bridge.model import Person
from bridge.storage import tables as t


def named(p: Person) -> Select[Any]:
    m, a = t.activity_members.c, t.activities.c
    return (
        select(
            a.title.label("course"),
            a.audience.label("told to"),
            a.published.label("published"),
            m.at.label("finished"),
        )
        .join_from(t.activity_members, t.activities, a.id == m.activity_id)
        .where(m.person_id == p.id)
        .order_by(a.published)
    )


def wrote(p: Person) -> Select[Any]:
    a = t.activities.c
    return (
        select(
            a.kind.label("kind"),
            a.text.label("text"),
            a.audience.label("told to"),
            a.published.label("published"),
            a.edited_at.label("edited"),
            a.gone.label("removed"),
        )
        .where(or_(a.actor_id == p.id, a.behalf_of_id == p.id))
        .order_by(a.published)
    )


def earlier_words(p: Person) -> Select[Any]:
    w, a, c = t.wordings.c, t.activities.c, t.comments.c
    theirs = or_(c.person_id == p.id, and_(w.comment_id.is_(None), a.actor_id == p.id))
    return (
        select(w.text.label("text"), w.until.label("until"))
        .select_from(
            t.wordings.join(t.activities, a.id == w.activity_id).outerjoin(
                t.comments, c.id == w.comment_id
            )
        )
        .where(theirs)
        .order_by(w.until)
    )


def opened(p: Person) -> Select[Any]:
    o, a = t.opens.c, t.activities.c
    return (
        select(a.title.label("course"), o.day.label("day"))
        .join_from(t.opens, t.activities, a.id == o.activity_id)
        .where(o.person_id == p.id)
        .order_by(o.day)
    )


def comments(p: Person) -> Select[Any]:
    c = t.comments.c
    return (
        select(
            c.text.label("text"),
            c.at.label("when"),
            c.edited_at.label("edited"),
            c.gone.label("removed"),
        )
        .where(c.person_id == p.id)
        .order_by(c.at)
    )


def cheers(p: Person) -> Select[Any]:
    r, a = t.reactions.c, t.activities.c
    return (
        select(
            r.kind.label("kind"), a.kind.label("for"), a.title.label("about"), r.at.label("when")
        )
        .join_from(t.reactions, t.activities, a.id == r.activity_id)
        .where(r.person_id == p.id)
        .order_by(r.at)
    )


def mentions(p: Person) -> Select[Any]:
    m, a = t.mentions.c, t.activities.c
    return (
        select(a.uid.label("in the item"), m.at.label("when"))
        .join_from(t.mentions, t.activities, a.id == m.activity_id)
        .where(m.person_id == p.id)
        .order_by(m.at)
    )


def reports(p: Person) -> Select[Any]:
    r = t.reports.c
    return (
        select(r.reason.label("reason"), r.at.label("when"), r.settled_at.label("settled"))
        .where(r.reporter_id == p.id)
        .order_by(r.at)
    )


def moderated(p: Person) -> Select[Any]:
    m = t.moderations.c
    return (
        select(m.act.label("decision"), m.reason.label("reason"), m.at.label("when"))
        .where(m.author_id == p.id)
        .order_by(m.at)
    )


def outlets(p: Person) -> Select[Any]:
    d, o, a, m = t.deliveries.c, t.outlets.c, t.activities.c, t.activity_members.c
    named = select(m.activity_id).where(m.person_id == p.id)
    theirs = or_(a.actor_id == p.id, a.behalf_of_id == p.id, a.id.in_(named))
    return (
        select(
            o.name.label("outlet"),
            o.kind.label("kind of outlet"),
            a.kind.label("what"),
            a.title.label("about"),
            d.state.label("state"),
            d.remote_id.label("its id there"),
            d.accepted_at.label("taken by the outlet"),
            d.reason.label("why"),
        )
        .select_from(
            t.deliveries.join(t.outlets, o.id == d.outlet_id).join(
                t.activities, a.id == d.activity_id
            )
        )
        .where(theirs)
        .order_by(d.id)
    )


def taken_back(p: Person) -> Select[Any]:
    w = t.withdrawals.c
    return (
        select(w.cause.label("why"), w.at.label("when"), w.uid.label("receipt"))
        .where(w.person_id == p.id)
        .order_by(w.at)
    )


def follows(p: Person) -> Select[Any]:
    f = t.follows.c
    query = select(f.topic.label("topic"), f.since.label("since"))
    return query.where(f.person_id == p.id).order_by(f.since)


def notices(p: Person) -> Select[Any]:
    n = t.notices.c
    query = select(n.kind.label("of a"), n.at.label("when"), n.read_at.label("read"))
    return query.where(n.person_id == p.id).order_by(n.id)


def notice_letters(p: Person) -> Select[Any]:
    n = t.notice_letters.c
    query = select(
        n.rhythm.label("how often"),
        n.hour.label("at the hour"),
        n.next_at.label("next"),
        n.sent_at.label("last sent"),
        n.problem.label("what went wrong"),
    )
    return query.where(n.person_id == p.id)


def leader_note(p: Person) -> Select[Any]:
    n = t.leader_notes.c
    query = select(
        n.channel.label("by"),
        n.weekday.label("on the weekday"),
        n.hour.label("at the hour"),
        n.next_at.label("next"),
        n.begun_at.label("wanted since"),
        n.left_at.label("last sent"),
        n.left_as.label("as"),
        n.doubt_at.label("sent without an answer"),
        n.nudged_at.label("last nudge"),
        n.nudges.label("nudges in a row"),
        n.problem.label("what went wrong"),
    )
    return query.where(n.person_id == p.id)
