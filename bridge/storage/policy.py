"""The course policy: the admin's words beside those on categories, and what they go by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import and_, func, select

from bridge.errors import NotFound
from bridge.model import Quiet, Rule, RulePolicy, TagPolicy
from bridge.storage import tables as t
from bridge.storage.statements import chunks, put

TAG, RULE = "tag", "rule"


@dataclass(frozen=True)
class Said:
    """The admin's words; ``read`` are the tags that are read, with or without a word on them."""

    tags: Mapping[str, bool]
    rules: Mapping[Rule, bool]
    read: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """A course with all that its policy goes by; ``id`` is ours."""

    id: int
    category_lms_id: int | None
    tags: tuple[str, ...]
    rule: Rule | None
    quiet: Quiet | None
    mandatory: bool


class PolicyRepository:
    """Reads and writes ``policy_words`` and ``course_tags``, and what a course's policy is."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def words(self, connection_id: int) -> Said:
        """What the admin said of tags and of what completes courses."""
        w = t.policy_words.c
        rows = self.sql.execute(
            select(t.policy_words).where(w.connection_id == connection_id).order_by(w.name)
        ).all()
        return Said(
            tags={r.name: r.announce for r in rows if r.kind == TAG and r.announce is not None},
            rules={Rule(r.name): r.announce for r in rows if r.kind == RULE},
            read=tuple(r.name for r in rows if r.kind == TAG),
        )

    def set_tag(self, connection_id: int, tag: str, announce: bool | None) -> None:
        """The admin's word on a tag; ``None``: it is read, and decides nothing."""
        self._set(connection_id, TAG, tag, announce)

    def set_rule(self, connection_id: int, rule: Rule, announce: bool | None) -> None:
        """The admin's word on what completes courses; ``None`` takes it back."""
        if announce is not None:
            self._set(connection_id, RULE, rule.value, announce)
            return
        w = t.policy_words.c
        self.sql.execute(
            t.policy_words.delete().where(
                w.connection_id == connection_id, w.kind == RULE, w.name == rule.value
            )
        )

    def drop(self, connection_id: int, kind: str, name: str) -> None:
        """Take a word back, and with a tag which courses carry it.

        :raises NotFound: if there is no such word.
        """
        w, g, c = t.policy_words.c, t.course_tags.c, t.courses.c
        found = self.sql.execute(
            t.policy_words.delete().where(
                w.connection_id == connection_id, w.kind == kind, w.name == name
            )
        )
        if not found.rowcount:
            raise NotFound("That tag is not read.", "Reload the page to see those that are.")
        ours = select(c.id).where(c.connection_id == connection_id)
        self.sql.execute(t.course_tags.delete().where(g.tag == name, g.course_id.in_(ours)))

    def put_tagged(self, connection_id: int, tag: str, lms_ids: Sequence[int]) -> bool:
        """Make exactly these courses, by LMS id, carry the tag; whether that changed anything."""
        g, c = t.course_tags.c, t.courses.c
        wanted: set[int] = set()
        for some in chunks(sorted(set(lms_ids))):
            rows = self.sql.execute(
                select(c.id).where(c.connection_id == connection_id, c.lms_id.in_(some))
            )
            wanted |= set(rows.scalars())
        before = set(
            self.sql.execute(
                select(g.course_id)
                .join(t.courses, c.id == g.course_id)
                .where(c.connection_id == connection_id, g.tag == tag)
            ).scalars()
        )
        put(
            self.sql,
            t.course_tags,
            [{"course_id": ident, "tag": tag} for ident in sorted(wanted - before)],
            ["course_id", "tag"],
            [],
        )
        for some in chunks(sorted(before - wanted)):
            self.sql.execute(t.course_tags.delete().where(g.tag == tag, g.course_id.in_(some)))
        return wanted != before

    def courses(self, connection_id: int) -> list[Standing]:
        """Every course that is there, with what its policy goes by."""
        c, g = t.courses.c, t.course_tags.c
        tags: dict[int, list[str]] = defaultdict(list)
        for row in self.sql.execute(
            select(t.course_tags)
            .join(t.courses, c.id == g.course_id)
            .where(c.connection_id == connection_id)
        ):
            tags[row.course_id].append(row.tag)
        rows = self.sql.execute(
            select(c.id, c.category_lms_id, c.rule, c.quiet, c.mandatory)
            .where(c.connection_id == connection_id, c.gone.is_(False))
            .order_by(c.id)
        )
        return [
            Standing(
                row.id,
                row.category_lms_id,
                tuple(tags.get(row.id, ())),
                Rule(row.rule) if row.rule else None,
                Quiet(row.quiet) if row.quiet else None,
                row.mandatory,
            )
            for row in rows
        ]

    def learn(self, rules: Mapping[int, Rule]) -> bool:
        """Keep what completes these courses, by our ids; whether that changed anything."""
        c = t.courses.c
        changed = False
        for some in chunks(sorted(rules)):
            rows = self.sql.execute(select(c.id, c.rule).where(c.id.in_(some))).all()
            for row in rows:
                if row.rule != rules[row.id].value:
                    changed = True
                    self.sql.execute(
                        t.courses.update().where(c.id == row.id).values(rule=rules[row.id].value)
                    )
        return changed

    def set_quiet(self, course_ids: Sequence[int], why: Quiet | None) -> None:
        """These courses are announced (``None``), or not, and why; the feed looks at them."""
        for some in chunks(course_ids):
            self.sql.execute(
                t.courses.update()
                .where(t.courses.c.id.in_(some))
                .values(quiet=why or "", mandatory=why is not None, pending=True)
            )

    # --- what a page shows ---------------------------------------------------------------------

    def tag_policies(self, connection_id: int) -> list[TagPolicy]:
        """Every tag that is read, with the number of courses that carry it."""
        w, g, c = t.policy_words.c, t.course_tags.c, t.courses.c
        rows = self.sql.execute(
            select(
                w.name,
                w.announce,
                func.count(c.id).label("courses"),
                func.count(c.id).filter(c.mandatory.is_(True)).label("quiet"),
            )
            .select_from(t.policy_words)
            .outerjoin(t.course_tags, g.tag == w.name)
            .outerjoin(
                t.courses,
                and_(
                    c.id == g.course_id,
                    c.connection_id == w.connection_id,
                    c.gone.is_(False),
                ),
            )
            .where(w.connection_id == connection_id, w.kind == TAG)
            .group_by(w.name, w.announce)
            .order_by(w.name)
        )
        return [TagPolicy(**row._mapping) for row in rows]

    def rule_policies(self, connection_id: int) -> list[RulePolicy]:
        """Each way of completing a course, with the number of courses that are completed so."""
        said, c = self.words(connection_id).rules, t.courses.c
        counts = {
            row.rule: row
            for row in self.sql.execute(
                select(
                    c.rule,
                    func.count().label("courses"),
                    func.count(c.id).filter(c.mandatory.is_(True)).label("quiet"),
                )
                .where(c.connection_id == connection_id, c.gone.is_(False))
                .group_by(c.rule)
            )
        }
        found = []
        for rule in Rule:
            row = counts.get(rule.value)
            courses, quiet = (row.courses, row.quiet) if row else (0, 0)
            found.append(RulePolicy(rule, said.get(rule), courses, quiet))
        return found

    def _set(self, connection_id: int, kind: str, name: str, announce: bool | None) -> None:
        row = {"connection_id": connection_id, "kind": kind, "name": name, "announce": announce}
        put(self.sql, t.policy_words, [row], ["connection_id", "kind", "name"])
