"""The command ``demo``: an LMS with a company in it, and the bridge beside it, from nothing."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import click
import requests
from rich.console import Console

from bridge import config as settings
from bridge import flow
from bridge.access import links
from bridge.bootstrap import Bridge, bootstrap
from bridge.cli.progress import Bars
from bridge.delivery import outlets
from bridge.demo.catalogue import PRIVATE_FIELD, SHARING_FIELD
from bridge.demo.stage import Stage
from bridge.demo.story import make_story
from bridge.errors import BridgeError, InputError
from bridge.logs import log_to_stderr
from bridge.model import Audience, AudienceKind, Connection, ProfileRules
from bridge.outlets.signing import new_secret
from bridge.storage import schema
from bridge.sync import run as sync

NAME = "academy"
PATIENCE = 30.0
"""Seconds that a process may take to answer for the first time."""

RULES = ProfileRules(
    seed_field=SHARING_FIELD,
    never_field=PRIVATE_FIELD,
    never_values=frozenset({"under 18", "works council"}),
)
"""What the demo reads out of its people's profiles."""

LINKS_LAST = timedelta(hours=12)


@dataclass
class Children:
    """The demo's processes: the LMS, the web server, the worker."""

    home: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, arguments: Sequence[str], environment: dict[str, str]) -> None:
        """Start one; what it prints goes to a log file of its name."""
        with (self.home / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env={**os.environ, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_for(self, name: str, address: str) -> None:
        """Wait until it answers.

        :raises BridgeError: with the end of its log, if it does not.
        """
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.running[name].poll() is None:
            try:
                requests.get(address, timeout=1)
                return
            except requests.RequestException:
                time.sleep(0.1)
        log = (self.home / f"{name}.log").read_text("utf-8", "replace").strip()
        raise BridgeError(f"The demo's {name} did not start: {log[-500:]}")

    def watch(self) -> str:
        """Wait until one of them ends; its name."""
        while True:
            for name, process in self.running.items():
                if process.poll() is not None:
                    return name
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop them all, the last started first."""
        for process in reversed(self.running.values()):
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@click.command(epilog="Example: socialbridge demo --port 8080")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-data"),
    show_default=True,
    help="Where the demo keeps its database and logs; made anew at each start.",
)
@click.option("--port", type=int, help="The bridge's port; 8000, or a free one, by default.")
@click.option("--lms-port", type=int, help="The demo LMS's port; 8090, or a free one, by default.")
@click.option(
    "--pace",
    default=40.0,
    show_default=True,
    help="Seconds between two things that happen in the LMS; 0 keeps it still.",
)
@click.option("--seed", default=7, show_default=True, help="Another number, another company.")
@click.option("--check", is_flag=True, help="Start everything, wait until it answers, and stop.")
def demo(
    home: Path, port: int | None, lms_port: int | None, pace: float, seed: int, check: bool
) -> None:
    """See it work: a demo LMS of 200 people, read, told and shared, in your browser.

    Everything runs on this machine and is real: the LMS speaks Moodle's web services over HTTP.
    """
    console = Console(highlight=False)
    started = time.monotonic()
    log_to_stderr("WARNING")
    home.mkdir(parents=True, exist_ok=True)
    lms_port, port = _port(lms_port, 8090), _port(port, 8000)
    environment = _environment(home, port)
    bridge = bootstrap(settings.load(None, environment))
    with ExitStack() as stack:
        stack.callback(bridge.store.close)
        children = Children(home)
        stack.callback(children.stop)
        # A demo that is told to end takes its processes along, as Ctrl-C does.
        before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        stack.callback(signal.signal, signal.SIGTERM, before)
        lms = f"http://127.0.0.1:{lms_port}"
        token, webhook_secret = secrets.token_hex(16), new_secret()
        with console.status("Starting the demo LMS …"):
            children.start(
                "lms",
                [
                    "bridge.demo.lms",
                    "--port",
                    str(lms_port),
                    "--pace",
                    str(pace),
                    "--seed",
                    str(seed),
                    "--token",
                    token,
                    "--webhook-secret",
                    webhook_secret,
                ],
                {},
            )
            children.wait_for("lms", lms)
            schema.upgrade(bridge.store)
        lines = _fill(console, bridge, lms, token, webhook_secret, seed)
        with console.status("Starting the bridge …"):
            children.start("serve", ["bridge.cli", "serve"], environment)
            children.start("worker", ["bridge.cli", "worker"], environment)
            children.wait_for("serve", bridge.link("/healthz"))
        seconds = time.monotonic() - started
        _welcome(console, bridge, lms, lines, seconds)
        if not check:
            ended = children.watch()
            raise BridgeError(f"The demo's {ended} ended.", f"Its log is {home / ended}.log.")


def _environment(home: Path, port: int) -> dict[str, str]:
    for suffix in ("", "-wal", "-shm"):
        (home / f"socialbridge.db{suffix}").unlink(missing_ok=True)
    return {
        "SOCIALBRIDGE_SECRET_KEY": settings.new_secret_key(),
        "SOCIALBRIDGE_DATABASE_URL": f"sqlite:///{(home / 'socialbridge.db').resolve()}",
        "SOCIALBRIDGE_BASE_URL": f"http://127.0.0.1:{port}",
        "SOCIALBRIDGE_LISTEN": f"127.0.0.1:{port}",
        "SOCIALBRIDGE_SYNC_MINUTES": "0.5",
        "SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE": "127.0.0.1",
        "SOCIALBRIDGE_LOG_LEVEL": "INFO",
    }


def _fill(
    console: Console, bridge: Bridge, lms: str, token: str, webhook_secret: str, seed: int
) -> list[tuple[str, str]]:
    """Connect, sync, set the stage, tell, suggest; the sign-in links."""
    story = make_story(bridge.clock.now(), seed)
    trial = Connection(id=0, name=NAME, kind="moodle", url=lms, site_name="", token=token)
    with closing(bridge.connector(trial)) as connector:
        site, found = connector.site(), connector.prepare_report(None)
    settings = {**RULES.settings, **({"report_id": found[0]} if found else {})}
    connection = flow.connect(
        bridge.store, bridge.clock, NAME, "moodle", lms, token, site, settings=settings
    )
    console.print(f"Reading {site.name}, release {site.release}:", markup=False)
    with Bars(console) as bars:
        report = sync(
            bridge.store, bridge.connector(connection), connection, bridge.clock, progress=bars
        )
    console.print(f"{report.requests} requests.", markup=False)
    with console.status("Telling what people chose to share, and suggesting …"):
        stage = Stage(bridge, connection, story)
        stage.set()
        with bridge.store.work() as work:
            outlets.add(
                work,
                connection.id,
                "Inbox",
                "webhook",
                Audience(AudienceKind.EVERYONE, connection.id),
                {"url": f"{lms}/inbox"},
                webhook_secret,
            )
        flow.suggest(bridge.store, bridge.clock, connection.id)
        stage.enliven()
        # Once more, for what people said since is worth sharing, too.
        flow.suggest(bridge.store, bridge.clock, connection.id)
    people = (
        ("a learner", story.learner_id),
        ("a leader", story.leader_id),
        ("an admin", story.admin_id),
    )
    with bridge.store.work() as work:
        return [
            (
                f"{who}, {stage.person(lms_id).name}",
                links.issue(work, stage.person(lms_id).id, bridge.clock.now(), LINKS_LAST),
            )
            for who, lms_id in people
        ]


def _welcome(
    console: Console, bridge: Bridge, lms: str, lines: list[tuple[str, str]], seconds: float
) -> None:
    console.print(f"\nReady in {seconds:.0f} s.\n", style="bold")
    rows = [("The bridge", bridge.config.base_url), ("The LMS", lms)]
    rows += [("The inbox of its webhooks", f"{lms}/inbox")]
    rows += [(f"Sign in as {who}", bridge.link(f"/sign-in/{token}")) for who, token in lines]
    for label, address in rows:
        # An address must stay in one piece, however narrow the terminal is.
        console.print(f"{label}\n  {address}", markup=False, soft_wrap=True)
    console.print("\nEach link is good for one sign-in. Ctrl-C stops everything.")


def _port(wanted: int | None, usual: int) -> int:
    """The wanted port; without one the usual one, or a free one if that is taken.

    :raises InputError: if the wanted port is taken.
    """
    if wanted is not None:
        if not _free(wanted):
            raise InputError(f"Port {wanted} is taken.", "Choose another one.")
        return wanted
    return usual if _free(usual) else _any_free()


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
