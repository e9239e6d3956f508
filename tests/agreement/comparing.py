"""Ask the product and the oracle the same question, and say where their answers differ."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from engine.evaluation.decide import next_action
from engine.evaluation.lookahead import SHORTEST_HORIZON_DAYS
from engine.evaluation.program import Compiled, compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.loading.load import load_ruleset, load_shared_facts, load_shared_scores
from engine.model.account import AccountInvalid
from engine.model.decision import encode_decision
from tests.oracle.generate import Case
from tests.oracle.oracle import OracleRuleset
from tests.oracle.values import OracleInputError

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Pair:
    """One ruleset as both read it."""

    def __init__(self, text: str, facts_text: str | None = None, scorecard_text: str | None = None) -> None:
        shared = load_shared_facts(facts_text).shared if facts_text is not None else None
        cards = None if scorecard_text is None else load_shared_scores(scorecard_text, shared_facts=shared)
        scores = None if cards is None else cards.shared
        assert cards is None or scores is not None, cards.diagnostics
        loaded = load_ruleset(text, file="random.yaml", shared_facts=shared, shared_scores=scores)
        assert loaded.ruleset is not None, loaded.diagnostics
        self.oracle = OracleRuleset(text, facts_text, scorecard_text)
        self.compiled: Compiled = compile_ruleset(loaded.ruleset)

    def close(self) -> None:
        """Free the networks."""
        self.compiled.close()


def differences(pair: Pair, case: Case, *, look_ahead: bool) -> list[str]:
    """Return what the engine and the oracle do not agree on, in words; empty where they agree."""
    return disagreements(_ask_product(pair, case), pair.oracle, case, look_ahead=look_ahead)


def disagreements(ours: dict[str, Any] | str, oracle: OracleRuleset, case: Case, *, look_ahead: bool) -> list[str]:
    """Return where an answer, or the words of its refusal, is not the oracle's; empty where it is."""
    theirs = _ask_oracle(oracle, case, look_ahead=look_ahead, horizon_days=_horizon_of(ours))
    if isinstance(ours, str) or isinstance(theirs, str):
        same = isinstance(ours, str) and isinstance(theirs, str)
        return [] if same else [f"product {_short(ours)} oracle {_short(theirs)}"]
    left, right = _parts(ours), _parts(theirs)
    skipped = set() if look_ahead else {"review_on", "upcoming"}
    if not look_ahead and left["outcome"] == "wait":
        left["outcome"] = right["outcome"] if right["rule"] is None else "wait"
        skipped |= {"action", "along_with", "block", "claim", *[key for key in left if key.startswith("action.")]}
    return [
        f"{key}: product {left[key]!r} oracle {right[key]!r}"
        for key in left
        if key not in skipped and left[key] != right[key]
    ]


def _short(answer: Mapping[str, Any] | str) -> str:
    return answer if isinstance(answer, str) else str(answer["outcome"])


def _ask_product(pair: Pair, case: Case) -> dict[str, Any] | str:
    try:
        as_of = parse_as_of(case.as_of)
        decision = next_action([pair.compiled], case.account, case.history or (), as_of=as_of, explain="none")
    except AccountInvalid as refused:
        return f"refused: {refused}"
    answer: dict[str, Any] = _decode(encode_decision(decision))
    return answer


def _horizon_of(ours: dict[str, Any] | str) -> int:
    """Return how many days the oracle must look ahead to see what the product saw: its version stores holidays."""
    if isinstance(ours, str):
        return SHORTEST_HORIZON_DAYS
    found = [_day(ours["review_on"]), _day(ours["upcoming"]["on"]) if ours["upcoming"] else None]
    today = dt.datetime.fromisoformat(ours["as_of"]).date()
    return max([SHORTEST_HORIZON_DAYS, *((day - today).days for day in found if day is not None)])


def _ask_oracle(oracle: OracleRuleset, case: Case, *, look_ahead: bool, horizon_days: int) -> dict[str, Any] | str:
    try:
        return oracle.decide(case.account, case.history, case.as_of, look_ahead=look_ahead, horizon_days=horizon_days)
    except OracleInputError as refused:
        return f"refused: {refused}"


def _parts(answer: Mapping[str, Any]) -> dict[str, Any]:
    action = answer.get("action") or {}
    rule = answer.get("rule")
    block = answer.get("block")
    upcoming = answer.get("upcoming")
    claim = answer.get("claim")
    parts: dict[str, Any] = {
        "outcome": answer["outcome"],
        "rule": rule["id"] if isinstance(rule, Mapping) else rule,
        "level": rule["level"] if isinstance(rule, Mapping) else answer.get("level"),
        "block": block["id"] if block else None,
        "upcoming": (upcoming["rule"], _day(upcoming["on"])) if upcoming else None,
        "review_on": _day(answer.get("review_on")),
        "variants": dict(answer.get("variants") or {}),
        "episode": answer.get("episode"),
        "sent_before": answer.get("sent_before") or 0,
        "along_with": [(one["type"], one.get("channel")) for one in answer.get("along_with") or []],
        "action": action.get("type"),
        "action.channel": action.get("channel"),
        "action.scheduled_for": _instant(action.get("scheduled_for")),
        "action.pay_by": _day(action.get("pay_by")),
        **{f"action.{key}": _amount(action.get(key)) for key in ("fee", "announced_fee", "interest")},
    }
    claimed = ("amount", "fee", "interest", "total")
    parts["claim"] = claim and (
        tuple(claim["invoices"]),
        tuple(claim.get("credits", ())),
        *(_amount(claim.get(key)) for key in claimed),
    )
    return parts


def _amount(value: Any) -> tuple[Decimal, str] | None:
    return (Decimal(str(value["amount"])), value["currency"]) if value else None


def _day(value: Any) -> dt.date | None:
    if value is None or isinstance(value, dt.date):
        return value
    return dt.date.fromisoformat(value)


def _instant(value: Any) -> dt.datetime | None:
    if value is None:
        return None
    moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    return moment.astimezone(dt.UTC)
