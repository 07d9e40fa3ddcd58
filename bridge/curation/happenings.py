"""What happened in the feed, as something that a leader could share: made once, then read; pure.

Each signal of an activity has the name and the scale of the one of a course
(:mod:`bridge.curation.score`), so that the two stand in one order and the same weights rule them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import numpy as np
from scipy import sparse

from bridge.curation import score, weights
from bridge.curation.happening_memory import Recalled
from bridge.curation.ranking.text import between
from bridge.curation.shelf import Shelf
from bridge.model import AudienceKind, Kind
from bridge.storage.candidates import ANSWERS, PARTS, Happening
from bridge.visibility import FEW

COURSE, ACHIEVEMENT, DISCUSSION, VOICE = 0, 1, 2, 3
KINDS: Mapping[Kind, int] = {
    Kind.COMPLETION: ACHIEVEMENT,
    Kind.RENEWAL: ACHIEVEMENT,
    Kind.MILESTONE: ACHIEVEMENT,
    Kind.DISCUSSION: DISCUSSION,
    Kind.POST: VOICE,
    Kind.SHARE: VOICE,
}
"""Of each kind of activity a leader is suggested at most one a week."""

DAYS = 14
"""How old an activity may be."""

LATELY = 3
"""Days whose cheers and comments are its pace."""

HALF_LIFE = 3.0
"""Days after which what was said is half as fresh."""

APART = 2**40
"""What is added to the id of an activity, so that it is no course's."""


@dataclass(frozen=True)
class Told:
    """What was told in the last days, and what people said to it."""

    happenings: tuple[Happening, ...] = ()
    answers: np.ndarray = field(default_factory=lambda: np.empty(0, ANSWERS))
    parts: np.ndarray = field(default_factory=lambda: np.empty(0, PARTS))
    team_sizes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Sight:
    """Some leaders × all happenings."""

    reach: np.ndarray
    """How many of the leader's people may read it and have said nothing to it."""
    finished: np.ndarray
    """How many of them finished its course; 0 where it is of none."""
    parts: dict[str, np.ndarray]
    score: np.ndarray
    allowed: np.ndarray


class Board:
    """The happenings of a site with all that does not depend on who looks at them.

    Arrays of them have one number each, in the order of :attr:`items`; :attr:`ids`, :attr:`kinds`,
    :attr:`categories` and :attr:`alike` are of the courses and then of the happenings, from which a
    leader's week is chosen.
    """

    def __init__(self, shelf: Shelf, told: Told, leads: np.ndarray) -> None:
        site = shelf.site
        self.shelf = shelf
        self.items = told.happenings
        self.place = {item.id: place for place, item in enumerate(self.items)}
        self.column = np.array([shelf.place.get(i.course_id or 0, -1) for i in self.items], int)
        self.kind = np.array([KINDS[item.kind] for item in self.items], int)
        self.age = np.array([_days(item.published, site.today) for item in self.items], float)
        self._audiences(shelf, told.team_sizes, leads)
        self._answers(told.answers)
        self._people(told.parts)
        self.fresh = 0.5 ** (self.age / HALF_LIFE)
        self.momentum = _bursts(self.lately, self.kind)
        self.quality = _warmth(np.asarray(self.answered.sum(axis=0)).ravel(), self.size)
        self.words = _words(shelf, self.items)
        ids = np.array([item.id for item in self.items], np.int64) + APART
        self.ids = np.concatenate([shelf.ids, ids])
        self.kinds = np.concatenate([np.full(len(shelf.ids), COURSE), self.kind])
        last = int(shelf.categories.max(initial=-1))
        self.categories = np.concatenate([shelf.categories, last + self.kind])
        self.alike = self._likeness()

    def _audiences(self, shelf: Shelf, sizes: Mapping[int, int], leads: np.ndarray) -> None:
        site = shelf.site
        kinds = [item.audience.kind for item in self.items]
        self.everyone = np.array([kind is AudienceKind.EVERYONE for kind in kinds], bool)
        told_to = [item.audience.id for item in self.items]
        self.of_course = np.array(
            [
                shelf.place.get(ident, -1) if kind is AudienceKind.COURSE else -1
                for kind, ident in zip(kinds, told_to, strict=True)
            ],
            int,
        )
        teams = sorted({int(team) for team in leads["team"]})
        number = {team: place for place, team in enumerate(teams)}
        self.of_team = np.array(
            [
                number.get(ident, -1) if kind is AudienceKind.TEAM else -1
                for kind, ident in zip(kinds, told_to, strict=True)
            ],
            int,
        )
        rows = site.people_rows(leads["person"])
        columns = np.array([number[int(team)] for team in leads["team"]], int)
        known = rows >= 0
        self.teams = _ones(rows[known], columns[known], (len(site.people), len(teams)))
        """People × led teams."""
        self.led: dict[int, set[int]] = {}
        for leader, column in zip(leads["leader"].tolist(), columns.tolist(), strict=True):
            self.led.setdefault(leader, set()).add(column)
        self.size = np.array(
            [
                float(len(site.people))
                if kind is AudienceKind.EVERYONE
                else float(sizes.get(ident, 0))
                if kind is AudienceKind.TEAM
                else float(shelf.enrolled[shelf.place[ident]] if ident in shelf.place else 0)
                for kind, ident in zip(kinds, told_to, strict=True)
            ]
        )

    def _answers(self, answers: np.ndarray) -> None:
        site, shape = self.shelf.site, (len(self.shelf.site.people), len(self.items))
        where = np.array([self.place.get(int(a), -1) for a in answers["activity"]], int)
        rows = site.people_rows(answers["person"])
        known = (where >= 0) & (rows >= 0)
        where, rows, cheer = where[known], rows[known], answers["cheer"][known]
        today = site.today.toordinal() - date(1970, 1, 1).toordinal()
        recent = today - answers["at"][known] // 86_400 < LATELY
        self.answered = _ones(rows, where, shape)
        """People × happenings: who cheered or commented."""

        def count(which: np.ndarray) -> np.ndarray:
            one = _ones(rows[which], where[which], shape)
            return np.asarray(one.sum(axis=0), float).ravel()

        self.cheers, self.comments = count(cheer), count(~cheer)
        self.new_cheers, self.new_comments = count(cheer & recent), count(~cheer & recent)
        self.lately = self.new_cheers + self.new_comments

    def _people(self, parts: np.ndarray) -> None:
        """Who said it, or is named in it."""
        site, shape = self.shelf.site, (len(self.shelf.site.people), len(self.items))
        said = [(n, i.actor_id) for n, i in enumerate(self.items) if i.actor_id is not None]
        where = np.array([n for n, _ in said], int)
        rows = site.people_rows(np.array([person for _, person in said], np.int64))
        self.said_by = _ones(rows[rows >= 0], where[rows >= 0], shape)
        named = np.array([self.place.get(int(a), -1) for a in parts["activity"]], int)
        members = site.people_rows(parts["person"])
        known = (named >= 0) & (members >= 0)
        self.people = sparse.csr_array(
            self.said_by.maximum(_ones(members[known], named[known], shape))
        )

    def _likeness(self) -> sparse.csr_array:
        # One where two are of the same course, or the same person's.
        if not self.items:
            return self.shelf.alike
        place = np.flatnonzero(self.column >= 0)
        shape = (len(self.shelf.ids), len(self.items))
        of = _ones(self.column[place], place, shape)
        same = (of.T @ of + self.said_by.T @ self.said_by).tocsr()
        same.data = np.minimum(same.data, 1.0)
        return sparse.csr_array(sparse.block_array([[self.shelf.alike, of], [of.T, same]]))

    def seen_by(
        self,
        leaders: Sequence[int],
        group: sparse.csr_array,
        finished: np.ndarray,
        together: np.ndarray,
        own_finished: np.ndarray,
        own_enrolled: np.ndarray,
        recalled: Recalled,
    ) -> Sight:
        """Count, score and sift all happenings for some leaders.

        :param group: leaders × people. :param finished: leaders × courses, how many of them did.
        :param together: the signal of that name of leaders × courses.
        """
        site = self.shelf.site
        people = np.asarray(group.sum(axis=1), float).reshape(-1, 1)
        shape = (len(leaders), len(self.items))
        column, has = np.maximum(self.column, 0), self.column >= 0
        theirs_finished = np.where(has, finished[:, column], 0.0)
        inside, covered = self._inside(leaders, group, people, own_enrolled)
        quiet = np.maximum(inside - (group @ self.answered).toarray(), 0.0)
        by_words = np.minimum((self.words @ (finished / np.maximum(people, 1.0)).T).T, 1.0)
        theirs = (group @ self.people).toarray() > 0
        own = np.where(has, np.maximum(own_finished, 0.4 * own_enrolled)[:, column], 0.0)
        liking = score.liking(recalled.shared[:, self.kind], recalled.dismissed[:, self.kind])
        signals = {
            "together": np.where(has, together[:, column], by_words),
            "momentum": np.tile(self.momentum, (shape[0], 1)),
            "reach": quiet / np.maximum(people, 1.0),
            "timely": np.tile(self.fresh, (shape[0], 1)),
            "quality": np.tile(self.quality, (shape[0], 1)),
            "yours": 0.5 * own + 0.3 * (theirs | (self.of_team >= 0)) + 0.2 * liking,
        }
        parts = score.blend(signals, self.shelf.foresight.pull)
        total = sum(parts.values(), np.zeros(shape))
        total += weights.PUT_OFF * (recalled.put_off > 0) - weights.UNHEEDED * recalled.unheeded
        # Nobody passes on their own words, or thanks themselves.
        behalf = np.array([item.behalf_of_id or 0 for item in self.items], np.int64)
        who = np.array(leaders, np.int64)
        others = (self.people[site.people_rows(who)].toarray() == 0) & (
            behalf != who[:, np.newaxis]
        )
        allowed = covered & others & (quiet > 0) & ~recalled.resting
        return Sight(quiet, theirs_finished, parts, total, allowed)

    def _inside(
        self,
        leaders: Sequence[int],
        group: sparse.csr_array,
        people: np.ndarray,
        own_enrolled: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """How many of each leader's people are of the audience; whether the leader may see it, and
        may share it with an audience that it covers."""
        in_teams = (group @ self.teams).toarray()
        in_courses = (group @ self.shelf.site.enrolled).toarray()
        team, course = np.maximum(self.of_team, 0), np.maximum(self.of_course, 0)
        of_team, of_course = self.of_team >= 0, self.of_course >= 0
        leads = np.zeros((len(leaders), self.teams.shape[1]), bool)
        for row, leader in enumerate(leaders):
            leads[row, sorted(self.led.get(leader, ()))] = True
        inside = np.where(self.everyone, people, 0.0)
        if in_teams.shape[1]:
            inside = np.where(of_team, in_teams[:, team], inside)
            covered = self.everyone | (of_team & leads[:, team])
        else:
            covered = np.tile(self.everyone, (len(leaders), 1))
        inside = np.where(of_course, in_courses[:, course], inside)
        enough = inside >= np.minimum(float(FEW), people / 2)
        return inside, covered | (of_course & (own_enrolled[:, course] > 0) & enough)


def _days(moment: datetime, today: date) -> int:
    # Of what bears a date to come: none.
    return max((today - moment.astimezone(UTC).date()).days, 0)


def _ones(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_array:
    found = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape)
    found.sum_duplicates()
    found.data[:] = 1.0
    return found


def _bursts(lately: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """How far the last days' cheers and comments are above the usual of its kind: a difference of
    Poisson counts, as in :func:`bridge.curation.score.momentum`."""
    usual = np.zeros(len(lately))
    for one in (ACHIEVEMENT, DISCUSSION, VOICE):
        its = kind == one
        usual[its] = lately[its].mean() if its.any() else 0.0
    z = np.maximum(lately - usual, 0.0) / np.sqrt(usual + 1.0)
    return np.asarray(z / (z + 2.0))


def _warmth(answered: np.ndarray, size: np.ndarray) -> np.ndarray:
    """People who cheered or commented per person of the audience, drawn towards the site's own
    rate as :func:`bridge.curation.score.quality` is; at that rate it is one half."""
    return score.against_usual(answered, np.maximum(size, answered))


def _words(shelf: Shelf, items: Iterable[Happening]) -> sparse.csr_array:
    """Happenings × courses: how alike the words of those that tell of no course are to courses."""
    texts = [item.text if item.course_id is None else "" for item in items]
    shape = (len(texts), len(shelf.ids))
    places = [place for place, text in enumerate(texts) if text]
    if not places:
        return sparse.csr_array(shape)
    courses = [f"{c.name} {c.category} {c.summary}" for c in shelf.site.courses]
    found = sparse.coo_array(between([texts[place] for place in places], courses))
    row, column = found.coords
    return sparse.csr_array((found.data, (np.array(places)[row], column)), shape)
