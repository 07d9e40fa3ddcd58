"""The shapes of a leader's desk, its delegates and the pulse."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from bridge.model import Unfit
from bridge.web.api import shapes
from bridge.web.api.fields import (
    Asked,
    Flag,
    Ident,
    IdentInJson,
    Moment,
    Words,
    one_of,
    shape,
)


class DeskAsked(Asked):
    """Whose desk."""

    leader = Ident(
        load_default=None, metadata={"description": "The leader whom you help; else your own."}
    )


ReasonShape = shape(
    "Reason",
    "A sentence of figures, and the page that proves it.",
    text=fields.String(required=True),
    link=fields.String(required=True),
)
SuggestionShape = shape(
    "Suggestion",
    "One thing that could be shared this week.",
    id=fields.Integer(required=True),
    name=fields.String(required=True),
    state=fields.String(required=True),
    course=fields.Nested(shapes.CourseShape, required=True, allow_none=True),
    about_id=fields.Integer(required=True, allow_none=True),
    about_uid=fields.String(required=True, allow_none=True),
    why_this=fields.Nested(ReasonShape, required=True),
    why_you=fields.Nested(ReasonShape, required=True),
    why_now=fields.Nested(ReasonShape, required=True),
    prompt=fields.String(required=True),
)
QuestionShape = shape(
    "Question",
    "A question of your people that nobody answered.",
    discussion_id=fields.Integer(required=True),
    title=fields.String(required=True),
    text=fields.String(required=True),
    url=fields.String(required=True),
    author=fields.Nested(shapes.Person, required=True, allow_none=True),
    course=fields.Nested(shapes.CourseShape, required=True),
    team=fields.String(required=True),
    waiting_days=fields.Integer(required=True),
)
SharedShape = shape(
    "Shared",
    "A share, and what became of it; null where a rule hides the number.",
    uid=fields.String(required=True),
    text=fields.String(required=True),
    published=Moment(required=True),
    course=fields.Nested(shapes.CourseShape, required=True, allow_none=True),
    cheers=fields.Integer(required=True),
    comments=fields.Integer(required=True),
    opens=fields.Integer(required=True, allow_none=True),
    enrolments_after=fields.Integer(required=True, allow_none=True),
    completions_after=fields.Integer(required=True, allow_none=True),
    usual_before=fields.Integer(required=True, allow_none=True),
)
PlanShape = shape(
    "Plan",
    "A share that has not left.",
    id=fields.Integer(required=True),
    state=fields.String(required=True),
    text=fields.String(required=True),
    audience=fields.String(required=True),
    course_id=fields.Integer(required=True, allow_none=True),
    about_id=fields.Integer(required=True, allow_none=True),
    suggestion_id=fields.Integer(required=True, allow_none=True),
    outlet_ids=fields.List(fields.Integer(), required=True),
    at=Moment(required=True, allow_none=True),
    reason=fields.String(required=True),
    prepared_by=fields.String(required=True),
)
DeskShape = shape(
    "Desk",
    "This week.",
    suggestions=fields.List(fields.Nested(SuggestionShape), required=True),
    questions=fields.List(fields.Nested(QuestionShape), required=True),
    shared=fields.List(fields.Nested(SharedShape), required=True),
    plans=fields.List(fields.Nested(PlanShape), required=True),
    teams=fields.List(fields.Nested(shapes.Person), required=True),
    outlets=fields.List(fields.Nested(shapes.Person), required=True),
)
SHARING: dict[str, Any] = {
    "text": Words(required=True, least=1),
    "audience": Words(required=True, least=1, most=40, metadata={"example": "team:3"}),
    "course_id": IdentInJson(load_default=None, allow_none=True),
    "about_id": IdentInJson(
        load_default=None,
        allow_none=True,
        metadata={"description": "What it is about, if that is no course: of a suggestion."},
    ),
    "outlet_ids": fields.List(IdentInJson(), load_default=list, validate=validate.Length(max=100)),
    "suggestion_id": IdentInJson(load_default=None, allow_none=True),
}
ShareSaid = shape("ShareSaid", "A share in your own words.", **SHARING)
PlanSaid = shape(
    "PlanSaid",
    "A share, and when it leaves; without that it is kept as a draft.",
    **{**SHARING, "suggestion_id": IdentInJson(required=True)},
    at=Moment(load_default=None, allow_none=True),
)
AtOutlet = shape(
    "AtOutlet",
    "How it would look there.",
    outlet=fields.String(required=True),
    title=fields.String(required=True),
    text=fields.String(required=True),
    refused=fields.String(required=True, metadata={"description": "Why it would not go there."}),
)
ShareSeen = shape(
    "ShareSeen",
    "How it would look; nothing is stored and nothing is sent.",
    item=fields.Nested(shapes.Item, required=True),
    outlets=fields.List(fields.Nested(AtOutlet), required=True),
)
DismissSaid = shape(
    "DismissSaid",
    "Why it does not fit.",
    kind=one_of([kind.value for kind in Unfit], load_default=""),
    why=Words(load_default="", most=500),
)
ReplySaid = shape("ReplySaid", "Your answer.", text=Words(required=True, least=1))
Delegate = shape(
    "Delegate",
    "Somebody who helps a leader.",
    id=fields.Integer(required=True),
    name=fields.String(required=True),
    may_post=fields.Boolean(required=True),
    since=Moment(required=True),
)
Delegates = shape(
    "Delegates",
    "Who helps you, and whom you help.",
    mine=fields.List(fields.Nested(Delegate), required=True),
    helped=fields.List(fields.Nested(Delegate), required=True),
)
DelegateSaid = shape(
    "DelegateSaid",
    "Somebody's whole name, or e-mail address.",
    person=Words(required=True, least=1, most=200),
    may_post=Flag(load_default=False),
)
MayPostSaid = shape("MayPostSaid", "Whether they may post.", may_post=Flag(required=True))
WhyShape = shape(
    "Why",
    "The figures behind a suggestion, counted now; null and empty where nothing may be said.",
    course=fields.Nested(shapes.CourseShape, required=True),
    today=fields.Date(required=True),
    people=fields.Integer(required=True),
    finished=fields.String(required=True),
    recently=fields.String(required=True),
    in_it=fields.String(required=True),
    could=fields.String(required=True),
    site=fields.Integer(required=True),
    all_finished=fields.Integer(required=True, allow_none=True),
    all_enrolled=fields.Integer(required=True, allow_none=True),
    weeks=fields.List(
        fields.Integer(allow_none=True),
        required=True,
        metadata={"description": "Who finished it in each of the last weeks, this one first."},
    ),
    usual=fields.Integer(required=True, allow_none=True),
)
WeekShape = shape(
    "Week",
    "One week, in people.",
    week=fields.Date(required=True),
    eligible=fields.Integer(required=True),
    reached=fields.Integer(required=True),
    active=fields.Integer(required=True),
    engaged=fields.Integer(required=True),
)
GroupShape = shape(
    "Group",
    "Everybody (team is null), or a team; a group that is too small has no weeks.",
    team=fields.Nested(shapes.Person, required=True, allow_none=True),
    hidden=fields.Boolean(required=True),
    weeks=fields.List(fields.Nested(WeekShape), required=True),
)
PulseShape = shape(
    "Pulse",
    "Whether the network is alive.",
    total=fields.Nested(GroupShape, required=True),
    teams=fields.List(fields.Nested(GroupShape), required=True),
)
