"""From "@Name" to who is meant, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mentions import SOMEONE, Spot, beginnings, pieces, plain, spoken, understood
from bridge.model import PersonCard, Piece

ANN = PersonCard(1, "Ann Lee")
ANNA = PersonCard(2, "Ann Leeson")
OTHER = PersonCard(3, "Ann Lee")
EVE = PersonCard(4, "@everyone <b>")
TURNED = PersonCard(5, "Bo\u202e  Li\x00")
PEOPLE = (ANN, ANNA, EVE, TURNED)


@pytest.mark.parametrize(
    ("text", "kept", "who"),
    [
        ("Thanks @Ann Lee!", "Thanks @someone!", [ANN]),
        ("@ann lee, see @Ann Leeson", "@someone, see @someone", [ANN, ANNA]),
        ("@Ann Lees is nobody", "@Ann Lees is nobody", []),
        ("mail ann@Ann Lee", "mail ann@Ann Lee", []),
        ("@Bo Li and @Bo", "@someone and @Bo", [TURNED]),
        ("@someone said so", "@someone said so", []),
        ("@@everyone <b> hear", "@@everyone <b> hear", []),
        ("", "", []),
    ],
)
def test_the_longest_name_behind_an_at_is_meant(
    text: str, kept: str, who: list[PersonCard]
) -> None:
    """However it is spelt; a name that goes on is another, and an address is none."""
    said, spots = understood(text, PEOPLE)
    assert (kept, who) == (said, [spot.person for spot in spots])


def test_of_two_with_one_name_the_chosen_one_is_meant() -> None:
    """And nobody, if the writer chose none of them, or both."""
    for chosen, who in (((1,), [ANN]), ((3, 9), [OTHER]), ((), []), ((1, 3), [])):
        _, spots = understood("@Ann Lee?", [ANN, OTHER], chosen)
        assert who == [spot.person for spot in spots]


def test_who_looks_sees_the_names_that_they_may_see() -> None:
    """The others stay someone; a place that is not in the text is nobody's."""
    said, spots = understood("@Ann Lee and @Bo Li.", PEOPLE)
    assert "@someone and @someone." == said
    assert (Piece("@Ann Lee", 1), Piece(" and @someone.")) == pieces(said, spots[:1])
    assert "@someone and @Bo Li." == plain(pieces(said, spots[1:]))
    assert "hello" == plain(pieces("hello", [Spot(2, ANN), Spot(90, ANN)]))


def test_first_words_are_asked_for() -> None:
    """What the database is asked for is what stands behind the signs."""
    assert ["Ann", "Zoë"] == beginnings("@Zoë x @Ann Lee and me@home.example @ @-")


PARTS = ["@", " ", "Ann Lee", "Ann Leeson", "Bo Li", SOMEONE, "é", "\n", "<"]
TEXT = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)


@given(TEXT)
def test_what_was_understood_is_said_again(text: str) -> None:
    """Named to somebody who sees all, a text is as it was typed; and understood the same again."""
    kept, spots = understood(text, (ANN, ANNA, TURNED))
    said = plain(pieces(kept, spots))
    assert text == said
    assert (kept, spots) == understood(said, (ANN, ANNA, TURNED))
    for spot in spots:
        assert SOMEONE == kept[spot.start : spot.start + len(SOMEONE)]


@given(st.text(max_size=40))
def test_a_spoken_name_is_one_line_that_can_be_seen(name: str) -> None:
    """Whatever an LMS calls somebody."""
    said = spoken(name)
    assert said == spoken(said) == " ".join(said.split())
    assert not set(said) & set("\u202e\x00\n\u200b")
