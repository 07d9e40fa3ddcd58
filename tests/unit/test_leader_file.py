"""A file that says who leads which team."""

from __future__ import annotations

import io

import pytest

from bridge.access.leader_file import Row, read, write
from bridge.errors import InputError


@pytest.mark.parametrize(
    "text",
    [
        "team,leader\nSales,alice@acme.example\n",
        "\ufeffTeam;Leader\n\nSales;alice@acme.example\n",
        'note\tleader\tteam\n"a\tb"\talice@acme.example\tSales\n',
    ],
)
def test_spreadsheets_write_it_in_several_ways(text: str) -> None:
    """Comma, semicolon or tab; a mark in front; other columns; empty lines."""
    rows = read(text.splitlines(keepends=True))
    assert [("Sales", "alice@acme.example")] == [row[1:] for row in rows]


def test_a_line_keeps_its_number() -> None:
    """As an editor counts, the line of names included."""
    assert [Row(2, "A", "b"), Row(4, "C", "d")] == read(["team,leader\n", "A,b\n", "\n", "C,d\n"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "does not say which column"),
        ("name,boss\nA,b\n", "does not say which column"),
        ("team,leader\nA\n", "Line 2 names no leader"),
        ("team,leader\nA,b\n ,c\n", "Line 3 names no team"),
        ("team,leader\n" + '"' + "x" * 200_000, "no CSV"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str, says: str) -> None:
    """One clear line, with the number of the line where there is one."""
    with pytest.raises(InputError, match=says):
        read(text.splitlines(keepends=True))


def test_lines_that_a_program_hands_over_may_be_no_csv() -> None:
    """A line with a line break in it, in the first one too."""
    with pytest.raises(InputError, match="no CSV"):
        read(["team\nleader", "Sales,alice"])


def test_what_is_written_is_read_again() -> None:
    """Names with commas, quotes and line breaks."""
    rows = [("Sales, north", "alice"), ('The "A" team', "bob\nbrown"), ("Žatec", "9")]
    to = io.StringIO(newline="")
    write(rows, to)
    assert rows == [row[1:] for row in read(to.getvalue().splitlines(keepends=True))]
