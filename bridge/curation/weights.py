"""How much each signal counts: the one file that says so, for all sites.

Two things are weighed. *What a person takes next* is weighed in :mod:`bridge.curation.ranking`:
sites differ, so each learns from its own past how far to move from :data:`START`, and how many of
its choices are of which class (decision 020). *What a leader is shown* weighs that against what
else speaks for a suggestion.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

# --- what a person takes next --------------------------------------------------------------------

HALF_LIVES = (1.0, 3.0, 14.0, 60.0)
"""Days by which popularity fades."""

SIGNALS = (
    "day",
    "days",
    "weeks",
    "months",
    "popularity",
    "ease",
    "ease, plain",
    "ease, free",
    "ease, free, plain",
    "order",
    "order, plain",
    "alike",
    "circle",
    "circle, plain",
    "words",
)
"""Popularity by each half-life, popularity, what goes together, what follows what, what is had by
the same people, what these take now, what is said alike. *Plain* is linear; the others are on a
logarithmic scale. *Free* is drawn less to nothing: it believes few people, which is right where
tastes differ."""

CLASSES = ("a bit of all", "by the day", "step by step")
"""How people come to what they take next. No site is of one kind: each has a share of all three."""

START = np.array(
    [
        [0.3, 0.3, 0.3, 0.3, 0.3, 0.15, 0.25, 0.15, 0.25, 0.3, 0.5, 0.1, 0.1, 0.1, 0.2],
        [1.5, 1.0, 0.5, 0.0, 0.0, 0.1, 0.1, 0.0, 0.0, 0.1, 0.1, 0.0, 0.3, 0.3, 0.2],
        [0.2, 0.2, 0.2, 0.2, 0.2, 0.1, 0.2, 0.1, 0.2, 0.5, 1.5, 0.1, 0.0, 0.0, 0.2],
    ]
)
"""The weights of each class where a site begins, and where they stay if its past says nothing:
classes × signals."""

PULL = 1.0
"""How strongly they are drawn to the start: of the loss, so much a squared unit away."""

IMAGINED = 1.0
"""So many choices of each class are imagined beside those of the past, so that no share is ever
nothing: what ruled so far may not rule tomorrow."""

OWN = np.array([0.0] * 5 + [0.5, 1.0, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0, 0.3])
"""What is somebody's own, whatever is in fashion: the tenth place is given to it."""

RARE = 0.1
"""The exponent by which what many had is held back, and what few had is brought forward."""

PERSONAL = slice(5, 15)
"""Which of :data:`SIGNALS` differ from person to person; the others are fashions."""

# --- what a leader is shown ----------------------------------------------------------------------

WEIGHTS: Mapping[str, float] = {
    "together": 0.30,
    "momentum": 0.20,
    "reach": 0.20,
    "timely": 0.10,
    "quality": 0.10,
    "yours": 0.10,
}
"""All of them together are one. *Together* is what a leader's people are likely to take next by
their own past: the personal signals above, as this site weighs them."""

MOVED = 0.10
"""What *together* gains from *momentum* where people take what belongs to their past, and loses to
it where they take what is new."""

FASHION = 0.25
"""How much of *momentum* is what is in fashion on the whole site; the rest is pace."""

PUT_OFF = 0.10
"""What a course gains that the leader put off in an earlier week."""

UNHEEDED = 0.10
"""What a course loses that was suggested last week and left lying; half as much each week on."""

USUAL_HERE = 0.7
"""How much of what the whole site is likely to take next is taken off: two leaders with different
people get different lists."""
