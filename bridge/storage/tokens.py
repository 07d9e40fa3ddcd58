"""What is kept of tokens: of sign-in links, sessions and private feed addresses. Only hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Select, func, or_, select

from bridge.model import Person
from bridge.storage import tables as t
from bridge.storage.rows import columns, entity
from bridge.storage.setups import is_set_up


@dataclass(frozen=True)
class SignInLink:
    """A sign-in link, without its token."""

    token_hash: str
    person_id: int
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True)
class OpenSession:
    """A session that is open, without its token."""

    token_hash: str
    started_at: datetime
    browser: str
    """The kind of browser, in words; may be empty."""

    @property
    def handle(self) -> str:
        """What stands for it on its person's own page; it opens nothing."""
        return self.token_hash[:16]


@dataclass(frozen=True)
class Asking:
    """What somebody typed who wants to come in."""

    said: str
    asked_at: datetime
    next: str
    """The page that they wanted to see."""


@dataclass(frozen=True)
class FeedLink:
    """A private feed address that is in use, without its token."""

    token_hash: str
    person_id: int
    name: str
    """What its person calls it: the app that reads it."""
    made_at: datetime
    used_at: datetime | None = None
    """When it was last read, to the hour."""

    @property
    def handle(self) -> str:
        """What stands for it on its person's own page; it opens nothing."""
        return self.token_hash[:16]


class Tokens:
    """Keeps hashes of tokens and whose they are."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- sign-in links -------------------------------------------------------------------------

    def add_link(self, link: SignInLink) -> None:
        """Keep a link."""
        row = {
            "token_hash": link.token_hash,
            "person_id": link.person_id,
            "issued_at": link.issued_at,
            "expires_at": link.expires_at,
        }
        self.sql.execute(t.sign_in_links.insert(), row)

    def link(self, token_hash: str) -> SignInLink | None:
        """The link, used or not."""
        links = t.sign_in_links
        row = self.sql.execute(select(links).where(links.c.token_hash == token_hash)).first()
        return None if row is None else SignInLink(**row._mapping)

    def use_link(self, token_hash: str, now: datetime) -> int | None:
        """Use the link up, and whose it is; ``None`` if it cannot be used (any more)."""
        links = t.sign_in_links
        used = self.sql.execute(
            links.update()
            .where(
                links.c.token_hash == token_hash,
                links.c.used_at.is_(None),
                links.c.expires_at > now,
            )
            .values(used_at=now)
            .returning(links.c.person_id)
        )
        return used.scalar_one_or_none()

    def forget_links(self, person_id: int, before: datetime) -> None:
        """Delete the person's links that expired before then."""
        links = t.sign_in_links
        self.sql.execute(
            links.delete().where(links.c.person_id == person_id, links.c.expires_at < before)
        )

    def drop_link(self, token_hash: str) -> None:
        """Delete a link that nobody got."""
        links = t.sign_in_links
        self.sql.execute(links.delete().where(links.c.token_hash == token_hash))

    def links_since(self, person_id: int, since: datetime) -> int:
        """How many links were made for the person since then."""
        links = t.sign_in_links.c
        return self.sql.execute(
            select(func.count()).where(links.person_id == person_id, links.issued_at > since)
        ).scalar_one()

    # --- who asks to come in -------------------------------------------------------------------

    def ask(self, said: str, now: datetime, next: str) -> None:
        """Keep what somebody typed, and the page that they wanted to see."""
        self.sql.execute(t.sign_in_requests.insert(), {"said": said, "asked_at": now, "next": next})

    def anybody_asks(self) -> bool:
        """Whether anything was typed that nobody has looked at."""
        return self.sql.execute(select(t.sign_in_requests.c.id).limit(1)).first() is not None

    def next_asking(self) -> Asking | None:
        """The oldest of what was typed; it is kept no longer. Of two who take it, one gets it."""
        asked = t.sign_in_requests
        oldest = select(asked.c.id).order_by(asked.c.id).limit(1)
        if self.sql.dialect.name == "postgresql":
            oldest = oldest.with_for_update(skip_locked=True)
        row = self.sql.execute(
            asked.delete()
            .where(asked.c.id.in_(oldest.scalar_subquery()))
            .returning(asked.c.said, asked.c.asked_at, asked.c.next)
        ).first()
        return None if row is None else Asking(*row)

    def known_as(self, said: str, most: int) -> tuple[Person, ...]:
        """People, neither suspended nor gone, of that e-mail address or user name.

        Before a connection is set up nobody of it is known.
        """
        p, wanted = t.people, said.lower()
        rows = self.sql.execute(
            select(*columns(p, Person))
            .where(
                or_(func.lower(p.c.email) == wanted, func.lower(p.c.username) == wanted),
                p.c.suspended.is_(False),
                p.c.gone.is_(False),
                is_set_up(p.c.connection_id),
            )
            .order_by(p.c.id)
            .limit(most)
        )
        return tuple(entity(Person, row) for row in rows)

    # --- sessions ------------------------------------------------------------------------------

    def add_session(
        self,
        token_hash: str,
        person_id: int,
        now: datetime,
        expires_at: datetime,
        browser: str,
        platform_id: int | None,
    ) -> None:
        """Keep a session."""
        row = {
            "token_hash": token_hash,
            "person_id": person_id,
            "started_at": now,
            "expires_at": expires_at,
            "browser": browser,
            "platform_id": platform_id,
        }
        self.sql.execute(t.sessions.insert(), row)

    def end_sessions_from(self, platform_id: int, now: datetime) -> None:
        """End every open session that began at an LTI platform."""
        s = t.sessions
        self.sql.execute(
            s.update()
            .where(s.c.platform_id == platform_id, s.c.ended_at.is_(None))
            .values(ended_at=now)
        )

    def open_sessions(self, person_id: int, now: datetime) -> tuple[OpenSession, ...]:
        """The person's open sessions, the newest first."""
        s = t.sessions.c
        rows = self.sql.execute(
            select(s.token_hash, s.started_at, s.browser)
            .where(s.person_id == person_id, s.ended_at.is_(None), s.expires_at > now)
            .order_by(s.started_at.desc(), s.token_hash)
        )
        return tuple(OpenSession(*row) for row in rows)

    def end_session(self, token_hash: str, now: datetime) -> None:
        """End the session, if it is open."""
        s = t.sessions
        self.sql.execute(
            s.update()
            .where(s.c.token_hash == token_hash, s.c.ended_at.is_(None))
            .values(ended_at=now)
        )

    def end_sessions(self, person_id: int, now: datetime, handle: str = "") -> None:
        """End every open session of the person, or the one of that handle."""
        s = t.sessions
        one = [s.c.token_hash.startswith(handle, autoescape=True)] if handle else []
        self.sql.execute(
            s.update()
            .where(s.c.person_id == person_id, s.c.ended_at.is_(None), *one)
            .values(ended_at=now)
        )

    def forget_sessions(self, person_id: int, before: datetime) -> None:
        """Delete the person's sessions that expired before then."""
        s = t.sessions
        self.sql.execute(s.delete().where(s.c.person_id == person_id, s.c.expires_at < before))

    # --- private feed addresses ----------------------------------------------------------------

    def add_feed_link(self, token_hash: str, person_id: int, name: str, now: datetime) -> None:
        """Keep a private feed address."""
        row = {"token_hash": token_hash, "person_id": person_id, "name": name, "made_at": now}
        self.sql.execute(t.feed_links.insert(), row)

    def feed_link(self, token_hash: str) -> FeedLink | None:
        """The address, if it is in use and the person is neither suspended nor gone."""
        links, p = t.feed_links, t.people
        row = self.sql.execute(
            _feed_links()
            .join(p, p.c.id == links.c.person_id)
            .where(links.c.token_hash == token_hash, p.c.suspended.is_(False), p.c.gone.is_(False))
        ).first()
        return None if row is None else FeedLink(*row)

    def feed_links(self, person_id: int) -> tuple[FeedLink, ...]:
        """The person's addresses that are in use, newest first."""
        links = t.feed_links.c
        rows = self.sql.execute(
            _feed_links()
            .where(links.person_id == person_id)
            .order_by(links.made_at.desc(), links.token_hash)
        )
        return tuple(FeedLink(*row) for row in rows)

    def use_feed_link(self, token_hash: str, now: datetime) -> None:
        """Keep when the address was last read."""
        links = t.feed_links
        self.sql.execute(links.update().where(links.c.token_hash == token_hash).values(used_at=now))

    def revoke_feed_links(self, person_id: int, now: datetime, handle: str = "") -> None:
        """Make the person's addresses useless, or the one of that handle."""
        links = t.feed_links
        one = [links.c.token_hash.startswith(handle, autoescape=True)] if handle else []
        self.sql.execute(
            links.update()
            .where(links.c.person_id == person_id, links.c.revoked_at.is_(None), *one)
            .values(revoked_at=now)
        )


def _feed_links() -> Select[Any]:
    links = t.feed_links.c
    return select(
        links.token_hash, links.person_id, links.name, links.made_at, links.used_at
    ).where(links.revoked_at.is_(None))
