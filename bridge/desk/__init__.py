"""The desk is where a leader acts: share, put off, dismiss, answer, and see what became of it.

Each act writes an activity or a decision, and nothing else: the desk scores nothing (curation
does), finds no questions (listening does) and sends nothing (delivery does, which a flow asks for
in the same transaction).
"""

from bridge.desk import opening, planning
from bridge.desk.history import shared
from bridge.desk.replying import reply
from bridge.desk.sharing import dismiss, later, share, undo

__all__ = ["dismiss", "later", "opening", "planning", "reply", "share", "shared", "undo"]
