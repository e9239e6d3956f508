"""Two rulesets that would answer for one account: refused before they do, or allowed and said wherever one looks."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api import versionevents
from api.overlaps import find_overlaps
from store.store import Store
from tests.api.auditing import Bench, start
from tests.api.examples import ANNA, AS_OF, REMINDER

pytestmark = pytest.mark.anyio
QUESTION = {"account": ANNA, "as_of": AS_OF}


@pytest.fixture
async def bench(empty_database_url: str) -> AsyncIterator[Bench]:
    """A service of the test's own."""
    async with start(empty_database_url) as bench:
        yield bench


@pytest.fixture
async def four_eyes(empty_database_url: str) -> AsyncIterator[Bench]:
    """A service where a version waits for other eyes."""
    async with start(empty_database_url, four_eyes=True) as bench:
        yield bench


def write(name: str, covered: str = "country: NL", effective: str = "from: 2026-01-01") -> str:
    """Write a ruleset that covers some accounts on some days."""
    return REMINDER.replace("nl-consumer", name).replace("country: NL", covered).replace("from: 2026-01-01", effective)


async def publish(client: httpx.AsyncClient, text: str, *, allow_overlap: bool = False) -> httpx.Response:
    """Publish a ruleset, whatever comes of it."""
    return await client.post("/v1/rulesets", json={"text": text, "file": "new.yaml", "allow_overlap": allow_overlap})


async def act(client: httpx.AsyncClient, name: str, number: int, kind: str, **body: Any) -> httpx.Response:
    """Retire, activate or approve a version."""
    return await client.post(f"/v1/rulesets/{name}/versions/{number}/{kind}", json=body)


async def test_a_ruleset_that_overlaps_one_in_use_is_refused(bench: Bench) -> None:
    """The refusal names both and shows an account; nothing is stored, and decisions go on as before."""
    assert (await publish(bench.ann, write("first"))).status_code == 201
    refused = await publish(bench.ann, write("second", "segment: consumer"))
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["type"] == "urn:dunning:problem:rulesets-overlap"
    assert problem["rulesets"] == ["second", "first"]
    assert "“second” and “first” (first version 1) cover the same accounts" in problem["detail"]
    assert problem["detail"].endswith("nothing was published.")
    (diagnostic,) = problem["diagnostics"]
    assert (diagnostic["code"], diagnostic["file"], diagnostic["line"]) == ("coverage-overlap", "new.yaml", 6)
    assert diagnostic["witness"]["account"]["country"] == "NL"
    assert (await bench.ann.get("/v1/rulesets/second")).status_code == 404
    assert (await bench.ann.post("/v1/next-action", json=QUESTION)).status_code == 200


@pytest.mark.parametrize(
    ("covered", "effective", "track"),
    [
        ("country: BE", "from: 2026-01-01", "dunning"),
        ("country: NL", "until: 2026-01-01", "dunning"),
        ("country: NL", "from: 2026-01-01", "collection"),
    ],
)
async def test_other_accounts_days_and_tracks_do_not_overlap(
    bench: Bench, covered: str, effective: str, track: str
) -> None:
    """Rulesets beside each other are published."""
    await publish(bench.ann, write("first"))
    beside = write("second", covered, effective).replace("currency: EUR", f"track: {track}\ncurrency: EUR")
    assert (await publish(bench.ann, beside)).status_code == 201


async def test_only_the_version_that_counts_on_a_day_overlaps(bench: Bench) -> None:
    """What an older version covered is free on the days that a newer one has taken over, and not before."""
    await publish(bench.ann, write("first"))
    await publish(bench.ann, write("first", "country: BE", "from: 2027-01-01"))
    early = await publish(bench.ann, write("second", effective="from: 2026-12-31"))
    assert early.status_code == 409
    assert (await publish(bench.ann, write("second", effective="from: 2027-01-01"))).status_code == 201


async def test_an_overlap_that_is_allowed_is_said(bench: Bench) -> None:
    """The answer, the stored version, /readyz and the metrics say it; whom both cover is a 409 that names them."""
    await publish(bench.ann, write("first"))
    allowed = await publish(bench.ann, write("second"), allow_overlap=True)
    assert allowed.status_code == 201
    (diagnostic,) = (one for one in allowed.json()["diagnostics"] if one["code"] == "coverage-overlap")
    assert diagnostic["severity"] == "warning"
    assert diagnostic in (await bench.ann.get("/v1/rulesets/second/versions/1")).json()["diagnostics"]
    readiness = await bench.ann.get("/readyz")
    assert readiness.status_code == 200
    assert "“second” and “first” (first version 1) cover the same accounts" in readiness.json()["notices"][0]
    assert "dunning_rulesets_overlapping 1\n" in (await bench.ann.get("/metrics")).text
    answer = await bench.ann.post("/v1/next-action", json=QUESTION)
    assert (answer.status_code, answer.json()["rulesets"]) == (409, ["first", "second"])
    named = await bench.ann.post("/v1/next-action", json=QUESTION | {"ruleset": "first"})
    assert named.json()["ruleset"]["id"] == "first"
    by_query = await bench.ann.post(
        "/v1/rulesets",
        content=write("third"),
        headers={"Content-Type": "application/yaml"},
        params={"allow_overlap": "true"},
    )
    assert by_query.status_code == 201


async def test_no_version_comes_into_use_over_another(bench: Bench) -> None:
    """Activating is refused where it would overlap, and retiring where it would bring back what does."""
    await publish(bench.ann, write("first"))
    await act(bench.ann, "first", 1, "retire")
    await publish(bench.ann, write("second"))
    refused = await act(bench.ann, "first", 1, "activate")
    assert refused.status_code == 409
    assert "version 1 of “first” is as it was" in refused.json()["detail"]
    await publish(bench.ann, write("second", "country: BE"))
    assert (await act(bench.ann, "first", 1, "activate")).status_code == 200
    assert (await act(bench.ann, "second", 2, "retire")).status_code == 409
    assert (await bench.ann.post("/v1/next-action", json=QUESTION)).json()["ruleset"]["id"] == "first"
    assert (await act(bench.ann, "second", 2, "retire", allow_overlap=True)).status_code == 200
    assert (await bench.ann.post("/v1/next-action", json=QUESTION)).status_code == 409


async def test_a_version_that_waits_is_held_against_what_is_in_use_when_it_is_approved(four_eyes: Bench) -> None:
    """Two that wait are no overlap yet; the second one approved would be."""
    for name in ("first", "second"):
        assert (await publish(four_eyes.ann, write(name))).status_code == 201
    assert (await act(four_eyes.bob, "first", 1, "approve")).status_code == 200
    refused = await act(four_eyes.bob, "second", 1, "approve")
    assert (refused.status_code, refused.json()["rulesets"]) == (409, ["first", "second"])
    assert (await four_eyes.ann.post("/v1/next-action", json=QUESTION)).status_code == 200


async def test_two_published_at_once_do_not_slip_past_each_other(bench: Bench) -> None:
    """Of rulesets that overlap each other one is stored where they come at the same moment."""
    answers = await asyncio.gather(*(publish(bench.ann, write(f"at-once-{number}")) for number in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_what_changed_while_it_was_examined_is_examined_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that was published between the look and the event counts."""
    await publish(bench.ann, write("first"))
    await act(bench.ann, "first", 1, "retire")
    published: list[int] = []

    def publish_meanwhile(*args: Any, **more: Any) -> Any:
        if not published:
            published.append(
                asyncio.run_coroutine_threadsafe(publish(bench.ann, write("second")), loop).result().status_code
            )
        return find_overlaps(*args, **more)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(versionevents, "find_overlaps", publish_meanwhile)
    refused = await act(bench.ann, "first", 1, "activate")
    assert (published, refused.status_code) == ([201], 409)


async def test_a_version_that_cannot_be_read_stands_in_nobodys_way(bench: Bench) -> None:
    """It does not answer, so nothing overlaps it."""
    await publish(bench.ann, write("first"))
    await break_texts(bench.store)
    assert (await publish(bench.ann, write("second"))).status_code == 201


async def break_texts(store: Store) -> None:
    """Change the texts past the service, as its owner can."""
    async with store.database.transaction() as connection:
        await connection.execute("ALTER TABLE dunning.ruleset_versions DISABLE TRIGGER USER")
        await connection.execute("UPDATE dunning.ruleset_versions SET text = 'ruleset: ['")
