"""What people may write into the feed: pure rules for text.

Text stays plain text. It is escaped where it is shown, not here.
"""

from __future__ import annotations

import re
import unicodedata

from bridge.errors import InputError

LONGEST = 4_000
"""Characters."""

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")
_MANY_EMPTY_LINES = re.compile(r"\n{3,}")


def cleaned(text: str) -> str:
    """``text`` without what cannot be seen, trimmed.

    Control characters go (NUL, which no PostgreSQL keeps, and the marks that turn the direction of
    the text around them, by which a line can be made to read as another); line ends and tabs stay.

    :raises InputError: if nothing is left, or more than :data:`LONGEST` characters.
    """
    lines = _LINE_ENDS.sub("\n", text)
    plain = "".join(c for c in lines if c in "\n\t" or not _hidden(c))
    plain = _MANY_EMPTY_LINES.sub("\n\n", plain).strip()
    if not any(_visible(c) for c in plain):
        raise InputError("There is no text yet.", "Write something first.")
    if len(plain) > LONGEST:
        raise InputError(
            f"The text is {len(plain):,} characters long; {LONGEST:,} are the most.",
            "Make it shorter.",
        )
    return plain


_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _hidden(character: str) -> bool:
    # Cc: controls. Cs: halves of surrogate pairs, which no encoding takes.
    return unicodedata.category(character) in ("Cc", "Cs") or character in _TURNING


def _visible(character: str) -> bool:
    # Cf: joiners and the like, which show nothing by themselves.
    return not character.isspace() and unicodedata.category(character) != "Cf"
