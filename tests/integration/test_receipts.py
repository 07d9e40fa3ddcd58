"""What was taken back and what became of it, on both databases: the receipt is exact."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask import Flask

from bridge import flow
from bridge.cli import cli
from bridge.consent import receipts
from bridge.delivery import ledger
from bridge.delivery.plan import ACCEPTED, ACCEPTED_REMOVAL
from bridge.errors import (
    CannotTakeBack,
    NotFound,
    OutcomeUnknown,
    OutletBusy,
    OutletRefused,
    OutletUnusable,
)
from bridge.model import Cause, Choice, Fate, Kind, Outlet, PersonFact, Removal
from bridge.ports import Abilities
from bridge.web.present import what_name
from tests.company import LETTERS, NO_EDIT, TOLD, Company
from tests.conftest import SECRET_KEY
from tests.integration.test_delivery_room import FORUM, Board
from tests.visitor import Visit, words


def test_a_name_is_edited_out_and_what_is_left_of_nobody_is_deleted(company: Company) -> None:
    """One withdrawal: the aggregate loses a name, the other activity goes; the receipt says so."""
    wall = company.outlet("Wall", FORUM, TOLD)
    company.tell()
    board = company.boards[wall.id]
    assert 2 == len(board.posts)
    first = company.narrow(company.cast.bob)
    assert (Cause.CHOICE, 0, 2) == (first.withdrawal.cause, first.removed, first.waiting)
    company.drain()
    assert (2, 0, 0, 0) == company.counts(company.cast.bob)
    fates = {one.fate: one.count for one in company.receipt(company.cast.bob).fates}
    assert {Fate.EDITED: 1, Fate.DELETED: 1} == fates
    assert ["Beth Becker finished Giving feedback"] == board.titles


def test_each_outlet_says_what_it_could(company: Company) -> None:
    """Edited, deleted, gone out by mail, too late to edit, failing for a while: to the number."""
    bob = company.cast.bob
    wall = company.outlet("Wall", FORUM, TOLD)
    stone = company.outlet("Stone", NO_EDIT, TOLD)
    mail = company.outlet("Mail", LETTERS, TOLD)
    late = company.outlet("Late", FORUM, TOLD)
    slow = company.outlet("Slow", FORUM, TOLD)
    company.tell()
    closed = CannotTakeBack("The time in which it could be changed is over.")
    company.boards[late.id].trouble = [closed] * 4
    company.boards[slow.id].trouble = [OutletBusy("Come back later.")] * 2
    company.narrow(bob)
    company.drain()
    found = company.receipt(bob)
    told = {(f.outlet_name, f.fate): (f.count, f.reason) for f in found.fates}
    assert (1, "") == told["Wall", Fate.EDITED] == told["Wall", Fate.DELETED]
    # Where nothing can be edited, a name leaves with the whole post.
    assert (2, "") == told["Stone", Fate.DELETED]
    assert 2 == sum(f.count for f in found.fates if (f.outlet_name, f.fate) == ("Mail", Fate.STAYS))
    assert (2, str(closed)) == told["Late", Fate.STAYS]
    assert (2, "Come back later.") == told["Slow", Fate.WAITING]
    assert all(f.next_try for f in found.fates if f.fate is Fate.WAITING)
    assert (4, 2, 4, 0) == company.counts(bob)
    assert 10 == found.total
    company.clock.advance(hours=1)
    company.drain()
    assert (6, 0, 4, 0) == company.counts(bob)
    assert [] == [p for o in (wall, stone, slow) for p in company.boards[o.id].titles if "Bob" in p]
    assert 2 == len(company.boards[mail.id].posts)


def test_what_had_not_left_never_leaves(company: Company) -> None:
    """Named nowhere yet, he is named nowhere afterwards; the rest goes out without him."""
    wall = company.outlet("Wall", FORUM, TOLD)
    flow.tell(company.store, company.clock, company.cast.connection)
    company.narrow(company.cast.bob)
    company.drain()
    assert (0, 0, 0, 2) == company.counts(company.cast.bob)
    assert ["Beth Becker finished Giving feedback"] == company.boards[wall.id].titles


def test_a_deletion_without_an_answer_is_not_taken_for_done(company: Company) -> None:
    """It is still to be until the outlet has answered."""
    wall = company.outlet("Wall", FORUM, TOLD)
    company.tell()
    company.boards[wall.id].trouble = [OutcomeUnknown("No answer.")] * 2
    company.narrow(company.cast.bob)
    company.work()
    assert (0, 2, 0, 0) == company.counts(company.cast.bob)
    company.clock.advance(hours=1)
    company.drain()
    assert (2, 0, 0, 0) == company.counts(company.cast.bob)


def test_a_dead_outlet_is_named_until_an_admin_has_it_tried_again(company: Company) -> None:
    """Given up counts as cannot be, with the reason; one word later it is still to be."""
    wall = company.outlet("Wall", FORUM, TOLD)
    company.tell()
    company.boards[wall.id].trouble = [OutletRefused("The token is void.")] * 2
    company.narrow(company.cast.bob)
    company.drain()
    assert (0, 0, 2, 0) == company.counts(company.cast.bob)
    assert {"The token is void."} == {f.reason for f in company.receipt(company.cast.bob).fates}
    with company.store.work() as work:
        for row in ledger.page(work, company.cast.connection):
            if row.delivery.state.value == "dead":
                ledger.retry(work, row.delivery.id, company.clock.now())
    assert (0, 2, 0, 0) == company.counts(company.cast.bob)
    company.drain()
    assert (2, 0, 0, 0) == company.counts(company.cast.bob)


def test_a_key_that_was_sent_before_may_show_its_first_words(company: Company) -> None:
    """An outlet that keeps the first text under a key is edited before the name counts as gone."""
    hook = company.outlet(
        "Hook", Abilities(edit=True, delete=True, find=False, idempotent=True), TOLD
    )
    board = company.boards[hook.id]
    publish = board.publish

    def first_words_stay(post):  # type: ignore[no-untyped-def]
        kept = next((p for p in board.posts.values() if p.key == post.key), post)
        return publish(kept)

    board.publish = first_words_stay  # type: ignore[method-assign]
    board.late = [OutcomeUnknown("No answer.")] * 2
    flow.tell(company.store, company.clock, company.cast.connection)
    company.work()
    company.narrow(company.cast.bob)
    company.clock.advance(hours=1)
    company.drain()
    assert (2, 0, 0, 0) == company.counts(company.cast.bob)
    assert ["Beth Becker finished Giving feedback"] == board.titles


def test_a_correction_that_was_only_taken_says_so(company: Company) -> None:
    """Where an outlet does not say that the name is gone, the receipt does not either."""
    wall = company.outlet("Wall", FORUM, TOLD)
    company.tell()
    board = company.boards[wall.id]
    edit = board.edit
    board.edit = lambda ident, post: replace(edit(ident, post), shown=False)  # type: ignore[method-assign]
    company.narrow(company.cast.bob)
    company.drain()
    told = {one.fate: one.reason for one in company.receipt(company.cast.bob).fates}
    assert {Fate.EDITED: ACCEPTED, Fate.DELETED: ""} == told


def test_a_deletion_that_was_only_taken_says_so_until_it_is_told_again(company: Company) -> None:
    """It counts as taken back as far as the outlet says, and bears what that is worth."""
    wall = company.outlet("Wall", FORUM, TOLD)
    company.tell()
    company.boards[wall.id].removal = Removal.ACCEPTED
    company.narrow(company.cast.bob)
    company.drain()
    told = {one.fate: one.reason for one in company.receipt(company.cast.bob).fates}
    assert {Fate.EDITED: "", Fate.DELETED: ACCEPTED_REMOVAL} == told


def test_where_nothing_could_be_taken_back_anyway_nothing_waits_for_better_settings(
    company: Company,
) -> None:
    """The last receiver of a mail outlet is erased: what went out stays, and it is said."""
    mail = company.outlet("Mail", LETTERS, TOLD)
    company.tell()

    def broken(outlet: Outlet) -> Board:
        raise OutletUnusable("It has no receiver.", "Give it one.", stays="Mail stays.")

    company.narrow(company.cast.bob)
    report = company.work(publisher_of=broken)
    assert (2, 0) == (report.kept, report.held)
    assert (0, 0, 2, 0) == company.counts(company.cast.bob)
    assert {"Mail stays."} == {f.reason for f in company.receipt(company.cast.bob).fates}
    # What is new waits for them.
    company.share(to=mail)
    assert 1 == company.work(publisher_of=broken).held


def test_others_news_is_on_nobodys_receipt(company: Company) -> None:
    """What changes in the same moment and never named the person is no matter of theirs."""
    company.outlet("Wall", FORUM, TOLD)
    company.tell()
    company.cast.choose(company.cast.alice, Choice.EVERYONE)
    company.cast.complete(company.cast.alice, company.cast.feedback)
    company.cast.complete(company.cast.alice, company.cast.negotiation, days_ago=1)
    receipt = company.narrow(company.cast.bob)
    assert 2 == receipt.total
    with company.store.reading() as work:
        items = receipts.items(work, company.viewer(company.cast.bob), receipt.withdrawal.uid)
        assert {"Giving feedback", "Negotiation"} == {item.course for item in items}
        alice = company.viewer(company.cast.alice)
        assert [] == receipts.mine(work, alice)
        with pytest.raises(NotFound):
            receipts.one(work, alice, receipt.withdrawal.uid)


def test_only_less_is_a_withdrawal(lite_company: Company) -> None:
    """Choosing for the first time, or more, or the same, takes nothing back."""
    alice = lite_company.cast.alice
    for choice in (Choice.NOBODY, Choice.TEAMS, Choice.PUBLIC, Choice.PUBLIC):
        flow.change_consent(lite_company.store, lite_company.clock, alice, choice)
    with lite_company.store.reading() as work:
        assert [] == receipts.mine(work, lite_company.viewer(alice))
    assert 0 == lite_company.narrow(alice, Choice.TEAMS).total


def test_a_hidden_item_and_a_removed_post_have_receipts(company: Company) -> None:
    """One thing hidden is one line; a post goes where it was sent."""
    cast, bob = company.cast, company.viewer(company.cast.bob)
    company.outlet("Wall", FORUM, [*TOLD, "post"])
    company.tell()
    with company.store.reading() as work:
        item = work.consent.items(bob.person_id, 1)[0]
    flow.hide_item(company.store, company.clock, bob, item.completion_id, True)
    assert (Cause.ITEM, 1) == (
        company.receipt(cast.bob).withdrawal.cause,
        company.receipt(cast.bob).total,
    )
    company.clock.advance(minutes=1)
    post = flow.post(company.store, company.clock, bob, "Hello!", company.everyone, False)
    company.drain()
    flow.remove_post(company.store, company.clock, bob, post.uid)
    company.drain()
    assert Cause.POST is company.receipt(cast.bob).withdrawal.cause
    assert (1, 0, 0, 0) == company.counts(cast.bob)


def test_a_withdrawal_goes_before_everything_that_waits(company: Company) -> None:
    """However much is queued, what is taken back is first, also where it was to wait."""
    wall = company.outlet("Wall", FORUM, TOLD)
    company.tell()
    board: Board = company.boards[wall.id]
    board.requests.clear()
    for _ in range(20):
        company.share(to=wall, not_before=None)
    company.narrow(company.cast.bob)
    company.work(limit=2)
    assert ["delete", "edit"] == sorted(board.acts[:2])


def suspend(company: Company, person: int, suspended: bool = True) -> None:
    """The LMS says that the person may not sign in any more, or may again."""
    with company.store.work() as work:
        row = work.access.person(person)
        assert row is not None
        fact = PersonFact(row.lms_id, row.name, None, None, None, None, None, None, suspended, None)
        work.people.put(company.cast.connection, [row.lms_id], [fact], company.clock.now())


def test_who_left_is_named_nowhere_any_more(company: Company) -> None:
    """Posts stand without their name, aggregates lose it, and an admin finds the receipt."""
    bob = company.cast.bob
    wall = company.outlet("Wall", FORUM, [*TOLD, "post"])
    mail = company.outlet("Mail", LETTERS, [*TOLD, "post"])
    flow.post(company.store, company.clock, company.viewer(bob), "Hello!", company.everyone, False)
    company.tell()
    assert any("Bob" in title for title in company.boards[wall.id].titles)
    suspend(company, bob)
    company.tell()
    board = company.boards[wall.id]
    assert [] == [post for post in board.posts.values() if "Bob" in repr(post)]
    assert "Hello!" in repr(board.posts)
    with company.store.reading() as work:
        (withdrawal,) = work.withdrawals.of_person(bob, 9)
        (receipt,) = work.withdrawals.receipts([withdrawal])
    assert Cause.LEFT is withdrawal.cause
    found = Counter[tuple[str, Fate]]()
    for fated in receipt.fates:
        found[fated.outlet_name, fated.fate] += fated.count
    assert {("Wall", Fate.EDITED): 2, ("Wall", Fate.DELETED): 1, ("Mail", Fate.STAYS): 3} == found
    assert company.boards[mail.id].posts


def test_who_comes_back_is_named_again_here_and_in_what_is_told_from_then_on(
    company: Company,
) -> None:
    """Nothing is taken back twice, and coming back takes nothing back."""
    bob = company.cast.bob
    wall = company.outlet("Wall", FORUM, TOLD)
    company.tell()
    suspend(company, bob)
    suspend(company, bob)
    company.tell()
    assert [] == [title for title in company.boards[wall.id].titles if "Bob" in title]
    suspend(company, bob, False)
    company.tell()
    with company.store.reading() as work:
        assert 1 == len(work.withdrawals.of_person(bob, 9))
    assert any("Bob" in title for title in company.boards[wall.id].titles)


# --- where it is read ----------------------------------------------------------------------------


def test_a_person_reads_it_on_pages(lite_company: Company, visit: Visit) -> None:
    """The sharing page says it in one line; the receipt lists it, and looks again by itself."""
    bob = lite_company.cast.bob
    lite_company.outlet("Wall", FORUM, TOLD)
    lite_company.outlet("Mail", LETTERS, TOLD)
    lite_company.tell()
    uid = lite_company.narrow(bob).withdrawal.uid
    page = visit(bob).page(f"/me/receipts/{uid}")
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in page
    assert 'hx-trigger="every 5s"' in page
    lite_company.drain()
    page = visit(bob).page(f"/me/receipts/{uid}")
    assert "refresh" not in page
    assert "hx-trigger" not in page
    assert "Finished a course: Negotiation" in words(page)
    assert "taken back in 2 places, 2 cannot be." in visit(bob).read("/me/sharing")
    assert "taken back in 2 places, 2 cannot be" in visit(bob).read("/me/receipts")
    assert 404 == visit(lite_company.cast.beth).get(f"/me/receipts/{uid}").status_code
    told = visit(lite_company.cast.dana).read("/admin/withdrawals")
    assert "taken back in 2 places, 2 cannot be" in told
    assert "Bob" not in told
    assert 404 == visit().get("/receipts/guessed").status_code


def test_a_page_claims_no_more_than_the_outlets_say(lite_company: Company, visit: Visit) -> None:
    """Where a correction was only taken, it is not said that nothing stands any more."""
    bob = lite_company.cast.bob
    board = lite_company.boards[lite_company.outlet("Wall", FORUM, TOLD).id]
    lite_company.tell()
    edit = board.edit
    board.edit = lambda ident, post: replace(edit(ident, post), shown=False)  # type: ignore[method-assign]
    uid = lite_company.narrow(bob).withdrawal.uid
    lite_company.drain()
    page = visit(bob).read(f"/me/receipts/{uid}")
    assert "Done, as far as the outlets say." in page
    assert "nothing of it stands" not in page


def test_what_was_renewed_is_called_so(app: Flask) -> None:
    """A receipt says of each thing what it told."""
    with app.test_request_context():
        assert ["Finished a course", "Renewed a course", "A milestone"] == [
            what_name(kind) for kind in (Kind.COMPLETION, Kind.RENEWAL, Kind.MILESTONE)
        ]


def test_an_admin_reads_it_in_numbers(lite_company: Company) -> None:
    """The command says how much, where and why, and of whom it says nothing."""
    lite_company.outlet("Mail", LETTERS, TOLD)
    lite_company.tell()
    uid = lite_company.narrow(lite_company.cast.bob).withdrawal.uid
    lite_company.drain()
    env = {
        "SOCIALBRIDGE_SECRET_KEY": SECRET_KEY,
        "SOCIALBRIDGE_DATABASE_URL": lite_company.store.url,
    }
    told = CliRunner().invoke(cli, ["receipt"], env=env, catch_exceptions=False).output
    assert "taken back 0, still to be 0, cannot be 2, never left 0" in told
    told = CliRunner().invoke(cli, ["receipt", uid], env=env, catch_exceptions=False).output
    assert "Mail: " in told
    assert "Bob" not in told
    told = CliRunner().invoke(cli, ["receipt", "--json"], env=env, catch_exceptions=False).output
    assert '"cannot_be": 2' in told
