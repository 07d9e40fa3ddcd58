"""The feed's pages: what people read there, and what they do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from bridge import flow
from bridge.bootstrap import Bridge
from bridge.feed import read, write
from bridge.model import Audience, AudienceKind, Choice, FeedItem
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.lively import BOB_ASKS, ERIN_SAYS, Lively, everyone, viewer
from tests.statements import statements
from tests.visitor import Visit, field, tell, words

BEFORE = re.compile(r'href="(/\?before=[^"]+)"')


def say(bridge: Bridge, person: int, text: str, audience: Audience) -> str:
    """The person posts; the item's uid."""
    who = viewer(bridge, person)
    return flow.post(bridge.store, bridge.clock, who, text, audience, False).uid


def item(bridge: Bridge, person: int, uid: str) -> FeedItem:
    """The item as the person may see it."""
    with bridge.store.reading() as work:
        return read.one(work, viewer(bridge, person), uid)


def first(bridge: Bridge, person: int) -> FeedItem:
    """The newest item of the person's feed."""
    with bridge.store.reading() as work:
        return read.home(work, viewer(bridge, person)).items[0]


# --- reading -------------------------------------------------------------------------------------


def test_home_tells_what_colleagues_learn_ask_and_recommend(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Charlie reads who finished what, how many others did, and what people said about it."""
    page = visit(lite_cast.charlie).read("/")
    assert re.search(r"\w+, \w.* and 12 others finished Giving feedback", page)
    assert (
        f"Erin Evans recommends Giving feedback 3 hours ago · Seen by Everyone {ERIN_SAYS}" in page
    )
    assert "New to learn: Asking better questions" in page
    assert f"Bob Brown asks 3 hours ago · Seen by Everyone Question {BOB_ASKS}" in page
    assert "Show all 3 comments" in page
    assert "Feedback by e-mail?" in page
    assert "When do you name a price?" not in page
    assert "Beth Becker finished" not in page


def test_the_times_of_an_item_are_one_click_away(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """When it happened, when the LMS said so, when it was posted; on hover to the minute."""
    source = visit(lite_cast.charlie).page(f"/a/{lively.share}")
    assert 'title="Wed 25 Nov 2026, 06:00 UTC">3 hours ago</time>' in source
    assert "Posted here06:00 Who sees itEveryone" in words(source)
    page = visit(lite_cast.beth).read("/")
    assert "Completed04:12Seen in the LMS04:12 Posted here04:12 Last changed09:00" in page


def test_an_item_about_me_says_you_and_leads_to_my_settings(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Bob finished early that day; his name comes first on his own page all the same."""
    source = visit(lite_cast.bob).page("/")
    page = words(source)
    assert re.search(r"You, \w.* and 12 others finished Giving feedback .* This is about you", page)
    about_me = source[source.index('class="about-me"') :]
    assert 'href="/me/sharing"' in about_me[:400]


@pytest.mark.parametrize(
    ("named", "others", "expected"),
    [
        ([], 7, "7 people finished"),
        (["bob"], 0, "Bob Brown finished"),
        (["bob", "beth"], 0, "Bob Brown and Beth Becker finished"),
        (["bob", "beth", "erin"], 0, "Bob Brown, Beth Becker and Erin Evans finished"),
        (["bob", "beth", "erin"], 5, "Bob Brown, Beth Becker and 6 others finished"),
        (["bob"], 5, "Bob Brown and 5 others finished"),
        (["charlie"], 5, "You and 5 others finished"),
        (["bob", "charlie"], 0, "You and Bob Brown finished"),
    ],
)
def test_an_aggregate_is_one_sentence(
    named: list[str], others: int, expected: str, lite_cast: Cast, visit: Visit
) -> None:
    """Whoever is named is named, and the others are a number; Charlie reads it."""
    finished(lite_cast, [getattr(lite_cast, name) for name in named], others)
    assert f"{expected} Giving feedback" in visit(lite_cast.charlie).read("/")


def finished(cast: Cast, people: list[int], others: int) -> None:
    """The people, who agreed to it, and so many others finished Giving feedback."""
    with cast.store.work() as work:
        activity = work.sql.execute(
            t.activities.insert().returning(t.activities.c.id),
            {
                "uid": "6f1e2d3c-0000-4000-8000-000000000001",
                "connection_id": cast.connection,
                "kind": "completion",
                "audience": everyone(cast).key,
                "course_id": cast.feedback,
                "day": cast.now.date(),
                "named": len(people),
                "others": others,
                "group_size": 40,
                "published": cast.now - timedelta(hours=1),
                "updated": cast.now - timedelta(hours=1),
            },
        ).scalar_one()
    for number, person in enumerate(people):
        cast.choose(person, Choice.EVERYONE)
        completion = cast.complete(person, cast.feedback, days_ago=0.1 + number / 100)
        at = cast.now - timedelta(days=0.1 + number / 100)
        with cast.store.work() as work:
            work.sql.execute(
                t.activity_members.insert(),
                {
                    "activity_id": activity,
                    "person_id": person,
                    "completion_id": completion,
                    "at": at,
                },
            )


def test_a_feed_goes_on_page_by_page_to_its_end(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """Twenty a page; the link below leads on, and the end says that it is the end."""
    for number in range(45):
        clock.advance(minutes=1)
        say(bridge, lite_cast.bob, f"post number {number}.", everyone(lite_cast))
    visitor, address, seen = visit(lite_cast.charlie), "/", []
    for more in (True, True, False):
        source = visitor.page(address)
        seen += re.findall(r"post number (\d+)\.", source)
        found = BEFORE.search(source)
        assert more is (found is not None)
        assert more is ("You have seen everything." not in source)
        address = found[1] if found else address
    assert [str(n) for n in range(44, -1, -1)] == seen


def test_a_page_after_the_last_one_says_so(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """What stood there was taken back in the meantime."""
    uids = []
    for _ in range(21):
        clock.advance(minutes=1)
        uids.append(say(bridge, lite_cast.bob, "hello", everyone(lite_cast)))
    visitor = visit(lite_cast.bob)
    found = BEFORE.search(visitor.page("/"))
    assert found is not None
    visitor.post(f"/a/{uids[0]}/remove")
    assert "That was everything." in visitor.read(found[1])


def test_an_address_that_nobody_made_is_refused_in_words(lite_cast: Cast, visit: Visit) -> None:
    """A cursor that is none is a mistake of whoever typed it, and no more."""
    answer = visit(lite_cast.bob).get("/?before=nonsense")
    assert 422 == answer.status_code
    assert "To the feed" in words(answer.text)


def test_the_home_page_costs_the_same_however_much_there_is(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """As many statements with twenty items on the page as with five; fewer than twenty."""
    visitor, costs = visit(lite_cast.charlie), []
    visitor.get("/")
    for count in (5, 15):
        for number in range(count):
            clock.advance(minutes=1)
            uid = say(bridge, lite_cast.bob, f"post {number}", everyone(lite_cast))
            with bridge.store.work() as work:
                write.cheer(work, viewer(bridge, lite_cast.erin), uid, clock.now())
                write.comment(work, viewer(bridge, lite_cast.erin), uid, "yes", clock.now())
        with statements(bridge.store) as sent:
            source = visitor.page("/")
        costs.append((source.count("<article"), len(sent)))
    assert [(5, costs[0][1]), (20, costs[0][1])] == costs
    assert costs[0][1] < 20


def test_a_quiet_feed_says_what_to_do_next(lite_cast: Cast, visit: Visit) -> None:
    """Every feed that has nothing yet says when it will have something."""
    visitor = visit(lite_cast.bob)
    for path, expected in {
        "/": "It is quiet here, for now",
        f"/courses/{lite_cast.feedback}": "Nothing was told about this course yet",
        f"/teams/{lite_cast.sales}": "Your team has not told anything yet",
        f"/people/{lite_cast.bob}": "What you finish and what you post appears here",
        f"/people/{lite_cast.beth}": "This person has not told anything that is for you.",
    }.items():
        assert expected in visitor.read(path), path
    assert "Write the first post" in visitor.read("/")


def test_a_course_has_a_page_of_its_own(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """What it is, the way into the LMS, and what people told about it."""
    source = visit(lite_cast.bob).page(f"/courses/{lite_cast.feedback}")
    page = words(source)
    assert "Leadership Giving feedback All about giving feedback. Open the course" in page
    assert (
        'href="https://lms.example/course/view.php?id=10" target="_blank" rel="noopener' in source
    )
    assert ERIN_SAYS in page
    assert BOB_ASKS not in page


def test_a_team_has_a_page_for_its_people(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """Alice leads Sales and reads it; to Charlie the team is as good as not there."""
    page = visit(lite_cast.alice).read(f"/teams/{lite_cast.sales}")
    assert "Team Sales 27 people · you lead it" in page
    assert "Beth Becker and 5 others finished Giving feedback" in page
    assert "you lead it" not in visit(lite_cast.bob).read(f"/teams/{lite_cast.sales}")
    answer = visit(lite_cast.charlie).get(f"/teams/{lite_cast.sales}")
    assert 404 == answer.status_code
    assert "Sales" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/courses/{cast.layoffs}",
        "/courses/9999",
        "/courses/99999999999999999999",
        "/teams/9999",
        "/people/9999",
        "/a/none",
        "/a/6f1e2d3c-0000-4000-8000-00000000ffff",
        "/a/none/comments",
        "/nowhere",
    ],
)
def test_what_is_not_there_or_not_for_me_is_the_same(
    path: str, lite_cast: Cast, visit: Visit
) -> None:
    """A hidden course, other people's things and mere guesses: there is no such page."""
    answer = visit(lite_cast.bob).get(path.format(cast=lite_cast))
    assert 404 == answer.status_code
    assert re.search(r"404 There is no such \w+\.", words(answer.text))
    assert "To the feed" in answer.text


# --- cheering ------------------------------------------------------------------------------------


def test_cheering_and_taking_it_back(
    bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Charlie cheers Erin's share, twice by mistake, and thinks better of it."""
    visitor = visit(lite_cast.charlie)
    path = f"/a/{lively.share}/cheer"
    for _ in range(2):
        assert "Cheer2" in visitor.follow(path, cheer="yes")
    assert item(bridge, lite_cast.charlie, lively.share).reacted
    assert 'value="no" aria-pressed="true"' in visitor.page(f"/a/{lively.share}")
    assert "Cheer1" in visitor.follow(path, cheer="no")
    assert not item(bridge, lite_cast.charlie, lively.share).reacted


def test_cheering_in_place_answers_with_the_button_alone(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """htmx changes the button, not the page."""
    answer = visit(lite_cast.charlie).post(f"/a/{lively.share}/cheer", htmx=True, cheer="yes")
    assert (200, 1, 0) == (
        answer.status_code,
        answer.text.count("<form"),
        answer.text.count("<article"),
    )
    assert 'value="no" aria-pressed="true"' in answer.text


def test_cheering_what_one_may_not_see_fails_where_one_stands(
    lite_cast: Cast, bridge: Bridge, visit: Visit
) -> None:
    """In place, the answer is a message for the foot of the page."""
    uid = say(bridge, lite_cast.bob, "for us", Audience(AudienceKind.TEAM, lite_cast.sales))
    answer = visit(lite_cast.charlie).post(f"/a/{uid}/cheer", htmx=True, cheer="yes")
    assert 404 == answer.status_code
    assert answer.text.startswith('<p class="toast toast-problem">There is no such item.')


def test_going_back_never_leaves_the_bridge(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """After a form the browser returns to the page it came from, if that is one of ours."""
    visitor = visit(lite_cast.charlie)
    for referrer, expected in {
        f"http://localhost/courses/{lite_cast.feedback}?before=3": (
            f"/courses/{lite_cast.feedback}?before=3"
        ),
        "https://evil.example/": f"/a/{lively.share}",
        "http://localhost//evil.example": f"/a/{lively.share}",
        "http://[broken": f"/a/{lively.share}",
        "": f"/a/{lively.share}",
    }.items():
        answer = visitor.post(f"/a/{lively.share}/cheer", referrer=referrer, cheer="yes")
        assert (303, expected) == (answer.status_code, answer.headers["Location"]), referrer


# --- commenting ----------------------------------------------------------------------------------


def test_comments_are_read_on_the_item_and_in_place(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """The page of an item holds every comment; in a feed they unfold below it."""
    visitor = visit(lite_cast.charlie)
    said = "I ask what they would like to hear about instead."
    assert said not in visitor.page("/")
    assert said in visitor.page(f"/a/{lively.post}")
    part = visitor.page(f"/a/{lively.post}/comments")
    assert said in part and "<html" not in part


def test_commenting_on_the_item_s_page(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """Charlie comments, reads it, and takes it away again; Beth's stays."""
    visitor = visit(lite_cast.charlie)
    answer = visitor.post(f"/a/{lively.share}/comments", text="Count me in.\r\nNext week?")
    assert f"/a/{lively.share}#comments" == answer.headers["Location"]
    source = visitor.page(f"/a/{lively.share}")
    assert "Count me in.\nNext week?" in source
    found = re.search(r'action="(/comments/\d+/remove)"', source)
    assert found is not None
    assert 404 == visit(lite_cast.charlie).post("/comments/9999/remove").status_code
    assert 403 == visit(lite_cast.bob).post(found[1]).status_code
    assert 303 == visitor.post(found[1]).status_code
    assert "Count me in" not in visitor.page(f"/a/{lively.share}")


def test_commenting_in_place(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """htmx is sent on to the comments alone, the new one among them."""
    visitor = visit(lite_cast.charlie)
    answer = visitor.post(f"/a/{lively.share}/comments", htmx=True, text="Count me in.")
    assert (303, f"/a/{lively.share}/comments") == (
        answer.status_code,
        answer.headers["Location"],
    )
    assert "Count me in." in visitor.page(answer.headers["Location"])


@pytest.mark.parametrize("htmx", [False, True])
def test_a_comment_that_cannot_be_taken_is_not_lost(
    htmx: bool, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """What was typed stands in the field again, beside the reason, and the field has the focus."""
    typed = "too long & <b>bold</b> " + "x" * 4_000
    answer = visit(lite_cast.charlie).post(f"/a/{lively.share}/comments", htmx=htmx, text=typed)
    assert 422 == answer.status_code
    assert typed == field(answer.text, "text")
    assert 'role="alert"' in answer.text
    assert f'aria-describedby="problem-comment-{lively.share}" autofocus' in answer.text
    assert htmx is ("<html" not in answer.text)


# --- posting -------------------------------------------------------------------------------------


def test_posting_a_question_to_my_team(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Bob asks Sales; Beth reads it, Charlie does not."""
    page = visit(lite_cast.bob).follow(
        "/posts",
        text="Who has a good opening line?",
        audience=f"team:{lite_cast.sales}",
        question="yes",
    )
    assert "You ask just now · Seen by Sales Question Who has a good opening line?" in page
    assert "Bob Brown asks just now" in visit(lite_cast.beth).read("/")
    assert "opening line" not in visit(lite_cast.charlie).read("/")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"text": "  "}, "Write something"),
        ({"text": "x" * 4_001}, "4,000"),
        ({"audience": "team:{cast.engineering}"}, "That audience is not one of yours."),
        ({"audience": "nobody"}, "That audience is not one of yours."),
        ({"audience": "public:{cast.connection}"}, "That audience is not one of yours."),
    ],
)
def test_a_post_that_cannot_be_taken_is_not_lost(
    changes: dict[str, str], why: str, lite_cast: Cast, visit: Visit
) -> None:
    """Text, audience and the mark as a question stand in the form as they were."""
    form: dict[str, Any] = {
        "text": "Hello & <welcome>",
        "audience": f"team:{lite_cast.sales}",
        "question": "yes",
    }
    form |= {name: value.format(cast=lite_cast) for name, value in changes.items()}
    answer = visit(lite_cast.bob).post("/posts", **form)
    assert 422 == answer.status_code
    assert why in words(answer.text)
    assert form["text"] == field(answer.text, "text")
    assert 'name="question" value="yes" checked' in answer.text
    if "audience" not in changes:
        assert f'<option value="team:{lite_cast.sales}" selected>' in answer.text


def test_taking_a_post_back(bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """Its author may, others may not, and twice is once."""
    path = f"/a/{lively.post}/remove"
    assert "Take it back" not in visit(lite_cast.charlie).read("/")
    assert 403 == visit(lite_cast.charlie).post(path).status_code
    visitor = visit(lite_cast.bob)
    assert "Take it back" in visitor.read("/")
    answer = visitor.post(path, referrer=f"http://localhost/a/{lively.post}")
    assert "/" == answer.headers["Location"]
    assert BOB_ASKS not in visitor.read("/")
    assert 404 == visitor.post(path).status_code


# --- hiding --------------------------------------------------------------------------------------


def test_hiding_what_an_item_says_about_me(bridge: Bridge, lite_cast: Cast, visit: Visit) -> None:
    """Bob hides it from everybody; the item, which named him alone, is gone."""
    lite_cast.choose(lite_cast.bob, Choice.EVERYONE)
    lite_cast.complete(lite_cast.bob, lite_cast.feedback)
    tell(bridge, lite_cast)
    uid = first(bridge, lite_cast.bob).activity.uid
    visitor = visit(lite_cast.bob)
    assert "Hide it" in visitor.read("/")
    assert 404 == visit(lite_cast.charlie).post(f"/a/{uid}/hide").status_code
    answer = visitor.post(f"/a/{uid}/hide")
    assert "/me/sharing" == answer.headers["Location"]
    page = visitor.read("/me/sharing")
    assert "Hidden. Nobody but you sees that you finished it." in page
    assert "Giving feedback just now · hidden by you Show again" in page
    assert "Bob Brown finished" not in visit(lite_cast.charlie).read("/")


# --- news ----------------------------------------------------------------------------------------


def test_news_are_counted_above_what_one_reads(
    bridge: Bridge, lite_cast: Cast, lively: Lively, clock: FrozenClock, visit: Visit
) -> None:
    """Nothing new is no answer; after two posts a pill says so, for one statement of its own."""
    visitor = visit(lite_cast.charlie)
    news = asks(visitor.page("/"))
    assert (204, "") == (lambda a: (a.status_code, a.text))(visitor.get(news))
    clock.advance(seconds=1)
    say(bridge, lite_cast.charlie, "my own", everyone(lite_cast))
    assert 204 == visitor.get(news).status_code
    for text in ("one", "two"):
        say(bridge, lite_cast.bob, text, everyone(lite_cast))
    with statements(bridge.store) as sent:
        assert "2 new items" == words(visitor.page(news))
    assert 1 == sum("activities" in s for s in sent)
    assert 422 == visitor.get("/news?after=gone").status_code


def asks(source: str) -> str:
    """Where the page asks for news."""
    found = re.search(r'hx-get="(/news\?after=[^"]+)"', source)
    assert found is not None
    return found[1]


# --- presence ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        (["GET /news"], []),
        (["GET /feeds/home.atom"], []),
        (["GET /desk"], []),
        (["GET /a/none"], []),
        (["GET /"], [(False, False)]),
        (["GET /", "GET /", "GET /courses/1"], [(True, False)]),
        (["GET /courses/1", "GET /"], [(True, False)]),
        (["GET /", "POST /posts"], [(True, True)]),
    ],
)
def test_what_people_do_is_counted_once_a_day(
    acts: list[str], expected: list[tuple[bool, bool]], lite_cast: Cast, visit: Visit
) -> None:
    """Opening a page is reached, opening an item active, posting engaged; a refusal is nothing."""
    visitor = visit(lite_cast.bob)
    for act in acts:
        method, path = act.split()
        if method == "GET":
            visitor.get(path)
        else:
            visitor.post(path, text="hello", audience=everyone(lite_cast).key)
    with lite_cast.store.reading() as work:
        rows = work.sql.execute(t.presence.select()).all()
    assert expected == [(row.active, row.engaged) for row in rows]
    assert all(lite_cast.bob == row.person_id for row in rows)


def test_the_items_of_other_time_zones_are_dated_there(
    bridge: Bridge, lite_cast: Cast, lively: Lively, app: Flask, visit: Visit
) -> None:
    """Charlie's own time zone says what o'clock it was; one that is none falls back."""
    for zone, expected in {
        "Asia/Tokyo": "Wed 25 Nov 2026, 15:00 JST",
        "Asia/Dubai": "Wed 25 Nov 2026, 10:00 UTC+04",
        "Nowhere/Land": "Wed 25 Nov 2026, 06:00 UTC",
        "../etc/passwd": "Wed 25 Nov 2026, 06:00 UTC",
    }.items():
        with bridge.store.work() as work:
            work.sql.execute(
                t.people.update().where(t.people.c.id == lite_cast.charlie).values(timezone=zone)
            )
        assert expected in visit(lite_cast.charlie).page(f"/a/{lively.share}")


def test_the_bridge_s_own_time_zone_stands_in(
    bridge: Bridge, lite_cast: Cast, lively: Lively, app: Flask, visit: Visit
) -> None:
    """For people of whom the LMS knows none; and where that is none either, UTC."""
    for zone, expected in {"Europe/Rome": "07:00 CET", "Mars/Base": "06:00 UTC"}.items():
        app.extensions["bridge"] = replace(bridge, config=replace(bridge.config, timezone=zone))
        assert expected in visit(lite_cast.charlie).page(f"/a/{lively.share}")
