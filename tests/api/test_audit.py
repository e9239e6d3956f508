"""What auditors ask: checkpoints, proofs, exports, replays, and who read what."""

import base64
import datetime as dt
import hashlib
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pyarrow import parquet

from api.app import create_app
from api.evidence.verify_evidence import check_consistency, root_of_inclusion
from api.openapi import find_operations
from api.service import Settings
from store.merkle import hash_leaf
from tests.api.auditing import SIGNER, Bench, start
from tests.api.examples import ANNA, AS_OF, REMINDER

pytestmark = pytest.mark.anyio
YAML = {"Content-Type": "application/yaml"}


@pytest.fixture(scope="module")
async def bench(database_url: str) -> AsyncIterator[Bench]:
    """A service with a ruleset, a stored account, and some decisions."""
    async with start(database_url) as bench:
        assert (await bench.ann.post("/v1/rulesets", content=REMINDER, headers=YAML)).status_code == 201
        await bench.ann.put("/v1/accounts/anna", json=ANNA)
        for number in range(20):
            await decide(bench.ann, id=f"A-{number}", vip=number % 2 == 0)
        yield bench


async def decide(client: httpx.AsyncClient, explain: str = "reason", **account: Any) -> dict[str, Any]:
    """Ask for a decision about an account like Anna's."""
    question = {"account": ANNA | account, "as_of": AS_OF, "explain": explain}
    answer = await client.post("/v1/next-action", json=question)
    assert answer.status_code == 200, answer.text
    decision: dict[str, Any] = answer.json()
    return decision


async def test_a_decision_is_proven_to_be_in_the_signed_log(bench: Bench) -> None:
    """The proof leads from the line, which names the decision, to the root that the key signed."""
    decision = await decide(bench.ann)
    proof = (await bench.ann.get(f"/v1/audit/proof/{decision['decision_id']}")).json()
    checkpoint = SIGNER.verifier.open(proof["checkpoint"])
    assert checkpoint.size == proof["size"]
    line = json.loads(proof["line"])
    assert (line["id"], line["rule"], line["index"]) == (decision["decision_id"], "friendly-reminder", proof["index"])
    hashes = [base64.b64decode(each) for each in proof["hashes"]]
    leaf_hash = hash_leaf(proof["line"].encode())
    assert base64.b64decode(proof["leaf_hash"]) == leaf_hash
    assert root_of_inclusion(leaf_hash, proof["index"], proof["size"], hashes) == checkpoint.root
    again = await bench.ann.get(f"/v1/audit/proof/{decision['decision_id']}", params={"size": proof["size"]})
    assert (again.json()["hashes"], again.json()["checkpoint"]) == (proof["hashes"], None)


async def test_that_a_letter_was_sent_is_proven(bench: Bench) -> None:
    """Was it sent? Its line is in the signed log, and commits to what was recorded: when, how, by whom."""
    decision = (await bench.ann.get("/v1/accounts/anna/next-action", params={"as_of": AS_OF})).json()
    path = f"/v1/audit/proof/{decision['decision_id']}"
    before = await bench.ann.get(path, params={"of": "executed"})
    assert (before.status_code, "carried out" in before.json()["detail"]) == (404, True)
    body = {"decision_id": decision["decision_id"], "at": AS_OF}
    assert (await bench.ann.post("/v1/accounts/anna/history", json=body)).status_code == 201
    proof = (await bench.ann.get(path, params={"of": "executed"})).json()
    checkpoint = SIGNER.verifier.open(proof["checkpoint"])
    line = json.loads(proof["line"])
    assert (line["kind"], line["subject"], line["name"]) == ("executed", decision["decision_id"], "ann")
    leaf_hash, hashes = hash_leaf(proof["line"].encode()), [base64.b64decode(each) for each in proof["hashes"]]
    assert root_of_inclusion(leaf_hash, proof["index"], proof["size"], hashes) == checkpoint.root
    committed = hashlib.sha256(bytes.fromhex(proof["salt"]) + proof["entry"].encode()).hexdigest()
    assert committed == line["commitment"]
    assert json.loads(proof["entry"])["rule"] == decision["rule"]["id"]


async def test_the_log_is_proven_to_have_only_grown(bench: Bench) -> None:
    """A checkpoint kept earlier is shown to be the beginning of the log as it is now."""
    old = SIGNER.verifier.open((await bench.ann.get("/v1/audit/checkpoint")).text)
    for _ in range(3):
        await decide(bench.ann)
    proof = (await bench.ann.get("/v1/audit/consistency", params={"old_size": old.size})).json()
    new = SIGNER.verifier.open(proof["checkpoint"])
    assert new.size == old.size + 3
    hashes = [base64.b64decode(each) for each in proof["hashes"]]
    check_consistency(old.size, old.root, new.size, new.root, hashes)
    asked = {"old_size": old.size, "new_size": new.size}
    assert (await bench.ann.get("/v1/audit/consistency", params=asked)).json()["hashes"] == proof["hashes"]
    assert (await bench.ann.get("/v1/audit/key")).text == f"{SIGNER.verifier}\n"
    sizes = [kept.size for kept in await bench.store.log.list_checkpoints()]
    assert {old.size, new.size} <= set(sizes)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/audit/proof/{id}?size=1000000", "size"),
        ("/v1/audit/proof/{id}?size=1", "size"),
        ("/v1/audit/consistency?old_size=9&new_size=8", "old_size"),
        ("/v1/audit/consistency?old_size=1&new_size=1000000", "new_size"),
        ("/v1/audit/export?mask=name", "mask"),
        ("/v1/audit/export?mask=account_id.x", "mask"),
        ("/v1/audit/export?content=lines&account=A", "account"),
        ("/v1/audit/export?content=lines&format=parquet", "format"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_name(bench: Bench, path: str, parameter: str) -> None:
    """A size the log has not, a mask that names nothing, a part of the lines: 422."""
    decision = await decide(bench.ann)
    answer = await bench.ann.get(path.format(id=decision["decision_id"]))
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["parameter"] == parameter


async def test_without_a_key_nothing_is_signed(empty_database_url: str) -> None:
    """A server without a key says so, and how to get one."""
    async with start(empty_database_url, has_key=False) as bench:
        answer = await bench.ann.get("/v1/audit/checkpoint")
    assert (answer.status_code, answer.json()["type"]) == (501, "urn:dunning:problem:no-log-key")


async def test_lines_are_exported_as_they_were_hashed(bench: Bench) -> None:
    """Row by row the export gives the tree's leaves: whoever adds them up gets the signed root."""
    answer = await bench.ann.get("/v1/audit/export", params={"content": "lines"})
    checkpoint = SIGNER.verifier.open((await bench.ann.get("/v1/audit/checkpoint")).text)
    rows = answer.content.splitlines()
    assert len(rows) == checkpoint.size
    assert [json.loads(row)["index"] for row in rows] == list(range(len(rows)))
    level = [hashlib.sha256(b"\0" + row).digest() for row in rows]
    stack: list[tuple[int, bytes]] = []
    for leaf in level:
        size, node = 1, leaf
        while stack and stack[-1][0] == size:
            node = hashlib.sha256(b"\1" + stack.pop()[1] + node).digest()
            size *= 2
        stack.append((size, node))
    root = stack.pop()[1]
    while stack:
        root = hashlib.sha256(b"\1" + stack.pop()[1] + root).digest()
    assert root == checkpoint.root


async def test_decisions_are_exported_with_what_proves_them(bench: Bench) -> None:
    """Answer and input come byte for byte, and with the salt give the commitment in the decision's line."""
    decision = await decide(bench.ann, id="exported")
    answer = await bench.ann.get("/v1/audit/export", params={"account": "exported"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    (row,) = [json.loads(row) for row in answer.text.splitlines()]
    assert json.loads(row["answer"]) == decision
    assert json.loads(row["input"])["account"]["id"] == "exported"
    line = json.loads((await bench.ann.get(f"/v1/audit/proof/{decision['decision_id']}")).json()["line"])
    salt, answered, made_from = bytes.fromhex(row["salt"]), row["answer"].encode(), row["input"].encode()
    committed = hashlib.sha256(salt + len(answered).to_bytes(8, "big") + answered + made_from).hexdigest()
    assert (committed, row["index"]) == (line["commitment"], line["index"])


async def test_exports_are_narrowed(bench: Bench) -> None:
    """By account, ruleset, version, rule, outcome and period."""

    async def count(**wanted: str) -> int:
        return len((await bench.ann.get("/v1/audit/export", params=wanted)).text.splitlines())

    everything = await count()
    assert everything > 20
    assert await count(account="A-3") == 1
    assert await count(ruleset="nl-consumer", version="1", rule="friendly-reminder", outcome="act") == everything
    assert await count(rule="notice") == 0
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()  # noqa: TID251  ids carry the time
    assert await count(since=tomorrow) == 0
    assert await count(until=tomorrow) == everything


async def test_masked_fields_are_not_seen(bench: Bench) -> None:
    """What is masked is nowhere in the export, the claim not in an invoice's sum either; no salt helps to guess."""
    masks = "account_id,answer.reason,answer.claim,input.account.invoices.id,input.account.country"
    await decide(bench.ann, id="masked-1")
    await decide(bench.ann, id="masked-1")
    await decide(bench.ann, id="masked-2")
    answer = await bench.ann.get("/v1/audit/export", params={"mask": masks})
    for secret in ("masked-1", "masked-2", "I-1", "NL", "5 days overdue"):
        assert secret not in answer.text
    rows = [json.loads(row) for row in answer.text.splitlines()]
    names = [row["account_id"] for row in rows[-3:]]
    assert names[0] == names[1] != names[2]
    assert {row["salt"] for row in rows} == {None}
    account = json.loads(rows[-1]["input"])["account"]
    assert account["invoices"] == [{"id": "***", "due_on": "2026-11-01", "open": "***"}]


async def test_parquet_has_the_same_rows(bench: Bench) -> None:
    """A Parquet export is a table of the same columns and rows."""
    answer = await bench.ann.get("/v1/audit/export", params={"format": "parquet", "outcome": "act"})
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    table = parquet.read_table(io.BytesIO(answer.content)).to_pylist()
    rows = (await bench.ann.get("/v1/audit/export", params={"outcome": "act"})).text.splitlines()
    assert table == [json.loads(row) for row in rows]


@pytest.mark.parametrize("explain", ["none", "reason", "rules", "full"])
async def test_a_replay_gives_the_same_bytes(bench: Bench, explain: str) -> None:
    """Decided again with the pinned version and facts, every decision is the same, whatever is published since."""
    decisions = [
        await decide(bench.ann, explain),
        await decide(bench.ann, explain, country="DE"),
        await decide(bench.ann, explain, disputed=True),
        (await bench.ann.get("/v1/accounts/anna/next-action", params={"explain": explain})).json(),
        (
            await bench.ann.get("/v1/accounts/anna/next-action", params={"explain": explain, "as_of": "2026-12-24"})
        ).json(),
        (await bench.ann.get("/v1/accounts/anna/next-action?ruleset=nl-consumer&version=1")).json(),
    ]
    assert [decision["outcome"] for decision in decisions[:3]] == ["act", "not_covered", "blocked"]
    newer = REMINDER.replace("days_overdue: 3..", f"days_overdue: {len(explain)}{ord(explain[0])}..")
    version = (await bench.ann.post("/v1/rulesets", content=newer, headers=YAML)).json()["version"]
    assert (await decide(bench.ann))["outcome"] == "wait"
    again = [await bench.ann.post(f"/v1/decisions/{decision['decision_id']}/replay") for decision in decisions]
    assert (await bench.ann.post(f"/v1/rulesets/nl-consumer/versions/{version}/retire", json={})).status_code == 200
    for decision, answer in zip(decisions, (each.json() for each in again), strict=True):
        assert answer["is_equal"], answer
        assert answer["replayed"] == decision
        assert answer["differences"] == []


async def test_a_replay_that_differs_shows_where(bench: Bench) -> None:
    """Where the log does not hold what the program decides, the replay tells both values by place."""
    decision = await decide(bench.ann)
    await bench.store.database.fetch("ALTER TABLE dunning.decisions DISABLE TRIGGER USER")
    await bench.store.database.fetch(
        """UPDATE dunning.decisions SET answer = replace(answer, '"email"', '"sms"') WHERE id = $1::text::uuid""",
        decision["decision_id"],
    )
    await bench.store.database.fetch("ALTER TABLE dunning.decisions ENABLE TRIGGER USER")
    answer = (await bench.ann.post(f"/v1/decisions/{decision['decision_id']}/replay")).json()
    assert not answer["is_equal"]
    assert answer["differences"] == [{"pointer": "/action/channel", "logged": "sms", "replayed": "email"}]


async def test_what_was_erased_is_not_replayed(bench: Bench) -> None:
    """A decision whose facts are gone is still proven, and cannot be made again."""
    decision = await decide(bench.ann, id="gone")
    await bench.ann.put("/v1/accounts/gone", json=ANNA | {"id": "gone"})
    assert (await bench.ann.delete("/v1/accounts/gone")).status_code == 204
    answer = await bench.ann.post(f"/v1/decisions/{decision['decision_id']}/replay")
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:dunning:problem:facts-erased")
    assert (await bench.ann.get(f"/v1/audit/proof/{decision['decision_id']}")).status_code == 200
    (row,) = (await bench.ann.get("/v1/audit/export", params={"account": "gone"})).text.splitlines()
    assert (json.loads(row)["answer"], json.loads(row)["input"]) == (None, None)


async def test_entries_of_the_partys_other_accounts_go_with_those_accounts(bench: Bench) -> None:
    """They are part of what is shown and replayed, until the account they are about is erased."""
    for name in ("one", "two"):
        await bench.ann.put(f"/v1/accounts/{name}", json=ANNA | {"id": name, "party": "P"})
    entry = {"rule": "friendly-reminder", "at": "2026-11-05", "channel": "email", "invoices": ["I-secret"]}
    assert (await bench.ann.post("/v1/accounts/two/history", json=entry)).status_code == 201
    assert (await bench.ann.post("/v1/accounts/one/history", json=entry | {"at": "2026-11-04"})).status_code == 201
    decision = (await bench.ann.get(f"/v1/accounts/one/next-action?as_of={AS_OF[:10]}")).json()
    path = f"/v1/decisions/{decision['decision_id']}"
    shown = (await bench.ann.get(path)).json()["input"]["history"]
    assert [each.get("account") for each in shown] == [None, "two"]
    assert (await bench.ann.post(f"{path}/replay")).json()["is_equal"]
    await bench.ann.delete("/v1/accounts/two")
    shown = (await bench.ann.get(path)).json()["input"]["history"]
    assert [each["at"] for each in shown] == ["2026-11-04"]
    assert (await bench.ann.post(f"{path}/replay")).status_code == 410


async def test_every_reading_of_personal_data_is_logged(bench: Bench) -> None:
    """Who, what and when are written down before anything is read, and shown to an admin, newest first."""
    decision = await decide(bench.ann)
    before = dt.datetime.now(dt.UTC)  # noqa: TID251  the access log carries the time
    reads = [
        ("GET", f"/v1/decisions/{decision['decision_id']}"),
        ("GET", "/v1/decisions?account=anna&limit=2"),
        ("POST", f"/v1/decisions/{decision['decision_id']}/replay"),
        ("GET", "/v1/audit/export?account=anna"),
        ("GET", f"/v1/audit/proof/{decision['decision_id']}"),
        ("GET", "/v1/decisions/unknown"),
    ]
    for method, path in reads:
        await bench.bob.request(method, path)
    page = (await bench.ann.get("/v1/audit/accesses", params={"since": before.isoformat()})).json()
    assert [(each["name"], each["what"]) for each in page["accesses"]] == [
        ("bob", f"{method} {path}") for method, path in reversed(reads)
    ]
    first = (await bench.ann.get("/v1/audit/accesses", params={"limit": 2})).json()
    rest = (await bench.ann.get("/v1/audit/accesses", params={"cursor": first["next_cursor"], "limit": 2})).json()
    shown = [each["what"] for each in (*first["accesses"], *rest["accesses"])]
    assert shown == [f"{method} {path}" for method, path in reversed(reads)][:4]
    hidden = await bench.bob.get("/v1/decisions", params={"cursor": "x" * 5000, "account": "anna"})
    assert hidden.status_code == 422
    assert "longer than the 4,096 characters that the log of accesses holds" in hidden.json()["detail"]
    narrow = await bench.store.tokens.create("auditor", frozenset({"audit"}))
    answer = await bench.ann.get("/v1/audit/accesses", headers={"Authorization": f"Bearer {narrow.secret}"})
    assert answer.status_code == 403


def test_no_route_of_the_audit_scope_reads_personal_data_unseen() -> None:
    """Each route that auditors may use is either put into the access log or known to show rulesets and hashes only."""
    impersonal = {"listRulesets", "getRuleset", "listVersions", "getVersion", "diffVersions"}
    impersonal |= {"getCheckpoint", "getLogKey", "getConsistencyProof"}
    operations = [operation for _, operation in find_operations(create_app(Settings()).routes)]
    unseen = {each.name for each in operations if each.scope == "audit" and not each.reads_personal}
    assert unseen <= impersonal
