"""What the bridge needs of Moodle's answers, and nothing else.

Fields that are not named here are ignored and optional ones may be missing: answers differ with
the version, the capabilities and the plugins of a site. A field that is needed and not there
raises :class:`~bridge.errors.UnexpectedAnswer` with its name and the function's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from bridge.errors import UnexpectedAnswer
from bridge.lms.moodle import text


class Moment(fields.Field[datetime | None]):
    """Seconds since 1970; 0, a null and a missing value mean "never"."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> datetime | None:
        try:
            seconds = int(value)
            return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
        except (TypeError, ValueError, OverflowError, OSError) as error:
            raise ValidationError("is no time") from error


class Plain(fields.String):
    """A text without what no database takes."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return text.clean(super()._deserialize(value, attr, data, **kwargs))


class Name(fields.String):
    """A name or title: one line of plain text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return text.name(super()._deserialize(value, attr, data, **kwargs))


class Cell(fields.Field[str]):
    """A cell of a report, which may be a text, a number or nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if value is not None and not isinstance(value, str | int | float):
            raise ValidationError("is no cell")
        return "" if value is None else str(value)


def _moment() -> Moment:
    return Moment(load_default=None, allow_none=True)


def _optional() -> Plain:
    return Plain(load_default=None, allow_none=True)


class Answer(Schema):
    """An answer, or a part of one; what is not named is ignored."""

    class Meta:
        unknown = EXCLUDE


class Function(Answer):
    name = fields.String(required=True)


class SiteInfo(Answer):
    sitename = Name(required=True)
    siteurl = fields.String(required=True)
    userid = fields.Integer(required=True)
    fullname = Name(load_default="")
    lang = fields.String(load_default="en")
    release = fields.String(load_default="")
    userissiteadmin = fields.Boolean(load_default=False)
    functions = fields.List(fields.Nested(Function), required=True)


class Category(Answer):
    id = fields.Integer(required=True)
    name = Name(required=True)
    parent = fields.Integer(load_default=0)
    path = fields.String(load_default="")
    sortorder = fields.Integer(load_default=0)
    coursecount = fields.Integer(load_default=0, allow_none=True)


class Course(Answer):
    id = fields.Integer(required=True)
    fullname = Name(required=True)
    shortname = Name(load_default="")
    summary = fields.String(load_default="", allow_none=True)
    categoryid = fields.Integer(load_default=None, allow_none=True)
    format = fields.String(load_default="")
    visible = fields.Boolean(load_default=None, allow_none=True)
    enablecompletion = fields.Boolean(load_default=None, allow_none=True)
    enrollmentmethods = fields.List(fields.String(), load_default=None, allow_none=True)
    audiencevisible = fields.Integer(load_default=None, allow_none=True)  # Totara only.
    startdate = _moment()
    enddate = _moment()


class Courses(Answer):
    courses = fields.List(fields.Nested(Course), required=True)


class TagPage(Answer):
    tagid = fields.Integer(required=True)


class FoundCourse(Answer):
    id = fields.Integer(required=True)


class FoundCourses(Answer):
    total = fields.Integer(required=True)
    courses = fields.List(fields.Nested(FoundCourse), required=True)


class Cohort(Answer):
    id = fields.Integer(required=True)
    name = Name(required=True)
    idnumber = fields.String(load_default="", allow_none=True)
    visible = fields.Boolean(load_default=True, allow_none=True)


class CohortMembers(Answer):
    cohortid = fields.Integer(required=True)
    userids = fields.List(fields.Integer(), required=True)


class RoleInCourse(Answer):
    shortname = fields.String(load_default="")


class EnrolledUser(Answer):
    id = fields.Integer(required=True)
    fullname = Name(load_default="")
    roles = fields.List(fields.Nested(RoleInCourse), load_default=list)
    lastcourseaccess = _moment()
    lastaccess = _moment()


class CourseOfPerson(Answer):
    id = fields.Integer(required=True)


class ProfileField(Answer):
    shortname = fields.String(load_default="")
    type = fields.String(load_default="", allow_none=True)
    value = Cell(load_default="", allow_none=True)  # What older sites send of a checkbox is HTML.


class User(Answer):
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
    customfields = fields.Raw(load_default=list, allow_none=True)  # Looked into if one is named.


class Criterion(Answer):
    type = fields.Integer(load_default=0, allow_none=True)
    complete = fields.Boolean(load_default=False, allow_none=True)
    timecompleted = _moment()


class CompletionStatus(Answer):
    completed = fields.Boolean(required=True)
    aggregation = fields.Integer(load_default=1, allow_none=True)
    completions = fields.List(fields.Nested(Criterion), load_default=list)


class Completion(Answer):
    completionstatus = fields.Nested(CompletionStatus, required=True)


class Forum(Answer):
    id = fields.Integer(required=True)
    course = fields.Integer(required=True)
    cmid = fields.Integer(required=True)
    name = Name(required=True)
    cancreatediscussions = fields.Boolean(load_default=False, allow_none=True)


class Module(Answer):
    id = fields.Integer(required=True)
    modname = fields.String(load_default="")
    visible = fields.Boolean(load_default=False, allow_none=True)  # Unsaid is not seen.
    uservisible = fields.Boolean(load_default=True, allow_none=True)
    groupmode = fields.Integer(load_default=0, allow_none=True)
    availability = _optional()
    availabilityinfo = _optional()


class Section(Answer):
    visible = fields.Boolean(load_default=False, allow_none=True)
    uservisible = fields.Boolean(load_default=True, allow_none=True)
    availabilityinfo = _optional()
    modules = fields.List(fields.Nested(Module), load_default=list)


class Discussion(Answer):
    id = fields.Integer(required=True)  # The first post.
    discussion = fields.Integer(required=True)
    name = Name(required=True)
    message = fields.String(load_default="", allow_none=True)
    userid = fields.Integer(required=True)
    userfullname = Name(load_default="")
    groupid = fields.Integer(required=True)
    created = Moment(required=True)
    timemodified = Moment(required=True)
    numreplies = fields.Integer(load_default=0)  # Older sites send it as a string.
    timestart = _moment()
    timeend = _moment()
    pinned = fields.Boolean(load_default=False)


class Discussions(Answer):
    discussions = fields.List(fields.Nested(Discussion), required=True)


class Author(Answer):
    id = fields.Integer(load_default=0, allow_none=True)


class ForumPost(Answer):
    id = fields.Integer(required=True)
    message = fields.String(load_default="", allow_none=True)
    hasparent = fields.Boolean(required=True)
    isprivatereply = fields.Boolean(load_default=False)
    isdeleted = fields.Boolean(load_default=False, allow_none=True)
    author = fields.Nested(Author, load_default=dict, allow_none=True)


class ForumPosts(Answer):
    posts = fields.List(fields.Nested(ForumPost), required=True)


class FlatPost(Answer):
    id = fields.Integer(required=True)
    parent = fields.Integer(required=True)  # 0 for the first post.
    userid = fields.Integer(required=True)
    message = fields.String(load_default="", allow_none=True)
    deleted = fields.Boolean(load_default=False, allow_none=True)


class FlatPosts(Answer):
    posts = fields.List(fields.Nested(FlatPost), required=True)


class NewDiscussion(Answer):
    discussionid = fields.Integer(required=True)


class NewPost(Answer):
    postid = fields.Integer(required=True)


class ReportListed(Answer):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    source = fields.String(load_default="")


class Reports(Answer):
    reports = fields.List(fields.Nested(ReportListed), required=True)


class ReportLine(Answer):
    columns = fields.List(Cell(), required=True)


class ReportData(Answer):
    headers = fields.List(Cell(), load_default=list)
    rows = fields.List(fields.Nested(ReportLine), required=True)
    totalrowcount = fields.Integer(required=True)


class Report(Answer):
    data = fields.Nested(ReportData, required=True)


class SentMessage(Answer):
    msgid = fields.Integer(required=True)
    errormessage = _optional()


class SortableColumn(Answer):
    id = fields.Integer(required=True)
    heading = fields.String(load_default="", allow_none=True)
    sortenabled = fields.Boolean(load_default=False)
    sortdirection = fields.Integer(load_default=0, allow_none=True)


class SortableColumns(Answer):
    sortablecolumns = fields.List(fields.Nested(SortableColumn), required=True)


def load(schema: type[Answer], answer: Any, function: str, *, many: bool = False) -> Any:
    """``answer`` as a dict (or a list of dicts) of the schema's fields.

    :raises UnexpectedAnswer: naming the function and the first field that is missing or wrong.
    """
    try:
        return _instance(schema).load(answer, many=many)
    except ValidationError as error:
        where, what = _first(error.messages)
        raise UnexpectedAnswer(
            f"The answer of {function} is not what the bridge understands: {where} – {what}",
            "Check that the token's role has the capabilities of the manifest; if it has, please"
            " report this with the release of the LMS.",
            function=function,
        ) from error


@cache
def _instance(schema: type[Answer]) -> Answer:
    # Making a schema costs more than using it.
    return schema()


def _first(messages: Any, path: str = "") -> tuple[str, str]:
    if isinstance(messages, dict):
        key, inner = next(iter(messages.items()))
        return _first(inner, f"{path}.{key}" if path and key != "_schema" else path or str(key))
    if isinstance(messages, list):
        return path or "answer", str(messages[0]).rstrip(".")
    return path or "answer", str(messages)
