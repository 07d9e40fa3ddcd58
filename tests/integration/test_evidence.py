"""What a reason claims can be checked: the page counts anew, and comes to the same figures."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from bridge import curation, flow
from bridge.cli import cli
from bridge.curation.evidence import Evidence
from bridge.errors import NotFound
from bridge.model import Audience, AudienceKind
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.integration.test_curation import (
    finish,
    hire,
    insert,
    open_course,
    refresh,
    set_row,
    suggested,
)
from tests.statements import statements

HIDDEN: dict[str, dict[str, bool]] = {
    "hidden": {"visible": False},
    "gone": {"gone": True},
    "mandatory": {"mandatory": True},
}


def why(cast: Cast, course: int, leader: int | None = None) -> Evidence:
    """What Alice's page says of the course."""
    with cast.store.reading() as work:
        return curation.evidence(work, cast.viewer(leader or cast.alice), course, cast.now)


def numbers(text: str) -> list[int]:
    """The numbers of a sentence."""
    return [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", text)]


@pytest.fixture
def crowd(cast: Cast) -> Cast:
    """Sales has 30 people more, Engineering 40; 14 of Sales and 26 of the others did Negotiation,
    and of those eight and sixteen Listening as well, the sixteen within the last three weeks; so
    did six of the others who did not do Negotiation."""
    sales = hire(cast, cast.sales, 30)
    others = hire(cast, cast.engineering, 40, first=2_000)
    listening = open_course(cast, "Listening", self_enrol=True, category="Talking")
    cast.complete(cast.alice, listening, days_ago=200)
    finish(cast, [*sales[:14], *others[:26]], cast.negotiation, days_ago=90)
    finish(cast, sales[:8], listening, days_ago=80)
    finish(cast, others[:9], listening, days_ago=10)
    finish(cast, others[9:16], listening, days_ago=2)
    finish(cast, others[30:36], listening, days_ago=40)
    rows = [{"course_id": listening, "person_id": p} for p in [*sales[:16], *others[:18]]]
    insert(cast, t.enrolments, *({**row, "first_seen_at": cast.now} for row in rows))
    refresh(cast)
    return cast


def listening_of(cast: Cast) -> int:
    """The id of the course that all this is about."""
    (found,) = (s.course.id for s in suggested(cast, cast.alice) if s.course.name == "Listening")
    return found


def test_the_page_comes_to_the_figures_of_the_sentences(crowd: Cast) -> None:
    """By statements that know nothing of the ranking."""
    found = why(crowd, listening_of(crowd))
    assert found.beside is not None
    together = found.reasons["this"].text
    assert "people who finished “Negotiation” finished this, too" in together
    theirs = numbers(found.beside.theirs)
    assert [found.beside.both, found.beside.all] == numbers(together)[:2]
    assert theirs == numbers(together)[-2:]
    assert ("Negotiation", 40, 24) == (
        found.beside.course.name,
        found.beside.all,
        found.beside.both,
    )
    assert "You finished it in May." == found.reasons["you"].text == found.own
    assert "8 of your 32 people" == found.finished
    assert "24 of your 32 people" == found.could
    assert (7, 9) == (found.weeks[0], found.weeks[1])
    assert 11 == len(found.weeks)


def test_what_was_told_stands_beside_what_is_so_now(crowd: Cast) -> None:
    """Eight more finish it after the refresh: the sentence stays of its day, the page counts."""
    listening = listening_of(crowd)
    before = why(crowd, listening)
    people = hire(crowd, crowd.sales, 8, first=5_000)
    finish(crowd, people, listening, days_ago=1)
    after = why(crowd, listening)
    assert before.reasons == after.reasons
    assert crowd.now.date() == after.told_on == after.today
    assert ["8 of your 32 people", "16 of your 40 people"] == [before.finished, after.finished]


def test_what_counted_is_what_ranked_it(crowd: Cast) -> None:
    """The parts of the score, of the refresh: all of them, and together the whole."""
    found = why(crowd, listening_of(crowd))
    assert {"together", "momentum", "reach", "timely", "quality", "yours"} == set(found.parts)
    assert abs(100 - sum(found.parts.values())) <= 30
    assert all(0 == percent % 10 for percent in found.parts.values())
    assert found.parts["reach"] > 0


def test_a_part_that_moves_is_no_news(crowd: Cast) -> None:
    """A suggestion is written anew only if something that is read of it has changed."""
    suggestion = suggested(crowd, crowd.alice)[0].id
    with crowd.store.work() as work:
        row = work.sql.execute(t.suggestions.select().where(t.suggestions.c.id == suggestion)).one()
        other = {**row.reasons, "parts": {**row.reasons["parts"], "reach": 1}}
        work.sql.execute(
            t.suggestions.update().where(t.suggestions.c.id == suggestion).values(reasons=other)
        )
    assert 0 == refresh(crowd)


def test_who_left_counts_nowhere(crowd: Cast) -> None:
    """Neither among the leader's people nor on the site; nor does what was revoked."""
    listening = listening_of(crowd)
    with crowd.store.work() as work:
        one, other = (
            work.sql.execute(
                t.completions.select()
                .join(t.memberships, t.memberships.c.person_id == t.completions.c.person_id)
                .where(
                    t.completions.c.course_id == listening,
                    t.memberships.c.team_id == crowd.sales,
                    t.completions.c.person_id != crowd.alice,
                )
                .limit(2)
            )
        ).all()
    set_row(crowd, t.people, one.person_id, gone=True)
    set_row(crowd, t.completions, other.id, revoked=True)
    assert "6 of your 31 people" == why(crowd, listening).finished


def test_what_is_shared_of_its_kind_and_put_off_is_shown(crowd: Cast, clock: FrozenClock) -> None:
    """The leader's own, each share with its address."""
    listening = listening_of(crowd)
    set_row(crowd, t.courses, crowd.feedback, category="Talking")
    viewer = crowd.viewer(crowd.alice)
    suggestion = next(s for s in suggested(crowd, crowd.alice) if s.course.id == listening)
    with crowd.store.work() as work:
        work.sql.execute(
            t.suggestions.update()
            .where(t.suggestions.c.id == suggestion.id)
            .values(
                week=suggestion.week - timedelta(days=7),
                state="later",
                decided_at=crowd.now - timedelta(days=6),
            )
        )
    share = flow.share(
        crowd.store,
        clock,
        viewer,
        course_id=crowd.feedback,
        text="Try it.",
        audience=Audience(AudienceKind.TEAM, crowd.sales),
        outlet_ids=[],
    )
    found = why(crowd, listening)
    assert [(share.uid, "Giving feedback")] == [(s.uid, s.course) for s in found.shared_alike]
    assert (crowd.now - timedelta(days=6)).date() == found.put_off


@pytest.mark.parametrize("change", list(HIDDEN))
def test_what_may_not_be_suggested_is_not_shown(crowd: Cast, change: str) -> None:
    """Nobody learns more of such a course here than the LMS tells."""
    listening = listening_of(crowd)
    set_row(crowd, t.courses, listening, **HIDDEN[change])
    with pytest.raises(NotFound, match="no such course to share"):
        why(crowd, listening)


def test_a_sentence_that_names_a_hidden_course_is_not_repeated(crowd: Cast) -> None:
    """Negotiation is hidden after the refresh; the page goes on without it."""
    listening = listening_of(crowd)
    set_row(crowd, t.courses, crowd.negotiation, visible=False)
    found = why(crowd, listening)
    assert found.beside is None
    assert {"you", "now"} == set(found.reasons)
    assert "Negotiation" not in str(found)


def test_the_command_prints_where_each_reason_is_proved(
    lite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three links a suggestion with --why, and none without."""
    cast = lite_cast
    monkeypatch.setenv("SOCIALBRIDGE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", cast.store.url)
    monkeypatch.setenv("COLUMNS", "200")
    set_row(cast, t.courses, cast.feedback, self_enrol=True)
    words = ["--env-file", "/dev/null", "suggest", "alice@acme.example"]
    plain, told = (CliRunner().invoke(cli, [*words, *more]).output for more in ([], ["--why"]))
    links = re.findall(r"/desk/why/(\d+)#(this|you|now)\n", told)
    offered = [str(s.course.id) for s in suggested(cast, cast.alice)]
    assert [(course, name) for course in offered for name in ("this", "you", "now")] == links
    assert str(cast.feedback) in offered
    assert plain.splitlines() == [line for line in told.splitlines() if "/desk/why/" not in line]


def test_who_leads_nobody_finds_no_figures(crowd: Cast) -> None:
    """They are of a leader's people."""
    with pytest.raises(NotFound):
        why(crowd, listening_of(crowd), crowd.bob)


def test_each_leader_sees_the_figures_of_their_own(crowd: Cast) -> None:
    """Erin's people are the forty of Engineering, and her reasons are not Alice's."""
    found = why(crowd, listening_of(crowd), crowd.erin)
    assert "22 of your 41 people" == found.finished
    assert "You finished it" not in str(found.reasons)
    assert "" == found.own


def test_a_page_asks_eight_times(crowd: Cast, clock: FrozenClock) -> None:
    """However large the site is."""
    listening = listening_of(crowd)
    with statements(crowd.store) as sent:
        flow.why(crowd.store, clock, crowd.viewer(crowd.alice), listening)
    assert 8 == len([s for s in sent if s.lstrip().upper().startswith(("SELECT", "WITH"))])
