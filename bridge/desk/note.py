"""The weekly note to a leader, in words. Pure.

Names of courses and reasons are shown as words: in the plain text only a line of the note's own is
an address, and in HTML every character of theirs is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from bridge.model import NoteKind, Suggestion

LONGEST_NAME = 80
LONGEST_WHY = 200
LONGEST_PROMPT = 400
LONGEST_SUBJECT = 150
MESSAGE_BYTES = 3800
"""Moodle's messages hold 4,096 bytes of HTML; the rest is for the tags."""

# Controls, and what makes the rest of a line run the other way.
_UNNEEDED = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Content:
    """What there is to say to a leader this week, and where the links lead.

    :param suggestions: the open ones, best first.
    :param questions: how many of their people's wait for an answer.
    :param opens: a place on the desk → the address of the link that opens it.
    :param settled: where they choose how they get this.
    :param ends: where they end it, without signing in.
    :param until: the last day on which the links sign in, in words.
    :param silent: days since they shared, answered or cheered, for a nudge.
    :param last: whether no further nudge follows if they do not come by.
    """

    name: str
    teams: Sequence[str]
    suggestions: Sequence[Suggestion]
    questions: int
    opens: Callable[[str], str]
    settled: str
    ends: str
    until: str
    silent: int = 0
    last: bool = False

    @property
    def says_anything(self) -> bool:
        return bool(self.suggestions or self.questions)


@dataclass(frozen=True)
class Words:
    """A note, for a letter and for a message of the LMS."""

    subject: str
    plain: str
    html: str
    message: str


@dataclass(frozen=True)
class _Part:
    """A paragraph; the address stands below its words, or behind its first line."""

    lines: tuple[str, ...]
    address: str = ""
    why: bool = False
    """Whether all but the first line may be left out where there is little room."""
    beside: bool = False
    """Whether the address may be left out: the desk's own leads there as well."""


def note(kind: NoteKind, content: Content) -> Words:
    """The note; of what there is at least one thing to say (:attr:`Content.says_anything`).

    :param kind: a nudge wants a suggestion.
    """
    body = _nudge(content) if kind is NoteKind.NUDGE else _weekly(kind, content)
    parts = [*body, *_questions(content), *_desk(content)]
    end = _end(kind, content)
    hello = _Part((f"Hello {_short(content.name, LONGEST_NAME)},",))
    parts = [hello, *parts]
    return Words(
        subject=_short(_subject(kind, content), LONGEST_SUBJECT),
        plain=_plain([*parts]) + "\n\n-- \n" + "\n".join(f"{say} {to}" for say, to in end),
        html=_html(parts, end),
        message=_message([*parts, *(_Part((say,), to) for say, to in end)]),
    )


def _subject(kind: NoteKind, content: Content) -> str:
    if not content.suggestions:
        return _open_questions(content.questions)
    first = _short(content.suggestions[0].name, LONGEST_NAME)
    if kind is NoteKind.NUDGE:
        return f"One sentence about {first}?"
    others = len(content.suggestions) - 1
    begin = "Your desk" if kind is NoteKind.FIRST else "To share this week"
    return f"{begin}: {first}" + (f" and {others} more" if others else "")


def _weekly(kind: NoteKind, content: Content) -> list[_Part]:
    parts = []
    if kind is NoteKind.FIRST:
        teams = _listed([_short(team, LONGEST_NAME) for team in content.teams[:3]])
        parts.append(
            _Part(
                (
                    f"you lead {teams}, so there is a desk for you: each week three courses that"
                    " your people could use and why, and what they asked and nobody answered. It"
                    " takes five minutes.",
                )
            )
        )
    if content.suggestions:
        parts.append(_Part(("worth sharing this week:",)))
    return parts + [
        _suggested(f"{number}. ", one, content)
        for number, one in enumerate(content.suggestions, start=1)
    ]


def _nudge(content: Content) -> list[_Part]:
    first = content.suggestions[0]
    parts = [
        _Part(
            (
                f"your people have heard nothing of you here for {content.silent // 7} weeks."
                " One sentence is enough. A question to begin with:",
            )
        ),
        _Part((_short(first.prompt, LONGEST_PROMPT),)),
        _suggested("It is about: ", first, content),
    ]
    if content.last:
        parts.append(
            _Part(
                (
                    "If you do not come by, this is the last note for now. They go on by themselves"
                    " when you do.",
                )
            )
        )
    return parts


def _suggested(begin: str, one: Suggestion, content: Content) -> _Part:
    why = next((r.text for r in (one.why_now, one.why_you, one.why_this) if r.text), "")
    lines = [begin + _short(one.name, LONGEST_NAME)]
    lines += [_short(why, LONGEST_WHY)] if why else []
    return _Part(tuple(lines), content.opens(f"suggestion-{one.id}"), why=True, beside=True)


def _questions(content: Content) -> list[_Part]:
    if not content.questions:
        return []
    said = f"{_open_questions(content.questions)}."
    return [_Part((said,), content.opens("answer"), beside=True)]


def _open_questions(count: int) -> str:
    if count == 1:
        return "One question of your people waits for an answer"
    return f"{count} questions of your people wait for an answer"


def _desk(content: Content) -> list[_Part]:
    return [
        _Part(("Your desk:",), content.opens("")),
        _Part((f"These links sign you in once, until {content.until}. They are yours alone.",)),
    ]


def _end(kind: NoteKind, content: Content) -> list[tuple[str, str]]:
    if kind is NoteKind.FIRST:
        return [
            ("This came unasked, and no other one will. To get one each week:", content.ends),
        ]
    return [("How and when you get this:", content.settled), ("No more:", content.ends)]


def _plain(parts: Sequence[_Part]) -> str:
    return "\n\n".join("\n".join([*p.lines, *([p.address] if p.address else [])]) for p in parts)


def _html(parts: Sequence[_Part], end: Sequence[tuple[str, str]]) -> str:
    ends = [_anchor(say.rstrip(":"), to) for say, to in end]
    return (
        "<!DOCTYPE html>\n<html><body>\n"
        + "\n".join(_paragraph(part) for part in parts)
        + f"\n<hr>\n<p>{' · '.join(ends)}</p>\n</body></html>\n"
    )


def _paragraph(part: _Part) -> str:
    first, *rest = part.lines
    head = _anchor(first, part.address) if part.address else escape(first)
    return "<p>" + "<br>".join([head, *map(escape, rest)]) + "</p>"


def _anchor(words: str, address: str) -> str:
    return f'<a href="{escape(address)}">{escape(words)}</a>'


def _message(parts: Sequence[_Part]) -> str:
    """The plain text, as much of it as a message holds: names and the ways out always."""
    bare = [_Part(p.lines, "" if p.beside else p.address, p.why) for p in parts]
    barest = [_Part(p.lines[:1] if p.why else p.lines, p.address) for p in bare]
    for tried in (parts, bare):
        if _weight(tried) <= MESSAGE_BYTES:
            return _plain(tried)
    return _plain(barest)


def _weight(parts: Sequence[_Part]) -> int:
    """Bytes as HTML, in which an address stands twice: in its link, and as its words."""
    lines = [line for part in parts for line in part.lines]
    addresses = [part.address for part in parts if part.address]
    return sum(len(escape(text).encode()) + 8 for text in [*lines, *addresses, *addresses])


def _short(text: str, most: int) -> str:
    """In one line, without what no text needs, and no longer than so many characters."""
    words = " ".join(_UNNEEDED.sub(" ", text).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
