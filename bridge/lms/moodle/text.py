"""HTML from an LMS → plain text, which is all that the bridge keeps of it."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

_BLOCKS = {"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table"}
_SILENT = {"script", "style", "head", "template", "noscript", "svg", "math"}
# Halves of surrogate pairs are no characters: no database takes them.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """``text`` without control characters."""
    return _CONTROL.sub("", text)


def name(text: str) -> str:
    """A name or title, which Moodle and Totara may escape as HTML: one line of plain text."""
    if "<" in text and ">" in text:
        return " ".join(plain(text).split())
    return " ".join(clean(unescape(text)).split())


def plain(html: str, language: str = "en", most: int = 4000) -> str:
    """The text of ``html``: paragraphs as lines, scripts left out, at most ``most`` characters.

    Where a text stands there in several languages (Moodle's multilang filter), ``language`` is
    taken if it is among them, else the first.
    """
    if "<" not in html:
        text = unescape(html)
    else:
        parser = _Text(_wanted_language(html, language))
        parser.feed(html)
        parser.close()
        text = "".join(parser.parts)
    lines = (" ".join(line.split()) for line in clean(text).splitlines())
    text = re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _wanted_language(html: str, language: str) -> str:
    languages = re.findall(
        r"<span(?=[^>]*\bclass=[\"']multilang[\"'])[^>]*\blang=[\"']([\w-]+)[\"']", html
    )
    return language if language in languages or not languages else languages[0]


class _Text(HTMLParser):
    def __init__(self, language: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._language = language
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if self._silent:
            # Only the element that silenced the text counts, so that its own end is recognised.
            if tag == self._silent[0]:
                self._silent.append(tag)
            return
        given = dict(attributes)
        foreign = "multilang" in (given.get("class") or "") and given.get("lang") != self._language
        if tag in _SILENT or foreign:
            self._silent.append(tag)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[0]:
            self._silent.pop()
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
