"""What the bridge asks of Totara's lists, and their records → the model's facts. Pure.

Totara 17 to 20 have these fields; what is marked as optional was added on the way or may be.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from bridge.lms.moodle import text
from bridge.lms.moodle.schemas import Answer, Moment, Name, load
from bridge.lms.totara.listing import Field, Listing, Page
from bridge.model import CourseFact, JobTeamFact, PersonFact

_SERVER_TIMEZONE = "99"
_SECONDS = "format: TIMESTAMP"

PEOPLE = Listing(
    "core_user_users",
    (
        Field("id"),
        Field("fullname"),
        Field("username", optional=True),
        Field("email", optional=True),
        Field("department", optional=True),
        Field("profileimageurl", optional=True),
        Field("timezone", optional=True),
        Field("lang", optional=True),
        Field("suspended", optional=True),
        Field("lastaccess", _SECONDS, optional=True),
    ),
    sort=({"column": "id", "direction": "ASC"},),
    # Without it those who are suspended are not listed; 17.0 has no filters.
    filters={"status": "ALL"},
)

COURSES = Listing(
    "core_course_courses",
    (
        Field("id"),
        Field("fullname"),
        Field("shortname"),
        Field("summary", "format: PLAIN"),
        Field("categoryid"),
        Field("startdate", _SECONDS),
        Field("enddate", _SECONDS),
        Field("completionenabled", optional=True),
    ),
)

JOBS = Listing(
    "totara_job_job_assignments",
    (
        Field("userid"),
        Field("managerja", fields=(Field("userid"), Field("user", fields=(Field("fullname"),)))),
    ),
)

JOBS_BY_ID = Listing(
    "totara_job_job_assignments",
    (Field("userid"), Field("managerja", fields=(Field("userid"),))),
)
"""The same without names: one manager whom the service account may not see fails a named page."""


def _optional() -> fields.String:
    return fields.String(load_default=None, allow_none=True)


def _moment() -> Moment:
    return Moment(load_default=None, allow_none=True)


class _User(Answer):
    id = fields.Integer(required=True)
    fullname = Name(required=True)
    username = _optional()
    email = _optional()
    department = _optional()
    profileimageurl = _optional()
    timezone = _optional()
    lang = _optional()
    suspended = fields.Boolean(load_default=False, allow_none=True)
    lastaccess = _moment()


class _Course(Answer):
    id = fields.Integer(required=True)
    fullname = Name(required=True)
    shortname = Name(load_default="")
    summary = fields.String(load_default="", allow_none=True)
    categoryid = fields.Integer(load_default=None, allow_none=True)
    startdate = _moment()
    enddate = _moment()
    completionenabled = fields.Boolean(load_default=True, allow_none=True)


class _Named(Answer):
    fullname = Name(load_default="", allow_none=True)


class _ManagerJob(Answer):
    userid = fields.Integer(required=True)
    user = fields.Nested(_Named, load_default=None, allow_none=True)


class _Job(Answer):
    userid = fields.Integer(required=True)
    managerja = fields.Nested(_ManagerJob, load_default=None, allow_none=True)


def people(page: Page) -> list[PersonFact]:
    """The people of a page.

    :raises UnexpectedAnswer: naming the first field that is missing or wrong.
    """
    return [_person(row) for row in load(_User, list(page), page.listing.name, many=True)]


def _person(row: dict[str, Any]) -> PersonFact:
    zone = row["timezone"]
    return PersonFact(
        lms_id=row["id"],
        name=row["fullname"],
        username=row["username"],
        email=row["email"] or None,
        photo_url=row["profileimageurl"] or None,
        timezone=None if zone in {None, "", _SERVER_TIMEZONE} else zone,
        language=row["lang"] or None,
        department=text.name(row["department"] or "") or None,
        suspended=bool(row["suspended"]),
        last_access_at=row["lastaccess"],
    )


def courses(page: Page, site_url: str) -> list[CourseFact]:
    """The courses of a page; the site itself, which is in no category, is not among them.

    The API does not say whether a course is hidden: they count as **not visible**, until REST says
    that they are.

    :raises UnexpectedAnswer: naming the first field that is missing or wrong.
    """
    rows = load(_Course, list(page), page.listing.name, many=True)
    return [_course(row, site_url) for row in rows if row["categoryid"]]


def _course(row: dict[str, Any], site_url: str) -> CourseFact:
    return CourseFact(
        lms_id=row["id"],
        name=row["fullname"],
        short_name=row["shortname"],
        summary=text.plain(row["summary"] or ""),
        category_lms_id=row["categoryid"],
        visible=False,
        tracked=row["completionenabled"] is not False,
        starts_at=row["startdate"],
        ends_at=row["enddate"],
        self_enrol=None,
        url=f"{site_url}/course/view.php?id={row['id']}",
    )


def job_teams(pages: Iterable[Page]) -> list[JobTeamFact]:
    """The people whose job assignment names a manager's, by manager; a record may come twice.

    Nobody is in their own team, and whoever has no manager is in none.

    :raises UnexpectedAnswer: naming the first field that is missing or wrong.
    """
    names: dict[int, str] = {}
    teams: dict[int, set[int]] = {}
    for page in pages:
        for row in load(_Job, list(page), page.listing.name, many=True):
            job = row["managerja"]
            if job is None or job["userid"] == row["userid"]:
                continue
            teams.setdefault(job["userid"], set()).add(row["userid"])
            names[job["userid"]] = (job["user"] or {}).get("fullname") or ""
    return [
        JobTeamFact(manager, names[manager], frozenset(those))
        for manager, those in sorted(teams.items())
    ]
