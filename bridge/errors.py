"""Every error the bridge raises on purpose, in one tree.

::

    BridgeError
     ├── ConfigError            a setting is missing or unusable
     ├── InputError             what a person typed or posted cannot be taken
     │    ├── NotFound          the named thing is not there (or not for this person)
     │    ├── Conflict          it contradicts what is there under the same id
     │    └── TooLarge          it is more than is taken at once
     ├── NotAllowed             this person may not do that
     ├── StorageError           the database cannot be reached or is not of this version
     ├── LmsError               an LMS did not give what was asked of it
     │    ├── Unreachable       no answer: name, connection, TLS, time-out       (retry)
     │    ├── Unavailable       an answer that asks to come back: 429, 5xx, maintenance (retry)
     │    ├── NotAnLms          an answer, but not from a web service
     │    ├── Refused           token, service or right refused
     │    │    └── MissingCapability   the right that is missing has a name
     │    ├── Missing           the record or function is not there
     │    └── UnexpectedAnswer  a field is missing or of the wrong type
     ├── IdentityError          what is said of a person who comes in cannot be believed
     │    └── NoAnswer          who is to vouch for them did not answer           (retry)
     └── OutletError            an outlet did not take what was sent
          ├── OutletBusy        a passing failure                                (retry)
          ├── OutletRefused     a lasting failure
          │    └── CannotTakeBack   what is shown there cannot be edited or deleted any more
          └── OutcomeUnknown    sent, and no answer came: it may be there or not

Each says what went wrong in its first sentence (``message``), what to do about it in ``remedy``,
and whether trying again later can help (``retry``). The cause is chained with ``raise … from``.
"""

from __future__ import annotations


class BridgeError(Exception):
    """The root of the tree.

    :param message: one sentence, fit to be shown to the person who asked.
    :param remedy: what that person can do, and where; may be empty when nothing can be done.
    """

    retry = False
    """Whether the same request may succeed later without anybody changing anything."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class ConfigError(BridgeError):
    """A setting is missing or cannot be used."""


class OutletUnusable(ConfigError):
    """An outlet's settings cannot be used.

    :param stays: why what it shows would stay there whatever the settings, where that is so.
    """

    def __init__(self, message: str, remedy: str = "", *, stays: str = "") -> None:
        super().__init__(message, remedy)
        self.stays = stays


class InputError(BridgeError):
    """What a person typed or posted cannot be taken."""


class NotFound(InputError):
    """The named thing is not there, or not for this person: the two are never told apart."""


class Conflict(InputError):
    """What was sent contradicts what is there under the same id."""


class TooLarge(InputError):
    """More was sent than is taken at once."""


class NotAllowed(BridgeError):
    """This person may not do that."""


class StorageError(BridgeError):
    """The database cannot be reached, or its tables are of another version."""


class LmsError(BridgeError):
    """An LMS did not give what was asked of it.

    :param function: the web-service function that was called, where there was one.
    :param code: the ``errorcode`` of the LMS, where it gave one.
    :param too_much: whether asking for less at once may help.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        function: str = "",
        code: str = "",
        too_much: bool = False,
    ) -> None:
        super().__init__(message, remedy)
        self.function = function
        self.code = code
        self.too_much = too_much


class Unreachable(LmsError):
    """No answer came: the name, the connection, TLS, or the time ran out."""

    retry = True


class Unavailable(LmsError):
    """The LMS answered that it cannot answer now.

    :param after: seconds to wait, where the LMS said so.
    """

    retry = True

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        function: str = "",
        code: str = "",
        too_much: bool = False,
        after: float | None = None,
    ) -> None:
        super().__init__(message, remedy, function=function, code=code, too_much=too_much)
        self.after = after


class NotAnLms(LmsError):
    """Something answered, but it was not a web service."""


class Refused(LmsError):
    """The token, the service or a right was refused."""


class MissingCapability(Refused):
    """A right is missing, and it has a name.

    :param capability: for example ``report/completion:view``.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        function: str = "",
        code: str = "",
        capability: str = "",
    ) -> None:
        super().__init__(message, remedy, function=function, code=code)
        self.capability = capability


class Missing(LmsError):
    """The record or function that was named is not there."""


class UnexpectedAnswer(LmsError):
    """A field that the bridge needs is missing or of the wrong type; the message names it."""


class IdentityError(BridgeError):
    """What is said of a person who comes in cannot be believed: by an LTI platform, for example."""


class NoAnswer(IdentityError):
    """Who is to vouch for a person did not answer, or not in time."""

    retry = True


class OutletError(BridgeError):
    """An outlet did not take what was sent."""


class OutletBusy(OutletError):
    """A passing failure: try again, after ``after`` seconds where the outlet said so."""

    retry = True

    def __init__(self, message: str, remedy: str = "", *, after: float | None = None) -> None:
        super().__init__(message, remedy)
        self.after = after


class OutletRefused(OutletError):
    """A lasting failure: the same thing will be refused again."""


class CannotTakeBack(OutletRefused):
    """What is shown at the outlet cannot be edited or deleted any more."""


class OutcomeUnknown(OutletError):
    """It was sent and no answer came: it may be there or not. Never blindly repeated."""
