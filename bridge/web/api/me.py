"""What you decide about yourself: who sees your name, letters, notices, sessions, your data."""

from __future__ import annotations

import json
from typing import Any

from flask import request
from marshmallow import fields, validate

from bridge import consent, flow
from bridge.access import api_tokens, feed_links, sessions
from bridge.consent import exporting, receipts
from bridge.delivery import note_wishes, notice_letters
from bridge.errors import NotFound
from bridge.feed import notice_words, notices
from bridge.model import Choice, NoteChannel, Rhythm
from bridge.model.withdrawals import Fate, WithdrawalReceipt
from bridge.web.api.fields import Asked, Flag, Moment, Whole, WholeInJson, one_of, shape
from bridge.web.here import bridge, now, viewer

# --- shapes --------------------------------------------------------------------------------------

SharedItem = shape(
    "SharedItem",
    "Something that you finished, and what becomes of it.",
    completion_id=fields.Integer(required=True),
    course=fields.String(required=True),
    completed_at=Moment(required=True),
    hidden=fields.Boolean(required=True),
    reason=fields.String(required=True),
    uid=fields.String(required=True, allow_none=True),
)
Sharing = shape(
    "Sharing",
    "Who may see your name beside what you finish.",
    choice=fields.String(
        required=True, allow_none=True, metadata={"enum": [*map(str, Choice), None]}
    ),
    never_named=fields.Boolean(required=True),
    items=fields.List(fields.Nested(SharedItem), required=True),
)
ChoiceSaid = shape("ChoiceSaid", "Your choice.", choice=one_of(Choice, required=True))
HiddenSaid = shape("HiddenSaid", "Whether to hide it.", hidden=Flag(required=True))
Receipt = shape(
    "Receipt",
    "Something that was taken back, and how many things have become what.",
    uid=fields.String(required=True),
    cause=fields.String(required=True),
    at=Moment(required=True),
    total=fields.Integer(required=True),
    removed=fields.Integer(required=True),
    waiting=fields.Integer(required=True),
    stays=fields.Integer(required=True),
    never=fields.Integer(required=True),
)
ReceiptItem = shape(
    "ReceiptItem",
    "One thing at one outlet.",
    outlet=fields.String(required=True, attribute="outlet_name"),
    kind=fields.String(required=True),
    course=fields.String(required=True),
    fate=fields.String(required=True, metadata={"enum": [str(fate) for fate in Fate]}),
    reason=fields.String(required=True),
)
WholeReceipt = shape(
    "WholeReceipt",
    "The same, with each thing.",
    receipt=fields.Nested(Receipt, required=True),
    items=fields.List(fields.Nested(ReceiptItem), required=True),
    after=fields.Integer(required=True, allow_none=True),
)
AfterAsked: type[Asked] = type("AfterAsked", (Asked,), {"after": Whole(load_default=0, least=0)})
Notice = shape(
    "Notice",
    "What you are told of, gathered by item.",
    kind=fields.String(required=True),
    sentence=fields.String(required=True),
    excerpt=fields.String(required=True),
    uid=fields.String(required=True),
    at=Moment(required=True),
    unread=fields.Boolean(required=True),
    newest=fields.Integer(required=True),
    comment_id=fields.Integer(required=True, allow_none=True),
)
NoticesRead = shape("NoticesRead", "Up to which notice.", to=WholeInJson(required=True, least=0))
Letters = shape(
    "Letters",
    "Letters about your notices.",
    rhythm=one_of(Rhythm, required=True),
    hour=WholeInJson(required=True, least=0, most=23),
    weekday=WholeInJson(required=True, least=0, most=6, metadata={"description": "0: Monday."}),
)
Note = shape(
    "Note",
    "The weekly note to a leader.",
    channel=one_of(NoteChannel, required=True),
    hour=WholeInJson(required=True, least=0, most=23),
    weekday=WholeInJson(required=True, least=0, most=6, metadata={"description": "0: Monday."}),
)
SignedIn = shape(
    "SignedIn",
    "A browser that you are signed in on.",
    handle=fields.String(required=True),
    browser=fields.String(required=True),
    started_at=Moment(required=True),
)
Token = shape(
    "Token",
    "A token of yours. New ones are made on the page *Programs*.",
    handle=fields.String(required=True),
    name=fields.String(required=True),
    scopes=fields.List(fields.String(), required=True),
    made_at=Moment(required=True),
    expires_at=Moment(required=True),
    used_at=Moment(required=True, allow_none=True),
)
FeedLink = shape(
    "FeedLink",
    "A private address of your feeds, for one app. New ones are made on your own page.",
    handle=fields.String(required=True),
    name=fields.String(required=True),
    made_at=Moment(required=True),
    used_at=Moment(required=True, allow_none=True),
)
EraseSaid = shape(
    "EraseSaid",
    "That you are sure.",
    sure=Flag(required=True, validate=validate.Equal(True, error="Say true if you are sure.")),
)
Erased = shape(
    "Erased",
    "You are erased; the receipt stands at a secret address.",
    receipt=fields.String(required=True),
)
Export = shape(
    "Export",
    "Everything that is kept of you.",
    about=fields.String(required=True),
    person=fields.String(required=True),
    made=fields.String(required=True),
    sections=fields.List(fields.Dict(), required=True),
)


# --- who sees your name --------------------------------------------------------------------------


def sharing() -> Any:
    """Who may see your name, and what you finished."""
    with bridge().store.reading() as work:
        return consent.mine(work, viewer())


def choose(said: dict[str, Any]) -> Any:
    """Choose who may see your name; what is told about you follows at once."""
    flow.change_consent(
        bridge().store,
        bridge().clock,
        viewer().person_id,
        Choice(said["choice"]),
        address=request.remote_addr or "",
    )
    return _sharing_now()


def hide_item(completion_id: int, said: dict[str, Any]) -> Any:
    """Hide one thing that you finished from everybody else, or show it again."""
    address = request.remote_addr or ""
    store, clock = bridge().store, bridge().clock
    flow.hide_item(store, clock, viewer(), completion_id, said["hidden"], address=address)
    return sharing()


def _sharing_now() -> Any:
    # The viewer was read before the choice was changed.
    with bridge().store.reading() as work:
        return consent.mine(work, sessions.viewer_of(work, viewer().person_id))


def my_receipts() -> Any:
    """What you took back, and what became of it."""
    with bridge().store.reading() as work:
        return {"items": [receipt(one) for one in receipts.mine(work, viewer())]}


def one_receipt(uid: str, asked: dict[str, Any]) -> Any:
    """One of your receipts."""
    with bridge().store.reading() as work:
        found = receipts.one(work, viewer(), uid)
        items = receipts.items(work, viewer(), uid, asked["after"])
    after = items[-1].delivery_id if len(items) == receipts.A_PAGE else None
    return {"receipt": receipt(found), "items": items, "after": after}


def receipt(found: WithdrawalReceipt) -> dict[str, Any]:
    """A receipt, in numbers."""
    its = found.withdrawal
    numbers = {
        name: getattr(found, name) for name in ("total", "removed", "waiting", "stays", "never")
    }
    return {"uid": its.uid, "cause": its.cause, "at": its.at, **numbers}


# --- notices and letters -------------------------------------------------------------------------


def my_notices() -> Any:
    """What you are told of, the newest first."""
    with bridge().store.reading() as work:
        found = notices.groups(work, viewer())
    return {
        "items": [
            {
                "kind": group.kind,
                "sentence": notice_words.sentence(group),
                "excerpt": notice_words.excerpt(group),
                "uid": group.item.activity.uid,
                "at": group.at,
                "unread": group.unread,
                "newest": group.newest,
                "comment_id": group.comment_id,
            }
            for group in found
        ]
    }


def mark_notices(said: dict[str, Any]) -> None:
    """You have read your notices, up to one."""
    with bridge().store.work() as work:
        notices.mark(work, viewer(), said["to"], now())


def letters() -> Any:
    """How often you get a letter about your notices."""
    with bridge().store.reading() as work:
        return work.letters.wish(viewer().person_id)


def set_letters(said: dict[str, Any]) -> Any:
    """Say how often you want a letter, and when."""
    with bridge().store.work() as work:
        rhythm, hour, weekday = Rhythm(said["rhythm"]), said["hour"], said["weekday"]
        notice_letters.choose(work, viewer(), rhythm, hour, weekday, now(), bridge().zone)
    return letters()


def note() -> Any:
    """How you get the weekly note."""
    with bridge().store.reading() as work:
        return work.notes.wish(viewer().person_id)


def set_note(said: dict[str, Any]) -> Any:
    """Say how you want the weekly note, and when."""
    with bridge().store.work() as work:
        channel, me = NoteChannel(said["channel"]), viewer().person_id
        note_wishes.choose(work, me, channel, said["hour"], said["weekday"], now(), bridge().zone)
    return note()


# --- sessions, tokens, private addresses ---------------------------------------------------------


def signed_in() -> Any:
    """Where you are signed in."""
    with bridge().store.reading() as work:
        return {"items": work.access.open_sessions(viewer().person_id, now())}


def end_session(handle: str) -> None:
    """Sign out on one device."""
    with bridge().store.work() as work:
        sessions.end_one(work, viewer().person_id, handle, now())


def end_sessions() -> None:
    """Sign out everywhere. Tokens stay good."""
    with bridge().store.work() as work:
        sessions.end_all(work, viewer().person_id, now())


def tokens() -> Any:
    """Your tokens that are good."""
    with bridge().store.reading() as work:
        return {"items": work.api.tokens(viewer().person_id, now())}


def revoke_token(handle: str) -> None:
    """Make a token of yours useless, this one too."""
    with bridge().store.work() as work:
        api_tokens.revoke(work, viewer(), handle, now())


def my_feed_links() -> Any:
    """Your private feed addresses."""
    with bridge().store.reading() as work:
        return {"items": feed_links.of(work, viewer().person_id)}


def revoke_feed_link(handle: str) -> None:
    """Make a private feed address of yours useless."""
    with bridge().store.work() as work:
        known = feed_links.of(work, viewer().person_id)
        if handle not in [link.handle for link in known]:
            raise NotFound("There is no such address.", "It may have been revoked already.")
        feed_links.revoke(work, viewer().person_id, now(), handle)


# --- your data -----------------------------------------------------------------------------------


def export() -> Any:
    """Everything that is kept of you."""
    with bridge().store.reading() as work:
        found = json.loads(exporting.export(work, viewer().person_id, now()).as_json())
    return found, 200, {"Cache-Control": "no-store"}  # As on the page: no cache keeps it.


def erase(said: dict[str, Any]) -> Any:
    """Erase you. The token is good no more afterwards."""
    me = viewer().person_id
    done = flow.erase(bridge().store, bridge().clock, me, by=me)
    return {"receipt": bridge().link(f"/receipts/{done.token}")}
