"""Everything from an LMS, an outlet or a person is text on every page, whatever it says."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.exceptions import ImATeapot

from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.errors import StorageError, Unreachable
from bridge.model import Stream, StreamReport, SyncReport
from bridge.storage import tables as t
from bridge.web import present
from tests.cast import Cast
from tests.lively import Lively
from tests.visitor import Visit, words

EVIL = """<script>alert(1)</script>"><img src=x onerror=alert(2)>' onfocus='alert(3){{7*7}}{%x%}"""
EVIL_URL = "javascript:alert(4)//https://lms.example/"

TEXTS = (
    (t.people, "name"),
    (t.teams, "name"),
    (t.courses, "name"),
    (t.courses, "summary"),
    (t.courses, "category"),
    (t.discussions, "title"),
    (t.discussions, "text"),
    (t.comments, "text"),
    (t.activities, "text"),
    (t.categories, "name"),
    (t.connections, "site_name"),
    (t.connections, "release"),
    (t.outlets, "kind"),
    (t.deliveries, "reason"),
    (t.deliveries, "remote_id"),
    (t.suggestions, "prompt"),
)
"""What somebody else can write; an outlet's kind is ours, but costs nothing to try."""

PAGES = (
    ("bob", "/"),
    ("charlie", "/"),
    ("bob", "/a/{lively.post}"),
    ("bob", "/a/{lively.post}/comments"),
    ("bob", "/a/{lively.share}"),
    ("bob", "/courses/{cast.feedback}"),
    ("alice", "/teams/{cast.sales}"),
    ("bob", "/people/{cast.bob}"),
    ("charlie", "/people/{cast.bob}"),
    ("bob", "/me/sharing"),
    ("alice", "/desk"),
    ("erin", "/desk"),
    ("alice", "/pulse"),
    ("dana", "/pulse"),
    ("dana", "/admin"),
    ("dana", "/admin/ledger"),
    ("dana", "/admin/preview"),
)


class Markup(HTMLParser):
    """Gathers what a browser would see as markup, and what as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(source: str) -> Markup:
    """The page, taken apart."""
    markup = Markup()
    markup.feed(source)
    return markup


@pytest.fixture
def evil(bridge: Bridge, lite_cast: Cast, lively: Lively) -> Lively:
    """The lively company, in which everybody and everything is called something hostile."""
    with bridge.store.work() as work:
        for table, column in TEXTS:
            work.sql.execute(table.update().values({column: EVIL}))
        for table in (t.courses, t.discussions, t.connections):
            work.sql.execute(table.update().values(url=EVIL_URL))
        work.sql.execute(t.people.update().values(photo_url=EVIL_URL))
        (outlet,) = outlets.of(work, lite_cast.connection)
        outlets.change(work, lite_cast.connection, outlet.id, name=EVIL[:80])
        run = work.runs.begin(lite_cast.connection, lite_cast.now)
        stream = StreamReport(stream=Stream.COURSES, strategy=EVIL, problems=(EVIL,))
        report = SyncReport("acme", lite_cast.now, lite_cast.now, "failed", (stream,), error=EVIL)
        work.runs.finish(run, report)
    return lively


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_what_others_write_stays_text(
    who: str, path: str, lite_cast: Cast, evil: Lively, visit: Visit
) -> None:
    """No tag, no attribute and no address of theirs comes to life; the words are there to read."""
    person = getattr(lite_cast, who)
    source = visit(person).page(path.format(cast=lite_cast, lively=evil))
    page = read(source)
    assert EVIL in page.text
    assert not page.tags & {"img", "iframe", "object", "embed", "base", "style"}
    assert source.count("<script") in (0, 2)
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name != "style", tag
        if name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
            assert value.startswith(("/", "#")) or value == "http://localhost/", (tag, value)


def test_a_form_gives_back_hostile_words_as_words(
    lite_cast: Cast, evil: Lively, visit: Visit
) -> None:
    """What could not be taken stands in the field again, and is no markup there either."""
    forms: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("bob", "/posts", {"audience": EVIL}),
        ("bob", f"/a/{evil.post}/comments", {}),
        ("alice", "/desk/share", {"suggestion_id": EVIL, "course_id": EVIL, "audience": EVIL}),
        ("alice", "/desk/questions/9999/reply", {}),
        ("bob", "/me/sharing", {"choice": EVIL}),
    )
    for who, path, form in forms:
        text = EVIL + "x" * 4_001
        answer = visit(getattr(lite_cast, who)).post(path, text=text, **form)
        page = read(answer.text)
        assert 422 == answer.status_code
        assert path == "/me/sharing" or text in page.text
        assert "img" not in page.tags
        assert 2 == answer.text.count("<script")


def test_addresses_in_addresses_lead_nowhere_else(
    lite_cast: Cast, evil: Lively, visit: Visit
) -> None:
    """What stands in the query comes back escaped, or not at all."""
    visitor = visit(lite_cast.dana)
    for path in (
        f"/?before={EVIL}",
        f"/news?after={EVIL}",
        f"/admin/ledger?state={EVIL}&before={EVIL}",
        f"/admin/preview?try=1&kinds={EVIL}&days={EVIL}",
        f"/sign-in?next={EVIL}",
        f"/sign-in/{EVIL.replace('/', '%2F')}",
        f"/nowhere/{EVIL}",
        f"/feeds/home.{EVIL.replace('/', '%2F')}",
    ):
        page = read(visitor.get(path).text)
        assert "img" not in page.tags, path
        assert all(not name.startswith("on") for _, name, _ in page.attributes), path


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://lms.example/a?b=c", "https://lms.example/a?b=c"),
        ("http://lms.example", "http://lms.example"),
        ("javascript:alert(1)", ""),
        (" javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//evil.example", ""),
        ("https://[broken", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_web_addresses_become_links(url: str | None, expected: str) -> None:
    """Whatever an LMS gives as an address."""
    assert expected == present.web_url(url)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ana Rossi", "AR"),
        ("Ana Maria de Rossi", "AR"),
        ("Madonna", "M"),
        ("élodie", "É"),
        ("- (x)", "·"),
        ("", "·"),
        ("王 小明", "王小"),
    ],
)
def test_a_face_is_two_letters(name: str, expected: str) -> None:
    """Of the first and the last name, where they begin with a letter."""
    assert expected == present.initials(name)


# --- when something fails ------------------------------------------------------------------------


def fail(app: Flask, error: Exception) -> None:
    """The home page fails like this."""

    def view() -> str:
        raise error

    app.view_functions["feed.home"] = view


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (
            StorageError("could not connect to db.internal:5432 as bridge", "secret"),
            503,
            "The bridge cannot reach its database just now.",
        ),
        (Unreachable("The LMS does not answer.", "Try again later."), 503, "does not answer"),
        (RuntimeError("password=hunter2"), 500, "Something went wrong on our side."),
    ],
)
def test_a_failure_says_what_a_visitor_can_use(
    error: Exception, status: int, said: str, app: Flask, lite_cast: Cast, visit: Visit
) -> None:
    """What happened and what to do; what is inside stays in the log."""
    fail(app, error)
    answer = visit(lite_cast.bob).get("/")
    assert status == answer.status_code
    assert said in words(answer.text)
    assert "hunter2" not in answer.text and "db.internal" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(StorageError("The disk is full."), 503), (ZeroDivisionError("ouch"), 500)],
)
def test_a_secret_in_an_address_is_not_logged(
    error: Exception, status: int, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """A receipt that cannot be read just now: the log says which page, and cannot open it."""

    def view(token: str) -> str:
        raise error

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["receipts.secret"] = view
    assert status == app.test_client().get("/receipts/only-i-have-this").status_code
    assert "GET /receipts/<token>" in caplog.text
    assert str(error) in caplog.text
    assert "only-i-have-this" not in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("get", "/posts", 405, "This page cannot be opened that way."),
        ("get", "/nowhere", 404, "There is no such page."),
        ("post", "/posts", 413, "That was too much at once. Send less text."),
    ],
)
def test_what_the_framework_refuses_is_said_in_words(
    method: str, path: str, status: int, said: str, lite_cast: Cast, visit: Visit
) -> None:
    """A page of ours, not one of a server's."""
    visitor = visit(lite_cast.bob)
    answer = visitor.get(path) if method == "get" else visitor.post(path, text="x" * 70_000)
    assert status == answer.status_code
    assert said in words(answer.text)


def test_an_error_of_the_framework_without_words_of_ours_has_its_name(
    app: Flask, lite_cast: Cast, visit: Visit
) -> None:
    """A status that nobody thought of is still a page."""
    fail(app, ImATeapot())
    answer = visit(lite_cast.bob).get("/")
    assert (418, True) == (answer.status_code, "I'm a teapot" in words(answer.text))


def test_a_page_is_worth_more_than_its_place_in_the_statistics(
    app: Flask, bridge: Bridge, lite_cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where presence cannot be written down, the page is shown all the same; it is tried again."""

    def record(*args: object, **more: object) -> None:
        raise StorageError("The disk is full.")

    visitor = visit(lite_cast.bob)
    monkeypatch.setattr("bridge.web.gate.pulse.record", record)
    assert 200 == visitor.get("/").status_code
    monkeypatch.undo()
    assert 200 == visitor.get("/").status_code
    with bridge.store.reading() as work:
        assert [lite_cast.bob] == list(work.sql.execute(select(t.presence.c.person_id)).scalars())


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Run `socialbridge doctor`.", "Run <code>socialbridge doctor</code>."),
        ("`<script>` & `", "<code>&lt;script&gt;</code> &amp; `"),
        ("<b>`x`</b>", "&lt;b&gt;<code>x</code>&lt;/b&gt;"),
        ("``", "``"),
    ],
)
def test_what_is_to_be_typed_is_marked_and_nothing_else(said: str, shown: str) -> None:
    """A remedy's commands; what an LMS said in the same sentence stays text."""
    assert shown == present.with_code(said)
