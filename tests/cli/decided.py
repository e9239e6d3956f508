"""A log of real decisions: the example rulesets, the sample accounts, day after day."""

import datetime as dt
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from api.deciding import Sent, make_decision, read_question
from api.examining import Manuscript, make_draft, read_manuscript
from api.histories import join_history
from api.usage import put_in_use
from api.versions import compile_version
from bench.samples import store_samples
from store.checkpoints import Signer
from store.rulesets import Provenance
from store.store import Store

RULESETS = Path(__file__).parents[2] / "rulesets"
EXAMPLES = tuple(sorted(path.stem.removesuffix("_test") for path in RULESETS.glob("*_test.yaml")))
SIGNER = Signer.make("example.org/dunning")
LEVELS: tuple[Literal["none", "reason", "rules", "full"], ...] = ("reason", "rules", "full", "none")
FIRST_DAY = dt.date(2026, 11, 16)


async def publish(store: Store, name: str, *, title: str | None = None) -> int:
    """Publish an example ruleset as it is, or under another title; answers its number."""
    text = (RULESETS / f"{name}.yaml").read_text()
    if title is not None:
        text = "\n".join(f"title: {title}" if line.startswith("title: ") else line for line in text.split("\n"))
    facts, suite = (RULESETS / "facts.yaml").read_text(), (RULESETS / f"{name}_test.yaml").read_text()
    manuscript = Manuscript(text=text, facts=facts, suite=suite, file=f"{name}.yaml")
    (ruleset,) = read_manuscript(manuscript).rulesets
    published = await store.rulesets.publish(make_draft(ruleset, (), manuscript), Provenance(publisher="ann"))
    return published.version.number


async def publish_at(url: str, name: str, title: str) -> int:
    """Publish an example ruleset under another title in a database."""
    async with await Store.open(url) as store:
        return await publish(store, name, title=title)


async def fill(url: str, names: Sequence[str], count: int) -> None:
    """Log decisions about the sample accounts by example rulesets, at every level of explanation."""
    async with await Store.open(url) as store:
        for name in names:
            await publish(store, name)
        await store_samples(store)
        in_use = put_in_use(tuple(compile_version(version) for version in await store.rulesets.active_at()))
        rows = await store.database.fetch("SELECT id FROM dunning.accounts ORDER BY md5(id)")
        records = []
        for number, (day, row) in enumerate(itertools.product(range(3650), rows)):
            if number == count:
                break
            account = await store.accounts.read_with_history(row["id"])
            assert account is not None
            question = read_question(
                Sent(account=account.account.document, history=join_history(account)),
                known_erasures=0,
                as_of=FIRST_DAY + dt.timedelta(days=day),
                track="dunning",
                ruleset=None,
                version=None,
                explain=LEVELS[(number + day) % len(LEVELS)],
            )
            records.append(make_decision(question, in_use).record)
            if len(records) == 1000:
                await store.decision_log.append_many(records)
                records.clear()
        await store.decision_log.append_many(records)
