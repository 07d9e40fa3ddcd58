"""The ways in which Moodle says no: always with HTTP 200, with these classes, codes and words."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An exception of Moodle's.

    :param kind: the name of the PHP class.
    :param code: Moodle's ``errorcode``; ``None`` where PHP itself failed.
    :param component: where the code is explained: ``moodle``, ``webservice``, ``forum`` …
    """

    def __init__(
        self, kind: str, code: str | None, message: str, component: str = "moodle"
    ) -> None:
        super().__init__(message)
        self.kind, self.code, self.message, self.component = kind, code, message, component

    def answer(self) -> dict[str, Any]:
        """As the REST server shows it."""
        codes = {} if self.code is None else {"errorcode": self.code}
        return {"exception": self.kind, **codes, "message": self.message}

    def inside_a_batch(self, url: str) -> dict[str, Any]:
        """As ``tool_mobile_call_external_functions`` shows it, before it is made JSON text."""
        if self.kind == _ACCESS:
            return {"errorcode": self.code, "module": "webservice"}
        where = f"https://docs.moodle.org/405/en/error/{self.component}/{self.code}"
        return {
            "message": self.message,
            "errorcode": self.code,
            "link": f"{url}/",
            "moreinfourl": where,
        }


_ACCESS = "webservice_access_exception"


def refused(code: str, message: str, component: str = "moodle") -> Refusal:
    """The common exception of Moodle's."""
    return Refusal("core\\exception\\moodle_exception", code, message, component)


def no_access() -> Refusal:
    """No right to use web services, or a function that is not in the token's service."""
    return Refusal(_ACCESS, "accessexception", "Access control exception")


def bad_token() -> Refusal:
    return refused("invalidtoken", "Invalid token - token not found", "webservice")


def bad_parameter() -> Refusal:
    """A parameter is missing, unknown or of the wrong type. Moodle does not say which."""
    return Refusal(
        "core\\exception\\invalid_parameter_exception",
        "invalidparameter",
        "Invalid parameter value detected",
        "debug",
    )


def no_record(table: str) -> Refusal:
    """The id is in no row of the database table."""
    return Refusal(
        "dml_missing_record_exception",
        "invalidrecord",
        f"Can't find data record in database table {table}.",
    )


def no_permission(title: str) -> Refusal:
    """A capability is missing; ``title`` is what Moodle calls it in English."""
    return Refusal(
        "core\\exception\\required_capability_exception",
        "nopermissions",
        f"Sorry, but you do not currently have permissions to do that ({title}).",
    )


_CLOSED = "Course or activity not accessible."


def not_accessible() -> Refusal:
    """The course or activity is closed to the token's user."""
    return Refusal("core\\exception\\require_login_exception", "requireloginerror", _CLOSED)


def bad_course_context(course_id: int) -> Refusal:
    """The same, as the older course functions say it."""
    return refused(
        "errorcoursecontextnotvalid",
        "You cannot execute functions in the course context "
        f"(course id:{course_id}). The context error message was: {_CLOSED}",
        "webservice",
    )


def php_error(message: str) -> Refusal:
    """A fault of PHP's that Moodle passes on as it is."""
    return Refusal("Error", None, message)
