"""What happens in the LMS: plain methods for the people, the token's user, life and tests."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from bridge.demo.lms.records import Records, Tables
from bridge.demo.world import (
    ALL_PARTICIPANTS,
    STUDENT,
    Activity,
    Completion,
    Course,
    Discussion,
    Enrolment,
    Forum,
    Message,
    Person,
    Post,
    Story,
)

P = ParamSpec("P")
R = TypeVar("R")


def _locked(
    method: Callable[Concatenate[Store, P], R],
) -> Callable[Concatenate[Store, P], R]:
    @functools.wraps(method)
    def under_the_lock(self: Store, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.lock:
            return method(self, *args, **kwargs)

    return under_the_lock


class Store(Records):
    """The records, and everything that may change them. Each method is one whole change.

    Moments are epoch seconds; where ``at`` is left out it is now. Ids that are not there raise
    ``KeyError``: the web services look before they leap.
    """

    def __init__(self, story: Story | Tables, clock: Callable[[], int]) -> None:
        super().__init__(story if isinstance(story, Tables) else Tables.of(story), clock)
        self._ids = {
            name: itertools.count(max(getattr(self, name), default=0) + 1)
            for name in ("people", "courses", "activities", "discussions", "posts", "messages")
        }

    # --- people and teams ----------------------------------------------------------------------

    @_locked
    def add_person(self, first_name: str, last_name: str, **fields: Any) -> int:
        """A new account; its id."""
        person_id = next(self._ids["people"])
        username = fields.pop("username", f"person{person_id}")
        email = fields.pop("email", f"{username}@larkfield.example")
        self.people[person_id] = Person(person_id, username, first_name, last_name, email, **fields)
        return person_id

    @_locked
    def change_person(self, person_id: int, **fields: Any) -> None:
        """Other values for fields of a person, a name for instance."""
        self.people[person_id] = replace(self.people[person_id], **fields)

    @_locked
    def remove_person(self, person_id: int) -> None:
        """The account is deleted, with its enrolments and memberships. Its posts stay."""
        for course in self.courses_of(person_id):
            self.unenrol(person_id, course.id)
        for team in list(self.teams.values()):
            if person_id in team.member_ids:
                self.leave(person_id, team.id)
        del self.people[person_id]

    @_locked
    def join(self, person_id: int, team_id: int) -> None:
        """The person is in the team from now on."""
        team = self.teams[team_id]
        self.teams[team_id] = replace(team, member_ids=(*team.member_ids, person_id))

    @_locked
    def leave(self, person_id: int, team_id: int) -> None:
        """The person is not in the team any more."""
        team = self.teams[team_id]
        rest = tuple(member for member in team.member_ids if member != person_id)
        self.teams[team_id] = replace(team, member_ids=rest)

    # --- courses -------------------------------------------------------------------------------

    @_locked
    def add_course(self, name: str, category_id: int, *, lessons: int = 1, **fields: Any) -> int:
        """A new course with as many activities to finish, and a forum; its id."""
        course_id = next(self._ids["courses"])
        now = self.clock()
        course = Course(
            course_id, name, f"NEW-{course_id}", category_id, starts_at=now, changed_at=now
        )
        self.courses[course_id] = replace(course, **fields)
        for number in range(lessons):
            self._add_activity(course_id, "page", f"Part {number + 1}: {name}", criterion=True)
        self.add_forum(course_id, f"Discuss: {name}")
        return course_id

    @_locked
    def add_forum(self, course_id: int, name: str, **fields: Any) -> int:
        """A new forum in the course; its id. ``fields`` are those of its activity."""
        activity = self._add_activity(course_id, "forum", name, **fields)
        self.forums[activity.instance] = Forum(activity.instance, course_id, activity.id, name)
        return activity.instance

    def _add_activity(self, course_id: int, kind: str, name: str, **fields: Any) -> Activity:
        activity_id = next(self._ids["activities"])
        activity = Activity(
            activity_id,
            course_id,
            kind,
            instance=activity_id,
            name=name,
            changed_at=self.clock(),
            **fields,
        )
        self.activities[activity_id] = activity
        return activity

    @_locked
    def change_course(self, course_id: int, **fields: Any) -> None:
        """Other values for fields of a course: a name, or ``visible=False`` to hide it."""
        fields = {"changed_at": self.clock()} | fields
        self.courses[course_id] = replace(self.courses[course_id], **fields)

    @_locked
    def remove_course(self, course_id: int) -> None:
        """The course is deleted with everything in it."""
        for forum in self.forums_of(course_id):
            for discussion in self.discussions_of(forum.id):
                self._remove_discussion(discussion)
            del self.forums[forum.id]
        for activity in self.activities_of(course_id):
            del self.activities[activity.id]
        for enrolment in list(self.enrolled(course_id)):
            self.unenrol(enrolment.person_id, course_id)
        del self.courses[course_id]

    # --- learning ------------------------------------------------------------------------------

    @_locked
    def enrol(self, person_id: int, course_id: int, role: str = STUDENT) -> None:
        """The person may enter the course from now on."""
        self._put_enrolment(Enrolment(course_id, person_id, role, since=self.clock()))

    @_locked
    def unenrol(self, person_id: int, course_id: int) -> None:
        """The person is out of the course; what they finished there is forgotten."""
        self._drop_enrolment(course_id, person_id)
        self.undo_completion(person_id, course_id)

    @_locked
    def visit(self, person_id: int, course_id: int, at: int | None = None) -> None:
        """The person was seen in the course."""
        moment = self.clock() if at is None else at
        enrolment = self.enrolment(course_id, person_id)
        if enrolment and enrolment.last_access < moment:
            self._put_enrolment(replace(enrolment, last_access=moment))
        person = self.people[person_id]
        if person.last_access < moment:
            first = person.first_access or moment
            self.people[person_id] = replace(person, first_access=first, last_access=moment)

    @_locked
    def complete(
        self, person_id: int, course_id: int, at: int | None = None, recorded_at: int | None = None
    ) -> None:
        """The person, who is enrolled, finished the course's last activity at ``at``.

        The LMS says so from ``recorded_at`` on, at once unless told otherwise. A completion that is
        dated back is one with an old ``at``: the last access is that of the recording then.
        """
        moment = self.clock() if at is None else at
        recorded = self.clock() if recorded_at is None else recorded_at
        for activity in self.criteria(course_id):
            self.marks.setdefault((activity.id, person_id), moment)
        self.completions[course_id, person_id] = Completion(course_id, person_id, moment, recorded)
        self.visit(person_id, course_id, min(recorded, max(moment, self.clock())))

    @_locked
    def undo_completion(self, person_id: int, course_id: int) -> None:
        """The completion, if there is one, and the activities are reset."""
        self.completions.pop((course_id, person_id), None)
        for activity in self.criteria(course_id):
            self.marks.pop((activity.id, person_id), None)

    # --- talk ----------------------------------------------------------------------------------

    @_locked
    def start_discussion(
        self,
        person_id: int,
        forum_id: int,
        subject: str,
        message_html: str,
        at: int | None = None,
        group_id: int = ALL_PARTICIPANTS,
        pinned: bool = False,
    ) -> int:
        """A new discussion with its first post; the id of the discussion."""
        moment = self.clock() if at is None else at
        discussion_id, post_id = next(self._ids["discussions"]), next(self._ids["posts"])
        self.posts[post_id] = Post(
            post_id, discussion_id, 0, person_id, subject, message_html, moment, moment
        )
        self.discussions[discussion_id] = Discussion(
            discussion_id,
            forum_id,
            post_id,
            subject,
            person_id,
            moment,
            moment,
            modified_by_id=person_id,
            group_id=group_id,
            pinned=pinned,
        )
        self.visit(person_id, self.forums[forum_id].course_id, moment)
        return discussion_id

    @_locked
    def ask(
        self, person_id: int, course_id: int, title: str, text: str = "", at: int | None = None
    ) -> int:
        """A question in the course's first forum; the id of the discussion."""
        forum = self.forums_of(course_id)[0]
        return self.start_discussion(person_id, forum.id, title, f"<p>{text or title}</p>", at)

    @_locked
    def reply(
        self, person_id: int, parent_id: int, subject: str, message_html: str, at: int | None = None
    ) -> int:
        """A post below another one; its id."""
        moment = self.clock() if at is None else at
        post_id = next(self._ids["posts"])
        discussion = self.discussions[self.posts[parent_id].discussion_id]
        self.posts[post_id] = Post(
            post_id, discussion.id, parent_id, person_id, subject, message_html, moment, moment
        )
        self.discussions[discussion.id] = replace(
            discussion, modified_at=moment, modified_by_id=person_id
        )
        self.visit(person_id, self.forums[discussion.forum_id].course_id, moment)
        return post_id

    @_locked
    def answer(self, person_id: int, discussion_id: int, text: str, at: int | None = None) -> int:
        """A reply to the first post of the discussion; its id."""
        discussion = self.discussions[discussion_id]
        return self.reply(
            person_id, discussion.first_post_id, f"Re: {discussion.name}", f"<p>{text}</p>", at
        )

    @_locked
    def rewrite(self, post_id: int, subject: str, message_html: str) -> None:
        """Another text for a post, and another title for the discussion that begins with it."""
        now = self.clock()
        post = self.posts[post_id]
        discussion = self.discussions[post.discussion_id]
        self.posts[post_id] = replace(
            post, subject=subject, message_html=message_html, modified_at=now
        )
        self.discussions[discussion.id] = replace(
            discussion,
            name=discussion.name if post.parent_id else subject,
            modified_at=now,
            modified_by_id=post.author_id,
        )

    @_locked
    def remove_post(self, post_id: int) -> None:
        """The post with all that answered it; with a first post its whole discussion."""
        post = self.posts[post_id]
        discussion = self.discussions[post.discussion_id]
        if not post.parent_id:
            self._remove_discussion(discussion)
            return
        for child in [p.id for p in self.posts_of(discussion.id) if p.parent_id == post_id]:
            self.remove_post(child)
        del self.posts[post_id]
        last = self.posts_of(discussion.id)[-1]
        self.discussions[discussion.id] = replace(
            discussion, modified_at=last.modified_at, modified_by_id=last.author_id
        )

    def _remove_discussion(self, discussion: Discussion) -> None:
        for post in self.posts_of(discussion.id):
            del self.posts[post.id]
        del self.discussions[discussion.id]

    @_locked
    def send_message(self, person_id: int, text_html: str) -> Message:
        """A word from the service account; one conversation with each person."""
        told = [m.conversation_id for m in self.messages.values() if m.to_id == person_id]
        conversation = told[0] if told else 300 + len({m.to_id for m in self.messages.values()})
        message = Message(
            next(self._ids["messages"]), conversation, person_id, text_html, self.clock()
        )
        self.messages[message.id] = message
        return message
