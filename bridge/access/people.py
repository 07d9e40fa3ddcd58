"""Finding a person by what somebody typed."""

from __future__ import annotations

from bridge.access.search import only, typed
from bridge.errors import NotAllowed, NotFound
from bridge.model import Person
from bridge.storage import Work


def find(work: Work, text: str, connection_id: int | None = None) -> Person:
    """The person that ``text`` means: an e-mail address, username, LMS id, name or part of a name.

    The most exact meaning counts: who has it as a username before whose name it is. People whom the
    LMS has suspended are found, those who left are not.

    :param connection_id: where to look; ``None`` looks everywhere.
    :raises NotFound: if it means nobody.
    :raises InputError: if it means several; the message names them.
    """
    wanted = typed(text)
    folded = wanted.casefold()
    found = only(
        wanted,
        lambda whole: work.access.people_like(wanted, connection_id, whole=whole),
        (
            lambda p: (p.person.email or "").casefold() == folded,
            lambda p: (p.person.username or "").casefold() == folded,
            lambda p: str(p.person.lms_id) == wanted,
            lambda p: p.person.name == wanted,
            lambda p: p.person.name.casefold() == folded,
        ),
        lambda p: f"{p.person.name} ({p.connection}, {p.person.email or p.person.lms_id})",
        what="person",
    )
    return found.person


def kept(work: Work, text: str, connection_id: int) -> Person:
    """Whoever is kept under what :func:`find` takes; by the LMS id those who left the LMS, too.

    :raises NotFound: if it means nobody.
    :raises InputError: if it means several; the message names them.
    """
    if text.isdecimal() and len(text) < 10:
        ours = work.people.known(connection_id, [int(text)]).get(int(text))
        person = work.access.person(ours) if ours is not None else None
        if person is not None:
            return person
    return find(work, text, connection_id)


def present(work: Work, person_id: int) -> Person:
    """The person, if they can come in.

    :raises NotFound: if there is no such person, or they left.
    :raises NotAllowed: if the LMS has suspended them.
    """
    person = work.access.person(person_id)
    if person is None or person.gone:
        raise NotFound("There is no such person.", "They may have left the LMS.")
    if person.suspended:
        raise NotAllowed(
            f"{person.name} is suspended in the LMS.",
            "An administrator of the LMS can lift that; the next sync sees it.",
        )
    return person
