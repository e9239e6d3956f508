"""The application: its routes and what stands around them, and the parts it opens and closes."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException

from api.asgiparameters import mend_asgi_parameters
from api.auth import authorise
from api.chores import forget_answers, forget_events, leave_with_parent, seal_accesses, share_figures, stop
from api.console.failing import answer_failure
from api.console.screen import is_of_console
from api.delivering import Courier
from api.due import ask_when_due
from api.errors import answer_error
from api.knowing import keep_known
from api.measuring import measure
from api.methods import METHODS_KEY, MethodsOfPaths, complete_methods
from api.openapi import write_openapi
from api.opening import open_service
from api.paths import refuse_odd_paths
from api.routes.reference import OPENAPI_KEY
from api.routing import ROUTES
from api.runs import RunWorker
from api.sending import Sender
from api.service import STATE_KEY, Settings
from api.shadowing import Shadowing
from api.strangers import pace
from api.tracing import Tracing, find_exporter
from store.outbox import TOPIC
from store.runs import TOPIC as RUNS
from store.shadows import TOPIC as SHADOWS
from store.store import Store


def create_app(settings: Settings, store: Store | None = None) -> Litestar:
    """Make the application; it opens its store when it starts, unless it is lent one. Raises TracingUnusable."""
    exporter = find_exporter(os.environ)
    tracing = None if exporter is None else Tracing(exporter, os.environ)

    @contextlib.asynccontextmanager
    async def run(app: Litestar) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            if tracing is not None:
                stack.callback(tracing.close)
            opened = store
            if opened is None:
                opened = await stack.enter_async_context(await Store.open(settings.database_url, settings.data_folder))
            is_embedded = store is None and not settings.database_url
            turns = settings.turns_folder or Path(stack.enter_context(TemporaryDirectory(prefix="dunning-")))
            home = settings.data_folder.parent if is_embedded else None
            service = await open_service(settings, opened, turns, home)
            stack.callback(service.shelf.close)
            stack.push_async_callback(service.rulesets.close)
            stack.push_async_callback(service.drafts.close)
            stack.push_async_callback(service.verifier.close)
            app.state[STATE_KEY] = service
            leaving = leave_with_parent(settings.parent_process)
            sender = await stack.enter_async_context(Sender())
            courier = Courier(opened.deliveries, sender)
            opened.notices.subscribe(TOPIC, courier.wake)
            worker = RunWorker(service)
            opened.notices.subscribe(RUNS, worker.wake)
            shadowing = Shadowing(service)
            opened.notices.subscribe(SHADOWS, shadowing.take_news)
            chores = (
                share_figures(service),
                forget_answers(opened),
                seal_accesses(opened),
                forget_events(opened),
                courier.run(),
                ask_when_due(service),
                keep_known(service),
                worker.run(),
                shadowing.run(),
            )
            for work in (*chores, leaving):
                stack.push_async_callback(stop, asyncio.create_task(work))
            yield

    app = Litestar(
        route_handlers=ROUTES,
        lifespan=[run],
        middleware=[authorise],
        exception_handlers={HTTPException: _answer_failure, Exception: _answer_failure},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    mend_asgi_parameters(app.asgi_router.root_route_map_node)
    methods = app.state[METHODS_KEY] = MethodsOfPaths(app.routes)
    app.asgi_handler = measure(pace(refuse_odd_paths(complete_methods(app.asgi_handler, methods))))
    if tracing is not None:
        app.asgi_handler = tracing.follow(app.asgi_handler)
    app.state[OPENAPI_KEY] = json.dumps(write_openapi(app.routes), indent=2, ensure_ascii=False).encode() + b"\n"
    return app


def _answer_failure(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an exception, people by a page."""
    return (answer_failure if is_of_console(request.scope["path"]) else answer_error)(request, error)
