"""Letters: e-mail by SMTP.

A letter is one message to one or more addresses; what it says is up to whoever writes it. See RFC
5321 for what the server's answers mean and RFC 3834 for ``Auto-Submitted``.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

from bridge.errors import ConfigError, OutcomeUnknown, OutletBusy, OutletRefused

POLICY = SMTP.clone(max_line_length=998)
"""Lines are folded where RFC 5322 says that they must be, and no sooner: folding at 78 characters
breaks an address that is longer into pieces that some programs do not join."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Letters:
    """Sends letters by one mail server.

    :param url: ``smtp://USER:PASSWORD@HOST:PORT``, with STARTTLS where the server offers it, or
        ``smtps://…`` for TLS from the beginning.
    :param sender: the address that they come from.
    :param timeout: seconds to wait for an answer of the server.
    :param tls: which certificates are believed; by default those that the system believes.
    :raises ConfigError: if the address of the server cannot be used.
    """

    def __init__(
        self, url: str, sender: str, *, timeout: float = 15, tls: ssl.SSLContext | None = None
    ) -> None:
        try:
            parts = urlsplit(url)
            self._host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise _unusable() from error
        if parts.scheme not in {"smtp", "smtps"} or not self._host:
            raise _unusable()
        self._implicit = parts.scheme == "smtps"
        self._port = port or (465 if self._implicit else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender
        self._timeout = timeout
        self._tls = tls

    def send(self, to: Sequence[str], subject: str, text: str, now: datetime) -> None:
        """Send one letter, in plain text, to all of ``to``.

        :raises OutletBusy: if the server cannot be reached or asks to come back.
        :raises OutletRefused: if it refuses the password, the sender, every receiver or the text.
        :raises OutcomeUnknown: if the connection broke while the letter was on its way.
        """
        letter = self.begun(to, subject, now)
        letter["Message-ID"] = make_msgid(domain=self.domain)
        letter.set_content(sayable(text))
        with self.opened() as hand_over:
            hand_over(letter)

    @property
    def domain(self) -> str:
        """Whose letters they are, for their ids."""
        return self._sender.rpartition("@")[2]

    def begun(self, to: Sequence[str], subject: str, now: datetime) -> EmailMessage:
        """A letter without its text and its ``Message-ID``."""
        letter = EmailMessage(POLICY)
        letter["From"], letter["To"] = self._sender, ", ".join(to)
        letter["Subject"] = _one_line(sayable(subject))
        letter["Date"] = format_datetime(now)
        letter["Auto-Submitted"] = "auto-generated"
        return letter

    @contextmanager
    def opened(self) -> Iterator[Callable[[EmailMessage], None]]:
        """The way to hand letters over, one after another, in one connection.

        Each may raise what :meth:`send` raises; after :class:`OutcomeUnknown` the connection is
        not to be used any more.
        """
        with _named_errors(self._host), self._server() as server:
            yield lambda letter: self._hand_over(server, letter)

    def _hand_over(self, server: smtplib.SMTP, letter: EmailMessage) -> None:
        if server.sock is None:  # It hung up after it had answered the letter before.
            raise OutletBusy(f"The mail server {self._host} closed the connection.")
        with _named_errors(self._host):
            try:
                server.send_message(letter)
            except OSError as error:  # All errors of smtplib are such as well.
                broken = isinstance(error, smtplib.SMTPServerDisconnected)
                if isinstance(error, smtplib.SMTPException) and not broken:
                    raise
                raise OutcomeUnknown(
                    f"The mail server {self._host} broke off; the letter may be on its way."
                ) from error

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        tls = self._tls or ssl.create_default_context()
        place = (self._host, self._port)
        server: smtplib.SMTP
        if self._implicit:
            server = smtplib.SMTP_SSL(*place, timeout=self._timeout, context=tls)
        else:
            server = smtplib.SMTP(*place, timeout=self._timeout)
        try:
            safe = self._implicit
            server.ehlo_or_helo_if_needed()
            if not safe and server.has_extn("starttls"):
                server.starttls(context=tls)
                safe = True
            if self._user:
                if not safe and self._host not in LOOPBACK:
                    raise OutletRefused(
                        f"The mail server {self._host} offers no STARTTLS, so the password was not"
                        " sent to it.",
                        "Use smtps:// in SOCIALBRIDGE_SMTP_URL, or a server that encrypts.",
                    )
                server.login(self._user, self._password)
            yield server
        finally:
            # What was taken is taken, however the server answers to the farewell.
            with suppress(OSError):
                server.quit()
            server.close()


def _one_line(subject: str) -> str:
    """A subject that is nothing but a subject.

    What looks like an encoded word of RFC 2047 is taken apart: the library would decode it when it
    is set, and with it a line break that makes a header of what follows.
    """
    return " ".join(subject.split()).replace("=?", "= ?")


def sayable(text: str) -> str:
    """``text`` without NUL and halves of characters, which JSON may hold and no letter can."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _unusable() -> ConfigError:
    return ConfigError(
        "SOCIALBRIDGE_SMTP_URL is no address of a mail server.",
        "Write it as smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST.",
    )


@contextmanager
def _named_errors(host: str) -> Iterator[None]:
    """What went wrong, without the password: some servers repeat what they were sent."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise OutletRefused(
            f"The mail server {host} refused the user name or the password.",
            "Check SOCIALBRIDGE_SMTP_URL; many providers want an app password.",
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
        said = ", ".join(map(str, codes))
        message = f"The mail server {host} took the letter for none of its receivers ({said})."
        if all(400 <= code < 500 for code in codes):
            raise OutletBusy(message) from error
        raise OutletRefused(message, "Check the addresses that it is to be sent to.") from error
    except smtplib.SMTPResponseException as error:
        message = f"The mail server {host} answered {error.smtp_code}."
        if 400 <= error.smtp_code < 500:
            raise OutletBusy(message) from error
        raise OutletRefused(message, "Check SOCIALBRIDGE_MAIL_FROM.") from error
    except smtplib.SMTPNotSupportedError as error:
        raise OutletRefused(
            f"The mail server {host} cannot do what the letter needs.",
            "Where it takes no password, leave it out of SOCIALBRIDGE_SMTP_URL.",
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise OutletRefused(
            f"The certificate of the mail server {host} is not valid: {error.verify_message}.",
            "Check the host name in SOCIALBRIDGE_SMTP_URL.",
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise OutletBusy(
            f"The mail server {host} cannot be reached ({type(error).__name__}).",
            "Check host and port in SOCIALBRIDGE_SMTP_URL.",
        ) from error
