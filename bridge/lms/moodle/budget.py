"""How much may be asked of a site: so many requests a second, so many at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_TOO_SHORT = 0.001
"""Seconds that nobody waits: less than a machine's clock can tell."""

T = TypeVar("T")
R = TypeVar("R")


class Budget:
    """Lets so many requests a second through, and as many at once after a second of rest.

    It may be asked by several threads. The rule is the token bucket's.

    :param per_second: requests; 0 for no limit.
    :param clock: seconds, never going back. :param pause: waits so many of them.
    """

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = per_second
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()
        self._free_at = clock() - 1.0
        """When the next request may leave if none was sent before it; a second at most is saved."""

    def take(self) -> None:
        """Wait until one request more may leave."""
        if self._rate <= 0:
            return
        with self._lock:
            now = self._clock()
            saved = 1.0 - 1.0 / self._rate if self._rate > 1 else 0.0
            self._free_at = max(self._free_at, now - saved)
            wait = self._free_at - now
            self._free_at += 1.0 / self._rate
        if wait > _TOO_SHORT:
            self._pause(wait)


class Lanes:
    """Runs jobs on at most ``width`` threads and gives their results in the order of the jobs.

    :raises ValueError: if there would be no lane at all.
    """

    def __init__(self, width: int) -> None:
        if width < 1:
            raise ValueError("There must be one lane at least.")
        self.width = width
        self._pool: ThreadPoolExecutor | None = None

    def map(self, job: Callable[[T], R], given: Iterable[T]) -> Iterator[R]:
        """``job`` of each of ``given``, which is read in the caller's thread, as it is needed.

        Two jobs a lane are ahead of what was taken, so that no lane waits for the caller. The first
        error of a job is raised where its result would have been; later ones are not begun.
        """
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.width, thread_name_prefix="lms")
        ahead: deque[Future[R]] = deque()
        try:
            for one in given:
                ahead.append(self._pool.submit(job, one))
                if len(ahead) > 2 * self.width:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

    def close(self) -> None:
        """End the threads; what runs is finished first."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
