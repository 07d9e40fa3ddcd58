"""Statuses on Mastodon, and on servers that speak its API.

https://docs.joinmastodon.org/methods/statuses/ and https://docs.joinmastodon.org/api/rate-limits/

A status is plain text, in which the server makes a mention of every ``@name``, a hashtag of every
``#word`` and a link of every address: only the bridge's own two links are left to it. A status is
recognised again by the delivery's key, which stands in the fragment of its link to the bridge.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.errors import CannotTakeBack, ConfigError, OutcomeUnknown, OutletError, OutletRefused
from bridge.model import Post, Receipt, Removal, Rendering
from bridge.outlets.api import Answer, Api
from bridge.outlets.wording import body, cut, disarmed, links, shortened, title
from bridge.ports import Abilities, Act, OutletKind

VISIBILITIES = ("public", "unlisted", "private")
"""The fourth, ``direct``, shows a status to whom it mentions, and ours mention nobody."""
MOST_CHARACTERS = 500
"""Where a server does not say how many it takes. An address is counted by its characters: only a
server that knows its top-level domain counts it as fewer."""
PAGES, PAGE_SIZE = 50, 40
EARLIER = timedelta(days=1)
"""A status older than what it tells of, by more than clocks differ, is another one."""
_NO_EDITING = {405, 501}
_REMEDIES = {
    401: "Make a new access token there, and give it to the outlet.",
    403: "The token needs the scopes write:statuses, read:accounts and read:statuses.",
    422: "Look at the server's rules; an account may also be limited by its moderators.",
}


class MastodonPublisher:
    """A :class:`~bridge.ports.Publisher` that posts as the account of an access token.

    The server knows an idempotency key for an hour; later a post in doubt is looked for first.

    :param visibility: one of :data:`VISIBILITIES`.
    :raises ConfigError: if a setting or the token cannot be used.
    """

    abilities = Abilities(
        edit=True,
        delete=True,
        find=True,
        idempotent=True,
        remembers=True,
        longest=MOST_CHARACTERS - 200,
    )

    def __init__(
        self,
        url: str,
        token: str,
        *,
        visibility: str = "private",
        timeout: float = 15,
        allow_private: Collection[str] = (),
    ) -> None:
        if visibility not in VISIBILITIES:
            raise ConfigError(
                f"{visibility!r} is no visibility.", f"Use one of: {', '.join(VISIBILITIES)}."
            )
        if not token:
            raise ConfigError("There is no access token.", "Make one in the server's settings.")
        self._api = Api("The Mastodon server", url, token, timeout, allow_private)
        self._visibility = visibility
        self._most: int | None = None

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        """With as many characters as the server is known to take: it is asked before a status
        is published, and without the network it counts as taking :data:`MOST_CHARACTERS`."""
        if act == "delete":
            return Rendering("text", "", "", None)
        addresses = [address for _, address in links(post, f"#{_mark(post)}")]
        ways = "\n".join(addresses)
        whole = "\n\n".join(filter(None, [disarmed(title(post)), disarmed(body(post))]))
        said = cut(whole, (self._most or MOST_CHARACTERS) - len(ways) - 2)
        notes = shortened(("The text", whole, said))
        if notes and self._most is None:
            notes += ("The server may take more: it is asked before the first status is sent.",)
        text = f"{said}\n\n{ways}"
        payload = {"status": text, "content_type": "text/plain"}
        if act == "publish":  # An edit leaves it as it was.
            payload["visibility"] = self._visibility
        return Rendering("text", "", text, payload, notes)

    def publish(self, post: Post) -> Receipt:
        self._learn_limit()
        content = self.render(post).payload
        headers = {"Idempotency-Key": post.key}
        answer = self._api.write("POST", "/api/v1/statuses", content, headers)
        receipt = self._receipt(answer)
        if _mark(post) not in str(answer.data.get("content")):
            # The key was known: what stands there is an earlier revision.
            try:
                return self.edit(receipt.remote_id, post)
            except OutletError as error:
                raise OutcomeUnknown(error.message, error.remedy) from error
        return receipt

    def edit(self, remote_id: str, post: Post) -> Receipt:
        self._learn_limit()
        path = f"/api/v1/statuses/{_checked(remote_id)}"
        answer = self._api.write("PUT", path, self.render(post, "edit").payload)
        if answer.status in _NO_EDITING:
            raise CannotTakeBack("The server lets no status be edited.", "Mastodon can since 3.5.")
        if answer.status == 404:
            raise OutletRefused(
                "The status is not there any more, or the server lets none be edited.",
                "Look whether somebody deleted it there.",
            )
        return self._receipt(answer)

    def delete(self, remote_id: str, post: Post) -> Removal:
        answer = self._api.write("DELETE", f"/api/v1/statuses/{_checked(remote_id)}")
        if not answer.ok and answer.status not in (404, 410):
            raise self._api.failure(answer, _REMEDIES)
        return Removal.DONE

    def find(self, post: Post) -> Receipt | None:
        """Looked for among the account's newest 2,000 statuses since the post was told.

        :raises OutletRefused: if it is not among those and there are more.
        """
        me = self._read("/api/v1/accounts/verify_credentials")
        path = f"/api/v1/accounts/{_checked(str(me.data.get('id')))}/statuses"
        asked: dict[str, str | int] = {"limit": PAGE_SIZE, "exclude_reblogs": "true"}
        for _ in range(PAGES):
            page = self._read(path, **asked)
            if not page.data:
                return None
            for status in page.data:
                if post.key in str(status["content"]):
                    return Receipt(str(status["id"]), url=str(status.get("url") or ""))
            if _before(page.data[-1], post):
                return None
            asked["max_id"] = str(page.data[-1]["id"])
        raise OutletRefused(
            f"It is not among the account's newest {PAGES * PAGE_SIZE:,} statuses.",
            "Look for it there; if it is not there, send it again.",
        )

    def _learn_limit(self) -> None:
        """Ask how many characters the server takes, once."""
        if self._most is None:
            answer = self._api.read("/api/v2/instance")
            if not answer.ok and isinstance(found := self._api.failure(answer), OutletRefused):
                self._most = MOST_CHARACTERS  # An older server, or one that shows this to nobody.
            elif not answer.ok:
                raise found
            else:
                self._most = _most_characters(answer.data)

    def _read(self, path: str, **params: str | int) -> Answer:
        answer = self._api.read(path, **params)
        if not answer.ok:
            raise self._api.failure(answer, _REMEDIES)
        if not isinstance(answer.data, dict | list):
            raise self._api.not_understood(answer)
        return answer

    def _receipt(self, answer: Answer) -> Receipt:
        if not answer.ok:
            raise self._api.failure(answer, _REMEDIES)
        if not isinstance(answer.data, dict) or not answer.data.get("id"):
            raise self._api.not_understood(answer)
        return Receipt(str(answer.data["id"]), url=str(answer.data.get("url") or ""))


KIND = OutletKind(
    label="Mastodon",
    reaches="the account's followers, or the public",
    limit=f"{MOST_CHARACTERS} characters, or as many as the server takes",
    abilities=MastodonPublisher.abilities,
)


def _before(status: dict[str, Any], post: Post) -> bool:
    """Whether a status was there before what the post tells of had happened."""
    try:
        at = datetime.fromisoformat(str(status.get("created_at")))
    except ValueError:
        return False
    told = post.published
    return told is not None and (at if at.tzinfo else at.replace(tzinfo=UTC)) < told - EARLIER


def _mark(post: Post) -> str:
    return f"{post.key}.{post.revision}"


def _checked(ident: str) -> str:
    """An id that stands in a path.

    :raises OutletRefused: if it is none.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", ident):
        raise OutletRefused("The server gave an id that is none.", "Check the outlet's address.")
    return ident


def _most_characters(data: Any) -> int:
    try:
        return max(MOST_CHARACTERS, int(data["configuration"]["statuses"]["max_characters"]))
    except (KeyError, TypeError, ValueError):
        return MOST_CHARACTERS
