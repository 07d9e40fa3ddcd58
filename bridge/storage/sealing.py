"""Secrets at rest: encrypted with keys that never stand in the database.

A column that holds such a text is called ``…_sealed``: by that name a change of the key finds it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bridge.errors import ConfigError


class Seal:
    """Encrypts with the first key and understands all of them, so that a key can be changed."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._naming = [_derived(key, b"erased") for key in secret_keys]
        fernets = [Fernet(_derived(key, b"seal")) for key in secret_keys]
        self._newest, self._fernet = fernets[0], MultiFernet(fernets)

    def close(self, text: str) -> str:
        """``text``, encrypted."""
        return self._fernet.encrypt(text.encode()).decode() if text else ""

    def open(self, sealed: str) -> str:
        """What :meth:`close` was given.

        :raises ConfigError: if none of the keys fits.
        """
        if not sealed:
            return ""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise ConfigError(
                "A stored secret cannot be decrypted with SOCIALBRIDGE_SECRET_KEY.",
                "Set the key it was encrypted with (several may stand there, separated by commas),"
                " or connect the LMS again.",
            ) from error

    def renewed(self, sealed: str) -> str:
        """``sealed``, encrypted with the newest key; itself if it is already, or is empty.

        :raises ConfigError: if none of the keys fits.
        """
        try:
            if sealed:
                self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return self.close(self.open(sealed))
        return sealed

    def pseudonyms(self, text: str, kept: Iterable[str] = ()) -> list[str]:
        """What stands for ``text`` where it must not stand itself, by each key, the newest first.

        The same text gives the same, so that it is recognised; without the key nobody can try.

        :param kept: what :meth:`names_to_keep` gave, for keys that are not set any more.
        :raises ConfigError: if one of those was sealed with a key that is not set.
        """
        keys = [*self._naming, *(self.open(sealed).encode() for sealed in kept)]
        return [hmac.new(k, text.encode(), hashlib.sha256).hexdigest() for k in keys]

    def names_to_keep(self) -> dict[str, str]:
        """What makes the pseudonyms of each key but the newest, sealed with the newest, by a mark.

        With it they are recognised when the key is not set any more; it opens nothing else.
        """
        return {
            hashlib.sha256(key).hexdigest(): self.close(key.decode()) for key in self._naming[1:]
        }


def signing_key(secret_key: str) -> str:
    """The key that cookies are signed with; it tells nothing about the sealing key."""
    return _derived(secret_key, b"sign").decode()


def _derived(secret_key: str, purpose: bytes) -> bytes:
    key = base64.urlsafe_b64decode(secret_key)
    return base64.urlsafe_b64encode(hmac.new(key, purpose, hashlib.sha256).digest())
