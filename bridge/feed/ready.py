"""The home feed's activities as anybody may see them, made once, and then as one viewer does.

What depends on the viewer is little: the cheers, whether one of them is theirs, whether they are
one of those who are named, and which comments are their own. The rest is made for somebody who
belongs to the activity's audience and is nobody in particular, and stands ready for the next page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.feed.look import Stretch, named_by_activity, said_by_activity, with_comments
from bridge.feed.sight import about, choices_covering, seen
from bridge.model import Activity, AudienceKind, FeedItem, Viewer
from bridge.storage import Work
from bridge.storage.feed import Entry, Named, Position, Said, Step

MOST_NAMED = 200
"""People of an aggregate that are kept with its view; of more, the viewer is asked for."""

MOST_BESIDE = 1_000
"""A view of which so many people are a part is not kept: one of them is touched all the time."""

MOST_VARIANTS = 16
"""Numbers of cheers that a view is kept with."""

ANYBODY = 0
"""The id of nobody."""


@dataclass(frozen=True)
class View:
    """An activity as somebody of its audience sees it who has no part in it."""

    item: FeedItem | None
    """``None`` where nothing of it may be seen."""
    people: dict[int, Named]
    """Those who may be named, by id."""
    crowded: bool
    """Whether there are more than :data:`MOST_NAMED`."""
    voices: frozenset[int]
    """Who wrote the comments that are shown."""
    variants: dict[tuple[int, bool], FeedItem] = field(default_factory=dict)
    """The same item with other cheers, as it was asked for."""

    def to(self, viewer_id: int, cheers: int, cheered: bool) -> FeedItem | None:
        """The item as the viewer sees it, who may be one of the people."""
        if self.item is None:
            return None
        if viewer_id in self.people or viewer_id in self.voices:
            return self._own(viewer_id, cheers, cheered)
        found = self.variants.get((cheers, cheered))
        if found is None:
            if len(self.variants) >= MOST_VARIANTS:
                self.variants.clear()
            found = replace(self.item, reactions=cheers, reacted=cheered)
            self.variants[cheers, cheered] = found
        return found

    def _own(self, viewer_id: int, cheers: int, cheered: bool) -> FeedItem:
        assert self.item is not None
        latest = self.item.latest_comments
        if viewer_id in self.voices:
            latest = tuple(
                replace(c, mine=True) if c.author and c.author.id == viewer_id else c
                for c in latest
            )
        changes: dict[str, Any] = {"reactions": cheers, "reacted": cheered}
        if viewer_id in self.people:
            changes |= about(self.people[viewer_id], mine=True)
        return replace(self.item, latest_comments=latest, **changes)


def walk(
    work: Work, viewer: Viewer, keys: Sequence[str], before: Position | None, size: int
) -> Stretch:
    """The next activities of the home feed, each with what the viewer may see of it."""
    steps, end, epoch = work.feed.home(keys, before, size, viewer.person_id)
    views: dict[int, View] = work.ready.take(step.id for step in steps)
    missing = [step.id for step in steps if step.id not in views]
    if missing:
        views |= _make(work, missing, epoch)
    crowded = [step.id for step in steps if step.id in views and views[step.id].crowded]
    if crowded:
        views |= _with_viewer(work, viewer, {ident: views[ident] for ident in crowded})
    return Stretch([_seen(views, viewer, step) for step in steps], end)


def _seen(views: dict[int, View], viewer: Viewer, step: Step) -> FeedItem | None:
    view = views.get(step.id)  # It may have been deleted a moment ago.
    return None if view is None else view.to(viewer.person_id, step.cheers, bool(step.cheered))


def _make(work: Work, ids: Collection[int], epoch: int) -> dict[int, View]:
    """Views of these activities, kept for the next page."""
    entries = work.feed.entries(ids, ANYBODY)
    named = named_by_activity(work, entries, ANYBODY, most=MOST_NAMED)
    said = said_by_activity(work, ids)
    people: dict[int, set[int]] = defaultdict(set)
    for activity_id, person_id in work.feed.people_beside(ids):
        people[activity_id].add(person_id)
    made = {}
    for entry in entries:
        ident = entry.activity.id
        view = _view(entry, named[ident], said[ident])
        made[ident] = (view, tuple(_beside(entry, people[ident])))
    few = {ident: of for ident, of in made.items() if len(of[1]) <= MOST_BESIDE}
    work.ready.keep(epoch, few)
    return {ident: view for ident, (view, _) in made.items()}


def _view(entry: Entry, people: Sequence[Named], said: Sequence[Said]) -> View:
    nobody = _somebody_of(entry.activity)
    item = seen(nobody, entry, people)
    return View(
        item=None if item is None else with_comments(item, said, nobody),
        people={name.card.id: name for name in people},
        crowded=bool(people) and people[0].total > MOST_NAMED,
        voices=frozenset(comment.author.id for comment in said),
    )


def _somebody_of(activity: Activity) -> Viewer:
    """Nobody in particular, in the audience of the activity."""
    kind, ident = activity.audience.kind, activity.audience.id
    return Viewer(
        person_id=ANYBODY,
        connection_id=activity.connection_id,
        name="",
        team_ids=frozenset({ident} if kind is AudienceKind.TEAM else ()),
        course_ids=frozenset({ident} if kind is AudienceKind.COURSE else ()),
    )


def _beside(entry: Entry, people: Collection[int]) -> Iterator[str]:
    """All that the view of an activity is made of, in the words of ``touches``."""
    activity = entry.activity
    yield f"activity:{activity.id}"
    if activity.audience.kind in (AudienceKind.TEAM, AudienceKind.COURSE):
        yield activity.audience.key
    if activity.course_id is not None:
        yield f"course:{activity.course_id}"
    if activity.discussion_id is not None:
        yield f"discussion:{activity.discussion_id}"
    yield from entry.beside_about
    author = None if entry.discussion is None else entry.discussion.author_id
    for person_id in {*people, activity.actor_id, activity.behalf_of_id, author} - {None}:
        yield f"person:{person_id}"


def _with_viewer(work: Work, viewer: Viewer, views: dict[int, View]) -> dict[int, View]:
    """Views of more people than are kept, with the viewer among them where they are."""
    told = [(i, v.item.activity) for i, v in views.items() if v.item is not None]
    found = work.feed.named(
        [(i, choices_covering(a.audience.kind)) for i, a in told], viewer.person_id, most=0
    )
    return {
        name.activity_id: replace(
            views[name.activity_id],
            people={**views[name.activity_id].people, viewer.person_id: name},
        )
        for name in found
    }
