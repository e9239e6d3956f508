"""What cannot be meant is refused with its place, and changes nothing."""

import json
from typing import Any

import httpx
import pytest

from tests.api.examples import ANNA, AS_OF

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("published")]
JSON = {"Content-Type": "application/json"}
WHOLE = json.dumps({"account": ANNA, "as_of": AS_OF})


def place_of(answer: httpx.Response) -> dict[str, str]:
    """Return the first place that a refusal points at."""
    assert answer.status_code == 422, answer.text
    place: dict[str, str] = answer.json()["problems"][0]
    return place


@pytest.mark.parametrize(
    ("written", "instead", "pointer"),
    [
        ('"id": "anna"', '"id": "anna", "disputed": true, "disputed": false', "/account/disputed"),
        ('"id": "anna"', '"id": "anna", "disputed": true, "\\u0064isputed": false', "/account/disputed"),
        ('"id": "anna"', '"id": "a:b", "tags": ["\\u003a"], "vip": true, "vip": true', "/account/vip"),
        ('"id": "I-1"', '"id": "I-1", "open": 1', "/account/invoices/0/open"),
        ('{"account"', '{"as_of": "2020-01-01", "account"', "/as_of"),
        (
            '{"account"',
            '{"history": [{"at": "2026-11-02", "at": "2026-11-03", "rule": "x"}], "account"',
            "/history/0/at",
        ),
    ],
)
async def test_a_key_that_stands_twice(client: httpx.AsyncClient, written: str, instead: str, pointer: str) -> None:
    """Of two values of one key nobody can say which was meant."""
    text = WHOLE.replace(written, instead, 1)
    assert text != WHOLE
    assert place_of(await client.post("/v1/next-action", content=text, headers=JSON))["pointer"] == pointer


async def test_colons_in_texts_are_no_keys(client: httpx.AsyncClient) -> None:
    """However a colon is written in a text, a document with each key once is taken."""
    text = WHOLE.replace('"id": "anna"', '"id": "a\\u003ab:c", "as_of_note": null', 1)
    answer = await client.post("/v1/next-action", content=text, headers=JSON)
    assert answer.json()["account_id"] == "a:b:c", answer.text


async def test_a_key_that_stands_twice_is_not_stored(client: httpx.AsyncClient) -> None:
    """Neither by PUT, nor by PATCH, nor by an import."""
    twice = json.dumps(ANNA | {"id": "twice"}).replace('"country": "NL"', '"country": "NL", "country": "BE"')
    assert place_of(await client.put("/v1/accounts/twice", content=twice, headers=JSON))["pointer"] == "/country"
    answer = await client.post("/v1/accounts:import", content=twice, headers={"Content-Type": "application/x-ndjson"})
    (problem,) = answer.json()["problems"]
    assert (problem["line"], problem["pointer"]) == (1, "/country")
    assert (await client.get("/v1/accounts/twice")).status_code == 404
    await client.put("/v1/accounts/twice", json=ANNA | {"id": "twice"})
    patch = await client.patch("/v1/accounts/twice", content='{"vip": true, "vip": false}', headers=JSON)
    assert place_of(patch)["pointer"] == "/vip"


@pytest.mark.parametrize("digits", ["1e999999999", "9" * 5000, "0." + "1" * 500])
async def test_a_number_out_of_reach_is_pointed_at(client: httpx.AsyncClient, digits: str) -> None:
    """A number that would fill the memory has a pointer of its own, below keys of any name too."""
    text = WHOLE.replace("49.95", digits)
    answer = await client.post("/v1/next-action", content=text, headers=JSON)
    assert place_of(answer)["pointer"] == "/account/invoices/0/open"


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"account": []}, "/account"),
        ({"history": {}}, "/history"),
        ({"track": "a\0"}, "/track"),
        ({"version": 1 << 31, "ruleset": "nl-consumer"}, "/version"),
        ({"account": ANNA | {"currency": "eur"}}, "/account/currency"),
        ({"account": ANNA | {"currency": "EUR\0"}}, "/account/currency"),
        ({"account": ANNA | {"party": "a\0"}}, "/account/party"),
        ({"account": ANNA | {"invoices": [ANNA["invoices"][0] | {"kind": ["fee"]}]}}, "/account/invoices/0/kind"),
    ],
)
async def test_a_value_of_another_type(client: httpx.AsyncClient, changed: dict[str, Any], pointer: str) -> None:
    """Each has its place, in the envelope and in the account."""
    answer = await client.post("/v1/next-action", json={"account": ANNA, "as_of": AS_OF} | changed)
    assert place_of(answer)["pointer"] == pointer


ENTRY = {"rule": "friendly-reminder", "at": "2026-11-04T09:00:00+01:00"}


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"level": 10**30}, "level"),
        ({"level": -1}, "level"),
        ({"reset": "false"}, "reset"),
        ({"result": ["failed"]}, "result"),
        ({"account": 5}, "account"),
        ({"ruleset": ""}, "ruleset"),
        ({"action": "explode"}, "action"),
        ({"channel": "fax"}, "channel"),
        ({"also": ["email", "fax"]}, "also"),
        ({"rule": "x" * 300}, "rule"),
        ({"rule": "x\0"}, "rule"),
        ({"episode": "0001-01-01"}, "episode"),
        ({"fee": {"name": "f", "amount": "1.234", "currency": "EUR"}}, "fee"),
        ({"fee": {"name": "f", "amount": "1", "currency": "ZZZ"}}, "fee"),
    ],
)
async def test_history_that_could_never_be_read(client: httpx.AsyncClient, changed: dict[str, Any], key: str) -> None:
    """An entry is refused when it is sent with a question and when it is recorded: it could not be taken back."""
    asked = {"account": ANNA, "history": [ENTRY | changed], "as_of": AS_OF}
    assert place_of(await client.post("/v1/next-action", json=asked))["pointer"] == f"/history/0/{key}"
    await client.put("/v1/accounts/anna", json=ANNA)
    recorded = await client.post("/v1/accounts/anna/history", json=ENTRY | changed)
    assert place_of(recorded)["pointer"] == f"/{key}"
    assert (await client.get(f"/v1/accounts/anna/next-action?as_of={AS_OF[:10]}")).status_code == 200


async def test_an_entry_names_the_account_of_its_path_or_none(client: httpx.AsyncClient) -> None:
    """Another account is refused; its own is left out, since the path says it."""
    await client.put("/v1/accounts/otto", json=ANNA | {"id": "otto"})
    assert place_of(await client.post("/v1/accounts/otto/history", json=ENTRY | {"account": "anna"})) == {
        "pointer": "/account",
        "message": "the path names 'otto'.",
    }
    answer = await client.post("/v1/accounts/otto/history", json=ENTRY | {"account": "otto"})
    assert answer.status_code == 201
    assert "account" not in answer.json()


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/rulesets?foo=1", "foo"),
        ("/v1/accounts/anna?as_of=2026-11-20", "as_of"),
        ("/v1/decisions?since=2026", "since"),
        ("/v1/decisions?limit=1.0", "limit"),
        ("/v1/decisions?limit=null", "limit"),
        ("/v1/decisions?account=%00", "account"),
        ("/v1/decisions?rule=a%00", "rule"),
        ("/v1/decisions?version=2147483648", "version"),
        ("/v1/accounts/anna/next-action?version=99999999999999999999&ruleset=nl-consumer", "version"),
    ],
)
async def test_a_query_that_means_nothing(client: httpx.AsyncClient, path: str, parameter: str) -> None:
    """A parameter that is unknown, or of another form, is refused by its name."""
    assert place_of(await client.get(path))["parameter"] == parameter


async def test_an_instant_beside_the_body_is_not_passed_over(client: httpx.AsyncClient) -> None:
    """Who asks with `as_of` in the query of a POST is told so, and not answered for today."""
    answer = await client.post("/v1/next-action?as_of=2026-11-20", json={"account": ANNA})
    assert place_of(answer)["parameter"] == "as_of"


async def test_null_is_a_name_like_any_other(client: httpx.AsyncClient) -> None:
    """In a query `null` is the word, so it never asks for everything."""
    await client.post("/v1/next-action", json={"account": ANNA, "as_of": AS_OF})
    assert (await client.get("/v1/decisions?account=null")).json()["decisions"] == []
    assert (await client.get("/v1/accounts/null/next-action?ruleset=null")).status_code == 404


async def test_a_name_with_nul_is_nobodys(client: httpx.AsyncClient) -> None:
    """What PostgreSQL could not even look for is not there."""
    for path in ("/v1/rulesets/%00", "/v1/rulesets/%00/versions/1", "/v1/accounts/%00", "/v1/decisions/%00"):
        assert (await client.get(path)).status_code == 404, path


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    """Health checks and caches may ask so; a path without GET does not know it."""
    for path in ("/healthz", "/v1/vocabulary", "/v1/rulesets"):
        asked, told = await client.get(path), await client.head(path)
        assert (told.status_code, told.content) == (200, b"")
        assert told.headers.get("ETag") == asked.headers.get("ETag")
    refused = await client.head("/v1/next-actions")
    assert (refused.status_code, refused.content) == (405, b"")


async def test_options_names_every_method(client: httpx.AsyncClient) -> None:
    """Also where the methods of one path stand in several handlers."""
    answer = await client.options("/v1/accounts/anna")
    assert (answer.status_code, answer.headers["Allow"]) == (204, "DELETE, GET, OPTIONS, PATCH, PUT")
    assert (await client.options("/v1/next-action")).headers["Allow"] == "POST"
    assert (await client.options("/nowhere")).status_code == 404
