"""A believable company, told from a seed and relative to a moment.

The same seed tells of the same people, teams and courses; what happened is dated back from ``now``.
Nothing here knows an LMS's protocol or the bridge.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from random import Random

from bridge.demo import catalogue, company, rhythm, talk
from bridge.demo.catalogue import PRIVATE_FIELD, SHARING_FIELD
from bridge.demo.company import Staff
from bridge.demo.rhythm import Learning
from bridge.demo.talk import Talk
from bridge.demo.world import STUDENT, Enrolment, Person, Story

SEED = 7

_SHARES = (("everyone", 0.46), ("teams", 0.2), ("nobody", 0.1), ("public", 0.04))
"""Who chose what; the rest was not asked."""

_PRIVATE, _FILLED_IN = 0.03, 0.5
"""How many people's profile says that they are never named; up to where it says who may see."""


def make_story(now: datetime, seed: int = SEED) -> Story:
    """The company at ``now``, an aware datetime, with its last three months."""
    moment = int(now.timestamp())
    rng = Random(seed)
    staff = company.hire(rng, moment)
    offer = company.open_academy(moment)
    learning = rhythm.learn(rng, moment, staff, offer)
    negotiation = offer.course("Negotiation basics").id
    groups = company.practice_groups(
        rng,
        offer,
        [
            e.person_id
            for e in learning.enrolments
            if e.course_id == negotiation and e.role == STUDENT
        ],
    )
    conversation = talk.Conversation(
        rng, moment, offer, staff.people, learning.enrolments, learning.teachers
    )
    talked = talk.talk(conversation, groups, rhythm.BURST_TEAM)
    enrolments = tuple(_seen_writing(learning, talked, {f.id: f.course_id for f in offer.forums}))
    burst = staff.team(rhythm.BURST_TEAM)
    academy = staff.team("People & Learning")
    learner_id = burst.member_ids[1]
    leader_id = staff.leaders[burst.id]
    choices = _choices(rng, staff) | {learner_id: "everyone", leader_id: "everyone"}
    people = _seen_learning(staff, enrolments)
    spared = {learner_id, *staff.leaders.values()}
    return Story(
        now=moment,
        seed=seed,
        site_name=catalogue.SITE_NAME,
        people=tuple(_profiles(seed, people, choices, spared)),
        site_admin=company.site_admin(moment),
        service=company.service_account(staff.people[-1].id + 1),
        teams=staff.teams,
        categories=offer.categories,
        courses=offer.courses,
        activities=offer.activities,
        forums=offer.forums,
        groups=groups,
        enrolments=enrolments,
        marks=learning.marks,
        completions=learning.completions,
        discussions=talked.discussions,
        posts=talked.posts,
        leaders=staff.leaders,
        choices=choices,
        learner_id=learner_id,
        leader_id=leader_id,
        admin_id=staff.leaders[academy.id],
        burst_team_id=burst.id,
        decay_team_id=staff.team(rhythm.DECAY_TEAM).id,
        teachers=learning.teachers,
    )


def _choices(rng: Random, staff: Staff) -> dict[int, str]:
    """What each person chose, where they were asked."""
    choices: dict[int, str] = {}
    for person in staff.people:
        dice = rng.random()
        for choice, share in _SHARES:
            if dice < share:
                choices[person.id] = choice
                break
            dice -= share
    return choices


def _profiles(
    seed: int, people: Iterable[Person], choices: Mapping[int, str], spared: Container[int]
) -> Iterator[Person]:
    """The people with their custom profile fields. Some who were never asked have filled in who may
    see what they learn; a few are apprentices, or the works council agreed that they are not named.
    """
    rng = Random(seed + 1)
    for person in people:
        dice = rng.random()
        if person.id in spared:
            yield person
        elif dice < _PRIVATE:
            why = "Under 18" if rng.random() < 0.5 else "Works council"
            yield replace(person, fields=((PRIVATE_FIELD, why),))
        elif person.id not in choices and dice < _FILLED_IN:
            said = "My teams" if rng.random() < 0.7 else "Everyone"
            yield replace(person, fields=((SHARING_FIELD, said),))
        else:
            yield person


def _seen_writing(
    learning: Learning, talked: Talk, course_of_forum: dict[int, int]
) -> Iterable[Enrolment]:
    """The enrolments: who wrote in a course's forum was in the course at that moment."""
    course_of = {d.id: course_of_forum[d.forum_id] for d in talked.discussions}
    wrote: dict[tuple[int, int], int] = {}
    for post in talked.posts:
        place = (course_of[post.discussion_id], post.author_id)
        wrote[place] = max(wrote.get(place, 0), post.created_at)
    for enrolment in learning.enrolments:
        at = wrote.get((enrolment.course_id, enrolment.person_id), 0)
        yield replace(enrolment, last_access=max(enrolment.last_access, at))


def _seen_learning(staff: Staff, enrolments: Iterable[Enrolment]) -> Iterable[Person]:
    """The people: who was in a course was on the site. One of them has left since."""
    seen: dict[int, int] = {}
    for enrolment in enrolments:
        seen[enrolment.person_id] = max(seen.get(enrolment.person_id, 0), enrolment.last_access)
    left = staff.team("Finance").member_ids[-1]
    for person in staff.people:
        last = seen.get(person.id, 0)
        yield replace(
            person,
            last_access=last,
            first_access=person.first_access if last else 0,
            suspended=person.id == left,
        )
