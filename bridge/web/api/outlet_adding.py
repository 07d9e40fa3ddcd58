"""Outlets: which kinds there are and what each asks, adding one, and taking one out."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from bridge import flow
from bridge.delivery import settings
from bridge.delivery.outlets import LONGEST_NAME
from bridge.errors import InputError
from bridge.model import Audience
from bridge.outlets.kinds import KINDS
from bridge.outlets.questions import ASKED, LONGEST_ANSWER, Question
from bridge.web import outlet_adding
from bridge.web.api import outlets
from bridge.web.api.fields import Flag, Words, one_of, shape
from bridge.web.here import bridge, viewer

QuestionShape = shape(
    "OutletQuestion",
    "One thing that is asked of who adds an outlet.",
    name=fields.String(required=True),
    label=fields.String(required=True),
    how=fields.String(required=True),
    example=fields.String(required=True),
    needed=fields.Boolean(required=True),
)
KindShape = shape(
    "OutletKind",
    "A kind of outlet.",
    kind=fields.String(required=True),
    label=fields.String(required=True),
    reaches=fields.String(required=True),
    limit=fields.String(required=True),
    edits=fields.Boolean(required=True),
    deletes=fields.Boolean(required=True),
    questions=fields.List(fields.Nested(QuestionShape), required=True),
    secret=fields.String(
        required=True, metadata={"description": "What its secret is; empty if it has none."}
    ),
)
OutletSaid = shape(
    "OutletSaid",
    "An outlet to be added. The answers are to the questions of its kind, by their names; several"
    " addresses stand in lines of their own.",
    name=Words(least=1, most=LONGEST_NAME, required=True),
    kind=one_of(list(KINDS), required=True),
    audience=Words(
        most=40,
        required=True,
        metadata={"example": "everyone:1", "description": "Who reads there."},
    ),
    answers=fields.Dict(keys=Words(most=40), values=Words(most=LONGEST_ANSWER), load_default=dict),
    secret=Words(most=LONGEST_ANSWER, load_default=""),
    kinds=fields.List(one_of(settings.ROUTED), load_default=list, validate=validate.Length(max=20)),
    enabled=Flag(load_default=False),
)


def kinds() -> Any:
    """Every kind of outlet, and what is asked of who adds one."""
    return {"items": [_kind(word) for word in KINDS]}


def add(said: dict[str, Any]) -> Any:
    """Add an outlet; it is off unless you say otherwise. A secret is never told again, so none is
    made here: a webhook's has to be sent along.
    """
    secret = ASKED[said["kind"]].secret
    if secret and not said["secret"].strip():
        raise InputError(f"{secret.label} is missing.", "Send it as the secret.")
    try:
        audience = Audience.of(said["audience"])
    except ValueError as error:
        raise InputError(
            "That audience is none.", "Write it as an outlet has it: everyone:1 or team:7."
        ) from error
    made = outlet_adding.make(
        said["kind"],
        said["name"],
        audience,
        said["answers"],
        said["secret"],
        said["kinds"],
        said["enabled"],
    )
    return outlets.one(made.id)


def remove(outlet_id: int) -> None:
    """Take an outlet out where nothing of it stands any more."""
    store, clock, me = bridge().store, bridge().clock, viewer()
    flow.remove_outlet(store, clock, me.connection_id, outlet_id, by=me.person_id)


def _kind(word: str) -> dict[str, Any]:
    kind, asked = KINDS[word], ASKED[word]
    return {
        "kind": word,
        "label": kind.label,
        "reaches": kind.reaches,
        "limit": kind.limit,
        "edits": kind.abilities.edit,
        "deletes": kind.abilities.delete,
        "questions": [_question(one) for one in asked.questions],
        "secret": asked.secret.label if asked.secret else "",
    }


def _question(question: Question) -> dict[str, Any]:
    names = ("name", "label", "how", "example", "needed")
    return {name: getattr(question, name) for name in names}
