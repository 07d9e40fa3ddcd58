"""The long tail: any service of Apprise that sends by HTTP, such as Discord or Rocket.Chat.

https://appriseit.com/services/

Apprise sends, and nothing else: it tells no id, so that nothing can be edited, deleted or looked
for, and what is sent twice stands there twice. Which markup a service reads is not known here, so
whatever one of them may read is taken out of the words.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Collection
from typing import Any

from bridge.errors import CannotTakeBack, ConfigError
from bridge.model import Post, Receipt, Removal, Rendering
from bridge.outlets.apprise_line import Tries, lead, trying
from bridge.outlets.guard import guarded_session
from bridge.outlets.wording import (
    JOINER,
    LONGEST_TITLE,
    body,
    cut,
    disarmed,
    links,
    listed,
    one_line,
    shortened,
    title,
)
from bridge.ports import Abilities, Act, OutletKind

_WHY_NOT = "Apprise tells no id by which a post could be changed or looked for."
_INSTEAD = "Delete it there by hand."
_LOOK_ALIKE = str.maketrans({"*": "∗", "_": "ˍ", "`": "ˋ", "~": "∼", "|": "∣", "\\": "∖"})
"""Characters that make words bold, code or hidden, and others that look like them."""
_OPENS = re.compile(r"[<&\[\]!](?=\S)")
_SLACK = 10
"""Characters that a service puts between a title and a text that share their room, at most."""


class ApprisePublisher:
    """A :class:`~bridge.ports.Publisher` that can publish, and nothing else.

    :param url: the service's address in Apprise's own form. It holds what one needs to post there,
        so it is kept as a secret.
    :param timeout: seconds to wait for a connection and for an answer, of each request.
    :param allow_private: names of hosts inside the own network that may be reached.
    :raises ConfigError: if Apprise is not installed, or the address cannot be used.
    """

    abilities = Abilities(
        edit=False, delete=False, find=False, idempotent=False, stays=f"{_WHY_NOT} {_INSTEAD}"
    )

    def __init__(
        self, url: str, *, timeout: float = 15, allow_private: Collection[str] = ()
    ) -> None:
        self._apprise = _apprise(url.strip())
        self._service = self._apprise[0]
        self._name = str(self._service.service_name or "The service")
        told = self._service.notify_format
        reads = str(getattr(told[0] if isinstance(told, tuple) else told, "value", told))
        self._reads_html = reads == "html"
        # What reads markdown gets the words as they are: no mark is left in them to be escaped.
        self._format = "markdown" if reads == "markdown" else "text"
        self._session = guarded_session(allow_private)
        self._timeout = timeout

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        """With as much of the text as the service takes, in Apprise's own words about it."""
        whole, ways = _inert(body(post)), _ways(post)
        heading = _inert(title(post))
        most_title = int(self._service.title_maxlen)
        shares_room = most_title <= 0 or bool(
            getattr(self._service, "overflow_amalgamate_title", False)
        )
        short = cut(heading, most_title if most_title > 0 else LONGEST_TITLE)
        room = int(self._service.body_maxlen) - len(ways) - 2
        room -= len(short) + _SLACK if shares_room else 0
        text = whole
        while (size := self._size(text)) > room and text:
            text = cut(text, min(len(text) - 1, int(len(text) * max(room, 0) / size)))
        said = "\n\n".join(filter(None, [text, ways]))
        notes = shortened(
            ("The title", _inert(one_line(post.title)), short), ("The text", whole, text)
        )
        notes += (f"Apprise hands it to {self._name} in that service's own form.",)
        return Rendering("text", short, said, {"title": short, "body": said}, notes)

    def publish(self, post: Post) -> Receipt:
        """Accepted is not shown: the receipt never says that it is."""
        sent = self.render(post).payload
        tries = Tries(self._name, self._session, self._timeout)
        with trying(tries):
            well = self._apprise.notify(
                title=sent["title"], body=sent["body"], body_format=self._format
            )
        if not well:
            raise tries.outcome()
        return Receipt(post.key, shown=False)

    def _size(self, text: str) -> int:
        """Characters of the text, as they are sent to a service that reads HTML or none."""
        if not self._reads_html:
            return len(text)
        return len(html.escape(text)) + text.count("\n") * len("<br/>")

    def edit(self, remote_id: str, post: Post) -> Receipt:
        raise CannotTakeBack(_WHY_NOT, _INSTEAD)

    def delete(self, remote_id: str, post: Post) -> Removal:
        raise CannotTakeBack(_WHY_NOT, _INSTEAD)

    def find(self, post: Post) -> Receipt | None:
        """Never asked: Apprise cannot look."""
        return None


KIND = OutletKind(
    label="Apprise",
    reaches="whoever reads at the service",
    limit="as much as the service takes",
    abilities=ApprisePublisher.abilities,
)


def _apprise(url: str) -> Any:
    """Apprise with the one service of the address, whose own way to send is taken from it.

    :raises ConfigError: if there is none, without repeating the address.
    """
    try:
        import apprise
    except ImportError as error:
        raise ConfigError(
            "Apprise is not installed.", "Install it: pip install 'socialbridge[apprise]'"
        ) from error
    # It logs what it sends, and what comes back.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    asset = apprise.AppriseAsset(
        app_id="Socialbridge",
        app_desc="Socialbridge",
        async_mode=False,
        image_url_mask="",
        image_url_logo="",
        interpret_escapes=False,
        interpret_emojis=False,
        plugin_paths=[],
    )
    service = apprise.Apprise.instantiate(url, asset=asset) if url else None
    if service is None:
        raise ConfigError(
            "Apprise knows no service of that address.",
            "See https://appriseit.com/services/ for how to write it.",
        )
    lead(type(service))
    service.service_retry = 0
    service.request_rate_per_sec = 0  # How often something is sent is decided by the delivery.
    alone = apprise.Apprise(asset=asset)
    alone.add(service)
    return alone


def _inert(text: str) -> str:
    """The text, looking nearly the same, with nothing in it that any service reads as markup."""
    opened = _OPENS.sub(lambda found: found.group() + JOINER, disarmed(text))
    lines = opened.translate(_LOOK_ALIKE).split("\n")
    # At the beginning of a line a mark would make a heading, a list or a quotation of it.
    return "\n".join(JOINER + line if line else line for line in lines)


def _ways(post: Post) -> str:
    ways = [(_inert(words), address.replace("@", "%40")) for words, address in links(post)]
    return listed(ways)
