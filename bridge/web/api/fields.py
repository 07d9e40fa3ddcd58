"""Fields that take exactly what the document says they take: JSON's own types, and no likeness."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from bridge.web.table import LARGEST_ID

NO_NUL = r"^[^\u0000]*$"
"""No database takes the character 0 in a text."""


class Shape(Schema):
    """A JSON object that has these properties and no other."""

    class Meta:
        """What is not named is an error: who mistypes a property learns it."""

        ordered = True
        unknown = "raise"


class Asked(Schema):
    """The parameters of an address; others are passed by, as on every page."""

    class Meta:
        """Others may be added by whatever stands before the bridge."""

        unknown = "exclude"


class Words(fields.String):
    """A text."""

    def __init__(self, *, most: int = 10_000, least: int = 0, **kwargs: Any) -> None:
        plain = validate.Regexp(re.compile(NO_NUL), error="It holds the character 0.")
        rules = [validate.Length(min=least, max=most), plain]
        super().__init__(validate=rules, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ValidationError("It holds half of a character.") from error
        return value


class Flag(fields.Boolean):
    """``true`` or ``false``."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Whole(fields.Integer):
    """A whole number; in an address its digits."""

    def __init__(self, *, least: int = 1, most: int = LARGEST_ID, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), strict=True, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)  # JSON knows one kind of number: 1.0 is whole.
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        return value


class Ident(Whole):
    """An id of ours."""


class WholeInJson(Whole):
    """A whole number that stands in a body: there, digits in quotes are a text."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if isinstance(value, str):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class IdentInJson(WholeInJson):
    """An id of ours that stands in a body."""


class Moment(fields.AwareDateTime):
    """A moment with its offset from UTC, as RFC 3339 writes it; answers are in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            found: datetime = super()._deserialize(value, attr, data, **kwargs)
            return found.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("Not a moment that can be written in UTC.") from error


def one_of(words: Any, **kwargs: Any) -> fields.String:
    """A word of a few."""
    known = [str(word) for word in words]
    return fields.String(validate=validate.OneOf(known), metadata={"enum": known}, **kwargs)


def shape(name: str, says: str, /, **parts: fields.Field[Any]) -> type[Shape]:
    """A shape of these parts."""
    found: type[Shape] = type(name, (Shape,), {"__doc__": says, **parts})
    return found
