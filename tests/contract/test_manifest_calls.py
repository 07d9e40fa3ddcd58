"""The manifest names the functions that are really called over the wire, and no other.

That no other name stands in the source is a test of its own (``tests/unit/test_manifest.py``); here
every method of the port is used against the demo LMS, in its guises, and what arrives is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bridge.demo.lms.api import FUNCTIONS
from bridge.demo.lms.capabilities import DEFAULT, UPDATE_COURSE
from bridge.demo.lms.reports import Preparation
from bridge.demo.lms.server import Lms, running_lms
from bridge.demo.world import Story
from bridge.errors import LmsError
from bridge.lms.moodle import MoodleConnector
from bridge.lms.moodle.batch import CARRIER
from bridge.lms.moodle.client import MoodleClient
from bridge.lms.totara.connector import TotaraConnector
from bridge.ports import Connector
from bridge.setup import manifest
from tests.small_company import small_company


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the functions that go over the wire, those within a batch too."""
    names: set[str] = set()
    real = MoodleClient._call

    def call(self: MoodleClient, function: str, parameters: Mapping[str, Any]) -> Any:
        names.add(function)
        if function == CARRIER:
            names.update(request["function"] for request in parameters["requests"])
        return real(self, function, parameters)

    monkeypatch.setattr(MoodleClient, "_call", call)
    return names


def use(connector: Connector) -> None:
    """Everything that the port promises."""
    connector.site()
    connector.categories()
    courses = [course.lms_id for course in connector.courses()]
    connector.courses_tagged(["staff"])
    teams = [team.lms_id for team in connector.teams()]
    connector.team_members(teams)
    enrolled = {c: e for c, e in connector.enrolments(courses) if not isinstance(e, Exception)}
    people = sorted({e.person_lms_id for rows in enrolled.values() for e in rows})
    connector.courses_of(people[0])
    connector.people(people)
    pairs = [(c, e.person_lms_id) for c, rows in enrolled.items() for e in rows]
    list(connector.completions(pairs))
    forums = connector.forums(courses)
    list(connector.discussions(forums, None))
    forum = next(forum for forum in forums if forum.can_start)
    discussion = connector.start_discussion(forum.lms_id, "Welcome", "<p>needle-in-post</p>")
    first = connector.first_post(discussion)
    reply = connector.reply(first, "Re: Welcome", "<p>needle-in-reply</p>")
    assert discussion == connector.find_discussion(forum.lms_id, "needle-in-post")
    assert reply == connector.find_reply(discussion, "needle-in-reply")
    connector.send_message(people[0], "Hello")
    if connector.can("mod_forum_update_discussion_post"):
        connector.update_post(reply, "Re: Welcome", "<p>other words</p>")
        connector.delete_post(reply)


def tagged() -> Story:
    """The small company, whose courses are for staff."""
    story = small_company()
    courses = tuple(replace(course, tags=("staff",)) for course in story.courses)
    return replace(story, courses=courses)


@pytest.fixture
def moodle() -> Iterator[Lms]:
    """A Moodle whose report waits for its columns."""
    with running_lms(story=tagged(), report=Preparation.BARE.value) as lms:
        yield lms


def test_what_is_called_is_declared_and_what_is_declared_is_called(
    moodle: Lms, called: set[str]
) -> None:
    """By a Moodle of today, one without batches, and a Totara 12."""
    report = MoodleConnector(moodle.url, moodle.token)
    prepared = report.prepare_report(None)
    assert prepared is not None
    report.close()
    with_report = MoodleConnector(moodle.url, moodle.token, report_id=prepared[0])
    with pytest.raises(LmsError, match="Nobody may have completed anything yet"):
        with_report.completion_report(0, 50)
    use(with_report)
    with_report.close()
    older = set(FUNCTIONS) - {"core_course_get_courses_by_field", CARRIER}
    with running_lms(story=tagged(), functions=sorted(older)) as lms:
        connector = MoodleConnector(lms.url, lms.token)
        connector.courses()
        connector.close()
    rights = DEFAULT | {UPDATE_COURSE}
    with running_lms(flavour="totara-12", story=tagged(), capabilities=rights) as lms:
        totara = TotaraConnector(lms.url, lms.token)
        use(totara)
        totara.close()
    beyond = {
        f
        for k in manifest.kinds()
        for n in manifest.lms(k).beyond
        for f in manifest.lms(k).functions_of(n)
    }
    assert manifest.declared_functions() | beyond == called
