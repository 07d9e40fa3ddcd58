"""Which way each stream is read, by what the site lists for the token. Pure."""

from __future__ import annotations

from bridge.lms.moodle.batch import CARRIER
from bridge.lms.moodle.lean import VERDICT
from bridge.lms.moodle.report import RETRIEVE
from bridge.model import Stream

DISCUSSIONS = frozenset(
    {"mod_forum_get_forum_discussions", "mod_forum_get_forum_discussions_paginated"}
)


def strategies(functions: frozenset[str], report_id: int | None) -> dict[str, str]:
    """Stream → ``report``, ``batch``, ``plain``, ``pages`` or ``one``; ``none`` if it cannot be."""
    many = "batch" if CARRIER in functions else "plain"
    best = "report" if report_id is not None and RETRIEVE in functions else many
    needs: dict[Stream, tuple[str, frozenset[str]]] = {
        Stream.COURSES: (
            "one",
            frozenset({"core_course_get_courses_by_field", "core_course_get_courses"}),
        ),
        Stream.TEAMS: ("one", frozenset({"core_cohort_get_cohorts"})),
        Stream.ENROLMENTS: (many, frozenset({"core_enrol_get_enrolled_users"})),
        Stream.PEOPLE: ("pages", frozenset({"core_user_get_users_by_field"})),
        Stream.COMPLETIONS: (best, frozenset({VERDICT})),
        Stream.DISCUSSIONS: (many, DISCUSSIONS),
        Stream.RECONCILIATION: (many, frozenset({VERDICT})),
    }
    return {
        stream: strategy if any_of & functions else "none"
        for stream, (strategy, any_of) in needs.items()
    }


def reasons(functions: frozenset[str], report_id: int | None) -> dict[str, str]:
    """Stream → why it is read in that way, where there is a better one."""
    plain = f"the token's service has not {CARRIER}" if CARRIER not in functions else ""
    said: dict[str, str] = {
        stream: plain
        for stream in (Stream.ENROLMENTS, Stream.DISCUSSIONS, Stream.RECONCILIATION)
        if plain
    }
    if RETRIEVE not in functions:
        said[Stream.COMPLETIONS] = "; ".join(
            filter(None, [f"the token's service has not {RETRIEVE}", plain])
        )
    elif report_id is None:
        said[Stream.COMPLETIONS] = "; ".join(
            filter(None, ["no custom report is known: `socialbridge connect` finds one", plain])
        )
    return said
