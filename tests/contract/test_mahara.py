"""What a real Mahara 22.10 answered, put to the publisher, and to the server it is tested with."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses

from bridge.errors import ConfigError, OutcomeUnknown, OutletBusy, OutletRefused
from bridge.model import Post
from bridge.outlets.mahara import MaharaPublisher
from tests.contract import transcripts
from tests.contract.mahara_server import (
    ADMIN,
    ANNA,
    BOT,
    FUNCTIONS,
    Mahara,
    running_mahara,
    unfolded,
)
from tests.contract.publishers import PATIENCE, EveryPublisher
from tests.contract.publishers import POST as EVERY
from tests.contract.test_publishers import Shown

MAHARA = "mahara-22.10"
URL = "https://mahara.example"
ENDPOINT = f"{URL}/webservice/rest/server.php"
NOT_LEFT_OUT = transcripts.names(MAHARA)
POST = Post(key="key-1", revision=1, title="Cell division", text="Due 30 Nov.", url=f"{URL}/a/1")
OTHERS = Post(key="a new assignment was posted", revision=1, title="t", text="x", url=f"{URL}/a/1")
"""Known by words that stand in what was recorded."""

NOT_CALLED = {
    "feed_forum_atom_f": "forums have no function that writes",
    "feed_forum_atom_g": "forums have no function that writes",
    "feed_forum_atom_private_group": "forums have no function that writes",
    "feed_forum_atom_t": "forums have no function that writes",
    "feed_forum_atom_unknown_error": "forums have no function that writes",
    "feed_journal_atom_not_public": "a journal has a feed only on a page that is public",
    "feed_journal_atom_public": "it shows no drafts and not the key of a plain text",
    "group_get_groups_by_id": "journals are of people",
    "group_get_groups_by_id_unknown_error": "journals are of people",
    "user_get_users": "nobody in Mahara is matched with anybody in the LMS",
    "user_get_users_by_id": "the owner is configured by id",
    "user_get_users_by_id_email": "the owner is configured by id",
    "user_get_users_by_id_no_key_error": "the owner is configured by id",
    "user_get_users_by_id_unknown_error": "the owner is configured by id",
}
"""Functions and feeds that the bridge does not use, and why."""

WRITTEN = {
    "blog_create_blogpost": "26",
    "blog_create_blogpost_ampersand": "33",
    "blog_create_blogpost_draft": "40",
    "blog_create_blogpost_extra_key": "38",
    "blog_create_blogpost_foreign_blog": "28",
    "blog_create_blogpost_json_body": "27",
    "blog_create_blogpost_less_than": "34",
    "blog_create_blogpost_title_2000": "36",
    "blog_create_blogpost_title_255": "35",
    "blog_create_blogpost_title_html": "37",
    "blog_create_blogpost_unicode": "32",
    "mobile_upload_blog_post": "29",
    "mobile_upload_blog_post_defaults": "30",
    "mobile_upload_blog_post_permanent_token": "41",
}
"""Entries that were made, and their ids."""

REFUSED = {
    "blog_create_blogpost_as_ordinary_user_error": "access denied to institution",
    "blog_create_blogpost_html_rejected_error": "key: description",
    "blog_create_blogpost_missing_title_error": "single structure: title",
    "blog_create_blogpost_no_tags_key_error": "single structure: tags",
    "blog_create_blogpost_tag_with_space_error": "key: tag",
    "blog_create_blogpost_two_one_bad_error": "Invalid user specified",
    "blog_create_blogpost_unknown_blog_error": "not owned by",
    "blog_create_blogpost_unknown_user_error": "Invalid user specified",
    "error_bad_token": "not let the token in: .*Token not found",
    "error_expired_token": "not let the token in: .*Token expired",
    "error_http_in_productionmode": "switched off, or it is asked over plain HTTP",
    "error_invalid_json_body": "single structure: blogposts",
    "error_ip_restricted_token": "not let the token in: .*Your IP",
    "error_no_function": "Missing function name",
    "error_no_token": "not let the token in: .*none supplied",
    "error_rest_disabled": "switched off, or it is asked over plain HTTP",
    "error_service_disabled": "not let the token in: .*not allowed",
    "error_unknown_function": "function not configured",
    "mobile_upload_blog_post_foreign_blog_error": "Invalid blog id",
    "mobile_upload_blog_post_missing_body_error": "single structure: body",
}
"""Writing that was refused, and what the ledger says."""

NO_ANSWER = {
    "error_bad_token_xml": "XML, which comes only to who does not ask for JSON",
    "error_put_method": "XML, which comes only to who does not ask by POST",
}
"""Answers that are not in the form that was asked for: nobody knows what came of it."""

READ: dict[str, tuple[Post, str | None]] = {
    "blog_get_blogs_for_user": (OTHERS, None),
    "blog_get_blogs_for_user_after": (OTHERS, "28"),
    "blog_get_blogs_for_user_final": (replace(POST, key="grade < 50"), "34"),
}
"""Journals that were read, whom was looked for there, and what was found."""

NOT_READ = {
    "blog_get_blogs_for_unknown_user_error": "could not be read",
    "blog_get_blogs_for_user_small": "does not show all",  # Another's journal.
}

WHO = ("user_get_my_user", "suspended_user_token")


def publisher(own: bool = False) -> MaharaPublisher:
    """One for journal 10 of the recorded site."""
    return MaharaPublisher(URL, "TOKEN", 10, None if own else BOT)


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    """No request leaves the test."""
    with responses.RequestsMock() as started:
        yield started


def answer(mock: responses.RequestsMock, name: str) -> dict[str, Any]:
    """The site answers the next request with a recording, which is given back."""
    one = transcripts.transcript(MAHARA, name)
    said = one["response"] if isinstance(one["response"], str) else json.dumps(one["response"])
    kind = {k.title(): v for k, v in one["response_headers"].items()}["Content-Type"]
    mock.add(responses.POST, ENDPOINT, said, status=one["http_status"], content_type=kind)
    return one


def sent(mock: responses.RequestsMock) -> dict[str, Any]:
    """The form of the last request."""
    body = mock.calls[-1].request.body
    assert isinstance(body, str)
    return dict(parse_qsl(body, keep_blank_values=True))


def test_no_transcript_is_left_out() -> None:
    """Every one is in exactly one of the tables."""
    tables = (NOT_CALLED, WRITTEN, REFUSED, NO_ANSWER, READ, NOT_READ, WHO)

    assert NOT_LEFT_OUT == sorted(name for table in tables for name in table)


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_an_entry_that_was_made(mock: responses.RequestsMock, name: str) -> None:
    """Its id is kept."""
    answer(mock, name)

    assert WRITTEN[name] == publisher(name.startswith("mobile")).publish(POST).remote_id


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_an_entry_that_was_refused(mock: responses.RequestsMock, name: str) -> None:
    """What Mahara said and what to do, and never the words that were sent."""
    answer(mock, name)

    with pytest.raises(OutletRefused, match=REFUSED[name]) as caught:
        publisher(name.startswith("mobile")).publish(POST)

    assert caught.value.remedy
    assert "lms.example.org" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(NO_ANSWER))
def test_an_answer_in_another_form_leaves_a_doubt(mock: responses.RequestsMock, name: str) -> None:
    """It is no answer of the function that was called."""
    answer(mock, name)

    with pytest.raises(OutcomeUnknown):
        publisher().publish(POST)


@pytest.mark.parametrize("name", sorted(NOT_CALLED))
def test_another_function_s_answer_is_no_entry(mock: responses.RequestsMock, name: str) -> None:
    """Refusals are the same everywhere; everything else leaves a doubt."""
    one = answer(mock, name)
    refused = isinstance(one["response"], dict) and one["response"].get("error")

    with pytest.raises(OutletRefused if refused else OutcomeUnknown):
        publisher(own=True).publish(POST)


@pytest.mark.parametrize("name", sorted(READ))
def test_a_journal_that_was_read(mock: responses.RequestsMock, name: str) -> None:
    """The entry, by words that stand in it; or that it is not there."""
    answer(mock, name)
    post, expected = READ[name]

    found = publisher().find(post)

    assert expected == (None if found is None else found.remote_id)


@pytest.mark.parametrize("name", sorted(NOT_READ))
def test_a_journal_that_could_not_be_read(mock: responses.RequestsMock, name: str) -> None:
    """Then nobody says that an entry is not there."""
    answer(mock, name)

    with pytest.raises(OutcomeUnknown, match=NOT_READ[name]):
        publisher().find(POST)


@pytest.mark.parametrize("name", WHO)
def test_whose_token_it_is(mock: responses.RequestsMock, name: str) -> None:
    """Asked before the journals of the token's own user are; suspended users' tokens still work."""
    one = answer(mock, name)
    answer(mock, "blog_get_blogs_for_user")

    assert publisher(own=True).find(POST) is None

    assert str(one["response"]["id"]) == sent(mock)["users[0][id]"]


def test_what_is_sent_is_what_was_recorded(mock: responses.RequestsMock) -> None:
    """The same fields, no draft, and the token not in the address."""
    for name, own in (("blog_create_blogpost", False), ("mobile_upload_blog_post", True)):
        one = answer(mock, name)
        recorded = dict(parse_qsl(one["request"]["body"]))
        recorded = {k: v for k, v in recorded.items() if not k.endswith(("[1][tag]", "tags[0]"))}

        publisher(own).publish(POST)

        form = sent(mock)
        assert recorded.keys() == form.keys()
        same = ("draft", "comments", "blogid", "owner", "token", "function", "alt")
        for key in form:
            if any(part in key for part in same):
                assert recorded[key] == form[key]
        assert ENDPOINT == mock.calls[-1].request.url


# --- the server that the publisher is tested with ------------------------------------------------

TOKENS = {
    "blog_create_blogpost_as_ordinary_user_error": "bot-token",
    "error_expired_token": "expired",
    "error_ip_restricted_token": "elsewhere",
    **dict.fromkeys((n for n in NOT_LEFT_OUT if n.startswith("mobile")), "bot-token"),
}
NOT_SERVED = {
    **NOT_CALLED,
    "error_put_method": "the bridge only posts",
    "suspended_user_token": "its users are not suspended",
}


def replayed(site: Mahara, name: str) -> requests.Response:
    """A recorded request, put to the local server."""
    asked = transcripts.transcript(MAHARA, name)["request"]
    token = TOKENS.get(name, "admin-token")
    parts = urlsplit(asked["url"])
    return requests.request(
        asked["method"],
        f"{site.url}{parts.path}?{parts.query}".replace("TOKEN", token),
        data=asked["body"].replace("wstoken=TOKEN", f"wstoken={token}").encode(),
        headers=asked["headers"],
        timeout=5,
    )


def shape(value: Any) -> Any:
    """The fields of an answer at every depth; of a list, those of its first one."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value[:1]]
    return None if isinstance(value, str) else type(value)


@pytest.fixture(scope="module")
def site() -> Iterator[Mahara]:
    """A site as it was when it was recorded."""
    with running_mahara() as running:
        running.troubles |= {"expired": "Token expired", "elsewhere": "Your IP is not supported"}
        yield running


@pytest.mark.parametrize("name", [n for n in NOT_LEFT_OUT if n not in NOT_SERVED])
def test_the_server_answers_what_mahara_answered(site: Mahara, name: str) -> None:
    """The same refusal word for word, and the same fields of everything else."""
    one = transcripts.transcript(MAHARA, name)
    site.rest = one["http_status"] != 403
    site.withheld = {one["function"]} if name == "error_service_disabled" else set()
    site.entries.clear()
    if name.endswith(("_after", "_final")):
        site.add(10, BOT, {"title": "t", "description": "d"}, [])

    said = replayed(site, name)

    assert one["http_status"] == said.status_code
    if isinstance(one["response"], str):
        assert one["response"][:10] == said.text[:10]
    elif isinstance(one["response"], dict) and one["response"].get("error"):
        assert one["response"] == said.json()
    else:
        assert _bare(shape(one["response"])) == _bare(shape(said.json()))


def _bare(answer: Any) -> Any:
    """Without what depends on whose record it is."""
    if isinstance(answer, list):
        return [_bare(one) for one in answer]
    if isinstance(answer, dict):
        return {key: _bare(one) for key, one in answer.items() if key != "auths"}
    return answer


def test_the_server_makes_all_of_a_call_or_nothing(site: Mahara) -> None:
    """As the recording with a good and a bad entry says."""
    site.rest, site.withheld = True, set()
    site.entries.clear()

    replayed(site, "blog_create_blogpost_two_one_bad_error")

    assert [] == site.entries


def test_the_functions_are_those_that_were_recorded() -> None:
    """The server knows none that no recording holds it to."""
    recorded = {transcripts.transcript(MAHARA, n).get("function") for n in NOT_LEFT_OUT}

    assert FUNCTIONS.keys() <= recorded
    assert {"a": [{"b": "1"}, {"b": "2"}]} == unfolded([("a[0][b]", "1"), ("a[1][b]", "2")])


# --- what the two together are asked -------------------------------------------------------------


@pytest.fixture
def mahara() -> Iterator[Mahara]:
    """A fresh site."""
    with running_mahara() as running:
        yield running


def at(site: Mahara, token: str = "admin-token", owner: int | None = BOT, **more: Any) -> Any:
    """A publisher for journal 10."""
    options = {"allow_private": frozenset({"127.0.0.1"})} | more
    return MaharaPublisher(site.url, token, 10, owner, **options)


def test_a_private_address_is_refused_before_the_token_leaves(mahara: Mahara) -> None:
    """Unless its host is listed."""
    with pytest.raises(OutletRefused, match="SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE"):
        at(mahara, allow_private=()).publish(POST)

    assert [] == mahara.addresses


def test_the_token_never_stands_in_an_address(mahara: Mahara) -> None:
    """Addresses are logged on the way."""
    at(mahara).publish(POST)
    at(mahara, "bot-token", None).publish(POST)

    assert ["/webservice/rest/server.php"] * 2 == mahara.addresses


def test_entries_are_no_drafts(mahara: Mahara) -> None:
    """A draft would be seen by nobody but its owner."""
    at(mahara).publish(POST)
    at(mahara, "bot-token", None).publish(POST)

    assert [False, False] == [entry.draft for entry in mahara.entries]


def test_a_cut_list_is_not_the_whole_journal(mahara: Mahara) -> None:
    """What is not among the newest hundred may be there; what is among them is."""
    at(mahara).publish(POST)
    for number in range(100):
        mahara.add(10, BOT, {"title": f"t{number}", "description": "d"}, [])

    with pytest.raises(OutcomeUnknown, match="does not show all"):
        at(mahara).find(POST)
    last = replace(POST, key="key-2")
    receipt = at(mahara).publish(last)
    assert receipt == at(mahara).find(last)


def test_only_the_last_of_several_journals_is_shown(mahara: Mahara) -> None:
    """So nobody says of another one what is not in it."""
    mahara.journals[11] = BOT
    at(mahara).publish(POST)

    with pytest.raises(OutcomeUnknown, match="does not show all"):
        at(mahara).find(POST)


def test_a_token_that_may_not_read_leaves_the_doubt(mahara: Mahara) -> None:
    """And says which functions are missing."""
    mahara.withheld.add("mahara_blog_get_blogs_for_user")

    with pytest.raises(OutcomeUnknown, match="mahara_user_get_my_user to the token's service"):
        at(mahara).find(POST)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("429", OutletBusy),
        ("500", OutcomeUnknown),
        ("502", OutcomeUnknown),
        ("404", OutletRefused),
        ("302", OutletRefused),
        ("200", OutcomeUnknown),
    ],
)
def test_what_a_gateway_says(mahara: Mahara, status: str, error: type[Exception]) -> None:
    """A page of HTML, whatever its status, is no answer of a function."""
    mahara.moods.append(status)

    with pytest.raises(error):
        at(mahara).publish(POST)

    assert [] == mahara.entries


@pytest.mark.parametrize(
    "said",
    [
        "null",
        "[]",
        "{}",
        '{"blogpost": null}',
        '[{"blogs": {}}]',
        '[{"blogs": {"data": 3, "blogposts": {"data": [1]}}}]',
        '[{"id": 1, "blogs": [1]}]',
        '{"error": true}',
        '{"error": true, "error_class": "SQLException", "error_message": "deadlock"}',
    ],
)
def test_strange_answers_leave_a_doubt(mock: responses.RequestsMock, said: str) -> None:
    """Whatever comes, nobody says that an entry is there or is not."""
    mock.assert_all_requests_are_fired = False
    mock.add(responses.POST, ENDPOINT, said)

    with pytest.raises(OutcomeUnknown):
        publisher(own=True).publish(POST)
    with pytest.raises(OutcomeUnknown):
        publisher().find(POST)


@pytest.mark.parametrize("url", ["mahara.example", "ftp://x", "https://u:p@x", "https://x/?a", ""])
def test_addresses_that_cannot_be_used(url: str) -> None:
    """They are refused before anything is sent."""
    with pytest.raises(ConfigError):
        MaharaPublisher(url, "t", 10)


def test_it_needs_a_token() -> None:
    """Mahara lets nobody write without one."""
    with pytest.raises(ConfigError, match="no token"):
        MaharaPublisher(URL, "", 10)


def test_half_a_character_and_nul_are_left_out(mahara: Mahara) -> None:
    """No database holds them."""
    at(mahara).publish(replace(POST, title="a\0b\ud800", text="c\0d\udfff"))

    (entry,) = mahara.entries
    assert "ab?" == entry.title
    assert entry.description.startswith("cd?")


def test_an_admin_writes_for_others(mahara: Mahara) -> None:
    """The author is the owner that is set, not the token's user."""
    at(mahara, owner=ANNA).publish(POST)

    assert [ANNA] == [entry.author for entry in mahara.entries]
    assert ADMIN not in {entry.author for entry in mahara.entries}


# --- the contract --------------------------------------------------------------------------------


class Journal:
    """Journal 10, and its entries as a browser shows them."""

    sample = EVERY
    at_least = None
    makes_links = True

    def __init__(self, site: Mahara, token: str, owner: int | None) -> None:
        self.site = site
        options = {"timeout": PATIENCE, "allow_private": frozenset({"127.0.0.1"})}
        self.publisher = MaharaPublisher(site.url, token, 10, owner, **options)
        with socket.create_server(("127.0.0.1", 0)) as free:
            nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.closed = MaharaPublisher(nobody, token, 10, owner, **options)

    def shows(self) -> list[tuple[str, str]]:
        # As people see it: the joiner has no width.
        seen = [(e.title, Shown(e.description).text.strip()) for e in self.site.entries]
        return [(title, text.replace("\u2060", "")) for title, text in seen]

    def links(self) -> list[str]:
        linked = [link for e in self.site.entries for link in Shown(e.description).links]
        # Mahara makes links of addresses in a text that has none.
        return linked or [a for _, text in self.shows() for a in re.findall(r"https?://\S+", text)]

    def received(self) -> object:
        kinds = self.publisher.render(self.sample).payload
        return {k: type(kinds[k])(v) for k, v in self.site.forms[-1].items()}

    def busy_once(self) -> None:
        self.site.moods.append("busy")

    def refuse_once(self) -> None:
        self.site.withheld |= {"mahara_blog_create_blogpost", "module_mobileapi_upload_blog_post"}

    def silent_once(self) -> None:
        self.site.moods.append("silent")


class TestJournal(EveryPublisher):
    """The token's own journal, and somebody's by an admin's token."""

    @pytest.fixture(params=["own", "any"])
    def there(self, request: pytest.FixtureRequest, mahara: Mahara) -> Journal:
        """Each way in turn."""
        if request.param == "own":
            return Journal(mahara, "bot-token", None)
        return Journal(mahara, "admin-token", BOT)
