"""Letters to one person: multipart, with the link that ends them. RFC 2369 and RFC 8058."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage

from bridge.model import PersonalLetter
from bridge.outlets.email import LONGEST_SUBJECT, ONE_CLICK
from bridge.outlets.letter import Letters, sayable


def made(letters: Letters, letter: PersonalLetter, key: str, now: datetime) -> EmailMessage:
    """The letter as it goes out; the same ``key`` gives the same ``Message-ID``."""
    message = letters.begun([letter.to], letter.subject[:LONGEST_SUBJECT], now)
    message["Message-ID"] = f"<{key}@{letters.domain}>"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
    if letter.unsubscribe.startswith("https://"):  # RFC 8058 has it over https only.
        message["List-Unsubscribe-Post"] = ONE_CLICK
    message.set_content(sayable(letter.plain))
    message.add_alternative(sayable(letter.html), subtype="html")
    return message
