"""A Django application whose people follow places with django-activity-stream.

It runs in an environment of its own and imports nothing of the bridge; see ``__main__``.
"""
