"""Small sites of a known character, made from a seed, on which a ranking can be tried.

People come, stay for a while and take items, for one of three reasons: because it *follows* what
they took before (programmes, prerequisites), because it is to their *taste* (a department, a
subject), or because of the *crowd* (what is popular or new on that day). What a site is like is how
often each reason moves its people, how items are born and die, and how long people's pasts are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bridge.curation.ranking.history import DAY, History, history

YEAR = 365.0
FOREVER = 1e9


@dataclass(frozen=True)
class World:
    """What a site is like. Times are in days, chances from 0 to 1."""

    name: str
    people: int = 300
    items: int = 200
    follow: float = 0.0
    """The chance that what is taken follows what was taken before; what this and ``taste`` leave
    is the crowd's."""
    taste: float = 0.0
    zipf: float = 0.8
    """The exponent by which popularity falls from item to item."""
    born: float = 0.0
    """The share of the items that come out during the year; the others were always there."""
    fade: float = FOREVER
    """How soon the crowd forgets what came out: half of it in so many days."""
    death: float = FOREVER
    """How long an item can be taken at all."""
    groups: int = 8
    length: float = 8.0
    """How many items a person takes, in the median."""
    spread: float = 0.7
    """How much that differs from person to person: the deviation of its logarithm."""
    stay: float = 200.0
    """Days between somebody's first and last item, about."""
    session: float = 0.3
    """The chance that the next item is taken within the hour."""
    chain: int = 10
    """Items of a programme."""
    skip: float = 0.2
    """The chance that the next item of a programme is left out."""
    campaigns: int = 0
    """Times a year that one item is put to everybody for a fortnight."""
    turn: bool = False
    """Whether the crowd and what follows change places in the last third of the year."""
    days_only: bool = False


def made(world: World, seed: int) -> History:
    """Its history; the same one every time."""
    chance = np.random.default_rng([seed, len(world.name), *world.name.encode()])
    site = _Site(world, chance)
    rows = [row for person in range(world.people) for row in site.life(person)]
    person, item, at = (np.array(column) for column in zip(*rows, strict=True))
    at = np.floor(at) * DAY if world.days_only else np.floor(at * DAY)
    return history(person, item, at, world.people, world.items)


class _Site:
    def __init__(self, world: World, chance: np.random.Generator) -> None:
        self.world, self.chance = world, chance
        m = world.items
        self.liked = (1.0 + chance.permutation(m)) ** -world.zipf
        new = chance.random(m) < world.born
        self.birth = np.where(new, chance.uniform(0, YEAR, m), -chance.uniform(0, YEAR, m))
        self.group = np.arange(m) // world.chain % world.groups
        self.campaign = chance.choice(m, min(world.campaigns, m), replace=False)
        self.put = np.sort(chance.uniform(0, YEAR - 14, len(self.campaign)))
        self._days: dict[tuple[int, int], np.ndarray] = {}

    def life(self, person: int) -> Iterator[tuple[int, int, float]]:
        """What one person takes, and on which day."""
        w, chance = self.world, self.chance
        group = int(chance.integers(w.groups))
        many = max(1, int(np.exp(chance.normal(np.log(w.length), w.spread))))
        stay = chance.exponential(w.stay)
        day = chance.uniform(-min(stay, 60.0), YEAR)
        pace = stay / many / max(1.0 - w.session, 0.05)
        had: list[int] = []
        for place in range(many):
            if place:
                day += 0.01 if chance.random() < w.session else chance.exponential(pace)
            if day >= YEAR:
                return
            item = self._next(had, group, day) if day >= 0 else None
            if item is not None:
                had.append(item)
                yield person, item, day

    def _next(self, had: list[int], group: int, day: float) -> int | None:
        w, chance = self.world, self.chance
        follow = w.follow
        if w.turn and day > YEAR * 0.66:
            follow = 1.0 - w.follow - w.taste
        for _ in range(12):
            why = chance.random()
            if len(self.put) and why > 0.5:
                running = self.campaign[(self.put <= day) & (day < self.put + 14)]
                if len(running) and (item := int(running[-1])) not in had:
                    return item
            if had and why < follow:
                item = had[-1 - min(int(chance.geometric(0.6)) - 1, len(had) - 1)]
                item += 1 + int(chance.random() < w.skip)
                # A programme ends, and another one begins.
                if item >= w.items or item // w.chain != had[-1] // w.chain:
                    continue
            else:
                crowd = self._crowd(int(day), group if why < follow + w.taste else -1)
                item = int(np.searchsorted(crowd, 1.0 - chance.random()))
            if item not in had and day - w.death < self.birth[item] <= day:
                return item
        return None

    def _crowd(self, day: int, group: int) -> np.ndarray:
        # The chances of a day, summed up; of one group's items, or of all.
        if (day, group) not in self._days:
            age = day + 1 - self.birth
            alive = (age > 0) & (age < self.world.death)
            weight = self.liked * alive * 0.5 ** (np.maximum(age, 0) / self.world.fade)
            if group >= 0:
                weight = weight * (self.group == group)
            total = np.cumsum(weight)
            self._days[day, group] = total / total[-1] if total[-1] > 0 else np.ones(len(total))
        return self._days[day, group]


_NEWS = World("news", born=1.0, fade=3.0, length=15, zipf=0.6, groups=1)
CHARACTERS = (
    World("catalogue", follow=0.8, taste=0.15, zipf=0.5),
    World("catalogue, by the day", follow=0.8, taste=0.15, zipf=0.5, days_only=True),
    _NEWS,
    World("news of departments", born=1.0, fade=5.0, taste=0.5, length=12),
    World("new only", born=1.0, fade=1.0, death=6.0, items=500, length=15, zipf=0.5, groups=1),
    World("tastes", taste=0.9, zipf=0.8),
    World("books", taste=0.7, zipf=0.9, items=800, groups=20, length=20, spread=1.0, session=0.7),
    World("plain popularity", zipf=1.0, groups=1),
    World("plain, many items", zipf=0.6, items=1000, groups=1),
    World("onboarding", follow=0.85, zipf=2.0, chain=40, stay=60, items=120),
    World("mooc", 1200, 300, follow=0.45, taste=0.35, zipf=1.0, length=4, groups=20),
    World("terms", follow=0.7, taste=0.3, born=0.9, fade=60, death=150, length=15, stay=90),
    World("curricula and campaigns", follow=0.5, taste=0.3, campaigns=12),
    World("campaigns", taste=0.3, campaigns=25, items=400),
    World("a bit of all", follow=0.3, taste=0.3, born=0.5, fade=20, campaigns=6, items=300),
    World("news to courses", follow=0.2, taste=0.1, born=0.7, fade=4, turn=True),
    World("courses to news", follow=0.7, taste=0.1, born=0.7, fade=4, turn=True),
    World("slow drift", born=0.8, fade=60, taste=0.2, zipf=1.0),
    World("few people, many items", 100, 400, follow=0.4, taste=0.3, length=12),
    World("few people, news", 100, 300, born=1.0, fade=3.0, length=25, groups=1),
)
"""One of each; the figures are invented, the kinds are those that logs show."""


def wild(seed: int) -> World:
    """A site whose every trait is drawn."""
    chance = np.random.default_rng([99, seed])
    follow, taste, _ = chance.dirichlet((0.5, 0.5, 0.5))
    return World(
        f"wild {seed}",
        people=int(np.exp(chance.uniform(np.log(100), np.log(1200)))),
        items=int(np.exp(chance.uniform(np.log(40), np.log(1000)))),
        follow=float(follow),
        taste=float(taste),
        zipf=float(chance.uniform(0.2, 1.4)),
        born=float(chance.choice([0.0, 0.3, 0.8, 1.0])),
        fade=float(np.exp(chance.uniform(0, np.log(400)))),
        death=float(chance.choice([20.0, 100.0, FOREVER, FOREVER])),
        groups=int(chance.integers(1, 25)),
        length=float(np.exp(chance.uniform(np.log(4), np.log(25)))),
        spread=float(chance.uniform(0.3, 1.1)),
        stay=float(np.exp(chance.uniform(np.log(20), np.log(400)))),
        session=float(chance.choice([0.0, 0.3, 0.7])),
        chain=int(chance.integers(3, 20)),
        skip=float(chance.uniform(0, 0.5)),
        campaigns=int(chance.choice([0, 0, 5, 20])),
        turn=bool(chance.random() < 0.1),
        days_only=bool(chance.random() < 0.3),
    )
