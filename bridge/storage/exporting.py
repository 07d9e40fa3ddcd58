"""Everything that is kept of one person, section by section, in words that they understand.

A section is one statement. The tests walk the tables: each column that refers to a person stands
either with a section (``of``) or in :data:`LEFT_OUT` with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Select, select

from bridge.model import Person, PushState
from bridge.storage import kept_facts, kept_talk
from bridge.storage import tables as t
from bridge.storage.erased import actors_of


@dataclass(frozen=True)
class Section:
    """One kind of thing that is kept of a person."""

    title: str
    says: str
    of: tuple[str, ...]
    """The columns (``table.column``) by which it is theirs."""
    query: Callable[[Person], Select[Any]]


LEFT_OUT: dict[str, str] = {
    "notices.actor_id": "a notice is of whom it is for; what they did stands with what they did",
    "moderations.moderator_id": "in the log of what they did, with the others' words left out",
    "audit.person_id": "exported by its own section, which has no foreign key",
}
"""Columns that refer to a person and are not exported as they stand: why."""


SECTIONS: tuple[Section, ...] = (
    Section("The person", "What the LMS says of them.", ("people",), kept_facts.person),
    Section("The choice", "Who may see their name.", ("consents.person_id",), kept_facts.choice),
    Section("Choices over time", "", ("consent_log.person_id",), kept_facts.choices),
    Section("Teams", "Where they belong.", ("memberships.person_id",), kept_facts.teams),
    Section("Teams they lead", "", ("leaders.person_id",), kept_facts.leads),
    Section("Who helps them lead", "", ("delegates.leader_id",), kept_facts.helpers),
    Section("Whom they help to lead", "", ("delegates.person_id",), kept_facts.helps),
    Section("Roles", "What they may do here.", ("roles.person_id",), kept_facts.roles),
    Section("Courses", "Where the LMS has them.", ("enrolments.person_id",), kept_facts.courses),
    Section("What they finished", "", ("completions.person_id",), kept_facts.completions),
    Section("What they asked in the LMS", "", ("discussions.author_id",), kept_facts.discussions),
    Section("Where they are named", "", ("activity_members.person_id",), kept_talk.named),
    Section(
        "What they wrote here",
        "Posts, shares and answers, those in their name by a delegate too.",
        ("activities.actor_id", "activities.behalf_of_id"),
        kept_talk.wrote,
    ),
    Section(
        "How they had put it before", "Kept for a while after an edit.", (), kept_talk.earlier_words
    ),
    Section("Comments", "", ("comments.person_id",), kept_talk.comments),
    Section("Cheers", "", ("reactions.person_id",), kept_talk.cheers),
    Section("Where they are mentioned", "", ("mentions.person_id",), kept_talk.mentions),
    Section("What they reported", "", ("reports.reporter_id",), kept_talk.reports),
    Section("What moderators decided", "", ("moderations.author_id",), kept_talk.moderated),
    Section(
        "What stands at outlets",
        "Each item that names them, outlet by outlet.",
        (),
        kept_talk.outlets,
    ),
    Section("What they took back", "", ("withdrawals.person_id",), kept_talk.taken_back),
    Section("What was suggested to them", "", ("suggestions.leader_id",), kept_facts.suggestions),
    Section("What they mean to share", "", ("plans.leader_id",), kept_facts.plans),
    Section("What they prepared for others", "", ("plans.by_id",), kept_facts.prepared),
    Section(
        "Shares they opened",
        "Kept for a while to be counted; nobody is told who it was.",
        ("opens.person_id",),
        kept_talk.opened,
    ),
    Section("Days on which they came", "", ("presence.person_id",), kept_facts.days),
    Section("Topics they follow", "", ("follows.person_id",), kept_talk.follows),
    Section("Notices they got", "", ("notices.person_id",), kept_talk.notices),
    Section("Letters about notices", "", ("notice_letters.person_id",), kept_talk.notice_letters),
    Section("The weekly note", "", ("leader_notes.person_id",), kept_talk.leader_note),
    Section("How far they have read", "", ("reading_places.person_id",), kept_facts.read_to),
    Section("Sign-in links", "", ("sign_in_links.person_id",), kept_facts.links),
    Section("Sessions", "", ("sessions.person_id",), kept_facts.sessions),
    Section("Private feed addresses", "", ("feed_links.person_id",), kept_facts.feeds),
    Section(
        "Who they are to a sign-in provider", "", ("oidc_subjects.person_id",), kept_facts.subjects
    ),
    Section("API tokens", "", ("api_tokens.person_id",), kept_facts.tokens),
    Section(
        "What programs did for them",
        "Kept for a day, so that what is sent twice is done once.",
        ("api_answers.person_id",),
        kept_facts.answers,
    ),
    Section("Letters they ended", "", ("outlet_unsubscribed.address",), kept_facts.letters),
    Section(
        "The log", "What they did with rights, and what was done for them.", (), kept_facts.log
    ),
)


class ExportRepository:
    """Reads everything that is kept of a person."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def sections(self, person: Person) -> list[tuple[Section, list[dict[str, Any]]]]:
        """Each section with its rows, empty ones too."""
        return [
            (section, [dict(row._mapping) for row in self.sql.execute(section.query(person))])
            for section in SECTIONS
        ]

    def statements(self, person: Person) -> list[dict[str, Any]]:
        """What was pushed about the person by xAPI and waits to be matched."""
        s = t.xapi_statements.c
        names = {(actor.by.value, actor.value) for actor in actors_of(person)}
        query = select(s.fact, s.received_at, s.reason).where(
            s.connection_id == person.connection_id, s.state == PushState.WAITING.value
        )
        return [
            {"came": row.received_at, "by": row.fact["by"], "why it waits": row.reason}
            for row in self.sql.execute(query.order_by(s.received_at))
            if (row.fact.get("by"), str(row.fact.get("who"))) in names
        ]

    def letters(self, person: Person) -> list[dict[str, Any]]:
        """The outlets that write to the person's address."""
        o, address = t.outlets.c, (person.email or "").lower()
        rows = self.sql.execute(
            select(o.name, o.settings).where(o.connection_id == person.connection_id)
        )
        return [
            {"outlet": row.name, "address": address}
            for row in rows
            if address and address in [str(one).lower() for one in row.settings.get("to") or ()]
        ]
