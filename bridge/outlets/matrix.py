"""A room of Matrix, by the client-server API (v1.3 or later).

https://spec.matrix.org/latest/client-server-api/#instant-messaging

A message is sent under a transaction id made of the delivery's key, so that sending it twice shows
it once. It carries the key in its content too, by which it is found again, also with another token.
An edit is an event of its own beside the first, so that both have to be taken away in the end.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection
from typing import Any

from bridge.errors import OutcomeUnknown, OutletError, OutletRefused
from bridge.model import Post, Receipt, Removal, Rendering
from bridge.outlets.matrix_calls import MatrixRoom, checked
from bridge.outlets.wording import (
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

MARK = "org.socialbridge.post"
"""The member of a message's content that says which post it shows, in which revision."""
MOST_BYTES = 48 * 1024
"""An event has 64 KiB at most; what is not the message takes up to a quarter of it."""
MESSAGE = "m.room.message"


class MatrixPublisher:
    """A :class:`~bridge.ports.Publisher` for one room, as the account of an access token.

    :param url: where the homeserver's API is.
    :param room: the room's id, which begins with ``!``; the room is not encrypted.
    :raises ConfigError: if a setting or the token cannot be used.
    """

    abilities = Abilities(edit=True, delete=True, find=True, idempotent=True, remembers=True)

    def __init__(
        self,
        url: str,
        token: str,
        room: str,
        *,
        timeout: float = 15,
        allow_private: Collection[str] = (),
    ) -> None:
        self._room = MatrixRoom(url, token, room, timeout, allow_private)

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        if act == "delete":
            return Rendering("html", "", "", {})
        whole = text = disarmed(body(post))
        while True:
            content = _message(post, text)
            size = len(json.dumps(content, ensure_ascii=False).encode())
            if size <= MOST_BYTES:
                break
            text = cut(text, int(len(text) * 0.95 * MOST_BYTES / size))
        heading = disarmed(title(post))
        notes = shortened(
            ("The title", disarmed(one_line(post.title)), heading), ("The text", whole, text)
        )
        said = "\n\n".join(filter(None, [text, listed(links(post))]))
        if act == "edit":
            content = {
                "msgtype": content["msgtype"],
                "body": f"* {heading}",
                "m.mentions": {},
                "m.new_content": content,
            }
        return Rendering("html", heading, said, content, notes)

    def publish(self, post: Post) -> Receipt:
        self._room.check_open()
        event = self._room.send(MESSAGE, post.key, self.render(post).payload)
        try:
            if self._standing(event).get("revision") != post.revision:
                self.edit(event, post)  # The key was known: an earlier revision stands there.
        except OutletError as error:
            raise OutcomeUnknown(error.message, error.remedy) from error
        return self._receipt(event)

    def edit(self, remote_id: str, post: Post) -> Receipt:
        self._standing(remote_id)
        related = {"m.relates_to": {"rel_type": "m.replace", "event_id": remote_id}}
        content = self.render(post, "edit").payload | related
        self._room.send(MESSAGE, f"{post.key}.{post.revision}", content)
        return self._receipt(remote_id)

    def delete(self, remote_id: str, post: Post) -> Removal:
        """Take it away, and every edit of it first: each is a message that could be read alone."""
        for event in [*self._room.edits(checked(remote_id)), remote_id]:
            self._room.redact(event)
        return Removal.DONE

    def find(self, post: Post) -> Receipt | None:
        """Looked for among the account's newest 1,000 messages in the room.

        :raises OutletRefused: if it is not among those and there are more.
        """
        me = self._room.me()
        for event in self._room.messages(json.dumps({"types": [MESSAGE], "senders": [me]})):
            if _mark(event).get("key") == post.key and event.get("sender") == me:
                return self._receipt(checked(event.get("event_id")))
        return None

    def _standing(self, event: str) -> dict[str, Any]:
        """Which post the message shows.

        :raises OutletRefused: if somebody took it away.
        """
        mark = _mark(self._room.event(checked(event)))
        if not mark:
            raise OutletRefused("The message was taken away.", "Somebody redacted it there.")
        return mark

    def _receipt(self, event: str) -> Receipt:
        return Receipt(event, url=self._room.address(event))


KIND = OutletKind(
    label="Matrix",
    reaches="the members of the room",
    limit=f"{MOST_BYTES // 1024} KiB",
    abilities=MatrixPublisher.abilities,
)


def _message(post: Post, text: str) -> dict[str, Any]:
    heading = disarmed(title(post))
    ways = [(disarmed(words), address) for words, address in links(post)]
    rich = [f"<strong>{html.escape(heading)}</strong>"] if heading else []
    rich += [
        html.escape(part.strip("\n")).replace("\n", "<br>")
        for part in re.split(r"\n\s*\n", text)
        if part.strip()
    ]
    rich += [f'<a href="{html.escape(to)}">{html.escape(words)}</a>' for words, to in ways]
    return {
        "msgtype": "m.text",
        "body": "\n\n".join(filter(None, [heading, text, listed(ways)])),
        "format": "org.matrix.custom.html",
        "formatted_body": "".join(f"<p>{part}</p>" for part in rich),
        "m.mentions": {},
        MARK: {"key": post.key, "revision": post.revision},
    }


def _mark(event: Any) -> dict[str, Any]:
    content = event.get("content") if isinstance(event, dict) else None
    mark = content.get(MARK) if isinstance(content, dict) else None
    return mark if isinstance(mark, dict) else {}
