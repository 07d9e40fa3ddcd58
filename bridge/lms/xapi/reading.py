"""The body of a request → statements that are well formed → facts. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from bridge.errors import InputError, TooLarge
from bridge.lms.xapi.meaning import meaning
from bridge.model import ActorBy, PushedFact

VERSION = "1.0.3"
MOST_BYTES = 4 * 1024 * 1024
MOST_STATEMENTS = 1000
MOST_IN_ONE = 64 * 1024
"""Characters of one statement: the plugin's longest, with a forum post in it, stay well below."""

_ASSIGNED = frozenset({"id", "stored", "authority", "version", "timestamp"})
"""What a receiver may set or write otherwise, so that it makes no other statement."""
_DEFINED = frozenset({"definition", "display"})
"""What describes an activity or a verb, and is by xAPI no part of the statement."""
_UNNAMED = uuid.UUID("6f0d6a53-3f0c-5d0b-9a58-6f4a1c3b8f21")


class Moment(fields.Field[datetime]):
    """ISO 8601 with a time zone → UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            at = datetime.fromisoformat(value)
            if at.tzinfo is None:
                raise ValidationError("has no time zone")
            return at.astimezone(UTC)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValidationError("is no moment in ISO 8601") from error


class _Part(Schema):
    """What the bridge reads of a part of a statement; the rest of it is ignored."""

    class Meta:
        unknown = EXCLUDE


class Account(_Part):
    homePage = fields.String(required=True)
    name = fields.String(required=True)


class Agent(_Part):
    objectType = fields.Raw(load_default="Agent")  # Some versions of the plugin send a list.
    account = fields.Nested(Account)
    mbox = fields.String()
    mbox_sha1sum = fields.String()


class Verb(_Part):
    id = fields.String(required=True)


class Definition(_Part):
    type = fields.String(load_default="")


class Object(_Part):
    objectType = fields.String(load_default="Activity")
    id = fields.String(load_default="")
    definition = fields.Nested(Definition, load_default=dict)


class Result(_Part):
    completion = fields.Raw(load_default=None)


class Statement(_Part):
    id = fields.UUID()
    actor = fields.Nested(Agent, required=True)
    verb = fields.Nested(Verb, required=True)
    object = fields.Nested(Object, required=True)
    result = fields.Nested(Result, load_default=dict)
    timestamp = Moment()


def version_is_ours(version: str) -> bool:
    """Whether the header ``X-Experience-API-Version`` names a version that is understood."""
    return re.fullmatch(r"1\.0(\.\d{1,3})?", version) is not None


def read(
    body: bytes,
    connection_id: int,
    sites: Sequence[str],
    accounts: ActorBy,
    statement_id: str | None = None,
) -> list[PushedFact]:
    """What the statements of a request say: one or a list, which may be empty.

    A statement without an id gets one made from the connection and from what it says, so that it
    has the same when it is sent again.

    :param sites: the addresses of the LMS; what is about another is ignored.
    :param accounts: what the name of an actor's account is, a user id or a username.
    :param statement_id: where the address names one, there must be one statement, and it is its.
    :raises InputError: if it is no JSON, or a statement is not well formed: with its number, from
        1, and the field. :raises TooLarge: if there are too many, or one is too long.
    """
    try:
        parsed = json.loads(body, parse_constant=_refuse)
        if statement_id is not None:
            parsed = _under(statement_id, parsed)
        return _read(parsed, connection_id, sites, accounts)
    except RecursionError as error:
        raise InputError("The body is nested too deep.") from error
    except ValueError as error:
        # What is wrong with it is not repeated: its words may be somebody's.
        raise InputError("The body is no JSON in UTF-8.") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _under(statement_id: str, body: Any) -> dict[str, Any]:
    """The one statement, under the id that the address names."""
    if not isinstance(body, dict):
        raise InputError("The body is not one statement.")
    if not statement_id:
        raise InputError("The address names no statementId.")
    if str(body.get("id", statement_id)).lower() != statement_id.lower():
        raise InputError("The statement's id is not the one that the address names.")
    return {**body, "id": statement_id}


def _read(
    body: Any, connection_id: int, sites: Sequence[str], accounts: ActorBy
) -> list[PushedFact]:
    if not isinstance(body, dict | list):
        raise InputError("The body is neither a statement nor a list of statements.")
    statements = body if isinstance(body, list) else [body]
    if len(statements) > MOST_STATEMENTS:
        raise TooLarge(
            f"{len(statements)} statements are more than are taken at once.",
            f"Send at most {MOST_STATEMENTS} in a request.",
        )
    facts: list[PushedFact] = []
    given: set[str] = set()
    for number, raw in enumerate(statements, start=1):
        if not isinstance(raw, dict):
            raise InputError(f"Statement {number}: it is no object.")
        if len(json.dumps(raw)) > MOST_IN_ONE:
            raise TooLarge(
                f"Statement {number} is longer than {MOST_IN_ONE} characters.",
                "Leave out what only describes it.",
            )
        try:
            said = _schema().load(raw)
        except ValidationError as error:
            where, what = _first(error.messages)
            raise InputError(f"Statement {number}: {where}: {what}.") from error
        digest = _digest(raw, said.get("timestamp"))
        if "id" in said:
            ident = str(said["id"])
            if ident in given:
                raise InputError(f"Statement {number}: id: another one has the same.")
            given.add(ident)
        else:
            ident = str(uuid.uuid5(_UNNAMED, f"{connection_id} {digest}"))
        facts.append(meaning(said, ident, digest, sites, accounts))
    return facts


@cache
def _schema() -> Statement:
    # Making a schema costs more than using it.
    return Statement()


def _digest(raw: dict[str, Any], at: datetime | None) -> str:
    said = {key: _bare(value) for key, value in raw.items() if key not in _ASSIGNED}
    said["timestamp"] = at.isoformat() if at else None
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(inner) for key, inner in value.items() if key not in _DEFINED}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def _first(messages: Any, path: str = "") -> tuple[str, str]:
    if isinstance(messages, dict):
        key, inner = next(iter(messages.items()))
        return _first(inner, path if key == "_schema" else f"{path}.{key}".strip("."))
    return path, str(messages[0]).rstrip(".").lower()
