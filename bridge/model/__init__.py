"""The vocabulary: what the rooms, the adapters and the pages talk about.

Three kinds of dataclass stand here, all frozen:

* *facts* (``CourseFact`` …): what an LMS says, in the LMS's own ids;
* *entities* (``Person``, ``Course``, ``Activity`` …): the same and more, as the bridge keeps it, in
  the bridge's ids;
* *views* (``FeedItem``, ``Suggestion`` …): what a page shows, already filtered by
  :mod:`bridge.visibility`.

Every ``datetime`` is aware and in UTC. Text from an LMS is plain text by the time it stands here
(the connector strips markup) unless the field's name ends in ``_html``.
"""

from __future__ import annotations

from bridge.model.entities import (
    Activity,
    Completion,
    Connection,
    Course,
    Discussion,
    Health,
    Person,
    Team,
    Viewer,
)
from bridge.model.facts import (
    CategoryFact,
    CategoryPolicy,
    CompletionFact,
    CourseFact,
    CoursePlace,
    DiscussionFact,
    EnrolmentFact,
    ForumFact,
    JobTeamFact,
    Listing,
    PersonFact,
    ReportPage,
    ReportRow,
    Site,
    Tally,
    TeamFact,
)
from bridge.model.outlets import (
    Delivery,
    DeliveryState,
    Outlet,
    OutletHealth,
    Post,
    Receipt,
    Rendering,
)
from bridge.model.profile import ProfileRules
from bridge.model.pushed import Actor, ActorBy, PushedFact, PushState, ReasonCount, Says, XapiKey
from bridge.model.views import (
    CommentView,
    ConsentEntry,
    DeskPage,
    FeedItem,
    FeedPage,
    LedgerRow,
    OpenQuestion,
    PersonCard,
    Pulse,
    PulseWeek,
    Reason,
    SharedItem,
    Sharing,
    SharingItem,
    StreamReport,
    Suggestion,
    SyncReport,
)
from bridge.model.withdrawals import (
    Cause,
    Fate,
    Fated,
    FatedItem,
    Withdrawal,
    WithdrawalReceipt,
)
from bridge.model.words import (
    AGGREGATES,
    Audience,
    AudienceKind,
    Choice,
    Kind,
    Role,
    Standing,
    Stream,
)

__all__ = [
    "AGGREGATES",
    "Activity",
    "Actor",
    "ActorBy",
    "Audience",
    "AudienceKind",
    "CategoryFact",
    "CategoryPolicy",
    "Cause",
    "Choice",
    "CommentView",
    "Completion",
    "CompletionFact",
    "Connection",
    "ConsentEntry",
    "Course",
    "CourseFact",
    "CoursePlace",
    "Delivery",
    "DeliveryState",
    "DeskPage",
    "Discussion",
    "DiscussionFact",
    "EnrolmentFact",
    "Fate",
    "Fated",
    "FatedItem",
    "FeedItem",
    "FeedPage",
    "ForumFact",
    "Health",
    "JobTeamFact",
    "Kind",
    "LedgerRow",
    "Listing",
    "OpenQuestion",
    "Outlet",
    "OutletHealth",
    "Person",
    "PersonCard",
    "PersonFact",
    "Post",
    "ProfileRules",
    "Pulse",
    "PulseWeek",
    "PushState",
    "PushedFact",
    "Reason",
    "ReasonCount",
    "Receipt",
    "Rendering",
    "ReportPage",
    "ReportRow",
    "Role",
    "Says",
    "SharedItem",
    "Sharing",
    "SharingItem",
    "Site",
    "Standing",
    "Stream",
    "StreamReport",
    "Suggestion",
    "SyncReport",
    "Tally",
    "Team",
    "TeamFact",
    "Viewer",
    "Withdrawal",
    "WithdrawalReceipt",
    "XapiKey",
]
