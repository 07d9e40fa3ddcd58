"""Letters about what concerns a person: the feed knows what, delivery knows when and whether."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, tzinfo

from bridge.delivery import notice_letters
from bridge.feed import notices
from bridge.feed.notice_letter import letter
from bridge.model import PersonalLetter, Viewer
from bridge.ports import Clock
from bridge.storage import Store, Work

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+", re.ASCII)


def write_letters(
    store: Store,
    clock: Clock,
    *,
    opened: Callable[[], AbstractContextManager[notice_letters.Post]],
    link: Callable[[str], str],
    zone: tzinfo,
    stopping: Callable[[], bool] = lambda: False,
) -> notice_letters.Round:
    """Write everybody the letter about their notices that is due.

    :param opened: opens the way to the mail server.
    :param link: makes an absolute address of a path of the bridge.
    :param zone: of people who have none of their own.
    """

    def compose(
        work: Work, viewer: Viewer, since: datetime, until: datetime
    ) -> PersonalLetter | None:
        address = address_of(work, viewer)
        found = notices.groups(work, viewer, unread=True, between=(since, until))
        if not address or not found:
            return None
        end = link(f"/letters/end/{notice_letters.token(work, viewer.person_id)}")
        return letter(found, viewer.name, address, link, end)

    return notice_letters.write(
        store, clock, compose=compose, opened=opened, zone=zone, stopping=stopping
    )


def address_of(work: Work, viewer: Viewer) -> str:
    """The person's address, as the LMS has it, if a letter can be sent there; else nothing."""
    person = work.access.person(viewer.person_id)
    address = (person.email if person else "") or ""
    return address if address.isascii() and _ADDRESS.fullmatch(address) else ""
