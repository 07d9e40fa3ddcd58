"""Letters to people, or to mailing lists, by the mail server of the installation.

Each receiver gets a letter of their own, because the link to end it is theirs alone: RFC 2369 has
the header, RFC 8058 the one click. A mailing list gets none, because its own software knows who is
on it, and one of them must not end it for all. What went out stays where it is.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from email.message import EmailMessage

from bridge.errors import (
    CannotTakeBack,
    ConfigError,
    OutcomeUnknown,
    OutletBusy,
    OutletError,
    OutletRefused,
)
from bridge.model import Post, Receipt, Removal, Rendering
from bridge.outlets.letter import Letters, sayable
from bridge.outlets.moodle_forum import message
from bridge.outlets.wording import disarmed, is_address, one_line, shortened, spoken
from bridge.ports import Abilities, Act, OutletKind

LONGEST_SUBJECT = 200
MOST = 50
"""Receivers: each is a letter of its own, and they go one after another."""
ONE_CLICK = "List-Unsubscribe=One-Click"
SOMEBODYS_LINK = "https://…/unsubscribe/…"
"""Stands in a rendering for a link that only its receiver may have."""
GONE_OUT = "Mail that went out cannot be taken back."


class EmailPublisher:
    """A :class:`~bridge.ports.Publisher` for some addresses.

    :param to: people's addresses.
    :param lists: addresses of mailing lists.
    :param link: the address of the page on which a receiver ends their letters.
    :param ended: asked before each post: who wants nothing more, in lower case.
    :param now: the moment that letters are dated by.
    :raises ConfigError: if there is no receiver, too many, or one that is no address.
    """

    abilities = Abilities(edit=False, delete=False, find=False, idempotent=False, stays=GONE_OUT)

    def __init__(
        self,
        letters: Letters,
        to: Sequence[str],
        lists: Sequence[str],
        *,
        link: Callable[[str], str],
        ended: Callable[[], Collection[str]],
        now: Callable[[], datetime],
    ) -> None:
        self._letters = letters
        self._to, self._lists = _checked(to), _checked(lists)
        if not 0 < len(self._to) + len(self._lists) <= MOST:
            raise ConfigError(
                f"An e-mail outlet has 1 to {MOST} receivers.", "Use a mailing list for more."
            )
        self._link, self._ended, self._now = link, ended, now

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        """The first receiver's letter; the link to end their letters is theirs alone, so another
        stands in its place."""
        to = self._receivers()
        link = "" if to[0] in self._lists else SOMEBODYS_LINK
        letter = self._written(post, to[0], link)
        notes = shortened(("The subject", one_line(post.title), letter["Subject"]))
        if len(to) > 1:
            notes += (f"{len(to)} receivers get a letter each.",)
        if link:
            notes += ("Each letter has its receiver's own link to end the letters.",)
        return Rendering(
            "mail",
            letter["Subject"],
            sayable(_plain(post, link)),
            letter.as_bytes().decode("utf-8", "replace"),
            notes,
        )

    def publish(self, post: Post) -> Receipt:
        """Write to everybody who has not said that they want no more.

        The same post has the same ``Message-ID`` whenever it is sent, for every receiver.
        """
        to, taken, failures = self._receivers(), 0, list[OutletError]()
        with self._letters.opened() as hand_over:
            for address in to:
                try:
                    hand_over(self._letter(post, address))
                    taken += 1
                except OutcomeUnknown as error:
                    failures = [error]
                    break
                except (OutletBusy, OutletRefused) as error:
                    failures.append(error)
        if failures:
            raise _outcome(failures, taken, len(to))
        return Receipt(self._ident(post))

    def edit(self, remote_id: str, post: Post) -> Receipt:
        raise CannotTakeBack(GONE_OUT)

    def delete(self, remote_id: str, post: Post) -> Removal:
        raise CannotTakeBack(GONE_OUT)

    def find(self, post: Post) -> Receipt | None:
        """Never asked: nobody can look into a mailbox."""
        return None

    def _receivers(self) -> list[str]:
        ended = self._ended()
        to = [address for address in (*self._to, *self._lists) if address.lower() not in ended]
        if not to:
            raise OutletRefused(
                "Every receiver has unsubscribed.", "Give the outlet other receivers, or remove it."
            )
        return to

    def _ident(self, post: Post) -> str:
        return f"{post.key}@{self._letters.domain}"

    def _letter(self, post: Post, address: str) -> EmailMessage:
        return self._written(post, address, "" if address in self._lists else self._link(address))

    def _written(self, post: Post, address: str, link: str) -> EmailMessage:
        letter = self._letters.begun([address], post.title[:LONGEST_SUBJECT], self._now())
        letter["Message-ID"] = f"<{self._ident(post)}>"
        if link:
            letter["List-Unsubscribe"] = f"<{link}>"
            if link.startswith("https://"):  # RFC 8058 has it over https only.
                letter["List-Unsubscribe-Post"] = ONE_CLICK
        plain, rich = sayable(_plain(post, link)), sayable(_html(post, link))
        letter.set_content(plain)
        letter.add_alternative(rich, subtype="html")
        # The same letter has the same bytes, and no text can hold the sum of itself.
        letter.set_boundary(f"=_{hashlib.sha256((plain + rich).encode()).hexdigest()[:40]}")
        return letter


KIND = OutletKind(
    label="E-mail",
    reaches="its receivers",
    limit=f"a subject of {LONGEST_SUBJECT} characters, the whole text, {MOST} receivers",
    abilities=EmailPublisher.abilities,
)


def _outcome(failures: Sequence[OutletError], taken: int, of: int) -> OutletError:
    """What it comes to that some letters were not taken; who got one gets no second."""
    first = next((f for f in failures if isinstance(f, OutletBusy)), failures[0])
    if not taken:
        return first
    return OutcomeUnknown(
        f"The letter went out to {taken} of {of} receivers. {first.message}",
        "To send it again writes to all of them once more, under the same Message-ID.",
    )


def _plain(post: Post, link: str) -> str:
    parts = [spoken(post)]
    if is_address(post.link):
        parts.append(f"{disarmed(one_line(post.link_title)) or post.link}:\n{post.link}")
    parts.append(f"See it in Socialbridge:\n{post.url}")
    if link:
        parts.append(f"-- \nNo more of these letters:\n{link}")
    return "\n\n".join(parts)


def _html(post: Post, link: str) -> str:
    end = f'\n<p><a href="{html.escape(link)}">No more of these letters</a></p>' if link else ""
    return f"<!DOCTYPE html>\n<html><body>\n{message(post)}{end}\n</body></html>\n"


def _checked(addresses: Sequence[str]) -> tuple[str, ...]:
    for address in addresses:
        if not address.isascii() or not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address):
            raise ConfigError(f"{address!r} is no e-mail address.", "Correct the outlet's.")
    return tuple(dict.fromkeys(addresses))
