"""(soak) A server under steady load for long: it answers all, and its memory stays as it is. Run by `make soak`.

What it can answer at most is measured first; then it is asked at 70 % of that, for ten minutes or as many seconds as
`python -m bench.soak SECONDS` says, in slices, after each of which its memory is looked at.
"""

from __future__ import annotations

import itertools
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from bench.http import OURS, prepared, warm, write_bodies
from bench.load import CONNECTIONS_COUNT, ask_at_most_speed, ask_steadily, write_request
from bench.processes import Served
from bench.samples import read_samples
from bench.targets import report_at_most
from cli.samples import AS_OF

USUAL_SECONDS = 600
SLICES_COUNT = 20
SHARE_OF_LIMIT = 0.7
MOST_GROWTH = 0.05
_LIMIT_ROUNDS, _LIMIT_COUNT = 3, 3_000


def main(seconds: int) -> None:
    """Print how many were answered, and by how much the memory grew; ends with an error where one was not."""
    with ExitStack() as stack:
        folder, url, token = stack.enter_context(prepared())
        server = Served(OURS, url, folder)
        stack.callback(server.end)
        requests = write_requests(token)
        warm(server, requests)
        asked = list(itertools.islice(itertools.cycle(requests), _LIMIT_COUNT))
        speeds = [ask_at_most_speed(server.address, asked, CONNECTIONS_COUNT) for _ in range(_LIMIT_ROUNDS)]
        per_second = SHARE_OF_LIMIT * statistics.median(speeds)
        count = int(per_second * seconds / SLICES_COUNT)
        print(f"soak: {statistics.median(speeds):.0f} requests a second at most; {per_second:.0f} for {seconds} s")

        def ask() -> None:
            delays = ask_steadily(server.address, requests, per_second=per_second, count=count)
            print(f"p99 {delays[count * 99 // 100] * 1000:.0f} ms, {memory_bytes_of(server) >> 20} MiB", flush=True)

        growth = growth_of(list(watch(server, ask)))
        print(f"{count * SLICES_COUNT:,} requests, each answered with 200")
        report_at_most("soak: share by which the memory grew after the first tenth", growth, MOST_GROWTH)


def write_requests(token: str) -> list[bytes]:
    """Write questions about accounts that are sent, and about accounts that are stored."""
    sent = [write_request("POST", "/v1/next-action", token=token, body=body) for body in write_bodies()]
    paths = [f"/v1/accounts/{sample.account['id']}/next-action?as_of={quote(AS_OF)}" for sample in read_samples()]
    return sent + [write_request("GET", path, token=token) for path in paths]


def watch(server: Served, ask: Callable[[], None]) -> Iterator[int]:
    """Ask slice by slice; gives the bytes of memory that the server has after each."""
    for _ in range(SLICES_COUNT):
        ask()
        yield memory_bytes_of(server)


def growth_of(memory: Sequence[int]) -> float:
    """Return by which share the memory grew, at most, beyond what it was after the first tenth."""
    settled = memory[len(memory) // 10 - 1]
    return max(memory) / settled - 1


def memory_bytes_of(server: Served) -> int:
    """Return the bytes of memory that are a server's own, not shared with files."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(line.split()[1]) << 10


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else USUAL_SECONDS)
