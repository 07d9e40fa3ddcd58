"""django-activity-stream, used as its documentation says: `python -m tests.benchmarks.peer`.

:mod:`tests.benchmarks.feed` runs this, with the database's settings as JSON. It reads orders, a
JSON list a line, and answers each with a JSON value: ``["fill", people, stories]``,
``["page", person, depth]`` for the milliseconds that a page of twenty took, and ``["look", person,
depth]`` for the ids of its stories and the number of statements.

What was chosen, and why:

* People are Django's users, and follow fifty others as ``follow(user, other)`` does by itself: with
  ``actor_only``, which its stream is fastest with.
* A story is an ``Action`` in the words of its documentation: the person is the actor, the course
  that was completed the action object, the place the target. What was said is the description.
* A page is ``user_stream(user)[depth : depth + 20]``: the stream comes with
  ``fetch_generic_relations()`` and is paged by slicing, as Django's paginator does it. Names of
  actors and of places are taken from what was prefetched.
* Tables and indexes are those of its own migrations; the database is analysed after it was filled.
  The connection stays open, the user is at hand, and ``DEBUG`` is off.
* There are no cheers, comments, consent or further names: none are stored, and none are read.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": json.loads(sys.argv[1])},
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "actstream",
        "tests.benchmarks.peer",
    ],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()

from actstream.models import Action, Follow, user_stream  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from tests.benchmarks.feed_site import Site, is_course, name_of, name_of_place  # noqa: E402
from tests.benchmarks.peer.models import Course, Place  # noqa: E402

A_BULK = 5_000
PAGE = 20

users: dict[int, User] = {}


def fill(people: int, stories: int) -> int:
    """Store the site; how many actions there are."""
    site = Site(people, stories)
    call_command("migrate", run_syncdb=True, verbosity=0)
    with transaction.atomic():
        _keep(
            User(id=n, username=f"user{n}", first_name=name_of(n)[0], last_name=name_of(n)[1])
            for n in range(1, people + 1)
        )
        _keep(Place(id=n, name=name_of_place(n)) for n in range(1, people + 1))
        _keep(Course(id=n, title=name_of_place(n)) for n in range(1, people + 1) if is_course(n))
        user = ContentType.objects.get_for_model(User)
        place = ContentType.objects.get_for_model(Place)
        course = ContentType.objects.get_for_model(Course)
        _keep(
            Follow(user_id=n, content_type=user, object_id=str(other))
            for n in range(1, people + 1)
            for other in site.places(n)
        )
        _keep(
            Action(
                id=story.id,
                actor_content_type=user,
                actor_object_id=str(story.person),
                verb="completed" if story.course else "asked",
                description=story.said,
                action_object_content_type=course if story.course else None,
                action_object_object_id=str(story.course) if story.course else None,
                target_content_type=place,
                target_object_id=str(story.person),
                timestamp=story.at,
            )
            for story in site.told()
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    users.update(User.objects.in_bulk())
    return Action.objects.count()


def _keep(rows: Iterable[Any]) -> None:
    every: Iterator[Any] = iter(rows)
    while some := list(islice(every, A_BULK)):
        type(some[0]).objects.bulk_create(some)


def page(person: int, depth: int) -> float:
    """Milliseconds for a page and all that a reader reads of it."""
    started = time.perf_counter()
    read(person, depth)
    return (time.perf_counter() - started) * 1000


def look(person: int, depth: int) -> tuple[list[int], int]:
    """The ids of a page's stories, and how many statements it took."""
    with CaptureQueriesContext(connection) as queries:
        shown = read(person, depth)
    return [ident for ident, *_ in shown], len(queries)


def read(person: int, depth: int) -> list[tuple[Any, ...]]:
    """A page: who did what where, and when."""
    return [
        (
            action.id,
            action.actor.get_full_name(),
            action.verb,
            action.description,
            action.action_object and action.action_object.title,
            action.target.name,
            action.timestamp,
        )
        for action in user_stream(users[person])[depth : depth + PAGE]
    ]


ORDERS = {"fill": fill, "page": page, "look": look}

if __name__ == "__main__":
    for line in sys.stdin:
        order, *arguments = json.loads(line)
        print(json.dumps(ORDERS[order](*arguments)), flush=True)
