"""What is asked of who adds an outlet, kind by kind, and what an answer may look like.

The command line, the pages and the API ask the same. A secret is asked for apart: it is sealed, and
never shown again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bridge.errors import InputError
from bridge.guard import can_be_asked
from bridge.model import AudienceKind
from bridge.outlets.mastodon import VISIBILITIES
from bridge.outlets.signing import new_secret

LONGEST_ANSWER = 2_000
HIGHEST_NUMBER = 2**31 - 1
"""What a column for ids holds in Moodle and in Mahara."""


class Shape(StrEnum):
    """What an answer looks like."""

    WORD = "word"
    NUMBER = "number"
    ADDRESS = "address"
    """Of the web."""
    MAIL = "mail"
    """One e-mail address in a line."""
    VISIBILITY = "visibility"


@dataclass(frozen=True)
class Question:
    """One setting of an outlet."""

    name: str
    """The setting's, in the outlet, in a form and in the API."""
    label: str
    how: str
    """How the answer is found: a sentence."""
    example: str = ""
    shape: Shape = Shape.WORD
    needed: bool = True


@dataclass(frozen=True)
class Secret:
    """What must not be seen by others."""

    label: str
    how: str
    needed: bool = True


@dataclass(frozen=True)
class Asked:
    """All that is asked about a kind."""

    questions: tuple[Question, ...] = ()
    secret: Secret | None = None


class Unanswered(InputError):
    """A question that needs an answer got none."""

    def __init__(self, message: str, remedy: str, question: Question | None = None) -> None:
        super().__init__(message, remedy)
        self.question = question
        """``None`` if it is the secret."""


Configured = tuple[dict[str, Any], str]
"""An outlet's settings, and its secret."""


def settings_of(
    kind: str, said: Mapping[str, str], secret: str, audience: AudienceKind
) -> Configured:
    """The settings and the secret of a new outlet.

    :param said: answers by the name of their question; what the kind is not asked is left out.
    :raises InputError: if an answer is missing, or is none.
    """
    asked = ASKED[kind]
    found = {question.name: _answer(question, said) for question in asked.questions}
    if kind == "email" and not found["to"] and not found["lists"]:
        raise Unanswered("Whom to?", "Give addresses, or a mailing list's.", asked.questions[0])
    if kind == "mastodon" and not found["visibility"]:
        # Only followers see it, unless everything may read there anyway.
        found["visibility"] = "public" if audience is AudienceKind.PUBLIC else "private"
    return found, _secret(kind, asked.secret, secret)


def _answer(question: Question, said: Mapping[str, str]) -> Any:
    text = said.get(question.name, "").strip()
    if len(text) > LONGEST_ANSWER or "\0" in text:
        raise InputError(f"{question.label}: that cannot be used.", question.how)
    if not text and question.needed:
        raise Unanswered(f"{question.label} is missing.", question.how, question)
    return _READ[question.shape](question, text)


def _number(question: Question, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= HIGHEST_NUMBER):
        raise InputError(f"{question.label}: {text[:40]!r} is no such number.", question.how)
    return int(text)


def _address(question: Question, text: str) -> str | None:
    if text and not can_be_asked(text):
        raise InputError(
            f"{question.label}: {text[:80]!r} is no address of the web.",
            "Begin it with https:// and the host's name, without a user name.",
        )
    return text or None


def _mail(question: Question, text: str) -> list[str]:
    return [line for line in (part.strip() for part in text.splitlines()) if line]


def _visibility(question: Question, text: str) -> str:
    if text and text not in VISIBILITIES:
        raise InputError(f"{text[:40]!r} is no visibility.", f"Use {', '.join(VISIBILITIES)}.")
    return text


def _secret(kind: str, asked: Secret | None, said: str) -> str:
    said = said.strip()
    if asked is None:
        return ""
    if len(said) > LONGEST_ANSWER or not said.isprintable():
        raise InputError(f"{asked.label}: that cannot be used.", "Copy it once more.")
    if said:
        return said
    if asked.needed:
        raise Unanswered(f"{asked.label} is missing.", asked.how)
    return new_secret()


_READ: Mapping[Shape, Callable[[Question, str], Any]] = {
    Shape.WORD: lambda question, text: text or None,
    Shape.NUMBER: _number,
    Shape.ADDRESS: _address,
    Shape.MAIL: _mail,
    Shape.VISIBILITY: _visibility,
}

ASKED: Mapping[str, Asked] = {
    "moodle_forum": Asked(
        (
            Question(
                "forum_id",
                "Number of the forum",
                "It follows f= in the links of the course's list of forums.",
                "7",
                Shape.NUMBER,
            ),
        )
    ),
    "mahara": Asked(
        (
            Question(
                "url",
                "Address of Mahara",
                "Where its home page is.",
                "https://mahara.example.com",
                Shape.ADDRESS,
            ),
            Question(
                "journal",
                "Number of the journal",
                "It stands after id= in the journal's address.",
                "10",
                Shape.NUMBER,
            ),
            Question(
                "owner",
                "Number of the journal's owner",
                "Only for an admin's token: it stands after id= in the address of their profile.",
                "5",
                Shape.NUMBER,
                needed=False,
            ),
        ),
        Secret("Token", "Mahara makes one under Web services, for the account that writes."),
    ),
    "mastodon": Asked(
        (
            Question(
                "url",
                "Address of the server",
                "Where the account is.",
                "https://social.example",
                Shape.ADDRESS,
            ),
            Question(
                "visibility",
                "Who sees the posts",
                "Left open: followers only, unless the public may read there.",
                "private",
                Shape.VISIBILITY,
                needed=False,
            ),
        ),
        Secret("Access token", "The account makes one under Preferences → Development."),
    ),
    "matrix": Asked(
        (
            Question(
                "url",
                "Address of the server",
                "That of the homeserver, where the account is.",
                "https://matrix.example.com",
                Shape.ADDRESS,
            ),
            Question(
                "room",
                "Id of the room",
                "It begins with ! and stands in the room's settings under Advanced.",
                "!abc:matrix.example.com",
            ),
        ),
        Secret("Access token", "It stands in the account's settings under Help & About."),
    ),
    "slack": Asked(
        (
            Question(
                "channel",
                "Id of the channel",
                "It begins with C and stands at the end of the channel's details.",
                "C0123456789",
            ),
            Question(
                "url",
                "Address of the API",
                "Left open: that of Slack.",
                "https://slack.com/api/",
                Shape.ADDRESS,
                needed=False,
            ),
        ),
        Secret(
            "Bot token", "It begins with xoxb- and stands under OAuth & Permissions of the app."
        ),
    ),
    "teams": Asked(
        secret=Secret(
            "Address of the workflow",
            "Teams shows it when the workflow is made. Whoever has it can post there.",
        )
    ),
    "email": Asked(
        (
            Question(
                "to",
                "People to write to",
                "One e-mail address in a line.",
                "anna@example.com",
                Shape.MAIL,
                needed=False,
            ),
            Question(
                "lists",
                "Mailing lists to write to",
                "One e-mail address in a line.",
                "team@lists.example.com",
                Shape.MAIL,
                needed=False,
            ),
        )
    ),
    "webhook": Asked(
        (
            Question(
                "url",
                "Address of the receiver",
                "Where it takes signed webhooks.",
                "https://example.com/hook",
                Shape.ADDRESS,
            ),
        ),
        Secret(
            "Signing secret",
            "Left open, one is made, and shown once. It begins with whsec_.",
            needed=False,
        ),
    ),
    "apprise": Asked(
        secret=Secret(
            "Address of the service",
            "As Apprise writes it, for example discord://… or rocket://….",
        )
    ),
}
"""The word in settings and commands → what is asked."""
