"""clients/python goes the whole way against a real server: published, asked, carried out, told."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dunning_client import AsyncClient, Client, Problem, verify_webhook
from tests.api.receiving import Receiver
from tests.waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
AS_OF = "2026-11-06T09:00:00+01:00"


def account_of(name: str) -> dict[str, Any]:
    """An account that the ruleset covers, with an invoice that is overdue."""
    invoice = {"id": "I-1", "due_on": "2026-11-01", "open": "49.95"}
    return {"id": name, "currency": "EUR", "country": "NL", "channels": ["email"], "invoices": [invoice]}


@pytest.fixture
async def client(environment: dict[str, str]) -> AsyncIterator[AsyncClient]:
    """An asynchronous client of the server."""
    async with AsyncClient(environment["DUNNING_URL"], environment["DUNNING_TOKEN"]) as made:
        yield made


def test_the_loop_is_gone_at_once(environment: dict[str, str], ruleset: Path) -> None:
    """Published, stored, decided, recorded, read back from the events, with records for all of it."""
    with Client(environment["DUNNING_URL"], environment["DUNNING_TOKEN"]) as client:
        assert client.get_readiness().status == "ready"
        assert client.publish_ruleset(ruleset.read_bytes()).version == 1
        client.put_account("L-1", account_of("L-1"))
        decision = client.get_next_action("L-1", as_of=AS_OF)
        assert decision.outcome == "act"
        recorded = client.record_history("L-1", {"decision_id": decision.decision_id, "at": AS_OF})
        assert recorded.rule == "friendly-reminder"
        told = [event for event in client.iterate_events(limit=1) if event.subject == "accounts/L-1"]
        assert decision.decision_id in [event.data.get("decision_id") for event in told]
        logged = [head.decision_id for head in client.iterate_decisions(account="L-1", limit=1)]  # the server asks too
        assert decision.decision_id in logged
        with pytest.raises(Problem) as refused:
            client.get_next_action("nobody")
        assert (refused.value.status, refused.value.type) == (404, "urn:dunning:problem:unknown-account")


@pytest.mark.parametrize("signature", ["v1a", "v1"])
async def test_an_action_carried_out_is_told_and_verified(client: AsyncClient, signature: Any) -> None:
    """A webhook's event verifies with its key, before and after a rotation, and with no other."""
    name = f"W-{signature}"
    async with Receiver() as receiver:
        hook = await client.create_webhook(
            {"url": receiver.url, "allow_private": True, "signature": signature, "types": ["action.executed"]}
        )
        key = hook.secret if signature == "v1" else hook.public_key
        assert isinstance(key, str)
        await client.put_account(name, account_of(name))
        decision = await client.get_next_action(name, as_of=AS_OF)
        await client.record_history(name, {"decision_id": decision.decision_id, "at": AS_OF})
        await until(lambda: receiver.received)
        event = verify_webhook(receiver.received[0].body, receiver.received[0].headers, key)
        assert event.data["decision_id"] == decision.decision_id
        await client.rotate_webhook_secret(hook.id)
        await client.send_again(hook.id, {"events": [event.id]})
        await until(lambda: len(receiver.received) > 1)
        assert verify_webhook(receiver.received[1].body, receiver.received[1].headers, key).id == event.id
        deliveries = [each.event_id async for each in client.iterate_deliveries(hook.id, limit=1)]
        assert deliveries == [event.id]
        await client.delete_webhook(hook.id)
    assert json.loads(receiver.received[0].body)["id"] == event.id
