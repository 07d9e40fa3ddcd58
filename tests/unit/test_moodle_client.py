"""The envelope of Moodle's web services: what can come back instead of an answer."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
import requests
import responses

from bridge.errors import LmsError, NotAnLms, Refused, Unavailable, Unreachable
from bridge.lms import wire
from bridge.lms.moodle.client import ENDPOINT, MoodleClient, flatten

URL = "https://lms.example"


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    """No request leaves the test."""
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def pauses() -> list[float]:
    """The waits between attempts, in seconds."""
    return []


@pytest.fixture
def client(pauses: list[float]) -> MoodleClient:
    """A client that notes its waits instead of waiting."""
    return MoodleClient(URL + "/", "t0ken", timeout=5, pause=pauses.append)


def test_parameters_are_flattened_as_moodle_reads_them() -> None:
    """Lists and objects become brackets; booleans become digits."""
    nested = {"a": [{"b": 1}, {"c": "x"}], "d": True, "e": {"f": False}}
    assert {"a[0][b]": "1", "a[1][c]": "x", "d": "1", "e[f]": "0"} == dict(flatten(nested))


def test_a_void_function_answers_null(mock: responses.RequestsMock, client: MoodleClient) -> None:
    """A null is an answer."""
    mock.post(URL + ENDPOINT, body="null")
    assert None is client.read("core_void")


def test_the_token_travels_in_the_body(mock: responses.RequestsMock, client: MoodleClient) -> None:
    """It never stands in an address, which servers log."""
    mock.post(URL + ENDPOINT, json=[])
    client.read("core_x")
    [call] = mock.calls
    assert "t0ken" not in str(call.request.url)
    assert "wstoken=t0ken" in str(call.request.body)


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ({"status": 404, "body": "nothing here"}, NotAnLms, "there is no Moodle there"),
        ({"status": 200, "body": "<html><title>Acme</title>"}, NotAnLms, '("Acme")'),
        ({"status": 200, "body": "Welcome"}, NotAnLms, "a web page instead of data"),
        ({"status": 403, "body": ""}, Refused, "refuses web services"),
        (
            {"status": 302, "headers": {"Location": "https://sso.example/login"}},
            NotAnLms,
            "https://sso.example/login",
        ),
    ],
)
def test_what_is_no_answer_is_said_in_one_sentence(
    mock: responses.RequestsMock,
    client: MoodleClient,
    answer: dict[str, object],
    kind: type[LmsError],
    says: str,
) -> None:
    """Each has a kind, a sentence and a remedy, and is asked for only once."""
    mock.post(URL + ENDPOINT, **answer)
    with pytest.raises(kind) as error:
        client.read("core_x")
    assert kind is type(error.value)
    assert says in error.value.message
    assert error.value.remedy
    assert 1 == client.meter.requests


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ({"status": 503, "body": "<title>Down</title>"}, Unavailable, 'HTTP 503 ("Down")'),
        ({"status": 429, "body": ""}, Unavailable, "HTTP 429"),
        ({"status": 200, "body": '{"courses": [{"id"'}, Unreachable, "cut off after 18"),
        ({"status": 200, "body": "<p>Site under maintenance</p>"}, Unavailable, "maintenance"),
        ({"body": requests.exceptions.ReadTimeout()}, Unreachable, "within 5 seconds"),
        ({"body": requests.exceptions.ConnectionError()}, Unreachable, "cannot be reached"),
        ({"body": requests.exceptions.SSLError()}, Unreachable, "certificate"),
    ],
)
def test_a_passing_failure_is_tried_three_times(
    mock: responses.RequestsMock,
    client: MoodleClient,
    pauses: list[float],
    answer: dict[str, object],
    kind: type[LmsError],
    says: str,
) -> None:
    """Reads wait longer each time, and say in the end what was met."""
    mock.post(URL + ENDPOINT, **answer)
    with pytest.raises(kind) as error:
        client.read("core_x")
    assert says in error.value.message
    assert 3 == client.meter.requests
    assert pauses == sorted(pauses)
    assert 2 == len(pauses)


def test_a_passing_failure_passes(mock: responses.RequestsMock, client: MoodleClient) -> None:
    """The answer of the second attempt counts."""
    mock.post(URL + ENDPOINT, status=502)
    mock.post(URL + ENDPOINT, json={"fine": 1})
    assert {"fine": 1} == client.read("core_x")


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        ({"Retry-After": "7"}, 7),
        (
            {
                "Date": "Wed, 25 Nov 2026 09:00:00 GMT",
                "Retry-After": "Wed, 25 Nov 2026 09:00:20 GMT",
            },
            20,
        ),
    ],
)
def test_the_wait_that_is_asked_for_is_kept(
    mock: responses.RequestsMock,
    client: MoodleClient,
    pauses: list[float],
    headers: dict[str, str],
    least: float,
) -> None:
    """Both forms of Retry-After are understood."""
    mock.post(URL + ENDPOINT, status=429, headers=headers)
    mock.post(URL + ENDPOINT, json=[])
    client.read("core_x")
    assert [least] == pauses


def test_a_write_is_never_repeated(mock: responses.RequestsMock, client: MoodleClient) -> None:
    """After a time-out nobody knows whether it happened."""
    mock.post(URL + ENDPOINT, body=requests.exceptions.ReadTimeout())
    with pytest.raises(Unreachable):
        client.write("mod_forum_add_discussion", {"forumid": 7})
    assert 1 == client.meter.requests


def test_no_address_at_all_is_named() -> None:
    """Nonsense is refused before anything is sent."""
    with pytest.raises(NotAnLms, match="is no address"):
        MoodleClient("http://", "t").read("core_x")


def test_an_answer_that_never_ends_is_not_waited_for() -> None:
    """A piece now and then is in time each time; as a whole it is not."""
    moments = iter(range(0, 1_000, 20))
    closed: list[bool] = []

    with pytest.raises(requests.exceptions.ReadTimeout, match="not read in 300 s"):
        wire.read_whole(_dripping(closed, b"{"), 300, clock=lambda: float(next(moments)))
    assert [True] == closed


def test_an_answer_that_is_too_large_is_not_kept() -> None:
    """However quickly it comes."""
    closed: list[bool] = []

    with pytest.raises(requests.exceptions.ContentDecodingError, match="too large"):
        wire.read_whole(_dripping(closed, b"{" * 1024**2), 300, clock=lambda: 0.0)
    assert [True] == closed


def _dripping(closed: list[bool], piece: bytes) -> requests.Response:
    """An answer without an end, of which one ``piece`` after another comes."""

    class Raw(io.BytesIO):
        def read1(self, *given: object, **more: object) -> bytes:
            return piece

    class Dripping(requests.Response):
        def close(self) -> None:
            closed.append(True)

    response = Dripping()
    response.raw = Raw()
    return response
