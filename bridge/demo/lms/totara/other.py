"""Audiences, badges and messages."""

from __future__ import annotations

import hashlib
from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.api.cohort import get_cohort_members
from bridge.demo.lms.api.cohort import get_cohorts as moodle_cohorts
from bridge.demo.lms.call import Table
from bridge.demo.lms.parameters import Many, Record, Type, Value
from bridge.demo.lms.totara.call import TotaraCall, function
from bridge.demo.lms.totara.store import Badge
from bridge.demo.lms.totara.words import missing, refused
from bridge.demo.lms.wording import cleaned

_LATER = {"theme", "customfields"}
"""What newer sites tell of a cohort."""
_FORMATS = (0, 1, 2, 4)


def get_audiences(call: TotaraCall, params: dict[str, Any]) -> Any:
    rows = moodle_cohorts(call, params)
    return [{k: v for k, v in row.items() if k not in _LATER} for row in rows]


def get_user_badges(call: TotaraCall, params: dict[str, Any]) -> Any:
    if not call.totara.switches.badges:
        raise refused("badgesdisabled", "Badges are not enabled on this site.")
    person_id = params["userid"] or call.user_id
    if person_id not in call.store.people:
        raise missing()
    close = call.can(can.UPDATE_COURSE) or person_id == call.user_id
    badges = [] if params["courseid"] else call.totara.badges
    found = [_badge(call, badge, close) for badge in badges if badge.person_id == person_id]
    return {"badges": found, "warnings": []}


def _badge(call: TotaraCall, badge: Badge, close: bool) -> dict[str, Any]:
    public = {
        "name": badge.name,
        "description": "First steps",
        "badgeurl": f"{call.url}/webservice/pluginfile.php/1/badges/badgeimage/{badge.id}/f1",
        "issuername": "Larkfield",
        "issuerurl": call.url,
        "issuercontact": "badges@larkfield.example",
        "uniquehash": hashlib.sha1(f"{badge.id}/{badge.person_id}".encode()).hexdigest(),
        "dateissued": badge.issued_at,
        "dateexpire": None,
    }
    if not close:
        return public
    return public | {
        "id": badge.id,
        "timecreated": badge.issued_at,
        "timemodified": badge.issued_at,
        "usercreated": 2,
        "usermodified": 2,
        "expiredate": None,
        "expireperiod": None,
        "type": 1,
        "courseid": None,
        "message": "You got it",
        "messagesubject": "Badge",
        "attachment": 0,
        "status": 1,
        "issuedid": badge.id,
        "visible": 1,
    }


def send_instant_messages(call: TotaraCall, params: dict[str, Any]) -> Any:
    """What is not delivered is -1 and a reason, each by itself; anybody may be written to."""
    if not call.totara.switches.messaging:
        raise refused("disabled", "Messaging is disabled on this site")
    call.require(can.SEND_MESSAGE)
    if any(message["textformat"] not in _FORMATS for message in params["messages"]):
        raise refused("formatnotsupported", "webservice/formatnotsupported")
    return [_sent(call, message) for message in params["messages"]]


def _sent(call: TotaraCall, message: dict[str, Any]) -> dict[str, Any]:
    receiver = message["touserid"]
    own_id = {"clientmsgid": message["clientmsgid"]} if message["clientmsgid"] else {}
    if receiver not in call.store.people:
        reason = f"You can not send a message to a user id ({receiver}) that doesn't exist"
        return {"msgid": -1, **own_id, "errormessage": reason}
    sent = call.store.send_message(receiver, f"<p>{cleaned(message['text'])}</p>")
    return {"msgid": sent.id, **own_id}


FUNCTIONS: Table = {
    "core_badges_get_user_badges": function(
        get_user_badges,
        Record(
            {
                "userid": Value(Type.INT, default=0),
                "courseid": Value(Type.INT, default=0),
            }
        ),
    ),
    "core_message_send_instant_messages": function(
        send_instant_messages,
        Record(
            {
                "messages": Many(
                    Record(
                        {
                            "touserid": Value(Type.INT),
                            "text": Value(),
                            "textformat": Value(Type.INT, default=0),
                            "clientmsgid": Value(Type.RAW, default=""),
                        }
                    )
                )
            }
        ),
    ),
    "core_cohort_get_cohorts": function(
        get_audiences, Record({"cohortids": Many(Value(Type.INT), default=())})
    ),
    "core_cohort_get_cohort_members": function(
        get_cohort_members, Record({"cohortids": Many(Value(Type.INT))})
    ),
}
