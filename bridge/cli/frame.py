"""What every command shares: settings on demand, output, and errors as one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bridge.access import people
from bridge.bootstrap import Bridge, bootstrap
from bridge.config import load
from bridge.errors import BridgeError, InputError
from bridge.logs import log_to_stderr
from bridge.model import Connection, Person

DEBUGGING: list[bool] = []
"""Holds one true value while ``--debug`` is given: :func:`reporting` stands outside of click."""


@dataclass
class Frame:
    """One invocation: its options, and the bridge as soon as a command asks for it."""

    debug: bool
    env_file: str

    def __post_init__(self) -> None:
        DEBUGGING[:] = [True] if self.debug else []

    @cached_property
    def bridge(self) -> Bridge:
        """The bridge of the settings in the environment and the ``.env`` file."""
        config = load(Path(self.env_file))
        log_to_stderr(config.log_level)
        return bootstrap(config)

    def close(self) -> None:
        """Give the database back, if a command asked for it."""
        if "bridge" in vars(self):
            self.bridge.store.close()

    @cached_property
    def console(self) -> Console:
        """Where people read."""
        return Console(highlight=False)

    def connection(self, name: str | None) -> Connection:
        """The connection of that name; without one, the only one that there is.

        :raises InputError: if there is none, or several to choose from.
        """
        with self.bridge.store.reading() as work:
            if name is not None:
                return work.connections.named(name)
            connections = work.connections.all()
        if len(connections) == 1:
            return connections[0]
        names = ", ".join(c.name for c in connections)
        raise InputError(
            f"Say which connection: {names}." if names else "There is no connection yet.",
            "" if names else "Make one: `socialbridge connect NAME --url URL`.",
        )

    def person(self, text: str, connection: Connection) -> Person:
        """The person whom an e-mail address, a user name, an LMS id or a name stands for."""
        with self.bridge.store.reading() as work:
            return people.find(work, text, connection.id)


def show_json(value: Any) -> None:
    """Print a value for a machine to read."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


@contextmanager
def reporting() -> Iterator[None]:
    """Errors as people should meet them: one line, exit status 1; with ``--debug`` the cause."""
    try:
        yield
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except BridgeError as error:
        if DEBUGGING:
            Console(stderr=True).print_exception()
        click.echo(f"Error: {' '.join(str(error).split())}", err=True)
        sys.exit(1)
