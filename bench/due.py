"""What asking again costs: a version that touches every stored account, beside single decisions; and a quiet day.

    make bench-due                     # or ARGS="--accounts 1000000 --settled --seconds 60"

A server of ours asks what is due; another one of the same database asks nothing. In the same run, one after the other:

- batch: how many stored accounts a second `POST /v1/next-actions` decides on, over two connections.
- quiet: what a server that has nothing to ask takes, and a day on which a thousandth of the accounts changes.
- publication: how long publishing takes, how long until every account is marked, how many a second are asked again.
- beside: what single decisions take at a steady rate, on the asking server before the publication and while it asks.

With `--settled` the accounts count as asked once when they have been stored, without that being done: of a million it
would take an hour, and is what the publication shows. `--seconds` then bounds each stretch.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import http.client
import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import asyncpg

from bench.http import prepared, warm
from bench.load import ask_at_most_speed, ask_steadily, write_request
from bench.processes import Served, cpu_seconds_of_children
from bench.targets import report_at_least, report_at_most

RULESET = """\
ruleset: lu-consumer
title: Luxembourg, consumers
currency: EUR
timezone: Europe/Luxembourg
applies_to: {country: LU, customer_type: consumer}
blocks:
  - {id: open-dispute, when: {disputed: true}, reason: The debt is disputed.}
rules:
  - {id: reminder, level: 1, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
  - {id: notice, level: 2, when: {days_overdue: 14..}, then: {action: send_dunning_notice, channel: letter}}
  - {id: call, level: 3, when: {days_overdue: 30..}, then: {action: place_call, channel: phone}}
"""
_FACTS = {
    "currency": "EUR",
    "country": "LU",
    "customer_type": "consumer",
    "channels": ["email", "letter", "phone"],
}
BATCH_SIZE = 1_000
PART = 20_000
LEAST_OF_BATCH, MOST_SLOWER = 1.0, 2.0
_SETTLE = """
UPDATE dunning.due SET ask_at = NULL, outcome = 'none', ruleset_id = 'lu-consumer', version = 1
WHERE ask_at IS NOT NULL
"""
_WAITING = "SELECT count(*) FROM dunning.due WHERE ask_at <= now()"
_MARKING = "SELECT EXISTS (SELECT FROM dunning.due_marks)"
_LOGGED = "SELECT size FROM dunning.log_head"
_WORK = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"


def main() -> None:
    """Print what it costs, and how that stands with the targets."""
    parser = argparse.ArgumentParser(description="Measure what asking again costs.")
    parser.add_argument("--accounts", type=int, default=20_000, help="how many are stored")
    parser.add_argument("--settled", action="store_true", help="count them as asked once without asking")
    parser.add_argument("--seconds", type=float, default=20, help="how long each stretch is, at most")
    parser.add_argument("--per-second", type=float, default=40, help="single decisions a second")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder, url, token = stack.enter_context(prepared())
        bench = Bench(folder, url, token, chosen.accounts, chosen.seconds)
        stack.callback(bench.close)
        bench.store(is_settled=chosen.settled)
        batch = bench.measure_batch()
        bench.measure_quiet()
        before = bench.ask_singly(chosen.per_second, "before")
        alone, beside = bench.measure_publication(chosen.per_second)
        report_at_least("due: accounts a second asked again, beside a batch's", alone / batch, LEAST_OF_BATCH)
        for name, share in (("p50", 50), ("p99", 99)):
            slower = _percentile(beside, share) / _percentile(before, share)
            report_at_most(f"due: {name} of single decisions while it is asked, beside before", slower, MOST_SLOWER)


class Bench:
    """A database with accounts, and two servers of it."""

    def __init__(self, folder: Path, url: str, token: str, count: int, seconds: float) -> None:
        self._url = url
        self._token = token
        self._count = count
        self._seconds = seconds
        self._answering = Served("ours", url, folder, "--due", "off")
        self._asking: Served | None = None
        self._folder = folder
        self._postmaster = int((folder / "postgres" / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        self._names = [f"L-{number:07}" for number in range(count)]
        self._runner = asyncio.Runner()  # one connection for all that is looked at: to open one takes PostgreSQL more
        self._connection: asyncpg.Connection = self._runner.run(asyncpg.connect(url))

    def close(self) -> None:
        """End the servers, and what was looked at them with."""
        self._runner.run(self._connection.close())
        self._runner.close()
        self._answering.end()
        if self._asking is not None:
            self._asking.end()

    def store(self, *, is_settled: bool) -> None:
        """Publish the first version and import the accounts; they are asked once, or count as asked."""
        self._publish(1)
        begun = time.monotonic()
        for start in range(0, self._count, PART):
            lines = b"\n".join(_write_accounts(self._names[start : start + PART], seed=start))
            self._send("POST", "/v1/accounts:import", lines, "application/x-ndjson")
        print(f"stored: {self._count:,} accounts in {time.monotonic() - begun:.1f} s")
        if is_settled:
            begun = time.monotonic()
            self._execute(_SETTLE)
            self._execute("DELETE FROM dunning.due_marks")
            self._execute("VACUUM ANALYZE dunning.due")
            print(f"counted as asked once, in {time.monotonic() - begun:.1f} s")
        self._asking = Served("ours", self._url, self._folder)
        begun = time.monotonic()
        while self._read(_WAITING) or self._read(_MARKING):
            time.sleep(0.2)
        if not is_settled:
            spent = time.monotonic() - begun
            print(f"asked for the first time: in {spent:.1f} s, {self._count / spent:,.0f} accounts a second")

    def measure_batch(self) -> float:
        """Print how many stored accounts a second are decided on in batches."""
        requests = list(self._write_batches())
        ask_at_most_speed(self._answering.address, requests[:2], 2)
        begun, used = time.monotonic(), (self._answering.cpu_seconds, cpu_seconds_of_children(self._postmaster))
        done = 0
        while time.monotonic() - begun < self._seconds / 2:
            ask_at_most_speed(self._answering.address, requests, 2)
            done += len(requests) * BATCH_SIZE
        speed = done / (time.monotonic() - begun)
        self._print_cost("batch", done, speed, self._answering, used)
        return speed

    def measure_quiet(self) -> None:
        """Print what a server takes that has nothing to ask, and what a day costs on which little changes."""
        asking = self._find_asking()
        seconds = min(self._seconds, 10)
        begun, used, work = time.monotonic(), asking.cpu_seconds, self._read(_WORK)
        time.sleep(seconds)
        spent = time.monotonic() - begun
        statements = (self._read(_WORK) - work) / spent
        share = (asking.cpu_seconds - used) / spent
        cost = f"{share:.1%} of a core, {statements:.1f} transactions a second"
        print(f"quiet: {self._count:,} accounts, nothing due: {cost}")
        changed = max(1, self._count // 1000)
        logged = self._count_decisions()
        begun, used = time.monotonic(), asking.cpu_seconds
        self._send(
            "POST",
            "/v1/accounts:import",
            b"\n".join(_write_accounts(self._names[:changed], seed=-1)),
            "application/x-ndjson",
        )
        while self._read(_WAITING):
            time.sleep(0.05)
        spent = time.monotonic() - begun
        made = self._count_decisions() - logged
        cpu = asking.cpu_seconds - used
        print(f"quiet: {changed:,} changed: {made:,} decisions, {spent:.1f} s, {cpu:.1f} s of the server's processor")

    def ask_singly(self, per_second: float, when: str) -> list[float]:
        """Print what single decisions take at a steady rate on the server that asks."""
        requests = [
            write_request("GET", f"/v1/accounts/{name}/next-action", token=self._token)
            for name in random.Random(1).sample(self._names, min(500, self._count))
        ]
        asking = self._find_asking()
        warm(asking, requests[:50])
        count = int(per_second * self._seconds)
        delays = ask_steadily(asking.address, requests, per_second=per_second, count=count)
        p50, p99 = (_percentile(delays, share) * 1e3 for share in (50, 99))
        print(f"single decisions {when}: {count:,} at {per_second:g} a second, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
        return delays

    def measure_publication(self, per_second: float) -> tuple[float, list[float]]:
        """Print how a version that touches all accounts is worked off; first alone, then beside single decisions."""
        asking = self._find_asking()
        begun = time.monotonic()
        self._publish(2)
        published = time.monotonic() - begun
        while self._count_answered() < min(BATCH_SIZE, self._count / 20):
            time.sleep(0.05)
        # What is logged now is what is asked: to count the answers each time would take a part of what is measured.
        first, since = self._count_decisions(), time.monotonic()
        used = (asking.cpu_seconds, cpu_seconds_of_children(self._postmaster))
        marked, done = None, 0
        while (spent := time.monotonic() - since) < self._seconds:
            done = self._count_decisions() - first
            if done >= self._count // 2:
                break
            if marked is None and not self._read(_MARKING):
                marked = time.monotonic() - begun
            time.sleep(0.25)
        speed = done / spent
        said = "not all in this stretch" if marked is None else f"all after {marked:.1f} s"
        print(f"publication: {published:.2f} s to publish; marked: {said}")
        self._print_cost("asked again, alone", done, speed, asking, used)
        first, since = self._count_answered(), time.monotonic()
        beside = self.ask_singly(per_second, "while it asks")
        done = self._count_answered() - first
        left = self._count - self._count_answered()
        lag = [line for line in self._get("/metrics", asking) if line.startswith("dunning_due_lag_seconds ")]
        print(f"asked again, beside them: {done / (time.monotonic() - since):,.0f} accounts a second; {left:,} left")
        print(f"lag: {lag}, /readyz: {json.loads(' '.join(self._get('/readyz', asking)))['notices']}")
        return speed, beside

    def _print_cost(self, what: str, done: int, speed: float, served: Served, used: tuple[float, float]) -> None:
        server = (served.cpu_seconds - used[0]) / max(1, done) * 1e6
        postgres = (cpu_seconds_of_children(self._postmaster) - used[1]) / max(1, done) * 1e6
        print(
            f"{what}: {speed:,.0f} accounts a second; each {server:.0f} µs of the server, {postgres:.0f} of PostgreSQL"
        )

    def _find_asking(self) -> Served:
        if self._asking is None:
            raise RuntimeError("accounts are stored first")
        return self._asking

    def _write_batches(self) -> Iterator[bytes]:
        for start in range(0, min(self._count, 8 * BATCH_SIZE), BATCH_SIZE):
            items = [{"account_id": name} for name in self._names[start : start + BATCH_SIZE]]
            yield write_request(
                "POST", "/v1/next-actions", token=self._token, body=json.dumps({"items": items}).encode()
            )

    def _publish(self, number: int) -> None:
        text = RULESET.replace("title: Luxembourg", f"title: {number}, Luxembourg").encode()
        self._send("POST", "/v1/rulesets", text, "text/yaml")

    def _send(self, method: str, path: str, body: bytes, media_type: str) -> None:
        connection = http.client.HTTPConnection(*self._answering.address, timeout=600)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": media_type}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {said[:500]!r}")

    def _get(self, path: str, served: Served) -> list[str]:
        connection = http.client.HTTPConnection(*served.address, timeout=60)
        connection.request("GET", path)
        return connection.getresponse().read().decode().splitlines()

    def _count_answered(self) -> int:
        """Count whom the second version has answered."""
        return self._read("SELECT count(*) FROM dunning.due WHERE version = 2")

    def _count_decisions(self) -> int:
        return self._read(_LOGGED)

    def _read(self, query: str) -> int:
        return int(self._runner.run(self._connection.fetchval(query)))

    def _execute(self, statement: str) -> None:
        self._runner.run(self._connection.execute(statement, timeout=1200))


def _write_accounts(names: Sequence[str], seed: int) -> Iterator[bytes]:
    """Write an account of one to three invoices for each name, due from two months ago to next month."""
    chance, today = random.Random(seed), dt.datetime.now(dt.UTC).date()
    for name in names:
        invoices = [
            {
                "id": f"{name}-{number}",
                "due_on": f"{today + dt.timedelta(days=chance.randrange(-60, 30))}",
                "open": f"{chance.randrange(10, 900)}.{chance.randrange(100):02}",
            }
            for number in range(chance.randint(1, 3))
        ]
        account = {
            "id": name,
            "currency": "EUR",
            "country": "LU",
            "customer_type": "consumer",
            "channels": ["email", "letter", "phone"],
        }
        yield json.dumps(account | {"invoices": invoices}).encode()


def _percentile(delays: Sequence[float], share: int) -> float:
    return delays[len(delays) * share // 100]


if __name__ == "__main__":
    main()
