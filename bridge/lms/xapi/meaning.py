"""What a well-formed statement says to the bridge, or why it says nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bridge.lms.xapi import words
from bridge.model import Actor, ActorBy, PushedFact, Says

LARGEST_ID = 2**31 - 1
THE_SITE = 1
"""Moodle's course 1 is the site itself."""

_SAYS = (
    (words.COMPLETED, Says.COMPLETED),
    (words.ENROLLED, Says.ENROLLED),
    (words.LEFT, Says.LEFT),
)
_PORTS = {"http": 80, "https": 443}
_SHA1 = re.compile(r"[0-9a-f]{40}")
_USABLE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,255}")
"""What a name or an address can be: short, and no character that a database refuses."""


class _Nothing(Exception):
    """The statement says nothing; the message is the sentence that says why."""


def meaning(
    said: dict[str, Any], ident: str, digest: str, sites: Sequence[str], accounts: ActorBy
) -> PushedFact:
    """The fact in a statement that the schema has checked; it never raises.

    A completion, an enrolment or an unenrolment is one of a **course**: its type says so, or where
    it has no type its address does. Everything is about an address below one of ``sites``.
    """
    try:
        says, course = _about(said, sites)
        needs_actor = says in {Says.COMPLETED, Says.ENROLLED}
        return PushedFact(
            id=ident,
            digest=digest,
            says=says,
            at=said.get("timestamp"),
            actor=_actor(said["actor"], sites, accounts) if needs_actor else None,
            course_lms_id=course,
        )
    except _Nothing as nothing:
        return PushedFact(id=ident, digest=digest, says=Says.NOTHING, reason=str(nothing))


def _about(said: dict[str, Any], sites: Sequence[str]) -> tuple[Says, int | None]:
    verb = said["verb"]["id"].strip()  # The plugin itself has sent one with a space before it.
    if verb == words.VOIDED:
        raise _Nothing("It takes another statement back; the reconciliation asks the LMS itself.")
    says = next((says for verbs, says in _SAYS if verb in verbs), Says.NOTHING)
    if says is Says.NOTHING and verb not in words.WROTE:
        raise _Nothing("Its verb is none that the bridge follows.")
    if said["object"]["objectType"] != "Activity":
        raise _Nothing("It is about no activity.")
    kind = said["object"]["definition"].get("type", "")
    if says is not Says.NOTHING and kind and kind not in words.COURSE_TYPES:
        raise _Nothing("It is about something other than a course.")
    page, query = _page(said["object"]["id"], sites)
    if says is Says.NOTHING:
        if page != "/mod/forum/discuss.php":
            raise _Nothing("It is about something other than a forum or a course.")
        return Says.POSTED, None
    course = _ident(query, "id") if page == "/course/view.php" else None
    if course is None or course == THE_SITE:
        raise _Nothing("Its object's address is not that of a course.")
    if says is Says.COMPLETED and said["result"].get("completion") is False:
        raise _Nothing("It says that the course is not complete.")
    return says, course


def _page(address: str, sites: Sequence[str]) -> tuple[str, str]:
    """The path below the site, and the query."""
    there = _place(address)
    if there is None:
        raise _Nothing("Its object has no address.")
    host, path, query = there
    for site in sites:
        ours = _place(site)
        if ours and ours[0] == host and (path + "/").startswith(ours[1].rstrip("/") + "/"):
            return path[len(ours[1].rstrip("/")) :], query
    raise _Nothing("It is about another site than this connection's.")


def _place(address: str) -> tuple[tuple[str, int], str, str] | None:
    """Host and port, path, query; http and https are one place."""
    try:
        parts = urlsplit(address)
        if parts.scheme not in _PORTS or not parts.hostname:
            return None
        standard = parts.port in {None, *_PORTS.values()}
        return (parts.hostname, 443 if standard else parts.port or 443), parts.path, parts.query
    except ValueError:
        return None


def _ident(query: str, name: str) -> int | None:
    try:
        values = parse_qs(query, max_num_fields=20).get(name, [])
    except ValueError:
        return None
    if len(values) != 1 or not re.fullmatch(r"[0-9]{1,10}", values[0]):
        return None
    number = int(values[0])
    return number if 0 < number <= LARGEST_ID else None


def _actor(actor: dict[str, Any], sites: Sequence[str], accounts: ActorBy) -> Actor:
    if actor["objectType"] == "Group":
        raise _Nothing("Its actor is a group.")
    if "account" in actor:
        return _account(actor["account"], sites, accounts)
    if "mbox" in actor:
        # The plugin before version 4 left "mailto:" out.
        address = re.sub(r"^mailto:", "", actor["mbox"].strip(), flags=re.IGNORECASE)
        if "@" in address and _USABLE.fullmatch(address):
            return Actor(ActorBy.EMAIL, address.lower())
    if _SHA1.fullmatch(actor.get("mbox_sha1sum", "").lower()):
        return Actor(ActorBy.EMAIL_SHA1, actor["mbox_sha1sum"].lower())
    raise _Nothing("It does not name its actor by an account or an e-mail address.")


def _account(account: dict[str, str], sites: Sequence[str], accounts: ActorBy) -> Actor:
    """Whom an account stands for.

    A name of digits may be a user id or a username, and guessing wrong would give somebody
    another's completion. So the admin says which it is when the key is made, and a name that cannot
    be it is refused.
    """
    try:
        _page(account["homePage"], sites)
    except _Nothing:
        raise _Nothing("Its actor's account is of another site than this connection's.") from None
    name = account["name"].strip().lower()
    if accounts is ActorBy.USERNAME:
        if not _USABLE.fullmatch(name):
            raise _Nothing("Its actor's account has no usable name.")
        return Actor(ActorBy.USERNAME, name)
    if not re.fullmatch(r"[0-9]{1,10}", name) or not 0 < int(name) <= LARGEST_ID:
        raise _Nothing(
            "Its actor's account is named by no user id: make a key with --accounts username if the"
            " plugin sends user names; pseudonyms cannot be matched."
        )
    return Actor(ActorBy.USER_ID, name)
