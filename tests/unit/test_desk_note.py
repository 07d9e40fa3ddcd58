"""What a weekly note says, and that nothing in it means more than it says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from bridge.desk.note import Content, note
from bridge.lms.moodle.messages import as_html
from bridge.model import Course, NoteKind, Reason, Suggestion

HOST = "https://bridge.example"
LONGEST = 4096
"""Bytes of a Moodle message."""
HOSTILE = "Eve <b>https://evil.example/</b> & \u202e co\r\nBcc: all@example.com"


def suggestion(number: int, name: str, why: str = "9 of your people finished it.") -> Suggestion:
    """One that is open."""
    course = Course(number, 1, number, name, "", "")
    reason = Reason(why)
    return Suggestion(
        id=number,
        leader_id=1,
        course=course,
        score=1.0,
        why_this=reason,
        why_you=reason,
        why_now=reason,
        prompt=f"What did you learn in {name}?",
        week=date(2026, 11, 30),
    )


CONTENT = Content(
    name="Alice Adams",
    teams=["Sales"],
    suggestions=[suggestion(11, "Giving feedback"), suggestion(12, "Negotiation")],
    questions=2,
    opens=lambda place: f"{HOST}/note/{'t' * 43}" + (f"?at={place}" if place else ""),
    settled=f"{HOST}/desk/note",
    ends=f"{HOST}/notes/{'e' * 120}",
    until="8 December",
    silent=23,
)


def test_a_weekly_note_says_what_to_share_and_why() -> None:
    """Names with a reason each, the open questions, links to each, and the way out."""
    words = note(NoteKind.WEEKLY, CONTENT)
    opened = f"{HOST}/note/{'t' * 43}"
    assert "To share this week: Giving feedback and 1 more" == words.subject
    assert [
        "Hello Alice Adams,",
        "worth sharing this week:",
        f"1. Giving feedback\n9 of your people finished it.\n{opened}?at=suggestion-11",
        f"2. Negotiation\n9 of your people finished it.\n{opened}?at=suggestion-12",
        f"2 questions of your people wait for an answer.\n{opened}?at=answer",
        f"Your desk:\n{opened}",
        "These links sign you in once, until 8 December. They are yours alone.",
        f"-- \nHow and when you get this: {HOST}/desk/note\nNo more: {CONTENT.ends}",
    ] == words.plain.split("\n\n")


def test_a_nudge_is_one_draft_to_start_from() -> None:
    """The prompt of the first suggestion, and no list."""
    words = note(NoteKind.NUDGE, CONTENT)
    assert "One sentence about Giving feedback?" == words.subject
    assert "heard nothing of you here for 3 weeks" in words.plain
    assert "\n\nWhat did you learn in Giving feedback?\n\n" in words.plain
    assert "?at=suggestion-11" in words.message
    assert "Negotiation" not in words.plain
    assert "last note" not in words.plain
    assert "last note for now" in note(NoteKind.NUDGE, replace(CONTENT, last=True)).message


def test_the_first_word_says_that_no_other_comes_unasked() -> None:
    """Why it comes, and where to say that one wants more."""
    words = note(NoteKind.FIRST, replace(CONTENT, teams=["Sales", "Support", "Legal", "Ops"]))
    assert "you lead Sales, Support and Legal, so there is a desk for you" in words.plain
    assert f"no other one will. To get one each week: {CONTENT.ends}" in words.plain
    assert CONTENT.settled not in words.plain


def test_questions_alone_are_a_note() -> None:
    """One is one."""
    alone = replace(CONTENT, suggestions=[], questions=1)
    words = note(NoteKind.WEEKLY, alone)
    assert "One question of your people waits for an answer" == words.subject
    assert "worth sharing" not in words.plain
    assert not replace(alone, questions=0).says_anything


@pytest.mark.parametrize("kind", NoteKind)
def test_hostile_names_stay_words(kind: NoteKind) -> None:
    """No markup, no header, no line of their own, and no link but ours."""
    hostile = replace(
        CONTENT,
        name=HOSTILE,
        teams=[HOSTILE],
        suggestions=[suggestion(11, HOSTILE, HOSTILE), suggestion(12, "https://evil.example/")],
    )
    words = note(kind, hostile)
    assert not re.search(r"[\x00-\x1f\u202e]", words.subject)
    shown = as_html(words.message)
    for page in (words.html, shown):
        links = {unescape(link) for link in re.findall(r'href="([^"]*)"', page)}
        assert {HOST} == {link[: len(HOST)] for link in links}
        assert "<b>" not in page
    assert not re.search(r"^Bcc", words.plain, re.MULTILINE)


@pytest.mark.parametrize("kind", NoteKind)
@pytest.mark.parametrize("letter", ["x", "&", "学", "x "])
def test_a_message_is_never_longer_than_an_lms_takes(kind: NoteKind, letter: str) -> None:
    """However long the names: they, and the ways in and out, are always there."""
    long = letter * 2_000
    content = replace(
        CONTENT,
        name=long,
        teams=[long] * 3,
        suggestions=[suggestion(n, long, long) for n in (11, 12, 13)],
    )
    message = note(kind, content).message
    assert len(as_html(message).encode()) <= LONGEST
    assert (letter * 40) in message
    assert f"\n{CONTENT.opens('')}\n" in message
    assert f"\n{CONTENT.ends}" in message


def test_a_usual_message_has_everything() -> None:
    """Nothing is left out where there is room."""
    message = note(NoteKind.WEEKLY, CONTENT).message
    for part in ("9 of your people", "?at=suggestion-12", "?at=answer", CONTENT.settled):
        assert part in message
