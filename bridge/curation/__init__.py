"""Curation chooses the few courses that a leader could share this week, and says why.

It reads what people learned and what leaders decided, scores, and stores suggestions with reasons
and a prompt to write from. It shows nothing and sends nothing: the desk's page shows, and what the
leader makes of a suggestion is the desk's to record.
"""

from bridge.curation.evidence import evidence
from bridge.curation.refresh import refresh
from bridge.curation.stored import suggestions

__all__ = ["evidence", "refresh", "suggestions"]
