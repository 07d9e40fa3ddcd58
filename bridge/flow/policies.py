"""What an admin has announced of courses; the feed and the outlets follow at once."""

from __future__ import annotations

from bridge.access import audit
from bridge.errors import LmsError
from bridge.feed import project
from bridge.flow.spread import spread
from bridge.model import Rule
from bridge.ports import Clock, Connector
from bridge.storage import Store, Work
from bridge.sync import policy


def set_policy(
    store: Store, clock: Clock, category_id: int, announce: bool | None, *, by: int | None = None
) -> int:
    """Set whether a category's courses are announced (``None``: no word on it).

    :param by: the admin who says so on a page; a command writes its own line into the log.
    :returns: how many activities look different now.
    :raises NotFound: if there is no such category.
    """
    with store.work() as work:
        connection_id = policy.set_announce(work, category_id, announce)
        _note(work, clock, by, f"category {category_id}", announce)
        return _correct(work, clock, connection_id)


def set_rule_policy(
    store: Store,
    clock: Clock,
    connection_id: int,
    rule: Rule,
    announce: bool | None,
    *,
    by: int | None = None,
) -> int:
    """Set whether courses that are completed so are announced (``None``: no word on it).

    :returns: how many activities look different now.
    """
    with store.work() as work:
        policy.set_rule(work, connection_id, rule, announce)
        _note(work, clock, by, f"rule {rule}", announce)
        return _correct(work, clock, connection_id)


def set_tag_policy(
    store: Store,
    clock: Clock,
    connector: Connector,
    connection_id: int,
    tag: str,
    announce: bool | None,
    *,
    by: int | None = None,
) -> int:
    """Set whether courses with the tag are announced (``None``: it is read, and decides nothing).

    The LMS is asked which courses these are: later syncs ask again.

    :returns: how many activities look different now.
    :raises InputError: if that is no tag. :raises LmsError: if the LMS does not know or say it.
    """
    name = policy.tag_name(tag)
    tagged = connector.courses_tagged([name])[name]
    if isinstance(tagged, LmsError):
        raise tagged
    with store.work() as work:
        policy.set_tag(work, connection_id, name, announce, tagged)
        _note(work, clock, by, f"tag {name}", announce)
        return _correct(work, clock, connection_id)


def drop_tag_policy(
    store: Store, clock: Clock, connection_id: int, tag: str, *, by: int | None = None
) -> int:
    """Read the tag no more; its word is taken back.

    :returns: how many activities look different now.
    :raises NotFound: if it was not read.
    """
    with store.work() as work:
        policy.drop_tag(work, connection_id, policy.tag_name(tag))
        if by is not None:
            audit.note(work, by, "policy dropped", f"tag {policy.tag_name(tag)}", clock.now())
        return _correct(work, clock, connection_id)


def _correct(work: Work, clock: Clock, connection_id: int) -> int:
    now = clock.now()
    changed = project.project(work, connection_id, now)
    spread(work, changed, now, urgent=True)
    return len(changed)


WORDS = {True: "yes", False: "no", None: "no word"}


def _note(work: Work, clock: Clock, by: int | None, what: str, announce: bool | None) -> None:
    if by is not None:
        audit.note(work, by, "policy set", f"{what}: {WORDS[announce]}", clock.now())
