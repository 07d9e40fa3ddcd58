"""Finding items again by their words, within what the viewer may see.

Searched are posts, shares, answers and comments, the titles and texts of discussions, and the names
of courses. People are not: who is named where depends on what they chose, and no index knows that.
What is found is looked at like every page of the feed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bridge.feed.look import looked_up
from bridge.model import Course, FeedPage, Viewer
from bridge.storage import Work
from bridge.storage.search import COURSES
from bridge.visibility import visible_keys

LONGEST = 200
"""Characters of a query; what is longer is cut."""
MOST_WORDS = 8
LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+")


def words(query: str) -> tuple[str, ...]:
    """The words that are looked for: letters and digits, the first few, each once. Pure."""
    whole = query if len(query) <= LONGEST else query[:LONGEST].rsplit(maxsplit=1)[0]
    plain = unicodedata.normalize("NFC", whole).lower()
    found = dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(plain))
    return tuple(found)[:MOST_WORDS]


def courses(work: Work, viewer: Viewer, asked: Sequence[str]) -> list[Course]:
    """The courses of the LMS's catalogue whose names have all the words in them; one statement."""
    return work.search.courses(viewer.connection_id, asked, COURSES) if asked else []


def find(
    work: Work,
    viewer: Viewer,
    asked: Sequence[str],
    named: Sequence[Course],
    before: str | None = None,
    limit: int = 20,
) -> FeedPage:
    """What was said with all the words, or told about the courses, newest first.

    :raises InputError: if ``before`` is no cursor.
    """
    if not asked:
        return FeedPage(())
    keys = visible_keys(viewer)
    ids = [course.id for course in named]
    return looked_up(
        work,
        viewer,
        lambda at, size: work.search.entries(asked, ids, keys, at, size, viewer.person_id),
        before,
        limit,
    )
