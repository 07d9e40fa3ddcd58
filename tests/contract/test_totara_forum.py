"""A forum of Totara 12 as an outlet: the older functions, and none that edits or deletes.

Put to the demo's Totara over real HTTP, and to what a real Totara 12.9 was recorded to answer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import responses

from bridge.demo.lms.server import Lms, running_lms
from bridge.demo.story import make_story
from bridge.demo.world import Story
from bridge.errors import CannotTakeBack, OutletRefused
from bridge.lms.totara.connector import TotaraConnector
from bridge.outlets.moodle_forum import MoodleForumPublisher
from tests.contract import transcripts
from tests.contract.publishers import PATIENCE, POST, WITHDRAWAL, Destination, EveryPublisher
from tests.contract.recorded import RecordedSite
from tests.contract.test_publishers import Answers, Forum

URL = "https://totara.example"


class Older:
    """How a Totara's forum is spoken to: with what the site listed."""

    lms: Lms
    forum_id: int

    def _at(self, url: str) -> MoodleForumPublisher:
        connector = TotaraConnector(
            url, self.lms.token, timeout=PATIENCE, pause=lambda seconds: None
        )
        functions = None
        with contextlib.suppress(Exception):
            functions = connector.site().functions
        return MoodleForumPublisher(connector, self.forum_id, functions)


class TotaraForum(Older, Forum):
    """Discussions that the bridge starts."""


class TotaraAnswers(Older, Answers):
    """Answers to a question that somebody asked."""


@pytest.fixture(scope="module")
def story() -> Story:
    """The demo company."""
    return make_story(datetime.now(UTC))


@pytest.fixture
def forum(story: Story, closed_url: str) -> Iterator[TotaraForum]:
    """A forum of the demo's Totara, in which the bridge's user has every right."""
    with running_lms(story=story, flavour="totara-12") as lms:
        yield TotaraForum(lms, closed_url)


@pytest.fixture
def answers(story: Story, closed_url: str) -> Iterator[TotaraAnswers]:
    """The same forum, for answers."""
    with running_lms(story=story, flavour="totara-12") as lms:
        yield TotaraAnswers(lms, closed_url)


@pytest.fixture(params=["forum", "answers"])
def there(request: pytest.FixtureRequest) -> Destination:
    """Each in turn."""
    return request.getfixturevalue(request.param)


class TestEveryPublisher(EveryPublisher):
    """The suite."""


def test_it_says_that_nothing_can_be_taken_back(forum: TotaraForum) -> None:
    """Before the outlet is switched on, and without asking; what it sent is found all the same."""
    able = forum.publisher.abilities

    assert (False, False, True) == (able.edit, able.delete, able.find)
    assert "does not offer mod_forum_update_discussion_post and mod_forum_delete_post" in able.stays


def test_only_the_older_functions_are_called(forum: TotaraForum) -> None:
    """A function that Totara 12 does not have would be refused."""
    receipt = forum.publisher.publish(POST)
    assert receipt == forum.publisher.find(POST)
    for change in (
        lambda: forum.publisher.edit(receipt.remote_id, POST),
        lambda: forum.publisher.delete(receipt.remote_id, WITHDRAWAL),
    ):
        with pytest.raises(CannotTakeBack, match="offers no mod_forum_"):
            change()

    called = {name for name in forum.lms.calls if name.startswith("mod_forum_")}
    assert {"mod_forum_add_discussion", "mod_forum_get_forum_discussions_paginated"} == called


def test_the_right_to_write_is_missing(forum: TotaraForum) -> None:
    """It says which."""
    forum.lms.service.capabilities -= {"mod/forum:startdiscussion"}

    with pytest.raises(OutletRefused) as caught:
        forum.publisher.publish(POST)

    assert caught.value.remedy
    assert [] == forum.shows()


# --- what was recorded ---------------------------------------------------------------------------


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    """No request leaves the test."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as started:
        yield started


def recorded(
    mock: responses.RequestsMock, *names: str
) -> tuple[MoodleForumPublisher, RecordedSite]:
    """A publisher for forum 2 of the recorded site."""
    site = RecordedSite("site_info_admin", *names, site=transcripts.TOTARA, url=URL)
    site.start(mock)
    connector = TotaraConnector(URL, "TOKEN", pause=lambda seconds: None)
    return MoodleForumPublisher(connector, 2, connector.site().functions), site


def test_a_real_totara_takes_a_discussion_and_an_answer(mock: responses.RequestsMock) -> None:
    """By the fields that it knows, and no other."""
    publisher, site = recorded(mock, "add_discussion", "add_post")

    started = publisher.publish(POST).remote_id
    answered = publisher.publish(replace(POST, reply_to="1", thread="1")).remote_id

    assert ("d:4", "p:10") == (started, answered)
    sent = [set(form) - {"wstoken", "moodlewsrestformat"} for _, form in site.calls[1:]]
    assert [{"forumid", "subject", "message"}, {"postid", "subject", "message"}] == sent


def test_a_real_totara_is_looked_through_for_what_was_sent(mock: responses.RequestsMock) -> None:
    """Among its discussions, and among the answers to one."""
    publisher, _ = recorded(mock, "discussions_c01_after_writes", "posts_answered")

    found = publisher.find(replace(POST, key="Body"))
    assert found is not None
    assert "d:5" == found.remote_id
    assert publisher.find(replace(POST, key="Is anybody there?")) is None
    assert publisher.find(replace(POST, key="nobody wrote that", thread="1", reply_to="1")) is None


@pytest.mark.parametrize(
    ("name", "reply_to"),
    [
        ("add_discussion_not_enrolled_learner", ""),
        ("add_discussion_unknown_forum", ""),
        ("add_post_unknown_parent", "1"),
    ],
)
def test_what_a_real_totara_refuses_is_refused(
    mock: responses.RequestsMock, name: str, reply_to: str
) -> None:
    """Each is a lasting refusal with something to do, not a doubt."""
    publisher, _ = recorded(mock, name)

    with pytest.raises(OutletRefused) as caught:
        publisher.publish(replace(POST, reply_to=reply_to, thread=reply_to))

    assert caught.value.remedy


def test_a_real_totara_lists_nothing_that_takes_back(mock: responses.RequestsMock) -> None:
    """Known from what the site said of itself."""
    publisher, _ = recorded(mock)

    able = publisher.abilities
    assert (False, False, True, False) == (able.edit, able.delete, able.find, able.idempotent)
