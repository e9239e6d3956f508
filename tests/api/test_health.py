"""Health, readiness, figures, and what is open to all."""

import datetime as dt
import json
from pathlib import Path

import httpx
import msgspec
import pytest
from litestar import Litestar

from api import metrics
from api.app import create_app
from api.metrics import Figures, SharedFolder
from api.service import STATE_KEY, Service, Settings
from store.store import Store
from tests.api.examples import ANNA, AS_OF

pytestmark = pytest.mark.anyio


async def test_readiness_says_that_nothing_is_published(anonymous: httpx.AsyncClient) -> None:
    """A service without a ruleset is ready, and says that it has none."""
    answer = await anonymous.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "problems": [],
        "notices": ["no ruleset is in use"],
        "due_lag_seconds": 0,
    }


async def test_readiness_tells_what_the_watcher_says(store: Store, tmp_path: Path) -> None:
    """A broken file in the watched folder is a notice: the last good version goes on answering."""
    status = tmp_path / "watch.json"
    status.write_bytes(msgspec.json.encode(["nl.yaml has 1 error"]))
    app = create_app(Settings(watch_status=status), store)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # httpx's looser types
        async with httpx.AsyncClient(transport=transport, base_url="http://dunning.test") as client:
            answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["notices"][-1]) == (200, "nl.yaml has 1 error")


async def test_stale_rulesets_do_not_decide(app: Litestar, client: httpx.AsyncClient) -> None:
    """Without news for longer than allowed readiness is lost and deciding is refused with Retry-After."""
    service: Service = app.state[STATE_KEY]
    service.rulesets._stale_after_seconds = -1.0  # noqa: SLF001  waiting for real staleness would take a minute
    try:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
        answer = await client.post("/v1/next-action", json={"account": ANNA, "as_of": AS_OF})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.json()["type"] == "urn:dunning:problem:unavailable"
    finally:
        service.rulesets._stale_after_seconds = 30.0  # noqa: SLF001  as above


@pytest.mark.usefixtures("published")
async def test_metrics_count_requests_and_decisions(anonymous: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    """Requests by route and status, decisions by outcome, and the engine's own counters."""
    await client.post("/v1/next-action", json={"account": ANNA, "as_of": AS_OF})
    await client.get("/v1/accounts/nobody/next-action")
    await client.get("/nowhere")
    answer = await anonymous.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert 'dunning_decisions_total{outcome="act"} 1' in lines
    assert 'dunning_requests_total{method="GET",route="/v1/accounts/{account_id}/next-action",status="404"} 1' in lines
    assert 'dunning_requests_total{method="GET",route="unknown",status="404"} 1' in lines
    assert 'dunning_request_seconds_count{route="/v1/next-action"} 2' in lines
    assert "dunning_differences_total 0" in lines
    assert "dunning_decision_log_queue 0" in lines
    for family in metrics.FAMILIES:
        assert f"# TYPE {family.name} {family.kind}" in lines


def test_workers_figures_are_added_up(tmp_path: Path) -> None:
    """Counters of several workers are summed, gauges of state are not."""
    for name, count in (("a", 2.0), ("b", 3.0)):
        figures = Figures()
        figures.set(metrics.COMPARISONS, count)
        figures.set(metrics.LIVE, 6.0)
        SharedFolder(tmp_path, name).leave(figures)
    others = SharedFolder(tmp_path, "c").read_others()
    text = metrics.render(others).decode()
    assert "dunning_comparisons_total 5\n" in text
    assert "dunning_rulesets_live 6\n" in text


async def test_vocabulary_and_schema_are_open(anonymous: httpx.AsyncClient) -> None:
    """Facts, actions and channels, the rulesets' schema and OpenAPI need no token."""
    vocabulary = (await anonymous.get("/v1/vocabulary")).json()
    assert "days_overdue" in [fact["name"] for fact in vocabulary["facts"]]
    assert "send_reminder" in [action["name"] for action in vocabulary["actions"]]
    assert "letter" in vocabulary["channels"]
    schema = await anonymous.get("/schema/ruleset.json")
    assert schema.headers["content-type"] == "application/schema+json"
    assert schema.json()["$schema"].startswith("https://json-schema.org/draft/2020-12")
    assert json.loads((await anonymous.get("/schema")).content)["openapi"] == "3.1.0"


async def test_nothing_is_decided_while_the_clock_is_wrong(
    store: Store, client: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    """A clock that is apart from PostgreSQL's: 503 for decisions, and readiness says which and what to do."""
    now = store.clock.read()
    instant = dt.datetime.fromtimestamp(now, dt.UTC)
    store.clock.hear(instant - dt.timedelta(hours=1), None, asked_at=now)
    ready = await anonymous.get("/readyz")
    answer = await client.post("/v1/next-action", json={"account": ANNA, "as_of": AS_OF})
    store.clock.hear(instant, None, asked_at=now)
    assert ready.status_code == 503
    assert "3,600 seconds ahead of that of PostgreSQL" in ready.json()["problems"][0]
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "clock" in answer.json()["detail"]
    assert (await anonymous.get("/readyz")).status_code == 200
