"""mod_forum_*, writing: start, reply, edit, delete."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms.api import posts
from bridge.demo.lms.call import Call, Function, Table
from bridge.demo.lms.parameters import OPTIONS, Record, Type, Value, options
from bridge.demo.lms.refusals import refused
from bridge.demo.lms.wording import cleaned
from bridge.demo.world import ALL_PARTICIPANTS, NO_GROUPS

_START_OPTIONS = ("discussionsubscribe", "discussionpinned", "inlineattachmentsid", "attachmentsid")
_REPLY_OPTIONS = (
    "discussionsubscribe",
    "private",
    "inlineattachmentsid",
    "attachmentsid",
    "topreferredformat",
)
_EDIT_OPTIONS = ("pinned", "discussionsubscribe", "inlineattachmentsid", "attachmentsid")
_HTML = 1


def add_discussion(call: Call, params: dict[str, Any]) -> Any:
    forum = posts.find_forum(call, params["forumid"])
    activity = posts.enter_forum(call, forum)
    options(params["options"], _START_OPTIONS)
    if not posts.may_start(call, activity):
        raise refused("cannotcreatediscussion", "Could not create new discussion", "forum")
    group = ALL_PARTICIPANTS if activity.group_mode == NO_GROUPS else params["groupid"]
    discussion_id = call.store.start_discussion(
        call.user_id,
        forum.id,
        params["subject"],
        cleaned(params["message"]),
        group_id=group or ALL_PARTICIPANTS,
    )
    return {"discussionid": discussion_id, "warnings": []}


def add_discussion_post(call: Call, params: dict[str, Any]) -> Any:
    parent = call.store.posts.get(params["postid"])
    if parent is None:
        raise refused("invalidparentpostid", "Parent post ID was incorrect", "forum")
    forum = posts.forum_of(call, call.store.discussions[parent.discussion_id])
    activity = posts.enter_forum(call, forum)
    options(params["options"], _REPLY_OPTIONS)
    if not posts.may_reply(call, activity):
        raise refused("nopostforum", "Sorry, you are not allowed to post to this forum", "forum")
    post_id = call.store.reply(
        call.user_id, parent.id, params["subject"], cleaned(params["message"])
    )
    return {
        "postid": post_id,
        "warnings": [],
        "post": posts.exported(call, call.store.posts[post_id]),
        "messages": [
            {"type": "success", "message": "Your post was successfully added."},
            {
                "type": "success",
                "message": "You have 30 mins to edit it if you want to make any changes.",
            },
        ],
    }


def update_discussion_post(call: Call, params: dict[str, Any]) -> Any:
    options(params["options"], _EDIT_OPTIONS)
    post = posts.find_post(call, params["postid"])
    posts.enter_forum(call, posts.forum_of(call, call.store.discussions[post.discussion_id]))
    if not posts.may_edit(call, post):
        raise refused("cannotupdatepost", "You can not update this post", "forum")
    message = cleaned(params["message"]) if params["message"] else post.message_html
    call.store.rewrite(post.id, params["subject"] or post.subject, message)
    return {"status": True, "warnings": []}


def delete_post(call: Call, params: dict[str, Any]) -> Any:
    post = posts.find_post(call, params["postid"])
    posts.enter_forum(call, posts.forum_of(call, call.store.discussions[post.discussion_id]))
    if not posts.may_delete(call, post):
        raise refused("cannotdeletepost", "You can't delete this post!", "forum")
    call.store.remove_post(post.id)
    return {"status": True, "warnings": []}


_FORMAT = Value(Type.INT, default=_HTML)

FUNCTIONS: Table = {
    "mod_forum_add_discussion": Function(
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
    "mod_forum_add_discussion_post": Function(
        add_discussion_post,
        Record(
            {
                "postid": Value(Type.INT),
                "subject": Value(Type.TEXT),
                "message": Value(),
                "options": OPTIONS,
                "messageformat": _FORMAT,
            }
        ),
    ),
    "mod_forum_update_discussion_post": Function(
        update_discussion_post,
        Record(
            {
                "postid": Value(Type.INT),
                "subject": Value(Type.TEXT, default=""),
                "message": Value(default=""),
                "messageformat": _FORMAT,
                "options": OPTIONS,
            }
        ),
    ),
    "mod_forum_delete_post": Function(delete_post, Record({"postid": Value(Type.INT)})),
}
