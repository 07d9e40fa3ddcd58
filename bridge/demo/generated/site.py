"""What a generated site holds besides its enrolments: each thing from its id."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bridge.demo.catalogue import CATEGORIES, LATER, MAIL_DOMAIN, TITLES
from bridge.demo.company import HEADCOUNT, service_account, site_admin
from bridge.demo.generated.learning import (
    DAY,
    FIRST_COURSE_ID,
    FIRST_PERSON_ID,
    SPAN,
    Learning,
    scattered,
)
from bridge.demo.generated.size import Size
from bridge.demo.names import FIRST_NAMES, LAST_NAMES, PLACES
from bridge.demo.world import (
    ADMIN_ID,
    Activity,
    Category,
    Course,
    Discussion,
    Forum,
    Person,
    Post,
    Team,
)

TALKS = 3
"""Discussions in the one forum of each course."""
_FIRST_POSTS = (0, 2, 5)
_POSTS = (2, 3, 1)
"""Of three discussions the first is answered once, the second twice, and the third waits."""
_TEAM = 150
_ROOTS = 5
_SUSPENDED = 97
_HIDDEN = 50
_DEPARTMENTS = tuple(HEADCOUNT)
_ANSWERED_AFTER = 3_600


class Site:
    """A site of a size, made from a seed, at a moment in epoch seconds.

    Ids are consecutive; each method takes an id that is in the range beside it.
    """

    def __init__(self, size: Size, seed: int, moment: int) -> None:
        self.size, self.seed, self.moment = size, seed, moment
        self.learning = Learning(size, seed, moment)
        self.service_id = FIRST_PERSON_ID + size.people
        self.person_ids = range(ADMIN_ID, self.service_id + 1)
        self.team_ids = range(1, max(size.people // _TEAM, 1) + 1)
        self.category_ids = range(1, min(len(CATEGORIES) * 4, size.courses) + 1)
        self.course_ids = range(FIRST_COURSE_ID, FIRST_COURSE_ID + size.courses)
        self.activity_ids = range(1, 2 * size.courses + 1)
        self.forum_ids = range(2, 2 * size.courses + 1, 2)
        self.discussion_ids = range(1, TALKS * size.courses + 1)
        self.post_ids = range(1, sum(_POSTS) * size.courses + 1)

    # --- people --------------------------------------------------------------------------------

    def person(self, person_id: int) -> Person:
        """A person, the site's administrator, or the account of the token."""
        if person_id == ADMIN_ID:
            return site_admin(self.moment)
        if person_id == self.service_id:
            return service_account(person_id)
        number = person_id - FIRST_PERSON_ID
        first, last = self._names(number)
        city, country, timezone, language = PLACES[number % len(PLACES)]
        username = self.username(person_id)
        seen = self.learning.last_access_of(person_id)
        return Person(
            id=person_id,
            username=username,
            first_name=first,
            last_name=last,
            email=f"{username}@{MAIL_DOMAIN}",
            department=_DEPARTMENTS[number // _TEAM % len(_DEPARTMENTS)],
            city=city,
            country=country,
            language=language,
            timezone=timezone,
            suspended=number % _SUSPENDED == _SUSPENDED - 1,
            first_access=seen - DAY if seen else 0,
            last_access=seen,
        )

    def name_of(self, person_id: int) -> str:
        """The full name alone, which costs less than all that is known of the person."""
        if person_id in (ADMIN_ID, self.service_id):
            return self.person(person_id).name
        return " ".join(self._names(person_id - FIRST_PERSON_ID))

    def _names(self, number: int) -> tuple[str, str]:
        """Every pair of names before one comes again."""
        number += self.seed
        first = number % len(FIRST_NAMES)
        last = (number // len(FIRST_NAMES) + first) % len(LAST_NAMES)
        return FIRST_NAMES[first], LAST_NAMES[last]

    def username(self, person_id: int) -> str:
        return f"person{person_id:06}"

    def person_named(self, text: str) -> int:
        """The id in a username or an address of this site; 0 where there is none."""
        match = re.match(r"person(\d{1,12})\b", text)
        return int(match[1]) if match else 0

    def team(self, team_id: int) -> Team:
        """People who sit beside each other; who is left over is in none."""
        first = FIRST_PERSON_ID + (team_id - 1) * _TEAM
        last = min(first + _TEAM, self.service_id)
        name = f"{_DEPARTMENTS[(team_id - 1) % len(_DEPARTMENTS)]} {team_id}"
        return Team(team_id, name, f"team-{team_id}", member_ids=range(first, last))

    # --- courses -------------------------------------------------------------------------------

    def category(self, category_id: int) -> Category:
        """The first few are roots; the others stand below them."""
        names = tuple(CATEGORIES)
        name = names[(category_id - 1) % len(names)]
        if category_id <= _ROOTS:
            return Category(category_id, name)
        parent = (category_id - 1) % _ROOTS + 1
        return Category(category_id, f"{name}, part {category_id}", parent_id=parent)

    def course(self, course_id: int) -> Course:
        number = course_id - FIRST_COURSE_ID
        title = TITLES[number % len(TITLES)]
        made = self.moment - SPAN - DAY * (1 + number % 300)
        return Course(
            id=course_id,
            name=f"{title.name} {number // len(TITLES) + 1}",
            short_name=f"C{course_id}",
            category_id=1 + number % len(self.category_ids),
            summary_html=f"<p>{title.pitch}</p>",
            visible=number % _HIDDEN != _HIDDEN - 1,
            starts_at=made,
            changed_at=made,
        )

    def activity(self, activity_id: int) -> Activity:
        """Each course has a lesson, which completes it, and a forum."""
        course_id = FIRST_COURSE_ID + (activity_id - 1) // 2
        lesson = activity_id % 2 == 1
        return Activity(
            id=activity_id,
            course_id=course_id,
            kind="page" if lesson else "forum",
            instance=activity_id,
            name=f"{'The lesson' if lesson else 'The forum'} of C{course_id}",
            criterion=lesson,
            changed_at=self.moment - SPAN,
        )

    def activities_of(self, course_id: int) -> range:
        first = 2 * (course_id - FIRST_COURSE_ID) + 1
        return range(first, first + 2)

    # --- talk ----------------------------------------------------------------------------------

    def forum(self, forum_id: int) -> Forum:
        activity = self.activity(forum_id)
        return Forum(forum_id, activity.course_id, forum_id, activity.name)

    def forum_of(self, course_id: int) -> int:
        return 2 * (course_id - FIRST_COURSE_ID) + 2

    def discussions_of(self, forum_id: int) -> range:
        first = TALKS * (forum_id // 2 - 1) + 1
        return range(first, first + TALKS)

    def posts_of(self, discussion_id: int) -> range:
        course, number = divmod(discussion_id - 1, TALKS)
        first = sum(_POSTS) * course + _FIRST_POSTS[number] + 1
        return range(first, first + _POSTS[number])

    def discussion(self, discussion_id: int) -> Discussion:
        posts = self.posts_of(discussion_id)
        first, last = self.post(posts[0]), self.post(posts[-1])
        return Discussion(
            id=discussion_id,
            forum_id=2 * ((discussion_id - 1) // TALKS) + 2,
            first_post_id=first.id,
            name=first.subject,
            author_id=first.author_id,
            created_at=first.created_at,
            modified_at=last.created_at,
            modified_by_id=last.author_id,
        )

    def post(self, post_id: int) -> Post:
        course, place = divmod(post_id - 1, sum(_POSTS))
        number = sum(first <= place for first in _FIRST_POSTS) - 1
        discussion_id = TALKS * course + number + 1
        turn = place - _FIRST_POSTS[number]
        asked = LATER[(course + number) % len(LATER)]
        latest = self.moment - _ANSWERED_AFTER * max(_POSTS)
        at = latest - scattered(discussion_id, self.seed) % SPAN + _ANSWERED_AFTER * turn
        return Post(
            id=post_id,
            discussion_id=discussion_id,
            parent_id=post_id - turn if turn else 0,
            author_id=self._member(FIRST_COURSE_ID + course, 1 + number + turn),
            subject=f"Re: {asked.title}" if turn else asked.title,
            message_html=f"<p>{asked.answer if turn else asked.text}</p>",
            created_at=at,
            modified_at=at,
        )

    def _member(self, course_id: int, number: int) -> int:
        """The id of one of the course's people."""
        places: Sequence[int] = self.learning.places_of_course(course_id)
        return self.learning.person_at(places[number % len(places)])
