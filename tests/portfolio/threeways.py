"""Accounts answered three ways: by columns, one by one, and by the oracle, which reads the language by itself."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow as pa

from bench.portfolio import vary
from engine.evaluation.program import compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.evaluation.rulesets import Rulesets
from engine.loading.load import load_ruleset
from engine.portfolio.asking import Ask
from engine.portfolio.columns import HISTORY
from engine.portfolio.kernel import Kernel
from engine.portfolio.singly import decide_singly
from engine.portfolio.spreading import spread
from tests.agreement.comparing import disagreements
from tests.oracle.generate import Case
from tests.oracle.generate_accounts import AccountMaker
from tests.oracle.generate_rulesets import ALL_FEATURES, Blueprint, random_ruleset
from tests.oracle.oracle import OracleRuleset
from tests.portfolio.batches import examples, wanted

ACCOUNTS_A_DAY = 120
LOOKED_AHEAD_A_DAY = 1
FEATURES = ALL_FEATURES | {"errors"}


class Compared(msgspec.Struct, kw_only=True):
    """How many rows were compared, of which how many with the oracle, and the later days too; who went one by one."""

    rows: int = 0
    with_oracle: int = 0
    looked_ahead: int = 0
    singly: Counter[str] = msgspec.field(default_factory=Counter)

    def add(self, other: "Compared") -> None:
        """Add what was compared elsewhere."""
        self.rows += other.rows
        self.with_oracle += other.with_oracle
        self.looked_ahead += other.looked_ahead
        self.singly.update(other.singly)


def assert_same(batch: pa.RecordBatch, rulesets: Rulesets, ask: Ask) -> tuple[pa.RecordBatch, dict[str, int]]:
    """Decide a batch both ways; return the decisions, and why rows of it were decided one by one."""
    kernel, singly = Kernel(rulesets, ask).decide(batch), decide_singly(batch, rulesets, ask)
    assert kernel.refused.to_pylist() == singly.refused.to_pylist()
    assert kernel.decisions.schema == singly.decisions.schema
    for name in singly.decisions.schema.names:
        ours, theirs = kernel.decisions.column(name), singly.decisions.column(name)
        if not ours.equals(theirs):
            assert ours.to_pylist() == theirs.to_pylist(), name
            assert ours.equals(theirs), name
    return kernel.decisions, kernel.singly


def compare_ruleset(number: int, rows: int) -> Compared:
    """Answer so many accounts, made on, one below and one above each threshold of a random ruleset, on some days."""
    rng = random.Random(f"three ways {number}")
    blueprint = random_ruleset(rng, FEATURES if number % 2 else FEATURES - {"routing"})
    ruleset = load_ruleset(blueprint.text).ruleset
    assert ruleset is not None
    compiled = compile_ruleset(ruleset)
    rulesets, oracle, found = Rulesets([compiled]), OracleRuleset(blueprint.text), Compared()
    while found.rows < rows:
        cases = list(make_cases(rng, blueprint, min(ACCOUNTS_A_DAY, rows - found.rows)))
        batch = spread([write_case(case) for case in cases], wanted(rulesets))
        decisions, singly = assert_same(batch, rulesets, Ask(as_of=parse_as_of(cases[0].as_of)))
        found.add(Compared(rows=len(cases), singly=Counter(singly)))
        answers = {row["account_id"]: row for row in decisions.to_pylist()}
        for index, case in enumerate(cases):
            row = answers.get(case.account["id"])
            look_ahead = index < LOOKED_AHEAD_A_DAY
            answer = "refused" if row is None else restore(row)
            said = disagreements(answer, oracle, case, look_ahead=look_ahead)
            assert not said, f"ruleset {number}, {write_case(case)} as of {case.as_of}: {said}\n{case.ruleset_text}"
            found.with_oracle += 1
            found.looked_ahead += look_ahead
    compiled.close()
    return found


def compare_examples(begin: int, rows: int) -> Compared:
    """Answer so many accounts with histories by the six examples."""
    texts = list(vary(rows, seed=begin))
    batch = spread(texts, wanted(examples()))
    _, singly = assert_same(batch, examples(), Ask(as_of=parse_as_of("2026-11-20T08:00:00Z")))
    return Compared(rows=rows, singly=Counter(singly))


def make_cases(rng: random.Random, blueprint: Blueprint, count: int) -> Iterator[Case]:
    """Yield accounts that are asked about on one day, each with an id of its own."""
    today, as_of = None, ""
    for number in range(count):
        maker = AccountMaker(rng, blueprint)
        maker.today = today = today or maker.today
        account, history, asked = maker.make()
        as_of = as_of or asked
        yield Case(ruleset_text=blueprint.text, account=account | {"id": f"A-{number}"}, history=history, as_of=as_of)


def write_case(case: Case) -> str:
    """Return an account with its history as JSON."""
    document: dict[str, Any] = dict(case.account)
    if case.history is not None:
        document[HISTORY] = case.history
    return msgspec.json.encode(document).decode()


def restore(row: dict[str, Any]) -> dict[str, Any]:
    """Return from the columns of a decision what the oracle says of one."""
    currency = row["currency"]

    def money(name: str) -> dict[str, Any] | None:
        return None if row[name] is None else {"amount": row[name], "currency": currency}

    claimed = {part: money(f"claim_{part}") for part in ("amount", "fee", "interest", "total")}
    action = {name: row[name] for name in ("channel", "scheduled_for", "pay_by")}
    action |= {name: money(name) for name in ("fee", "announced_fee", "interest")}
    claim = {"invoices": row["claim_invoices"], "credits": row["claim_credits"] or (), **claimed}
    return {
        **{name: row[name] for name in ("as_of", "outcome", "episode", "sent_before", "review_on")},
        "rule": None if row["rule"] is None else {"id": row["rule"], "level": row["level"]},
        "block": None if row["block"] is None else {"id": row["block"]},
        "upcoming": None if row["upcoming_rule"] is None else {"rule": row["upcoming_rule"], "on": row["upcoming_on"]},
        "variants": msgspec.json.decode(row["variants"] or "{}"),
        "along_with": msgspec.json.decode(row["along_with"] or "[]"),
        "action": None if row["action"] is None else {"type": row["action"], **action},
        "claim": None if row["claim_invoices"] is None else claim,
    }
