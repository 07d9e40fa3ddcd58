"""What is kept of a person by the LMS, the desk and the door, a statement each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, case, or_, select

from bridge.model import Person
from bridge.storage import tables as t


def person(p: Person) -> Select[Any]:
    c = t.people.c
    return select(
        c.lms_id.label("id in the LMS"),
        c.name.label("name"),
        c.username.label("user name"),
        c.email.label("e-mail address"),
        c.photo_url.label("picture"),
        c.timezone.label("time zone"),
        c.language.label("language"),
        c.department.label("department"),
        c.last_access_at.label("last seen in the LMS"),
        c.suspended.label("suspended in the LMS"),
        c.never_named.label("never named, whatever was chosen"),
        c.detailed_at.label("last read from the LMS"),
        c.asked_at.label("question of the first visit put aside"),
    ).where(c.id == p.id)


def choice(p: Person) -> Select[Any]:
    c = t.consents.c
    return select(
        c.choice.label("who may see the name"),
        c.decided_at.label("since"),
        c.origin.label("decided by"),
    ).where(c.person_id == p.id)


def choices(p: Person) -> Select[Any]:
    c, k, s = t.consent_log.c, t.completions.c, t.courses.c
    return (
        select(
            c.choice.label("choice"),
            c.at.label("when"),
            c.origin.label("by"),
            c.address.label("from the network address"),
            s.name.label("about the course"),
        )
        .select_from(
            t.consent_log.outerjoin(t.completions, k.id == c.completion_id).outerjoin(
                t.courses, s.id == k.course_id
            )
        )
        .where(c.person_id == p.id)
        .order_by(c.id)
    )


def teams(p: Person) -> Select[Any]:
    m, g = t.memberships.c, t.teams.c
    # A team by job assignment bears its manager's name.
    name = case((g.manager_lms_id.is_not(None), "the team of a manager"), else_=g.name)
    query = select(name.label("team")).join_from(t.memberships, t.teams, g.id == m.team_id)
    return query.where(m.person_id == p.id)


def leads(p: Person) -> Select[Any]:
    m, g = t.leaders.c, t.teams.c
    query = select(g.name.label("team"), m.origin.label("by"))
    return query.join_from(t.leaders, t.teams, g.id == m.team_id).where(m.person_id == p.id)


def roles(p: Person) -> Select[Any]:
    return select(t.roles.c.role.label("role"), t.roles.c.origin.label("by")).where(
        t.roles.c.person_id == p.id
    )


def courses(p: Person) -> Select[Any]:
    e, c = t.enrolments.c, t.courses.c
    return (
        select(
            c.name.label("course"),
            e.first_seen_at.label("first seen there"),
            e.last_access_at.label("last opened"),
            e.gone.label("left"),
        )
        .join_from(t.enrolments, t.courses, c.id == e.course_id)
        .where(e.person_id == p.id)
        .order_by(c.name)
    )


def completions(p: Person) -> Select[Any]:
    k, c = t.completions.c, t.courses.c
    return (
        select(
            c.name.label("course"),
            k.completed_at.label("finished"),
            k.dated.label("the LMS gave the date"),
            k.seen_at.label("seen by the bridge"),
            k.renewals.label("renewals"),
            k.history.label("from before the bridge"),
            k.revoked.label("taken back by the LMS"),
            k.hidden.label("hidden by the person"),
        )
        .join_from(t.completions, t.courses, c.id == k.course_id)
        .where(k.person_id == p.id)
        .order_by(k.completed_at)
    )


def discussions(p: Person) -> Select[Any]:
    d, c = t.discussions.c, t.courses.c
    return (
        select(
            d.title.label("title"),
            d.text.label("text"),
            c.name.label("course"),
            d.created_at.label("written"),
            d.url.label("address"),
            d.replies.label("answers"),
        )
        .join_from(t.discussions, t.courses, c.id == d.course_id)
        .where(d.author_id == p.id)
        .order_by(d.created_at)
    )


def suggestions(p: Person) -> Select[Any]:
    s, c, a = t.suggestions.c, t.courses.c, t.activities.c
    return (
        select(
            c.name.label("course"),
            a.kind.label("or about"),
            s.week.label("week"),
            s.state.label("state"),
            s.decided_at.label("decided"),
            s.decided_kind.label("because"),
            s.decided_why.label("why"),
        )
        .select_from(t.suggestions)
        .outerjoin(t.courses, c.id == s.course_id)
        .outerjoin(t.activities, a.id == s.about_id)
        .where(s.leader_id == p.id)
        .order_by(s.week)
    )


def plans(p: Person) -> Select[Any]:
    n, c, a = t.plans.c, t.courses.c, t.activities.c
    return (
        select(
            c.name.label("course"),
            a.kind.label("or about"),
            n.text.label("text"),
            n.audience.label("for"),
            n.at.label("at"),
            n.state.label("state"),
        )
        .select_from(t.plans)
        .outerjoin(t.courses, c.id == n.course_id)
        .outerjoin(t.activities, a.id == n.about_id)
        .where(n.leader_id == p.id)
        .order_by(n.id)
    )


def prepared(p: Person) -> Select[Any]:
    n, c = t.plans.c, t.courses.c
    return (
        select(
            c.name.label("course"), n.text.label("text"), n.at.label("at"), n.state.label("state")
        )
        .join_from(t.plans, t.courses, c.id == n.course_id)
        .where(n.by_id == p.id)
        .order_by(n.id)
    )


def helpers(p: Person) -> Select[Any]:
    d = t.delegates.c
    query = select(d.may_post.label("may post"), d.since.label("since"))
    return query.where(d.leader_id == p.id).order_by(d.since)


def helps(p: Person) -> Select[Any]:
    d = t.delegates.c
    query = select(d.may_post.label("may post"), d.since.label("since"))
    return query.where(d.person_id == p.id).order_by(d.since)


def days(p: Person) -> Select[Any]:
    d = t.presence.c
    query = select(
        d.day.label("day"), d.active.label("did something"), d.engaged.label("said something")
    )
    return query.where(d.person_id == p.id).order_by(d.day)


def read_to(p: Person) -> Select[Any]:
    r = t.reading_places.c
    query = select(r.seen_published.label("read up to"), r.seen_at.label("when"))
    return query.where(r.person_id == p.id)


def links(p: Person) -> Select[Any]:
    s = t.sign_in_links.c
    query = select(
        s.issued_at.label("made"), s.expires_at.label("good until"), s.used_at.label("used")
    )
    return query.where(s.person_id == p.id).order_by(s.issued_at)


def sessions(p: Person) -> Select[Any]:
    s = t.sessions.c
    query = select(
        s.started_at.label("began"),
        s.expires_at.label("good until"),
        s.ended_at.label("ended"),
        s.browser.label("browser"),
    )
    return query.where(s.person_id == p.id).order_by(s.started_at)


def feeds(p: Person) -> Select[Any]:
    f = t.feed_links.c
    query = select(
        f.name.label("app"),
        f.made_at.label("made"),
        f.used_at.label("last read"),
        f.revoked_at.label("revoked"),
    )
    return query.where(f.person_id == p.id).order_by(f.made_at)


def subjects(p: Person) -> Select[Any]:
    s = t.oidc_subjects.c
    query = select(s.issuer.label("at"), s.sub.label("known as"), s.made_at.label("since"))
    return query.where(s.person_id == p.id).order_by(s.made_at)


def tokens(p: Person) -> Select[Any]:
    a = t.api_tokens.c
    query = select(
        a.name.label("program"),
        a.scopes.label("may"),
        a.made_at.label("made"),
        a.expires_at.label("good until"),
        a.used_at.label("last used"),
        a.revoked_at.label("revoked"),
    )
    return query.where(a.person_id == p.id).order_by(a.made_at)


def answers(p: Person) -> Select[Any]:
    a = t.api_answers.c
    query = select(a.at.label("asked"), a.status.label("status"), a.body.label("answer"))
    return query.where(a.person_id == p.id).order_by(a.at)


def letters(p: Person) -> Select[Any]:
    u, o = t.outlet_unsubscribed.c, t.outlets.c
    return (
        select(o.name.label("outlet"), u.address.label("address"), u.at.label("unsubscribed"))
        .join_from(t.outlet_unsubscribed, t.outlets, o.id == u.outlet_id)
        .where(u.address == (p.email or "").lower(), o.connection_id == p.connection_id)
    )


def log(p: Person) -> Select[Any]:
    log = t.audit.c
    mentioned = or_(log.subject == str(p.id), log.subject.endswith(f": {p.id}"))
    # Whom else an act was about is theirs, not this person's.
    by = case((log.person_id == p.id, "the person"), else_="an admin")
    return (
        select(log.at.label("when"), log.act.label("what"), by.label("by"))
        .where(or_(log.person_id == p.id, mentioned))
        .order_by(log.id)
    )
