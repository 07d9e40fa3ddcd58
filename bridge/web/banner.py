"""What stands above every page of an admin while the connection or an outlet fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, g

from bridge.delivery import health as outlet_health
from bridge.errors import StorageError
from bridge.model import Outlet, Viewer
from bridge.sync import breaker
from bridge.web.here import bridge, now
from bridge.web.routes import may


@dataclass(frozen=True)
class Banner:
    """What fails, since when, why, and what to do about it."""

    site: str
    since: datetime
    error: str
    remedy: str


def banner() -> Banner | None:
    """The banner of the page; one statement while all is well, and none for who is no admin."""
    looking: Viewer | None = g.get("viewer")
    if looking is None or not may("admin.runs"):
        return None
    try:
        with bridge().store.reading() as work:
            health = work.health.of(looking.connection_id)
            if health.failed_since is None or not breaker.alarming(health, now()):
                return None
            connection = work.connections.by_id(looking.connection_id)
    except StorageError:
        return None  # The page that says so has no use for a banner.
    return Banner(
        connection.site_name or connection.name, health.failed_since, health.error, health.remedy
    )


@dataclass(frozen=True)
class OutletBanner:
    """An outlet that fails, since when, why, and what to do about it."""

    outlet: Outlet
    since: datetime
    error: str
    remedy: str


def outlet_banners() -> list[OutletBanner]:
    """The outlets that fail; one statement while all is well, and none for who is no admin."""
    looking: Viewer | None = g.get("viewer")
    if looking is None or not may("admin.ledger"):
        return []
    try:
        with bridge().store.reading() as work:
            failing = outlet_health.failing(work, looking.connection_id, now())
    except StorageError:
        return []  # The page that says so has no use for a banner.
    return [
        OutletBanner(outlet, health.failed_since, health.error, health.remedy)
        for outlet, health in failing
        if health.failed_since is not None
    ]


def init_app(app: Flask) -> None:
    """Let the frame of every page ask for them."""
    app.jinja_env.globals["banner"] = banner
    app.jinja_env.globals["outlet_banners"] = outlet_banners
