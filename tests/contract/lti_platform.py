"""A learning platform that launches LTI 1.3 tools, over real HTTP: as strict as a Moodle is.

What it says is what a Moodle 4.5.6 was recorded to say (``tests/payloads/moodle-lti-4.5.6``), with
its own addresses, people and courses in it. What it refuses is what Moodle's ``mod/lti/auth.php``
and ``openid-registration.php`` refuse.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from tests.contract.serving import Reply, Request, serving

RECORDED = Path(__file__).parents[1] / "payloads" / "moodle-lti-4.5.6"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MEMBERS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MEMBERSHIPS = re.compile(r"/mod/lti/services\.php/CourseSection/\d+/bindings/\d+/memberships")
CLIENT = "HNZzbwYtrdZBRNR"
DEPLOYMENT = "1"
_KEYS = [RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True) for _ in range(2)]


def recorded(name: str) -> Any:
    """What a Moodle said."""
    return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))


@dataclass
class Tool:
    """What the platform knows of a tool."""

    login_url: str = ""
    launch_url: str = ""
    keys_url: str = ""


@dataclass
class LtiPlatform:
    """The platform: who is signed in there, what it signs with, what it was asked."""

    url: str = ""
    now: datetime | None = None
    tool: Tool = field(default_factory=Tool)
    signed_in: str = "12"
    """The LMS's id of the person whose browser it is."""
    key: RSAKey = field(default_factory=lambda: _KEYS[0])
    published: list[RSAKey] = field(default_factory=lambda: [_KEYS[0]])
    asked: list[str] = field(default_factory=list)
    keys_reply: Reply | None = None
    """What it answers instead of its key set."""
    registered: dict[str, Any] = field(default_factory=dict)
    registration_token: str = "given-along"
    changed: dict[str, Any] = field(default_factory=dict)
    """Claims that it says otherwise; ``None`` takes one away."""
    message: str = "launch"
    """Which recording it launches."""
    course: str | None = None
    members: list[str] = field(default_factory=list)
    """The LMS's ids of those who are in the course."""
    a_page: int = 2
    """So many of them it says at once, at most."""
    members_reply: Reply | None = None
    """What it answers instead of them."""
    granted: dict[str, str] = field(default_factory=dict)
    """The tokens that it gave, each with its scope."""
    assertions: set[str] = field(default_factory=set)
    """The ids of the tokens by which tools have said who they are."""
    tool_keys: Callable[[], dict[str, Any]] | None = None
    """The tool's key set, which a Moodle reads at its address."""

    def rotate(self) -> None:
        """Sign with another key, and publish that one only."""
        self.key = _KEYS[1]
        self.published = [_KEYS[1]]

    # --- what its pages do ---------------------------------------------------------------------

    def initiation(self, **changed: str) -> str:
        """Where a click on the tool sends the browser first."""
        said = {
            **recorded("login_initiation"),
            "iss": self.url,
            "login_hint": self.signed_in,
            "target_link_uri": self.tool.launch_url,
            **changed,
        }
        return f"{urlsplit(self.tool.login_url).path}?{urlencode(said)}"

    def form_of(self, auth_url: str) -> dict[str, str]:
        """What the browser is made to send to the tool, when it has come to the platform."""
        assert auth_url.startswith(f"{self.url}/mod/lti/auth.php?"), auth_url
        page = requests.get(auth_url, timeout=5)
        assert 200 == page.status_code, page.text
        assert f'action="{html.escape(self.tool.launch_url)}"' in page.text
        fields = re.findall(r'name="(\w+)" value="([^"]*)"', page.text)
        return {name: html.unescape(value) for name, value in fields}

    def claims(self, nonce: str) -> dict[str, Any]:
        """What a launch says."""
        assert self.now is not None
        made = int(self.now.timestamp())
        claims = dict(recorded(self.message)["claims"])
        text = json.dumps(claims).replace("https://moodle.example", self.url)
        claims = json.loads(text)
        claims |= {"nonce": nonce, "iat": made, "exp": made + 60, "sub": self.signed_in}
        claims[CLAIM + "target_link_uri"] = self.tool.launch_url
        if self.course is not None:
            claims[CLAIM + "context"]["id"] = self.course
        for name, value in self.changed.items():
            if value is None:
                claims.pop(name)
            else:
                claims[name] = value
        return claims

    def token(self, nonce: str) -> str:
        """The launch, signed."""
        header = {**recorded(self.message)["header"], "kid": self.key.kid}
        return jwt.encode(header, self.claims(nonce), self.key)

    def _begin(self) -> str:
        return self.tool.login_url.removesuffix("/lti/login") + self.initiation()

    # --- the server ----------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        """What a Moodle answers."""
        self.asked.append(request.path)
        match request.method, request.path:
            case "GET", "/mod/lti/certs.php":
                keys = {"keys": [dict(key.as_dict(private=False)) for key in self.published]}
                return self.keys_reply or Reply(data=keys)
            case "GET", "/mod/lti/auth.php":
                return self._auth(request.query)
            case "GET", "/course/view.php":
                return _page(f'<iframe src="{html.escape(self._begin())}" title="Feed"></iframe>')
            case "GET", "/mod/lti/openid-configuration.php":
                text = json.dumps(recorded("openid_configuration"))
                return Reply(data=json.loads(text.replace("https://moodle.example", self.url)))
            case "POST", "/mod/lti/openid-registration.php":
                return self._register(request)
            case "POST", "/mod/lti/token.php":
                return self._token(request)
            case "GET", path if MEMBERSHIPS.fullmatch(path):
                return self._members(request)
        return Reply(404, {"error": "no such page"})

    def _auth(self, asked: Mapping[str, str]) -> Reply:
        # The order and the words are those of mod/lti/auth.php.
        wanted = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": CLIENT,
            "redirect_uri": self.tool.launch_url,
            "login_hint": self.signed_in,
            "lti_message_hint": recorded("login_initiation")["lti_message_hint"],
        }
        wrong = [name for name, value in wanted.items() if asked.get(name) != value]
        if wrong or not asked.get("nonce"):
            return Reply(400, {"error": "invalid_request", "about": wrong})
        fields = {"id_token": self.token(asked["nonce"]), "state": asked.get("state", "")}
        inputs = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in fields.items()
        )
        action = html.escape(self.tool.launch_url)
        send = "<script>document.forms[0].submit()</script>"
        return _page(f'<form action="{action}" method="POST">{inputs}</form>{send}')

    def _token(self, request: Request) -> Reply:
        # What mod/lti/token.php wants, and what lti_verify_jwt_signature checks.
        form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        wanted = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION}
        if any(form.get(name) != value for name, value in wanted.items()):
            return Reply(400, {"error": "invalid_request"})
        try:
            published: Any = self.tool_keys() if self.tool_keys else {"keys": []}
            keys = KeySet.import_key_set(published)
            said = jwt.decode(form.get("client_assertion", ""), keys, algorithms=["RS256"]).claims
        except (JoseError, ValueError, KeyError):
            return Reply(400, {"error": "invalid_client"})
        assert self.now is not None
        now = int(self.now.timestamp())
        us = f"{self.url}/mod/lti/token.php"
        fits = said.get("iss") == said.get("sub") == CLIENT and said.get("aud") in (us, [us])
        fits = fits and said.get("iat", now + 1) <= now < said.get("exp", 0)
        if not fits or not said.get("jti") or said["jti"] in self.assertions:
            return Reply(400, {"error": "invalid_client"})
        self.assertions.add(said["jti"])
        if form.get("scope") != MEMBERS_SCOPE:
            return Reply(400, {"error": "invalid_scope"})
        given = f"token-{len(self.granted)}"
        self.granted[given] = MEMBERS_SCOPE
        body = {**json.loads(recorded("nrps_token")["body"]), "access_token": given}
        # Moodle says JSON, and calls it something else.
        return Reply(raw=json.dumps(body).encode(), headers={"Content-Type": "text/html"})

    def _members(self, request: Request) -> Reply:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.granted.get(given) != MEMBERS_SCOPE:
            return Reply(401, {"error": "unauthorized"})
        if request.headers.get("accept") != MEDIA_TYPE:
            return Reply(400, {"error": "no such format"})
        if self.members_reply:
            return self.members_reply
        size = min(self.a_page, int(request.query.get("limit", "0")) or self.a_page)
        start = int(request.query.get("from", "0"))
        page, there = self.members[start : start + size], recorded("nrps_members")["body"]
        headers = {"Content-Type": MEDIA_TYPE}
        if start + size < len(self.members):
            following = f"{self.url}{request.path}?limit={size}&from={start + size}"
            headers["Link"] = f'<{following}>; rel="next"'
        rows = [{**there["members"][0], "user_id": one} for one in page]
        return Reply(data={**there, "members": rows}, headers=headers)

    def _register(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.registration_token}":
            return Reply(401, {"error": "invalid_token"})
        asked = request.json
        needed = set(recorded("registration_response")["request"])
        missing = needed - set(asked)
        part = asked.get(TOOL, {})
        missing |= set(recorded("registration_response")["request"][TOOL]) - set(part)
        if missing or asked["application_type"] != "web" or asked["response_types"] != ["id_token"]:
            return Reply(400, {"error": "invalid_client_metadata", "about": sorted(missing)})
        if urlsplit(asked["initiate_login_uri"]).netloc != part["domain"]:
            return Reply(400, {"error": "invalid_client_metadata", "about": ["domain"]})
        self.registered = asked
        self.registration_token = ""  # It is good once.
        self.tool = Tool(asked["initiate_login_uri"], asked["redirect_uris"][0], asked["jwks_uri"])
        body = dict(recorded("registration_response")["body"])
        return Reply(data={**body, "client_id": CLIENT, TOOL: {**body[TOOL], **part}})


def _page(body: str) -> Reply:
    style = "<style>iframe { width: 100%; height: 95vh; border: 0 }</style>"
    text = f'<!doctype html><html lang="en"><title>Moodle</title>{style}{body}</html>'
    return Reply(raw=text.encode(), headers={"Content-Type": "text/html"})


@contextmanager
def lti_platform() -> Iterator[LtiPlatform]:
    """A platform, while the block lasts."""
    platform = LtiPlatform()
    with serving(platform.answer) as url:
        platform.url = url
        yield platform


def query_of(url: str) -> dict[str, str]:
    """What stands behind the question mark."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
