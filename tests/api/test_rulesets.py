"""Publishing rulesets, and reading them back."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.examples import ANNA, AS_OF, REMINDER

pytestmark = pytest.mark.anyio
YAML = {"Content-Type": "application/yaml"}


def make_text(name: str, *, country: str = "ZZ", title: str = "A ruleset") -> str:
    """Write a ruleset for a country of its own, or else for a segment of its own."""
    covered = f"country: {country}" if country != "ZZ" else f"country: ZZ, segment: {name}"
    return REMINDER.replace("nl-consumer", name).replace("country: NL", covered).replace("Dutch consumers", title)


async def publish(client: httpx.AsyncClient, text: str) -> dict[str, Any]:
    """Publish a ruleset that is right."""
    answer = await client.post("/v1/rulesets", content=text, headers=YAML)
    assert answer.status_code in {200, 201}, answer.text
    version: dict[str, Any] = answer.json()
    return version


async def test_publishing_is_idempotent_by_digest(client: httpx.AsyncClient) -> None:
    """White space and comments make no new version; another meaning does."""
    first = await client.post("/v1/rulesets", content=make_text("digest"), headers=YAML)
    assert (first.status_code, first.json()["version"], first.json()["is_new"]) == (201, 1, True)
    again = await client.post("/v1/rulesets", content="# a comment\n" + make_text("digest"), headers=YAML)
    assert (again.status_code, again.json()["version"], again.json()["is_new"]) == (200, 1, False)
    assert again.json()["digest"] == first.json()["digest"]
    other = await client.post("/v1/rulesets", content=make_text("digest", title="Other"), headers=YAML)
    assert (other.status_code, other.json()["version"]) == (201, 2)


async def test_a_version_keeps_its_text_and_provenance(client: httpx.AsyncClient) -> None:
    """What was published is read back as written, with where it came from."""
    provenance = {
        "repository": "https://example.org/rules.git",
        "commit": "3f2c",
        "author": "Ann <ann@example.org>",
        "committer": "Bob <bob@example.org>",
        "committed_at": "2026-11-01T10:00:00Z",
    }
    text = "# kept\n" + make_text("kept")
    answer = await client.post("/v1/rulesets", json={"text": text, "file": "kept.yaml"} | provenance)
    assert answer.status_code == 201, answer.text
    version = (await client.get("/v1/rulesets/kept/versions/1")).json()
    assert version["text"] == text
    assert {key: version[key] for key in provenance} == provenance
    assert version["canonical"]["ruleset"] == "kept"
    assert version["effective_from"] == "2026-01-01"
    assert version["is_active"] is True
    by_query = await client.post("/v1/rulesets", content=make_text("query"), headers=YAML, params={"commit": "77ab"})
    assert by_query.json()["commit"] == "77ab"


async def test_shared_facts_belong_to_the_version(client: httpx.AsyncClient) -> None:
    """A facts.yaml sent beside the ruleset gives it its facts, for good."""
    text = make_text("shared", country="FA").replace("{days_overdue: 3..}", "{days_overdue: 3.., shoe_size: 40..}")
    facts = "facts:\n  shoe_size: {type: integer, default: 44}\n"
    alone = await client.post("/v1/rulesets", json={"text": text})
    assert alone.status_code == 422
    assert (await client.post("/v1/rulesets", json={"text": text, "facts": facts})).status_code == 201
    account = ANNA | {"country": "FA", "shoe_size": 41}
    decision = (await client.post("/v1/next-action", json={"account": account, "as_of": AS_OF})).json()
    assert decision["rule"]["id"] == "friendly-reminder"


async def test_guarantees_belong_to_the_version(client: httpx.AsyncClient) -> None:
    """A version keeps its folder's guarantees.yaml as written, and what became of each guarantee."""
    own = "guarantees: [{id: no-calls, never: {action: place_call}}]\n"
    text = make_text("guarded", country="GU") + own
    policy = "guarantees:\n  - {id: no-agency, says: Nobody is handed over., never: {action: hand_over}}\n"
    first = await client.post("/v1/rulesets", json={"text": text})
    both = await client.post("/v1/rulesets", json={"text": text, "guarantees": policy})
    assert (first.status_code, both.status_code, both.json()["version"]) == (201, 201, 2)
    version = (await client.get("/v1/rulesets/guarded/versions/2")).json()
    assert version["guarantees"] == policy
    assert [(each["id"], each["verdict"]) for each in version["verdicts"]] == [
        ("no-calls", "idle"),
        ("no-agency", "idle"),
    ]
    assert (await client.post("/v1/next-action", json={"account": ANNA | {"country": "GU"}, "as_of": AS_OF})).json()[
        "rule"
    ]


@pytest.mark.parametrize("silence", ["", "  # dunning: ignore guarantee-refuted we know"])
async def test_a_refuted_guarantee_keeps_a_ruleset_from_being_published(
    client: httpx.AsyncClient, silence: str
) -> None:
    """A ruleset that does what its folder forbids is refused, at the guarantee, also where a comment silences that."""
    policy = f"guarantees:\n  - {{id: silent, never: {{action: send_reminder}}}}{silence}\n"
    answer = await client.post("/v1/rulesets", json={"text": make_text("refuted"), "guarantees": policy})
    assert answer.status_code == 422
    (found,) = [each for each in answer.json()["diagnostics"] if each["severity"] == "error"]
    assert (found["code"], found["file"], found["line"]) == ("guarantee-refuted", "guarantees.yaml", 2)
    assert (await client.get("/v1/rulesets/refuted")).status_code == 404


async def test_a_broken_ruleset_is_refused_with_every_diagnostic(client: httpx.AsyncClient) -> None:
    """Errors refuse the ruleset, each with code, line, column and hint; nothing is published."""
    text = (
        make_text("broken")
        .replace("days_overdue: 3..", "days_overdu: 3..")
        .replace("action: send_reminder", "action: send_remider")
    )
    answer = await client.post("/v1/rulesets", content=text, headers=YAML, params={"file": "broken.yaml"})
    assert answer.status_code == 422
    body = answer.json()
    assert body["type"] == "urn:dunning:problem:invalid-ruleset"
    assert {d["line"] for d in body["diagnostics"]} == {13, 14}
    assert all(d["file"] == "broken.yaml" and d["column"] > 1 and d["code"] for d in body["diagnostics"])
    assert "days_overdue" in str(body["diagnostics"])
    assert (await client.get("/v1/rulesets/broken")).status_code == 404
    for junk in (b"", b"\xff\xfe", b"a: [", b"- 1", b"\x00"):
        refused = await client.post("/v1/rulesets", content=junk, headers=YAML)
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:dunning:problem:invalid-ruleset"), junk


async def test_rulesets_are_listed(client: httpx.AsyncClient) -> None:
    """The list names every ruleset and its versions, newest first, with an ETag that changes with it."""
    await publish(client, make_text("listed"))
    await publish(client, make_text("listed", title="Second"))
    answer = await client.get("/v1/rulesets")
    summary = next(one for one in answer.json()["rulesets"] if one["ruleset"] == "listed")
    assert [version["version"] for version in summary["versions"]] == [2, 1]
    assert (await client.get("/v1/rulesets/listed")).json() == summary
    assert (await client.get("/v1/rulesets/listed/versions")).json() == summary
    known = {"If-None-Match": answer.headers["etag"]}
    assert (await client.get("/v1/rulesets", headers=known)).status_code == 304
    await publish(client, make_text("listed", title="Third"))
    assert (await client.get("/v1/rulesets", headers=known)).status_code == 200


async def test_a_new_version_answers_at_once(client: httpx.AsyncClient) -> None:
    """The decision after a publication is made with it; the version before can still be asked by number."""
    await publish(client, make_text("live", country="LI"))
    question = {"account": ANNA | {"country": "LI"}, "as_of": AS_OF}
    assert (await client.post("/v1/next-action", json=question)).json()["ruleset"]["version"] == 1
    await publish(client, make_text("live", country="LI", title="New"))
    assert (await client.post("/v1/next-action", json=question)).json()["ruleset"]["version"] == 2
    pinned = await client.post("/v1/next-action", json=question | {"ruleset": "live", "version": 1})
    assert pinned.json()["ruleset"]["version"] == 1


async def test_a_version_that_begins_later_waits(client: httpx.AsyncClient) -> None:
    """Each day is answered by the highest version effective on it."""
    await publish(client, make_text("later", country="LA"))
    await publish(client, make_text("later", country="LA").replace("from: 2026-01-01", "from: 2027-01-01"))
    for as_of, version in (("2026-12-31", 1), ("2027-01-01", 2)):
        question = {"account": ANNA | {"country": "LA"}, "as_of": as_of}
        assert (await client.post("/v1/next-action", json=question)).json()["ruleset"]["version"] == version


async def test_publishing_while_deciding(client: httpx.AsyncClient) -> None:
    """Every decision made while versions are published names one of them, never an older one than before."""
    await publish(client, make_text("busy", country="BU"))
    seen: list[int] = []
    done = asyncio.Event()

    async def decide() -> None:
        while not done.is_set():
            answer = await client.post("/v1/next-action", json={"account": ANNA | {"country": "BU"}, "as_of": AS_OF})
            assert answer.status_code == 200, answer.text
            seen.append(answer.json()["ruleset"]["version"])

    deciding = asyncio.create_task(decide())
    for number in range(8):
        await publish(client, make_text("busy", country="BU", title=f"Version {number}"))
    done.set()
    await deciding
    assert seen == sorted(seen)
    assert set(seen) <= set(range(1, 10))
