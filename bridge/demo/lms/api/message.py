"""core_message_*: a word to a person."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Call, Function, Table
from bridge.demo.lms.parameters import Many, Record, Type, Value
from bridge.demo.lms.refusals import refused
from bridge.demo.lms.wording import cleaned

_UNWANTED = (
    "You can't message this user due to their message preferences. Try adding them as a contact."
)


LONGEST = 4096
"""Bytes of a message; ``\\core_message\\api::MESSAGE_MAX_LENGTH`` of Moodle."""
_TOO_LONG = "The message is too long"
_FORMATS = (0, 1, 2, 4)


def send_instant_messages(call: Call, params: dict[str, Any]) -> Any:
    """Nobody here has the bridge among their contacts: who is not to be disturbed is not."""
    call.require(can.SEND_MESSAGE)
    if any(message["textformat"] not in _FORMATS for message in params["messages"]):
        raise refused("formatnotsupported", "error/formatnotsupported", "webservice")
    answer = []
    for message in params["messages"]:
        receiver = message["touserid"]
        own_id = {"clientmsgid": message["clientmsgid"]} if message["clientmsgid"] else {}
        if receiver not in call.store.people:
            reason = f"You can not send a message to a user id ({receiver}) that doesn't exist"
        elif len(message["text"].encode()) > LONGEST:
            reason = _TOO_LONG
        elif not call.can(can.MESSAGE_ANY_USER):
            reason = _UNWANTED
        else:
            sent = call.store.send_message(receiver, f"<p>{cleaned(message['text'])}</p>")
            answer.append(
                {
                    "msgid": sent.id,
                    **own_id,
                    "text": sent.text_html,
                    "timecreated": sent.sent_at,
                    "conversationid": sent.conversation_id,
                    "useridfrom": call.user_id,
                    "candeletemessagesforallusers": False,
                }
            )
            continue
        answer.append(
            {
                "msgid": -1,
                **own_id,
                "errormessage": reason,
                "candeletemessagesforallusers": False,
            }
        )
    return answer


FUNCTIONS: Table = {
    "core_message_send_instant_messages": Function(
        send_instant_messages,
        Record(
            {
                "messages": Many(
                    Record(
                        {
                            "touserid": Value(Type.INT),
                            "text": Value(),
                            "textformat": Value(Type.INT, default=0),
                            "clientmsgid": Value(Type.WORD, default=""),
                        }
                    )
                )
            }
        ),
    ),
}
