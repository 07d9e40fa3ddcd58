"""What real LMSs answered, one file a call: ``tests/payloads/<site>/<name>.json``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).parent.parent / "payloads"
MOODLE = "moodle-4.5.6"
TOTARA = "totara-12.9"


@cache
def _text(site: str, name: str) -> str:
    return (PAYLOADS / site / f"{name}.json").read_text("utf-8")


def transcript(site: str, name: str) -> dict[str, Any]:
    """One recorded call: ``{function, params, http_status, response, …}``, a copy of its own."""
    return dict(json.loads(_text(site, name)))


def names(site: str) -> list[str]:
    """Every transcript of a site, by name."""
    return sorted(path.stem for path in (PAYLOADS / site).glob("*.json"))


def is_refusal(response: Any) -> bool:
    """Whether an answer is an exception of the LMS."""
    return isinstance(response, dict) and "exception" in response
