"""Promises a second time, money unit by money unit; shares no code with the product.

Outcomes are plain mappings: instants as numbers of hours, `by` as a day of 24 hours, amounts as small whole numbers.
"""

from typing import Any

TOLERANCE = 2
HOURS = 24
_FIRST = {"promise": 0, "payment": 1, "refund": 2, "chargeback": 2, "promise_withdrawn": 3}
Plain = dict[str, Any]


class Ledger:
    """Which units of money served which promise, each unit known by its number."""

    def __init__(self, promises: list[Plain], tolerance: int) -> None:
        self.promises = promises
        self.tolerance = tolerance
        self.units: dict[str, list[int]] = {each["id"]: [] for each in promises}
        self.gone: set[str] = set()
        self.count = 0

    def is_alive(self, promise: Plain, hour: int) -> bool:
        """Whether anything can still change it."""
        return promise["at"] <= hour < self.end_of(promise) and promise["id"] not in self.gone

    def is_waiting(self, promise: Plain, hour: int) -> bool:
        """Whether money is still to come."""
        return self.is_alive(promise, hour) and len(self.units[promise["id"]]) < promise["amount"]

    def end_of(self, promise: Plain) -> int:
        """The first hour after its tolerance."""
        end: int = (promise["by"] + self.tolerance + 1) * HOURS
        return end

    def pay(self, money: Plain) -> None:
        """One unit comes in."""
        waiting = [e for e in self.promises if self.is_waiting(e, money["at"]) and _is_meant(e, money)]
        if waiting:
            self.count += 1
            first = min(waiting, key=lambda each: (each["by"], each["at"], each["id"]))
            self.units[first["id"]].append(self.count)

    def give_back(self, money: Plain) -> None:
        """One unit goes: the one that came last of those that can."""
        paid = [e for e in self.promises if self.is_alive(e, money["at"]) and _is_meant(e, money)]
        paid = [each for each in paid if self.units[each["id"]]]
        if paid:
            self.units[max(paid, key=lambda each: self.units[each["id"]][-1])["id"]].pop()

    def withdraw(self, outcome: Plain) -> None:
        """Promises go."""
        for promise in self.promises:
            if "promise" in outcome:
                is_meant = outcome["promise"] == promise["id"]
            else:
                is_meant = "invoice" not in outcome or outcome["invoice"] == promise.get("invoice")
            if is_meant and self.is_waiting(promise, outcome["at"]):
                self.gone.add(promise["id"])

    def state(self, promise: Plain, now: int) -> str:
        """What it is."""
        paid = len(self.units[promise["id"]])
        if promise["id"] in self.gone:
            return "withdrawn"
        if paid == promise["amount"]:
            return "kept"
        if now < self.end_of(promise):
            return "open"
        return "partly_kept" if paid else "broken"


def judge(outcomes: list[Plain], now: int, tolerance: int = TOLERANCE) -> dict[str, tuple[str, int]]:
    """Return each promise's state and what was paid of it."""
    seen = [each for each in find_known(outcomes, now) if each["type"] in _FIRST]
    ledger = Ledger([each for each in seen if each["type"] == "promise"], tolerance)
    deeds = {"payment": ledger.pay, "refund": ledger.give_back, "chargeback": ledger.give_back}
    for outcome in sorted(seen, key=lambda each: (each["at"], _FIRST[each["type"]])):
        for _ in range(outcome["amount"] if outcome["type"] in deeds else 0):
            deeds[outcome["type"]](outcome)
        if outcome["type"] == "promise_withdrawn":
            ledger.withdraw(outcome)
    return {each["id"]: (ledger.state(each, now), len(ledger.units[each["id"]])) for each in ledger.promises}


def find_known(outcomes: list[Plain], now: int) -> list[Plain]:
    """Return what had happened, and was recorded."""
    return [each for each in outcomes if each["at"] <= now and each.get("recorded", 0) <= now]


def draw(outcomes: list[Plain], now: int, tolerance: int) -> Plain:
    """Return what is drawn from outcomes at an hour: the facts, who is disputed, and what promises take off."""
    judged, days = judge(outcomes, now, tolerance), now // HOURS
    open_ = [each for each in find_known(outcomes, now) if judged.get(each["id"], ("",))[0] == "open"]
    drawn: Plain = {
        "broken_promises": sum(state == "broken" for state, _ in judged.values()),
        "disputed": None in _list_disputed(outcomes, now),
        "disputed_invoices": _list_disputed(outcomes, now) - {None},
        "promised": sum(each["amount"] - judged[each["id"]][1] for each in open_),
        "judged_on": {each["id"]: each["by"] + tolerance + 1 for each in open_},
    }
    if open_:
        latest = max(each["at"] for each in open_)
        drawn["promise_to_pay_in_days"] = [each for each in open_ if each["at"] == latest][-1]["by"] - days
    return drawn


def _list_disputed(outcomes: list[Plain], now: int) -> set[str | None]:
    """Return which invoices are disputed, None for the account."""
    disputes: dict[str, str | None] = {}
    for outcome in sorted(find_known(outcomes, now), key=lambda each: each["at"]):
        if outcome["type"] == "dispute_opened":
            disputes[outcome["id"]] = outcome.get("invoice")
        if outcome["type"] == "dispute_closed":
            if "dispute" in outcome:
                disputes.pop(outcome["dispute"], None)
            elif "invoice" in outcome:
                disputes = {name: each for name, each in disputes.items() if each != outcome["invoice"]}
            else:
                disputes = {}
    return set(disputes.values())


def _is_meant(promise: Plain, money: Plain) -> bool:
    return not ("invoice" in promise and "invoice" in money) or promise["invoice"] == money["invoice"]
