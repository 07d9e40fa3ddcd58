"""This week's suggestions for every leader, from the site and what was decided before; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy import sparse

from bridge.curation import choose, occasion, score, weights
from bridge.curation.figures import Anchor, Figures
from bridge.curation.happening_memory import Recalled, recall
from bridge.curation.happenings import KINDS, Board, Sight, Told
from bridge.curation.memory import Memory, by_leader, remember
from bridge.curation.occasion import Occasion
from bridge.curation.plan import Wanted, kept
from bridge.curation.prompts import prompt, prompt_about, ways
from bridge.curation.reasons import reasons
from bridge.curation.shelf import Shelf
from bridge.curation.site import USUAL_WEEKS, Site, day_of, groups
from bridge.model import AudienceKind
from bridge.storage.candidates import Happening
from bridge.storage.curation import Decided, StoredSuggestion

BLOCK = 128
"""Leaders at a time: so many rows of all courses are a few megabytes a signal."""

SETTLING = 4
"""How often a choice is made again with what it chose as this week's, until it chooses the same:
then a second refresh with the same data finds everything as it should be."""

NEWS = 0.25
"""How timely a course must be to be worth a word if nobody has finished it yet."""


@dataclass(frozen=True)
class Block:
    """Some leaders × all courses: the counts, what was decided, and the score."""

    leaders: Sequence[int]
    people: np.ndarray
    """How many people each leader has."""
    finished: np.ndarray
    lately: np.ndarray
    """What each course has of what they finished, the latest of a person counting most."""
    recently: np.ndarray
    in_it: np.ndarray
    could: np.ndarray
    own_finished: np.ndarray
    own_enrolled: np.ndarray
    own_at: np.ndarray
    questions: np.ndarray
    memory: Memory
    together: np.ndarray
    """The signal of that name."""
    parts: dict[str, np.ndarray]
    """What each signal adds to the score."""
    score: np.ndarray
    allowed: np.ndarray


@dataclass(frozen=True)
class View:
    """Some leaders × all courses and happenings."""

    board: Board
    block: Block
    sight: Sight
    recalled: Recalled


NOTHING_TOLD = Told()


def compose(
    site: Site,
    leaders: Sequence[int],
    leads: np.ndarray,
    decided: Sequence[Decided],
    stored: Sequence[StoredSuggestion],
    week: date,
    told: Told = NOTHING_TOLD,
    there: Container[int] = (),
) -> Iterator[Wanted]:
    """The open suggestions that are to stand in that week, leader by leader, best first.

    What the week's suggestions have decided already stays and counts towards the three.

    :param told: what was told in the feed in the last days.
    :param there: of the activities that are suggested already, those that are still there.
    """
    if not site.courses or not leaders:
        return
    shelf = Shelf(site)
    board = Board(shelf, told, leads)
    group = groups(site, leaders, leads)
    past = by_leader(decided)
    standing: dict[int, list[StoredSuggestion]] = defaultdict(list)
    for suggestion in stored:
        standing[suggestion.leader_id].append(suggestion)
    teams = _teams(site, leads)
    for start in range(0, len(leaders), BLOCK):
        some = leaders[start : start + BLOCK]
        memory = remember(past, some, shelf.place, shelf.categories, site.today, week)
        theirs = group[start : start + BLOCK]
        block = measure(shelf, some, theirs, memory)
        recalled = recall(past, some, board.place, KINDS, week)
        sight = board.seen_by(
            some,
            theirs,
            block.finished,
            block.together,
            block.own_finished,
            block.own_enrolled,
            recalled,
        )
        view = View(board, block, sight, recalled)
        for row, leader in enumerate(some):
            yield from _for_leader(view, row, standing[leader], teams[leader], week, there)


def measure(shelf: Shelf, leaders: Sequence[int], group: sparse.csr_array, memory: Memory) -> Block:
    """Count, score and sift all courses for some leaders.

    :param group: leaders × people.
    """
    site = shelf.site

    def count(matrix: sparse.csr_array) -> np.ndarray:
        return np.asarray((group @ matrix).toarray())

    people = np.asarray(group.sum(axis=1), float).ravel()
    finished, in_it = count(site.finished), count(shelf.in_it)
    could = choose.could_take(finished, in_it, people, shelf.enterable)
    themselves = site.people_rows(np.array(leaders, np.int64))
    own_finished = site.finished[themselves].toarray()
    own_enrolled = site.enrolled[themselves].toarray()
    # Never wider than the LMS: only who is in the course knows what is asked there.
    questions = count(site.asked) * own_enrolled
    usual = count(site.usual) / USUAL_WEEKS
    theirs = score.momentum(count(site.week), count(site.before), usual)
    foresight = shelf.foresight
    lately = count(foresight.lately)
    signals = {
        "together": score.special(foresight.of(finished, lately), foresight.usual),
        "momentum": score.pace(theirs, shelf.momentum, foresight.fashion),
        "reach": score.reach(could, people),
        "timely": np.tile(shelf.timely, (len(leaders), 1)),
        "quality": np.tile(shelf.quality, (len(leaders), 1)),
        "yours": score.yours(
            own_finished, own_enrolled, questions, score.liking(memory.shared, memory.dismissed)
        ),
    }
    parts = score.blend(signals, foresight.pull)
    total = sum(parts.values(), np.zeros_like(finished))
    total += weights.PUT_OFF * (memory.put_off > 0) - weights.UNHEEDED * memory.unheeded
    known = (shelf.finished > 0) | (shelf.timely >= NEWS)
    worth = known | (in_it > 0) | (own_enrolled > 0) | (questions > 0)
    allowed = shelf.open & worth & choose.eligible(finished, could, people) & ~memory.resting
    return Block(
        leaders=leaders,
        people=people,
        finished=finished,
        lately=lately,
        recently=count(site.recent),
        in_it=in_it,
        could=could,
        own_finished=own_finished,
        own_enrolled=own_enrolled,
        own_at=site.finished_at[themselves].toarray(),
        questions=questions,
        memory=memory,
        together=signals["together"],
        parts=parts,
        score=total,
        allowed=allowed,
    )


def _for_leader(
    view: View,
    row: int,
    stored: Sequence[StoredSuggestion],
    teams: Sequence[tuple[int, np.ndarray]],
    week: date,
    there: Container[int],
) -> Iterator[Wanted]:
    board, block = view.board, view.block
    shelf, leader = board.shelf, block.leaders[row]
    courses = len(shelf.ids)
    score = np.concatenate([block.score[row], view.sight.score[row]])

    def columns(some: Iterable[StoredSuggestion]) -> list[int]:
        known = [shelf.place[s.course_id] for s in some if s.course_id in shelf.place]
        return known + [
            courses + board.place[s.about_id] for s in some if s.about_id in board.place
        ]

    stay = [s for s in stored if kept(s, shelf.place, there)]
    taken = columns(stay)
    allowed = np.concatenate([block.allowed[row], view.sight.allowed[row]])
    allowed[taken] = False
    places = [p for p in range(choose.A_WEEK) if p not in {s.position for s in stay}]
    standing = set(columns(stored))
    chosen: list[int] = []
    for _ in range(SETTLING):
        chosen = choose.pick(
            leader,
            week,
            score,
            allowed,
            taken,
            standing,
            board.ids,
            board.categories,
            board.alike,
            choose.A_WEEK - len(stay),
            board.kinds,
        )
        if standing == set(chosen):
            break
        standing = set(chosen)
    chosen = choose.best_first(leader, week, chosen, score, board.ids)
    turn = leader + week.toordinal() // 7
    for position, column in zip(places, chosen, strict=False):
        worth = round(float(score[column]), 4)
        if column < courses:
            found = figures(shelf, block, row, column)
            yield Wanted(
                leader_id=leader,
                course_id=int(shelf.ids[column]),
                team_id=_team(shelf, column, teams),
                position=position,
                score=worth,
                reasons={**reasons(found).plain(), "ways": ways(found, turn + found.course.id)},
                prompt=prompt(found, turn + found.course.id),
            )
            continue
        happening = board.items[column - courses]
        yield Wanted(
            leader_id=leader,
            course_id=None,
            team_id=_team_of(happening, teams),
            position=position,
            score=worth,
            reasons=occasion.reasons(_occasion(view, row, column - courses)).plain(),
            prompt=prompt_about(happening.kind, turn + happening.id),
            about_id=happening.id,
        )


def _occasion(view: View, row: int, place: int) -> Occasion:
    """The numbers behind one activity for one leader."""
    board, block, sight = view.board, view.block, view.sight
    site, column = board.shelf.site, int(board.column[place])
    at = (row, place)
    course = site.courses[column] if column >= 0 else None
    own = block.own_at[row, column] if course else 0
    put_off = int(view.recalled.put_off[at])
    return Occasion(
        happening=board.items[place],
        today=site.today,
        days=int(board.age[place]),
        people=int(block.people[row]),
        reach=int(sight.reach[at]),
        audience=int(board.size[place]),
        cheers=int(board.cheers[place]),
        comments=int(board.comments[place]),
        new_cheers=int(board.new_cheers[place]),
        new_comments=int(board.new_comments[place]),
        course=course,
        finished=int(sight.finished[at]),
        own_finished=bool(course and block.own_finished[row, column]),
        own_day=min(day_of(own), site.today) if own else None,
        own_enrolled=bool(course and block.own_enrolled[row, column]),
        put_off=date.fromordinal(put_off) if put_off else None,
        weights={name: float(part[at]) for name, part in sight.parts.items()},
    )


def _team_of(happening: Happening, teams: Sequence[tuple[int, np.ndarray]]) -> int | None:
    # The share box proposes the team it was told to, else the largest; of a course nobody's team.
    kind, ident = happening.audience.kind, happening.audience.id
    if kind is AudienceKind.TEAM:
        return ident
    if kind is AudienceKind.COURSE or not teams:
        return None
    return max(teams, key=lambda team: (len(team[1]), -team[0]))[0]


def figures(shelf: Shelf, block: Block, row: int, column: int) -> Figures:
    """The numbers behind one course for one leader."""
    site = shelf.site
    at = (row, column)
    tie = shelf.anchor(column, block.finished[row], block.lately[row])
    anchor = None
    if tie is not None:
        anchor = Anchor(
            course=site.courses[tie],
            theirs=int(block.finished[row, tie]),
            all=int(shelf.finished[tie]),
            both=shelf.both(*sorted((tie, column))),
        )
    day = day_of(block.own_at[at]) if block.own_at[at] else None
    put_off = int(block.memory.put_off[at])
    course = site.courses[column]
    return Figures(
        course=course,
        today=site.today,
        offers=int(shelf.open.sum()),
        site=len(site.people),
        people=int(block.people[row]),
        finished=int(block.finished[at]),
        recently=int(block.recently[at]),
        could=int(block.could[at]),
        in_it=int(block.in_it[at]),
        week=int(shelf.week[column]),
        usual=int(shelf.usual[column]),
        all_finished=int(shelf.finished[column]),
        all_enrolled=int(shelf.enrolled[column]),
        site_rate=shelf.rate,
        anchor=anchor,
        own_finished=bool(block.own_finished[at]),
        own_day=min(day, site.today) if day else None,
        own_enrolled=bool(block.own_enrolled[at]),
        questions=int(block.questions[at]),
        shared_alike=int(block.memory.shared[at]),
        put_off=date.fromordinal(put_off) if put_off else None,
        opened=score.opened(course, bool(site.history[column]), site.today),
        weights={name: float(part[at]) for name, part in block.parts.items()},
    )


def _teams(site: Site, leads: np.ndarray) -> dict[int, list[tuple[int, np.ndarray]]]:
    # Leader → each of their teams with the rows of its people; both in the order of their ids.
    found: dict[int, list[tuple[int, np.ndarray]]] = defaultdict(list)
    if not len(leads):
        return found
    rows = site.people_rows(leads["person"])
    new = (np.diff(leads["leader"]) != 0) | (np.diff(leads["team"]) != 0)
    starts = np.concatenate(([0], np.flatnonzero(new) + 1))
    for start, people in zip(starts, np.split(rows, starts[1:]), strict=True):
        leader, team = int(leads["leader"][start]), int(leads["team"][start])
        found[leader].append((team, people))
    return found


def _team(shelf: Shelf, column: int, teams: Sequence[tuple[int, np.ndarray]]) -> int | None:
    # The team in which most people could take the course: the share box proposes it.
    if len(teams) < 2:
        return teams[0][0] if teams else None
    return max(teams, key=lambda team: (shelf.could(column, team[1]), -team[0]))[0]
