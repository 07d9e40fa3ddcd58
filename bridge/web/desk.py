"""The desk: a leader's five minutes a week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from bridge import desk, flow
from bridge.delivery.routing import reaches
from bridge.errors import InputError
from bridge.model import Audience, AudienceKind, Kind, Plan, PlanState, Unfit, Viewer
from bridge.storage.delegates import Help
from bridge.web import present
from bridge.web.desks import desk_of
from bridge.web.faces import face
from bridge.web.here import attempt, bridge, chosen_audience, now, viewer
from bridge.web.table import LARGEST_ID


def show() -> Any:
    """This week's suggestions, the questions nobody answered, and my shares."""
    if not viewer().is_leader and "leader" not in request.values:
        return redirect(_first_desk(), 303)
    leader, by, helps = _whose()
    page = flow.desk_page(bridge().store, bridge().clock, leader, by)
    fresh = [s for s in page.shared if now() - s.activity.published < flow.UNDO]
    everyone = Audience(AudienceKind.EVERYONE, leader.connection_id)
    audiences = [Audience(AudienceKind.TEAM, team.id) for team in page.teams] + [everyone]
    told_to = {s.about.audience for s in page.suggestions if s.about is not None}
    audiences += sorted(told_to - set(audiences), key=lambda audience: audience.key)
    fits = {
        o.id: [a.key for a in audiences if reaches(Kind.SHARE, a, o, chosen=True)]
        for o in page.outlets
    }
    with bridge().store.reading() as work:
        good = desk.planning.proposal(work, leader, present.zone(), now())
        desks = work.delegates.helped(viewer().person_id) if viewer().helped_ids else ()
    return render_template(
        "desk.html",
        desk=page,
        fresh=fresh,
        undo_for=flow.UNDO,
        fits=fits,
        good=good.astimezone(present.zone()) if good else None,
        drafts=_drafts(page.plans, by),
        acting=helps,
        leader=leader,
        desks=desks,
    )


def _drafts(plans: Sequence[Plan], by: Viewer | None) -> dict[int | None, Plan]:
    """What was begun for each suggestion: one's own words go before what a delegate prepared."""
    own = by.person_id if by else None
    begun = [p for p in plans if p.state is PlanState.DRAFT]
    return {p.suggestion_id: p for p in sorted(begun, key=lambda p: p.by_id == own)}


def _whose(*, posts: bool = False) -> tuple[Viewer, Viewer | None, Help | None]:
    return desk_of(request.values.get("leader", type=int), posts=posts)


def _first_desk() -> str:
    """Where somebody who leads nobody finds a desk: that of the first leader who is here."""
    with bridge().store.reading() as work:
        here = [one for one in work.delegates.helped(viewer().person_id) if not one.away]
    if not here:
        return url_for("delegates.show")
    return url_for("desk.show", leader=here[0].leader_id)


def _back() -> str:
    """The desk that the request was about."""
    ident = request.values.get("leader", type=int)
    own = ident is None or ident == viewer().person_id
    return url_for("desk.show") if own else url_for("desk.show", leader=ident)


def why(course_id: int) -> Any:
    """The figures behind a suggestion, counted anew."""
    found, questions = flow.why(bridge().store, bridge().clock, viewer(), course_id)
    most = max((count or 0 for count in found.weeks), default=0)
    begins = [found.today - timedelta(days=7 * week + 6) for week in range(len(found.weeks))]
    weeks = list(zip(begins, found.weeks, strict=True))
    return render_template("why.html", f=found, questions=questions, weeks=weeks, most=most)


def share() -> Any:
    """Share a course, or what somebody said, in the leader's own words."""
    form = request.form

    def act() -> None:
        leader, by, _ = _whose(posts=True)
        flow.share(
            bridge().store,
            bridge().clock,
            leader,
            by=by,
            **_subject(),
            text=form.get("text", ""),
            audience=chosen_audience(),
            outlet_ids=_ticked_outlets(),
            suggestion_id=_id("suggestion_id") if "suggestion_id" in form else None,
        )

    name = f"suggestion-{form.get('suggestion_id', '')}"
    return attempt(name, act, show, _back())


def preview() -> Any:
    """How the share would look, in the feed and at each chosen outlet; nothing is stored."""
    form, found = request.form, []

    def act() -> None:
        leader, by, _ = _whose()
        found.append(
            flow.rehearse_share(
                bridge().store,
                bridge().clock,
                leader,
                bridge().publisher,
                bridge().abilities,
                **_subject(),
                text=form.get("text", ""),
                audience=chosen_audience(),
                outlet_ids=_ticked_outlets(),
                suggestion_id=_id("suggestion_id"),
                link=bridge().link,
                by=by,
            )
        )

    name = f"suggestion-{form.get('suggestion_id', '')}"
    refused = attempt(name, act, show, _back())
    if not found:
        return refused
    zone = present.zone()
    faces = [
        (at, face(at.scene, at.publisher, at.abilities, zone) if at.scene else None)
        for at in found[0].outlets
    ]
    return render_template("share_preview.html", seen=found[0], faces=faces, form=form)


def plan() -> Any:
    """Plan when a share leaves."""
    form = request.form

    def act() -> None:
        leader, by, _ = _whose(posts=True)
        planned = flow.plan_share(
            bridge().store, bridge().clock, leader, _wording(), _moment(), present.zone(), by
        )
        flash(gettext("Planned for %(at)s.", at=present.exact(planned.at or now())))

    return attempt(f"suggestion-{form.get('suggestion_id', '')}", act, show, _back())


def save() -> Any:
    """Keep what was written so far."""

    def act() -> None:
        leader, by, _ = _whose()
        with bridge().store.work() as work:
            desk.planning.save(work, leader, _wording(), now(), by)
        if by:
            flash(gettext("Kept. %(name)s finds it at the desk.", name=leader.name))
        else:
            flash(gettext("Kept. Only you see it."))

    name = f"suggestion-{request.form.get('suggestion_id', '')}"
    return attempt(name, act, show, _back())


def unplan(plan_id: int) -> Any:
    """Take a share out of the plan; its words stay."""
    leader, by, _ = _whose()
    with bridge().store.work() as work:
        desk.planning.unplan(work, leader, plan_id, now(), by)
    flash(gettext("Not planned any more. Your words are kept with the suggestion."))
    return redirect(_back(), 303)


def put_away(plan_id: int) -> Any:
    """Put away what was withdrawn."""
    with bridge().store.work() as work:
        desk.planning.put_away(work, viewer(), plan_id, now())
    return redirect(url_for("desk.show"), 303)


def undo(uid: str) -> Any:
    """Take a share back, here and wherever it went."""
    flow.undo_share(bridge().store, bridge().clock, viewer(), uid)
    flash(gettext("Taken back. Nobody sees it any more."))
    return redirect(_back(), 303)


def later(suggestion_id: int) -> Any:
    """Put a suggestion off."""
    leader, _, _ = _whose(posts=True)
    with bridge().store.work() as work:
        desk.later(work, leader, suggestion_id, now())
    return redirect(_back(), 303)


def dismiss(suggestion_id: int) -> Any:
    """Say that a suggestion does not fit, and why."""
    leader, _, _ = _whose(posts=True)
    with bridge().store.work() as work:
        desk.dismiss(work, leader, suggestion_id, request.form.get("why", ""), now(), kind=_unfit())
    flash(gettext("Thank you. It will not be suggested again soon."))
    return redirect(_back(), 303)


def reply(discussion_id: int) -> Any:
    """Answer a question where it was asked: in the LMS's forum."""

    def act() -> None:
        text = request.form.get("text", "")
        flow.reply(bridge().store, bridge().clock, viewer(), discussion_id, text)
        flash(gettext("Your answer is on its way into the forum."))

    return attempt(f"question-{discussion_id}", act, show, url_for("desk.show"))


def _ticked_outlets() -> list[int]:
    """The outlets that the form ticks. The page offers those that fit the chosen audience; without
    JavaScript it cannot take back what was ticked for another one, and the flow refuses that."""
    return sorted({int(o) for o in request.form.getlist("outlet") if _is_id(o)})


def _unfit() -> Unfit:
    try:
        return Unfit(request.form.get("kind", ""))
    except ValueError:
        return Unfit.OTHER  # Whatever was sent, the leader does not want it.


def _wording() -> desk.planning.Wording:
    return desk.planning.Wording(
        **_subject(),
        text=request.form.get("text", ""),
        audience=chosen_audience(),
        outlet_ids=tuple(_ticked_outlets()),
        suggestion_id=_id("suggestion_id"),
    )


def _subject() -> dict[str, Any]:
    """What the form is about: a course or an activity of the feed."""
    if "about_id" in request.form:
        return {"course_id": None, "about_id": _id("about_id")}
    return {"course_id": _id("course_id")}


def _moment() -> datetime:
    """The moment that the form names, by the clock of whoever filled it in."""
    try:
        local = datetime.fromisoformat(request.form.get("at", ""))
        return local.replace(tzinfo=present.zone()).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # The last day of all is over in UTC.
        raise InputError("No time is chosen.", "Choose a day and a time.") from error


def _id(field: str) -> int:
    value = request.form.get(field, "")
    if not _is_id(value):
        raise InputError("The form was not whole.", "Reload the page and try again.")
    return int(value)


def _is_id(value: str) -> bool:
    """Whether it can be an id of ours: ten digits hold every one of them."""
    return value.isdecimal() and len(value) <= 10 and int(value) <= LARGEST_ID
