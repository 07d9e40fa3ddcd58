"""Bob asks for a link on the sign-in page; it reaches him by mail, or by a message of the LMS."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bridge import flow
from bridge.access import link_requests, links, sessions
from bridge.bootstrap import Bridge
from bridge.delivery.notice_letters import Round
from bridge.errors import OutcomeUnknown, OutletBusy, OutletError, OutletRefused
from bridge.model import NoteChannel, PersonalLetter, PersonalMessage
from bridge.storage import tables as t
from bridge.web import create_app
from bridge.worker import Worker
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.contract.mail_server import Post
from tests.noting import sends_messages
from tests.visitor import Visit, Visitor, words

MAIL, MESSAGE = NoteChannel.MAIL, NoteChannel.MESSAGE
KNOWN = "If you are known here, a link is on its way to you."
LINK = re.compile(r"https?://\S+/sign-in/([\w-]+)")


@dataclass
class Ways:
    """Keeps what was handed over by which way; some ways fail."""

    fails: dict[NoteChannel, OutletError] = field(default_factory=dict)
    handed: list[PersonalLetter | PersonalMessage] = field(default_factory=list)

    @contextmanager
    def opened(self, connection_id: int | None) -> Iterator[Any]:
        way = MAIL if connection_id is None else MESSAGE
        if way in self.fails:
            raise self.fails[way]
        yield lambda note, key: self.handed.append(note)


def ask(bridge: Bridge, *said: str) -> None:
    """Somebody types this."""
    with bridge.store.work() as work:
        for one in said:
            link_requests.ask(work, one, bridge.clock.now())


def send(bridge: Bridge, ways: Ways, *by: NoteChannel) -> Round:
    """One round of the worker's job."""
    return flow.send_links(
        bridge.store, bridge.clock, opened=ways.opened, link=bridge.link, ways=by or (MAIL, MESSAGE)
    )


def token_in(text: str) -> str:
    """The secret of the link in a message."""
    found = LINK.search(text)
    assert found is not None, text
    return found[1]


def address(cast: Cast, person: int) -> str:
    """The person's e-mail address."""
    with cast.store.reading() as work:
        found = work.access.person(person)
    assert found is not None and found.email
    return found.email


def test_a_link_comes_by_mail_and_signs_in_once(
    mailing: Bridge, server: Post, cast: Cast, clock: FrozenClock
) -> None:
    """Over a real mail server, by the worker's own job; the letter needs no way to end it."""
    ask(mailing, address(cast, cast.bob).upper() + " ")
    Worker(mailing).send_links()
    (letter,) = server.letters
    assert link_requests.SUBJECT == letter["Subject"]
    assert letter["List-Unsubscribe"] is None
    text = letter.get_body(("plain",)).get_content()
    assert "Hello Bob Brown," in text
    with mailing.store.work() as work:
        assert cast.bob == links.peek(work, token_in(text), clock.now()).id
        links.redeem(work, token_in(text), clock.now())
    Worker(mailing).send_links()
    assert 1 == len(server.letters)


def test_a_link_comes_by_a_message_of_the_lms(bridge: Bridge, lite_cast: Cast) -> None:
    """To who has no address, or where that is what was chosen."""
    sends_messages(lite_cast)
    ways = Ways()
    ask(bridge, address(lite_cast, lite_cast.bob))
    assert Round(sent=1) == send(bridge, ways, MESSAGE, MAIL)
    (message,) = ways.handed
    assert isinstance(message, PersonalMessage)
    assert message.text.startswith("Here is your link to Socialbridge:")
    with lite_cast.store.work() as work:
        person = work.access.person(lite_cast.bob)
        assert person is not None and person.lms_id == message.person_lms_id
        work.sql.execute(t.people.update().values(email=None, username="bob.b"))
    ask(bridge, "Bob.B")
    with lite_cast.store.work() as work:
        work.sql.execute(
            t.people.update().where(t.people.c.id != lite_cast.bob).values(username="other")
        )
    assert Round(sent=1) == send(bridge, ways, MAIL, MESSAGE)
    assert isinstance(ways.handed[-1], PersonalMessage)


@pytest.mark.parametrize("said", ["nobody@example.com", "Bob Brown", "%", "' OR 1=1 --", "12"])
def test_who_is_not_known_gets_nothing(said: str, bridge: Bridge, lite_cast: Cast) -> None:
    """Neither a name nor an id is enough; and no pattern is one."""
    ways = Ways()
    ask(bridge, said)
    assert Round(nothing=1) == send(bridge, ways)
    assert [] == ways.handed


def test_who_is_suspended_or_gone_gets_nothing(bridge: Bridge, lite_cast: Cast) -> None:
    """As they could not come in either."""
    bob, beth = address(lite_cast, lite_cast.bob), address(lite_cast, lite_cast.beth)
    with bridge.store.work() as work:
        p = t.people
        work.sql.execute(p.update().where(p.c.id == lite_cast.bob).values(suspended=True))
        work.sql.execute(p.update().where(p.c.id == lite_cast.beth).values(gone=True))
    ask(bridge, bob, beth)
    assert Round(nothing=2) == send(bridge, Ways())


def test_nobodys_mail_is_filled(bridge: Bridge, lite_cast: Cast, clock: FrozenClock) -> None:
    """Three links in a quarter of an hour, however often somebody asks."""
    ways = Ways()
    ask(bridge, *[address(lite_cast, lite_cast.bob)] * 5)
    assert Round(sent=3, nothing=2) == send(bridge, ways)
    clock.advance(minutes=16)
    ask(bridge, address(lite_cast, lite_cast.bob))
    assert Round(sent=1) == send(bridge, ways)


def test_what_was_asked_long_ago_is_meant_for_nobody(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock
) -> None:
    """The worker stood still meanwhile: a link now would only surprise."""
    ask(bridge, address(lite_cast, lite_cast.bob))
    clock.advance(minutes=15)
    assert Round(nothing=1) == send(bridge, Ways())


def test_a_refusal_is_noticed_and_the_other_way_is_tried(
    bridge: Bridge, lite_cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """The LMS lets the bridge write to nobody: one line, an entry for the admin, and a letter."""
    sends_messages(lite_cast)
    said = f"The LMS refused it to {address(lite_cast, lite_cast.bob)}."
    ways = Ways({MESSAGE: OutletRefused(said, "Grant moodle/site:sendmessage.")})
    ask(bridge, address(lite_cast, lite_cast.bob))
    with caplog.at_level(logging.WARNING, "bridge.flow"):
        assert Round(sent=1) == send(bridge, ways, MESSAGE, MAIL)
    assert isinstance(ways.handed[0], PersonalLetter)
    (line,) = [r.getMessage() for r in caplog.records if r.name.startswith("bridge.flow")]
    assert "by message: OutletRefused. Grant moodle/site:sendmessage." in line
    assert "Bob" not in line and address(lite_cast, lite_cast.bob) not in line
    with bridge.store.reading() as work:
        (entry,) = work.access.recent(5)
    assert ("link refused by message", str(lite_cast.bob)) == (entry.act, entry.subject)


@pytest.mark.parametrize(
    ("error", "came"),
    [(OutletRefused("No."), Round(refused=1)), (OutletBusy("Later."), Round(busy=1))],
)
def test_a_link_that_nobody_got_is_none(
    error: OutletError, came: Round, bridge: Bridge, lite_cast: Cast
) -> None:
    """Where no way takes it."""
    ask(bridge, address(lite_cast, lite_cast.bob))
    assert came == send(bridge, Ways({MAIL: error}))
    with bridge.store.reading() as work:
        assert [] == work.sql.execute(t.sign_in_links.select()).all()


def test_a_link_that_may_have_arrived_stays_good(bridge: Bridge, lite_cast: Cast) -> None:
    """And is not sent again by another way."""
    sends_messages(lite_cast)
    ways = Ways({MAIL: OutcomeUnknown("No answer.")})
    ask(bridge, address(lite_cast, lite_cast.bob))
    assert Round(unknown=1) == send(bridge, ways)
    assert [] == ways.handed
    with bridge.store.reading() as work:
        assert 1 == len(work.sql.execute(t.sign_in_links.select()).all())


# --- the pages -----------------------------------------------------------------------------------


@pytest.fixture
def mails(bridge: Bridge) -> Bridge:
    """The bridge, which has a mail server."""
    config = replace(bridge.config, smtp_url="smtp://mail.example", mail_from="b@example.com")
    bridge.config = config
    return bridge


def test_the_answer_is_the_same_for_everybody(mails: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Known or not: the same page, and in the request nobody is looked for."""
    answers = []
    for said in (address(lite_cast, lite_cast.bob), "nobody@example.com"):
        answer = visit().post("/sign-in", said=said)
        answers.append((answer.status_code, answer.headers["Location"]))
    assert 1 == len(set(answers))
    assert KNOWN in visit().read(answers[0][1])
    with mails.store.reading() as work:
        assert 2 == len(work.sql.execute(t.sign_in_requests.select()).all())


def test_nothing_typed_is_said_beside_the_field(mails: Bridge, visit: Visit) -> None:
    """And too much of it."""
    for said in (" ", "x" * 256):
        answer = visit().post("/sign-in", said=said)
        assert (422, True) == (
            answer.status_code,
            "Type your e-mail address or user name." in words(answer.text),
        )


def test_without_a_way_only_admins_make_links(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """No mail server and no right to write messages, or not wished: the page says so."""
    assert "Ask the admin of your learning platform" in visit().read("/sign-in")
    assert 422 == visit().post("/sign-in", said="bob").status_code
    sends_messages(lite_cast)
    assert "Send me a link" in visit().read("/sign-in")
    bridge.config = replace(bridge.config, sign_in_links=())
    assert "Ask the admin of your learning platform" in visit().read("/sign-in")
    assert 422 == visit().post("/sign-in", said="bob").status_code
    with bridge.store.reading() as work:
        assert [] == work.sql.execute(t.sign_in_requests.select()).all()


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/course/3?before=9", "/course/3?before=9"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/" + "x" * 500, "/"),
    ],
)
def test_a_link_leads_to_the_page_that_was_wanted(
    wanted: str, reached: str, mails: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """From the page that asks to sign in, by the letter, on to it: one of ours, and no other."""
    visitor, ways = visit(), Ways()
    visitor.post("/sign-in", said=address(lite_cast, lite_cast.bob), next=wanted)
    assert Round(sent=1) == send(mails, ways)
    (letter,) = ways.handed
    assert isinstance(letter, PersonalLetter)
    found = re.search(r"/sign-in/\S+", letter.plain)
    assert found is not None
    page = visitor.page(found[0])
    (carried,) = re.findall(r'name="next" value="([^"]*)"', page)
    answer = visitor.post(found[0].partition("?")[0], next=html.unescape(carried))
    assert (303, reached) == (answer.status_code, answer.headers["Location"])


def test_asking_has_a_limit(mails: Bridge, visit: Visit) -> None:
    """Ten a minute from one address."""
    visitor = visit()
    codes = [visitor.post("/sign-in", said="x").status_code for _ in range(11)]
    assert [303] * 10 + [429] == codes


def test_bob_sees_where_he_is_signed_in_and_ends_it(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """The telephone that he lost, then everything."""
    phone, desk = visit(lite_cast.bob), visit(lite_cast.bob)
    with bridge.store.work() as work:
        work.sql.execute(t.sessions.update().values(browser="Firefox, Linux"))
        work.sql.execute(
            t.sessions.update()
            .where(t.sessions.c.token_hash == links.hashed(_cookie(phone)))
            .values(browser="Safari, iPhone")
        )
    page = desk.page("/me/sessions")
    assert "Safari, iPhone" in page
    assert "this one" in words(page)
    (action,) = re.findall(r'action="(/me/sessions/[0-9a-f]{16}/end)"', page)
    assert "Signed out there." in desk.follow(action)
    assert 303 == phone.get("/").status_code
    again = desk.post(action)
    assert (422, True) == (again.status_code, "over already" in again.text)
    assert 200 == desk.get("/").status_code
    tablet = visit(lite_cast.bob)
    assert 303 == desk.post("/me/sessions/end").status_code
    assert [303, 303] == [one.get("/").status_code for one in (desk, tablet)]


def test_nobody_ends_anothers_session(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Not by its handle either."""
    bob, beth = visit(lite_cast.bob), visit(lite_cast.beth)
    handle = links.hashed(_cookie(bob))[:16]
    assert 422 == beth.post(f"/me/sessions/{handle}/end").status_code
    assert 200 == bob.get("/").status_code


def _cookie(visitor: Visitor) -> str:
    found = visitor.client.get_cookie("socialbridge")
    assert found is not None
    return found.value


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Firefox, Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
            " like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            "Edge, Windows",
        ),
        ("curl/8.5.0", ""),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_words(agent: str, said: str) -> None:
    """By a few known marks; nothing of what it sent is kept."""
    assert said == sessions.browser_of(agent)


def test_signing_in_by_a_link_keeps_the_kind_of_browser(bridge: Bridge, lite_cast: Cast) -> None:
    """For the page that lists them."""
    client = create_app(bridge).test_client()
    with bridge.store.work() as work:
        token = links.issue(work, lite_cast.bob, bridge.clock.now())
    page = client.get(f"/sign-in/{token}")
    form = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Firefox/132.0"}
    client.post(f"/sign-in/{token}", data={"csrf_token": form}, headers=agent)
    with bridge.store.reading() as work:
        (one,) = work.access.open_sessions(lite_cast.bob, bridge.clock.now())
    assert "Firefox, Linux" == one.browser
