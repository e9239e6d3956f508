"""The half year of the demo: lived through by the same functions as the API's, the same each time."""

import datetime as dt
import json
import re

import pytest

from api.recovering import make_stored_report
from api.replaying import remember, replay
from api.usage import RulesetsInUse, put_in_use
from api.versions import compile_version, load_version
from cli.halfyear import HalfYear, publish_earlier
from cli.samplepasts import DAYS, tell_past
from cli.samples import DAY, Samples, read_samples
from engine.recovery.report import Asked
from store.decisions import DecisionFilter
from store.rulesets import Provenance
from store.store import Store
from tests.cli.decided import EXAMPLES, RULESETS, publish

pytestmark = pytest.mark.anyio
FEW = 12
DATE = re.compile(r"\d{4}-\d\d-\d\d")
TODAY = DAY + dt.timedelta(days=400)
LONG_AFTER = dt.date(2090, 1, 1)  # what is stored now is known then


async def use(store: Store) -> RulesetsInUse:
    """Make the versions in use ready."""
    return put_in_use(tuple(compile_version(version) for version in await store.rulesets.active_at()))


async def test_a_half_year_is_lived_through_once(database_url: str) -> None:
    """Two versions decided, each step has its decision, which can be made again, and every figure can be drawn."""
    async with await Store.open(database_url) as store:
        samples = await read_samples(store, RULESETS / "samples", TODAY)
        few = Samples(day=samples.day, accounts=samples.accounts[:FEW], history=samples.history[:2])
        token = (await store.tokens.create("demo", frozenset({"accounts"}))).token
        half_year = HalfYear(store, few, token)
        assert not await half_year.is_begun()
        await publish(store, "nl-consumer-subscription", title="Earlier")
        await half_year.begin(await use(store))
        assert await half_year.is_begun()
        assert not await half_year.is_ended()
        await publish(store, "nl-consumer-subscription")
        rulesets = await use(store)
        await half_year.end(rulesets)
        assert await half_year.is_ended()
        assert {row["version"] for row in await store.database.fetch("SELECT version FROM dunning.decisions")} == {1, 2}
        steps = await store.database.fetch("SELECT decision_id FROM dunning.history")
        assert [row["decision_id"] for row in steps].count(None) == 2 < len(steps)
        made = await make_stored_report(database_url, Asked(as_of=LONG_AFTER))
        assert made.unreadable == 0
        (euros,) = made.report.currencies
        assert euros.total.cases > FEW
        (logged,) = (await store.decisions.list(DecisionFilter(version=2), limit=1)).decisions
        whole = await store.decisions.read(logged.id)
        assert whole is not None
        assert replay(remember(whole), rulesets.compiled).is_equal
        assert (await read_samples(store, RULESETS / "samples", TODAY + dt.timedelta(days=9))).day == TODAY


def test_pasts_are_the_same_each_time() -> None:
    """An account and a day have one past, of the half year before what is owed now."""
    account: dict[str, object] = {
        "id": "A-9",
        "invoices": [{"id": "I-1", "due_on": f"{DAY}", "amount": "10.00", "open": "10.00"}],
    }
    past = tell_past(account, DAY)
    assert past == tell_past(account, DAY)
    assert len(past.terms) > 1
    assert all(DAY - dt.timedelta(days=DAYS) <= term.due_on <= term.settled_on <= DAY for term in past.terms[1:])
    assert past.write_now() == account


async def test_every_date_of_the_samples_is_moved(database_url: str) -> None:
    """Days and instants alike, so that what was done is as long ago as on the samples' own day."""
    async with await Store.open(database_url) as store:
        samples = await read_samples(store, RULESETS / "samples", TODAY)
    assert samples.day == TODAY
    for name, moved in (("accounts", samples.accounts), ("history", samples.history)):
        found = DATE.findall((RULESETS / "samples" / f"{name}.ndjson").read_text())
        days = [f"{dt.date.fromisoformat(day) + (TODAY - DAY)}" for day in found]
        assert DATE.findall(json.dumps(moved)) == days


async def test_the_showpiece_waits_for_its_letter(database_url: str) -> None:
    """A-1001 paid late before, and has promised nothing of what it owes now."""
    async with await Store.open(database_url) as store:
        samples = await read_samples(store, RULESETS / "samples", TODAY)
    past = tell_past(samples.accounts[0], samples.day)
    assert past.id == "A-1001"
    assert any(term.late_days > 21 for term in past.terms)
    assert not any(each["type"] == "promise" and each["invoice"] == "I-7" for each in past.outcomes)


async def test_what_the_rulesets_were_waits_longer(database_url: str) -> None:
    """The earlier versions are those of the folder, but for the days between two steps."""
    async with await Store.open(database_url) as store:
        await publish_earlier(store.rulesets, RULESETS, Provenance(publisher="ann"))
        versions = await store.rulesets.active_at()
        assert {each.draft.ruleset_id for each in versions} == {*EXAMPLES}
        for each in versions:
            text = (RULESETS / f"{each.draft.ruleset_id}.yaml").read_text()
            changed = set(each.draft.text.splitlines()) - set(text.splitlines())
            assert [line.split(":")[0] for line in changed] == ["dunning_interval_days"]
            load_version(each)  # raises where it is not the one that was published
