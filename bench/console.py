"""What a page of the console takes where there is much to look at: the slowest of twenty, of a million decisions.

    make bench-console                 # or ARGS="--accounts 10000 --decisions 100000"

The sample accounts are asked once; their rows, what is due of them and their decisions are then copied within the
database until there are as many as were asked for. The copies of decisions have no facts, as if these had been erased:
a list shows none. Each page is asked for by one browser, one request after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import time
from collections.abc import Mapping
from contextlib import ExitStack
from urllib.parse import urlencode

import asyncpg

from bench.http import prepared
from bench.processes import Served
from bench.targets import report_at_most

MOST_MILLISECONDS = 200
_TIMES, _WARM = 60, 3
_LOOK_SECONDS = 0.2
_SHOWN = {http.HTTPStatus.OK, http.HTTPStatus.SEE_OTHER}  # a search for an id leads to what has it
_WORST = 0.95
_PAGES = (
    "",
    "?state=approval",
    "?channel=phone",
    "/accounts",
    "/accounts?prefix=A-11",
    "/accounts/A-1001",
    "/decisions",
    "/decisions?account=A-1001",
    "/decisions?rule=friendly-reminder",
    "/decisions/{decision}",
    "/rulesets",
    "/rulesets/nl-consumer-subscription/versions/1",
    "/search?q=A-1001",
    "/search?q=reminder",
    "/sandbox",
    "/runs",
    "/audit",
)
_DUE = "SELECT EXISTS (SELECT FROM dunning.due WHERE ask_at <= now())"
_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'dunning' AND table_name = $1 AND is_generated = 'NEVER' AND is_identity = 'NO'
ORDER BY ordinal_position
"""
_COPIED = "d.{} || '-' || n"


def main() -> None:
    """Print what each page takes, and how the slowest stands with the target."""
    parser = argparse.ArgumentParser(description="Measure the pages of the console.")
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder, url, token = stack.enter_context(prepared())
        asking = Served("ours", url, folder)
        while not asyncio.run(is_asked(url)):
            time.sleep(_LOOK_SECONDS)
        asking.end()
        asyncio.run(fill(url, chosen.accounts, chosen.decisions))
        answering = Served("ours", url, folder, "--due", "off")
        stack.callback(answering.end)
        browser = Browser(answering.address, token)
        found = {page: browser.measure(page) for page in _PAGES}
        for page, milliseconds in found.items():
            print(f"  {milliseconds:7.1f} ms  /console{page}")
        report_at_most("console: p95 of the slowest page in milliseconds", max(found.values()), MOST_MILLISECONDS)


async def is_asked(url: str) -> bool:
    """Tell whether every sample has been asked about."""
    connection = await asyncpg.connect(url)
    try:
        return not await connection.fetchval(_DUE)
    finally:
        await connection.close()


async def fill(url: str, accounts: int, decisions: int) -> None:
    """Copy what there is until there is as much as was asked for."""
    connection = await asyncpg.connect(url)
    begun = time.perf_counter()
    try:
        await connection.execute("SET session_replication_role = replica")  # no trigger asks about the copies
        stored = await connection.fetchval("SELECT count(*) FROM dunning.accounts")
        logged = await connection.fetchval("SELECT count(*) FROM dunning.decisions")
        times = accounts // stored
        await copy(connection, "due", times, {"account_id": _COPIED, "decision_id": "gen_random_uuid()"})
        await copy(connection, "accounts", times, {"id": _COPIED, "revision": "nextval('dunning.account_revisions')"})
        facts = dict.fromkeys(("answer", "input", "salt", "related", "related_salt"), "NULL")
        places = {"id": "gen_random_uuid()", "account_id": _COPIED, "leaf_index": "1000000 + row_number() OVER ()"}
        await copy(connection, "decisions", decisions // logged, facts | places)
        await connection.execute("VACUUM ANALYZE")
        print(f"filled in {time.perf_counter() - begun:.0f} s: {stored * times:,} accounts, {decisions:,} decisions")
    finally:
        await connection.close()


async def copy(connection: asyncpg.Connection, table: str, times: int, instead: Mapping[str, str]) -> None:
    """Copy each row of a table so many times, with something else in the place of some columns."""
    columns = [row["column_name"] for row in await connection.fetch(_COLUMNS, table)]
    values = (instead.get(name, "d.{}").format(name) for name in columns)
    rows = f"dunning.{table} d CROSS JOIN generate_series(1, {times}) n"
    statement = f"INSERT INTO dunning.{table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {rows}"  # noqa: S608  our own words
    await connection.execute(statement)


class Browser:
    """One window of somebody who is signed in."""

    def __init__(self, address: tuple[str, int], token: str) -> None:
        self._connection = http.client.HTTPConnection(*address)
        self._headers = {"Origin": f"http://{address[0]}:{address[1]}"}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._ask("POST", "/console/sign-in", urlencode({"token": token}), form)
        self._headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]
        bearer = {"Authorization": f"Bearer {token}"}
        self._connection.request("GET", "/v1/decisions?account=A-1001&limit=1", headers=bearer)
        self._decision = json.load(self._connection.getresponse())["decisions"][0]["decision_id"]

    def measure(self, page: str) -> float:
        """Return how long a page takes in 19 of 20 cases, in milliseconds."""
        path = f"/console{page}".replace("{decision}", self._decision)
        taken = []
        for _ in range(_WARM + _TIMES):
            begun = time.perf_counter()
            answer = self._ask("GET", path)
            taken.append((time.perf_counter() - begun) * 1000)
            if answer.status not in _SHOWN:
                raise SystemExit(f"{path}: {answer.status}")
        return sorted(taken[_WARM:])[int(_TIMES * _WORST) - 1]

    def _ask(
        self, method: str, path: str, body: str | None = None, more: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        self._connection.request(method, path, body, self._headers | dict(more or {}))
        answer = self._connection.getresponse()
        answer.read()
        return answer


if __name__ == "__main__":
    main()
