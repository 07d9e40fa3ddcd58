"""A message to one person: what was recorded of Moodle and Totara, and the demo's own of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape

import pytest
import responses

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.server import Lms, running_lms
from bridge.demo.story import make_story
from bridge.demo.world import Story
from bridge.errors import LmsError, MissingCapability, Refused, UnexpectedAnswer, Unreachable
from bridge.lms.moodle import MoodleConnector
from bridge.lms.moodle.messages import SEND, as_html
from bridge.lms.totara.connector import TotaraConnector
from tests.contract.recorded import URL, RecordedSite
from tests.contract.transcripts import MOODLE, TOTARA

MAKES: dict[str, type[MoodleConnector]] = {MOODLE: MoodleConnector, TOTARA: TotaraConnector}
LINK = "https://bridge.example/note/abc?at=suggestion-12"


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    """No request leaves the test."""
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture(scope="module")
def story() -> Story:
    """The company on a Wednesday morning."""
    return make_story(datetime(2026, 11, 25, 9, tzinfo=UTC))


def recorded(
    mock: responses.RequestsMock, site: str, name: str
) -> tuple[MoodleConnector, RecordedSite]:
    """A connector to a site that answers that recording."""
    replay = RecordedSite(name, site=site)
    replay.start(mock)
    return MAKES[site](URL, "token", pause=lambda seconds: None), replay


@contextmanager
def demo(flavour: str, story: Story, *missing: str) -> Iterator[tuple[MoodleConnector, Lms]]:
    """A connector to the demo LMS, whose token lacks the rights that are named."""
    kind = TotaraConnector if flavour == "totara-12" else MoodleConnector
    with running_lms(flavour=flavour, story=story) as lms:
        lms.service.capabilities = can.DEFAULT - set(missing)
        yield kind(lms.url, lms.token), lms


@pytest.mark.parametrize(
    ("site", "name", "ident"),
    [
        (MOODLE, "message_sent_anyuser", 1),
        (TOTARA, "message_sent", 2),
        (TOTARA, "message_plain_default", 3),
        (TOTARA, "message_suspended_user", 5),
    ],
)
def test_a_message_that_was_taken_has_an_id(
    mock: responses.RequestsMock, site: str, name: str, ident: int
) -> None:
    """One call, one message, as HTML: no parameter that either of the two does not know."""
    lms, replay = recorded(mock, site, name)
    assert ident == lms.send_message(12, "Hello Ana\nSecond line")
    ((function, form),) = replay.calls
    given = {key: value for key, value in form.items() if key.startswith("messages")}
    assert (SEND, 1) == (function, lms.requests)
    assert {
        "messages[0][touserid]": "12",
        "messages[0][text]": "<p>Hello Ana<br>Second line</p>",
        "messages[0][textformat]": "1",
    } == given


@pytest.mark.parametrize(
    ("site", "name", "said"),
    [
        (MOODLE, "message_sent", "You can't message this user due to their message preferences."),
        (TOTARA, "message_deleted_user", "to a user id (35) that doesn't exist"),
    ],
)
def test_a_message_that_is_not_delivered_is_refused_with_a_remedy(
    mock: responses.RequestsMock, site: str, name: str, said: str
) -> None:
    """HTTP 200 and ``msgid`` -1: the right, the person's own preferences, or e-mail."""
    lms, _ = recorded(mock, site, name)
    with pytest.raises(Refused) as caught:
        lms.send_message(12, "Hello")
    error = caught.value
    assert said in error.message
    assert ("", SEND, False) == (error.code, error.function, error.retry)
    for way in ("moodle/site:messageanyuser", "message preferences", "choose e-mail"):
        assert way in error.remedy
    roles = "Permissions → Define roles"
    assert f"{'Users → ' if site == MOODLE else 'Site administration → '}{roles}" in error.remedy


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("message_messaging_disabled", Refused),
        ("message_bad_format", UnexpectedAnswer),
        ("message_missing_text", UnexpectedAnswer),
        ("message_two_one_unknown", UnexpectedAnswer),
    ],
)
def test_a_refused_call_keeps_its_name(
    mock: responses.RequestsMock, name: str, kind: type[LmsError]
) -> None:
    """Messaging that is switched off for the site is another thing than a person who does not want
    any; two answers to one message are none."""
    lms, _ = recorded(mock, TOTARA, name)
    with pytest.raises(LmsError) as caught:
        lms.send_message(3, "Hello")
    assert kind is type(caught.value)


def test_a_message_is_never_sent_again_by_itself(mock: responses.RequestsMock) -> None:
    """No answer came: it may have arrived."""
    mock.add(
        responses.POST, f"{URL}/webservice/rest/server.php", body=responses.ConnectionError("gone")
    )
    lms = MoodleConnector(URL, "token", pause=lambda seconds: None)
    with pytest.raises(Unreachable):
        lms.send_message(12, "Hello")
    assert 1 == lms.requests


@pytest.mark.parametrize("flavour", ["moodle-4.5", "totara-12"])
def test_the_demo_holds_the_same_contract(flavour: str, story: Story) -> None:
    """It delivers, refuses nobody's id, and wants the right to send."""
    with demo(flavour, story) as (lms, site):
        person = next(iter(site.store.people))
        ident = lms.send_message(person, f"Hello\n\n{LINK}")
        assert person == site.store.messages[ident].to_id
        assert f'<a href="{LINK}">{LINK}</a>' in site.store.messages[ident].text_html
        with pytest.raises(Refused, match=r"\(0\) that doesn't exist"):
            lms.send_message(0, "Is anybody there?")
    with demo(flavour, story, can.SEND_MESSAGE) as (lms, site):
        with pytest.raises(MissingCapability) as caught:
            lms.send_message(person, "Hello")
        assert ("moodle/site:sendmessage", {}) == (caught.value.capability, site.store.messages)


def test_the_demo_s_moodle_asks_people_s_preferences(story: Story) -> None:
    """A stranger's message is refused, unless the right passes them by; one too long always is."""
    with demo("moodle-4.5", story, can.MESSAGE_ANY_USER) as (lms, site):
        person = next(iter(site.store.people))
        with pytest.raises(Refused, match="message preferences"):
            lms.send_message(person, "Hello")
        site.service.capabilities = can.DEFAULT
        with pytest.raises(Refused, match="too long"):
            lms.send_message(person, "x" * 4096)
        assert {} == site.store.messages


HOSTILE = [
    "<script>alert(1)</script>",
    '<img src="https://evil.example/x.png">',
    "[click](javascript:alert(1))",
    "&lt;b&gt; &amp; © “quoted” 'single'",
    "javascript:alert(1)",
    'https://evil.example/"onclick="x',
    "https://evil.example/<b>",
    "say https://evil.example in a sentence",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """Every character of it is shown, and none of it is markup."""
    written = as_html(text)
    assert ["<p>", "</p>"] == re.findall(r"<[^>]*>", written)
    assert text == unescape(re.sub(r"<[^>]*>", "", written))


def test_paragraphs_and_addresses_are_seen() -> None:
    """A line that is an address is a link; control characters and halves of pairs are gone."""
    expected = (
        "<p>One<br>two</p><p>"
        '<a href="https://b.example/?a=1&amp;b=2">https://b.example/?a=1&amp;b=2</a></p>'
    )
    assert expected == as_html("One\ntwo\x00\ud800\n\n\nhttps://b.example/?a=1&b=2\n")
