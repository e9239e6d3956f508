"""Small random rulesets with guarantees, and whether a decision breaks one: in plain words, without the engine."""

import datetime as dt
import json
import random
from typing import Any

Document = dict[str, Any]

AS_OF = dt.date(2026, 3, 2)
AGES = (0, 1, 4, 9)
_CONTACTS = ("send_reminder", "send_dunning_notice")
_TONES = ("friendly", "firm")
_ORDERS = (["email"], ["sms", "email"], ["preferred", "sms"], ["email", "sms"])
_TESTS: tuple[tuple[str, Any], ...] = (
    ("vip", True),
    ("disputed", True),
    ("tier", "a"),
    ("tier", {"not": "a"}),
    ("days_overdue", "5.."),
    ("days_overdue", "12.."),
    ("days_overdue", "..11"),
)


def random_promises(chance: random.Random) -> Document:
    """Write a ruleset of a few rules with three guarantees."""
    is_stateless = chance.random() < 0.15
    ids = ["one", "two", "three", "four"][: chance.randint(2, 4)]
    found: Document = {
        "ruleset": "small",
        "title": "Small",
        "currency": "EUR",
        "timezone": "UTC",
        "facts": {"tier": {"type": "enum", "values": ["a", "b"], "optional": True}},
        "fees": {"late": {"fixed": 40}, "more": {"fixed": 60}},
        "rules": [_rule(chance, ids, index, is_stateless=is_stateless) for index in range(len(ids))],
    }
    if is_stateless:
        found["stateless"] = True
    else:
        found["ladder"] = chance.choice(["strict", "catch_up", "most_severe", "none"])
        found["dunning_interval_days"] = chance.choice([0, 1, 3])
    if chance.random() < 0.3:
        found["contact_limits"] = [{"channel": "email", "at_most": 1, "per_days": 7}]
    if chance.random() < 0.6:
        found["blocks"] = [{"id": "care", "when": _when(chance, 1)} | _stops(chance)]
    found["guarantees"] = [_guarantee(chance, found, number) for number in range(3)]
    return found


def _stops(chance: random.Random) -> Document:
    return {"stops": [chance.choice([*_CONTACTS, "suspend_service"])]} if chance.random() < 0.4 else {}


def _when(chance: random.Random, least: int = 0) -> Document:
    return dict(chance.sample(_TESTS, chance.randint(least, 2)))


def _rule(chance: random.Random, ids: list[str], index: int, *, is_stateless: bool) -> Document:
    rule: Document = {"id": ids[index], "when": _when(chance), "then": _action(chance)}
    if chance.random() < 0.7:
        rule["level"] = chance.randint(1, 3)
    if chance.random() < 0.25:
        beside = {"action": "send_reminder", "channel": chance.choice(_ORDERS), "tone": chance.choice(_TONES)}
        rule["then"]["along_with"] = [beside]
    if is_stateless:
        return rule | {"then": rule["then"] | ({"fee": "late"} if "fee" in rule["then"] else {})}
    if index and chance.random() < 0.4:
        rule["after"] = {"rule": chance.choice(ids[:index])} | _how(chance)
    if chance.random() < 0.2:
        rule["repeat"] = {"every_days": chance.choice([1, 4])}
    if chance.random() < 0.1:
        rule["undoes"] = [chance.choice(ids)]
    return rule


def _how(chance: random.Random) -> Document:
    how: Document = {"days": chance.choice([0, 1, 4])}
    if chance.random() < 0.4:
        how["from"] = "pay_by"
    return how


def _action(chance: random.Random) -> Document:
    kind = chance.choice([*_CONTACTS, "suspend_service", "hand_over", "charge_fee"])
    if kind == "charge_fee":
        return {"action": kind, "fee": chance.choice(["late", "announced"])}
    if kind not in _CONTACTS:
        return {"action": kind}
    action = {"action": kind, "channel": chance.choice(_ORDERS), "tone": chance.choice(_TONES)}
    return action | ({"pay_within_days": 7, "announce_fee": "late"} if kind == "send_dunning_notice" else {})


def _guarantee(chance: random.Random, ruleset: Document, number: int) -> Document:
    ids = [rule["id"] for rule in ruleset["rules"]]
    keys: Document = {
        "action": chance.choice(["contact", *(rule["then"]["action"] for rule in ruleset["rules"])]),
        "rule": chance.choice(ids),
        "channel": chance.choice(["email", "sms"]),
        "tone": chance.choice(_TONES),
        "fee": chance.choice(["late", "more"]),
        "when": _when(chance, 1),
    }
    names = chance.sample(sorted(keys), chance.choice([1, 1, 2]))
    found: Document = {"id": f"g{number}", "never": {name: keys[name] for name in names}}
    targets = [{"rule": chance.choice(ids)}, {"action": chance.choice(ruleset["rules"])["then"]["action"]}]
    unless: Document = {}
    if chance.random() < 0.5:
        unless["after"] = chance.choice(targets) | _how(chance) | chance.choice([{}, {}, {"times": 2}])
    if chance.random() < 0.3:
        unless["when"] = _when(chance, 1)
    return found | ({"unless": unless} if unless else {})


def write(ruleset: Document) -> str:
    """Write a ruleset as text; JSON is YAML."""
    return json.dumps(ruleset)


def random_account(chance: random.Random) -> Document:
    """Write an account at the edges of what the conditions ask."""
    account: Document = {"id": "A", "currency": "EUR"}
    account["channels"] = chance.choice([[], ["email"], ["sms"], ["email", "sms"], ["email", "sms", "phone"]])
    account |= {"vip": chance.random() < 0.5, "disputed": chance.random() < 0.3}
    account |= {"days_overdue": chance.choice([4, 5, 11, 12, 30])} if chance.random() < 0.9 else {}
    account |= {"tier": chance.choice(["a", "b"])} if chance.random() < 0.7 else {}
    return account | ({"preferred_channel": chance.choice(["email", "sms", "phone"])} if chance.random() < 0.4 else {})


def random_past(chance: random.Random, ruleset: Document) -> list[Document]:
    """Write a history that somebody may have recorded."""
    found = []
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        at = (AS_OF - dt.timedelta(days=chance.choice(AGES))).isoformat()
        kind = chance.random()
        entry: Document = {"rule": chance.choice(ruleset["rules"])["id"], "at": at}
        if kind < 0.1:
            entry = {"level": chance.randint(0, 3), "at": at}
        elif kind < 0.2:
            entry = {"rule": "gone", "ruleset": "small", "level": chance.randint(1, 3), "at": at}
        elif kind < 0.23:
            entry = {"reset": True, "at": at}
        if "rule" in entry and chance.random() < 0.5:
            entry["pay_by"] = (AS_OF - dt.timedelta(days=chance.choice([-3, 0, 1, 4]))).isoformat()
        if "rule" in entry and chance.random() < 0.3:
            entry["announced_fee"] = {"name": chance.choice(["late", "more"]), "amount": "40.00", "currency": "EUR"}
        if "rule" in entry and chance.random() < 0.3:
            entry["also"] = []
        found.append(entry)
    return sorted(found, key=lambda entry: str(entry["at"]))


def is_broken(
    guarantee: Document,
    ruleset: Document,
    decision: Document,
    asked: tuple[Document, list[Document]],
    on: dt.date = AS_OF,
) -> bool:
    """Tell whether a decision of the oracle, about an account with a history, is one that a guarantee forbids."""
    account, _ = asked
    never, unless = guarantee["never"], guarantee.get("unless", {})
    if decision["rule"] is None or ("rule" in never and decision["rule"] != never["rule"]):
        return False
    rule = next(each for each in ruleset["rules"] if each["id"] == decision["rule"])
    pairs = [(rule["then"], decision["action"])]
    along = rule["then"].get("along_with", [])
    pairs += list(zip(along, decision["along_with"], strict=False)) if decision["along_with"] else []
    if not any(_is_meant(never, *pair, _announced(asked[1])) for pair in pairs) or not _holds(
        never.get("when", {}), account
    ):
        return False
    if "when" in unless and _holds(unless["when"], account):
        return False
    return "after" not in unless or not _is_after(unless["after"], ruleset, asked, on)


def _announced(history: list[Document]) -> str | None:
    """Return the name of the fee that was announced last, since a reset."""
    found = None
    for entry in history:
        found = None if entry.get("reset") else entry.get("announced_fee", {}).get("name", found)
    return found


def _is_meant(never: Document, written: Document, done: Document, announced: str | None) -> bool:
    fee = announced if written.get("fee") == "announced" else written.get("fee")
    told = {
        "action": done["type"] == never.get("action") or (never.get("action") == "contact" and "channel" in written),
        "channel": done.get("channel") == never.get("channel"),
        "tone": written.get("tone") == never.get("tone"),
        "fee": done.get("fee") is not None and fee == never.get("fee"),
    }
    return all(told[key] for key in told.keys() & never.keys())


def _holds(when: Document, account: Document) -> bool:
    return all(
        _meets(test, account.get(fact, False if fact in {"vip", "disputed"} else None)) for fact, test in when.items()
    )


def _meets(test: Any, value: Any) -> bool:
    if value is None:
        return False
    if isinstance(test, dict):
        return bool(value != test["not"])
    if isinstance(test, str) and ".." in test:
        low, _, high = test.partition("..")
        return (not low or value >= int(low)) and (not high or value <= int(high))
    return bool(value == test)


def _is_after(after: Document, ruleset: Document, asked: tuple[Document, list[Document]], on: dt.date) -> bool:
    """Tell whether what an ``after`` waits for was executed, as clause 5 of the language says it."""
    account, history = asked
    if ruleset.get("stateless") or "days_overdue" not in account:
        return False
    rules = {rule["id"]: rule for rule in ruleset["rules"]}
    left: list[Document] = []
    for entry in history:
        if entry.get("reset"):
            left = []
        elif "rule" in entry:
            undone = rules.get(entry["rule"], {}).get("undoes", [])
            left = [*(other for other in left if other["rule"] not in undone), entry]
    counted = [entry for entry in left if _counts(after, rules.get(entry["rule"]))]
    if len(counted) < after.get("times", 1):
        return False
    last = counted[-1].get("pay_by" if after.get("from") == "pay_by" else "at")
    return last is not None and (on - dt.date.fromisoformat(last)).days >= after.get("days", 0)


def _counts(after: Document, rule: Document | None) -> bool:
    if rule is None:
        return False
    return bool(rule["id"] == after["rule"] if "rule" in after else rule["then"]["action"] == after["action"])
