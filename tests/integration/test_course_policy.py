"""What is announced of courses by tag and by what completes them, from the LMS to the feed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bridge import flow
from bridge.cli import cli
from bridge.demo.lms.api import FUNCTIONS
from bridge.errors import InputError, Missing, NotFound
from bridge.lms.moodle.tags import PAGE_OF_TAG
from bridge.model import Choice, Quiet, Rule, Stream
from bridge.storage import Store
from bridge.storage import tables as t
from tests.conftest import SECRET_KEY
from tests.small_company import small_company
from tests.small_site import Reading, of, small_site

ANNA, COURSE = 11, 2


@pytest.fixture
def reading(lite_store: Store) -> Iterator[Reading]:
    """The small company, read; Anna finished course 2 this morning, and shares it with everyone."""
    story = small_company()
    tagged = tuple(replace(c, tags=("staff",) if c.id == COURSE else ()) for c in story.courses)
    with small_site(lite_store, generated=None, story=replace(story, courses=tagged)) as reading:
        reading.lms.store.complete(ANNA, COURSE)
        reading.sync()
        with lite_store.reading() as work:
            anna = work.people.known(reading.connection.id, [ANNA])[ANNA]
        flow.tell(lite_store, reading.clock, reading.connection.id)
        flow.change_consent(lite_store, reading.clock, anna, Choice.EVERYONE)
        yield reading


def _told(reading: Reading) -> bool:
    """Whether it is told that Anna finished."""
    a = t.activities.c
    with reading.store.reading() as work:
        rows = work.sql.execute(select(a.named).where(a.kind == "completion", a.gone.is_(False)))
        return [1] == list(rows.scalars())


def _set_tag(reading: Reading, tag: str, announce: bool | None) -> None:
    with closing(reading.connector()) as connector:
        connector.site()
        flow.set_tag_policy(
            reading.store, reading.clock, connector, reading.connection.id, tag, announce
        )


def _sync(reading: Reading) -> Any:
    report = reading.sync(streams=[Stream.COURSES])
    flow.tell(reading.store, reading.clock, reading.connection.id)
    return of(report, Stream.COURSES)


def _course(reading: Reading) -> Any:
    c = t.courses.c
    with reading.store.reading() as work:
        return work.sql.execute(select(t.courses).where(c.lms_id == COURSE)).one()


def test_a_tag_takes_courses_out_of_the_feed_and_brings_them_back(reading: Reading) -> None:
    """At once; with no word on it the tag is only read."""
    seen = [_told(reading)]
    for announce in (False, True, False, None):
        _set_tag(reading, "Staff", announce)
        seen.append(_told(reading))
    assert [True, False, True, False, True] == seen
    flow.drop_tag_policy(reading.store, reading.clock, reading.connection.id, "staff")
    with pytest.raises(NotFound):
        flow.drop_tag_policy(reading.store, reading.clock, reading.connection.id, "staff")


def test_syncs_follow_the_tags_of_the_lms_at_two_requests_a_tag(reading: Reading) -> None:
    """None where no tag is named; what changes there changes the feed."""
    without = _sync(reading).requests
    _set_tag(reading, "staff", False)
    assert 2 == _sync(reading).requests - without
    assert not _told(reading)
    courses = reading.lms.store.courses
    courses[COURSE] = replace(courses[COURSE], tags=("other",))
    courses[3] = replace(courses[3], tags=("staff",))
    row = _sync(reading)
    assert (True, ()) == (_told(reading), row.problems)
    courses[3] = replace(courses[3], tags=())
    courses[COURSE] = replace(courses[COURSE], tags=("staff",))
    _sync(reading)
    assert not _told(reading)
    courses[COURSE] = replace(courses[COURSE], tags=())
    assert () == _sync(reading).problems
    assert _told(reading)


def test_a_tag_that_cannot_be_read_any_more_stays_as_it_was_known(reading: Reading) -> None:
    """The admin is told; nothing that was kept back is told for it."""
    _set_tag(reading, "staff", False)
    reading.lms.service.functions = [f for f in FUNCTIONS if f != PAGE_OF_TAG]
    (problem,) = _sync(reading).problems
    assert PAGE_OF_TAG in problem
    assert not _told(reading)


def test_a_tag_that_is_not_there_is_not_kept(reading: Reading) -> None:
    """A typing error changes nothing."""
    with pytest.raises(Missing, match="no tag 'staf'"):
        _set_tag(reading, "staf", False)
    with pytest.raises(InputError):
        _set_tag(reading, "  ", False)
    with reading.store.reading() as work:
        assert () == work.policy.words(reading.connection.id).read


def test_what_completes_a_course_is_known_from_its_verdicts(reading: Reading) -> None:
    """In the small company it is an activity; an admin can keep that back."""
    assert ("work", "") == (_course(reading).rule, _course(reading).quiet)
    flow.set_rule_policy(reading.store, reading.clock, reading.connection.id, Rule.WORK, False)
    assert (Quiet.RULE, False) == (_course(reading).quiet, _told(reading))
    flow.set_rule_policy(reading.store, reading.clock, reading.connection.id, Rule.WORK, None)
    assert _told(reading)


def test_time_alone_is_no_achievement(reading: Reading) -> None:
    """As soon as it is learned that a course is completed so, it is told no more."""
    with reading.store.work() as work:
        assert work.policy.learn({_course(reading).id: Rule.TIME})
        assert not work.policy.learn({_course(reading).id: Rule.TIME})
    _sync(reading)
    assert (Quiet.RULE, False) == (_course(reading).quiet, _told(reading))
    _set_tag(reading, "staff", True)
    assert _told(reading)


def test_a_sync_without_news_leaves_the_policy_as_it_was(reading: Reading) -> None:
    """Nothing is written, so nothing has to be looked at again."""
    _set_tag(reading, "staff", False)
    _sync(reading)
    with reading.store.reading() as work:
        before = work.sql.execute(select(t.courses)).all()
    row = _sync(reading)
    with reading.store.reading() as work:
        assert before == work.sql.execute(select(t.courses)).all()
    assert (0, 0) == (row.new, row.changed)


def test_the_commands_say_and_set_it(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """By category, tag and rule, with what follows from it."""
    monkeypatch.setenv("SOCIALBRIDGE_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SOCIALBRIDGE_DATABASE_URL", reading.store.url)

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["--env-file", "/dev/null", "policy", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    assert "tag staff: no. 1 activities were corrected." in command("tag", "staff", "no")
    assert "category Courses: yes. 0 activities" in command("category", "courses", "yes")
    assert "people saying so themselves: no." in command("rule", "self", "no")
    lines = {(row["by"], row["name"]): row for row in json.loads(command("show", "--json"))}
    assert (False, 1, 1) == tuple(
        lines["tag", "staff"][key] for key in ("announce", "courses", "not_announced")
    )
    assert False is next(r["announce"] for (by, n), r in lines.items() if n.startswith("self"))
    assert "staff" in command("show")
    command("tag", "staff", "drop")
    assert _told(reading)
    with pytest.raises(NotFound):
        command("category", "Nothing", "no")
