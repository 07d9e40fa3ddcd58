"""What the token's user may do in a forum beyond reading, as the site's own answers tell it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge.lms.moodle import schemas
from bridge.lms.moodle.forum_dialects import posts_dialect
from bridge.lms.moodle.site import MoodleSite
from bridge.model import ForumFact, ForumRights

CONTENTS = "core_course_get_contents"


class _Abilities(schemas.Answer):
    reply = fields.Boolean(load_default=None, allow_none=True)
    edit = fields.Boolean(load_default=None, allow_none=True)
    delete = fields.Boolean(load_default=None, allow_none=True)


class _Post(schemas.Answer):
    """A post of either dialect, with what may be done with it where it says so."""

    author = fields.Nested(schemas.Author, load_default=dict, allow_none=True)
    userid = fields.Integer(load_default=0, allow_none=True)
    isdeleted = fields.Boolean(load_default=False, allow_none=True)
    deleted = fields.Boolean(load_default=False, allow_none=True)
    capabilities = fields.Nested(_Abilities, load_default=dict, allow_none=True)
    canreply = fields.Boolean(load_default=None, allow_none=True)


class _Posts(schemas.Answer):
    posts = fields.List(fields.Nested(_Post), required=True)


class _Module(schemas.Answer):
    # Named, if only as nothing, to who sees what is hidden.
    availability = fields.Raw(allow_none=True)


class _Section(schemas.Answer):
    modules = fields.List(fields.Nested(_Module), load_default=list)


def forum_rights(site: MoodleSite, forum: ForumFact, discussion_id: int | None) -> ForumRights:
    """By the course's contents and, with a discussion, by a post in it that somebody else wrote.

    What may be done with a post of one's own may be so for its first half hour only.

    :raises LmsError: as any read.
    """
    hidden = _hidden(site, forum)
    post = None if discussion_id is None else _of_another(site, discussion_id)
    if post is None:
        return ForumRights(hidden=hidden)
    able: dict[str, Any] = post["capabilities"] or {}
    reply = able.get("reply")
    return ForumRights(
        hidden=hidden,
        reply=post["canreply"] if reply is None else reply,
        edit=able.get("edit"),
        delete=able.get("delete"),
    )


def _hidden(site: MoodleSite, forum: ForumFact) -> bool | None:
    options = [{"name": "modname", "value": "forum"}, {"name": "excludecontents", "value": "1"}]
    asked = {"courseid": forum.course_lms_id, "options": options}
    sections = site.read_list(CONTENTS, _Section, asked)
    modules = [module for section in sections for module in section["modules"]]
    return any("availability" in module for module in modules) if modules else None


def _of_another(site: MoodleSite, discussion_id: int) -> dict[str, Any] | None:
    function = posts_dialect(site.functions).function
    posts = site.read_as(_Posts, function, {"discussionid": discussion_id})["posts"]
    for post in posts:
        author = (post["author"] or {}).get("id") or post["userid"]
        if author != site.user_id and not post["isdeleted"] and not post["deleted"]:
            return dict(post)
    return None
