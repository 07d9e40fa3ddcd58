"""The course policy: what is announced, by category, tag and what completes a course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge.errors import InputError
from bridge.model import Quiet, Rule
from bridge.storage import Work
from bridge.storage.policy import TAG
from bridge.sync.announcing import Words, chain, quiet

LONGEST_TAG = 100


def set_announce(work: Work, category_id: int, announce: bool | None) -> int:
    """Set the admin's word on a category and judge the courses anew; the connection's id.

    :param announce: ``None`` takes the word back.
    :raises NotFound: if there is no such category.
    """
    connection_id = work.facts.set_announce(category_id, announce)
    judge(work, connection_id)
    return connection_id


def set_rule(work: Work, connection_id: int, rule: Rule, announce: bool | None) -> None:
    """Set the admin's word on courses that are completed so; ``None`` takes it back."""
    work.policy.set_rule(connection_id, rule, announce)
    judge(work, connection_id)


def set_tag(
    work: Work,
    connection_id: int,
    tag: str,
    announce: bool | None,
    lms_ids: Sequence[int] | None = None,
) -> None:
    """Set the admin's word on courses with the tag.

    :param announce: ``None``: the tag is only read, and decides nothing.
    :param lms_ids: the courses that carry it; ``None``: as they are known.
    """
    work.policy.set_tag(connection_id, tag, announce)
    if lms_ids is not None:
        work.policy.put_tagged(connection_id, tag, lms_ids)
    judge(work, connection_id)


def drop_tag(work: Work, connection_id: int, tag: str) -> None:
    """The tag is not read any more.

    :raises NotFound: if it was not.
    """
    work.policy.drop(connection_id, TAG, tag)
    judge(work, connection_id)


def tag_name(text: str) -> str:
    """A tag as an LMS names it: in small letters, in one line.

    :raises InputError: if it is none.
    """
    name = " ".join(text.split()).lower()
    if not name or len(name) > LONGEST_TAG or not name.isprintable():
        raise InputError(f"A tag has 1 to {LONGEST_TAG} characters.", "Copy it from a course.")
    return name


def learn(work: Work, connection_id: int, rules: Mapping[int, Rule]) -> None:
    """Keep what completes these courses, by our ids, as the LMS's verdicts say."""
    if work.policy.learn(rules):
        judge(work, connection_id)


def judge(work: Work, connection_id: int) -> int:
    """Judge every course anew by what is stored; how many are announced now or no more."""
    said = work.policy.words(connection_id)
    words = Words(
        work.facts.announced_by_category(connection_id),
        {name: said.tags[name] for name in said.tags},
        said.rules,
    )
    categories = {c.lms_id: c for c in work.facts.stored_categories(connection_id)}
    moved: dict[Quiet | None, list[int]] = {}
    for course in work.policy.courses(connection_id):
        why = quiet(chain(categories, course.category_lms_id), course.tags, course.rule, words)
        if (why, why is not None) != (course.quiet, course.mandatory):
            moved.setdefault(why, []).append(course.id)
    for why, ids in moved.items():
        work.policy.set_quiet(ids, why)
    return sum(map(len, moved.values()))
