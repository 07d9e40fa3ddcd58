"""For which connection an admin's form speaks, and who speaks: an admin, or who sets it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import g

from bridge.errors import NotFound
from bridge.storage.setups import Setup
from bridge.web.here import viewer


@dataclass(frozen=True)
class Acting:
    """Who acts, and for which connection."""

    connection_id: int
    person_id: int | None
    """``None`` in the setup, where there is nobody yet."""


def acting() -> Acting:
    """The admin who is signed in; on a page of the setup, whoever began it.

    :raises NotFound: if no LMS is connected yet.
    """
    if "setup" in g:
        return Acting(setup().connection_id, None)
    return Acting(viewer().connection_id, viewer().person_id)


def setup() -> Setup:
    """What is being set up.

    :raises NotFound: if no LMS is connected yet.
    """
    found = g.get("setup")
    if found is None:
        raise NotFound("No LMS is connected yet.", "Begin with the first step of the setup.")
    return cast(Setup, found)
