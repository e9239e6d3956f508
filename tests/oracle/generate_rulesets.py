"""Random valid rulesets, small to medium, with every part of the language."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import msgspec
import yaml

from tests.oracle.generate_facts import Palette
from tests.oracle.generate_money import MIDDLE, random_calendar, random_fees, random_interest
from tests.oracle.generate_tables import BARE_DASH, Row, random_table
from tests.oracle.vocabulary import CONTACT_ACTIONS

ALL_FEATURES = frozenset({
    "blocks", "calendar", "countdowns", "credits", "currencies", "episodes", "experiments", "facts", "history",
    "hold_outs", "holds", "ladder", "limits", "money", "payments", "repeats", "routing", "small_rests", "stateless",
    "tables",
})  # fmt: skip
COUNTDOWNS = ("days_until_renewal", "card_expires_in_days", "promise_to_pay_in_days", "hold_days_left")
PLACES = (
    ("Europe/Amsterdam", {"country": "NL", "categories": ["public", "optional"]}),
    ("Europe/Berlin", {"country": "DE", "subdivision": "BY"}),
    ("America/New_York", {"country": "US"}),
    ("Europe/London", {"country": "GB", "subdivision": "ENG"}),
    ("Asia/Tokyo", {"country": "JP"}),
    ("America/Santiago", {"country": "CL"}),
    ("Africa/Cairo", {"country": "EG", "weekend": ["friday", "saturday"]}),
    ("Pacific/Auckland", {"country": "NZ"}),
)
PLAIN_ACTIONS: tuple[dict[str, Any], ...] = (
    {"action": "retry_payment"},
    {"action": "retry_payment"},
    {"action": "assign_task", "assign_to": "billing"},
    {"action": "notify_team", "assign_to": "billing"},
    {"action": "restrict_service", "to": "limited"},
    {"action": "suspend_service"},
    {"action": "restore_service"},
    {"action": "block_changes"},
    {"action": "pause_billing"},
    {"action": "credit_hold"},
    {"action": "cancel_subscription", "at": "end_of_term"},
    {"action": "hand_over", "to": "agency"},
    {"action": "mark_uncollectible"},
    {"action": "write_off"},
    {"action": "raise_event", "name": "dunning.step"},
)
CONTACT: tuple[dict[str, Any], ...] = (
    {"action": "send_reminder"},
    {"action": "send_reminder"},
    {"action": "send_dunning_notice"},
    {"action": "send_dunning_notice"},
    {"action": "request_payment_method"},
    {"action": "offer_payment_plan", "instalments": 3, "every": "month"},
    {"action": "offer_discount", "percent": 10, "valid_days": 7},
    {"action": "place_call", "assign_to": "collections"},
)


class Blueprint(msgspec.Struct, frozen=True, kw_only=True):
    """A random ruleset, and what an account for it should be made of."""

    text: str
    doc: dict[str, Any]
    palette: Palette
    currencies: tuple[str, ...]
    timezone: str
    rules: tuple[dict[str, Any], ...]
    features: frozenset[str]


class _Dumper(yaml.SafeDumper):
    """Writes decimals as plain numbers and never an alias."""

    def ignore_aliases(self, data: object) -> bool:
        return data is data  # noqa: PLR0124 - always, whatever the data


def _plain_decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    text = format(value, "f")
    kind = "float" if "." in text else "int"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", text)


def _plain_row(dumper: yaml.SafeDumper, row: Row) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", row, flow_style=True)


_Dumper.add_representer(Decimal, _plain_decimal)
_Dumper.add_representer(Row, _plain_row)


def write(doc: dict[str, Any]) -> str:
    """The YAML text of a ruleset."""
    return yaml.dump(doc, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110).replace(BARE_DASH, "-")


def random_ruleset(rng: random.Random, features: frozenset[str] = ALL_FEATURES, name: str = "generated") -> Blueprint:
    """A random valid ruleset that uses no feature but those."""
    count = rng.randint(3, 15)
    currencies: tuple[str, ...] = (rng.choice(("EUR", "EUR", "USD", "JPY", "KWD")),)
    if "currencies" in features and rng.random() < 0.15:
        currencies = ("EUR", rng.choice(("USD", "JPY", "BHD")))
    maker = _Maker(rng, features, Palette(rng, currencies, features, count), count)
    doc = {"ruleset": name, **maker.document()}
    return Blueprint(
        text=write(doc),
        doc=doc,
        palette=maker.palette,
        currencies=currencies,
        timezone=doc["timezone"],
        rules=tuple(maker.rules),
        features=features,
    )


class _Maker:
    def __init__(self, rng: random.Random, features: frozenset[str], palette: Palette, count: int) -> None:
        self.rng = rng
        self.features = features
        self.palette = palette
        self.count = count
        self.stateless = "stateless" in features and rng.random() < 0.15
        palette.stateless = self.stateless
        self.rules: list[dict[str, Any]] = []
        self.fees: dict[str, Any] = {}
        self.calendar: dict[str, Any] | None = None
        self.holds_out = False
        self.table_of: dict[str, str] = {}

    def document(self) -> dict[str, Any]:
        """The whole ruleset but its name."""
        rng = self.rng
        currencies = self.palette.currencies
        timezone, country = rng.choice(PLACES)
        doc: dict[str, Any] = {
            "title": "Generated",
            "currency": list(currencies) if len(currencies) > 1 else currencies[0],
            "timezone": timezone,
        }
        if self.stateless:
            doc["stateless"] = True
        elif "ladder" in self.features:
            if rng.random() < 0.8:
                doc["ladder"] = rng.choice(("strict", "catch_up", "catch_up", "most_severe", "none"))
            if rng.random() < 0.8:
                doc["dunning_interval_days"] = rng.choice((0, 1, 2, 3, 5, 7))
        if "routing" in self.features:
            doc.update(self._routing())
        if "calendar" in self.features and rng.random() < 0.6:
            self.calendar = doc["calendar"] = random_calendar(rng, country)
        if "experiments" in self.features and rng.random() < 0.5:
            doc["experiments"] = self._experiments()
        if rng.random() < 0.5:
            doc["conditions"] = self._named()
        if "money" in self.features:
            self.fees = doc["fees"] = random_fees(self.palette)
            doc["interest"] = {"late": random_interest(rng)}
        if "limits" in self.features:
            doc.update(self._limits())
        if "blocks" in self.features and rng.random() < 0.6:
            doc["blocks"] = [self._block(index) for index in range(rng.randint(1, 3))]
        if "small_rests" in self.features and rng.random() < 0.35:
            unit = self.palette.unit("open_balance")
            doc["ignore_below"] = self.palette.amount(rng.choice((0, 1, unit, unit, 10 * unit, 25 * unit)))
        doc["rules"] = self._items()
        if rng.random() < 0.5:
            doc["otherwise"] = self._otherwise()
        self._use_what_is_declared()
        if self.palette.custom:
            doc["facts"] = self.palette.custom
        return doc

    def _use_what_is_declared(self) -> None:
        """Put each experiment and needed fact that no condition speaks of into the last rule."""
        when = self.rules[-1].setdefault("when", {})
        for name, variants in self.palette.experiments.items():
            if name not in str(self.rules):
                when.setdefault("experiment", {})[name] = variants[0]
        for name in self.palette.named:
            if name not in str(self.rules):
                when[name] = False
        for name in self.palette.custom:
            if name not in self.palette.used:
                when[name] = self.palette.test(name)

    def _routing(self) -> dict[str, Any]:
        rng = self.rng
        parts: dict[str, Any] = {}
        if rng.random() < 0.2:
            choices: list[dict[str, Any]] = [
                {"country": "NL"},
                {"country": ["NL", "NO"]},
                {"segment": {"not": "smb"}},
                {"none": [{"country": "US"}]},
                {"overdue_balance": {"more_than": 0}},
            ]
            if "history" in self.features and not self.stateless:
                choices.append({"dunning_level": {"at_most": 2}})
            parts["applies_to"] = rng.choice(choices)
            self.palette.used |= {"country", "segment"} | (parts["applies_to"].keys() - {"none"})
        if rng.random() < 0.25:
            begins = MIDDLE + dt.timedelta(days=rng.randint(-300, -50))
            parts["effective"] = {"from": begins.isoformat()}
            if rng.random() < 0.5:
                parts["effective"]["until"] = (begins + dt.timedelta(days=rng.randint(30, 400))).isoformat()
        return parts

    def _experiments(self) -> dict[str, Any]:
        rng = self.rng
        found: dict[str, Any] = {}
        for index in range(rng.randint(1, 2)):
            split = rng.choice([{"control": 50, "friendly": 50}, {"a": 10, "b": 85, "c": 5}, {"most": 99, "few": 1}])
            node: dict[str, Any] = {"variants": dict(split)}
            if "hold_outs" in self.features and rng.random() < 0.6:
                node["hold_out"] = rng.choice((5, 20, 50, 50))
                self.holds_out = True
            if rng.random() < 0.4:
                node["until"] = (MIDDLE + dt.timedelta(days=rng.randint(-100, 150))).isoformat()
            found[f"x-test-{index}"] = node
            self.palette.experiments[f"x-test-{index}"] = list(split)
        return found

    def _named(self) -> dict[str, Any]:
        named: dict[str, Any] = {}
        for index in range(self.rng.randint(1, 2)):
            named[f"named_{index}"] = self.palette.condition(1)  # the second may name the first
            self.palette.named[f"named_{index}"] = named[f"named_{index}"]
        return named

    def _limits(self) -> dict[str, Any]:
        rng = self.rng
        parts: dict[str, Any] = {}
        if rng.random() < 0.6:
            parts["contact_limits"] = [
                {"channel": rng.choice(("phone", "email", "sms")), "at_most": rng.randint(1, 2), "per_days": 7},
                {"at_most": rng.randint(1, 4), "per_days": rng.choice((1, 7, 30))},
            ][: rng.randint(1, 2)]
        if rng.random() < 0.5 and not self.stateless:
            parts["attempt_limits"] = [{"at_most": rng.randint(1, 3), "per_days": rng.choice((1, 7, 30))}]
            if rng.random() < 0.5:
                parts["attempt_limits"].append({"when": self.palette.condition(1), "at_most": 1, "per_days": 10})
        return parts

    def _block(self, index: int) -> dict[str, Any]:
        rng = self.rng
        name = rng.choice(("disputed", "insolvent", "legal_hold", "vulnerable", "hold_days_left"))
        self.palette.used.add(name)
        when = {name: {"at_least": 0} if name == "hold_days_left" else True}
        if name == "hold_days_left":
            self.palette.thresholds.setdefault(name, []).append(0)
        block: dict[str, Any] = {"id": f"b{index}", "when": when, "reason": "It stands still."}
        if rng.random() < 0.5:
            block["stops"] = rng.sample(["send_reminder", "retry_payment", "suspend_service", "send_dunning_notice"], 2)
        return block

    def _items(self) -> list[dict[str, Any]]:
        """The rules and tables as they are written; the rules that they stand for are gathered in `rules`."""
        items: list[dict[str, Any]] = []
        for index in range(self.count):
            if "tables" in self.features and self.rng.random() < 0.1:
                table, rows = random_table(self.rng, self.palette, self._rule(index), f"t{index}", self._bound)
                items.append(table)
                self.rules += rows
                self.table_of |= {row["id"]: table["table"] for row in rows}
            rule = self._rule(index)
            items.append(rule)
            self.rules.append(rule)
        return items

    def _bound(self, rule: dict[str, Any]) -> dict[str, Any]:
        """What a cell of `after` or `repeat` could say."""
        cells: dict[str, Any] = {}
        if not self.stateless:
            cells["repeat"] = self._repeat()
            cells |= {"after": self._after(rule)} if self.rules else {}
        return cells

    def _resting(self, index: int) -> dict[str, Any]:
        """A rule that asks little, so that its rest decides."""
        rng = self.rng
        when = rng.choice(({}, {"overdue_invoices": {"at_least": 1}}, {"open_invoices": {"at_least": 1}}))
        self.palette.used |= when.keys()
        rule = {"id": f"r{index}", "title": f"Rule {index}", "when": dict(when), "repeat": self._repeat()}
        then = self._action(index)
        if "bank" in (self.calendar or {}) and rng.random() < 0.6:
            then = {"action": "retry_payment"}
        elif self.fees and rng.random() < 0.5:
            by_invoice = [name for name, fee in self.fees.items() if "each" in fee]
            then = {"action": "charge_fee", "fee": rng.choice(by_invoice or sorted(self.fees))}
        return rule | {"then": then}

    def _following(self, index: int) -> dict[str, Any]:
        """A rule that waits for the rows of a table, or undoes them, and asks nothing else."""
        rng = self.rng
        table = rng.choice(sorted(self.table_of.values()))
        rule: dict[str, Any] = {"id": f"r{index}", "title": f"Rule {index}", "when": {}}
        if rng.random() < 0.5:
            rule |= {"undoes": [table], "when": {"service_status": "active"}}
            self.palette.used.add("service_status")
        else:
            rule["after"] = {"rule": table, "days": rng.choice((0, 1, 7)), "times": rng.choice((1, 1, 2))}
        return rule | {"then": self._action(index)}

    def _countdown(self, index: int) -> dict[str, Any]:
        """A rule without level that waits for a fact to count down."""
        rng = self.rng
        names = [*COUNTDOWNS, *(["c_days"] if "c_days" in self.palette.custom else [])]
        name, highest = rng.choice(names), rng.choice((0, 5, 14, 30))
        self.palette.used.add(name)
        self.palette.thresholds.setdefault(name, []).append(highest)
        when: dict[str, Any] = {name: rng.choice((f"..{highest}", f"0..{highest}", {"at_most": highest}))}
        if rng.random() < 0.2:
            when = {"any": [when, {name: highest + 2, "vip": True}]}
            self.palette.used.add("vip")
        rule: dict[str, Any] = {"id": f"r{index}", "title": f"Rule {index}", "when": when}
        if not self.stateless and rng.random() < 0.5:
            rule["repeat"] = self._repeat()
        return rule | {"then": self._action(index)}

    def _rule(self, index: int) -> dict[str, Any]:
        rng = self.rng
        if "countdowns" in self.features and rng.random() < 0.1:
            return self._countdown(index)
        if "repeats" in self.features and not self.stateless and rng.random() < 0.12:
            return self._resting(index)
        if self.table_of and not self.stateless and rng.random() < 0.25:
            return self._following(index)
        rule: dict[str, Any] = {"id": f"r{index}", "title": f"Rule {index}"}
        if "ladder" in self.features and rng.random() < 0.65:
            rule["level"] = min(9, 1 + index // 2 + rng.choice((0, 0, 0, 1, -1))) or 1
        if self.holds_out and rng.random() < (0.5 if "level" in rule else 0.25):
            rule["voluntary"] = True
        if rng.random() < 0.9:
            rule["when"] = self.palette.condition()
            if rng.random() < 0.4:
                rule["when"].setdefault("days_overdue", self.palette.test("days_overdue"))
        if not self.stateless:
            self._bind(rule, index)
        if rng.random() < 0.15:
            rule["timing"] = {"days_after_due": rng.choice((0, 3, 14, 30))}
            if rng.random() < 0.6:
                rule["timing"]["align"] = rng.choice(("end_of_month", "business_day"))
        rule["then"] = self._action(index)
        return rule

    def _bind(self, rule: dict[str, Any], index: int) -> None:
        """Tie a rule to what was executed before."""
        rng = self.rng
        if self.rules and rng.random() < 0.25:
            entries = [self._after(rule) for _ in range(rng.choice((1, 1, 1, 2)))]
            rule["after"] = entries if len(entries) > 1 or rng.random() < 0.3 else entries[0]
        if rng.random() < (0.35 if "repeats" in self.features else 0.25):
            rule["repeat"] = self._repeat()
        if rng.random() < 0.08:
            undone = {f"r{rng.randrange(self.count)}", f"r{index}" if rng.random() < 0.3 else "r0"}
            if self.table_of and rng.random() < 0.5:
                undone = {rng.choice(sorted(self.table_of.values())), "r0"}
            rule["undoes"] = sorted(undone)

    def _repeat(self) -> dict[str, Any]:
        rng = self.rng
        repeat: dict[str, Any] = {"every_days": rng.choice((1, 2, 3, 7))}
        if "repeats" in self.features and rng.random() < 0.5:
            repeat = {"every_business_days": rng.choice((1, 2, 3, 5, 10))}
            if rng.random() < 0.4:
                repeat = {"every_months": rng.choice((1, 1, 2))}
        if rng.random() < 0.6:
            repeat["at_most"] = rng.randint(1 if "repeats" in self.features else 2, 4)
            if "repeats" in self.features and rng.random() < 0.6:
                repeat["per_days"] = rng.choice((1, 7, 30, 31))
        return repeat

    def _after(self, rule: dict[str, Any]) -> dict[str, Any]:
        rng = self.rng
        before = rng.choice(self.rules)
        name = before["id"]
        if name in self.table_of and rng.random() < 0.6:
            name = self.table_of[name]
        node: dict[str, Any] = {"rule": name}
        levels = [item["level"] for item in self.rules if item.get("level", 99) < rule.get("level", 9)]
        if levels and rng.random() < 0.3:
            node = {"level": rng.choice(levels)}
        elif "pay_within_days" in before["then"] and rng.random() < 0.7:
            node["from"] = "pay_by"
        if rng.random() < 0.8:
            node["days"] = rng.choice((0, 1, 3, 7))
        if "repeat" in before and node.get("rule") and rng.random() < 0.3:
            node["times"] = 2
        return node

    def _action(self, index: int) -> dict[str, Any]:
        rng = self.rng
        roll = rng.random()
        action: dict[str, Any]
        if roll < 0.55:
            action = dict(rng.choice(CONTACT))
            action["channel"] = self._channels(action["action"])
            if action["action"] == "send_dunning_notice":
                self._notice(action)
        elif roll < 0.7 and self.fees:
            names = sorted(self.fees) if self.stateless else [*sorted(self.fees), "announced"]
            action = {"action": "charge_fee", "fee": rng.choice(names)}
        else:
            action = dict(rng.choice(PLAIN_ACTIONS))
        if self.calendar is not None and rng.random() < 0.25:
            days = ["any", "business_day", *(["payday"] if "paydays" in self.calendar else [])]
            action["schedule"] = {"day": rng.choice(days)}
            if rng.random() < 0.5:
                action["schedule"]["time"] = rng.choice(("10:00", "12:30", "02:30" if index % 2 else "09:00"))
                if action["action"] in CONTACT_ACTIONS:
                    action["schedule"]["time"] = "10:00"
                if action["action"] == "place_call" and rng.random() < 0.4:
                    action["schedule"]["time"] = "best"
        if rng.random() < 0.12:
            beside: list[dict[str, Any]] = [{"action": "notify_team", "assign_to": "billing"}]
            beside.append({"action": "send_reminder", "channel": rng.choice(("email", "phone"))})
            action["along_with"] = rng.sample(beside, rng.randint(1, 2))
        if rng.random() < 0.05:
            action["approval"] = "required"
        return action

    def _channels(self, kind: str) -> Any:
        rng = self.rng
        if kind == "place_call":
            return "phone"
        known = ("preferred", "email", "sms", "phone", "letter", "in_app")
        channels = rng.sample(known, rng.randint(1, 3))
        if "preferred" in channels:
            self.palette.used.add("preferred_channel")
        return channels if len(channels) > 1 or rng.random() < 0.3 else channels[0]

    def _notice(self, action: dict[str, Any]) -> None:
        rng = self.rng
        if rng.random() < 0.7:
            action["pay_within_days"] = rng.choice((0, 7, 10, 14))
        if self.fees and rng.random() < 0.4:
            action[rng.choice(("fee", "announce_fee"))] = rng.choice(sorted(self.fees))
        if self.fees and rng.random() < (0.7 if "payments" in self.features else 0.3):
            action["interest"] = "late"

    def _otherwise(self) -> dict[str, Any]:
        roll = self.rng.random()
        if roll < 0.4:
            return self._action(0)
        return {"action": "none"} if roll < 0.7 else {"action": "notify_team", "assign_to": "billing"}
