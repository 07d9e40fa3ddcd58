"""Every table, in one place.

Facts carry the LMS's id beside ours. What a later step still has to look at is found by a flag on
the row (``pending``), not by a growing id: PostgreSQL commits out of order.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from bridge.storage.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = JSON().with_variant(JSONB(), "postgresql")


def _ref(
    column: str, name: str, *, null: bool = False, key: bool = False, kind: Any = Integer
) -> Column[Any]:
    return Column(
        name, kind, ForeignKey(column, ondelete="CASCADE"), nullable=null, primary_key=key
    )


def _flag(name: str, default: bool = False) -> Column[bool]:
    return Column(
        name, Boolean, nullable=False, server_default=text("true" if default else "false")
    )


def _count(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text(str(default)))


# --- connections and sync ----------------------------------------------------------------------

connections = Table(
    "connections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("url", Text, nullable=False),
    Column("site_name", Text, nullable=False, server_default=""),
    Column("token_sealed", Text, nullable=False),
    Column("user_lms_id", Integer),
    Column("release", Text, nullable=False, server_default=""),
    Column("functions", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("settings", Json, nullable=False, server_default=text("'{}'")),
    Column("secret_sealed", Text, nullable=False, server_default=""),  # OAuth client, as JSON.
)

connection_health = Table(
    "connection_health",
    metadata,
    _ref("connections.id", "connection_id", key=True),
    _count("failures"),  # In a row, since the last sync that went through.
    Column("failed_since", Instant),
    Column("retry_at", Instant),  # Until then the worker leaves the connection alone.
    Column("error", Text, nullable=False, server_default=""),
    Column("remedy", Text, nullable=False, server_default=""),
    Column("told_at", Instant),  # When an admin was told of this failure.
)

checkpoints = Table(
    "checkpoints",
    metadata,
    _ref("connections.id", "connection_id", key=True),
    Column("stream", String(20), primary_key=True),
    Column("cursor", Json, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("read_at", Instant),  # When the last run began that read the stream to its end.
)

sync_runs = Table(
    "sync_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("connections.id", "connection_id"),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", String(20), nullable=False),
    Column("report", Json, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    Index("ix_sync_runs_latest", "connection_id", "started_at"),
)

# --- facts -------------------------------------------------------------------------------------

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("connections.id", "connection_id"),
    Column("lms_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("username", Text),
    Column("email", Text),
    Column("photo_url", Text),
    Column("timezone", Text),
    Column("language", Text),
    Column("department", Text),
    Column("last_access_at", Instant),
    _flag("suspended"),
    _flag("gone"),
    Column("detailed_at", Instant),  # When the full record was last read; null for a stub.
    _flag("never_named"),  # A profile field says so, whatever they chose; or it is not read yet.
    _flag("pending"),  # Fewer may see their name now, and the feed has not looked at it yet.
    Column("asked_at", Instant),  # When they put the question of a first visit aside.
    UniqueConstraint("connection_id", "lms_id"),
    Index("ix_people_email", "email"),
    Index(
        "ix_people_pending",
        "connection_id",
        "id",
        sqlite_where=text("pending"),
        postgresql_where=text("pending"),
    ),
)

teams = Table(
    "teams",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("connections.id", "connection_id"),
    Column("lms_id", Integer),  # Null for a team made by hand.
    Column("name", Text, nullable=False),
    Column("id_number", Text, nullable=False, server_default=""),
    Column("manager_lms_id", Integer),  # For the people who report to a manager (Totara).
    _flag("visible", True),
    _flag("gone"),
    UniqueConstraint("connection_id", "lms_id"),
    Index("uq_teams_manager", "connection_id", "manager_lms_id", unique=True),
)

memberships = Table(
    "memberships",
    metadata,
    _ref("teams.id", "team_id", key=True),
    _ref("people.id", "person_id", key=True),
    Index("ix_memberships_person", "person_id", "team_id"),
)

leaders = Table(
    "leaders",
    metadata,
    _ref("teams.id", "team_id", key=True),
    _ref("people.id", "person_id", key=True),
    Column("origin", String(20), nullable=False, server_default="hand"),
    Index("ix_leaders_person", "person_id", "team_id"),
)

# Who helps a leader: prepares for them and, if they allow it, posts on their behalf.
delegates = Table(
    "delegates",
    metadata,
    _ref("people.id", "leader_id", key=True),
    _ref("people.id", "person_id", key=True),
    _flag("may_post"),
    Column("since", Instant, nullable=False),
    Index("ix_delegates_person", "person_id", "leader_id"),
)

categories = Table(
    "categories",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("connections.id", "connection_id"),
    Column("lms_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent_lms_id", Integer),
    Column("path", Text, nullable=False, server_default=""),
    _count("sort_order"),
    _flag("gone"),
    Column("announce", Boolean),  # The admin's word; null leaves it to the rule.
    UniqueConstraint("connection_id", "lms_id"),
)

policy_words = Table(
    "policy_words",
    metadata,
    _ref("connections.id", "connection_id", key=True),
    Column("kind", String(10), primary_key=True),  # tag or rule
    Column("name", String(100), primary_key=True),
    Column("announce", Boolean),  # The admin's word; null for a tag that is only to be read.
)

courses = Table(
    "courses",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("connections.id", "connection_id"),
    Column("lms_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False, server_default=""),
    Column("summary", Text, nullable=False, server_default=""),
    Column("category_lms_id", Integer),
    Column("category", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    _flag("visible", True),
    _flag("mandatory"),  # Not announced; why stands in ``quiet``.
    Column("quiet", String(10), nullable=False, server_default=""),  # must, category, tag, rule
    Column("rule", String(10), nullable=False, server_default=""),  # What completes it, if known.
    _flag("tracked", True),  # False where the LMS says that completion is off or has no criteria.
    _flag("gone"),
    Column("self_enrol", Boolean),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("first_seen_at", Instant, nullable=False),
    Column("unreadable_since", Instant),  # The LMS has no completion criteria to answer from.
    Column("reconciled_at", Instant),  # When every verdict in it was last compared with the LMS's.
    Column("people_refused_at", Instant),  # When the LMS would not say who is in it.
    Column("verdicts_refused_at", Instant),  # When it would not say who completed it.
    _flag("history"),  # There at the first sync: never announced as new.
    _flag("pending", True),
    UniqueConstraint("connection_id", "lms_id"),
    Index("ix_courses_pending", "connection_id", "pending"),
)

course_tags = Table(
    "course_tags",
    metadata,
    _ref("courses.id", "course_id", key=True),
    Column("tag", String(100), primary_key=True),  # Of those in policy_words: no other is read.
    Index("ix_course_tags_tag", "tag", "course_id"),
)

enrolments = Table(
    "enrolments",
    metadata,
    _ref("courses.id", "course_id", key=True),
    _ref("people.id", "person_id", key=True),
    Column("last_access_at", Instant),
    Column("first_seen_at", Instant, nullable=False),
    _flag("checked"),  # Whether the LMS was ever asked for the verdict.
    Column("unjudged_since", Instant),  # The LMS does not judge this person here (a teacher).
    _flag("gone"),
    Index("ix_enrolments_person", "person_id", "course_id"),
    Index("ix_enrolments_access", "last_access_at"),
    Index(
        "ix_enrolments_unchecked",
        "course_id",
        "person_id",
        sqlite_where=text("NOT checked"),
        postgresql_where=text("NOT checked"),
    ),
)

completions = Table(
    "completions",
    metadata,
    Column("id", Integer, primary_key=True),
    # That it is the course's connection follows from the course: it is not checked for every row.
    Column("connection_id", Integer, nullable=False),
    _ref("courses.id", "course_id"),
    _ref("people.id", "person_id"),
    Column("completed_at", Instant, nullable=False),
    _flag("dated", True),  # False where the LMS gave no date and the time it was seen stands in.
    Column("dated_as", Text, nullable=False, server_default=""),  # As a report words the moment.
    Column("seen_at", Instant, nullable=False),
    Column("moved_from", Instant),  # Where it was dated before, until the feed has looked.
    _count("renewals"),
    _flag("history"),
    _flag("revoked"),
    _flag("hidden"),  # The person's own word on this one item.
    _flag("pending", True),
    UniqueConstraint("course_id", "person_id"),
    Index(
        "ix_completions_pending",
        "connection_id",
        "id",
        sqlite_where=text("pending"),
        postgresql_where=text("pending"),
    ),
    Index("ix_completions_person", "person_id", "completed_at"),
    Index(
        "ix_completions_time",
        "connection_id",
        "completed_at",
        sqlite_where=text("NOT history"),
        postgresql_where=text("NOT history"),
    ),
)

discussions = Table(
    "discussions",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("connections.id", "connection_id"),
    _ref("courses.id", "course_id"),
    Column("lms_id", Integer, nullable=False),
    Column("forum_lms_id", Integer, nullable=False),
    Column("first_post_lms_id", Integer, nullable=False),
    _ref("people.id", "author_id", null=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("modified_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    _count("replies"),
    _flag("ours"),
    _flag("history"),
    _flag("gone"),
    Column("answered_at", Instant),
    _flag("pending", True),
    UniqueConstraint("connection_id", "lms_id"),
    Index("ix_discussions_pending", "connection_id", "pending"),
    Index("ix_discussions_course", "course_id", "created_at"),
)

# --- xAPI --------------------------------------------------------------------------------------

xapi_keys = Table(
    "xapi_keys",
    metadata,
    Column("key", String(40), primary_key=True),
    _ref("connections.id", "connection_id"),
    Column("secret_hash", String(64), nullable=False),
    Column("accounts", String(10), nullable=False),  # What its actors' accounts are named by.
    Column("made_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

xapi_statements = Table(
    "xapi_statements",
    metadata,
    _ref("connections.id", "connection_id", key=True),
    Column("id", String(36), primary_key=True),  # The statement's, or one made from its content.
    Column("digest", String(64), nullable=False),  # Of its content: the same id is the same words.
    Column("received_at", Instant, nullable=False),
    Column("fact", Json, nullable=False),  # What is needed to match it; empty once it is settled.
    Column("state", String(10), nullable=False),  # stored, waiting, noted or ignored
    Column("reason", Text, nullable=False, server_default=""),
    Index("ix_xapi_statements_state", "connection_id", "state", "received_at"),
)

# --- consent -----------------------------------------------------------------------------------

consents = Table(
    "consents",
    metadata,
    _ref("people.id", "person_id", key=True),
    Column("choice", String(10), nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("origin", String(20), nullable=False, server_default="person"),
    _flag("pending", True),
)

consent_log = Table(
    "consent_log",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("people.id", "person_id"),
    # A choice; or never, free (of that), hidden, shown (one item), undone.
    Column("choice", String(10), nullable=False),
    Column("at", Instant, nullable=False),
    Column("origin", String(20), nullable=False),  # Who: person, admin, profile or demo.
    Column("address", Text, nullable=False, server_default=""),  # Blanked after a while.
    Column("completion_id", Integer, ForeignKey("completions.id", ondelete="SET NULL")),
    Index("ix_consent_log_person", "person_id", "id"),
    Index("ix_consent_log_at", "at"),
)

# --- feed --------------------------------------------------------------------------------------

activities = Table(
    "activities",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", String(36), nullable=False, unique=True),
    _ref("connections.id", "connection_id"),
    Column("kind", String(20), nullable=False),
    Column("audience", String(40), nullable=False),
    _ref("people.id", "actor_id", null=True),
    _ref("people.id", "behalf_of_id", null=True),
    _ref("courses.id", "course_id", null=True),
    _ref("discussions.id", "discussion_id", null=True),
    # The activity that a share is about, where that is no course. No reference: SQLite would have
    # to make the table anew, which all others refer to. Whoever deletes activities empties it.
    Column("about_id", Integer),
    Column("day", Date),
    Column("title", Text, nullable=False, server_default=""),  # What it was told to be about.
    Column("digest", String(16), nullable=False, server_default=""),  # Of the LMS's words told.
    Column("text", Text, nullable=False, server_default=""),  # Somebody's own words.
    _flag("question"),
    _count("named"),
    _count("others"),
    Column("group_size", Integer, nullable=False, server_default=text("0")),
    Column("published", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    _count("revision", 1),
    _flag("gone"),
    _count("number"),  # What a milestone counts.
    Column("edited_at", Instant),  # When its author last put it into other words.
    Column("standing", String(10), nullable=False, server_default="shown"),
    # All that a walk through a feed asks for, so that it reads no row.
    Index(
        "ix_activities_feed",
        "audience",
        "published",
        "id",
        sqlite_where=text("gone IS 0"),
        postgresql_where=text("gone IS false"),
    ),
    Index(
        "uq_activities_aggregate",
        "course_id",
        "day",
        "audience",
        unique=True,
        sqlite_where=text("kind = 'completion'"),
        postgresql_where=text("kind = 'completion'"),
    ),
    Index(
        "uq_activities_renewal",
        "course_id",
        "day",
        "audience",
        unique=True,
        sqlite_where=text("kind = 'renewal'"),
        postgresql_where=text("kind = 'renewal'"),
    ),
    Index("ix_activities_course", "course_id", "published"),
    Index("ix_activities_actor", "actor_id", "published"),
    Index("ix_activities_discussion", "discussion_id"),
    Index(
        "ix_activities_about",
        "about_id",
        sqlite_where=text("about_id IS NOT NULL"),
        postgresql_where=text("about_id IS NOT NULL"),
    ),
)

activity_members = Table(
    "activity_members",
    metadata,
    _ref("activities.id", "activity_id", key=True),
    _ref("people.id", "person_id", key=True),
    _ref("completions.id", "completion_id"),
    Column("at", Instant, nullable=False),
    Index("ix_activity_members_person", "person_id", "activity_id"),
)

reactions = Table(
    "reactions",
    metadata,
    _ref("activities.id", "activity_id", key=True),
    _ref("people.id", "person_id", key=True),
    Column("kind", String(20), nullable=False, server_default="cheer"),
    Column("at", Instant, nullable=False),
)

comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("activities.id", "activity_id"),
    _ref("people.id", "person_id"),
    # The comment that it answers. No reference: answers stay when their comment is erased.
    Column("parent_id", Integer),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("edited_at", Instant),
    _flag("gone"),
    Column("standing", String(10), nullable=False, server_default="shown"),
    Index("ix_comments_activity", "activity_id", "at"),
)

# A text says "@someone" where it mentions somebody; who it is stands here, so that a text by itself
# names nobody, and whoever leaves is named nowhere.
mentions = Table(
    "mentions",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("activities.id", "activity_id"),
    _ref("comments.id", "comment_id", null=True),  # Null where the activity's own text does it.
    _ref("people.id", "person_id"),
    Column("start", Integer, nullable=False),  # Where in the text, in characters.
    Column("at", Instant, nullable=False),  # When the person was first mentioned there.
    Index("ix_mentions_activity", "activity_id", "comment_id"),
    Index("ix_mentions_person", "person_id", "at"),
)

# How something was worded before it was edited.
wordings = Table(
    "wordings",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("activities.id", "activity_id"),
    _ref("comments.id", "comment_id", null=True),
    Column("text", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Index("ix_wordings_activity", "activity_id", "comment_id"),
    Index("ix_wordings_until", "until"),
)

# What of a feed's rows was changed, one row a change: "person:7" (see storage/touched.py).
touches = Table(
    "touches",
    metadata,
    Column("id", Integer, primary_key=True),
    # The transaction that did it, on PostgreSQL: what it commits may be seen later than what
    # began after it.
    Column("xid", BigInteger),
    Column("what", String(40), nullable=False),
    Index("ix_touches_xid", "xid"),
    sqlite_autoincrement=True,
)

# Groups that lost somebody since the feed looked: a number that was told of one may say too much.
shrunk_groups = Table(
    "shrunk_groups",
    metadata,
    Column("subject", String(40), primary_key=True),  # team:12 or course:5
    _ref("connections.id", "connection_id"),
    Index("ix_shrunk_groups_connection", "connection_id"),
)

milestones = Table(
    "milestones",
    metadata,
    Column("subject", String(40), primary_key=True),  # team:12 or course:5
    _ref("connections.id", "connection_id"),
    Column("number", Integer, nullable=False),  # The highest that was told of, or passed unseen.
    Index("ix_milestones_connection", "connection_id"),
)

# --- moderation --------------------------------------------------------------------------------

reports = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("activities.id", "activity_id"),
    _ref("comments.id", "comment_id", null=True),
    _ref("people.id", "reporter_id"),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("settled_at", Instant),  # When a moderator decided about it.
    Index(
        "uq_reports_activity",
        "activity_id",
        "reporter_id",
        unique=True,
        sqlite_where=text("comment_id IS NULL"),
        postgresql_where=text("comment_id IS NULL"),
    ),
    Index(
        "uq_reports_comment",
        "comment_id",
        "reporter_id",
        unique=True,
        sqlite_where=text("comment_id IS NOT NULL"),
        postgresql_where=text("comment_id IS NOT NULL"),
    ),
    Index("ix_reports_reporter", "reporter_id", "at"),
    Index("ix_reports_open", "settled_at", "at"),
)

moderations = Table(
    "moderations",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("activities.id", "activity_id"),
    _ref("comments.id", "comment_id", null=True),
    _ref("people.id", "author_id", null=True),  # Whose words they are, who is told why.
    Column("moderator_id", Integer),  # No foreign key: what was decided outlives who did.
    Column("act", String(10), nullable=False),  # hidden, restored or kept
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Index("ix_moderations_activity", "activity_id", "at"),
    Index("ix_moderations_author", "author_id", "at"),
)

# --- readers -----------------------------------------------------------------------------------

# The line stands where the last visit ended; what is newer than the place seen is unread.
reading_places = Table(
    "reading_places",
    metadata,
    _ref("people.id", "person_id", key=True),
    Column("line_published", Instant, nullable=False),
    Column("line_id", Integer, nullable=False),
    Column("seen_published", Instant, nullable=False),
    Column("seen_id", Integer, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

follows = Table(
    "follows",
    metadata,
    _ref("people.id", "person_id", key=True),
    Column("topic", String(120), primary_key=True),  # course:5, category:3 or tag:onboarding
    Column("since", Instant, nullable=False),
)

# Who is told of what others said or cheered; one a person and comment, one a person and cheer.
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("people.id", "person_id"),  # Whom it is for.
    Column("kind", String(10), nullable=False),  # comment, answer, mention or cheer
    _ref("activities.id", "activity_id"),
    _ref("comments.id", "comment_id", null=True),
    _ref("people.id", "actor_id"),  # Who did it.
    Column("at", Instant, nullable=False),
    Column("read_at", Instant),
    Index("ix_notices_person", "person_id", "id"),
    Index(
        "ix_notices_unread",
        "person_id",
        "id",
        sqlite_where=text("read_at IS NULL"),
        postgresql_where=text("read_at IS NULL"),
    ),
    Index(
        "uq_notices_comment",
        "comment_id",
        "person_id",
        unique=True,
        sqlite_where=text("comment_id IS NOT NULL"),
        postgresql_where=text("comment_id IS NOT NULL"),
    ),
    Index(
        "uq_notices_activity",
        "activity_id",
        "person_id",
        "actor_id",
        "kind",
        unique=True,
        sqlite_where=text("comment_id IS NULL"),
        postgresql_where=text("comment_id IS NULL"),
    ),
    Index("ix_notices_activity", "activity_id"),
    Index("ix_notices_actor", "actor_id"),
    Index("ix_notices_at", "at"),
)

# The letters by which people are told of their notices. ``attempt`` stands from before a letter is
# handed over until its outcome is known.
notice_letters = Table(
    "notice_letters",
    metadata,
    _ref("people.id", "person_id", key=True),
    Column("rhythm", String(10), nullable=False),  # off, daily or weekly
    Column("hour", Integer, nullable=False),  # By the person's clock.
    Column("weekday", Integer, nullable=False),  # 0 is Monday.
    Column("next_at", Instant),  # Null while it is off.
    Column("covered_to", Instant, nullable=False),  # What came later is for the next letter.
    Column("attempt", String(36)),
    Column("attempted_at", Instant),
    _count("failures"),  # In a row, since a letter was taken.
    Column("problem", Text, nullable=False, server_default=""),
    Column("sent_at", Instant),
    Column("doubt_at", Instant),  # When a letter was handed over of which nobody knows.
    Index("ix_notice_letters_next", "next_at"),
)

# --- delivery ----------------------------------------------------------------------------------

outlets = Table(
    "outlets",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("connections.id", "connection_id"),
    Column("name", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("purpose", String(10), nullable=False, server_default="share"),
    Column("audience", String(40), nullable=False),
    Column("settings", Json, nullable=False),
    Column("secret_sealed", Text, nullable=False, server_default=""),
    _flag("enabled", True),
    UniqueConstraint("connection_id", "name"),
)

outlet_unsubscribed = Table(
    "outlet_unsubscribed",
    metadata,
    _ref("outlets.id", "outlet_id", key=True),
    Column("address", String(254), primary_key=True),  # In lower case.
    Column("at", Instant, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("activities.id", "activity_id"),
    _ref("outlets.id", "outlet_id"),
    Column("key", String(36), nullable=False, unique=True),
    Column("wanted", Integer),
    Column("shown", Integer),
    Column("sent", Integer),  # The revision of an attempt whose outcome is not known.
    Column("state", String(24), nullable=False, server_default="waiting"),
    Column("remote_id", Text),
    _count("attempts"),
    Column("reason", Text, nullable=False, server_default=""),
    _flag("urgent"),
    _flag("pending", True),  # Whether a worker still has something to do about it.
    Column("due_at", Instant, nullable=False),
    Column("not_before", Instant),
    Column("claimed_until", Instant),
    Column("claimed_by", String(36)),
    Column("attempted_at", Instant),
    Column("accepted_at", Instant),
    Column(  # The digest that lists it, or listed it: a digest is an activity.
        "digest_id", Integer, ForeignKey("activities.id", ondelete="SET NULL")
    ),
    Column("counted_on", Date),  # The day, by the outlet's clock, whose budget it is taken from.
    UniqueConstraint("activity_id", "outlet_id"),
    Index("ix_deliveries_due", "pending", "due_at"),
    # A worker takes each outlet's share by itself, what is urgent first.
    Index("ix_deliveries_claim", "outlet_id", "pending", "urgent", "due_at"),
    Index(
        "ix_deliveries_digest",
        "digest_id",
        sqlite_where=text("digest_id IS NOT NULL"),
        postgresql_where=text("digest_id IS NOT NULL"),
    ),
    Index(
        "ix_deliveries_edition",
        "outlet_id",
        "due_at",
        sqlite_where=text("state = 'for the digest'"),
        postgresql_where=text("state = 'for the digest'"),
    ),
    Index(
        "ix_deliveries_counted",
        "outlet_id",
        "counted_on",
        sqlite_where=text("counted_on IS NOT NULL"),
        postgresql_where=text("counted_on IS NOT NULL"),
    ),
)

outlet_paces = Table(
    "outlet_paces",
    metadata,
    _ref("outlets.id", "outlet_id", key=True),
    # When the next message may go, in milliseconds since 1970: a second is too coarse for a rate.
    Column("free_ms", BigInteger, nullable=False),
)

outlet_health = Table(
    "outlet_health",
    metadata,
    _ref("outlets.id", "outlet_id", key=True),
    _count("failures"),  # In a row, since something went through.
    Column("failed_since", Instant),
    _flag("lasting"),  # Whether waiting will not help.
    Column("error", Text, nullable=False, server_default=""),
    Column("remedy", Text, nullable=False, server_default=""),
    Column("told_at", Instant),  # When an admin was told of this failure.
)

# --- what is taken back ------------------------------------------------------------------------

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("uid", String(36), primary_key=True),
    _ref("connections.id", "connection_id"),
    # Empty once the person is erased: then only a secret link opens the receipt.
    Column("person_id", Integer, ForeignKey("people.id", ondelete="SET NULL")),
    Column("cause", String(10), nullable=False),
    Column("at", Instant, nullable=False),
    Column("token_hash", String(64), unique=True),
    Index("ix_withdrawals_person", "person_id", "at"),
    Index("ix_withdrawals_at", "connection_id", "at"),
)

withdrawn = Table(
    "withdrawn",
    metadata,
    _ref("withdrawals.uid", "withdrawal_uid", key=True, kind=String(36)),
    _ref("deliveries.id", "delivery_id", key=True),
    Column("revision", Integer, nullable=False),  # From this one on nothing of it is left.
    _flag("there"),  # Whether something stood there, or was on its way.
    Index("ix_withdrawn_delivery", "delivery_id"),
)

erased = Table(
    "erased",
    metadata,
    _ref("connections.id", "connection_id", key=True),
    Column("hash", String(64), primary_key=True),  # Keyed; of one of the names of the person.
    Column("person", String(64), nullable=False),  # The first hash of their id in the LMS.
    Column("at", Instant, nullable=False),
)

# What the hashes of erased people were made with, of secret keys that may have been taken out.
naming_keys = Table(
    "naming_keys",
    metadata,
    Column("mark", String(64), primary_key=True),  # Its SHA-256: which one it is.
    Column("key_sealed", Text, nullable=False),
)

# --- curation and desk -------------------------------------------------------------------------

# About a course or about an activity of the feed: one of the two.
suggestions = Table(
    "suggestions",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("people.id", "leader_id"),
    _ref("courses.id", "course_id", null=True),
    _ref("activities.id", "about_id", null=True),
    _ref("teams.id", "team_id", null=True),
    Column("week", Date, nullable=False),
    _count("position"),
    Column("score", Float, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("prompt", Text, nullable=False, server_default=""),
    Column("state", String(10), nullable=False, server_default="open"),
    Column("decided_at", Instant),
    Column("decided_why", Text, nullable=False, server_default=""),
    Column("decided_kind", String(10), nullable=False, server_default=""),
    _ref("activities.id", "activity_id", null=True),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("leader_id", "week", "course_id"),
    Index("uq_suggestions_about", "leader_id", "week", "about_id", unique=True),
    Index("ix_suggestions_about", "about_id"),
)

# The weekly note to a leader: how they want it, and how the last one went. ``attempt`` stands from
# before a note is handed over until its outcome is known.
leader_notes = Table(
    "leader_notes",
    metadata,
    _ref("people.id", "person_id", key=True),
    Column("channel", String(10), nullable=False),  # unasked, off, message or mail
    Column("hour", Integer, nullable=False),  # By the leader's clock.
    Column("weekday", Integer, nullable=False),  # 0 is Monday.
    Column("next_at", Instant),  # Null while none is due ever.
    Column("begun_at", Instant),  # When it was chosen: silence counts from then on.
    Column("left_at", Instant),  # When the last one left, or may have left.
    Column("left_as", String(10), nullable=False, server_default=""),
    Column("doubt_at", Instant),  # When one was handed over of which nobody knows.
    Column("nudged_at", Instant),
    _count("nudges"),  # In a row, unanswered.
    _count("failures"),  # In a row, since a note left.
    Column("problem", Text, nullable=False, server_default=""),
    Column("remedy", Text, nullable=False, server_default=""),
    Column("attempt", String(36)),
    Column("attempted_at", Instant),
    Column("attempted_as", String(10), nullable=False, server_default=""),
    Index("ix_leader_notes_next", "next_at"),
)

# What leaders mean to share: drafts, what is planned, and what could not be shared any more.
plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("people.id", "leader_id"),
    _ref("courses.id", "course_id", null=True),
    # The leader's words stay when it is gone.
    Column("about_id", Integer, ForeignKey("activities.id", ondelete="SET NULL")),
    Column(
        "suggestion_id", Integer, ForeignKey("suggestions.id", ondelete="SET NULL"), nullable=True
    ),
    Column("audience", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("outlet_ids", Json, nullable=False),
    Column("at", Instant),  # When it leaves; null for a draft.
    Column("state", String(10), nullable=False),  # draft, planned, shared, withdrawn or dropped
    Column("reason", Text, nullable=False, server_default=""),
    Column("changed_at", Instant, nullable=False),
    _ref("people.id", "by_id", null=True),  # The delegate who prepared it.
    Index("ix_plans_leader", "leader_id", "state"),
    Index("ix_plans_about", "about_id"),
    Index(
        "ix_plans_due",
        "at",
        sqlite_where=text("state = 'planned'"),
        postgresql_where=text("state = 'planned'"),
    ),
)

# Who opened a share, to be counted and never told.
opens = Table(
    "opens",
    metadata,
    _ref("activities.id", "activity_id", key=True),
    _ref("people.id", "person_id", key=True),
    Column("day", Date, nullable=False),
    Index("ix_opens_person", "person_id"),
    Index("ix_opens_day", "day"),
)

# --- pulse -------------------------------------------------------------------------------------

presence = Table(
    "presence",
    metadata,
    _ref("people.id", "person_id", key=True),
    Column("day", Date, primary_key=True),
    _flag("active"),
    _flag("engaged"),
    Index("ix_presence_day", "day"),
)

# --- access ------------------------------------------------------------------------------------

roles = Table(
    "roles",
    metadata,
    _ref("people.id", "person_id", key=True),
    Column("role", String(20), primary_key=True),
    Column("origin", String(10), nullable=False, server_default="hand"),  # hand, oidc or lms.
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _ref("people.id", "person_id"),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _ref("people.id", "person_id"),
    Column("started_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("browser", String(60), nullable=False, server_default=""),  # In words.
    Column("platform_id", Integer),  # The LTI platform it began at; it ends before that is removed.
    Index("ix_sessions_person", "person_id"),
)

sign_in_requests = Table(  # What somebody typed, until a worker has looked whether it is known.
    "sign_in_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("said", String(255), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("next", Text, nullable=False, server_default="/"),  # The page they wanted to see.
)

feed_links = Table(
    "feed_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _ref("people.id", "person_id"),
    Column("name", String(60), nullable=False, server_default=""),  # The app that reads it.
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),  # To the hour.
    Column("revoked_at", Instant),
    Index("ix_feed_links_person", "person_id"),
)

setup_keys = Table(  # What opens the setup: a link that is printed once, and what begins by it.
    "setup_keys",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _flag("session"),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

setups = Table(  # A row while the connection is being set up: until then nothing of it is told.
    "setups",
    metadata,
    _ref("connections.id", "connection_id", key=True),
    Column("begun_at", Instant, nullable=False),
    Column("done", Json, nullable=False, server_default=text("'[]'")),  # Steps, by their names.
    Column("admin_lms_id", Integer),  # Who becomes the first admin.
)

# --- LTI ---------------------------------------------------------------------------------------

lti_platforms = Table(
    "lti_platforms",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("connections.id", "connection_id"),
    Column("issuer", String(255), nullable=False),
    Column("client_id", String(255), nullable=False),
    Column("auth_url", Text, nullable=False),
    Column("keys_url", Text, nullable=False),
    Column("token_url", Text, nullable=False),
    _flag("typed"),  # At the command line: its addresses may be inside the network.
    Column("made_at", Instant, nullable=False),
    Column("keys", Json, nullable=False, server_default=text("'{}'")),  # As they were last read.
    Column("keys_at", Instant),
    Column("keys_asked_at", Instant),
    UniqueConstraint("issuer", "client_id"),
    Index("ix_lti_platforms_connection", "connection_id"),
)

lti_deployments = Table(
    "lti_deployments",
    metadata,
    _ref("lti_platforms.id", "platform_id", key=True),
    Column("deployment_id", String(255), primary_key=True),
)

lti_logins = Table(
    "lti_logins",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    _ref("lti_platforms.id", "platform_id"),
    Column("browser_hash", String(64), nullable=False),
    Column("login_hint", Text, nullable=False),
    Column("message_hint", Text, nullable=False, server_default=""),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_lti_logins_expires", "expires_at"),
    Index("ix_lti_logins_platform", "platform_id"),
)

lti_rosters = Table(  # Which courses a platform is asked about: who is in there?
    "lti_rosters",
    metadata,
    _ref("courses.id", "course_id", key=True),
    _ref("lti_platforms.id", "platform_id"),
    Column("url", Text, nullable=False),
    _flag("pending"),  # It is to be asked.
    Column("asked_at", Instant),
    Column("behind_at", Instant),  # When it named somebody who is not known to be in there.
    Index("ix_lti_rosters_platform", "platform_id"),
)

lti_invitations = Table(
    "lti_invitations",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _ref("connections.id", "connection_id"),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_lti_invitations_connection", "connection_id"),
)

lti_keys = Table(  # The tool's own; all are published, the newest signs.
    "lti_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("secret_sealed", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
)

# --- OpenID Connect ----------------------------------------------------------------------------

oidc_subjects = Table(  # Who somebody is to a provider, since they came in by it first.
    "oidc_subjects",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("sub", String(255), primary_key=True),
    _ref("people.id", "person_id", key=True),
    Column("made_at", Instant, nullable=False),
    Index("ix_oidc_subjects_person", "person_id"),
)

oidc_logins = Table(
    "oidc_logins",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("browser_hash", String(64), nullable=False),
    Column("next", Text, nullable=False),  # The page to go to.
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_oidc_logins_expires", "expires_at"),
)

# --- the JSON API ------------------------------------------------------------------------------

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _ref("people.id", "person_id"),
    Column("name", String(60), nullable=False),
    Column("scopes", String(120), nullable=False),  # Words with spaces between them.
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),  # To the hour.
    Column("revoked_at", Instant),
    Index("ix_api_tokens_person", "person_id"),
)

api_answers = Table(  # What was answered to a write under a key, so that it is done once.
    "api_answers",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    _ref("people.id", "person_id"),
    Column("request_hash", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("status", Integer),  # Empty until it is answered.
    Column("body", Text, nullable=False, server_default=""),
    Index("ix_api_answers_at", "at"),
    Index("ix_api_answers_person", "person_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("person_id", Integer),  # No foreign key: the log outlives the person.
    Column("act", String(40), nullable=False),
    Column("subject", Text, nullable=False, server_default=""),
    Index("ix_audit_at", "at"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(36), nullable=False),
    Column("until", Instant, nullable=False),
)
