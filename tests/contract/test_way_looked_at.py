"""One look at an LMS's address: redirects, certificates, proxies and who stands between."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bridge.errors import Unreachable
from bridge.guard import guarded_session
from bridge.lms.moodle import MoodleConnector
from bridge.lms.way import look
from bridge.model import Way
from tests.contract.serving import Reply, Request, serving

PATIENCE = 5.0
END = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class _Quiet(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def certificate(folder: Path, name: str, end: datetime) -> Path:
    """A file with a key and a certificate that vouches for itself, for an address or a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lms")])
    alternative: x509.GeneralName = (
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=90))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([alternative]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "lms.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@contextmanager
def secure(file: Path) -> Iterator[str]:
    """The address of a server with that certificate."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Quiet)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    # Whoever does not believe a certificate hangs up in the middle of the handshake.
    server.handle_error = lambda *about: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_good_certificate_says_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is shown when the connection is made that calls are made by."""
    file = certificate(tmp_path, "127.0.0.1", END)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with secure(file) as url:
        way = look(url, PATIENCE)
    assert (END, "", True) == (way.expires, way.distrust, way.inside)


def test_a_certificate_is_seen_through_the_guard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an LMS that a page connected, too: the doctor is to say that it was verified."""
    file = certificate(tmp_path, "127.0.0.1", END)

    def guarded() -> requests.Session:
        session = guarded_session({"127.0.0.1"}, lambda host, address: Unreachable("inside", ""))
        session.verify = str(file)
        return session

    with secure(file) as url:
        way = look(url, PATIENCE, guarded)
    assert (END, "") == (way.expires, way.distrust)


@pytest.mark.parametrize(
    ("name", "end", "believed", "said"),
    [
        ("127.0.0.1", END, False, "self-signed certificate"),
        ("127.0.0.1", END - timedelta(days=30), True, "certificate has expired"),
        ("lms.example", END, True, "certificate is not valid for '127.0.0.1'"),
    ],
)
def test_a_certificate_that_is_not_believed_says_why(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    end: datetime,
    believed: bool,
    said: str,
) -> None:
    """Whoever signed it, its time, its name; every call says it too, and not only the doctor."""
    file = certificate(tmp_path, name, end)
    if believed:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with secure(file) as url:
        way = look(url, PATIENCE)
        connector = MoodleConnector(url, "token", pause=lambda seconds: None)
        with pytest.raises(Unreachable, match="no certificate that this machine trusts") as caught:
            connector.site()
        connector.close()
    assert said in way.distrust
    assert said in caught.value.message
    assert None is way.expires


def answering(reply: Reply) -> Callable[[Request], Reply]:
    """A server that says one thing."""
    return lambda request: reply


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("/login/index.php", "{url}/login/index.php"),
        ("https://www.moodle.example/", "https://www.moodle.example/"),
        ("//evil.example/\u202e" + "x" * 300, "http://evil.example/"),
    ],
)
def test_a_redirect_is_seen_and_not_followed(target: str, leads: str) -> None:
    """Wherever it leads, whole, and no longer than somebody reads."""
    reply = Reply(302, headers={"Location": target.encode().decode("latin-1")})
    with serving(answering(reply)) as url:
        seen = look(url, PATIENCE).redirect
    assert seen.startswith(leads.format(url=url))
    assert len(seen) <= 200 and seen.isprintable()


def test_a_redirect_to_no_address_is_none() -> None:
    """Nor does it end the doctor's round."""
    with serving(answering(Reply(302, headers={"Location": "http://["}))) as url:
        assert "" == look(url, PATIENCE).redirect


def test_who_stands_between_is_seen() -> None:
    """By the headers that they add."""
    reply = Reply(200, headers={"Via": "1.1 squid", "CF-RAY": "12ab"})
    with serving(answering(reply)) as url:
        assert "Via: 1.1 squid; CF-RAY: 12ab" == look(url, PATIENCE).between


def test_a_proxy_of_the_environment_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, closed_url: str
) -> None:
    """Also where nothing comes through; not where the host is left out of it."""
    place = closed_url.removeprefix("http://")
    monkeypatch.setenv("HTTP_PROXY", f"http://user:secret@{place}")
    way = look("http://127.0.0.1:9", 0.5)
    assert (place, "HTTP_PROXY") == (way.proxy, way.variable)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert "" == look(closed_url, 0.5).proxy


def test_a_name_that_cannot_be_one_is_no_error() -> None:
    """That nothing answers shows in what is seen, too."""
    way = look(f"http://{'a' * 300}", 0.5)
    assert (False, "", None) == (way.inside, way.distrust, way.expires)


def test_an_address_of_a_page_is_looked_at_through_the_guard() -> None:
    """What stands inside a private network is not asked, and nothing is told of it."""

    def guarded() -> requests.Session:
        return guarded_session((), lambda host, address: Unreachable(f"{host} is inside.", ""))

    asked: list[str] = []

    def answer(request: Request) -> Reply:
        asked.append(request.path)
        return Reply(301, headers={"Location": "https://elsewhere.example/"})

    with serving(answer) as url:
        assert Way(inside=True) == look(url, PATIENCE, guarded)
    assert [] == asked
