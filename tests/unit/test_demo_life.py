"""What happens in the demo LMS by itself."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from random import Random

import pytest

from bridge.demo.catalogue import LATER
from bridge.demo.lms.life import CRON_SECONDS, Life
from bridge.demo.lms.store import Store
from bridge.demo.story import make_story

NOW = int(datetime(2026, 11, 25, 9, 0, tzinfo=UTC).timestamp())


class World:
    """A store, its life, and the moment."""

    def __init__(self) -> None:
        self.now = NOW
        self.store = Store(make_story(datetime.fromtimestamp(NOW, UTC)), lambda: self.now)
        self.life = Life(self.store, Random(1), pace=0)


@pytest.fixture
def world() -> World:
    return World()


def test_a_day_of_life(world: World) -> None:
    """In a hundred beats people finish, look in, ask and answer, and each beat says so."""
    told = []
    for _ in range(100):
        world.now += 600
        told.append(world.life.beat())

    for word in (" finished ", " looked into ", " asked: ", " answered: "):
        assert any(word in sentence for sentence in told)


def test_a_completion_is_recorded_a_little_later(world: World) -> None:
    """The last access comes first, the completion with cron."""
    before = set(world.store.completions)
    world.life.someone_finishes()
    ((course, person),) = set(world.store.completions) - before

    completion = world.store.completions[course, person]
    shortest, longest = CRON_SECONDS
    assert shortest <= completion.recorded_at - completion.completed_at <= longest
    assert NOW == world.store.enrolment(course, person).last_access
    assert world.store.completion(course, person) is None
    world.now += longest
    assert completion == world.store.completion(course, person)


def test_questions_wait_for_a_leader_first(world: World) -> None:
    """Nothing is answered by itself in the first two hours, and nothing twice."""
    before = len(world.store.posts)
    asked = world.life.someone_asks()
    early = [world.life.someone_answers() for _ in range(20)]
    world.now += 2 * 3600 + 1
    late = [world.life.someone_answers() for _ in range(20)]

    title = asked.split(" asked: ")[1]
    answered = [sentence for sentence in late if sentence.endswith(f"answered: {title}")]
    assert [] == [s for s in early if s.endswith(f"answered: {title}")]
    assert 1 <= len(answered)
    assert len(world.store.posts) > before + 1


def test_an_empty_company_stands_still(world: World) -> None:
    """Where all is finished, asked and nobody else is there, people only look in."""
    for course in list(world.store.courses)[1:]:
        world.store.remove_course(course)
    (course,) = world.store.courses
    loner, *others = [e.person_id for e in world.store.enrolled(course) if e.role == "student"]
    for person in others:
        world.store.unenrol(person, course)
    world.store.complete(loner, course)
    for question in LATER:
        world.store.ask(loner, course, question.title)
    world.now += 3 * 3600

    assert "Everybody has finished everything." == world.life.someone_finishes()
    assert " looked into " in world.life.someone_asks()
    assert " looked into " in world.life.someone_answers()
    for discussion in world.store.discussions_of(world.store.forums_of(course)[0].id):
        world.store.answer(loner, discussion.id, "Never mind.")
    assert " looked into " in world.life.someone_answers()
    world.store.remove_course(course)
    assert "Nobody is here." == world.life.beat()


def test_life_is_a_thread_that_ends() -> None:
    """It beats at its pace until it is stopped; with no pace it never begins."""
    beaten = threading.Event()

    def clock() -> int:
        beaten.set()
        return NOW

    store = Store(make_story(datetime.fromtimestamp(NOW, UTC)), clock)
    still = Life(store, Random(1), pace=0)
    still.start()
    still.stop()
    beaten.clear()
    life = Life(store, Random(1), pace=0.01)
    life.start()
    came = beaten.wait(timeout=10)
    life.stop()

    assert came
    assert "life" not in {thread.name for thread in threading.enumerate()}
