"""The demo LMS: Moodle's REST web services over real HTTP, for the company of the story.

It is a process of its own (``python -m bridge.demo.lms``) and imports nothing of the bridge that
reads it: the two know each other by the wire only.
"""
