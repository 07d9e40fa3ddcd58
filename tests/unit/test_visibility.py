"""Who may see what of whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import visibility
from bridge.model import Audience, AudienceKind, Choice, Course, Viewer

EVERYONE = Audience(AudienceKind.EVERYONE, 1)
PUBLIC = Audience(AudienceKind.PUBLIC, 1)
SALES = Audience(AudienceKind.TEAM, 3)
COURSE = Audience(AudienceKind.COURSE, 9)
ALICE = Viewer(
    person_id=1,
    connection_id=1,
    name="Alice",
    team_ids=frozenset({3}),
    course_ids=frozenset({9}),
    led_team_ids=frozenset({4}),
)


@pytest.mark.parametrize(
    ("choice", "named_to"),
    [
        (None, set()),
        (Choice.NOBODY, set()),
        (Choice.TEAMS, {AudienceKind.TEAM}),
        (Choice.EVERYONE, {AudienceKind.TEAM, AudienceKind.COURSE, AudienceKind.EVERYONE}),
        (Choice.PUBLIC, set(AudienceKind) - {AudienceKind.OUTLET}),
    ],
)
def test_a_person_is_named_only_where_they_chose(
    choice: Choice | None, named_to: set[AudienceKind]
) -> None:
    """Who has not been asked is named nowhere."""
    assert named_to == {kind for kind in AudienceKind if visibility.may_name(choice, kind)}


@pytest.mark.parametrize(
    ("count", "group", "shown"),
    [(5, 10, 5), (4, 100, None), (0, 100, None), (96, 100, None), (95, 100, 95), (10, 10, None)],
)
def test_the_rule_of_five_and_its_complement(count: int, group: int, shown: int | None) -> None:
    """A number is shown only if it and what is left of the group are five or more."""
    assert shown == visibility.shown_count(count, group)


@given(st.integers(-5, 300), st.integers(0, 300))
def test_no_shown_number_points_at_few(count: int, group: int) -> None:
    """Whatever the figures, neither side of a shown number is smaller than five."""
    shown = visibility.shown_count(count, group)
    assert shown is None or (shown >= 5 and group - shown >= 5)


def test_a_viewer_belongs_to_everyone_their_teams_and_courses() -> None:
    """A team that is led counts as one's own; roles open nothing."""
    keys = [a.key for a in visibility.visible_audiences(ALICE)]
    assert ["everyone:1", "team:3", "team:4", "course:9"] == keys


@pytest.mark.parametrize(
    ("audience", "sees"),
    [
        (EVERYONE, True),
        (PUBLIC, True),
        (SALES, True),
        (COURSE, True),
        (Audience(AudienceKind.TEAM, 4), True),
        (Audience(AudienceKind.TEAM, 5), False),
        (Audience(AudienceKind.COURSE, 8), False),
        (Audience(AudienceKind.EVERYONE, 2), False),
    ],
)
def test_what_is_told_to_others_is_not_seen(audience: Audience, sees: bool) -> None:
    """Not another team's, nor another course's, nor another connection's."""
    assert sees is visibility.may_see(ALICE, audience)


def test_a_hidden_course_shows_to_nobody() -> None:
    """Nor does one that is gone, or of another connection."""
    course = Course(1, 1, 10, "Giving feedback", "", "")
    hidden = Course(1, 1, 10, "Layoffs", "", "", visible=False)
    gone = Course(1, 1, 10, "Old", "", "", gone=True)
    foreign = Course(1, 2, 10, "Foreign", "", "")
    shown = [visibility.may_see_course(ALICE, c) for c in (course, hidden, gone, foreign)]
    assert [True, False, False, False] == shown


@pytest.mark.parametrize(
    ("outlet", "told", "goes"),
    [
        (EVERYONE, EVERYONE, True),
        (SALES, EVERYONE, True),
        (PUBLIC, EVERYONE, False),
        (Audience(AudienceKind.EVERYONE, 2), EVERYONE, False),
        (EVERYONE, SALES, False),
        (SALES, SALES, True),
        (Audience(AudienceKind.TEAM, 5), SALES, False),
        (EVERYONE, COURSE, False),
        (PUBLIC, PUBLIC, True),
        (EVERYONE, PUBLIC, True),
    ],
)
def test_an_item_goes_only_where_its_audience_covers(
    outlet: Audience, told: Audience, goes: bool
) -> None:
    """A team's item never goes to everyone, everyone's never to the public."""
    assert goes is visibility.covers(outlet, told)


@pytest.mark.parametrize(
    ("names", "mandatory"),
    [
        (("Compliance",), True),
        (("Safety", "Mandatory training"), True),
        (("Pflichtschulungen",), True),
        (("Formations obligatoires",), True),
        (("Leadership",), False),
        (("Complicated things",), False),
        ((), False),
    ],
)
def test_mandatory_is_known_by_the_names_of_categories(
    names: tuple[str, ...], mandatory: bool
) -> None:
    """Any of the names on the way up to the root decides."""
    assert mandatory is visibility.is_mandatory(names)


def test_an_audience_is_one_word_and_back() -> None:
    """The word in the column stands for the audience."""
    assert [EVERYONE, SALES, COURSE] == [Audience.of(a.key) for a in (EVERYONE, SALES, COURSE)]
    with pytest.raises(ValueError):
        Audience.of("nowhere:1")
