"""The short form of `make fuzz`, and that it sees what it looks for."""

from typing import Any

import asyncpg
import httpx
import pytest

from tests.load.fuzzing import COUNT_WRITES, WEIGHTS, Fuzzer, fuzzing

pytestmark = pytest.mark.anyio


@pytest.mark.slow
async def test_nothing_that_is_sent_is_taken_amiss(empty_database_url: str) -> None:
    """No 5xx, no exception, no end that does not come, and what is refused has changed nothing."""
    async with fuzzing(empty_database_url, seed=1) as fuzzer:
        await fuzzer.run(range(1500))
    assert fuzzer.findings == []
    assert {kind for kind, _ in fuzzer.answered} >= {send.__name__.strip("_") for send in WEIGHTS} - {"publish"}
    assert {answer for kind, answer in fuzzer.answered if kind == "record"} >= {"201", "400", "404", "422"}


@pytest.mark.parametrize(("status", "found"), [(422, "rows written by what was refused: 422"), (500, "500 oh")])
async def test_what_is_taken_amiss_is_found(database_url: str, status: int, found: str) -> None:
    """A service that writes what it refuses, and one that breaks."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP SEQUENCE IF EXISTS dunning.writes CASCADE")
    await connection.execute("DROP FUNCTION IF EXISTS dunning.count_write CASCADE")
    await connection.execute(COUNT_WRITES)

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await connection.execute("INSERT INTO dunning.accounts (id, document) VALUES (gen_random_uuid()::text, '{}')")
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"oh"})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(answer), base_url="http://dunning.test") as client:
        fuzzer = Fuzzer(client, connection, seed=1)
        await fuzzer.run(range(30))
    await connection.close()
    sent = sum(times for (kind, _), times in fuzzer.answered.items() if kind != "read")
    assert len(fuzzer.findings) == sent > 10
    assert all(found in finding.found for finding in fuzzer.findings)
