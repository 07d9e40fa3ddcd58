"""A company in which something goes on, for the tests of the pages.

The cast of :mod:`tests.cast`, and: Sales has two dozen more people, who finish *Giving feedback*
and *Negotiation* and come to the bridge week after week; Bob agreed to be seen by everyone, Beth by
her teams. There are questions nobody answered, a new course, posts with cheers and comments, a
share of Erin's that went to an outlet, suggestions for Alice, and a sync that told what it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta

from bridge import flow
from bridge.access import sessions
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.feed import write
from bridge.model import (
    Audience,
    AudienceKind,
    Choice,
    DeliveryState,
    Stream,
    StreamReport,
    SyncReport,
    Viewer,
)
from bridge.storage import tables as t
from tests.cast import Cast

COLLEAGUES = (
    "Ana Rossi",
    "Ben Okafor",
    "Chloé Martin",
    "Dimitri Volkov",
    "Elif Yılmaz",
    "Farah Haddad",
    "Giulia Conti",
    "Hiro Tanaka",
    "Ines Duarte",
    "Jonas Weber",
    "Kofi Mensah",
    "Lena Novak",
    "Mateo Silva",
    "Nadia Karimi",
    "Owen Price",
    "Priya Nair",
    "Quentin Roy",
    "Rosa Jiménez",
    "Sven Lind",
    "Tala Aziz",
    "Uma Rao",
    "Viktor Horváth",
    "Wanda Kowalska",
    "Yusuf Demir",
)

SILENT = 14
"""One more who has chosen nothing: with Beth beside four, her team could work out the rest."""

ERIN_SAYS = "The chapter on silence is worth the half hour by itself. Who tries it with me?"
BOB_ASKS = "What do you do when somebody does not want any feedback?"


@dataclass(frozen=True)
class Lively:
    """Ids of what goes on beside the cast."""

    colleagues: tuple[int, ...]
    question: int
    outlet: int
    category: int
    post: str
    share: str


def viewer(bridge: Bridge, person: int) -> Viewer:
    """The person as they are after signing in."""
    with bridge.store.reading() as work:
        return sessions.viewer_of(work, person)


def everyone(cast: Cast) -> Audience:
    """Everybody at Acme."""
    return Audience(AudienceKind.EVERYONE, cast.connection)


def make_lively(bridge: Bridge, cast: Cast) -> Lively:
    """Let it happen; see the module's docstring."""
    colleagues = _hire(cast)
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.choose(cast.beth, Choice.TEAMS)
    for number, person in enumerate(colleagues):
        if number % 3 and number != SILENT:
            cast.choose(person, Choice.EVERYONE)
        cast.complete(person, cast.feedback, days_ago=0.2 + number % 2 + number / 500)
        if number % 2:
            cast.complete(person, cast.negotiation, days_ago=1.1 + number / 3, history=number > 12)
    cast.complete(cast.bob, cast.feedback, days_ago=0.3)
    cast.complete(cast.beth, cast.feedback, days_ago=0.2)
    cast.complete(cast.bob, cast.safety, days_ago=2)
    question = cast.ask(cast.bob, cast.negotiation, "When do you name a price?", days_ago=4)
    cast.ask(cast.beth, cast.feedback, "Feedback by e-mail?", days_ago=2, replies=2, lms_id=501)
    _new_course(cast)
    outlet, category = _settings(cast)
    flow.tell(bridge.store, bridge.clock, cast.connection)
    post, share = _talk(bridge, cast, outlet)
    flow.suggest(bridge.store, bridge.clock, cast.connection)
    _come_and_go(cast, [cast.alice, cast.bob, cast.beth, *colleagues])
    _synced(bridge, cast)
    return Lively(colleagues, question, outlet, category, post, share)


def courses_only(bridge: Bridge, cast: Cast) -> None:
    """Alice knows all that was told so far, and said so last week: what is left are courses."""
    week = cast.now.date() - timedelta(days=cast.now.weekday() + 7)
    with cast.store.work() as work:
        known = [
            {
                "leader_id": cast.alice,
                "about_id": ident,
                "week": week,
                "score": 0.1,
                "reasons": {},
                "made_at": cast.now,
                "state": "dismissed",
                "decided_kind": "known",
            }
            for ident in work.sql.execute(t.activities.select()).scalars()
        ]
        work.sql.execute(t.suggestions.insert(), known)
    flow.suggest(bridge.store, bridge.clock, cast.connection)


def _hire(cast: Cast) -> tuple[int, ...]:
    with cast.store.work() as work:
        ids = tuple(
            work.sql.execute(
                t.people.insert().returning(t.people.c.id),
                {
                    "connection_id": cast.connection,
                    "lms_id": 200 + number,
                    "name": name,
                    "username": f"colleague{number}",
                },
            ).scalar_one()
            for number, name in enumerate(COLLEAGUES)
        )
        work.sql.execute(
            t.memberships.insert(), [{"team_id": cast.sales, "person_id": p} for p in ids]
        )
        work.sql.execute(
            t.enrolments.insert(),
            [
                {"course_id": course, "person_id": p, "first_seen_at": cast.now - timedelta(90)}
                for course in (cast.feedback, cast.negotiation)
                for p in ids
            ],
        )
    return ids


def _new_course(cast: Cast) -> None:
    with cast.store.work() as work:
        work.sql.execute(
            t.courses.insert(),
            {
                "connection_id": cast.connection,
                "lms_id": 30,
                "name": "Asking better questions",
                "summary": "How to ask so that people want to answer.",
                "category": "Leadership",
                "url": "https://lms.example/course/view.php?id=30",
                "self_enrol": True,
                "first_seen_at": cast.now - timedelta(hours=5),
            },
        )


def _settings(cast: Cast) -> tuple[int, int]:
    with cast.store.work() as work:
        outlet = outlets.add(
            work,
            cast.connection,
            "Intranet",
            "webhook",
            everyone(cast),
            {"url": "https://intranet.example/hook"},
            "whsec_dGVzdHM=",
        )
        category = work.sql.execute(
            t.categories.insert().returning(t.categories.c.id),
            {"connection_id": cast.connection, "lms_id": 3, "name": "Leadership"},
        ).scalar_one()
        work.sql.execute(
            t.courses.update().where(t.courses.c.category == "Leadership").values(category_lms_id=3)
        )
    return outlet.id, category


def _talk(bridge: Bridge, cast: Cast, outlet: int) -> tuple[str, str]:
    bob, erin = viewer(bridge, cast.bob), viewer(bridge, cast.erin)
    post = flow.post(bridge.store, bridge.clock, bob, BOB_ASKS, everyone(cast), True)
    share = flow.share(
        bridge.store,
        bridge.clock,
        erin,
        course_id=cast.feedback,
        text=ERIN_SAYS,
        audience=everyone(cast),
        outlet_ids=[outlet],
    )
    with bridge.store.work() as work:
        beth = viewer(bridge, cast.beth)
        write.cheer(work, beth, share.uid, cast.now)
        for text in ("I ask what they would like to hear about instead.", "And then I wait.", "."):
            write.comment(work, beth, post.uid, text, cast.now)
        earlier = cast.now - timedelta(hours=3)
        a, d = t.activities, t.deliveries
        for ident in (post.id, share.id):
            work.sql.execute(
                a.update().where(a.c.id == ident).values(published=earlier, updated=earlier)
            )
        work.sql.execute(
            d.update()
            .where(d.c.activity_id == share.id)
            .values(
                state=DeliveryState.DEAD.value,
                reason="The receiver said 410: this address is no longer in use.",
                attempts=5,
                attempted_at=cast.now - timedelta(hours=1),
                pending=False,
            )
        )
    return post.uid, share.uid


def _come_and_go(cast: Cast, people: list[int]) -> None:
    rows = [
        {
            "person_id": person,
            "day": (cast.now - timedelta(weeks=week, days=2)).date(),
            "active": (number + week) % 3 > 0,
            "engaged": (number + week) % 4 == 1,
        }
        for week in range(12)
        for number, person in enumerate(people)
        if (number * 7 + week * 5) % 10 > week / 3
    ]
    with cast.store.work() as work:
        work.sql.execute(t.presence.insert(), rows)


def _synced(bridge: Bridge, cast: Cast) -> None:
    started = bridge.clock.now().astimezone(UTC) - timedelta(minutes=4)
    with cast.store.work() as work:
        for outcome, error in (("failed", "Acme Academy is in maintenance."), ("complete", "")):
            run = work.runs.begin(cast.connection, started)
            work.runs.finish(
                run,
                SyncReport(
                    connection="acme",
                    started_at=started,
                    ended_at=started + timedelta(seconds=2.4),
                    outcome=outcome,
                    error=error,
                    streams=tuple(
                        StreamReport(stream=stream, strategy="batch", requests=2, rows=40, new=3)
                        for stream in Stream
                    ),
                ),
            )
            started += timedelta(minutes=2)
