"""What goes where the public reads: whoever chose it, as long as they do, and nothing else."""

from __future__ import annotations

import pytest

from bridge import flow
from bridge.errors import InputError
from bridge.model import Audience, AudienceKind, Cause, Choice, Fate, Outlet
from bridge.ports import Abilities
from tests.company import LETTERS, TOLD, Company
from tests.integration.test_delivery_room import FORUM


def stage(company: Company, can: Abilities = FORUM, **how: object) -> Outlet:
    """An outlet that the public reads, for completions of Giving feedback and Negotiation."""
    cast = company.cast
    courses = [f"course:{cast.feedback}", f"course:{cast.negotiation}"]
    public = Audience(AudienceKind.PUBLIC, cast.connection)
    rules = {"only": courses, **how}
    return company.outlet("Stage", can, TOLD, audience=public, settings=rules)


def test_whoever_chose_the_public_is_named_there_alone(company: Company) -> None:
    """Bob is; Beth, who is for everyone here, is not, and is no number either."""
    company.cast.choose(company.cast.bob, Choice.PUBLIC)
    shown, wall = stage(company), company.outlet("Wall", FORUM, TOLD)
    company.tell()
    assert {"Bob Brown finished Giving feedback", "Bob Brown finished Negotiation"} == set(
        company.boards[shown.id].titles
    )
    assert any("Beth" in title for title in company.boards[wall.id].titles)


def test_to_be_seen_here_only_takes_it_back_there_only(company: Company) -> None:
    """From public to everyone: gone on the stage, with a receipt, and as it was on the wall."""
    bob = company.cast.bob
    company.cast.choose(bob, Choice.PUBLIC)
    shown, wall = stage(company), company.outlet("Wall", FORUM, TOLD)
    company.tell()
    before = sorted(company.boards[wall.id].titles)
    receipt = company.narrow(bob, Choice.EVERYONE)
    assert Cause.CHOICE is receipt.withdrawal.cause
    company.drain()
    assert [] == company.boards[shown.id].titles
    assert before == sorted(company.boards[wall.id].titles)
    fates = {(f.outlet_name, f.fate): f.count for f in company.receipt(bob).fates}
    assert 2 == fates["Stage", Fate.DELETED]


def test_one_name_less_is_an_edit(company: Company) -> None:
    """Beth chose the public too: she stays there."""
    cast = company.cast
    for person in (cast.bob, cast.beth):
        cast.choose(person, Choice.PUBLIC)
    shown = stage(company)
    company.tell()
    assert any("and Beth Becker" in title for title in company.boards[shown.id].titles)
    company.narrow(cast.bob, Choice.EVERYONE)
    company.drain()
    assert ["Beth Becker finished Giving feedback"] == company.boards[shown.id].titles


def test_agreeing_tells_of_this_week_and_not_of_last_year(company: Company) -> None:
    """What is still news goes there; what is older stays where it was told."""
    bob = company.cast.bob
    shown = stage(company)
    company.tell()
    assert [] == company.boards[shown.id].titles
    company.clock.advance(days=8)
    flow.change_consent(company.store, company.clock, bob, Choice.PUBLIC)
    company.drain()
    assert [] == company.boards[shown.id].titles
    company.cast.choose(company.cast.alice, Choice.EVERYONE)
    company.cast.complete(company.cast.alice, company.cast.negotiation, days_ago=-8)
    company.tell()
    flow.change_consent(company.store, company.clock, company.cast.alice, Choice.PUBLIC)
    company.drain()
    assert ["Alice Adams finished Negotiation"] == company.boards[shown.id].titles


def test_in_a_digest_each_line_is_asked_about(company: Company) -> None:
    """More than the budget: the digest names Bob, and after his word it does not."""
    bob = company.cast.bob
    company.cast.choose(bob, Choice.PUBLIC)
    shown = stage(company, budget=1, edition="daily", at="16:00")
    company.tell()
    company.clock.advance(hours=12)
    company.tell()
    board = company.boards[shown.id]
    assert 2 == len(board.posts)
    assert "Beth" not in repr(board.posts)
    company.narrow(bob, Choice.EVERYONE)
    company.drain()
    assert {} == board.posts


def test_a_letter_to_the_public_stays_and_the_receipt_says_so(company: Company) -> None:
    """It went out before he took it back."""
    bob = company.cast.bob
    company.cast.choose(bob, Choice.PUBLIC)
    stage(company, LETTERS)
    company.tell()
    company.narrow(bob, Choice.EVERYONE)
    company.drain()
    assert (0, 0, 2, 0) == company.counts(bob)


def test_a_leader_sends_a_share_there_by_picking_it(company: Company) -> None:
    """Told to everyone here; what is for a team cannot be sent there."""
    cast = company.cast
    shown = stage(company)
    alice = company.viewer(cast.alice)

    def share(audience: Audience) -> None:
        flow.share(
            company.store,
            company.clock,
            alice,
            course_id=cast.feedback,
            text=f"For {audience.kind}.",
            audience=audience,
            outlet_ids=[shown.id],
        )

    with pytest.raises(InputError, match="Stage is read by people whom you did not choose"):
        share(Audience(AudienceKind.TEAM, cast.sales))
    share(company.everyone)
    company.clock.advance(minutes=2)
    company.drain()
    assert ["For everyone."] == [
        post.text.rpartition("\n")[2] for post in company.boards[shown.id].posts.values()
    ]
