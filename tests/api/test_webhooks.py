"""/v1/webhooks."""

import base64
from typing import Any

import httpx
import pytest

from store.database import connect
from store.events import RunFinished
from store.outbox import tell
from store.store import Store
from store.verifying import verify_log
from store.webhooks import WebhookDraft
from tests.api.receiving import Receiver
from tests.waiting import until

pytestmark = pytest.mark.anyio
URL = "https://hooks.example.com/dunning"


async def make(client: httpx.AsyncClient, **how: object) -> dict[str, Any]:
    """Make a webhook."""
    answer = await client.post("/v1/webhooks", json={"url": URL} | how)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def finish(store: Store, *runs: str) -> None:
    """Let runs finish."""
    async with store.database.transaction() as connection:
        await tell(connection, *(RunFinished(run=run) for run in runs))


async def test_a_webhook_is_made_read_listed_and_deleted(client: httpx.AsyncClient) -> None:
    """It is signed with Ed25519 where nothing is said, takes every type, and is gone once deleted."""
    made = await make(client)
    assert (made["signature"], made["types"], made["in_order"], made["ended_at"]) == ("v1a", None, False, None)
    assert "secret" not in made
    assert len(base64.b64decode(made["public_key"].removeprefix("whpk_"))) == 32
    path = f"/v1/webhooks/{made['id']}"
    assert (await client.get(path)).json() == made
    assert made in (await client.get("/v1/webhooks")).json()["webhooks"]
    assert (await client.delete(path)).status_code == 204
    for answer in (await client.get(path), await client.delete(path)):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:dunning:problem:unknown-webhook")


async def test_a_shared_secret_is_shown_once(client: httpx.AsyncClient) -> None:
    """Whoever asks for HMAC gets the secret when the webhook is made and when it is rotated, and never again."""
    made = await make(client, signature="v1", types=["run.finished", "case.opened"])
    assert made["types"] == ["case.opened", "run.finished"]
    path = f"/v1/webhooks/{made['id']}"
    rotated = (await client.post(f"{path}/rotate")).json()
    secrets = [base64.b64decode(each["secret"].removeprefix("whsec_")) for each in (made, rotated)]
    assert {len(secret) for secret in secrets} == {32}
    assert secrets[0] != secrets[1]
    for answer in (await client.get(path), await client.get("/v1/webhooks"), await client.post(f"{path}/resume")):
        assert answer.status_code == 200
        assert "secret" not in answer.text
        assert "whsec_" not in answer.text


async def test_a_rotation_changes_the_public_key(client: httpx.AsyncClient) -> None:
    """The key that verifies is another one then."""
    made = await make(client)
    rotated = (await client.post(f"/v1/webhooks/{made['id']}/rotate")).json()
    assert rotated["public_key"] != made["public_key"]
    assert rotated["id"] == made["id"]


async def test_a_repeated_key_makes_one_webhook(client: httpx.AsyncClient) -> None:
    """An Idempotency-Key repeats the first answer."""
    answers = [
        await client.post("/v1/webhooks", json={"url": URL}, headers={"Idempotency-Key": "once"}) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()


async def test_private_addresses_need_the_scope_admin(client: httpx.AsyncClient, store: Store) -> None:
    """A token for events alone cannot let the service ask what only the service can reach."""
    secret = (await store.tokens.create("events only", frozenset({"events"}))).secret
    headers = {"Authorization": f"Bearer {secret}"}
    body = {"url": "http://127.0.0.1/", "allow_private": True}
    answer = await client.post("/v1/webhooks", json=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:dunning:problem:scope-required")
    answer = await client.post("/v1/webhooks", json={"url": URL}, headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/url"),
        ({"url": URL, "types": ["run.begun"]}, "/types/0"),
        ({"url": URL, "types": []}, "/types"),
        ({"url": URL, "signature": "v2"}, "/signature"),
        ({"url": URL, "secret": "mine"}, "/secret"),
        ({"url": "https://" + "a" * 2048}, "/url"),
    ],
)
async def test_what_is_wrong_is_pointed_at(client: httpx.AsyncClient, body: dict[str, object], pointer: str) -> None:
    """A webhook that cannot be made is refused with the place."""
    answer = await client.post("/v1/webhooks", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["problems"][0]["pointer"] == pointer


async def test_events_are_delivered_by_the_running_service(client: httpx.AsyncClient, store: Store) -> None:
    """What happens arrives without anybody asking, and the delivery can be read and sent again."""
    async with Receiver() as receiver:
        made = await make(client, url=receiver.url, allow_private=True, types=["run.finished"])
        await finish(store, "one", "two", "three")
        await until(lambda: len(receiver.received) == 3)
        path = f"/v1/webhooks/{made['id']}"

        async def are_delivered() -> bool:
            answer = await client.get(f"{path}/deliveries", params={"state": "delivered"})
            return len(answer.json()["deliveries"]) == 3

        await until(are_delivered)
        first = (await client.get(f"{path}/deliveries", params={"limit": 2})).json()
        second = (await client.get(f"{path}/deliveries", params={"limit": 2, "cursor": first["next_cursor"]})).json()
        shown = [*first["deliveries"], *second["deliveries"]]
        assert [each["subject"] for each in shown] == ["runs/three", "runs/two", "runs/one"]
        assert {(each["attempts"], each["last_status"], each["next_at"]) for each in shown} == {(1, 204, None)}
        assert second["next_cursor"] is None
        answer = await client.post(f"{path}/send-again", json={"events": [shown[2]["event_id"]]})
        assert answer.json() == {"count": 1}
        await until(lambda: len(receiver.received) == 4)
        assert receiver.received[3].headers["webhook-id"] == shown[2]["event_id"]
        answer = await client.post(f"{path}/send-again", json={"after": "0", "until": shown[1]["sequence"][-18:]})
        assert answer.json() == {"count": 2}
        await until(lambda: len(receiver.received) == 6)
        assert (await client.delete(path)).status_code == 204


@pytest.mark.parametrize("body", [{}, {"until": "5"}, {"events": []}, {"after": "x"}])
async def test_what_is_sent_again_must_be_named(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    """Neither ids nor a beginning: refused."""
    made = await make(client)
    answer = await client.post(f"/v1/webhooks/{made['id']}/send-again", json=body)
    assert answer.status_code == 422, answer.text


async def test_an_unknown_webhook_is_said(client: httpx.AsyncClient) -> None:
    """Every path of one that is not there answers so."""
    for name in ("01a224ec-775a-7476-8a00-c89173e7f588", "no-id"):
        path = f"/v1/webhooks/{name}"
        for answer in (
            await client.get(path),
            await client.delete(path),
            await client.post(f"{path}/rotate"),
            await client.post(f"{path}/resume"),
            await client.get(f"{path}/deliveries"),
            await client.post(f"{path}/send-again", json={"after": "0"}),
        ):
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:dunning:problem:unknown-webhook")


async def test_readiness_says_which_webhook_is_off(client: httpx.AsyncClient, store: Store) -> None:
    """An endpoint that is gone is a notice, with what to do about it, and no reason to ask another server."""
    async with Receiver("410 Gone") as receiver:
        made = await make(client, url=receiver.url, allow_private=True)
        await finish(store, "last")

        async def is_off() -> bool:
            return (await client.get(f"/v1/webhooks/{made['id']}")).json()["ended_at"] is not None

        await until(is_off)
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    (notice,) = [each for each in answer.json()["notices"] if made["id"] in each]
    assert "410 Gone" in notice
    resumed = (await client.post(f"/v1/webhooks/{made['id']}/resume")).json()
    assert (resumed["ended_at"], resumed["ended_why"]) == (None, None)
    assert made["id"] not in (await client.get("/readyz")).text


async def test_what_is_done_with_webhooks_is_logged(client: httpx.AsyncClient, store: Store) -> None:
    """Made, rotated, deleted: each a line with who did it, the host, and neither the address nor the secret."""
    made = await make(client, url=f"{URL}?key=hidden", signature="v1")
    await client.post(f"/v1/webhooks/{made['id']}/rotate")
    await client.delete(f"/v1/webhooks/{made['id']}")
    lines = [line async for line in store.log.stream_others() if line.fields.get("subject") == made["id"]]
    assert [line.kind for line in lines] == ["webhook_made", "webhook_rotated", "webhook_deleted"]
    assert {(line.fields["host"], line.fields["name"]) for line in lines} == {("hooks.example.com", "tests")}
    assert all(b"hidden" not in line.line and made["secret"].encode() not in line.line for line in lines)


@pytest.mark.parametrize(
    ("statement", "kind", "said"),
    [
        ("UPDATE dunning.webhooks SET url = 'https://evil.example.com/'", "edit", "host, url is not what was logged"),
        ("UPDATE dunning.webhooks SET secret = '\\x00'", "edit", "secret is not what was logged"),
        ("DELETE FROM dunning.webhooks", "deletion", "hooks.example.com is no longer stored"),
        (
            "INSERT INTO dunning.webhooks SELECT gen_random_uuid(), url, types, in_order, true, scheme, secret FROM w",
            "insertion",
            "is not in the log",
        ),
    ],
)
async def test_the_log_is_held_against_the_webhooks(
    empty_database_url: str, statement: str, kind: str, said: str
) -> None:
    """Who lets events be sent elsewhere past this program is found."""
    async with await Store.open(empty_database_url) as store:
        gone = await store.webhooks.create(WebhookDraft(url=URL))
        await store.webhooks.create(WebhookDraft(url=URL))
        await store.webhooks.delete(gone.id)
        connection = await connect(store.database.url)
        try:
            assert (await verify_log(connection)).findings == ()
            await connection.execute(statement.replace("FROM w", "FROM dunning.webhooks"))
            (finding,) = (await verify_log(connection)).findings
        finally:
            await connection.close()
    assert finding.kind == kind
    assert finding.message.endswith(said)
