"""Everything that is kept of a person, as JSON for a machine and as one page for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

from bridge.errors import NotFound
from bridge.storage import Work

ABOUT = (
    "Everything that Socialbridge keeps of this person. Other people's names are left out."
    " Times are in UTC. What the LMS itself keeps is not in it: ask there."
)


@dataclass(frozen=True)
class Part:
    """One kind of thing that is kept, with each of them."""

    title: str
    says: str
    rows: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Export:
    """All of it. ``name`` is the person's."""

    name: str
    made_at: datetime
    parts: Sequence[Part]

    def as_json(self) -> str:
        """For a machine: a section is a list of objects."""
        said = {
            "about": ABOUT,
            "person": self.name,
            "made": _word(self.made_at),
            "sections": [
                {
                    "title": part.title,
                    "says": part.says,
                    "rows": [{k: _json(v) for k, v in row.items()} for row in part.rows],
                }
                for part in self.parts
            ],
        }
        return json.dumps(said, indent=2, ensure_ascii=False) + "\n"

    def as_html(self) -> str:
        """One file that needs nothing else: no script, no picture, no network."""
        empty = [part.title for part in self.parts if not part.rows]
        body = "".join(_section(part) for part in self.parts if part.rows)
        nothing = f"<p>Nothing is kept under: {escape(', '.join(empty))}.</p>" if empty else ""
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self.name)}: what Socialbridge keeps</title>"
            f'<style>{_STYLE}</style></head><body><h1 dir="auto">{escape(self.name)}</h1>'
            f"<p>{ABOUT}</p><p>Made {_word(self.made_at)}.</p>{body}{nothing}</body></html>\n"
        )


def export(work: Work, person_id: int, now: datetime) -> Export:
    """Everything that is kept of the person.

    :raises NotFound: if there is no such person.
    """
    person = work.access.person(person_id)
    if person is None:
        raise NotFound("That person is not there.")
    parts = [Part(s.title, s.says, rows) for s, rows in work.exports.sections(person)]
    parts.append(Part("Letters they get", "", work.exports.letters(person)))
    pushed = "What the LMS pushed about them and could not be matched yet."
    parts.append(Part("Statements that wait", pushed, work.exports.statements(person)))
    return Export(person.name, now, parts)


def _section(part: Part) -> str:
    columns = list(part.rows[0])
    head = "".join(f'<th scope="col">{escape(c)}</th>' for c in columns)
    rows = "".join(
        "<tr>" + "".join(f'<td dir="auto">{escape(_word(row[c]))}</td>' for c in columns) + "</tr>"
        for row in part.rows
    )
    says = f"<p>{escape(part.says)}</p>" if part.says else ""
    return (
        f"<section><h2>{escape(part.title)} ({len(part.rows)})</h2>{says}"
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(part.title)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return str(value)


def _json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;"
    "max-width:70rem;padding:0 1rem}h2{margin-top:2rem;font-size:1.15rem}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}"
    "th,td{text-align:start;vertical-align:top;padding:.35rem .7rem;border-bottom:1px solid #8886}"
    "td{white-space:pre-wrap;overflow-wrap:anywhere;min-width:5rem;max-width:32rem}"
)
