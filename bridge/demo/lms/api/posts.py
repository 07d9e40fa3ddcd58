"""Discussions and posts as Moodle exports them, and what the token's user may do with them."""

from __future__ import annotations

from typing import Any

from markupsafe import escape

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Call
from bridge.demo.lms.refusals import no_record, not_accessible, refused
from bridge.demo.lms.wording import machine_time, title, when
from bridge.demo.world import ALL_PARTICIPANTS, NO_GROUPS, Activity, Discussion, Forum, Post

EDITING_TIME = 30 * 60
"""Seconds in which people may edit and delete what they wrote."""


def enter_forum(call: Call, forum: Forum) -> Activity:
    """The forum's activity.

    :raises Refusal: ``requireloginerror`` if the course or the activity is closed to the user.
    """
    call.enter(call.store.courses[forum.course_id])
    activity = call.store.activities[forum.activity_id]
    if not call.may_use(activity):
        raise not_accessible()
    return activity


def forum_of(call: Call, discussion: Discussion) -> Forum:
    return call.store.forums[discussion.forum_id]


def require_reading(call: Call) -> None:
    """:raises Refusal: ``noviewdiscussionspermission``."""
    if not call.can(can.VIEW_DISCUSSION):
        raise refused(
            "noviewdiscussionspermission",
            "You do not have the permission to view discussions in this forum",
            "forum",
        )


def find_post(call: Call, post_id: int) -> Post:
    """:raises Refusal: ``invalidpostid`` if there is none."""
    post = call.store.posts.get(post_id)
    if post is None:
        raise refused("invalidpostid", "Invalid post ID - {$a}", "forum")
    return post


def find_forum(call: Call, forum_id: int) -> Forum:
    """:raises Refusal: ``invalidrecord`` if there is none."""
    forum = call.store.forums.get(forum_id)
    if forum is None:
        raise no_record("forum")
    return forum


def may_start(call: Call, activity: Activity) -> bool:
    """Whether the user may open a discussion; in a forum with groups only who may enter them."""
    return call.can(can.START_DISCUSSION) and _reaches_groups(call, activity)


def may_read_group(call: Call, activity: Activity, discussion: Discussion) -> bool:
    """The user is in no group: without access to all of them only what is for everybody is left."""
    return discussion.group_id == ALL_PARTICIPANTS or _reaches_groups(call, activity)


def may_reply(call: Call, activity: Activity) -> bool:
    return call.can(can.REPLY_POST) and _reaches_groups(call, activity)


def _reaches_groups(call: Call, activity: Activity) -> bool:
    return activity.group_mode == NO_GROUPS or call.can(can.ALL_GROUPS)


def may_edit(call: Call, post: Post) -> bool:
    return call.can(can.EDIT_ANY_POST) or _is_own_and_fresh(call, post)


def may_delete(call: Call, post: Post) -> bool:
    return call.can(can.DELETE_ANY_POST) or (
        call.can(can.DELETE_OWN_POST) and _is_own_and_fresh(call, post)
    )


def _is_own_and_fresh(call: Call, post: Post) -> bool:
    return post.author_id == call.user_id and call.now - post.created_at < EDITING_TIME


def exported(call: Call, post: Post) -> dict[str, Any]:
    """The post in full, with the addresses of what the user may do."""
    discussion = call.store.discussions[post.discussion_id]
    activity = call.store.activities[forum_of(call, discussion).activity_id]
    edit, delete = may_edit(call, post), may_delete(call, post)
    reply = may_reply(call, activity)
    discuss = f"{call.url}/mod/forum/discuss.php?d={discussion.id}"
    write = f"{call.url}/mod/forum/post.php"
    subject = title(post.subject)
    author = _author(call, post, activity)
    profile = author["urls"]["profile"]
    return {
        "id": post.id,
        "subject": subject,
        "replysubject": subject if subject.startswith("Re:") else f"Re: {subject}",
        "message": post.message_html,
        "messageformat": 1,
        "author": author,
        "discussionid": discussion.id,
        "hasparent": bool(post.parent_id),
        "parentid": post.parent_id or None,
        "timecreated": post.created_at,
        "timemodified": post.modified_at,
        "unread": None,
        "isdeleted": False,
        "isprivatereply": False,
        "haswordcount": False,
        "wordcount": None,
        "charcount": None,
        "capabilities": {
            "view": True,
            "edit": edit,
            "delete": delete,
            "split": False,
            "reply": reply,
            "selfenrol": False,
            "export": False,
            "controlreadstatus": False,
            "canreplyprivately": False,
        },
        "urls": {
            "view": f"{discuss}#p{post.id}",
            "viewisolated": f"{discuss}&parent={post.id}",
            "viewparent": f"{discuss}#p{post.parent_id}" if post.parent_id else None,
            "edit": f"{write}?edit={post.id}" if edit else None,
            "delete": f"{write}?delete={post.id}" if delete else None,
            "split": None,
            "reply": f"{write}?reply={post.id}#mformforum" if reply else None,
            "export": None,
            "markasread": None,
            "markasunread": None,
            "discuss": discuss,
        },
        "attachments": [],
        "messageinlinefiles": [],
        "tags": [],
        "html": {
            "rating": None,
            "taglist": None,
            "authorsubheading": f'by <a href="{profile}">{escape(author["fullname"])}</a> - '
            f'<time datetime="{machine_time(post.created_at)}">{when(post.created_at)}</time>',
        },
    }


def _author(call: Call, post: Post, activity: Activity) -> dict[str, Any]:
    groups = call.store.groups_of(activity.course_id, post.author_id) if activity.group_mode else []
    return {
        "id": post.author_id,
        "fullname": author_name(call, post.author_id),
        "isdeleted": post.author_id not in call.store.people,
        "groups": [{"id": g.id, "name": title(g.name), "urls": {"image": None}} for g in groups],
        "urls": {
            "profile": f"{call.url}/user/view.php?id={post.author_id}&course={activity.course_id}",
            "profileimage": call.picture(1),
        },
    }


def author_name(call: Call, person_id: int) -> str:
    """The author's name, also where the account is deleted by now."""
    person = call.store.people.get(person_id)
    return person.name if person else "Deleted user"
