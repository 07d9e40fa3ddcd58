"""The course policy: which categories are announced."""

from __future__ import annotations

from bridge.storage import Work
from bridge.sync.plan import places


def set_announce(work: Work, category_id: int, announce: bool | None) -> int:
    """Set the admin's word on a category and judge the courses anew; the connection's id.

    :param announce: ``None`` leaves it to the rule for mandatory courses again.
    :raises NotFound: if there is no such category.
    """
    connection_id = work.facts.set_announce(category_id, announce)
    courses = work.facts.courses_by_category(connection_id)
    where = places(
        [category for _, category, _ in courses],
        work.facts.stored_categories(connection_id),
        work.facts.announced_by_category(connection_id),
    )
    for mandatory in (True, False):
        moved = [
            course_id
            for (course_id, _, before), place in zip(courses, where, strict=True)
            if place.mandatory is mandatory and before is not mandatory
        ]
        work.facts.set_mandatory(moved, mandatory)
    return connection_id
