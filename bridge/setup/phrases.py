"""Sentences made to stand beside others."""

from __future__ import annotations


def phrase(message: str) -> str:
    """A sentence without its full stop: whoever shows a finding sets one."""
    return message.removesuffix(".")


def lower(sentence: str) -> str:
    """A sentence that goes on after another beginning."""
    return sentence[:1].lower() + sentence[1:]
