"""A bad line and sudden deaths: what a sync stores is in the end as if nothing had been."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests

from bridge.demo.lms.server import Lms, running_lms
from bridge.errors import LmsError
from bridge.lms.moodle import MoodleConnector
from bridge.model import Connection
from bridge.storage import Store
from bridge.sync import run
from bridge.sync.scope import EVERYTHING_DUE, Scope
from tests.benchmarks import lies
from tests.benchmarks.dump import Dump, differences, dump
from tests.benchmarks.faults import undergo
from tests.benchmarks.proxy import Kind, Proxy, running_proxy
from tests.conftest import SECRET_KEY, FrozenClock
from tests.small_company import BEGIN, small_company

# What a sync cannot notice: see tests/benchmarks/proxy.py.
BELIEVED = {Kind.NULL, Kind.MISSING_FIELD, Kind.STALE, Kind.PAGE_AGAIN}
# Nothing changes in between and nothing has a second page, so there is no occasion.
NOT_HERE = {Kind.STALE, Kind.PAGE_AGAIN}


def connector(url: str, lms: Lms, timeout: float = 10) -> MoodleConnector:
    """A connector that does not wait between attempts."""
    return MoodleConnector(url, lms.token, timeout=timeout, pause=lambda seconds: None)


@pytest.fixture(scope="module")
def lms() -> Iterator[Lms]:
    """A small LMS, standing still; of its people one has finished a course, and two have asked."""
    with running_lms(story=small_company(), clock=lambda: int(BEGIN.timestamp())) as lms:
        lms.store.complete(11, 2)
        lms.store.ask(12, 2, "Why?")
        lms.store.ask(13, 2, "How?")
        yield lms


@pytest.fixture(scope="module")
def synced(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, lms: Lms
) -> tuple[Path, Connection, Dump]:
    """A database after a first sync, and what is in it."""
    path = tmp_path_factory.mktemp("synced") / "synced.db"
    shutil.copy(sqlite_template, path)
    with closing(Store(f"sqlite:///{path}", [SECRET_KEY])) as store:
        with closing(connector(lms.url, lms)) as honest:
            with store.work() as work:
                connection = work.connections.put(
                    "academy", "moodle", lms.url, lms.token, honest.site(), BEGIN
                )
            run(store, honest, connection, FrozenClock(BEGIN))
        return path, connection, dump(store)


def test_a_sync_that_is_killed_again_and_again_loses_nothing(
    database_url: str, tmp_path: Path
) -> None:
    """Behind a line that spoils a fifth of the answers; with other strategies in between."""
    figures = undergo(database_url, tmp_path, kills=10, seed=4, share=0.2)
    assert ([], 0) == (figures["differences"], figures["rows_different"])
    assert (10, []) == (figures["kills"], figures["tracebacks"])
    assert "complete" == figures["last_sync"]


@pytest.mark.parametrize("kind", Kind)
def test_what_a_fault_leaves_is_mended_by_the_next_sync(
    kind: Kind, lms: Lms, synced: tuple[Path, Connection, Dump], tmp_path: Path
) -> None:
    """Each kind by itself: it is named or not minded, and leaves nothing that it could not."""
    template, connection, before = synced
    shutil.copy(template, tmp_path / "bridge.db")
    clock = FrozenClock(BEGIN)
    with closing(Store(f"sqlite:///{tmp_path / 'bridge.db'}", [SECRET_KEY])) as store:
        with running_proxy(lms.url, share=0.4, seed=1, kinds=(kind,)) as line:
            for _ in range(4):
                clock.advance(hours=30)
                _try_to_sync(store, connector(line.url, lms, timeout=0.15), connection, clock)
        assert line.faults[kind] or kind in NOT_HERE
        if kind not in BELIEVED:
            assert [] == list(map(str, differences(before, dump(store))))
        clock.advance(minutes=1)
        _try_to_sync(store, connector(lms.url, lms), connection, clock, Scope(full=True))
        assert [] == list(map(str, differences(before, dump(store))))


def _try_to_sync(
    store: Store,
    asked: MoodleConnector,
    connection: Connection,
    clock: FrozenClock,
    scope: Scope = EVERYTHING_DUE,
) -> None:
    with closing(asked):
        try:
            run(store, asked, connection, clock, scope=scope)
        except LmsError as error:
            assert error.message


def _ask(line: Proxy, lms: Lms, **parameters: Any) -> requests.Response:
    form = {"wstoken": lms.token, "moodlewsrestformat": "json", **parameters}
    return requests.post(f"{line.url}/webservice/rest/server.php", data=form, timeout=0.3)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.RESET_BEFORE, requests.ConnectionError),
        (Kind.RESET_WITHIN, requests.exceptions.ChunkedEncodingError),
        (Kind.TIME_OUT, requests.Timeout),
    ],
)
def test_the_line_goes_dead(lms: Lms, kind: Kind, error: type[Exception]) -> None:
    """Before an answer, within it, or without a word."""
    with running_proxy(lms.url, share=1, seed=1, kinds=(kind,)) as line:
        with pytest.raises(error):
            _ask(line, lms, wsfunction="core_webservice_get_site_info")
        assert {kind: 1} == dict(line.faults)


@pytest.mark.parametrize(
    ("kind", "status", "begins"),
    [
        (Kind.TOO_MANY, 429, "Too many"),
        (Kind.SERVER_ERROR, 500, ""),
        (Kind.MAINTENANCE, 503, "<html>"),
        (Kind.LOGIN_PAGE, 200, "<html>"),
        (Kind.NOTHING, 200, ""),
        (Kind.DRIP, 200, "{"),
        (Kind.TRUNCATED, 200, "{"),
    ],
)
def test_the_line_answers_something_else(lms: Lms, kind: Kind, status: int, begins: str) -> None:
    """Another status, another body, or the answer in drops."""
    with running_proxy(lms.url, share=1, seed=1, kinds=(kind,)) as line:
        answer = _ask(line, lms, wsfunction="core_webservice_get_site_info")
    assert (status, True) == (answer.status_code, answer.text.startswith(begins))
    assert ("" == begins) == ("" == answer.text)


def test_the_line_says_once_more_what_it_said_before(lms: Lms) -> None:
    """The same question gets the old answer; the next page of a list is the one before."""
    forum = lms.store.forums_of(2)[0]
    discussions = {"wsfunction": "mod_forum_get_forum_discussions", "forumid": forum.id}
    members = {"wsfunction": "core_cohort_get_cohort_members", "cohortids[0]": 1}
    kinds = (Kind.STALE, Kind.PAGE_AGAIN)
    with running_proxy(lms.url, share=0, seed=1, kinds=kinds) as line:
        pages = [_ask(line, lms, **discussions, perpage=1, page=n).json() for n in (0, 1)]
        before = _ask(line, lms, **members).json()
        lms.store.leave(14, 1)
        line.share = 1
        stale = _ask(line, lms, **members).json()
        again = _ask(line, lms, **discussions, perpage=1, page=1).json()
    lms.store.join(14, 1)
    assert (before, pages[0]) == (stale, again)
    assert pages[0] != pages[1]


def test_a_share_of_the_answers_is_spoilt(lms: Lms) -> None:
    """The same seed spoils the same ones."""
    spoilt = []
    for _ in range(2):
        with running_proxy(lms.url, share=0.2, seed=5, kinds=(Kind.SERVER_ERROR,)) as line:
            spoilt.append(
                [
                    _ask(line, lms, wsfunction="core_cohort_get_cohorts").status_code
                    for _ in range(50)
                ]
            )
    assert spoilt[0] == spoilt[1]
    assert 5 <= spoilt[0].count(500) <= 15


BATCH = {
    "responses": [
        {"error": False, "data": json.dumps([{"id": 10 * n + m} for m in range(9)])}
        for n in range(5)
    ]
}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("lie", [lies.repeated, lies.shuffled])
def test_a_batch_stays_in_its_order(lie: lies.Lie, seed: int) -> None:
    """Only lists inside of its answers are told otherwise; none of their entries is lost."""
    told = json.loads(lies.told(lie, json.dumps(BATCH), Random(seed)))["responses"]
    inside = [{entry["id"] for entry in json.loads(one["data"])} for one in told]
    assert [set(range(10 * n, 10 * n + 9)) for n in range(5)] == inside
    assert told != BATCH["responses"]


@pytest.mark.parametrize(
    ("lie", "answer", "told"),
    [
        (lies.other_shape, {"id": 1}, [1]),
        (lies.other_shape, [{"id": 1}], {"0": {"id": 1}}),
        (lies.word_for_number, {"id": 1, "on": True}, {"id": "unknown", "on": True}),
        (lies.missing_field, [{"id": 1}], [{}]),
    ],
)
def test_a_lie_is_told(lie: lies.Lie, answer: Any, told: Any) -> None:
    """Each in its own way."""
    assert told == json.loads(lies.told(lie, json.dumps(answer), Random(1)))


@pytest.mark.parametrize(
    ("lie", "answer"),
    [
        (lies.other_shape, {"exception": "x", "errorcode": "y"}),
        (lies.word_for_number, {"on": True}),
        (lies.shuffled, [1]),
        (lies.repeated, {"responses": []}),
    ],
)
def test_not_every_answer_can_be_lied_about(lie: lies.Lie, answer: Any) -> None:
    """Then another fault is taken."""
    with pytest.raises(lies.HasNone):
        lies.told(lie, json.dumps(answer), Random(1))
