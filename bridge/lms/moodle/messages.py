"""A message to one person, by the LMS's own messaging.

Each format but HTML is shown through a filter that lets some tags of a text through (Moodle's
``message_format_message_text`` reads plain text as its own format), so the text goes out as HTML
in which every character of it is escaped.
"""

from __future__ import annotations

import re
from html import escape

from bridge.errors import Refused, UnexpectedAnswer
from bridge.lms.moodle import schemas
from bridge.lms.moodle.site import MoodleSite
from bridge.lms.moodle.text import clean

SEND = "core_message_send_instant_messages"
ANYBODY = "moodle/site:messageanyuser"

_HTML = 1
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def send(site: MoodleSite, person_lms_id: int, text: str) -> int:
    """Send it, once; the message's id.

    :raises Refused: without a code, if the LMS took the call and did not deliver the message.
    :raises LmsError: as any write.
    """
    message = {"touserid": person_lms_id, "text": as_html(text), "textformat": _HTML}
    answers = schemas.load(
        schemas.SentMessage, site.write(SEND, {"messages": [message]}), SEND, many=True
    )
    if len(answers) != 1:
        raise UnexpectedAnswer(
            f"{SEND} answered {len(answers)} times to one message.",
            "Please report it with the release of the LMS.",
            function=SEND,
        )
    (answer,) = answers
    if answer["msgid"] <= 0:
        raise _not_delivered(site, answer["errormessage"] or "it does not say why.")
    return int(answer["msgid"])


def as_html(text: str) -> str:
    """Plain text as HTML that says the same: a line that is an address becomes a link."""
    paragraphs = re.split(r"\n{2,}", clean(text).strip("\n"))
    return "".join(
        f"<p>{'<br>'.join(_line(line) for line in paragraph.splitlines())}</p>"
        for paragraph in paragraphs
    )


def _line(line: str) -> str:
    address = line.strip()
    if _ADDRESS.fullmatch(address):
        return f'<a href="{escape(address)}">{escape(address)}</a>'
    return escape(line, quote=False)


def _not_delivered(site: MoodleSite, said: str) -> Refused:
    """The LMS gives no code: its sentence, in its own language, is all that tells why."""
    return Refused(
        f"The LMS did not deliver the message: {said}",
        f"An admin of the LMS can give the role of the token's user {ANYBODY} under"
        f" {site.client.pages.roles}. Or the person lets this account write to them, in their"
        " message preferences in the LMS. Or they choose e-mail.",
        function=SEND,
    )
