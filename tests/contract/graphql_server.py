"""A small Totara that has nothing but its external API, over real HTTP, and is strict about it.

It is written from the documentation of Totara 17 and later and shares no code with the bridge:
tokens that expire, a schema by which queries are validated, what each record costs, cursors that
carry their page size, rights, and a rate. It can be told to misbehave.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from graphql import GraphQLError, GraphQLResolveInfo, build_schema, execute_sync, parse, validate

from tests.contract.graphql_schema import sdl

CLIENT = {"client_id": "bridge-client", "client_secret": "a-secret-for-tests-and-nothing-else"}
RECORDS = {"core_user", "core_course", "totara_job_job_assignment", "totara_webapi_status"}
Row = dict[str, Any]


@dataclass
class Site:
    """What the Totara has, and how it is set up.

    ``people``, ``courses`` and ``jobs`` are records with the field names of the schema; a job names
    its ``managerjaid``.
    """

    people: list[Row] = field(default_factory=list)
    courses: list[Row] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    release: str = "18"
    without: frozenset[str] = frozenset()
    cost_limit: int = 6000
    names_limit: bool = True
    """Whether the refusal of a dear query says what is allowed."""
    rate: int = 250_000
    """What a client may cost in a window; the clock's minute."""
    lifetime: int = 3600
    """Seconds that a token is good."""
    may_view: bool = True
    """Whether the service account has moodle/user:viewdetails."""
    unseen: frozenset[int] = frozenset()
    """People whom the service account may not see: a record of them fails its page."""
    debug: bool = True
    """Whether errors say more than "Internal server error"."""
    enabled: bool = True
    there: bool = True
    """Whether the API exists at all: it does not before Totara 17."""


@dataclass(frozen=True)
class Asked:
    """A query that was answered or refused."""

    name: str
    variables: Mapping[str, Any]
    cost: int
    refused: bool


@dataclass
class Answer:
    """An answer that is no answer: sent instead of one."""

    status: int
    body: str
    content_type: str = "text/html"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False


class GraphServer:
    """The server's memory and its mood.

    ``moods`` are used up, one a request, before anything is looked at; ``None`` is a good mood.
    """

    def __init__(self, site: Site, now: Callable[[], float]) -> None:
        self.site = site
        self.now = now
        self.url = ""
        self.asked: list[Asked] = []
        self.tokens_given = 0
        self.moods: list[Answer | None] = []
        self.cursor_for: Callable[[str], str] = lambda cursor: cursor
        """May falsify the cursor that is answered."""
        self.total_for: Callable[[int], int] = lambda total: total
        self.rest: Mapping[str, Callable[[Mapping[str, str]], Any]] = {}
        """REST functions by name, for tests that speak both: the form in, the answer out."""
        self.rest_asked: list[Mapping[str, str]] = []
        self.closing = threading.Event()
        self._good: dict[str, float] = {}
        self._lock = threading.Lock()
        self._window = (0.0, 0)
        self._cost = 0
        self._jobs: dict[Any, Row] = {}
        self._people: dict[Any, Row] = {}

    def revoke(self) -> None:
        """No token that was given is good any more."""
        self._good.clear()

    # --- the two endpoints ---------------------------------------------------------------------

    def token(self, headers: Mapping[str, str], body: str) -> Answer:
        """``/totara/oauth2/token.php``."""
        if headers.get("content-type") != "application/x-www-form-urlencoded":
            return _json(400, {"error": "invalid_request"})
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if form.get("grant_type") != "client_credentials":
            return _json(400, {"error": "unsupported_grant_type"})
        if {name: form.get(name) for name in CLIENT} != CLIENT:
            return _json(
                401, {"error": "invalid_client", "message": "Client authentication failed"}
            )
        token = secrets.token_hex(20)
        self._good[token] = self.now() + self.site.lifetime
        self.tokens_given += 1
        return _json(
            200,
            {"token_type": "Bearer", "expires_in": self.site.lifetime, "access_token": token},
        )

    def graphql(self, headers: Mapping[str, str], body: str) -> Answer:
        """``/api/graphql.php``."""
        if not self.site.enabled:
            return _errors(200, "Feature api is not available.")
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or self._good.get(token, 0) <= self.now():
            return self._hidden(
                401,
                "Missing, expired or invalid access token. Ensure the Authorization header is set"
                " to a valid Bearer token.",
            )
        if headers.get("content-type") != "application/json":
            return _errors(400, "Invalid request, request must be JSON")
        request = json.loads(body)
        return self._execute(request["query"], request.get("variables") or {})

    def _execute(self, text: str, variables: Mapping[str, Any]) -> Answer:
        schema = build_schema(sdl(self.site.release, without=self.site.without))
        document = parse(text)
        wrong = validate(schema, document)
        if wrong:
            return _errors(200, *(_worded(error.message) for error in wrong))
        self._cost = 0
        self._jobs = {job["id"]: job for job in self.site.jobs}
        self._people = {person["id"]: person for person in self.site.people}
        if self._spent() >= self.site.rate:
            return _errors(429, "Too many requests")
        result = execute_sync(
            schema, document, variable_values=dict(variables), field_resolver=self._resolve
        )
        self._window = (self._window[0], self._window[1] + self._cost)
        name = document.definitions[0].selection_set.selections[0].name.value  # type: ignore[attr-defined]
        self.asked.append(Asked(name, variables, self._cost, bool(result.errors)))
        if not result.errors:
            return _json(200, {"data": result.data})
        first = result.errors[0]
        if isinstance(first.original_error, Hidden):
            return self._hidden(200, str(first.original_error))
        return _errors(200, _worded(first.message))

    def _spent(self) -> int:
        began, spent = self._window
        if self.now() - began > 60:
            self._window = (self.now(), 0)
            return 0
        return spent

    def _hidden(self, status: int, message: str) -> Answer:
        """What Totara says of a fault that is not worded for clients."""
        error: Row = {"message": "Internal server error"}
        if self.site.debug:
            error["extensions"] = {"debugMessage": message}
        return _json(status, {"errors": [error]})

    # --- what a field is worth -----------------------------------------------------------------

    def _resolve(self, source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        if info.parent_type.name == "Query":
            self._pay(5)
            return self._query(info.field_name, arguments.get("query") or {})
        if info.parent_type.name in RECORDS:
            self._pay(1)
        value = source.get(info.field_name)
        if info.parent_type.name == "totara_job_job_assignment":
            value = self._of_job(source, info.field_name, value)
        if arguments.get("format") == "ISO8601":
            raise GraphQLError("This server was asked for dates in another format than expected.")
        return value

    def _pay(self, amount: int) -> None:
        self._cost += amount
        if self._cost > self.site.cost_limit:
            allowed = f" of {self.site.cost_limit}." if self.site.names_limit else "."
            raise GraphQLError("Query complexity exceeded maximum allowed complexity" + allowed)

    def _of_job(self, job: Row, name: str, value: Any) -> Any:
        if name == "managerja":
            return self._jobs.get(job.get("managerjaid"))
        if name == "user":
            if job["userid"] in self.site.unseen:
                raise Hidden("You did not check you can view a user before resolving them.")
            return self._people.get(job["userid"])
        return value

    def _query(self, name: str, query: Mapping[str, Any]) -> Any:
        if name == "totara_webapi_status":
            return {"status": "ok", "timestamp": int(self.now())}
        sort = query.get("sort") or []
        if len(sort) > 1:
            raise GraphQLError("Sorting by more than one column is not currently supported.")
        rows = self._rows(name, query.get("filters") or {})
        column = (sort[0].get("column") if sort else None) or "id"
        down = bool(sort) and sort[0].get("direction") == "DESC"
        rows = sorted(rows, key=lambda row: row[column], reverse=down)
        return self._page(rows, query.get("pagination") or {})

    def _rows(self, name: str, filters: Mapping[str, Any]) -> list[Row]:
        if name == "core_course_courses":
            return self.site.courses
        if name == "core_user_users":
            if not self.site.may_view:
                raise GraphQLError("You do not have capabilities to view users.")
            everybody = filters.get("status") == "ALL"
            return [p for p in self.site.people if everybody or not p.get("suspended")]
        if not self.site.may_view:
            raise Hidden(
                "Sorry, but you do not currently have permissions to do that (view job assignments)"
            )
        return self.site.jobs

    def _page(self, rows: list[Row], pagination: Mapping[str, Any]) -> Row:
        """A cursor carries where it is and how large its pages are; what is asked beside it is not
        heard."""
        size, after = int(pagination.get("limit") or 20), 0
        if pagination.get("cursor"):
            try:
                inside = json.loads(base64.b64decode(pagination["cursor"]))
                size, after = inside["limit"], inside["after"]
            except (ValueError, KeyError, TypeError) as error:
                raise GraphQLError("Invalid cursor given") from error
        items = rows[after : after + size]
        cursor = ""
        if after + size < len(rows):
            inside = {"limit": size, "after": after + size}
            cursor = base64.b64encode(json.dumps(inside).encode()).decode()
        return {
            "items": items,
            "total": self.total_for(len(rows)),
            "next_cursor": self.cursor_for(cursor),
        }

    # --- HTTP ----------------------------------------------------------------------------------

    def answer(self, path: str, headers: Mapping[str, str], body: str) -> Answer:
        """What comes back."""
        with self._lock:
            mood = self.moods.pop(0) if self.moods else None
            if mood is not None:
                return mood
            if path == "/webservice/rest/server.php":
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self.rest_asked.append(form)
                return _json(200, self.rest.get(form["wsfunction"], _refused)(form))
            if not self.site.there or path not in {"/totara/oauth2/token.php", "/api/graphql.php"}:
                return Answer(404, "<title>404 Not Found</title>")
            return (self.token if "token" in path else self.graphql)(headers, body)


class Hidden(Exception):
    """A fault that Totara does not word for clients."""


def _refused(form: Mapping[str, str]) -> Row:
    """REST has not the function for this token."""
    return {
        "exception": "webservice_access_exception",
        "errorcode": "accessexception",
        "message": "Access control exception",
    }


def _worded(message: str) -> str:
    """A refusal of the GraphQL library here in the words of the one that Totara uses."""
    message = message.replace("'", '"')
    return re.sub(
        r'Expected value of type "(\w+)" not to include unknown field "(\w+)"',
        r'Field "\2" is not defined by type \1',
        message,
    )


def _json(status: int, answer: Any) -> Answer:
    return Answer(status, json.dumps(answer), "application/json")


def _errors(status: int, *messages: str) -> Answer:
    return _json(status, {"errors": [{"message": m} for m in messages], "error": messages[0]})


@contextmanager
def running_graph(site: Site, now: Callable[[], float]) -> Iterator[GraphServer]:
    """The server, listening on this machine only."""
    graph = GraphServer(site, now)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = graph.answer(self.path, headers, body)
            if answer.hang:
                graph.closing.wait(30)
                self.close_connection = True
                return
            data = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(data)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """A test says what it finds."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    graph.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield graph
    finally:
        graph.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
