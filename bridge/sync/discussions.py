"""Discussions in forums that are open to their whole course."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.errors import LmsError
from bridge.model import ForumFact, Listing, Stream
from bridge.sync.plan import NEWS, discussions_since
from bridge.sync.task import Count, Task, reading

COURSES_A_PAGE = 50


def discussions(task: Task, strategy: str) -> None:
    """Read the discussions of forums that are open to their whole course.

    Each page of courses is stored in one transaction, with what was taken out of the LMS since.
    Nothing is checkpointed: what was stored is found to be the same when it is read again.
    """
    since = discussions_since(task.since(Stream.DISCUSSIONS), task.now)
    with task.store.reading() as work:
        courses = work.facts.course_ids(task.connection.id, visible_only=True)
    with reading(task, Stream.DISCUSSIONS, strategy) as count:
        only = task.scope.course_lms_id
        lms_ids = [lms_id for lms_id in courses if only in (None, lms_id)]
        for start in range(0, len(lms_ids), COURSES_A_PAGE):
            forums = task.connector.forums(lms_ids[start : start + COURSES_A_PAGE])
            listings: list[tuple[ForumFact, Listing]] = []
            open_ones = [forum for forum in forums if forum.open_to_course]
            for forum, answer in task.connector.discussions(open_ones, since):
                if isinstance(answer, LmsError):
                    count.problem(answer)
                else:
                    listings.append((forum, answer))
            closed = [forum for forum in forums if not forum.open_to_course]
            _store_discussions(task, count, courses, listings, closed)


def _store_discussions(
    task: Task,
    count: Count,
    courses: dict[int, int],
    listings: Sequence[tuple[ForumFact, Listing]],
    closed: Sequence[ForumFact],
) -> None:
    found = [fact for _, listing in listings for fact in listing.found]
    with task.store.work() as work:
        names = {fact.author_lms_id: fact.author_name for fact in found if fact.author_lms_id}
        people = work.people.ids(task.connection.id, names)
        tally = work.learning.put_discussions(
            task.connection.id,
            # What somebody wrote who was erased is not told at all.
            [f for f in found if not f.author_lms_id or f.author_lms_id in people],
            courses=courses,
            people=people,
            our_lms_id=task.connector.site().user_id,
            now=task.now,
            news_since=task.now - NEWS,
        )
        for forum, listing in listings:
            listed = [fact.lms_id for fact in listing.found]
            tally += work.learning.drop_discussions(
                task.connection.id, forum.lms_id, listed, listing.since
            )
        for forum in closed:
            tally += work.learning.drop_discussions(task.connection.id, forum.lms_id, [], None)
    count.page(len(found), tally)
