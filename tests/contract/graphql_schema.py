"""The part of Totara's external schema that the bridge may meet, as its documentation words it.

Fields that the bridge does not ask for stand here too, so that asking for one of them costs, and
asking for one that is not here is refused. Release 17.0 has no filters, and no list of job
assignments; that came with 17.1.
"""

from __future__ import annotations

_COMMON = """
scalar core_id
scalar core_date
scalar param_integer
scalar param_text

enum core_format { RAW HTML PLAIN MARKDOWN JSON_EDITOR MOBILE }

enum core_date_format {
  TIMESTAMP ISO8601 DAYDATETIME TIME TIMESHORT DATE DATESHORT DATELONG DATETIME DATETIMELONG
}

enum core_sort_direction { ASC DESC }

input core_sort_input { column: String direction: core_sort_direction }
input core_pagination_input { limit: param_integer cursor: String page: param_integer }

interface core_pageable_result { total: Int! next_cursor: String! }

type totara_webapi_status { status: String timestamp(format: core_date_format): core_date }

type core_user {
  id: core_id!
  idnumber: String
  username(format: core_format = PLAIN): String
  fullname(format: core_format = PLAIN): String!
  firstname(format: core_format = PLAIN): String
  lastname(format: core_format = PLAIN): String
  email: String
  department(format: core_format = PLAIN): String
  city(format: core_format = PLAIN): String
  country: String
  timezone: String
  lang: String
  profileimageurl: String
  suspended: Boolean
  firstaccess(format: core_date_format = TIMESTAMP): core_date
  lastaccess(format: core_date_format = TIMESTAMP): core_date
  job_assignments: [totara_job_job_assignment!]
}

type core_category { id: core_id! name(format: core_format = PLAIN): String idnumber: String }

type core_course_completion { status: String statuskey: String progress: Float }

type core_course {
  id: core_id!
  idnumber: String
  fullname(format: core_format = PLAIN): String!
  shortname(format: core_format = PLAIN): String!
  summary(format: core_format = HTML): String
  timecreated(format: core_date_format = TIMESTAMP): core_date
  timemodified(format: core_date_format = TIMESTAMP): core_date
  category: core_category
  categoryid: core_id
  startdate(format: core_date_format = TIMESTAMP): core_date
  enddate(format: core_date_format = TIMESTAMP): core_date
  lang: String
  format: String
  coursetype: Int
  image: String
  completionenabled: Boolean!
  completion: core_course_completion
}

type totara_job_job_assignment {
  id: core_id!
  userid: core_id!
  user: core_user!
  fullname(format: core_format = PLAIN): String
  idnumber: String
  startdate(format: core_date_format = TIMESTAMP): core_date
  enddate(format: core_date_format = TIMESTAMP): core_date
  managerjaid: core_id
  managerja: totara_job_job_assignment
  tempmanagerjaid: core_id
  tempmanagerja: totara_job_job_assignment
}

type core_user_users_result implements core_pageable_result {
  items: [core_user!]! total: Int! next_cursor: String!
}
type core_course_courses_result implements core_pageable_result {
  items: [core_course!]! total: Int! next_cursor: String!
}
type totara_job_job_assignments_result implements core_pageable_result {
  items: [totara_job_job_assignment!]! total: Int! next_cursor: String!
}
"""

_FIRST = """
input core_user_users_query { pagination: core_pagination_input sort: [core_sort_input!] }
input core_course_courses_query { pagination: core_pagination_input sort: [core_sort_input!] }

type Query {
  totara_webapi_status: totara_webapi_status!
  core_user_users(query: core_user_users_query!): core_user_users_result!
  core_course_courses(query: core_course_courses_query): core_course_courses_result!
}
"""

_LATER = """
enum core_user_status { ALL ACTIVE SUSPENDED }

input core_user_users_filters {
  status: core_user_status
  tag_filter: String
  since_timecreated: core_date
  since_timemodified: core_date
}
input core_course_courses_filters {
  tag_filter: String
  since_timecreated: core_date
  since_timemodified: core_date
}
input totara_job_job_assignments_filters { since_timemodified: core_date }

input core_user_users_query {
  pagination: core_pagination_input
  sort: [core_sort_input!]
  filters: core_user_users_filters
}
input core_course_courses_query {
  pagination: core_pagination_input
  sort: [core_sort_input!]
  filters: core_course_courses_filters
}
input totara_job_job_assignments_query {
  pagination: core_pagination_input
  sort: [core_sort_input!]
  filters: totara_job_job_assignments_filters
}

type Query {
  totara_webapi_status: totara_webapi_status!
  core_user_users(query: core_user_users_query!): core_user_users_result!
  core_course_courses(query: core_course_courses_query): core_course_courses_result!
  totara_job_job_assignments(
    query: totara_job_job_assignments_query
  ): totara_job_job_assignments_result!
}
"""


def sdl(release: str, *, without: frozenset[str] = frozenset()) -> str:
    """The schema of a release, ``17.0`` or ``18``; ``without`` names fields that it lacks."""
    text = _COMMON + (_FIRST if release == "17.0" else _LATER)
    lines = [
        line
        for line in text.splitlines()
        if not any(line.strip().startswith((f"{name}:", f"{name}(")) for name in without)
    ]
    return "\n".join(lines)
