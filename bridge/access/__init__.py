"""Access lets people in: sign-in links, sessions, roles, leaders, private feed addresses, the log.

It keeps no password and no token, only their SHA-256. It draws no page and sets no cookie, and it
does not decide who may see what: a :class:`~bridge.model.Viewer` says who looks, and
:mod:`bridge.visibility` does the rest.
"""
