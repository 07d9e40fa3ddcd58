"""Who is in a course, as an LTI platform says: Names and Role Provisioning Services 2.0.

A token is fetched by client credentials, for which a token of ours vouches (RFC 7523); with it the
members are read, page by page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from bridge.errors import IdentityError
from bridge.identity.asking import Asking
from bridge.model.lti import MEMBERS_SCOPE, origin

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
A_PAGE = 200
PAGES = 250
"""So many are read: a course of 50,000 people. Of a longer one the rest is left unasked."""
LARGEST_ID = 2**31 - 1

_LINK = re.compile(r"<([^<>]{1,2000})>([^<]*)")
_NEXT = re.compile(r"""rel\s*=\s*"?[^";,]*\bnext\b""", re.IGNORECASE)


def token(asking: Asking, token_url: str, assertion: str) -> str:
    """A token with which members may be read.

    :param assertion: a token of ours, signed, that says who we are.
    :raises IdentityError: if the platform gives none, or one for something else.
    """
    what = "The token for a course's members"
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": MEMBERS_SCOPE,
    }
    found = asking.json(token_url, what, method="POST", form=form)
    given = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(given, str) or not given or not given.isascii() or not given.isprintable():
        raise IdentityError(f"{what} is none.")
    if str(found.get("token_type", "")).lower() != "bearer":
        raise IdentityError(f"{what} is of another type.")
    scopes = found.get("scope", MEMBERS_SCOPE)
    if not isinstance(scopes, str) or MEMBERS_SCOPE not in scopes.split():
        raise IdentityError(f"{what} is for something else.")
    return given


def members(asking: Asking, url: str, bearer: str) -> set[int]:
    """The LMS's ids of a course's active members, on :data:`PAGES` pages at most.

    :raises IdentityError: if they cannot be read, or a page leads to another site or to none.
    """
    found: set[int] = set()
    page, seen = _sized(url), set[str]()
    for _ in range(PAGES):
        seen.add(page)
        what = "The list of a course's members"
        answer, headers = asking.answer(page, what, token=bearer, accept=MEDIA_TYPE)
        rows = answer.get("members") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise IdentityError(f"{what} holds no members.")
        found |= {ident for row in rows if (ident := _ident(row)) is not None}
        following = _next(headers, page)
        if not following:
            return found
        if origin(following) != origin(url):
            raise IdentityError(f"{what} leads to another site.")
        if following in seen:
            raise IdentityError(f"{what} turns in a circle.")
        page = following
    return found


def _sized(url: str) -> str:
    parts = urlsplit(url)
    asked = [(name, value) for name, value in parse_qsl(parts.query) if name != "limit"]
    query = urlencode([*asked, ("limit", str(A_PAGE))])
    return urlunsplit(parts._replace(query=query, fragment=""))


def _next(headers: Mapping[str, str], page: str) -> str:
    for target, about in _LINK.findall(headers.get("Link", "")[:8000]):
        if _NEXT.search(about):
            try:
                return urljoin(page, target)
            except ValueError as error:
                raise IdentityError(
                    "The list of a course's members leads to no address."
                ) from error
    return ""


def _ident(row: object) -> int | None:
    if not isinstance(row, dict) or row.get("status", "Active") != "Active":
        return None
    said = row.get("user_id")
    if not isinstance(said, str) or not (said.isascii() and said.isdigit() and len(said) < 11):
        return None
    return int(said) if 0 < int(said) <= LARGEST_ID else None
