"""What is placed in a course: LTI Deep Linking 2.0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bridge.access import lti
from bridge.access.lti_claims import CLAIM, DEEP_LINKING, LINK, PLACED, VERSION
from bridge.access.secrecy import new_token
from bridge.errors import InputError
from bridge.model.lti import Placing, Platform
from bridge.storage import Work

GOOD = timedelta(minutes=5)
RESPONSE = "LtiDeepLinkingResponse"


@dataclass(frozen=True)
class Choice:
    """What can be placed, and what it is called there."""

    place: str
    """``course``, ``team:3`` or ``desk``: a launch brings it back."""
    title: str


def answer(
    work: Work,
    platform: Platform,
    deployment_id: str,
    placing: Placing,
    chosen: Sequence[Choice],
    launch_url: str,
    now: datetime,
) -> str:
    """The signed answer that places what was chosen.

    :raises InputError: if nothing was chosen, or more than the platform takes.
    """
    if not chosen:
        raise InputError("Nothing was chosen.", "Choose what is to stand in the course.")
    if len(chosen) > 1 and not placing.several:
        raise InputError("Your learning platform takes one at a time.", "Choose one of them.")
    claims: dict[str, Any] = {
        "iss": platform.client_id,
        "aud": [platform.issuer],
        "iat": int(now.timestamp()),
        "exp": int((now + GOOD).timestamp()),
        "nonce": new_token(),
        CLAIM + "deployment_id": deployment_id,
        CLAIM + "message_type": RESPONSE,
        CLAIM + "version": VERSION,
        DEEP_LINKING + "content_items": [
            {
                "type": LINK,
                "title": choice.title,
                "url": launch_url,
                "custom": {PLACED: choice.place},
            }
            for choice in chosen
        ],
    }
    if placing.data:
        claims[DEEP_LINKING + "data"] = placing.data
    return lti.sign(work, claims, now)
