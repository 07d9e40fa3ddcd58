"""What people write to each other."""

from __future__ import annotations

from bridge import desk, pulse
from bridge.delivery import outlets
from bridge.feed import write
from bridge.flow.spread import spread, take_back
from bridge.model import Activity, Audience, Cause, Viewer
from bridge.ports import Clock
from bridge.storage import Store


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
        spread(work, [activity.id], now, outlet_ids=back)
        pulse.record(work, viewer.person_id, now, active=True, engaged=True)
    return activity


def post(
    store: Store, clock: Clock, viewer: Viewer, text: str, audience: Audience, question: bool
) -> Activity:
    """Post to an audience that the viewer belongs to."""
    now = clock.now()
    with store.work() as work:
        activity = write.post(work, viewer, text, audience, question, now)
        spread(work, [activity.id], now)
        pulse.record(work, viewer.person_id, now, active=True, engaged=True)
    return activity


def remove_post(store: Store, clock: Clock, viewer: Viewer, uid: str) -> None:
    """Take a post away, here and at every outlet."""
    now = clock.now()
    with store.work() as work:
        activity_id = write.remove_post(work, viewer, uid, now)
        # The receipt is its author's, whoever removed it.
        author = work.delivery.activities([activity_id])[0].actor_id
        its = [activity_id]
        take_back(work, viewer.connection_id, author, Cause.POST, its, its, now)
