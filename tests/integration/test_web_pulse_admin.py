"""The pulse's pages, and the admin's."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from bridge import flow
from bridge.access import roles
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.demo.lms.server import running_lms
from bridge.feed import read
from bridge.lms.moodle import MoodleConnector
from bridge.model import (
    Audience,
    AudienceKind,
    Choice,
    DeliveryState,
    PulseWeek,
    Role,
    Rule,
    Site,
    SyncReport,
)
from bridge.storage import tables as t
from bridge.web.chart import chart, share
from tests.cast import Cast
from tests.lively import Lively, viewer
from tests.small_company import small_company
from tests.visitor import Visit, words

# --- the pulse -----------------------------------------------------------------------------------


def test_the_pulse_says_how_many_of_how_many(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """Three numbers under the rule of five, drawn and as a table; what they mean on the page."""
    source = visit(lite_cast.alice).page("/pulse")
    page = words(source)
    assert "Everybody Reached25 Active19 Engaged9 Of 30 people, in the week that began" in page
    assert "Half of all" in page
    assert "23 Nov 20263025199" in page
    assert "12 Oct 2026301813few" in page
    assert "Sales 27 people Reachednearly all" in page
    assert "Share of the eligible people who were reached, active and engaged, by week" in source
    assert "They say what happened, not who caused it." in page
    assert 'href="/pulse/definitions"' in source


def test_a_leader_sees_the_teams_they_lead_and_a_manager_every_team(
    bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Two people of Engineering are too few for a number, whoever looks."""
    for person, teams in {
        lite_cast.alice: ["Sales"],
        lite_cast.erin: ["Engineering"],
        lite_cast.dana: ["Engineering", "Sales"],
    }.items():
        source = visit(person).page("/pulse")
        assert teams == sorted(re.findall(r'<h3 id="team-\d+" dir="auto">(\w+)</h3>', source))
        few = "Too few people: a number would point at persons, so none is shown."
        assert ("Engineering" in teams) is (few in words(source))
    with bridge.store.work() as work:
        roles.grant(work, lite_cast.charlie, Role.COMMUNITY_MANAGER)
    assert "Engineering" in visit(lite_cast.charlie).read("/pulse")


def test_a_small_company_has_no_pulse_yet(lite_cast: Cast, visit: Visit) -> None:
    """Six people: every number would point at somebody."""
    source = visit(lite_cast.dana).page("/pulse")
    page = words(source)
    assert 'href="/pulse/definitions"' in source
    assert "There is nothing to show yet." in page
    assert not re.search(r"Of \d+ people", page)


def test_the_definitions_stand_on_a_page_of_their_own(lite_cast: Cast, visit: Visit) -> None:
    """One click away, for whoever may open the pulse."""
    page = visit(lite_cast.alice).read("/pulse/definitions")
    for said in ("Eligible", "Reached", "Active", "Engaged", "The half line"):
        assert said in page


def week(number: int, *, eligible: int = 40, reached: int = 30, active: int = 20) -> PulseWeek:
    """A week of a group."""
    monday = date(2026, 9, 7) + timedelta(weeks=number)
    return PulseWeek(week=monday, eligible=eligible, reached=reached, active=active, engaged=10)


def test_a_chart_s_lines_stay_inside_of_it() -> None:
    """Left to right, none above the whole nor below nothing."""
    drawn = chart([week(n, reached=3 * n) for n in range(12)], 760, 280, labels=112)
    for line in drawn.lines:
        xs, ys = zip(*line.points, strict=True)
        assert list(xs) == sorted(set(xs))
        assert drawn.left <= min(xs) and max(xs) <= drawn.right
        assert drawn.top <= min(ys) and max(ys) <= drawn.bottom
        assert line.area.startswith(line.path) and line.area.endswith("Z")
    assert (drawn.top + drawn.bottom) / 2 == drawn.half_y
    assert [100, 75, 50, 25, 0] == [p for _, p in sorted(drawn.ticks)]
    assert date(2026, 11, 23) == drawn.dates[-1][1]
    assert 6 == len(drawn.dates)


def test_labels_never_cover_one_another() -> None:
    """Three lines that end at the half line: four labels, each readable, none below the drawing."""
    weeks = [PulseWeek(week=date(2026, 9, 7), eligible=40, reached=20, active=20, engaged=20)] * 2
    drawn = chart(weeks, 760, 280, labels=112)
    places = sorted([*(line.label_y for line in drawn.lines), drawn.half_label_y])
    assert all(b - a >= 17 for a, b in pairwise(places))
    assert places[-1] <= drawn.bottom
    assert [50, 50, 50] == [line.percent for line in drawn.lines]


@pytest.mark.parametrize("weeks", [[], [week(0)]])
def test_a_chart_of_little_is_still_a_chart(weeks: list[PulseWeek]) -> None:
    """No week draws nothing, and one week draws points."""
    drawn = chart(weeks, 280, 84, dates=0)
    assert [len(weeks)] * 3 == [len(line.points) for line in drawn.lines]
    assert () == drawn.dates
    assert (weeks == []) is (drawn.lines[0].path == "")


def test_a_drawing_does_not_tell_what_the_number_hides() -> None:
    """All small numbers stand at the same height, and so do all that leave only a few out."""
    assert 1 == len({share(count, 40) for count in range(5)})
    assert 1 == len({share(count, 40) for count in range(36, 41)})
    assert 0.5 == share(20, 40)
    assert [0.0] * 10 == [share(count, 9) for count in range(10)]
    (hidden, *_) = chart([week(0, reached=39), week(1, reached=38)], 760, 280, labels=112).lines
    assert hidden.percent is None
    assert hidden.points[0][1] == hidden.points[1][1]


# --- the connection and its syncs ----------------------------------------------------------------


def test_the_admin_sees_the_connection_and_its_last_syncs(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """What was read, stream by stream; a failure with its reason; never the token."""
    source = visit(lite_cast.dana).page("/admin")
    page = words(source)
    assert "Acme Academy in step" in page
    assert "completionsbatch240300" in page
    assert "failed 4 minutes ago" in page
    assert "Acme Academy is in maintenance." in page
    assert 'href="https://lms.example"' in source
    assert "token-of-acme" not in source


@pytest.mark.parametrize(
    ("outcome", "said", "state"),
    [
        ("partial", "in step, in part", "in part"),
        ("failed", "the last sync failed", "failed"),
        ("running", "syncing now", "running"),
    ],
)
def test_the_last_sync_says_how_it_stands(
    outcome: str, said: str, state: str, bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """In a word beside the name, and beside the run."""
    with bridge.store.work() as work:
        run = work.runs.begin(lite_cast.connection, lite_cast.now)
        if outcome != "running":
            work.runs.finish(run, SyncReport("acme", lite_cast.now, lite_cast.now, outcome, ()))
    page = visit(lite_cast.dana).read("/admin")
    assert f"Acme Academy {said}" in page
    assert f"{state} just now" in page


def test_before_the_first_sync_the_page_says_how_to_run_one(lite_cast: Cast, visit: Visit) -> None:
    """And where the categories will stand."""
    page = visit(lite_cast.dana).read("/admin")
    assert (
        "Nothing was read yet. The worker begins by itself; or run: socialbridge sync acme" in page
    )
    assert "The categories of the LMS stand here after the first sync." in page


def test_the_policy_of_a_category_counts_at_once(
    bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """No, and completions of its courses are told no more; by the rule, and they are again."""
    visitor, charlie = visit(lite_cast.dana), visit(lite_cast.charlie)
    path = f"/admin/policy/{lively.category}"
    finished = "others finished Giving feedback"
    assert finished in charlie.read("/")
    answer = visitor.post(path, announce="no")
    assert "/admin#policy" == answer.headers["Location"]
    source = visitor.page("/admin")
    assert "Saved. The feed has followed." in words(source)
    assert "3 courses · 3 of them are not announced" in words(source)
    assert ["no"] == _pressed(source)
    assert finished not in charlie.read("/")
    for word in ("rule", "yes"):
        visitor.post(path, announce=word)
        source = visitor.page("/admin")
        assert [word] == _pressed(source)
        assert finished in charlie.read("/")


def _pressed(source: str, after: str = "By category", before: str = "By tag") -> list[str]:
    """The words that stand in one part of the policy."""
    part = source[source.index(f">{after}<") : source.index(f">{before}<")]
    return re.findall(r'name="announce" value="(\w+)" aria-pressed="true"', part)


def test_what_completes_a_course_is_a_policy_too(
    bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Courses where people say so themselves are told no more, then again by default."""
    with lite_cast.store.work() as work:
        work.policy.learn({lite_cast.feedback: Rule.SELF})
    visitor, charlie = visit(lite_cast.dana), visit(lite_cast.charlie)
    finished = "others finished Giving feedback"
    assert "People say so themselves 1 course" in visitor.read("/admin")
    answer = visitor.post("/admin/policy/rules/self", announce="no")
    assert "/admin#policy" == answer.headers["Location"]
    assert finished not in charlie.read("/")
    visitor.post("/admin/policy/rules/self", announce="rule")
    assert finished in charlie.read("/")
    assert 404 == visitor.post("/admin/policy/rules/magic", announce="no").status_code
    assert 422 == visitor.post("/admin/policy/rules/self", announce="drop").status_code


def test_a_tag_is_read_from_the_lms_when_it_is_named(
    bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Who has it is known at once; a tag that is not there is named beside the form."""
    visitor, charlie = visit(lite_cast.dana), visit(lite_cast.charlie)
    finished = "others finished Giving feedback"
    story = small_company()
    (course,) = [replace(c, id=10, tags=("quiet",)) for c in story.courses if c.id == 2]
    with running_lms(story=replace(story, courses=(course,))) as lms:
        with lite_cast.store.work() as work:
            site = MoodleConnector(lms.url, lms.token).site()
            work.connections.put("acme", "moodle", lms.url, lms.token, site, lite_cast.now)
        answer = visitor.post("/admin/policy/tags", tag="unheard of", announce="no")
        assert 422 == answer.status_code
        assert "The LMS has no tag 'unheard of'." in words(answer.text)
        answer = visitor.post("/admin/policy/tags", tag=" Quiet ", announce="no")
        assert "/admin#policy" == answer.headers["Location"]
    assert "quiet 1 course · 1 of them is not announced" in visitor.read("/admin")
    assert finished not in charlie.read("/")
    assert (
        "/admin#policy"
        == visitor.post("/admin/policy/tags", tag="quiet", announce="drop").headers["Location"]
    )
    assert finished in charlie.read("/")
    assert 422 == visitor.post("/admin/policy/tags", tag="quiet", announce="drop").status_code
    assert 422 == visitor.post("/admin/policy/tags", tag="", announce="no").status_code


def test_an_lms_that_is_away_changes_no_policy(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """The page says so, next to the form, with what was typed."""
    with lite_cast.store.work() as work:
        before = work.connections.by_id(lite_cast.connection)
        site = Site("Acme", "http://127.0.0.1:9", "4.5", 99, "Bridge", frozenset())
        work.connections.put("acme", "moodle", site.url, before.token, site, lite_cast.now)
    answer = visit(lite_cast.dana).post("/admin/policy/tags", tag="quiet", announce="no")
    assert 422 == answer.status_code
    assert "cannot be reached" in words(answer.text)
    assert 'value="quiet"' in answer.text


def test_a_policy_that_cannot_be_set_changes_nothing(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """A word that is none, and a category of nobody."""
    visitor = visit(lite_cast.dana)
    answer = visitor.post(f"/admin/policy/{lively.category}", announce="perhaps")
    assert (422, True) == (answer.status_code, "Choose yes, no, or the rule." in answer.text)
    answer = visitor.post("/admin/policy/9999", announce="yes")
    assert (404, True) == (answer.status_code, "There is no such category." in answer.text)
    assert 'name="announce" value="rule" aria-pressed="true"' in visitor.page("/admin")


# --- the ledger ----------------------------------------------------------------------------------


def delivery(cast: Cast, **values: object) -> int:
    """Change the one delivery; its id."""
    d = t.deliveries
    with cast.store.work() as work:
        if values:
            work.sql.execute(d.update().values(**values))
        return work.sql.execute(select(d.c.id)).scalar_one()


def state(cast: Cast) -> tuple[str, bool]:
    """The state of the one delivery, and whether a worker will see to it."""
    d = t.deliveries.c
    with cast.store.reading() as work:
        row = work.sql.execute(t.deliveries.select().order_by(d.id)).first()
    assert row is not None
    return row.state, row.pending


def test_the_ledger_says_what_became_of_each_delivery(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """What, where to, what it shows and should show, how often it was tried, and why not."""
    page = visit(lite_cast.dana).read("/admin/ledger")
    assert (
        "Share: Giving feedback to Intranet · Webhook"
        " The receiver said 410: this address is no longer in use."
        " Showsnothing Should showrevision 1 Attempts5 Tried1 hour ago given up Try again" in page
    )
    delivery(
        lite_cast,
        state=DeliveryState.SHOWN.value,
        shown=1,
        accepted_at=lite_cast.now,
        remote_id="post-77",
        reason="",
    )
    page = visit(lite_cast.dana).read("/admin/ledger")
    assert "Showsrevision 1" in page
    assert "Accepted" in page
    assert "Its id therepost-77" in page
    assert "Try again" not in page


def test_the_ledger_keeps_accepted_apart_from_shown(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Where an outlet only took it, the page does not say that it is shown."""
    delivery(lite_cast, state=DeliveryState.ACCEPTED.value, shown=1, remote_id="a-key", reason="")

    page = visit(lite_cast.dana).read("/admin/ledger")

    assert "Has takenrevision 1" in page
    assert "accepted" in page
    assert "Showsrevision 1" not in page


def test_the_ledger_by_outlet_and_state_with_counts(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Chips count what is in each state, of one outlet or of all."""
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    with lite_cast.store.work() as work:
        wall = outlets.add(work, lite_cast.connection, "Wall", "webhook", everyone, {}, "")
    visitor = visit(lite_cast.dana)

    assert "All 1 given up 1" in visitor.read("/admin/ledger")
    page = visitor.read(f"/admin/ledger?outlet={wall.id}&state=dead")

    assert "All 0 given up 0" in page
    assert "Nothing of that kind" in page
    assert "Share: Giving feedback" not in page


def test_trying_all_of_an_outlet_again(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """One button for everything that was given up; another outlet's stays as it is."""
    delivery(lite_cast)
    visitor = visit(lite_cast.dana)
    visitor.post("/admin/ledger/retry?outlet=9999")
    assert ("dead", False) == state(lite_cast)

    answer = visitor.post("/admin/ledger/retry")

    assert "/admin/ledger" == answer.headers["Location"]
    assert "1 delivery will be tried again with the next run." in visitor.read("/admin/ledger")
    assert ("waiting", True) == state(lite_cast)


def test_trying_again(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """A delivery that was given up waits for the next run, and says when that is."""
    ident = delivery(lite_cast)
    visitor = visit(lite_cast.dana)
    answer = visitor.post(f"/admin/ledger/{ident}/retry?state=dead&before=99")
    assert "/admin/ledger?before=99&state=dead" == answer.headers["Location"]
    page = visitor.read("/admin/ledger")
    assert "It will be tried again with the next run." in page
    assert "Next tryWed 25 Nov 2026, 09:01 UTC" in page
    assert state(lite_cast)[1]


def test_one_in_doubt_is_sent_again_only_when_the_admin_has_looked(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """The first click says what is at stake, the second does it."""
    ident = delivery(
        lite_cast, state=DeliveryState.UNKNOWN.value, sent=1, pending=False, reason="no answer"
    )
    visitor = visit(lite_cast.dana)
    path = f"/admin/ledger/{ident}/retry"
    answer = visitor.post(path)
    assert 422 == answer.status_code
    assert "It was sent and no answer came" in words(answer.text)
    assert "Send it anyway" in words(answer.text)
    assert 'name="anyway" value="yes"' in answer.text
    assert (DeliveryState.UNKNOWN.value, False) == state(lite_cast)
    assert 303 == visitor.post(path, anyway="yes").status_code
    assert state(lite_cast)[1]


def test_there_is_not_always_something_to_try_again(
    lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """One that is shown, one of nobody: the page says so, wherever the row stands."""
    ident = delivery(lite_cast, state=DeliveryState.SHOWN.value, shown=1)
    visitor = visit(lite_cast.dana)
    answer = visitor.post(f"/admin/ledger/{ident}/retry")
    assert 422 == answer.status_code
    assert "This delivery is shown: there is nothing to try again." in words(answer.text)
    answer = visitor.post("/admin/ledger/9999/retry")
    assert 422 == answer.status_code
    assert "There is no such delivery." in words(answer.text)


def test_the_ledger_can_be_read_by_state_and_page_by_page(
    bridge: Bridge, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Fifty a page; a state keeps its place in the address; one that is none is no filter."""
    with bridge.store.work() as work:
        row = work.sql.execute(t.deliveries.select()).one()._asdict()
        activities = t.activities
        ids = [
            work.sql.execute(
                activities.insert().returning(activities.c.id),
                {
                    "uid": f"6f1e2d3c-0000-4000-8000-{number:012}",
                    "connection_id": lite_cast.connection,
                    "kind": "post",
                    "audience": f"everyone:{lite_cast.connection}",
                    "published": lite_cast.now,
                    "updated": lite_cast.now,
                },
            ).scalar_one()
            for number in range(60)
        ]
        work.sql.execute(
            t.deliveries.insert(),
            [
                {
                    **{k: v for k, v in row.items() if k != "id"},
                    "activity_id": ident,
                    "key": f"key-{ident}",
                    "state": DeliveryState.RETRY.value,
                }
                for ident in ids
            ],
        )
    visitor = visit(lite_cast.dana)
    source = visitor.page("/admin/ledger?state=retry")
    assert 50 == source.count('class="row delivery"')
    found = re.search(r'href="(/admin/ledger\?before=\d+&amp;state=retry)"', source)
    assert found is not None
    older = visitor.page(found[1].replace("&amp;", "&"))
    assert 10 == older.count('class="row delivery"')
    assert re.search(r'action="/admin/ledger/\d+/retry\?before=\d+&amp;state=retry"', older)
    assert "Show older ones" not in words(older)
    assert "Nothing of that kind" in visitor.read("/admin/ledger?state=shown")
    assert 50 == visitor.page("/admin/ledger?state=x&before=y").count('class="row delivery"')


def test_before_anything_was_sent_the_ledger_says_what_will_stand_there(
    lite_cast: Cast, visit: Visit
) -> None:
    """An empty ledger is no mistake."""
    page = visit(lite_cast.dana).read("/admin/ledger")
    assert "Nothing was sent yet Deliveries appear here as soon as somebody shares" in page


def test_an_admin_s_office_opens_nobody_s_completions(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Consent binds the admin's view as everybody's."""
    lite_cast.choose(lite_cast.bob, Choice.TEAMS)
    lite_cast.complete(lite_cast.bob, lite_cast.feedback)
    flow.tell(bridge.store, bridge.clock, lite_cast.connection)
    visitor = visit(lite_cast.dana)
    for path in ("/", "/admin", "/admin/ledger", "/pulse", f"/courses/{lite_cast.feedback}"):
        assert "Bob" not in visitor.page(path)
    with bridge.store.reading() as work:
        assert read.home(work, viewer(bridge, lite_cast.bob)).items
