"""Outlets that answer, fail, hang after accepting and drop connections, and what they show.

They are the strict servers of the contract tests, all in the benchmark's own process, so that what
was shown is known however the workers die. Every delivery says its number, by which it is counted
at any of them, whatever key or id it came under.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.contract.mastodon_server import TOKEN as MASTODON_TOKEN
from tests.contract.mastodon_server import MastodonServer
from tests.contract.receiver import SECRET, Answer, receiving
from tests.contract.serving import Reply, Request, serving
from tests.contract.slack_server import CHANNEL, SlackServer
from tests.contract.slack_server import TOKEN as SLACK_TOKEN
from tests.contract.teams_server import PATH, SIGNATURE, TeamsServer

NUMBER = re.compile(r"Number (\d+)\.")
MOODS = ("busy", "failed", "failed late", "dropped", "dropped late", "hung late")
"""What may be done with a request: *late* is after it was carried out."""
BAD = 0.1
"""The share of requests that are treated badly."""
SELDOM = 6
"""A hanging request costs the worker its patience: of them there is only one in so many."""


@dataclass(frozen=True)
class Place:
    """An outlet as the bridge is told of it, and what it shows."""

    kind: str
    settings: Mapping[str, Any]
    secret: str
    seen: Callable[[], Counter[int]]
    """How often each delivery is shown there, by its number."""


class Weather:
    """How requests are treated, by chance, and how many there were."""

    def __init__(self, chance: random.Random) -> None:
        self.calm = False
        self.requests = 0
        self.moods: Counter[str] = Counter()
        self.hanging: set[int] = set()
        """The threads that hold a request without an answer."""
        self._chance = chance

    def mood(self) -> str:
        """What is done with the next request that changes something; empty for what it asks."""
        self.requests += 1
        if self.calm or self._chance.random() >= BAD:
            return ""
        mood = self._chance.choice(MOODS)
        if mood == "hung late" and self._chance.randrange(SELDOM):
            mood = "failed late"
        if mood == "hung late":
            self.hanging.add(threading.get_ident())
        self.moods[mood] += 1
        return mood

    def settled(self) -> bool:
        """Whether every request that came in was carried out, whoever sent it."""
        busy = {
            one.ident
            for one in threading.enumerate()
            if "process_request_thread" in one.name and one.ident not in self.hanging
        }
        return not busy

    def settle(self, patience: float = 10) -> None:
        """Wait for that: a worker that was killed may have sent something just before."""
        until = time.monotonic() + patience
        while not self.settled() and time.monotonic() < until:
            time.sleep(0.005)


@contextmanager
def places(weather: Weather) -> Iterator[dict[str, Place]]:
    """The outlets, by their names, as long as the block lasts."""
    with ExitStack() as stack:
        hook = stack.enter_context(receiving(time.time))
        hook.choose = lambda ident: _answer(weather.mood())
        mastodon, slack, teams = MastodonServer(), SlackServer(), TeamsServer()

        def at(server: MastodonServer | SlackServer | TeamsServer) -> str:
            return stack.enter_context(serving(_troubled(server.answer, weather)))

        invoke = f"{at(teams)}{PATH}?api-version=1&sp=%2Ftriggers&sig={SIGNATURE}"
        yield {
            "hook": Place(
                "webhook",
                {"url": hook.url},
                SECRET,
                lambda: Counter(_numbers(hook.shown.values())),
            ),
            "mastodon": Place(
                "mastodon",
                {"url": at(mastodon), "visibility": "private", "per_minute": 0},
                MASTODON_TOKEN,
                lambda: Counter(_numbers(mastodon.statuses.values())),
            ),
            "slack": Place(
                "slack",
                {"channel": CHANNEL, "url": at(slack), "per_minute": 0},
                SLACK_TOKEN,
                lambda: Counter(_numbers(slack.messages.values())),
            ),
            "teams": Place(
                "teams",
                {"per_minute": 0},
                invoke,
                lambda: Counter(_numbers(teams.cards)),
            ),
        }


def _numbers(posts: Any) -> list[int]:
    return [int(found[1]) for post in posts if (found := NUMBER.search(json.dumps(post)))]


def _answer(mood: str) -> Answer:
    match mood:
        case "":
            return Answer()
        case "busy":
            return Answer(503, keep=False)
        case "failed":
            return Answer(500, keep=False)
        case "failed late":
            return Answer(502)
        case "dropped":
            return Answer(then="drop", keep=False)
        case "dropped late":
            return Answer(then="drop")
        case _:
            return Answer(then="hang")


def _troubled(answer: Callable[[Request], Reply], weather: Weather) -> Callable[[Request], Reply]:
    """The server's answers, except to what the weather spoils. Questions are answered."""

    def troubled(request: Request) -> Reply:
        mood = weather.mood() if request.method != "GET" else ""
        kept = answer(request) if mood in ("", "failed late", "dropped late", "hung late") else None
        match mood:
            case "":
                assert kept is not None
                return kept
            case "busy":
                return Reply(503)
            case "failed" | "failed late":
                return Reply(502)
            case "dropped" | "dropped late":
                return Reply(then="drop")
            case _:
                return Reply(then="hang")

    return troubled
