"""Figures for Prometheus: how requests go in this process, and how the whole bridge does.

The names follow https://prometheus.io/docs/practices/naming/. Nothing is about a person.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from werkzeug.wrappers import Response

from bridge import __version__
from bridge.errors import NotFound
from bridge.web import here

if TYPE_CHECKING:
    from bridge.bootstrap import Bridge

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Where the histogram of a request's time is cut."""


class Requests:
    """Counts the requests of this process, by route and status."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._count = Counter(
            "socialbridge_requests",
            "Requests that were answered.",
            ("route", "method", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "socialbridge_request_seconds",
            "How long an answer took.",
            ("route",),
            buckets=SECONDS,
            registry=registry,
        )

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered."""
        known = method if method in {"GET", "POST", "PUT", "HEAD", "OPTIONS"} else "other"
        self._count.labels(route, known, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class Whole(Collector):
    """Asks the database when somebody looks: the same figures whichever process is asked."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead: the database is not asked before somebody looks."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The figures of now."""
        now = self._bridge.clock.now()
        with self._bridge.store.reading() as work:
            connections, outlets = work.vitals.connections(), work.vitals.outlets(now)
        yield _gauge("build_info", "The version.", ("version",), [((__version__,), 1)])
        yield _gauge(
            "sync_age_seconds",
            "Seconds since the last sync began that went through.",
            ("connection",),
            [((c.name,), _age(c.read_at, now)) for c in connections if c.read_at],
        )
        yield _gauge(
            "sync_failures",
            "Syncs in a row that failed.",
            ("connection",),
            [((c.name,), c.failures) for c in connections],
        )
        of = ("outlet", "kind")
        yield _gauge(
            "outlet_failures",
            "Attempts in a row that failed.",
            of,
            [((o.name, o.kind), o.failures) for o in outlets],
        )
        yield _gauge(
            "deliveries_waiting",
            "Deliveries that do not show what they should yet.",
            of,
            [((o.name, o.kind), o.waiting) for o in outlets],
        )
        yield _gauge(
            "delivery_lag_seconds",
            "For how long the oldest delivery that is due has been.",
            of,
            [((o.name, o.kind), _age(o.oldest_due, now)) for o in outlets],
        )


def show() -> Any:
    """The figures, for whoever knows the token; where none is set, there is no such page."""
    token = here.bridge().config.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound("There is no such page.")
    registry = current_app.extensions["metrics"]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def registry_of(bridge: Bridge) -> CollectorRegistry:
    """What is measured, of one application."""
    registry = CollectorRegistry()
    registry.register(Whole(bridge))
    return registry


def _gauge(
    name: str, meaning: str, labels: tuple[str, ...], values: list[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(f"socialbridge_{name}", meaning, labels=labels)
    for label, value in values:
        family.add_metric(label, value)
    return family


def _age(moment: datetime | None, now: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0) if moment else 0.0
