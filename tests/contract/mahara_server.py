"""A small Mahara over real HTTP, as strict as the real one: what that refuses, this refuses.

It knows the four functions that the bridge calls, and is held to what Mahara 22.10 was recorded to
answer (``tests/payloads/mahara-22.10``). It shares no code with the bridge.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ADMIN, BOT, ANNA = 1, 2, 3
NEWEST = 100
"""Entries of a journal that Mahara shows at once."""
_INVALID = "Invalid parameter value detected; execution cannot continue.  : "
_ACCESS = "Access control exception : "
_USER = {
    "firstname": "",
    "lastname": "",
    "auth": "internal",
    "studentid": "",
    "institution": "mahara",
}


class Refusal(Exception):
    """An exception of Mahara's: its class there, its name and its message."""

    def __init__(self, kind: str, message: str, name: str = "") -> None:
        super().__init__(message)
        self.answer = {
            "error": True,
            "error_number": 500,
            "error_name": name or message,
            "error_class": kind,
            "error_message": message,
            "error_rendered": message,
        }


def _invalid(message: str) -> Refusal:
    return Refusal("WebserviceInvalidParameterException", _INVALID + message, "invalidparameter")


def _access(message: str) -> Refusal:
    return Refusal("WebserviceAccessException", _ACCESS + message, "accessexception")


def _nested(key: str, message: str) -> Refusal:
    about = f"Invalid external API parameter: key: {key} - "
    return Refusal("WebserviceParameterException", about + _INVALID + message)


CALLED = {"wstoken", "wsfunction", "alt"}


@dataclass
class Entry:
    """A journal entry."""

    id: int
    journal: int
    author: int
    title: str
    description: str
    draft: bool
    allowcomments: bool
    tags: list[str]


@dataclass
class Mahara:
    """The site's memory, and its mood."""

    url: str = ""
    users: dict[int, str] = field(
        default_factory=lambda: {1: "admin", 2: "lmsbot", 3: "anna", 4: "bert", 5: "cora"}
    )
    journals: dict[int, int] = field(default_factory=lambda: {10: BOT, 15: ANNA})
    """Journal → its owner."""
    tokens: dict[str, int] = field(default_factory=lambda: {"admin-token": ADMIN, "bot-token": BOT})
    troubles: dict[str, str] = field(default_factory=dict)
    """Token → why it is not let in."""
    withheld: set[str] = field(default_factory=set)
    """Functions that the service of the tokens does not hold."""
    entries: list[Entry] = field(default_factory=list)
    rest: bool = True
    """Whether the REST protocol is switched on, and the site is asked over HTTPS."""
    moods: list[str] = field(default_factory=list)
    """How the next calls are treated: ``busy``, ``silent``, or a status."""
    addresses: list[str] = field(default_factory=list)
    """The address of every request, for what stands in it."""
    forms: list[dict[str, str]] = field(default_factory=list)
    """What came in with every call that was a form, but who called what."""
    closing: threading.Event = field(default_factory=threading.Event)

    def call(self, asked: dict[str, Any]) -> Any:
        """The answer of a function.

        :raises Refusal: as Mahara would.
        """
        token, function = asked.get("wstoken"), asked.get("wsfunction")
        if not token:
            raise _access("Invalid token selected or none supplied")
        if token in self.troubles:
            raise _access(f"Invalid token: {self.troubles[token]}")
        if token not in self.tokens:
            raise _access("Invalid token: Token not found")
        if not function:
            raise _invalid("Missing function name")
        if function not in FUNCTIONS:
            raise _invalid("Access to external function not configured")
        if function in self.withheld:
            raise _access(
                f"Access to the function {function}() is not allowed. Please check if a service"
                " containing the function is enabled. In the service settings: If the service is"
                " restricted, check that the user is listed. Still in the service settings check"
                " for IP restriction or if the service requires a capability."
            )
        return FUNCTIONS[function](self, self.tokens[token], asked)

    def add(self, journal: int, author: int, fields: dict[str, Any], tags: list[str]) -> Entry:
        """A new entry, whose fields may be of the names of either function."""
        entry = Entry(
            id=26 + len(self.entries),
            journal=journal,
            author=author,
            title=str(fields["title"]),
            description=str(fields["description"] if "description" in fields else fields["body"]),
            draft=_true(fields.get("draft", fields.get("isdraft", 0))),
            allowcomments=_true(fields.get("allowcomments", 1)),
            tags=tags,
        )
        self.entries.append(entry)
        return entry


def _create(site: Mahara, who: int, asked: dict[str, Any]) -> Any:
    wanted = _required(asked, "blogposts")
    for one in wanted:
        _check_entry(one)
    made: list[Entry] = []
    try:
        for one in wanted:
            owner = int(one["owner"])
            if owner not in site.users:
                raise _invalid("create_blogpost | Invalid user specified")
            name = site.users[owner]
            if int(one["blogid"]) not in site.journals:
                raise _invalid(f'create_blogpost | The journal is not owned by "{name}"')
            if who != ADMIN:
                raise _invalid(
                    f'create_blogpost |  access denied to institution "mahara" for account "{name}"'
                )
            tags = [tag["tag"] for tag in one["tags"]]
            made.append(site.add(int(one["blogid"]), owner, one, tags))
    except Refusal:
        del site.entries[len(site.entries) - len(made) :]  # All of a call or nothing.
        raise
    return [{"id": entry.id, "title": entry.title} for entry in made]


def _check_entry(one: Any) -> None:
    for name in ("owner", "blogid", "title", "description", "tags"):
        if not isinstance(one, dict) or name not in one:
            raise _nested("blogposts", f"Missing required key in single structure: {name}")
        # A tag begins wherever something else than a space follows the sign.
        if name == "description" and re.search(r"<\S", one[name]):
            raise _nested(name, f"Invalid external api parameter value: {one[name]}")
        if name == "tags":
            for tag in one[name]:
                if not re.fullmatch(r"[A-Za-z0-9_-]*", tag["tag"]):
                    raise _nested("tag", f"Invalid external api parameter value: {tag['tag']}")


def _upload(site: Mahara, who: int, asked: dict[str, Any]) -> Any:
    for name in ("blogid", "title", "body"):
        _required(asked, name)
    if site.journals.get(int(asked["blogid"])) != who:
        raise _invalid("Invalid blog id")
    defaults = {"isdraft": 1, "allowcomments": 0}
    entry = site.add(int(asked["blogid"]), who, defaults | asked, asked.get("tags", []))
    return {"blogpost": entry.id}


def _read(site: Mahara, who: int, asked: dict[str, Any]) -> Any:
    answer = []
    for one in _required(asked, "users"):
        names = {name: user for user, name in site.users.items()}
        user = int(one["id"]) if "id" in one else names.get(one["username"])
        if user not in site.users:
            raise _invalid(f'Invalid username. "{one.get("username")}" does not exist.')
        journals = [journal for journal, owner in site.journals.items() if owner == user]
        answer.append(
            _user(site, user)
            | {
                "blogs": {
                    "count": len(journals),
                    "ids": ",".join(map(str, journals)),
                    "data": [_journal(site, journal) for journal in journals],
                    # Mahara gives the entries of the last journal only.
                    "blogposts": _entries(site, journals[-1]),
                }
            }
        )
    return answer


def _user(site: Mahara, user: int) -> dict[str, Any]:
    name = site.users[user]
    return {"id": user, "username": name, "email": f"{name}@example.org", **_USER}


def _journal(site: Mahara, journal: int) -> dict[str, Any]:
    return {
        "id": journal,
        "title": "Journal",
        "description": None,
        "postcount": sum(entry.journal == journal for entry in site.entries),
        "mtime": "2026-11-23 04:21:45",
        "ctime": "2026-11-23 04:21:45",
        "locked": False,
        "owner": site.journals[journal],
        "author": site.journals[journal],
        "allowcomments": False,
        "approvecomments": False,
    }


def _entries(site: Mahara, journal: int) -> dict[str, Any]:
    there = [entry for entry in site.entries if entry.journal == journal]
    # Drafts stand first, and then the newest.
    shown = sorted(there, key=lambda entry: (not entry.draft, -entry.id))[:NEWEST]
    data = [
        {
            "id": entry.id,
            "title": entry.title,
            "description": entry.description,
            "mtime": "23 November 2026,  4:25",
            "ctime": "Monday, 23 November 2026,  4:25",
            "locked": False,
            "owner": None,
            "author": entry.author,
            "allowcomments": entry.allowcomments,
            "approvecomments": None,
            "blogid": journal,
        }
        for entry in shown
    ]
    ids = ",".join(str(entry.id) for entry in shown)
    return {"count": len(there), "ids": ids, "data": data}


def _who(site: Mahara, who: int, asked: dict[str, Any]) -> Any:
    fields = (
        "preferredname introduction country city address town homenumber businessnumber"
        " mobilenumber faxnumber officialwebsite personalwebsite blogaddress socialprofile"
        " occupation industry"
    )
    return _user(site, who) | dict.fromkeys(fields.split(), "") | {"auths": []}


FUNCTIONS: dict[str, Callable[[Mahara, int, dict[str, Any]], Any]] = {
    "mahara_blog_create_blogpost": _create,
    "module_mobileapi_upload_blog_post": _upload,
    "mahara_blog_get_blogs_for_user": _read,
    "mahara_user_get_my_user": _who,
}


def _required(asked: dict[str, Any], name: str) -> Any:
    if name not in asked:
        raise _invalid(f"Missing required key in single structure: {name}")
    return asked[name]


def _true(value: Any) -> bool:
    return str(value) in ("1", "true", "True")


def unfolded(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """``a[0][b]=c`` as PHP understands it: maps, and lists where the keys are numbers."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        keys = [name.partition("[")[0], *re.findall(r"\[([^\]]*)\]", name)]
        node = tree
        for key in keys[:-1]:
            node = node.setdefault(key, {})
        node[keys[-1]] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_listed(node[key]) for key in sorted(node, key=int)]
    return {key: _listed(value) for key, value in node.items()}


@contextmanager
def running_mahara() -> Iterator[Mahara]:
    """A Mahara on a free port of this machine, for as long as the block lasts."""
    site = Mahara()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            site.addresses.append(self.path)
            if parts.path != "/webservice/rest/server.php":
                return self._say(404, b"<html>Not found</html>", "text/html")
            mood = site.moods.pop(0) if site.moods else ""
            if mood == "busy":
                return self._say(503, b"", "text/html", {"Retry-After": "7"})
            if mood.isdigit():
                return self._say(int(mood), b"<html>no</html>", "text/html")
            if not site.rest:
                return self._say(403, b"", "text/html; charset=UTF-8")
            answer = self._answer(unfolded(parse_qsl(parts.query)), body)
            if mood == "silent":
                site.closing.wait(20)
                self.close_connection = True
                return None
            return self._say(200, *answer)

        def _answer(self, asked: dict[str, Any], body: bytes) -> tuple[bytes, str]:
            if self.headers["Content-Type"] == "application/json":
                # Without a body that can be read, Mahara goes on with what stands in the address.
                with suppress(ValueError):
                    asked |= json.loads(body)
            else:
                pairs = parse_qsl(body.decode(), keep_blank_values=True)
                site.forms.append({k: v for k, v in pairs if k not in CALLED})
                asked |= unfolded(pairs)
            try:
                answer = site.call(asked)
            except Refusal as refusal:
                answer = refusal.answer
            if asked.get("alt") != "json":
                message = answer.get("error_message", "") if isinstance(answer, dict) else ""
                xml = f'<?xml version="1.0" encoding="UTF-8" ?>\n<EXCEPTION>{message}</EXCEPTION>'
                return xml.encode(), "application/xml; charset=utf-8"
            return json.dumps(answer).encode(), "application/jsonrequest; charset=utf-8"

        def _say(
            self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None
        ) -> None:
            self.send_response_only(status)
            for name, value in {"Content-Type": kind, **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
