"""Runs the command ``socialbridge`` in processes of its own that need no time to start.

One process has read every module; for each command it forks another one, which runs the very
command and can be killed like any other. Two things only are not as on an admin's machine: the
clock stands where the order says, and nobody waits for longer than a moment between two attempts.
"""

from __future__ import annotations

import gc
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGKILL
from typing import Any

A_MOMENT = 0.01
LONGEST_LIFE = 120.0
LOOK_EVERY = 0.001


class Nursery:
    """The process that others are forked from.

    :param folder: where the commands run; what they print is kept there.
    :param environment: further variables of theirs.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._out = folder / "said.txt"
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment},
        )
        self._read()

    def run(
        self,
        arguments: Sequence[str],
        at: datetime,
        doomed: Callable[[], bool] = lambda: False,
    ) -> int:
        """Run ``socialbridge`` with these arguments; its exit status, which is -9 if it was killed.

        :param at: the moment at which its clock stands.
        :param doomed: asked again and again; when it says so, the command is killed.
        """
        order = {"arguments": list(arguments), "at": at.timestamp(), "out": str(self._out)}
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        pid, end = int(self._read()), time.monotonic() + LONGEST_LIFE
        while not select.select([self._process.stdout], [], [], LOOK_EVERY)[0]:
            if doomed() or time.monotonic() > end:
                os.kill(pid, SIGKILL)
                break
        return int(self._read())

    def said(self) -> str:
        """What the last command printed."""
        return self._out.read_text(errors="replace")

    def close(self) -> None:
        """End."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def nursery(folder: Path, environment: dict[str, str]) -> Iterator[Nursery]:
    """A nursery for as long as the block lasts."""
    one = Nursery(folder, environment)
    try:
        yield one
    finally:
        one.close()


def _serve() -> None:
    import bridge.bootstrap
    import bridge.cli
    import bridge.lms.wire

    bridge.lms.wire.LONGEST_WAIT = A_MOMENT
    gc.freeze()
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(order, bridge.bootstrap.SystemClock, bridge.cli.main)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _live(order: dict[str, Any], clock: type, main: Callable[[], None]) -> None:
    """Be the command. What it raises ends this process."""
    out = os.open(order["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    moment = datetime.fromtimestamp(order["at"], UTC)
    clock.now = lambda self: moment  # type: ignore[attr-defined]
    sys.argv = ["socialbridge", *order["arguments"]]
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        # Taking down what the other process has read would take longer than the command does.
        os._exit(int(end.code or 0))


if __name__ == "__main__":
    _serve()
