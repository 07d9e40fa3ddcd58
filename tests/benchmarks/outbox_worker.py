"""A worker's deliveries in processes that need no time to start, and that may be killed.

One process has read every module; for each order it forks another one, which is the worker
(:meth:`bridge.worker.Worker.deliver_all`) until nothing is due any more. Only its clock is not the
machine's: it stands where the order says.
"""

from __future__ import annotations

import gc
import os
import select
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from signal import SIGKILL
from typing import Any


class Slot:
    """A place for one worker at a time.

    :param settings: the worker's settings, by their names.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.pid = 0
        """The worker's process, or 0."""
        self.killed = False
        """Whether the last worker was killed."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env={
                **os.environ,
                "OPENBLAS_NUM_THREADS": "1",
                **{f"SOCIALBRIDGE_{name}": value for name, value in settings.items()},
            },
        )
        self._read()

    def start(self, at: datetime) -> None:
        """Let a worker deliver what is due at that moment."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{at.timestamp()}\n")
        self._process.stdin.flush()
        self.pid = int(self._read())

    def ended(self, seconds: float) -> bool:
        """Whether the worker has ended, or does so within this time."""
        if not self.pid:
            return True
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return False
        status = int(self._read())
        self.pid, self.killed = 0, status == -SIGKILL
        if status and not self.killed:
            raise RuntimeError("A worker failed; what it said stands above.")
        return True

    def kill(self) -> None:
        """End the worker as ``kill -9`` does, unless it has come to its end by itself."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, SIGKILL)

    def close(self) -> None:
        """End."""
        assert self._process.stdin is not None and self._process.stdout is not None
        if self.pid and not self.ended(0):
            self.kill()
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def slots(count: int, settings: Mapping[str, str]) -> Iterator[list[Slot]]:
    """So many places for workers, for as long as the block lasts."""
    some: list[Slot] = []
    try:
        for _ in range(count):
            some.append(Slot(settings))
        yield some
    finally:
        for slot in some:
            slot.close()


def _serve() -> None:
    import bridge.bootstrap
    import bridge.config
    import bridge.worker

    gc.freeze()
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _work(bridge, datetime.fromtimestamp(float(line), UTC))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _work(bridge: Any, moment: datetime) -> None:
    """Be the worker. What it raises ends this process, and is said."""

    class Clock:
        def now(self) -> datetime:
            return moment

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Its log; the other end counts processes there.
    status = 1
    try:
        one = bridge.bootstrap.bootstrap(bridge.config.load(None), Clock())
        bridge.worker.Worker(one).deliver_all()
        status = 0
    finally:
        if status:
            traceback.print_exc()
        os._exit(status)


if __name__ == "__main__":
    _serve()
