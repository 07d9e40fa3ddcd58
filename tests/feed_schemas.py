"""What a JSON Feed and an ActivityStreams collection may say; anything else is a flaw.

By https://www.jsonfeed.org/version/1.1/ and https://www.w3.org/TR/activitystreams-vocabulary/, in
what the bridge uses of them: a member that is not here is refused.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

MOMENT = validate.Regexp(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)$")
ADDRESS = validate.Regexp(r"https?://\S+$")
WORDS = validate.Length(min=1)


class _Author(Schema):
    name = fields.Str(required=True, validate=WORDS)


class _JsonItem(Schema):
    id = fields.Str(required=True, validate=ADDRESS)
    url = fields.Str(required=True, validate=ADDRESS)
    title = fields.Str(required=True, validate=WORDS)
    content_html = fields.Str(required=True, validate=validate.Regexp(r"(?s)<p>.*</p>$"))
    date_published = fields.Str(required=True, validate=MOMENT)
    date_modified = fields.Str(required=True, validate=MOMENT)
    authors = fields.List(fields.Nested(_Author), required=True, validate=validate.Length(1, 1))
    tags = fields.List(fields.Str(validate=WORDS), required=True)


class _JsonFeed(Schema):
    version = fields.Str(required=True, validate=validate.Equal("https://jsonfeed.org/version/1.1"))
    title = fields.Str(required=True, validate=WORDS)
    home_page_url = fields.Str(required=True, validate=ADDRESS)
    feed_url = fields.Str(required=True, validate=ADDRESS)
    next_url = fields.Str(validate=ADDRESS)
    items = fields.List(fields.Nested(_JsonItem), required=True)

    @validates_schema
    def _each_once(self, data: dict[str, Any], **_: Any) -> None:
        ids = [item["id"] for item in data["items"]]
        if len(set(ids)) < len(ids):
            raise ValidationError("An id stands there twice.")


class _Thing(Schema):
    """An activity, or what is left of one."""

    id = fields.Str(required=True, validate=ADDRESS)
    type = fields.Raw(required=True)
    deleted = fields.Str(validate=MOMENT)
    actor = fields.Dict()
    summary = fields.Str(validate=WORDS)
    content = fields.Str()
    published = fields.Str(validate=MOMENT)
    updated = fields.Str(validate=MOMENT)
    endTime = fields.Str(validate=MOMENT)
    to = fields.List(fields.Str(validate=ADDRESS), validate=validate.Length(1, 1))
    url = fields.Str(validate=ADDRESS)
    object = fields.Dict()
    context = fields.Dict()
    attributedTo = fields.Dict()

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        if data["type"] == "Tombstone":
            wanted = {"id", "type", "deleted"}
            if set(data) != wanted:
                raise ValidationError(f"A tombstone says {sorted(wanted)}, not {sorted(data)}.")
            return
        if data["type"] not in ("Create", "Announce", ["Activity", "Completed"]):
            raise ValidationError(f"{data['type']} is no activity of ours.")
        missing = {"actor", "summary", "published", "updated", "to", "object"} - set(data)
        if missing:
            raise ValidationError(f"It does not say: {sorted(missing)}.")


class _Page(Schema):
    type = fields.Str(required=True, validate=validate.Equal("OrderedCollectionPage"))
    id = fields.Str(required=True, validate=ADDRESS)
    partOf = fields.Str(required=True, validate=ADDRESS)
    next = fields.Str(validate=ADDRESS)
    orderedItems = fields.List(fields.Nested(_Thing), required=True)

    @validates_schema
    def _names_itself(self, data: dict[str, Any], **_: Any) -> None:
        if len({data["id"], data["partOf"], data.get("next")}) < 3:
            raise ValidationError("A page, its collection and the next page are three things.")


_CONTEXT = fields.Raw(
    required=True,
    data_key="@context",
    validate=lambda said: said[0] == "https://www.w3.org/ns/activitystreams",
)


class _LonePage(_Page):
    context_ = _CONTEXT


class _Collection(Schema):
    context_ = _CONTEXT
    type = fields.Str(required=True, validate=validate.Equal("OrderedCollection"))
    id = fields.Str(required=True, validate=ADDRESS)
    name = fields.Str(required=True, validate=WORDS)
    url = fields.Str(required=True, validate=ADDRESS)
    first = fields.Nested(_Page, required=True)


def json_feed_of(said: Any) -> Any:
    """``said``, which must be a JSON Feed of version 1.1."""
    _JsonFeed().load(said)
    return said


def collection_of(said: Any) -> Any:
    """``said``, which must be an ordered collection with its first page in it."""
    _Collection().load(said)
    return said


def page_of(said: Any) -> Any:
    """``said``, which must be one page of an ordered collection."""
    _LonePage().load(said)
    return said
