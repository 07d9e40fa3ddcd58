"""Many reads in one request, and what a carrier can do wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from bridge.errors import LmsError, Missing, Unavailable, UnexpectedAnswer, Unreachable
from bridge.lms.moodle.batch import BatchSize, Reader
from bridge.lms.moodle.client import ENDPOINT, MoodleClient

URL = "https://lms.example"
REFUSED = {"exception": "moodle_exception", "errorcode": "usernotenroled", "message": "No."}


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    """No request leaves the test."""
    with responses.RequestsMock() as mock:
        yield mock


def read(requests: int, size: int = 10, *, batched: bool = True) -> list[Any]:
    """Read for users 0, 1, 2, …"""
    client = MoodleClient(URL, "t", pause=lambda seconds: None, connections=1)
    asked = [{"userid": number} for number in range(requests)]
    reader = Reader(client, "core_x", batched=batched, size=BatchSize(size))
    try:
        return list(reader.read(asked))
    finally:
        client.close()


def good(*values: object) -> list[dict[str, Any]]:
    """Entries that carry these answers."""
    return [{"error": False, "data": json.dumps(value)} for value in values]


def test_batches_are_cut_to_their_size(mock: responses.RequestsMock) -> None:
    """Five requests in batches of two are three batches."""
    for values in ((0, 1), (2, 3), (4,)):
        mock.post(URL + ENDPOINT, json={"responses": good(*values)})
    assert [0, 1, 2, 3, 4] == read(5, size=2)


def test_a_tail_that_php_dropped_is_asked_for_again(mock: responses.RequestsMock) -> None:
    """An answer that is shorter than its batch is carried on."""
    mock.post(URL + ENDPOINT, json={"responses": good("a", "b")})
    mock.post(URL + ENDPOINT, json={"responses": good("c")})
    assert ["a", "b", "c"] == read(3)


def test_an_answer_too_many_is_ignored(mock: responses.RequestsMock) -> None:
    """What nobody asked for belongs to nobody."""
    mock.post(URL + ENDPOINT, json={"responses": good(1, 2, 3)})
    assert [1, 2] == read(2)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"responses": []}, UnexpectedAnswer),
        ({"warnings": []}, UnexpectedAnswer),
        ([], UnexpectedAnswer),
        ({"responses": [{"nonsense": 1}]}, UnexpectedAnswer),
        ({"responses": ["nonsense"]}, UnexpectedAnswer),
        ({"responses": [{"error": False, "data": '{"cut'}]}, Unreachable),
    ],
)
def test_a_carrier_that_talks_nonsense_is_named(
    mock: responses.RequestsMock, body: object, kind: type[LmsError]
) -> None:
    """It never goes round in circles."""
    mock.post(URL + ENDPOINT, json=body)
    with pytest.raises(kind):
        read(2)


def test_an_entry_may_fail_in_its_own_way(mock: responses.RequestsMock) -> None:
    """With an object, or with no more than a text."""
    entries = [{"error": True, "exception": json.dumps(REFUSED)}]
    mock.post(URL + ENDPOINT, json={"responses": entries})
    mock.post(URL + ENDPOINT, json={"responses": [{"error": True, "exception": '"odd"'}]})
    first, second = read(2)
    assert (Missing, "usernotenroled") == (type(first), first.code)
    assert (LmsError, True) == (type(second), "odd" in second.message)


def test_one_by_one_a_refusal_is_an_answer_and_a_failure_ends_it(
    mock: responses.RequestsMock,
) -> None:
    """Without the carrier each request travels by itself."""
    mock.post(URL + ENDPOINT, json={"fine": 1})
    mock.post(URL + ENDPOINT, json=REFUSED)
    first, second = read(2, batched=False)
    assert ({"fine": 1}, Missing) == (first, type(second))
    mock.replace(responses.POST, URL + ENDPOINT, status=503)
    with pytest.raises(Unavailable):
        read(1, batched=False)
