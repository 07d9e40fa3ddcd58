"""People signing in: one-time links, sessions, roles, leaders, secret feed links, the audit log.

It draws no page, and keeps no password: only hashes of what opens a door are stored.
"""
