"""The demo LMS as a server: its pages, its address, its process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
from click.testing import CliRunner

from bridge.demo.lms.__main__ import main
from bridge.demo.lms.faults import Kind
from bridge.demo.lms.server import Lms, running_lms


@pytest.fixture(scope="module")
def lms() -> Iterator[Lms]:
    with running_lms() as lms:
        yield lms


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def test_get_works_like_post(lms: Lms, http: requests.Session) -> None:
    """Moodle takes its parameters from the query as well; requests and calls are counted."""
    before = lms.requests
    query = {
        "wstoken": lms.token,
        "wsfunction": "core_webservice_get_site_info",
        "moodlewsrestformat": "json",
    }
    answer = http.get(f"{lms.url}/webservice/rest/server.php", params=query, timeout=5).json()

    assert (lms.url, "Social Bridge") == (answer["siteurl"], answer["fullname"])
    assert 1 == lms.requests - before
    assert lms.calls["core_webservice_get_site_info"] >= 1


def test_faults_reach_the_wire(lms: Lms, http: requests.Session) -> None:
    """Status and headers of a spoilt answer are those that a proxy or Moodle would give."""
    address = f"{lms.url}/webservice/rest/server.php"
    with lms.faults.during(Kind.TOO_MANY, seconds=3):
        busy = http.post(address, data={}, timeout=5)

    assert (429, "3") == (busy.status_code, busy.headers["Retry-After"])


def page(lms: Lms, http: requests.Session, path: str, status: int = 200) -> str:
    response = http.get(lms.url + path, timeout=5)
    assert status == response.status_code
    return response.text


def test_links_lead_somewhere(lms: Lms, http: requests.Session) -> None:
    """The front page, a course, a discussion, a person, and the pictures."""
    person = lms.story.people[0]
    discussion = next(d for d in lms.story.discussions if d.pinned)
    forum = next(f for f in lms.story.forums if f.id == discussion.forum_id)

    assert "Giving feedback" in page(lms, http, "/")
    course = page(lms, http, f"/course/view.php?id={forum.course_id}")
    assert discussion.name in course
    assert discussion.name in page(lms, http, f"/mod/forum/discuss.php?d={discussion.id}")
    for path in ("profile", "view"):
        assert person.name in page(lms, http, f"/user/{path}.php?id={person.id}")
    cover = http.get(f"{lms.url}/pluginfile.php/1002/course/generated/course.svg", timeout=5)
    face = http.get(f"{lms.url}/theme/image.php/boost/core/1/u/f1", timeout=5)
    assert ["image/svg+xml; charset=utf-8"] * 2 == [
        picture.headers["Content-Type"] for picture in (cover, face)
    ]


def test_nothing_hostile_reaches_a_page(lms: Lms, http: requests.Session) -> None:
    """Titles are escaped, messages are cleaned."""
    discussion = lms.store.start_discussion(
        3, lms.store.forums_of(23)[0].id, "<b>Bold</b>", "<p>Hi<script>alert(1)</script></p>"
    )

    text = page(lms, http, f"/mod/forum/discuss.php?d={discussion}")

    assert "&lt;b&gt;Bold" in text
    assert "alert(1)" not in text


def test_closed_doors_and_missing_rooms(lms: Lms, http: requests.Session) -> None:
    """A hidden course and a closed forum open to nobody; what is not there is not found."""
    hidden = next(c.id for c in lms.story.courses if not c.visible)
    forums = {f.id: f.name for f in lms.story.forums}
    closed = next(d for d in lms.story.discussions if "Practice" in forums[d.forum_id])

    page(lms, http, f"/course/view.php?id={hidden}", 403)
    page(lms, http, f"/mod/forum/discuss.php?d={closed.id}", 403)
    for path in ("course/view.php?id=99", "mod/forum/discuss.php?d=999", "user/profile.php?id=x"):
        page(lms, http, f"/{path}", 404)


def test_the_process_starts_and_ends() -> None:
    """It says where it is when it is ready, and ends cleanly when it is told to."""
    command = [sys.executable, "-u", "-m", "bridge.demo.lms", "--port", "0", "--pace", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        line = process.stdout.readline()
        address = line.split()[-1]
        status = requests.get(address, timeout=5).status_code
        process.send_signal(signal.SIGTERM)
        ended = process.wait(timeout=10)

    assert "The demo LMS is ready at http://127.0.0.1:" in line
    assert (200, 0) == (status, ended)


def test_a_misspelt_capability() -> None:
    """Taking away a right that is none is an error of use, not a demo that proves nothing."""
    result = CliRunner().invoke(main, ["--without", "mod/forum:dance"])

    assert 2 == result.exit_code
    assert "mod/forum:dance is no capability" in result.output


def test_a_port_in_use() -> None:
    """One clear line, and no traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = CliRunner().invoke(main, ["--port", str(taken.getsockname()[1])])

    assert 1 == result.exit_code
    assert "cannot be used" in result.output
