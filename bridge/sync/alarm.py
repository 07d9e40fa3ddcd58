"""What an admin is told of a connection that fails, and when it works again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from bridge.hours import told
from bridge.model import Connection, Health


@dataclass(frozen=True)
class Notice:
    """A letter to the admins, or a line for one."""

    subject: str
    text: str


def failing(connection: Connection, health: Health, zone: tzinfo, link: str) -> Notice:
    """The connection has failed for an hour. ``link`` leads to its runs."""
    name = connection.site_name or connection.name
    since, again = told(health.failed_since, zone), told(health.retry_at, zone)
    lines = [
        f"Since {since} no sync of {name} has gone through ({health.failures} tries).",
        "",
        f"What went wrong: {health.error}",
        *([f"What to do: {health.remedy}"] if health.remedy else []),
        "",
        f"The next try is at {again}. As soon as the LMS answers, everything that happened"
        " meanwhile is read; nothing is lost.",
        "",
        f"Every run and its reason: {link}",
        f"To try at once: socialbridge sync {connection.name}",
    ]
    return Notice(f"Socialbridge cannot read {name}", "\n".join(lines) + "\n")


def works_again(connection: Connection, zone: tzinfo, now: datetime, link: str) -> Notice:
    """A sync has gone through again."""
    name = connection.site_name or connection.name
    return Notice(
        f"Socialbridge reads {name} again",
        f"A sync of {name} has gone through again (seen at {told(now, zone)})."
        " There is nothing to do.\n\n"
        f"Every run: {link}\n",
    )


def paused(connection: Connection, health: Health, until: datetime, zone: tzinfo) -> str:
    """One line on a connection that the worker leaves alone after failures."""
    count = "once" if health.failures == 1 else f"{health.failures} times in a row"
    return (
        f"{connection.name} is paused until {told(until, zone)}: since"
        f" {told(health.failed_since, zone)} it has failed {count}. {health.error}"
    )


def quiet(until: datetime, zone: tzinfo) -> str:
    """One line on the quiet hours."""
    return f"It is quiet hours until {told(until, zone)}: the worker begins no sync."
