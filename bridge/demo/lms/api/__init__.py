"""The web-service functions, a file a component, in one table."""

from __future__ import annotations

from bridge.demo.lms.api import (
    cohort,
    completion,
    contents,
    course,
    enrol,
    forum,
    forum_writing,
    message,
    mobile,
    report,
    site,
    tag,
    user,
)
from bridge.demo.lms.call import Table

FUNCTIONS: Table = {
    **site.FUNCTIONS,
    **course.FUNCTIONS,
    **contents.FUNCTIONS,
    **enrol.FUNCTIONS,
    **completion.FUNCTIONS,
    **user.FUNCTIONS,
    **cohort.FUNCTIONS,
    **forum.FUNCTIONS,
    **forum_writing.FUNCTIONS,
    **message.FUNCTIONS,
    **mobile.FUNCTIONS,
    **report.FUNCTIONS,
    **tag.FUNCTIONS,
}
"""Name → function, in the order in which the site lists them."""
