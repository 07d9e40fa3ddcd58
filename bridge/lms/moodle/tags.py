"""Which courses carry a tag.

No stock function tells the tags of courses. But the tag's own page, as the Moodle app reads it, has
its id, and courses can be searched for by it: two requests for each tag that somebody asks for.
"""

from __future__ import annotations

from bridge.errors import LmsError, Missing, UnexpectedAnswer
from bridge.lms.moodle import schemas
from bridge.lms.moodle.site import MoodleSite

PAGE_OF_TAG = "core_tag_get_tagindex_per_area"
SEARCH = "core_course_search_courses"
UNKNOWN_TAG = "notagsfound"
A_PAGE = 200
MOST_PAGES = 100


def courses_tagged(site: MoodleSite, tag: str) -> list[int]:
    """The ids of the courses with the tag.

    :raises Missing: if there is no such tag, or the site has not the functions.
    :raises LmsError: if the LMS does not say.
    """
    missing = [name for name in (PAGE_OF_TAG, SEARCH) if name not in site.functions]
    if missing:
        raise Missing(
            f"The token's service has not {' and '.join(missing)}, and nothing else tells which"
            " courses carry a tag.",
            f"Add them under {site.client.pages.services} (Moodle 3.7 and later), or go by"
            " categories.",
            function=missing[0],
        )
    try:
        pages = site.read_list(PAGE_OF_TAG, schemas.TagPage, {"tagindex": {"tag": tag}})
    except LmsError as error:
        if error.code != UNKNOWN_TAG:
            raise
        raise Missing(
            f"The LMS has no tag {tag!r}.",
            "Copy it from a course's settings, under Tags.",
            function=PAGE_OF_TAG,
            code=UNKNOWN_TAG,
        ) from error
    ids = {page["tagid"] for page in pages}
    return [] if not ids else sorted({c for i in sorted(ids) for c in _search(site, i)})


def _search(site: MoodleSite, tag_id: int) -> set[int]:
    found: set[int] = set()
    for page in range(MOST_PAGES):
        answer = site.read_as(
            schemas.FoundCourses,
            SEARCH,
            {"criterianame": "tagid", "criteriavalue": tag_id, "page": page, "perpage": A_PAGE},
        )
        new = {row["id"] for row in answer["courses"]} - found
        found |= new
        if not new or len(found) >= answer["total"]:
            return found
    raise UnexpectedAnswer(
        f"The search for courses with a tag did not end after {MOST_PAGES} pages.",
        "Please report this with the release of the LMS.",
        function=SEARCH,
    )
