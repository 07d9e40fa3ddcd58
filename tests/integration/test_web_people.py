"""Signing in and out, and what people decide about themselves."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bridge.bootstrap import Bridge
from bridge.model import Choice
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.lively import Lively
from tests.statements import statements
from tests.visitor import Visit, sign_in_link, tell, words

# --- signing in ----------------------------------------------------------------------------------


def test_signing_in_takes_a_link_and_a_button(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """A mail scanner may open the link; the button signs in, once, in the browser it is in."""
    path = sign_in_link(bridge, lite_cast.bob)
    for _ in range(3):
        assert "Hello, Bob Brown This link is for you, and works once." in visit().read(path)
    visitor = visit()
    answer = visitor.post(path)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("socialbridge="))
    assert (303, "/") == (answer.status_code, answer.headers["Location"])
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} < set(cookie.split("; "))
    assert "Bob Brown" in visitor.read("/")
    answer = visit().get(path)
    assert 422 == answer.status_code
    assert "This sign-in link has been used. Ask for a new one." in words(answer.text)
    assert 422 == visit().post(path).status_code


def test_a_link_that_is_too_old_says_so(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """After a quarter of an hour neither opening nor the button works."""
    path = sign_in_link(bridge, lite_cast.bob)
    clock.advance(minutes=16)
    assert "This sign-in link has expired." in words(visit().get(path).text)
    assert 422 == visit().post(path).status_code
    assert "is not known" in words(visit().get("/sign-in/guessed").text)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("/me/sharing?from=mail", "/me/sharing?from=mail"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/x\\y", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_goes_to_a_page_of_ours(
    wanted: str, expected: str, bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """An address that leads elsewhere leads home."""
    answer = visit().post(sign_in_link(bridge, lite_cast.bob), next=wanted)
    assert expected == answer.headers["Location"]


def test_links_cannot_be_guessed_in_a_hurry(visit: Visit) -> None:
    """After thirty tries in a minute an address has to wait, and is told so."""
    visitor = visit()
    codes = [visitor.get(f"/sign-in/guess{n}").status_code for n in range(31)]
    assert [422] * 30 + [429] == codes
    assert "Wait a minute and try again." in visitor.get("/sign-in/x").text


def test_signing_out_ends_the_session_itself(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Whoever kept a copy of the cookie is signed out as well."""
    visitor, thief = visit(lite_cast.bob), visit()
    cookie = visitor.client.get_cookie("socialbridge")
    assert cookie is not None
    thief.client.set_cookie("socialbridge", cookie.value)
    assert 200 == thief.get("/").status_code
    answer = visitor.post("/sign-out")
    assert "/sign-in" == answer.headers["Location"]
    assert visitor.client.get_cookie("socialbridge") is None
    assert 303 == thief.get("/").status_code


def test_a_session_ends_with_its_time_and_with_its_person(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """After thirty days, or when the LMS suspends the person, one has to sign in again."""
    visitor = visit(lite_cast.bob)
    clock.advance(days=31)
    assert 303 == visitor.get("/").status_code
    visitor = visit(lite_cast.bob)
    with bridge.store.work() as work:
        people = t.people
        work.sql.execute(people.update().where(people.c.id == lite_cast.bob).values(suspended=True))
    assert 303 == visitor.get("/").status_code


def test_the_bridge_says_that_it_is_well(visit: Visit) -> None:
    """For whatever watches it."""
    assert {"status": "ok"} == visit().get("/healthz").json


# --- appearance ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "expected"), [("dark", "dark"), ("light", "light"), ("auto", "auto"), ("x", "auto")]
)
def test_the_theme_is_kept(wanted: str, expected: str, lite_cast: Cast, visit: Visit) -> None:
    """It stands on the page before anything is drawn; what is no theme is the device's."""
    visitor = visit(lite_cast.bob)
    answer = visitor.post("/theme", referrer="http://localhost/me/sharing", theme=wanted)
    assert (303, "/me/sharing") == (answer.status_code, answer.headers["Location"])
    assert f'data-theme="{expected}"' in visitor.page("/")
    mine = visitor.page(f"/people/{lite_cast.bob}")
    assert f'value="{expected}" aria-pressed="true"' in mine


def test_in_place_the_theme_needs_no_page(visit: Visit) -> None:
    """The script has changed it already; a cookie that holds no theme is none."""
    visitor = visit()
    assert 204 == visitor.post("/theme", htmx=True, theme="dark").status_code
    visitor.client.set_cookie("theme", "<script>")
    assert 'data-theme="auto"' in visitor.page("/sign-in")


# --- a person's page -----------------------------------------------------------------------------


def test_my_own_page_leads_to_everything_of_mine(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Settings, teams, courses and what I told."""
    visitor = visit(lite_cast.bob)
    answer = visitor.get("/me")
    assert f"/people/{lite_cast.bob}" == answer.headers["Location"]
    source = visitor.page(answer.headers["Location"])
    for said in ("What you finish is seen by: Everyone here", "What I share", "Sign out"):
        assert said in words(source)
    for link in ("/me/sharing", f"/teams/{lite_cast.sales}", f"/courses/{lite_cast.negotiation}"):
        assert f'href="{link}"' in source


def test_somebody_else_s_page_shows_what_is_for_me(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Charlie reads what Bob told everyone; Beth told only her teams, and Dana is a stranger."""
    visitor = visit(lite_cast.charlie)
    page = visitor.read(f"/people/{lite_cast.bob}")
    assert "Bob Brown, Chloé Martin and 12 others finished Giving feedback" in page
    assert "Sign out" not in page
    assert "Beth Becker finished" not in visitor.read(f"/people/{lite_cast.beth}")
    assert 404 == visitor.get(f"/people/{lite_cast.dana}").status_code


# --- consent -------------------------------------------------------------------------------------


def test_the_first_visit_asks_who_may_see_my_name(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Charlie answers on the feed, is thanked there, and is not asked again."""
    visitor = visit(lite_cast.charlie)
    asked = "When you finish a course, who may see your name? Nobody, until you say otherwise."
    assert asked in visitor.read("/")
    answer = visitor.post("/me/sharing", **{"choice": "teams", "from": "feed"})
    assert (303, "/") == (answer.status_code, answer.headers["Location"])
    page = visitor.read("/")
    assert "Your teams see your name beside what you finish." in page
    assert "who may see your name?" not in page
    assert "What you share My teams Change" in page
    assert "Undo" not in visitor.read("/")


def test_an_answer_can_be_undone_right_there(
    bridge: Bridge, lite_cast: Cast, visit: Visit, clock: FrozenClock
) -> None:
    """It is as if Bob had not answered: he is asked again, and named nowhere."""
    lite_cast.complete(lite_cast.bob, lite_cast.feedback)
    visitor, other = visit(lite_cast.bob), visit(lite_cast.charlie)
    visitor.post("/me/sharing", **{"choice": "everyone", "from": "feed"})
    assert "Undo" in visitor.read("/")
    assert "Bob Brown finished" in other.read("/")
    assert "/" == visitor.post("/me/sharing/undo").headers["Location"]
    assert "who may see your name?" in visitor.read("/")
    assert "Bob Brown" not in other.read("/")
    assert "Undone" in visitor.read("/me/sharing")
    answer = visitor.post("/me/sharing/undo")
    assert 422 == answer.status_code
    assert "There is nothing to undo any more." in words(answer.text)
    visitor.post("/me/sharing", choice="teams")
    visitor.post("/me/sharing", choice="public")
    visitor.post("/me/sharing/undo")
    assert re.search(r'value="teams" required checked', visitor.page("/me/sharing"))
    visitor.post("/me/sharing", choice="public")
    clock.advance(hours=1)
    assert 422 == visitor.post("/me/sharing/undo").status_code


def test_whoever_puts_the_question_aside_is_not_asked_again(lite_cast: Cast, visit: Visit) -> None:
    """And has chosen nothing by that."""
    visitor = visit(lite_cast.bob)
    assert "/" == visitor.post("/me/sharing/later").headers["Location"]
    assert "who may see your name?" not in visitor.read("/")
    with lite_cast.store.reading() as work:
        assert None is work.consent.choice(lite_cast.bob)


def test_whom_their_profile_chose_for_is_asked_as_well(lite_cast: Cast, visit: Visit) -> None:
    """The question says what counts so far; an answer is their own."""
    with lite_cast.store.work() as work:
        work.profile.seed({lite_cast.bob: Choice.TEAMS}, lite_cast.now)
    visitor = visit(lite_cast.bob)
    assert "As your profile in the LMS says, until you say otherwise: My teams." in visitor.read(
        "/"
    )
    page = visitor.read("/me/sharing")
    assert "has chosen for you so far" in page
    assert "by your profile in the LMS" in page
    visitor.post("/me/sharing", choice="teams")
    assert "has chosen for you so far" not in visitor.read("/me/sharing")
    assert "who may see your name?" not in visitor.read("/")


def test_who_is_never_named_is_told_kindly_why(lite_cast: Cast, visit: Visit) -> None:
    """There is nothing to choose, nothing to write, and their own pages open all the same."""
    lite_cast.choose(lite_cast.bob, Choice.EVERYONE)
    with lite_cast.store.work() as work:
        work.profile.forbid([lite_cast.bob], lite_cast.now)
    visitor = visit(lite_cast.bob)
    page, source = visitor.read("/me/sharing"), visitor.page("/me/sharing")
    assert "Your name is not shown here" in page
    assert "What you chose before (Everyone here) is kept" in page
    assert "Your name stands nowhere" in page
    assert 'name="choice"' not in source
    home = visitor.page("/")
    assert "who may see your name?" not in home
    assert 'id="composer"' not in home
    assert 200 == visitor.get(f"/people/{lite_cast.bob}").status_code
    assert 404 == visit(lite_cast.alice).get(f"/people/{lite_cast.bob}").status_code
    answer = visitor.post("/posts", text="Hello", audience=f"everyone:{lite_cast.connection}")
    assert 422 == answer.status_code
    assert "your name is not shown here" in words(answer.text)


def test_public_is_offered_where_something_is_public(lite_cast: Cast, visit: Visit) -> None:
    """Without an outlet that the public reads there would be nothing to agree to."""
    visitor = visit(lite_cast.bob)
    offered = [re.findall(r'name="choice" value="(\w+)"', visitor.page("/me/sharing"))]
    with lite_cast.store.work() as work:
        work.sql.execute(
            t.outlets.insert(),
            {
                "connection_id": lite_cast.connection,
                "name": "square",
                "kind": "mastodon",
                "audience": f"public:{lite_cast.connection}",
                "settings": {},
            },
        )
    offered.append(re.findall(r'name="choice" value="(\w+)"', visitor.page("/me/sharing")))
    assert [["nobody", "teams", "everyone"], ["nobody", "teams", "everyone", "public"]] == offered


def test_what_was_decided_stands_on_the_page(lite_cast: Cast, visit: Visit) -> None:
    """What, when, by whom and from where; addresses go after a while, the rest stays."""
    item = lite_cast.complete(lite_cast.bob, lite_cast.feedback)
    visitor = visit(lite_cast.bob)
    visitor.post("/me/sharing", choice="teams")
    visitor.post(f"/me/items/{item}", hidden="yes")
    page = visitor.read("/me/sharing")
    assert "My teams just now · by you · from 127.0.0.1" in page
    assert "Hidden: Giving feedback just now · by you · from 127.0.0.1" in page
    with lite_cast.store.work() as work:
        assert 0 == work.keeping.forget("addresses", lite_cast.now)
        assert 2 == work.keeping.forget("addresses", lite_cast.now + timedelta(seconds=1))
    page = visitor.read("/me/sharing")
    assert "Hidden: Giving feedback just now · by you" in page
    assert "127.0.0.1" not in page


@pytest.mark.parametrize("choice", list(Choice))
def test_choosing_is_one_form_away(choice: Choice, lite_cast: Cast, visit: Visit) -> None:
    """The choice is kept, with where it was made from, and marked on the page."""
    visitor = visit(lite_cast.bob)
    assert re.search(r'value="nobody" required checked', visitor.page("/me/sharing"))
    answer = visitor.post("/me/sharing", choice=choice.value)
    assert "/me/sharing" == answer.headers["Location"]
    source = visitor.page("/me/sharing")
    assert [choice.value] == re.findall(r'value="(\w+)" required checked', source)
    log = t.consent_log.c
    with lite_cast.store.reading() as work:
        row = work.sql.execute(select(log.person_id, log.choice, log.origin, log.address)).one()
    assert (lite_cast.bob, choice.value, "person", "127.0.0.1") == tuple(row)


@pytest.mark.parametrize("choice", ["", "grades", "NOBODY"])
def test_a_choice_that_is_none_changes_nothing(choice: str, lite_cast: Cast, visit: Visit) -> None:
    """The page says so, next to the form, and what was chosen before stands."""
    visitor = visit(lite_cast.bob)
    visitor.post("/me/sharing", choice="teams")
    answer = visitor.post("/me/sharing", choice=choice)
    assert 422 == answer.status_code
    assert "Choose one of the four." in words(answer.text)
    assert 'value="teams" required checked' in answer.text


def test_taking_consent_back_counts_at_once(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """What named Bob to Charlie a moment ago does so no more."""
    lite_cast.choose(lite_cast.bob, Choice.EVERYONE)
    lite_cast.complete(lite_cast.bob, lite_cast.feedback)
    tell(bridge, lite_cast)
    charlie = visit(lite_cast.charlie)
    assert "Bob Brown finished Giving feedback" in charlie.read("/")
    visit(lite_cast.bob).post("/me/sharing", choice="nobody")
    assert "Bob Brown" not in charlie.read("/")


def test_my_items_say_what_becomes_of_each(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Shown with my name, never shown and why, hidden by me; hiding and showing again."""
    lite_cast.choose(lite_cast.bob, Choice.EVERYONE)
    mine = lite_cast.complete(lite_cast.bob, lite_cast.feedback)
    lite_cast.complete(lite_cast.bob, lite_cast.safety, days_ago=1)
    lite_cast.complete(lite_cast.bob, lite_cast.negotiation, days_ago=90, history=True)
    tell(bridge, lite_cast)
    visitor = visit(lite_cast.bob)
    page = visitor.read("/me/sharing")
    assert "Giving feedback just now · shown with your name Hide" in page
    assert "Safety at work yesterday · everybody must take it: never shown" in page
    assert "Negotiation 27 Aug · from before the bridge: never shown" in page
    page = visitor.follow(f"/me/items/{mine}", hidden="yes")
    assert "Giving feedback just now · hidden by you Show again" in page
    assert "Bob Brown" not in visit(lite_cast.charlie).read("/")
    page = visitor.follow(f"/me/items/{mine}", hidden="no")
    assert "Giving feedback just now · shown with your name Hide" in page
    assert "Bob Brown" in visit(lite_cast.charlie).read("/")
    assert 404 == visit(lite_cast.charlie).post(f"/me/items/{mine}", hidden="yes").status_code


def test_the_page_says_before_there_is_anything(lite_cast: Cast, visit: Visit) -> None:
    """Dana is in no team and finished nothing."""
    page = visit(lite_cast.dana).read("/me/sharing")
    assert "You are in no team yet; once you are, its people see it." in page
    assert "Nothing yet. When the LMS says that you finished a course, it stands here" in page


# --- a private feed ------------------------------------------------------------------------------


def test_a_private_feed_address_is_shown_once(
    bridge: Bridge, lite_cast: Cast, lively: Lively, clock: FrozenClock, visit: Visit
) -> None:
    """It opens without signing in; each app has its own, with when it was read, until revoked."""
    visitor, reader = visit(lite_cast.bob), visit()
    first = made(visitor.post("/me/feed-link", name="Phone").text)
    clock.advance(hours=1)
    second = made(visitor.post("/me/feed-link", name="Tablet").text)
    assert [200, 200] == [reader.get(one).status_code for one in (first, second)]
    page = visitor.read("/me/sharing")
    assert "shown this once" not in page
    clock.advance(hours=2)
    assert 200 == reader.get(first).status_code
    page = visitor.read("/me/sharing")
    assert "Tablet made 2 hours ago · last read 2 hours ago" in page
    assert "Phone made 3 hours ago · last read just now" in page
    revoke = re.findall(r'action="(/me/feed-link/\w+/revoke)"', visitor.page("/me/sharing"))
    page = visitor.follow(revoke[0])
    assert "That private feed address is not in use any more." in page
    assert [200, 404] == [reader.get(one).status_code for one in (first, second)]
    page = visitor.follow("/me/feed-link/revoke")
    assert "Your private feed addresses are not in use any more." in page
    assert 404 == reader.get(first).status_code


def test_reading_by_a_private_address_writes_once_an_hour(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """When it was last read is kept to the hour: a reader that asks all day costs no more."""
    address = made(visit(lite_cast.bob).post("/me/feed-link").text)
    writes = []
    for minutes in (0, 59, 1):
        clock.advance(minutes=minutes)
        with statements(bridge.store) as sent:
            visit().page(address)
        writes.append(sum(s.startswith("UPDATE feed_links") for s in sent))
    assert [1, 0, 1] == writes


def test_an_address_that_cannot_be_made_says_why(lite_cast: Cast, visit: Visit) -> None:
    """The name that was typed is kept."""
    answer = visit(lite_cast.bob).post("/me/feed-link", name="x" * 61)
    assert 422 == answer.status_code
    assert "longer than 60 characters" in answer.text
    assert f'value="{"x" * 61}"' in answer.text


def made(source: str) -> str:
    """The private address that the page shows."""
    found = re.search(r'id="feed-link" readonly value="http://localhost([^"]+)"', source)
    assert found is not None, source
    return html.unescape(found[1])


def test_a_person_who_left_reads_no_feed(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """The address of somebody whom the LMS suspended is not in use any more."""
    address = made(visit(lite_cast.bob).post("/me/feed-link").text)
    with bridge.store.work() as work:
        people = t.people
        work.sql.execute(people.update().where(people.c.id == lite_cast.bob).values(suspended=True))
    assert 404 == visit().get(address).status_code


def test_a_long_ago_is_said_with_its_year(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """From *just now* to another year, as people say it."""
    asked = {
        timedelta(seconds=59): "just now",
        timedelta(minutes=1): "1 minute ago",
        timedelta(minutes=59): "59 minutes ago",
        timedelta(hours=1): "1 hour ago",
        timedelta(hours=8): "8 hours ago",
        timedelta(hours=10): "yesterday",
        timedelta(days=6): "6 days ago",
        timedelta(days=20): "5 Nov",
        timedelta(days=400): "21 Oct 2025",
    }
    for number, (age, expected) in enumerate(asked.items()):
        ident = lite_cast.complete(lite_cast.bob, _course(lite_cast, number))
        at = clock.now() - age
        with bridge.store.work() as work:
            work.sql.execute(
                t.completions.update()
                .where(t.completions.c.id == ident)
                .values(completed_at=at, seen_at=at)
            )
        assert f"course {number} {expected} ·" in visit(lite_cast.bob).read("/me/sharing")


def _course(cast: Cast, number: int) -> int:
    with cast.store.work() as work:
        return work.sql.execute(
            t.courses.insert().returning(t.courses.c.id),
            {
                "connection_id": cast.connection,
                "lms_id": 900 + number,
                "name": f"course {number}",
                "first_seen_at": cast.now,
            },
        ).scalar_one()
