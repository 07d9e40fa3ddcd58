"""What spans rooms, a few lines each.

A flow opens one transaction and hands it to the rooms, which never commit. Two rooms own their
commits because they go over the network between them: sync and delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bridge import consent, curation, desk, listening, pulse
from bridge.delivery import outbox, outlets
from bridge.delivery import worker as deliverer
from bridge.feed import project, write
from bridge.model import (
    Activity,
    Audience,
    AudienceKind,
    Choice,
    Connection,
    DeskPage,
    Outlet,
    Site,
    SyncReport,
    Viewer,
)
from bridge.ports import Clock, Connector, Publisher
from bridge.storage import Store
from bridge.sync import Progress, health, policy
from bridge.sync import run as sync

UNDO = timedelta(minutes=1)
"""How long a leader can take a share back before anything leaves."""


@dataclass(frozen=True)
class RunReport:
    """What one round of everything came to, for one connection."""

    sync: SyncReport
    activities: int
    """Activities that are new or look different."""
    suggestions: int
    deliveries: deliverer.DeliveryReport


def run_once(
    store: Store,
    clock: Clock,
    connection: Connection,
    connector: Connector,
    publisher_of: Callable[[Outlet], Publisher],
    *,
    link: Callable[[str], str],
    worker_id: str,
    progress: Progress | None = None,
    accept_shrink: bool = False,
) -> RunReport:
    """The whole flow in its order: sync, feed, suggestions, deliveries.

    :raises LmsError: if the LMS cannot be read; what was stored page by page stays.
    """
    with health.noting(store, connection, clock):
        report = sync(
            store, connector, connection, clock, progress=progress, accept_shrink=accept_shrink
        )
    changed = tell(store, clock, connection.id)
    made = suggest(store, clock, connection.id)
    delivered = deliverer.deliver(store, publisher_of, clock, link=link, worker_id=worker_id)
    return RunReport(report, changed, made, delivered)


def connect(
    store: Store,
    clock: Clock,
    name: str,
    kind: str,
    url: str,
    token: str,
    site: Site,
    *,
    settings: Mapping[str, Any] | None = None,
    oauth_client: Mapping[str, str] | None = None,
) -> Connection:
    """Store a connection that has answered, with the outlet by which answers go back into it.

    One that is there under the name gets the new address and token, and keeps its settings and its
    OAuth client where none are given.
    """
    with store.work() as work:
        connection = work.connections.put(
            name,
            kind,
            url,
            token,
            site,
            clock.now(),
            settings=settings,
            oauth_client=oauth_client,
        )
        if not any(outlet.purpose == "reply" for outlet in outlets.of(work, connection.id)):
            outlets.add(
                work,
                connection.id,
                f"{name}: answers in the forum",
                "moodle_forum",
                Audience(AudienceKind.EVERYONE, connection.id),
                {},
                "",
                purpose="reply",
            )
        health.mended(work, connection)
    return connection


def tell(store: Store, clock: Clock, connection_id: int) -> int:
    """Turn what is pending into activities with their deliveries; how many changed."""
    with store.work() as work:
        changed = project.project(work, connection_id, clock.now())
        outbox.enqueue(work, changed, clock.now())
    return len(changed)


def suggest(store: Store, clock: Clock, connection_id: int, leader_id: int | None = None) -> int:
    """Bring this week's suggestions up to date; how many were written."""
    with store.work() as work:
        return curation.refresh(work, connection_id, clock.now(), leader_id)


def change_consent(
    store: Store,
    clock: Clock,
    person_id: int,
    choice: Choice,
    *,
    origin: str = "person",
    address: str = "",
) -> int:
    """Record a choice, correct the feed and mark every outlet, in one transaction.

    :returns: how many activities look different now.
    :raises NotFound: if there is no such person.
    """
    now = clock.now()
    with store.work() as work:
        connection_id = work.people.connection_of(person_id)
        consent.choose(work, person_id, choice, now, origin, address)
        changed = project.project_person(work, connection_id, person_id, now)
        outbox.enqueue(work, changed, now, urgent=True)
    return len(changed)


def hide_item(store: Store, clock: Clock, viewer: Viewer, completion_id: int, hidden: bool) -> int:
    """Record a person's word on one completion, and correct the feed and the outlets with it.

    :raises NotFound: if it is not theirs.
    """
    now = clock.now()
    with store.work() as work:
        consent.hide(work, viewer, completion_id, hidden)
        changed = project.project_items(work, viewer.connection_id, viewer.person_id, now)
        outbox.enqueue(work, changed, now, urgent=True)
    return len(changed)


def share(
    store: Store,
    clock: Clock,
    viewer: Viewer,
    *,
    course_id: int,
    text: str,
    audience: Audience,
    outlet_ids: Sequence[int],
    suggestion_id: int | None = None,
) -> Activity:
    """A leader shares a course in their own words; it leaves for the outlets after :data:`UNDO`.

    :raises NotAllowed: if the viewer leads no team.
    :raises InputError: if the text, the audience or an outlet cannot be taken.
    """
    now = clock.now()
    with store.work() as work:
        activity = desk.share(
            work,
            viewer,
            course_id=course_id,
            text=text,
            audience=audience,
            now=now,
            suggestion_id=suggestion_id,
        )
        outlets.check_readers(work, outlet_ids, activity)
        outbox.enqueue(work, [activity.id], now, outlet_ids=list(outlet_ids), not_before=now + UNDO)
        pulse.record(work, viewer.person_id, now, active=True, engaged=True)
    return activity


def undo_share(store: Store, clock: Clock, viewer: Viewer, uid: str) -> Activity:
    """Take a share back: within :data:`UNDO` nothing leaves, later every outlet deletes it."""
    now = clock.now()
    with store.work() as work:
        activity = desk.undo(work, viewer, uid, now)
        outbox.enqueue(work, [activity.id], now, urgent=True)
    return activity


def reply(store: Store, clock: Clock, viewer: Viewer, discussion_id: int, text: str) -> Activity:
    """Answer a question; the answer is posted back into the LMS forum it was asked in.

    :raises NotFound: if the question is not one that the viewer may answer.
    """
    now = clock.now()
    with store.work() as work:
        activity = desk.reply(work, viewer, discussion_id, text, now)
        back = [
            o.id
            for o in outlets.of(work, viewer.connection_id)
            if o.enabled and o.purpose == "reply"
        ]
        outbox.enqueue(work, [activity.id], now, outlet_ids=back)
        pulse.record(work, viewer.person_id, now, active=True, engaged=True)
    return activity


def post(
    store: Store, clock: Clock, viewer: Viewer, text: str, audience: Audience, question: bool
) -> Activity:
    """Post to an audience that the viewer belongs to."""
    now = clock.now()
    with store.work() as work:
        activity = write.post(work, viewer, text, audience, question, now)
        outbox.enqueue(work, [activity.id], now)
        pulse.record(work, viewer.person_id, now, active=True, engaged=True)
    return activity


def remove_post(store: Store, clock: Clock, viewer: Viewer, uid: str) -> None:
    """Take a post away, here and at every outlet."""
    now = clock.now()
    with store.work() as work:
        activity_id = write.remove_post(work, viewer, uid, now)
        outbox.enqueue(work, [activity_id], now, urgent=True)


def desk_page(store: Store, clock: Clock, viewer: Viewer) -> DeskPage:
    """What a leader sees this week: suggestions, open questions, own shares, teams, outlets."""
    now = clock.now()
    with store.reading() as work:
        return DeskPage(
            suggestions=curation.suggestions(work, viewer.person_id, now),
            questions=listening.unanswered(work, viewer, now),
            shared=desk.shared(work, viewer, now),
            teams=work.access.teams_led(viewer.person_id),
            outlets=tuple(
                o
                for o in outlets.of(work, viewer.connection_id)
                if o.enabled and o.purpose == "share"
            ),
        )


def set_policy(store: Store, clock: Clock, category_id: int, announce: bool | None) -> int:
    """Set whether a category's courses are announced (``None``: by the rule); correct the feed.

    :returns: how many activities look different now.
    :raises NotFound: if there is no such category.
    """
    now = clock.now()
    with store.work() as work:
        connection_id = policy.set_announce(work, category_id, announce)
        changed = project.project(work, connection_id, now)
        outbox.enqueue(work, changed, now, urgent=True)
    return len(changed)
