"""Statements as an LMS pushes them: what the tests of the xAPI endpoint are told with."""

from __future__ import annotations

import base64
import json
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bridge.access import xapi_keys
from bridge.bootstrap import Bridge
from bridge.lms import xapi
from bridge.model import ActorBy, PushedFact

PAYLOADS = Path(__file__).parent / "payloads" / "xapi-4.5.6"
SITE = "https://lms.example"
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
REGISTERED = "http://adlnet.gov/expapi/verbs/registered"
LEFT = "http://activitystrea.ms/leave"
COURSE = "https://w3id.org/xapi/cmi5/activitytype/course"


def recorded(name: str) -> dict[str, Any]:
    """A request that a real Moodle sent: ``{method, path, headers, body}``."""
    return json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))


def statement(
    actor: dict[str, Any] | str,
    course: int = 10,
    verb: str = COMPLETED,
    at: str | None = "2026-11-25T08:30:00.000Z",
    **more: Any,
) -> dict[str, Any]:
    """What the plugin sends; ``actor`` may be a user id, a user name or an e-mail address."""
    if isinstance(actor, str):
        actor = (
            {"mbox": f"mailto:{actor}"}
            if "@" in actor
            else {"account": {"homePage": SITE, "name": actor}}
        )
    made = {
        "actor": {"name": "Somebody", **actor},
        "verb": {"id": verb, "display": {"en": "did"}},
        "object": {
            "objectType": "Activity",
            "id": f"{SITE}/course/view.php?id={course}",
            "definition": {"type": COURSE, "name": {"en": "A course"}},
        },
    }
    return {**made, **({"timestamp": at} if at else {}), **more}


def forum_post(discussion: int = 7, verb: str = "http://id.tincanapi.com/verb/replied") -> Any:
    """Somebody wrote in a forum."""
    made = deepcopy(statement("101", verb=verb))
    made["object"] = {
        "id": f"{SITE}/mod/forum/discuss.php?d={discussion}#p9",
        "definition": {"type": "http://id.tincanapi.com/activitytype/forum-reply"},
    }
    made["result"] = {"response": "A secret that only one group may read."}
    return made


def facts(
    *statements: Any, connection: int = 1, accounts: ActorBy = ActorBy.USER_ID
) -> list[PushedFact]:
    """What the statements say to the connection of :data:`SITE`."""
    return xapi.read(json.dumps(list(statements)).encode(), connection, [SITE], accounts)


@dataclass
class Pusher:
    """An LMS with a key."""

    client: FlaskClient
    key: str
    secret: str

    def push(
        self,
        body: Any,
        *,
        method: str = "POST",
        path: str = "/xapi/statements",
        version: str | None = "1.0.3",
        secret: str | None = None,
        **options: Any,
    ) -> TestResponse:
        """Send a body: what is not bytes becomes JSON."""
        given = f"{self.key}:{self.secret if secret is None else secret}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(given).decode()}"}
        if version is not None:
            headers["X-Experience-Api-Version"] = version
        return self.client.open(
            path,
            method=method,
            data=body if isinstance(body, bytes) else json.dumps(body),
            **{"headers": headers, "content_type": "application/json", **options},
        )


def pusher(
    bridge: Bridge, client: FlaskClient, connection: int, accounts: ActorBy = ActorBy.USER_ID
) -> Pusher:
    """An LMS that was given a fresh key."""
    with bridge.store.work() as work:
        key, secret = xapi_keys.issue(work, connection, accounts, bridge.clock.now())
    return Pusher(client, key.key, secret)
