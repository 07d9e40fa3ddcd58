"""What may be said at the desk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.desk.rules import LONGEST, clean, said
from bridge.errors import InputError


def test_layout_stays_and_controls_go() -> None:
    """Line breaks of every system become one kind; bells and NUL bytes are not kept."""
    assert "One\ntwo\nthree\tfour" == clean(" One\r\ntwo\rthree\tfo\x00u\x1br\x7f\n")


def test_a_half_of_a_character_goes() -> None:
    """A lone surrogate cannot be stored by any database."""
    assert "ab" == clean("a\ud800b")


def test_turning_the_line_around_is_not_allowed() -> None:
    """An override would turn the rest of the page; emoji joined by a joiner stay whole."""
    assert "abc 👩‍💻" == clean("a\u202ebc 👩‍💻")


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "\u200b\u200d", "\u2060"])
def test_nothing_readable_is_no_text(text: str) -> None:
    """Invisible characters are not a sentence."""
    with pytest.raises(InputError, match="no text"):
        said(text)


def test_the_longest_text_fits_and_one_more_does_not() -> None:
    """The limit is counted after trimming."""
    assert LONGEST == len(said(" " + "x" * LONGEST + " "))
    with pytest.raises(InputError, match="4,001 characters"):
        said("x" * (LONGEST + 1))


@given(st.text(max_size=60))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """Whatever is typed, the result is stable and can be encoded."""
    once = clean(text)
    once.encode()
    assert once == clean(once)
