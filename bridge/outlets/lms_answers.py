"""What an LMS's answer to a write means for who wanted it: not done, or nobody knows."""

from __future__ import annotations

from bridge.errors import (
    LmsError,
    Missing,
    OutletBusy,
    OutletError,
    OutletRefused,
    Refused,
    Unavailable,
)


def surely_not(error: LmsError) -> bool:
    """Whether the LMS said by itself that it has not done what was asked.

    Everything else (silence, a gateway's page, a PHP error) may have come after it was done.
    """
    asked_to_wait = isinstance(error, Unavailable) and error.after is not None
    return isinstance(error, Refused | Missing) or bool(error.code) or asked_to_wait


def not_done(error: LmsError) -> OutletError:
    """The error of an outlet that it stands for, if nothing was done."""
    if error.retry:
        after = error.after if isinstance(error, Unavailable) else None
        return OutletBusy(error.message, error.remedy, after=after)
    return OutletRefused(error.message, error.remedy)
