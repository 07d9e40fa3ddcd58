"""Says what the bridge needs of an LMS, and proves that it is there.

It changes nothing in the LMS and stores nothing: it reads ``plugin_manifest.json``, the single
source of truth, and asks the connector.
"""
