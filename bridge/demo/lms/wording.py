"""How Moodle writes things down: escaped names, PHP's JSON, times in English."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import nh3

from bridge.demo.lms.languages import ENGLISH

_AMPERSAND = re.compile(r"&(?![a-zA-Z0-9#]{1,8};)")
_TAG = re.compile(r"<(?=\S)[^>]*>?")
_ATTRIBUTES = {"*": {"class", "lang", "title", "style"}, "a": {"href"}, "img": {"src", "alt"}}


def title(text: str) -> str:
    """A name or subject as Moodle sends it: tags are gone, ``&`` has become ``&amp;``."""
    bare = _TAG.sub("", _AMPERSAND.sub("&amp;", text))
    return bare.replace("<", "&lt;").replace(">", "&gt;")


def cleaned(markup: str) -> str:
    """A message as Moodle shows it to others: scripts, comments and odd attributes are gone."""
    return nh3.clean(markup, attributes=_ATTRIBUTES, link_rel=None)


def php_json(value: Any) -> str:
    """JSON in PHP's manner: ASCII only, slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


def when(moment: int) -> str:
    """``Monday, 23 November 2026, 4:18 AM``."""
    return ENGLISH.when(moment)


def machine_time(moment: int) -> str:
    """``2026-11-23T04:18:24+00:00``."""
    return datetime.fromtimestamp(moment, UTC).isoformat()
