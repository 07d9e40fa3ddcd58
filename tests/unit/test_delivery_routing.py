"""Where an activity goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.delivery.routing import Place, Rules, reaches, readers, route, takes
from bridge.model import Activity, Audience, AudienceKind, Kind, Outlet

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
EVERYONE = Audience(AudienceKind.EVERYONE, 1)
SALES = Audience(AudienceKind.TEAM, 12)
SQUARE = Outlet(1, 1, "Square", "webhook", EVERYONE, {"kinds": ["completion", "share"]})
DEN = Outlet(2, 1, "Den", "webhook", SALES, {"kinds": ["completion"]})
STAGE = Outlet(
    3, 1, "Stage", "webhook", Audience(AudienceKind.PUBLIC, 1), {"kinds": ["completion"]}
)
FORUM = Outlet(4, 1, "Forum", "moodle_forum", EVERYONE)
BACK = Outlet(5, 1, "Answers", "moodle_forum", EVERYONE, {"kinds": ["reply"]}, purpose="reply")
ALL = [SQUARE, DEN, STAGE, FORUM, BACK]


def activity(kind: Kind, audience: Audience = EVERYONE) -> Activity:
    """Revision 4 of an activity."""
    return Activity(9, "uid", 1, kind, audience, NOW, NOW, revision=4)


def test_kinds_go_by_themselves_where_everybody_may_see_them() -> None:
    """Everyone's completions go to everyone and to a team; to the public, by a rule of its own."""
    assert {1: 4, 2: 4} == route(activity(Kind.COMPLETION), ALL, chosen=(), there=())


def test_what_a_team_sees_goes_to_the_team_alone() -> None:
    """Never to everyone."""
    assert {2: 4} == route(activity(Kind.COMPLETION, SALES), ALL, chosen=(), there=())


def test_an_outlet_without_kinds_takes_what_it_is_chosen_for() -> None:
    """A leader picked the forum."""
    assert {1: 4, 4: 4} == route(activity(Kind.SHARE), ALL, chosen={4}, there=())


def test_what_people_wrote_goes_where_they_chose() -> None:
    """Their own words to the public, if they say so."""
    assert {3: 4} == route(activity(Kind.POST), ALL, chosen={3}, there=())


def test_what_the_lms_says_does_not() -> None:
    """Nobody can choose to send a colleague's completion further than it may go."""
    assert {} == route(activity(Kind.MILESTONE), [STAGE], chosen={3}, there=())


def test_where_it_is_it_grows() -> None:
    """A new revision goes where the last one went."""
    assert {4: 4} == route(activity(Kind.SHARE), [FORUM], chosen=(), there={4})


def test_where_it_may_not_be_any_more_it_goes() -> None:
    """A milestone stands where it is not covered: it is taken back."""
    assert {3: None} == route(activity(Kind.MILESTONE), [STAGE], chosen=(), there={3})


def test_what_is_gone_goes_everywhere() -> None:
    """Where it is, it is taken back; nowhere does it arrive anew."""
    gone = replace(activity(Kind.COMPLETION), gone=True)

    assert {4: None} == route(gone, ALL, chosen=(), there={4})


def test_an_outlet_that_is_switched_off_takes_nothing_by_itself() -> None:
    """It keeps what it has, up to date in the books, for when it is switched on again."""
    off = replace(SQUARE, enabled=False)

    assert {} == route(activity(Kind.SHARE), [off], chosen=(), there=())
    assert {1: 4} == route(activity(Kind.SHARE), [off], chosen=(), there={1})


def test_answers_go_back_when_the_flow_chooses_so() -> None:
    """An outlet for replies takes nothing by itself."""
    assert {} == route(activity(Kind.REPLY), [BACK], chosen=(), there=())
    assert {5: 4} == route(activity(Kind.REPLY), [BACK], chosen={5}, there=())


FEEDBACK = Place(frozenset({"course:9", "category:3", "category:1", "topic:talking"}))


@pytest.mark.parametrize(
    ("only", "never", "taken"),
    [
        ((), (), True),
        (("course:9",), (), True),
        (("course:8",), (), False),
        (("course:8", "category:1"), (), True),  # One of what it is about is enough.
        (("topic:talking",), (), True),
        ((), ("category:3",), False),
        (("course:9",), ("category:1",), False),  # What is never taken counts for more.
        (("everyone",), (), True),
        (("team:12",), (), False),
        (("team:12", "everyone"), (), True),
        (("team:12", "course:9"), (), False),  # About it, but told to others.
        (("everyone", "course:8"), (), False),
        ((), ("everyone",), False),
        ((), ("team:12",), True),
    ],
)
def test_rules(only: tuple[str, ...], never: tuple[str, ...], taken: bool) -> None:
    """What it is about, and whom it was told to, each have to fit."""
    rules = Rules(frozenset({"completion"}), frozenset(only), frozenset(never))
    assert taken == takes(rules, activity(Kind.COMPLETION), FEEDBACK)


@pytest.mark.parametrize(
    ("kind", "only", "goes"),
    [
        (Kind.COMPLETION, ["category:1"], True),
        (Kind.RENEWAL, ["course:9", "everyone"], True),
        (Kind.COMPLETION, [], False),  # Nobody said of which courses may be spoken in public.
        (Kind.COMPLETION, ["everyone"], False),
        (Kind.COMPLETION, ["course:8"], False),
        (Kind.MILESTONE, ["course:9"], False),
        (Kind.COURSE, ["course:9"], False),
        (Kind.SHARE, ["course:9"], False),  # Only if its author picked the outlet.
        (Kind.POST, ["course:9"], False),
    ],
)
def test_where_the_public_reads_a_rule_names_the_courses(
    kind: Kind, only: list[str], goes: bool
) -> None:
    """And only what its people agreed to goes there by itself."""
    stage = replace(STAGE, settings={"kinds": [kind.value], "only": only})
    found = route(activity(kind), [stage], chosen=(), there=(), place=FEEDBACK)
    assert ({3: 4} if goes else {}) == found


def test_a_share_goes_to_the_public_if_its_author_picks_that_outlet() -> None:
    """Told to everyone here, never what was told to a team."""
    assert reaches(Kind.SHARE, EVERYONE, STAGE, chosen=True)
    assert not reaches(Kind.SHARE, EVERYONE, STAGE, chosen=False)
    assert not reaches(Kind.SHARE, SALES, STAGE, chosen=True)
    assert not reaches(Kind.COMPLETION, Audience(AudienceKind.EVERYONE, 2), STAGE, chosen=True)


def test_what_is_about_nothing_is_not_about_a_course() -> None:
    """A post goes nowhere that takes one course only, and everywhere that leaves one out."""
    kinds = frozenset({"post"})
    assert not takes(Rules(kinds, only=frozenset({"course:9"})), activity(Kind.POST), Place())
    assert takes(Rules(kinds, never=frozenset({"course:9"})), activity(Kind.POST), Place())


def test_rules_hold_nothing_up_that_somebody_chose() -> None:
    """A leader's share goes where they send it; and what stands, stays."""
    picky = replace(SQUARE, settings={"kinds": ["share"], "only": ["course:8"]})
    share = activity(Kind.SHARE)
    assert {} == route(share, [picky], chosen=(), there=(), place=FEEDBACK)
    assert {1: 4} == route(share, [picky], chosen={1}, there=(), place=FEEDBACK)
    assert {1: 4} == route(share, [picky], chosen=(), there={1}, place=FEEDBACK)


def test_a_digest_is_for_its_own_outlet() -> None:
    """Whatever else is chosen for it."""
    digest = activity(Kind.DIGEST, readers(SQUARE))
    assert {1: 4} == route(digest, ALL, chosen={1, 2, 3}, there=())
