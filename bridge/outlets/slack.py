"""Messages in a Slack channel, by the Web API and a bot token.

https://docs.slack.dev/reference/methods/chat.postMessage, …/chat.update, …/chat.delete and
…/conversations.history; limits of blocks: https://docs.slack.dev/reference/block-kit/blocks

Title and text stand in blocks of plain text and the two links in a rich-text block, where nothing
is markup; what notifications show is escaped as Slack asks for. A message is recognised again by
the delivery's key in its metadata, which people do not see.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from bridge.errors import (
    CannotTakeBack,
    ConfigError,
    OutcomeUnknown,
    OutletBusy,
    OutletError,
    OutletRefused,
)
from bridge.model import Post, Receipt, Removal, Rendering
from bridge.outlets.api import Answer, Api
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

API = "https://slack.com/api"
LONGEST_HEADER, LONGEST_SECTION = 150, 3000
PAGES, PAGE_SIZE = 10, 200
EARLIER = timedelta(days=1)
"""A message older than what it tells of, by more than clocks differ, is another one."""
EVENT = "socialbridge_post"
_PASSING = {
    "message_limit_exceeded",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
_IN_DOUBT = {"fatal_error", "internal_error"}
"""Slack says of these that some of the request may have been carried out."""
_STAYS = {
    "cant_delete_message",
    "cant_update_message",
    "compliance_exports_prevent_deletion",
    "edit_window_closed",
}
_TOKEN = "Install the app to the workspace again, and give its new bot token to the outlet."
_REMEDIES = {
    "account_inactive": _TOKEN,
    "channel_not_found": "Check the channel's id, and invite the app into it: /invite @app.",
    "invalid_auth": _TOKEN,
    "is_archived": "Choose another channel, or take this one out of the archive.",
    "not_authed": _TOKEN,
    "not_in_channel": "Invite the app into the channel: /invite @app.",
    "restricted_action": "An admin of the workspace has to let the app post there.",
    "token_expired": _TOKEN,
    "token_revoked": _TOKEN,
}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class SlackPublisher:
    """A :class:`~bridge.ports.Publisher` for one channel.

    :param channel: its id, which does not change with its name.
    :param token: a bot token with the scope ``chat:write``, and ``channels:history`` (or
        ``groups:history``) so that a message in doubt can be looked for.
    :param url: where the Web API is; another one for GovSlack.
    :raises ConfigError: if a setting or the token cannot be used.
    """

    abilities = Abilities(edit=True, delete=True, find=True, idempotent=False)

    def __init__(
        self,
        channel: str,
        token: str,
        *,
        url: str = API,
        timeout: float = 15,
        allow_private: Collection[str] = (),
    ) -> None:
        if not re.fullmatch(r"[CGD][A-Z0-9]{2,30}", channel):
            raise ConfigError(
                f"{channel!r} is no id of a channel.",
                "It begins with C and stands at the end of the channel's details in Slack.",
            )
        if not token.startswith("xox"):
            raise ConfigError("That is no token of Slack.", "A bot token begins with xoxb-.")
        self._api = Api("Slack", url, token, timeout, allow_private)
        self._channel = channel

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        if act == "delete":
            return Rendering("blocks", "", "", {"channel": self._channel})
        heading = cut(disarmed(title(post)), LONGEST_HEADER)
        text = body(post) if len(title(post)) <= LONGEST_HEADER else post.text
        section = cut(disarmed(text), LONGEST_SECTION)
        ways = links(post)
        return Rendering(
            "blocks",
            heading,
            "\n\n".join(filter(None, [section, listed(ways)])),
            {"channel": self._channel, **_message(post, heading, section, ways)},
            shortened(
                ("The title", disarmed(one_line(post.title)), heading),
                ("The text", disarmed(text), section),
            ),
        )

    def publish(self, post: Post) -> Receipt:
        data = self._call("chat.postMessage", self.render(post).payload)
        if not isinstance(data.get("ts"), str):
            raise OutcomeUnknown("Slack took the message and did not say under which id.")
        return Receipt(f"{data.get('channel') or self._channel}:{data['ts']}")

    def edit(self, remote_id: str, post: Post) -> Receipt:
        self._call("chat.update", {**self.render(post).payload, **_place(remote_id)})
        return Receipt(remote_id)

    def delete(self, remote_id: str, post: Post) -> Removal:
        self._call("chat.delete", _place(remote_id), well={"message_not_found"})
        return Removal.DONE

    def find(self, post: Post) -> Receipt | None:
        """Looked for among the channel's newest 2,000 messages since the post was told.

        :raises OutletRefused: if it is not among those and there are more, and if the token may not
            read the channel.
        """
        asked: dict[str, str | int] = {"channel": self._channel, "limit": PAGE_SIZE}
        asked["include_all_metadata"] = "true"
        if post.published is not None:
            asked["oldest"] = f"{(post.published - EARLIER).timestamp():.6f}"
        for _ in range(PAGES):
            data = self._data(self._api.read("/conversations.history", **asked))
            for message in data.get("messages") or ():
                if _key(message) == post.key:
                    return Receipt(f"{self._channel}:{message['ts']}")
            more = (data.get("response_metadata") or {}).get("next_cursor")
            if not more:
                return None
            asked["cursor"] = str(more)
        raise OutletRefused(
            f"It is not among the channel's newest {PAGES * PAGE_SIZE:,} messages.",
            "Look for it there; if it is not there, send it again.",
        )

    def _call(
        self, method: str, content: dict[str, Any], well: Collection[str] = ()
    ) -> dict[str, Any]:
        return self._data(self._api.write("POST", f"/{method}", content), well)

    def _data(self, answer: Answer, well: Collection[str] = ()) -> dict[str, Any]:
        """What Slack answered.

        :param well: errors that are none here.
        :raises OutletError: one of its subclasses.
        """
        if not answer.ok:
            raise self._api.failure(answer)
        if not isinstance(answer.data, dict) or "ok" not in answer.data:
            raise self._api.not_understood(answer)
        if answer.data["ok"] is not True and answer.data.get("error") not in well:
            raise _failure(answer)
        return answer.data


KIND = OutletKind(
    label="Slack",
    reaches="the members of the channel",
    limit=f"a title of {LONGEST_HEADER} characters, a text of {LONGEST_SECTION:,}",
    abilities=SlackPublisher.abilities,
)


def _failure(answer: Answer) -> OutletError:
    code = str(answer.data.get("error"))[:80]
    what = f"Slack refused it: {code}."
    if code in _PASSING:
        return OutletBusy(what, after=answer.after)
    if code in _IN_DOUBT:
        return OutcomeUnknown(what, "It may be there.") if answer.writes else OutletBusy(what)
    if code in _STAYS:
        return CannotTakeBack(what, "The workspace's settings do not let the message be changed.")
    if code == "message_not_found":
        return OutletRefused("The message is not in the channel any more.", "Somebody deleted it.")
    if code == "missing_scope":
        needed = str(answer.data.get("needed") or "chat:write")[:80]
        return OutletRefused(what, f"Give the app the scope {needed}, and install it again.")
    return OutletRefused(what, _REMEDIES.get(code, "Look the code up in Slack's documentation."))


def _message(post: Post, heading: str, section: str, ways: list[tuple[str, str]]) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = []
    if heading:
        blocks.append({"type": "header", "text": _text(heading)})
    if section.strip():
        blocks.append({"type": "section", "text": _text(section)})
    runs: list[dict[str, Any]] = []
    for words, address in ways:
        runs += [{"type": "link", "url": address, "text": words}, {"type": "text", "text": "\n"}]
    runs.pop()
    blocks.append(
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": runs}]}
    )
    return {
        "text": disarmed(title(post)).translate(_ESCAPES) or "Socialbridge",
        "blocks": blocks,
        "metadata": {"event_type": EVENT, "event_payload": {"key": post.key}},
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _text(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _place(remote_id: str) -> dict[str, Any]:
    channel, _, ts = remote_id.partition(":")
    return {"channel": channel, "ts": ts}


def _key(message: Any) -> object:
    metadata = message.get("metadata") if isinstance(message, dict) else None
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT:
        return None
    return (metadata.get("event_payload") or {}).get("key")
