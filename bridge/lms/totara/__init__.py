"""Totara: Moodle's web services as Totara has them, and its GraphQL API from release 17 on."""
