"""What an LMS pushes is stored as a pull would have stored it, on either database."""

from __future__ import annotations

import hashlib
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.errors import Conflict
from bridge.model import (
    CompletionFact,
    EnrolmentFact,
    PersonFact,
    PushedFact,
    PushState,
    ReasonCount,
    Stream,
)
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.storage.verdicts import Due, Wanted
from bridge.sync import push, verdicts
from bridge.sync.plan import NEWS
from bridge.sync.push_plan import NO_TIME, NOT_BELIEVED, NOT_ENROLLED
from tests.cast import Cast
from tests.pushing import LEFT, REGISTERED, facts, forum_post, statement
from tests.statements import statements

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
FEEDBACK, NEGOTIATION = 10, 11
BOB, CHARLIE, NEWCOMER = 101, 103, 777


def at(**ago: float) -> str:
    """A moment before now, as a statement says it."""
    return (NOW - timedelta(**ago)).isoformat()


def took(cast: Cast, *said: Any, now: datetime = NOW) -> None:
    """The LMS pushed this."""
    with cast.store.work() as work:
        push.receive(work, cast.connection, facts(*said), now)


def pulled(
    cast: Cast, person: int, lms_id: int, when: datetime, course: int | None = None
) -> verdicts.Tally:
    """A sync asked the LMS about the person, who is complete since then."""
    due = Due(course or cast.feedback, person, FEEDBACK, lms_id)
    fact = CompletionFact(FEEDBACK, lms_id, True, when)
    with cast.store.work() as work:
        return verdicts.store(
            work,
            cast.connection,
            [verdicts.Answered(due, fact)],
            verdicts.Moment(NOW, NOW - NEWS, dateless_is_news=True),
        )


def read(cast: Cast, stream: Stream, began: datetime) -> None:
    """A sync that began then has read the stream to its end."""
    with cast.store.work() as work:
        work.runs.read_through(cast.connection, stream, began)


def came(cast: Cast, lms_id: int = NEWCOMER, email: str = "new@acme.example") -> int:
    """A sync found somebody new in *Giving feedback*; our id of them."""
    person = PersonFact(lms_id, "New Comer", "new", email, None, None, None, None, False, None)
    with cast.store.work() as work:
        people = work.people.ids(cast.connection, {lms_id: "New Comer"})
        work.sql.execute(
            t.enrolments.insert(),
            {"course_id": cast.feedback, "person_id": people[lms_id], "first_seen_at": NOW},
        )
        work.people.put(cast.connection, [lms_id], [person], NOW)
    return people[lms_id]


def completions(store: Store) -> list[Any]:
    """Every completion, but for its id."""
    k = t.completions
    with store.reading() as work:
        query = select(*(c for c in k.c if c.name != "id")).order_by(k.c.course_id, k.c.person_id)
        return [tuple(row) for row in work.sql.execute(query)]


def completion(cast: Cast, person: int) -> Any:
    """The person's completion of *Giving feedback*."""
    k = t.completions.c
    with cast.store.reading() as work:
        return work.sql.execute(
            select(t.completions).where(k.course_id == cast.feedback, k.person_id == person)
        ).first()


def enrolment(cast: Cast, person: int, course: int) -> Any:
    """The person's enrolment."""
    e = t.enrolments.c
    with cast.store.reading() as work:
        return work.sql.execute(
            select(t.enrolments).where(e.course_id == course, e.person_id == person)
        ).first()


def kept(cast: Cast) -> list[tuple[str, str]]:
    """State and reason of every statement, in the order of states."""
    s = t.xapi_statements.c
    with cast.store.reading() as work:
        rows = work.sql.execute(select(s.state, s.reason).order_by(s.state, s.reason))
        return [(row.state, row.reason) for row in rows]


def retry(cast: Cast, now: datetime = NOW) -> None:
    """The people were read; what waits is tried again."""
    push.retry_all(cast.store, cast.connection, now)


def is_due(cast: Cast, person_id: int, course_id: int) -> bool:
    """Whether the next pull asks about them."""
    wanted = Wanted(cast.connection, NOW - timedelta(days=7), NOW - timedelta(days=1))
    with cast.store.reading() as work:
        return (course_id, person_id) in {d.key for d in work.verdicts.due(wanted, (0, 0), 1_000)}


# --- as a pull -----------------------------------------------------------------------------------


def test_a_push_leaves_what_a_pull_leaves(cast: Cast) -> None:
    """Column for column, and the person is not asked about again."""
    when = NOW - timedelta(hours=1)
    took(cast, statement(str(BOB), at=when.isoformat()))
    pushed, due = completions(cast.store), is_due(cast, cast.bob, cast.feedback)
    with cast.store.work() as work:
        work.sql.execute(t.completions.delete())
        work.sql.execute(t.enrolments.update().values(checked=False))
    pulled(cast, cast.bob, BOB, when)
    assert pushed == completions(cast.store)
    assert (False, False) == (due, is_due(cast, cast.bob, cast.feedback))


def test_a_pull_after_a_push_finds_nothing_new(cast: Cast) -> None:
    """Both say the same; it is one completion."""
    when = NOW - timedelta(hours=1)
    took(cast, statement(str(BOB), at=when.isoformat()))
    before = completions(cast.store)
    assert verdicts.Tally(0, 0) == pulled(cast, cast.bob, BOB, when)
    assert before == completions(cast.store)


def test_a_push_after_a_pull_changes_nothing(cast: Cast) -> None:
    """Nor does the plugin's time, which may be some minutes or hours from the LMS's own."""
    pulled(cast, cast.bob, BOB, NOW - timedelta(hours=9))
    before = completions(cast.store)
    took(
        cast,
        statement(str(BOB), at=at(hours=9)),
        statement(str(BOB), at=at(hours=1)),
        statement(str(BOB), at=at(days=300)),
    )
    assert before == completions(cast.store)
    assert [("stored", "")] * 3 == kept(cast)


def test_completed_anew_is_a_renewal(cast: Cast) -> None:
    """Later by more than a day; the next push about it changes nothing."""
    pulled(cast, cast.bob, BOB, NOW - timedelta(days=300))
    took(cast, statement(str(BOB), at=at(hours=2)))
    took(cast, statement(str(BOB), at=at(hours=1)))
    found = completion(cast, cast.bob)
    assert (1, NOW - timedelta(hours=2)) == (found.renewals, found.completed_at)
    assert (True, False) == (found.pending, found.history)


def test_a_completion_and_its_renewal_may_come_together(cast: Cast) -> None:
    """In whatever order: they are taken in that of time."""
    took(cast, statement(str(BOB), at=at(hours=1)), statement(str(BOB), at=at(days=300)))
    found = completion(cast, cast.bob)
    assert (1, NOW - timedelta(hours=1)) == (found.renewals, found.completed_at)


def test_what_is_older_than_a_week_is_history(cast: Cast) -> None:
    """The plugin can send old events: they are stored and counted, and never announced."""
    took(cast, statement(str(BOB), at=at(days=8)), statement("102", at=at(days=6)))
    assert (True, False) == (
        completion(cast, cast.bob).history,
        completion(cast, cast.beth).history,
    )


def test_an_undated_completion_is_dated_by_a_push(cast: Cast) -> None:
    """Recognition of prior learning has no date in the LMS's own answer; a push has one."""
    due = Due(cast.feedback, cast.bob, FEEDBACK, BOB)
    moment = verdicts.Moment(NOW, NOW - NEWS, dateless_is_news=True)
    with cast.store.work() as work:
        fact = CompletionFact(FEEDBACK, BOB, True, None)
        verdicts.store(work, cast.connection, [verdicts.Answered(due, fact)], moment)
    took(cast, statement(str(BOB), at=at(days=2)))
    found = completion(cast, cast.bob)
    assert (NOW - timedelta(days=2), True, 0) == (found.completed_at, found.dated, found.renewals)


def test_what_the_lms_took_back_does_not_come_back_by_an_old_statement(cast: Cast) -> None:
    """It is asked instead; completed anew, days later, it is a completion."""
    pulled(cast, cast.bob, BOB, NOW - timedelta(days=5))
    with cast.store.work() as work:
        work.sql.execute(t.completions.update().values(revoked=True, pending=False))
    took(cast, statement(str(BOB), at=at(days=5), id=str(uuid.uuid4())))
    assert completion(cast, cast.bob).revoked
    assert is_due(cast, cast.bob, cast.feedback)
    took(cast, statement(str(BOB), at=at(hours=1)))
    assert not completion(cast, cast.bob).revoked
    assert not is_due(cast, cast.bob, cast.feedback)


# --- the same again ------------------------------------------------------------------------------


def test_a_statement_is_taken_once(cast: Cast) -> None:
    """With an id or without one, in one batch or in several, by push or by retry."""
    said = [statement(str(BOB)), statement(str(BOB)), statement("102", id=str(uuid.uuid4()))]
    for _ in range(3):
        took(cast, *said)
        retry(cast)
    assert 2 == len(completions(cast.store))
    assert [("stored", "")] * 2 == kept(cast)


def test_the_same_id_with_other_words_is_a_contradiction(cast: Cast) -> None:
    """The transaction is not kept: nothing of its batch is."""
    ident = str(uuid.uuid4())
    took(cast, statement(str(BOB), id=ident))
    before = completions(cast.store), kept(cast)
    with pytest.raises(Conflict, match=ident):
        took(cast, statement(str(CHARLIE)), statement(str(BOB), NEGOTIATION, id=ident))
    assert before == (completions(cast.store), kept(cast))


def test_two_who_push_the_same_at_once_store_it_once(cast: Cast) -> None:
    """A sender lost patience and sent the batch again while the first was still on its way."""
    said = [statement(str(number)) for number in range(100, 106)]
    errors: list[BaseException] = []

    def send(batch: list[Any]) -> None:
        try:
            took(cast, *batch)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below.
            errors.append(error)

    threads = [
        threading.Thread(target=send, args=(list(batch),))
        for batch in (said, reversed(said), said, reversed(said))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == errors
    assert (6, 6) == (len(kept(cast)), len(completions(cast.store)))


# --- enrolments and forums -----------------------------------------------------------------------


def test_an_enrolment_is_made_and_its_verdict_asked(cast: Cast) -> None:
    """Charlie was put into *Negotiation*: he is in it, and the next sync asks about him."""
    took(cast, statement(str(CHARLIE), NEGOTIATION, REGISTERED))
    found = enrolment(cast, cast.charlie, cast.negotiation)
    assert (False, False, NOW) == (found.gone, found.checked, found.first_seen_at)


def test_an_enrolment_that_is_there_is_left_alone(cast: Cast) -> None:
    """Whoever was asked about need not be again."""
    with cast.store.work() as work:
        work.sql.execute(t.enrolments.update().values(checked=True))
    before = enrolment(cast, cast.bob, cast.feedback)
    took(cast, statement(str(BOB), FEEDBACK, REGISTERED))
    assert before == enrolment(cast, cast.bob, cast.feedback)


def test_a_completion_makes_the_enrolment(cast: Cast) -> None:
    """Nobody completes a course without being in it."""
    took(cast, statement(str(CHARLIE), NEGOTIATION))
    found = enrolment(cast, cast.charlie, cast.negotiation)
    assert (False, False) == (found.gone, is_due(cast, cast.charlie, cast.negotiation))


def test_a_reading_that_is_newer_is_above_a_statement(cast: Cast) -> None:
    """Bob left *Giving feedback*; old events that are sent late do not put him back."""
    with cast.store.work() as work:
        work.sql.execute(
            t.enrolments.update().where(t.enrolments.c.person_id == cast.bob).values(gone=True)
        )
    read(cast, Stream.ENROLMENTS, NOW - timedelta(hours=3))
    took(
        cast,
        statement(str(BOB), at=at(days=3)),
        statement(str(BOB), FEEDBACK, REGISTERED, at(days=4)),
    )
    assert enrolment(cast, cast.bob, cast.feedback).gone
    assert [] == completions(cast.store)
    assert [("waiting", NOT_ENROLLED)] * 2 == kept(cast)
    took(cast, statement(str(BOB), FEEDBACK, REGISTERED, at(hours=1)))
    assert not enrolment(cast, cast.bob, cast.feedback).gone


def test_who_left_is_gone_when_the_enrolments_say_so(cast: Cast) -> None:
    """One may be in a course in two ways and lose one: the next sync reads who is there."""
    took(cast, statement(str(BOB), FEEDBACK, LEFT))
    assert not enrolment(cast, cast.bob, cast.feedback).gone
    with cast.store.reading() as work:
        assert {Stream.ENROLMENTS} == work.xapi.streams_noted(cast.connection)
    read(cast, Stream.ENROLMENTS, NOW - timedelta(hours=1))
    retry(cast)
    assert [("noted", "")] == kept(cast)
    read(cast, Stream.ENROLMENTS, NOW + timedelta(minutes=5))
    with cast.store.reading() as work:
        assert set() == work.xapi.streams_noted(cast.connection)
    retry(cast)
    assert [("stored", "")] == kept(cast)
    with cast.store.reading() as work:
        said = work.sql.execute(select(t.xapi_statements.c.fact)).scalars().all()
    assert [{}] == said


def test_a_forum_post_only_makes_the_forums_be_read(cast: Cast) -> None:
    """The LMS says who may see it, and a push does not."""
    took(cast, forum_post(), forum_post(8))
    with cast.store.reading() as work:
        assert {Stream.DISCUSSIONS} == work.xapi.streams_noted(cast.connection)
        assert [] == work.sql.execute(select(t.discussions)).all()
        assert "secret" not in str(work.sql.execute(select(t.xapi_statements)).all())


# --- times ---------------------------------------------------------------------------------------


def test_a_clock_that_is_ahead_counts_as_now(cast: Cast) -> None:
    """By up to an hour; without any time it is when it came."""
    took(
        cast,
        statement(str(BOB), at=at(minutes=-59)),
        statement(str(CHARLIE), at=None),
    )
    assert {NOW} == {completion(cast, p).completed_at for p in (cast.bob, cast.charlie)}


@pytest.mark.parametrize(
    "when", ["2026-11-25T10:01:00Z", "1999-12-31T23:59:59Z", "0001-01-02T00:00:00Z"]
)
def test_a_time_that_cannot_be_is_asked_for(cast: Cast, when: str) -> None:
    """That something happened is believed, and when it was is asked; who is not there stays so."""
    with cast.store.work() as work:
        work.sql.execute(t.enrolments.update().values(checked=True))
    took(cast, statement(str(BOB), at=when), statement(str(CHARLIE), NEGOTIATION, at=when))
    assert [] == completions(cast.store)
    assert not enrolment(cast, cast.bob, cast.feedback).checked
    assert enrolment(cast, cast.charlie, cast.negotiation) is None
    assert [("ignored", NO_TIME), ("stored", NOT_BELIEVED)] == kept(cast)


# --- whom it names -------------------------------------------------------------------------------


def test_a_person_is_found_by_each_name(cast: Cast) -> None:
    """User id, e-mail address in any case, and its hash."""
    digest = hashlib.sha1(b"mailto:charlie@acme.example").hexdigest()
    with cast.store.work() as work:
        work.sql.execute(
            t.people.update().where(t.people.c.id == cast.beth).values(email="Beth@Acme.example")
        )
    took(
        cast,
        statement(str(BOB)),
        statement("BETH@acme.example"),
        statement({"mbox_sha1sum": digest}),
    )
    assert {cast.bob, cast.beth, cast.charlie} == {row[2] for row in completions(cast.store)}


def test_an_address_of_several_people_is_nobodys(cast: Cast) -> None:
    """A shared mailbox waits, in clear text or hashed, until only one has it."""
    with cast.store.work() as work:
        for person in (cast.bob, cast.beth):
            work.sql.execute(
                t.people.update().where(t.people.c.id == person).values(email="sales@acme.example")
            )
    digest = hashlib.sha1(b"mailto:sales@acme.example").hexdigest()
    took(cast, statement("sales@acme.example"), statement({"mbox_sha1sum": digest}))
    assert [] == completions(cast.store)
    assert [
        ("waiting", "Several people have the e-mail address (as a hash) that it names."),
        ("waiting", "Several people have the e-mail address that it names."),
    ] == kept(cast)
    with cast.store.work() as work:
        work.sql.execute(t.people.update().where(t.people.c.id == cast.beth).values(gone=True))
    retry(cast)
    assert [cast.bob] == [row[2] for row in completions(cast.store)]


def test_another_connections_people_are_nobody(cast: Cast) -> None:
    """A user id is one LMS's."""
    with cast.store.work() as work:
        work.sql.execute(t.people.update().values(lms_id=t.people.c.lms_id + 1000))
    took(cast, statement(str(BOB)))
    assert [] == completions(cast.store)


# --- waiting -------------------------------------------------------------------------------------


def test_who_is_not_known_yet_is_matched_after_the_people_were_read(cast: Cast) -> None:
    """The statement waits with its reason; its time stays its own; then its body is dropped."""
    took(cast, statement(str(NEWCOMER), at=at(hours=5)))
    reason = "Nobody here has the user id that it names."
    with cast.store.reading() as work:
        assert [ReasonCount(PushState.WAITING, reason, 1, NOW)] == work.xapi.waiting_by_reason(
            cast.connection
        )
    retry(cast)
    assert [("waiting", reason)] == kept(cast)

    newcomer = came(cast)
    retry(cast, NOW + timedelta(minutes=5))
    found = completion(cast, newcomer)
    assert (NOW - timedelta(hours=5), NOW + timedelta(minutes=5)) == (
        found.completed_at,
        found.seen_at,
    )
    assert [("stored", "")] == kept(cast)
    with cast.store.reading() as work:
        assert [] == work.xapi.waiting_by_reason(cast.connection)
        assert [{}] == work.sql.execute(select(t.xapi_statements.c.fact)).scalars().all()


def test_a_course_that_is_not_known_yet_waits(cast: Cast) -> None:
    """As one that is gone does; the reason names the course's number."""
    with cast.store.work() as work:
        work.sql.execute(
            t.courses.update().where(t.courses.c.id == cast.negotiation).values(gone=True)
        )
    took(cast, statement(str(BOB), 99), statement(str(BOB), NEGOTIATION))
    assert [
        ("waiting", "Course 11 is not known here."),
        ("waiting", "Course 99 is not known here."),
    ] == kept(cast)


def test_a_reason_may_change(cast: Cast) -> None:
    """First the person was not known, then the course."""
    took(cast, statement("new@acme.example", 99))
    came(cast)
    retry(cast)
    assert [("waiting", "Course 99 is not known here.")] == kept(cast)


def test_what_waited_a_month_is_given_up(cast: Cast) -> None:
    """With its last reason, and without whom it named."""
    took(cast, statement("nobody@acme.example"))
    retry(cast, NOW + timedelta(days=29, hours=23))
    assert "waiting" == kept(cast)[0][0]
    retry(cast, NOW + timedelta(days=30))
    expected = "Given up after 30 days. Nobody here has the e-mail address that it names."
    assert [("ignored", expected)] == kept(cast)
    with cast.store.reading() as work:
        assert [{}] == work.sql.execute(select(t.xapi_statements.c.fact)).scalars().all()


def test_settled_statements_are_forgotten_after_ninety_days(cast: Cast) -> None:
    """One that comes again after that still doubles nothing: the completion is there."""
    took(cast, statement(str(BOB)), statement("101", verb="http://example.org/verbs/blinked"))
    before = completions(cast.store)
    retry(cast, NOW + timedelta(days=90))
    assert 2 == len(kept(cast))
    retry(cast, NOW + timedelta(days=90, seconds=1))
    assert [] == kept(cast)
    took(cast, statement(str(BOB)), now=NOW + timedelta(days=91))
    assert before == completions(cast.store)


def test_however_much_waits_is_tried_page_by_page(
    lite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page in a transaction of its own; none is left out, and none is tried twice."""
    monkeypatch.setattr(push, "A_PAGE", 7)
    took(lite_cast, *(statement(str(NEWCOMER), at=at(minutes=n)) for n in range(20)))
    took(lite_cast, statement("102", 99))
    tried: list[PushedFact] = []
    settle = push._settle

    def noting(work: Any, connection_id: int, some: Any, now: Any) -> Any:
        tried.extend(some)
        return settle(work, connection_id, some, now)

    monkeypatch.setattr(push, "_settle", noting)
    retry(lite_cast)
    assert (21, 21) == (len(tried), len({fact.id for fact in tried}))


# --- at what cost --------------------------------------------------------------------------------


def crowd(cast: Cast, size: int) -> None:
    """So many people in *Giving feedback*."""
    with cast.store.work() as work:
        names = {1000 + number: f"Person {number}" for number in range(size)}
        people = work.people.ids(cast.connection, names)
        work.learning.put_enrolments(
            cast.feedback, [EnrolmentFact(one, "", None) for one in people], people, NOW
        )


def test_a_batch_costs_a_bounded_number_of_statements(cast: Cast) -> None:
    """250 completions take no more than 25 of them, and hardly more than ten do."""
    crowd(cast, 260)
    costs = []
    for numbers in (range(10), range(10, 260)):
        with statements(cast.store) as sent:
            took(cast, *(statement(str(1000 + number)) for number in numbers))
        costs.append(len(sent))
    assert 260 == len(completions(cast.store))
    assert costs[1] <= 25
    assert costs[1] <= costs[0] + 3


def test_trying_a_page_again_costs_a_bounded_number_of_statements(cast: Cast) -> None:
    """250 that wait are matched at once when the people are there."""
    took(cast, *(statement(str(1000 + number)) for number in range(250)))
    crowd(cast, 250)
    with statements(cast.store) as sent:
        retry(cast)
    assert 250 == len(completions(cast.store))
    assert len(sent) <= 30


def test_a_batch_that_came_before_costs_next_to_nothing(cast: Cast) -> None:
    """Two statements a few hundred ids."""
    crowd(cast, 250)
    batch = [statement(str(1000 + number)) for number in range(250)]
    took(cast, *batch)
    with statements(cast.store) as sent:
        took(cast, *batch)
    assert len(sent) <= 4
