"""Socialbridge brings what people learn in Moodle or Totara into the feeds where they talk."""

__version__ = "0.1.0"
