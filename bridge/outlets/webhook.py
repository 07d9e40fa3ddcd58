"""A signed webhook, as the Standard Webhooks specification 1.0.0 has it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

The receiver knows a post by ``data.key`` and its state by ``data.revision``: whatever the type, the
highest revision wins, and ``activity.withdrawn`` ends it. ``webhook-id`` is the same for every
attempt at the same thing, so a receiver that has seen one may drop it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import requests

from bridge.errors import ConfigError, OutcomeUnknown, OutletBusy, OutletError, OutletRefused
from bridge.guard import can_be_asked
from bridge.model import Post, Receipt, Removal, Rendering
from bridge.outlets.answers import excerpt, never_left, retry_after
from bridge.outlets.guard import guarded_session
from bridge.outlets.signing import key_of, sign
from bridge.ports import Abilities, Act, OutletKind

_COME_BACK = {408, 425, 429, 503}
_DONE_ALREADY = 409
_TYPES: dict[Act, str] = {"publish": "published", "edit": "updated", "delete": "withdrawn"}


class WebhookPublisher:
    """A :class:`~bridge.ports.Publisher` that posts JSON to an address.

    :param secret: ``whsec_`` and base64; two, separated by a space, while it is being changed.
    :param timeout: seconds to wait for a connection and for the answer.
    :param allow_private: names of hosts inside the own network that may be reached.
    :param seconds: the time, in seconds since 1970.
    :raises ConfigError: if the address or the secret cannot be used.
    """

    abilities = Abilities(edit=True, delete=True, find=False, idempotent=True)

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        timeout: float = 15,
        allow_private: Collection[str] = (),
        seconds: Callable[[], float] = time.time,
    ) -> None:
        self._url = _checked(url)
        self._keys = [key_of(part) for part in secret.split()] or [key_of("")]
        self._timeout = timeout
        self._seconds = seconds
        self._session = guarded_session(allow_private)

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        payload = _payload(_TYPES[act], post, int(self._seconds()))
        return Rendering("json", post.title, post.text, payload)

    def publish(self, post: Post) -> Receipt:
        return self._send("publish", post)

    def edit(self, remote_id: str, post: Post) -> Receipt:
        return self._send("edit", post)

    def delete(self, remote_id: str, post: Post) -> Removal:
        taken = self._send("delete", post)
        return Removal.DONE if taken.shown else Removal.ACCEPTED

    def find(self, post: Post) -> Receipt | None:
        """Never asked: the same key sent again does no harm."""
        return None

    def _send(self, act: Act, post: Post) -> Receipt:
        now = int(self._seconds())
        body = json.dumps(_payload(_TYPES[act], post, now)).encode()
        ident = f"{post.key}-{post.revision}-{_TYPES[act]}"
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "socialbridge",
            "webhook-id": ident,
            "webhook-timestamp": str(now),
            "webhook-signature": " ".join(sign(key, ident, now, body) for key in self._keys),
        }
        try:
            with self._session.post(
                self._url,
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                said = excerpt(response, self._timeout)
        except requests.RequestException as error:
            raise _no_answer(error, self._timeout) from error
        return _receipt(response, said, post)


KIND = OutletKind(
    label="Webhook",
    reaches="whoever reads at the receiver",
    limit="all of it",
    abilities=WebhookPublisher.abilities,
)


def _payload(act: str, post: Post, now: int) -> dict[str, Any]:
    data: dict[str, Any] = {"key": post.key, "revision": post.revision, "url": post.url}
    if act != "withdrawn":
        data |= {"title": post.title, "text": post.text, "link": post.link}
        data["activity"] = dict(post.activity)
    data = _sayable(data)
    happened = post.published or datetime.fromtimestamp(now, UTC)
    return {"type": f"activity.{act}", "timestamp": happened.isoformat(), "data": data}


def _sayable(value: Any) -> Any:
    """The same without NUL and halves of characters, which JSON can say and few can keep."""
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "replace").decode()
        case dict():
            return {name: _sayable(one) for name, one in value.items()}
        case list() | tuple():
            return [_sayable(one) for one in value]
    return value


def _receipt(response: requests.Response, said: str, post: Post) -> Receipt:
    """What the status means.

    :raises OutletError: one of its subclasses, unless the receiver took it.
    """
    status = response.status_code
    if 200 <= status < 300 or status == _DONE_ALREADY:
        return Receipt(post.key, shown=status != 202)
    raise _failure(status, response, said)


def _failure(status: int, response: requests.Response, said: str) -> OutletError:
    answer = f"The receiver answered HTTP {status}{said}."
    if status in _COME_BACK:
        return OutletBusy(answer, after=retry_after(response))
    if status >= 500:
        return OutcomeUnknown(
            answer, "It may have taken the message all the same; the bridge sends it again."
        )
    if 300 <= status < 400:
        target = response.headers.get("Location", "")[:200]
        return OutletRefused(
            f"The receiver sends the bridge on to {target or 'another address'}.",
            "The bridge follows no redirect: enter the address that takes webhooks itself.",
        )
    if status == 410:
        return OutletRefused(
            "The receiver wants no more messages (HTTP 410).",
            "Switch the outlet off, or enter another address.",
        )
    return OutletRefused(answer, "Check the address, the secret, and the receiver's own log.")


def _no_answer(error: requests.RequestException, timeout: float) -> OutletError:
    if never_left(error):
        return OutletBusy(
            "The receiver cannot be reached.",
            "Check its address and certificate, and that it is up; the bridge tries again.",
        )
    return OutcomeUnknown(
        f"The receiver gave no answer within {timeout:g} seconds."
        if isinstance(error, requests.Timeout)
        else "The receiver broke the connection off.",
        "The bridge sends it again; the receiver knows it by its webhook-id.",
    )


def _checked(url: str) -> str:
    if not can_be_asked(url):
        raise ConfigError(
            "The webhook's address cannot be used.",
            "Begin it with https:// and the host's name, without a user name.",
        )
    return url
