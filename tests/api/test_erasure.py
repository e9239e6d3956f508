"""Erasure as a client asks for it: of all that was ever told about an account nothing is left in the database."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from store.verifying import verify_log
from tests.api.auditing import Bench, start
from tests.api.examples import ANNA, AS_OF, REMINDER
from tests.store.dumping import dump
from tests.store.loggers import take_checkpoint

pytestmark = pytest.mark.anyio
ERIN: dict[str, Any] = ANNA | {
    "id": "E-1",
    "party": "P-1",
    "preferred_channel": "email",
    "invoices": [{"id": "INV-marker-1", "due_on": "2026-11-01", "open": 82719463.51}],
    "dispute_reason": "marker-dispute",
}
ENTRY = {"rule": "friendly-reminder", "at": "2026-11-05", "channel": "email", "invoices": ["INV-marker-1"]}
OUTCOMES = [
    {"id": "marker-p", "type": "promise", "at": "2026-11-02", "by": "2026-11-30"},
    {"id": "marker-d", "type": "dispute_opened", "at": "2026-11-03", "invoice": "INV-marker-1", "origin": "marker"},
]
MARKERS = ("marker", "82719463", "82,719,463", b"marker".hex())  # long enough that no hash or instant has them


@pytest.fixture
async def bench(empty_database_url: str) -> AsyncIterator[Bench]:
    """A service of the test's own, with a ruleset and another account of the same party."""
    async with start(empty_database_url) as bench:
        yaml = {"Content-Type": "application/yaml"}
        assert (await bench.ann.post("/v1/rulesets", content=REMINDER, headers=yaml)).status_code == 201
        assert (await bench.ann.put("/v1/accounts/F-1", json=ANNA | {"id": "F-1", "party": "P-1"})).status_code == 201
        yield bench


async def live(client: httpx.AsyncClient) -> list[str]:
    """Do with Erin's account all that clients do; answers the decisions about her and about her party's other."""
    ask = {"account": ERIN, "as_of": AS_OF, "explain": "full", "history": [ENTRY]}
    other = ask | {"account": ANNA | {"id": "F-1", "party": "P-1"}, "history": [ENTRY | {"account": "E-1"}]}
    imported = json.dumps(ERIN | {"dispute_reason": "marker-imported"})
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/v1/accounts:import", {"content": imported, "headers": {"Content-Type": "application/x-ndjson"}}),
        ("PUT", "/v1/accounts/E-1", {"json": ERIN}),
        ("PATCH", "/v1/accounts/E-1", {"json": {"dispute_reason": "marker-patched"}}),
        ("POST", "/v1/accounts/E-1/history", {"json": ENTRY}),
        ("POST", "/v1/accounts/E-1/outcomes", {"json": OUTCOMES}),
        ("POST", "/v1/next-action", {"json": ask}),
        ("POST", "/v1/next-actions", {"json": {"items": [ask, other]}}),
        ("GET", "/v1/accounts/E-1/timeline", {}),
        *[
            ("GET", f"/v1/accounts/{name}/next-action?as_of={day}&explain={explain}", {})
            for name in ("E-1", "F-1")
            for day in ("2026-11-06", "2026-11-20")
            for explain in ("none", "reason", "rules", "full")
        ],
    ]
    found = []
    for number, (method, path, more) in enumerate(requests):
        headers = {"Idempotency-Key": f"key-{number}"} | more.pop("headers", {})
        answer = await client.request(method, path, headers=headers, **more)
        assert answer.is_success, f"{path}: {answer.text}"
        told = answer.json()
        decisions = [item["decision"] for item in told["items"]] if "items" in told else [told]
        found += [decision["decision_id"] for decision in decisions if "decision_id" in decision]
    return found


async def test_nothing_of_an_erased_account_is_left_in_the_database(bench: Bench, empty_database_url: str) -> None:
    """Not in her document, history, outcomes or decisions, those of her party's other account, nor in kept answers."""
    decisions = await live(bench.ann)
    assert len(decisions) == 19
    before = dump(empty_database_url)
    assert all(before.count(marker) > 3 for marker in MARKERS[:2])
    checkpoint = await take_checkpoint(bench.store)

    assert (await bench.ann.delete("/v1/accounts/E-1")).status_code == 204

    after = dump(empty_database_url)
    assert [marker for marker in MARKERS if marker in after] == []
    assert all(decision_id in after for decision_id in decisions)
    async with bench.store.database.connection(60) as connection:
        verification = await verify_log(connection, checkpoints=[checkpoint, await take_checkpoint(bench.store)])
    assert verification.findings == ()
    assert (await bench.ann.get("/v1/accounts/F-1/next-action", params={"as_of": "2026-11-06"})).status_code == 200
