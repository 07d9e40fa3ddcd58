"""Not too often: budgets, digests, quiet hours and rates, against a board in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge import flow
from bridge.consent import receipts
from bridge.delivery import digests, ledger, outbox, outlets, settings
from bridge.errors import OutletBusy, StorageError
from bridge.model import Choice, DeliveryState, Fate, Kind, Outlet
from bridge.ports import Abilities
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.integration.test_delivery_room import HOOK, Board, Stage
from tests.statements import statements

EDITION = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
MAIL = Abilities(edit=False, delete=False, find=False, idempotent=False)


class Wall(Stage):
    """A wall that takes completions by itself, two of them a day."""

    def __init__(self, cast: Cast, clock: FrozenClock, **said: Any) -> None:
        super().__init__(cast, clock)
        self.wall = self.wall_of("Wall", **{"budget": 2, **said})
        self.shown = self.boards[self.wall.id]

    def wall_of(self, name: str, abilities: Abilities = HOOK, **said: Any) -> Outlet:
        """One more such wall."""
        return self.outlet(name, abilities, ["completion"], settings=said)

    def finished(self, *names: str, others: int = 7) -> list[int]:
        """For each word a completion of its own, of that many people whom nobody names."""
        return [self.completion(others=others + number) for number, _ in enumerate(names)]

    def edition(self) -> str:
        """It is four in the afternoon, and the worker has worked; the digest's text."""
        self.clock.at = max(self.clock.at, EDITION)
        while self.work().claimed:
            pass
        return self.digest()

    def digest(self) -> str:
        """The text of the digest that the wall shows; nothing if it shows none."""
        return next((p.text for p in self.shown.posts.values() if "Learning at" in p.title), "")

    def states(self) -> list[DeliveryState]:
        """Those of the deliveries, oldest first."""
        return [row.delivery.state for row in reversed(self.rows())]

    def digests(self) -> int:
        """How many there are."""
        with self.store.reading() as work:
            rows = work.sql.execute(t.activities.select().where(t.activities.c.kind == "digest"))
            return len(rows.all())


def said(**more: Any) -> dict[str, Any]:
    """The settings of a wall."""
    return {"kinds": ["completion"], **more}


@pytest.fixture
def wall(cast: Cast, clock: FrozenClock) -> Wall:
    """The wall, empty, on both databases."""
    return Wall(cast, clock)


@pytest.fixture
def lite_wall(lite_cast: Cast, clock: FrozenClock) -> Wall:
    """The same, where the kind of database plays no part."""
    return Wall(lite_cast, clock)


class TestBudget:
    def test_what_is_more_than_the_budget_comes_in_the_digest(self, wall: Wall) -> None:
        """Two posts and, at four, one digest with the other three, the newest first."""
        wall.finished("a", "b", "c", "d", "e")

        assert 2 == wall.work().published
        assert [DeliveryState.SHOWN] * 2 + [DeliveryState.DIGEST] * 3 == wall.states()
        text = wall.edition()

        lines = [f"• {count} people finished Giving feedback" for count in (11, 10, 9)]
        assert "\n".join(lines) == text
        assert "Learning at Acme Academy, 25 November" in wall.shown.titles
        listed = [DeliveryState.LISTED] * 3
        assert [DeliveryState.SHOWN] * 2 + listed + [DeliveryState.SHOWN] == wall.states()

    def test_what_people_say_always_goes(self, wall: Wall) -> None:
        """A leader's share is no noise, whatever the budget."""
        wall.finished("a", "b", "c")
        wall.work()
        wall.share("Read this.", to=wall.wall)

        assert 1 == wall.work().published
        assert any("Read this." in post.text for post in wall.shown.posts.values())

    def test_a_new_day_has_a_budget_of_its_own(self, wall: Wall) -> None:
        """By the clock where the readers are."""
        wall.finished("a", "b", "c")
        wall.clock.advance(days=1)
        wall.finished("d")

        assert [DeliveryState.WAITING, DeliveryState.WAITING, DeliveryState.DIGEST] == (
            wall.states()[:3]
        )
        assert DeliveryState.WAITING == wall.states()[3]

    def test_what_never_left_gives_its_room_back(self, lite_wall: Wall) -> None:
        """Withdrawn before it was posted, it made no noise."""
        first, _ = lite_wall.finished("a", "b")
        lite_wall.revise(first, gone=True)
        lite_wall.finished("c")

        waiting = DeliveryState.WAITING
        assert [DeliveryState.GONE, waiting, waiting] == lite_wall.states()

    def test_without_a_budget_everything_is_posted(self, lite_cast: Cast, clock: Any) -> None:
        """A machine's outlet, or an admin's word."""
        wall = Wall(lite_cast, clock, budget=None)
        wall.finished(*"abcdefgh")
        assert 8 == wall.work().published
        assert "" == wall.edition()

    def test_outlets_are_held_in_one_order(self, wall: Wall) -> None:
        """Whatever is told first where, two transactions never wait for each other's outlet."""
        other = wall.wall_of("Another wall")
        with statements(wall.store) as sent:
            wall.finished("a")
        holding = [s for s in sent if "FROM outlets" in s and "WHERE outlets.id IN" in s]

        assert 1 == len(holding)
        assert wall.wall.id < other.id
        assert "ORDER BY outlets.id" in holding[0]

    def test_what_leaves_tomorrow_counts_for_tomorrow(self, lite_cast: Cast, clock: Any) -> None:
        """Told in the evening's quiet hours, posted in the morning: the morning's budget."""
        wall = Wall(lite_cast, clock, quiet="19:00-08:00")
        wall.clock.at = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
        wall.finished("a", "b", "c")
        wall.clock.at = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
        assert 2 == wall.work().published
        wall.finished("d")
        assert [DeliveryState.DIGEST] * 2 == wall.states()[2:]


class TestDigest:
    def test_nothing_empty_is_made(self, wall: Wall) -> None:
        """Where nothing waits, and where nothing of it may be told any more."""
        assert "" == wall.edition()
        assert 0 == wall.digests()
        wall.clock.at = EDITION - timedelta(hours=2)
        *_, waits = wall.finished("a", "b", "c")
        wall.revise(waits, gone=True)

        assert "" == wall.edition()
        assert (0, DeliveryState.GONE) == (wall.digests(), wall.states()[2])

    def test_a_line_that_grows_is_edited_in_place(self, wall: Wall) -> None:
        """The digest is the same post, a revision further."""
        *_, line = wall.finished("a", "b", "c")
        wall.edition()
        wall.revise(line, others=20)

        assert 1 == wall.work().edited
        assert "• 20 people finished Giving feedback" == wall.digest()
        assert 3 == len(wall.shown.posts)

    def test_a_withdrawal_takes_its_line_away(self, wall: Wall) -> None:
        """And the last line the whole digest."""
        *_, one, other = wall.finished("a", "b", "c", "d")
        wall.edition()
        wall.revise(one, gone=True, urgent=True)
        assert 1 == wall.work().edited
        assert "• 10 people finished Giving feedback" == wall.digest()

        wall.revise(other, gone=True, urgent=True)
        assert 1 == wall.work().deleted
        assert ("", 2) == (wall.digest(), len(wall.shown.posts))

    def test_what_comes_back_is_a_line_again(self, wall: Wall) -> None:
        """It never stands there twice, as a line and as a post."""
        *_, line = wall.finished("a", "b", "c")
        wall.edition()
        wall.revise(line, gone=True, urgent=True)
        wall.work()
        assert "" == wall.digest()

        wall.clock.advance(days=1)
        wall.revise(line, gone=False)
        wall.work()

        assert "• 9 people finished Giving feedback" == wall.digest()
        assert 3 == len(wall.shown.posts)

    def test_a_choice_takes_a_name_out_of_a_digest_at_once(self, wall: Wall) -> None:
        """By the same flow as everywhere, also in the night; the others stay."""
        cast = wall.cast
        with wall.store.work() as work:
            settings.set_pace(
                work, cast.connection, wall.wall.id, {"quiet": "19:00-08:00"}, wall.clock.now()
            )
            settings.set_pace(
                work, cast.connection, wall.wall.id, {"budget": "0"}, wall.clock.now()
            )
        for person in (cast.bob, cast.charlie):
            cast.choose(person, Choice.EVERYONE)
            cast.complete(person, cast.feedback)
        flow.tell(wall.store, wall.clock, cast.connection)
        assert "• Bob Brown and Charlie Chen finished Giving feedback" in wall.edition()

        wall.clock.at = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)
        flow.change_consent(wall.store, wall.clock, cast.bob, Choice.NOBODY)

        assert 1 == wall.work().edited
        assert "• Charlie Chen finished Giving feedback" == wall.digest()
        flow.change_consent(wall.store, wall.clock, cast.charlie, Choice.NOBODY)
        assert 1 == wall.work().deleted
        assert "" == wall.digest()

    def test_the_receipt_tells_of_the_digest_that_named_somebody(self, wall: Wall) -> None:
        """Still to be while the digest is, edited when it is; where mail went out, it stays."""
        cast = wall.cast
        with wall.store.work() as work:
            outlets.change(work, cast.connection, wall.wall.id, settings=said(budget=0))
        wall.wall_of("Mail", MAIL, budget=0)
        for person in (cast.bob, cast.charlie):
            cast.choose(person, Choice.EVERYONE)
            cast.complete(person, cast.feedback)
        flow.tell(wall.store, wall.clock, cast.connection)
        wall.edition()
        flow.change_consent(wall.store, wall.clock, cast.bob, Choice.NOBODY)

        def fates() -> list[tuple[str, Fate, int]]:
            with wall.store.reading() as work:
                (receipt,) = receipts.mine(work, cast.viewer(cast.bob))
            return sorted((f.outlet_name, f.fate, f.count) for f in receipt.fates)

        assert [("Mail", Fate.WAITING, 1), ("Wall", Fate.WAITING, 1)] == fates()
        wall.work()
        assert [("Mail", Fate.STAYS, 1), ("Wall", Fate.EDITED, 1)] == fates()

    def test_consent_is_asked_for_each_line_before_it_is_sent(self, lite_wall: Wall) -> None:
        """Although nobody told the digest of the change."""
        cast = lite_wall.cast
        cast.choose(cast.bob, Choice.EVERYONE)
        lite_wall.finished("a", "b", "c")
        lite_wall.completion(cast.bob)
        cast.choose(cast.bob, Choice.TEAMS)

        assert "• 9 people finished Giving feedback" == lite_wall.edition()

    def test_two_workers_make_one_digest(self, wall: Wall) -> None:
        """What one has taken up, the other does not find."""
        wall.finished("a", "b", "c")
        wall.work()
        with wall.store.work() as work:
            assert digests.make(work, wall.wall, EDITION) is not None
        with wall.store.work() as work:
            assert digests.make(work, wall.wall, EDITION) is None
        assert 1 == wall.digests()

    def test_who_makes_a_digest_holds_the_outlet(self, wall: Wall) -> None:
        """Else two workers at the same time could take some of its lines each."""
        wall.finished("a", "b", "c", "d")
        wall.work()
        if wall.store.engine.dialect.name != "postgresql":
            return  # There, one transaction writes at a time.
        with wall.store.work() as other:
            other.delivery.hold_outlets([wall.wall.id])
            with pytest.raises(StorageError), wall.store.work() as work:
                work.sql.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
                digests.make(work, wall.wall, EDITION)
        assert "• 10 people finished Giving feedback\n• 9 people finished Giving feedback" == (
            wall.edition()
        )

    def test_a_line_that_is_just_changing_makes_no_digest_of_its_own(self, wall: Wall) -> None:
        """The edition waits for it, until the next look, so that all stand in one."""
        wall.finished("a", "b", "c", "d")
        wall.work()
        if wall.store.engine.dialect.name != "postgresql":
            return  # There, nothing is changing while a digest is made.
        with wall.store.work() as other:
            other.delivery.by_ids([wall.rows()[0].delivery.id])
            assert 0 == digests.publish_due(wall.store, EDITION)
        assert 1 == digests.publish_due(wall.store, EDITION)
        assert [DeliveryState.LISTED] * 2 == wall.states()[2:4]

    def test_an_outlet_switched_off_meanwhile_ends_nothing(self, wall: Wall) -> None:
        """Between the look for what is due and the making somebody may switch it off."""
        wall.finished("a", "b", "c")
        wall.work()
        with wall.store.work() as work:
            outlets.change(work, wall.cast.connection, wall.wall.id, enabled=False)
        with wall.store.work() as work:
            assert digests.make(work, wall.wall, EDITION) is None
        assert 0 == wall.digests()

    def test_a_weekly_edition(self, wall: Wall) -> None:
        """On its day; a change of the day counts for what waits already."""
        said = {"edition": "weekly", "weekday": "friday", "at": "15:00", "zone": "Europe/Paris"}
        wall.finished("a", "b", "c")
        with wall.store.work() as work:
            settings.set_pace(work, wall.cast.connection, wall.wall.id, said, wall.clock.now())
        wall.clock.advance(hours=12)
        assert "" == wall.edition()
        wall.clock.at = datetime(2026, 11, 27, 13, 59, tzinfo=UTC)
        assert "" == wall.edition()
        wall.clock.at = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
        assert "• 9 people finished Giving feedback" == wall.edition()
        assert "Learning at Acme Academy, 27 November" in wall.shown.titles

    def test_an_outlet_that_is_switched_off_gets_no_digest(self, lite_wall: Wall) -> None:
        """What waits, waits until it is switched on."""
        lite_wall.finished("a", "b", "c")
        for enabled, text in ((False, ""), (True, "• 9 people finished Giving feedback")):
            with lite_wall.store.work() as work:
                outlets.change(work, lite_wall.cast.connection, lite_wall.wall.id, enabled=enabled)
            assert text == lite_wall.edition()

    def test_mail_that_went_out_says_that_it_stays(self, lite_wall: Wall) -> None:
        """The digest's own delivery tells the receipt what became of its lines."""
        mail = lite_wall.wall_of("Mail", MAIL, budget=0)
        (line,) = lite_wall.finished("a")
        lite_wall.edition()
        lite_wall.revise(line, gone=True, urgent=True)
        lite_wall.work()

        rows = [r for r in lite_wall.rows() if r.outlet_name == mail.name]
        assert [("Digest", DeliveryState.KEPT), ("Completions: Giving feedback", "gone")] == [
            (row.what, row.delivery.state) for row in rows
        ]
        assert rows[0].delivery.activity_id == rows[1].delivery.digest_id

    def test_many_lines_cost_no_more_statements_than_few(self, lite_wall: Wall) -> None:
        """A portion with a digest costs the same however much it lists."""
        costs = []
        for number in (3, 40):
            lite_wall.finished(*["x"] * number)
            lite_wall.clock.advance(days=1)
            lite_wall.clock.at = lite_wall.clock.at.replace(hour=16, minute=1)
            digests.publish_due(lite_wall.store, lite_wall.clock.now())
            with statements(lite_wall.store) as sent:
                assert 3 == lite_wall.work(limit=10).published
            costs.append(len(sent))
        assert costs[0] == costs[1]

    def test_removing_an_outlet_removes_its_digests(self, lite_wall: Wall) -> None:
        """Nothing is left of what was made for it alone."""
        lite_wall.finished("a", "b", "c")
        lite_wall.edition()
        d = t.deliveries
        with lite_wall.store.work() as work:
            work.sql.execute(d.update().values(remote_id=None))
            outlets.remove(work, lite_wall.cast.connection, lite_wall.wall.id)
        assert 0 == lite_wall.digests()


class TestQuietHours:
    @pytest.fixture
    def night(self, cast: Cast, clock: FrozenClock) -> Wall:
        """A wall that is left alone at night, and shows one post; it is eight in the evening."""
        wall = Wall(cast, clock, budget=None, quiet="19:00-08:00", zone="Europe/London")
        self.post = wall.completion(others=7)
        wall.work()
        wall.clock.at = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
        return wall

    def at_eight(self, wall: Wall) -> None:
        """The night is over."""
        wall.clock.at = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)

    def test_what_is_new_waits(self, night: Wall) -> None:
        """Until the morning, shares too; then it goes."""
        night.completion(others=8)
        night.share(to=night.wall)
        assert 0 == night.work().claimed
        self.at_eight(night)
        assert 2 == night.work().published

    def test_what_grows_waits(self, night: Wall) -> None:
        """One more colleague is no reason to wake anybody."""
        night.revise(self.post, others=8)
        assert 0 == night.work().claimed
        self.at_eight(night)
        assert 1 == night.work().edited

    @pytest.mark.parametrize(
        ("change", "urgent", "done"),
        [
            ({"others": 6}, True, "edited"),
            ({"gone": True}, True, "deleted"),
            ({"gone": True}, False, "deleted"),
        ],
    )
    def test_what_is_taken_back_does_not(
        self, night: Wall, change: dict[str, Any], urgent: bool, done: str
    ) -> None:
        """A correction and a withdrawal pass at once."""
        night.revise(self.post, urgent=urgent, **change)
        assert 1 == getattr(night.work(), done)

    def test_a_correction_of_what_never_left_wakes_nobody(self, night: Wall) -> None:
        """It is right when it is posted in the morning."""
        new = night.completion(others=9)
        night.revise(new, others=8, urgent=True)
        assert 0 == night.work().published
        self.at_eight(night)
        assert 1 == night.work().published
        assert "8 people finished Giving feedback" in night.shown.titles

    def test_a_second_try_waits_as_well(self, lite_cast: Cast, clock: FrozenClock) -> None:
        """It failed at a minute to seven, and would be tried again at seven."""
        wall = Wall(lite_cast, clock, budget=None, quiet="19:00-08:00")
        wall.clock.at = datetime(2026, 11, 25, 18, 59, 50, tzinfo=UTC)
        wall.shown.trouble = [OutletBusy("Full.")]
        wall.completion(others=7)
        assert 1 == wall.work().retried
        wall.clock.advance(minutes=1)
        report = wall.work()
        assert (1, 0) == (report.held, report.published)
        assert datetime(2026, 11, 26, 8, 0, tzinfo=UTC) == wall.row().due_at
        self.at_eight(wall)
        assert 1 == wall.work().published


class TestRates:
    def test_no_more_than_the_outlet_takes_in_a_minute(self, wall: Wall) -> None:
        """However often workers come by, and however many they are; the rest waits untouched."""
        slow = wall.wall_of("Slow", budget=None, per_minute=6)
        wall.finished(*["x"] * 30)
        board = wall.boards[slow.id]
        for second in range(60):
            wall.work(f"w{second % 3}")
            wall.clock.advance(seconds=1)
        assert 6 == len(board.posts)
        waiting = [r for r in wall.rows() if r.outlet_name == "Slow" and not r.delivery.attempts]
        assert 24 == len(waiting)

    def test_a_withdrawal_goes_first(self, lite_wall: Wall) -> None:
        """What the outlet takes is given to what is urgent."""
        slow = lite_wall.wall_of("Slow", budget=None, per_minute=6)
        board = lite_wall.boards[slow.id]
        first, *_ = lite_wall.finished("a", "b", "c")
        lite_wall.work()
        lite_wall.revise(first, gone=True, urgent=True)
        lite_wall.clock.advance(seconds=15)
        lite_wall.work()
        assert ["publish", "delete"] == board.acts

    def test_one_slow_outlet_holds_no_other_up(self, lite_wall: Wall) -> None:
        """Each has its own."""
        lite_wall.wall_of("Slow", budget=None, per_minute=1)
        fast = lite_wall.wall_of("Fast", budget=None)
        lite_wall.finished(*["x"] * 20)
        while lite_wall.work().claimed:
            pass
        assert 20 == len(lite_wall.boards[fast.id].posts)


class TestSettings:
    def test_what_stands_stays_when_rules_change(self, wall: Wall) -> None:
        """And follows what it tells; what comes is routed by the new rules."""
        cast = wall.cast
        stands = wall.completion(others=7)
        wall.work()
        with wall.store.work() as work:
            settings.set_rules(work, cast.connection, wall.wall.id, only=["course: Negotiation"])
        wall.completion(others=9)
        wall.revise(stands, others=8)

        assert (0, 1) == (len(wall.rows()) - 1, wall.work().edited)
        assert ["8 people finished Giving feedback"] == wall.shown.titles

    def test_a_topic_is_a_tag_of_the_lms(self, wall: Wall) -> None:
        """One that no rule named before is read from now on."""
        cast = wall.cast
        with wall.store.work() as work:
            settings.set_rules(work, cast.connection, wall.wall.id, only=["topic: Talking "])
            assert ("talking",) == work.policy.words(cast.connection).read
        wall.completion(others=7)
        with wall.store.work() as work:
            work.sql.execute(t.course_tags.insert(), {"course_id": cast.feedback, "tag": "talking"})
        wall.completion(others=8)
        wall.work()
        assert ["8 people finished Giving feedback"] == wall.shown.titles

    def test_a_category_holds_what_lies_in_it(self, wall: Wall) -> None:
        """Named by the category above."""
        cast = wall.cast
        with wall.store.work() as work:
            for number, parent, path in ((3, None, "/3"), (4, 3, "/3/4")):
                work.sql.execute(
                    t.categories.insert(),
                    {
                        "connection_id": cast.connection,
                        "lms_id": number,
                        "name": f"Shelf {number}",
                        "parent_lms_id": parent,
                        "path": path,
                    },
                )
            c = t.courses
            work.sql.execute(c.update().where(c.c.id == cast.feedback).values(category_lms_id=4))
            changed = settings.set_rules(
                work, cast.connection, wall.wall.id, never=["Category:  shelf 3 "]
            )
            assert ("category: Shelf 3",) == settings.written(work, changed).never
        wall.completion(others=7)
        assert () == wall.rows()


def test_the_ledger_says_what_waits_for_which_digest(lite_wall: Wall) -> None:
    """A state of its own, and when the next one is made."""
    lite_wall.finished("a", "b", "c")
    with lite_wall.store.reading() as work:
        (row,) = ledger.page(work, lite_wall.cast.connection, state=DeliveryState.DIGEST)
    assert (EDITION, False) == (row.delivery.due_at, row.delivery.pending)


def test_a_digest_stands_in_nobodys_feed(lite_wall: Wall) -> None:
    """It is for an outlet's readers: not even an admin is told of it."""
    from bridge.feed import read

    lite_wall.finished("a", "b", "c")
    lite_wall.edition()
    with lite_wall.store.reading() as work:
        for person in (lite_wall.cast.alice, lite_wall.cast.dana):
            page = read.home(work, lite_wall.cast.viewer(person))
            assert Kind.DIGEST not in {item.activity.kind for item in page.items}


def test_a_cancelled_line_leaves_its_digest(lite_wall: Wall) -> None:
    """Whoever is to be forgotten is forgotten there too."""
    *_, line = lite_wall.finished("a", "b", "c")
    lite_wall.edition()
    with lite_wall.store.work() as work:
        outbox.cancel(work, line, lite_wall.clock.now())
    lite_wall.work()
    assert "" == lite_wall.digest()
    assert isinstance(lite_wall.shown, Board)
