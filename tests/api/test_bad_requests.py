"""What cannot be meant is refused with its place, and changes nothing."""

import json
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from litestar import Litestar

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
        ({"episode": "None"}, "episode"),
        ({"result": "bounced"}, "result"),
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


async def test_options_names_every_method_to_anybody(
    app: Litestar, client: httpx.AsyncClient, anonymous: httpx.AsyncClient, secret: str
) -> None:
    """Also where the methods of one path stand in several handlers, and without a token: it is in /schema anyway."""
    for asking in (client, anonymous):
        answer = await asking.options("/v1/accounts/anna")
        assert (answer.status_code, answer.headers["Allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
        assert (await asking.options("/v1/next-action")).headers["Allow"] == "OPTIONS, POST"
        assert (await asking.options("/nowhere")).status_code == 404
    assert await status_of(app, secret, b"*", "OPTIONS") == 204
    refused = await client.post("/v1/accounts/anna/next-action")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/rulesets/",
        "//v1/rulesets",
        "/v1//rulesets",
        "/v1/./rulesets",
        "/v1/accounts/../rulesets",
        "/v1/rulesets/.",
        "/v1/%72ulesets",
        "/v1%2Frulesets",
        "/v1/accounts/%2E%2E/rulesets",
        "/v1/accounts/%FF",
        "/v1/rulesets/nl-consumer/versions/01",
        "/v1/rulesets/nl-consumer/versions/+1",
        "/v1/rulesets/nl-consumer/versions/%201",
        "/v1/rulesets/nl-consumer/versions/%EF%BC%91",
        "/healthz/",
    ],
)
async def test_a_path_has_one_spelling(app: Litestar, secret: str, path: str) -> None:
    """Every other is nobody's, so that what a proxy shuts stays shut."""
    assert await status_of(app, secret, path.encode()) == 404
    assert await status_of(app, secret, b"/v1/rulesets/nl-consumer/versions/1") == 200
    assert await status_of(app, secret, b"/v1/accounts/%C3%A9%20%3A") == 404


async def status_of(app: Litestar, secret: str, raw_path: bytes, method: str = "GET") -> int:
    """Ask for a path exactly as it is spelt: clients mend many."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "method": method,
        "path": unquote(raw_path.decode()),
        "raw_path": raw_path,
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {secret}".encode()), (b"host", b"dunning.test")],
    }
    await app(scope, receive, send)  # type: ignore[arg-type]  # a scope as a server makes it
    (status,) = statuses
    return status


@pytest.mark.parametrize("as_of", ["x", "2026", "2026-11-20T09:00:00", "1899-12-31", "2200-01-01", "99999-01-01"])
async def test_an_instant_that_is_none(client: httpx.AsyncClient, as_of: str) -> None:
    """It is the request that is wrong, not the account: by parameter, by pointer, and for one item of many."""
    await client.put("/v1/accounts/anna", json=ANNA)
    place = place_of(await client.get(f"/v1/accounts/anna/next-action?as_of={as_of}"))
    assert place["parameter"] == "as_of"
    assert "1900 to 2199" in place["message"]
    answer = await client.post("/v1/next-action", json={"account": ANNA, "as_of": as_of})
    assert answer.json()["type"] == "urn:dunning:problem:invalid-request"
    assert place_of(answer)["pointer"] == "/as_of"
    many = await client.post("/v1/next-actions", json={"items": [{"account": ANNA, "as_of": as_of}]})
    assert many.json()["items"][0]["problem"]["problems"][0]["pointer"] == "/as_of"


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/accounts/anna/next-action?known_at=0001-01-01T00:00:00%2B14:00", "known_at"),
        ("/v1/accounts/anna/timeline?as_of=0001-01-01", "as_of"),
        ("/v1/accounts/anna/timeline?until=2200-01-01", "until"),
        ("/v1/decisions?since=0001-01-01T00:00:00Z", "since"),
        ("/v1/decisions?until=9999-12-31T23:59:59-14:00", "until"),
    ],
)
async def test_a_year_out_of_reach(client: httpx.AsyncClient, path: str, parameter: str) -> None:
    """Every day and instant of a query lies in the years that can be reckoned with."""
    place = place_of(await client.get(path))
    assert (place["parameter"], "1900 to 2199" in place["message"]) == (parameter, True)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/accounts/anna/next-action?as_of=",
        "/v1/accounts/anna/next-action?track=",
        "/v1/accounts/anna/next-action?ruleset=",
        "/v1/decisions?account=",
        "/v1/decisions?cursor=",
        "/v1/audit/accesses?since=",
    ],
)
async def test_an_empty_parameter_is_not_left_out(client: httpx.AsyncClient, path: str) -> None:
    """Who sends nothing for a value has lost it: today's decision, or all decisions, was hardly meant."""
    assert place_of(await client.get(path))["message"] == "it is empty; leave it out, or say what is meant."


@pytest.mark.parametrize("year", ["0001", "2200"])
async def test_a_commit_out_of_reach(client: httpx.AsyncClient, year: str) -> None:
    """The instant of a commit lies in the years that can be reckoned with, in a body as in a query."""
    body = {"text": "ruleset: x", "committed_at": f"{year}-01-01T00:00:00+14:00"}
    assert place_of(await client.post("/v1/rulesets", json=body))["pointer"] == "/committed_at"


async def test_an_empty_note_is_no_note(client: httpx.AsyncClient) -> None:
    """Why a version was retired is left out, or said."""
    path = "/v1/rulesets/nl-consumer/versions/1/activate"
    assert place_of(await client.post(path, json={"note": ""}))["pointer"] == "/note"


@pytest.mark.parametrize("key", ["track", "ruleset", "as_of"])
async def test_an_empty_text_is_not_left_out(client: httpx.AsyncClient, key: str) -> None:
    """Neither in a body."""
    assert place_of(await client.post("/v1/next-action", json={"account": ANNA, key: ""}))["pointer"] == f"/{key}"


async def test_a_version_needs_its_ruleset(client: httpx.AsyncClient) -> None:
    """Its place is told where it was given."""
    assert place_of(await client.post("/v1/next-action", json={"account": ANNA, "version": 1}))["pointer"] == "/version"
    assert place_of(await client.get("/v1/accounts/anna/next-action?version=1"))["parameter"] == "version"


async def test_names_keep_their_case(client: httpx.AsyncClient) -> None:
    """A sentence that begins with a name of a fact or a key spells it as the caller must."""
    account = {key: value for key, value in ANNA.items() if key != "channels"}
    place = place_of(await client.post("/v1/next-action", json={"account": account, "as_of": AS_OF}))
    assert place["message"].startswith("channels is needed")
