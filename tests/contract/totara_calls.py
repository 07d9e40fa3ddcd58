"""The calls of the Totara transcripts, made to the demo's Totara: the same question, its own ids.

The recorded site had a person who completed a course, one who did not, one whose prior learning
was recognised …: each has somebody here who is in the same position (:class:`Stage`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, cast

import requests

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.faults import Kind
from bridge.demo.lms.server import Lms
from bridge.demo.lms.totara.service import Token, TotaraService, Validity
from bridge.demo.lms.totara.store import AUDIENCE, NO_USERS, Badge, TotaraStore
from bridge.demo.world import ADMIN_ID, TEACHER, Team
from bridge.lms.moodle.client import ENDPOINT, flatten
from tests.contract.transcripts import TOTARA, transcript

EVERYTHING = frozenset(can.TITLES)
"""The rights of a site administrator."""
A_LEARNERS = frozenset(
    {
        can.REST,
        can.VIEW_CATEGORIES,
        can.VIEW_PARTICIPANTS,
        can.VIEW_DISCUSSION,
        can.START_DISCUSSION,
        can.REPLY_POST,
        can.SEND_MESSAGE,
    }
)
UNKNOWN = 999_999
"""An id that nothing has."""
AN_HOUR = 3600
MANY = range(11, 17)
"""People who were recorded for being more than a page."""
OF_THE_COMPANY = {"department": "Ops", "city": "Wellington", "country": "NZ"}


class Stage:
    """The demo's Totara with somebody, and something, for every id that was recorded."""

    def __init__(self, lms: Lms) -> None:
        self.lms = lms
        self.store = cast(TotaraStore, lms.store)
        self.service = cast(TotaraService, lms.service)
        self._make_people()
        self._make_courses()
        self._make_talk()
        self.service.tokens |= {
            "ADMIN": Token(ADMIN_ID, EVERYTHING),
            "USER": Token(self.people[3], A_LEARNERS),
        }

    def _make_people(self) -> None:
        store = self.store
        first, last, *_ = sorted(store.people)
        made = {
            number: store.add_person(
                f"Person{number}",
                "García" if number == 3 else f"Recorded{number}",
                **OF_THE_COMPANY,
            )
            for number in (3, 4, 5, 6, 7, 8, *MANY, 31, 32, 35)
        }
        made[33] = store.add_person("Tess", "Trainer")
        store.change_person(made[32], suspended=True)
        store.remove_person(made[35])
        self.people = made | {1: first, 2: last, 34: store.service_id, 99999: UNKNOWN}
        empty = max(store.teams) + 1
        store.teams[empty] = Team(empty, "Nobody yet", "AUD-3")
        self.teams = {1: 1, 2: 2, 3: empty, 99999: UNKNOWN, 0: 0}
        store.badges += [
            Badge(number, "Starter badge", made[person], store.clock())
            for number, person in ((1, 3), (2, 4))
        ]

    def _make_courses(self) -> None:
        store, people = self.store, self.people
        category = next(iter(store.categories))

        def course(name: str, learners: tuple[int, ...], lessons: int = 1, **fields: Any) -> int:
            course_id = store.add_course(f"Course {name}", category, lessons=lessons, **fields)
            store.enrol(people[33], course_id, TEACHER)
            for learner in learners:
                store.enrol(people[learner], course_id)
            return course_id

        self.courses = {
            1: 1,
            2: course("Safety & more", (3, 4, 5, 6, 8, *MANY, 31, 32)),
            3: course("two", (3, 31), lessons=2),
            4: course("three", (8,)),
            5: course("four", (4,)),
            6: course("five", (3,)),
            9: course("eight", (3,)),
            10: course("nine", (), visible=False),
            12: course("none", (3,), lessons=0),
            13: course("off", (3,), tracked=False),
            14: store.add_course("Empty", category, lessons=0),
            99999: UNKNOWN,
        }
        # The recorded learner was in the first course of all.
        store.enrol(people[3], min(store.courses))
        link = replace(
            store.activities_of(self.courses[2])[0],
            id=max(store.activities) + 1,
            kind="url",
            name="Link",
        )
        store.activities[link.id] = link
        now = store.clock()
        for person, where in ((3, 2), (5, 2), (3, 3)):
            store.complete(people[person], self.courses[where], now - AN_HOUR)
        done = store.criteria(self.courses[3])[0]
        store.enrol(people[7], self.courses[3])
        store.marks[done.id, people[7]] = now - AN_HOUR
        people[9] = people.pop(7)
        people[7] = store.add_person("Person7", "Without badges", **OF_THE_COMPANY)
        store.recognise(people[8], self.courses[4])
        store.suspend_enrolment(people[31], self.courses[3])
        for empty in (6, 14):
            for forum in store.forums_of(self.courses[empty]):
                del store.forums[forum.id]

    def _make_talk(self) -> None:
        store, people = self.store, self.people
        forum = store.forums_of(self.courses[2])[0].id
        news = store.add_forum(self.courses[2], "Announcements")
        self.forums = {
            1: news,
            2: forum,
            4: store.forums_of(self.courses[4])[0].id,
            99999: UNKNOWN,
        }
        now = store.clock()
        asked = store.start_discussion(people[3], forum, "How do I start?", "<p>?</p>", now - 9000)
        first = store.discussions[asked].first_post_id
        answer = store.reply(people[33], first, "Re", "<p>In section 1</p>", now - 8000)
        store.reply(people[3], answer, "Re", "<p>Thanks</p>", now - 7000)
        unanswered = store.start_discussion(people[4], forum, "Unanswered", "<p>?</p>", now - 6000)
        store.start_discussion(people[33], forum, "Välkommen", "<p>Hi</p>", now - 5000, pinned=True)
        self.discussions = {1: asked, 2: unanswered, 99999: UNKNOWN}
        self.posts = {1: first, 99999: UNKNOWN}

    # --- the same question ---------------------------------------------------------------------

    def params(self, name: str) -> Any:
        """The recorded parameters with the ids, names and numbers of this site."""
        recorded = transcript(TOTARA, name)["params"]
        if "field" in recorded and "value" in recorded:
            return recorded | {"value": self._course_value(recorded["field"], recorded["value"])}
        if "field" in recorded and "values" in recorded:
            values = [self._person_value(recorded["field"], one) for one in recorded["values"]]
            return recorded | {"values": values}
        return self._translated(recorded)

    def _translated(self, value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            return {name: self._translated(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [self._translated(one, key) for one in value]
        known: dict[str, dict[int, int]] = {
            "courseid": self.courses,
            "courseids": self.courses,
            "ids": self.courses,
            "userid": self.people,
            "touserid": self.people,
            "cohortids": self.teams,
            "forumid": self.forums,
            "discussionid": self.discussions,
            "postid": self.posts,
        }
        if key in known and str(value).isdigit():
            return known[key][int(value)]
        if isinstance(value, str):
            mine = self.store.people[self.people[3]].email
            return value.replace("learner0%", mine.replace("@", "%"))
        return value

    def _course_value(self, field: str, value: Any) -> Any:
        if field in ("id", "ids"):
            ids = (self.courses[int(one)] for one in str(value).split(","))
            return ",".join(str(one) for one in ids)
        named = {
            "C03": self.store.courses[self.courses[4]].short_name,
            "CRS-4": f"CRS-{self.courses[5]}",
            2: next(iter(self.store.categories)),
        }
        return named.get(value, value)

    def _person_value(self, field: str, value: Any) -> Any:
        if field == "id":
            return self.people[int(value)]
        person = self.store.people
        named = {
            "learner03@example.invalid": person[self.people[5]].email,
            "LEARNER03@EXAMPLE.INVALID": person[self.people[5]].email.upper(),
            "E0005": self.store.employee_number(person[self.people[7]]),
            "learner30": person[self.people[32]].username,
            "learner04": person[self.people[6]].username,
        }
        return named.get(value, value)

    # --- the same circumstances ----------------------------------------------------------------

    def _circumstances(self, name: str) -> AbstractContextManager[Any]:
        """Turn the switches and make the tokens that the recording was made with."""
        switches = self.store.switches
        turned: dict[str, Callable[[], None]] = {
            "activities_completion_site_disabled": lambda: _set(switches, completion=False),
            "course_completion_site_disabled": lambda: _set(switches, completion=False),
            "badges_disabled": lambda: _set(switches, badges=False),
            "message_messaging_disabled": lambda: _set(switches, messaging=False),
            "err_maintenance_mode_admin": lambda: _set(switches, maintenance=True),
            "err_maintenance_mode_learner": lambda: _set(switches, maintenance=True),
            "err_rest_protocol_disabled": lambda: _set(switches, web_services=False),
            "err_webservices_disabled": lambda: _set(switches, web_services=False),
            "recertification_after_activities": self._archive,
            "recertification_after_course": self._archive,
        }
        turned.get(name, lambda: None)()
        if name.startswith("audiencevisibility"):
            _set(switches, audience_visibility=True)
            self.store.show_to(self.courses[9], NO_USERS)
            self.store.show_to(self.courses[5], AUDIENCE, self.teams[3])
        if name.endswith("debug_developer"):
            _set(switches, debugging=True)
        if name == "err_cli_maintenance":
            return self.lms.faults.during(Kind.MAINTENANCE)
        return nullcontext()

    def _archive(self) -> None:
        self.store.archive(self.people[5], self.courses[2])

    def _token(self, name: str) -> str:
        """The token that was sent; those that were not good for something are made so."""
        sent = str(transcript(TOTARA, name)["token"])
        if name in ("err_disabled_service_token", "err_ip_restricted_token") or (
            name == "err_suspended_user_token"
        ):
            self.service.tokens[sent] = Token(ADMIN_ID, EVERYTHING, Validity.CLOSED)
        if name.startswith("err_expired_token"):
            self.service.tokens[sent] = Token(ADMIN_ID, EVERYTHING, Validity.EXPIRED)
        return sent

    def ask(self, name: str) -> requests.Response:
        """The demo's answer to what the transcript of that name asked."""
        recorded = transcript(TOTARA, name)
        form = dict(flatten(self.params(name))) | {"moodlewsrestformat": "json"}
        how = recorded.get("request", {})
        if "fmt" in how:
            del form["moodlewsrestformat"]
        if recorded["function"]:
            form["wsfunction"] = recorded["function"]
        token = self._token(name)
        if token != "(none sent)":
            form["wstoken"] = token
        with self._circumstances(name):
            if name == "err_expired_token_debug_developer":
                # It had been used before, and the first use takes an expired token away.
                self._send("POST", form)
            return self._send(how.get("method", "POST"), form)

    def _send(self, method: str, form: dict[str, str]) -> requests.Response:
        where = "params" if method == "GET" else "data"
        with requests.Session() as http:
            return http.request(method, self.lms.url + ENDPOINT, timeout=10, **{where: form})


def _set(switches: Any, **values: bool) -> None:
    for name, value in values.items():
        setattr(switches, name, value)
