"""Random rulesets a few edits away from one another, as a billing team's pull requests are."""

import copy
import random
from collections.abc import Callable
from typing import Any

from engine.loading.load import load_ruleset
from engine.model.ruleset import Ruleset
from tests.oracle.generate_rulesets import Blueprint, write

Doc = dict[str, Any]
_TRIES = 40


def edit_randomly(rng: random.Random, blueprint: Blueprint) -> Ruleset:
    """Return the blueprint's ruleset after one to four random edits that leave it valid."""
    for _ in range(_TRIES):
        doc = copy.deepcopy(blueprint.doc)
        for _ in range(rng.choice((1, 1, 2, 4))):
            rng.choice(EDITS)(rng, doc, blueprint)
        loaded = load_ruleset(write(doc), file="edited.yaml")
        if loaded.ruleset is not None:
            return loaded.ruleset
    loaded = load_ruleset(blueprint.text, file="same.yaml")
    assert loaded.ruleset is not None
    return loaded.ruleset


def _rule(rng: random.Random, doc: Doc) -> Doc:
    rule: Doc = rng.choice([item for item in doc["rules"] if "table" not in item])
    return rule


def _drop_rule(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    doc["rules"].remove(_rule(rng, doc))


def _move_rule(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    rule = _rule(rng, doc)
    doc["rules"].remove(rule)
    doc["rules"].insert(rng.randint(0, len(doc["rules"])), rule)


def _copy_rule(rng: random.Random, doc: Doc, blueprint: Blueprint) -> None:
    rule = copy.deepcopy(_rule(rng, doc)) | {"id": f"n{rng.randrange(1000)}", "when": blueprint.palette.condition()}
    doc["rules"].insert(rng.randint(0, len(doc["rules"])), rule)


def _rewrite_condition(rng: random.Random, doc: Doc, blueprint: Blueprint) -> None:
    _rule(rng, doc)["when"] = blueprint.palette.condition()


def _narrow_condition(rng: random.Random, doc: Doc, blueprint: Blueprint) -> None:
    name = rng.choice(("days_overdue", "overdue_balance", "vip", "segment"))
    _rule(rng, doc).setdefault("when", {})[name] = blueprint.palette.test(name)


def _split_rule(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    rule = _rule(rng, doc)
    other = copy.deepcopy(rule) | {"id": f"{rule['id']}-b"}
    rule.setdefault("when", {})["vip"] = True
    other.setdefault("when", {})["vip"] = False
    doc["rules"].insert(doc["rules"].index(rule) + 1, other)


def _set_level(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    rule = _rule(rng, doc)
    if rng.random() < 0.3:
        rule.pop("level", None)
    else:
        rule["level"] = rng.randint(1, 6)


def _order_channels(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    contacts = [rule["then"] for rule in doc["rules"] if "table" not in rule and "channel" in rule["then"]]
    for action in [
        *contacts,
        *(along for one in contacts for along in one.get("along_with", []) if "channel" in along),
    ]:
        if rng.random() < 0.5:
            known = ["preferred", "email", "sms", "phone", "letter", "in_app"]
            action["channel"] = rng.sample(known, rng.randint(1, 3))


def _change_parameters(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    action = _rule(rng, doc)["then"]
    if rng.random() < 0.3:
        action["along_with"] = [{"action": "send_reminder", "channel": rng.choice(("email", "letter"))}]
    else:
        action["metadata"] = {"note": rng.choice(("a", "b"))}


def _change_repeat(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    rule = _rule(rng, doc)
    if rng.random() < 0.4:
        rule.pop("repeat", None)
    else:
        unit = rng.choice(("every_days", "every_days", "every_business_days", "every_months"))
        rule["repeat"] = {unit: rng.randint(1, 9), "at_most": rng.randint(2, 4)}
        if rng.random() < 0.3:
            rule["repeat"]["per_days"] = rng.choice((7, 30))


def _swap_cells(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    tables = [item for item in doc["rules"] if "table" in item]
    if tables:
        table = rng.choice(tables)
        one, other = rng.sample(table["rows"], 2)
        column = rng.randrange(len(table["columns"]))
        one[column], other[column] = other[column], one[column]


def _change_after(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    rule, before = _rule(rng, doc), _rule(rng, doc)
    if rule is not before:
        rule["after"] = {"rule": before["id"], "days": rng.randint(0, 8), "from": rng.choice(("executed", "pay_by"))}


def _change_timing(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    _rule(rng, doc)["timing"] = {"days_after_due": rng.choice((0, 3, 14)), "align": "end_of_month"}


def _change_ladder(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    if not doc.get("stateless"):
        doc["ladder"] = rng.choice(("strict", "catch_up", "most_severe", "none"))
        doc["dunning_interval_days"] = rng.choice((0, 1, 4))


def _change_limits(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    if rng.random() < 0.3:
        doc.pop("contact_limits", None)
    else:
        doc["contact_limits"] = [
            {"channel": rng.choice(("phone", "email")), "at_most": rng.randint(0, 3), "per_days": 7}
        ]


def _change_attempts(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    doc["attempt_limits"] = [{"at_most": rng.randint(1, 3), "per_days": rng.choice((1, 7, 30))}]


def _change_blocks(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    blocks: list[Doc] = doc.setdefault("blocks", [])
    if blocks and rng.random() < 0.4:
        blocks.pop(rng.randrange(len(blocks)))
        return
    block: Doc = {"id": f"x{rng.randrange(100)}", "when": {rng.choice(("vip", "disputed")): True}, "reason": "New."}
    if rng.random() < 0.5:
        block["stops"] = rng.sample(["send_reminder", "retry_payment", "notify_team", "send_dunning_notice"], 2)
    blocks.insert(rng.randint(0, len(blocks)), block)


def _change_coverage(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    doc["applies_to"] = rng.choice(({"country": ["NL", "DE"]}, {"segment": {"not": "smb"}}, {"vip": False}))


def _change_experiment(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    for experiment in doc.get("experiments", {}).values():
        names = [*experiment["variants"]]
        experiment["variants"] = dict(zip(names, (30, 70) if len(names) < 3 else (20, 20, 60), strict=False))
        if rng.random() < 0.3:
            experiment.pop("until", None)


def _change_facts(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    facts = doc.get("facts", {})
    if "c_open" in facts:
        facts["c_open"]["default"] = rng.choice(("some", "none-yet"))
    if "c_sure" in facts:
        facts["c_sure"] = rng.choice(({"type": "boolean", "optional": True}, {"type": "boolean", "default": False}))
    if "c_need" in facts:
        facts["c_need"] = {"type": "enum", "values": ["low", "high", "top"], "optional": rng.random() < 0.5}
    if "c_days" in facts and rng.random() < 0.3:
        facts["c_days"].pop("moves", None)


def _change_otherwise(rng: random.Random, doc: Doc, _blueprint: Blueprint) -> None:
    doc["otherwise"] = rng.choice(({"action": "none"}, {"action": "send_reminder", "channel": ["sms", "email"]}))


EDITS: tuple[Callable[[random.Random, Doc, Blueprint], None], ...] = (
    _drop_rule,
    _move_rule,
    _move_rule,
    _copy_rule,
    _rewrite_condition,
    _rewrite_condition,
    _narrow_condition,
    _narrow_condition,
    _split_rule,
    _set_level,
    _order_channels,
    _change_parameters,
    _change_repeat,
    _swap_cells,
    _change_after,
    _change_timing,
    _change_ladder,
    _change_limits,
    _change_attempts,
    _change_blocks,
    _change_blocks,
    _change_coverage,
    _change_experiment,
    _change_facts,
    _change_otherwise,
)
