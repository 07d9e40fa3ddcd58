"""The outbox, the worker and the ledger, on both databases, against a board in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bridge.delivery import ledger, outbox, outlets
from bridge.delivery.plan import ATTEMPTS, FIRST_WAIT, SETTLING, WITHHELD
from bridge.delivery.worker import LEASE, MENDING, PORTION, DeliveryReport, deliver
from bridge.errors import (
    BridgeError,
    CannotTakeBack,
    ConfigError,
    InputError,
    NotFound,
    OutcomeUnknown,
    OutletBusy,
    OutletRefused,
)
from bridge.model import (
    Audience,
    AudienceKind,
    Choice,
    Delivery,
    DeliveryState,
    LedgerRow,
    Outlet,
    Post,
    Receipt,
    Removal,
)
from bridge.ports import Abilities
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock

FORUM = Abilities(edit=True, delete=True, find=True, idempotent=False)
HOOK = Abilities(edit=True, delete=True, find=False, idempotent=True)
WALL = Abilities(edit=True, delete=True, find=False, idempotent=False)


class Killed(BaseException):
    """The worker's process ends here."""


class Board:
    """A publisher that shows posts in memory, and fails as it is told to.

    What it shows is in ``posts``, by remote id. ``trouble`` holds what happens to the next
    requests: an error to raise before the post arrived, or after it, for ``late`` ones.
    """

    def __init__(self, abilities: Abilities = FORUM) -> None:
        self.abilities = abilities
        self.posts: dict[str, Post] = {}
        self.requests: list[tuple[str, str]] = []
        self.trouble: list[BaseException | None] = []
        self.late: list[BaseException | None] = []
        self.before: Callable[[Post], object] = lambda post: None
        self.removal = Removal.DONE

    def publish(self, post: Post) -> Receipt:
        known = next((i for i, p in self.posts.items() if p.key == post.key), None)
        assert known is None or self.abilities.idempotent, "published twice"
        return self._take("publish", known or f"r{len(self.requests)}", post)

    def edit(self, remote_id: str, post: Post) -> Receipt:
        assert remote_id in self.posts
        return self._take("edit", remote_id, post)

    def delete(self, remote_id: str, post: Post) -> Removal:
        self._come("delete", post)
        assert "" == post.title == post.text
        for ident in [i for i, p in self.posts.items() if i == remote_id or p.key == post.key]:
            del self.posts[ident]
        self._leave()
        return self.removal

    def find(self, post: Post) -> Receipt | None:
        self._come("find", post)
        return next((Receipt(i) for i, p in self.posts.items() if p.key == post.key), None)

    def _take(self, what: str, remote_id: str, post: Post) -> Receipt:
        self._come(what, post)
        self.posts[remote_id] = post
        self._leave()
        return Receipt(remote_id)

    def _come(self, what: str, post: Post) -> None:
        self.requests.append((what, post.key))
        self.before(post)
        if self.trouble and (error := self.trouble.pop(0)):
            raise error

    def _leave(self) -> None:
        if self.late and (error := self.late.pop(0)):
            raise error

    @property
    def titles(self) -> list[str]:
        return [p.title for p in self.posts.values()]

    @property
    def acts(self) -> list[str]:
        return [what for what, _ in self.requests]


class Stage:
    """The cast with an outlet, a clock and a worker."""

    def __init__(self, cast: Cast, clock: FrozenClock) -> None:
        self.cast, self.clock, self.store = cast, clock, cast.store
        self.everyone = Audience(AudienceKind.EVERYONE, cast.connection)
        self.boards: dict[int, Board] = {}
        self.square = self.outlet("Square")
        self.board = self.boards[self.square.id]
        self._uids = 0

    def outlet(
        self, name: str, abilities: Abilities = FORUM, kinds: Iterable[str] = (), **values: Any
    ) -> Outlet:
        """One more outlet, with a board."""
        settings = {"kinds": list(kinds), **values.pop("settings", {})}
        audience = values.pop("audience", self.everyone)
        with self.store.work() as work:
            new = outlets.add(
                work, self.cast.connection, name, "board", audience, settings, "s3cret", **values
            )
        self.boards[new.id] = Board(abilities)
        return new

    def share(self, text: str = "Try it.", *, to: Outlet | None = None, **how: Any) -> int:
        """Alice shares Giving feedback at the square; the activity's id."""
        with self.store.work() as work:
            ident = self.activity(work, "share", text=text, actor_id=self.cast.alice)
            chosen = [(to or self.square).id]
            outbox.enqueue(work, [ident], self.clock.now(), outlet_ids=chosen, **how)
        return ident

    def activity(self, work: Any, kind: str, **values: Any) -> int:
        """Write an activity about Giving feedback."""
        self._uids += 1
        row = {
            "uid": f"uid-{self._uids}",
            "connection_id": self.cast.connection,
            "kind": kind,
            "audience": self.everyone.key,
            "course_id": self.cast.feedback,
            "published": self.clock.now(),
            "updated": self.clock.now(),
            **values,
        }
        query = t.activities.insert().returning(t.activities.c.id)
        return work.sql.execute(query, row).scalar_one()

    def completion(self, *people: int, others: int = 0) -> int:
        """The people finished Giving feedback today, as the feed has it; the activity's id."""
        ids = {person: self.cast.complete(person, self.cast.feedback) for person in people}
        with self.store.work() as work:
            ident = self.activity(work, "completion", others=others, group_size=50)
            for person, completion in ids.items():
                work.sql.execute(
                    t.activity_members.insert(),
                    {
                        "activity_id": ident,
                        "person_id": person,
                        "completion_id": completion,
                        "at": self.clock.now(),
                    },
                )
            outbox.enqueue(work, [ident], self.clock.now())
        return ident

    def revise(self, activity_id: int, *, urgent: bool = False, **values: Any) -> None:
        """The activity changes, in one transaction with its deliveries."""
        a = t.activities
        with self.store.work() as work:
            work.sql.execute(
                a.update().where(a.c.id == activity_id).values(revision=a.c.revision + 1, **values)
            )
            outbox.enqueue(work, [activity_id], self.clock.now(), urgent=urgent)

    def work(self, worker_id: str = "w1", **how: Any) -> DeliveryReport:
        """One batch."""
        return deliver(
            self.store,
            how.pop("publisher_of", lambda outlet: self.boards[outlet.id]),
            self.clock,
            link=lambda path: f"https://bridge.example{path}",
            worker_id=worker_id,
            jitter=lambda: 0.5,
            **how,
        )

    def rows(self, state: DeliveryState | None = None) -> tuple[LedgerRow, ...]:
        """The ledger, newest first."""
        with self.store.reading() as work:
            return ledger.page(work, self.cast.connection, state=state)

    def row(self) -> Delivery:
        """The only delivery there is."""
        (row,) = self.rows()
        return row.delivery


@pytest.fixture
def stage(cast: Cast, clock: FrozenClock) -> Stage:
    """The cast before an empty board."""
    return Stage(cast, clock)


@pytest.fixture
def lite_stage(lite_cast: Cast, clock: FrozenClock) -> Stage:
    """The same, where the kind of database plays no part."""
    return Stage(lite_cast, clock)


class TestConverging:
    def test_a_share_is_published_edited_and_deleted(self, stage: Stage) -> None:
        """The outlet shows what it should, whatever that is at the moment."""
        share = stage.share()
        assert DeliveryReport(published=1, claimed=1) == stage.work()
        assert ["Alice Adams shared Giving feedback"] == stage.board.titles

        stage.revise(share, text="Try the third chapter.")
        assert DeliveryReport(edited=1, claimed=1) == stage.work()
        assert "third chapter" in next(iter(stage.board.posts.values())).text

        stage.revise(share, gone=True, urgent=True)
        assert DeliveryReport(deleted=1, claimed=1) == stage.work()
        assert {} == stage.board.posts
        assert DeliveryState.GONE == stage.row().state

    def test_without_news_nothing_is_done(self, stage: Stage) -> None:
        """A second batch finds nothing, and sends nothing."""
        stage.share()
        stage.work()

        assert DeliveryReport() == stage.work()
        assert ["publish"] == stage.board.acts

    def test_an_aggregate_grows_in_place(self, stage: Stage) -> None:
        """One post for everybody who finished that day."""
        stage.cast.choose(stage.cast.bob, Choice.EVERYONE)
        hook = stage.outlet("Hook", HOOK, ["completion"])
        ident = stage.completion(stage.cast.bob, others=5)
        stage.work()
        stage.revise(ident, others=7)
        stage.work()

        assert ["Bob Brown and 7 others finished Giving feedback"] == stage.boards[hook.id].titles
        assert (2, 2) == (stage.row().wanted, stage.row().shown)

    def test_what_grew_during_the_attempt_stays_pending(self, stage: Stage) -> None:
        """The next batch brings it."""
        share = stage.share()
        stage.board.before = lambda post: stage.revise(share, text="Better.")
        stage.work()
        stage.board.before = lambda post: None

        assert (1, 2, True) == (stage.row().shown, stage.row().wanted, stage.row().pending)
        assert DeliveryReport(edited=1, claimed=1) == stage.work()

    def test_no_transaction_is_open_over_the_network(self, stage: Stage) -> None:
        """While an outlet answers, anybody else can write."""
        stage.share()

        def write(post: Post) -> None:
            with stage.store.work() as work:
                work.sql.execute(t.people.update().values(department="Anywhere"))

        stage.board.before = write

        assert 1 == stage.work().published

    def test_an_activity_that_is_no_more_needs_nothing(self, lite_stage: Stage) -> None:
        """Nothing to note, nothing to do."""
        with lite_stage.store.work() as work:
            assert [] == outbox.enqueue(work, [999], lite_stage.clock.now())
            assert [] == outbox.cancel(work, 999, lite_stage.clock.now())

    def test_only_an_outlet_of_ones_own_can_be_chosen(self, lite_stage: Stage) -> None:
        """And only one that is switched on."""
        with lite_stage.store.work() as work:
            outlets.change(work, lite_stage.cast.connection, lite_stage.square.id, enabled=False)
        with pytest.raises(InputError):
            lite_stage.share()

    def test_a_second_note_of_the_same_is_none(self, lite_stage: Stage) -> None:
        """Nothing changed, so nothing follows."""
        share = lite_stage.share()
        with lite_stage.store.work() as work:
            assert [] == outbox.enqueue(work, [share], lite_stage.clock.now())


class TestUndo:
    def test_nothing_leaves_within_the_minute(self, stage: Stage) -> None:
        """Undone in time, it never was anywhere."""
        share = stage.share(not_before=stage.clock.now() + timedelta(minutes=1))
        assert DeliveryReport() == stage.work()

        with stage.store.work() as work:
            assert 1 == len(outbox.cancel(work, share, stage.clock.now()))
        stage.clock.advance(minutes=2)

        assert DeliveryReport() == stage.work()
        assert [] == stage.board.requests
        assert DeliveryState.GONE == stage.row().state

    def test_after_the_minute_it_leaves(self, stage: Stage) -> None:
        """And can still be taken back."""
        share = stage.share(not_before=stage.clock.now() + timedelta(minutes=1))
        stage.clock.advance(minutes=1)
        assert 1 == stage.work().published

        with stage.store.work() as work:
            outbox.cancel(work, share, stage.clock.now())
        assert 1 == stage.work().deleted

    def test_undone_between_claim_and_attempt_it_never_leaves(self, stage: Stage) -> None:
        """The worker looks once more just before it sends."""
        shares = [stage.share("First."), stage.share("Second.")]

        def undo(post: Post) -> None:
            with stage.store.work() as work:
                outbox.cancel(work, shares[1], stage.clock.now())

        stage.board.before = undo

        assert DeliveryReport(published=1, gone=1, claimed=2) == stage.work()
        assert 1 == len(stage.board.requests)

    def test_withdrawn_during_the_attempt_it_is_taken_back_at_once(self, stage: Stage) -> None:
        """The next batch deletes what had just arrived."""
        share = stage.share()
        stage.board.before = lambda post: stage.revise(share, gone=True, urgent=True)
        stage.work()
        stage.board.before = lambda post: None

        assert 1 == stage.work().deleted
        assert {} == stage.board.posts


class TestConsent:
    def test_a_name_that_was_withdrawn_before_the_feed_knew_does_not_leave(
        self, stage: Stage
    ) -> None:
        """The worker asks consent again."""
        stage.outlet("Hook", HOOK, ["completion"])
        stage.cast.choose(stage.cast.bob, Choice.EVERYONE)
        stage.completion(stage.cast.bob)
        stage.cast.choose(stage.cast.bob, Choice.NOBODY)

        assert DeliveryReport(gone=1, claimed=1) == stage.work()
        assert (DeliveryState.GONE, WITHHELD) == (stage.row().state, stage.row().reason)

    @pytest.mark.parametrize("column", ["hidden", "revoked"])
    def test_a_completion_that_was_hidden_or_revoked_does_not_leave(
        self, stage: Stage, column: str
    ) -> None:
        """One item, whatever the person's choice is."""
        stage.outlet("Hook", HOOK, ["completion"])
        stage.cast.choose(stage.cast.bob, Choice.EVERYONE)
        stage.completion(stage.cast.bob)
        with stage.store.work() as work:
            work.sql.execute(t.completions.update().values({column: True}))

        assert 1 == stage.work().gone

    def test_what_stands_there_is_deleted_when_nothing_of_it_may_be_shown(
        self, stage: Stage
    ) -> None:
        """A correction of which nothing is left takes the post away."""
        hook = stage.outlet("Hook", HOOK, ["completion"])
        stage.cast.choose(stage.cast.bob, Choice.EVERYONE)
        ident = stage.completion(stage.cast.bob)
        stage.work()
        stage.cast.choose(stage.cast.bob, Choice.NOBODY)
        stage.revise(ident, urgent=True)

        assert DeliveryReport(deleted=1, claimed=1) == stage.work()
        assert {} == stage.boards[hook.id].posts

    def test_after_a_withdrawal_it_begins_anew_under_a_new_key(self, stage: Stage) -> None:
        """Bob agrees again: to the outlet it is another post."""
        stage.outlet("Hook", HOOK, ["completion"])
        stage.cast.choose(stage.cast.bob, Choice.EVERYONE)
        ident = stage.completion(stage.cast.bob)
        stage.work()
        key = stage.row().key
        stage.revise(ident, gone=True, urgent=True)
        stage.work()
        stage.revise(ident, gone=False)

        assert 1 == stage.work().published
        assert key != stage.row().key

    def test_a_withdrawal_goes_first(self, stage: Stage) -> None:
        """However much waits before it."""
        old = stage.share()
        stage.work()
        for number in range(3):
            stage.share(f"Number {number}.")
        stage.clock.advance(minutes=1)
        stage.revise(old, gone=True, urgent=True)

        stage.work(limit=1)

        assert ["publish", "delete"] == stage.board.acts

    def test_an_outlet_that_is_switched_off_still_takes_back(self, stage: Stage) -> None:
        """Nothing new goes there, but what has to go goes."""
        old, new = stage.share("Old."), stage.share("New.")
        stage.work()
        with stage.store.work() as work:
            outlets.change(work, stage.cast.connection, stage.square.id, enabled=False)
        stage.revise(new, text="Newer.")
        stage.revise(old, gone=True, urgent=True)

        assert DeliveryReport(deleted=1, claimed=1) == stage.work()


class TestFailing:
    def test_a_passing_failure_is_tried_again_later(self, stage: Stage) -> None:
        """Not at once, and with the reason written down."""
        stage.board.trouble = [OutletBusy("Full.")]
        stage.share()

        assert DeliveryReport(retried=1, claimed=1) == stage.work()
        assert (DeliveryState.RETRY, "Full.", 1) == (
            stage.row().state,
            stage.row().reason,
            stage.row().attempts,
        )
        assert DeliveryReport() == stage.work()
        stage.clock.advance(seconds=FIRST_WAIT.total_seconds())
        assert 1 == stage.work().published

    def test_it_is_not_tried_for_ever(self, lite_stage: Stage) -> None:
        """After the last attempt it is dead, and says why."""
        stage = lite_stage
        stage.board.trouble = [OutletBusy("Full.")] * ATTEMPTS
        stage.share()
        for _ in range(ATTEMPTS):
            report = stage.work()
            stage.clock.advance(hours=9)

        assert DeliveryReport(dead=1, claimed=1) == report
        assert DeliveryReport() == stage.work()
        assert (DeliveryState.DEAD, "Full.") == (stage.row().state, stage.row().reason)

    def test_an_outlet_that_asks_to_wait_is_left_alone_with_all_of_its_share(
        self, stage: Stage
    ) -> None:
        """One answer speaks for all; what was not attempted costs no attempt."""
        stage.board.trouble = [OutletBusy("Full.", after=600)]
        stage.share("First.")
        stage.share("Second.")

        assert DeliveryReport(retried=1, held=1, claimed=2) == stage.work()
        assert [0, 1] == [r.delivery.attempts for r in stage.rows()]
        stage.clock.advance(seconds=599)
        assert DeliveryReport() == stage.work()
        stage.clock.advance(seconds=1)
        assert 2 == stage.work().published

    def test_within_a_portion_too(self, stage: Stage) -> None:
        """What was begun and not sent is as if it had not been begun."""
        hook = stage.outlet("Hook", HOOK)
        board = stage.boards[hook.id]
        for number in range(PORTION + 4):
            stage.share(f"Number {number}.", to=hook)
        board.trouble = [None, OutletBusy("Full.", after=60)]

        report = stage.work()

        assert (
            DeliveryReport(published=1, retried=1, held=PORTION + 2, claimed=PORTION + 4) == report
        )
        assert 2 == len(board.requests)
        stage.clock.advance(minutes=2)
        assert PORTION + 3 == stage.work().published

    def test_one_post_in_trouble_keeps_no_other_one_waiting(self, stage: Stage) -> None:
        """A single failure is the post's; two in a row are the outlet's."""
        stage.board.trouble = [OutletBusy("Odd."), None, OutletBusy("Odd."), OutletBusy("Odd.")]
        for number in range(6):
            stage.share(f"Number {number}.")

        assert DeliveryReport(published=1, retried=3, held=2, claimed=6) == stage.work()

    def test_one_failing_outlet_keeps_no_other_one_waiting(self, stage: Stage) -> None:
        """While the square hangs, the den gets its share."""
        den = stage.outlet("Den")
        stage.share("To the square.")
        stage.share("To the den.", to=den)
        arrived = threading.Event()
        stage.boards[den.id].before = lambda post: arrived.set()

        def hang(post: Post) -> None:
            assert arrived.wait(20)

        stage.board.before = hang

        assert 2 == stage.work().published

    def test_every_outlet_gets_its_share_of_a_batch(self, stage: Stage) -> None:
        """A long queue at the square does not keep the den's out of the batch."""
        den = stage.outlet("Den")
        for number in range(10):
            stage.share(f"Number {number}.")
        stage.clock.advance(minutes=1)
        stage.share("To the den.", to=den)

        stage.work(limit=4)

        assert (2, 1) == (len(stage.board.posts), len(stage.boards[den.id].posts))

    def test_an_outlet_whose_settings_are_broken_is_left_alone_for_a_while(
        self, stage: Stage
    ) -> None:
        """Nothing is lost: it goes when the settings are mended."""
        stage.share()

        def broken(outlet: Outlet) -> Board:
            raise ConfigError("No address.", "Enter one.")

        assert DeliveryReport(held=1, claimed=1) == stage.work(publisher_of=broken)
        assert ("No address. Enter one.", 0) == (stage.row().reason, stage.row().attempts)
        stage.clock.advance(seconds=MENDING.total_seconds())
        assert 1 == stage.work().published

    def test_a_refusal_is_final_and_says_what_to_do(self, stage: Stage) -> None:
        """Until something else is wanted, or an admin says so."""
        stage.board.trouble = [OutletRefused("Too long.", "Write less.")]
        stage.share()

        assert 1 == stage.work().dead
        assert "Too long. Write less." == stage.row().reason
        with stage.store.work() as work:
            ledger.retry(work, stage.row().id, stage.clock.now())
        assert 1 == stage.work().published

    def test_what_cannot_be_taken_back_is_said_to_be_so(self, stage: Stage) -> None:
        """The receipt of a withdrawal can tell it, with the reason."""
        share = stage.share()
        stage.work()
        stage.board.trouble = [CannotTakeBack("Too late.")]
        stage.revise(share, gone=True, urgent=True)

        assert DeliveryReport(kept=1, claimed=1) == stage.work()
        assert (DeliveryState.KEPT, 1, "Too late.") == (
            stage.row().state,
            stage.row().shown,
            stage.row().reason,
        )

    def test_a_correction_that_cannot_be_made_takes_the_post_down(self, stage: Stage) -> None:
        """Two batches: the edit that fails, and the deletion."""
        share = stage.share()
        stage.work()
        stage.board.trouble = [CannotTakeBack("Too late.")]
        stage.revise(share, text="Without a name.", urgent=True)

        assert (1, 1) == (stage.work().kept, stage.work().deleted)
        assert {} == stage.board.posts

    def test_an_error_that_nobody_foresaw_ends_the_batch_and_nothing_else(
        self, stage: Stage
    ) -> None:
        """Other outlets are served; the delivery is in doubt and free when the claim lapses."""
        den = stage.outlet("Den")
        stage.share("To the den.", to=den)
        stage.share("To the square.")
        stage.board.trouble = [RuntimeError("a bug")]

        with pytest.raises(RuntimeError, match="a bug"):
            stage.work()

        assert 1 == len(stage.boards[den.id].posts)
        stage.clock.advance(seconds=LEASE.total_seconds())
        assert DeliveryReport(retried=1, claimed=1) == stage.work()
        assert 1 == stage.work().published


class TestUnknown:
    def test_silence_is_resolved_by_asking(self, stage: Stage) -> None:
        """It had arrived: it is found, and not published again."""
        stage.board.late = [OutcomeUnknown("Silence.")]
        stage.share()
        assert DeliveryReport(unknown=1, claimed=1) == stage.work()
        assert DeliveryReport() == stage.work()

        stage.clock.advance(seconds=SETTLING.total_seconds())
        assert DeliveryReport(published=1, claimed=1) == stage.work()
        assert ["publish", "find"] == stage.board.acts
        assert DeliveryState.SHOWN == stage.row().state

    def test_what_had_not_arrived_is_published(self, stage: Stage) -> None:
        """Asked, not found, sent again."""
        stage.board.trouble = [OutcomeUnknown("Silence.")]
        stage.share()
        stage.work()
        stage.clock.advance(seconds=SETTLING.total_seconds())

        assert (1, 1) == (stage.work().retried, stage.work().published)
        assert 1 == len(stage.board.posts)

    def test_where_the_key_is_known_it_is_sent_again(self, stage: Stage) -> None:
        """And shows once."""
        hook = stage.outlet("Hook", HOOK)
        board = stage.boards[hook.id]
        board.late = [OutcomeUnknown("Silence.")]
        stage.share(to=hook)
        stage.work()
        stage.clock.advance(seconds=FIRST_WAIT.total_seconds())

        assert 1 == stage.work().published
        assert (["publish", "publish"], 1) == (board.acts, len(board.posts))

    def test_elsewhere_it_stays_unknown_until_an_admin_says_otherwise(self, stage: Stage) -> None:
        """Never blindly repeated; the retry needs the explicit word."""
        wall = stage.outlet("Wall", WALL)
        board = stage.boards[wall.id]
        board.trouble = [OutcomeUnknown("Silence.")]
        stage.share(to=wall)
        stage.work()
        stage.clock.advance(days=1)
        assert DeliveryReport() == stage.work()
        assert DeliveryState.UNKNOWN == stage.row().state

        with stage.store.work() as work:
            with pytest.raises(InputError, match="no answer came"):
                ledger.retry(work, stage.row().id, stage.clock.now())
            ledger.retry(work, stage.row().id, stage.clock.now(), anyway=True)
        assert 1 == stage.work().published

    def test_an_admins_word_does_not_repeat_what_is_looked_for(self, lite_stage: Stage) -> None:
        """What can still be asked about is asked, even if somebody says to send it anyway."""
        lite_stage.board.late = [OutcomeUnknown("Silence.")]
        lite_stage.share()
        lite_stage.work()

        with lite_stage.store.work() as work:
            row = lite_stage.row()
            ledger.retry(work, row.id, lite_stage.clock.now(), anyway=True)
        lite_stage.clock.advance(seconds=SETTLING.total_seconds())
        lite_stage.work()

        assert ["publish", "find"] == lite_stage.board.acts

    def test_withdrawn_while_in_doubt_it_is_looked_for_and_deleted(self, stage: Stage) -> None:
        """Nobody knows if it is there, so it is not forgotten."""
        stage.board.late = [OutcomeUnknown("Silence.")]
        share = stage.share()
        stage.work()
        stage.revise(share, gone=True, urgent=True)
        stage.clock.advance(seconds=SETTLING.total_seconds())

        stage.work()
        stage.work()

        assert ["publish", "find", "delete"] == stage.board.acts
        assert ({}, DeliveryState.GONE) == (stage.board.posts, stage.row().state)

    def test_withdrawn_while_in_doubt_at_a_webhook_it_is_deleted_by_its_key(
        self, stage: Stage
    ) -> None:
        """No id ever came back; the key is enough."""
        hook = stage.outlet("Hook", HOOK)
        stage.boards[hook.id].late = [OutcomeUnknown("Silence.")]
        share = stage.share(to=hook)
        stage.work()
        stage.revise(share, gone=True, urgent=True)
        stage.clock.advance(seconds=SETTLING.total_seconds())

        assert 1 == stage.work().deleted
        assert {} == stage.boards[hook.id].posts


class TestDying:
    @pytest.mark.parametrize("moment", ["trouble", "late"])
    def test_a_worker_that_dies_leaves_a_question_and_not_two_posts(
        self, stage: Stage, moment: str
    ) -> None:
        """Before or after the post arrived: the next worker asks."""
        setattr(stage.board, moment, [Killed()])
        stage.share()
        with pytest.raises(Killed):
            stage.work("w1")
        assert (DeliveryState.UNKNOWN, 1) == (stage.row().state, stage.row().attempts)

        assert DeliveryReport() == stage.work("w2")
        stage.clock.advance(seconds=LEASE.total_seconds())
        stage.work("w2")
        stage.work("w2")

        assert 1 == len(stage.board.posts)
        assert DeliveryState.SHOWN == stage.row().state

    def test_what_was_claimed_and_not_begun_is_simply_free_again(self, stage: Stage) -> None:
        """Only the one in flight is in doubt."""
        stage.share("First.")
        stage.share("Second.")
        stage.board.trouble = [Killed()]
        with pytest.raises(Killed):
            stage.work("w1")

        stage.clock.advance(seconds=LEASE.total_seconds())

        assert DeliveryReport(published=1, retried=1, claimed=2) == stage.work("w2")

    def test_an_outcome_that_comes_after_the_claim_lapsed_is_not_written_down(
        self, stage: Stage
    ) -> None:
        """Another worker has taken over, and its word counts."""
        stage.share()
        other: list[DeliveryReport] = []

        def overtake(post: Post) -> None:
            stage.board.before = lambda post: None
            stage.clock.advance(seconds=LEASE.total_seconds())
            other.append(stage.work("w2"))

        stage.board.before = overtake

        assert DeliveryReport(claimed=1) == stage.work("w1")
        assert [DeliveryReport(retried=1, claimed=1)] == other
        assert DeliveryState.RETRY == stage.row().state

    def test_two_workers_take_different_deliveries(self, stage: Stage) -> None:
        """What one holds, the other passes by."""
        for number in range(4):
            stage.share(f"Number {number}.")
        other: list[DeliveryReport] = []

        def meanwhile(post: Post) -> None:
            stage.board.before = lambda post: None
            other.append(stage.work("w2"))

        stage.board.before = meanwhile
        mine = stage.work("w1", limit=2)

        assert ([2], 2) == ([o.published for o in other], mine.published)
        assert 4 == len(stage.board.posts)

    def test_what_was_composed_too_long_ago_is_composed_again(self, stage: Stage) -> None:
        """A slow outlet does not get what was true a portion ago."""
        hook = stage.outlet("Hook", HOOK)
        board = stage.boards[hook.id]
        shares = [stage.share(f"Number {n}.", to=hook) for n in range(3)]

        def slowly(post: Post) -> None:
            stage.clock.advance(seconds=10)
            if len(board.requests) == 1:
                stage.revise(shares[2], text="Corrected.", urgent=True)

        board.before = slowly

        assert DeliveryReport(published=3, claimed=3) == stage.work()
        assert "Corrected." in [p.text for p in board.posts.values()][2]
        assert [1, 1, 1] == [r.delivery.attempts for r in stage.rows()]


class TestLedger:
    def test_it_names_no_person(self, stage: Stage) -> None:
        """Consent binds the admin's page too."""
        stage.cast.choose(stage.cast.bob, Choice.EVERYONE)
        stage.outlet("Hook", HOOK, ["completion"])
        stage.completion(stage.cast.bob)
        stage.share()
        stage.work()

        assert [
            ("Share: Giving feedback", "Square", "board"),
            ("Completions: Giving feedback", "Hook", "board"),
        ] == [(r.what, r.outlet_name, r.outlet_kind) for r in stage.rows()]

    def test_it_comes_in_pages_and_by_state(self, lite_stage: Stage) -> None:
        """The newest first."""
        stage = lite_stage
        for number in range(3):
            stage.share(f"Number {number}.")
        stage.work(limit=1)
        newest, middle, oldest = (r.delivery.id for r in stage.rows())
        with stage.store.reading() as work:
            second = ledger.page(work, stage.cast.connection, before=newest, limit=1)

        assert [middle] == [r.delivery.id for r in second]
        assert [oldest] == [r.delivery.id for r in stage.rows(DeliveryState.SHOWN)]

    def test_a_post_about_nothing_is_just_a_post(self, lite_stage: Stage) -> None:
        """There is no course to name."""
        stage = lite_stage
        with stage.store.work() as work:
            ident = stage.activity(work, "post", text="Hello.", course_id=None)
            outbox.enqueue(work, [ident], stage.clock.now(), outlet_ids=[stage.square.id])

        assert ["Post"] == [r.what for r in stage.rows()]

    def test_only_what_failed_can_be_tried_again(self, lite_stage: Stage) -> None:
        """And only a delivery of the connection."""
        stage = lite_stage
        stage.share()
        stage.work()
        with stage.store.work() as work:
            with pytest.raises(InputError, match="nothing to try again"):
                ledger.retry(work, stage.row().id, stage.clock.now())
            with pytest.raises(NotFound):
                ledger.retry(work, 999, stage.clock.now())
            with pytest.raises(NotFound):
                ledger.retry(work, stage.row().id, stage.clock.now(), connection_id=999)

    def test_what_waits_can_be_hurried(self, stage: Stage) -> None:
        """The admin has mended the outlet and does not want to wait."""
        stage.board.trouble = [OutletBusy("Full.", after=3600)]
        stage.share()
        stage.work()
        with stage.store.work() as work:
            ledger.retry(
                work, stage.row().id, stage.clock.now(), connection_id=stage.cast.connection
            )

        assert 1 == stage.work().published


class TestOutlets:
    def test_the_secret_is_sealed_where_it_is_stored(self, lite_stage: Stage) -> None:
        """And in the clear for the publisher alone."""
        stage = lite_stage
        with stage.store.reading() as work:
            row = work.sql.execute(t.outlets.select()).one()
            (outlet,) = outlets.of(work, stage.cast.connection)

        assert "s3cret" not in str(row)
        assert "s3cret" == outlet.secret
        assert "s3cret" not in repr(outlet)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": " "},
            {"name": "x" * 81},
            {"name": "Square"},
            {"purpose": "fun"},
            {"audience": Audience(AudienceKind.EVERYONE, 999)},
            {"audience": Audience(AudienceKind.PUBLIC, 999)},
            {"audience": Audience(AudienceKind.TEAM, 999)},
            {"audience": Audience(AudienceKind.COURSE, 999)},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, lite_stage: Stage, wrong: dict[str, Any]) -> None:
        """Before anything is stored."""
        with pytest.raises(InputError):
            lite_stage.outlet(**{"name": "Den", **wrong})

    def test_a_team_and_a_course_can_have_one(self, lite_stage: Stage) -> None:
        """Of the connection."""
        stage = lite_stage
        den = stage.outlet("Den", audience=Audience(AudienceKind.TEAM, stage.cast.sales))
        room = stage.outlet("Room", audience=Audience(AudienceKind.COURSE, stage.cast.feedback))

        assert ("Den", "Room") == (den.name, room.name)

    def test_it_can_be_changed_but_for_its_audience(self, lite_stage: Stage) -> None:
        """What is not given stays."""
        stage = lite_stage
        with stage.store.work() as work:
            connection = stage.cast.connection
            changed = outlets.change(work, connection, stage.square.id, name="Plaza", secret="new")
            assert replace(stage.square, name="Plaza", secret="new") == changed
            outlets.change(work, connection, stage.square.id, settings={"kinds": ["share"]})
            found = outlets.get(work, connection, stage.square.id)

        assert replace(changed, settings={"kinds": ["share"]}) == found

    def test_another_connections_outlet_is_none(self, lite_stage: Stage) -> None:
        """It is not found."""
        with lite_stage.store.work() as work, pytest.raises(NotFound):
            outlets.get(work, 999, lite_stage.square.id)

    def test_it_can_be_removed_when_nothing_stands_there(self, lite_stage: Stage) -> None:
        """What stands there could not be taken back without it."""
        stage = lite_stage
        share = stage.share()
        stage.work()
        with stage.store.work() as work, pytest.raises(InputError, match="may still show 1"):
            outlets.remove(work, stage.cast.connection, stage.square.id)
        stage.revise(share, gone=True, urgent=True)
        stage.work()
        with stage.store.work() as work:
            outlets.remove(work, stage.cast.connection, stage.square.id)

        assert () == stage.rows()


def test_every_error_of_the_tree_is_an_outcome(lite_stage: Stage) -> None:
    """Whatever an adapter raises of the tree, the worker writes it down and goes on."""
    lite_stage.board.trouble = [BridgeError("Odd.")]
    lite_stage.share()

    assert 1 == lite_stage.work().dead
