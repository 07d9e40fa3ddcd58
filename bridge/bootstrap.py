"""Wiring: the only place that knows every adapter."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import requests

from bridge.access import lti_claims
from bridge.config import Config
from bridge.delivery import subscriptions
from bridge.errors import ConfigError, InputError, NotAnLms, OutletUnusable
from bridge.flow.connecting import GUARDED, Wanted
from bridge.flow.sending_links import takes_messages
from bridge.guard import guarded_session
from bridge.identity import key_sets, members, registration
from bridge.identity.asking import Asking
from bridge.identity.provider import ProviderLine
from bridge.lms import wire
from bridge.lms.moodle import MoodleConnector
from bridge.lms.totara.connector import TotaraConnector
from bridge.lms.totara.recognition import recognise
from bridge.model import (
    Connection,
    NoteChannel,
    Outlet,
    PersonalLetter,
    PersonalMessage,
    ProfileRules,
)
from bridge.model.lti import Platform
from bridge.outlets import lms_message, personal
from bridge.outlets.apprise import ApprisePublisher
from bridge.outlets.email import EmailPublisher
from bridge.outlets.kinds import KINDS
from bridge.outlets.letter import Letters
from bridge.outlets.mahara import MaharaPublisher
from bridge.outlets.mastodon import MastodonPublisher
from bridge.outlets.matrix import MatrixPublisher
from bridge.outlets.moodle_forum import MoodleForumPublisher
from bridge.outlets.slack import API as SLACK_API
from bridge.outlets.slack import SlackPublisher
from bridge.outlets.teams import TeamsPublisher
from bridge.outlets.webhook import WebhookPublisher
from bridge.ports import NOTHING, Abilities, Clock, Connector, Publisher
from bridge.storage import Store

N = TypeVar("N")


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


@dataclass
class Bridge:
    """One process's bridge: settings, database, clock, and a way to every adapter."""

    config: Config
    store: Store
    clock: Clock
    worker_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def link(self, path: str) -> str:
        """The absolute address of ``path`` on this bridge."""
        return self.config.link(path)

    @property
    def zone(self) -> tzinfo:
        """The bridge's own time zone, by whose clock its quiet hours are."""
        return ZoneInfo(self.config.timezone)

    def write_to_admins(self, subject: str, text: str) -> None:
        """Write a letter to the addresses that are set for it; to nobody where none is.

        :raises OutletError: if the mail server does not take it.
        :raises ConfigError: if the mail server's address cannot be used.
        """
        config, to = self.config, self.config.admin_email
        if not to:
            return
        letters = Letters(config.smtp_url, config.mail_sender, timeout=config.outlet_timeout)
        letters.send(to, subject, text, self.clock.now())

    @property
    def writes_letters(self) -> bool:
        """Whether there is a mail server, and an address to write from."""
        return bool(self.config.smtp_url and self.config.mail_sender)

    @property
    def link_ways(self) -> tuple[NoteChannel, ...]:
        """How sign-in links reach those who ask, as far as it is set up here."""
        with self.store.reading() as work:
            by_lms = any(takes_messages(one.functions) for one in work.connections.all())
        open_ones = {NoteChannel.MAIL: self.writes_letters, NoteChannel.MESSAGE: by_lms}
        ways = (NoteChannel(word) for word in self.config.sign_in_links)
        return tuple(way for way in ways if open_ones[way])

    @contextmanager
    def posting(self) -> Iterator[Callable[[PersonalLetter, str], None]]:
        """The way to hand letters to people over, each under an id, in one connection.

        :raises OutletError: what :class:`~bridge.outlets.letter.Letters` raises.
        """
        config = self.config
        letters = Letters(config.smtp_url, config.mail_sender, timeout=config.outlet_timeout)
        with letters.opened() as hand_over:
            yield lambda letter, key: hand_over(
                personal.made(letters, letter, key, self.clock.now())
            )

    @contextmanager
    def note_way(
        self, connection_id: int | None
    ) -> Iterator[Callable[[PersonalLetter | PersonalMessage, str], None]]:
        """The way to hand leaders' notes over: by the LMS of a connection, or by mail.

        :raises OutletError: if it cannot be opened, and by each note that it does not take.
        """
        if connection_id is None:
            with self.posting() as post:
                yield lambda note, key: post(_of(PersonalLetter, note), key)
            return
        with self.store.reading() as work:
            connection = work.connections.by_id(connection_id)
        with (
            closing(self.connector(connection)) as connector,
            lms_message.opened(connector) as hand_over,
        ):
            yield lambda note, key: hand_over(_of(PersonalMessage, note))

    def connector(self, connection: Connection) -> Connector:
        """The connector that speaks to an LMS.

        :raises ConfigError: if its kind is not one that the bridge speaks.
        """
        try:
            make = CONNECTORS[connection.kind]
        except KeyError as error:
            raise ConfigError(
                f"The connection {connection.name} is of the kind {connection.kind!r}.",
                f"This version speaks to: {', '.join(CONNECTORS)}.",
            ) from error
        return make(self, connection)

    def kind_of(self, typed: Wanted) -> str:
        """Which kind of LMS the site is: what the admin says, or by asking it.

        :raises InputError: if it is another one than was said.
        :raises LmsError: if it does not answer.
        """
        wanted, with_client = typed.kind, bool(typed.oauth_client)
        if wanted == "totara":
            return wanted
        with closing(
            MoodleConnector(
                typed.url,
                typed.token,
                timeout=self.config.lms_timeout,
                sessions=_sessions(self, guarded=typed.guarded),
            )
        ) as connector:
            found = "totara" if with_client and wanted == "auto" else recognise(connector)
        if wanted == "moodle" and found != wanted:
            raise InputError(
                "This is a Totara: read as a Moodle, courses would be shown to more people than"
                " Totara shows them to.",
                "Use --kind totara, or leave it out.",
            )
        if with_client and found != "totara":
            raise InputError("An API client is Totara's, and this is none.", "Leave it out.")
        return found

    def key_set(self, platform: Platform) -> Mapping[str, Any]:
        """The key set of an LTI platform, asked for anew.

        :raises IdentityError: if it cannot be had.
        """
        return key_sets.read(self._asking(platform.connection_id, platform), platform.keys_url)

    def members(self, platform: Platform, url: str, assertion: str) -> set[int]:
        """The LMS's ids of those whom a platform names as members of a course.

        :param url: where it names them. :param assertion: a token of ours that says who we are.
        :raises IdentityError: if it does not.
        """
        asking = self._asking(platform.connection_id, platform)
        return members.members(asking, url, members.token(asking, platform.token_url, assertion))

    def register_at(self, connection: Connection, configuration: str, token: str) -> Platform:
        """Register the bridge as an LTI tool at the platform of a connection.

        :raises IdentityError: if the platform does not answer as it should.
        """
        asking = self._asking(connection.id)
        found = registration.configuration(asking, configuration)
        given = registration.register(asking, found, token, self.tool)
        return Platform(
            connection_id=connection.id,
            issuer=found.issuer,
            client_id=given.client_id,
            auth_url=found.auth_url,
            keys_url=found.keys_url,
            token_url=found.token_url,
            typed=False,
            made_at=self.clock.now(),
            deployments=frozenset({given.deployment_id} - {""}),
        )

    @property
    def tool(self) -> registration.Tool:
        """What the bridge says of itself to LTI platforms."""
        return registration.Tool(
            name="Socialbridge",
            description="What colleagues learn, and what leaders share of it.",
            login_url=self.link("/lti/login"),
            launch_url=self.link("/lti/launch"),
            keys_url=self.link("/lti/keys"),
            domain=urlsplit(self.config.base_url).netloc,
            place="Add a feed",
            claims=lti_claims.ABOUT_PEOPLE,
        )

    def _asking(self, connection_id: int, platform: Platform | None = None) -> Asking:
        # The LMS of a connection was typed at the command line, or is guarded as any other; so was
        # a platform.
        with self.store.reading() as work:
            connection = work.connections.by_id(connection_id)
        trusted = [] if connection.settings.get(GUARDED) else [connection.url]
        if platform is not None and platform.typed:
            trusted += [platform.keys_url, platform.token_url]
        hosts = {(urlsplit(url).hostname or "").lower() for url in trusted}
        return Asking(self.config.lms_timeout, hosts | self.config.outlet_allow_private)

    @cached_property
    def provider(self) -> ProviderLine | None:
        """A line to the OpenID Connect provider; ``None`` where none is set."""
        settings = self.config.oidc
        if settings is None:
            return None
        # The issuer was typed by an admin, into a setting.
        hosts = {(urlsplit(settings.issuer).hostname or "").lower()}
        asking = Asking(self.config.lms_timeout, hosts | self.config.outlet_allow_private)
        return ProviderLine(settings, asking)

    def publisher(self, outlet: Outlet) -> Publisher:
        """The publisher that speaks to an outlet.

        :raises OutletUnusable: if its settings cannot be used.
        :raises ConfigError: if its kind is not one that the bridge speaks.
        """
        try:
            make = PUBLISHERS[outlet.kind]
        except KeyError as error:
            raise ConfigError(
                f"The outlet {outlet.name} is of the kind {outlet.kind!r}.",
                f"This version publishes to: {', '.join(PUBLISHERS)}.",
            ) from error
        try:
            return make(self, outlet)
        except ConfigError as error:
            stays = KINDS[outlet.kind].abilities.stays
            raise OutletUnusable(error.message, error.remedy, stays=stays) from error

    def abilities(self, outlet: Outlet) -> Abilities:
        """What can be done at an outlet, as far as it is known without asking it."""
        try:
            return self.publisher(outlet).abilities
        except ConfigError:  # Its settings cannot be used: nothing is sent there until they can.
            return KINDS[outlet.kind].abilities if outlet.kind in KINDS else NOTHING


def _of(kind: type[N], note: object) -> N:
    if not isinstance(note, kind):
        raise TypeError(f"{kind.__name__} goes this way, and no {type(note).__name__}.")
    return note


def _sessions(bridge: Bridge, *, guarded: bool) -> Callable[[], requests.Session]:
    """How HTTP to an LMS begins; an address that a page gave is guarded, now and at each sync."""
    if not guarded:
        return wire.plain_session
    return lambda: guarded_session(bridge.config.outlet_allow_private, _inside)


def _inside(host: str, address: str) -> NotAnLms:
    return NotAnLms(
        f"{host} stands for {address}, an address inside a private network.",
        f"If that is meant, add {host} to SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE and start the bridge"
        " anew; or connect it where the bridge runs:"
        " `socialbridge connect NAME --url ADDRESS --setup`.",
    )


def _moodle(bridge: Bridge, connection: Connection) -> Connector:
    report_id = connection.settings.get("report_id")
    return MoodleConnector(
        connection.url,
        connection.token,
        timeout=bridge.config.lms_timeout,
        connections=bridge.config.lms_connections,
        per_second=bridge.config.lms_requests_per_second,
        report_id=None if report_id is None else int(report_id),
        profile_fields=ProfileRules.of(connection.settings).fields,
        sessions=_sessions(bridge, guarded=bool(connection.settings.get(GUARDED))),
    )


def _totara(bridge: Bridge, connection: Connection) -> Connector:
    return TotaraConnector(
        connection.url,
        connection.token,
        timeout=bridge.config.lms_timeout,
        connections=bridge.config.lms_connections,
        per_second=bridge.config.lms_requests_per_second,
        oauth_client=connection.oauth_client or None,
        profile_fields=ProfileRules.of(connection.settings).fields,
        sessions=_sessions(bridge, guarded=bool(connection.settings.get(GUARDED))),
    )


def _moodle_forum(bridge: Bridge, outlet: Outlet) -> Publisher:
    with bridge.store.reading() as work:
        connection = work.connections.by_id(outlet.connection_id)
    forum_id = outlet.settings.get("forum_id")
    return MoodleForumPublisher(
        bridge.connector(connection),
        None if forum_id is None else int(forum_id),
        connection.functions or None,
    )


def _webhook(bridge: Bridge, outlet: Outlet) -> Publisher:
    return WebhookPublisher(
        outlet.settings["url"],
        outlet.secret,
        timeout=bridge.config.outlet_timeout,
        allow_private=bridge.config.outlet_allow_private,
    )


def _mahara(bridge: Bridge, outlet: Outlet) -> Publisher:
    return MaharaPublisher(
        outlet.settings["url"],
        outlet.secret,
        outlet.settings["journal"],
        outlet.settings.get("owner"),
        timeout=bridge.config.outlet_timeout,
        allow_private=bridge.config.outlet_allow_private,
    )


def _email(bridge: Bridge, outlet: Outlet) -> Publisher:
    config = bridge.config
    if not config.smtp_url or not config.mail_sender:
        raise ConfigError(
            "No mail server is set, or nobody whom its letters come from.",
            "Set SOCIALBRIDGE_SMTP_URL and SOCIALBRIDGE_MAIL_FROM.",
        )

    def link(address: str) -> str:
        with bridge.store.reading() as work:
            return bridge.link(f"/unsubscribe/{subscriptions.token(work, outlet.id, address)}")

    def ended() -> frozenset[str]:
        with bridge.store.reading() as work:
            return subscriptions.ended(work, outlet.id)

    return EmailPublisher(
        Letters(config.smtp_url, config.mail_sender, timeout=config.outlet_timeout),
        outlet.settings.get("to", ()),
        outlet.settings.get("lists", ()),
        link=link,
        ended=ended,
        now=bridge.clock.now,
    )


def _mastodon(bridge: Bridge, outlet: Outlet) -> Publisher:
    return MastodonPublisher(
        outlet.settings["url"],
        outlet.secret,
        visibility=outlet.settings["visibility"],
        timeout=bridge.config.outlet_timeout,
        allow_private=bridge.config.outlet_allow_private,
    )


def _matrix(bridge: Bridge, outlet: Outlet) -> Publisher:
    return MatrixPublisher(
        outlet.settings["url"],
        outlet.secret,
        outlet.settings["room"],
        timeout=bridge.config.outlet_timeout,
        allow_private=bridge.config.outlet_allow_private,
    )


def _slack(bridge: Bridge, outlet: Outlet) -> Publisher:
    return SlackPublisher(
        outlet.settings["channel"],
        outlet.secret,
        url=outlet.settings.get("url") or SLACK_API,
        timeout=bridge.config.outlet_timeout,
        allow_private=bridge.config.outlet_allow_private,
    )


def _apprise(bridge: Bridge, outlet: Outlet) -> Publisher:
    return ApprisePublisher(
        outlet.secret,
        timeout=bridge.config.outlet_timeout,
        allow_private=bridge.config.outlet_allow_private,
    )


def _teams(bridge: Bridge, outlet: Outlet) -> Publisher:
    return TeamsPublisher(
        outlet.secret,
        timeout=bridge.config.outlet_timeout,
        allow_private=bridge.config.outlet_allow_private,
    )


CONNECTORS: Mapping[str, Callable[[Bridge, Connection], Connector]] = {
    "moodle": _moodle,
    "totara": _totara,
}
PUBLISHERS: Mapping[str, Callable[[Bridge, Outlet], Publisher]] = {
    "moodle_forum": _moodle_forum,
    "webhook": _webhook,
    "mahara": _mahara,
    "mastodon": _mastodon,
    "matrix": _matrix,
    "slack": _slack,
    "teams": _teams,
    "apprise": _apprise,
    "email": _email,
}


def bootstrap(config: Config, clock: Clock | None = None) -> Bridge:
    """The bridge of these settings.

    :raises ConfigError: if a setting cannot be used.
    """
    return Bridge(
        config=config,
        store=Store(config.database_url, config.secret_keys),
        clock=clock or SystemClock(),
    )
