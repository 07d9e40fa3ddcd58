"""The worker: syncs, suggests and delivers in the background, in a process of its own."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bridge import flow
from bridge.bootstrap import Bridge
from bridge.delivery import health as outlet_health
from bridge.delivery.notice_letters import Round
from bridge.delivery.worker import deliver
from bridge.errors import BridgeError
from bridge.model import Connection, Stream
from bridge.sync import cadence, health
from bridge.sync import run as sync
from bridge.sync.holding import lease_name
from bridge.sync.sooner import catch_up

SYNC_LEASE = timedelta(minutes=2)
"""How long a connection stays held after the process that syncs it was killed."""

RENEW_SECONDS = 20
PLAN_SECONDS = 60
DELIVER_SECONDS = 2
A_ROUND = 100
WATCH_MINUTES = 5
LINK_SECONDS = 3
"""Somebody waits for it."""
ROSTER_MINUTES = 1
LETTER_MINUTES = 1
NOTE_MINUTES = 1

log = structlog.get_logger("worker")


class Worker:
    """Runs the scheduled jobs of one process; any number of them may run beside each other."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._stopping = threading.Event()
        self._held: set[str] = set()
        self._watching = threading.Lock()

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
        now = self._bridge.clock.now()
        minutes = self._bridge.config.sync_minutes
        scheduler.add_job(self.sync_all, "interval", minutes=minutes, next_run_time=now, **once)
        scheduler.add_job(self.deliver_all, "interval", seconds=DELIVER_SECONDS, **once)
        scheduler.add_job(self.publish_plans, "interval", seconds=PLAN_SECONDS, **once)
        scheduler.add_job(self.renew, "interval", seconds=RENEW_SECONDS, **once)
        scheduler.add_job(self.watch, "interval", minutes=WATCH_MINUTES, **once)
        scheduler.add_job(self.write_letters, "interval", minutes=LETTER_MINUTES, **once)
        scheduler.add_job(self.write_notes, "interval", minutes=NOTE_MINUTES, **once)
        scheduler.add_job(self.send_links, "interval", seconds=LINK_SECONDS, **once)
        scheduler.add_job(self.compare_rosters, "interval", minutes=ROSTER_MINUTES, **once)
        scheduler.add_job(self.tidy, "interval", days=1, next_run_time=now, **once)
        return scheduler

    # --- syncs ----------------------------------------------------------------------------------

    def sync_all(self) -> None:
        """Sync every connection that no other worker is syncing, then tell and suggest.

        One that is paused after failures is left alone, and in quiet hours all of them are.
        """
        with self._bridge.store.reading() as work:
            connections = work.connections.all()
        for connection in connections:
            if self._stopping.is_set():
                return
            with self._lease(lease_name(connection.id), SYNC_LEASE) as held:
                if held and self._rests(connection):
                    # What the LMS pushed meanwhile is told all the same.
                    flow.tell(self._bridge.store, self._bridge.clock, connection.id)
                elif held:
                    self._sync(connection)
        self.watch()

    def _rests(self, connection: Connection) -> bool:
        bridge = self._bridge
        with bridge.store.reading() as work:
            reason = health.why_waiting(
                work, connection, bridge.clock.now(), bridge.config.sync_quiet_hours, bridge.zone
            )
        if reason:
            log.debug("no sync", connection=connection.name, reason=reason)
        return bool(reason)

    def _sync(self, connection: Connection) -> None:
        bridge = self._bridge
        try:
            with (
                health.noting(bridge.store, connection, bridge.clock),
                closing(bridge.connector(connection)) as connector,
            ):
                streams = self._due(connection)
                report = sync(bridge.store, connector, connection, bridge.clock, streams=streams)
                catch_up(bridge.store, connector, connection, bridge.clock)
            changed = flow.tell(bridge.store, bridge.clock, connection.id)
            made = flow.suggest(bridge.store, bridge.clock, connection.id)
        except BridgeError as error:
            log.warning(
                "sync failed", connection=connection.name, error=str(error), retry=error.retry
            )
            return
        except Exception:
            # The other connections are not to wait for somebody to mend what is wrong with one.
            log.exception("sync broke off", connection=connection.name)
            return
        log.info(
            "synced",
            connection=connection.name,
            outcome=report.outcome,
            requests=report.requests,
            activities=changed,
            suggestions=made,
        )

    def _due(self, connection: Connection) -> set[Stream]:
        """The streams whose turn it is, and those of which the LMS itself said that they moved."""
        with self._bridge.store.reading() as work:
            strategies = work.runs.strategies(connection.id)
            last_read = work.runs.last_read(connection.id)
            took = work.runs.took(connection.id)
            noted = work.xapi.streams_noted(connection.id)
        return cadence.due(strategies, last_read, self._bridge.clock.now(), took) | noted

    def watch(self) -> None:
        """Tell admins of connections and outlets that have failed for an hour, or work again."""
        bridge = self._bridge
        with self._watching, self._lease("watch", SYNC_LEASE) as held:
            if held:
                health.tell_admins(
                    bridge.store,
                    bridge.clock,
                    bridge.write_to_admins,
                    zone=bridge.zone,
                    link=bridge.link("/admin/runs"),
                )
                outlet_health.tell_admins(
                    bridge.store,
                    bridge.clock,
                    bridge.write_to_admins,
                    zone=bridge.zone,
                    link=bridge.link,
                )

    def tidy(self) -> None:
        """Forget what is older than it is kept."""
        bridge = self._bridge
        for kind, gone in flow.tidy(bridge.store, bridge.clock, bridge.config.kept):
            if gone:
                log.info("old data forgotten", kind=kind, rows=gone)

    def publish_plans(self) -> None:
        """Share what leaders planned for now, and withdraw what may not be shared any more."""
        left = flow.publish_plans(self._bridge.store, self._bridge.clock)
        if left:
            log.info("planned shares left", shares=left)

    # --- deliveries -----------------------------------------------------------------------------

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

    def write_letters(self) -> None:
        """Write people the letters about their notices that are due, in one process at a time."""
        bridge = self._bridge
        if not bridge.writes_letters:
            return
        self._write(
            "letters",
            lambda: flow.write_letters(
                bridge.store,
                bridge.clock,
                opened=bridge.posting,
                link=bridge.link,
                zone=bridge.zone,
                stopping=self._stopping.is_set,
            ),
        )

    def write_notes(self) -> None:
        """Write leaders the weekly notes that are due, in one process at a time."""
        bridge = self._bridge
        self._write(
            "notes",
            lambda: flow.write_notes(
                bridge.store,
                bridge.clock,
                opened=bridge.note_way,
                link=bridge.link,
                zone=bridge.zone,
                mails=bridge.writes_letters,
                unasked=bridge.config.first_note,
                stopping=self._stopping.is_set,
            ),
        )

    def send_links(self) -> None:
        """Send sign-in links to those who asked, in one process at a time."""
        bridge = self._bridge
        with bridge.store.reading() as work:
            if not work.access.anybody_asks():
                return  # So that a lease every few seconds keeps no writer waiting.
        self._write(
            "links",
            lambda: flow.send_links(
                bridge.store,
                bridge.clock,
                opened=bridge.note_way,
                link=bridge.link,
                ways=bridge.link_ways,
                stopping=self._stopping.is_set,
            ),
        )

    def compare_rosters(self) -> None:
        """Ask platforms who is in the courses that were launched in, in one process at a time."""
        bridge = self._bridge
        with bridge.store.reading() as work:
            if not work.rosters.any_wanted():
                return
        with self._lease("rosters", SYNC_LEASE) as held:
            if held:
                done = flow.compare_rosters(
                    bridge.store, bridge.clock, bridge.members, stopping=self._stopping.is_set
                )
                log.info("rosters compared", **vars(done))

    def _write(self, what: str, write: Callable[[], Round]) -> None:
        with self._lease(what, SYNC_LEASE) as held:
            if not held:
                return
            try:
                done = write()
            except BridgeError as error:
                log.warning(f"{what} failed", error=str(error), retry=error.retry)
                return
        if any(vars(done).values()):
            log.info(f"{what} written", **{k: v for k, v in vars(done).items() if v})

    # --- leases ---------------------------------------------------------------------------------

    @contextmanager
    def _lease(self, name: str, length: timedelta) -> Iterator[bool]:
        bridge = self._bridge
        with bridge.store.work() as work:
            held = work.leases.take(name, bridge.worker_id, bridge.clock.now(), length)
        if not held:
            yield False
            return
        self._held.add(name)
        try:
            yield True
        finally:
            self._held.discard(name)
            with bridge.store.work() as work:
                work.leases.give_back(name, bridge.worker_id)

    def renew(self) -> None:
        """Hold on to what is being synced: a first sync may take longer than a lease."""
        bridge, held = self._bridge, tuple(self._held)
        if held:
            with bridge.store.work() as work:
                work.leases.renew(held, bridge.worker_id, bridge.clock.now(), SYNC_LEASE)
