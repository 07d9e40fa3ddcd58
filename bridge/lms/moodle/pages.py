"""Where in an LMS an admin finds what a remedy speaks of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pages:
    """Ways through the menu of site administration."""

    features: str
    protocols: str
    services: str
    tokens: str
    roles: str
    accounts: str
    teams: str
    """Cohorts in Moodle, audiences in Totara."""
    team: str
    """What the LMS calls a team."""
    maintenance: str
    logs: str


MOODLE = Pages(
    features="Site administration → General → Advanced features",
    protocols="Site administration → Server → Web services → Manage protocols",
    services="Site administration → Server → Web services → External services",
    tokens="Site administration → Server → Web services → Manage tokens",
    roles="Site administration → Users → Permissions → Define roles",
    accounts="Site administration → Users → Accounts → Browse list of users",
    teams="Site administration → Users → Accounts → Cohorts",
    team="cohort",
    maintenance="Site administration → Server → Maintenance mode",
    logs="Site administration → Reports → Logs",
)

TOTARA = Pages(
    features="Site administration → System information → Advanced features",
    protocols="Site administration → Plugins → Web services → Manage protocols",
    services="Site administration → Plugins → Web services → External services",
    tokens="Site administration → Plugins → Web services → Manage tokens",
    roles="Site administration → Permissions → Define roles",
    accounts="Site administration → Users → Manage users",
    teams="Site administration → Audiences → Audiences",
    team="audience",
    maintenance="Site administration → Server → Maintenance mode",
    logs="Site administration → System reports → Logs",
)
