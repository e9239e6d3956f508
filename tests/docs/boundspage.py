"""The page of docs that tells what is bounded, how, and which test proves it; made from those tests."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from api.deciding import LARGE_BYTES
from api.errors import MOST_PROBLEMS
from api.examining import MOST_BYTES, MOST_CPU_SECONDS
from api.messages import NextActionsRequest
from api.operation import Operation
from api.protocol import LEAST_BODY_BYTES, MOST_HEAD_BYTES, MOST_WASTED_BYTES, PATIENCE_SECONDS
from api.routes import accounts, next_action, rulesets
from api.service import Settings
from api.strangers import PROBES_PER_SECOND, STRANGERS_PER_SECOND, STRANGERS_SECONDS
from cli.options import MOST_WORKERS
from store.store import StoreSettings
from tests.api import (
    test_accounts,
    test_error_shape,
    test_examining,
    test_next_action,
    test_protocol,
    test_recent,
    test_serving,
    test_strangers,
    test_versions,
)
from tests.store import test_bounds, test_decisions

_ROOT = Path(__file__).parents[2]
_SERVICE, _STORE = Settings(), StoreSettings()
_QUESTIONS = msgspec.json.schema(NextActionsRequest)["$defs"]["NextActionsRequest"]["properties"]["items"]["maxItems"]

_PAGE = """# Bounds

Every queue is bounded. What does not fit is refused with a 503 or 429 and `Retry-After`, or with a 4xx that says what
fits, and nothing grows without limit. This page is made from the program's own bounds and the tests that prove them.

| what | bound | proved by |
|---|---|---|
{rows}
A worker also holds one connection for news and one for reading accounts: {connections} at most. The process that
watches the rulesets has as many of its own. So a server with N workers needs up to {connections} × (N + 1) of
PostgreSQL's `max_connections`.
"""


class Bound(msgspec.Struct, frozen=True):
    """What is bounded, how, and the test that proves it."""

    what: str
    bound: str
    proof: Callable[..., Any]


def size(operation: Operation) -> str:
    """Write how large a body may be."""
    assert operation.body is not None
    assert operation.body.most_bytes is not None
    return f"{operation.body.most_bytes >> 20} MiB"


BOUNDS = (
    Bound("body of a request", size(next_action.POST_ONE), test_error_shape.test_a_body_too_large_is_refused),
    Bound("body of a batch", size(next_action.POST_MANY), test_error_shape.test_a_body_too_large_is_refused),
    Bound(
        "body of a published ruleset with what belongs to it",
        size(rulesets.PUBLISH),
        test_error_shape.test_a_body_too_large_is_refused,
    ),
    Bound(
        "rulesets that are examined at once, by all workers of a server",
        "2; a third is answered with 429",
        test_examining.test_two_are_examined_at_once,
    ),
    Bound(
        "what the examination of one may use, and making it ready to decide",
        f"{MOST_CPU_SECONDS} s of computing, {MOST_BYTES >> 30} GiB of memory; what needs more is refused",
        test_examining.test_what_uses_up_its_bounds_is_refused,
    ),
    Bound("questions in a batch", f"{_QUESTIONS:,}", test_next_action.test_more_than_a_thousand_at_once_are_refused),
    Bound(
        "batches at once, each worker",
        f"{_SERVICE.most_batches}",
        test_next_action.test_too_many_batches_at_once_are_told_to_wait,
    ),
    Bound(
        "imports at once, each worker",
        f"{_SERVICE.most_imports}",
        test_next_action.test_too_many_batches_at_once_are_told_to_wait,
    ),
    Bound("bytes of a request's head", f"{MOST_HEAD_BYTES:,}", test_protocol.test_a_head_without_end_is_refused),
    Bound(
        "bytes of what stands around its body",
        f"{MOST_HEAD_BYTES:,}",
        test_protocol.test_what_stands_around_a_body_is_bounded,
    ),
    Bound(
        f"bytes of a body that must come in {PATIENCE_SECONDS:g} seconds",
        f"{LEAST_BODY_BYTES:,}",
        test_protocol.test_a_body_that_comes_steadily_is_read_to_its_end,
    ),
    Bound(
        "bytes of a body that are read after it was refused",
        f"{MOST_WASTED_BYTES:,}",
        test_protocol.test_the_body_of_what_was_refused_is_not_awaited_for_long,
    ),
    Bound(
        "answers a second to requests without a valid token, each worker",
        f"{STRANGERS_PER_SECOND}; more are held back, {STRANGERS_SECONDS} seconds at most",
        test_strangers.test_strangers_and_probes_have_their_rates,
    ),
    Bound(
        "answers a second to `/healthz`, `/readyz`, `/metrics` on connections that are kept, each worker",
        f"{PROBES_PER_SECOND}; the first on a connection is answered at once",
        test_strangers.test_strangers_and_probes_have_their_rates,
    ),
    Bound(
        "bytes of an account and its history; what has more is decided in a thread beside",
        f"{LARGE_BYTES:,}",
        test_next_action.test_an_account_of_very_many_invoices_is_decided_beside_the_loop,
    ),
    Bound(
        "problems that are listed of one account",
        f"{MOST_PROBLEMS}",
        test_next_action.test_an_account_that_is_all_wrong_is_answered_within_bounds,
    ),
    Bound(
        "an account after a PATCH", size(accounts.PATCH), test_accounts.test_a_patch_cannot_make_an_account_too_large
    ),
    Bound(
        "decisions waiting for their commit, each worker",
        f"{_STORE.queue_limit:,}",
        test_bounds.test_one_more_than_may_wait_is_refused,
    ),
    Bound(
        "decisions in one commit",
        f"{_STORE.batch_limit:,}",
        test_bounds.test_a_commit_has_so_many_decisions_at_most,
    ),
    Bound(
        "seconds a decision may wait for its commit",
        f"{_STORE.log_deadline_seconds:g}",
        test_decisions.test_a_log_without_database_refuses_within_the_deadline,
    ),
    Bound(
        "connections to PostgreSQL for the log, each worker",
        f"{_STORE.writer_count}",
        test_bounds.test_a_process_holds_a_few_connections,
    ),
    Bound(
        "other connections to PostgreSQL, each worker, at most",
        f"{_STORE.pool_size}",
        test_bounds.test_a_process_holds_a_few_connections,
    ),
    Bound(
        "seconds without news until a server stops deciding",
        f"{_SERVICE.stale_after_seconds:g}",
        test_versions.test_a_server_without_news_refuses_to_decide,
    ),
    Bound(
        "old versions kept ready for questions with `version`, each worker",
        f"{_SERVICE.pinned_versions_count}",
        test_recent.test_what_was_asked_for_longest_ago_gives_way,
    ),
    Bound("workers of a server", f"{MOST_WORKERS}", test_serving.test_more_workers_than_may_be_are_refused),
)


def write_page() -> str:
    """Write the page."""
    rows = "".join(f"| {each.what} | {each.bound} | {link(each.proof)} |\n" for each in BOUNDS)
    return _PAGE.format(rows=rows, connections=test_bounds.CONNECTIONS_COUNT)


def link(proof: Callable[..., Any]) -> str:
    """Name a test, and lead to its file."""
    path = Path(inspect.getfile(proof)).relative_to(_ROOT).as_posix()
    return f"[{proof.__name__.removeprefix('test_').replace('_', ' ')}](../../{path})"
