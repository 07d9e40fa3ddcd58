"""One thing that an outlet would be told, as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

import nh3
from babel.dates import format_time
from flask_babel import get_locale
from markupsafe import Markup

from bridge.delivery import preview as dry
from bridge.delivery.plan import Step
from bridge.delivery.preview import Scene
from bridge.errors import BridgeError
from bridge.model import Rendering
from bridge.ports import Abilities, Publisher

SHOWN_TAGS = {"p", "br", "a"}
"""What the bridge's own HTML is made of; whatever else stood in it would be shown as text."""


@dataclass(frozen=True)
class Face:
    """One scene as the page shows it."""

    scene: Scene
    time: str
    """By the outlet's clock, or the reader's."""
    words: Rendering | None
    refused: str
    markup: Markup | None
    """What a browser makes of it, where the outlet takes HTML."""
    body: str
    """The whole request."""
    stays: bool
    """Whether it cannot be taken back."""


def face(scene: Scene, publisher: Publisher | None, abilities: Abilities, zone: tzinfo) -> Face:
    """The scene in its outlet's own words; without the network."""
    found = dry.worded(scene, publisher)
    words = None if isinstance(found, BridgeError) else found
    return Face(
        scene=scene,
        time=str(format_time(scene.at.astimezone(zone), "HH:mm", locale=get_locale())),
        words=words,
        refused="" if words else str(found),
        markup=_markup(words.text) if words and words.form == "html" else None,
        body=dry.body(words) if words else "",
        stays=scene.step is Step.PUBLISH and not abilities.delete,
    )


def _markup(text: str) -> Markup:
    # It was escaped for the outlet; here it is cleaned once more, because it is now our page.
    clean = nh3.clean(
        text, tags=SHOWN_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"}
    )
    return Markup(clean)
