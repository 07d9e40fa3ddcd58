"""Every kind of outlet, and what is known of it before one is added."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.outlets import (
    apprise,
    email,
    mahara,
    mastodon,
    matrix,
    moodle_forum,
    slack,
    teams,
    webhook,
)
from bridge.ports import Abilities, OutletKind

KINDS: Mapping[str, OutletKind] = {
    "moodle_forum": moodle_forum.KIND,
    "mahara": mahara.KIND,
    "mastodon": mastodon.KIND,
    "matrix": matrix.KIND,
    "slack": slack.KIND,
    "teams": teams.KIND,
    "email": email.KIND,
    "webhook": webhook.KIND,
    "apprise": apprise.KIND,
}
"""The word in settings and commands → what it is, in the order in which people are shown them."""


def promise(abilities: Abilities) -> str:
    """What can become of a post when it changes, or when consent is taken back: a sentence."""
    if abilities.edit and abilities.delete and abilities.remembers:
        return (
            "What it shows is edited and deleted when that is needed; as an edit leaves the earlier"
            " words to be read, what somebody takes back is deleted, and the rest posted anew."
        )
    if abilities.edit and abilities.delete:
        return "What it shows is edited and deleted when that is needed."
    if abilities.delete:
        return "What it shows is deleted when that is needed; it cannot be edited."
    if abilities.edit:
        return "What it shows is edited when that is needed; it cannot be deleted."
    return "What is sent there cannot be taken back."


def doubt(abilities: Abilities) -> str:
    """What becomes of a post when no answer came: a sentence."""
    if abilities.find:
        return "Where no answer came, the bridge looks whether a post arrived."
    if abilities.idempotent:
        return "Where no answer came, it is sent again, and shown once."
    return "Where no answer came, nobody knows whether a post arrived; it is not sent again."
