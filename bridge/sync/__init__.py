"""Decides what to fetch from an LMS, in which order and from which cursor; stores it; checkpoints.

It knows no protocol and no table, makes no activity and tells nobody: what it stores waits, marked
as pending, for the feed.
"""

from bridge.sync.run import Progress, run

__all__ = ["Progress", "run"]
