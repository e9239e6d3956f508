"""The application: routes, one shape for every error, and the parts it opens and closes."""

import asyncio
import contextlib
import json
import os
import signal
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from litestar import Litestar
from litestar._asgi.routing_trie.types import RouteTrieNode
from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, ControllerRouterHandler, Message, Receive, Scope, Send

from api.auth import authorise
from api.comparing import Comparer
from api.errors import answer_error
from api.metrics import Metrics, SharedFolder
from api.openapi import write_openapi
from api.requests import method_of
from api.routes import (
    accounts,
    audit,
    decisions,
    diffs,
    exports,
    health,
    history,
    imports,
    lifecycle,
    next_action,
    reference,
    replays,
    rulesets,
    timeline,
)
from api.rulesets_live import LiveRulesets
from api.service import STATE_KEY, Service, Settings
from api.shelf import Shelf
from store.errors import StoreError
from store.logkey import find_signer
from store.store import Store

_SHARING_SECONDS = 1.0
_FORGETTING_SECONDS = 60.0

ROUTES: Sequence[ControllerRouterHandler] = (
    next_action.decide_next_action,
    next_action.get_next_action,
    next_action.decide_next_actions,
    timeline.get_timeline,
    accounts.put_account,
    accounts.patch_account,
    accounts.get_account,
    accounts.delete_account,
    imports.import_accounts,
    history.record_history,
    rulesets.publish_ruleset,
    rulesets.list_rulesets,
    rulesets.get_ruleset,
    rulesets.list_versions,
    rulesets.get_version,
    diffs.diff_versions,
    decisions.get_decision,
    decisions.list_decisions,
    replays.replay_decision,
    lifecycle.approve_version,
    lifecycle.retire_version,
    lifecycle.activate_version,
    audit.get_checkpoint,
    audit.get_log_key,
    audit.get_inclusion_proof,
    audit.get_consistency_proof,
    audit.list_accesses,
    exports.export_log,
    reference.get_vocabulary,
    reference.get_ruleset_schema,
    reference.get_openapi,
    health.get_health,
    health.get_readiness,
    health.get_metrics,
)


def create_app(settings: Settings, store: Store | None = None) -> Litestar:
    """Make the application; it opens its store when it starts, unless it is lent one."""

    @contextlib.asynccontextmanager
    async def run(app: Litestar) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            opened = store
            if opened is None:
                opened = await stack.enter_async_context(await Store.open(settings.database_url, settings.data_folder))
            is_embedded = store is None and not settings.database_url
            service = await open_service(settings, opened, settings.data_folder.parent if is_embedded else None)
            stack.callback(service.shelf.close)
            app.state[STATE_KEY] = service
            for work in (share_figures(service), forget_answers(opened), leave_with_parent(settings.parent_process)):
                stack.push_async_callback(_stop, asyncio.create_task(work))
            yield

    app = Litestar(
        route_handlers=ROUTES,
        lifespan=[run],
        middleware=[authorise],
        exception_handlers={HTTPException: answer_error, Exception: answer_error},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    mend_asgi_parameters(app.asgi_router.root_route_map_node)
    app.asgi_handler = complete_methods(measure(app.asgi_handler))
    app.state[reference.OPENAPI_KEY] = (
        json.dumps(write_openapi(app.routes), indent=2, ensure_ascii=False).encode() + b"\n"
    )
    return app


def mend_asgi_parameters(node: RouteTrieNode) -> None:
    """Let ASGI routes have path parameters: Litestar 2.25 files them under "asgi" and looks them up by the method."""
    if node.is_asgi:
        found = node.path_parameters["asgi"]
        node.path_parameters = defaultdict(lambda: found, node.path_parameters)
    for child in node.children.values():
        mend_asgi_parameters(child)


async def open_service(settings: Settings, store: Store, home: Path | None = None) -> Service:
    """Put a process's parts together and load the rulesets in use; `home` is where a key of the log may be made."""
    signer = find_signer(key=settings.log_key, key_file=settings.log_key_file, home=home)
    live = LiveRulesets(
        store.rulesets,
        store.notices,
        pinned_count=settings.pinned_versions_count,
        stale_after_seconds=settings.stale_after_seconds,
    )
    await live.start()
    folder = settings.metrics_folder
    return Service(
        settings=settings,
        store=store,
        rulesets=live,
        metrics=Metrics(),
        shared_figures=None if folder is None else SharedFolder(folder, f"{os.getpid()}-{uuid.uuid4().hex[:8]}"),
        batches=asyncio.Semaphore(settings.most_batches),
        shelf=Shelf(store.rulesets),
        comparer=Comparer(),
        signer=signer,
    )


def complete_methods(app: ASGIApp) -> ASGIApp:
    """Answer HEAD as GET is answered, without the body; and let OPTIONS name all methods of its path."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        method = scope.get("method")
        if method not in {HttpMethod.HEAD, HttpMethod.OPTIONS}:
            await app(scope, receive, send)
            return
        asked = cast("Scope", {**scope, "method": HttpMethod.GET.value}) if method == HttpMethod.HEAD else scope

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.body" and method == HttpMethod.HEAD:
                message["body"] = b""
            if message["type"] == "http.response.start" and method == HttpMethod.OPTIONS:
                message["headers"] = _name_methods(asked, message["headers"])
            await send(message)

        await app(asked, receive, send_completed)

    return answer


def _name_methods(scope: Scope, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Name all methods of a path: Litestar's own OPTIONS names those of one of its handlers."""
    found = cast("dict[str, Any]", scope).get("route_handler")  # none for a path that is not there
    paths = scope["litestar_app"].route_handler_method_map
    known = {str(method) for path in (found.paths if found else ()) for method in paths.get(path, ())}
    methods = ", ".join(sorted(known & {method.value for method in HttpMethod}))
    rest = [one for one in headers if one[0] != b"allow" or not methods]
    return [*rest, (b"allow", methods.encode())] if methods else rest


def measure(app: ASGIApp) -> ASGIApp:
    """Count every answer, errors and unknown paths included, and the time it took."""

    async def count(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, note)
        finally:
            service: Service | None = scope["litestar_app"].state.get(STATE_KEY)
            if service is not None:
                route = scope.get("path_template") or "unknown"
                service.metrics.count_request(method_of(scope), route, status, time.perf_counter() - begun)

    return count


async def share_figures(service: Service) -> None:
    """Leave this process's figures for the other workers, every second."""
    while service.shared_figures is not None:
        await asyncio.to_thread(service.shared_figures.leave, health.take_figures(service))
        await asyncio.sleep(_SHARING_SECONDS)


async def forget_answers(store: Store) -> None:
    """Forget the answers kept for Idempotency-Keys whose day is over."""
    while True:
        with contextlib.suppress(StoreError):
            await store.idempotency.forget_expired()
        await asyncio.sleep(_FORGETTING_SECONDS)


async def leave_with_parent(parent_process: int | None) -> None:
    """End this worker when its parent is gone: an orphan would keep the port and answer with old settings."""
    if parent_process is None:
        return
    while os.getppid() == parent_process:  # noqa: ASYNC110  the end of a process is no event of ours
        await asyncio.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
