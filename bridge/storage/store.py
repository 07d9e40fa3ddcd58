"""The engine, and one transaction at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    InvalidatePoolError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)

from bridge.errors import ConfigError, StorageError
from bridge.storage.abouts import AboutRepository
from bridge.storage.access import AccessRepository
from bridge.storage.api import ApiRepository
from bridge.storage.candidates import CandidateRepository
from bridge.storage.connections import ConnectionRepository
from bridge.storage.consent import ConsentRepository
from bridge.storage.curation import CurationRepository
from bridge.storage.delegates import DelegateRepository
from bridge.storage.delivery import DeliveryRepository
from bridge.storage.desk import DeskRepository
from bridge.storage.erased import ErasedRepository
from bridge.storage.erasing import ErasureRepository
from bridge.storage.evidence import EvidenceRepository
from bridge.storage.exporting import ExportRepository
from bridge.storage.facts import FactRepository
from bridge.storage.feed import FeedRepository
from bridge.storage.groups import Groups
from bridge.storage.health import HealthRepository
from bridge.storage.job_teams import JobTeamRepository
from bridge.storage.keeping import KeepingRepository
from bridge.storage.learning import LearningRepository
from bridge.storage.leases import LeaseRepository
from bridge.storage.letters import LetterRepository
from bridge.storage.listening import ListeningRepository
from bridge.storage.lti import LtiRepository
from bridge.storage.mentions import Mentions
from bridge.storage.milestones import Milestones
from bridge.storage.moderation import Moderation
from bridge.storage.notes import NoteRepository
from bridge.storage.notices import NoticeRepository
from bridge.storage.oidc import OidcRepository
from bridge.storage.opens import OpenRepository
from bridge.storage.people import PeopleRepository
from bridge.storage.plans import PlanRepository
from bridge.storage.policy import PolicyRepository
from bridge.storage.profile import ProfileRepository
from bridge.storage.projection import ProjectionRepository
from bridge.storage.pulse import PulseRepository
from bridge.storage.purge import PurgeRepository
from bridge.storage.reading import ReadingRepository
from bridge.storage.ready import Ready
from bridge.storage.resealing import ResealingRepository
from bridge.storage.rosters import RosterRepository
from bridge.storage.runs import RunRepository
from bridge.storage.sealing import Seal
from bridge.storage.search import SearchRepository
from bridge.storage.setups import SetupRepository
from bridge.storage.talk import Talk
from bridge.storage.telling import TellingRepository
from bridge.storage.topics import TopicRepository
from bridge.storage.verdicts import VerdictRepository
from bridge.storage.vitals import Vitals
from bridge.storage.withdrawals import WithdrawalRepository
from bridge.storage.xapi import XapiRepository

RESTED = 1.0
"""Seconds after which a connection to PostgreSQL may have been lost without anybody's notice."""


class Work:
    """One transaction, with every room's repository on it.

    A flow opens it and hands it to the rooms; no room commits, and none is open across the network.
    """

    def __init__(self, sql: SqlConnection, seal: Seal, ready: Ready | None = None) -> None:
        self.sql = sql
        self.seal = seal
        # What writes may see what it wrote before anybody else does: that is for nobody to keep.
        self.ready = ready or Ready()

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """A part of the transaction: if anything is raised, what the part wrote is undone.

        The transaction goes on, for what says why.
        """
        with self.sql.begin_nested():
            yield

    @cached_property
    def abouts(self) -> AboutRepository:
        return AboutRepository(self.sql)

    @cached_property
    def candidates(self) -> CandidateRepository:
        return CandidateRepository(self.sql)

    @cached_property
    def connections(self) -> ConnectionRepository:
        return ConnectionRepository(self.sql, self.seal)

    @cached_property
    def lti(self) -> LtiRepository:
        return LtiRepository(self.sql, self.seal)

    @cached_property
    def rosters(self) -> RosterRepository:
        return RosterRepository(self.sql)

    @cached_property
    def api(self) -> ApiRepository:
        return ApiRepository(self.sql)

    @cached_property
    def oidc(self) -> OidcRepository:
        return OidcRepository(self.sql)

    @cached_property
    def setups(self) -> SetupRepository:
        return SetupRepository(self.sql)

    @cached_property
    def facts(self) -> FactRepository:
        return FactRepository(self.sql)

    @cached_property
    def job_teams(self) -> JobTeamRepository:
        return JobTeamRepository(self.sql)

    @cached_property
    def people(self) -> PeopleRepository:
        return PeopleRepository(self.sql, self.erased)

    @cached_property
    def policy(self) -> PolicyRepository:
        return PolicyRepository(self.sql)

    @cached_property
    def profile(self) -> ProfileRepository:
        return ProfileRepository(self.sql)

    @cached_property
    def learning(self) -> LearningRepository:
        return LearningRepository(self.sql)

    @cached_property
    def verdicts(self) -> VerdictRepository:
        return VerdictRepository(self.sql)

    @cached_property
    def runs(self) -> RunRepository:
        return RunRepository(self.sql)

    @cached_property
    def leases(self) -> LeaseRepository:
        return LeaseRepository(self.sql)

    @cached_property
    def health(self) -> HealthRepository:
        return HealthRepository(self.sql)

    @cached_property
    def projection(self) -> ProjectionRepository:
        return ProjectionRepository(self.sql)

    @cached_property
    def milestones(self) -> Milestones:
        return Milestones(self.sql)

    @cached_property
    def talk(self) -> Talk:
        return Talk(self.sql)

    @cached_property
    def moderation(self) -> Moderation:
        return Moderation(self.sql)

    @cached_property
    def mentions(self) -> Mentions:
        return Mentions(self.sql)

    @cached_property
    def groups(self) -> Groups:
        return Groups(self.sql)

    @cached_property
    def telling(self) -> TellingRepository:
        return TellingRepository(self.sql)

    @cached_property
    def feed(self) -> FeedRepository:
        return FeedRepository(self.sql, self.ready)

    @cached_property
    def notices(self) -> NoticeRepository:
        return NoticeRepository(self.sql)

    @cached_property
    def search(self) -> SearchRepository:
        return SearchRepository(self.sql)

    @cached_property
    def letters(self) -> LetterRepository:
        return LetterRepository(self.sql)

    @cached_property
    def notes(self) -> NoteRepository:
        return NoteRepository(self.sql)

    @cached_property
    def topics(self) -> TopicRepository:
        return TopicRepository(self.sql)

    @cached_property
    def reading(self) -> ReadingRepository:
        return ReadingRepository(self.sql)

    @cached_property
    def consent(self) -> ConsentRepository:
        return ConsentRepository(self.sql)

    @cached_property
    def delivery(self) -> DeliveryRepository:
        return DeliveryRepository(self.sql, self.seal)

    @cached_property
    def delegates(self) -> DelegateRepository:
        return DelegateRepository(self.sql)

    @cached_property
    def erased(self) -> ErasedRepository:
        return ErasedRepository(self.sql, self.seal)

    @cached_property
    def resealing(self) -> ResealingRepository:
        return ResealingRepository(self.sql, self.seal)

    @cached_property
    def erasure(self) -> ErasureRepository:
        return ErasureRepository(self.sql)

    @cached_property
    def exports(self) -> ExportRepository:
        return ExportRepository(self.sql)

    @cached_property
    def purge(self) -> PurgeRepository:
        return PurgeRepository(self.sql)

    @cached_property
    def keeping(self) -> KeepingRepository:
        return KeepingRepository(self.sql)

    @cached_property
    def withdrawals(self) -> WithdrawalRepository:
        return WithdrawalRepository(self.sql)

    @cached_property
    def curation(self) -> CurationRepository:
        return CurationRepository(self.sql)

    @cached_property
    def evidence(self) -> EvidenceRepository:
        return EvidenceRepository(self.sql)

    @cached_property
    def desk(self) -> DeskRepository:
        return DeskRepository(self.sql)

    @cached_property
    def opens(self) -> OpenRepository:
        return OpenRepository(self.sql)

    @cached_property
    def plans(self) -> PlanRepository:
        return PlanRepository(self.sql)

    @cached_property
    def listening(self) -> ListeningRepository:
        return ListeningRepository(self.sql)

    @cached_property
    def pulse(self) -> PulseRepository:
        return PulseRepository(self.sql)

    @cached_property
    def access(self) -> AccessRepository:
        return AccessRepository(self.sql)

    @cached_property
    def vitals(self) -> Vitals:
        return Vitals(self.sql)

    @cached_property
    def xapi(self) -> XapiRepository:
        return XapiRepository(self.sql)


class Store:
    """A database by its URL.

    :raises ConfigError: if the URL is of no database that the bridge speaks.
    """

    def __init__(self, url: str, secret_keys: Sequence[str]) -> None:
        self.url = url
        self.seal = Seal(secret_keys)
        self.engine = _engine(url)
        options: dict[str, Any] = {"reading": True}
        if self.engine.dialect.name == "postgresql":
            # There every statement sees what is committed when it begins, in a transaction or not:
            # to read in none spares a page two ways to the server.
            options["isolation_level"] = "AUTOCOMMIT"
        self._reading = self.engine.execution_options(**options)
        self.ready = Ready()

    @contextmanager
    def work(self) -> Iterator[Work]:
        """A transaction: committed at the end, rolled back if anything is raised.

        :raises StorageError: if the database cannot be reached or has not this version's tables.
        """
        with _named_errors(), self.engine.begin() as sql:
            yield Work(sql, self.seal)

    @contextmanager
    def reading(self) -> Iterator[Work]:
        """A transaction for reading only: it waits for nobody and keeps nobody waiting.

        :raises StorageError: as :meth:`work`.
        """
        with _named_errors(), self._reading.begin() as sql:
            yield Work(sql, self.seal, self.ready)

    @contextmanager
    def moment(self) -> Iterator[SqlConnection]:
        """One moment of everything, for reading only, however long that takes.

        :raises StorageError: as :meth:`work`.
        """
        options: dict[str, Any] = {"reading": True}
        if self.engine.dialect.name == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with _named_errors(), self.engine.execution_options(**options).begin() as sql:
            yield sql

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        cause = str(error.orig).strip().splitlines()[0]
        if "no such table" in cause or "does not exist" in cause or "no such column" in cause:
            raise StorageError(
                f"The database has not the tables of this version: {cause}.",
                "Run `socialbridge db upgrade`.",
            ) from error
        if isinstance(error, ProgrammingError):
            raise
        raise StorageError(
            f"The database cannot be used: {cause}.",
            "Check SOCIALBRIDGE_DATABASE_URL, and that the database is running and writable.",
        ) from error


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(
            "SOCIALBRIDGE_DATABASE_URL is no database address.",
            "Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
        ) from error
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        try:
            engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"), pool_size=8, hide_parameters=True
            )
        except (ImportError, NoSuchModuleError) as error:
            raise ConfigError(
                "The PostgreSQL driver is not installed.",
                "Run `pip install 'socialbridge[postgresql]'`.",
            ) from error
        _ask_the_rested(engine)
        return engine
    if backend != "sqlite":
        raise ConfigError(
            f"SOCIALBRIDGE_DATABASE_URL names {backend!r}, which the bridge does not speak.",
            "Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
        )
    # What people said and are called stands in parameters, and errors in the log.
    engine = create_engine(parsed, connect_args={"timeout": 30}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _ask_the_rested(engine: Engine) -> None:
    """Ask a connection that has rested whether it still stands, before it is used."""

    def used(dbapi: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    def asked(dbapi: Any, record: Any, proxy: object) -> None:
        if time.monotonic() - record.info.get("used", 0.0) < RESTED:
            return
        try:
            engine.dialect.do_ping(dbapi)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "connect", used)
    event.listen(engine, "checkin", used)
    event.listen(engine, "checkout", asked)


def _prepare_sqlite(dbapi: Any, record: object) -> None:
    # The driver's own way of beginning transactions is switched off: it begins too late to keep a
    # read and the write that follows from it in one snapshot.
    dbapi.isolation_level = None
    cursor = dbapi.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA cache_size = -32768")
    cursor.close()


def _begin_sqlite(sql: SqlConnection) -> None:
    options = sql.get_execution_options()
    sql.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")
