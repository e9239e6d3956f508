"""(http) and (batch) What a request costs the server, divided by what one costs that does nothing.

The servers of bench/server.py take turns under 64 connections: ours, the same with one INSERT a decision, the same
without a log, and empty Litestar handlers under the same uvicorn, which take the same bodies as a dictionary. It is the
server's own processor time that counts, PostgreSQL's apart. The delays are those at half of what each can answer at
most, from the moment when a request was to be sent.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec

from api.examining import Manuscript, make_draft, read_manuscript
from api.operation import SCOPES
from bench.load import CONNECTIONS_COUNT, Refused, ask_at_most_speed, ask_steadily, write_request
from bench.processes import Served, cpu_seconds_of_children
from bench.samples import RULESETS, read_samples, store_samples
from bench.server import TABLE
from bench.targets import report_at_most
from cli.samples import AS_OF
from store.embedded import EmbeddedServer
from store.rulesets import Provenance
from store.store import Store

EMPTY, OURS = "empty", "ours"
KINDS = {
    "empty": "empty handler",
    "ours": "ours",
    "insert": "one INSERT a decision",
    "unlogged": "no log",
}
ROUNDS = 4
ROUND_COUNT = 800
STEADY_SECONDS = 3.0
READY_SECONDS = 60
BATCH_SIZE = 1_000
BATCH_COUNT = 4
BATCH_CONNECTIONS_COUNT = 2
MOST_STATELESS, MOST_STORED, MOST_BATCH = 2.0, 2.2, 0.6


class Cost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one request took: microseconds of the server and of PostgreSQL; how many a second at most, and delays."""

    server: float
    postgres: float
    per_second: float
    median_ms: float
    worst_ms: float


def main() -> None:
    """Print what requests cost each kind of server, and how ours stands with the targets."""
    with ExitStack() as stack:
        folder, url, token = stack.enter_context(prepared())
        servers: dict[str, Served] = {}
        for kind in KINDS:
            servers[kind] = Served(kind, url, folder)
            stack.callback(servers[kind].end)
        postmaster = int((folder / "postgres" / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        bodies = write_bodies()
        one = [write_request("POST", "/v1/next-action", token=token, body=body) for body in bodies]
        many = _write_batch(bodies, token)
        stored = [
            write_request("GET", f"/v1/accounts/{sample.account['id']}/next-action?as_of={quote(AS_OF)}", token=token)
            for sample in read_samples()
        ]
        posted = report("a stateless decision (POST /v1/next-action)", servers, one, postmaster)
        report_at_most("http: a stateless durable decision takes so many empty handlers", posted, MOST_STATELESS)
        got = report("a stored account (GET /v1/accounts/{id}/next-action)", servers, stored, postmaster)
        report_at_most("http: a stored account takes so many empty handlers", got, MOST_STORED)
        report_batch(servers, many, one, postmaster)


@contextmanager
def prepared() -> Iterator[tuple[Path, str, str]]:
    """Give a folder with a PostgreSQL of its own that holds what is asked about; its address, and a token's secret."""
    with tempfile.TemporaryDirectory(prefix="dunning-bench-") as made:
        folder = Path(made)
        folder.chmod(0o711)  # the account that PostgreSQL runs as must pass
        postgres = EmbeddedServer.start(folder / "postgres")
        try:
            yield folder, postgres.url(), asyncio.run(prepare_database(postgres.url()))
        finally:
            postgres.release()


async def prepare_database(url: str) -> str:
    """Make the tables, publish the examples and store the samples; returns a token's secret."""
    async with await Store.open(url) as store:
        facts = (RULESETS / "facts.yaml").read_text()
        for suite in sorted(RULESETS.glob("*_test.yaml")):
            file = suite.name.replace("_test.yaml", ".yaml")
            manuscript = Manuscript(text=(RULESETS / file).read_text(), facts=facts, file=file)
            loaded = read_manuscript(manuscript)
            if not loaded.rulesets:
                raise SystemExit(f"{file} cannot be read: {loaded.diagnostics[:3]}")
            await store.rulesets.publish(make_draft(loaded.rulesets[0], (), manuscript), Provenance(publisher="bench"))
        await store_samples(store)
        async with store.database.transaction() as connection:
            await connection.execute(TABLE)
        return (await store.tokens.create("bench", frozenset(SCOPES))).secret


def write_bodies() -> list[bytes]:
    """Write a question about each sample, with its history."""
    encode = msgspec.json.Encoder(decimal_format="number").encode
    return [encode({"account": sample.account, "history": sample.history, "as_of": AS_OF}) for sample in read_samples()]


def _write_batch(bodies: Sequence[bytes], token: str) -> bytes:
    items = b",".join(itertools.islice(itertools.cycle(bodies), BATCH_SIZE))
    return write_request("POST", "/v1/next-actions", token=token, body=b'{"items":[' + items + b"]}")


def report(what: str, servers: Mapping[str, Served], requests: Sequence[bytes], postmaster: int) -> float:
    """Print a table of what a request costs each server; returns how many empty ones ours takes."""
    for served in servers.values():
        warm(served, requests)
    costs = measure(servers, requests, postmaster)
    print(f"http: {what}, {CONNECTIONS_COUNT} connections; delays at half of what can be answered at most")
    columns = ("server, µs CPU", "/ empty", "PostgreSQL, µs", "a second", "p50, ms", "p99, ms")
    print(f"{'':<24}" + "".join(f"{column:>16}" for column in columns))
    for kind, cost in costs.items():
        ratio = cost.server / costs[EMPTY].server
        cells = (f"{cost.server:.0f}", f"{ratio:.2f}", f"{cost.postgres:.0f}", f"{cost.per_second:,.0f}")
        delays = (f"{cost.median_ms:.1f}", f"{cost.worst_ms:.1f}")
        print(f"{KINDS[kind]:<24}" + "".join(f"{cell:>16}" for cell in (*cells, *delays)))
    return costs[OURS].server / costs[EMPTY].server


def warm(served: Served, requests: Sequence[bytes]) -> None:
    """Ask until all is answered: a server makes rulesets ready after it has begun to answer."""
    for _ in range(READY_SECONDS):
        try:
            ask_at_most_speed(served.address, requests, CONNECTIONS_COUNT)
        except Refused as refused:
            last = refused
            time.sleep(1)
        else:
            return
    raise last


def measure(servers: Mapping[str, Served], requests: Sequence[bytes], postmaster: int) -> dict[str, Cost]:
    """Ask all servers in turns, then each at half its speed."""
    asked = list(itertools.islice(itertools.cycle(requests), ROUND_COUNT))
    used = dict.fromkeys(servers, (0.0, 0.0, 0.0))
    for _ in range(ROUNDS):
        for kind, served in servers.items():
            before = served.cpu_seconds, cpu_seconds_of_children(postmaster)
            speed = ask_at_most_speed(served.address, asked, CONNECTIONS_COUNT)
            after = served.cpu_seconds, cpu_seconds_of_children(postmaster)
            own, postgres, best = used[kind]
            used[kind] = own + after[0] - before[0], postgres + after[1] - before[1], max(best, speed)
    found = {}
    for kind, (own, postgres, speed) in used.items():
        count = int(speed / 2 * STEADY_SECONDS)
        delays = ask_steadily(servers[kind].address, requests, per_second=speed / 2, count=count)
        found[kind] = Cost(
            server=own / ROUNDS / ROUND_COUNT * 1e6,
            postgres=postgres / ROUNDS / ROUND_COUNT * 1e6,
            per_second=speed,
            median_ms=delays[count // 2] * 1e3,
            worst_ms=delays[count * 99 // 100] * 1e3,
        )
    return found


def report_batch(servers: Mapping[str, Served], batch: bytes, one: Sequence[bytes], postmaster: int) -> None:
    """Print what an account costs in a batch, beside an empty handler that is asked about one."""
    empty, ours = servers[EMPTY], servers[OURS]
    ask_at_most_speed(ours.address, [batch] * 2, BATCH_CONNECTIONS_COUNT)
    asked = list(itertools.islice(itertools.cycle(one), ROUNDS * ROUND_COUNT))
    begun = empty.cpu_seconds
    ask_at_most_speed(empty.address, asked, CONNECTIONS_COUNT)
    an_empty = (empty.cpu_seconds - begun) / len(asked)
    begun, postgres = ours.cpu_seconds, cpu_seconds_of_children(postmaster)
    speed = ask_at_most_speed(ours.address, [batch] * BATCH_COUNT, BATCH_CONNECTIONS_COUNT)
    an_account = (ours.cpu_seconds - begun) / BATCH_COUNT / BATCH_SIZE
    in_postgres = (cpu_seconds_of_children(postmaster) - postgres) / BATCH_COUNT / BATCH_SIZE
    print(f"batch: POST /v1/next-actions of {BATCH_SIZE:,}, microseconds an account:", end=" ")
    print(f"{an_account * 1e6:.0f} of the server, {in_postgres * 1e6:.0f} of PostgreSQL;", end=" ")
    print(f"{speed * BATCH_SIZE:,.0f} accounts a second")
    report_at_most("batch: an account takes so many empty handlers", an_account / an_empty, MOST_BATCH)
    print()
