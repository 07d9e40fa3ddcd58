"""A post in plain words, for outlets that read some of them as more than that.

What an outlet treats as markup differs; what is done about it here is the same for all: characters
that no text needs are dropped, one invisible character (WORD JOINER, U+2060) keeps the others from
meaning anything, and what is too long is cut where people see that it was.
"""

from __future__ import annotations

import re

from bridge.model import Post

JOINER = "\u2060"
"""It has no width, is part of no word, and breaks neither a line nor a letter."""
LONGEST_TITLE = 200
LONGEST_ADDRESS = 2000
PAGE = "See it in Socialbridge"

_ALIVE = re.compile(r"[@＠#＃:](?=\S)|(?<=\w)\.(?=[^\W\d_])")
"""Where a mention, a hashtag, an emoji's name, an address's scheme or a host's name begins."""


def plain(text: str) -> str:
    """The text without control characters but line breaks, and without halves of characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    kept = "".join(c for c in lines if c in "\n\t" or (c >= " " and not "\x7f" <= c <= "\x9f"))
    return kept.strip("\n")


def disarmed(text: str) -> str:
    """The text, looking the same, with no mention, hashtag, emoji's name or address in it."""
    return _ALIVE.sub(lambda found: found.group() + JOINER, plain(text))


def title(post: Post) -> str:
    """The title in one line."""
    return cut(one_line(post.title), LONGEST_TITLE)


def body(post: Post) -> str:
    """The text, or nothing where it only says the title again."""
    text = plain(post.text)
    return "" if text == title(post) else text


def spoken(post: Post) -> str:
    """The text, for outlets where addresses in people's own words may become links.

    Its first paragraph is the bridge's: in it stand names and titles, which mean nothing there.
    """
    text = plain(post.text)
    own = text.partition("\n\n")[0]
    return disarmed(own) + text[len(own) :]


def cut(text: str, most: int) -> str:
    """The text with ``most`` characters or fewer; its last is an ellipsis if it was cut."""
    if len(text) <= most:
        return text
    return text[: max(0, most - 1)].rstrip() + "…"


def shortened(*parts: tuple[str, str, str]) -> tuple[str, ...]:
    """A sentence for each text that was cut.

    :param parts: what it is ("The title"), as it was, and as it is sent.
    """
    return tuple(
        f"{what} is shortened to {len(after):,} characters."
        for what, before, after in parts
        if len(after) < len(before)
    )


def one_line(text: str) -> str:
    """The text in one line, without control characters."""
    return " ".join(plain(text).split())


def listed(ways: list[tuple[str, str]]) -> str:
    """Words and addresses of links, one in a line, for people who look at what would be sent."""
    return "\n".join(f"{words}: {address}" for words, address in ways)


def links(post: Post, mark: str = "") -> list[tuple[str, str]]:
    """Words and addresses of where the post leads: what it is about, if anything, and its page.

    :param mark: added to the page's address, for outlets that are searched for it.
    """
    found = []
    if is_address(post.link):
        found.append((cut(one_line(post.link_title), LONGEST_TITLE) or post.link, post.link))
    return [*found, (PAGE, post.url + mark)]


def is_address(text: str) -> bool:
    """Whether it is an address on the web, and nothing else."""
    whole = text.isprintable() and not any(c.isspace() or c in '<>|"' for c in text)
    return text.startswith(("http://", "https://")) and whole and len(text) <= LONGEST_ADDRESS
