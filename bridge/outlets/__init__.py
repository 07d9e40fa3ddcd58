"""Social destinations: one file a kind, each a :class:`bridge.ports.Publisher`.

They do: speak one destination's protocol, make plain text harmless for it, and name what went
wrong in the words of :mod:`bridge.errors`. They do not: decide what is sent, when, or how often.
"""
