"""Many reads in one request, and what a carrier can do wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

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


class Carrier:
    """Answers every batch: each user's number, but an error for those of ``refused``."""

    def __init__(self, *, refused: Mapping[int, dict[str, str]] | None = None) -> None:
        self.refused = refused or {}
        self.asked: list[list[int]] = []

    def start(self, mock: responses.RequestsMock) -> None:
        """Take what is sent to the site."""
        mock.add_callback(responses.POST, URL + ENDPOINT, self._answer)

    def _answer(self, request: Any) -> tuple[int, dict[str, str], str]:
        form = dict(parse_qsl(request.body))
        users = [
            json.loads(form[f"requests[{n}][arguments]"])["userid"]
            for n in range(len(form) // 2 - 1)
        ]
        self.asked.append(users)
        entries: list[dict[str, Any]] = []
        for user in users:
            if user in self.refused:
                entries.append({"error": True, "exception": json.dumps(self.refused[user])})
                break
            entries += good(user)
        return 200, {}, json.dumps({"responses": entries})


def reader(size: BatchSize, **more: Any) -> tuple[MoodleClient, Reader]:
    """A reader over one connection."""
    client = MoodleClient(URL, "t", pause=lambda seconds: None, connections=1)
    return client, Reader(client, "core_x", batched=True, size=size, **more)


def asked(count: int) -> Iterator[dict[str, int]]:
    """Requests for users 0, 1, 2, …"""
    return ({"userid": number} for number in range(count))


def test_a_failing_entry_ends_its_batch_and_the_rest_is_carried_on(
    mock: responses.RequestsMock,
) -> None:
    """From the next one; nobody is asked about twice."""
    carrier = Carrier(refused={2: REFUSED})
    carrier.start(mock)
    client, some = reader(BatchSize(5))
    answers = list(some.read(asked(5)))
    client.close()
    assert [0, 1, Missing, 3, 4] == [a if isinstance(a, int) else type(a) for a in answers]
    assert [[0, 1, 2, 3, 4], [3, 4]] == carrier.asked


def test_what_is_refused_for_a_whole_group_is_not_asked_again(
    mock: responses.RequestsMock,
) -> None:
    """Of ten people of a course that cannot be judged, one costs a request."""
    carrier = Carrier(refused=dict.fromkeys(range(3, 10), REFUSED))
    carrier.start(mock)
    client, some = reader(
        BatchSize(20),
        group=lambda request: "late" if request["userid"] >= 3 else "early",
        ends_group=lambda error: error.code == "usernotenroled",
    )
    answers = list(some.read(asked(10)))
    client.close()
    assert [True] * 7 == [isinstance(answer, Missing) for answer in answers[3:]]
    assert 1 == len(carrier.asked)


def test_a_batch_that_is_too_much_is_halved(mock: responses.RequestsMock) -> None:
    """After a gateway's time-out it goes through in smaller ones, and stays small."""
    for _ in range(3):
        mock.post(URL + ENDPOINT, status=504)
    carrier = Carrier()
    carrier.start(mock)
    size = BatchSize(40)
    client, some = reader(size)
    assert list(range(40)) == list(some.read(asked(40)))
    client.close()
    assert [list(range(20)), list(range(20, 40))] == carrier.asked


def test_a_site_that_is_down_is_not_asked_in_halves(mock: responses.RequestsMock) -> None:
    """Maintenance is no question of size."""
    mock.post(URL + ENDPOINT, status=503)
    client, some = reader(BatchSize(40))
    with pytest.raises(Unavailable):
        list(some.read(asked(40)))
    client.close()
    assert 3 == len(mock.calls)


@pytest.mark.parametrize(
    ("seconds", "characters", "expected"),
    [
        (0.1, 1_000, 100),  # Quick: twice as many.
        (0.6, 1_000, 50),  # As long as it may take.
        (2.4, 1_000, 25),  # Slow: half.
        (0.1, 8_000_000, 25),  # Large: half.
    ],
)
def test_the_size_of_a_batch_learns(seconds: float, characters: int, expected: int) -> None:
    """From how long an answer took, and how large it was."""
    size = BatchSize(50)
    size.answered(50, seconds, characters)
    assert expected == size.now


def test_a_small_batch_teaches_nothing(mock: responses.RequestsMock) -> None:
    """The last, short one is quick, and no reason for larger ones."""
    size = BatchSize(50)
    size.answered(3, 0.01, 10)
    assert 50 == size.now


def test_sizes_stay_within_bounds() -> None:
    """Neither more than PHP takes, nor so few that batches are for nothing."""
    size = BatchSize(50)
    for _ in range(20):
        size.answered(size.now, 0.001, 1)
    assert 300 == size.now
    for _ in range(20):
        size.answered(size.now, 100, 1)
    assert 5 == size.now


def test_an_entry_that_was_cut_off_is_asked_for_again(mock: responses.RequestsMock) -> None:
    """It alone; the others of its batch were answered."""
    cut = [*good("a"), {"error": False, "data": '{"cut'}, *good("c")]
    mock.post(URL + ENDPOINT, json={"responses": cut})
    mock.post(URL + ENDPOINT, json={"responses": good("b")})
    assert ["a", "b", "c"] == read(3)
