"""What people type when they connect an LMS: a name for it, and its address; pure."""

from __future__ import annotations

import re

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
    """The site's front page: what people paste is often a page of it."""
    url = url.strip()
    if not url.startswith(("http://", "https://")):
        url = f"https://{url}"
    url = re.sub(
        r"/(login|my|course|admin|webservice|user|index\.php)(/.*|\?.*)?$", "", url.split("#")[0]
    )
    return url.split("?")[0].rstrip("/")
