"""The people that the tests tell of.

One connection, *Acme*. **Alice** leads Sales; **Bob** is her teammate and **Beth** another, silent
one; **Charlie** is the outsider, of Engineering, which **Erin** leads; **Dana** is the admin, in no
team. Everybody but Dana is enrolled in *Giving feedback*; only Sales in *Negotiation*; *Safety* is
mandatory; *Layoffs 101* is hidden in the LMS. Nobody has chosen anything yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.model import Choice, Role, Viewer
from bridge.storage import Store
from bridge.storage import tables as t


@dataclass(frozen=True)
class Cast:
    """Ids of what :func:`make_cast` stored, and viewers for the people."""

    store: Store
    now: datetime
    connection: int
    alice: int
    bob: int
    beth: int
    charlie: int
    erin: int
    dana: int
    sales: int
    engineering: int
    feedback: int
    negotiation: int
    safety: int
    layoffs: int

    def viewer(self, person: int) -> Viewer:
        """The person as the bridge sees them after sign-in."""
        teams = {
            self.sales: {self.alice, self.bob, self.beth},
            self.engineering: {self.charlie, self.erin},
        }
        led = {self.alice: {self.sales}, self.erin: {self.engineering}}
        courses = {self.feedback: {self.alice, self.bob, self.beth, self.charlie, self.erin}}
        courses |= {self.negotiation: {self.alice, self.bob, self.beth}}
        roles = {Role.LEARNER}
        roles |= {Role.LEADER} if person in led else set()
        roles |= {Role.ADMIN} if person == self.dana else set()
        return Viewer(
            person_id=person,
            connection_id=self.connection,
            name=NAMES[self._key(person)],
            roles=frozenset(roles),
            team_ids=frozenset(team for team, people in teams.items() if person in people),
            course_ids=frozenset(c for c, people in courses.items() if person in people),
            led_team_ids=frozenset(led.get(person, set())),
            choice=None,
        )

    def _key(self, person: int) -> str:
        return next(key for key in NAMES if getattr(self, key) == person)

    def complete(
        self, person: int, course: int, *, days_ago: float = 0, history: bool = False
    ) -> int:
        """The person finished the course; the completion's id."""
        at = self.now - timedelta(days=days_ago)
        with self.store.work() as work:
            return work.sql.execute(
                t.completions.insert().returning(t.completions.c.id),
                {
                    "connection_id": self.connection,
                    "course_id": course,
                    "person_id": person,
                    "completed_at": at,
                    "seen_at": at,
                    "history": history,
                },
            ).scalar_one()

    def choose(self, person: int, choice: Choice) -> None:
        """The person's consent is now ``choice``."""
        with self.store.work() as work:
            work.sql.execute(t.consents.delete().where(t.consents.c.person_id == person))
            work.sql.execute(
                t.consents.insert(),
                {"person_id": person, "choice": choice.value, "decided_at": self.now},
            )

    def ask(
        self,
        person: int,
        course: int,
        title: str = "How do you start?",
        *,
        days_ago: float = 3,
        replies: int = 0,
        lms_id: int = 500,
    ) -> int:
        """The person started a discussion in the course's forum; our id of it."""
        at = self.now - timedelta(days=days_ago)
        with self.store.work() as work:
            return work.sql.execute(
                t.discussions.insert().returning(t.discussions.c.id),
                {
                    "connection_id": self.connection,
                    "course_id": course,
                    "lms_id": lms_id,
                    "forum_lms_id": 7,
                    "first_post_lms_id": lms_id * 10,
                    "author_id": person,
                    "title": title,
                    "text": "I would like to know before Monday.",
                    "url": f"https://lms.example/mod/forum/discuss.php?d={lms_id}",
                    "created_at": at,
                    "modified_at": at,
                    "seen_at": at,
                    "replies": replies,
                },
            ).scalar_one()


NAMES = {
    "alice": "Alice Adams",
    "bob": "Bob Brown",
    "beth": "Beth Becker",
    "charlie": "Charlie Chen",
    "erin": "Erin Evans",
    "dana": "Dana Diaz",
}

COURSES = {
    "feedback": ("Giving feedback", "Leadership", True, False),
    "negotiation": ("Negotiation", "Sales skills", True, False),
    "safety": ("Safety at work", "Compliance", True, True),
    "layoffs": ("Layoffs 101", "Leadership", False, False),
}


def make_cast(store: Store, now: datetime) -> Cast:
    """Store the cast; see the module's docstring for who they are."""
    long_ago = now - timedelta(days=100)
    with store.work() as work:
        sql = work.sql
        connection = sql.execute(
            t.connections.insert().returning(t.connections.c.id),
            {
                "name": "acme",
                "kind": "moodle",
                "url": "https://lms.example",
                "site_name": "Acme Academy",
                "token_sealed": store.seal.close("token-of-acme"),
                "user_lms_id": 99,
                "functions": [],
                "created_at": long_ago,
            },
        ).scalar_one()
        people = {
            key: sql.execute(
                t.people.insert().returning(t.people.c.id),
                {
                    "connection_id": connection,
                    "lms_id": 100 + number,
                    "name": name,
                    "username": key,
                    "email": f"{key}@acme.example",
                    "detailed_at": long_ago,
                },
            ).scalar_one()
            for number, (key, name) in enumerate(NAMES.items())
        }
        teams = {
            key: sql.execute(
                t.teams.insert().returning(t.teams.c.id),
                {"connection_id": connection, "lms_id": number, "name": key.capitalize()},
            ).scalar_one()
            for number, key in enumerate(["sales", "engineering"], start=1)
        }
        courses = {
            key: sql.execute(
                t.courses.insert().returning(t.courses.c.id),
                {
                    "connection_id": connection,
                    "lms_id": 10 + number,
                    "name": name,
                    "short_name": key,
                    "summary": f"All about {name.lower()}.",
                    "category": category,
                    "url": f"https://lms.example/course/view.php?id={10 + number}",
                    "visible": visible,
                    "mandatory": mandatory,
                    "first_seen_at": long_ago,
                    "history": True,
                    "pending": False,
                },
            ).scalar_one()
            for number, (key, (name, category, visible, mandatory)) in enumerate(COURSES.items())
        }
        cast = Cast(store=store, now=now, connection=connection, **people, **teams, **courses)
        sql.execute(
            t.memberships.insert(),
            [
                {"team_id": cast.sales, "person_id": cast.alice},
                {"team_id": cast.sales, "person_id": cast.bob},
                {"team_id": cast.sales, "person_id": cast.beth},
                {"team_id": cast.engineering, "person_id": cast.charlie},
                {"team_id": cast.engineering, "person_id": cast.erin},
            ],
        )
        sql.execute(
            t.leaders.insert(),
            [
                {"team_id": cast.sales, "person_id": cast.alice},
                {"team_id": cast.engineering, "person_id": cast.erin},
            ],
        )
        enrolled = [
            (c, p)
            for p in (cast.alice, cast.bob, cast.beth, cast.charlie, cast.erin)
            for c in (cast.feedback,)
        ] + [(cast.negotiation, p) for p in (cast.alice, cast.bob, cast.beth)]
        sql.execute(
            t.enrolments.insert(),
            [{"course_id": c, "person_id": p, "first_seen_at": long_ago} for c, p in enrolled],
        )
        sql.execute(t.roles.insert(), [{"person_id": cast.dana, "role": "admin"}])
    return cast
