"""Whether the service lives, whether it can decide, and its figures."""

import contextlib
import datetime as dt

import msgspec
from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api import metrics
from api.answers import answer_json
from api.operation import OPT_KEY, Answer, Operation
from api.referencemessages import Health, Readiness
from api.service import Service, find_service
from engine.evaluation.program import counters
from store.errors import StoreError
from store.known import count_faults

_LATE_SECONDS = 300.0
_PROMETHEUS = "text/plain; version=0.0.4"

HEALTHZ = Operation(
    name="getHealth",
    summary="Whether the process answers.",
    scope=None,
    answers=(Answer(about="It does.", record=Health),),
)
READYZ = Operation(
    name="getReadiness",
    summary="Whether the service can decide, and what is wrong.",
    scope=None,
    answers=(
        Answer(about="It can; `notices` may say what should be looked at.", record=Readiness),
        Answer(about="It cannot; `problems` say why.", status=503, record=Readiness),
    ),
)
METRICS = Operation(
    name="getMetrics",
    summary="Figures for Prometheus.",
    scope=None,
    answers=(Answer(about="The text format of Prometheus.", media_type=_PROMETHEUS),),
)


@get("/healthz", opt={OPT_KEY: HEALTHZ})
async def get_health() -> Response[bytes]:
    """Say that the process answers."""
    return answer_json(Health())


@get("/readyz", opt={OPT_KEY: READYZ})
async def get_readiness(scope: Scope) -> Response[bytes]:
    """Say what is wrong, if anything."""
    service = find_service(scope)
    problems = [f"{problem}" for problem in await service.store.health()]
    if service.rulesets.trouble is not None:
        problems.append(service.rulesets.trouble)
    notices = (*service.rulesets.notices, *_read_watch(service), *_say_due(service))
    with contextlib.suppress(StoreError):
        notices = (*notices, *await service.store.webhooks.list_troubles(), *await _say_faults(service))
    readiness = Readiness(
        status="not_ready" if problems else "ready",
        problems=tuple(problems),
        notices=notices,
        due_lag_seconds=None if problems else await _read_lag(service),
    )
    headers = {"Retry-After": "2"} if problems else {}
    return answer_json(readiness, status=503 if problems else 200, headers=headers)


@get("/metrics", opt={OPT_KEY: METRICS})
async def get_metrics(scope: Scope) -> Response[bytes]:
    """Write the figures of all workers of this server."""
    service = find_service(scope)
    others = service.shared_figures.read_others() if service.shared_figures is not None else []
    return Response(metrics.render([take_figures(service), *others]), media_type=_PROMETHEUS)


def take_figures(service: Service) -> metrics.Figures:
    """Take down this process's counters and gauges."""
    figures = service.metrics.figures()
    figures.set(metrics.ENGINE_DECISIONS, counters.decisions)
    figures.set(metrics.COMPARISONS, counters.comparisons)
    figures.set(metrics.DIFFERENCES, counters.differences)
    figures.set(metrics.RESETS, counters.faults)
    figures.set(metrics.WORKER_DEATHS, 0)  # a server without workers has none; the supervisor adds those it saw
    figures.set(metrics.QUEUE, service.store.decision_log.waiting_count)
    figures.set(metrics.LIVE, service.rulesets.count)
    figures.set(metrics.PREPARING, service.rulesets.preparing_count)
    figures.set(metrics.COMPILED, service.rulesets.compiled_count)
    figures.set(metrics.OVERLAPS, service.rulesets.overlaps_count)
    figures.set(metrics.SILENCE, min(service.rulesets.stale_seconds, 1e9))
    figures.set(metrics.DUE_LAG, find_lag(service))
    return figures


def find_lag(service: Service) -> float:
    """Find for how many seconds the oldest question about an account had been due when this process asked last."""
    return _measure(service.due.oldest_at, service.now())


async def _read_lag(service: Service) -> float | None:
    """Read for how many seconds the oldest question has been due, whoever is to ask it; None while it cannot be."""
    now = service.now()
    with contextlib.suppress(StoreError):
        return _measure(await service.store.due.find_oldest(now), now)
    return None


async def _say_faults(service: Service) -> tuple[str, ...]:
    """Say of how many accounts figures are worked out anew each time, for a fault of ours."""
    count = await count_faults(service.store.database)
    said = f"figures of {count:,} accounts are read from what was written each time, for a fault that the log names"
    return (said,) if count else ()


def _measure(oldest_at: dt.datetime | None, now: dt.datetime) -> float:
    return 0.0 if oldest_at is None else max((now - oldest_at).total_seconds(), 0.0)


def _say_due(service: Service) -> tuple[str, ...]:
    """Say what is in the way of asking what is due, and that it is late."""
    if not service.settings.due:
        return ()
    troubles = () if service.due.trouble is None else (f"what is due is not asked: {service.due.trouble}",)
    lag = find_lag(service)
    return (*troubles, *([f"what is due has waited for {lag:,.0f} seconds"] if lag > _LATE_SECONDS else []))


def _read_watch(service: Service) -> tuple[str, ...]:
    """Read what the watcher of the rulesets' folder, another process, has to say."""
    path = service.settings.watch_status
    if path is None:
        return ()
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[str, ...])
    except (OSError, msgspec.DecodeError):
        return ()
