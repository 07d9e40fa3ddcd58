"""The calls to a Matrix homeserver that a room needs, and what its errors mean.

https://spec.matrix.org/latest/client-server-api/#standard-error-response
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from bridge.errors import ConfigError, OutletBusy, OutletError, OutletRefused
from bridge.outlets.api import Answer, Api

PAGES, PAGE_SIZE = 10, 100
_TOKEN = "Sign the bridge's account in again, and give its new access token to the outlet."
_REMEDIES = {
    "M_FORBIDDEN": "Invite the bridge's account into the room, accept there, and let it write.",
    "M_GUEST_ACCESS_FORBIDDEN": "Use the token of a full account.",
    "M_MISSING_TOKEN": _TOKEN,
    "M_NOT_FOUND": "Check the room's id (Room settings → Advanced) and the server's address.",
    "M_UNKNOWN_TOKEN": _TOKEN,
    "M_UNRECOGNIZED": "The server is too old, or that is not its address: v1.3 is needed.",
    "M_USER_DEACTIVATED": "Give the outlet the token of another account.",
    "M_USER_LOCKED": "Ask the server's admin to unlock the bridge's account.",
}


class NotThere(OutletRefused):
    """The room or the message is not there, or not shown to the bridge's account."""


class MatrixRoom:
    """One room, as the account of an access token sees it.

    Every method may raise an :class:`~bridge.errors.OutletError`.

    :raises ConfigError: if a setting or the token cannot be used.
    """

    def __init__(
        self, url: str, token: str, room: str, timeout: float, allow_private: Collection[str]
    ) -> None:
        if not re.fullmatch(r"![!-~]{1,254}", room):
            raise ConfigError(
                f"{room!r} is no id of a room.",
                "It begins with ! and stands in the room's settings, under Advanced.",
            )
        if not token:
            raise ConfigError("There is no access token.", "Make one for the bridge's account.")
        self._api = Api("The Matrix server", url, token, timeout, allow_private)
        self._id = room
        self._path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}"
        self._known_open = False

    def send(self, kind: str, transaction: str, content: Mapping[str, Any]) -> str:
        """Send an event; its id. The same transaction is carried out once."""
        path = f"{self._path}/send/{kind}/{quote(transaction, safe='')}"
        answer = self._api.write("PUT", path, content)
        event = self._data(answer).get("event_id")
        if not isinstance(event, str):
            raise self._api.not_understood(answer)
        return checked(event)

    def redact(self, event: str) -> None:
        """Take an event's content away. One that is not there is well."""
        path = f"{self._path}/redact/{quote(event, safe='')}/{quote(f'{event}.gone', safe='')}"
        self._data(self._api.write("PUT", path, {}), well={"M_NOT_FOUND"})

    def event(self, event: str) -> dict[str, Any]:
        """An event, as it was sent."""
        return self._data(self._api.read(f"{self._path}/event/{quote(event, safe='')}"))

    def me(self) -> str:
        """The id of the account."""
        return str(self._data(self._api.read("/_matrix/client/v3/account/whoami"))["user_id"])

    def messages(self, wanted: str) -> Iterator[dict[str, Any]]:
        """The room's events that fit the filter, newest first.

        :raises OutletRefused: if they are more than :data:`PAGES` pages.
        """
        asked: dict[str, str | int] = {"dir": "b", "limit": PAGE_SIZE, "filter": wanted}
        return self._pages(f"{self._path}/messages", asked, "end")

    def edits(self, event: str) -> list[str]:
        """The ids of the events that replace this one."""
        path = self._path.replace("/v3/", "/v1/", 1)
        path = f"{path}/relations/{quote(event, safe='')}/m.replace"
        try:
            found = list(self._pages(path, {"limit": PAGE_SIZE}, "next_batch"))
        except NotThere:
            return []
        return [checked(one.get("event_id")) for one in found]

    def check_open(self) -> None:
        """Ask, once, whether the room is encrypted: nobody there expects words in the clear.

        :raises OutletRefused: if it is.
        """
        if self._known_open:
            return
        answer = self._api.read(f"{self._path}/state/m.room.encryption/")
        if answer.ok and not (isinstance(answer.data, dict) and "algorithm" in answer.data):
            raise self._api.not_understood(answer)
        if answer.ok:
            raise OutletRefused(
                "The room is encrypted, and the bridge would write in the clear.",
                "Choose a room without encryption: it cannot be switched off again.",
            )
        if _code(answer) != "M_NOT_FOUND":
            raise self._failure(answer)
        self._known_open = True

    def address(self, event: str) -> str:
        """Where people find an event."""
        return f"https://matrix.to/#/{quote(self._id)}/{quote(event)}"

    def _pages(
        self, path: str, asked: dict[str, str | int], following: str
    ) -> Iterator[dict[str, Any]]:
        for _ in range(PAGES):
            answer = self._api.read(path, **asked)
            data = self._data(answer)
            events = data.get("chunk")
            if not isinstance(events, list):
                raise self._api.not_understood(answer)
            yield from (event for event in events if isinstance(event, dict))
            if not data.get(following):
                return
            asked["from"] = str(data[following])
        raise OutletRefused(
            f"It is not among the newest {PAGES * PAGE_SIZE} messages.",
            "Look for it there; if it is not there, send it again.",
        )

    def _data(self, answer: Answer, well: Collection[str] = ()) -> dict[str, Any]:
        """What the server answered.

        :param well: errors that are none here.
        """
        if not answer.ok and _code(answer) not in well:
            raise self._failure(answer)
        if not isinstance(answer.data, dict):
            raise self._api.not_understood(answer)
        return answer.data

    def _failure(self, answer: Answer) -> OutletError:
        code = _code(answer)
        what = f"The Matrix server refused it: {code}{answer.said}."
        if code == "M_LIMIT_EXCEEDED":
            wait = answer.data.get("retry_after_ms")
            told = wait / 1000 if isinstance(wait, int | float) and wait >= 0 else None
            return OutletBusy(what, after=answer.after if told is None else told)
        if not code or answer.status >= 500 or 300 <= answer.status < 400:
            return self._api.failure(answer)
        kind = NotThere if code == "M_NOT_FOUND" else OutletRefused
        return kind(what, _REMEDIES.get(code, "Look the code up in the specification of Matrix."))


def checked(event: Any) -> str:
    """An event's id, which stands in a path.

    :raises OutletRefused: if it is none.
    """
    if not isinstance(event, str) or not re.fullmatch(r"\$[!-~]{1,254}", event):
        raise OutletRefused("The server gave an id that is none.", "Check the outlet's address.")
    return event


def _code(answer: Answer) -> str:
    code = answer.data.get("errcode") if isinstance(answer.data, dict) else None
    return code[:80] if isinstance(code, str) and code.isprintable() else ""
