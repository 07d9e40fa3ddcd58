"""The desk: a leader's five minutes a week."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from bridge import desk, flow
from bridge.delivery.routing import reaches
from bridge.errors import InputError
from bridge.model import Audience, AudienceKind, Kind, PlanState, Unfit
from bridge.web import present
from bridge.web.here import attempt, bridge, chosen_audience, now, viewer
from bridge.web.table import LARGEST_ID


def show() -> Any:
    """This week's suggestions, the questions nobody answered, and my shares."""
    page = flow.desk_page(bridge().store, bridge().clock, viewer())
    fresh = [s for s in page.shared if now() - s.activity.published < flow.UNDO]
    everyone = Audience(AudienceKind.EVERYONE, viewer().connection_id)
    audiences = [Audience(AudienceKind.TEAM, team.id) for team in page.teams] + [everyone]
    told_to = {s.about.audience for s in page.suggestions if s.about is not None}
    audiences += sorted(told_to - set(audiences), key=lambda audience: audience.key)
    fits = {
        o.id: [a.key for a in audiences if reaches(Kind.SHARE, a, o, chosen=True)]
        for o in page.outlets
    }
    with bridge().store.reading() as work:
        good = desk.planning.proposal(work, viewer(), present.zone(), now())
    return render_template(
        "desk.html",
        desk=page,
        fresh=fresh,
        undo_for=flow.UNDO,
        fits=fits,
        good=good.astimezone(present.zone()) if good else None,
        drafts={p.suggestion_id: p for p in page.plans if p.state is PlanState.DRAFT},
    )


def share() -> Any:
    """Share a course, or what somebody said, in the leader's own words."""
    form = request.form

    def act() -> None:
        flow.share(
            bridge().store,
            bridge().clock,
            viewer(),
            **_subject(),
            text=form.get("text", ""),
            audience=chosen_audience(),
            outlet_ids=_ticked_outlets(),
            suggestion_id=_id("suggestion_id") if "suggestion_id" in form else None,
        )

    name = f"suggestion-{form.get('suggestion_id', '')}"
    return attempt(name, act, show, url_for("desk.show"))


def plan() -> Any:
    """Plan when a share leaves."""
    form = request.form

    def act() -> None:
        planned = flow.plan_share(
            bridge().store, bridge().clock, viewer(), _wording(), _moment(), present.zone()
        )
        flash(gettext("Planned for %(at)s.", at=present.exact(planned.at or now())))

    return attempt(f"suggestion-{form.get('suggestion_id', '')}", act, show, url_for("desk.show"))


def save() -> Any:
    """Keep what was written so far."""

    def act() -> None:
        with bridge().store.work() as work:
            desk.planning.save(work, viewer(), _wording(), now())
        flash(gettext("Kept. Only you see it."))

    name = f"suggestion-{request.form.get('suggestion_id', '')}"
    return attempt(name, act, show, url_for("desk.show"))


def unplan(plan_id: int) -> Any:
    """Take a share out of the plan; its words stay."""
    with bridge().store.work() as work:
        desk.planning.unplan(work, viewer(), plan_id, now())
    flash(gettext("Not planned any more. Your words are kept with the suggestion."))
    return redirect(url_for("desk.show"), 303)


def put_away(plan_id: int) -> Any:
    """Put away what was withdrawn."""
    with bridge().store.work() as work:
        desk.planning.put_away(work, viewer(), plan_id, now())
    return redirect(url_for("desk.show"), 303)


def undo(uid: str) -> Any:
    """Take a share back, here and wherever it went."""
    flow.undo_share(bridge().store, bridge().clock, viewer(), uid)
    flash(gettext("Taken back. Nobody sees it any more."))
    return redirect(url_for("desk.show"), 303)


def later(suggestion_id: int) -> Any:
    """Put a suggestion off."""
    with bridge().store.work() as work:
        desk.later(work, viewer(), suggestion_id, now())
    return redirect(url_for("desk.show"), 303)


def dismiss(suggestion_id: int) -> Any:
    """Say that a suggestion does not fit, and why."""
    with bridge().store.work() as work:
        desk.dismiss(
            work, viewer(), suggestion_id, request.form.get("why", ""), now(), kind=_unfit()
        )
    flash(gettext("Thank you. It will not be suggested to you again soon."))
    return redirect(url_for("desk.show"), 303)


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
    except ValueError as error:
        raise InputError("No time is chosen.", "Choose a day and a time.") from error
    return local.replace(tzinfo=present.zone()).astimezone(UTC)


def _id(field: str) -> int:
    value = request.form.get(field, "")
    if not _is_id(value):
        raise InputError("The form was not whole.", "Reload the page and try again.")
    return int(value)


def _is_id(value: str) -> bool:
    """Whether it can be an id of ours: ten digits hold every one of them."""
    return value.isdecimal() and len(value) <= 10 and int(value) <= LARGEST_ID
