"""The stored accounts: put, patched, read, erased, imported."""

import json
from typing import Any

import httpx
import pytest

from tests.api.examples import ANNA, AS_OF, REMINDER

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("published")]
NDJSON = {"Content-Type": "application/x-ndjson"}


async def test_an_account_is_stored_and_read_as_sent(client: httpx.AsyncClient) -> None:
    """PUT answers 201 for a new account and 200 for a replaced one, with an ETag that GET repeats."""
    document = json.dumps(ANNA | {"id": "put", "customer_value": 10.10})
    first = await client.put("/v1/accounts/put", content=document, headers={"Content-Type": "application/json"})
    assert first.status_code == 201, first.text
    read = await client.get("/v1/accounts/put")
    assert read.text == document
    assert read.headers["etag"] == first.headers["etag"]
    again = await client.put("/v1/accounts/put", json=ANNA | {"id": "put"})
    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]
    known = await client.get("/v1/accounts/put", headers={"If-None-Match": again.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_if_match_guards_every_change(client: httpx.AsyncClient) -> None:
    """PUT, PATCH and DELETE with an ETag that is not the account's any more change nothing."""
    document = ANNA | {"id": "match"}
    etag = (await client.put("/v1/accounts/match", json=document)).headers["etag"]
    stale = {"If-Match": '"0"'}
    for answer in (
        await client.put("/v1/accounts/match", json=document, headers=stale),
        await client.patch("/v1/accounts/match", json={"vip": True}, headers=stale),
        await client.delete("/v1/accounts/match", headers=stale),
        await client.put("/v1/accounts/match", json=document, headers={"If-None-Match": "*"}),
    ):
        assert answer.status_code == 412, answer.text
        assert answer.json()["type"] == "urn:dunning:problem:revision-mismatch"
    patched = await client.patch("/v1/accounts/match", json={"vip": True}, headers={"If-Match": f'"x", {etag}'})
    assert patched.status_code == 200
    assert (await client.delete("/v1/accounts/match", headers={"If-Match": "*"})).status_code == 204
    assert (await client.put("/v1/accounts/match", json=document, headers={"If-Match": "*"})).status_code == 412


async def test_a_patch_merges(client: httpx.AsyncClient) -> None:
    """A merge patch replaces and takes away keys, and is refused where the result is no account."""
    await client.put("/v1/accounts/patch", json=ANNA | {"id": "patch", "tags": ["a"]})
    answer = await client.patch("/v1/accounts/patch", json={"tags": None, "vip": True})
    assert answer.json() == ANNA | {"id": "patch", "vip": True}
    merge_patch = {"Content-Type": "application/merge-patch+json"}
    assert (await client.patch("/v1/accounts/patch", content=b"{}", headers=merge_patch)).status_code == 200
    for body in (b'{"id":"other"}', b'{"currency":null}', b"[]", b'{"invoices":{}}'):
        refused = await client.patch("/v1/accounts/patch", content=body, headers=merge_patch)
        assert refused.status_code == 422, body
    assert (await client.patch("/v1/accounts/nobody", json={})).status_code == 404


async def test_an_erased_account_leaves_the_log(client: httpx.AsyncClient) -> None:
    """DELETE takes the account, its history and its facts in the decision log; the log line stays."""
    await client.put("/v1/accounts/gone", json=ANNA | {"id": "gone"})
    decision = (await client.get("/v1/accounts/gone/next-action", params={"as_of": AS_OF})).json()
    assert (await client.delete("/v1/accounts/gone")).status_code == 204
    assert (await client.get("/v1/accounts/gone")).status_code == 404
    assert (await client.delete("/v1/accounts/gone")).status_code in {204, 404}
    logged = (await client.get(f"/v1/decisions/{decision['decision_id']}")).json()
    assert logged["rule"] == "friendly-reminder"
    assert "I-1" not in json.dumps(logged)


async def test_a_document_that_is_no_account_is_refused(client: httpx.AsyncClient) -> None:
    """What is checked when an account is stored is pointed at."""
    wrong: dict[str, Any] = {
        "/id": {"id": "another"},
        "/currency": {"currency": "EUX"},
        "/timezone": {"timezone": "Mars/Olympus"},
        "/invoices/0/due_on": {"invoices": [{"id": "1", "due_on": "soon", "open": 1}]},
        "/invoices/1/id": {"invoices": [{"id": "1", "due_on": "2026-01-01", "open": 1}] * 2},
        "/invoices/0/colour": {"invoices": [{"id": "1", "due_on": "2026-01-01", "open": 1, "colour": 1}]},
        "/facts_on": {"facts_on": "2026-02-30"},
        "/invoices/0/held_until": {"invoices": [{"id": "1", "due_on": "2026-01-01", "open": 1, "held_until": "soon"}]},
        "/invoices/0/payments/0/amount": {
            "invoices": [
                {"id": "1", "due_on": "2026-01-01", "open": 1, "payments": [{"on": "2026-01-02", "amount": 0}]}
            ]
        },
    }
    for pointer, change in wrong.items():
        answer = await client.put("/v1/accounts/wrong", json=ANNA | {"id": "wrong"} | change)
        assert answer.status_code == 422, answer.text
        assert pointer in [problem["pointer"] for problem in answer.json()["problems"]], answer.text
    assert (await client.get("/v1/accounts/wrong")).status_code == 404


async def test_an_import_stores_the_good_lines(client: httpx.AsyncClient) -> None:
    """Bad lines are listed by number; the others are stored, over several batches."""
    lines = [json.dumps(ANNA | {"id": f"imported-{n}"}).encode() for n in range(2500)]
    lines[10] = b"{"
    lines[20] = b'{"id":"imported-20"}'
    lines[30] = b""
    answer = await client.post("/v1/accounts:import", content=b"\n".join(lines), headers=NDJSON)
    assert answer.status_code == 200, answer.text
    counts = answer.json()
    assert counts["lines_count"] == 2500
    assert counts["new_count"] == 2497
    assert [problem["line"] for problem in counts["problems"]] == [11, 21]
    assert counts["problems"][1]["pointer"] == "/currency"
    assert (await client.get("/v1/accounts/imported-2499")).status_code == 200


async def test_an_import_is_taken_up_where_it_broke_off(client: httpx.AsyncClient) -> None:
    """The same import sent again skips the lines that were stored before."""
    url = "/v1/accounts:import?id=019aa000-0000-7000-8000-000000000001"
    lines = [json.dumps(ANNA | {"id": f"resumed-{n}"}) for n in range(1500)]
    first = await client.post(url, content="\n".join(lines[:1000]), headers=NDJSON)
    assert first.json()["new_count"] == 1000
    second = await client.post(url, content="\n".join(lines), headers=NDJSON)
    assert second.json() | {"problems": []} == {
        "lines_count": 1500,
        "new_count": 500,
        "replaced_count": 0,
        "skipped_count": 1000,
        "refused_count": 0,
        "problems": [],
    }


async def test_an_import_asked_again_says_its_refusals_again(client: httpx.AsyncClient) -> None:
    """Who lost the answer learns of every line that was not stored, with its number and reason, once and for all."""
    url = "/v1/accounts:import?id=019aa000-0000-7000-8000-000000000002"
    lines = [json.dumps(ANNA | {"id": f"kept-{n}"}) for n in range(1200)]
    lines[3], lines[1100], lines[1199] = '{"id": "kept-3"}', "", "{"
    file = "\n".join(lines)
    first = (await client.post(url, content=file, headers=NDJSON)).json()
    assert (first["new_count"], first["refused_count"]) == (1197, 2)
    assert [problem["line"] for problem in first["problems"]] == [4, 1200]
    again = (await client.post(url, content=file, headers=NDJSON)).json()
    assert again == first | {"new_count": 0, "skipped_count": 1198}
    longer = (await client.post(url, content=f"{file}\n[]", headers=NDJSON)).json()
    assert [problem["line"] for problem in longer["problems"]] == [4, 1200, 1201]
    assert (longer["refused_count"], longer["skipped_count"]) == (3, 1198)


@pytest.mark.parametrize(("number", "is_shorter"), [(3, False), (4, True)])
async def test_another_file_under_a_used_id_is_told(
    client: httpx.AsyncClient, number: int, *, is_shorter: bool
) -> None:
    """Passing over its first lines would lose them without a word; nothing of it is stored."""
    url = f"/v1/accounts:import?id=019aa000-0000-7000-8000-00000000000{number}"
    lines = [json.dumps(ANNA | {"id": f"first-{n}"}) for n in range(3)]
    assert (await client.post(url, content="\n".join(lines), headers=NDJSON)).status_code == 200
    other = [json.dumps(ANNA | {"id": f"other-{n}"}) for n in range(2)]
    file = other if is_shorter else [other[0], *lines[1:], other[1]]
    refused = await client.post(url, content="\n".join(file), headers=NDJSON)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:dunning:problem:import-conflict")
    assert (await client.get("/v1/accounts/other-0")).status_code == 404
    assert (await client.get("/v1/accounts/other-1")).status_code == 404


async def test_a_line_too_long_is_refused_alone(client: httpx.AsyncClient) -> None:
    """A line over 1 MiB is one problem; the lines around it are stored."""
    long = b'{"id":"' + b"x" * (2 << 20) + b'"}'
    good = json.dumps(ANNA | {"id": "beside"}).encode()
    answer = await client.post("/v1/accounts:import", content=good + b"\n" + long + b"\n" + good, headers=NDJSON)
    assert answer.json()["refused_count"] == 1
    assert answer.json()["problems"][0]["line"] == 2
    assert answer.json()["new_count"] == 1


async def test_a_timeline_shows_the_ladder(client: httpx.AsyncClient) -> None:
    """The timeline holds each action on its day, and nothing of it is logged."""
    await client.put("/v1/accounts/ladder", json=ANNA | {"id": "ladder", "channels": ["email", "letter"]})
    answer = await client.get("/v1/accounts/ladder/timeline", params={"as_of": "2026-11-01"})
    assert answer.status_code == 200, answer.text
    steps = [(step["on"], step["decision"]["rule"]["id"]) for step in answer.json()["steps"]]
    assert steps == [("2026-11-04", "friendly-reminder"), ("2026-11-15", "notice")]
    assert (await client.get("/v1/decisions", params={"account": "ladder"})).json()["decisions"] == []
    late = await client.get("/v1/accounts/ladder/timeline", params={"as_of": "2026-11-01", "until": "2026-10-01"})
    assert late.status_code == 422


async def test_a_timeline_is_carried_out_as_scheduled_or_as_asked(client: httpx.AsyncClient) -> None:
    """A task that waits for Monday happens on Monday, and the next step counts from there, unless it is asked."""
    waiting = REMINDER.replace("nl-consumer", "se-consumer").replace("{country: NL}", "{country: SE}")
    waiting = waiting.partition("rules:")[0] + (
        "rules:\n"
        "  - {id: first, when: {days_overdue: 3..}, then: {action: assign_task, schedule: {day: business_day}}}\n"
        "  - {id: second, after: {rule: first, days: 2}, then: {action: notify_team}}\n"
    )
    published = await client.post("/v1/rulesets", content=waiting, headers={"Content-Type": "application/yaml"})
    assert published.status_code == 201, published.text
    invoices = [{"id": "I-1", "due_on": "2026-11-04", "open": 49.95}]  # three days overdue on a Saturday
    await client.put("/v1/accounts/waits", json=ANNA | {"id": "waits", "country": "SE", "invoices": invoices})
    for executed, days in (
        ({}, [("2026-11-07", "2026-11-09"), ("2026-11-11", "2026-11-11")]),
        ({"executed": "scheduled"}, [("2026-11-07", "2026-11-09"), ("2026-11-11", "2026-11-11")]),
        ({"executed": "asked"}, [("2026-11-07", "2026-11-09"), ("2026-11-09", "2026-11-09")]),
    ):
        answer = await client.get("/v1/accounts/waits/timeline", params={"as_of": "2026-11-01"} | executed)
        assert [(step["on"], step["happens_on"]) for step in answer.json()["steps"]] == days
    unknown = await client.get("/v1/accounts/waits/timeline", params={"executed": "never"})
    assert unknown.status_code == 422


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("*", 412),
        ('"{tag}"', 412),
        ('W/"{tag}"', 412),
        ('"0", "{tag}"', 412),
        ('"0"', 200),
        ("{tag}", 422),
        ("", 422),
    ],
)
async def test_if_none_match_guards_a_put(client: httpx.AsyncClient, condition: str, status: int) -> None:
    """An account that is at one of the ETags named is left as it is; what is no ETag is refused, not passed over."""
    document = ANNA | {"id": "guarded"}
    tag = (await client.put("/v1/accounts/guarded", json=document)).headers["ETag"].strip('"')
    headers = {"If-None-Match": condition.format(tag=tag)}
    answer = await client.put("/v1/accounts/guarded", json=document | {"vip": True}, headers=headers)
    assert answer.status_code == status, answer.text
    stored = (await client.get("/v1/accounts/guarded")).json()
    assert ("vip" in stored) == (status == 200)


async def test_a_patch_cannot_make_an_account_too_large(client: httpx.AsyncClient) -> None:
    """What could not be stored at once cannot be put together either; the account stays as it was."""
    half = "x" * 600_000
    assert (await client.put("/v1/accounts/grown", json=ANNA | {"id": "grown", "note": half})).status_code == 201
    refused = await client.patch("/v1/accounts/grown", json={"more": half})
    assert (refused.status_code, refused.json()["type"]) == (413, "urn:dunning:problem:too-large")
    assert "more" not in (await client.get("/v1/accounts/grown")).json()


async def test_an_account_that_no_path_can_name_is_not_imported(client: httpx.AsyncClient) -> None:
    """Whatever asks for "." or ".." asks for another path: such an account could never be read or erased."""
    lines = "\n".join(json.dumps(ANNA | {"id": name}) for name in (".", "..", "..."))
    answer = (await client.post("/v1/accounts:import", content=lines, headers=NDJSON)).json()
    assert (answer["new_count"], [problem["pointer"] for problem in answer["problems"]]) == (1, ["/id", "/id"])
