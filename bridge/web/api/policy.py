"""What is announced of courses: an admin's word, by category, by tag and by what completes them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge import flow
from bridge.errors import NotFound
from bridge.model import Rule
from bridge.web.admin import ANNOUNCE
from bridge.web.api.fields import Words, one_of, shape
from bridge.web.here import bridge, viewer
from bridge.web.policy import say_of_tag

SAID = {word: name for name, word in ANNOUNCE.items()}

CategoryShape = shape(
    "CategoryPolicy",
    "A category, and what is announced of its courses.",
    id=fields.Integer(required=True),
    name=fields.String(required=True),
    announce=fields.String(required=True, metadata={"enum": list(ANNOUNCE)}),
    courses=fields.Integer(required=True),
    quiet=fields.Integer(required=True),
)
NamedShape = shape(
    "NamedPolicy",
    "A tag, or a way of completing, and what is announced of such courses.",
    name=fields.String(required=True),
    announce=fields.String(required=True, metadata={"enum": list(ANNOUNCE)}),
    courses=fields.Integer(required=True),
    quiet=fields.Integer(required=True),
)
PolicyShape = shape(
    "Policy",
    "What is announced.",
    categories=fields.List(fields.Nested(CategoryShape), required=True),
    tags=fields.List(fields.Nested(NamedShape), required=True),
    rules=fields.List(fields.Nested(NamedShape), required=True),
)
AnnounceSaid = shape(
    "AnnounceSaid",
    "Yes, no, or as the rule says.",
    announce=one_of(ANNOUNCE, required=True),
)
TagSaid = shape(
    "TagSaid",
    "A tag and what it says; `drop` reads it no more.",
    tag=Words(required=True, least=1, most=100),
    announce=one_of([*ANNOUNCE, "drop"], required=True),
)


def show() -> Any:
    """What is announced of which courses."""
    mine = viewer().connection_id
    with bridge().store.reading() as work:
        categories = work.facts.policies(mine)
        tags = work.policy.tag_policies(mine)
        rules = work.policy.rule_policies(mine)
    return {
        "categories": [
            {
                "id": one.id,
                "name": one.name,
                "announce": SAID[one.announce],
                "courses": one.courses,
                "quiet": one.mandatory,
            }
            for one in categories
        ],
        "tags": [_named(one.name, one) for one in tags],
        "rules": [_named(str(one.rule), one) for one in rules],
    }


def set_category(category_id: int, said: dict[str, Any]) -> Any:
    """Say whether completions of a category's courses are announced."""
    flow.own_category(bridge().store, viewer().connection_id, category_id)
    wish, by = ANNOUNCE[said["announce"]], viewer().person_id
    flow.set_policy(bridge().store, bridge().clock, category_id, wish, by=by)
    return show()


def set_rule(name: str, said: dict[str, Any]) -> Any:
    """Say whether courses that are completed so are announced."""
    if name not in set(Rule):
        raise NotFound("There is no such rule.")
    mine, wish = viewer().connection_id, ANNOUNCE[said["announce"]]
    by = viewer().person_id
    flow.set_rule_policy(bridge().store, bridge().clock, mine, Rule(name), wish, by=by)
    return show()


def set_tag(said: dict[str, Any]) -> Any:
    """Name a tag, say whether courses with it are announced, or read it no more."""
    drops = said["announce"] == "drop"
    say_of_tag(said["tag"], None if drops else ANNOUNCE[said["announce"]], drops)
    return show()


def _named(name: str, one: Any) -> dict[str, Any]:
    return {
        "name": name,
        "announce": SAID[one.announce],
        "courses": one.courses,
        "quiet": one.quiet,
    }
