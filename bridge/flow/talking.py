"""What people write to each other."""

from __future__ import annotations

from collections.abc import Collection

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
    store: Store,
    clock: Clock,
    viewer: Viewer,
    text: str,
    audience: Audience,
    question: bool,
    *,
    chosen: Collection[int] = (),
) -> Activity:
    """Post to an audience that the viewer belongs to.

    :param chosen: whom the writer picked from those who can be mentioned.
    """
    now = clock.now()
    with store.work() as work:
        activity = write.post(work, viewer, text, audience, question, now, chosen=chosen)
        spread(work, [activity.id], now)
        pulse.record(work, viewer.person_id, now, active=True, engaged=True)
    return activity


def edit_post(
    store: Store,
    clock: Clock,
    viewer: Viewer,
    uid: str,
    text: str,
    *,
    chosen: Collection[int] = (),
) -> None:
    """Put one's own post or share into other words; its outlets follow.

    :raises NotFound: if it is not there, or the viewer may not see it.
    :raises NotAllowed: if it is somebody else's.
    :raises InputError: if the text cannot be taken.
    """
    now = clock.now()
    with store.work() as work:
        activity_id = write.edit_post(work, viewer, uid, text, now, chosen=chosen)
        # Not urgent: what is urgent takes down whatever an outlet cannot edit without a trace, and
        # to put a word right is no reason for that.
        spread(work, [activity_id], now)
        pulse.record(work, viewer.person_id, now, active=True)


def remove_post(store: Store, clock: Clock, viewer: Viewer, uid: str) -> None:
    """Take a post away, here and at every outlet."""
    now = clock.now()
    with store.work() as work:
        activity_id = write.remove_post(work, viewer, uid, now)
        # The receipt is its author's, whoever removed it.
        author = work.delivery.activities([activity_id])[0].actor_id
        its = [activity_id]
        take_back(work, viewer.connection_id, author, Cause.POST, its, its, now)
