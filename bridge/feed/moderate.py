"""Reports of what people wrote, and what moderators decide about it.

A report opens the reported words to the moderators of the connection, wherever they were said; it
never says who reported. What a moderator hides is gone from the feed and from every outlet, and its
author is told why; restored, it comes back. Everything is decided with a reason, and once: whoever
comes second is told that somebody was before them.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from bridge.errors import InputError, NotAllowed, NotFound
from bridge.feed.read import visible
from bridge.feed.wording import cleaned
from bridge.model import Case, Decision, Earlier, Kind, Queue, Role, Standing, Viewer, Words
from bridge.storage import Work
from bridge.storage.moderation import Thing
from bridge.visibility import may_see

MODERATORS = frozenset({Role.MODERATOR, Role.ADMIN})
"""Who decides, in their own connection."""

WRITTEN = frozenset({Kind.POST, Kind.SHARE, Kind.REPLY, Kind.DISCUSSION})
"""Kinds whose text somebody wrote: what can be reported."""

A_DAY = 20
"""Things that one person can report in a day."""
LONGEST_REASON = 500
"""Characters."""
PAGE = 50


def report(
    work: Work, viewer: Viewer, uid: str, comment_id: int | None, reason: str, now: datetime
) -> None:
    """Report an item's text, or a comment on it, to the moderators; twice is as good as once.

    :param reason: 1 to 500 characters, in the reporter's words.
    :raises NotFound: if the viewer may not see it, or it is not there any more.
    :raises InputError: if the reason is empty or too long, nobody wrote it, it is the viewer's own,
        or the viewer reported :data:`A_DAY` things within a day.
    """
    words = reportable(work, viewer, uid, comment_id)
    why = _reason(reason)
    thing = (words.activity_id, words.comment_id)
    if work.moderation.reported_since(viewer.person_id, now - timedelta(days=1)) >= A_DAY:
        raise InputError(
            f"You have reported {A_DAY} things within a day.",
            "Come back tomorrow, or talk to a moderator.",
        )
    work.moderation.report(thing, viewer.person_id, why, now)


def reportable(work: Work, viewer: Viewer, uid: str, comment_id: int | None) -> Words:
    """What the viewer is about to report.

    :raises NotFound: if the viewer may not see it, or it is not there any more.
    :raises InputError: if nobody wrote it, or it is the viewer's own.
    """
    activity = visible(work, viewer, uid).activity
    if comment_id is None and activity.kind not in WRITTEN:
        raise InputError("Nobody wrote this: the LMS told it.", "Talk to whoever runs the LMS.")
    words = _words(work, (activity.id, comment_id))
    if words.standing is not Standing.SHOWN:
        raise _not_there()
    if words.author_id == viewer.person_id:
        raise InputError("These are your own words.", "You can edit them, or take them away.")
    return words


def queue(work: Work, viewer: Viewer) -> Queue:
    """What waits for a decision, and what is hidden.

    :raises NotAllowed: if the viewer is no moderator.
    """
    _must_moderate(viewer)
    reports = work.moderation.open(viewer.connection_id, 10 * PAGE)
    decisions = work.moderation.hidden(viewer.connection_id, PAGE)
    reasons: dict[Thing, list[str]] = defaultdict(list)
    since: dict[Thing, datetime] = {}
    for one in reports:
        reasons[one.thing].append(one.reason)
        since.setdefault(one.thing, one.at)
    waiting = list(reasons)[:PAGE]
    why: dict[Thing, Decision] = {}
    for decision in decisions:
        why.setdefault((decision.activity_id, decision.comment_id), decision)
    things = [*waiting, *why]
    words = work.moderation.words(things)
    before = _earlier(work, things)
    return Queue(
        waiting=tuple(
            Case(words[thing], tuple(reasons[thing]), since[thing], before.get(thing, ()))
            for thing in waiting
            if thing in words
        ),
        hidden=tuple(
            Case(words[thing], earlier=before.get(thing, ()), decision=decision)
            for thing, decision in why.items()
            if thing in words
        ),
    )


def _earlier(work: Work, things: list[Thing]) -> dict[Thing, tuple[Earlier, ...]]:
    found: dict[Thing, tuple[Earlier, ...]] = {}
    own = [activity_id for activity_id, comment_id in things if comment_id is None]
    said = [comment_id for _, comment_id in things if comment_id is not None]
    for wording in work.talk.wordings(own, said):
        thing = (wording.activity_id, wording.comment_id)
        found[thing] = (*found.get(thing, ()), Earlier(wording.text, wording.until))
    return found


def hide(work: Work, viewer: Viewer, thing: Thing, reason: str, now: datetime) -> Words:
    """Hide it, and tell its author why; what was hidden.

    :param reason: 1 to 500 characters; its author reads it.
    :raises NotAllowed: if the viewer is no moderator, or it is neither reported nor said to them.
    :raises NotFound: if there is no such thing in their connection.
    :raises InputError: if the reason is empty or too long, or it is not shown any more.
    """
    words = _judged(work, viewer, thing)
    why = _reason(reason)
    if words.standing is not Standing.SHOWN:
        raise InputError("It is not shown any more.", "Reload the page to see what was decided.")
    _stand(work, words, Standing.HIDDEN, now)
    _decide(work, viewer, words, "hidden", why, now)
    return words


def restore(work: Work, viewer: Viewer, thing: Thing, reason: str, now: datetime) -> Words:
    """Show again what a moderator hid, and tell its author; what was restored.

    :raises NotAllowed: if the viewer is no moderator, or it is neither reported nor said to them.
    :raises NotFound: if there is no such thing in their connection.
    :raises InputError: if the reason is empty or too long, or it is not hidden.
    """
    words = _judged(work, viewer, thing)
    why = _reason(reason)
    if words.standing is not Standing.HIDDEN:
        raise InputError("It is not hidden.", "Reload the page to see what was decided.")
    _stand(work, words, Standing.SHOWN, now)
    _decide(work, viewer, words, "restored", why, now)
    return words


def keep(work: Work, viewer: Viewer, thing: Thing, reason: str, now: datetime) -> Words:
    """Let it stand, and settle its reports; what was kept. The reason is for the log, if any.

    :raises NotAllowed: if the viewer is no moderator, or it is neither reported nor said to them.
    :raises NotFound: if there is no such thing in their connection.
    """
    words = _judged(work, viewer, thing)
    _decide(work, viewer, words, "kept", _reason(reason) if reason.strip() else "", now)
    return words


def mine(work: Work, viewer: Viewer) -> tuple[Case, ...]:
    """What moderators decided about the viewer's own words, the newest first; one a text."""
    latest: dict[Thing, Decision] = {}
    for decision in work.moderation.about(viewer.person_id, PAGE):
        latest.setdefault((decision.activity_id, decision.comment_id), decision)
    words = work.moderation.words(list(latest)) if latest else {}
    return tuple(
        Case(words[thing], decision=decision)
        for thing, decision in latest.items()
        if thing in words
    )


def _decide(work: Work, viewer: Viewer, words: Words, act: str, reason: str, now: datetime) -> None:
    thing = (words.activity_id, words.comment_id)
    work.moderation.decide(thing, words.author_id, viewer.person_id, act, reason, now)
    work.moderation.settle(thing, now)


def _stand(work: Work, words: Words, standing: Standing, now: datetime) -> None:
    if words.comment_id is not None:
        work.talk.stand_comment(words.comment_id, standing)
    else:
        work.talk.stand_activity(words.activity_id, standing, now)


def _judged(work: Work, viewer: Viewer, thing: Thing) -> Words:
    _must_moderate(viewer)
    activity = next(iter(work.delivery.activities([thing[0]])), None)
    if activity is None or activity.connection_id != viewer.connection_id:
        raise _not_there()
    words = _words(work, thing)
    if not may_see(viewer, words.audience) and not work.moderation.is_reported(thing):
        raise NotAllowed(
            "Nobody reported this, and it was not said to you.",
            "A report opens what people wrote to moderators, and nothing else does.",
        )
    return words


def _words(work: Work, thing: Thing) -> Words:
    known = thing[1] is None or 0 < thing[1] < 2**31
    words = work.moderation.words([thing]).get(thing) if known else None
    if words is None:
        raise _not_there()
    return words


def _must_moderate(viewer: Viewer) -> None:
    if not viewer.roles & MODERATORS:
        raise NotAllowed("Only moderators decide about what others wrote.")


def _reason(text: str) -> str:
    reason = cleaned(text)
    if len(reason) > LONGEST_REASON:
        raise InputError(
            f"The reason is {len(reason):,} characters long; {LONGEST_REASON} are the most.",
            "Make it shorter.",
        )
    return reason


def thing(activity_id: str, comment_id: str) -> Thing:
    """The thing that a form names.

    :raises NotFound: if it names none.
    """
    try:
        ids = int(activity_id), int(comment_id) if comment_id else None
    except ValueError as error:
        raise _not_there() from error
    if not all(ident is None or 0 < ident < 2**31 for ident in ids):
        raise _not_there()
    return ids


def _not_there() -> NotFound:
    return NotFound("There is no such text.", "It may have been removed, or is not for you.")
