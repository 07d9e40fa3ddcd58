"""What opens the setup before anybody can sign in: a link, and a session that is no person's.

The link is printed by the command line, works once and leads to a page with a button, as mail
scanners open links. The session opens the pages of the setup and no others, and both are worth
nothing once the setup is finished.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.access import audit
from bridge.access.secrecy import hashed, new_token
from bridge.errors import InputError, NotAllowed, NotFound
from bridge.storage import Work
from bridge.storage.setups import Setup

LASTS = timedelta(hours=24)
"""How long a link waits for its button, and a session for its end."""

ANOTHER = "Print a new one where the bridge runs: `socialbridge setup-link`."


def issue(work: Work, now: datetime) -> str:
    """The token of a link by which the setup begins, or is taken up again, once.

    :raises NotFound: if the setup is finished.
    """
    check_unfinished(work)
    work.setups.forget_keys(now - LASTS)
    token = new_token()
    work.setups.add_key(hashed(token), now + LASTS, session=False)
    audit.note(work, None, "setup link made", "", now)
    return token


def peek(work: Work, token: str, now: datetime) -> None:
    """Whether the link is good, without using it up.

    :raises NotFound: if the setup is finished.
    :raises InputError: if the link is not known, has been used or has expired.
    """
    check_unfinished(work)
    key = work.setups.key(hashed(token))
    if key is None or key.session:
        raise InputError("This setup address is not known.", f"Check that it is whole. {ANOTHER}")
    if key.used_at is not None:
        raise InputError(
            "This setup address has been used.",
            f"Go on in the browser in which it was opened. {ANOTHER}",
        )
    if key.expires_at <= now:
        raise InputError("This setup address has expired.", ANOTHER)


def begin(work: Work, token: str, now: datetime) -> str:
    """Use the link up; the secret of the session that begins.

    :raises NotFound: if the setup is finished.
    :raises InputError: if the link is not known, has been used or has expired.
    """
    check_unfinished(work)
    if not work.setups.use_link(hashed(token), now):
        peek(work, token, now)
        raise InputError("This setup address has been used.", ANOTHER)
    secret = new_token()
    work.setups.add_key(hashed(secret), now + LASTS, session=True)
    audit.note(work, None, "setup opened", "", now)
    return secret


def admitted(work: Work, secret: str, now: datetime) -> Setup | None:
    """What is being set up, for who has the session; ``None`` before an LMS is connected.

    :raises NotFound: if the setup is finished.
    :raises NotAllowed: if it is not known or has expired.
    """
    setup = check_unfinished(work)
    key = work.setups.key(hashed(secret)) if secret else None
    if key is None or not key.session or key.expires_at <= now:
        raise NotAllowed(
            "This page is open to who sets the bridge up.",
            "Open the address of the setup in this browser. `socialbridge setup-link` prints one.",
        )
    return setup


def check_unfinished(work: Work) -> Setup | None:
    """What is being set up; ``None`` before an LMS is connected.

    A connection that was made at the command line is set up.

    :raises NotFound: if the setup is finished.
    """
    setup = work.setups.current()
    if setup is None and work.setups.anything_connected():
        raise NotFound(
            "The bridge is set up; these pages are closed.",
            "Admins sign in: `socialbridge link NAME` prints a link.",
        )
    return setup
