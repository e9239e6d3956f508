"""The parts a running service is made of, where every route finds them."""

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from litestar.types import Scope

from api.apart import Examiner
from api.comparing import Comparer
from api.forking import Forks
from api.logs import LogFormat
from api.metrics import Metrics, SharedFolder
from api.recovering import Recoverer
from api.rulesets_live import LiveRulesets
from api.shelf import Shelf
from api.verifying import Verifier
from store.checkpoints import Signer
from store.store import Store

STATE_KEY = "service"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator chooses; `cli` reads it from flags and `DUNNING_*`."""

    database_url: str | None = None
    data_folder: Path = Path(".dunning/postgres")
    watch_status: Path | None = None
    metrics_folder: Path | None = None
    turns_folder: Path | None = None
    parent_process: int | None = None
    stale_after_seconds: float = 30.0
    most_batches: int = 4
    most_imports: int = 4
    pinned_versions_count: int = 32
    four_eyes: bool = False
    due: bool = False
    log_format: LogFormat = "text"
    log_key: str | None = None
    log_key_file: Path | None = None


class DueState(msgspec.Struct, kw_only=True):
    """How asking what is due goes in this process: since when the oldest question waits, and what is in the way."""

    oldest_at: dt.datetime | None = None
    trouble: str | None = None


def read_clock() -> dt.datetime:
    """Read the time."""
    return dt.datetime.now(dt.UTC)


def pass_over(_question: object, _made: object) -> None:
    """Do nothing with an answer that was given."""


class Service(msgspec.Struct, kw_only=True):
    """One process's parts; `after_answer` hears of each question (Question) once its decision (Made) is logged."""

    settings: Settings
    store: Store
    rulesets: LiveRulesets
    metrics: Metrics
    shared_figures: SharedFolder | None
    batches: asyncio.Semaphore
    imports: asyncio.Semaphore
    shelf: Shelf
    examiner: Examiner
    comparer: Comparer
    signer: Signer | None
    drafts: Forks = msgspec.field(default_factory=lambda: Forks("api.drafting"))
    recoverer: Recoverer = msgspec.field(default_factory=Recoverer)
    verifier: Verifier = msgspec.field(default_factory=Verifier)
    due: DueState = msgspec.field(default_factory=DueState)
    now: Callable[[], dt.datetime] = read_clock
    after_answer: Callable[[Any, Any], None] = pass_over


def find_service(scope: Scope) -> Service:
    """Find the service that answers this request."""
    service: Service = scope["litestar_app"].state[STATE_KEY]
    return service
