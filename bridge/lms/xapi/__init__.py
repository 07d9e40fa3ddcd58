"""Understands xAPI 1.0.3 statements, as Moodle's logstore_xapi plugin and others push them."""

from bridge.lms.xapi.reading import MOST_BYTES, VERSION, read, version_is_ours

__all__ = ["MOST_BYTES", "VERSION", "read", "version_is_ours"]
