"""Who is in a course by the platform's word: a hint to read the course sooner, and nothing else."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from bridge import flow
from bridge.access import lti, lti_members
from bridge.bootstrap import Bridge
from bridge.demo.lms.server import running_lms
from bridge.errors import IdentityError
from bridge.flow import Compared
from bridge.lms.moodle import MoodleConnector
from bridge.model.lti import Platform
from bridge.storage import tables as t
from bridge.storage.rosters import Roster
from bridge.sync.run import run
from bridge.sync.sooner import catch_up
from bridge.web import create_app
from bridge.worker import Worker
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.contract.lti_platform import (
    ASSERTION,
    CLAIM,
    MEDIA_TYPE,
    MEMBERS_SCOPE,
    LtiPlatform,
    Tool,
    lti_platform,
    recorded,
)
from tests.contract.serving import Reply
from tests.integration.test_lti import BASE, FRAME, Browser, known, lms_id
from tests.small_company import small_company

SERVICE = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


@pytest.fixture
def platform(clock: FrozenClock) -> Iterator[LtiPlatform]:
    """The LMS of Acme, as a platform."""
    with lti_platform() as found:
        found.now = clock.now()
        found.tool = Tool(f"{BASE}/lti/login", f"{BASE}/lti/launch", f"{BASE}/lti/keys")
        yield found


class Acme:
    """The bridge, its pages, and the platform that launches it in Negotiation as Bob."""

    def __init__(self, cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> None:
        self.cast, self.clock, self.platform = cast, clock, platform
        self.bridge: Bridge = known(cast, clock, platform)
        self.app: Flask = create_app(self.bridge)
        platform.signed_in = lms_id(cast, t.people, cast.bob)
        platform.course = lms_id(cast, t.courses, cast.negotiation)
        platform.tool_keys = self._keys
        with cast.store.reading() as work:
            platform.members = [str(one) for one in sorted(work.rosters.enrolled(cast.negotiation))]

    def _keys(self) -> dict[str, Any]:
        with self.bridge.store.reading() as work:
            return lti.published(work)

    def launch(self) -> int:
        """Bob clicks on the tool; the status of the answer."""
        return Browser(self.app, FRAME).arrive(self.platform).status_code

    def compare(self) -> Compared:
        """What the worker does."""
        self.platform.now = self.clock.now()
        return flow.compare_rosters(self.bridge.store, self.clock, self.bridge.members)

    def rosters(self) -> list[Any]:
        """What is kept."""
        with self.bridge.store.reading() as work:
            return list(work.sql.execute(select(t.lti_rosters)))

    def ours(self) -> Platform:
        """The platform as it is known here."""
        with self.bridge.store.reading() as work:
            return work.lti.platforms(self.cast.connection)[0]


@pytest.fixture
def acme(cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> Acme:
    """On each database."""
    return Acme(cast, clock, platform)


@pytest.fixture
def lite_acme(lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> Acme:
    """On SQLite."""
    return Acme(lite_cast, clock, platform)


def test_the_first_launch_in_a_course_has_the_platform_asked(acme: Acme) -> None:
    """By the worker and never by the request; then once a day at most."""
    assert 303 == acme.launch()
    assert [] == [path for path in acme.platform.asked if "token" in path or "members" in path]
    assert Compared(same=1) == acme.compare()
    assert Compared() == acme.compare()
    acme.clock.advance(hours=23)
    acme.platform.now = acme.clock.now()
    assert (303, Compared()) == (acme.launch(), acme.compare())
    acme.clock.advance(hours=1)
    acme.platform.now = acme.clock.now()
    assert (303, Compared(same=1)) == (acme.launch(), acme.compare())


def test_somebody_new_makes_the_course_read_sooner(acme: Acme) -> None:
    """On the last page; nobody becomes a person by it, and no enrolment changes."""
    acme.platform.members += ["31", "32", "33"]
    acme.launch()
    with acme.bridge.store.reading() as work:
        before = [work.sql.execute(select(x)).all() for x in (t.people, t.enrolments)]
    assert Compared(behind=1) == acme.compare()
    with acme.bridge.store.reading() as work:
        after = [work.sql.execute(select(x)).all() for x in (t.people, t.enrolments)]
        behind = work.rosters.behind(acme.cast.connection, 5)
        other = work.rosters.behind(acme.cast.connection + 1, 5)
    assert before == after
    assert [(acme.cast.negotiation, int(acme.platform.course or 0))] == behind
    assert [] == other
    asked = [path for path in acme.platform.asked if path.endswith("/memberships")]
    assert -(-len(acme.platform.members) // acme.platform.a_page) == len(asked)


def test_who_is_not_active_or_was_erased_is_nobody_new(lite_acme: Acme) -> None:
    """An erased person is named by the LMS all the same."""
    row = recorded("nrps_members")["body"]["members"][0]
    rows = [
        {**row, "user_id": "41", "status": "Inactive"},
        {**row, "user_id": lms_id(lite_acme.cast, t.people, lite_acme.cast.erin)},
        {**row, "user_id": 42},
        {**row, "user_id": "no number"},
        "no row",
    ]
    with lite_acme.bridge.store.work() as work:
        erin = work.access.person(lite_acme.cast.erin)
        assert erin is not None
        work.erased.keep(erin, lite_acme.clock.now())
    lite_acme.platform.members_reply = Reply(data={"members": rows})
    lite_acme.launch()
    assert Compared(same=1) == lite_acme.compare()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(500, {}), "says 500"),
        (Reply(data=[]), "holds no members"),
        (Reply(data={"members": {}}), "holds no members"),
        (Reply(raw=b"<html>"), "is not JSON"),
        (Reply(data={"members": [], "x": "y" * 300_000}), "longer than any is"),
        (
            Reply(data={"members": []}, headers={"Link": '<https://evil.example/>; rel="next"'}),
            "leads to another site",
        ),
        (
            Reply(data={"members": []}, headers={"Link": '<?limit=200>; rel="next"'}),
            "turns in a circle",
        ),
        (
            Reply(data={"members": []}, headers={"Link": '<http://[>; rel="next"'}),
            "leads to no address",
        ),
    ],
)
def test_a_platform_that_answers_something_else_is_left_alone(
    lite_acme: Acme, caplog: pytest.LogCaptureFixture, reply: Reply, said: str
) -> None:
    """One line of the log, and nothing is marked; it is asked again in a day."""
    lite_acme.platform.members_reply = reply
    lite_acme.launch()
    with caplog.at_level(logging.WARNING, "bridge.flow"):
        assert Compared(refused=1) == lite_acme.compare()
    (line,) = [r.getMessage() for r in caplog.records if r.name == "bridge.flow.rosters"]
    assert said in line
    assert [(False, None)] == [(row.pending, row.behind_at) for row in lite_acme.rosters()]


def test_a_list_without_an_end_is_read_to_a_bound(
    lite_acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands behind it is left unasked."""
    monkeypatch.setattr("bridge.identity.members.PAGES", 3)
    lite_acme.platform.members = [str(n) for n in range(1, 100)]
    lite_acme.launch()
    assert Compared(behind=1) == lite_acme.compare()
    asked = [path for path in lite_acme.platform.asked if path.endswith("/memberships")]
    assert 3 == len(asked)


@pytest.mark.parametrize(
    "service",
    [
        None,
        {},
        {"context_memberships_url": "https://evil.example/members"},
        {"context_memberships_url": 7},
        {"context_memberships_url": "javascript:alert(1)"},
    ],
)
def test_a_platform_that_names_no_such_place_of_its_own_is_not_asked(
    lite_acme: Acme, service: Any
) -> None:
    """The launch is taken all the same: it was but a hint."""
    lite_acme.platform.changed = {SERVICE: service}
    assert (303, []) == (lite_acme.launch(), lite_acme.rosters())


def test_a_course_that_is_not_known_here_is_not_asked_about(lite_acme: Acme) -> None:
    """There is nothing to compare with."""
    lite_acme.platform.course = "99999"
    assert (303, []) == (lite_acme.launch(), lite_acme.rosters())


def test_a_platform_that_was_removed_is_not_asked(lite_acme: Acme) -> None:
    """What was to be asked is forgotten with it."""
    lite_acme.launch()
    with lite_acme.bridge.store.work() as work:
        lti.take_away(work, work.lti.platforms(lite_acme.cast.connection)[0], lite_acme.clock.now())
    assert Compared() == lite_acme.compare()


def test_the_worker_does_it(lite_acme: Acme) -> None:
    """Only where something waits."""
    worker = Worker(lite_acme.bridge)
    worker.compare_rosters()
    lite_acme.launch()
    worker.compare_rosters()
    assert [False] == [row.pending for row in lite_acme.rosters()]


# --- the token -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        ({"aud": "https://evil.example/token"}, 400),
        ({"iss": "another"}, 400),
        ({"sub": "another"}, 400),
        ({"exp": 1}, 400),
        ({"iat": 4_000_000_000}, 400),
        ({"jti": ""}, 400),
    ],
)
def test_the_platform_of_the_tests_takes_only_a_good_word(
    lite_acme: Acme, changed: dict[str, Any], status: int
) -> None:
    """As strict as a Moodle; the same word twice is refused as well."""
    with lite_acme.bridge.store.work() as work:
        now = lite_acme.clock.now()
        given = lti_members.assertion(work, lite_acme.ours(), now)
        claims = jwt_claims(given) | changed
        given = lti.sign(work, claims, now)
    url = f"{lite_acme.platform.url}/mod/lti/token.php"
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": given,
        "scope": MEMBERS_SCOPE,
    }
    assert status == requests.post(url, data=form, timeout=5).status_code
    assert 400 == requests.post(url, data=form, timeout=5).status_code
    assert 400 == requests.post(url, data={**form, "scope": "openid"}, timeout=5).status_code


def jwt_claims(token: str) -> dict[str, Any]:
    """What a token says, whoever signed it."""
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def test_its_token_and_its_members_are_shaped_as_moodles(lite_acme: Acme) -> None:
    """Field for field, the content type that is none included."""
    lite_acme.platform.members = ["1", "2", "3"]
    with lite_acme.bridge.store.work() as work:
        word = lti_members.assertion(work, lite_acme.ours(), lite_acme.clock.now())
    site = lite_acme.platform.url
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": word,
        "scope": MEMBERS_SCOPE,
    }
    answer = requests.post(f"{site}/mod/lti/token.php", data=form, timeout=5)
    assert set(json.loads(recorded("nrps_token")["body"])) == set(answer.json())
    assert not answer.headers["Content-Type"].startswith("application/json")
    headers = {
        "Authorization": f"Bearer {answer.json()['access_token']}",
        "Accept": MEDIA_TYPE,
    }
    url = f"{site}/mod/lti/services.php/CourseSection/9/bindings/1/memberships?limit=5"
    page = requests.get(url, headers=headers, timeout=5)
    told = recorded("nrps_members")
    assert set(told["body"]) == set(page.json())
    assert set(told["body"]["members"][0]) == set(page.json()["members"][0])
    assert told["link"].endswith('&from=5>; rel="next"')
    assert page.headers["Link"].endswith('&from=2>; rel="next"')
    assert 401 == requests.get(url, headers={"Accept": MEDIA_TYPE}, timeout=5).status_code


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"access_token": ""},
        {"access_token": "a\nb", "token_type": "Bearer", "scope": MEMBERS_SCOPE},
        {"access_token": "a", "token_type": "mac", "scope": MEMBERS_SCOPE},
        {"access_token": "a", "token_type": "Bearer", "scope": "openid"},
    ],
)
def test_a_token_that_is_none_is_not_used(
    lite_acme: Acme, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    """Or one for something else."""
    monkeypatch.setattr(LtiPlatform, "_token", lambda self, request: Reply(data=answer))
    with pytest.raises(IdentityError, match="The token for a course's members"):
        lite_acme.bridge.members(lite_acme.ours(), "https://moodle.example/x", "word")


# --- sooner --------------------------------------------------------------------------------------


def test_a_course_that_is_behind_is_read_by_itself(lite_cast: Cast, clock: FrozenClock) -> None:
    """Once; and not at all if everybody's enrolments were read since."""
    moment = int(clock.now().timestamp())
    with running_lms(story=small_company(), clock=lambda: moment) as lms:
        store = lite_cast.store
        with store.work() as work:
            sealed = work.seal.close(lms.token)
            change = t.connections.update().values(url=lms.url, token_sealed=sealed)
            work.sql.execute(change)
            connection = work.connections.by_id(lite_cast.connection)
            here = work.sql.execute(select(t.courses.c.id, t.courses.c.lms_id)).first()
            platform = lti.add(work, lti.of_moodle(connection, "c", "1", clock.now()))
            assert here is not None
            work.rosters.want(Roster(here.id, platform.id, "https://x.example/"), clock.now())
            work.rosters.set_behind(here.id, clock.now())
        connector = MoodleConnector(lms.url, lms.token)
        before = len(runs(lite_cast))
        assert (1, 0) == (
            catch_up(store, connector, connection, clock),
            catch_up(store, connector, connection, clock),
        )
        (kept,) = runs(lite_cast)[before:]
        assert f"course {here.lms_id}" in str(kept)
        with store.work() as work:
            work.rosters.set_behind(here.id, clock.now())
        clock.advance(minutes=1)
        run(store, connector, connection, clock, accept_shrink=True)
        assert 0 == catch_up(store, connector, connection, clock)
        connector.close()


def runs(cast: Cast) -> list[Any]:
    """The kept runs, the oldest first."""
    with cast.store.reading() as work:
        return list(work.sql.execute(select(t.sync_runs).order_by(t.sync_runs.c.id)))


def test_the_claim_is_of_the_launch_that_was_recorded() -> None:
    """A Moodle names the place in every launch of a tool that has the service."""
    for name in ("launch", "launch_admin"):
        claims = recorded(name)["claims"]
        where = claims[SERVICE]["context_memberships_url"]
        assert where.startswith(claims["iss"])
        assert f"/CourseSection/{claims[CLAIM + 'context']['id']}/" in where
