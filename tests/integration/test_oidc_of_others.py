"""Bob signs in at a provider of others: Authlib's server, run by ``oidc-provider-mock``.

It stands in a process of its own and keeps its own time: the bridge has the machine's clock.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from bridge.bootstrap import SystemClock
from bridge.web import create_app
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.contract.oidc_provider import OidcProvider
from tests.integration.test_oidc import BASE, Browser, bridge_at

PROGRAM = """
import sys
from oidc_provider_mock import User, run_server_in_thread
bob = User(sub="b-17", claims={"email": "bob@example.com", "email_verified": True})
with run_server_in_thread(user_claims=[bob]) as server:
    print(server.server_port, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def theirs() -> Iterator[str]:
    """The provider's address."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        yield f"http://localhost:{process.stdout.readline().strip()}"
        process.stdin.close()


def test_a_provider_of_others_vouches_for_bob(
    theirs: str, lite_cast: Cast, clock: FrozenClock
) -> None:
    """Discovery, the code, the token and the key set are what others say, and understood."""
    bridge = bridge_at(OidcProvider(url=theirs), lite_cast, clock)
    app = create_app(replace(bridge, clock=SystemClock()))
    bob = Browser(app)
    begun = bob.get("/sign-in/oidc?next=/notices")
    sent = requests.post(
        begun.headers["Location"], data={"sub": "b-17"}, allow_redirects=False, timeout=10
    )
    back = sent.headers["Location"]
    assert back.startswith(f"{BASE}/sign-in/oidc/back?")
    arrived = bob.get(back.removeprefix(BASE))
    assert (303, "/notices") == (arrived.status_code, arrived.headers.get("Location"))
    assert 200 == bob.get("/notices").status_code
