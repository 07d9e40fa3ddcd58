"""The database: tables, one repository a room, and the transaction that a flow hands to them.

It is a floor below the rooms, not behind a port: one schema on two dialects, SQLite and PostgreSQL.
"""

from bridge.storage.store import Store, Work

__all__ = ["Store", "Work"]
