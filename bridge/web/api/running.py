"""How it runs: syncs, the doctor, the log of acts, LTI platforms, erasing somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields

from bridge import flow
from bridge.access import audit, lti, people
from bridge.consent import receipts
from bridge.sync import health
from bridge.web import checkup
from bridge.web.api import me
from bridge.web.api.fields import Asked, Ident, IdentInJson, Moment, Words, one_of, shape
from bridge.web.here import bridge, now, viewer

A_PAGE = 30
ACTS = 50

StreamShape = shape(
    "Stream",
    "What one stream of a sync cost and found.",
    stream=fields.String(required=True),
    strategy=fields.String(required=True),
    requests=fields.Integer(required=True),
    rows=fields.Integer(required=True),
    new=fields.Integer(required=True),
    changed=fields.Integer(required=True),
    problems=fields.List(fields.String(), required=True),
)
RunShape = shape(
    "Run",
    "One sync.",
    id=fields.Integer(required=True),
    started_at=Moment(required=True),
    ended_at=Moment(required=True, allow_none=True),
    outcome=fields.String(required=True),
    error=fields.String(required=True),
    requests=fields.Integer(required=True),
    streams=fields.List(fields.Nested(StreamShape), required=True),
)
RunsShape = shape(
    "Runs",
    "Syncs, the newest first, and how the connection stands.",
    standing=fields.String(required=True),
    items=fields.List(fields.Nested(RunShape), required=True),
    before=fields.Integer(required=True, allow_none=True),
)
CheckShape = shape(
    "Check",
    "One thing that the doctor looked at.",
    feature=fields.String(required=True),
    health=fields.String(required=True, metadata={"enum": ["green", "amber", "red"]}),
    found=fields.String(required=True),
    remedy=fields.String(required=True),
)
ActShape = shape(
    "Act",
    "What was done with rights.",
    id=fields.Integer(required=True),
    at=Moment(required=True),
    person_id=fields.Integer(required=True, allow_none=True),
    person=fields.String(required=True, allow_none=True),
    act=fields.String(required=True),
    subject=fields.String(required=True),
)
ActsShape = shape(
    "Acts",
    "The log, the newest first.",
    items=fields.List(fields.Nested(ActShape), required=True),
    before=fields.Integer(required=True, allow_none=True),
)
PlatformShape = shape(
    "Platform",
    "An LTI platform.",
    id=fields.Integer(required=True),
    issuer=fields.String(required=True),
    client_id=fields.String(required=True),
    deployments=fields.List(fields.String(), required=True),
    made_at=Moment(required=True),
)
InvitationShape = shape(
    "Invitation",
    "An address by which the LMS registers the bridge, once, within a day.",
    url=fields.String(required=True),
)
ErasableShape = shape(
    "Erasable",
    "Whom the words mean.",
    id=fields.Integer(required=True),
    name=fields.String(required=True),
    lms_id=fields.Integer(required=True),
)
LiftSaid = shape("LiftSaid", "Their number in the LMS.", lms_id=IdentInJson(required=True))


class RunsAsked(Asked):
    """Which runs."""

    before = Ident()


class ActsAsked(Asked):
    """Which acts."""

    before = Ident()
    kind = one_of(audit.KINDS)


class PersonAsked(Asked):
    """A name, an address or a number."""

    person = Words(required=True, least=1, most=255)


def runs(asked: dict[str, Any]) -> Any:
    """Syncs, and how the connection stands."""
    mine, config = viewer().connection_id, bridge().config
    every = timedelta(minutes=config.sync_minutes)
    with bridge().store.reading() as work:
        stands = health.overview(work, mine, now(), config.sync_quiet_hours, bridge().zone, every)
        rows = work.runs.page(mine, A_PAGE, before=asked.get("before"))
    names = ("started_at", "ended_at", "outcome", "error", "requests", "streams")
    return {
        "standing": str(stands.standing),
        "items": [{"id": key, **{n: getattr(run, n) for n in names}} for key, run in rows],
        "before": rows[-1][0] if len(rows) == A_PAGE else None,
    }


def doctor() -> Any:
    """Ask the LMS now whether it lets the bridge do its work."""
    return {"items": checkup.checks()}


def try_outlets() -> Any:
    """Send each outlet a message that is deleted again; nothing where it would stay."""
    return {"items": checkup.outlet_checks()}


def acts(asked: dict[str, Any]) -> Any:
    """What was done with rights, by whom and when."""
    kind, before = asked.get("kind", ""), asked.get("before")
    with bridge().store.reading() as work:
        entries, more = audit.page(work, viewer().connection_id, kind, before, ACTS)
    return {"items": entries, "before": more}


def withdrawals() -> Any:
    """What people took back, in numbers."""
    with bridge().store.reading() as work:
        found = receipts.of_connection(work, viewer().connection_id)
    return {"items": [me.receipt(one) for one in found]}


def platforms() -> Any:
    """LTI platforms of this connection."""
    with bridge().store.reading() as work:
        found = work.lti.platforms(viewer().connection_id)
    return {
        "items": [
            {
                **{n: getattr(one, n) for n in ("id", "issuer", "client_id", "made_at")},
                "deployments": sorted(one.deployments),
            }
            for one in found
        ]
    }


def invite() -> Any:
    """Make an address to register by."""
    store, clock, me = bridge().store, bridge().clock, viewer()
    token = flow.invite_platform(store, clock, me.connection_id, by=me.person_id)
    return {"url": bridge().link(f"/lti/register/{token}")}


def remove_platform(platform_id: int) -> None:
    """Let nobody in from a platform any more."""
    with bridge().store.work() as work:
        lti.remove(work, viewer().connection_id, platform_id, now(), viewer().person_id)


def find(asked: dict[str, Any]) -> Any:
    """Whom to erase."""
    with bridge().store.reading() as work:
        return people.kept(work, asked["person"], viewer().connection_id)


def erase(person_id: int, said: dict[str, Any]) -> Any:
    """Erase somebody of the connection."""
    person = flow.own_person(bridge().store, viewer().connection_id, person_id)
    done = flow.erase(bridge().store, bridge().clock, person.id, by=viewer().person_id)
    return {"receipt": bridge().link(f"/receipts/{done.token}")}


def lift(said: dict[str, Any]) -> None:
    """Let somebody who was erased be taken up again by the next sync."""
    mine, by = viewer().connection_id, viewer().person_id
    flow.lift_erasure(bridge().store, bridge().clock, mine, said["lms_id"], by=by)
