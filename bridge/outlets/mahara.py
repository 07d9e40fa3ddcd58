"""A journal in Mahara, by the web services that every Mahara has.

Two functions write an entry. ``module_mobileapi_upload_blog_post`` writes into a journal of the
token's own user, takes HTML, and makes a draft unless it is told not to.
``mahara_blog_create_blogpost`` writes into anybody's journal with the token of an admin of their
institution, and takes no tag in the text. Nothing changes or deletes an entry, and there is no
idempotency key: a call made twice makes two. An entry is recognised by the delivery's key, which
stands in the fragment of its link to the bridge.
"""

from __future__ import annotations

import html
from collections.abc import Collection

from bridge.errors import CannotTakeBack, OutcomeUnknown, OutletRefused
from bridge.model import Post, Receipt, Removal, Rendering
from bridge.outlets.mahara_calls import LOOK, MaharaCalls, field, first
from bridge.outlets.moodle_forum import message, subject
from bridge.outlets.wording import disarmed, is_address, one_line, shortened, spoken
from bridge.ports import Abilities, Act, OutletKind

OWN = "module_mobileapi_upload_blog_post"
ANY = "mahara_blog_create_blogpost"
READ = "mahara_blog_get_blogs_for_user"
WHO = "mahara_user_get_my_user"
TAG = "socialbridge"
_BY_HAND = "Its owner can, in Mahara, under Create → Journals."
_READ = f"Add {READ} and {WHO} to the token's service, or look there yourself."


class MaharaPublisher:
    """A :class:`~bridge.ports.Publisher` for one journal.

    :param url: the address of the site.
    :param journal: the journal's id, as its address has it.
    :param owner: the id of the journal's owner, for an admin's token; ``None`` for the token's own
        journal.
    :param timeout: seconds to wait for a connection and for the answer.
    :param allow_private: names of hosts inside the own network that may be reached.
    :raises ConfigError: if the address cannot be used, or there is no token.
    """

    abilities = Abilities(
        edit=False,
        delete=False,
        find=True,
        idempotent=False,
        stays=f"Mahara lets no program change or delete a journal entry. {_BY_HAND}",
    )

    def __init__(
        self,
        url: str,
        token: str,
        journal: int,
        owner: int | None = None,
        *,
        timeout: float = 15,
        allow_private: Collection[str] = (),
    ) -> None:
        self._site = MaharaCalls(url, token, timeout=timeout, allow_private=allow_private)
        self._journal, self._owner = journal, owner

    def render(self, post: Post, act: Act = "publish") -> Rendering:
        title = _sayable(subject(post))
        notes = shortened(("The title", one_line(post.title), title))
        if self._owner is None:
            text = _sayable(message(post))
            entry = {
                "blogid": self._journal,
                "title": title,
                "body": text,
                "isdraft": 0,
                "allowcomments": 1,
            }
            return Rendering("html", title, text, entry, notes)
        text = _sayable(_plain(post))
        # Without a tag only a JSON body is taken, and then the token would stand in the address.
        entry = {
            "owner": self._owner,
            "blogid": self._journal,
            "title": title,
            "description": text,
            "draft": 0,
            "allowcomments": 1,
            "tags][0][tag": TAG,
        }
        form = {f"blogposts[0][{name}]": value for name, value in entry.items()}
        return Rendering("html", title, text, form, notes)

    def publish(self, post: Post) -> Receipt:
        sent = self.render(post).payload
        if self._owner is None:
            return Receipt(str(field(self._site.call(OWN, sent), "blogpost")))
        return Receipt(str(field(first(self._site.call(ANY, sent)), "id")))

    def edit(self, remote_id: str, post: Post) -> Receipt:
        raise CannotTakeBack("Mahara lets no program change a journal entry.", _BY_HAND)

    def delete(self, remote_id: str, post: Post) -> Removal:
        raise CannotTakeBack("Mahara lets no program delete a journal entry.", _BY_HAND)

    def find(self, post: Post) -> Receipt | None:
        """What became of an attempt; Mahara answers with the newest entries of one journal.

        :raises OutcomeUnknown: if the token may not read, or too little is shown to say it is not
            there.
        """
        try:
            owner = self._owner or field(self._site.call(WHO, {}), "id")
            blogs = field(first(self._site.call(READ, {"users[0][id]": owner})), "blogs")
            journals, entries = field(blogs, "data"), field(field(blogs, "blogposts"), "data")
            ours = [entry for entry in entries if field(entry, "blogid") == self._journal]
            found = [e for e in ours if post.key in str(field(e, "description"))]
            size = [field(j, "postcount") for j in journals if field(j, "id") == self._journal]
        except OutletRefused as error:
            raise OutcomeUnknown(
                f"The journal could not be read. {error.message}", _READ
            ) from error
        except (AttributeError, TypeError) as error:
            raise OutcomeUnknown("Mahara's journals came in another form.", _BY_HAND) from error
        if found:
            return Receipt(str(field(found[0], "id")))
        if size != [len(ours)]:
            raise OutcomeUnknown("Mahara does not show all of the journal's entries.", LOOK)
        return None


KIND = OutletKind(
    label="Mahara journal",
    reaches="whoever may see the journal in Mahara",
    limit="a title of 255 characters, the whole text",
    abilities=MaharaPublisher.abilities,
)


def _plain(post: Post) -> str:
    """The text for a field that is shown as HTML and takes no tag: Mahara makes the links."""
    parts = [spoken(post)]
    if is_address(post.link):
        parts.append(f"{disarmed(one_line(post.link_title)) or post.link}: {post.link}")
    parts.append(f"See it in Socialbridge: {post.url}#{post.key}")
    return html.escape("\n\n".join(parts), quote=False)


def _sayable(text: str) -> str:
    """``text`` without halves of characters and without NUL, which a database may not hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
