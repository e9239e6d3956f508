"""Write tests/agreement/data/logged_decisions.ndjson.gz: decisions of one version of the program, for those after it.

The committed file was made by commit 46ac9fa, before the engine was redesigned, and is not made again: a version that
answers otherwise has broken what `dunning replay` promises. To see that it is what that commit answers, bring this
file and tests/agreement/logged.py to a checkout of it and run `python scripts/make_logged_decisions.py --out FILE`
there: all but the decisions' ids is the same.

First the six example rulesets, asked about the sample accounts, about as many others, and about variations of both,
from before the due date to a year after; then random rulesets of tests/oracle, each about a few random accounts.
"""

import argparse
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from api.deciding import Sent, make_decision, read_question
from api.examining import Manuscript, make_draft, read_manuscript
from api.messages import Explain
from api.usage import put_in_use
from api.versions import compile_version
from engine.evaluation.program import Compiled
from engine.evaluation.routing import parse_as_of
from engine.model.account import AccountInvalid, RulesetsOverlap
from scripts.make_sample_accounts import DAY, SEED, SITUATIONS, make_samples
from store.decisionrecords import DecisionRecord
from store.rulesets import Provenance, RulesetVersion
from tests.agreement.logged import LOG, LoggedVersion, write_log
from tests.oracle.generate import random_accounts
from tests.oracle.generate_rulesets import random_ruleset

EXAMPLES = Path(__file__).resolve().parent.parent / "rulesets"
COMMIT = "46ac9fa"
EXAMPLE_DECISIONS = 1000
RANDOM_RULESETS = 240
ACCOUNTS_A_RULESET = 4
LEVELS: tuple[Explain, ...] = ("reason", "rules", "full", "none")
DAYS = (-20, -3, 0, 0, 0, 0, 1, 2, 5, 9, 16, 33, 70, 150, 400)
TIMES = (None, None, "T09:00:00+01:00", "T06:59:00Z", "T22:30:00-05:00", "T23:59:59.5+02:00")
FACTS: tuple[dict[str, Any], ...] = (
    *SITUATIONS,
    {"channels": []},
    {"channels": ["phone"]},
    {"country": "PT"},
    {"timezone": "Pacific/Auckland"},
    {"preferred_channel": "letter"},
    {"vulnerable": True},
    {"deceased": True},
)

Document = dict[str, Any]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One question as an application would send it."""

    account: Document
    history: list[Document]
    as_of: str
    explain: Explain
    track: str = "dunning"
    ruleset: str | None = None


def read_examples() -> list[LoggedVersion]:
    """The example rulesets as published, each its first version."""
    names = sorted(path.stem.removesuffix("_test") for path in EXAMPLES.glob("*_test.yaml"))
    facts = (EXAMPLES / "facts.yaml").read_text()
    texts = ((EXAMPLES / f"{name}.yaml").read_text() for name in names)
    return [_publish(Manuscript(text=text, facts=facts), number=1, commit=COMMIT) for text in texts]


def ask_examples(random: Random) -> Iterator[Asked]:
    """Accounts and variations of them, on many days, at every level of explanation."""
    while True:
        for document, history in _read_accounts():
            account = {**document, **(random.choice(FACTS) if random.random() < 0.25 else {})}
            entries = history[: random.randint(0, len(history))] if random.random() < 0.3 else history
            if random.random() < 0.1:
                account["party"] = "P-1"
                entries = [*entries, *({**entry, "account": "A-0"} for entry in history[:2])]
            day = DAY + dt.timedelta(days=random.choice(DAYS))
            if random.random() < 0.2:  # so often written to of late that limits are reached
                contacts = [entry for entry in history if "channel" in entry]
                entries = [
                    *entries,
                    *({**entry, "at": f"{day - dt.timedelta(days=3)}T15:00:00Z"} for entry in contacts),
                ]
            yield Asked(
                account=account,
                history=entries,
                as_of=f"{day}{random.choice(TIMES) or ''}",
                explain=random.choice(LEVELS),
                track="recovery" if random.random() < 0.01 else "dunning",
                ruleset="nl-consumer-subscription" if random.random() < 0.03 else None,
            )


def decide(rulesets: Sequence[Compiled], asked: Asked) -> DecisionRecord | None:
    """Decide as the API does; None where it refuses the account, for which nothing is logged."""
    question = read_question(
        Sent(account=msgspec.json.encode(asked.account), history=msgspec.json.encode(asked.history)),
        known_erasures=0,
        as_of=parse_as_of(asked.as_of),
        track=asked.track,
        ruleset=asked.ruleset,
        version=None,
        explain=asked.explain,
    )
    try:
        return make_decision(question, put_in_use(tuple(rulesets))).record
    except (AccountInvalid, RulesetsOverlap):
        return None


def make_by_examples(random: Random) -> tuple[list[LoggedVersion], list[DecisionRecord]]:
    """A thousand decisions of the example rulesets."""
    versions = read_examples()
    compiled = [compile_version(_version_of(version)) for version in versions]
    records: list[DecisionRecord] = []
    for asked in ask_examples(random):
        record = decide(compiled, asked)
        records += [] if record is None else [record]
        if len(records) == EXAMPLE_DECISIONS:
            break
    return versions, records


def make_by_random_rulesets() -> tuple[list[LoggedVersion], list[DecisionRecord]]:
    """A few decisions of each of many random rulesets, the versions of one."""
    versions: list[LoggedVersion] = []
    records: list[DecisionRecord] = []
    for seed in range(RANDOM_RULESETS):
        random = Random(seed)
        blueprint = random_ruleset(random)
        version = _publish(Manuscript(text=blueprint.text), number=len(versions) + 1, commit=None)
        compiled = compile_version(_version_of(version))
        for case in random_accounts(random, blueprint, ACCOUNTS_A_RULESET):
            asked = Asked(
                account=case.account, history=case.history or [], as_of=case.as_of, explain=random.choice(LEVELS)
            )
            record = decide([compiled], asked)
            records += [] if record is None else [record]
        compiled.close()
        versions.append(version)
    return versions, records


def _read_accounts() -> Iterator[tuple[Document, list[Document]]]:
    for seed, letter in ((SEED, "A"), (SEED + 1, "B")):
        accounts, entries = make_samples(DAY, seed)
        for account in accounts:
            own = [{**entry} for entry in entries if entry["account_id"] == account["id"]]
            for entry in own:
                del entry["account_id"]
            yield {**account, "id": str(account["id"]).replace("A", letter)}, own


def _publish(manuscript: Manuscript, *, number: int, commit: str | None) -> LoggedVersion:
    loaded = read_manuscript(manuscript)
    if not loaded.rulesets:
        raise SystemExit(f"{manuscript.file} cannot be read: {loaded.diagnostics}")
    draft = make_draft(loaded.rulesets[0], (), manuscript)
    short = msgspec.structs.replace(draft, canonical="{}")  # the digest stands for it, and a replay does not read it
    return LoggedVersion(number=number, draft=short, provenance=Provenance(publisher="ann", commit=commit))


def _version_of(version: LoggedVersion) -> RulesetVersion:
    return RulesetVersion(
        number=version.number,
        draft=version.draft,
        provenance=version.provenance,
        published_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        approval_required=False,
    )


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=LOG, help="the file to write")
    path: Path = parser.parse_args().out
    versions, records = make_by_examples(Random(SEED))
    more_versions, more_records = make_by_random_rulesets()
    write_log(path, [*versions, *more_versions], [*records, *more_records])
    print(f"{len(records)} decisions of {len(versions)} example rulesets,", end=" ")
    print(f"{len(more_records)} of {len(more_versions)} random ones: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
