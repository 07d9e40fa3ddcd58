"""Outlets that fail in every way, and workers that die at any moment: nothing lost or doubled."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from bridge.delivery import ledger, outbox, outlets
from bridge.delivery.worker import DeliveryReport, deliver
from bridge.errors import OutcomeUnknown, OutletBusy
from bridge.model import Audience, AudienceKind, DeliveryState, Outlet, Post, Receipt, Removal
from bridge.outlets.webhook import WebhookPublisher
from bridge.ports import Abilities, Publisher
from bridge.storage import Store, Work
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.contract.receiver import SECRET, Answer, receiving

SHARES = 150
ROUNDS = 400
SETTLED = {DeliveryState.SHOWN, DeliveryState.ACCEPTED, DeliveryState.GONE}
HOSTS = frozenset({"127.0.0.1"})


class Killed(BaseException):
    """The worker's process ends here."""


class DyingStore:
    """A store whose process dies now and then, just before or just after a commit."""

    def __init__(self, store: Store, die: Callable[[], bool]) -> None:
        self._store, self._die = store, die

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self._store.work() as work:
            yield work
            if self._die():
                raise Killed
        if self._die():
            raise Killed

    @contextmanager
    def reading(self) -> Iterator[Work]:
        with self._store.reading() as work:
            yield work


class Forum:
    """A forum that can be asked and edited, and that would show a post twice if it came twice."""

    abilities = Abilities(edit=True, delete=True, find=True, idempotent=False)

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.calm = False
        self.posts: dict[str, Post] = {}
        self.doubled: list[str] = []
        self._count = 0

    def publish(self, post: Post) -> Receipt:
        self._before()
        known = next((i for i, p in self.posts.items() if p.key == post.key), None)
        if known and self.abilities.idempotent:
            return Receipt(known)  # The first text stays.
        if known:
            self.doubled.append(post.key)
        self._count += 1
        ident = f"d:{self._count}"
        self.posts[ident] = post
        self._after()
        return Receipt(ident)

    def edit(self, remote_id: str, post: Post) -> Receipt:
        self._before()
        assert remote_id in self.posts
        self.posts[remote_id] = post
        self._after()
        return Receipt(remote_id)

    def delete(self, remote_id: str, post: Post) -> Removal:
        self._before()
        for ident in [i for i, p in self.posts.items() if remote_id == i or p.key == post.key]:
            del self.posts[ident]
        self._after()
        return Removal.DONE

    def find(self, post: Post) -> Receipt | None:
        self._before()
        found = next((i for i, p in self.posts.items() if p.key == post.key), None)
        return None if found is None else Receipt(found)

    def _before(self) -> None:
        self._maybe(OutletBusy("Full."), OutcomeUnknown("Silence."), Killed())

    def _after(self) -> None:
        self._maybe(OutcomeUnknown("Silence."), OutcomeUnknown("Silence."), Killed())

    def _maybe(self, *errors: BaseException) -> None:
        if not self.calm and self.chance.random() < 0.08:
            raise self.chance.choice(errors)


def moods(chance: random.Random) -> Callable[[str], Answer]:
    """How a webhook's receiver treats each request; one in four badly."""
    bad = [
        Answer(503, {"Retry-After": "20"}, keep=False),
        Answer(500, keep=False),
        Answer(502),
        Answer(422, keep=False),
        Answer(then="drop", keep=False),
        Answer(then="drop"),
        Answer(202),
    ]

    def choose(ident: str) -> Answer:
        if chance.random() < 0.02:
            return Answer(then="hang")
        return chance.choice(bad) if chance.random() < 0.25 else Answer()

    return choose


def link(path: str) -> str:
    """The absolute address of a path."""
    return f"https://bridge.example{path}"


def outlet(cast: Cast, name: str) -> Outlet:
    """One more outlet that everyone reads."""
    everyone = Audience(AudienceKind.EVERYONE, cast.connection)
    with cast.store.work() as work:
        return outlets.add(work, cast.connection, name, name, everyone, {}, "")


def share(cast: Cast, clock: FrozenClock, number: int, where: list[int]) -> int:
    """Alice shares something at the outlets; the activity's id."""
    with cast.store.work() as work:
        query = t.activities.insert().returning(t.activities.c.id)
        ident = work.sql.execute(
            query,
            {
                "uid": f"uid-{number}",
                "connection_id": cast.connection,
                "kind": "share",
                "audience": f"everyone:{cast.connection}",
                "actor_id": cast.alice,
                "course_id": cast.feedback,
                "text": f"Number {number}.",
                "published": clock.now(),
                "updated": clock.now(),
            },
        ).scalar_one()
        outbox.enqueue(work, [ident], clock.now(), outlet_ids=where)
    return ident


def change(cast: Cast, clock: FrozenClock, ident: int, gone: bool) -> None:
    """The share gets another text, or is taken back."""
    a = t.activities
    with cast.store.work() as work:
        values = {"revision": a.c.revision + 1, "text": f"Changed {ident}.", "gone": gone}
        work.sql.execute(a.update().where(a.c.id == ident).values(values))
        outbox.enqueue(work, [ident], clock.now(), urgent=gone)


def revive(cast: Cast, clock: FrozenClock) -> None:
    """An admin tries everything again that was given up."""
    with cast.store.work() as work:
        for row in ledger.page(work, cast.connection, limit=1000, state=DeliveryState.DEAD):
            ledger.retry(work, row.delivery.id, clock.now())


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_and_nothing_is_shown_twice(
    cast: Cast, clock: FrozenClock, seed: int
) -> None:
    """Hundreds of deliveries, changes in between, deaths at any point; in the end all is right."""
    chance = random.Random(seed)
    calm = False
    forum = Forum(chance)
    hook, board = outlet(cast, "hook"), outlet(cast, "board")
    dying = DyingStore(cast.store, lambda: not calm and chance.random() < 0.01)
    shares = [share(cast, clock, n, [hook.id, board.id]) for n in range(SHARES)]
    deaths = 0
    with receiving(time.time) as receiver:
        receiver.choose = moods(chance)
        publishers: dict[int, Publisher] = {
            hook.id: WebhookPublisher(receiver.url, SECRET, timeout=0.2, allow_private=HOSTS),
            board.id: forum,
        }

        def batch(worker: str) -> DeliveryReport:
            return deliver(
                dying,  # type: ignore[arg-type]
                lambda one: publishers[one.id],
                clock,
                link=link,
                worker_id=worker,
                jitter=chance.random,
            )

        for number in range(ROUNDS):
            if number == 60:  # From here on nothing changes, fails or dies any more.
                calm = forum.calm = True
                receiver.choose = lambda ident: Answer()
            if not calm:
                for ident in chance.sample(shares, 3):
                    change(cast, clock, ident, gone=chance.random() < 0.2)
            try:
                report = batch(f"w{number}")
            except Killed:
                deaths += 1
            revive(cast, clock)
            clock.advance(seconds=chance.choice([1, 45, 400]))
            if calm and number > 80 and not report.claimed:
                break

        assert deaths > 5
        assert [] == receiver.refusals
        with cast.store.reading() as work:
            rows = [r.delivery for r in ledger.page(work, cast.connection, limit=1000)]
            activities = {a.id: a for a in work.delivery.activities(shares)}
        assert 2 * SHARES == len(rows)
        assert SETTLED >= {row.state for row in rows}
        wanted = {
            (d.outlet_id, d.key): activities[d.activity_id].revision
            for d in rows
            if not activities[d.activity_id].gone
        }
        at_hook = {(hook.id, key): data["revision"] for key, data in receiver.shown.items()}
        at_board = {(board.id, post.key): post.revision for post in forum.posts.values()}
        assert wanted == at_hook | at_board
        assert [] == forum.doubled
        assert len(forum.posts) == len(at_board)


WORKER = """
import sys
from datetime import UTC, datetime
from bridge.delivery.worker import deliver
from bridge.outlets.webhook import WebhookPublisher
from bridge.storage import Store

database, key, url, secret, at, name = sys.argv[1:]

class Then:
    def now(self):
        return datetime.fromtimestamp(int(at), UTC)

hook = WebhookPublisher(url, secret, allow_private=frozenset({"127.0.0.1"}))
store = Store(database, [key])
while deliver(store, lambda outlet: hook, Then(), link=lambda p: "https://b.example" + p,
              worker_id=name).claimed:
    pass
"""


def test_a_process_that_is_killed_over_the_network_loses_and_doubles_nothing(
    cast: Cast, clock: FrozenClock, database_url: str
) -> None:
    """SIGKILL while the receiver has the request in its hands; the next worker goes on."""
    hook = outlet(cast, "hook")
    for number in range(60):
        share(cast, clock, number, [hook.id])
    with receiving(time.time) as receiver:
        for deadly in (7, 29):
            at = str(int(clock.now().timestamp()))
            words = [database_url, SECRET_KEY, receiver.url, SECRET, at, f"w{deadly}"]
            process = subprocess.Popen([sys.executable, "-c", WORKER, *words])

            def kill(ident: str, pid: int = process.pid, deadly: int = deadly) -> Answer:
                if len(receiver.requests) == deadly:
                    os.kill(pid, signal.SIGKILL)
                return Answer()

            receiver.choose = kill
            assert -signal.SIGKILL == process.wait(30)
            clock.advance(minutes=6)
        receiver.choose = lambda ident: Answer()
        publisher = WebhookPublisher(receiver.url, SECRET, allow_private=HOSTS)
        claimed = 1
        while claimed:
            claimed = deliver(
                cast.store, lambda one: publisher, clock, link=link, worker_id="last"
            ).claimed

        with cast.store.reading() as work:
            rows = [r.delivery for r in ledger.page(work, cast.connection, limit=100)]
        assert {DeliveryState.SHOWN} == {row.state for row in rows}
        assert {row.key for row in rows} == receiver.shown.keys()
        assert 60 == len(receiver.taken)
        assert 60 < len(receiver.requests)


# --- budgets, digests, quiet hours, rates --------------------------------------------------------

STEPS = 80
IDEMPOTENT = Abilities(edit=True, delete=True, find=False, idempotent=True)
TOWN: tuple[tuple[str, Abilities, dict[str, Any]], ...] = (
    ("Board", Forum.abilities, {"budget": 2, "quiet": "19:00-08:00"}),
    ("Hook", IDEMPOTENT, {"budget": 1, "quiet": "19:00-08:00", "weekends": True}),
    ("Weekly", Forum.abilities, {"budget": 0, "edition": "weekly", "weekday": 3}),
    ("Slow", Forum.abilities, {"budget": None, "per_minute": 60}),
)


class Town:
    """Outlets with budgets and quiet hours, what is told there, and all that goes wrong.

    A thing is told by a number of people that nothing was ever told by before, so that whatever
    stands at an outlet, as a post or as a line of a digest, can be traced to what it was told of.
    """

    def __init__(self, cast: Cast, clock: FrozenClock, chance: random.Random) -> None:
        self.cast, self.clock, self.chance = cast, clock, chance
        self.calm = False
        self.walls: dict[int, Forum] = {}
        everyone = Audience(AudienceKind.EVERYONE, cast.connection)
        for name, abilities, more in TOWN:
            settings = {"kinds": ["completion"], **more}
            with cast.store.work() as work:
                made = outlets.add(work, cast.connection, name, "wall", everyone, settings, "")
            self.walls[made.id] = Forum(chance)
            self.walls[made.id].abilities = abilities
        self.store = DyingStore(cast.store, lambda: not self.calm and chance.random() < 0.01)
        self.told: dict[int, int] = {}
        """Number → the activity that it was told of."""
        self.true: dict[int, int] = {}
        """Activity → the number that is true of it now, unless it was taken back."""
        self.corrected: dict[int, int] = {}
        """Activity → the oldest number that may still be seen of it."""
        self.workers = self.deaths = 0

    def tell(self) -> None:
        """Several things at once, as after a sync."""
        with self.cast.store.work() as work:
            for _ in range(self.chance.randint(1, 4)):
                number = len(self.told) + 10
                row = {
                    "uid": f"uid-{number}",
                    "connection_id": self.cast.connection,
                    "kind": "completion",
                    "audience": f"everyone:{self.cast.connection}",
                    "course_id": self.cast.feedback,
                    "others": number,
                    "group_size": 100_000,
                    "published": self.clock.now(),
                    "updated": self.clock.now(),
                }
                query = t.activities.insert().returning(t.activities.c.id)
                ident = work.sql.execute(query, row).scalar_one()
                outbox.enqueue(work, [ident], self.clock.now())
                self.told[number] = ident
                self.true[ident] = self.corrected[ident] = number

    def change(self, ident: int, *, gone: bool = False, urgent: bool = False) -> None:
        """It grows, is corrected, is taken back, or comes again."""
        number, a = len(self.told) + 10, t.activities
        with self.cast.store.work() as work:
            values = {"revision": a.c.revision + 1, "others": number, "gone": gone}
            work.sql.execute(a.update().where(a.c.id == ident).values(values))
            outbox.enqueue(work, [ident], self.clock.now(), urgent=urgent)
        self.told[number] = ident
        self.true.pop(ident, None)
        if not gone:
            self.true[ident] = number
        if urgent:
            self.corrected[ident] = number

    def work(self) -> None:
        """Batches of one worker, until nothing is claimed or it dies."""
        self.workers += 1
        try:
            while deliver(
                self.store,  # type: ignore[arg-type]
                lambda outlet: self.walls[outlet.id],
                self.clock,
                link=link,
                worker_id=f"w{self.workers}",
                jitter=self.chance.random,
            ).claimed:
                pass
        except Killed:
            self.deaths += 1

    def four_calm_hours(self) -> None:
        """Nothing fails any more, and an admin has everything tried again that was given up."""
        self.calm = True
        for wall in self.walls.values():
            wall.calm = True
        for _ in range(40):
            revive(self.cast, self.clock)
            self.work()
            self.clock.advance(minutes=6)

    def seen(self, wall: Forum) -> list[int]:
        """Every number that stands there, in posts and in lines of digests."""
        texts = [post.text for post in wall.posts.values()]
        return [int(n) for text in texts for n in re.findall(r"(\d+) people finished", text)]


@pytest.mark.parametrize("seed", [1, 2])
def test_in_no_order_of_things_is_anything_named_after_it_was_taken_back(
    cast: Cast, clock: FrozenClock, seed: int
) -> None:
    """Days and nights of news, growth, corrections, withdrawals and returns, with outlets that fail
    and workers that die. Then, in the quiet of a night, some is taken back: it is gone before the
    morning. A week later everything that is true stands at each outlet, and stands there once."""
    chance = random.Random(seed)
    town = Town(cast, clock, chance)
    for _ in range(STEPS):
        if chance.random() < 0.4:
            town.tell()
        for ident in chance.sample(sorted(town.true), min(2, len(town.true))):
            gone = chance.random() < 0.3
            town.change(ident, gone=gone, urgent=gone or chance.random() < 0.3)
        taken_back = sorted(set(town.told.values()) - set(town.true))
        if taken_back and chance.random() < 0.2:
            town.change(chance.choice(taken_back))
        town.work()
        clock.advance(minutes=chance.choice([1, 10, 90, 400]))
    assert town.deaths > 3

    clock.at = clock.now().replace(hour=22, minute=0) + timedelta(days=1)
    for ident in chance.sample(sorted(town.true), 5):
        town.change(ident, gone=True, urgent=True)
    town.four_calm_hours()
    assert 2 == clock.now().hour
    for wall in town.walls.values():
        for number in town.seen(wall):
            ident = town.told[number]
            assert ident in town.true, "It was taken back."
            assert number >= town.corrected[ident], "It was corrected."

    for _ in range(9):
        town.four_calm_hours()
        clock.advance(hours=20)
    clock.at = clock.now().replace(hour=10) + timedelta(days=(2 - clock.now().weekday()) % 7)
    town.four_calm_hours()
    assert 2 == clock.now().weekday()
    true = set(town.true.values())
    for wall in town.walls.values():
        seen = town.seen(wall)
        texts = [post.text for post in wall.posts.values()]
        more = sum(int(n) for text in texts for n in re.findall(r"And (\d+) more", text))
        assert [] == wall.doubled
        assert len(seen) == len(set(seen))
        assert set(seen) <= true
        assert len(true) == len(seen) + more
