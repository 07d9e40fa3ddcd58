"""Listening finds the questions of a leader's people that nobody answered.

It does not answer them: the desk records a reply, and delivery sends it to the LMS. It shows
nothing that the leader could not read in the LMS: a question stands on the list only if its course
is one of the leader's own.
"""

from bridge.listening.questions import unanswered

__all__ = ["unanswered"]
