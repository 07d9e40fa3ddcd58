"""What profile fields of the LMS make of people: who is never named, and a first choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, select

from bridge.model import Choice
from bridge.storage import tables as t
from bridge.storage.consent import FREE, NEVER, PROFILE
from bridge.storage.statements import chunks, put
from bridge.storage.telling import tell_again

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_WIDTH = [Choice.NOBODY, Choice.TEAMS, Choice.EVERYONE, Choice.PUBLIC]


@dataclass(frozen=True)
class Standing:
    """How a person stands before their record is read again; ``id`` is ours."""

    id: int
    never_named: bool
    read: bool
    """Whether the record was ever read: who was only met so far is not named, if a field may
    forbid it."""
    choice: Choice | None
    seeded: bool
    """Whether the choice is the profile's, and not the person's."""


class ProfileRepository:
    """Reads and writes ``people.never_named`` and the choices that a profile made."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def standing(self, connection_id: int, lms_ids: Sequence[int]) -> dict[int, Standing]:
        """By LMS id, how these people stand."""
        p, c = t.people.c, t.consents.c
        found: dict[int, Standing] = {}
        for some in chunks(lms_ids):
            rows = self.sql.execute(
                select(p.id, p.lms_id, p.never_named, p.detailed_at, c.choice, c.origin)
                .outerjoin(t.consents, c.person_id == p.id)
                .where(p.connection_id == connection_id, p.lms_id.in_(some))
            )
            for row in rows:
                found[row.lms_id] = Standing(
                    row.id,
                    row.never_named,
                    row.detailed_at is not None,
                    Choice(row.choice) if row.choice else None,
                    row.origin == PROFILE,
                )
        return found

    def forbid(self, person_ids: Sequence[int], now: datetime) -> None:
        """These people are never named from now on."""
        self._mark(person_ids, True)
        self._log([(person_id, NEVER) for person_id in person_ids], now)

    def allow(self, person_ids: Sequence[int], now: datetime) -> None:
        """What these people chose counts again; what was told of them is looked at again."""
        met = self._unlogged(person_ids)
        self._mark(person_ids, False)
        self._log([(i, FREE) for i in person_ids if i not in met], now)
        tell_again(self.sql, person_ids)

    def seed(self, choices: Mapping[int, Choice], now: datetime) -> list[int]:
        """The profile's choice for people who made none; those to whom it allows less than before.

        :param choices: by our id, of nobody who chose themselves.
        """
        c = t.consents.c
        before: dict[int, Choice] = {}
        for some in chunks(sorted(choices)):
            found = self.sql.execute(select(c.person_id, c.choice).where(c.person_id.in_(some)))
            before.update({row.person_id: Choice(row.choice) for row in found})
        rows = [
            {
                "person_id": person_id,
                "choice": choice.value,
                "decided_at": now,
                "origin": PROFILE,
                "pending": True,
            }
            for person_id, choice in sorted(choices.items())
        ]
        put(self.sql, t.consents, rows, ["person_id"])
        self._log([(person_id, choice.value) for person_id, choice in choices.items()], now)
        return [
            person_id
            for person_id, choice in choices.items()
            if person_id in before and _WIDTH.index(choice) < _WIDTH.index(before[person_id])
        ]

    # --- what an admin sets --------------------------------------------------------------------

    def read_again(self, connection_id: int) -> None:
        """Every record that was read is due again; who was read stays known."""
        p = t.people.c
        self.sql.execute(
            t.people.update()
            .where(p.connection_id == connection_id, p.detailed_at.is_not(None))
            .values(detailed_at=LONG_AGO)
        )

    def never_named(self, connection_id: int) -> list[int]:
        """Everybody of the connection who is never named."""
        p = t.people.c
        rows = self.sql.execute(
            select(p.id).where(p.connection_id == connection_id, p.never_named.is_(True))
        )
        return list(rows.scalars())

    def seeded(self, connection_id: int) -> dict[int, Choice]:
        """Everybody of the connection whose choice is still the profile's."""
        p, c = t.people.c, t.consents.c
        rows = self.sql.execute(
            select(c.person_id, c.choice)
            .join(t.people, p.id == c.person_id)
            .where(p.connection_id == connection_id, c.origin == PROFILE)
        )
        return {row.person_id: Choice(row.choice) for row in rows}

    def figures(self, connection_id: int) -> dict[str, int]:
        """How many of the people who are there chose what, or had it chosen by their profile."""
        p, c = t.people.c, t.consents.c
        rows = self.sql.execute(
            select(p.never_named, c.choice, c.origin, func.count().label("people"))
            .select_from(t.people.outerjoin(t.consents, c.person_id == p.id))
            .where(p.connection_id == connection_id, p.gone.is_(False), p.suspended.is_(False))
            .group_by(p.never_named, c.choice, c.origin)
        )
        found = dict.fromkeys(["never named", "not asked yet", *Choice], 0)
        found |= {f"{choice}, by their profile": 0 for choice in Choice}
        for row in rows:
            by_profile = ", by their profile" if row.origin == PROFILE else ""
            what = f"{row.choice}{by_profile}" if row.choice else "not asked yet"
            found["never named" if row.never_named else what] += row.people
        return {str(what): people for what, people in found.items()}

    def _mark(self, person_ids: Sequence[int], never_named: bool) -> None:
        for some in chunks(person_ids):
            self.sql.execute(
                t.people.update().where(t.people.c.id.in_(some)).values(never_named=never_named)
            )

    def _unlogged(self, person_ids: Sequence[int]) -> set[int]:
        """Those who were not named only because their record had not been read."""
        log = t.consent_log.c
        told: set[int] = set()
        for some in chunks(person_ids):
            rows = self.sql.execute(
                select(log.person_id).where(log.person_id.in_(some), log.choice == NEVER)
            )
            told |= set(rows.scalars())
        return set(person_ids) - told

    def _log(self, rows: Sequence[tuple[int, str]], now: datetime) -> None:
        if rows:
            self.sql.execute(
                t.consent_log.insert(),
                [
                    {"person_id": person_id, "choice": word, "at": now, "origin": PROFILE}
                    for person_id, word in rows
                ],
            )
