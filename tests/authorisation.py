"""A site for the table of who may do what: two teams, twelve people, and something of everything.

Everything that is asked for belongs to Sales: Bob's posts, Alice's desk, the course *Negotiation*.
Of each role there is one person in Sales and one in Engineering. **Own** is the one in Sales: the
learner is Bob, whose posts they are, the leader Alice, whose desk it is, and the delegate helps
her. **Other** is the one in Engineering: Charlie, Erin, and whoever helps Erin. *Layoffs 101* is
hidden, and a second connection, *Globex*, has things of which nobody here may learn.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from bridge import desk, flow
from bridge.access import api_tokens, delegates, feed_links, roles, sessions
from bridge.access.secrecy import hashed
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.feed import moderate, write
from bridge.model import Audience, AudienceKind, Choice, Role, Viewer
from bridge.model.api import Scope
from bridge.model.lti import Platform
from bridge.storage import tables as t
from bridge.web import create_app
from bridge.web.cookies import COOKIE
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.noting import sends_messages
from tests.visitor import TOKEN, bridge_of

ROLES = tuple(Role)
OWN, OTHER = "own", "other"
SAID = {200: "y", 204: "y", 303: "y", 302: "y", 403: "n", 404: "-"}
"""What an answer is in the table: opened, not for that role, not there; ``x`` is a form that is
refused for what stands in it."""


@dataclass
class Site:
    """The people by role and team, and what addresses and forms are filled in with."""

    cast: Cast
    app: Flask
    people: dict[tuple[Role, str], int]
    things: dict[str, Any]
    _kept: sqlite3.Connection
    _browsers: dict[int | None, tuple[Any, str]]

    def ask(self, method: str, path: str, form: dict[str, str], person: int | None) -> str:
        """Ask as the person, or as nobody; one letter. What it changed is as before afterwards."""
        client, token = self._browser(person)
        path = path.format(**self.things)
        if method == "GET":
            answer = client.get(path, buffered=True)
        else:
            data = {name: value.format(**self.things) for name, value in form.items()}
            answer = client.open(
                path, method=method, data={**data, "csrf_token": token}, buffered=True
            )
            if answer.status_code < 400 or answer.status_code >= 500:
                self.as_before()
        assert answer.status_code < 500, (method, path, answer.text)
        if answer.status_code == 401 or answer.headers.get("Location", "").startswith("/sign-in"):
            return "s"
        return SAID.get(answer.status_code, "x")

    def call(self, method: str, path: str, said: Any, person: int | None) -> TestResponse:
        """Ask the API as the person, by a token with every scope, or as nobody.

        What it changed is as before afterwards.
        """
        client = self.app.test_client(use_cookies=False)
        client.environ_base = {**client.environ_base, "REMOTE_ADDR": f"10.0.1.{person or 250}"}
        headers = {"Authorization": f"Bearer {self.things[f'token of {person}']}"} if person else {}
        address = f"/api{path}".format(**self.things)
        body = None if said is None else self.filled(said)
        answer = client.open(address, method=method, json=body, headers=headers, buffered=True)
        assert answer.status_code < 500, (method, path, answer.text)
        if method != "GET" and answer.status_code < 400:
            self.as_before()
        return answer

    def filled(self, said: Any) -> Any:
        """What is said, with the things of the site in it; a thing alone keeps its kind."""
        if isinstance(said, dict):
            return {name: self.filled(value) for name, value in said.items()}
        if isinstance(said, list):
            return [self.filled(value) for value in said]
        if not isinstance(said, str):
            return said
        alone = said[1:-1] if said[:1] == "{" and said[-1:] == "}" else ""
        return self.things[alone] if alone in self.things else said.format(**self.things)

    @contextmanager
    def acting(
        self, method: str, path: str, form: dict[str, str], person: int
    ) -> Iterator[list[int | None]]:
        """Ask as the person; who stands in the lines that this added to the log."""
        client, token = self._browser(person)
        data = {name: value.format(**self.things) for name, value in form.items()}
        with self.cast.store.reading() as work:
            before = len(work.access.recent(10_000))
        path = path.format(**self.things)
        answer = client.open(path, method=method, data={**data, "csrf_token": token}, buffered=True)
        assert answer.status_code < 400, answer.text
        with self.cast.store.reading() as work:
            log = work.access.recent(10_000)
        yield [entry.person_id for entry in log[: len(log) - before]]
        self.as_before()

    def _browser(self, person: int | None) -> tuple[Any, str]:
        if person not in self._browsers:
            client = self.app.test_client()
            # Each comes from an address of their own, so that no limit is met.
            client.environ_base = {**client.environ_base, "REMOTE_ADDR": f"10.0.0.{person or 250}"}
            if person is not None:
                client.set_cookie(COOKIE, self.things[f"session of {person}"])
            found = TOKEN.search(client.get("/sign-in").text)
            assert found is not None
            self._browsers[person] = client, found[1]
        client, token = self._browsers[person]
        if person is not None:
            client.set_cookie(COOKIE, self.things[f"session of {person}"])
        return client, token

    def keep(self) -> None:
        """Remember the database as it is now."""
        with self._file() as now:
            now.backup(self._kept)

    def _file(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(self.cast.store.url.removeprefix("sqlite:///")))

    def close(self) -> None:
        """Forget what the database was like."""
        self._kept.close()

    def as_before(self) -> None:
        """Have everything as it was when it was last kept."""
        with self._file() as now:
            self._kept.backup(now)
        # Signing out and erasing leave a browser with nothing; it begins anew.
        self._browsers.clear()


def make_site(cast: Cast, clock: FrozenClock) -> Site:
    """Store it all; see the module's docstring."""
    bridge = bridge_of(cast, clock)
    people = _people(cast)
    sends_messages(cast)  # So that a link can be asked for.
    with cast.store.work() as work:
        for role, team in people:
            person = people[role, team]
            if role is Role.DELEGATE:
                leader = cast.alice if team == OWN else cast.erin
                delegates.name(work, leader, person, True, cast.now, leader)
            elif role not in {Role.LEARNER, Role.LEADER}:
                roles.grant(work, person, role)
        work.sql.execute(t.roles.delete().where(t.roles.c.person_id == cast.dana))
    things: dict[str, Any] = {
        "sales": cast.sales,
        "engineering": cast.engineering,
        "feedback": cast.feedback,
        "negotiation": cast.negotiation,
        "layoffs": cast.layoffs,
        "alice": cast.alice,
        "bob": cast.bob,
        "beth": cast.beth,
        "helper": people[Role.DELEGATE, OWN],
        "connection": cast.connection,
    }
    things |= _said(bridge, cast) | _desk(bridge, cast) | _admin(cast) | _elsewhere(cast)
    with cast.store.work() as work:
        for person in people.values():
            things[f"session of {person}"] = sessions.begin(work, person, cast.now)
            who = sessions.viewer_of(work, person)
            token = api_tokens.issue(work, who, "A program", list(Scope), 90, cast.now)
            things[f"token of {person}"] = token
        things["session_handle"] = hashed(things[f"session of {cast.bob}"])[:16]
        things["token_handle"] = hashed(things[f"token of {cast.bob}"])[:16]
        key = feed_links.issue(work, cast.bob, cast.now)
        (link,) = feed_links.of(work, cast.bob)
        things |= {"key": key, "handle": link.token_hash[:16]}
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    site = Site(cast, create_app(bridge), people, things, kept, {})
    site.keep()
    return site


def _people(cast: Cast) -> dict[tuple[Role, str], int]:
    found = {
        (Role.LEARNER, OWN): cast.bob,
        (Role.LEARNER, OTHER): cast.charlie,
        (Role.LEADER, OWN): cast.alice,
        (Role.LEADER, OTHER): cast.erin,
    }
    others = [role for role in ROLES if role not in {Role.LEARNER, Role.LEADER}]
    with cast.store.work() as work:
        sql = work.sql
        for number, (role, team) in enumerate((r, team) for r in others for team in (OWN, OTHER)):
            person = sql.execute(
                t.people.insert().returning(t.people.c.id),
                {
                    "connection_id": cast.connection,
                    "lms_id": 300 + number,
                    "name": f"The {role.value} {team}",
                    "detailed_at": cast.now,
                },
            ).scalar_one()
            found[role, team] = person
            in_sales = team == OWN
            its = cast.sales if in_sales else cast.engineering
            sql.execute(t.memberships.insert(), {"team_id": its, "person_id": person})
            for course in (cast.feedback, cast.negotiation) if in_sales else (cast.feedback,):
                sql.execute(
                    t.enrolments.insert(),
                    {"course_id": course, "person_id": person, "first_seen_at": cast.now},
                )
    return found


def _said(bridge: Bridge, cast: Cast) -> dict[str, Any]:
    """Bob's posts, a comment, a question in Negotiation, and what he took back."""
    store, clock = bridge.store, bridge.clock
    cast.choose(cast.bob, Choice.TEAMS)
    item = cast.complete(cast.bob, cast.negotiation, days_ago=0.1)
    question = cast.ask(cast.bob, cast.negotiation, "When do you name a price?")
    flow.tell(store, clock, cast.connection)
    flow.change_consent(store, clock, cast.bob, Choice.NOBODY)
    flow.change_consent(store, clock, cast.bob, Choice.EVERYONE)
    bob = _viewer(bridge, cast.bob)
    team = Audience(AudienceKind.TEAM, cast.sales)
    everyone = Audience(AudienceKind.EVERYONE, cast.connection)
    to_team = flow.post(store, clock, bob, "Only for Sales.", team, False)
    to_all = flow.post(store, clock, bob, "For everybody.", everyone, False)
    reported = flow.post(store, clock, bob, "Said to Sales, and reported.", team, False)
    with store.work() as work:
        moderate.report(work, cast.viewer(cast.beth), reported.uid, None, "rude", cast.now)
        told = work.sql.execute(
            select(t.activities.c.uid).where(
                t.activities.c.kind == "completion",
                t.activities.c.gone.is_(False),
                t.activities.c.course_id == cast.negotiation,
            )
        ).scalar_one()
        write.comment(work, bob, to_team.uid, "One more word.", cast.now)
        comment = work.sql.execute(t.comments.select()).scalar_one()
        receipt = work.sql.execute(t.withdrawals.select()).mappings().first()
        of_hidden = work.sql.execute(
            t.activities.insert().returning(t.activities.c.uid),
            {
                "uid": "hiddencourse",
                "connection_id": cast.connection,
                "kind": "course",
                "course_id": cast.layoffs,
                "audience": everyone.key,
                "published": cast.now,
                "updated": cast.now,
            },
        ).scalar_one()
    assert receipt is not None
    return {
        "item": item,
        "question": question,
        "team_post": to_team.uid,
        "team_post_id": to_team.id,
        "post": to_all.uid,
        "reported_id": reported.id,
        "told": told,
        "comment": comment,
        "receipt": receipt["uid"],
        "hidden_item": of_hidden,
    }


def _desk(bridge: Bridge, cast: Cast) -> dict[str, Any]:
    """What stands on Alice's desk."""
    store, clock = bridge.store, bridge.clock
    alice = _viewer(bridge, cast.alice)
    team = Audience(AudienceKind.TEAM, cast.sales)
    share = flow.share(
        store,
        clock,
        alice,
        course_id=cast.feedback,
        text="I took this one.",
        audience=team,
        outlet_ids=[],
    )
    week = cast.now.date() - timedelta(days=cast.now.weekday())
    with store.work() as work:
        rows = [
            {
                "leader_id": cast.alice,
                "course_id": course,
                "team_id": cast.sales,
                "week": week,
                "score": 0.5,
                "reasons": {},
                "made_at": cast.now,
            }
            for course in (cast.negotiation, cast.feedback)
        ]
        first, second = (
            work.sql.execute(t.suggestions.insert().returning(t.suggestions.c.id), row).scalar_one()
            for row in rows
        )
    wording = desk.planning.Wording(cast.negotiation, "Join me.", team, (), first)
    at = datetime(2026, 11, 26, 9, tzinfo=UTC)
    planned = flow.plan_share(store, clock, alice, wording, at, UTC)
    with store.work() as work:
        withdrawn = work.sql.execute(
            t.plans.insert().returning(t.plans.c.id),
            {
                "leader_id": cast.alice,
                "course_id": cast.feedback,
                "audience": team.key,
                "text": "Never mind.",
                "outlet_ids": [],
                "state": "withdrawn",
                "changed_at": cast.now,
            },
        ).scalar_one()
    return {
        "share": share.uid,
        "plan": planned.id,
        "withdrawn": withdrawn,
        "suggestion": second,
        "suggested": cast.feedback,
    }


def _admin(cast: Cast) -> dict[str, Any]:
    with cast.store.work() as work:
        outlet = outlets.add(
            work,
            cast.connection,
            "Intranet",
            "webhook",
            Audience(AudienceKind.EVERYONE, cast.connection),
            {"url": "https://intranet.example/hook"},
            "whsec_dGVzdHM=",
        )
        category = work.sql.execute(
            t.categories.insert().returning(t.categories.c.id),
            {"connection_id": cast.connection, "lms_id": 3, "name": "Leadership"},
        ).scalar_one()
        work.sql.execute(
            t.courses.update().where(t.courses.c.id == cast.negotiation).values(category_lms_id=3)
        )
        work.sql.execute(t.course_tags.insert(), {"course_id": cast.negotiation, "tag": "staff"})
        work.policy.set_tag(cast.connection, "staff", True)
        zed = {"connection_id": cast.connection, "lms_id": 4711, "name": "Gone Long Ago"}
        ident = work.sql.execute(t.people.insert().returning(t.people.c.id), zed).scalar_one()
        gone = work.access.person(ident)
        assert gone is not None
        work.erased.keep(gone, cast.now)
        work.sql.execute(t.people.delete().where(t.people.c.id == ident))
        activity = work.sql.execute(t.activities.select()).scalars().first()
        delivery = work.sql.execute(
            t.deliveries.insert().returning(t.deliveries.c.id),
            _dead(activity, outlet.id, cast),
        ).scalar_one()
        platform = work.lti.put(_platform(cast, cast.connection, "https://acme.example"))
    return {
        "erased": 4711,
        "outlet": outlet.id,
        "category": category,
        "delivery": delivery,
        "platform": platform.id,
    }


def _elsewhere(cast: Cast) -> dict[str, Any]:
    """Another connection, and one of each thing that an admin here must not touch there."""
    with cast.store.work() as work:
        sql = work.sql
        theirs = sql.execute(
            t.connections.insert().returning(t.connections.c.id),
            {
                "name": "globex",
                "kind": "moodle",
                "url": "https://globex.example",
                "site_name": "Globex",
                "token_sealed": cast.store.seal.close("token-of-globex"),
                "user_lms_id": 1,
                "functions": [],
                "created_at": cast.now,
            },
        ).scalar_one()
        its = {"connection_id": theirs}
        person = sql.execute(
            t.people.insert().returning(t.people.c.id), {**its, "lms_id": 1, "name": "Zoe Zane"}
        ).scalar_one()
        team = sql.execute(
            t.teams.insert().returning(t.teams.c.id), {**its, "lms_id": 1, "name": "Globex team"}
        ).scalar_one()
        sql.execute(t.leaders.insert(), {"team_id": team, "person_id": person})
        category = sql.execute(
            t.categories.insert().returning(t.categories.c.id), {**its, "lms_id": 1, "name": "Z"}
        ).scalar_one()
        everyone = Audience(AudienceKind.EVERYONE, theirs)
        outlet = outlets.add(work, theirs, "Theirs", "webhook", everyone, {"url": "https://z"}, "")
        uid, activity = "globexpost", t.activities
        ident = sql.execute(
            activity.insert().returning(activity.c.id),
            {
                "uid": uid,
                **its,
                "kind": "post",
                "audience": everyone.key,
                "text": "Said at Globex.",
                "published": cast.now,
                "updated": cast.now,
            },
        ).scalar_one()
        delivery = sql.execute(
            t.deliveries.insert().returning(t.deliveries.c.id),
            _dead(ident, outlet.id, cast),
        ).scalar_one()
        platform = work.lti.put(_platform(cast, theirs, "https://globex.example"))
    return {
        "zoe": person,
        "z_platform": platform.id,
        "z_team": team,
        "z_category": category,
        "z_outlet": outlet.id,
        "z_post": uid,
        "z_post_id": ident,
        "z_delivery": delivery,
    }


def _platform(cast: Cast, connection_id: int, site: str) -> Platform:
    return Platform(
        connection_id=connection_id,
        issuer=site,
        client_id="tool",
        auth_url=f"{site}/mod/lti/auth.php",
        keys_url=f"{site}/mod/lti/certs.php",
        token_url=f"{site}/mod/lti/token.php",
        typed=True,
        made_at=cast.now,
    )


def _dead(activity: int | None, outlet: int, cast: Cast) -> dict[str, Any]:
    return {
        "activity_id": activity,
        "outlet_id": outlet,
        "key": f"delivery-{activity}-{outlet}",
        "state": "dead",
        "wanted": 1,
        "pending": False,
        "due_at": cast.now,
    }


def _viewer(bridge: Bridge, person: int) -> Viewer:
    with bridge.store.reading() as work:
        return sessions.viewer_of(work, person)
