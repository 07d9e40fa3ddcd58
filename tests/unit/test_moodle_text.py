"""HTML from an LMS becomes plain text."""

from __future__ import annotations

import pytest

from bridge.lms.moodle import text

TWO = (
    '<p>Learn &amp; do. <span lang="en" class="multilang">English</span>'
    '<span lang="de" class="multilang">Deutsch</span></p>'
)


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("no markup &amp; more", "no markup & more"),
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<p>x<script>alert(1)</script>y</p>", "xy"),
        ("<style>p{}</style><p>z</p>", "z"),
        ("<p>a <svg><script>b</script></svg> c</p>", "a c"),
        ("a\x00b<p>c\x07</p>", "ab\nc"),
        ("<p>  spaced   out </p>", "spaced out"),
        ("1 &lt; 2", "1 < 2"),
        ("", ""),
    ],
)
def test_markup_goes_and_words_stay(html: str, plain: str) -> None:
    """Blocks become lines, scripts and control characters go."""
    assert plain == text.plain(html)


@pytest.mark.parametrize(
    ("language", "plain"),
    [("en", "Learn & do. English"), ("de", "Learn & do. Deutsch"), ("fr", "Learn & do. English")],
)
def test_one_of_several_languages_is_taken(language: str, plain: str) -> None:
    """The reader's if it is there, else the first."""
    assert plain == text.plain(TWO, language)


def test_a_span_within_a_foreign_span_ends_with_it() -> None:
    """Nested markup of another language does not leak out."""
    html = (
        '<span lang="en" class="multilang">Yes</span>'
        '<span lang="de" class="multilang">Nein <span>wirklich</span> nicht</span>!'
    )
    assert "Yes!" == text.plain(html, "en")


def test_a_long_text_is_cut_with_a_mark() -> None:
    """The limit is kept to the character."""
    assert "aaaa…" == text.plain("a" * 10, most=5)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Compliance &amp; Safety", "Compliance & Safety"),
        ("two\nlines", "two lines"),
        ("<b>bold</b> claim", "bold claim"),
        ("a < b", "a < b"),
    ],
)
def test_a_name_is_one_line(raw: str, name: str) -> None:
    """Escaped or marked up, it becomes one line of plain text."""
    assert name == text.name(raw)
