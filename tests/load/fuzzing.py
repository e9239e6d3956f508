"""Inputs by the million, of which the service takes none amiss: `make fuzz`, or `python -m tests.load.fuzzing --help`.

Questions, accounts, histories, imports and rulesets, spoiled or torn by chance, are sent to the application; rulesets
are also read where they lie. Nothing may end in a 5xx, in an exception or never, and what was refused has changed
nothing: of every row that is written a transaction that commits counts one, and a refusal leaves the count as it was.
The input of a number is always the same, whichever ran before it.
"""

import argparse
import asyncio
import collections
import contextlib
import faulthandler
import json
import random
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from api.examining import Manuscript, read_manuscript
from bench.http import prepare_database
from bench.samples import RULESETS, read_samples
from cli.samples import AS_OF
from store.embedded import EmbeddedServer
from store.store import StoreSettings
from tests.api.auditing import start
from tests.folders import make_open_folder
from tests.loading.garbling import spoil, tear
from tests.waiting import PATIENCE_SECONDS, until

USUAL_COUNT = 1_000_000
ACCOUNTS_COUNT = 20
# A machine that is slow is no finding: nothing is given up for being late.
PATIENT = StoreSettings(patience_seconds=PATIENCE_SECONDS, log_deadline_seconds=PATIENCE_SECONDS)
COUNT_WRITES = """
CREATE SEQUENCE dunning.writes;
CREATE FUNCTION dunning.count_write() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN PERFORM nextval(''dunning.writes''); RETURN NULL; END';
DO $$ DECLARE name text; BEGIN
    -- An event gets its place, and figures their columns, some time later: that is no change of whoever asks then.
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'dunning'::regnamespace AND relkind IN ('r', 'p')
        AND NOT relispartition AND relname <> 'events_end' AND NOT starts_with(relname::text, 'known_') LOOP
        EXECUTE format('CREATE CONSTRAINT TRIGGER count_write AFTER INSERT OR DELETE %s ON dunning.%I '
            'DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dunning.count_write()',
            CASE WHEN name = 'events' THEN '' ELSE 'OR UPDATE' END, name);
    END LOOP;
END $$
"""
READ_WRITES = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM dunning.writes"
SAMPLES = read_samples()
FACTS = (RULESETS / "facts.yaml").read_text()
TEXTS = [
    (suite.with_name(suite.name.replace("_test.yaml", ".yaml")).read_text(), suite.read_text())
    for suite in sorted(RULESETS.glob("*_test.yaml"))
]

Send = Callable[["Fuzzer", random.Random], Any]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken amiss: the input's number, what it was, and what came of it."""

    number: int
    kind: str
    found: str


class Fuzzer:
    """Sends inputs to one application on a database of its own."""

    def __init__(self, client: httpx.AsyncClient, connection: asyncpg.Connection, *, seed: int) -> None:
        self.client = client
        self.answered: collections.Counter[tuple[str, str]] = collections.Counter()
        self.findings: list[Finding] = []
        self._connection = connection
        self._seed = seed
        self._writes = -1

    async def run(self, numbers: range) -> None:
        """Send the inputs of these numbers, one after the other."""
        self._writes = await self._connection.fetchval(READ_WRITES)
        for number in numbers:
            faulthandler.dump_traceback_later(PATIENCE_SECONDS, exit=True)  # where one never ends
            await self._try(number)
        faulthandler.cancel_dump_traceback_later()

    async def _try(self, number: int) -> None:
        chance = random.Random(f"{self._seed}/{number}")
        (send,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        kind = send.__name__.strip("_")
        try:
            answer = await send(self, chance)
        except Exception as problem:  # noqa: BLE001  whatever it is, it is what is looked for
            self.findings.append(Finding(number=number, kind=kind, found=repr(problem)))
            return
        if not isinstance(answer, httpx.Response):
            self.answered[kind, str(answer)] += 1
            return
        self.answered[kind, str(answer.status_code)] += 1
        writes = await self._connection.fetchval(READ_WRITES)
        if answer.status_code >= 500:
            self.findings.append(Finding(number=number, kind=kind, found=f"{answer.status_code} {answer.text}"))
        elif answer.status_code >= 400 and writes != self._writes:
            found = f"{writes - self._writes} rows written by what was refused: {answer.status_code} {answer.text}"
            self.findings.append(Finding(number=number, kind=kind, found=found))
        self._writes = writes

    async def send(self, method: str, path: str, content: bytes, kind: str = "application/json") -> httpx.Response:
        """Send a body."""
        return await self.client.request(method, path, content=content, headers={"Content-Type": kind})


def garble(chance: random.Random, document: Any) -> bytes:
    """Write a document as JSON: mostly spoiled, sometimes torn, now and then as it is."""
    if chance.random() < 0.1:
        return json.dumps(document, default=str).encode()
    spoiled = json.dumps(spoil(chance, document), ensure_ascii=chance.random() < 0.5)
    return tear(chance, spoiled) if chance.random() < 0.2 and spoiled else spoiled.encode(errors="surrogatepass")


def make_question(chance: random.Random) -> dict[str, Any]:
    """Ask about one of the samples."""
    sample = chance.choice(SAMPLES)
    return {"account": sample.account, "history": sample.history, "as_of": AS_OF}


def make_path(chance: random.Random) -> str:
    """Name the account that a request is about."""
    return f"/v1/accounts/fuzzed-{chance.randrange(ACCOUNTS_COUNT)}"


async def _ask(fuzzer: Fuzzer, chance: random.Random) -> httpx.Response:
    return await fuzzer.send("POST", "/v1/next-action", garble(chance, make_question(chance)))


async def _ask_many(fuzzer: Fuzzer, chance: random.Random) -> httpx.Response:
    items = [make_question(chance) for _ in range(chance.randrange(1, 4))]
    return await fuzzer.send("POST", "/v1/next-actions", garble(chance, {"items": items}))


async def _put(fuzzer: Fuzzer, chance: random.Random) -> httpx.Response:
    path = make_path(chance)
    account = chance.choice(SAMPLES).account | {"id": path.rpartition("/")[2]}
    return await fuzzer.send("PUT", path, garble(chance, account))


async def _patch(fuzzer: Fuzzer, chance: random.Random) -> httpx.Response:
    account = chance.choice(SAMPLES).account
    some = {key: account[key] for key in chance.sample(sorted(account), min(3, len(account))) if key != "id"}
    return await fuzzer.send("PATCH", make_path(chance), garble(chance, some | {"vip": True}))


async def _record(fuzzer: Fuzzer, chance: random.Random) -> httpx.Response:
    entries = chance.choice([sample.history for sample in SAMPLES if sample.history])
    return await fuzzer.send("POST", f"{make_path(chance)}/history", garble(chance, chance.choice(entries)))


async def _import(fuzzer: Fuzzer, chance: random.Random) -> httpx.Response:
    lines = []
    for _ in range(chance.randrange(1, 4)):
        name = make_path(chance).rpartition("/")[2]
        lines.append(garble(chance, chance.choice(SAMPLES).account | {"id": name}))
    return await fuzzer.send("POST", "/v1/accounts:import", b"\n".join(lines), "application/x-ndjson")


async def _erase(fuzzer: Fuzzer, chance: random.Random) -> httpx.Response:
    return await fuzzer.client.delete(make_path(chance))


async def _publish(fuzzer: Fuzzer, chance: random.Random) -> httpx.Response:
    text, suite = chance.choice(TEXTS)
    parts = {"text": text, "suite": suite, "facts": FACTS}
    name = chance.choice(sorted(parts))
    torn = parts | {name: tear(chance, parts[name]).decode(errors="replace")}
    return await fuzzer.send("POST", "/v1/rulesets", json.dumps(torn).encode())


async def _read(_: Fuzzer, chance: random.Random) -> str:
    text, suite = chance.choice(TEXTS)
    parts = {"text": text, "suite": suite, "facts": FACTS}
    name = chance.choice(sorted(parts))
    torn = parts | {name: tear(chance, parts[name]).decode(errors="replace")}
    examination = read_manuscript(Manuscript(**torn, file="fuzzed.yaml"))
    assert examination.rulesets or examination.diagnostics
    assert all(each.line >= 1 and each.column >= 1 and each.hint for each in examination.diagnostics)
    return "read" if examination.rulesets else "refused"


# Of a thousand inputs about so many of each; publishing takes a process of its own.
WEIGHTS: dict[Send, float] = {
    _ask: 300,
    _ask_many: 50,
    _put: 200,
    _patch: 100,
    _record: 200,
    _import: 50,
    _read: 98,
    _erase: 1.5,
    _publish: 0.5,
}


@contextlib.asynccontextmanager
async def fuzzing(url: str, *, seed: int) -> AsyncIterator[Fuzzer]:
    """Make ready to send inputs to an application on an empty database."""
    await prepare_database(url)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(COUNT_WRITES)
        async with start(url, store_settings=PATIENT) as bench:

            async def is_ready() -> bool:
                readiness = (await bench.ann.get("/readyz")).json()
                return bool(readiness["problems"] == readiness["notices"] == [])

            await until(is_ready)
            yield Fuzzer(bench.ann, connection, seed=seed)
    finally:
        await connection.close()


async def fuzz(url: str, *, seed: int, first: int, count: int) -> int:
    """Send inputs and say what came of them; returns how many were taken amiss."""
    async with fuzzing(url, seed=seed) as fuzzer:
        for begun in range(first, first + count, 10_000):
            end, known_count = min(begun + 10_000, first + count), len(fuzzer.findings)
            await fuzzer.run(range(begun, end))
            for finding in fuzzer.findings[known_count:][:20]:
                say(f"input {finding.number} ({finding.kind}): {finding.found[:2000]}")
            say(f"{end - first:,} inputs, {len(fuzzer.findings)} findings")
        for (kind, answer), times in sorted(fuzzer.answered.items()):
            say(f"  {kind:<10} {answer:<8} {times:>9,}")
        return len(fuzzer.findings)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Fuzz an application on a PostgreSQL of its own; ends with 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.fuzzing", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="other inputs")
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--count", type=int, default=USUAL_COUNT, help="how many inputs")
    chosen = parser.parse_args()
    with make_open_folder() as folder:
        server = EmbeddedServer.start(Path(folder) / "postgres")
        try:
            url = server.url()
            found = asyncio.run(fuzz(url, seed=chosen.seed, first=chosen.first, count=chosen.count))
        finally:
            server.release()
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
