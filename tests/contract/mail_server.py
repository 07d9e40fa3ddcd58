"""A mail server that runs on this machine: aiosmtpd, with what a test wants of it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "bridge@example.com", "open:sesame/@1"


@dataclass
class Post:
    """What a mail server took, and what it answers; aiosmtpd calls it as its handler."""

    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    """The letters as they came in."""
    receivers: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    """Answers by receiver; under ``data`` the answer to every letter."""
    url: str = ""
    tls: ssl.SSLContext | None = None
    """What believes the server's certificate."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a receiver, or not."""
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a letter, or break off in the middle of it."""
        answer = self.refuses.get("data", "250 OK")
        if answer == "hang up":
            server.transport.abort()
            return answer
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            letter = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
            self.raw.append(envelope.content)
            self.receivers.append(list(envelope.rcpt_tos))
            self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
            self.signed_in.append(bool(session.authenticated))
            if answer == "250 hang up":  # It is taken, and nobody hears of it.
                server.transport.abort()
        return answer


def _signs_in(
    server: SMTP, session: Session, envelope: Envelope, how: str, data: Any
) -> AuthResult:
    expected = LoginPassword(USER.encode(), PASSWORD.encode())
    # What is not "handled" is answered by aiosmtpd itself, with 535.
    return AuthResult(success=data == expected, handled=data == expected)


@contextmanager
def mail_server(folder: Path, tls: str = "starttls", password: bool = True) -> Iterator[Post]:
    """A mail server on a port of its own.

    :param tls: ``starttls``, ``implicit``, or ``""`` for one that does not encrypt.
    :param password: whether one may sign in; with ``starttls`` one must.
    """
    post = Post()
    context = None
    if tls:
        certificate, key = _certificate(folder)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        post.tls = ssl.create_default_context(cafile=str(certificate))
    options: dict[str, Any] = {"auth_require_tls": tls == "starttls"}
    if password:
        options |= {"authenticator": _signs_in, "auth_required": tls == "starttls"}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    controller = Controller(
        post,
        hostname="127.0.0.1",
        port=_free_port(),
        ssl_context=context if tls == "implicit" else None,
        **options,
    )
    controller.start()
    try:
        scheme = "smtps" if tls == "implicit" else "smtp"
        who = "bridge%40example.com:open%3Asesame%2F%401@" if password else ""
        post.url = f"{scheme}://{who}127.0.0.1:{controller.port}"
        yield post
    finally:
        controller.stop()


def _free_port() -> int:
    # The controller calls its own port to see that it answers, so that it cannot be left open.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, made afresh: no key stands in the project."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.com")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "mail.pem", folder / "mail.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret
