"""What users of a plain web-service client write: one call after the other, and full records.

It reads the same streams as a sync (courses, enrolments, people, completions) and keeps what a sync
would store. It is what a sync is measured against.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import requests


@dataclass(frozen=True)
class PlainRead:
    """What it read, and what that cost."""

    requests: int
    seconds: float
    courses: int
    people: int
    enrolments: int
    completions: int


def read_all(url: str, token: str, lanes: int = 1) -> PlainRead:
    """Read the whole site over ``lanes`` connections."""
    began = time.perf_counter()
    client = _Client(url, token)
    with ThreadPoolExecutor(lanes) as pool:
        client("core_webservice_get_site_info")
        client("core_course_get_categories")
        courses = [row["id"] for row in client("core_course_get_courses") if row["id"] != 1]
        enrolled: list[tuple[int, list[dict[str, Any]]]] = list(
            zip(
                courses,
                pool.map(
                    lambda course: client("core_enrol_get_enrolled_users", courseid=course), courses
                ),
                strict=True,
            )
        )
        pairs = [
            (course, person["id"])
            for course, rows in enrolled
            for person in rows
            if {role["shortname"] for role in person["roles"]} & {"student"}
        ]
        verdicts = list(
            pool.map(
                lambda pair: client(
                    "core_completion_get_course_completion_status",
                    courseid=pair[0],
                    userid=pair[1],
                ),
                pairs,
            )
        )
    return PlainRead(
        requests=client.requests,
        seconds=time.perf_counter() - began,
        courses=len(courses),
        people=len({person["id"] for _, rows in enrolled for person in rows}),
        enrolments=sum(len(rows) for _, rows in enrolled),
        completions=sum(
            bool(verdict.get("completionstatus", {}).get("completed")) for verdict in verdicts
        ),
    )


class _Client:
    def __init__(self, url: str, token: str) -> None:
        self._address = f"{url}/webservice/rest/server.php"
        self._token = token
        self._session = requests.Session()
        self.requests = 0

    def __call__(self, function: str, **parameters: Any) -> Any:
        self.requests += 1
        form = {"wstoken": self._token, "wsfunction": function, "moodlewsrestformat": "json"}
        return self._session.post(self._address, data=form | parameters, timeout=60).json()
