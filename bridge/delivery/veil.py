"""What of a content a person may see who looks at what will be sent: pure.

Two rules hold at once in a preview. An outlet's post says what its readers may see; that is the
business of :mod:`bridge.delivery.compose`. Whoever looks at it beforehand, an admin, is bound by
consent like everybody else, and need not be one of those readers: names that were given to a team
are veiled to an admin of another, and so is what was written for it. The choices of the people stay
as they are, so that the post keeps its form.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.delivery.routing import FROM_THE_LMS
from bridge.model import AudienceKind, PersonCard, Viewer
from bridge.storage.contents import Content, Member
from bridge.visibility import may_name, may_see

NAME = "[a name]"
TITLE = "[a title]"
WORDS = "[what was written for its readers]"
MARKS = (NAME, TITLE, WORDS)


def veiled(content: Content, viewer: Viewer | None) -> Content:
    """The content as the viewer may see it.

    :param viewer: ``None`` for nobody in particular: somebody signed in, in no team and no course.
    """
    if content.lines:  # A digest: nobody is in it but in its lines.
        return replace(content, lines=tuple(veiled(line, viewer) for line in content.lines))
    activity = content.activity
    inside = _inside(content, viewer)
    members = tuple(m if inside or _open(m, viewer) else _hidden(m) for m in content.members)
    seen = replace(content, members=members)
    if inside:
        return seen
    actor, discussion = content.actor, content.discussion
    if activity.kind in FROM_THE_LMS:
        actor = actor if actor is None or _open(actor, viewer) else _hidden(actor)
    elif actor is not None:
        actor = _hidden(actor)
    return replace(
        seen,
        activity=replace(activity, text=WORDS if activity.text else ""),
        actor=actor,
        behalf_of=None if content.behalf_of is None else _nobody(),
        discussion=None if discussion is None else replace(discussion, title=TITLE, text=WORDS),
    )


def _inside(content: Content, viewer: Viewer | None) -> bool:
    """Whether it was told to the viewer."""
    audience = content.activity.audience
    if viewer is None:
        return audience.kind in (AudienceKind.EVERYONE, AudienceKind.PUBLIC)
    return may_see(viewer, audience)


def _open(member: Member, viewer: Viewer | None) -> bool:
    """Whether the person's choice lets everybody name them who is signed in, or they look."""
    themself = viewer is not None and member.card.id == viewer.person_id
    return themself or may_name(member.choice, AudienceKind.EVERYONE)


def _hidden(member: Member) -> Member:
    return replace(member, card=_nobody())


def _nobody() -> PersonCard:
    return PersonCard(0, NAME)
