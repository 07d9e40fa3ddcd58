"""One person takes a thousand items back: `python -m tests.benchmarks.withdrawal --json`.

Bob finished something in a thousand courses' days; half of them name Beth as well. Each item stands
at five outlets, over real HTTP and SMTP: a wall that edits and deletes, one that only deletes, a
signed webhook, mail that went out, and a webhook that is down for a while. Bob says *nobody*. In
the end what the outlets show is held against the receipt:

* ``seconds_until_written``: the choice, the feed and every delivery, in one transaction;
* ``seconds_until_done``: until nothing is still to be, the outlet that is down included;
* ``named_after``: posts of outlets that can take something back, that still name Bob;
* ``exact``: whether the receipt says of each outlet what it really shows.

Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from bridge import flow
from bridge.delivery import outlets
from bridge.delivery.worker import deliver
from bridge.errors import OutletRefused
from bridge.model import Audience, AudienceKind, Choice, Fate, Outlet, Post, Receipt, Removal
from bridge.outlets.email import EmailPublisher
from bridge.outlets.letter import Letters
from bridge.outlets.webhook import WebhookPublisher
from bridge.ports import Abilities, Publisher
from bridge.storage import Store, Work
from bridge.storage import tables as t
from tests.benchmarks.readers import database
from tests.cast import Cast, make_cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.contract.mail_server import mail_server
from tests.contract.receiver import SECRET, Answer, Receiver, receiving

ITEMS = 1_000
NAME = "Bob Brown"
START = datetime(2026, 11, 25, 9, tzinfo=UTC)
DAYS = 6
"""Days over which the items lie: what is older than a week is not told."""
DOWN_FOR = 25
"""Requests that the outlet that is down refuses."""
SETTINGS = {"kinds": ["completion"], "budget": None}
BOTH = Abilities(edit=True, delete=True, find=False, idempotent=True)
ONLY_DELETE = Abilities(edit=False, delete=True, find=False, idempotent=True)


class Wall:
    """What a wall shows, by the id that it gave; over HTTP."""

    def __init__(self) -> None:
        self.url = ""
        self.shown: dict[str, str] = {}


def _handler(wall: Wall, edits: bool) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def _text(self) -> str:
            return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

        def _say(self, status: int, body: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            ident = f"w{len(wall.shown)}-{self.headers['X-Key']}"
            wall.shown[ident] = self._text()
            self._say(201, ident)

        def do_PUT(self) -> None:
            text, ident = self._text(), self.path[1:]
            if not edits or ident not in wall.shown:
                self._say(405)
                return
            wall.shown[ident] = text
            self._say(204)

        def do_DELETE(self) -> None:
            self._say(204 if wall.shown.pop(self.path[1:], None) is not None else 404)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: a thousand lines say nothing more."""

    return Handler


@contextmanager
def running_wall(edits: bool) -> Iterator[Wall]:
    """A wall on a port of its own."""
    wall = Wall()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(wall, edits))
    wall.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield wall
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class WallPublisher:
    """Speaks to a wall."""

    def __init__(self, wall: Wall, abilities: Abilities) -> None:
        self.abilities = abilities
        self._url = wall.url
        self._session = requests.Session()

    def publish(self, post: Post) -> Receipt:
        answer = self._ask("POST", "", post)
        return Receipt(answer.text)

    def edit(self, remote_id: str, post: Post) -> Receipt:
        self._ask("PUT", remote_id, post)
        return Receipt(remote_id)

    def delete(self, remote_id: str, post: Post) -> Removal:
        self._ask("DELETE", remote_id, post)
        return Removal.DONE

    def find(self, post: Post) -> Receipt | None:
        return None

    def close(self) -> None:
        self._session.close()

    def _ask(self, method: str, ident: str, post: Post) -> requests.Response:
        answer = self._session.request(
            method,
            f"{self._url}/{ident}",
            data=post.text.encode(),
            headers={"X-Key": post.key},
            timeout=30,
        )
        if not answer.ok:
            raise OutletRefused(f"The wall answered {answer.status_code}.")
        return answer


class Withdrawal:
    """The five outlets, with the items of a person on each of them."""

    def __init__(self, store: Store, items: int, folder: Path, stack: ExitStack) -> None:
        self.store, self.items = store, items
        self.clock = FrozenClock(START)
        self.cast: Cast = make_cast(store, START)
        self.wall = stack.enter_context(running_wall(edits=True))
        self.stone = stack.enter_context(running_wall(edits=False))
        self.mail = stack.enter_context(mail_server(folder, "", password=False))
        self.hook = stack.enter_context(receiving(lambda: START.timestamp()))
        self.down = stack.enter_context(receiving(lambda: START.timestamp()))
        self.publishers: dict[int, Publisher] = {}
        self._outlets(stack)

    def _outlets(self, stack: ExitStack) -> None:
        both = stack.enter_context(closing(WallPublisher(self.wall, BOTH)))
        only = stack.enter_context(closing(WallPublisher(self.stone, ONLY_DELETE)))
        letters = Letters(self.mail.url, "bridge@example.com", timeout=30)
        mail = EmailPublisher(
            letters, ["team@example.com"], [], link=str, ended=set, now=self.clock.now
        )
        self.names: dict[str, int] = {}
        for name, publisher in (
            ("wall", both),
            ("stone", only),
            ("mail", mail),
            ("hook", self._webhook(self.hook)),
            ("down", self._webhook(self.down)),
        ):
            everyone = Audience(AudienceKind.EVERYONE, self.cast.connection)
            with self.store.work() as work:
                new = outlets.add(
                    work,
                    self.cast.connection,
                    name,
                    "board",
                    everyone,
                    SETTINGS,
                    "",
                )
            self.names[name] = new.id
            self.publishers[new.id] = publisher

    def _webhook(self, to: Receiver) -> WebhookPublisher:
        return WebhookPublisher(
            to.url, SECRET, timeout=30, allow_private=["127.0.0.1"], seconds=START.timestamp
        )

    def publisher(self, outlet: Outlet) -> Publisher:
        """The publisher of one of the five."""
        return self.publishers[outlet.id]

    # --- the story -----------------------------------------------------------------------------

    def tell(self) -> None:
        """Bob and Beth finish things, and all of it is sent everywhere."""
        bob, beth = self.cast.bob, self.cast.beth
        with self.store.work() as work:
            row = {"connection_id": self.cast.connection, "first_seen_at": START, "history": True}
            courses = [
                {**row, "lms_id": 1_000 + n, "name": f"Course {n}", "pending": False}
                for n in range(self.items)
            ]
            work.sql.execute(t.courses.insert(), courses)
            found = select(t.courses.c.id).where(t.courses.c.lms_id >= 1_000)
            ids = list(work.sql.execute(found.order_by(t.courses.c.lms_id)).scalars())
            enrolled = [
                {"course_id": c, "person_id": p, "first_seen_at": START}
                for c in ids
                for p in (bob, beth)
            ]
            work.sql.execute(t.enrolments.insert(), enrolled)
            self._complete(work, ids, bob)
            self._complete(work, ids[::2], beth)
        for person in (self.cast.bob, self.cast.beth):
            self.cast.choose(person, Choice.EVERYONE)
        flow.tell(self.store, self.clock, self.cast.connection)
        self.drain()

    def _complete(self, work: Work, course_ids: Sequence[int], person: int) -> None:
        rows = [
            {
                "connection_id": self.cast.connection,
                "course_id": course,
                "person_id": person,
                "completed_at": (at := START - timedelta(days=course % DAYS)),
                "seen_at": at,
            }
            for course in course_ids
        ]
        work.sql.execute(t.completions.insert(), rows)

    def withdraw(self) -> float:
        """Bob says nobody; seconds until that is written."""
        refused = iter(range(DOWN_FOR))
        self.down.choose = lambda ident: (
            Answer(503, keep=False) if next(refused, None) is not None else Answer()
        )
        began = time.perf_counter()
        flow.change_consent(self.store, self.clock, self.cast.bob, Choice.NOBODY)
        return time.perf_counter() - began

    def drain(self) -> None:
        """Deliver until nothing is due, and again later until nothing waits."""
        while True:
            while deliver(
                self.store,
                self.publisher,
                self.clock,
                link=lambda path: f"https://bridge.example{path}",
                worker_id="w1",
                limit=500,
                jitter=lambda: 0.5,
            ).claimed:
                pass
            with self.store.reading() as work:
                if not work.purge.waiting(self.cast.connection):
                    return
            self.clock.advance(minutes=5)

    # --- the end -------------------------------------------------------------------------------

    def shown(self) -> dict[str, list[str]]:
        """Outlet → the texts that it shows."""
        return {
            "wall": list(self.wall.shown.values()),
            "stone": list(self.stone.shown.values()),
            "mail": [str(letter.get_body()) for letter in self.mail.letters],
            "hook": [data["text"] for data in self.hook.shown.values() if "text" in data],
            "down": [data["text"] for data in self.down.shown.values() if "text" in data],
        }

    def naming(self) -> dict[str, int]:
        """Outlet → how many of its texts name Bob."""
        return {o: sum(NAME in text for text in texts) for o, texts in self.shown().items()}

    def told(self) -> dict[str, Counter[Fate]]:
        """Outlet → what the receipt says."""
        with self.store.reading() as work:
            withdrawals = work.withdrawals.of_person(self.cast.bob, 1)
            receipt = work.withdrawals.receipts(withdrawals)[0]
        found: dict[str, Counter[Fate]] = {name: Counter() for name in self.names}
        for one in receipt.fates:
            found[one.outlet_name][one.fate] += one.count
        return found

    def expected(self) -> dict[str, dict[Fate, int]]:
        """What the receipt has to say, counted from what is true and not from the ledger."""
        edited = -(-self.items // 2)
        both = {Fate.EDITED: edited, Fate.DELETED: self.items - edited}
        return {
            "wall": both,
            "stone": {Fate.DELETED: self.items},
            "mail": {Fate.STAYS: self.items},
            "hook": both,
            "down": both,
        }


@contextmanager
def withdrawal(store: Store, items: int = ITEMS) -> Iterator[Withdrawal]:
    """The outlets, running."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield Withdrawal(store, items, folder, stack)


def _measure(kind: str, items: int, say: Callable[[str], None]) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(database(kind, folder))
        store = stack.enter_context(closing(Store(url, [SECRET_KEY])))
        one = stack.enter_context(withdrawal(store, items))
        say(f"{kind}: {items:,} items go to five outlets")
        one.tell()
        named_before = one.naming()
        say(f"{kind}: the person takes them back")
        began = time.perf_counter()
        written = one.withdraw()
        one.drain()
        done = time.perf_counter() - began
        named_after = one.naming()
        stays = named_after.pop("mail")
        return {
            "items": items,
            "deliveries": sum(named_before.values()),
            "seconds_until_written": round(written, 2),
            "seconds_until_done": round(done, 2),
            "named_after": sum(named_after.values()),
            "letters_that_stay": stays,
            "exact": {o: dict(c) for o, c in one.told().items()} == one.expected(),
        }


def main() -> None:
    """Measure on both kinds of database, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="one JSON object, and nothing else")
    parser.add_argument("--items", type=int, default=ITEMS)
    given = parser.parse_args()
    say = (lambda text: None) if given.json else (lambda text: print(text, file=sys.stderr))
    found = {kind: _measure(kind, given.items, say) for kind in ("sqlite", "postgresql")}
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
