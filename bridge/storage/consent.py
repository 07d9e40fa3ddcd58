"""What people chose, and every time they chose it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import and_, func, select

from bridge.errors import NotFound
from bridge.model import (
    AGGREGATES,
    Audience,
    AudienceKind,
    Choice,
    ConsentEntry,
    Quiet,
    SharingItem,
)
from bridge.storage import tables as t
from bridge.storage.statements import put

PROFILE = "profile"
"""``origin`` of a choice that a profile field of the LMS made for somebody."""

NEVER, FREE, HIDDEN, SHOWN, UNDONE = "never", "free", "hidden", "shown", "undone"
"""What stands in the log beside the four choices: never named from then on, and free of that; one
item hidden, and shown again; a choice undone right after it was made."""


class ConsentRepository:
    """Reads and writes ``consents`` and ``consent_log``, and the word on single completions."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def choice(self, person_id: int) -> Choice | None:
        """What the person chose; ``None`` if they have not yet."""
        found = self.sql.execute(
            select(t.consents.c.choice).where(t.consents.c.person_id == person_id)
        ).scalar()
        return Choice(found) if found else None

    def choose(
        self, person_id: int, choice: Choice, now: datetime, origin: str, address: str
    ) -> None:
        """Set the choice, and log who set it, when and from where."""
        put(
            self.sql,
            t.consents,
            [
                {
                    "person_id": person_id,
                    "choice": choice.value,
                    "decided_at": now,
                    "origin": origin,
                    "pending": True,
                }
            ],
            ["person_id"],
        )
        self.note(person_id, choice.value, now, origin, address)

    def note(
        self,
        person_id: int,
        what: str,
        now: datetime,
        origin: str,
        address: str,
        completion_id: int | None = None,
    ) -> None:
        """Log one decision: what, when, by whom, from where."""
        self.sql.execute(
            t.consent_log.insert(),
            {
                "person_id": person_id,
                "choice": what,
                "at": now,
                "origin": origin,
                "address": address,
                "completion_id": completion_id,
            },
        )

    def seeded(self, person_id: int) -> bool:
        """Whether the choice that stands is the profile's, and not the person's own."""
        c = t.consents.c
        found = self.sql.execute(select(c.origin).where(c.person_id == person_id)).scalar()
        return bool(found == PROFILE)

    def forget(self, person_id: int) -> None:
        """The person has chosen nothing, and was not asked."""
        self.sql.execute(t.consents.delete().where(t.consents.c.person_id == person_id))
        self.put_aside(person_id, None)

    def put_aside(self, person_id: int, now: datetime | None) -> None:
        """The person does not want to be asked; ``None``: they may be asked again."""
        self.sql.execute(t.people.update().where(t.people.c.id == person_id).values(asked_at=now))

    def log(self, person_id: int, limit: int | None = None) -> list[ConsentEntry]:
        """What was decided about naming the person, newest first."""
        log, k, c = t.consent_log.c, t.completions.c, t.courses.c
        rows = self.sql.execute(
            select(
                log.choice.label("what"),
                log.at,
                log.origin,
                log.address,
                func.coalesce(c.name, "").label("course"),
            )
            .select_from(t.consent_log)
            .outerjoin(t.completions, k.id == log.completion_id)
            .outerjoin(t.courses, c.id == k.course_id)
            .where(log.person_id == person_id)
            .order_by(log.id.desc())
            .limit(limit)
        )
        return [ConsentEntry(**row._mapping) for row in rows]

    def public(self, connection_id: int) -> bool:
        """Whether the public reads any outlet of the connection that is switched on."""
        o = t.outlets.c
        audience = Audience(AudienceKind.PUBLIC, connection_id)
        query = select(o.id).where(
            o.connection_id == connection_id,
            o.audience == audience.key,
            o.enabled.is_(True),
        )
        return self.sql.execute(query.limit(1)).first() is not None

    def hide(self, person_id: int, completion_id: int, hidden: bool) -> None:
        """Set the person's word on one completion of their own.

        :raises NotFound: if it is not theirs.
        """
        k = t.completions.c
        found = self.sql.execute(
            t.completions.update()
            .where(k.id == completion_id, k.person_id == person_id)
            .values(hidden=hidden, pending=True)
        )
        if not found.rowcount:
            raise NotFound("That item is not there.", "Reload the page to see your items.")

    def items(self, person_id: int, limit: int) -> list[SharingItem]:
        """The person's completions, newest first."""
        k, c, a, m = t.completions.c, t.courses.c, t.activities.c, t.activity_members.c
        naming = (
            select(m.completion_id, a.uid)
            .join(t.activities, a.id == m.activity_id)
            .where(m.person_id == person_id, a.kind.in_(AGGREGATES), a.gone.is_(False))
            .subquery()
        )
        rows = self.sql.execute(
            select(
                k.id,
                k.completed_at,
                k.hidden,
                k.history,
                c.name,
                c.mandatory,
                c.quiet,
                naming.c.uid,
            )
            .select_from(
                t.completions.join(t.courses, c.id == k.course_id).outerjoin(
                    naming, and_(naming.c.completion_id == k.id)
                )
            )
            .where(k.person_id == person_id, k.revoked.is_(False))
            .order_by(k.completed_at.desc(), k.id.desc())
            .limit(limit)
        )
        # Somebody of two teams is named twice for one completion.
        found: dict[int, SharingItem] = {}
        for row in rows:
            quiet = "mandatory" if row.quiet in ("", Quiet.MUST) else "quiet"
            reason = quiet if row.mandatory else "history" if row.history else ""
            found.setdefault(
                row.id,
                SharingItem(row.id, row.name, row.completed_at, row.hidden, reason, row.uid),
            )
        return list(found.values())
