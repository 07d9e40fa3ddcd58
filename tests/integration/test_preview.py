"""What a preview shows, what it hides, and that nothing is left of it; on both databases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, or_, select

from bridge import flow
from bridge.delivery import outbox, outlets, settings, veil
from bridge.delivery.preview import Scene
from bridge.delivery.worker import deliver
from bridge.errors import ConfigError, InputError, StorageError
from bridge.model import (
    Activity,
    Audience,
    AudienceKind,
    Choice,
    Outlet,
    Post,
    Receipt,
    Removal,
    Rendering,
    Viewer,
)
from bridge.ports import Abilities, Act
from bridge.storage import Store, Work
from bridge.storage import tables as t
from bridge.storage.trial import trying
from tests.cast import Cast
from tests.conftest import FrozenClock

EVERYTHING = ("completion", "course", "discussion", "share", "post")


class Wall:
    """A publisher that can do everything and must never be asked to."""

    abilities = Abilities(edit=True, delete=True, find=True, idempotent=False)

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        return Rendering("text", post.title, post.text, {"text": post.text})

    def publish(self, post: Post) -> Receipt:
        raise AssertionError("A preview sends nothing.")

    def edit(self, remote_id: str, post: Post) -> Receipt:
        raise AssertionError("A preview sends nothing.")

    def delete(self, remote_id: str, post: Post) -> Removal:
        raise AssertionError("A preview sends nothing.")

    def find(self, post: Post) -> Receipt | None:
        raise AssertionError("A preview asks nobody.")


class Stage:
    """The cast, outlets, and somebody who looks."""

    def __init__(self, cast: Cast, clock: FrozenClock) -> None:
        self.cast, self.clock, self.store = cast, clock, cast.store
        self.everyone = Audience(AudienceKind.EVERYONE, cast.connection)
        self.team = Audience(AudienceKind.TEAM, cast.sales)

    def outlet(
        self, name: str = "Square", kinds: Iterable[str] = EVERYTHING, **values: Any
    ) -> Outlet:
        """An outlet, switched off unless it is said otherwise."""
        audience = values.pop("audience", self.everyone)
        enabled = values.pop("enabled", False)
        settings = {"kinds": list(kinds)}
        with self.store.work() as work:
            new = outlets.add(
                work, self.cast.connection, name, "board", audience, settings, "", **values
            )
            return outlets.change(work, self.cast.connection, new.id, enabled=enabled)

    def share(
        self, to: Outlet, text: str = "Try it.", audience: Audience | None = None
    ) -> Activity:
        """Alice shares Giving feedback at the outlet, with everyone or an audience of hers."""
        return flow.share(
            self.store,
            self.clock,
            self.cast.viewer(self.cast.alice),
            course_id=self.cast.feedback,
            text=text,
            audience=audience or self.everyone,
            outlet_ids=[to.id],
        )

    def told(self) -> None:
        """What is pending becomes activities with their deliveries, as after a sync."""
        flow.tell(self.store, self.clock, self.cast.connection)

    def look(self, *some: Outlet, viewer: Viewer | None = None, **how: Any) -> Any:
        """The preview of the outlets as they are given: of one alone, or a list."""

        def change(work: Work) -> None:
            for outlet in some:
                work.delivery.change_outlet(outlet)

        found = flow.preview(
            self.store,
            self.clock,
            self.cast.connection,
            how.pop("publisher_of", lambda outlet: Wall()),
            lambda outlet: Wall.abilities,
            link=lambda path: f"https://bridge.example{path}",
            outlet_ids=[outlet.id for outlet in some],
            what_if=change,
            viewer=viewer,
            **how,
        )
        by_id = {one.outlet.id: one for one in found}
        return by_id[some[0].id] if len(some) == 1 else [by_id[o.id] for o in some]

    def dump(self) -> dict[str, list[Any]]:
        """Every row of every table."""
        with self.store.reading() as work:
            return {
                table.name: sorted(map(repr, work.sql.execute(select(table))))
                for table in t.metadata.sorted_tables
            }


@pytest.fixture
def stage(cast: Cast, clock: FrozenClock) -> Stage:
    """The cast, on each database."""
    return Stage(cast, clock)


@pytest.fixture
def lite_stage(lite_cast: Cast, clock: FrozenClock) -> Stage:
    """The cast, where the kind of database plays no part."""
    return Stage(lite_cast, clock)


def _said(scenes: Iterable[Scene]) -> list[tuple[str, str]]:
    return [(scene.step.value, scene.post.title) for scene in scenes]


def test_what_is_stored_and_not_told_yet_is_coming(stage: Stage) -> None:
    """Bob finished a course; the sync has stored it, and the feed has not looked at it yet."""
    stage.told()
    stage.cast.choose(stage.cast.bob, Choice.EVERYONE)
    stage.cast.complete(stage.cast.bob, stage.cast.feedback)
    square = stage.outlet(enabled=True)

    found = stage.look(square)

    assert ("publish", "Bob Brown finished Giving feedback") in _said(found.coming.scenes)
    assert {stage.clock.now()} == {scene.at for scene in found.coming.scenes}


def test_a_share_in_its_undo_minute_comes_when_that_is_over(stage: Stage) -> None:
    """It says when, and that it is a share, without the leader's name in that word."""
    square = stage.outlet(kinds=(), enabled=True)
    stage.share(square, "Try it with me.")

    (scene,) = stage.look(square).coming.scenes

    assert stage.clock.now() + flow.UNDO == scene.at
    assert "Share: Giving feedback" == scene.what
    assert "Alice Adams:\n\nTry it with me." == scene.post.text


def test_what_would_be_sent_after_the_days_is_not_in_them(lite_stage: Stage) -> None:
    """A delivery that waits until next week is not of this one."""
    square = lite_stage.outlet(kinds=(), enabled=True)
    with lite_stage.store.work() as work:
        ident = work.sql.execute(
            t.activities.insert().returning(t.activities.c.id),
            {
                "uid": "uid-1",
                "connection_id": lite_stage.cast.connection,
                "kind": "share",
                "audience": lite_stage.everyone.key,
                "actor_id": lite_stage.cast.alice,
                "text": "Later.",
                "published": lite_stage.clock.now(),
                "updated": lite_stage.clock.now(),
            },
        ).scalar_one()
        later = lite_stage.clock.now() + timedelta(days=3)
        outbox.enqueue(
            work, [ident], lite_stage.clock.now(), outlet_ids=[square.id], not_before=later
        )

    assert [] == _said(lite_stage.look(square, days=2).coming.scenes)
    (scene,) = lite_stage.look(square, days=4).coming.scenes
    assert later == scene.at


def test_the_last_days_as_they_would_have_looked(stage: Stage) -> None:
    """An outlet that was never on shows what it would have said, at the time of each telling."""
    cast = stage.cast
    for person in (cast.bob, cast.charlie):
        cast.choose(person, Choice.EVERYONE)
    stage.clock.advance(days=-6)
    stage.told()
    monday = stage.clock.advance(days=3)
    cast.complete(cast.bob, cast.feedback, days_ago=3)
    stage.told()
    tuesday = stage.clock.advance(days=1)
    cast.complete(cast.charlie, cast.feedback, days_ago=2)
    stage.told()
    stage.clock.advance(days=2)

    found = stage.look(stage.outlet(kinds=["completion"]))

    assert [
        (monday, "Bob Brown finished Giving feedback"),
        (tuesday, "Charlie Chen finished Giving feedback"),
    ] == [(scene.at, scene.post.title) for scene in found.replayed.scenes]
    assert [monday.date(), tuesday.date()] == list(found.replayed.by_day(monday.tzinfo))
    assert () == found.coming.scenes


def test_what_is_older_than_the_days_is_not_played(lite_stage: Stage) -> None:
    """Two days are two days."""
    cast = lite_stage.cast
    cast.choose(cast.bob, Choice.EVERYONE)
    lite_stage.clock.advance(days=-5)
    cast.complete(cast.bob, cast.feedback, days_ago=5)
    lite_stage.told()
    lite_stage.clock.advance(days=5)
    square = lite_stage.outlet(kinds=["completion"])

    assert [] == _said(lite_stage.look(square, days=2).replayed.scenes)
    assert 1 == len(lite_stage.look(square, days=6).replayed.scenes)


def test_other_kinds_can_be_tried(lite_stage: Stage) -> None:
    """The outlet takes courses only; with completions too there would be more."""
    cast = lite_stage.cast
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    square = lite_stage.outlet(kinds=["course"], enabled=True)
    lite_stage.told()

    as_it_is = lite_stage.look(square)
    tried = lite_stage.look(replace(square, settings={"kinds": ["completion"]}))

    assert all("finished" not in title for _, title in _said(as_it_is.replayed.scenes))
    assert [("publish", "Bob Brown finished Giving feedback")] == _said(tried.replayed.scenes)
    with lite_stage.store.reading() as work:
        assert {"kinds": ["course"]} == outlets.get(work, cast.connection, square.id).settings


def test_another_audience_can_be_tried(lite_stage: Stage) -> None:
    """Bob is named to everyone here, and to the public not, until he agrees and a rule names it."""
    cast = lite_stage.cast
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    lite_stage.told()
    square = lite_stage.outlet(kinds=["completion"])
    public = replace(square, audience=Audience(AudienceKind.PUBLIC, cast.connection))

    assert 1 == len(lite_stage.look(square).replayed.scenes)
    found = lite_stage.look(public).replayed
    assert () == found.scenes
    assert "its rules have to name the courses" in found.why
    named = replace(public, settings={**public.settings, "only": [f"course:{cast.feedback}"]})
    assert () == lite_stage.look(named).replayed.scenes
    cast.choose(cast.bob, Choice.PUBLIC)
    assert [("publish", "Bob Brown finished Giving feedback")] == _said(
        lite_stage.look(named).replayed.scenes
    )


def test_a_share_chosen_for_an_outlet_is_played_though_it_takes_no_kind(stage: Stage) -> None:
    """It went there because Alice ticked it, and would again."""
    square = stage.outlet(kinds=(), enabled=True)
    stage.share(square)
    stage.clock.advance(hours=1)

    assert [("publish", "Alice Adams shared Giving feedback")] == _said(
        stage.look(square).replayed.scenes
    )


def test_a_withdrawal_that_is_due_is_coming_as_a_deletion(stage: Stage) -> None:
    """Bob's name stands at the outlet, and he takes it back while no worker runs."""
    cast = stage.cast
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    square = stage.outlet(kinds=["completion"], enabled=True)
    stage.told()
    with stage.store.work() as work:
        work.sql.execute(
            t.deliveries.update().values(
                pending=False, state="shown", shown=1, remote_id="r1", attempts=1
            )
        )

    flow.change_consent(stage.store, stage.clock, cast.bob, Choice.NOBODY)

    (scene,) = stage.look(square).coming.scenes
    assert "delete" == scene.step.value
    assert "Completions of Wed 25 Nov: Giving feedback" == scene.what
    assert "" == scene.post.text


def test_a_post_in_doubt_says_so(lite_stage: Stage) -> None:
    """It was sent and no answer came: it is sent again only if it is not there."""
    square = lite_stage.outlet(kinds=(), enabled=True)
    lite_stage.share(square)
    with lite_stage.store.work() as work:
        work.sql.execute(t.deliveries.update().values(state="unknown", sent=1, attempts=1))

    (scene,) = lite_stage.look(square).coming.scenes

    assert scene.in_doubt


def test_what_a_worker_is_sending_at_this_moment_is_not_coming(lite_stage: Stage) -> None:
    """It is there before anybody has read the preview."""
    square = lite_stage.outlet(kinds=(), enabled=True)
    lite_stage.share(square)
    with lite_stage.store.work() as work:
        soon = lite_stage.clock.now() + timedelta(minutes=4)
        work.sql.execute(t.deliveries.update().values(claimed_by="w1", claimed_until=soon))

    assert () == lite_stage.look(square).coming.scenes


def test_nothing_is_left_of_it(stage: Stage) -> None:
    """Every row is as it was, with facts pending, a share waiting, and outlets tried out."""
    cast = stage.cast
    cast.choose(cast.bob, Choice.EVERYONE)
    square = stage.outlet(enabled=True)
    stage.told()
    cast.complete(cast.bob, cast.feedback)
    cast.ask(cast.bob, cast.feedback)
    before = stage.dump()

    found = stage.look(replace(square, settings={"kinds": ["completion"]}), stage.outlet("Two"))
    assert found[0].coming.scenes

    after = stage.dump()
    after["outlets"] = [row for row in after["outlets"] if "'Two'" not in row]
    assert before == after


def test_a_trial_whose_work_fails_leaves_nothing_either(stage: Stage) -> None:
    """Not the part that went well before it."""
    before = stage.dump()

    with pytest.raises(KeyError), trying(stage.store, lambda content: content) as trial:
        flow.tell(trial, stage.clock, stage.cast.connection)
        raise KeyError

    assert before == stage.dump()


@pytest.mark.postgresql
def test_a_trial_does_not_wait_for_a_row_that_is_being_written(
    postgresql_url: str, clock: FrozenClock
) -> None:
    """It gives way before PostgreSQL would look for a deadlock, and says what to do."""
    from tests.cast import make_cast
    from tests.conftest import SECRET_KEY

    store = Store(postgresql_url, [SECRET_KEY])
    stage = Stage(make_cast(store, clock.now()), clock)
    square = stage.outlet()
    with store.work() as work:
        work.sql.execute(t.outlets.update().values(enabled=True))
        with pytest.raises(StorageError, match="is writing at this moment") as refused:
            stage.look(square)
    store.close()

    assert "Try again in a minute." == refused.value.remedy


def test_an_outlet_that_cannot_be_used_shows_its_posts_and_the_problem(lite_stage: Stage) -> None:
    """The mail server is not set; what would be written can be read all the same."""
    cast = lite_stage.cast
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    lite_stage.told()

    def broken(outlet: Outlet) -> Wall:
        raise ConfigError("No mail server is set.", "Set SOCIALBRIDGE_SMTP_URL.")

    found = lite_stage.look(lite_stage.outlet(kinds=["completion"]), publisher_of=broken)

    assert found.publisher is None
    assert "No mail server is set. Set SOCIALBRIDGE_SMTP_URL." == found.problem
    assert 1 == len(found.replayed.scenes)


@pytest.mark.parametrize("days", [0, 32, -1])
def test_days_are_from_one_to_a_month(lite_stage: Stage, days: int) -> None:
    """Another number is refused."""
    with pytest.raises(InputError, match="1 to 31 days"):
        lite_stage.look(lite_stage.outlet(), days=days)


def test_why_there_is_nothing(lite_stage: Stage) -> None:
    """Each silent outlet says why, and what would make something appear."""
    cast = lite_stage.cast
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    lite_stage.told()
    by_choice = lite_stage.outlet("By choice", kinds=())
    courses = lite_stage.outlet("Posts only", kinds=["post"])
    course = Audience(AudienceKind.COURSE, cast.negotiation)
    nobodys = lite_stage.outlet("Room", kinds=["discussion"], audience=course)

    first, second, third = lite_stage.look(by_choice, courses, nobodys)

    assert "It takes nothing by itself" in first.replayed.why
    assert first.replayed.why.endswith("There was for its readers: 1 completion.")
    assert (
        "What was told to its readers (1 completion) is not of its kinds (post)."
        == second.replayed.why
    )
    assert "is not of its kinds (discussion)" in third.replayed.why
    assert "Nothing is on its way" in first.coming.why


# --- who looks ---------------------------------------------------------------------------------


def _team_post(stage: Stage) -> Outlet:
    """Bob, who chose his teams, finished Negotiation; Sales has an outlet for it."""
    cast = stage.cast
    cast.choose(cast.bob, Choice.TEAMS)
    cast.complete(cast.bob, cast.negotiation)
    stage.told()
    return stage.outlet(kinds=["completion"], audience=stage.team)


def test_an_admin_of_another_team_sees_no_name_that_was_given_to_a_team(stage: Stage) -> None:
    """Dana sees that there is a post, and that a name in it is not for her."""
    sales = _team_post(stage)

    (scene,) = stage.look(sales, viewer=stage.cast.viewer(stage.cast.dana)).replayed.scenes

    assert f"{veil.NAME} finished Negotiation" == scene.post.title
    assert scene.veiled
    assert "Bob" not in repr(scene)
    assert f"/people/{stage.cast.bob}" not in repr(scene)


def test_a_teammate_sees_it_as_it_will_be(stage: Stage) -> None:
    """Alice leads the team that Bob named himself to."""
    sales = _team_post(stage)

    (scene,) = stage.look(sales, viewer=stage.cast.viewer(stage.cast.alice)).replayed.scenes

    assert "Bob Brown finished Negotiation" == scene.post.title
    assert not scene.veiled


def test_the_command_line_is_in_no_team(lite_stage: Stage) -> None:
    """Whoever has the console may see what everybody signed in may see."""
    (scene,) = lite_stage.look(_team_post(lite_stage)).replayed.scenes

    assert scene.veiled
    assert "Bob" not in repr(scene)


def test_what_a_leader_wrote_for_a_team_is_not_for_an_admin_of_none(lite_stage: Stage) -> None:
    """Neither her words nor her name; that it is a share of that course."""
    sales = lite_stage.outlet(kinds=(), audience=lite_stage.team, enabled=True)
    lite_stage.share(sales, "Between us: try it.", audience=lite_stage.team)

    admin = lite_stage.cast.viewer(lite_stage.cast.dana)
    (scene,) = lite_stage.look(sales, viewer=admin).coming.scenes

    assert f"{veil.NAME}:\n\n{veil.WORDS}" == scene.post.text
    assert "Between us" not in repr(scene)
    assert "Alice" not in repr(scene)
    assert "Share: Giving feedback" == scene.what


def test_a_discussion_is_for_the_people_of_its_course(lite_stage: Stage) -> None:
    """Dana is in no course; the course's own outlet shows her that there is a discussion."""
    cast = lite_stage.cast
    course = Audience(AudienceKind.COURSE, cast.feedback)
    lite_stage.told()
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.ask(cast.bob, cast.feedback, "Is Erin ill?")
    room = lite_stage.outlet(kinds=["discussion"], audience=course, enabled=True)

    (veiled,) = lite_stage.look(room, viewer=cast.viewer(cast.dana)).coming.scenes
    (plain,) = lite_stage.look(room, viewer=cast.viewer(cast.charlie)).coming.scenes

    assert veil.TITLE in veiled.post.title
    assert "Erin" not in repr(veiled)
    assert "Is Erin ill?" in plain.post.title


# --- how much, and when ------------------------------------------------------------------------


def test_a_digest_of_the_coming_week_is_shown_with_names_veiled(stage: Stage) -> None:
    """What is more than the outlet's budget comes as a digest, at its hour; who looks is bound by
    consent there too."""
    cast = stage.cast
    square = stage.outlet(enabled=True, audience=stage.team)
    with stage.store.work() as work:
        asked = {"budget": "0"}
        square = settings.set_pace(work, cast.connection, square.id, asked, stage.clock.now())
    stage.told()
    for person, choice in ((cast.alice, Choice.EVERYONE), (cast.bob, Choice.TEAMS)):
        cast.choose(person, choice)
        cast.complete(person, cast.feedback)

    found = stage.look(square, viewer=cast.viewer(cast.dana))

    (scene,) = found.coming.scenes
    assert ("publish", "Learning at Acme Academy, 25 November") == _said([scene])[0]
    assert {
        "• Alice Adams finished Giving feedback",
        f"• {veil.NAME} finished Giving feedback",
    } == set(scene.post.text.splitlines())
    assert stage.clock.now().replace(hour=16) == scene.at
    assert not scene.by_itself


class Board(Wall):
    """A publisher that keeps what it is handed, and when."""

    def __init__(self, clock: FrozenClock) -> None:
        self.clock = clock
        self.kept: list[tuple[datetime, str, str]] = []

    def publish(self, post: Post) -> Receipt:
        self.kept.append((self.clock.now(), post.title, post.text))
        return Receipt(post.key)


def test_a_week_of_budget_quiet_hours_rate_and_digest_is_as_it_was_shown(stage: Stage) -> None:
    """Eight courses end on a Friday evening: the same posts, at the same moments, as the worker
    then sends them when it looks every two seconds."""
    cast, clock = stage.cast, stage.clock
    stage.told()
    square = stage.outlet(kinds=["completion"], enabled=True)
    said = {"budget": "3", "quiet": "19:00-08:00", "weekends": "yes", "per_minute": "12"}
    with stage.store.work() as work:
        settings.set_pace(work, cast.connection, square.id, said, clock.now())
        square = outlets.get(work, cast.connection, square.id)
        for number in range(8):
            work.sql.execute(
                t.courses.insert(),
                {
                    "connection_id": cast.connection,
                    "lms_id": 900 + number,
                    "name": f"Course {number}",
                    "url": "https://lms.example/",
                    "first_seen_at": clock.now(),
                    "pending": False,
                },
            )
        courses = list(work.sql.execute(select(t.courses.c.id).where(t.courses.c.lms_id >= 900)))
    cast.choose(cast.bob, Choice.EVERYONE)
    friday = clock.advance(days=2, hours=10.5)
    for (course,) in courses:
        cast.complete(cast.bob, course, days_ago=-2.39)

    shown = [
        (scene.at, scene.post.title, scene.post.text) for scene in stage.look(square).coming.scenes
    ]
    board = Board(clock)
    stage.told()
    while clock.now() < friday + timedelta(days=4):
        moment = _next_due(stage)
        report = deliver(
            stage.store,
            lambda outlet: board,
            clock,
            link=lambda path: f"https://bridge.example{path}",
            worker_id="w1",
        )
        if not report.claimed:
            later = clock.now() + timedelta(seconds=2)
            clock.at = max(later, moment) if moment else friday + timedelta(days=4)

    assert shown == board.kept
    assert 4 == len(shown)
    monday = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    assert [monday, monday.replace(hour=16)] == [shown[0][0], shown[-1][0]]
    assert 5 == shown[-1][2].count("finished Course")


def _next_due(stage: Stage) -> datetime | None:
    d = t.deliveries.c
    waits = or_(d.pending.is_(True), d.state == "for the digest")
    with stage.store.reading() as work:
        return work.sql.execute(select(func.min(d.due_at)).where(waits)).scalar_one()


def test_rules_that_are_tried_leave_out_what_they_name(lite_stage: Stage) -> None:
    """Without Giving feedback nothing is left, and it says that the rules do that."""
    cast = lite_stage.cast
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.complete(cast.bob, cast.feedback)
    lite_stage.told()
    square = lite_stage.outlet(kinds=["completion"])

    tried = replace(square, settings={**square.settings, "never": [f"course:{cast.feedback}"]})
    found = lite_stage.look(tried).replayed

    assert () == found.scenes
    assert "Its rules leave out all 1 items of its kinds (completion)." == found.why


def test_what_was_sent_a_moment_ago_does_not_slow_the_past_down(lite_stage: Stage) -> None:
    """The outlet's rate is counted from now on; the last days are played as if nothing was sent."""
    cast, clock = lite_stage.cast, lite_stage.clock
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.choose(cast.charlie, Choice.EVERYONE)
    square = lite_stage.outlet(kinds=["completion"], enabled=True)
    with lite_stage.store.work() as work:
        settings.set_pace(work, cast.connection, square.id, {"per_minute": "1"}, clock.now())
        square = outlets.get(work, cast.connection, square.id)
    clock.advance(days=-2)
    cast.complete(cast.bob, cast.feedback, days_ago=2)
    cast.complete(cast.charlie, cast.negotiation, days_ago=2)
    lite_stage.told()
    clock.advance(days=2)
    board = Board(clock)
    deliver(
        lite_stage.store,
        lambda outlet: board,
        clock,
        link=lambda path: f"https://bridge.example{path}",
        worker_id="w1",
    )
    assert 1 == len(board.kept)

    played = lite_stage.look(square).replayed.scenes

    begin = clock.now() - timedelta(days=2)
    assert [begin, begin + timedelta(minutes=1)] == [scene.at for scene in played]
