"""Names and addresses of an LMS as people and servers write them; pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bridge.errors import InputError


def connection_name(text: str) -> str:
    """The name of a connection.

    :raises InputError: if it cannot be one.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", text):
        raise InputError(
            f"{text!r} is no name for a connection.",
            "Use small letters, digits and hyphens, for example: academy.",
        )
    return text


def front_page(url: str) -> str:
    """The site's front page: what people paste is often a page of it, as is where servers lead."""
    url = url.strip()
    if not url.startswith(("http://", "https://")):
        url = f"https://{url}"
    url = re.sub(
        r"/(login|my|course|admin|webservice|user|index\.php)(/.*|\?.*)?$", "", url.split("#")[0]
    )
    return url.split("?")[0].rstrip("/")


def place(url: str) -> tuple[str, str, str]:
    """What two addresses of the same site have in common."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower(), parts.path.rstrip("/")
