"""The way between the bridge and an LMS, and what a probe of it told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Way:
    """What one look at an LMS's address showed of what stands between. Everything is hostile text.

    :param redirect: where the address sends a browser on to; empty if it does not.
    :param expires: when the certificate ends; ``None`` without one, or if it was not believed.
    :param distrust: why the certificate was not believed; empty if it was.
    :param inside: whether the host is this machine, or one of a private network.
    :param proxy: the host and port that requests go through, without a password; empty for none.
    :param variable: the variable of the environment that says so.
    :param between: how an intermediary names itself in the headers of the answer.
    """

    redirect: str = ""
    expires: datetime | None = None
    distrust: str = ""
    inside: bool = False
    proxy: str = ""
    variable: str = ""
    between: str = ""


@dataclass(frozen=True)
class Traffic:
    """What was asked of an LMS so far.

    :param requests: HTTP requests. :param seconds: that an answer took, the median of all.
    :param waits: answers that asked to come back later (429, 503).
    :param after: the longest wait that was asked for, in seconds; 0 where none was named.
    """

    requests: int = 0
    seconds: float = 0.0
    waits: int = 0
    after: float = 0.0


@dataclass(frozen=True)
class Carried:
    """How much of the longest form arrived that is ever sent to the LMS.

    :param sent: fields. :param arrived: of these, at least so many.
    """

    sent: int
    arrived: int


@dataclass(frozen=True)
class ForumRights:
    """What the token's user may do with what others wrote, as the LMS says; ``None``: it does not.

    :param hidden: see what is hidden and what is restricted, and by which conditions.
    :param reply: answer. :param edit: change it. :param delete: take it away.
    """

    hidden: bool | None = None
    reply: bool | None = None
    edit: bool | None = None
    delete: bool | None = None
