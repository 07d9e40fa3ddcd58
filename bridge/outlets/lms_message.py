"""Messages to people by their LMS's own messaging. They can be neither edited nor taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bridge.errors import LmsError, OutcomeUnknown
from bridge.model import PersonalMessage
from bridge.outlets.lms_answers import not_done, surely_not
from bridge.ports import Connector


@contextmanager
def opened(connector: Connector) -> Iterator[Callable[[PersonalMessage], None]]:
    """The way to hand messages over, one after another.

    The LMS is asked first who it is: one that does not answer has surely sent nothing.

    :raises OutletBusy: if it does not answer. :raises OutletRefused: if it refuses the token.
    """
    try:
        connector.site()
    except LmsError as error:
        raise not_done(error) from error
    yield lambda message: _hand_over(connector, message)


def _hand_over(connector: Connector, message: PersonalMessage) -> None:
    try:
        connector.send_message(message.person_lms_id, message.text)
    except LmsError as error:
        if surely_not(error):
            raise not_done(error) from error
        raise OutcomeUnknown(
            error.message, "Whether the message arrived is seen only by its reader."
        ) from error
