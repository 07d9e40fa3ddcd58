"""What Totara says where it refuses: the older names of classes, and one code for all it misses."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms.refusals import Refusal

_MISSING = "dml_missing_record_exception"
_LOGIN = "require_login_exception"
_HINTS = {
    "accessexception": "Access to the function is not allowed. There could be multiple reasons.",
    "invalidparameter": "Missing required key in single structure",
    "invalidrecordunknown": "SELECT * FROM {a table} WHERE id = ?",
}
"""What a site with developer debugging adds to a refusal."""


def missing() -> Refusal:
    """There is no such function, course, person, forum, discussion, audience: all alike."""
    return Refusal(_MISSING, "invalidrecordunknown", "Can not find data record in database.")


def refused(code: str, message: str) -> Refusal:
    """The common exception."""
    return Refusal("moodle_exception", code, message)


def not_supported(message: str) -> Refusal:
    """A mistake that Totara takes for one of the programmer's."""
    text = f"Coding error detected, it must be fixed by a programmer: {message}"
    return Refusal("coding_exception", "codingerror", text)


def told(refusal: Refusal, debugging: bool) -> dict[str, Any]:
    """A refusal as Totara 12 shows it, those of the Moodle in it included."""
    kind, code, message = refusal.kind.rpartition("\\")[2], refusal.code, refusal.message
    if kind == _MISSING:
        code, message = "invalidrecordunknown", missing().message
    elif code == "nopermissions":
        message = message.removesuffix(".").replace("cohorts", "audiences")
    answer: dict[str, Any] = {"exception": kind, "errorcode": code, "message": message}
    if debugging and code in _HINTS:
        answer["debuginfo"] = _HINTS[code]
    return answer
