"""(strangers) What a stranger with a thousand connections and no token costs the decisions of another client.

They are asked at a steady rate, alone and then beside the stranger; a delay counts from when its request was to be
sent. Run by `make strangers`, for ten minutes or as many seconds as `python -m bench.strangers SECONDS` says.
"""

import subprocess
import sys
from contextlib import ExitStack

from bench.http import OURS, prepared, warm, write_bodies
from bench.load import ask_steadily, write_request
from bench.processes import ROOT, Served
from bench.targets import report_at_most

CONNECTIONS_COUNT = 1000
PER_SECOND = 20
QUIET_SECONDS = 30
USUAL_SECONDS = 600
MOST_ADDED_SECONDS = 0.25


def main(seconds: int) -> None:
    """Print the delay of 99 of 100 decisions, alone and beside the stranger."""
    with ExitStack() as stack:
        folder, url, token = stack.enter_context(prepared())
        server = Served(OURS, url, folder)
        stack.callback(server.end)
        requests = [write_request("POST", "/v1/next-action", token=token, body=body) for body in write_bodies()]
        warm(server, requests)

        def ask(seconds: int) -> float:
            taken = ask_steadily(server.address, requests, per_second=PER_SECOND, count=PER_SECOND * seconds)
            return taken[len(taken) * 99 // 100]

        alone = ask(QUIET_SECONDS)
        words = map(str, (server.address[1], CONNECTIONS_COUNT, seconds + 60))
        with subprocess.Popen([sys.executable, "-m", "bench.stranger", *words], cwd=ROOT) as stranger:
            try:
                ask(3)  # while it opens its connections
                beside = ask(seconds)
            finally:
                stranger.kill()
    print(f"p99 {alone * 1000:.0f} ms alone, {beside * 1000:.0f} ms beside {CONNECTIONS_COUNT} connections")
    report_at_most("strangers: seconds that a decision takes longer at p99", beside - alone, MOST_ADDED_SECONDS)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else USUAL_SECONDS)
