"""What a delegate sees of a leader's desk: what preparing needs, and nothing of the leader's own.

*Why you* and the prompt tell what the leader did and finished; their drafts are their own;
questions are for who is in their courses. None of it is a delegate's to read. Pure.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.model import DeskPage, Reason, Suggestion
from bridge.model.words import PUT_OFF


def as_delegate_sees(page: DeskPage, delegate_id: int) -> DeskPage:
    """The page with what the delegate may see of it."""
    return replace(
        page,
        suggestions=tuple(_without_the_leader(s) for s in page.suggestions),
        questions=(),
        shared=tuple(s for s in page.shared if s.activity.actor_id == delegate_id),
        plans=tuple(p for p in page.plans if p.by_id == delegate_id),
    )


def _without_the_leader(suggestion: Suggestion) -> Suggestion:
    now = suggestion.why_now
    return replace(
        suggestion,
        why_this=replace(suggestion.why_this, link=""),
        why_you=Reason(""),
        why_now=Reason("") if PUT_OFF in now.text.lower() else replace(now, link=""),
        prompt=suggestion.ways.get("question", ""),
        ways={},
    )
