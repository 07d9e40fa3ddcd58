"""Taking one person out of every table.

Most of what is kept of a person hangs on their row and goes with it. What stands here is the rest:
what has to stay for others, or for the outlets, without them.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import and_, case, func, or_, select

from bridge.model import Kind, Person, PushState
from bridge.storage import tables as t
from bridge.storage.erased import actors_of
from bridge.storage.groups import count_groups_again
from bridge.storage.statements import chunks

ERASED = 0
"""Who stands in the log for somebody who was erased. No person has this id."""
SOMEBODY = "somebody who was erased"


class ErasureRepository:
    """Writes wherever a person stands."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def revoke_completions(self, person_id: int) -> None:
        """Their completions count nowhere any more: for the feed, before they are deleted."""
        k = t.completions
        self.sql.execute(k.update().where(k.c.person_id == person_id).values(revoked=True))

    def retire(self, person_id: int, now: datetime) -> list[int]:
        """Take away all that they wrote, or had written, its words and what was said against it;
        the ids of what stood.

        The activities stay, as gone, so that outlets are told to take them down.
        """
        a, w, r = t.activities, t.wordings, t.reports
        theirs = or_(a.c.actor_id == person_id, a.c.behalf_of_id == person_id)
        rows = self.sql.execute(select(a.c.id, a.c.gone).where(theirs)).all()
        for some in chunks([row.id for row in rows]):
            self.sql.execute(w.delete().where(w.c.activity_id.in_(some), w.c.comment_id.is_(None)))
            # Why others reported it tells of them, too.
            self.sql.execute(r.delete().where(r.c.activity_id.in_(some), r.c.comment_id.is_(None)))
        said = a.c.kind.in_([Kind.DISCUSSION.value, Kind.REPLY.value])
        self.sql.execute(
            a.update()
            .where(theirs, a.c.gone.is_(False))
            .values(gone=True, revision=a.c.revision + 1, updated=now)
        )
        self.sql.execute(
            a.update()
            .where(theirs)
            .values(
                title=case((said, ""), else_=a.c.title),
                text="",
                digest="",
                actor_id=None,
                behalf_of_id=None,
            )
        )
        return [row.id for row in rows if not row.gone]

    def close_discussions(self, person_id: int) -> None:
        """What they asked in the LMS is not told any more, by nobody's name either."""
        d, a = t.discussions, t.activities
        its = select(d.c.id).where(d.c.author_id == person_id)
        self.sql.execute(
            a.update()
            .where(a.c.discussion_id.in_(its), a.c.kind == Kind.REPLY.value)
            .values(title="")
        )
        self.sql.execute(
            d.update()
            .where(d.c.author_id == person_id)
            .values(author_id=None, title="", text="", url="", gone=True, pending=False)
        )

    def free_answers(self, person_id: int) -> None:
        """Answers to their comments stay, and answer nothing."""
        c, theirs = t.comments, t.comments.alias()
        its = select(theirs.c.id).where(theirs.c.person_id == person_id)
        self.sql.execute(c.update().where(c.c.parent_id.in_(its)).values(parent_id=None))

    def close_team(self, person: Person) -> None:
        """The team of those who report to them bears their name."""
        g, m = t.teams, t.memberships
        its = and_(g.c.connection_id == person.connection_id, g.c.manager_lms_id == person.lms_id)
        for team_id in list(self.sql.execute(select(g.c.id).where(its)).scalars()):
            self.sql.execute(m.delete().where(m.c.team_id == team_id))
        self.sql.execute(g.update().where(its).values(name="", gone=True, manager_lms_id=None))

    def forget_statements(self, person: Person) -> None:
        """What was pushed about them and waits is not waited for any more."""
        s = t.xapi_statements
        names = {(actor.by.value, actor.value) for actor in actors_of(person)}
        query = select(s.c.id, s.c.fact).where(
            s.c.connection_id == person.connection_id, s.c.state == PushState.WAITING.value
        )
        # Compared here: a column of JSON is asked in another way on each database.
        theirs = [
            row.id
            for row in self.sql.execute(query)
            if (row.fact.get("by"), str(row.fact.get("who"))) in names
        ]
        for some in chunks(theirs):
            self.sql.execute(
                s.update()
                .where(s.c.connection_id == person.connection_id, s.c.id.in_(some))
                .values(state=PushState.IGNORED.value, fact={}, reason="It named " + SOMEBODY + ".")
            )

    def forget_logins(self, person: Person) -> None:
        """Delete logins that the LMS has begun for the person, and links that they asked for."""
        asked = t.sign_in_requests
        names = [name.lower() for name in (person.email, person.username) if name]
        self.sql.execute(asked.delete().where(func.lower(asked.c.said).in_(names)))
        s, p = t.lti_logins, t.lti_platforms
        theirs = select(p.c.id).where(p.c.connection_id == person.connection_id)
        self.sql.execute(
            s.delete().where(s.c.login_hint == str(person.lms_id), s.c.platform_id.in_(theirs))
        )

    def end_letters(self, person: Person) -> None:
        """No outlet writes to their address, or remembers that it should not."""
        if not person.email:
            return
        o, u, address = t.outlets, t.outlet_unsubscribed, person.email.lower()
        query = select(o.c.id, o.c.settings).where(o.c.connection_id == person.connection_id)
        for row in list(self.sql.execute(query)):
            to = row.settings.get("to")
            self.sql.execute(u.delete().where(u.c.outlet_id == row.id, u.c.address == address))
            if not isinstance(to, list) or address not in [str(one).lower() for one in to]:
                continue
            left = [one for one in to if str(one).lower() != address]
            values: dict[str, object] = {"settings": {**row.settings, "to": left}}
            if not left:  # With nobody to write to it could only fail.
                values["enabled"] = False
            self.sql.execute(o.update().where(o.c.id == row.id).values(**values))

    def leave_log(self, person: Person) -> None:
        """What they did, and what was done to them, stays in the log without them."""
        log, ident = t.audit, person.id
        self.sql.execute(log.update().where(log.c.person_id == ident).values(person_id=ERASED))
        query = select(log.c.id, log.c.subject).where(log.c.subject.endswith(str(ident)))
        for row in list(self.sql.execute(query)):
            without = re.sub(rf"(^|: ){ident}$", rf"\g<1>{SOMEBODY}", row.subject)
            self.sql.execute(log.update().where(log.c.id == row.id).values(subject=without))
        decided = t.moderations
        self.sql.execute(
            decided.update().where(decided.c.moderator_id == ident).values(moderator_id=None)
        )
        runs = t.sync_runs
        asked = select(runs.c.id, runs.c.report).where(runs.c.connection_id == person.connection_id)
        for run in list(self.sql.execute(asked)):
            if run.report.get("scope") == f"person {person.lms_id}":
                report = {**run.report, "scope": SOMEBODY}
                self.sql.execute(runs.update().where(runs.c.id == run.id).values(report=report))

    def leave_groups(self, person_id: int) -> None:
        """Numbers that were told of their teams and courses are of one fewer now."""
        count_groups_again(self.sql, [person_id])

    def delete(self, person_id: int) -> None:
        """The person, and with them everything that hangs on their row."""
        self.sql.execute(t.people.delete().where(t.people.c.id == person_id))
