"""Experiments on their page: how large their groups are, too early until the plan is met, and then the interval."""

import csv
import datetime as dt
import io

import httpx
import pytest

from engine.coordinates.snapshot import variant_of
from engine.model.ruleset import Experiment
from tests.api.asking import Asking
from tests.api.examples import REMINDER
from tests.console.reading import Reader, read

pytestmark = pytest.mark.anyio

TONE = Experiment(id="tone", variants=(("plain", 50), ("warm", 50)))
RULESET = REMINDER.replace("nl-consumer", "be-consumer").replace("NL", "BE")
RULESET += "experiments: {tone: {variants: {plain: 50, warm: 50}}}\n"
NAMES = tuple(f"X-{number}" for number in range(24))
PLAN = "base=20&effect=60&per_day=1000&within_days=2"


def group_of(name: str) -> str:
    """The group that an account is drawn into."""
    return variant_of(TONE, name, dt.date(2090, 11, 2))


async def test_where_there_is_none_it_is_said_what_one_is_for(browser: httpx.AsyncClient) -> None:
    """Nothing is counted then, and no picture is there."""
    assert "No version that is or was in use has an experiment." in (await read(browser, "/figures/experiments")).said
    assert (await browser.get("/console/figures/experiments/sizes.svg")).status_code == 404


async def test_nothing_is_told_before_the_plan_is_met(browser: httpx.AsyncClient, asking: Asking) -> None:
    """Neither without a plan nor too early: who paid stands nowhere; once it is met, the interval does."""
    await asking.publish(RULESET)
    for name in NAMES:
        await asking.put(name, country="BE")
        if group_of(name) == "warm":
            paid = {"id": "P", "type": "payment", "at": "2090-11-03T09:00:00Z", "amount": "49.95"}
            assert (await asking.client.post(f"/v1/accounts/{name}/outcomes", json=paid)).status_code == 201
    await asking.ask_all()
    asking.now += dt.timedelta(minutes=2)
    plain, warm = (sum(group_of(name) == group for name in NAMES) for group in ("plain", "warm"))
    page = await read(browser, "/figures/experiments?within_days=2")
    assert "Too early: there is no plan to judge it by." in page.said
    assert f"plain 50.0 {plain} – – – – – – – – – warm 50.0 {warm} –" in page.said
    early = await read(browser, "/figures/experiments?base=40&effect=1&per_day=10&within_days=2")
    assert "Too early: day" in early.said
    told = await read(browser, f"/figures/experiments?{PLAN}")
    assert "warm against plain: 100.0 points more pay (between +" in told.said
    pictures = [each["src"] or "" for tag, each in told.found if tag == "img"]
    assert len(pictures) == 2
    for address in pictures:
        assert (await browser.get(address)).status_code == 200
    assert (await browser.get(pictures[1].replace("effect=60", "effect=1"))).status_code == 404
    asked = "ruleset=be-consumer&experiment=tone"
    answer = await browser.get(f"/console/figures/experiments?{PLAN}&{asked}&csv=groups")
    groups = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["counted"], row["paid"], row["rate"]) for row in groups] == [
        (f"{plain}", "0", "0.0"),
        (f"{warm}", f"{warm}", "100.0"),
    ]
    assert float(groups[1]["low"]) < float(groups[1]["difference"]) == 100 == float(groups[1]["high"])
    answer = await browser.get(f"/console/figures/experiments?{PLAN}&{asked}&csv=daily")
    assert [row["paid"] for row in csv.DictReader(io.StringIO(answer.text))] == ["0", f"{warm}"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("base=40", "fill in all of them"),
        ("base=40&effect=0&per_day=10", "No number of accounts shows a difference of 0"),
        ("base=1e9&effect=1&per_day=10", "a number of percent such as 40 or 2.5"),
        ("base=99&effect=5&per_day=10", "between 0 and 100 %"),
        ("base=40&effect=3&per_day=0", "per_day"),
        ("experiment=none", "has no experiment 'none'"),
        ("ruleset=none", "has no experiment"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused(browser: httpx.AsyncClient, query: str, said: str) -> None:
    """In words, with what to fill in."""
    answer = await browser.get(f"/console/figures/experiments?within_days=2&{query}")
    assert answer.status_code == 422
    assert said in Reader(answer.text).said
