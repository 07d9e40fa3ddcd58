"""A leader's desk: suggestions, shares, plans, questions, delegates. And the pulse."""

from __future__ import annotations

from typing import Any

from bridge import desk, flow, pulse
from bridge.access import delegates
from bridge.delivery import preview as dry
from bridge.errors import BridgeError
from bridge.flow.rehearsing import ShareRehearsal
from bridge.model import Plan, SharedItem, Suggestion, Unfit
from bridge.web import present
from bridge.web.api import shapes
from bridge.web.api.talk import audience_of
from bridge.web.desks import desk_of
from bridge.web.here import bridge, now, viewer
from bridge.web.pulse import EVERY_TEAM

# --- the desk ------------------------------------------------------------------------------------


def show(asked: dict[str, Any]) -> Any:
    """This week's desk."""
    leader, by, _ = desk_of(asked["leader"])
    page = flow.desk_page(bridge().store, bridge().clock, leader, by)
    return {
        "suggestions": [_suggestion(one) for one in page.suggestions],
        "questions": [
            {
                "discussion_id": q.discussion.id,
                "title": q.discussion.title,
                "text": q.discussion.text,
                "url": q.discussion.url,
                "author": q.author,
                "course": q.course,
                "team": q.team_name,
                "waiting_days": q.waiting_days,
            }
            for q in page.questions
        ],
        "shared": [_shared(one) for one in page.shared],
        "plans": [_plan(one) for one in page.plans],
        "teams": page.teams,
        "outlets": page.outlets,
    }


def why(course_id: int) -> Any:
    """The figures behind a suggestion."""
    return flow.why(bridge().store, bridge().clock, viewer(), course_id)[0]


def share(said: dict[str, Any], asked: dict[str, Any]) -> Any:
    """Share a course, or what somebody said, in your own words; it leaves after a minute."""
    leader, by, _ = desk_of(asked["leader"], posts=True)
    wording = {**said, "audience": audience_of(said["audience"])}
    activity = flow.share(bridge().store, bridge().clock, leader, by=by, **wording)
    return {"uid": activity.uid}


def preview(said: dict[str, Any], asked: dict[str, Any]) -> Any:
    """How a share would look."""
    leader, by, _ = desk_of(asked["leader"])
    found = flow.rehearse_share(
        bridge().store,
        bridge().clock,
        leader,
        bridge().publisher,
        bridge().abilities,
        **{**said, "audience": audience_of(said["audience"])},
        link=bridge().link,
        by=by,
    )
    return _seen(found)


def plan(said: dict[str, Any], asked: dict[str, Any]) -> Any:
    """Plan when a share leaves, or keep a draft."""
    at = said.pop("at")
    wording = desk.planning.Wording(
        **{
            **said,
            "audience": audience_of(said["audience"]),
            "outlet_ids": tuple(said["outlet_ids"]),
        }
    )
    leader, by, _ = desk_of(asked["leader"], posts=at is not None)
    if at is not None:
        flow.plan_share(bridge().store, bridge().clock, leader, wording, at, present.zone(), by)
    else:
        with bridge().store.work() as work:
            desk.planning.save(work, leader, wording, now(), by)
    return show(asked)


def unplan(plan_id: int, asked: dict[str, Any]) -> None:
    """Take a share out of the plan; its words stay."""
    leader, by, _ = desk_of(asked["leader"])
    with bridge().store.work() as work:
        desk.planning.unplan(work, leader, plan_id, now(), by)


def put_away(plan_id: int) -> None:
    """Put away what was withdrawn."""
    with bridge().store.work() as work:
        desk.planning.put_away(work, viewer(), plan_id, now())


def undo(uid: str) -> None:
    """Take a share back, here and wherever it went."""
    flow.undo_share(bridge().store, bridge().clock, viewer(), uid)


def later(suggestion_id: int, asked: dict[str, Any]) -> None:
    """Put a suggestion off."""
    leader, _, _ = desk_of(asked["leader"], posts=True)
    with bridge().store.work() as work:
        desk.later(work, leader, suggestion_id, now())


def dismiss(suggestion_id: int, said: dict[str, Any], asked: dict[str, Any]) -> None:
    """Say that a suggestion does not fit, and why."""
    leader, _, _ = desk_of(asked["leader"], posts=True)
    with bridge().store.work() as work:
        kind = Unfit(said["kind"])
        desk.dismiss(work, leader, suggestion_id, said["why"], now(), kind=kind)


def reply(discussion_id: int, said: dict[str, Any]) -> None:
    """Answer a question where it was asked: in the LMS's forum."""
    flow.reply(bridge().store, bridge().clock, viewer(), discussion_id, said["text"])


def _suggestion(one: Suggestion) -> dict[str, Any]:
    about = one.about
    return {
        "id": one.id,
        "name": one.name,
        "state": one.state,
        "course": one.course,
        "about_id": about.id if about else None,
        "about_uid": about.uid if about else None,
        "why_this": one.why_this,
        "why_you": one.why_you,
        "why_now": one.why_now,
        "prompt": one.prompt,
    }


def _shared(one: SharedItem) -> dict[str, Any]:
    return {
        "uid": one.activity.uid,
        "text": one.activity.text,
        "published": one.activity.published,
        "course": one.course,
        "cheers": one.reactions,
        "comments": one.comments,
        "opens": one.opens,
        "enrolments_after": one.enrolments_after,
        "completions_after": one.completions_after,
        "usual_before": one.usual_before,
    }


def _plan(one: Plan) -> dict[str, Any]:
    return {
        **{n: getattr(one, n) for n in ("id", "state", "text", "course_id", "about_id", "at")},
        "suggestion_id": one.suggestion_id,
        "outlet_ids": list(one.outlet_ids),
        "audience": one.audience.key,
        "reason": one.reason,
        "prepared_by": one.by_name,
    }


def _seen(found: ShareRehearsal) -> dict[str, Any]:
    outlets = []
    for at in found.outlets:
        words = dry.worded(at.scene, at.publisher) if at.scene else None
        refused = str(words) if isinstance(words, BridgeError) else at.problem
        fits = words if words is not None and not isinstance(words, BridgeError) else None
        outlets.append(
            {
                "outlet": at.outlet.name,
                "title": fits.title if fits else "",
                "text": fits.text if fits else "",
                "refused": refused,
            }
        )
    return {"item": shapes.item(found.item), "outlets": outlets}


# --- delegates -----------------------------------------------------------------------------------


def delegates_now() -> Any:
    """Who helps you, and whom you help."""
    with bridge().store.reading() as work:
        mine = work.delegates.of(viewer().person_id)
        helped = work.delegates.helped(viewer().person_id)
    return {
        "mine": [{**_helps(one.name, one), "id": one.person_id} for one in mine],
        "helped": [{**_helps(one.name, one), "id": one.leader_id} for one in helped],
    }


def add_delegate(said: dict[str, Any]) -> Any:
    """Name somebody who helps you."""
    me = viewer().person_id
    with bridge().store.work() as work:
        ident = delegates.find(work, viewer(), said["person"])
        delegates.name(work, me, ident, said["may_post"], now(), me)
    return delegates_now()


def change_delegate(person_id: int, said: dict[str, Any]) -> Any:
    """Say whether somebody who helps you may post."""
    me = viewer().person_id
    with bridge().store.work() as work:
        delegates.helping(work, me, person_id)
        delegates.name(work, me, person_id, said["may_post"], now(), me)
    return delegates_now()


def end_delegate(person_id: int) -> None:
    """Somebody helps you no more."""
    with bridge().store.work() as work:
        delegates.end(work, viewer().person_id, person_id, now(), viewer().person_id)


def lay_down(leader_id: int) -> None:
    """You help somebody no more."""
    with bridge().store.work() as work:
        delegates.end(work, leader_id, viewer().person_id, now(), viewer().person_id)


def _helps(name: str, one: Any) -> dict[str, Any]:
    return {"name": name, "may_post": one.may_post, "since": one.since}


# --- the pulse -----------------------------------------------------------------------------------


def pulse_now() -> Any:
    """Eligible, reached, active and engaged, week by week."""
    with bridge().store.reading() as work:
        total = pulse.pulse(work, viewer().connection_id, now())
        teams = pulse.teams(work, viewer().connection_id, now())
    if not viewer().roles & EVERY_TEAM:
        teams = tuple(p for p in teams if p.team and p.team.id in viewer().led_team_ids)
    return {"total": total, "teams": teams}
