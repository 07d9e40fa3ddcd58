"""What is announced of courses: the admin's words, in their order, and the default."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.lms.moodle.lean import completed_by
from bridge.model import CategoryFact, Quiet, Rule
from bridge.sync.announcing import Words, chain, quiet

LEADERSHIP = CategoryFact(1, "Leadership", None, "/1")
COMPLIANCE = CategoryFact(2, "Compliance", None, "/2")
FIRE = CategoryFact(3, "Fire", 2, "/2/3")
TREE = {c.lms_id: c for c in (LEADERSHIP, COMPLIANCE, FIRE)}


def _quiet(
    category: int | None, words: Words, tags: tuple[str, ...] = (), rule: Rule | None = None
) -> Quiet | None:
    return quiet(chain(TREE, category), tags, rule, words)


@pytest.mark.parametrize(
    ("category", "announced", "why"),
    [
        (1, {}, None),
        (2, {}, Quiet.MUST),
        (3, {}, Quiet.MUST),
        (3, {2: True}, None),
        (3, {2: True, 3: False}, Quiet.CATEGORY),
        (3, {2: False, 3: True}, None),
        (1, {1: False}, Quiet.CATEGORY),
        (None, {}, None),
        (77, {}, None),
    ],
)
def test_the_nearest_category_decides_else_the_names(
    category: int | None, announced: dict[int, bool], why: Quiet | None
) -> None:
    """A category under compliance is compliance, unless somebody said otherwise."""
    assert why is _quiet(category, Words(announced))


@pytest.mark.parametrize(
    ("rule", "said", "why"),
    [
        (Rule.TIME, {}, Quiet.RULE),
        (Rule.SELF, {}, None),
        (Rule.ROLE, {}, None),
        (Rule.WORK, {}, None),
        (None, {}, None),
        (Rule.TIME, {Rule.TIME: True}, None),
        (Rule.SELF, {Rule.SELF: False}, Quiet.RULE),
        (Rule.WORK, {Rule.SELF: False}, None),
        (None, {Rule.WORK: False}, None),
    ],
)
def test_what_completes_a_course_decides(
    rule: Rule | None, said: dict[Rule, bool], why: Quiet | None
) -> None:
    """That time went by is no achievement; about the rest an admin may say something."""
    assert why is _quiet(1, Words(rules=said), rule=rule)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (Words({2: False}, {"open": True}, {Rule.SELF: False}), None),
        (Words({2: True}, {"open": False}, {Rule.SELF: True}), Quiet.TAG),
        (Words({2: True}, {"other": False}, {Rule.SELF: False}), None),
        (Words({2: False}, {}, {Rule.SELF: True}), Quiet.CATEGORY),
        (Words({}, {}, {Rule.SELF: True}), None),
        (Words({}, {}, {Rule.SELF: False}), Quiet.RULE),
        (Words(), Quiet.MUST),
    ],
)
def test_the_more_particular_word_comes_first(words: Words, why: Quiet | None) -> None:
    """A tag before a category, a category before what completes the course, then the default."""
    assert why is _quiet(2, words, ("open",), Rule.SELF)


def test_where_two_tags_contradict_no_comes_first() -> None:
    """Whichever stands first."""
    words = Words(tags={"a": True, "b": False})
    assert [Quiet.TAG] * 2 == [_quiet(1, words, tags) for tags in (("a", "b"), ("b", "a"))]


def test_categories_in_a_circle_end() -> None:
    """A broken tree of categories is walked once around."""
    circle = {1: CategoryFact(1, "A", 2, ""), 2: CategoryFact(2, "Compliance", 1, "")}
    assert Quiet.MUST is quiet(chain(circle, 1), (), None, Words())


@pytest.mark.parametrize(
    ("types", "aggregation", "rule"),
    [
        ({2}, 1, Rule.TIME),
        ({2, 5}, 1, Rule.TIME),
        ({3}, 2, Rule.TIME),
        ({1, 2}, 1, Rule.SELF),
        ({1, 2}, 2, Rule.TIME),
        ({7}, 1, Rule.ROLE),
        ({7, 4}, 2, Rule.ROLE),
        ({1, 4}, 1, Rule.WORK),
        ({6}, 1, Rule.WORK),
        ({8}, None, Rule.WORK),
        ({99}, 1, Rule.WORK),
        (set(), 1, None),
    ],
)
def test_criteria_come_to_one_rule(
    types: set[int], aggregation: int | None, rule: Rule | None
) -> None:
    """Where all are wanted the most, where any is enough the least that is asked."""
    assert rule is completed_by(frozenset(types), aggregation)


@given(
    st.sampled_from([None, 1, 2, 3]),
    st.dictionaries(st.sampled_from([1, 2, 3]), st.booleans()),
    st.dictionaries(st.sampled_from("ab"), st.booleans()),
    st.dictionaries(st.sampled_from(list(Rule)), st.booleans()),
    st.sets(st.sampled_from("ab")),
    st.sampled_from([None, *Rule]),
)
def test_a_no_to_all_that_a_course_has_is_never_overruled(
    category: int | None,
    categories: dict[int, bool],
    tags: dict[str, bool],
    rules: dict[Rule, bool],
    carried: set[str],
    rule: Rule | None,
) -> None:
    """Where nobody said yes to anything of it, a no is enough."""
    words = Words(categories, tags, rules)
    above = {c.lms_id for c in chain(TREE, category)}
    said = [words.categories[c] for c in above if c in categories]
    said += [tags[tag] for tag in carried if tag in tags]
    said += [rules[rule]] if rule in rules else []
    if said and not any(said):
        assert None is not _quiet(category, words, tuple(carried), rule)
