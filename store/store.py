"""The store: opened once by a process, holding everything that is kept."""

import asyncio
import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg
import msgspec

from store import database as connections
from store.accesses import Accesses
from store.accounts import Accounts
from store.auditlog import AuditLog
from store.calendars import Calendars
from store.callhours import CallHours
from store.clock import Clock
from store.database import PASSING, Database
from store.decisionlog import DecisionLog
from store.decisions import Decisions
from store.deliveries import Deliveries
from store.due import Due
from store.embedded import EmbeddedServer
from store.erasures import Erasures
from store.errors import StoreError
from store.history import History
from store.idempotency import Idempotency
from store.merges import Merges
from store.migration import migrate
from store.notices import Notices
from store.outbox import Outbox
from store.outcomes import Outcomes
from store.rulesets import Rulesets
from store.runs import Runs
from store.sessions import Sessions
from store.shadows import Shadows
from store.tokens import Tokens
from store.verifications import Verifications
from store.webhooks import Webhooks
from store.worklist import Worklist

DATA_FOLDER = Path(".dunning/postgres")
DATABASE = "dunning"
_HEALTH_SECONDS = 1.0


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much the store may use and how long it may wait."""

    pool_size: int = 4
    patience_seconds: float = 5.0
    writer_count: int = 2
    queue_limit: int = 5000
    batch_limit: int = 1000
    log_deadline_seconds: float = 5.0
    ping_seconds: float = 2.0
    stale_seconds: float = 10.0


class Store:
    """Everything that is kept; close it, or use it as `async with await Store.open(…) as store`."""

    rulesets: Rulesets
    accounts: Accounts
    history: History
    outcomes: Outcomes
    merges: Merges
    decisions: Decisions
    decision_log: DecisionLog
    due: Due
    worklist: Worklist
    runs: Runs
    calendars: Calendars
    call_hours: CallHours
    sessions: Sessions
    shadows: Shadows
    log: AuditLog
    erasures: Erasures
    accesses: Accesses
    tokens: Tokens
    idempotency: Idempotency
    notices: Notices
    outbox: Outbox
    verifications: Verifications
    webhooks: Webhooks
    deliveries: Deliveries

    def __init__(self, database: Database, server: EmbeddedServer | None, settings: StoreSettings) -> None:
        self.database = database
        self._server = server
        self._settings = settings
        self.clock = Clock()
        self.notices = Notices(self._connect_or_revive, self.clock, ping_seconds=settings.ping_seconds)
        self.rulesets = Rulesets(database)
        self.accounts = Accounts(database)
        self.history = History(database)
        self.outcomes = Outcomes(database)
        self.merges = Merges(database)
        self.decisions = Decisions(database)
        self.decision_log = DecisionLog(
            self._connect,
            self.clock,
            writer_count=settings.writer_count,
            queue_limit=settings.queue_limit,
            batch_limit=settings.batch_limit,
            deadline_seconds=settings.log_deadline_seconds,
        )
        self.due = Due(database)
        self.worklist = Worklist(database)
        self.runs = Runs(database)
        self.calendars = Calendars(database)
        self.call_hours = CallHours(database)
        self.sessions = Sessions(database)
        self.shadows = Shadows(database)
        self.log = AuditLog(database)
        self.erasures = Erasures(database, self.notices)
        self.accesses = Accesses(database)
        self.tokens = Tokens(database, self.notices, stale_seconds=settings.stale_seconds)
        self.idempotency = Idempotency(database)
        self.outbox = Outbox(database)
        self.verifications = Verifications(database)
        self.webhooks = Webhooks(database)
        self.deliveries = Deliveries(database, self.outbox, self.webhooks)

    @classmethod
    async def open(
        cls, url: str | None = None, data_folder: Path = DATA_FOLDER, *, settings: StoreSettings | None = None
    ) -> "Store":
        """Connect to PostgreSQL at `url`, or to the embedded one in `data_folder`, and bring its tables up to date.

        Raises UnusableDatabase (EmbeddedServerError, MigrationError) with a sentence that says what to do.
        """
        settings = settings or StoreSettings()
        server = None
        async with contextlib.AsyncExitStack() as undo:
            if not url:
                server = await asyncio.to_thread(EmbeddedServer.start, data_folder)
                undo.push_async_callback(asyncio.to_thread, server.release)
                await _make_database(server)
                url = server.url(DATABASE)
            database = await Database.open(
                url, pool_size=settings.pool_size, patience_seconds=settings.patience_seconds
            )
            undo.push_async_callback(database.close)
            await migrate(database)
            store = cls(database, server, settings)
            undo.pop_all()  # from here on close() undoes it all
        await store.notices.start(patience_seconds=settings.patience_seconds)
        return store

    async def health(self) -> tuple[str, ...]:
        """Say what is wrong; nothing is when it is empty."""
        troubles = []
        try:
            async with asyncio.timeout(_HEALTH_SECONDS):
                await self.database.fetchval("SELECT 1")
        except (StoreError, TimeoutError):
            troubles.append("PostgreSQL does not answer")
        if self.decision_log.trouble is not None:
            troubles.append(f"decisions cannot be logged: {self.decision_log.trouble}")
        if self.clock.trouble is not None:
            troubles.append(self.clock.trouble)
        if self.accounts.trouble is not None:
            troubles.append(f"accounts cannot be read: {self.accounts.trouble}")
        if self.notices.silent_seconds > self._settings.stale_seconds:
            troubles.append("no news from other replicas: rulesets and tokens may be stale")
        return tuple(troubles)

    async def close(self) -> None:
        """Commit what waits, let go of PostgreSQL, and stop the embedded one if nobody else uses it."""
        async with (
            contextlib.AsyncExitStack() as steps
        ):  # every step is taken, last first, whatever an earlier one meets
            if self._server is not None:
                steps.push_async_callback(asyncio.to_thread, self._server.release)
            steps.push_async_callback(self.database.close)
            steps.push_async_callback(self.notices.close)
            steps.push_async_callback(self.accounts.close)
            steps.push_async_callback(self.decision_log.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _connect(self) -> asyncpg.Connection:
        return await connections.connect(self.database.url)

    async def _connect_or_revive(self) -> asyncpg.Connection:
        """Connect for news: that connection is always there, so its loss is how a dead embedded server is noticed."""
        try:
            return await self._connect()
        except PASSING:
            if self._server is None:
                raise
            await asyncio.to_thread(self._server.revive)
            return await self._connect()


async def _make_database(server: EmbeddedServer) -> None:
    connection = await connections.connect(server.url())
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        pass  # another process was faster
    finally:
        await connection.close()
