"""What a store holds of an LMS, said without anything that depends on when it was read.

Every row of every fact table, with the LMS's ids in the place of ours. Left out are:

- the times at which things were seen and read (``first_seen_at``, ``seen_at``, ``detailed_at``,
  ``reconciled_at``, ``unreadable_since``; of ``unjudged_since`` only whether it is set), runs and
  checkpoints, and what follows from them: ``history`` (old *when first seen*), ``renewals`` and
  ``dated_as`` (which states in between were seen, and by which strategy), ``checked``;
- the time of a completion that the LMS gives no time for, where the time it was seen stands in;
- what later rooms write into the rows: ``pending``, ``hidden``, ``announce``, ``answered_at``;
- what the LMS does not name any more: a course, a person, a discussion that is gone, a completion
  that was revoked, and all that hangs on them. Which of those a store has depends on when it
  looked: who came and went between two syncs was never there. What counts is that nothing of it
  is alive, and that is compared, since a row that is alive is in the dump;
- people whom no live enrolment, membership or discussion names: whether a store has ever heard of
  them depends on when it looked, too. So do completions of people who are not enrolled any more,
  which the LMS refuses to judge, and discussions of courses that are hidden, which are not read.

So a dump equals the dump of a store that read the same LMS once, at its ease, and everything that
anybody is shown by the bridge is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select

from bridge.storage import Store
from bridge.storage import tables as t

Rows = dict[tuple[Any, ...], dict[str, Any]]
Dump = dict[str, Rows]

_p, _c, _u, _m = t.people.c, t.courses.c, t.teams.c, t.memberships.c
_e, _k, _d, _g = t.enrolments.c, t.completions.c, t.discussions.c, t.categories.c

_LIVE_ENROLMENT = and_(_e.gone.is_(False), _c.gone.is_(False), _p.gone.is_(False))
_ENROLLED = t.enrolments.join(t.courses, _c.id == _e.course_id).join(
    t.people, _p.id == _e.person_id
)
_PERSON = [_p[name] for name in ("name", "username", "email", "photo_url", "timezone", "language")]
_PERSON += [_p.department, _p.suspended, _p.last_access_at]
_COURSE = [_c[name] for name in ("name", "short_name", "summary", "category_lms_id", "category")]
_COURSE += [_c[name] for name in ("url", "visible", "mandatory", "tracked", "self_enrol")]
_COURSE += [_c.starts_at, _c.ends_at]


@dataclass(frozen=True)
class Difference:
    """A row that two dumps do not agree on."""

    table: str
    key: tuple[Any, ...]
    here: Mapping[str, Any] | None
    there: Mapping[str, Any] | None

    def __str__(self) -> str:
        """For people to read: what only one of them has, or the fields that differ."""
        if self.here is None or self.there is None:
            return f"{self.table} {self.key}: {'only there' if self.here is None else 'only here'}"
        fields = ", ".join(
            f"{name} {value!r} / {self.there[name]!r}"
            for name, value in self.here.items()
            if value != self.there[name]
        )
        return f"{self.table} {self.key}: {fields}"


def dump(store: Store) -> Dump:
    """Everything that the store holds of an LMS and that the LMS still says."""
    with store.reading() as work:

        def rows(query: Select[Any], key: tuple[str, ...]) -> Rows:
            found = [dict(row._mapping) for row in work.sql.execute(query)]
            return {tuple(row[name] for name in key): row for row in found}

        people = rows(select(_p.lms_id, *_PERSON).where(_p.gone.is_(False)), ("lms_id",))
        facts = {
            "categories": rows(
                select(_g.lms_id, _g.name, _g.parent_lms_id, _g.path, _g.sort_order).where(
                    _g.gone.is_(False)
                ),
                ("lms_id",),
            ),
            "courses": rows(select(_c.lms_id, *_COURSE).where(_c.gone.is_(False)), ("lms_id",)),
            "teams": rows(
                select(_u.lms_id, _u.name, _u.id_number, _u.manager_lms_id, _u.visible).where(
                    _u.gone.is_(False)
                ),
                ("lms_id", "manager_lms_id"),
            ),
            "memberships": rows(
                select(
                    _u.lms_id.label("team"), _u.manager_lms_id, _p.lms_id.label("person")
                ).select_from(
                    t.memberships.join(t.teams, and_(_u.id == _m.team_id, _u.gone.is_(False))).join(
                        t.people, and_(_p.id == _m.person_id, _p.gone.is_(False))
                    )
                ),
                ("team", "manager_lms_id", "person"),
            ),
            "enrolments": rows(
                select(
                    _c.lms_id.label("course"),
                    _p.lms_id.label("person"),
                    _e.last_access_at,
                    _e.unjudged_since.is_not(None).label("unjudged"),
                )
                .select_from(_ENROLLED)
                .where(_LIVE_ENROLMENT),
                ("course", "person"),
            ),
            "completions": rows(
                select(
                    _c.lms_id.label("course"),
                    _p.lms_id.label("person"),
                    _k.dated,
                    _k.completed_at,
                )
                .select_from(
                    _ENROLLED.join(
                        t.completions,
                        and_(_k.course_id == _e.course_id, _k.person_id == _e.person_id),
                    )
                )
                .where(_LIVE_ENROLMENT, _k.revoked.is_(False)),
                ("course", "person"),
            ),
            "discussions": rows(
                select(
                    _d.lms_id,
                    _c.lms_id.label("course"),
                    _d.forum_lms_id,
                    _d.first_post_lms_id,
                    _p.lms_id.label("author"),
                    _d.title,
                    _d.text,
                    _d.url,
                    _d.created_at,
                    _d.modified_at,
                    _d.replies,
                    _d.ours,
                )
                .select_from(
                    t.discussions.join(t.courses, _c.id == _d.course_id).outerjoin(
                        t.people, _p.id == _d.author_id
                    )
                )
                .where(_d.gone.is_(False), _c.gone.is_(False), _c.visible.is_(True)),
                ("lms_id",),
            ),
        }
    for row in facts["completions"].values():
        if not row["dated"]:
            row["completed_at"] = None
    named = {
        row["person"] for name in ("enrolments", "memberships") for row in facts[name].values()
    }
    named |= {row["author"] for row in facts["discussions"].values()}
    return facts | {"people": {key: row for key, row in people.items() if key[0] in named}}


def differences(here: Dump, there: Dump) -> list[Difference]:
    """The rows that the two do not agree on."""
    return [
        Difference(table, key, here[table].get(key), there[table].get(key))
        for table in here
        for key in sorted(here[table].keys() | there[table].keys(), key=repr)
        if here[table].get(key) != there[table].get(key)
    ]
