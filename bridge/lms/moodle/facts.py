"""Checked answers of Moodle → the model's facts. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bridge.lms.moodle import text
from bridge.lms.moodle.schemas import ProfileField, load
from bridge.model import (
    CategoryFact,
    CourseFact,
    DiscussionFact,
    EnrolmentFact,
    PersonFact,
    TeamFact,
)

Row = dict[str, Any]

_SERVER_TIMEZONE = "99"
_STAFF = {"manager", "coursecreator", "editingteacher", "teacher", "guest"}
"""Moodle's own roles without moodle/course:isincompletionreports (lib/db/access.php)."""


def category(row: Row) -> CategoryFact:
    return CategoryFact(
        lms_id=row["id"],
        name=row["name"],
        parent_lms_id=row["parent"] or None,
        path=row["path"],
        sort_order=row["sortorder"],
        courses=row["coursecount"] or 0,
    )


def course(row: Row, site_url: str, language: str, *, visible_unless_said: bool) -> CourseFact:
    methods = row["enrollmentmethods"]
    return CourseFact(
        lms_id=row["id"],
        name=row["fullname"],
        short_name=row["shortname"],
        summary=text.plain(row["summary"] or "", language),
        category_lms_id=row["categoryid"] or None,
        visible=visible_unless_said if row["visible"] is None else row["visible"],
        tracked=row["enablecompletion"] is not False,
        starts_at=row["startdate"],
        ends_at=row["enddate"],
        self_enrol=None if methods is None else "self" in methods,
        url=f"{site_url}/course/view.php?id={row['id']}",
    )


def team(row: Row) -> TeamFact:
    return TeamFact(
        lms_id=row["id"],
        name=row["name"],
        id_number=row["idnumber"] or "",
        visible=row["visible"] is not False,
    )


def enrolment(row: Row) -> EnrolmentFact:
    # Only a site that does not say the one is asked for the other.
    seen = row["lastcourseaccess"] or row["lastaccess"]
    roles = {role["shortname"] for role in row["roles"]}
    return EnrolmentFact(row["id"], row["fullname"], seen, is_staff(roles))


def is_staff(roles: set[str]) -> bool:
    """Whether somebody with these roles only teaches or runs a course."""
    return bool(roles) and roles <= _STAFF


def person(row: Row, named: Collection[str] = ()) -> PersonFact:
    """A person's record; of their custom profile fields only those that are ``named``."""
    zone = row["timezone"]
    return PersonFact(
        lms_id=row["id"],
        name=row["fullname"],
        username=row["username"],
        email=row["email"] or None,
        photo_url=row["profileimageurl"],
        timezone=None if zone in {None, "", _SERVER_TIMEZONE} else zone,
        language=row["lang"] or None,
        department=row["department"] or None,
        suspended=bool(row["suspended"]),
        last_access_at=row["lastaccess"],
        profile=_profile(row, named) if named else {},
    )


def _profile(row: Row, named: Collection[str]) -> dict[str, str]:
    found = load(ProfileField, row["customfields"] or [], "the people", many=True)
    return {f["shortname"]: _profile_value(f) for f in found if f["shortname"] in named}


def _profile_value(found: Row) -> str:
    """What a field holds, as a word. An older site draws a checkbox instead of saying 1 or 0."""
    value = found["value"] or ""
    if found["type"] == "checkbox" and "<input" in value:
        return "1" if "checked" in value else "0"
    return text.name(value)


def discussion(
    row: Row, forum_id: int, course_id: int, site_url: str, language: str
) -> DiscussionFact:
    return DiscussionFact(
        lms_id=row["discussion"],
        forum_lms_id=forum_id,
        course_lms_id=course_id,
        first_post_lms_id=row["id"],
        author_lms_id=row["userid"],
        author_name=row["userfullname"],
        title=row["name"],
        text=text.plain(row["message"] or "", language),
        created_at=row["created"],
        modified_at=row["timemodified"] or row["created"],
        replies=row["numreplies"],
        url=f"{site_url}/mod/forum/discuss.php?d={row['discussion']}",
    )
