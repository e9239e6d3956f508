"""The short form of `make soak`, which counts requests instead of minutes."""

import itertools
from contextlib import ExitStack

import pytest

from bench.http import OURS, prepared, warm
from bench.load import CONNECTIONS_COUNT, ask_at_most_speed
from bench.processes import Served
from bench.soak import MOST_GROWTH, SLICES_COUNT, growth_of, watch, write_requests

REQUESTS_COUNT = 300  # of each slice


@pytest.mark.slow
def test_the_memory_of_a_server_stays_as_it_is() -> None:
    """Thousands of requests are each answered with 200, and the memory grows by no twentieth."""
    with ExitStack() as stack:
        folder, url, token = stack.enter_context(prepared())
        server = Served(OURS, url, folder)
        stack.callback(server.end)
        requests = write_requests(token)
        warm(server, requests)
        asked = list(itertools.islice(itertools.cycle(requests), REQUESTS_COUNT))

        def ask() -> None:
            ask_at_most_speed(server.address, asked, CONNECTIONS_COUNT)

        memory = list(watch(server, ask))
    assert growth_of(memory) < MOST_GROWTH, memory


def test_memory_that_grows_is_seen() -> None:
    """However slowly, once it is beyond a twentieth of what it was after the first tenth."""
    flat = [50, 100, *[101, 99] * (SLICES_COUNT // 2 - 1)]
    growing = [100 + number for number in range(SLICES_COUNT)]
    assert [growth_of(memory) < MOST_GROWTH for memory in (flat, growing)] == [True, False]
