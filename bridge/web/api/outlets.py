"""Outlets: what each takes, how much of it and when; what became of what was sent."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from bridge import flow
from bridge.delivery import ledger as deliveries
from bridge.delivery import outlets, pace, settings
from bridge.delivery import preview as dry
from bridge.delivery.pace import Edition
from bridge.delivery.preview import Scene
from bridge.errors import BridgeError
from bridge.model import DeliveryState, LedgerRow, Outlet
from bridge.storage import Work
from bridge.web.api.fields import Asked, Flag, Ident, Moment, Words, one_of, shape
from bridge.web.here import bridge, viewer
from bridge.web.preview import SPANS

A_PAGE = 50

OutletShape = shape(
    "Outlet",
    "Where things are sent. Its secret is never told.",
    id=fields.Integer(required=True),
    name=fields.String(required=True),
    kind=fields.String(required=True),
    audience=fields.String(required=True),
    enabled=fields.Boolean(required=True),
    read_by=fields.String(required=True),
    edits=fields.Boolean(required=True),
    deletes=fields.Boolean(required=True),
    kinds=fields.List(fields.String(), required=True),
    only=fields.List(fields.String(), required=True),
    never=fields.List(fields.String(), required=True),
    pace=fields.String(required=True),
)
SwitchSaid = shape("SwitchSaid", "Whether it is on.", enabled=Flag(required=True))
LINES: dict[str, Any] = {"validate": validate.Length(max=200)}
RulesSaid = shape(
    "OutletRulesSaid",
    "What it takes by itself.",
    kinds=fields.List(one_of(settings.ROUTED), required=True, validate=validate.Length(max=20)),
    only=fields.List(Words(most=255), load_default=list, **LINES),
    never=fields.List(Words(most=255), load_default=list, **LINES),
)
PaceSaid = shape(
    "PaceSaid",
    "How much it takes, and when; what is left out stays as it is.",
    budget=Words(most=20, metadata={"example": "5", "description": "Posts a day, or none."}),
    edition=one_of([str(edition) for edition in Edition]),
    at=Words(most=10, metadata={"example": "16:00"}),
    weekday=Words(most=20, metadata={"example": "friday"}),
    quiet=Words(most=100, metadata={"example": "18:00-08:00"}),
    weekends=one_of(["yes", "no"]),
    zone=Words(most=60, metadata={"example": "Europe/Berlin"}),
    per_minute=Words(most=10),
)
DeliveryShape = shape(
    "Delivery",
    "One thing at one outlet.",
    id=fields.Integer(required=True),
    outlet=fields.String(required=True),
    what=fields.String(required=True),
    state=fields.String(required=True),
    reason=fields.String(required=True),
    attempts=fields.Integer(required=True),
    due_at=Moment(required=True, allow_none=True),
    accepted_at=Moment(required=True, allow_none=True),
)
LedgerShape = shape(
    "Ledger",
    "Deliveries, the newest first.",
    items=fields.List(fields.Nested(DeliveryShape), required=True),
    counts=fields.Dict(keys=fields.String(), values=fields.Integer(), required=True),
    before=fields.Integer(required=True, allow_none=True),
)
RetrySaid = shape(
    "RetrySaid",
    "Whether also where it may be shown already, and cannot be asked.",
    anyway=Flag(load_default=False),
)
Retried = shape("Retried", "How many.", count=fields.Integer(required=True))
SceneShape = shape(
    "Scene",
    "One thing that it would be told.",
    at=Moment(required=True),
    step=fields.String(required=True),
    title=fields.String(required=True),
    text=fields.String(required=True),
    refused=fields.String(required=True),
)
PreviewShape = shape(
    "Preview",
    "What it would be told in the coming days, and what the last ones would have looked like.",
    pace=fields.String(required=True),
    coming=fields.List(fields.Nested(SceneShape), required=True),
    replayed=fields.List(fields.Nested(SceneShape), required=True),
)


class LedgerAsked(Asked):
    """Which deliveries."""

    before = Ident()
    state = one_of([state.value for state in DeliveryState])
    outlet = Ident()


class OutletAsked(Asked):
    """Of which outlet; else of all."""

    outlet = Ident()


class PreviewAsked(Asked):
    """How many days."""

    days = one_of(SPANS, load_default=str(flow.DAYS))


def show() -> Any:
    """Every outlet."""
    mine = viewer().connection_id
    with bridge().store.reading() as work:
        readers = outlets.read_by(work, mine)
        return {"items": [_outlet(work, one, readers) for one in outlets.of(work, mine)]}


def one(outlet_id: int) -> Any:
    """One outlet."""
    mine = viewer().connection_id
    with bridge().store.reading() as work:
        return _outlet(work, outlets.get(work, mine, outlet_id), outlets.read_by(work, mine))


def switch(outlet_id: int, said: dict[str, Any]) -> Any:
    """Switch an outlet on or off. One that is off still takes back what has to go."""
    store, clock, me = bridge().store, bridge().clock, viewer()
    enabled = said["enabled"]
    flow.switch_outlet(store, clock, me.connection_id, outlet_id, enabled, by=me.person_id)
    return one(outlet_id)


def set_rules(outlet_id: int, said: dict[str, Any]) -> Any:
    """Say what an outlet takes by itself."""
    store, clock, me = bridge().store, bridge().clock, viewer()
    flow.set_outlet_rules(store, clock, me.connection_id, outlet_id, **said, by=me.person_id)
    return one(outlet_id)


def set_pace(outlet_id: int, said: dict[str, Any]) -> Any:
    """Say how much an outlet takes, and when."""
    store, clock, me = bridge().store, bridge().clock, viewer()
    flow.set_outlet_pace(store, clock, me.connection_id, outlet_id, said, by=me.person_id)
    return one(outlet_id)


def preview(outlet_id: int, asked: dict[str, Any]) -> Any:
    """What an outlet would be told; nothing is stored and nothing is sent."""
    mine = viewer().connection_id
    with bridge().store.reading() as work:
        outlets.get(work, mine, outlet_id)
    (found,) = flow.preview(
        bridge().store,
        bridge().clock,
        mine,
        bridge().publisher,
        bridge().abilities,
        link=bridge().link,
        outlet_ids=[outlet_id],
        viewer=viewer(),
        days=int(asked["days"]),
    )
    return {
        "pace": pace.in_words(found.pace),
        "coming": [_scene(scene, found.publisher) for scene in found.coming.scenes],
        "replayed": [_scene(scene, found.publisher) for scene in found.replayed.scenes],
    }


def ledger(asked: dict[str, Any]) -> Any:
    """What became of what was sent."""
    mine, before, only = viewer().connection_id, asked.get("before"), asked.get("outlet")
    state = DeliveryState(asked["state"]) if "state" in asked else None
    with bridge().store.reading() as work:
        rows = deliveries.page(work, mine, before, A_PAGE, state, only)
        counts = deliveries.counts(work, mine, only)
    return {
        "items": [_delivery(row) for row in rows],
        "counts": {state.value: count for state, count in counts.items()},
        "before": rows[-1].delivery.id if len(rows) == A_PAGE else None,
    }


def retry(delivery_id: int, said: dict[str, Any]) -> None:
    """Try a delivery again with the next run."""
    store, clock, me = bridge().store, bridge().clock, viewer()
    anyway = said["anyway"]
    flow.retry_delivery(store, clock, me.connection_id, delivery_id, anyway=anyway, by=me.person_id)


def retry_all(asked: dict[str, Any]) -> Any:
    """Try everything again that was given up."""
    store, clock, me = bridge().store, bridge().clock, viewer()
    only = asked.get("outlet")
    return {"count": flow.retry_deliveries(store, clock, me.connection_id, only, by=me.person_id)}


def _outlet(work: Work, outlet: Outlet, readers: Any) -> dict[str, Any]:
    able, written = bridge().abilities(outlet), settings.written(work, outlet)
    return {
        "id": outlet.id,
        "name": outlet.name,
        "kind": outlet.kind,
        "audience": outlet.audience.key,
        "enabled": outlet.enabled,
        "read_by": readers[outlet.id],
        "edits": able.edit,
        "deletes": able.delete,
        "kinds": written.kinds,
        "only": written.only,
        "never": written.never,
        "pace": pace.in_words(pace.of(outlet)),
    }


def _delivery(row: LedgerRow) -> dict[str, Any]:
    its = row.delivery
    return {
        **{n: getattr(its, n) for n in ("id", "reason", "attempts", "due_at", "accepted_at")},
        "outlet": row.outlet_name,
        "what": row.what,
        "state": its.state.value,
    }


def _scene(scene: Scene, publisher: Any) -> dict[str, Any]:
    words = dry.worded(scene, publisher)
    if isinstance(words, BridgeError):
        return {"at": scene.at, "step": scene.step, "title": "", "text": "", "refused": str(words)}
    return {
        "at": scene.at,
        "step": scene.step,
        "title": words.title,
        "text": words.text,
        "refused": "",
    }
