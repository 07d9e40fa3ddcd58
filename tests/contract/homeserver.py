"""A real Matrix homeserver for the tests: Synapse, in an environment of its own.

It is installed once beside the environment that the tests run in, and started once for all
processes of a test run; it ends by itself when the run does. ``python -m tests.contract.homeserver
install`` installs it beforehand.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

MODULE = "tests.contract.homeserver"
HOME = Path(sys.prefix) / "homeserver"
"""Where it is installed."""
REQUIREMENT = "matrix-synapse>=1.120"
SERVER_NAME = "matrix.example"
PATIENCE = 60
"""Seconds that it may take to answer at first."""
_FREELY = {"per_second": 1000, "burst_count": 1000}


@dataclass(frozen=True)
class Homeserver:
    """A running homeserver."""

    url: str
    secret: str

    def register(self, name: str, *, admin: bool = False) -> str:
        """Make an account; its access token."""
        path = f"{self.url}/_synapse/admin/v1/register"
        nonce = requests.get(path, timeout=PATIENCE).json()["nonce"]
        signed = "\0".join([nonce, name, "a password", "admin" if admin else "notadmin"])
        mac = hmac.new(self.secret.encode(), signed.encode(), hashlib.sha1).hexdigest()
        account = {"nonce": nonce, "username": name, "password": "a password", "mac": mac}
        answer = requests.post(path, json=account | {"admin": admin}, timeout=PATIENCE)
        return str(_well(answer)["access_token"])

    def ask(self, token: str, method: str, path: str, content: Any = None) -> dict[str, Any]:
        """What it answers an account."""
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.url}{path}"
        data = None if method == "GET" else content or {}
        return _well(requests.request(method, url, json=data, headers=headers, timeout=PATIENCE))


class NotInstalled(Exception):
    """It is not here, and cannot be installed."""


def running_homeserver(folder: Path, until: int) -> Homeserver:
    """The homeserver of the test run whose folder that is, started if nobody has yet.

    :param until: the process with which it ends.
    :raises NotInstalled: if it cannot be installed.
    """
    with _alone(folder / "homeserver.lock"):
        told = folder / "homeserver.json"
        if not told.exists():
            install()
            command = [sys.executable, "-m", MODULE, "start", str(folder), str(until)]
            subprocess.run(command, check=True, timeout=2 * PATIENCE)
        return Homeserver(**json.loads(told.read_text()))


def install() -> None:
    """Install it, unless it is there.

    :raises NotInstalled: if that does not work.
    """
    HOME.parent.mkdir(parents=True, exist_ok=True)
    with _alone(HOME.with_name("homeserver.lock")):
        done = HOME / "installed"
        if done.exists():
            return
        try:
            venv.create(HOME, with_pip=False, clear=True)
            pip = [sys.executable, "-m", "pip", "--python", str(HOME / "bin" / "python")]
            how = ["--quiet", "--disable-pip-version-check", "--no-compile", "--prefer-binary"]
            subprocess.run(
                [*pip, "install", *how, REQUIREMENT],
                check=True,
                capture_output=True,
                text=True,
                timeout=600,
            )
        except subprocess.SubprocessError as error:
            said = str(getattr(error, "stderr", "") or error).strip().splitlines()
            raise NotInstalled(said[-1] if said else "pip gave no reason") from error
        done.touch()


def start(folder: Path, until: int) -> None:
    """Start it, and write down where it is once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = folder / "homeserver"
    home.mkdir()
    secret = secrets.token_hex(16)
    (home / "settings.yaml").write_text(json.dumps(_settings(home, port, secret)))
    command = [HOME / "bin" / "python", "-m", "synapse.app.homeserver", "-c", "settings.yaml"]
    subprocess.run([*command, "--generate-keys"], cwd=home, check=True, capture_output=True)
    watcher = [sys.executable, "-m", MODULE, "watch", str(until), *map(str, command)]
    with (home / "log").open("w") as log:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        subprocess.Popen(
            watcher, cwd=home, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + PATIENCE
    while not _answers(url):
        if time.monotonic() > deadline:
            raise TimeoutError((home / "log").read_text()[-2000:])
        time.sleep(0.1)
    (folder / "homeserver.json").write_text(json.dumps({"url": url, "secret": secret}))


def watch(until: int, command: list[str]) -> None:
    """Run a command until it ends, or the process ``until`` does."""
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            try:
                process.wait(1)
            except subprocess.TimeoutExpired:
                if not _lives(until):
                    process.terminate()


def _settings(home: Path, port: int, secret: str) -> dict[str, Any]:
    limits = ["message", "registration", "login", "joins", "invites", "room_creation"]
    nested = {
        "login": ["address", "account"],
        "joins": ["local", "remote"],
        "invites": ["per_room"],
    }
    return {
        "server_name": SERVER_NAME,
        "listeners": [
            {
                "port": port,
                "type": "http",
                "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client"], "compress": False}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(home / "homeserver.db")}},
        "media_store_path": str(home / "media"),
        "signing_key_path": str(home / "signing.key"),
        "registration_shared_secret": secret,
        "macaroon_secret_key": secrets.token_hex(16),
        "form_secret": secrets.token_hex(16),
        "report_stats": False,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
    } | {
        f"rc_{name}": dict.fromkeys(nested[name], _FREELY) if name in nested else _FREELY
        for name in limits
    }


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else is in here with the same file."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/_matrix/client/versions", timeout=2).ok
    except requests.RequestException:
        return False


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _well(answer: requests.Response) -> dict[str, Any]:
    assert answer.ok, answer.text
    return dict(answer.json())


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["install"]:
            install()
        case ["start", folder, until]:
            start(Path(folder), int(until))
        case ["watch", until, *command]:
            watch(int(until), command)
