"""What the contract suites share."""

from __future__ import annotations

import socket

import pytest

pytest.register_assert_rewrite("tests.contract.publishers")


@pytest.fixture
def closed_url() -> str:
    """The address of a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"
