"""mod_forum_*, reading: forums, discussions, posts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.api import posts
from bridge.demo.lms.call import Call, Function, Table, activity_context
from bridge.demo.lms.parameters import Many, Record, Type, Value
from bridge.demo.lms.refusals import bad_parameter, php_error, refused
from bridge.demo.lms.wording import title
from bridge.demo.world import ALL_PARTICIPANTS, Activity, Discussion, Forum

_PAGE = 100
_NEWEST_POST = 1

_Key = Callable[[Discussion, int], tuple[int, int]]
_ORDERS: dict[int, tuple[_Key, bool]] = {
    1: (lambda d, _: (d.modified_at, d.id), True),
    2: (lambda d, _: (d.modified_at, d.id), False),
    3: (lambda d, _: (d.created_at, d.id), True),
    4: (lambda d, _: (d.created_at, d.id), False),
    5: (lambda d, replies: (replies, d.id), True),
    6: (lambda d, replies: (replies, d.id), False),
}


def get_forums_by_courses(call: Call, params: dict[str, Any]) -> Any:
    """Courses and forums that the user may not enter are left out in silence."""
    if not call.can(can.VIEW_DISCUSSION):
        return []
    answer = []
    for course_id in params["courseids"]:
        course = call.store.courses.get(course_id)
        if course is None or not call.may_enter(course):
            continue
        for forum in call.store.forums_of(course_id):
            activity = call.store.activities[forum.activity_id]
            if call.may_use(activity):
                answer.append(_forum(call, forum, activity))
    return answer


def _forum(call: Call, forum: Forum, activity: Activity) -> dict[str, Any]:
    return {
        "id": forum.id,
        "course": forum.course_id,
        "type": "general",
        "name": title(forum.name),
        "intro": forum.intro_html,
        "introformat": 1,
        "introfiles": [],
        "lang": "",
        "duedate": 0,
        "cutoffdate": 0,
        "assessed": 0,
        "assesstimestart": 0,
        "assesstimefinish": 0,
        "scale": 0,
        "grade_forum": 0,
        "grade_forum_notify": 0,
        "maxbytes": 0,
        "maxattachments": 1,
        "forcesubscribe": 0,
        "trackingtype": 1,
        "rsstype": 0,
        "rssarticles": 0,
        "timemodified": activity.changed_at,
        "warnafter": 0,
        "blockafter": 0,
        "blockperiod": 0,
        "completiondiscussions": 0,
        "completionreplies": 0,
        "completionposts": 0,
        "cmid": activity.id,
        "numdiscussions": len(_readable(call, forum, activity)),
        "cancreatediscussions": posts.may_start(call, activity),
        "lockdiscussionafter": 0,
        "istracked": False,
    }


def _readable(call: Call, forum: Forum, activity: Activity) -> list[Discussion]:
    return [
        discussion
        for discussion in call.store.discussions_of(forum.id)
        if posts.may_read_group(call, activity, discussion)
    ]


def get_forum_discussions(call: Call, params: dict[str, Any]) -> Any:
    order = _NEWEST_POST if params["sortorder"] == -1 else params["sortorder"]
    if order not in _ORDERS:
        raise bad_parameter()
    forum = call.store.forums.get(params["forumid"])
    if forum is None:
        message = f"Unable to find forum with id {params['forumid']}"
        raise refused(message, f"error/{message}")
    activity = posts.enter_forum(call, forum)
    posts.require_reading(call)
    found = _readable(call, forum, activity)
    if params["groupid"]:
        found = [d for d in found if d.group_id in (params["groupid"], ALL_PARTICIPANTS)]
    replies = {d.id: len(call.store.posts_of(d.id)) - 1 for d in found}
    key, descending = _ORDERS[order]
    found.sort(key=lambda d: key(d, replies[d.id]), reverse=descending)
    found.sort(key=lambda d: not d.pinned)
    size = params["perpage"] if params["perpage"] > 0 else _PAGE
    start = max(params["page"], 0) * size
    return {
        "discussions": [
            _discussion(call, activity, d, replies[d.id]) for d in found[start : start + size]
        ],
        "warnings": [],
    }


def _discussion(
    call: Call, activity: Activity, discussion: Discussion, replies: int
) -> dict[str, Any]:
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
        "parent": 0,
        "userid": first.author_id,
        "created": first.created_at,
        "modified": first.modified_at,
        "mailed": 0,
        "subject": title(first.subject),
        "message": first.message_html,
        "messageformat": 1,
        "messagetrust": 0,
        "attachment": False,
        "totalscore": 0,
        "mailnow": 0,
        "userfullname": posts.author_name(call, first.author_id),
        "usermodifiedfullname": posts.author_name(call, discussion.modified_by_id),
        "userpictureurl": call.picture(2),
        "usermodifiedpictureurl": call.picture(2),
        "numreplies": replies,
        "numunread": 0,
        "pinned": discussion.pinned,
        "locked": False,
        "starred": False,
        "canreply": posts.may_reply(call, activity),
        "canlock": False,
        "canfavourite": True,
    }


def get_discussion_posts(call: Call, params: dict[str, Any]) -> Any:
    discussion = call.store.discussions.get(params["discussionid"])
    if discussion is None:
        raise php_error("Call to a member function get_forum_id() on null")
    field = {"id": "id", "created": "created_at", "modified": "modified_at"}.get(params["sortby"])
    direction = params["sortdirection"].upper()
    if field is None or direction not in ("ASC", "DESC"):
        raise bad_parameter()
    forum = posts.forum_of(call, discussion)
    activity = posts.enter_forum(call, forum)
    posts.require_reading(call)
    found = []
    if posts.may_read_group(call, activity, discussion):
        found = call.store.posts_of(discussion.id)
    found.sort(key=lambda post: (getattr(post, field), post.id), reverse=direction == "DESC")
    return {
        "posts": [posts.exported(call, post) for post in found],
        "forumid": forum.id,
        "courseid": forum.course_id,
        "ratinginfo": {
            "contextid": activity_context(activity.id),
            "component": "mod_forum",
            "ratingarea": "post",
            "canviewall": None,
            "canviewany": None,
            "scales": [],
            "ratings": [],
        },
        "warnings": [],
    }


FUNCTIONS: Table = {
    "mod_forum_get_forums_by_courses": Function(
        get_forums_by_courses, Record({"courseids": Many(Value(Type.INT), default=())})
    ),
    "mod_forum_get_forum_discussions": Function(
        get_forum_discussions,
        Record(
            {
                "forumid": Value(Type.INT),
                "sortorder": Value(Type.INT, default=-1),
                "page": Value(Type.INT, default=-1),
                "perpage": Value(Type.INT, default=0),
                "groupid": Value(Type.INT, default=0),
            }
        ),
    ),
    "mod_forum_get_discussion_posts": Function(
        get_discussion_posts,
        Record(
            {
                "discussionid": Value(Type.INT),
                "sortby": Value(Type.WORD, default="created"),
                "sortdirection": Value(Type.WORD, default="DESC"),
            }
        ),
    ),
}
