"""Moodle by its web services (REST)."""

from bridge.lms.moodle.connector import MoodleConnector

__all__ = ["MoodleConnector"]
