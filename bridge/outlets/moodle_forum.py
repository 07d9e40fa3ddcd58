"""A forum of the LMS itself: shares as discussions, replies as posts in one.

The author there is the bridge's own account, so the text names whose words they are. A post is
recognised again by the delivery's key, which stands in the fragment of its link to the bridge.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeVar

from bridge.errors import (
    CannotTakeBack,
    LmsError,
    Missing,
    MissingCapability,
    OutcomeUnknown,
    OutletError,
    OutletRefused,
    Refused,
)
from bridge.model import Post, Receipt, Removal, Rendering
from bridge.outlets.lms_answers import not_done, surely_not
from bridge.outlets.wording import disarmed, is_address, one_line, shortened, spoken
from bridge.ports import Abilities, Act, Connector, OutletKind

T = TypeVar("T")

LONGEST_SUBJECT = 255
EVERYTHING = Abilities(edit=True, delete=True, find=True, idempotent=False)
"""Of a site that offers every function; Totara 12 does not."""
LISTS = {"mod_forum_get_forum_discussions", "mod_forum_get_forum_discussions_paginated"}
POSTS = {"mod_forum_get_discussion_posts", "mod_forum_get_forum_discussion_posts"}
UPDATE = "mod_forum_update_discussion_post"
DELETE = "mod_forum_delete_post"
_DISCUSSION, _POST = "d:", "p:"
_BY_HAND = "Somebody with the right to can delete the post in the forum."
_NOT_THERE = {
    "invaliddiscussionid",
    "invalidparentpostid",
    "invalidpostid",
    "invalidrecord",
    "invalidrecordunknown",
}
_ANGLES = str.maketrans({"<": "‹", ">": "›"})


class MoodleForumPublisher:
    """A :class:`~bridge.ports.Publisher` for one forum, or (``None``) for replies only.

    :param functions: those that the LMS listed for the token when it was last asked; ``None`` if
        it is not known yet.
    """

    def __init__(
        self,
        connector: Connector,
        forum_id: int | None,
        functions: Collection[str] | None = None,
    ) -> None:
        self._connector = connector
        self._forum_id = forum_id
        self.abilities = EVERYTHING if functions is None else _abilities(functions)

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        if act == "delete":
            return Rendering("html", "", "", {})
        place = {}
        if act == "publish":
            place = {"postid": int(post.reply_to)} if post.reply_to else {"forumid": self._forum()}
        title, text = subject(post), message(post)
        payload = {**place, "subject": title, "message": text}
        notes = shortened(("The subject", one_line(post.title), title))
        return Rendering("html", title, text, payload, notes)

    def publish(self, post: Post) -> Receipt:
        sent = self.render(post).payload
        if post.reply_to:
            ident = _written(
                lambda: self._connector.reply(sent["postid"], sent["subject"], sent["message"])
            )
            return Receipt(f"{_POST}{ident}")
        ident = _written(
            lambda: self._connector.start_discussion(
                sent["forumid"], sent["subject"], sent["message"]
            )
        )
        return Receipt(f"{_DISCUSSION}{ident}")

    def edit(self, remote_id: str, post: Post) -> Receipt:
        self._needs(UPDATE, "edited")
        try:
            ident = self._post_id(remote_id)
            sent = self.render(post, "edit").payload
            self._connector.update_post(ident, sent["subject"], sent["message"])
        except LmsError as error:
            if _is_gone(error):
                raise OutletRefused(
                    "The post is not in the forum any more.", "Somebody deleted it there."
                ) from error
            raise _not_changed(error, "edited") from error
        return Receipt(remote_id)

    def delete(self, remote_id: str, post: Post) -> Removal:
        self._needs(DELETE, "deleted")
        try:
            self._connector.delete_post(self._post_id(remote_id))
        except LmsError as error:
            if not _is_gone(error):  # What is not there any more counts as taken away.
                raise _not_changed(error, "deleted") from error
        return Removal.DONE

    def find(self, post: Post) -> Receipt | None:
        try:
            if post.reply_to:
                found = self._connector.find_reply(int(post.thread), post.key)
                return None if found is None else Receipt(f"{_POST}{found}")
            found = self._connector.find_discussion(self._forum(), post.key)
            return None if found is None else Receipt(f"{_DISCUSSION}{found}")
        except Missing:
            return None
        except LmsError as error:
            raise not_done(error) from error

    def _forum(self) -> int:
        if self._forum_id is None:
            raise OutletRefused(
                "This outlet only takes replies: it has no forum.",
                "Choose another outlet, or give it the id of a forum.",
            )
        return self._forum_id

    def _post_id(self, remote_id: str) -> int:
        if remote_id.startswith(_POST):
            return int(remote_id.removeprefix(_POST))
        return self._connector.first_post(int(remote_id.removeprefix(_DISCUSSION)))

    def _needs(self, function: str, done: str) -> None:
        try:
            there = self._connector.can(function)
        except LmsError as error:
            raise not_done(error) from error
        if not there:
            raise CannotTakeBack(
                f"The LMS does not let the bridge have a post {done}: it offers no {function}.",
                f"Add {function} to the bridge's external service, if this LMS has it.",
            )


KIND = OutletKind(
    label="Forum of the LMS",
    reaches="the people of the forum's course",
    limit=f"a subject of {LONGEST_SUBJECT} characters, the whole text",
    abilities=EVERYTHING,
    depends="the functions that the LMS offers",
)


def _abilities(functions: Collection[str]) -> Abilities:
    # A discussion is edited and deleted by its first post, which is looked up.
    readable = bool(POSTS.intersection(functions))
    able = Abilities(
        edit=readable and UPDATE in functions,
        delete=readable and DELETE in functions,
        find=readable and bool(LISTS.intersection(functions)),
        idempotent=False,
    )
    if able.edit or able.delete:
        return able
    return replace(able, stays=f"This LMS does not offer {UPDATE} and {DELETE}. {_BY_HAND}")


def subject(post: Post) -> str:
    """The title as a forum takes it: one line, without what could be read as a tag, not too long.

    Moodle strips tags from subjects, and takes "<3" for the beginning of one.
    """
    line = one_line(post.title).translate(_ANGLES)
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"


def message(post: Post) -> str:
    """The text as HTML: nothing of it but the bridge's own tags is markup."""
    paragraphs = [p.strip("\n") for p in re.split(r"\n\s*\n", spoken(post))]
    parts = ["<p>" + html.escape(p).replace("\n", "<br>") + "</p>" for p in paragraphs if p.strip()]
    if is_address(post.link):
        words = disarmed(one_line(post.link_title)) or post.link
        parts.append(f"<p>{_anchor(post.link, words)}</p>")
    parts.append(f"<p>{_anchor(f'{post.url}#{post.key}', 'See it in Socialbridge')}</p>")
    return "\n".join(parts)


def _anchor(url: str, text: str) -> str:
    return f'<a href="{html.escape(url)}">{html.escape(text)}</a>'


def _written(write: Callable[[], T]) -> T:
    """The answer to a publication.

    :raises OutletError: one of its subclasses.
    """
    try:
        return write()
    except LmsError as error:
        if surely_not(error):
            raise not_done(error) from error
        raise OutcomeUnknown(
            error.message, "The bridge looks whether the post is there before it tries again."
        ) from error


def _is_gone(error: LmsError) -> bool:
    """Whether the LMS said that the post, or its whole discussion, is not there.

    Other refusals of the kind Missing (nobody enrolled, a course that is not shown, a discussion
    whose first post is not listed) tell what the token sees, and not whether the post stands.
    """
    if error.code:
        return error.code in _NOT_THERE
    return isinstance(error, Missing) and bool(error.function)


def _not_changed(error: LmsError, done: str) -> OutletError:
    """Why a post was not edited or deleted: either can be tried again without harm."""
    lasting_no = isinstance(error, MissingCapability) or not isinstance(error, Refused)
    if error.retry or not lasting_no:
        return not_done(error)
    return CannotTakeBack(f"The LMS does not let the post be {done}: {error.message}", error.remedy)
