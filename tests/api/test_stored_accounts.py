"""Stored accounts as a collection: asked about by their ids, checked before they are stored, their history read."""

from typing import Any

import httpx
import pytest

from store.store import Store
from tests.api.examples import ANNA, AS_OF
from tests.api.test_history import check

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("published")]


async def put(client: httpx.AsyncClient, name: str, **changed: object) -> None:
    """Store an account."""
    answer = await client.put(f"/v1/accounts/{name}", json=ANNA | {"id": name} | changed)
    assert answer.status_code in {200, 201}, answer.text


async def test_a_batch_asks_about_stored_accounts(client: httpx.AsyncClient) -> None:
    """By their ids, beside accounts that are sent; each decides as it does alone, with its history and outcomes."""
    for name in ("b1", "b2", "b3"):
        await put(client, name)
    entry = {"rule": "friendly-reminder", "at": "2026-11-05"}
    assert (await client.post("/v1/accounts/b2/history", json=entry)).status_code == 201
    dispute = {"id": "D", "type": "dispute_opened", "at": "2026-11-05"}
    assert (await client.post("/v1/accounts/b3/outcomes", json=dispute)).status_code == 201
    items: list[dict[str, Any]] = [{"account_id": name, "as_of": AS_OF} for name in ("b1", "b2", "b3", "nobody")]
    items += [{"account": ANNA | {"id": "b1"}, "as_of": AS_OF}, {"account_id": "b1", "account": ANNA}]
    items += [{"account_id": "b1", "version": 1}, {"account_id": "b1", "as_of": "soon"}, {"account_id": 7}]
    answers = (await client.post("/v1/next-actions", json={"items": items})).json()["items"]
    came = [each["decision"]["outcome"] if "decision" in each else each["problem"]["type"] for each in answers]
    invalid = "urn:dunning:problem:invalid-request"
    assert came == ["act", "wait", "blocked", "urn:dunning:problem:unknown-account", "act", *[invalid] * 4]
    places = [each["problem"]["problems"][0]["pointer"] for each in answers[5:]]
    assert places == ["/account", "/version", "/as_of", "/account_id"]
    alone = (await client.get("/v1/accounts/b2/next-action", params={"as_of": AS_OF})).json()
    together = answers[1]["decision"]
    assert together | {"decision_id": ""} == alone | {"decision_id": ""}
    replayed = (await client.post(f"/v1/decisions/{answers[2]['decision']['decision_id']}/replay")).json()
    assert replayed["is_equal"] is True


async def test_what_a_decision_would_refuse_is_told_before_it_is_stored(client: httpx.AsyncClient) -> None:
    """With `check=true`; every fact that is wrong or missing is named at its place, and nothing is stored."""
    wrong = {key: value for key, value in ANNA.items() if key != "channels"} | {
        "id": "checked",
        "contry": "NL",
        "vip": "yes",
    }
    told = check(await client.put("/v1/accounts/checked?check=true", json=wrong), 422, "invalid-account")
    assert sorted(each["pointer"] for each in told["problems"]) == ["/channels", "/contry", "/vip"]
    assert "did you mean country?" in told["detail"]
    assert (await client.get("/v1/accounts/checked")).status_code == 404
    assert (await client.put("/v1/accounts/checked", json=wrong)).status_code == 201
    right = ANNA | {"id": "checked"}
    assert (await client.put("/v1/accounts/checked?check=true", json=right)).status_code == 200
    elsewhere = wrong | {"id": "elsewhere", "country": "JP"}
    assert (await client.put("/v1/accounts/elsewhere?check=true", json=elsewhere)).status_code == 201
    odd = await client.put("/v1/accounts/checked?check=yes", json=right)
    assert (odd.status_code, odd.json()["problems"][0]["parameter"]) == (422, "check")


async def test_the_history_of_an_account_is_read_back(client: httpx.AsyncClient) -> None:
    """Its own entries, oldest first, each with when it was recorded; those of its party's others stay theirs."""
    await put(client, "h-mine", party="P-h")
    await put(client, "h-theirs", party="P-h")
    path = "/v1/accounts/h-mine/history"
    for day in ("2026-11-09", "2026-11-05"):
        assert (await client.post(path, json={"rule": "friendly-reminder", "at": day})).status_code == 201
    assert (await client.post("/v1/accounts/h-theirs/history", json={"level": 2, "at": "2026-11-06"})).is_success
    read = await client.get(path)
    entries = read.json()["history"]
    assert [(each["at"], each["rule"], "recorded_at" in each) for each in entries] == [
        ("2026-11-05", "friendly-reminder", True),
        ("2026-11-09", "friendly-reminder", True),
    ]
    again = await client.get(path, headers={"If-None-Match": read.headers["ETag"]})
    assert again.status_code == 304
    check(await client.get("/v1/accounts/nobody/history"), 404, "unknown-account")


async def test_a_token_can_ask_what_it_is(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, store: Store
) -> None:
    """Its name, its scopes and its end, whatever it may do; without a valid one nothing is told."""
    told = (await client.get("/v1/whoami")).json()
    assert (told["name"], "decide" in told["scopes"], told["expires_at"]) == ("tests", True, None)
    made = await store.tokens.create("Ann", frozenset({"audit"}), person="ann")
    headers = {"Authorization": f"Bearer {made.secret}"}
    told = (await anonymous.get("/v1/whoami", headers=headers)).json()
    assert (told["name"], told["person"], told["scopes"]) == ("Ann", "ann", ["audit"])
    check(await anonymous.get("/v1/whoami"), 401, "token-required")
