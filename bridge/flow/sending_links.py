"""Links to sign in by, for those who asked: access knows who, the outlets carry them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from bridge.access import audit, link_requests, links
from bridge.delivery.notice_letters import Round
from bridge.errors import OutcomeUnknown, OutletBusy, OutletError
from bridge.flow.letters import address_of
from bridge.model import NoteChannel, Person, PersonalLetter, PersonalMessage
from bridge.ports import Clock
from bridge.setup.manifest import features
from bridge.storage import Store, Work

log = logging.getLogger(__name__)

Hand = Callable[[PersonalLetter | PersonalMessage, str], None]
Opened = Callable[[int | None], AbstractContextManager[Hand]]
"""Opens the way to the LMS of a connection, or with ``None`` to the mail server."""


def send_links(
    store: Store,
    clock: Clock,
    *,
    opened: Opened,
    link: Callable[[str], str],
    ways: Sequence[NoteChannel],
    stopping: Callable[[], bool] = lambda: False,
) -> Round:
    """Send everybody who asked, and is known, a link.

    An asking is forgotten when it is taken, so that nobody gets two links by one; whoever got none
    asks again. The ways are tried in their order until one takes it.

    :param ways: by mail, by a message of the LMS, or both.
    """
    done: dict[str, int] = dict.fromkeys(("sent", "nothing", "refused", "busy", "unknown"), 0)
    while not stopping():
        with store.work() as work:
            meant = link_requests.next_meant(work, clock.now())
        if meant is None:
            break
        if not meant.people:
            done["nothing"] += 1
        for person in meant.people:
            done[_send(store, clock, person, meant.to, opened, link, ways)] += 1
    return Round(**done)


def _send(
    store: Store,
    clock: Clock,
    person: Person,
    page: str,
    opened: Opened,
    link: Callable[[str], str],
    ways: Sequence[NoteChannel],
) -> str:
    with store.work() as work:
        open_ways = [way for way in ways if _is_open(work, person, way)]
        token = link_requests.link_for(work, person, clock.now()) if open_ways else None
        to = _address(work, person)
    if token is None:
        return "nothing"
    outcome = "refused"
    for way in open_ways:
        note, where = _note(person, way, to, link(link_requests.page(token, page)))
        try:
            with opened(where) as hand:
                hand(note, links.key_of(token))
            return "sent"
        except OutcomeUnknown:
            return "unknown"  # It may have arrived, so it stays good.
        except OutletError as error:
            outcome = "busy" if isinstance(error, OutletBusy) else "refused"
            _noticed(store, clock, person, way, error)
    with store.work() as work:
        links.drop(work, token)
    return outcome


def _noticed(
    store: Store, clock: Clock, person: Person, way: NoteChannel, error: OutletError
) -> None:
    # Without what the LMS or the mail server said: an address may stand in it.
    kind = type(error).__name__
    log.warning("a sign-in link could not be sent by %s: %s. %s", way.value, kind, error.remedy)
    # The doctor counts those that were refused, and no others.
    how = "put off" if isinstance(error, OutletBusy) else "refused"
    with store.work() as work:
        audit.note(work, None, f"link {how} by {way.value}", str(person.id), clock.now())


def _is_open(work: Work, person: Person, way: NoteChannel) -> bool:
    if way is NoteChannel.MAIL:
        return bool(_address(work, person))
    return takes_messages(work.connections.by_id(person.connection_id).functions)


def takes_messages(functions: frozenset[str]) -> bool:
    """Whether these functions, of the token's service, are all that a message needs."""
    (needed,) = [feature for feature in features() if feature.name == "messages"]
    return not needed.missing(functions)


def _address(work: Work, person: Person) -> str:
    viewer = work.access.viewer(person_id=person.id)
    return "" if viewer is None else address_of(work, viewer)


def _note(
    person: Person, way: NoteChannel, to: str, url: str
) -> tuple[PersonalLetter | PersonalMessage, int | None]:
    if way is NoteChannel.MAIL:
        return link_requests.letter(person, to, url), None
    text = link_requests.words(url)
    message = PersonalMessage(person.connection_id, person.lms_id, text[0].upper() + text[1:])
    return message, person.connection_id
