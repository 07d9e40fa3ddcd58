"""What moderators decide, here and at every outlet, written into the log."""

from __future__ import annotations

from bridge.access import audit
from bridge.feed import moderate
from bridge.flow.spread import spread
from bridge.model import Viewer, Words
from bridge.ports import Clock
from bridge.storage import Store
from bridge.storage.moderation import Thing


def hide_words(store: Store, clock: Clock, viewer: Viewer, thing: Thing, reason: str) -> Words:
    """Hide what somebody wrote; every outlet takes it back at once.

    :raises NotAllowed: if the viewer is no moderator of it.
    :raises NotFound: if it is not there.
    :raises InputError: if there is no reason, or it is not shown any more.
    """
    return _decided(store, clock, viewer, thing, reason, "hide")


def restore_words(store: Store, clock: Clock, viewer: Viewer, thing: Thing, reason: str) -> Words:
    """Show again what a moderator hid; it comes back at the outlets.

    :raises NotAllowed: if the viewer is no moderator of it.
    :raises NotFound: if it is not there.
    :raises InputError: if there is no reason, or it is not hidden.
    """
    return _decided(store, clock, viewer, thing, reason, "restore")


def keep_words(store: Store, clock: Clock, viewer: Viewer, thing: Thing, reason: str) -> Words:
    """Let what was reported stand.

    :raises NotAllowed: if the viewer is no moderator of it.
    :raises NotFound: if it is not there.
    """
    return _decided(store, clock, viewer, thing, reason, "keep")


DECISIONS = {"hide": moderate.hide, "restore": moderate.restore, "keep": moderate.keep}


def _decided(
    store: Store, clock: Clock, viewer: Viewer, thing: Thing, reason: str, act: str
) -> Words:
    now = clock.now()
    with store.work() as work:
        words = DECISIONS[act](work, viewer, thing, reason, now)
        if act != "keep" and words.comment_id is None:
            spread(work, [words.activity_id], now, urgent=True)
        kind = "comment" if words.comment_id is not None else words.kind.value
        # The reason may name people, and the log outlives them: it stands with the decision.
        audit.note(
            work, viewer.person_id, f"{act} {kind}", str(words.comment_id or words.activity_id), now
        )
    return words
