"""Erasing a person: every table, every outlet, and no sync brings them back."""

from __future__ import annotations

import base64
import hashlib
from contextlib import closing

import pytest
from sqlalchemy import func, select

from bridge import flow
from bridge.access import audit
from bridge.access.secrecy import hashed
from bridge.consent import receipts
from bridge.errors import NotFound, OutletRefused
from bridge.feed import moderate, write
from bridge.model import Fate
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.storage.erasing import ERASED
from bridge.storage.tables import metadata
from bridge.sync import push
from bridge.sync.scope import Scope
from tests.cast import Cast
from tests.company import LETTERS, TOLD, Company
from tests.conftest import SECRET_KEY, FrozenClock
from tests.every_table import everything, fill, saying
from tests.integration.test_delivery_room import FORUM
from tests.pushing import facts, statement
from tests.small_site import small_site

MARK = "Zora Zimmer"

STAYS = {
    "connections": "the LMS",
    "course_tags": "the LMS's courses",
    "policy_words": "what an admin says of courses",
    "connection_health": "how the LMS answers",
    "outlet_health": "how an outlet answers",
    "sync_runs": "how it was read",
    "categories": "the LMS's courses",
    "courses": "the LMS's courses",
    "teams": "whoever is in them",
    "outlets": "where things are sent",
    "activities.title": "the course that an aggregate tells of",
    "deliveries": "what outlets have to take down yet",
    "outlet_unsubscribed": "another address than the person's",
    "audit": "what an admin did",
    "activities.uid": "a random name of the activity",
    "withdrawals": "a random name of the receipt",
    "withdrawn": "a random name of the receipt",
    "erased": "a keyed hash",
    "naming_keys": "what hashes are made with, sealed",
    "leases": "which process does what",
    "xapi_keys": "the LMS's own key",
    "lti_platforms": "the LMS",
    "lti_deployments": "the LMS",
    "lti_rosters": "the LMS",
    "lti_invitations": "a random secret for an admin",
    "setup_keys": "a random secret for who sets the bridge up",
    "setups": "how far the setup of the LMS is",
    "lti_keys": "the bridge's own keys",
    "oidc_logins": "random secrets, and a page of ours",
    "xapi_statements": "an id and a digest, without the fact",
}
"""Where the words of the one row of each table may stand after its person was erased: why."""


def test_nothing_of_the_person_is_left_in_any_table(store: Store, clock: FrozenClock) -> None:
    """One row in every table there is: afterwards none refers to them, and no word is theirs."""
    with store.work() as work:
        rows = fill(work.sql, MARK, 777)
        person = rows["people"]["id"]
        a, s = t.activities, t.xapi_statements
        work.sql.execute(a.update().values(kind="share"))
        work.sql.execute(
            s.update().values(state="waiting", fact={"by": "user_id", "who": "777", "course": 1})
        )
        work.sql.execute(t.lti_logins.update().values(login_hint="777"))
        said = str(rows["people"]["email"]).upper()
        work.sql.execute(t.sign_in_requests.update().values(said=said))
        work.sql.execute(t.moderations.update().values(author_id=None, comment_id=None, reason=""))
        work.sql.execute(t.sync_runs.update().values(report={"scope": "person 777"}))
        work.sql.execute(
            t.outlets.update().values(settings={"to": [rows["people"]["email"], "x@example.com"]})
        )
        audit.note(work, None, "granted admin", str(person), clock.now())
        audit.note(work, None, "leader added", f"Sales: {person}", clock.now())
    flow.erase(store, clock, person)
    with store.reading() as work:
        left = {
            f"{table.name}.{column.name}"
            for table in metadata.sorted_tables
            for column in table.columns
            if any(key.column.table is t.people for key in column.foreign_keys)
            and work.sql.execute(
                select(func.count()).select_from(table).where(column == person)
            ).scalar_one()
        }
        assert set() == left
        words = {w for w in saying(work.sql, MARK) if not {w, w.partition(".")[0]} & set(STAYS)}
        assert set() == words
        held = everything(work.sql)
        assert [] == held["people"]
        assert 1 == len(held["deliveries"])
        assert {"by", "who"} & set(held["xapi_statements"][0]["fact"]) == set()
        assert ["x@example.com"] == held["outlets"][0]["settings"]["to"]
        assert "777" not in str(held["sync_runs"][0]["report"])
        log = [(row["person_id"], row["subject"]) for row in held["audit"]]
        assert all(person not in (who, what) for who, what in log)
        assert {ERASED, None} == {who for who, _ in log}
        assert "Sales: somebody who was erased" in [what for _, what in log]
        assert {None} == {row["moderator_id"] for row in held["moderations"]}


def test_outlets_follow_and_the_receipt_is_read_by_its_link(company: Company) -> None:
    """Names leave aggregates, what was theirs alone goes, and the secret link tells in numbers."""
    cast, bob = company.cast, company.cast.bob
    wall = company.outlet("Wall", FORUM, [*TOLD, "post"])
    company.tell()
    me = company.viewer(bob)
    flow.post(company.store, company.clock, me, "Bob was here.", company.everyone, False)
    company.drain()
    board = company.boards[wall.id]
    assert 3 == len(board.posts)
    done = flow.erase(company.store, company.clock, bob, by=bob)
    company.drain()
    assert ["Beth Becker finished Giving feedback"] == board.titles
    with company.store.reading() as work:
        receipt = receipts.by_token(work, hashed(done.token))
        told = {one.fate: one.count for one in receipt.fates}
        assert {Fate.EDITED: 1, Fate.DELETED: 2} == told
        assert (None, done.uid) == (receipt.withdrawal.person_id, receipt.withdrawal.uid)
        assert None is work.access.person(bob)
        with pytest.raises(NotFound):
            receipts.by_token(work, hashed("guessed"))
    assert 0 == flow.tell(company.store, company.clock, cast.connection)


def test_what_could_not_be_taken_back_before_is_on_the_receipt(company: Company) -> None:
    """Withdrawn and removed already, it still stood there: it is tried once more, and told."""
    cast, bob = company.cast, company.cast.bob
    wall = company.outlet("Wall", FORUM, [*TOLD, "post"])
    mail = company.outlet("Mail", LETTERS, TOLD)
    company.tell()
    me = company.viewer(bob)
    told = flow.post(company.store, company.clock, me, "Bob was here.", company.everyone, False)
    company.drain()
    company.boards[wall.id].trouble = [OutletRefused("The token is void.")] * 3
    company.narrow(bob)
    flow.remove_post(company.store, company.clock, me, told.uid)
    company.drain()
    assert 3 == len(company.boards[wall.id].posts)
    done = flow.erase(company.store, company.clock, bob, by=bob)
    company.drain()
    with company.store.reading() as work:
        receipt = receipts.by_token(work, hashed(done.token))
    fates = [(one.outlet_name, one.fate, one.count) for one in receipt.fates]
    assert [
        # A mail that would have to lose a name, and one that would have to go: two reasons.
        ("Mail", Fate.STAYS, 1),
        ("Mail", Fate.STAYS, 1),
        ("Wall", Fate.DELETED, 2),
        ("Wall", Fate.EDITED, 1),
    ] == fates
    assert ["Beth Becker finished Giving feedback"] == company.boards[wall.id].titles
    assert 2 == len(company.boards[mail.id].posts)
    assert 0 == flow.tell(company.store, company.clock, cast.connection)


def test_why_others_reported_what_they_wrote_goes_too(company: Company) -> None:
    """It tells of them; what was reported of somebody else stays."""
    cast = company.cast
    with company.store.work() as work:
        for author in (cast.bob, cast.beth):
            me = company.viewer(author)
            told = write.post(work, me, "Bah!", company.everyone, False, cast.now)
            reader = company.viewer(cast.charlie)
            moderate.report(work, reader, told.uid, None, f"Person {author} is rude", cast.now)
    flow.erase(company.store, company.clock, cast.bob)
    with company.store.reading() as work:
        reasons = work.sql.execute(select(t.reports.c.reason)).scalars().all()
    assert [f"Person {cast.beth} is rude"] == reasons


def test_what_others_said_stays(company: Company) -> None:
    """Answers to the person's comment stay, and answer nothing."""
    cast = company.cast
    company.tell()
    alice = company.viewer(cast.alice)
    post = flow.post(company.store, company.clock, alice, "Who comes?", company.everyone, True)
    with company.store.work() as work:
        theirs = {"activity_id": post.id, "person_id": cast.bob, "text": "Me!", "at": cast.now}
        insert = t.comments.insert().returning(t.comments.c.id)
        first = work.sql.execute(insert, theirs).scalar_one()
        answer = {**theirs, "person_id": cast.alice, "text": "Good!", "parent_id": first}
        work.sql.execute(t.comments.insert(), answer)
    flow.erase(company.store, company.clock, cast.bob)
    with company.store.reading() as work:
        rows = work.sql.execute(select(t.comments.c.text, t.comments.c.parent_id)).all()
        assert [("Good!", None)] == [tuple(row) for row in rows]
        assert "Who comes?" == work.feed.by_uid(post.uid).text  # type: ignore[union-attr]


def test_a_question_of_theirs_is_told_no_more(company: Company) -> None:
    """Not under another name either: their words are theirs. The LMS itself keeps it."""
    cast = company.cast
    question = cast.ask(cast.bob, cast.feedback)
    flow.tell(company.store, company.clock, cast.connection)
    flow.erase(company.store, company.clock, cast.bob)
    with company.store.reading() as work:
        row = work.sql.execute(select(t.discussions).where(t.discussions.c.id == question)).one()
        assert (None, "", "", True) == (row.author_id, row.title, row.text, row.gone)
        told = select(t.activities.c.gone).where(t.activities.c.discussion_id == question)
        assert [True] == list(work.sql.execute(told).scalars())


# --- they do not come back ---------------------------------------------------------------------


def test_the_next_sync_does_not_bring_them_back(store: Store) -> None:
    """Courses, teams, records, completions, discussions: everybody else is there as before."""
    with small_site(store) as site:
        site.sync()
        with store.reading() as work:
            most = (
                select(t.people.c.id, t.people.c.lms_id)
                .join(t.completions, t.completions.c.person_id == t.people.c.id)
                .group_by(t.people.c.id, t.people.c.lms_id)
                .order_by(func.count().desc())
                .limit(1)
            )
            person, lms_id = work.sql.execute(most).one()
        before = _names(store)
        name = before.pop(lms_id)
        flow.erase(store, site.clock, person)
        site.clock.advance(hours=30)
        report = site.sync(Scope(full=True))
        assert "complete" == report.outcome
        assert before == _names(store)
        with store.reading() as work:
            assert set() == {w for w in saying(work.sql, name) if not w.startswith("teams.")}
        flow.lift_erasure(store, site.clock, site.connection.id, lms_id)
        site.clock.advance(hours=30)
        site.sync(Scope(full=True))
        assert {**before, lms_id: name} == _names(store)
        with store.reading() as work:
            again = work.people.known(site.connection.id, [lms_id])[lms_id]
            assert None is work.consent.choice(again)


def _names(store: Store) -> dict[int, str]:
    with store.reading() as work:
        rows = work.sql.execute(select(t.people.c.lms_id, t.people.c.name))
        return {row.lms_id: row.name for row in rows}


@pytest.mark.parametrize("by", ["101", "bob@acme.example", "a hash"])
def test_a_push_about_them_is_not_kept(by: str, cast: Cast, clock: FrozenClock) -> None:
    """By whatever name a statement calls them, it is ignored, and the name is not kept."""
    digest = hashlib.sha1(b"mailto:bob@acme.example").hexdigest()
    said = statement({"mbox_sha1sum": digest} if by == "a hash" else by)
    flow.erase(cast.store, clock, cast.bob)
    with cast.store.work() as work:
        push.receive(work, cast.connection, facts(said), clock.now())
        row = work.sql.execute(select(t.xapi_statements)).one()
        assert ("ignored", {}, push.ERASED) == (row.state, row.fact, row.reason)
        assert {} == work.people.known(cast.connection, [101])


def test_a_new_key_does_not_bring_them_back(cast: Cast, clock: FrozenClock) -> None:
    """Met under an earlier key they are written down under the newest, which then is enough."""
    flow.erase(cast.store, clock, cast.bob)
    other = base64.urlsafe_b64encode(b"another-key-of-thirty-two-bytes!").decode()
    names = {101: "Bob Brown", 900: "Nina New"}
    with closing(Store(cast.store.url, [other, SECRET_KEY])) as both, both.work() as work:
        assert {900} == set(work.people.ids(cast.connection, names))
    with closing(Store(cast.store.url, [other])) as later, later.work() as work:
        assert {900} == set(work.people.ids(cast.connection, names))
        assert 1 == work.erased.count(cast.connection)
    flow.lift_erasure(cast.store, clock, cast.connection, 101)
    with cast.store.work() as work:
        assert {101, 900} == set(work.people.ids(cast.connection, names))


def test_nobody_can_be_let_in_who_was_not_erased(lite_cast: Cast, clock: FrozenClock) -> None:
    """It says that there is none, and whom the number means."""
    with pytest.raises(NotFound, match="LMS id 101"):
        flow.lift_erasure(lite_cast.store, clock, lite_cast.connection, 101)
    with pytest.raises(NotFound):
        flow.erase(lite_cast.store, clock, 9_999)


def test_what_is_kept_tells_nobody(lite_cast: Cast, clock: FrozenClock) -> None:
    """The hash is keyed: who has the database and not the key can try no ids against it."""
    flow.erase(lite_cast.store, clock, lite_cast.bob)
    with lite_cast.store.reading() as work:
        rows = work.sql.execute(select(t.erased)).all()
        stranger = Store(lite_cast.store.url, [base64.urlsafe_b64encode(b"x" * 32).decode()])
        with closing(stranger), stranger.reading() as theirs:
            assert set() == theirs.erased.people(lite_cast.connection, range(1, 200))
        assert all(64 == len(row.hash) for row in rows)
        assert {101} == work.erased.people(lite_cast.connection, range(1, 200))
