"""The desk's page: five minutes of Alice's week."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from bridge import flow
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.model import Audience, AudienceKind, DeliveryState, Kind, Suggestion
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.lively import Lively, courses_only, everyone, viewer
from tests.visitor import Visit, Visitor, field, words

WORDS = "I ask first, and wait. Try it with me?"


@pytest.fixture
def alice(bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit) -> Visitor:
    """Alice, signed in, in the week in which something goes on; what was told she knows."""
    courses_only(bridge, lite_cast)
    return visit(lite_cast.alice)


def suggested(bridge: Bridge, cast: Cast) -> tuple[Suggestion, ...]:
    """What Alice's desk suggests."""
    return flow.desk_page(bridge.store, bridge.clock, viewer(bridge, cast.alice)).suggestions


def share_form(suggestion: Suggestion, **changes: Any) -> dict[str, Any]:
    """The form of a suggestion, filled in."""
    form: dict[str, Any] = {
        "suggestion_id": suggestion.id,
        "course_id": suggestion.course.id,
        "text": WORDS,
        "audience": f"team:{suggestion.team_id}",
    }
    return form | changes


def deliveries(cast: Cast, kind: Kind) -> list[tuple[str, str, int | None]]:
    """Outlet, state and wanted revision of what was told of a kind."""
    d, a, o = t.deliveries, t.activities, t.outlets
    query = (
        select(o.c.name, d.c.state, d.c.wanted)
        .join(a, a.c.id == d.c.activity_id)
        .join(o, o.c.id == d.c.outlet_id)
        .where(a.c.kind == kind.value, a.c.actor_id == cast.alice)
    )
    with cast.store.reading() as work:
        return [tuple(row) for row in work.sql.execute(query)]


def test_the_desk_shows_suggestions_questions_and_shares(
    bridge: Bridge, lite_cast: Cast, alice: Visitor
) -> None:
    """Each suggestion says why this, why you, why now; each question who waits and how long."""
    page = alice.read("/desk")
    assert (
        "About five minutes, once a week. 2things to share 1open question 0shares of yours" in page
    )
    for one in suggested(bridge, lite_cast):
        for said in (one.why_this.text, one.why_you.text, one.why_now.text, one.prompt):
            assert said in page
    assert (
        "Bob Brown asks Sales · Negotiation waits 4 days When do you name a price?"
        " I would like to know before Monday." in page
    )
    assert "What you share stands here" in page


def test_an_empty_desk_says_what_comes_next(lite_cast: Cast, visit: Visit) -> None:
    """Before the first suggestions there is nothing to do, and the page says why."""
    page = visit(lite_cast.alice).read("/desk")
    assert "All done for this week." in page
    assert "Nothing to suggest yet. Suggestions come from what your people learn" in page
    assert "Nobody of your people waits for an answer." in page


def test_sharing_and_undoing(
    bridge: Bridge, lite_cast: Cast, lively: Lively, alice: Visitor
) -> None:
    """A share stands in the feed at once, leaves after a minute, and can be taken back."""
    one = suggested(bridge, lite_cast)[0]
    page = alice.follow("/desk/share", **share_form(one))
    assert "Shared. Nothing leaves for a minute. Undo" in page
    assert f"{WORDS} just now 0 cheers 0 comments" in page
    assert f"You recommend {one.course.name} just now · Seen by Sales {WORDS}" in alice.read("/")

    found = re.search(r'action="(/desk/shares/[^"]+/undo)"', alice.page("/desk"))
    assert found is not None
    page = alice.follow(found[1])
    assert "Taken back. Nobody sees it any more." in page
    assert "2things to share" in page
    assert WORDS not in alice.read("/")


def test_sharing_to_an_outlet(
    bridge: Bridge, lite_cast: Cast, lively: Lively, alice: Visitor, clock: FrozenClock
) -> None:
    """For everyone it may go to everyone's outlet; the desk then says what became of it."""
    one = suggested(bridge, lite_cast)[0]
    form = share_form(one, audience=everyone(lite_cast).key, outlet=["x", lively.outlet])
    page = alice.follow("/desk/share", **form)
    assert [("Intranet", DeliveryState.WAITING.value, 1)] == deliveries(lite_cast, Kind.SHARE)
    assert "Intranet: on its way" in page
    clock.advance(minutes=2)
    page = alice.read("/desk")
    assert "Shared. Nothing leaves" not in page
    assert "1share of yours" in page
    assert "Take it back" in alice.read("/")


def test_only_outlets_that_fit_the_audience_are_offered(
    bridge: Bridge, lite_cast: Cast, alice: Visitor
) -> None:
    """A team's share fits the team's outlet; one for everyone fits both; replies' none."""
    team = Audience(AudienceKind.TEAM, lite_cast.sales)
    with bridge.store.work() as work:
        at = lite_cast.connection
        outlets.add(work, at, "Sales chat", "webhook", team, {"url": "https://x.example"}, "s")
        outlets.add(work, at, "Back", "webhook", everyone(lite_cast), {}, "s", purpose="reply")
        off = outlets.add(work, at, "Off", "webhook", team, {}, "s")
        outlets.change(work, at, off.id, enabled=False)
    source = alice.page("/desk")
    shown = re.findall(r'data-fits="([^"]*)"><input.*?<span dir="auto">([^<]+)<', source)
    assert [
        (everyone(lite_cast).key, "Intranet"),
        (f"{team.key} {everyone(lite_cast).key}", "Sales chat"),
    ] == shown[:2]
    assert {"Intranet", "Sales chat"} == {name for _, name in shown}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"text": " "}, "There is no text. Write a sentence of your own first."),
        ({"text": "x" * 4_001}, "4,000"),
        (
            {"audience": "team:{cast.engineering}", "outlet": ""},
            "You cannot share with these people.",
        ),
        ({"audience": "everywhere"}, "That audience is not one of yours."),
        ({"course_id": "{cast.layoffs}"}, "The people you share with cannot see this course."),
        ({"audience": "team:{cast.sales}"}, "Intranet is read by people whom you did not choose."),
        ({"course_id": "x"}, "The form was not whole."),
        ({"suggestion_id": "-1"}, "The form was not whole."),
        ({"suggestion_id": "9999"}, "There is no such suggestion"),
    ],
)
def test_a_share_that_cannot_be_taken_is_not_lost(
    changes: dict[str, str],
    why: str,
    bridge: Bridge,
    lite_cast: Cast,
    lively: Lively,
    alice: Visitor,
) -> None:
    """The second suggestion stays open, with the words, the audience and the outlet as chosen."""
    one = suggested(bridge, lite_cast)[1]
    form = share_form(one, audience=everyone(lite_cast).key, outlet=lively.outlet)
    form |= {name: value.format(cast=lite_cast) for name, value in changes.items()}
    answer = alice.post("/desk/share", **form)
    assert 422 == answer.status_code
    assert [] == deliveries(lite_cast, Kind.SHARE)
    assert why in words(answer.text)
    if "suggestion_id" in changes:
        assert WORDS == html.unescape(answer.text.partition("readonly")[2].split(">")[1][:-10])
        return
    here = answer.text[answer.text.index(f'id="suggestion-{one.id}"') :]
    assert f'id="suggestion-{one.id}" open>' in here
    assert 1 == answer.text.count("open>")
    assert form["text"] == field(here, "text")
    assert ("outlet" not in changes) is (f'value="{lively.outlet}" checked' in here)
    if "audience" not in changes:
        assert f'value="{everyone(lite_cast).key}" selected' in here


def test_putting_off_and_dismissing(bridge: Bridge, lite_cast: Cast, alice: Visitor) -> None:
    """What was put off stays, last and marked; what was dismissed goes; then all is done."""
    first, second = suggested(bridge, lite_cast)
    page = alice.follow(f"/desk/suggestions/{first.id}/later", text="half a thought")
    assert "1thing to share" in page
    assert page.index(second.course.name) < page.index(
        f"{first.course.name}{first.course.category}"
    )
    assert "Put off" in page
    away = f"/desk/suggestions/{first.id}/dismiss"
    page = alice.follow(away, kind="known", why="We did this in spring")
    assert "Thank you. It will not be suggested again soon." in page
    alice.post("/desk/share", **share_form(second))
    page = alice.read("/desk")
    assert "You have gone through all of them. The next three come on Monday." in page
    for path in ("later", "dismiss"):
        assert 404 == alice.post(f"/desk/suggestions/9999/{path}").status_code
        assert 422 == alice.post(f"/desk/suggestions/{second.id}/{path}").status_code


def test_the_suggestions_of_another_leader_are_not_mine(
    bridge: Bridge, lite_cast: Cast, alice: Visitor, visit: Visit
) -> None:
    """Erin cannot put off, dismiss or share what was suggested to Alice."""
    one = suggested(bridge, lite_cast)[0]
    erin = visit(lite_cast.erin)
    for path in ("later", "dismiss"):
        assert 404 == erin.post(f"/desk/suggestions/{one.id}/{path}").status_code
    answer = erin.post("/desk/share", **share_form(one, audience=everyone(lite_cast).key))
    assert 422 == answer.status_code
    assert {"open"} == {s.state for s in suggested(bridge, lite_cast)}


def test_another_leader_s_share_is_not_mine_to_undo(
    lite_cast: Cast, lively: Lively, alice: Visitor, visit: Visit
) -> None:
    """Alice's undo of Erin's share finds no such share; Erin's own does."""
    assert 404 == alice.post(f"/desk/shares/{lively.share}/undo").status_code
    assert 404 == alice.post("/desk/shares/none/undo").status_code
    page = visit(lite_cast.erin).follow(f"/desk/shares/{lively.share}/undo")
    assert "Taken back." in page


def test_answering_a_question(
    bridge: Bridge, lite_cast: Cast, lively: Lively, alice: Visitor
) -> None:
    """The answer stands in the feed and is on its way to the forum; the desk is done with it."""
    with bridge.store.work() as work:
        outlets.add(
            work,
            lite_cast.connection,
            "Forum",
            "moodle_forum",
            everyone(lite_cast),
            {},
            "",
            purpose="reply",
        )
    page = alice.follow(f"/desk/questions/{lively.question}/reply", text="When they ask for it.")
    assert "Your answer is on its way into the forum." in page
    assert "Nobody of your people waits for an answer." in page
    assert [("Forum", DeliveryState.WAITING.value, 1)] == deliveries(lite_cast, Kind.REPLY)
    assert "You answered a question in Negotiation" in alice.read("/")


@pytest.mark.parametrize(("text", "why"), [("", "There is no text."), ("y" * 4_001, "4,000")])
def test_an_answer_that_cannot_be_taken_is_not_lost(
    text: str, why: str, lite_cast: Cast, lively: Lively, alice: Visitor
) -> None:
    """It stands in the field of its own question, beside the reason."""
    answer = alice.post(f"/desk/questions/{lively.question}/reply", text=text)
    assert 422 == answer.status_code
    here = answer.text[answer.text.index('class="reply-form"') :]
    assert text == field(here, "text")
    assert f'aria-describedby="problem-question-{lively.question}"' in here
    assert why in words(answer.text)


def test_only_questions_of_my_people_can_be_answered(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Erin leads other people: she is told that there is no such question."""
    answer = visit(lite_cast.erin).post(
        f"/desk/questions/{lively.question}/reply", text="From afar."
    )
    assert 422 == answer.status_code
    assert "There is no such question" in words(answer.text)
    assert "What you wroteFrom afar." in words(answer.text)
    assert "From afar." not in visit(lite_cast.bob).page("/")


def test_a_reason_leads_to_where_its_figures_can_be_checked(
    bridge: Bridge, lite_cast: Cast, alice: Visitor
) -> None:
    """Each link of a reason is an address of the bridge that Alice can open."""
    links = re.findall(r'<a class="check" href="([^"]+)"', alice.page("/desk"))
    assert links
    for link in links:
        target = html.unescape(link)
        assert target.startswith("#") or 200 == alice.get(target).status_code


def test_the_share_of_a_course_that_is_hidden_now_stays_mine(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Erin's desk lists it without the course's name, and she can still take it back."""
    with lite_cast.store.work() as work:
        work.sql.execute(
            t.courses.update().where(t.courses.c.id == lite_cast.feedback).values(visible=False)
        )
    page = visit(lite_cast.erin).read("/desk")
    assert "A course that is not shown any more" in page
    assert "Intranet: given up" in page
    assert "Erin Evans shared something" in visit(lite_cast.charlie).read("/")
    assert "Giving feedback" not in page
