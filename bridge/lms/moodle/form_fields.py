"""How many fields of a form a site takes: PHP drops what is beyond its limit and says nothing.

The limit is ``max_input_vars``, 1,000 unless somebody set it; what is dropped is its end.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.lms.moodle import schemas
from bridge.lms.moodle.batch import MOST
from bridge.lms.moodle.site import MoodleSite
from bridge.model import Carried

PEOPLE = "core_user_get_users_by_field"
ENVELOPE = 3
"""The token, the function and the format of the answer."""
LONGEST = ENVELOPE + 2 * MOST
"""Fields of the longest form that is ever sent: a full batch, of two fields a request."""
MARKS = 20


def carries(site: MoodleSite, person_ids: Sequence[int]) -> Carried | None:
    """Send as many fields as are ever sent at once, and see how many arrive.

    The fields are ids of people whom the LMS names. One of them fills the form, the others stand
    in it at equal distances, the last one at its end: whoever is not named was cut off.

    :returns: ``None`` where fewer than two of ``person_ids`` are named, which proves nothing.
    :raises LmsError: as any read.
    """
    if len(person_ids) < 2:
        return None
    known = _named(site, list(person_ids)[: MARKS + 1])
    if len(known) < 2:
        return None
    filling, *marks = known
    values = [filling] * (LONGEST - ENVELOPE - 1)
    places = [len(values) * (n + 1) // len(marks) - 1 for n in range(len(marks))]
    for place, mark in zip(places, marks, strict=True):
        values[place] = mark
    found = set(_named(site, values))
    arrived = 0
    for place, mark in zip(places, marks, strict=True):
        if mark not in found:
            return Carried(LONGEST, ENVELOPE + 1 + arrived)
        arrived = place + 1
    return Carried(LONGEST, LONGEST)


def _named(site: MoodleSite, ids: list[int]) -> list[int]:
    asked = {"field": "id", "values": ids}
    return [row["id"] for row in site.read_list(PEOPLE, schemas.User, asked)]
