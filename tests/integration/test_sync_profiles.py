"""Profile fields of the LMS say who is never named, and make a first choice for others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bridge import flow
from bridge.demo.lms.capabilities import DEFAULT, VIEW_ALL_DETAILS
from bridge.model import Choice, ProfileRules, Stream, SyncReport
from bridge.storage import Store
from bridge.storage import tables as t
from tests.small_company import small_company
from tests.small_site import Reading, of, small_site

RULES = ProfileRules(
    seed_field="sharing",
    never_field="minor",
    never_values=frozenset({"yes"}),
)
ANNA, BEN, CARA = 11, 12, 13
"""All three are in course 2 and in the team."""


@contextmanager
def company(store: Store, rules: ProfileRules = RULES, **more: Any) -> Iterator[Reading]:
    """The small company, connected, with the rules set; not read yet.

    Anna, Ben and Cara finished course 2 this morning.
    """
    with small_site(store, generated=None, story=small_company(), **more) as reading:
        for person in (ANNA, BEN, CARA):
            reading.lms.store.complete(person, 2)
        _set(reading, rules)
        yield reading


def _set(reading: Reading, rules: ProfileRules) -> None:
    flow.set_profile_rules(reading.store, reading.clock, reading.connection.id, rules)
    with reading.store.reading() as work:
        reading.connection = work.connections.by_id(reading.connection.id)


def _fields(reading: Reading, person: int, **fields: str) -> None:
    reading.lms.store.people[person] = replace(
        reading.lms.store.people[person], fields=tuple(fields.items())
    )


def _sync(reading: Reading, *, days: int = 0, **more: Any) -> SyncReport:
    """A run, and the feed brought up to date; records are read again a day later."""
    reading.clock.advance(hours=25 * days)
    report = reading.sync(**more)
    flow.tell(reading.store, reading.clock, reading.connection.id)
    return report


def _never(reading: Reading) -> set[int]:
    with reading.store.reading() as work:
        rows = work.sql.execute(select(t.people.c.lms_id).where(t.people.c.never_named.is_(True)))
        return set(rows.scalars())


def _choices(reading: Reading) -> dict[int, tuple[str, str]]:
    p, c = t.people.c, t.consents.c
    with reading.store.reading() as work:
        rows = work.sql.execute(
            select(p.lms_id, c.choice, c.origin).join(t.consents, c.person_id == p.id)
        )
        return {row.lms_id: (row.choice, row.origin) for row in rows}


def _named(reading: Reading) -> set[int]:
    """Who is named in what is told."""
    m, p, a = t.activity_members.c, t.people.c, t.activities.c
    with reading.store.reading() as work:
        rows = work.sql.execute(
            select(p.lms_id)
            .join(t.activity_members, m.person_id == p.id)
            .join(t.activities, a.id == m.activity_id)
            .where(a.gone.is_(False))
        )
        return set(rows.scalars())


def _id(reading: Reading, lms_id: int) -> int:
    with reading.store.reading() as work:
        return work.people.known(reading.connection.id, [lms_id])[lms_id]


def test_whom_the_field_marks_is_never_named(store: Store) -> None:
    """Anna is under age: what she chose before does not matter."""
    with company(store) as reading:
        _fields(reading, ANNA, minor="Yes")
        _fields(reading, BEN, minor="no")
        _sync(reading)
        for lms_id in (ANNA, BEN):
            flow.change_consent(store, reading.clock, _id(reading, lms_id), Choice.PUBLIC)
        assert {ANNA} == _never(reading)
        assert {BEN} == _named(reading)


def test_a_field_that_changes_takes_a_name_out_and_brings_it_back(store: Store) -> None:
    """What is told follows with the next sync, and the person's own choice is kept for later."""
    with company(store) as reading:
        _fields(reading, ANNA, minor="no")
        _fields(reading, BEN, minor="no")
        _sync(reading)
        for lms_id in (ANNA, BEN):
            flow.change_consent(store, reading.clock, _id(reading, lms_id), Choice.EVERYONE)
        seen = [_named(reading)]
        _fields(reading, ANNA, minor="yes")
        _sync(reading, days=1)
        seen.append(_named(reading))
        _fields(reading, ANNA, minor="no")
        _sync(reading, days=1)
        seen.append(_named(reading))
        assert [{ANNA, BEN}, {BEN}, {ANNA, BEN}] == seen
        with store.reading() as work:
            log = t.consent_log.c
            words = work.sql.execute(
                select(log.choice, log.origin)
                .where(log.person_id == _id(reading, ANNA))
                .order_by(log.id)
            ).all()
        assert [("everyone", "person"), ("never", "profile"), ("free", "profile")] == words


def test_a_field_that_is_not_shown_any_more_is_not_believed(lite_store: Store) -> None:
    """The token has lost a right: nobody is named for that, and an admin is told which right."""
    with company(lite_store) as reading:
        _fields(reading, ANNA, minor="yes", sharing="Everyone")
        _sync(reading)
        reading.lms.service.capabilities = DEFAULT - {VIEW_ALL_DETAILS}
        report = _sync(reading, days=1)
        assert {ANNA} == _never(reading)
        assert ("everyone", "profile") == _choices(reading)[ANNA]
        (never, seed) = of(report, Stream.PEOPLE).problems
        assert "moodle/user:viewalldetails" in never
        assert "'minor'" in never and "'sharing'" in seed
        _sync(reading, days=1, accept_shrink=True)
        assert set() == _never(reading)
        assert ("nobody", "profile") == _choices(reading)[ANNA]


def test_whoever_is_only_met_so_far_is_not_named(lite_store: Store) -> None:
    """Where a field may forbid it, nobody is named before their record was read."""
    with company(lite_store) as reading, lite_store.work() as work:
        ids = work.people.ids(reading.connection.id, {77: "Newcomer"})
        assert {} == work.feed.cards(list(ids.values()))


def test_without_such_a_field_a_newcomer_may_be_named(lite_store: Store) -> None:
    """The rule costs nothing where there is no field."""
    with company(lite_store, ProfileRules()) as reading, lite_store.work() as work:
        ids = work.people.ids(reading.connection.id, {77: "Newcomer"})
        assert [77] == [i for i, ours in ids.items() if ours in work.feed.cards([ours])]


def test_a_profile_chooses_until_the_person_does(store: Store) -> None:
    """It follows the field, and never touches a person's own word."""
    with company(store) as reading:
        _fields(reading, ANNA, sharing="Everyone")
        _fields(reading, BEN, sharing=" my TEAMS ")
        _fields(reading, CARA, sharing="whatever that means")
        _sync(reading)
        assert {ANNA: ("everyone", "profile"), BEN: ("teams", "profile")} == _choices(reading)
        assert {ANNA, BEN} == _named(reading)
        flow.change_consent(store, reading.clock, _id(reading, BEN), Choice.EVERYONE)
        _fields(reading, ANNA, sharing="Nobody")
        _fields(reading, BEN, sharing="Nobody")
        _sync(reading, days=1)
        assert {ANNA: ("nobody", "profile"), BEN: ("everyone", "person")} == _choices(reading)
        assert {BEN} == _named(reading)


def test_a_field_that_was_emptied_chooses_nobody(lite_store: Store) -> None:
    """Others of the page still show it: so it is empty, and no right is missing."""
    with company(lite_store) as reading:
        _fields(reading, ANNA, sharing="Everyone")
        _fields(reading, BEN, sharing="Everyone")
        _sync(reading)
        _fields(reading, ANNA)
        _sync(reading, days=1)
        assert ("nobody", "profile") == _choices(reading)[ANNA]


def test_an_admins_own_words_come_first(lite_store: Store) -> None:
    """What a field's values mean can be said; without that a bare yes means nothing."""
    rules = replace(RULES, seed_words={"yes": Choice.TEAMS, "everyone": Choice.PUBLIC})
    with company(lite_store, rules) as reading:
        _fields(reading, ANNA, sharing="Yes")
        _fields(reading, BEN, sharing="Everyone")
        _sync(reading)
        assert {ANNA: ("teams", "profile"), BEN: ("public", "profile")} == _choices(reading)


def test_what_is_not_read_any_more_does_not_count(store: Store) -> None:
    """Without its field a seed is nobody, and who was never named is as they chose."""
    with company(store) as reading:
        _fields(reading, ANNA, minor="yes")
        _fields(reading, BEN, sharing="everyone")
        _sync(reading)
        flow.change_consent(store, reading.clock, _id(reading, ANNA), Choice.EVERYONE)
        assert {BEN} == _named(reading)
        _set(reading, ProfileRules())
        assert {ANNA} == _named(reading)
        assert ("nobody", "profile") == _choices(reading)[BEN]


def test_a_new_rule_has_everybody_read_again_at_no_more_requests(lite_store: Store) -> None:
    """The records come with the fields in them; without news nobody is read twice a day."""
    with company(lite_store, ProfileRules()) as reading:
        first = _sync(reading)
        _fields(reading, ANNA, minor="yes")
        quiet = _sync(reading)
        _set(reading, RULES)
        anew = _sync(reading)
        asked = [of(report, Stream.PEOPLE).requests for report in (first, quiet, anew)]
        assert [1, 0, 1] == asked
        assert {ANNA} == _never(reading)


def test_only_named_fields_are_kept(lite_store: Store) -> None:
    """Nothing of another field comes out of the connector."""
    with company(lite_store) as reading:
        _fields(reading, ANNA, sharing="Everyone", religion="none of ours")
        connector = reading.connector()
        (anna,) = [p for p in connector.people([ANNA, BEN]) if p.lms_id == ANNA]
        connector.close()
        assert {"sharing": "Everyone"} == dict(anna.profile)


@pytest.mark.parametrize("username", ["guest", "Guest "])
def test_the_guest_account_is_nobody(lite_store: Store, username: str) -> None:
    """It is neither named nor a viewer, whoever borrows it."""
    with company(lite_store, ProfileRules()) as reading:
        reading.lms.store.people[ANNA] = replace(reading.lms.store.people[ANNA], username=username)
        _sync(reading)
        guest = _id(reading, ANNA)
        with lite_store.work() as work:
            work.consent.choose(guest, Choice.PUBLIC, reading.clock.now(), "person", "")
            assert None is work.access.viewer(person_id=guest)
            assert {} == work.feed.cards([guest])
        flow.tell(lite_store, reading.clock, reading.connection.id)
        assert set() == _named(reading)


def test_what_newly_forbids_goes_ahead_of_everything(lite_store: Store) -> None:
    """The outlets' edits are urgent; a first choice by the profile is not."""
    with company(lite_store) as reading:
        _fields(reading, ANNA, sharing="everyone", minor="no")
        _fields(reading, BEN, sharing="everyone")
        with lite_store.work() as work:
            work.sql.execute(
                t.outlets.insert(),
                {
                    "connection_id": reading.connection.id,
                    "name": "hub",
                    "kind": "webhook",
                    "audience": f"everyone:{reading.connection.id}",
                    "settings": {"kinds": ["completion"]},
                },
            )
        _sync(reading)
        assert [False] == _urgent(lite_store)
        _fields(reading, ANNA, sharing="everyone", minor="yes")
        _sync(reading, days=1)
        assert [True] == _urgent(lite_store)


def _urgent(store: Store) -> list[bool]:
    with store.reading() as work:
        return list(work.sql.execute(select(t.deliveries.c.urgent)).scalars())
