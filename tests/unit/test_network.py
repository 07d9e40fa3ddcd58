"""Who opens connections: the guard, to addresses that anybody gave, and a few others by name."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

BRIDGE = Path(__file__).parents[2] / "bridge"

OPENS = {
    *(
        "Staying",
        "requests.Session",
        "requests.request",
        "requests.get",
        "requests.post",
        "requests.put",
    ),
    *("urllib.request.urlopen", "urlopen", "httpx.Client", "httpx.get", "httpx.post"),
    *("HTTPConnection", "HTTPSConnection", "http.client.HTTPConnection"),
    *("smtplib.SMTP", "smtplib.SMTP_SSL", "socket.socket", "socket.create_connection"),
    "create_connection",
}
"""What opens a connection, as it is written."""

UNGUARDED = {
    "guard.py": "the guard itself",
    "lms/way.py": "the same address as wire's, looked at by the doctor; a page's is guarded",
    "lms/wire.py": "the address of an LMS that was typed at the command line; a page's is"
    " guarded by bootstrap",
    "outlets/letter.py": "the mail server, which stands in the settings of the host",
    "cli/demo.py": "the demo's own servers, on this machine",
}
"""Modules that connect to an address that nobody on a page, no platform and no person gave."""


def _opened() -> dict[str, set[str]]:
    """Each module that opens connections without the guard, and by what."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in BRIDGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) in OPENS:
                found[path.relative_to(BRIDGE).as_posix()].add(name)
    return found


def test_every_other_connection_goes_through_the_guard() -> None:
    """A module that makes a session of its own says here whose addresses it goes to."""
    assert set(UNGUARDED) == set(_opened())


def test_whoever_sends_for_an_outlet_makes_a_guarded_session() -> None:
    """Addresses of outlets are typed by people: each module that sends there asks the guard."""
    callers = {
        path.relative_to(BRIDGE).as_posix()
        for path in BRIDGE.rglob("*.py")
        if "guarded_session(" in path.read_text("utf-8") and path.name != "guard.py"
    }
    assert callers >= {
        "outlets/api.py",
        "outlets/apprise.py",
        "outlets/mahara_calls.py",
        "outlets/webhook.py",
    }


def test_no_page_takes_an_address_that_the_bridge_would_go_to() -> None:
    """Where outlets are made is the command line; pages only switch them and set their pace. The
    setup alone asks for the LMS's, and goes there by the guard: test_setup says so."""
    fields = {"url", "address", "server", "host", "homeserver", "endpoint"}
    asked: set[str] = set()
    takers: set[str] = set()
    for path in (BRIDGE / "web").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called, first = ast.unparse(node.func), node.args[0]
            if called.endswith(("form.get", "args.get", "values.get")):
                named = {str(first.value)} if isinstance(first, ast.Constant) else set()
                asked |= named
                takers |= {path.name} if named & fields else set()
    assert ({"url"}, {"setup_lms.py"}) == (asked & fields, takers)
    assert len(asked) > 20
