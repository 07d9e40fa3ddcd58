"""Keys by which an LMS pushes: HTTP Basic auth with a key and its secret."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from bridge.access.secrecy import hashed, new_token
from bridge.errors import InputError
from bridge.model import ActorBy, XapiKey
from bridge.storage import Work

KINDS_OF_ACCOUNT = (ActorBy.USER_ID, ActorBy.USERNAME)
_NO_SECRET = hashed("")


def issue(work: Work, connection_id: int, accounts: ActorBy, now: datetime) -> tuple[XapiKey, str]:
    """Make a key of the connection: the key, and its secret, which is kept nowhere.

    :param accounts: what the LMS names its actors' accounts by, if it names them by accounts.
    :raises InputError: if that is neither a user id nor a username.
    """
    if accounts not in KINDS_OF_ACCOUNT:
        raise InputError("An account is named by a user id or a username.")
    secret = new_token()
    key = XapiKey(
        key=secrets.token_hex(12),
        connection_id=connection_id,
        accounts=accounts,
        secret_hash=hashed(secret),
        made_at=now,
    )
    work.xapi.add_key(key)
    return key, secret


def check(work: Work, key: str, secret: str) -> XapiKey | None:
    """The key, if the secret is its own and it is in use.

    The time that it takes says nothing of the secret, nor whether there is such a key.
    """
    found = work.xapi.key(key.replace("\0", ""))
    expected = found.secret_hash if found else _NO_SECRET
    right = hmac.compare_digest(expected, hashed(secret))
    return found if found and right and found.revoked_at is None else None
