"""An activity in the words of others."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.activitystreams import PUBLIC, activity_object, contained, headline
from bridge.model import (
    Activity,
    Audience,
    AudienceKind,
    Course,
    Discussion,
    Kind,
    PersonCard,
)

NINE = datetime(2026, 11, 25, 9, tzinfo=UTC)
ANA, BOB, CHEN = (PersonCard(n, name) for n, name in enumerate(["Ana", "Bob", "Chen"], 1))
COURSE = Course(9, 1, 9, "Giving <feedback>", "All about it.", "https://lms.example/course?id=9")
TALK = Discussion(
    5, 1, 9, 50, 7, 500, 2, "Bob", "How do you start?", "a & b", NINE, 2, "https://lms.example/d=50"
)
TOLD = Activity(1, "u-1", 1, Kind.COMPLETION, Audience(AudienceKind.EVERYONE, 1), NINE, NINE)


def link(path: str) -> str:
    """An address on the bridge."""
    return f"https://bridge.example{path}"


def of(kind: Kind, **more: Any) -> Activity:
    """An activity of a kind."""
    return replace(TOLD, kind=kind, **more)


@pytest.mark.parametrize(
    ("names", "named", "others", "who"),
    [
        ((ANA,), 1, None, "Ana"),
        ((ANA, BOB), 2, None, "Ana and Bob"),
        ((ANA, BOB, CHEN), 3, None, "Ana, Bob and Chen"),
        ((ANA, BOB, CHEN), 4, None, "Ana and 3 others"),
        ((ANA,), 1, 7, "Ana and 7 others"),
        ((ANA,), 2, None, "Ana and 1 other"),
        ((), 0, 12, "12 people"),
        ((), 0, None, "Somebody"),
    ],
)
def test_a_completion_names_few_and_counts_the_rest(
    names: tuple[PersonCard, ...], named: int, others: int | None, who: str
) -> None:
    """At most three by name."""
    said = headline(TOLD, names=names, named=named, others=others, course=COURSE)
    assert f"{who} finished Giving <feedback>" == said


@pytest.mark.parametrize(
    ("activity", "said"),
    [
        (of(Kind.COURSE), "New at Acme: Giving <feedback>"),
        (of(Kind.DISCUSSION), "Ana started a discussion in Giving <feedback>: How do you start?"),
        (of(Kind.SHARE, text="Come!"), "Ana shared Giving <feedback>"),
        (of(Kind.REPLY, text="So"), "Ana answered How do you start? in Giving <feedback>"),
        (of(Kind.POST, text="Any tips", question=True), "Ana asked: Any tips"),
        (of(Kind.POST, text="two\nlines"), "Ana wrote: two lines"),
    ],
)
def test_each_kind_is_one_sentence(activity: Activity, said: str) -> None:
    """Plain text, on one line."""
    found = headline(activity, actor=ANA, course=COURSE, discussion=TALK, site_name="Acme")
    assert said == found


def test_a_delegate_says_for_whom() -> None:
    """The leader's name stands beside theirs."""
    assert "Ana (for Bob) shared: Come!" == headline(
        of(Kind.SHARE, text="Come!"), actor=ANA, behalf_of=BOB
    )


@pytest.mark.parametrize(
    ("kind", "types", "object_type"),
    [
        (Kind.COMPLETION, ["Activity", "Completed"], "Page"),
        (Kind.COURSE, "Create", "Page"),
        (Kind.DISCUSSION, "Create", "Note"),
        (Kind.SHARE, "Announce", "Page"),
        (Kind.POST, "Create", "Note"),
        (Kind.REPLY, "Create", "Note"),
    ],
)
def test_the_types_are_those_of_the_vocabulary(kind: Kind, types: object, object_type: str) -> None:
    """With one extension, for what it has no word for."""
    found = activity_object(
        of(kind, text="<b>Hi</b>"),
        link=link,
        actor=None if kind in (Kind.COMPLETION, Kind.COURSE) else ANA,
        names=(ANA,),
        named=1,
        course=COURSE,
        discussion=TALK,
        site_name="Acme",
    )
    assert (types, object_type) == (found["type"], found["object"]["type"])
    assert "https://www.w3.org/ns/activitystreams" == found["@context"][0]
    assert ("https://bridge.example/a/u-1", "2026-11-25T09:00:00Z") == (
        found["id"],
        found["published"],
    )
    assert "<b>" not in json.dumps(found)
    assert "null" not in json.dumps(found)


def test_several_people_are_a_collection_that_counts_the_others() -> None:
    """Those named are its items."""
    found = activity_object(TOLD, link=link, names=(ANA, BOB), named=2, others=7, course=COURSE)
    assert ("Collection", 9, ["Ana", "Bob"]) == (
        found["actor"]["type"],
        found["actor"]["totalItems"],
        [person["name"] for person in found["actor"]["items"]],
    )


def test_a_reply_says_to_what() -> None:
    """By the address of the discussion in the LMS."""
    found = activity_object(of(Kind.REPLY, text="So"), link=link, actor=ANA, discussion=TALK)
    assert TALK.url == found["object"]["inReplyTo"]


@pytest.mark.parametrize(
    ("audience", "to"),
    [
        (Audience(AudienceKind.PUBLIC, 1), PUBLIC),
        (Audience(AudienceKind.EVERYONE, 1), "https://bridge.example/"),
        (Audience(AudienceKind.TEAM, 3), "https://bridge.example/teams/3"),
        (Audience(AudienceKind.COURSE, 9), "https://bridge.example/courses/9"),
    ],
)
def test_the_audience_is_an_address(audience: Audience, to: str) -> None:
    """Public is the vocabulary's own."""
    found = activity_object(replace(TOLD, audience=audience), link=link, course=COURSE)
    assert [to] == found["to"]


def test_what_is_gone_is_a_tombstone() -> None:
    """And says nothing more than when."""
    found = activity_object(replace(TOLD, gone=True), link=link, names=(ANA,), course=COURSE)
    assert {"@context", "id", "type", "deleted"} == set(found)


def test_an_address_that_could_run_is_left_out() -> None:
    """Only the web's own schemes are addresses."""
    bad = replace(COURSE, url="javascript:alert(1)")
    found = activity_object(TOLD, link=link, names=(ANA,), named=1, course=bad)
    assert "javascript" not in json.dumps(found)


def test_a_share_without_its_course_is_a_note() -> None:
    """The course was hidden: the words stay."""
    found = activity_object(of(Kind.SHARE, text="Come!"), link=link, actor=ANA, behalf_of=BOB)
    assert ("Create", "Come!", "Bob") == (
        found["type"],
        found["object"]["content"],
        found["attributedTo"]["name"],
    )


def test_a_renewal_says_so() -> None:
    """In words; for machines it is a completion like another."""
    renewal = of(Kind.RENEWAL, course_id=9)
    assert "Ana renewed Giving <feedback>" == headline(
        renewal, names=(ANA,), named=1, course=COURSE
    )
    said = activity_object(renewal, link=link, names=(ANA,), named=1, course=COURSE)
    assert (["Activity", "Completed"], "Ana") == (said["type"], said["actor"]["name"])


def test_a_milestone_is_a_number_of_a_course_or_of_a_team() -> None:
    """No name stands in it but the group's."""
    course = of(Kind.MILESTONE, course_id=9, number=1000)
    team = of(Kind.MILESTONE, audience=Audience(AudienceKind.TEAM, 3), title="Sales", number=250)
    assert "1,000 people have finished Giving <feedback>" == headline(course, course=COURSE)
    assert "Sales has finished 250 courses together" == headline(team)
    said = activity_object(course, link=link, course=COURSE)
    assert {"type": "Collection", "totalItems": 1000} == said["actor"]
    said = activity_object(team, link=link)
    assert ("Sales", 250) == (said["actor"]["name"], said["object"]["totalItems"])


def test_when_it_was_finished_is_its_end_and_when_it_was_told_its_publication() -> None:
    """Finished at seven, told at nine; what has no date has no end."""
    seven = NINE.replace(hour=7)
    said = activity_object(TOLD, link=link, names=(ANA,), named=1, completed_at=seven)
    assert ("2026-11-25T07:00:00Z", "2026-11-25T09:00:00Z") == (said["endTime"], said["published"])
    assert "endTime" not in activity_object(TOLD, link=link, names=(ANA,), named=1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Bob Brown", "Bob Brown"),
        ("Bob \u202eBrown", "Bob \u202eBrown\u202c"),
        ("Bob \u202eBro\u202cwn", "Bob \u202eBro\u202cwn"),
        ("\u2067\u202eBob", "\u2067\u202eBob\u202c\u2069"),
        ("\u2067\u202eBob\u2069", "\u2067\u202eBob\u2069"),
        ("\u202e\u2067Bob\u202c", "\u202e\u2067Bob\u202c\u2069\u202c"),
        ("Bob\u202c\u2069", "Bob\u202c\u2069"),
    ],
)
def test_a_name_turns_nothing_but_itself(name: str, expected: str) -> None:
    """Whatever direction it opens is closed where the name ends."""
    assert expected == contained(name)
