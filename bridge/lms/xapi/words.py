"""The verbs and types by which statements say what the bridge cares about.

They are those of Moodle's logstore_xapi from 2017 (version 2) to today (version 5) and, of a
course, those of cmi5 and ADL. The manifest names the same, and a test compares the two.
"""

from __future__ import annotations

COMPLETED = frozenset(
    {"http://adlnet.gov/expapi/verbs/completed", "http://id.tincanapi.com/verb/completed"}
)
ENROLLED = frozenset(
    {
        # The plugin says this of somebody who signs up with the site, too: the object decides.
        "http://adlnet.gov/expapi/verbs/registered",
        "http://www.tincanapi.co.uk/verbs/enrolled_onto_learning_plan",
    }
)
LEFT = frozenset({"http://activitystrea.ms/leave", "http://activitystrea.ms/schema/1.0/leave"})
WROTE = frozenset(
    {
        "http://activitystrea.ms/create",
        "http://activitystrea.ms/schema/1.0/create",
        "http://id.tincanapi.com/verb/replied",
        "https://w3id.org/xapi/acrossx/verbs/posted",
        "https://w3id.org/xapi/acrossx/verbs/edited",
        "http://activitystrea.ms/delete",
        "http://activitystrea.ms/schema/1.0/delete",
    }
)
"""Of a discussion or a post in a forum: it is new, was changed or is gone."""

VOIDED = "http://adlnet.gov/expapi/verbs/voided"

COURSE_TYPES = frozenset(
    {
        "https://w3id.org/xapi/cmi5/activitytype/course",
        "http://id.tincanapi.com/activitytype/lms/course",
        "http://lrs.learninglocker.net/define/type/moodle/course",
        "http://adlnet.gov/expapi/activities/course",
    }
)
