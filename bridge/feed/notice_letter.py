"""A letter about somebody's notices, in words. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from html import escape

from bridge.feed.notice_words import excerpt, sentence
from bridge.feed.notices import Group
from bridge.model import PersonalLetter

MOST = 20
"""So many stand in a letter; the others are counted."""
LONGEST_SUBJECT = 150


def letter(
    groups: Sequence[Group], name: str, to: str, link: Callable[[str], str], unsubscribe: str
) -> PersonalLetter:
    """The letter about these groups, of which there is at least one."""
    shown, rest = groups[:MOST], len(groups) - MOST
    lines = [(sentence(group), excerpt(group), link(_path(group))) for group in shown]
    more = f"And {rest} more." if rest > 0 else ""
    others = len(groups) - 1
    subject = lines[0][0] + (f" and {others} more" if others else "")
    return PersonalLetter(
        to=to,
        subject=textwrap.shorten(subject, LONGEST_SUBJECT, placeholder="…"),
        plain=_plain(name, lines, more, link, unsubscribe),
        html=_html(name, lines, more, link, unsubscribe),
        unsubscribe=unsubscribe,
    )


def _path(group: Group) -> str:
    anchor = f"#c-{group.comment_id}" if group.comment_id else ""
    return f"/a/{group.item.activity.uid}{anchor}"


def _plain(
    name: str,
    lines: Sequence[tuple[str, str, str]],
    more: str,
    link: Callable[[str], str],
    unsubscribe: str,
) -> str:
    parts = [f"Hello {_line(name)},", "this happened since your last letter:"]
    for said, quoted, url in lines:
        parts.append("\n".join([f"* {said}", *([f"  “{quoted}”"] if quoted else []), f"  {url}"]))
    parts += [more] if more else []
    parts.append(f"Everything: {link('/notices')}")
    parts.append(f"-- \nHow often you get this: {link('/me/letters')}\nNo more: {unsubscribe}")
    return "\n\n".join(parts)


def _html(
    name: str,
    lines: Sequence[tuple[str, str, str]],
    more: str,
    link: Callable[[str], str],
    unsubscribe: str,
) -> str:
    items = "\n".join(
        f'<li><p><a href="{escape(url)}">{escape(said)}</a></p>'
        + (f"<blockquote>{escape(quoted)}</blockquote>" if quoted else "")
        + "</li>"
        for said, quoted, url in lines
    )
    return (
        "<!DOCTYPE html>\n<html><body>\n"
        f"<p>Hello {escape(_line(name))},</p>\n<p>this happened since your last letter:</p>\n"
        f"<ul>\n{items}\n</ul>\n"
        + (f"<p>{more}</p>\n" if more else "")
        + f'<p><a href="{escape(link("/notices"))}">Everything</a> · '
        f'<a href="{escape(link("/me/letters"))}">How often you get this</a> · '
        f'<a href="{escape(unsubscribe)}">No more of these letters</a></p>\n</body></html>\n'
    )


def _line(name: str) -> str:
    return textwrap.shorten(name, 60, placeholder="…")
