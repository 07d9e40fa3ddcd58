"""Reading a feed: who sees what, in which order, at what price."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from bridge.feed import read
from bridge.model import Choice, FeedPage
from bridge.storage import tables as t
from tests.cast import Cast


def tell(
    cast: Cast, audience: str, *, kind: str = "post", minutes_ago: int = 60, **more: Any
) -> int:
    """An activity was told to the audience; its id."""
    at = cast.now - timedelta(minutes=minutes_ago)
    row = {
        "uid": str(uuid.uuid4()),
        "connection_id": cast.connection,
        "kind": kind,
        "audience": audience,
        "published": at,
        "updated": at,
        **more,
    }
    with cast.store.work() as work:
        return work.sql.execute(
            t.activities.insert().returning(t.activities.c.id), row
        ).scalar_one()


def everyone(cast: Cast) -> str:
    """The key of the audience that everybody at Acme belongs to."""
    return f"everyone:{cast.connection}"


def finished(
    cast: Cast,
    course: int,
    *people: int,
    audience: str | None = None,
    minutes_ago: int = 60,
    others: int = 0,
    group: int = 0,
) -> int:
    """The people are named in an aggregate of the course, and so many others are counted."""
    ident = tell(
        cast,
        audience or everyone(cast),
        kind="completion",
        minutes_ago=minutes_ago,
        course_id=course,
        day=(cast.now - timedelta(minutes=minutes_ago)).date(),
        others=others,
        group_size=group,
        named=len(people),
    )
    for number, person in enumerate(people):
        with cast.store.reading() as work:
            found = work.sql.execute(
                t.completions.select().where(
                    t.completions.c.course_id == course, t.completions.c.person_id == person
                )
            ).first()
        days_ago = (minutes_ago + number) / 1440
        completion = found.id if found else cast.complete(person, course, days_ago=days_ago)
        with cast.store.work() as work:
            work.sql.execute(
                t.activity_members.insert(),
                {
                    "activity_id": ident,
                    "person_id": person,
                    "completion_id": completion,
                    "at": cast.now - timedelta(days=days_ago),
                },
            )
    return ident


def set_row(cast: Cast, table: Any, ident: int, **values: Any) -> None:
    """Change the row with that id."""
    with cast.store.work() as work:
        work.sql.execute(table.update().where(table.c.id == ident).values(**values))


def home(cast: Cast, person: int, before: str | None = None, limit: int = 20) -> FeedPage:
    """The person's home feed."""
    with cast.store.reading() as work:
        return read.home(work, cast.viewer(person), before, limit)


def texts(page: FeedPage) -> list[str]:
    """What the posts of the page say."""
    return [item.activity.text for item in page.items]


def test_home_is_everyone_my_teams_and_my_courses_newest_first(cast: Cast) -> None:
    """Bob hears four things; what Engineering and other courses are told is not for him."""
    tell(cast, everyone(cast), text="to everyone", minutes_ago=40)
    tell(cast, f"team:{cast.sales}", text="to Sales", minutes_ago=30)
    tell(cast, f"course:{cast.feedback}", text="to feedback", minutes_ago=20)
    tell(cast, f"course:{cast.negotiation}", text="to negotiation", minutes_ago=10)
    tell(cast, f"team:{cast.engineering}", text="to Engineering")
    tell(cast, f"course:{cast.safety}", text="to Safety")

    assert ["to negotiation", "to feedback", "to Sales", "to everyone"] == texts(
        home(cast, cast.bob)
    )


def test_a_completion_names_whom_consent_covers(cast: Cast) -> None:
    """Bob chose everyone and Beth nobody: he is named to Charlie, she is not."""
    cast.choose(cast.bob, Choice.EVERYONE)
    cast.choose(cast.beth, Choice.NOBODY)
    finished(cast, cast.feedback, cast.bob, cast.beth)

    (item,) = home(cast, cast.charlie).items

    assert (["Bob Brown"], 1, None) == ([n.name for n in item.names], item.named, item.others)
    assert ("Giving feedback", "Everyone") == (item.course and item.course.name, item.audience_name)


def test_pages_follow_one_another_without_gap_or_repeat(cast: Cast) -> None:
    """Seven posts, several in the same second, in pages of two."""
    for number in range(7):
        tell(cast, everyone(cast), text=str(number), minutes_ago=60 - number // 3)

    seen, before = [], None
    for _ in range(4):
        page = home(cast, cast.dana, before, limit=2)
        seen += texts(page)
        before = page.before

    assert ["6", "5", "4", "3", "2", "1", "0"] == seen
    assert before is None


@pytest.mark.parametrize("feed", ["course_feed", "team_feed", "person_feed"])
def test_every_feed_can_be_read(cast: Cast, feed: str) -> None:
    """Bob's completion stands in the feed of the course, of his team and of himself."""
    cast.choose(cast.bob, Choice.EVERYONE)
    finished(cast, cast.feedback, cast.bob)
    subject = {"course_feed": cast.feedback, "team_feed": cast.sales, "person_feed": cast.bob}

    with cast.store.reading() as work:
        page = getattr(read, feed)(work, cast.viewer(cast.alice), subject[feed])

    assert ["Bob Brown"] == [name.name for item in page.items for name in item.names]
