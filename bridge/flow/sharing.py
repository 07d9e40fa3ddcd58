"""A leader's desk: what it shows, shares, and taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bridge import curation, desk, listening, pulse
from bridge.delivery import outlets
from bridge.desk import helping
from bridge.feed import read
from bridge.flow.spread import spread, take_back
from bridge.model import Activity, Audience, Cause, DeskPage, Viewer
from bridge.ports import Clock
from bridge.storage import Store, Work

UNDO = timedelta(minutes=1)
"""How long a leader can take a share back before anything leaves."""


def share(
    store: Store,
    clock: Clock,
    viewer: Viewer,
    *,
    course_id: int | None = None,
    about_id: int | None = None,
    text: str,
    audience: Audience,
    outlet_ids: Sequence[int],
    suggestion_id: int | None = None,
    by: Viewer | None = None,
) -> Activity:
    """A leader shares a course or an activity in their own words; after :data:`UNDO` it leaves for
    the outlets.

    :raises NotAllowed: if the viewer leads no team.
    :raises InputError: if the text, the audience or an outlet cannot be taken.
    """
    now = clock.now()
    with store.work() as work:
        activity = shared_by(
            work,
            viewer,
            course_id=course_id,
            about_id=about_id,
            text=text,
            audience=audience,
            outlet_ids=outlet_ids,
            suggestion_id=suggestion_id,
            now=now,
            by=by,
        )
        pulse.record(work, (by or viewer).person_id, now, active=True, engaged=True)
    return activity


def shared_by(
    work: Work,
    viewer: Viewer,
    *,
    course_id: int | None,
    about_id: int | None = None,
    text: str,
    audience: Audience,
    outlet_ids: Sequence[int],
    suggestion_id: int | None,
    now: datetime,
    by: Viewer | None = None,
) -> Activity:
    """The share with its deliveries, in the transaction that is open; whoever pressed the button.

    :raises NotAllowed: if the viewer leads no team, or is never named.
    :raises InputError: if the text, the audience or an outlet cannot be taken.
    """
    activity = desk.share(
        work,
        viewer,
        course_id=course_id,
        about_id=about_id,
        text=text,
        audience=audience,
        now=now,
        suggestion_id=suggestion_id,
        by=by,
    )
    desk.planning.shared(work, viewer, suggestion_id, now)
    outlets.check_readers(work, viewer.connection_id, outlet_ids, activity.kind, audience)
    spread(work, [activity.id], now, outlet_ids=list(outlet_ids), not_before=now + UNDO)
    return activity


def undo_share(store: Store, clock: Clock, viewer: Viewer, uid: str) -> Activity:
    """Take a share back: within :data:`UNDO` nothing leaves, later every outlet deletes it."""
    now = clock.now()
    with store.work() as work:
        activity = desk.undo(work, viewer, uid, now)
        its = [activity.id]
        take_back(work, activity.connection_id, activity.actor_id, Cause.POST, its, its, now)
    return activity


def desk_page(store: Store, clock: Clock, viewer: Viewer, by: Viewer | None = None) -> DeskPage:
    """What a leader sees this week: suggestions, open questions, own shares, teams, outlets.

    An activity that is suggested is looked at as the feed does, now: of whom it tells is asked when
    it is read, and where nothing of it may be seen any more, it is not suggested.

    :param by: a delegate of theirs who looks, and sees less.
    """
    now = clock.now()
    with store.reading() as work:
        found = curation.suggestions(work, viewer.person_id, now)
        told = read.these(work, by or viewer, [s.about.id for s in found if s.about is not None])
        page = DeskPage(
            suggestions=tuple(s for s in found if s.about is None or s.about.id in told),
            told=told,
            questions=listening.unanswered(work, viewer, now),
            shared=desk.shared(work, viewer, now),
            teams=work.access.teams_led(viewer.person_id),
            plans=work.plans.of(viewer.person_id),
            outlets=tuple(
                o
                for o in outlets.of(work, viewer.connection_id)
                if o.enabled and o.purpose == "share"
            ),
        )
    return page if by is None else helping.as_delegate_sees(page, by.person_id)
