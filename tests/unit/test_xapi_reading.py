"""What a statement says to the bridge, and when it says nothing."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import InputError
from bridge.lms import xapi
from bridge.lms.xapi import words
from bridge.model import Actor, ActorBy, PushedFact, Says
from tests.pushing import LEFT, REGISTERED, SITE, facts, forum_post, recorded, statement

MODULE = "http://id.tincanapi.com/activitytype/lms/module"
OF_A_COURSE = "https://w3id.org/xapi/cmi5/activitytype/course"


def about(address: str, kind: str | None = None, **more: Any) -> PushedFact:
    """Somebody completed what is at that address."""
    made = statement("101", **more)
    made["object"] = {"id": address, **({"definition": {"type": kind}} if kind else {})}
    (fact,) = facts(made)
    return fact


def by(actor: dict[str, Any] | str, accounts: ActorBy = ActorBy.USER_ID) -> PushedFact:
    """Whoever that is completed a course."""
    (fact,) = facts(statement(actor), accounts=accounts)
    return fact


def test_the_recorded_batch_says_two_completions() -> None:
    """A real Moodle's: the course's completions count, those of its pages do not."""
    body = json.dumps(recorded("course_completed")["body"]).encode()
    found = xapi.read(body, 1, ["https://moodle.example"], ActorBy.USER_ID)
    at = datetime(2026, 11, 23, 4, 21, 50, tzinfo=UTC)
    assert [
        (Says.COMPLETED, "user287@example.com", 9, at),
        (Says.COMPLETED, "user158@example.com", 9, at),
    ] == [(f.says, f.actor.value, f.course_lms_id, f.at) for f in found if f.actor is not None]
    assert {"It is about something other than a course."} == {
        f.reason for f in found if f.says is Says.NOTHING
    }


# --- what it is about ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*sorted(words.COURSE_TYPES), None])
@pytest.mark.parametrize("verb", sorted(words.COMPLETED))
def test_a_course_is_known_by_its_type_or_by_its_address(verb: str, kind: str | None) -> None:
    """Every version of the plugin has its own type; other senders may give none."""
    fact = about(f"{SITE}/course/view.php?id=9", kind, verb=verb)
    assert (Says.COMPLETED, 9) == (fact.says, fact.course_lms_id)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (f"{SITE}/mod/page/view.php?id=9", None),
        (f"{SITE}/mod/page/view.php?id=9", "https://w3id.org/xapi/acrossx/activities/page"),
        # A type does not make a course of a module, nor an address one of what says it is none.
        (f"{SITE}/mod/page/view.php?id=9", OF_A_COURSE),
        (f"{SITE}/course/view.php?id=9", MODULE),
        (f"{SITE}/course/section.php?id=9", None),
        (f"{SITE}/course/view.php?id=1", OF_A_COURSE),
        (f"{SITE}/course/view.php?id=0", OF_A_COURSE),
        (f"{SITE}/course/view.php?id=-9", OF_A_COURSE),
        (f"{SITE}/course/view.php?id=٩", OF_A_COURSE),
        (f"{SITE}/course/view.php?id=9&id=10", OF_A_COURSE),
        (f"{SITE}/course/view.php?id=99999999999", OF_A_COURSE),
        (f"{SITE}/course/view.php?id=4000000000", OF_A_COURSE),
        (f"{SITE}/course/view.php", OF_A_COURSE),
        (f"{SITE}/course/view.php?" + "&".join(f"a{n}=1" for n in range(99)), OF_A_COURSE),
        (f"{SITE}/x/course/view.php?id=9", OF_A_COURSE),
        (f"{SITE}/x/../course/view.php?id=9", OF_A_COURSE),
        (SITE, OF_A_COURSE),
    ],
)
def test_what_is_no_course_is_ignored(address: str, kind: str | None) -> None:
    """Modules, sections, the site itself, and what only looks like a course."""
    fact = about(address, kind)
    assert (Says.NOTHING, None, None) == (fact.says, fact.actor, fact.course_lms_id)
    assert fact.reason.endswith(".")


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example/course/view.php?id=9",
        "https://lms.example.evil.example/course/view.php?id=9",
        "https://lms.example@evil.example/course/view.php?id=9",
        "https://lms.example:8443/course/view.php?id=9",
        "ftp://lms.example/course/view.php?id=9",
        "https://[lms.example/course/view.php?id=9",
        "https://lms.example:port/course/view.php?id=9",
        "//lms.example/course/view.php?id=9",
        "/course/view.php?id=9",
        "course 9",
        "",
    ],
)
def test_what_is_about_another_site_is_ignored(address: str) -> None:
    """Only addresses of the connection's own LMS count."""
    assert Says.NOTHING is about(address).says


@pytest.mark.parametrize(
    ("site", "address"),
    [
        ("https://lms.example/", "https://lms.example/course/view.php?id=9"),
        ("https://lms.example", "http://lms.example/course/view.php?id=9"),
        ("https://lms.example", "https://LMS.example:443/course/view.php?id=9#section-2"),
        ("http://lms.example:80", "https://lms.example/course/view.php?notifyeditingon=1&id=9"),
        ("https://lms.example/moodle", "https://lms.example/moodle/course/view.php?id=9"),
        ("https://lms.example:8443/m/", "https://lms.example:8443/m/course/view.php?id=9"),
    ],
)
def test_an_address_may_be_written_otherwise(site: str, address: str) -> None:
    """Scheme, standard port, capital letters in the host, a slash: the place is the same."""
    made = statement("bob@acme.example")
    made["object"]["id"] = address
    (fact,) = xapi.read(json.dumps(made).encode(), 1, ["https://x.example", site], ActorBy.USER_ID)
    assert (Says.COMPLETED, 9) == (fact.says, fact.course_lms_id)


def test_a_site_below_another_is_another() -> None:
    """/moodle2 is not below /moodle."""
    made = statement("bob@acme.example")
    made["object"]["id"] = "https://lms.example/moodle2/course/view.php?id=9"
    (fact,) = xapi.read(
        json.dumps(made).encode(), 1, ["https://lms.example/moodle"], ActorBy.USER_ID
    )
    assert Says.NOTHING is fact.says


# --- what it says --------------------------------------------------------------------------------


def test_enrolments_and_unenrolments_are_of_courses() -> None:
    """The plugin says *registered* of somebody who signs up with the site, too."""
    site = statement("101", verb=REGISTERED)
    site["object"] = {
        "id": SITE,
        "definition": {"type": "http://id.tincanapi.com/activitytype/lms"},
    }
    found = facts(
        statement("101", 9, REGISTERED),
        statement("101", 9, "http://www.tincanapi.co.uk/verbs/enrolled_onto_learning_plan"),
        statement("101", 9, LEFT),
        statement("101", 9, "http://activitystrea.ms/schema/1.0/leave"),
        site,
    )
    expected = [Says.ENROLLED, Says.ENROLLED, Says.LEFT, Says.LEFT, Says.NOTHING]
    assert expected == [fact.says for fact in found]


@pytest.mark.parametrize("verb", sorted(words.WROTE))
def test_a_forum_post_says_only_that_there_is_one(verb: str) -> None:
    """Its words and its author are left where they are: a group's must not get out."""
    (fact,) = facts(forum_post(verb=verb))
    assert (Says.POSTED, None, None) == (fact.says, fact.actor, fact.course_lms_id)
    assert "secret" not in repr(fact)


@pytest.mark.parametrize(
    "verb",
    [
        "http://id.tincanapi.com/verb/viewed",
        "http://activitystrea.ms/schema/1.0/update",
        "http://adlnet.gov/expapi/verbs/passed",
        words.VOIDED,
        "completed",
        "",
    ],
)
def test_other_verbs_are_ignored(verb: str) -> None:
    """With a sentence that says so."""
    for fact in facts(statement("101", verb=verb), forum_post(verb=verb)):
        assert Says.NOTHING is fact.says
        assert fact.reason


def test_what_writes_elsewhere_is_ignored() -> None:
    """Only forums have discussions."""
    made = forum_post()
    made["object"]["id"] = f"{SITE}/mod/wiki/view.php?id=7"
    (fact,) = facts(made)
    assert Says.NOTHING is fact.says


def test_a_space_around_a_verb_is_forgiven() -> None:
    """The plugin has sent one."""
    (fact,) = facts(statement("101", verb=" http://adlnet.gov/expapi/verbs/completed"))
    assert Says.COMPLETED is fact.says


def test_a_completion_that_says_it_is_none_is_none() -> None:
    """`result.completion` may be false."""
    (no, yes) = facts(
        statement("101", result={"completion": False}),
        statement("101", result={"completion": True, "score": {"raw": 7}}),
    )
    assert (Says.NOTHING, Says.COMPLETED) == (no.says, yes.says)


def test_an_object_of_another_kind_is_ignored() -> None:
    """A statement may be about another statement, or about a person."""
    for kind in ("StatementRef", "Agent", "SubStatement"):
        made = statement("101")
        made["object"]["objectType"] = kind
        (fact,) = facts(made)
        assert "It is about no activity." == fact.reason


# --- whom it names -------------------------------------------------------------------------------


def test_an_actor_is_named_by_an_account() -> None:
    """Its name is what the key says: a user id, or a user name."""
    assert Actor(ActorBy.USER_ID, "101") == by("101").actor
    assert Actor(ActorBy.USERNAME, "bob") == by("Bob", ActorBy.USERNAME).actor
    assert Actor(ActorBy.USERNAME, "101") == by("101", ActorBy.USERNAME).actor


@pytest.mark.parametrize("name", ["bob", "0", "-1", "1.0", "١٢", "9" * 20, "", " ", "f" * 40])
def test_an_account_that_is_no_user_id_is_not_guessed(name: str) -> None:
    """If some names are no ids, those of digits are none either: a wrong guess would be another's.

    The reason says what to do about it.
    """
    fact = by({"account": {"homePage": SITE, "name": name}})
    assert Says.NOTHING is fact.says
    assert "--accounts username" in fact.reason


@pytest.mark.parametrize("name", ["", "\0", "b\x00b", "b\ud800b", "b" * 256, "b\nb"])
def test_a_user_name_that_cannot_be_one_is_ignored(name: str) -> None:
    """No database meets it."""
    assert Says.NOTHING is by({"account": {"homePage": SITE, "name": name}}, ActorBy.USERNAME).says


@pytest.mark.parametrize("home", ["https://other.example", "", "mailto:x", "https://lms.example.x"])
def test_an_account_of_another_site_is_ignored(home: str) -> None:
    """Its name means somebody else there."""
    fact = by({"account": {"homePage": home, "name": "101"}})
    assert "another site" in fact.reason


@pytest.mark.parametrize(
    "mbox", ["mailto:Bob@Acme.example", "MAILTO:bob@acme.example", "bob@acme.example"]
)
def test_an_actor_is_named_by_an_address(mbox: str) -> None:
    """Capital letters make no other address; the plugin before version 4 left the scheme out."""
    assert Actor(ActorBy.EMAIL, "bob@acme.example") == by({"mbox": mbox}).actor


def test_an_actor_is_named_by_the_hash_of_an_address() -> None:
    """As the plugin sends it where it is to hide addresses."""
    digest = hashlib.sha1(b"mailto:bob@acme.example").hexdigest()
    assert Actor(ActorBy.EMAIL_SHA1, digest) == by({"mbox_sha1sum": digest.upper()}).actor


def test_a_list_as_kind_of_actor_is_forgiven() -> None:
    """A version of the plugin sends ["Agent"]."""
    actor = {"objectType": ["Agent"], "mbox": "mailto:bob@acme.example"}
    assert Actor(ActorBy.EMAIL, "bob@acme.example") == by(actor).actor


@pytest.mark.parametrize(
    "actor",
    [
        {"objectType": "Group", "mbox": "mailto:sales@acme.example"},
        {"objectType": "Group", "member": []},
        {"openid": "https://bob.example"},
        {"mbox": "mailto:"},
        {"mbox": "mailto:b\0b@acme.example"},
        {"mbox_sha1sum": "bob"},
        {},
    ],
)
def test_who_cannot_be_one_person_is_nobody(actor: dict[str, Any]) -> None:
    """Groups, and names by which the bridge knows nobody."""
    fact = by(actor)
    assert (Says.NOTHING, None) == (fact.says, fact.actor)
    assert fact.reason


# --- ids, times ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-25T08:30:00Z",
        "2026-11-25T08:30:00.000Z",
        "2026-11-25T09:30:00+01:00",
        "2026-11-25T09:30:00+0100",
        "20261125T083000Z",
        "2026-11-24T22:30:00-10:00",
    ],
)
def test_times_are_read_in_every_zone(at: str) -> None:
    """ISO 8601 has many ways to write one moment."""
    (fact,) = facts(statement("101", at=at))
    assert datetime(2026, 11, 25, 8, 30, tzinfo=UTC) == fact.at


def test_an_id_is_made_from_what_is_said_and_where() -> None:
    """The same words have the same id; other words, or another connection, another."""
    same = {facts(statement("101"))[0].id, facts(statement("101", at="2026-11-25T08:30:00Z"))[0].id}
    renamed = deepcopy(statement("101"))
    renamed["object"]["definition"]["name"] = {"en": "The course has another name now"}
    same.add(facts(renamed)[0].id)
    others = {
        facts(statement("102"))[0].id,
        facts(statement("101", 11))[0].id,
        facts(statement("101", at="2026-11-25T08:31:00Z"))[0].id,
        facts(statement("101", at=None))[0].id,
        facts(statement("101"), connection=2)[0].id,
    }
    assert (1, 5) == (len(same), len(others))
    assert set() == same & others


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PARTS = st.sampled_from(["id", "actor", "verb", "object", "result", "timestamp", "context"])
INNER = st.sampled_from(["id", "objectType", "definition", "account", "mbox", "completion", "type"])


@given(part=PARTS, inner=INNER, value=JSON)
def test_nothing_that_is_said_is_more_than_refused(part: str, inner: str, value: Any) -> None:
    """Whatever stands wherever: a fact, or one sentence that names the statement."""
    for made in (statement("101"), forum_post()):
        whole, within = deepcopy(made), deepcopy(made)
        whole[part] = value
        if isinstance(within.get(part), dict):
            within[part][inner] = value
        for one in (whole, within):
            try:
                (fact,) = facts(one)
            except InputError as error:
                assert str(error).startswith("Statement 1: ")
            else:
                assert fact.says is not Says.NOTHING or fact.reason


def test_the_manifest_names_the_verbs_that_are_followed() -> None:
    """Neither more nor less."""
    manifest = json.loads((Path(__file__).parents[2] / "plugin_manifest.json").read_text("utf-8"))
    followed = {
        "completed": words.COMPLETED,
        "enrolled": words.ENROLLED,
        "left": words.LEFT,
        "wrote": words.WROTE,
    }
    assert {says: sorted(verbs) for says, verbs in followed.items()} == manifest["xapi"]["verbs"]
    assert sorted(words.COURSE_TYPES) == manifest["xapi"]["course_types"]
    assert xapi.VERSION == manifest["xapi"]["version"]
