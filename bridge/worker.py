"""The worker: syncs, suggests and delivers in the background, in a process of its own."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bridge import flow
from bridge.bootstrap import Bridge
from bridge.delivery.worker import deliver
from bridge.errors import BridgeError
from bridge.model import Connection
from bridge.sync import run as sync

SYNC_LEASE = timedelta(hours=2)
"""How long a sync may hold its connection if the process that runs it is killed."""

DELIVER_SECONDS = 2
A_ROUND = 100

log = structlog.get_logger("worker")


class Worker:
    """Runs the scheduled jobs of one process; any number of them may run beside each other."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until the process is told to stop (SIGTERM, SIGINT)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        scheduler = self._schedule()
        scheduler.start()
        log.info("worker started", worker=self._bridge.worker_id)
        self._stopping.wait()
        scheduler.shutdown(wait=True)
        log.info("worker stopped", worker=self._bridge.worker_id)

    def _stop(self, number: int, frame: Any) -> None:
        self._stopping.set()

    def _schedule(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(timezone="UTC")
        once = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        scheduler.add_job(
            self.sync_all,
            "interval",
            minutes=self._bridge.config.sync_minutes,
            next_run_time=self._bridge.clock.now(),
            **once,
        )
        scheduler.add_job(self.deliver_all, "interval", seconds=DELIVER_SECONDS, **once)
        return scheduler

    def sync_all(self) -> None:
        """Sync every connection that no other worker is syncing, then tell and suggest."""
        with self._bridge.store.reading() as work:
            connections = work.connections.all()
        for connection in connections:
            if self._stopping.is_set():
                return
            with self._lease(f"sync:{connection.id}", SYNC_LEASE) as held:
                if held:
                    self._sync(connection)

    def _sync(self, connection: Connection) -> None:
        bridge = self._bridge
        try:
            report = sync(bridge.store, bridge.connector(connection), connection, bridge.clock)
            changed = flow.tell(bridge.store, bridge.clock, connection.id)
            made = flow.suggest(bridge.store, bridge.clock, connection.id)
        except BridgeError as error:
            log.warning(
                "sync failed", connection=connection.name, error=str(error), retry=error.retry
            )
            return
        log.info(
            "synced",
            connection=connection.name,
            outcome=report.outcome,
            requests=report.requests,
            activities=changed,
            suggestions=made,
        )

    def deliver_all(self) -> None:
        """Deliver what is due, until nothing is."""
        bridge = self._bridge
        while not self._stopping.is_set():
            try:
                report = deliver(
                    bridge.store,
                    bridge.publisher,
                    bridge.clock,
                    link=bridge.link,
                    worker_id=bridge.worker_id,
                    limit=A_ROUND,
                )
            except BridgeError as error:
                log.warning("delivery failed", error=str(error), retry=error.retry)
                return
            done = {what: count for what, count in vars(report).items() if count}
            if not done:
                return
            log.info("delivered", **done)

    @contextmanager
    def _lease(self, name: str, length: timedelta) -> Iterator[bool]:
        bridge = self._bridge
        with bridge.store.work() as work:
            held = work.leases.take(name, bridge.worker_id, bridge.clock.now(), length)
        try:
            yield held
        finally:
            if held:
                with bridge.store.work() as work:
                    work.leases.give_back(name, bridge.worker_id)
