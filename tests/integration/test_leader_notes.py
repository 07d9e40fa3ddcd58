"""The weekly note: to whom, by which way, when, and never more than one a week."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bridge import flow
from bridge.bootstrap import Bridge
from bridge.delivery.leader_notes import Letter
from bridge.delivery.notice_letters import Round
from bridge.demo.lms import capabilities as can
from bridge.demo.lms.server import Lms, running_lms
from bridge.demo.story import make_story
from bridge.demo.world import Story
from bridge.errors import InputError, OutcomeUnknown, OutletBusy, OutletRefused
from bridge.model import NoteChannel, NoteKind, PersonalMessage
from bridge.pulse import record
from bridge.storage import tables as t
from bridge.worker import Worker
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.contract.mail_server import Post
from tests.noting import PROMPT, Ways, choose, round_of, sends_messages, suggest, wish
from tests.visitor import bridge_of

MAIL, MESSAGE, OFF = NoteChannel.MAIL, NoteChannel.MESSAGE, NoteChannel.OFF
MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.fixture
def plain(cast: Cast, clock: FrozenClock) -> Bridge:
    """The bridge of the cast, which only talks to the ways that a test gives it."""
    return bridge_of(cast, clock, "https://bridge.example")


@pytest.fixture
def ways(clock: FrozenClock, cast: Cast) -> Ways:
    """A way for everything; the LMS lists the function for messages."""
    sends_messages(cast)
    return Ways(clock.now)


@pytest.fixture(scope="module")
def story() -> Story:
    """The company on a Wednesday morning."""
    return make_story(datetime(2026, 11, 25, 9, tzinfo=UTC))


@pytest.fixture
def lms(cast: Cast, story: Story) -> Iterator[Lms]:
    """A real LMS for the cast's connection, in which Alice is somebody."""
    sends_messages(cast)
    with running_lms(story=story) as lms, cast.store.work() as work:
        values = {"url": lms.url, "token_sealed": cast.store.seal.close(lms.token)}
        work.sql.execute(t.connections.update().values(values))
        alice = t.people.update().where(t.people.c.id == cast.alice)
        work.sql.execute(alice.values(lms_id=next(iter(lms.store.people))))
        work.sql.commit()
        yield lms


def text_of(letter: Letter) -> str:
    """What it says, whichever way it went."""
    return letter.text if isinstance(letter, PersonalMessage) else letter.plain


def later(clock: FrozenClock, at: datetime) -> None:
    """It is that moment now."""
    clock.at = at


# --- what is sent, and how -----------------------------------------------------------------------


def test_a_note_comes_by_mail_at_the_hour_that_was_chosen(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """On Monday at eight, with this week's open suggestions, and the header that ends it."""
    first, second = suggest(cast)
    cast.ask(cast.bob, cast.feedback)
    choose(mailing, cast.alice)
    later(clock, MONDAY - timedelta(seconds=1))
    assert Round() == round_of(mailing)
    later(clock, MONDAY)
    assert Round(sent=1) == round_of(mailing)
    assert Round() == round_of(mailing)
    (letter,) = server.letters
    assert ["alice@acme.example"] == server.receivers[0]
    assert "To share this week: Giving feedback and 1 more" == letter["Subject"]
    body = letter.get_body(("plain",))
    assert body is not None
    said = str(body.get_content()).replace("\r\n", "\n")
    for part in (
        "Hello Alice Adams,",
        "1. Giving feedback\n9 of your people say why now.",
        "One question of your people waits for an answer.",
        f"?at=suggestion-{first}",
        f"?at=suggestion-{second}",
        "once, until 8 December",
    ):
        assert part in said
    end = letter["List-Unsubscribe"].strip("<>")
    assert end.startswith("https://bridge.example/notes/")
    assert end in said
    assert "List-Unsubscribe=One-Click" == letter["List-Unsubscribe-Post"]
    kept = wish(mailing, cast.alice)
    assert (MONDAY, "weekly", MONDAY + timedelta(days=7)) == (
        kept.left_at,
        kept.left_as,
        kept.next_at,
    )


def test_a_note_comes_as_a_message_of_the_lms(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post, lms: Lms
) -> None:
    """To the leader's own account there, with links that can be clicked."""
    suggest(cast)
    choose(mailing, cast.alice, MESSAGE)
    later(clock, MONDAY)
    assert Round(sent=1) == round_of(mailing)
    (message,) = lms.store.messages.values()
    assert next(iter(lms.store.people)) == message.to_id
    assert "1. Giving feedback<br>9 of your people say why now." in message.text_html
    links = re.findall(r'<a href="([^"]*)"', message.text_html)
    assert {"note", "notes", "desk"} == {link.split("/")[3] for link in links}
    assert [] == server.letters


def test_a_refusal_of_the_lms_is_kept_with_its_remedy(
    mailing: Bridge, cast: Cast, clock: FrozenClock, lms: Lms
) -> None:
    """The person's preferences say no: it is tried again a week later, then after two, then four;
    and the link that nobody got opens nothing."""
    suggest(cast, weeks=12)
    choose(mailing, cast.alice, MESSAGE)
    lms.service.capabilities = can.DEFAULT - {can.MESSAGE_ANY_USER}
    weeks = []
    for _ in range(4):
        at = wish(mailing, cast.alice).next_at
        assert at is not None
        weeks.append((at - MONDAY).days // 7)
        later(clock, at)
        assert Round(refused=1) == round_of(mailing)
    assert [0, 1, 3, 7] == weeks
    kept = wish(mailing, cast.alice)
    assert ("message preferences" in kept.problem, None) == (True, kept.left_at)
    assert "moodle/site:messageanyuser" in kept.remedy
    with cast.store.reading() as work:
        assert [] == work.sql.execute(t.sign_in_links.select()).all()
    lms.service.capabilities = can.DEFAULT
    choose(mailing, cast.alice, MESSAGE)
    assert ("", 0) == (wish(mailing, cast.alice).problem, wish(mailing, cast.alice).failures)
    later(clock, clock.now() + timedelta(days=7))
    assert Round(sent=1) == round_of(mailing)


def test_a_way_that_is_closed_is_told_without_an_attempt(
    plain: Bridge, cast: Cast, clock: FrozenClock
) -> None:
    """The LMS lists the function no more; there is no mail server."""
    suggest(cast)
    for person, channel in ((cast.alice, MESSAGE), (cast.erin, MAIL)):
        choose(plain, person, channel)
    suggest(cast, leader=cast.erin)
    later(clock, MONDAY)
    ways = Ways(clock.now)
    assert Round(refused=2) == round_of(plain, opened=ways.opened)
    assert [] == ways.handed
    assert "core_message_send_instant_messages" in wish(plain, cast.alice).remedy
    assert "SOCIALBRIDGE_SMTP_URL" in wish(plain, cast.erin).remedy


def test_an_lms_that_does_not_answer_has_surely_sent_nothing(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post, closed_lms: str
) -> None:
    """It is asked first who it is; the note comes when it is back, and the mail goes meanwhile."""
    sends_messages(cast)
    with cast.store.work() as work:
        work.sql.execute(t.connections.update().values(url=closed_lms))
    suggest(cast)
    suggest(cast, leader=cast.erin)
    choose(mailing, cast.alice, MESSAGE)
    choose(mailing, cast.erin)
    later(clock, MONDAY)
    assert Round(busy=1, sent=1) == round_of(mailing)
    kept = wish(mailing, cast.alice)
    assert (1, None, MONDAY + timedelta(minutes=10)) == (kept.failures, kept.left_at, kept.next_at)
    assert "cannot be reached" in kept.problem


@pytest.fixture
def closed_lms() -> str:
    """An address at which nobody listens."""
    return "http://127.0.0.1:9"


# --- to whom -------------------------------------------------------------------------------------


def test_nobody_gets_more_than_one_note_unasked(
    plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways
) -> None:
    """Every leader gets a first word once, by the LMS; nobody else gets any; and none where an
    admin does not want it."""
    suggest(cast, weeks=8)
    suggest(cast, weeks=8, leader=cast.erin)
    for _ in range(3):
        assert Round() == round_of(plain, opened=ways.opened)
        clock.advance(days=7)
    assert Round() == round_of(plain, opened=ways.opened, unasked=True)
    for _ in range(30):
        round_of(plain, opened=ways.opened, unasked=True)
        clock.advance(days=1)
    letters = [letter for _, letter in ways.handed]
    named = sorted(re.findall(r"Hello (.*),", "\n".join(map(text_of, letters))))
    assert ["Alice Adams", "Erin Evans"] == named
    assert {True} == {isinstance(letter, PersonalMessage) for letter in letters}
    assert "you lead Sales" in text_of(letters[0])
    assert "no other one will" in text_of(letters[0])
    kept = wish(plain, cast.alice)
    assert (NoteChannel.UNASKED, None, "first") == (kept.channel, kept.next_at, kept.left_as)


def test_a_first_word_that_the_lms_refuses_goes_by_mail(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post, lms: Lms
) -> None:
    """A week later; where there is no way at all nobody hears of it."""
    suggest(cast, weeks=3)
    lms.service.capabilities = can.DEFAULT - {can.MESSAGE_ANY_USER}
    assert Round() == round_of(mailing, unasked=True)
    later(clock, MONDAY)
    assert Round(refused=1, nothing=1) == round_of(mailing, unasked=True)
    clock.advance(days=7)
    assert Round(sent=1, nothing=1) == round_of(mailing, unasked=True)
    assert [["alice@acme.example"]] == server.receivers
    with cast.store.work() as work:
        work.sql.execute(t.leader_notes.delete())
        work.sql.execute(t.connections.update().values(functions=[]))
    nowhere = replace(mailing, config=replace(mailing.config, smtp_url=""))
    assert Round() == round_of(nowhere, unasked=True)
    clock.advance(days=7)
    assert Round(nothing=2) == round_of(nowhere, unasked=True)
    assert "" == wish(nowhere, cast.alice).problem


def test_who_leads_nobody_any_more_is_not_written_to(
    plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways
) -> None:
    """Nor who was suspended or left; and leading again is no silence of months."""
    suggest(cast, weeks=30)
    choose(plain, cast.alice)
    later(clock, MONDAY)
    choose(plain, cast.alice, MESSAGE, hour=9)
    later(clock, MONDAY + timedelta(hours=1))
    assert Round(sent=1) == round_of(plain, opened=ways.opened)
    with cast.store.work() as work:
        work.access.remove_leader(cast.sales, cast.alice)
    for _ in range(10):
        clock.advance(days=7)
        assert Round(nothing=1) == round_of(plain, opened=ways.opened)
    with cast.store.work() as work:
        work.access.add_leader(cast.sales, cast.alice)
    clock.advance(days=7)
    assert Round(sent=1) == round_of(plain, opened=ways.opened)
    assert "weekly" == wish(plain, cast.alice).left_as
    with cast.store.work() as work:
        work.sql.execute(t.people.update().values(suspended=True))
    clock.advance(days=7)
    assert Round(nothing=1) == round_of(plain, opened=ways.opened)


def test_a_week_without_anything_to_say_has_no_note(
    plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways
) -> None:
    """It is looked again for two days, because the week's suggestions may come late."""
    choose(plain, cast.alice, MESSAGE)
    later(clock, MONDAY)
    assert Round(nothing=1) == round_of(plain, opened=ways.opened)
    made = suggest(cast)
    with cast.store.work() as work:
        dealt = t.suggestions.update().where(t.suggestions.c.id == made[0])
        work.sql.execute(dealt.values(state="later"))
    assert Round() == round_of(plain, opened=ways.opened)
    clock.advance(hours=3)
    assert Round(sent=1) == round_of(plain, opened=ways.opened)
    (said,) = [text_of(letter) for _, letter in ways.handed]
    assert ("1. Negotiation" in said, "Giving feedback" in said) == (True, False)
    later(clock, MONDAY + timedelta(days=7))
    tried = 0
    while clock.now() < MONDAY + timedelta(days=13):
        tried += round_of(plain, opened=ways.opened).nothing
        clock.advance(hours=1)
    assert (17, 1) == (tried, len(ways.handed))
    assert MONDAY + timedelta(days=14) == wish(plain, cast.alice).next_at


def test_a_note_never_goes_to_a_person_who_was_erased(
    plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways
) -> None:
    """Their row goes with them."""
    suggest(cast)
    choose(plain, cast.alice, MESSAGE)
    flow.erase(plain.store, clock, cast.alice)
    later(clock, MONDAY)
    assert Round() == round_of(plain, opened=ways.opened, unasked=True)
    with cast.store.reading() as work:
        held = work.sql.execute(t.leader_notes.select()).all()
    assert [cast.erin] == [row.person_id for row in held]


# --- never more than one a week ------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here, whatever it was doing."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("channel", [MAIL, MESSAGE])
def test_a_killed_worker_neither_repeats_a_note_nor_holds_up_the_next(
    moment: str,
    channel: NoteChannel,
    mailing: Bridge,
    cast: Cast,
    clock: FrozenClock,
    ways: Ways,
) -> None:
    """Just before or just after it was taken, which nobody can tell from what it left."""
    suggest(cast, weeks=2)
    choose(mailing, cast.alice, channel)
    later(clock, MONDAY)

    def die(letter: Letter) -> None:
        raise Killed

    setattr(ways, moment, die)
    with pytest.raises(Killed):
        round_of(mailing, opened=ways.opened)
    setattr(ways, moment, lambda letter: None)
    taken = len(ways.handed)
    assert Round() == round_of(mailing, opened=ways.opened)
    clock.advance(minutes=16)
    assert Round(unknown=1) == round_of(mailing, opened=ways.opened)
    kept = wish(mailing, cast.alice)
    assert (MONDAY, MONDAY, MONDAY + timedelta(days=7)) == (
        kept.left_at,
        kept.doubt_at,
        kept.next_at,
    )
    for _ in range(6):
        clock.advance(days=1)
        assert Round() == round_of(mailing, opened=ways.opened)
    clock.advance(days=1)
    assert Round(sent=1) == round_of(mailing, opened=ways.opened)
    assert (taken + 1, None) == (len(ways.handed), wish(mailing, cast.alice).doubt_at)


def test_a_server_that_hangs_up_leaves_a_doubt_and_no_second_letter(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """It took the letter, and nobody heard of it. The other leader's goes out all the same."""
    suggest(cast, weeks=2)
    suggest(cast, weeks=2, leader=cast.erin)
    for person in (cast.alice, cast.erin):
        choose(mailing, person)
    later(clock, MONDAY)
    server.refuses["data"] = "250 hang up"
    assert Round(unknown=2) == round_of(mailing)
    server.refuses.clear()
    clock.advance(days=6)
    assert Round() == round_of(mailing)
    assert 2 == len(server.letters)
    clock.advance(days=1)
    assert Round(sent=2) == round_of(mailing)


def test_a_busy_server_is_asked_again_for_two_days(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """After growing pauses; then the note is next week's."""
    suggest(cast, weeks=2)
    choose(mailing, cast.alice)
    later(clock, MONDAY)
    server.refuses["data"] = "451 Come back later"
    tries = []
    while clock.now() < MONDAY + timedelta(days=6):
        if round_of(mailing).busy:
            tries.append(clock.now() - MONDAY)
        clock.advance(minutes=10)
    pauses = [(b - a).total_seconds() / 60 for a, b in pairwise(tries)]
    assert [10, 20, 40, 80, 160, 320, 360, 360] == pauses[:8]
    assert timedelta(hours=42) < tries[-1] <= timedelta(days=2)
    server.refuses.clear()
    later(clock, MONDAY + timedelta(days=7))
    assert Round(sent=1) == round_of(mailing)
    assert ("", 0) == (wish(mailing, cast.alice).problem, wish(mailing, cast.alice).failures)


def test_two_workers_write_one_note(
    plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways
) -> None:
    """Whoever comes second finds it on its way, even without the lease."""
    suggest(cast)
    choose(plain, cast.alice, MESSAGE)
    later(clock, MONDAY)
    second = Ways(clock.now)

    def meanwhile(letter: Letter) -> None:
        assert Round() == round_of(plain, opened=second.opened)

    ways.before = ways.after = meanwhile
    assert Round(sent=1) == round_of(plain, opened=ways.opened)
    assert (1, 0) == (len(ways.handed), len(second.handed))


def test_who_ends_them_while_one_goes_out_gets_no_other(
    plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways
) -> None:
    """And who changes the day meanwhile gets the next one on the new day."""
    suggest(cast, weeks=4)
    choose(plain, cast.alice, MESSAGE)
    later(clock, MONDAY)

    def end(letter: Letter) -> None:
        choose(plain, cast.alice, OFF)

    def move(letter: Letter) -> None:
        choose(plain, cast.alice, MAIL, weekday=2)

    ways.after = end
    assert Round(sent=1) == round_of(plain, opened=ways.opened)
    clock.advance(days=7)
    assert Round() == round_of(plain, opened=ways.opened)
    choose(plain, cast.alice, MESSAGE)
    clock.advance(days=7)
    ways.after = move
    assert Round(sent=1) == round_of(plain, opened=ways.opened)
    assert clock.now() + timedelta(days=9) == wish(plain, cast.alice).next_at


def test_the_worker_writes_them_under_a_lease(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """Without a mail server, too, if the LMS takes messages; first words as the setting says."""
    suggest(cast)
    Worker(mailing).write_notes()
    later(clock, MONDAY)
    with cast.store.work() as work:
        work.leases.take("notes", "another", clock.now(), timedelta(minutes=2))
    Worker(mailing).write_notes()
    assert [] == server.letters
    with cast.store.work() as work:
        work.leases.give_back("notes", "another")
    Worker(mailing).write_notes()
    (letter,) = server.letters
    assert "Your desk: Giving feedback and 1 more" == letter["Subject"]


def test_every_week_has_its_note_over_a_year(
    plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways
) -> None:
    """Each Monday at eight in Berlin, through both changes of the clocks, for a leader who shares
    now and then."""
    berlin = ZoneInfo("Europe/Berlin")
    with cast.store.work() as work:
        work.sql.execute(t.people.update().values(timezone="Europe/Berlin"))
    suggest(cast, weeks=60)
    choose(plain, cast.alice, MESSAGE)
    clock.advance(hours=-9)
    for number in range(365):
        # By the hour on the days around, and once on each of the others.
        hours = 24 if clock.now().weekday() in (6, 0) else 1
        for _ in range(hours):
            round_of(plain, opened=ways.opened)
            clock.advance(hours=24 // hours)
        if number % 14 == 0:
            with cast.store.work() as work:
                record(work, cast.alice, clock.now(), engaged=True)
    moments = [at.astimezone(berlin) for at, _ in ways.handed]
    assert {(0, 8)} == {(at.weekday(), at.hour) for at in moments}
    assert 52 == len(moments)


@pytest.mark.parametrize("seed", range(6))
def test_never_more_than_one_note_a_week_whatever_happens(
    seed: int, plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways
) -> None:
    """Half a year of changed minds and channels, failures of every kind, killed workers, two
    workers at once, and weeks in which nobody works: every two notes that left, or may have, bear
    dates a week apart, and every two nudges three."""
    dice = random.Random(seed)
    plain = replace(plain, config=replace(plain.config, smtp_url="smtp://127.0.0.1:1"))
    plain = replace(plain, config=replace(plain.config, mail_from="bridge@example.com"))
    suggest(cast, weeks=40)
    kinds: list[tuple[datetime, str]] = []

    def left(letter: Letter) -> None:
        kinds.append((clock.now(), "nudge" if PROMPT in text_of(letter) else "weekly"))

    def happen(letter: Letter) -> None:
        outcome = dice.choice(["fine"] * 6 + ["busy", "refused", "unknown", "killed", "two"])
        if outcome == "busy":
            raise OutletBusy("Come back.")
        if outcome == "refused":
            raise OutletRefused("No.")
        if outcome == "two":
            round_of(plain, opened=Ways(clock.now, before=left).opened)
        left(letter)
        if outcome == "unknown":
            raise OutcomeUnknown("Perhaps.")
        if outcome == "killed":
            raise Killed

    ways.before = happen
    choose(plain, cast.alice, MESSAGE)
    end = clock.now() + timedelta(days=180)
    while clock.now() < end:
        clock.advance(minutes=dice.choice([1, 7, 30, 60, 300, 1_000, 2_000]))
        match dice.randrange(40):
            case 0:
                channel = dice.choice([MAIL, MESSAGE, MESSAGE, OFF])
                hour, weekday = dice.randrange(24), dice.randrange(7)
                choose(plain, cast.alice, channel, hour=hour, weekday=weekday)
            case 1:
                clock.advance(days=dice.randrange(12))
            case 2 if dice.random() < 0.2:
                with cast.store.work() as work:
                    record(work, cast.alice, clock.now(), active=True, engaged=True)
        if wish(plain, cast.alice).channel is OFF and dice.random() < 0.02:
            choose(plain, cast.alice, MESSAGE, weekday=dice.randrange(7))
        try:
            round_of(plain, opened=ways.opened)
        except Killed:
            continue
    dates = [at.date() for at, _ in kinds]
    nudges = [at.date() for at, kind in kinds if kind == "nudge"]
    assert min((b - a).days for a, b in pairwise(dates)) >= 7
    assert all((b - a).days >= 21 for a, b in pairwise(nudges))
    assert 5 <= len(dates) <= 26


def test_a_change_of_time_zone_brings_no_second_note_a_week(
    plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways
) -> None:
    """From one side of the date line to the other and back, week after week."""
    suggest(cast, weeks=12)
    choose(plain, cast.alice, MESSAGE)
    zones = ["Pacific/Kiritimati", "Pacific/Niue"]
    for number in range(60 * 8):
        if number % 33 == 0:
            name = zones[number // 33 % 2]
            with cast.store.work() as work:
                work.sql.execute(t.people.update().values(timezone=name))
        round_of(plain, opened=ways.opened)
        clock.advance(hours=3)
    moments = [at for at, _ in ways.handed]
    assert min(b - a for a, b in pairwise(moments)) >= timedelta(days=6)
    assert 4 <= len(moments)


# --- silence -------------------------------------------------------------------------------------


def weeks_of(plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways, count: int) -> list[str]:
    """What left on each of so many Mondays, beginning now."""
    kinds = []
    for _ in range(count):
        done = round_of(plain, opened=ways.opened)
        kinds.append(wish(plain, cast.alice).left_as if done.sent else "-")
        clock.advance(days=7)
    return kinds


def test_a_silent_leader_is_nudged_three_times_and_then_left_alone(
    plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways
) -> None:
    """The nudge stands in the note's place. After the third the notes rest, which it says; who
    comes by gets them again, and a share begins the count anew."""
    suggest(cast, weeks=40)
    later(clock, MONDAY)
    choose(plain, cast.alice, MESSAGE)
    later(clock, MONDAY + timedelta(days=7))
    three = ["weekly", "weekly", "nudge"]
    assert [*three, *three, *three, "-", "-"] == weeks_of(plain, cast, clock, ways, 11)
    nudges = [text_of(letter) for _, letter in ways.handed if PROMPT in text_of(letter)]
    assert [False, False, True] == ["this is the last note for now" in said for said in nudges]
    with cast.store.work() as work:
        record(work, cast.alice, clock.now())
    assert ["nudge", "weekly"] == weeks_of(plain, cast, clock, ways, 2)
    with cast.store.work() as work:
        record(work, cast.alice, clock.now(), engaged=True)
    assert ["weekly", "weekly", "weekly", "nudge"] == weeks_of(plain, cast, clock, ways, 4)
    assert 1 == wish(plain, cast.alice).nudges


def test_a_nudge_needs_a_draft(plain: Bridge, cast: Cast, clock: FrozenClock, ways: Ways) -> None:
    """In a week with questions alone the note is a note, and the nudge comes with the next."""
    cast.ask(cast.bob, cast.feedback, days_ago=-20)
    choose(plain, cast.alice, MESSAGE)
    suggest(cast, week=(MONDAY + timedelta(days=28)).date())
    later(clock, MONDAY + timedelta(days=21))
    assert ["weekly", "nudge"] == weeks_of(plain, cast, clock, ways, 2)
    assert NoteKind.NUDGE == wish(plain, cast.alice).left_as


@pytest.mark.parametrize(("hour", "weekday"), [(24, 0), (-1, 0), (8, 7), (8, -1)])
def test_there_is_no_such_time(hour: int, weekday: int, plain: Bridge, cast: Cast) -> None:
    """It is refused in words."""
    with pytest.raises(InputError, match="Choose an hour"):
        choose(plain, cast.alice, MAIL, hour=hour, weekday=weekday)
    with pytest.raises(InputError, match="Choose a way"):
        choose(plain, cast.alice, NoteChannel.UNASKED)


def test_looking_at_a_note_sends_nothing(
    mailing: Bridge, cast: Cast, clock: FrozenClock, server: Post
) -> None:
    """And makes no link."""
    suggest(cast, week=(MONDAY - timedelta(days=7)).date())
    look = flow.look_at_note(
        mailing.store,
        clock,
        cast.alice,
        link=mailing.link,
        zone=mailing.zone,
        mails=mailing.writes_letters,
    )
    assert look.words is not None
    assert "https://bridge.example/note/…" in look.words.plain
    assert (False, "alice@acme.example") == (look.ways.message, look.ways.address)
    with cast.store.reading() as work:
        assert [] == work.sql.execute(t.sign_in_links.select()).all()
    assert [] == server.letters
