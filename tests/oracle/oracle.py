"""The oracle: language.md read a second time, as slow and obvious Python.

It shares no code with the product; tests compare the two. Rulesets are taken to be valid.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import yaml

from tests.oracle.account import Subject, zone_of
from tests.oracle.clock import to_date, to_instant, to_moment
from tests.oracle.decide import Day, Verdict, is_covered
from tests.oracle.outcome import describe
from tests.oracle.past import Now, Past, Reader
from tests.oracle.ruleset import Ruleset, read_ruleset
from tests.oracle.tables import Loader
from tests.oracle.vocabulary import HISTORY_FACTS

ONE_DAY = dt.timedelta(days=1)
LOOKED_AHEAD_DAYS = 1_100
History = list[dict[str, Any]] | None
Instant = str | dt.date | dt.datetime


class OracleConflict(Exception):
    """Two rulesets of a track cover the account (5.1)."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


class Ask:
    """One question: everything about it that does not change from day to day."""

    def __init__(self, ruleset: Ruleset, account: dict[str, Any], history: History, as_of: Instant) -> None:
        self.ruleset = ruleset
        self.zone = zone_of(account, ruleset)
        self.as_of = to_instant(as_of, self.zone)
        self.today = self.as_of.astimezone(self.zone).date()
        self.subject = Subject(account, ruleset, self.today)
        self.history = history
        self.reader: Reader | None = None
        self.pasts: dict[Now, Past] = {}

    def is_covered(self) -> bool:
        """Whether the ruleset covers the account now (5.1)."""
        asked = self.ruleset.coverage_facts
        if asked & HISTORY_FACTS:
            falling = {name for rule in self.ruleset.rules for name, _ in rule.countdowns}
            asked |= {"days_overdue", "preferred_channel", *falling}
        self.subject.read_facts(asked)
        return self.is_covered_on(self.today)

    def is_covered_on(self, today: dt.date) -> bool:
        """Whether it does on a day; the history is read only where `applies_to` asks for it."""
        past = self.past_on(today) if self.ruleset.coverage_facts & HISTORY_FACTS else None
        return is_covered(self.subject, today, past)

    def prepare(self) -> None:
        """Require the facts; what coverage read of the history is read again."""
        self.subject.read_facts()
        self.subject.check_facts(has_history=bool(self.history))
        self.reader = None
        self.pasts.clear()

    @property
    def past(self) -> Past:
        """What was executed, as it counts today."""
        return self.past_on(self.today)

    def past_on(self, today: dt.date) -> Past:
        """What was executed, as it counts on a day."""
        if HISTORY_FACTS & self.subject.given.keys():
            return Past(level=self.subject.given.get("dunning_level", 0))
        if self.reader is None:
            self.reader = self._reader()
        subject = self.subject
        windows = ((rule.id, subject.window_from(rule, today)) for rule in self.ruleset.rules if rule.countdowns)
        begun = tuple((name, first_on) for name, first_on in windows if first_on is not None)
        now = Now.of(subject.episode(today), subject.invoices_on(today), begun, has_invoices=subject.has_invoices)
        if now not in self.pasts:
            self.pasts[now] = self.reader.read(now)
        return self.pasts[now]

    def _reader(self) -> Reader:
        preferred = self.subject.given.get("preferred_channel")
        account_id = self.subject.account["id"]
        return Reader(self.history or [], self.ruleset, account_id, self.zone, self.as_of, preferred)

    def verdict(self, today: dt.date) -> Verdict:
        """What that day decides."""
        return Day(self.subject, self.past_on(today), today).verdict()


class OracleRuleset:
    """A ruleset of one or more currencies."""

    def __init__(self, text: str, facts_text: str | None = None, scorecard_text: str | None = None) -> None:
        self.doc: dict[str, Any] = yaml.load(text, Loader=Loader)  # noqa: S506 - it makes strings only
        shared = yaml.load(facts_text, Loader=Loader) if facts_text else {}  # noqa: S506 - as above
        cards = yaml.load(scorecard_text, Loader=Loader)["scorecards"] if scorecard_text else {}  # noqa: S506 - as above
        currencies = self.doc["currency"]
        if isinstance(currencies, str):
            currencies = [currencies]
        self.id: str = self.doc["ruleset"]
        self.track: str = self.doc.get("track", "dunning")
        self.by_currency = {item: read_ruleset(self.doc, shared.get("facts", {}), item, cards) for item in currencies}

    def asked(self, account: dict[str, Any], history: History, as_of: Instant) -> Ask | None:
        """The question put to the ruleset in the account's currency; None where it has none."""
        ruleset = self.by_currency.get(account["currency"])
        return None if ruleset is None else Ask(ruleset, account, history, as_of)

    def decide(
        self,
        account: dict[str, Any],
        history: History,
        as_of: Instant,
        *,
        look_ahead: bool = True,
        horizon_days: int = LOOKED_AHEAD_DAYS,
    ) -> dict[str, Any]:
        """The decision; without a look ahead `wait` comes out as what `otherwise` says."""
        ask = self.asked(account, history, as_of)
        if ask is None:
            return describe(None, Verdict(outcome="not_covered"))
        if not ask.is_covered():
            decision = describe(None, Verdict(outcome="not_covered"))
            begins_on = _covered_from(ask, horizon_days) if look_ahead else None
            decision["review_on"] = begins_on and begins_on.isoformat()
            return decision
        ask.prepare()
        now = ask.verdict(ask.today)
        decision = describe(ask, now)
        if look_ahead:
            _look_ahead(ask, now, decision, horizon_days)
        return decision

    def timeline(
        self,
        account: dict[str, Any],
        as_of_first: str | dt.date,
        until: str | dt.date,
        asked_on: Sequence[str | dt.date] | None = None,
        history: History = None,
    ) -> list[dict[str, Any]]:
        """What is executed day by day, `{on, rule, channel, entry}`, if nobody pays (9.2)."""
        first, last = to_date(as_of_first), to_date(until)
        account = {"facts_on": first.isoformat(), **account}
        entries = list(history or [])
        days = [first + dt.timedelta(days=shift) for shift in range((last - first).days + 1)]
        if asked_on is not None:
            days = [to_date(day) for day in asked_on]
        carried_out: list[dict[str, Any]] = []
        for on in days:
            ask = self.asked(account, entries, on)
            if ask is None:
                break
            noon = to_moment(on, dt.time(12), ask.zone)
            decision = self.decide(account, entries, noon, look_ahead=False)
            if decision["rule"] is not None:
                entry = executed_entry(decision, noon.astimezone(ask.zone), self.by_currency[account["currency"]])
                entries.append(entry)
                carried_out.append({"on": on, "rule": entry["rule"], "channel": entry.get("channel"), "entry": entry})
        return carried_out


def _look_ahead(ask: Ask, now: Verdict, decision: dict[str, Any], horizon_days: int) -> None:
    """Ask day after day for `review_on` and, where no rule wins now, for `upcoming` (5.9, 5.10)."""
    waits = now.found_no_rule
    differs_on: dt.date | None = None
    differs_waiting_on: dt.date | None = None  # counts two days on which no rule wins as the same outcome, `wait`
    for ahead in range(1, horizon_days + 1):
        on = ask.today + dt.timedelta(days=ahead)
        later = ask.verdict(on)
        if differs_on is None and later.compared != now.compared:
            differs_on = on
        if differs_waiting_on is None and (not later.found_no_rule or later.variants != now.variants):
            differs_waiting_on = on
        if waits and later.rule is not None:
            decision["upcoming"] = {"rule": later.rule.id, "on": on.isoformat()}
            break
        if not waits and differs_on is not None:
            break
    review_on = differs_waiting_on if decision["upcoming"] else differs_on
    decision["review_on"] = review_on and review_on.isoformat()
    if decision["upcoming"] is not None:
        decision.update(outcome="wait", action=None, along_with=[], block=None)
        decision["claim"].update(fee=None, interest=None, total=decision["claim"]["amount"])


def executed_entry(decision: dict[str, Any], at: dt.datetime, ruleset: Ruleset) -> dict[str, Any]:
    """The history entry of a decision that is carried out."""
    action = decision["action"]
    rule = ruleset.by_id[decision["rule"]]
    entry: dict[str, Any] = {"rule": rule.id, "at": at.isoformat(), "action": action["type"]}
    charged = rule.action.fee if rule.action.fee != "announced" else decision["announced_name"]
    optional = {
        "level": rule.level,
        "channel": action["channel"],
        "also": [beside["channel"] for beside in decision["along_with"] if beside["channel"] is not None],
        "episode": decision["episode"],
        "invoices": decision["claim"]["invoices"],
        "pay_by": action["pay_by"],
        "announced_fee": action["announced_fee"] and {"name": rule.action.announce_fee, **action["announced_fee"]},
        "fee": action["fee"] and {"name": charged, **action["fee"]},
    }
    # An empty "also" is said: left out, the rule's own would be taken for it.
    return entry | {key: value for key, value in optional.items() if value is not None and (value or key == "also")}


def decide_among(
    rulesets: Sequence[OracleRuleset],
    account: dict[str, Any],
    history: History,
    as_of: Instant,
    *,
    track: str = "dunning",
    look_ahead: bool = True,
) -> dict[str, Any]:
    """The decision of the one ruleset of the track that covers the account (5.1)."""
    asked = [(item, item.asked(account, history, as_of)) for item in rulesets if item.track == track]
    covering = [item for item, ask in asked if ask is not None and ask.is_covered()]
    if len(covering) > 1:
        raise OracleConflict(sorted(item.id for item in covering))
    if covering:
        return {**covering[0].decide(account, history, as_of, look_ahead=look_ahead), "ruleset": covering[0].id}
    decision = describe(None, Verdict(outcome="not_covered"))
    if look_ahead:
        begins = [_covered_from(ask, LOOKED_AHEAD_DAYS) for _, ask in asked if ask is not None]
        decision["review_on"] = min((on.isoformat() for on in begins if on is not None), default=None)
    return decision


def _covered_from(ask: Ask, horizon_days: int) -> dt.date | None:
    """The first later day on which the ruleset covers the account."""
    ask.is_covered()
    days = (ask.today + dt.timedelta(days=ahead) for ahead in range(1, horizon_days + 1))
    return next((on for on in days if ask.is_covered_on(on)), None)
