"""A channel of Microsoft Teams, by a workflow that waits for a request ("Workflows").

https://learn.microsoft.com/en-us/connectors/teams/#microsoft-teams-webhook and, for the card,
https://learn.microsoft.com/en-us/adaptive-cards/schema-explorer/text-run

The workflow answers that it has accepted the request, and never whether the card was shown. It
tells no id: what was sent can be neither edited, nor deleted, nor looked for; sent twice, it stands
there twice. The card holds text runs only, in which markdown is not supported; a text block would
read it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from bridge.errors import CannotTakeBack
from bridge.model import Post, Receipt, Removal, Rendering
from bridge.outlets.api import Api
from bridge.outlets.wording import body, cut, links, listed, one_line, shortened, title
from bridge.ports import Abilities, Act, OutletKind

MOST_BYTES = 27 * 1024
"""Teams takes about 28 KB, everything included."""
LONGEST_BUTTON = 60
_REMEDIES = {
    400: "Check that the workflow posts the card it gets, and was not changed.",
    401: "Copy the workflow's address once more, with all that follows the question mark.",
    403: "Copy the workflow's address once more; its owner may have left.",
    404: "The workflow is gone: make a new one, and give its address to the outlet.",
    410: "The workflow is gone: make a new one, and give its address to the outlet.",
}
_WHY_NOT = "A workflow of Teams gives no id by which a card could be changed."
_INSTEAD = "Delete the card in Teams by hand."


class TeamsPublisher:
    """A :class:`~bridge.ports.Publisher` that can publish, and nothing else.

    :param url: the workflow's address. Whoever knows it can post, so it is kept as a secret.
    :raises ConfigError: if the address cannot be used.
    """

    abilities = Abilities(
        edit=False, delete=False, find=False, idempotent=False, stays=f"{_WHY_NOT} {_INSTEAD}"
    )

    def __init__(
        self, url: str, *, timeout: float = 15, allow_private: Collection[str] = ()
    ) -> None:
        self._api = Api("The Teams workflow", url.strip(), "", timeout, allow_private)

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        """With as much of the text as Teams takes."""
        whole = text = body(post)
        while True:
            message = _message(post, text)
            size = len(json.dumps(message, ensure_ascii=False).encode())
            if size <= MOST_BYTES:
                break
            text = cut(text, int(len(text) * 0.95 * MOST_BYTES / size))
        return Rendering(
            "card",
            title(post),
            "\n\n".join(filter(None, [text, listed(links(post))])),
            message,
            shortened(("The title", one_line(post.title), title(post)), ("The text", whole, text)),
        )

    def publish(self, post: Post) -> Receipt:
        """Accepted is not shown: the receipt never says that it is."""
        answer = self._api.write("POST", "", self.render(post).payload)
        if not answer.ok:
            raise self._api.failure(answer, _REMEDIES)
        return Receipt(post.key, shown=False)

    def edit(self, remote_id: str, post: Post) -> Receipt:
        raise CannotTakeBack(_WHY_NOT, _INSTEAD)

    def delete(self, remote_id: str, post: Post) -> Removal:
        raise CannotTakeBack(_WHY_NOT, _INSTEAD)

    def find(self, post: Post) -> Receipt | None:
        """Never asked: a workflow cannot be."""
        return None


KIND = OutletKind(
    label="Microsoft Teams",
    reaches="the members of the channel",
    limit=f"{MOST_BYTES // 1024} KiB",
    abilities=TeamsPublisher.abilities,
)


def _message(post: Post, text: str) -> dict[str, Any]:
    words = title(post) or "Socialbridge"
    heading = {"type": "TextRun", "text": words, "weight": "Bolder", "size": "Medium"}
    lines = [{"type": "TextRun", "text": line or " "} for line in text.split("\n") if text]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [{"type": "RichTextBlock", "inlines": [run]} for run in (heading, *lines)],
        "actions": [
            {"type": "Action.OpenUrl", "title": cut(label, LONGEST_BUTTON), "url": address}
            for label, address in links(post)
        ],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}
