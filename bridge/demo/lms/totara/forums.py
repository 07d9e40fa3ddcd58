"""mod_forum_*: the older functions, which count replies in a text and show posts flat."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from bridge.demo.lms.api import posts
from bridge.demo.lms.api.forum import get_forums_by_courses as moodle_forums
from bridge.demo.lms.call import Table
from bridge.demo.lms.parameters import OPTIONS, Many, Record, Type, Value, options
from bridge.demo.lms.refusals import bad_parameter
from bridge.demo.lms.totara.call import TotaraCall, function
from bridge.demo.lms.totara.words import missing, refused
from bridge.demo.lms.wording import cleaned, title
from bridge.demo.world import ALL_PARTICIPANTS, NO_GROUPS, Discussion, Post

_LATER = {"lang", "duedate", "cutoffdate", "grade_forum", "grade_forum_notify"}
"""What newer sites tell of a forum."""
_SORTS = {"id": "id", "timemodified": "modified_at", "timestart": "id", "timeend": "id"}
_POST_SORTS = {"id": "id", "created": "created_at", "modified": "modified_at"}
_START_OPTIONS = ("discussionsubscribe", "discussionpinned", "inlineattachmentsid", "attachmentsid")
_REPLY_OPTIONS = ("discussionsubscribe", "inlineattachmentsid", "attachmentsid")


def get_forums_by_courses(call: TotaraCall, params: dict[str, Any]) -> Any:
    """Without courses it is about the user's own."""
    own = [course.id for course in call.store.courses_of(call.user_id)]
    rows = moodle_forums(call, {"courseids": params["courseids"] or own})
    return [{k: v for k, v in row.items() if k not in _LATER} for row in rows]


def get_discussions(call: TotaraCall, params: dict[str, Any]) -> Any:
    field, direction = _SORTS.get(params["sortby"]), params["sortdirection"].upper()
    if field is None or direction not in ("ASC", "DESC"):
        raise bad_parameter()
    forum = call.store.forums.get(params["forumid"])
    if forum is None:
        raise missing()
    activity = posts.enter_forum(call, forum)
    posts.require_reading(call)
    found = [
        d for d in call.store.discussions_of(forum.id) if posts.may_read_group(call, activity, d)
    ]
    found.sort(key=attrgetter(field), reverse=direction == "DESC")
    found.sort(key=lambda d: not d.pinned)
    start, size = max(params["page"], 0) * params["perpage"], params["perpage"]
    may_reply = posts.may_reply(call, activity)
    return {
        "discussions": [
            _discussion(call, d, may_reply) for d in found[start : start + size if size else None]
        ],
        "warnings": [],
    }


def _discussion(call: TotaraCall, discussion: Discussion, may_reply: bool) -> dict[str, Any]:
    first = call.store.posts[discussion.first_post_id]
    return {
        "id": first.id,
        "name": title(discussion.name),
        "groupid": discussion.group_id,
        "timemodified": discussion.modified_at,
        "usermodified": discussion.modified_by_id,
        "timestart": 0,
        "timeend": 0,
        "discussion": discussion.id,
        **_written(first),
        "userfullname": title(posts.author_name(call, first.author_id)),
        "usermodifiedfullname": title(posts.author_name(call, discussion.modified_by_id)),
        "userpictureurl": call.picture(1),
        "usermodifiedpictureurl": call.picture(1),
        "numreplies": str(len(call.store.posts_of(discussion.id)) - 1),
        "numunread": 0,
        "pinned": discussion.pinned,
        "locked": False,
        "canreply": may_reply,
    }


def _written(post: Post) -> dict[str, Any]:
    return {
        "parent": post.parent_id,
        "userid": post.author_id,
        "created": post.created_at,
        "modified": post.modified_at,
        "mailed": 1,
        "subject": title(post.subject),
        "message": post.message_html,
        "messageformat": 1,
        "messagetrust": 0,
        "attachment": "",
        "totalscore": 0,
        "mailnow": 0,
    }


def get_posts(call: TotaraCall, params: dict[str, Any]) -> Any:
    field, direction = _POST_SORTS.get(params["sortby"]), params["sortdirection"].upper()
    if field is None or direction not in ("ASC", "DESC"):
        raise bad_parameter()
    discussion = call.store.discussions.get(params["discussionid"])
    if discussion is None:
        raise missing()
    forum = posts.forum_of(call, discussion)
    activity = posts.enter_forum(call, forum)
    posts.require_reading(call)
    found = []
    if posts.may_read_group(call, activity, discussion):
        found = call.store.posts_of(discussion.id)
    found.sort(key=attrgetter(field, "id"), reverse=direction == "DESC")
    may_reply = posts.may_reply(call, activity)
    return {"posts": [_post(call, post, may_reply) for post in found], "warnings": []}


def _post(call: TotaraCall, post: Post, may_reply: bool) -> dict[str, Any]:
    thread = call.store.posts_of(post.discussion_id)
    return {
        "id": post.id,
        "discussion": post.discussion_id,
        **_written(post),
        "children": [other.id for other in thread if other.parent_id == post.id],
        "canreply": may_reply,
        "postread": False,
        "userfullname": title(posts.author_name(call, post.author_id)),
        "userpictureurl": call.picture(1),
        "deleted": False,
    }


def add_discussion(call: TotaraCall, params: dict[str, Any]) -> Any:
    wanted = options(params["options"], _START_OPTIONS)
    forum = call.store.forums.get(params["forumid"])
    if forum is None:
        raise missing()
    activity = posts.enter_forum(call, forum)
    if not posts.may_start(call, activity):
        raise refused("cannotcreatediscussion", "Could not create new discussion")
    group = ALL_PARTICIPANTS if activity.group_mode == NO_GROUPS else params["groupid"]
    discussion_id = call.store.start_discussion(
        call.user_id,
        forum.id,
        params["subject"],
        cleaned(params["message"]),
        group_id=group or ALL_PARTICIPANTS,
        pinned=wanted.get("discussionpinned", "0") == "1",
    )
    return {"discussionid": discussion_id, "warnings": []}


def add_post(call: TotaraCall, params: dict[str, Any]) -> Any:
    parent = call.store.posts.get(params["postid"])
    if parent is None:
        raise refused("invalidparentpostid", "Parent post ID was incorrect")
    options(params["options"], _REPLY_OPTIONS)
    forum = posts.forum_of(call, call.store.discussions[parent.discussion_id])
    activity = posts.enter_forum(call, forum)
    if not posts.may_reply(call, activity):
        raise refused("nopostforum", "Sorry, you are not allowed to post to this forum")
    message = cleaned(params["message"])
    return {
        "postid": call.store.reply(call.user_id, parent.id, params["subject"], message),
        "warnings": [],
    }


FUNCTIONS: Table = {
    "mod_forum_get_forums_by_courses": function(
        get_forums_by_courses, Record({"courseids": Many(Value(Type.INT), default=())})
    ),
    "mod_forum_get_forum_discussions_paginated": function(
        get_discussions,
        Record(
            {
                "forumid": Value(Type.INT),
                "sortby": Value(Type.WORD, default="timemodified"),
                "sortdirection": Value(Type.WORD, default="DESC"),
                "page": Value(Type.INT, default=-1),
                "perpage": Value(Type.INT, default=0),
            }
        ),
    ),
    "mod_forum_get_forum_discussion_posts": function(
        get_posts,
        Record(
            {
                "discussionid": Value(Type.INT),
                "sortby": Value(Type.WORD, default="created"),
                "sortdirection": Value(Type.WORD, default="DESC"),
            }
        ),
    ),
    "mod_forum_add_discussion": function(
        add_discussion,
        Record(
            {
                "forumid": Value(Type.INT),
                "subject": Value(Type.TEXT),
                "message": Value(),
                "groupid": Value(Type.INT, default=0),
                "options": OPTIONS,
            }
        ),
    ),
    "mod_forum_add_discussion_post": function(
        add_post,
        Record(
            {
                "postid": Value(Type.INT),
                "subject": Value(Type.TEXT),
                "message": Value(),
                "options": OPTIONS,
            }
        ),
    ),
}
