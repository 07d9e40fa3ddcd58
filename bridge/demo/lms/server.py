"""The demo LMS over HTTP: in this process for tests, or as a process of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from random import Random
from typing import Any, cast

from flask import Flask, Response, request
from waitress import wasyncore
from waitress.server import create_server
from werkzeug.datastructures import MultiDict

from bridge.demo.generated import Site, Size
from bridge.demo.lms.costs import Costs
from bridge.demo.lms.faults import Faults
from bridge.demo.lms.generated_store import GeneratedStore
from bridge.demo.lms.inbox import Inbox, inbox_pages
from bridge.demo.lms.languages import SERVER_ZONE, known_language, known_zone
from bridge.demo.lms.life import Life
from bridge.demo.lms.pages import pages
from bridge.demo.lms.reports import Preparation
from bridge.demo.lms.store import Store
from bridge.demo.lms.totara.service import TotaraService
from bridge.demo.lms.totara.store import TotaraStore
from bridge.demo.lms.webservice import WebService
from bridge.demo.story import SEED, make_story
from bridge.demo.world import ADMIN_ID, Story

TOKEN = "demo-token-of-the-social-bridge"
"""The token of the demo: what it opens is made up and listens on this machine only."""


FLAVOURS: dict[str, tuple[type[Store], type[WebService]]] = {
    "moodle-4.5": (Store, WebService),
    "totara-12": (TotaraStore, TotaraService),
}
"""The kinds of LMS that the company may have, and what they are made of."""
MOODLE = "moodle-4.5"


def epoch_seconds() -> int:
    """The real clock, as Moodle counts."""
    return int(time.time())


def create_app(service: WebService, inbox: Inbox | None = None) -> Flask:
    """The site: its web services and a few pages for people who follow a link."""
    app = Flask(__name__, template_folder="../templates", static_folder=None)
    app.register_blueprint(pages(service.store))
    if inbox is not None:
        app.register_blueprint(inbox_pages(inbox))

    @app.route("/webservice/rest/server.php", methods=["GET", "POST"])
    def rest() -> Response:
        fields: MultiDict[str, str] = request.values
        reply = service.reply(fields.items(multi=True), request.host_url.rstrip("/"))
        response = Response(reply.body, reply.status, mimetype=reply.mimetype)
        response.headers.extend(reply.headers)
        return response

    return app


class Lms:
    """A running demo LMS.

    :param clock: epoch seconds.
    :param flavour: which LMS it is, one of :data:`FLAVOURS`.
    :param story: the company; told by the seed, as of the clock's moment, unless given.
    :param generated: instead of a company a site of that size, made from the seed by formulas;
        there is no ``story`` then.
    :param moment: as of which the story is told or the site is made: the clock's unless given.
    :param costs: what a request takes, such as :data:`bridge.demo.lms.costs.REAL`; ``None`` for no
        longer than it does, with no limit to how many are answered at once.
    :param capabilities: the rights of the token's user; see :mod:`bridge.demo.lms.capabilities`.
    :param functions: what the token's service lists.
    :param pace: seconds between two things that happen by themselves; 0 for none.
    :param report: ``ready``: the custom report of completions is there, with its columns;
        ``bare``: it has no columns and no order yet; ``none``: there is none.
    :param language: in which the token's user is told dates and answers: ``en``, ``de``, ``es``.
    :param timezone: of the token's user: an Olson name, or ``99`` for the server's, which is UTC.
    :param webhook_secret: with one, ``/inbox`` takes webhooks that are signed with it.
    :param port: 0 for any that is free.
    :raises OSError: if the address cannot be listened on.
    :raises ValueError: for a right, function, report, language or time zone that it does not know,
        and for a pace on a generated site.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], int] = epoch_seconds,
        flavour: str = MOODLE,
        story: Story | None = None,
        generated: Size | None = None,
        costs: Costs | None = None,
        seed: int = SEED,
        moment: int | None = None,
        token: str = TOKEN,
        capabilities: Iterable[str] | None = None,
        functions: Iterable[str] | None = None,
        pace: float = 0,
        report: str = Preparation.READY.value,
        language: str = "en",
        timezone: str = SERVER_ZONE,
        webhook_secret: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
        threads: int = 8,
    ) -> None:
        if flavour not in FLAVOURS:
            raise ValueError(f"{flavour} is no LMS that the demo can be: {', '.join(FLAVOURS)}.")
        kept_in, served_by = FLAVOURS[flavour]
        moment = clock() if moment is None else moment
        self.store: Store
        if generated is not None:
            if pace:
                raise ValueError("On a generated site nothing happens by itself.")
            if flavour != MOODLE:
                raise ValueError("A generated site is a Moodle.")
            self.store = GeneratedStore(Site(generated, seed, moment), clock)
        else:
            self.story = story or make_story(datetime.fromtimestamp(moment, UTC), seed)
            self.store = kept_in(self.story, clock)
        self.store.reports.prepare(Preparation(report), ADMIN_ID, moment)
        self.store.change_person(
            self.store.service_id,
            language=known_language(language),
            timezone=known_zone(timezone),
        )
        self.service = served_by(
            self.store,
            token,
            served_by.default_capabilities if capabilities is None else capabilities,
            tuple(served_by.table) if functions is None else functions,
            costs,
        )
        self.token = token
        self.life = Life(self.store, Random(seed), pace)
        self.inbox = Inbox(webhook_secret, clock) if webhook_secret else None
        # Waitress leaves a socket open if it cannot bind it, so it is handed one that is bound.
        listening = socket.create_server((host, port))
        # The type stubs of waitress do not know all that a server of its has.
        self._server = cast(
            Any,
            create_server(
                create_app(self.service, self.inbox),
                sockets=[listening],
                threads=threads,
                ident=None,
            ),
        )
        self.url = f"http://{host}:{self._server.effective_port}"

    @property
    def faults(self) -> Faults:
        """The switches for what goes wrong."""
        return self.service.faults

    @property
    def requests(self) -> int:
        """HTTP requests to the web services so far."""
        return self.service.requests

    @property
    def calls(self) -> Counter[str]:
        """Function → HTTP requests for it so far; what a batch holds is not counted."""
        return self.service.calls

    @property
    def inner(self) -> Counter[str]:
        """Function → calls of it so far, those inside batches included."""
        return self.service.inner

    def serve(self) -> None:
        """Answer until :meth:`stop` is called, or the process is told to end."""
        self.life.start()
        try:
            self._server.run()
        finally:
            self.life.stop()
            self._server.task_dispatcher.shutdown()
            wasyncore.close_all(self._server._map, ignore_all=True)

    def stop(self) -> None:
        """Let :meth:`serve` return. May be called from any thread."""
        # The serving thread may wake up by itself between hearing of this and being woken for it;
        # then it has closed everything already, the pipe that would wake it included.
        with suppress(OSError):
            self._server.trigger.pull_trigger(
                lambda: wasyncore.close_all(self._server._map, ignore_all=True)
            )


@contextmanager
def running_lms(
    *,
    clock: Callable[[], int] = epoch_seconds,
    flavour: str = MOODLE,
    story: Story | None = None,
    generated: Size | None = None,
    costs: Costs | None = None,
    seed: int = SEED,
    moment: int | None = None,
    token: str = TOKEN,
    capabilities: Iterable[str] | None = None,
    functions: Iterable[str] | None = None,
    pace: float = 0,
    report: str = Preparation.READY.value,
    language: str = "en",
    timezone: str = SERVER_ZONE,
    webhook_secret: str = "",
) -> Iterator[Lms]:
    """A demo LMS in a thread of this process, on a free port, for as long as the block lasts.

    ``lms.url`` and ``lms.token`` are what a connector needs, ``lms.store`` is what a test changes,
    ``lms.requests``, ``lms.calls`` and ``lms.inner`` what it counts, ``lms.faults`` what it breaks.
    """
    lms = Lms(
        clock=clock,
        flavour=flavour,
        story=story,
        generated=generated,
        costs=costs,
        seed=seed,
        moment=moment,
        token=token,
        capabilities=capabilities,
        functions=functions,
        pace=pace,
        report=report,
        language=language,
        timezone=timezone,
        webhook_secret=webhook_secret,
    )
    thread = threading.Thread(target=lms.serve, name="demo LMS", daemon=True)
    thread.start()
    try:
        yield lms
    finally:
        lms.stop()
        thread.join(timeout=10)
