"""Completions by the custom report: a page or two say what is new on the whole site."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.demo.generated.size import Size
from bridge.demo.lms.faults import Kind as Fault
from bridge.errors import LmsError, Missing, Unreachable
from bridge.lms.moodle import MoodleConnector
from bridge.lms.moodle.batch import CARRIER
from bridge.model import ReportPage, Stream
from bridge.storage import Store
from bridge.sync import run
from tests.small_site import of, small_site


def test_a_first_sync_by_report_finds_every_completion(store: Store) -> None:
    """With their exact times, of which the report says nothing."""
    with small_site(store, by_report=True) as site:
        report = of(site.sync(), Stream.COMPLETIONS)
        assert ("report", ()) == (report.strategy, report.problems)
        assert site.in_lms() == site.live()


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_the_token_users_language_does_not_matter(lite_store: Store, language: str) -> None:
    """Columns are recognised by what their cells hold, and no date is read from them."""
    with small_site(
        lite_store, by_report=True, language=language, timezone="Pacific/Auckland"
    ) as site:
        assert "report" == of(site.sync(), Stream.COMPLETIONS).strategy
        assert site.in_lms() == site.live()


@pytest.mark.parametrize(
    "size", [Size(30, 6, 90, 30), Size(people=600, courses=30, enrolments=6_000, completions=2_500)]
)
def test_without_news_it_takes_at_most_three_requests(lite_store: Store, size: Size) -> None:
    """Whatever the size of the site."""
    with small_site(lite_store, by_report=True, generated=size) as site:
        site.sync()
        site.clock.advance(minutes=15)
        before = site.live()
        quiet = of(site.sync(), Stream.COMPLETIONS)
        assert quiet.requests <= 3
        assert (0, 0) == (quiet.new, quiet.changed)
        assert before == site.live()


def test_a_new_completion_costs_one_request_more(lite_store: Store) -> None:
    """It is asked for exactly, and dated as the LMS dates it."""
    with small_site(lite_store, by_report=True) as site:
        site.sync()
        quiet = of(site.sync(), Stream.COMPLETIONS).requests
        course, person = next(site.unfinished())
        site.clock.advance(minutes=15)
        site.lms.store.complete(person, course)
        report = of(site.sync(), Stream.COMPLETIONS)
        assert (1, quiet + 1) == (report.new, report.requests)
        assert site.in_lms() == site.live()


def test_a_completion_that_was_backdated_a_day_is_found(lite_store: Store) -> None:
    """It sorts below newer ones: the report is read until 48 hours before the last good run."""
    with small_site(lite_store, by_report=True) as site:
        site.sync()
        site.clock.advance(hours=1)
        waiting = site.unfinished()
        for hours in (0, 1, 24):
            course, person = next(waiting)
            at = site.clock.now() - timedelta(hours=hours)
            site.lms.store.complete(person, course, int(at.timestamp()))
        assert 3 == of(site.sync(), Stream.COMPLETIONS).new
        assert site.in_lms() == site.live()


def test_a_renewal_is_seen_by_its_other_words(lite_store: Store) -> None:
    """The row stands at the top again, worded otherwise than when it was stored."""
    with small_site(lite_store, by_report=True) as site:
        site.sync()
        (course, person), _ = min(site.live().items(), key=lambda item: item[1])
        site.clock.advance(hours=1)
        site.lms.store.undo_completion(person, course)
        site.lms.store.complete(person, course)
        report = of(site.sync(), Stream.COMPLETIONS)
        assert (0, 1) == (report.new, report.changed)
        assert 1 == site.row(course, person).renewals
        assert site.in_lms() == site.live()


def test_somebody_new_is_known_from_the_report(lite_store: Store) -> None:
    """Though enrolments are read less often than the report."""
    with small_site(lite_store, by_report=True) as site:
        site.sync()
        newcomer = site.lms.store.add_person("Noor", "Haddad")
        course = next(iter(site.lms.store.courses))
        course = next(c for c in site.lms.store.courses if c > 1 and c != course)
        site.lms.store.enrol(newcomer, course)
        site.clock.advance(minutes=10)
        site.lms.store.complete(newcomer, course)
        site.sync(streams=[Stream.COMPLETIONS])
        assert (course, newcomer) in site.live()


def test_it_says_which_way_it_takes_and_why(lite_store: Store) -> None:
    """Without the report's function by batch, and without batches one by one."""
    with small_site(lite_store, by_report=True) as site:
        functions = site.lms.service.functions
        report = of(site.sync(), Stream.COMPLETIONS)
        assert ("report", "") == (report.strategy, report.why)
        site.lms.service.functions = tuple(
            f for f in functions if f != "core_reportbuilder_retrieve_report"
        )
        report = of(site.sync(), Stream.COMPLETIONS)
        assert ("batch", True) == (report.strategy, "retrieve_report" in report.why)
        site.lms.service.functions = tuple(
            f for f in functions if "reportbuilder" not in f and f != CARRIER
        )
        report = of(site.sync(), Stream.COMPLETIONS)
        assert ("plain", True) == (report.strategy, CARRIER in report.why)


def test_changing_the_way_never_loses_or_repeats_a_completion(store: Store) -> None:
    """From one to the next and back, with a completion in between each time."""
    with small_site(store, by_report=True) as site:
        functions = site.lms.service.functions
        ways = {
            "report": functions,
            "batch": tuple(f for f in functions if "reportbuilder" not in f),
            "plain": tuple(f for f in functions if "reportbuilder" not in f and f != CARRIER),
        }
        for way in ("plain", "report", "batch", "report", "plain", "batch"):
            site.lms.service.functions = ways[way]
            report = of(site.sync(), Stream.COMPLETIONS)
            assert way == report.strategy
            assert site.in_lms() == site.live()
            site.clock.advance(hours=2)
            course, person = next(site.unfinished())
            site.lms.store.complete(person, course)
        site.sync()
        assert site.in_lms() == site.live()


def test_a_report_that_is_gone_is_not_the_end(lite_store: Store) -> None:
    """Batches take over by themselves, and say why."""
    with small_site(lite_store, by_report=True) as site:
        site.report_id = 77
        report = of(site.sync(), Stream.COMPLETIONS)
        assert ("batch", ()) == (report.strategy, report.problems)
        assert "the report cannot be used" in report.why
        assert site.in_lms() == site.live()


def test_a_report_that_cannot_be_understood_is_not_the_end(lite_store: Store) -> None:
    """Its rows have no cells: batches take over."""
    with small_site(lite_store, by_report=True) as site:
        site.sync()
        with site.lms.faults.during(
            Fault.WITHOUT, function="core_reportbuilder_retrieve_report", field="columns"
        ):
            report = of(site.sync(), Stream.COMPLETIONS)
        assert "batch" == report.strategy


def test_a_bare_report_is_made_ready(lite_store: Store) -> None:
    """Columns and order are added by web service; twice in a row nothing is added again."""
    with small_site(lite_store, report="bare") as site:
        connector = site.connector()
        found = connector.prepare_report(None)
        assert found is not None
        report_id, done = found
        assert 3 == len(done)
        assert (report_id, []) == connector.prepare_report(str(report_id))
        connector.close()
        site.report_id = report_id
        assert "report" == of(site.sync(), Stream.COMPLETIONS).strategy
        assert site.in_lms() == site.live()


def test_without_a_report_the_clicks_are_told(lite_store: Store) -> None:
    """What no web service does an admin does in four clicks."""
    with small_site(lite_store, report="none") as site:
        connector = site.connector()
        assert connector.prepare_report(None) is None
        assert ["1", "2", "3", "4"] == [line[0] for line in connector.report_clicks()[1:]]
        with pytest.raises(Missing, match="no custom report 'Mine'"):
            connector.prepare_report("Mine")
        connector.close()


EDITING = {"moodle/reportbuilder:editall", "moodle/reportbuilder:edit"}


def test_a_report_that_somebody_made_ready_needs_no_right_to_edit_it(lite_store: Store) -> None:
    """It is found, and used as it is."""
    with small_site(lite_store) as site:
        site.lms.service.capabilities = site.lms.service.capabilities - EDITING
        connector = site.connector()
        found = connector.prepare_report(None)
        connector.close()
        assert found is not None
        assert [] == found[1]


def test_a_report_that_may_not_be_made_ready_says_which_right_is_missing(
    lite_store: Store,
) -> None:
    """A bare one is of no use without it."""
    with small_site(lite_store, report="bare") as site:
        site.lms.service.capabilities = site.lms.service.capabilities - EDITING
        connector: MoodleConnector = site.connector()
        with pytest.raises(LmsError) as met:
            connector.prepare_report(None)
        connector.close()
        assert "moodle/reportbuilder:editall" in met.value.remedy


def test_a_first_reading_is_taken_up_where_it_stopped(lite_store: Store) -> None:
    """What was stored before the line went dead is not asked for again."""
    size = Size(people=300, courses=12, enrolments=3_400, completions=2_500)
    verdict = "core_completion_get_course_completion_status"
    with small_site(lite_store, by_report=True, generated=size) as site:
        asked = site.lms.inner
        connector = site.connector()

        def page(number: int, size: int) -> ReportPage:
            if number == 2:
                raise Unreachable("The line went dead.")
            return MoodleConnector.completion_report(connector, number, size)

        connector.completion_report = page  # type: ignore[method-assign]
        with pytest.raises(Unreachable):
            run(lite_store, connector, site.connection, site.clock)
        connector.close()
        assert 2_000 == len(site.live())
        before = asked[verdict]
        site.sync()
        assert 500 == asked[verdict] - before
        assert site.in_lms() == site.live()


def test_a_page_that_comes_twice_is_not_believed(lite_store: Store) -> None:
    """A cache in between would hide what stands on the next one."""
    size = Size(people=300, courses=12, enrolments=3_400, completions=2_500)
    with small_site(lite_store, by_report=True, generated=size) as site:
        connector = site.connector()

        def page(number: int, size: int) -> ReportPage:
            return MoodleConnector.completion_report(connector, min(number, 0), size)

        connector.completion_report = page  # type: ignore[method-assign]
        report = of(run(lite_store, connector, site.connection, site.clock), Stream.COMPLETIONS)
        connector.close()
        assert ("batch", True) == (report.strategy, "the same page twice" in report.why)
        assert site.in_lms() == site.live()
