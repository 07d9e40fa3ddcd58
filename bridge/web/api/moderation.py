"""A moderator's queue, and deciding about it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge import flow
from bridge.feed import moderate
from bridge.model import Case
from bridge.web.api import shapes
from bridge.web.api.fields import IdentInJson, Moment, Words, one_of, shape
from bridge.web.here import bridge, viewer

CaseShape = shape(
    "Case",
    "What was reported or hidden.",
    activity_id=fields.Integer(required=True),
    comment_id=fields.Integer(required=True, allow_none=True),
    uid=fields.String(required=True),
    kind=fields.String(required=True),
    author=fields.Nested(shapes.Person, required=True, allow_none=True),
    title=fields.String(required=True),
    text=fields.String(required=True),
    at=Moment(required=True),
    reasons=fields.List(fields.String(), required=True),
    since=Moment(required=True, allow_none=True),
    hidden_because=fields.String(required=True, allow_none=True),
)
QueueShape = shape(
    "Queue",
    "What waits for a decision, the longest first; and what is hidden.",
    waiting=fields.List(fields.Nested(CaseShape), required=True),
    hidden=fields.List(fields.Nested(CaseShape), required=True),
)
DecisionSaid = shape(
    "DecisionSaid",
    "What becomes of it, and why.",
    act=one_of(["hide", "keep", "restore"], required=True),
    activity_id=IdentInJson(required=True),
    comment_id=IdentInJson(load_default=None, allow_none=True),
    reason=Words(required=True, most=moderate.LONGEST_REASON),
)
ACTS = {"hide": flow.hide_words, "keep": flow.keep_words, "restore": flow.restore_words}


def queue() -> Any:
    """What was reported, and what is hidden."""
    with bridge().store.reading() as work:
        found = moderate.queue(work, viewer())
    return {
        "waiting": [_case(case) for case in found.waiting],
        "hidden": [_case(case) for case in found.hidden],
    }


def decide(said: dict[str, Any]) -> Any:
    """Hide it, let it stand, or show it again; its author is told."""
    thing = (said["activity_id"], said["comment_id"])
    ACTS[said["act"]](bridge().store, bridge().clock, viewer(), thing, said["reason"])
    return queue()


def _case(case: Case) -> dict[str, Any]:
    words = case.words
    return {
        **{n: getattr(words, n) for n in ("activity_id", "comment_id", "uid", "kind", "author")},
        **{n: getattr(words, n) for n in ("title", "text", "at")},
        "reasons": case.reasons,
        "since": case.since,
        "hidden_because": case.decision.reason if case.decision else None,
    }
