"""Asking to come in: somebody types an address, and a link goes there if it is known.

What is answered is the same whether or not it is; who it belongs to is looked up by a worker, so
that not even the time of an answer tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import urlencode

from bridge.access import links
from bridge.errors import InputError
from bridge.model import Person, PersonalLetter
from bridge.storage import Work

LONGEST = 255
HOME = "/"
LONGEST_PAGE = 500
"""Characters of a page's address that a link takes along; it must fit into one line of a letter."""
MOST_PEOPLE = 3
"""One human may be somebody on several connections: so many get a link at one asking."""

MOST_LINKS = 3
WITHIN = timedelta(minutes=15)
"""So many links, within this, a person gets: who asks for another one's cannot fill their mail."""

SUBJECT = "Your link to Socialbridge"


def ask(work: Work, said: str, now: datetime, to: str = HOME) -> None:
    """Keep what somebody typed, for a worker.

    :param to: the page that they wanted to see; one of ours, which the caller has made sure of.
    :raises InputError: if nothing was, or far too much.
    """
    said = said.strip().replace("\0", "")
    if not said or len(said) > LONGEST:
        raise InputError(
            "Type your e-mail address or user name.", "It is the one of your learning platform."
        )
    work.access.ask(said, now, to if len(to) <= LONGEST_PAGE else HOME)


@dataclass(frozen=True)
class Meant:
    """Who an asking means, and the page that they wanted to see."""

    people: tuple[Person, ...]
    to: str = HOME


def next_meant(work: Work, now: datetime) -> Meant | None:
    """Who is meant by the oldest asking, which is forgotten by that; ``None`` if nobody asked.

    What was asked too long ago is meant for nobody: they have given up.
    """
    asking = work.access.next_asking()
    if asking is None:
        return None
    if asking.asked_at + WITHIN <= now:
        return Meant(())
    return Meant(work.access.known_as(asking.said, MOST_PEOPLE), asking.next)


def page(token: str, to: str) -> str:
    """The address, on the bridge, of a link that leads on to a page."""
    return f"/sign-in/{token}" + ("" if to == HOME else f"?{urlencode({'next': to})}")


def link_for(work: Work, person: Person, now: datetime) -> str | None:
    """A sign-in token for the person; ``None`` if they have got enough of them."""
    if work.access.links_since(person.id, now - WITHIN) >= MOST_LINKS:
        return None
    return links.issue(work, person.id, now)


def letter(person: Person, to: str, url: str) -> PersonalLetter:
    """The letter with the link."""
    name = " ".join(person.name.split())
    return PersonalLetter(
        to=to,
        subject=SUBJECT,
        plain=f"Hello {name},\n\n{words(url)}",
        html=(
            f"<p>Hello {escape(name)},</p><p>here is your link to Socialbridge:</p>"
            f'<p><a href="{escape(url)}">Sign in</a></p><p>{escape(_SMALL)}</p>'
        ),
    )


def words(url: str) -> str:
    """What a message with the link says."""
    return f"here is your link to Socialbridge:\n\n{url}\n\n{_SMALL}"


_SMALL = (
    "It signs you in once, within 15 minutes. You did not ask for it? Then somebody has typed your"
    " address; without this link they do not come in, and you need not do anything."
)
