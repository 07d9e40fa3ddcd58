"""What to do next about a delivery, and what it is afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.delivery import plan
from bridge.delivery.plan import ATTEMPTS, FIRST_WAIT, SETTLING, Attempt, Step
from bridge.errors import (
    BridgeError,
    CannotTakeBack,
    ConfigError,
    OutcomeUnknown,
    OutletBusy,
    OutletRefused,
)
from bridge.model import Delivery, DeliveryState, Receipt, Removal
from bridge.ports import Abilities

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
FORUM = Abilities(edit=True, delete=True, find=True, idempotent=False)
HOOK = Abilities(edit=True, delete=True, find=False, idempotent=True)
CHRONICLE = Abilities(edit=True, delete=True, find=True, idempotent=True, remembers=True)
WALL = Abilities(edit=False, delete=False, find=False, idempotent=False)
SLATE = Abilities(edit=False, delete=True, find=True, idempotent=False)
MIDDLE = 0.5
"""The jitter that changes nothing."""


def waiting(**values: object) -> Delivery:
    """A delivery that is to show revision 1 and has not been attempted."""
    start = Delivery(id=1, activity_id=2, outlet_id=3, key="k", wanted=1, due_at=NOW)
    return replace(start, **values)


def there(**values: object) -> Delivery:
    """A delivery whose outlet shows revision 1, as it should."""
    return waiting(
        **{"shown": 1, "remote_id": "r", "state": DeliveryState.SHOWN, "pending": False, **values}
    )


def doubtful(**values: object) -> Delivery:
    """A delivery whose publication got no answer."""
    return waiting(
        **{
            "sent": 1,
            "state": DeliveryState.UNKNOWN,
            "attempts": 1,
            "attempted_at": NOW,
            **values,
        }
    )


def wanted(delivery: Delivery, revision: int | None, **how: object) -> Delivery:
    """The delivery after a wish, with ``fresh`` as the key for a new beginning."""
    return plan.want(delivery, revision, NOW, key="fresh", **how)


def attempt_at(delivery: Delivery, abilities: Abilities, may_show: bool = True) -> Attempt:
    """The next attempt at the delivery."""
    return plan.next_step(delivery, abilities, may_show=may_show)


def succeed(
    delivery: Delivery, attempt: Attempt, answer: Receipt | Removal | None, now: datetime
) -> Delivery:
    """The delivery after the attempt succeeded."""
    return plan.succeeded(delivery, attempt, answer, now, key=f"{delivery.key}'")


def after_failure(
    delivery: Delivery, error: BridgeError, abilities: Abilities = FORUM, jitter: float = MIDDLE
) -> Delivery:
    """The delivery after its next attempt was begun and failed."""
    attempt = attempt_at(delivery, abilities)
    return plan.failed(plan.begun(attempt, NOW), attempt, error, abilities, NOW, jitter)


@pytest.mark.parametrize(
    ("delivery", "abilities", "may_show", "step"),
    [
        (waiting(), FORUM, True, Step.PUBLISH),
        (waiting(), FORUM, False, Step.NOTHING),
        (waiting(wanted=None), FORUM, True, Step.NOTHING),
        (there(), FORUM, True, Step.NOTHING),
        (there(), FORUM, False, Step.DELETE),
        (there(wanted=2), FORUM, True, Step.EDIT),
        (there(wanted=None), FORUM, True, Step.DELETE),
        (there(wanted=2), WALL, True, Step.NOTHING),
        (there(wanted=None), WALL, True, Step.NOTHING),
        (there(wanted=2), SLATE, True, Step.NOTHING),
        (there(wanted=2, urgent=True), SLATE, True, Step.DELETE),
        (there(wanted=2, urgent=True), FORUM, True, Step.EDIT),
        (there(wanted=2, urgent=True, state=DeliveryState.KEPT), FORUM, True, Step.DELETE),
        (there(wanted=2, state=DeliveryState.KEPT), FORUM, True, Step.EDIT),
        (doubtful(), FORUM, True, Step.ASK),
        (doubtful(wanted=None), FORUM, True, Step.ASK),
        (doubtful(), HOOK, True, Step.PUBLISH),
        (doubtful(wanted=None), HOOK, True, Step.DELETE),
        (doubtful(), WALL, True, Step.NOTHING),
        (waiting(attempts=ATTEMPTS), FORUM, True, Step.NOTHING),
    ],
)
def test_the_next_step(
    delivery: Delivery, abilities: Abilities, may_show: bool, step: Step
) -> None:
    """Wanted, shown, in doubt, and what the outlet can do decide the step."""
    assert step == attempt_at(delivery, abilities, may_show).step


class TestBeginning:
    def test_a_publication_is_in_doubt_before_it_leaves(self) -> None:
        """Whoever finds the delivery after a crash knows that something may be there."""
        begun = plan.begun(attempt_at(waiting(), FORUM), NOW)

        assert (DeliveryState.UNKNOWN, 1, 1, NOW) == (
            begun.state,
            begun.sent,
            begun.attempts,
            begun.attempted_at,
        )
        assert plan.in_doubt(begun)

    def test_an_edit_leaves_no_doubt(self) -> None:
        """An edit can be repeated, so nothing has to be asked after a crash."""
        begun = plan.begun(attempt_at(there(wanted=2), FORUM), NOW)

        assert not plan.in_doubt(begun)
        assert Step.EDIT == attempt_at(begun, FORUM).step

    def test_what_was_begun_and_not_made_is_as_before(self) -> None:
        """An attempt that was not made costs nothing but its place in time."""
        attempt = attempt_at(waiting(), HOOK)
        later = NOW + FIRST_WAIT

        back = plan.unsent(plan.begun(attempt, NOW), attempt, later, "busy")

        assert waiting(due_at=later, reason="busy") == back

    def test_what_was_withdrawn_while_begun_and_not_made_never_leaves(self) -> None:
        """Nothing went out, so there is nothing to take back."""
        attempt = attempt_at(waiting(), HOOK)
        withdrawn = wanted(plan.begun(attempt, NOW), None, urgent=True)

        assert DeliveryState.GONE == plan.unsent(withdrawn, attempt, NOW, "").state


class TestSuccess:
    def test_published(self) -> None:
        """The outlet shows what was wanted, and nothing is left to do."""
        attempt = attempt_at(waiting(), FORUM)

        done = succeed(plan.begun(attempt, NOW), attempt, Receipt("r"), NOW)

        assert there(attempts=1, attempted_at=NOW, accepted_at=NOW) == done

    def test_accepted_is_told_apart_from_shown(self) -> None:
        """An outlet that only took it has not said that it shows it."""
        attempt = attempt_at(waiting(), HOOK)

        done = succeed(plan.begun(attempt, NOW), attempt, Receipt("r", shown=False), NOW)

        assert "does not say that it is shown" in done.reason
        assert (DeliveryState.ACCEPTED, 1, False) == (done.state, done.shown, done.pending)

    def test_an_edit_that_is_seen_makes_shown_of_accepted(self) -> None:
        """What the outlet says last is what is known."""
        accepted = there(state=DeliveryState.ACCEPTED)
        attempt = attempt_at(wanted(accepted, 2), HOOK)

        done = succeed(plan.begun(attempt, NOW), attempt, Receipt("r"), NOW)

        assert (Step.EDIT, DeliveryState.SHOWN, 2) == (attempt.step, done.state, done.shown)

    def test_what_grew_meanwhile_stays_pending(self) -> None:
        """The revision that came during the attempt is still to be shown."""
        attempt = attempt_at(waiting(), FORUM)
        grown = wanted(plan.begun(attempt, NOW), 2)

        done = succeed(grown, attempt, Receipt("r"), NOW)

        assert (1, 2, True, 0) == (done.shown, done.wanted, done.pending, done.attempts)
        assert Step.EDIT == attempt_at(done, FORUM).step

    def test_what_was_withdrawn_meanwhile_is_taken_back(self) -> None:
        """A withdrawal during the attempt is due at once, and urgent."""
        attempt = attempt_at(waiting(), FORUM)
        withdrawn = wanted(plan.begun(attempt, NOW), None, urgent=True)

        done = succeed(withdrawn, attempt, Receipt("r"), NOW)

        assert (True, True, NOW) == (done.pending, done.urgent, done.due_at)
        assert Step.DELETE == attempt_at(done, FORUM).step

    def test_deleted(self) -> None:
        """What was taken away is gone, with nothing left of it."""
        withdrawn = wanted(there(), None, urgent=True)
        attempt = attempt_at(withdrawn, FORUM)

        done = succeed(plan.begun(attempt, NOW), attempt, Removal.DONE, NOW)

        assert (DeliveryState.GONE, None, None, False, False) == (
            done.state,
            done.shown,
            done.remote_id,
            done.pending,
            done.urgent,
        )

    def test_a_deletion_that_was_only_taken_is_gone_as_far_as_the_outlet_says(self) -> None:
        """And says how far that is; what is published anew afterwards says nothing of it."""
        withdrawn = wanted(there(), None, urgent=True)
        attempt = attempt_at(withdrawn, FORUM)

        done = succeed(plan.begun(attempt, NOW), attempt, Removal.ACCEPTED, NOW)
        assert (DeliveryState.GONE, plan.ACCEPTED_REMOVAL, NOW) == (
            done.state,
            done.reason,
            done.accepted_at,
        )
        grown = succeed(wanted(plan.begun(attempt, NOW), 2), attempt, Removal.ACCEPTED, NOW)
        assert ("", None) == (grown.reason, grown.accepted_at)

    def test_what_may_not_be_shown_any_more_is_deleted_for_good(self) -> None:
        """Nobody wanted it gone, but consent does not cover it: it is gone, and says why."""
        attempt = attempt_at(there(), FORUM, may_show=False)

        done = succeed(plan.begun(attempt, NOW), attempt, Removal.DONE, NOW)

        assert (DeliveryState.GONE, None, plan.WITHHELD) == (done.state, done.wanted, done.reason)

    def test_a_new_revision_during_a_deletion_is_published_anew(self) -> None:
        """It is not there any more, so the next step is to publish."""
        attempt = attempt_at(there(), FORUM, may_show=False)
        grown = wanted(plan.begun(attempt, NOW), 2)

        done = succeed(grown, attempt, Removal.DONE, NOW)

        assert (True, "", "k'") == (done.pending, done.reason, done.key)
        assert Step.PUBLISH == attempt_at(done, FORUM).step

    def test_found_is_shown_in_the_revision_that_was_sent(self) -> None:
        """What arrived is what was sent then, not what is wanted now."""
        attempt = attempt_at(doubtful(wanted=3), FORUM)

        done = succeed(plan.begun(attempt, NOW), attempt, Receipt("r"), NOW)

        assert (1, "r", None, True) == (done.shown, done.remote_id, done.sent, done.pending)

    def test_found_though_nothing_may_be_shown_is_deleted_next(self) -> None:
        """Finding it does not end the matter if it must not stand there."""
        attempt = attempt_at(doubtful(), FORUM, may_show=False)

        done = succeed(plan.begun(attempt, NOW), attempt, Receipt("r"), NOW)

        assert Step.DELETE == attempt_at(done, FORUM).step
        assert done.pending

    def test_not_found_is_published_and_asking_counts_for_nothing(self) -> None:
        """It is certain now that it is not there."""
        attempt = attempt_at(doubtful(), FORUM)

        done = succeed(plan.begun(attempt, NOW), attempt, None, NOW)

        assert (DeliveryState.RETRY, 1) == (done.state, done.attempts)
        assert Step.PUBLISH == attempt_at(done, FORUM).step

    def test_not_found_and_not_wanted_is_gone(self) -> None:
        """It never arrived, so there is nothing to take back."""
        attempt = attempt_at(doubtful(wanted=None), FORUM)

        done = succeed(plan.begun(attempt, NOW), attempt, None, NOW)

        assert (DeliveryState.GONE, False) == (done.state, done.pending)


class TestDoubtfulDeletion:
    """A deletion of which nobody knows whether it happened."""

    def test_what_is_wanted_again_is_deleted_first(self) -> None:
        """Editing it could be editing nothing."""
        silent = after_failure(wanted(there(), None, urgent=True), OutcomeUnknown("Silence."))
        again = wanted(silent, 2)

        assert Step.DELETE == attempt_at(again, FORUM).step
        attempt = attempt_at(again, FORUM)
        done = succeed(plan.begun(attempt, NOW), attempt, Removal.DONE, NOW)
        assert Step.PUBLISH == attempt_at(done, FORUM).step
        assert done.pending

    def test_a_deletion_that_surely_did_not_happen_leaves_no_doubt(self) -> None:
        """It is shown as before, and can be edited."""
        busy = after_failure(wanted(there(), None, urgent=True), OutletBusy("Full."))

        assert 1 == busy.shown
        assert Step.EDIT == attempt_at(wanted(busy, 2), FORUM).step


class TestFailure:
    def test_a_passing_failure_is_tried_again_later(self) -> None:
        """The outlet said no for now: it is surely not there."""
        done = after_failure(waiting(), OutletBusy("Full."))

        assert (DeliveryState.RETRY, None, "Full.", True) == (
            done.state,
            done.sent,
            done.reason,
            done.pending,
        )
        assert NOW + FIRST_WAIT == done.due_at

    def test_the_waits_double_up_to_a_limit(self) -> None:
        """A busy outlet is left alone for longer and longer, but not for ever."""
        waits = [
            after_failure(waiting(attempts=n), OutletBusy("Full.")).due_at for n in (0, 1, 2, 13)
        ]

        expected = [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, plan.LONGEST_WAIT]
        assert [NOW + wait for wait in expected] == waits

    def test_the_waits_are_scattered(self) -> None:
        """The jitter makes a wait up to a quarter shorter or longer."""
        ends = [after_failure(waiting(), OutletBusy("Full."), jitter=j).due_at for j in (0.0, 1.0)]

        assert [NOW + 0.75 * FIRST_WAIT, NOW + 1.25 * FIRST_WAIT] == ends

    @pytest.mark.parametrize(
        ("asked", "wait"),
        [
            (600, timedelta(minutes=10)),
            (1, FIRST_WAIT),
            (10**9, plan.LONGEST_ASKED_WAIT),
        ],
    )
    def test_an_outlet_that_asks_to_wait_is_heard(self, asked: float, wait: timedelta) -> None:
        """Not sooner than it asked, nor sooner than the back-off, nor in the next century."""
        assert NOW + wait == after_failure(waiting(), OutletBusy("Full.", after=asked)).due_at

    def test_after_the_last_attempt_it_is_dead_and_says_why(self) -> None:
        """Nothing is tried into infinity."""
        done = after_failure(waiting(attempts=ATTEMPTS - 1), OutletBusy("Full."))

        assert (DeliveryState.DEAD, False, "Full.") == (done.state, done.pending, done.reason)

    def test_a_lasting_failure_is_not_tried_again(self) -> None:
        """The reason holds what can be done about it."""
        done = after_failure(waiting(), OutletRefused("No.", "Ask Dana."))

        assert (DeliveryState.DEAD, None, False, "No. Ask Dana.") == (
            done.state,
            done.sent,
            done.pending,
            done.reason,
        )

    def test_any_other_error_counts_as_lasting(self) -> None:
        """An adapter that lets another error through does not make the worker stumble."""
        assert DeliveryState.DEAD == after_failure(waiting(), ConfigError("Broken.")).state

    def test_what_grew_during_a_lasting_failure_is_tried_once_more(self) -> None:
        """The new revision may be taken where the old one was not."""
        attempt = attempt_at(waiting(), FORUM)
        grown = wanted(plan.begun(attempt, NOW), 2)

        done = plan.failed(grown, attempt, OutletRefused("Too long."), FORUM, NOW, MIDDLE)

        assert (DeliveryState.DEAD, True, NOW) == (done.state, done.pending, done.due_at)

    def test_what_was_withdrawn_during_a_failure_is_gone(self) -> None:
        """It did not arrive, so there is nothing to take back."""
        attempt = attempt_at(waiting(), FORUM)
        withdrawn = wanted(plan.begun(attempt, NOW), None, urgent=True)

        done = plan.failed(withdrawn, attempt, OutletBusy("Full."), FORUM, NOW, MIDDLE)

        assert (DeliveryState.GONE, False) == (done.state, done.pending)

    def test_silence_is_asked_about_when_the_request_has_settled(self) -> None:
        """An outlet that was asked too early would say no to what is still on its way in."""
        done = after_failure(waiting(), OutcomeUnknown("Silence."))

        assert (DeliveryState.UNKNOWN, 1, NOW + SETTLING) == (done.state, done.sent, done.due_at)
        assert Step.ASK == attempt_at(done, FORUM).step

    def test_silence_is_sent_again_where_that_shows_one_post(self) -> None:
        """The key makes sure that it does not stand there twice."""
        done = after_failure(waiting(), OutcomeUnknown("Silence."), HOOK)

        assert (DeliveryState.UNKNOWN, NOW + FIRST_WAIT) == (done.state, done.due_at)
        assert Step.PUBLISH == attempt_at(done, HOOK).step

    def test_silence_elsewhere_stays_unknown(self) -> None:
        """Nothing is blindly repeated: it stands in the ledger as unknown."""
        done = after_failure(waiting(), OutcomeUnknown("Silence."), WALL)

        assert (DeliveryState.UNKNOWN, 1, False) == (done.state, done.sent, done.pending)

    def test_silence_to_an_edit_is_an_edit_again(self) -> None:
        """Editing twice shows the same as editing once."""
        done = after_failure(wanted(there(), 2), OutcomeUnknown("Silence."))

        assert (DeliveryState.UNKNOWN, True) == (done.state, done.pending)
        assert Step.EDIT == attempt_at(done, FORUM).step

    def test_a_busy_outlet_does_not_end_a_doubt(self) -> None:
        """It was too busy to say, or to take it again: the first one may still be there."""
        for abilities in (FORUM, HOOK):
            done = after_failure(doubtful(), OutletBusy("Full."), abilities)

            assert (DeliveryState.UNKNOWN, 1, True) == (done.state, done.sent, done.pending)

    def test_a_refusal_does_not_end_a_doubt(self) -> None:
        """A withdrawal afterwards still has to be sent."""
        dead = after_failure(doubtful(), OutletRefused("No."), HOOK)

        assert (DeliveryState.DEAD, 1) == (dead.state, dead.sent)
        assert Step.DELETE == attempt_at(wanted(dead, None, urgent=True), HOOK).step

    def test_what_cannot_be_edited_is_kept(self) -> None:
        """The outlet goes on showing the old revision, and the ledger says so."""
        done = after_failure(there(wanted=2), CannotTakeBack("Too late."))

        assert (DeliveryState.KEPT, 1, False, "Too late.") == (
            done.state,
            done.shown,
            done.pending,
            done.reason,
        )

    def test_a_correction_that_cannot_be_made_takes_all_of_it_down(self) -> None:
        """A name that has to go goes, with the rest of the post if there is no other way."""
        corrected = wanted(there(), 2, urgent=True)
        kept = after_failure(corrected, CannotTakeBack("Too late."))
        attempt = attempt_at(kept, FORUM)

        assert (Step.DELETE, True) == (attempt.step, kept.pending)
        done = succeed(plan.begun(attempt, NOW), attempt, Removal.DONE, NOW)
        assert (DeliveryState.GONE, None, plan.CORRECTED) == (done.state, done.wanted, done.reason)

    def test_what_can_be_neither_edited_nor_deleted_is_kept(self) -> None:
        """There the matter ends; the receipt says that it cannot be taken back, and why."""
        corrected = wanted(there(), 2, urgent=True)
        kept = after_failure(corrected, CannotTakeBack("Too late."))

        done = after_failure(kept, CannotTakeBack("No right."))

        assert (DeliveryState.KEPT, False, "No right.") == (done.state, done.pending, done.reason)


class TestLeft:
    """What a delivery is when there is nothing to do about it."""

    @pytest.mark.parametrize(
        ("delivery", "abilities", "state"),
        [
            (there(pending=True), FORUM, DeliveryState.SHOWN),
            (there(pending=True, state=DeliveryState.ACCEPTED), FORUM, DeliveryState.ACCEPTED),
            (waiting(wanted=None), FORUM, DeliveryState.GONE),
            (doubtful(), WALL, DeliveryState.UNKNOWN),
            (there(wanted=2), WALL, DeliveryState.KEPT),
            (there(wanted=None), WALL, DeliveryState.KEPT),
            (waiting(attempts=ATTEMPTS), FORUM, DeliveryState.DEAD),
        ],
    )
    def test_nothing_is_pending(
        self, delivery: Delivery, abilities: Abilities, state: DeliveryState
    ) -> None:
        """It is in a state in which a worker leaves it alone."""
        done = plan.left(attempt_at(delivery, abilities), NOW)

        assert (state, False) == (done.state, done.pending)

    def test_what_may_not_be_shown_says_so(self) -> None:
        """An admin sees why it never left."""
        done = plan.left(attempt_at(waiting(), FORUM, may_show=False), NOW)

        assert (DeliveryState.GONE, plan.WITHHELD) == (done.state, done.reason)

    def test_what_stays_says_why(self) -> None:
        """The outlet's kind cannot do it."""
        done = plan.left(attempt_at(there(wanted=None), WALL), NOW)

        assert "What is shown at this outlet cannot be deleted." == done.reason


class TestWanting:
    def test_the_same_again_changes_nothing(self) -> None:
        """A second note of the same revision is none."""
        assert there() == wanted(there(), 1)
        assert there() == wanted(there(), 1, urgent=True)

    def test_urgency_hurries_what_is_pending(self) -> None:
        """What waits anyway is pulled forward."""
        later = waiting(due_at=NOW + timedelta(hours=1))

        assert waiting(urgent=True) == wanted(later, 1, urgent=True)

    def test_growth_begins_to_count_anew(self) -> None:
        """The attempts that an earlier revision took are no burden for this one."""
        grown = wanted(there(attempts=7), 2)

        assert (2, True, 0, NOW) == (grown.wanted, grown.pending, grown.attempts, grown.due_at)

    def test_growth_does_not_hurry_an_outlet_in_trouble(self) -> None:
        """More news does not mean more requests to an outlet that fails."""
        later = NOW + timedelta(hours=1)
        failing = waiting(state=DeliveryState.RETRY, attempts=5, due_at=later)

        grown = wanted(failing, 2)

        assert (later, 5) == (grown.due_at, grown.attempts)

    def test_a_withdrawal_does(self) -> None:
        """It passes the back-off by, and has all attempts before it."""
        later = NOW + timedelta(hours=1)
        failing = there(state=DeliveryState.RETRY, attempts=5, due_at=later, pending=True)

        gone = wanted(failing, None, urgent=True)

        assert (NOW, 0, True) == (gone.due_at, gone.attempts, gone.urgent)

    def test_growth_gives_the_dead_one_attempt(self) -> None:
        """Every revision may try once; a withdrawal as often as it needs."""
        dead = there(state=DeliveryState.DEAD, attempts=ATTEMPTS)

        assert (DeliveryState.RETRY, ATTEMPTS - 1) == (
            wanted(dead, 2).state,
            wanted(dead, 2).attempts,
        )
        assert (DeliveryState.RETRY, 0) == (
            wanted(dead, None, urgent=True).state,
            wanted(dead, None, urgent=True).attempts,
        )

    def test_what_never_left_is_gone_at_once(self) -> None:
        """Undone in time: no worker has to see to it."""
        undone = wanted(waiting(), None, urgent=True)

        assert (DeliveryState.GONE, False) == (undone.state, undone.pending)

    def test_nothing_leaves_before_its_time(self) -> None:
        """A change in the undo minute does not shorten it."""
        minute = NOW + timedelta(minutes=1)
        first = wanted(waiting(wanted=None), 1, not_before=minute)

        assert (minute, minute) == (first.due_at, wanted(first, 2).due_at)

    def test_what_is_in_doubt_is_not_asked_about_too_early(self) -> None:
        """A withdrawal two seconds after a time-out waits for the request to settle."""
        gone = wanted(doubtful(), None, urgent=True)

        assert (True, NOW + SETTLING) == (gone.pending, gone.due_at)

    def test_after_it_was_gone_it_begins_anew(self) -> None:
        """A new post has a new key: the old one may be remembered as done."""
        gone = wanted(waiting(attempts=3, reason="Full."), None)

        again = wanted(gone, 2)

        assert ("fresh", DeliveryState.WAITING, True, 0, "") == (
            again.key,
            again.state,
            again.pending,
            again.attempts,
            again.reason,
        )

    def test_what_an_edit_leaves_to_be_read_is_taken_down_and_posted_anew(self) -> None:
        """One name less in an aggregate: the first post keeps it in its history, so it goes."""
        kept = there(wanted=2, pending=True)
        assert Step.EDIT == attempt_at(kept, CHRONICLE).step  # It only grew.

        urgent = replace(kept, urgent=True)
        attempt = attempt_at(urgent, CHRONICLE)
        assert (Step.DELETE, True) == (attempt.step, attempt.anew)
        down = plan.succeeded(plan.begun(attempt, NOW), attempt, Removal.DONE, NOW, key="fresh")
        assert ("fresh", 2, None, True) == (down.key, down.wanted, down.remote_id, down.pending)
        assert Step.PUBLISH == attempt_at(down, CHRONICLE).step

    def test_a_deletion_without_an_answer_is_made_again_and_then_posted_anew(self) -> None:
        """Nothing is lost between the two."""
        urgent = there(wanted=2, pending=True, urgent=True)
        attempt = attempt_at(urgent, CHRONICLE)
        begun = plan.begun(attempt, NOW)
        doubt = plan.failed(begun, attempt, OutcomeUnknown("Silence."), CHRONICLE, NOW, 0.5)
        second = attempt_at(doubt, CHRONICLE)
        assert Step.DELETE == second.step
        down = plan.succeeded(plan.begun(second, NOW), second, Removal.DONE, NOW, key="fresh")

        assert ("fresh", 2, None, True) == (down.key, down.wanted, down.remote_id, down.pending)

    def test_an_admin_may_try_what_is_in_doubt(self) -> None:
        """Without the explicit word the doubt remains, with it the delivery starts clean."""
        stuck = doubtful(pending=False)

        assert (True, 1, 0) == (
            plan.again(stuck, NOW, anyway=False).pending,
            plan.again(stuck, NOW, anyway=False).sent,
            plan.again(stuck, NOW, anyway=False).attempts,
        )
        assert Step.PUBLISH == attempt_at(plan.again(stuck, NOW, anyway=True), WALL).step


class World:
    """An outlet, the delivery to it, and everything that can happen between the two."""

    def __init__(self, abilities: Abilities) -> None:
        self.abilities = abilities
        self.now = NOW
        self.delivery = waiting()
        self.posts: dict[str, tuple[str, int]] = {}
        """Remote id → key and revision of what the outlet shows."""
        self.shown_twice = False
        self.edited_nothing = False
        self.wished: int | None = 1
        self.newest = 1

    def wish(self, change: str) -> None:
        revision = None
        if change != "withdraw":
            # An activity's revisions never begin again, whatever became of it in between.
            self.newest += 1
            revision = self.newest
        self.wished = revision
        urgent = change in ("withdraw", "correct")
        key = f"{self.delivery.key}+"
        self.delivery = plan.want(self.delivery, revision, self.now, key=key, urgent=urgent)

    def work(self, event: str, meanwhile: str | None = None, *, night: bool = False) -> None:
        """One attempt, in which the network does what ``event`` says; none at night that rests."""
        if not self.delivery.pending:
            return
        self.now = max(self.now, self.delivery.due_at or self.now)
        attempt = plan.next_step(self.delivery, self.abilities, may_show=True)
        if attempt.step is Step.NOTHING:
            self.delivery = plan.left(attempt, self.now)
            return
        if night and plan.rests(attempt):
            return
        self.delivery = plan.begun(attempt, self.now)
        receipt: Receipt | None = None
        if event not in ("busy", "refused", "died before"):
            receipt = self._arrives(attempt)
        if meanwhile:
            self.wish(meanwhile)
        self.now += timedelta(seconds=1)
        if event.startswith("died"):
            self.now += timedelta(minutes=5)
            return
        errors: dict[str, BridgeError] = {
            "busy": OutletBusy("Full."),
            "refused": OutletRefused("No."),
            "silence": OutcomeUnknown("Silence."),
        }
        if event in errors:
            self.delivery = plan.failed(
                self.delivery, attempt, errors[event], self.abilities, self.now, MIDDLE
            )
        else:
            self.delivery = succeed(self.delivery, attempt, receipt, self.now)

    def _arrives(self, attempt: Attempt) -> Receipt | Removal | None:
        key, goal = attempt.delivery.key, attempt.goal
        by_key = next((i for i, (k, _) in self.posts.items() if k == key), None)
        remote = attempt.delivery.remote_id or by_key
        match attempt.step:
            case Step.PUBLISH:
                if by_key is not None and not self.abilities.idempotent:
                    self.shown_twice = True
                remote = by_key or f"r{len(self.posts)}-{self.now}"
                self.posts[remote] = (key, goal or 0)
            case Step.EDIT:
                self.edited_nothing |= remote not in self.posts
                self.posts[remote or ""] = (key, goal or 0)
            case Step.DELETE:
                self.posts.pop(remote or "", None)
                return Removal.DONE
        return None if remote is None else Receipt(remote)

    @property
    def shows(self) -> list[int]:
        return [revision for _, revision in self.posts.values()]


EVENTS = st.sampled_from(["ok", "ok", "busy", "refused", "silence", "died before", "died after"])
WISHES = st.sampled_from(["grow", "grow", "correct", "withdraw"])
MOVES = st.lists(st.tuples(EVENTS, st.none() | WISHES) | WISHES, max_size=30)


@given(MOVES, st.sampled_from([FORUM, HOOK, CHRONICLE, SLATE, WALL]))
@settings(max_examples=300, deadline=None)
def test_an_outlet_never_shows_a_post_twice_and_ends_up_showing_what_it_should(
    moves: list[tuple[str, str | None] | str], abilities: Abilities
) -> None:
    """Whatever fails, dies or changes on the way: one post, and in the end the right one."""
    world = World(abilities)
    for move in moves:
        if isinstance(move, str):
            world.wish(move)
        else:
            world.work(*move)
    for _ in range(10):
        world.work("ok")

    assert not world.shown_twice
    assert not world.edited_nothing
    assert not world.delivery.pending
    assert len(world.posts) <= 1
    if world.delivery.state is DeliveryState.GONE:
        assert [] == world.shows
        assert world.wished is None or plan.CORRECTED == world.delivery.reason
    if world.delivery.state is DeliveryState.SHOWN:
        assert [world.wished] == world.shows
    settled = {DeliveryState.GONE, DeliveryState.SHOWN, DeliveryState.DEAD}
    if abilities in (FORUM, HOOK):
        assert world.delivery.state in settled


@given(MOVES, st.sampled_from([FORUM, HOOK, SLATE]))
@settings(max_examples=300, deadline=None)
def test_in_quiet_hours_what_is_taken_back_goes_and_nothing_new_comes(
    moves: list[tuple[str, str | None] | str], abilities: Abilities
) -> None:
    """Whatever happened by day: withdrawn in the evening, it is nowhere before the morning."""
    world = World(abilities)
    for move in moves:
        if isinstance(move, str):
            world.wish(move)
        else:
            world.work(*move)
    world.wish("grow")  # So that it is taken back now, and was not before.
    world.wish("withdraw")
    for _ in range(10):
        world.work("ok", night=True)
        assert not world.shown_twice
    assert [] == world.shows

    world.wish("grow")
    for _ in range(10):
        world.work("ok", night=True)
    assert [] == world.shows
    for _ in range(10):
        world.work("ok")
    assert [world.wished] == world.shows


class TestQuietHours:
    """When a delivery is due that changes in quiet hours, which end at :data:`MORNING`."""

    MORNING = NOW + timedelta(hours=10)

    @pytest.mark.parametrize(
        ("delivery", "revision", "urgent", "waits"),
        [
            (waiting(wanted=None, state=DeliveryState.GONE), 2, False, True),
            (waiting(), 2, True, True),  # A correction of what never left.
            (there(), 2, False, True),
            (there(), 2, True, False),
            (there(), None, False, False),
            (there(), None, True, False),
            (doubtful(attempted_at=NOW - SETTLING), 2, True, False),
            (doubtful(attempted_at=NOW - SETTLING), 2, False, True),
        ],
    )
    def test_what_waits(
        self, delivery: Delivery, revision: int | None, urgent: bool, waits: bool
    ) -> None:
        """What is new and what only grows; never what corrects or takes back what may be there."""
        after = wanted(delivery, revision, urgent=urgent, rests_until=self.MORNING)
        assert (self.MORNING if waits else NOW) == after.due_at

    @pytest.mark.parametrize(
        ("delivery", "rests"),
        [
            (waiting(), True),
            (waiting(urgent=True), True),
            (there(wanted=2), True),
            (there(wanted=2, urgent=True), False),
            (there(wanted=None), False),
            (doubtful(), False),
        ],
    )
    def test_what_rests(self, delivery: Delivery, rests: bool) -> None:
        """Asked again before each attempt; to ask an outlet disturbs nobody."""
        assert rests is plan.rests(attempt_at(delivery, FORUM))

    def test_what_may_be_there_and_is_wrong_is_sent_again_at_once(self) -> None:
        """Where the same key shows one post, that is how it is corrected."""
        assert plan.rests(attempt_at(doubtful(), HOOK))
        assert not plan.rests(attempt_at(doubtful(urgent=True), HOOK))


class TestByDigest:
    """What waits for a digest, or stands in one, is never sent by itself."""

    EDITION = NOW + timedelta(hours=7)

    def test_it_waits_for_the_edition(self) -> None:
        """No worker has anything to do about it."""
        waits = plan.for_digest(waiting(), self.EDITION)
        assert (DeliveryState.DIGEST, False, self.EDITION) == (
            waits.state,
            waits.pending,
            waits.due_at,
        )

    def test_a_new_revision_changes_nothing_but_that(self) -> None:
        """The digest tells it, in the revision that is true when it is made."""
        waits = plan.for_digest(waiting(), self.EDITION)
        for urgent in (False, True):
            after = wanted(waits, 2, urgent=urgent)
            assert replace(waits, wanted=2) == after

    @pytest.mark.parametrize("listed", [False, True])
    def test_what_is_taken_back_is_gone(self, listed: bool) -> None:
        """It never had a post of its own; a digest that lists it keeps its place for it."""
        waits = plan.for_digest(waiting(digest_id=9), self.EDITION)
        gone = wanted(plan.listed(waits) if listed else waits, None, urgent=True)
        assert (DeliveryState.GONE, False, 9) == (gone.state, gone.pending, gone.digest_id)
        again = plan.listed(wanted(gone, 3))
        assert (DeliveryState.LISTED, False, 3) == (again.state, again.pending, again.wanted)
