"""The demo LMS from inside: what its functions refuse, what its store does, how it writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.faults import Kind
from bridge.demo.lms.parameters import unfold
from bridge.demo.lms.store import Store
from bridge.demo.lms.webservice import WebService
from bridge.demo.lms.wording import title, when
from bridge.demo.story import make_story
from bridge.demo.world import Story

NOW = int(datetime(2026, 11, 25, 9, 0, tzinfo=UTC).timestamp())
URL = "https://lms.example"


class Lms:
    """The web service without HTTP, at a moment that the test moves."""

    def __init__(self, story: Story) -> None:
        self.now = NOW
        self.store = Store(story, lambda: self.now)
        self.service = WebService(self.store, "secret")

    def __call__(self, function: str, **params: Any) -> Any:
        return json.loads(self.reply({"wsfunction": function, **params}))

    def reply(self, fields: dict[str, Any]) -> str:
        form = {"wstoken": "secret", "moodlewsrestformat": "json", **fields}
        return self.service.reply([(k, str(v)) for k, v in form.items()], URL).body

    def code(self, function: str, **params: Any) -> str:
        """The ``errorcode`` of the refusal."""
        return self(function, **params)["errorcode"]

    def option(self, name: str, value: Any, number: int = 0) -> dict[str, Any]:
        return {f"options[{number}][name]": name, f"options[{number}][value]": value}


@pytest.fixture(scope="module")
def story() -> Story:
    return make_story(datetime.fromtimestamp(NOW, UTC))


@pytest.fixture
def lms(story: Story) -> Lms:
    return Lms(story)


# --- parameters --------------------------------------------------------------------------------


def test_form_fields_are_unfolded_as_php_does() -> None:
    """Brackets nest, empty brackets count, a later array replaces a word, oddities stay."""
    pairs = [("a[0][b]", "c"), ("l[]", "x"), ("l[]", "y"), ("w", "1"), ("w[k]", "2"), ("[", "z")]

    expected = {"a": {"0": {"b": "c"}}, "l": {"0": "x", "1": "y"}, "w": {"k": "2"}, "[": "z"}
    assert expected == unfold(pairs)


@pytest.mark.parametrize(
    ("function", "params"),
    [
        ("", {}),
        ("core_course_get_contents", {"courseid": "07"}),
        ("core_course_get_contents", {"courseid": "2", "more": "1"}),
        ("core_course_get_contents", {"courseid[0]": "2"}),
        ("core_cohort_get_cohorts", {"cohortids": "1"}),
        ("core_cohort_get_cohort_members", {}),
        ("core_enrol_get_users_courses", {"userid": 3, "returnusercount": "yes"}),
        ("core_course_get_courses_by_field", {"field": "mood", "value": "1"}),
        ("core_course_get_courses_by_field", {"field": "ids", "value": "1;2"}),
        ("core_course_get_courses_by_field", {"field": "short name"}),
        ("core_course_get_categories", {"criteria[0][key]": "mood", "criteria[0][value]": "1"}),
        ("core_course_get_courses", {"options": "1"}),
        ("core_user_get_users_by_field", {"field": "name", "values[0]": "x"}),
        ("core_user_get_users_by_field", {"field": "id", "values[0]": "x"}),
        ("mod_forum_get_forum_discussions", {"forumid": 3, "sortorder": 9}),
        ("mod_forum_get_discussion_posts", {"discussionid": 2, "sortby": "mood"}),
        ("mod_forum_add_discussion", {"forumid": 3, "subject": "<3 you", "message": "x"}),
        (
            "core_enrol_get_enrolled_users",
            {"courseid": 2, "options[0][name]": "limitfrom", "options[0][value]": "x"},
        ),
    ],
)
def test_bad_parameters(lms: Lms, function: str, params: dict[str, Any]) -> None:
    """Missing, unknown and unclean parameters are all one refusal."""
    assert "invalidparameter" == lms.code(function, **params)


def test_null_is_no_value(lms: Lms) -> None:
    """A null inside a batch's JSON is as bad as a missing parameter."""
    batch = {
        "requests[0][function]": "core_course_get_contents",
        "requests[0][arguments]": '{"courseid": null}',
    }

    (answer,) = lms("tool_mobile_call_external_functions", **batch)["responses"]

    assert "invalidparameter" == json.loads(answer["exception"])["errorcode"]


@pytest.mark.parametrize("arguments", ["", "[1]", "no JSON"])
def test_odd_arguments_in_a_batch(lms: Lms, arguments: str) -> None:
    """What is no JSON object counts as no arguments, as in Moodle."""
    batch = {
        "requests[0][function]": "core_cohort_get_cohorts",
        "requests[0][arguments]": arguments,
    }

    (answer,) = lms("tool_mobile_call_external_functions", **batch)["responses"]

    assert not answer["error"]


def test_a_batch_holds_only_functions_of_the_service(lms: Lms) -> None:
    """A function that the token's service does not list is refused, inside a batch and alone."""
    lms.service.functions = ("tool_mobile_call_external_functions",)
    batch = {"requests[0][function]": "core_cohort_get_cohorts"}

    (answer,) = lms("tool_mobile_call_external_functions", **batch)["responses"]

    assert {"errorcode": "accessexception", "module": "webservice"} == json.loads(
        answer["exception"]
    )
    assert "accessexception" == lms.code("core_cohort_get_cohorts")


def test_misspelt_rights_and_functions_are_no_set_up(lms: Lms) -> None:
    """A demo that is asked to leave out what it never had would prove nothing."""
    with pytest.raises(ValueError, match="mod/forum:dance"):
        WebService(lms.store, "secret", {"mod/forum:dance"})
    with pytest.raises(ValueError, match="core_nope"):
        WebService(lms.store, "secret", functions=["core_nope"])


def test_who_forgets_to_ask_for_json_gets_xml(lms: Lms) -> None:
    """XML is Moodle's default."""
    body = lms.reply({"wsfunction": "core_course_get_courses", "moodlewsrestformat": "xml"})

    assert body.startswith('<?xml version="1.0" encoding="UTF-8" ?>\n<RESPONSE><MULTIPLE>')
    assert '<KEY name="fullname"><VALUE>Larkfield Academy</VALUE></KEY>' in body
    assert '<KEY name="showactivitydates"><VALUE>0</VALUE></KEY>' in body
    assert '<VALUE null="null"/>' in body


# --- courses -----------------------------------------------------------------------------------


def test_courses_by_a_field(lms: Lms) -> None:
    """By id, the site's included; by short name and category."""

    def found(field: str, value: str) -> list[int]:
        answer = lms("core_course_get_courses_by_field", field=field, value=value)
        return [course["id"] for course in answer["courses"]]

    assert [1] == found("id", "1")
    assert [3, 2] == found("ids", "3,2,3,999")
    assert [2] == found("shortname", "LEAD-01")
    assert [23, 24, 25, 26] == found("category", "5")
    assert [] == found("idnumber", "x")


def test_all_courses_begin_with_the_site(lms: Lms) -> None:
    """Without ids every course is listed; unknown ids are left out."""
    assert 26 == len(lms("core_course_get_courses"))
    assert [] == lms("core_course_get_courses", **{"options[ids][0]": 999})


def test_a_course_that_is_closed_ends_the_list(lms: Lms) -> None:
    """One course that may not be entered spoils the whole answer of the older function."""
    lms.service.capabilities = can.DEFAULT - {can.VIEW_HIDDEN_COURSES}

    assert "errorcoursecontextnotvalid" == lms.code("core_course_get_courses")


def test_categories_by_criteria(lms: Lms) -> None:
    """One of them with or without what is below it; paths lead down from the root."""
    lms.store.categories[9] = type(lms.store.categories[1])(9, "Yearly", parent_id=5)

    def found(key: str, value: str, deep: int = 1) -> list[str]:
        rule = {"criteria[0][key]": key, "criteria[0][value]": value, "addsubcategories": deep}
        return [c["path"] for c in lms("core_course_get_categories", **rule)]

    assert ["/5", "/5/9"] == found("id", "5")
    assert ["/5"] == found("ids", "5", deep=0)
    assert ["/5/9"] == found("parent", "5")
    assert ["/1"] == found("name", "Leadership")


def test_contents_with_options(lms: Lms) -> None:
    """Only forums, only the sections, one section, no files."""

    def kinds(*options: dict[str, Any]) -> list[str]:
        merged = {key: value for option in options for key, value in option.items()}
        sections = lms("core_course_get_contents", courseid=3, **merged)
        return [module["modname"] for section in sections for module in section["modules"]]

    assert ["page", "url", "forum"] == kinds(lms.option("excludecontents", 1))
    assert ["forum"] == kinds(lms.option("modname", "forum"))
    assert [] == kinds(lms.option("excludemodules", 1))
    assert [] == kinds(lms.option("sectionnumber", 1))
    assert [] == kinds(lms.option("sectionid", 13))
    refusal = lms.code("core_course_get_contents", courseid=3, **lms.option("mood", 1))
    assert "errorinvalidparam" == refusal


def test_excluded_contents_leave_their_summary(lms: Lms) -> None:
    """``excludecontents`` empties the list of files and keeps their number."""
    sections = lms("core_course_get_contents", courseid=3, **lms.option("excludecontents", 1))
    page = sections[0]["modules"][0]

    assert ([], 1) == (page["contents"], page["contentsinfo"]["filescount"])


def closed_forums(lms: Lms) -> dict[str, int]:
    return {f.name: f.id for f in lms.store.forums.values() if not f.name.startswith("Discuss")}


def test_a_hidden_and_a_restricted_forum(lms: Lms) -> None:
    """A hidden one is not there at all; a restricted one stands there, closed, with its reason."""
    forums = closed_forums(lms)
    hidden, restricted = forums["Notes of the hiring panel"], forums["Certified first aiders"]
    modules = {}
    for forum_id in (hidden, restricted):
        course_id = lms.store.forums[forum_id].course_id
        answer = lms("core_course_get_contents", courseid=course_id)
        modules |= {m["instance"]: m for m in answer[0]["modules"] if m["modname"] == "forum"}

    assert hidden not in modules
    assert (False, True) == (
        modules[restricted]["uservisible"],
        modules[restricted]["availabilityinfo"].startswith("Not available unless"),
    )
    for forum_id in (hidden, restricted):
        code = lms.code("mod_forum_get_forum_discussions", forumid=forum_id)
        assert "requireloginerror" == code


def test_more_rights_open_what_is_closed(lms: Lms) -> None:
    """With two rights that the bridge does not ask for, both are open, and say what they are."""
    lms.service.capabilities = can.DEFAULT | can.SEE_CLOSED
    forums = closed_forums(lms)
    courses = {f"courseids[{n}]": c for n, c in enumerate(lms.store.courses)}
    listed = {f["id"] for f in lms("mod_forum_get_forums_by_courses", **courses)}
    first_aid = lms.store.forums[forums["Certified first aiders"]].course_id
    contents = lms("core_course_get_contents", courseid=first_aid)
    module = contents[0]["modules"][-1]

    assert set(forums.values()) <= listed
    assert (True, True) == (module["uservisible"], '"type":"completion"' in module["availability"])
    assert None is contents[0]["modules"][0]["availability"]


# --- people and learning -----------------------------------------------------------------------


def test_enrolled_people_sorted_and_cut(lms: Lms) -> None:
    """By last name, backwards, three of them; a strange field is refused by name."""
    options = (
        lms.option("sortby", "lastname", 0)
        | lms.option("sortdirection", "DESC", 1)
        | lms.option("limitnumber", 3, 2)
    )
    found = lms("core_enrol_get_enrolled_users", courseid=9, **options)
    names = [person["lastname"] for person in found]

    assert (3, sorted(names, reverse=True)) == (len(names), names)
    for sort in ("firstname", "siteorder"):
        answer = lms("core_enrol_get_enrolled_users", courseid=9, **lms.option("sortby", sort))
        assert 20 < len(answer)
    bad = lms.option("userfields", "id,mood")
    assert "invaliduserfield" == lms.code("core_enrol_get_enrolled_users", courseid=9, **bad)
    active = lms.option("onlyactive", 1)
    assert "nopermissions" == lms.code("core_enrol_get_enrolled_users", courseid=9, **active)


def test_nobody_without_their_details(lms: Lms) -> None:
    """A course's people are an empty list for those who may not know them."""
    lms.service.capabilities = can.DEFAULT - {can.VIEW_DETAILS}

    assert [] == lms("core_enrol_get_enrolled_users", courseid=9)


def test_people_by_other_fields(lms: Lms) -> None:
    """By username in any case; nobody has an id number; a bare account has no city."""

    def found(field: str, value: str) -> list[dict[str, Any]]:
        return lms("core_user_get_users_by_field", field=field, **{"values[0]": value})

    newcomer = lms.store.add_person("Nova", "Newcomer", username="nova")

    assert [newcomer] == [person["id"] for person in found("username", "NOVA")]
    assert not {"city", "country"} & set(found("username", "nova")[0])
    assert [] == found("idnumber", "x")


def test_completion_is_recorded_by_cron(lms: Lms) -> None:
    """The activity is done at once, the course only when its time of recording has come."""
    course = lms.store.add_course("New course", 1, lessons=2)
    person = lms.store.add_person("Nova", "Newcomer")
    lms.store.enrol(person, course)
    asked = {"courseid": course, "userid": person}
    status = "core_completion_get_course_completion_status"
    before = lms(status, **asked)["completionstatus"]["completed"]
    lms.store.complete(person, course, recorded_at=NOW + 60)
    meanwhile = lms(status, **asked)["completionstatus"]
    lms.now += 60
    after = lms(status, **asked)["completionstatus"]["completed"]

    assert (False, False, True) == (before, meanwhile["completed"], after)
    assert [True, True] == [criterion["complete"] for criterion in meanwhile["completions"]]
    assert NOW == lms.store.enrolment(course, person).last_access


def test_completion_refusals(lms: Lms) -> None:
    """Unknown course, unknown person, teacher, no criteria, completion switched off."""
    status = "core_completion_get_course_completion_status"
    activities = "core_completion_get_activities_completion_status"
    teacher = lms.store.teachers_of(2)[0].id
    library = next(c.id for c in lms.store.courses.values() if c.name == "Lunch & learn library")
    student = next(e.person_id for e in lms.store.enrolled(library) if e.role == "student")

    assert "invalidrecord" == lms.code(status, courseid=999, userid=3)
    assert "invalidrecord" == lms.code(status, courseid=2, userid=999)
    assert "usernotenroled" == lms.code(status, courseid=2, userid=teacher)
    assert "nocriteriaset" == lms.code(status, courseid=library, userid=student)
    lms.store.change_course(2, tracked=False)
    assert "cannotviewreport" == lms.code(status, courseid=2, userid=3)
    assert "completionnotenabled" == lms.code(activities, courseid=2, userid=3)


def test_undoing_a_completion(lms: Lms) -> None:
    """What was completed can be reset."""
    person, course = next(iter(lms.store.completions.values())).person_id, 23
    lms.store.complete(person, course)
    lms.store.undo_completion(person, course)

    answer = lms("core_completion_get_course_completion_status", courseid=course, userid=person)
    assert not answer["completionstatus"]["completed"]


def test_leaving(lms: Lms) -> None:
    """A deleted account is in no answer any more; its posts stay, by a deleted user."""
    person = lms.store.add_person("Leaving", "Soon")
    lms.store.enrol(person, 2)
    lms.store.join(person, 1)
    discussion = lms.store.ask(person, 2, "Anybody there?")
    lms.store.remove_person(person)

    members = lms("core_cohort_get_cohort_members", **{"cohortids[0]": 1})[0]["userids"]
    (post,) = lms("mod_forum_get_discussion_posts", discussionid=discussion)["posts"]
    assert person not in members
    assert [] == lms("core_user_get_users_by_field", field="id", **{"values[0]": person})
    assert ("Deleted user", True) == (post["author"]["fullname"], post["author"]["isdeleted"])


def test_a_course_is_renamed_and_removed(lms: Lms) -> None:
    """The catalogue follows, and what stood in the course is gone with it."""
    lms.store.change_course(2, name="Feedback & you")
    renamed = lms("core_course_get_courses_by_field", field="id", value=2)["courses"][0]
    forum = lms.store.forums_of(2)[0].id
    lms.store.remove_course(2)

    assert "Feedback &amp; you" == renamed["fullname"]
    assert "invalidrecord" == lms.code("core_course_get_contents", courseid=2)
    assert forum not in lms.store.forums
    assert all(d.forum_id != forum for d in lms.store.discussions.values())


def test_people_are_renamed_and_seen(lms: Lms) -> None:
    """Another name; an older visit changes nothing."""
    lms.store.change_person(3, last_name="Wagner")
    lms.store.visit(3, 23)
    lms.store.visit(3, 23, at=NOW - 5)
    (person,) = lms("core_user_get_users_by_field", field="id", **{"values[0]": 3})

    assert ("Hana Wagner", NOW) == (person["fullname"], person["lastaccess"])
    assert NOW == lms.store.enrolment(23, 3).last_access


def test_unknown_cohorts(lms: Lms) -> None:
    """Left out of the list; refused where members are asked for."""
    assert [] == lms("core_cohort_get_cohorts", **{"cohortids[0]": 99})
    assert "invalidrecord" == lms.code("core_cohort_get_cohort_members", **{"cohortids[0]": 99})


# --- talk --------------------------------------------------------------------------------------


def test_orders_and_pages_of_discussions(lms: Lms) -> None:
    """Pinned first, then as asked; pages do not overlap."""
    forum = lms.store.forums_of(3)[0].id
    for number in range(3):
        lms.now += 60
        lms.store.start_discussion(3, forum, f"Talk {number}", "x", pinned=number == 0)
    newest = max(lms.store.discussions)
    lms.store.answer(3, newest - 1, "Yes.", at=lms.now + 5)

    def names(**params: Any) -> list[str]:
        answer = lms("mod_forum_get_forum_discussions", forumid=forum, **params)
        return [discussion["name"] for discussion in answer["discussions"]]

    assert ["Talk 0", "Talk 1", "Talk 2"] == names()[:3]
    assert ["Talk 0", "Talk 2", "Talk 1"] == names(sortorder=3)[:3]
    assert names(sortorder=1)[1:] == names(sortorder=2)[:0:-1]
    assert names(sortorder=5)[1:] == names(sortorder=6)[:0:-1]
    assert "Talk 2" == names(sortorder=4)[-1]
    assert names() == names(page=0, perpage=2) + names(page=1, perpage=2) + names(
        page=2, perpage=2
    ) + names(page=3, perpage=2) + names(page=4, perpage=2)


def test_one_group_of_discussions(lms: Lms) -> None:
    """``groupid`` leaves that group and what is for everybody."""
    forum = closed_forums(lms)["Practice groups"]
    lms.store.start_discussion(3, forum, "For B", "x", group_id=2)
    lms.store.start_discussion(3, forum, "For all", "x")
    answer = lms("mod_forum_get_forum_discussions", forumid=forum, groupid=2)

    assert {2, -1} == {discussion["groupid"] for discussion in answer["discussions"]}


def test_posts_tell_their_groups(lms: Lms) -> None:
    """In a forum with groups a post says in which its author is; so does the list of people."""
    forum = closed_forums(lms)["Practice groups"]
    discussion = lms.store.discussions_of(forum)[0]
    (post,) = lms("mod_forum_get_discussion_posts", discussionid=discussion.id)["posts"]
    people = lms("core_enrol_get_enrolled_users", courseid=lms.store.forums[forum].course_id)

    group = {1: "Practice group A", 2: "Practice group B"}[discussion.group_id]
    assert [group] == [one["name"] for one in post["author"]["groups"]]
    assert {group} == {
        g["name"] for p in people if p["id"] == discussion.author_id for g in p["groups"]
    }
    lms.service.capabilities = can.DEFAULT - {can.ALL_GROUPS}
    assert [] == lms("mod_forum_get_discussion_posts", discussionid=discussion.id)["posts"]


def test_forums_of_unknown_courses(lms: Lms) -> None:
    """Silence, also for the token's user who is enrolled nowhere."""
    assert [] == lms("mod_forum_get_forums_by_courses", **{"courseids[0]": 999})
    assert [] == lms("mod_forum_get_forums_by_courses")


def test_what_is_not_there(lms: Lms) -> None:
    """A forum, a parent, a post that nobody knows; an option that nobody knows."""
    new = {"subject": "x", "message": "y"}

    discussions = lms("mod_forum_get_forum_discussions", forumid=999)
    assert "error/Unable to find forum with id 999" == discussions["message"]
    assert "invalidparentpostid" == lms.code("mod_forum_add_discussion_post", postid=999, **new)
    assert "invalidpostid" == lms.code("mod_forum_update_discussion_post", postid=999, **new)
    assert "invalidpostid" == lms.code("mod_forum_delete_post", postid=999)
    odd = lms.option("colour", "red")
    forum = lms.store.forums_of(2)[0].id
    assert "errorinvalidparam" == lms.code("mod_forum_add_discussion", forumid=forum, **new, **odd)


def test_hostile_messages_are_cleaned(lms: Lms) -> None:
    """What comes in by web service goes out without scripts and comments, as from Moodle."""
    message = "<p class='x'>Hi <!-- key --><script>alert(1)</script><a href='//x'>there</a></p>"
    new = {"forumid": lms.store.forums_of(2)[0].id, "subject": "Hi & bye", "message": message}
    discussion = lms("mod_forum_add_discussion", **new)["discussionid"]
    (post,) = lms("mod_forum_get_discussion_posts", discussionid=discussion)["posts"]

    assert '<p class="x">Hi <a href="//x">there</a></p>' == post["message"]
    assert ("Hi &amp; bye", "Re: Hi &amp; bye") == (post["subject"], post["replysubject"])


def test_a_post_goes_with_what_answered_it(lms: Lms) -> None:
    """Deleting a reply deletes the replies to it; the discussion is as old as its newest post."""
    discussion = lms.store.ask(3, 23, "Who knows?")
    lms.now += 60
    reply = lms.store.answer(4, discussion, "I do.")
    lms.store.reply(3, reply, "Re", "<p>Thanks!</p>")
    before = len(lms.store.posts_of(discussion))
    lms("mod_forum_delete_post", postid=reply)

    assert (3, 1) == (before, len(lms.store.posts_of(discussion)))
    assert NOW == lms.store.discussions[discussion].modified_at


def test_editing_a_reply_keeps_the_title(lms: Lms) -> None:
    """Only the first post names the discussion; an empty message keeps the old one."""
    discussion = lms.store.ask(3, 23, "Who knows?")
    reply = lms.store.answer(4, discussion, "I do.")
    lms("mod_forum_update_discussion_post", postid=reply, subject="Changed")

    assert "Who knows?" == lms.store.discussions[discussion].name
    assert ("Changed", "<p>I do.</p>") == (
        lms.store.posts[reply].subject,
        lms.store.posts[reply].message_html,
    )


def test_messages(lms: Lms) -> None:
    """One conversation with a person; a client's own id comes back; nobody is nobody."""
    sent = []
    for person in (3, 3, 4, 999):
        message = {"messages[0][touserid]": person, "messages[0][text]": "Hi"}
        message["messages[0][clientmsgid]"] = "mine"
        sent += lms("core_message_send_instant_messages", **message)

    assert ["mine"] * 4 == [answer["clientmsgid"] for answer in sent]
    assert [300, 300, 301] == [answer["conversationid"] for answer in sent[:3]]
    assert (-1, True) == (sent[3]["msgid"], "999" in sent[3]["errormessage"])


def test_wording() -> None:
    """Titles are escaped and bare, times are English."""
    assert "R&amp;D &amp; <".replace("<", "&lt; 5") == title("R&D &amp; < <b>5</b>")
    assert "Monday, 23 November 2026, 12:05 AM" == when(1795392300)
    assert "Monday, 23 November 2026, 12:05 PM" == when(1795435500)


# --- faults ------------------------------------------------------------------------------------


def test_faults(lms: Lms) -> None:
    """Each switch spoils the answer in its own way, for one function, as often as told."""

    def struck(kind: Kind, **details: Any) -> tuple[int, str]:
        with lms.service.faults.during(kind, **details):
            fields = [("wstoken", "secret"), ("wsfunction", "core_cohort_get_cohorts")]
            reply = lms.service.reply([*fields, ("moodlewsrestformat", "json")], URL)
        return reply.status, reply.body

    whole = struck(Kind.SLOW)
    assert whole == struck(Kind.HTML, function="core_nope")
    assert whole == struck(Kind.HTML, times=0)
    assert (200, whole[1][: len(whole[1]) // 2]) == struck(Kind.TRUNCATED)
    assert (200, "[]") == struck(Kind.EMPTY)
    assert (500, "") == struck(Kind.SERVER_ERROR)
    assert 429 == struck(Kind.TOO_MANY, seconds=2)[0]
    assert 504 == struck(Kind.LOST)[0]
    assert (503, True) == (struck(Kind.MAINTENANCE)[0], "<html>" in struck(Kind.HTML)[1])
    assert '"idnumber"' not in struck(Kind.WITHOUT, field="idnumber")[1]


def test_a_fault_wears_off(lms: Lms) -> None:
    """Twice, and then never again; or until all are switched off."""
    lms.service.faults.switch_on(Kind.EMPTY, times=2)
    answers = [lms("core_cohort_get_cohorts") for _ in range(3)]
    lms.service.faults.switch_on(Kind.EMPTY)
    lms.service.faults.switch_off()

    assert [0, 0, 8] == [len(answer) for answer in answers]
    assert 8 == len(lms("core_cohort_get_cohorts"))


def test_a_lost_answer_is_a_thing_done(lms: Lms) -> None:
    """The discussion is there, although nobody was told."""
    before = set(lms.store.discussions)
    forum = lms.store.forums_of(2)[0].id
    with lms.service.faults.during(Kind.LOST), pytest.raises(ValueError, match="Expecting value"):
        lms("mod_forum_add_discussion", forumid=forum, subject="x", message="y")

    assert 1 == len(set(lms.store.discussions) - before)
