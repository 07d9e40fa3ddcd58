"""The peer of the feed benchmark: its environment, and the process that runs there."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

PEER = ("django-activity-stream==2.0.0", "Django==5.2.*", "psycopg[binary]==3.3.*")
HOME = Path(__file__).parents[2]


def environment() -> Path:
    """The Python of the peer's own environment, which is made the first time."""
    folder = Path(sys.prefix) / "peers" / "django-activity-stream"
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists() or done.read_text() != str(PEER):
        print(f"Installing {', '.join(PEER)} into {folder} ...", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        subprocess.run([*command, *PEER], check=True, stdout=sys.stderr)
        done.write_text(str(PEER))
    return python


class Peer:
    """The process that reads the same stories with django-activity-stream.

    :param url: the database of ours; the peer's own is beside it, of the same kind.
    """

    def __init__(self, url: str) -> None:
        settings = json.dumps(_settings(url))
        command = [str(environment()), "-m", "tests.benchmarks.peer", settings]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=HOME
        )

    def ask(self, *order: object) -> Any:
        """Its answer to an order."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def _settings(url: str) -> dict[str, str]:
    """Django's settings for the peer's database."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{address.database}.peer"}
    with psycopg.connect(url, autocommit=True) as sql:
        sql.execute("CREATE DATABASE peer")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "peer",
        "USER": str(address.username or ""),
        "HOST": str(address.query.get("host") or address.host or ""),
    }
