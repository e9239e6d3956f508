"""Accounts, histories and outcomes of a suite, checked as the service would read them (language.md 3.1 and 5.3)."""

from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

import msgspec

from engine.evaluation.accounts import AccountReader
from engine.evaluation.outcomes import read_outcomes
from engine.evaluation.reading import Reading, zone_of
from engine.loading.complaints import Complaints, list_words, suggest
from engine.loading.grammar.account import ACCOUNT_KEYS, CALLS
from engine.loading.grammar.documents import (
    find_call_problems,
    find_entry_problems,
    find_header_problems,
    find_invoice_problems,
)
from engine.loading.grammar.writing import Document
from engine.loading.node import Mapping as MappingNode
from engine.loading.node import Node, Scalar, Sequence, describe, entries_of, find, items_of
from engine.model.account import AccountInvalid, Problem
from engine.model.diagnostic import Position
from engine.model.money import EXPONENTS
from engine.model.ruleset import Edition, Ruleset
from engine.model.vocabulary import ACTIONS, Fact

_MOST_ROWS = 4
Written = dict[str, Node]
"""The top-level keys of an account with what stands under them, wherever it was written."""


def merge(account: MappingNode, replaced: Node | None) -> Written:
    """Return the account's keys with those of ``with`` put in their place whole; null takes one away."""
    written = {entry.key.text: entry.value for entry in account.entries}
    for entry in entries_of(replaced):
        written.pop(entry.key.text, None)
        if not (isinstance(entry.value, Scalar) and entry.value.kind == "null"):
            written[entry.key.text] = entry.value
    return written


class DocumentChecker:
    """Checks accounts and histories against one ruleset."""

    def __init__(self, ruleset: Ruleset, complaints: Complaints) -> None:
        self._ruleset = ruleset
        self._complaints = complaints
        self._told: set[Position] = set()
        self._first = next(iter(ruleset.editions.values()))

    @property
    def facts(self) -> Mapping[str, Fact]:
        """Every fact that the ruleset knows."""
        return self._first.facts

    def check_names(self, node: Node | None) -> None:
        """Complain of every key that is neither a fact nor a part of an account."""
        known = [*self.facts, *sorted(ACCOUNT_KEYS)]
        for entry in entries_of(node):
            if entry.key.text not in known:
                found = f"“{entry.key.text}” is no fact that {self._ruleset.id} knows."
                self._complaints.add("unknown-fact", entry.key, found, suggest(entry.key.text, known))

    def check_account(self, document: Document, written: Written, place: Node) -> None:
        """Complain of what the service would refuse, but for unknown facts and those that are needed and missing."""
        self._complain(self._find_problems(document), written, place)

    def _find_problems(self, document: Document) -> Iterator[Problem]:
        header = tuple(find_header_problems(document))
        yield from header
        currency = document.get("currency")
        if not isinstance(currency, str) or any(problem.pointer == "/account/currency" for problem in header):
            return
        if currency not in EXPONENTS:
            message = f"“{currency}” is no currency of ISO 4217. {suggest(currency, EXPONENTS) or ''}".rstrip()
            yield Problem(pointer="/account/currency", message=message)
            return
        if (invoices := document.get("invoices")) is not None:
            yield from find_invoice_problems(invoices, currency)
        if document.get(CALLS) is not None and self._edition_of(currency).waits_for_best_hour:
            yield from find_call_problems(document[CALLS])
        reading = Reading()
        facts = {key: value for key, value in document.items() if key in self.facts}
        AccountReader(self._edition_of(currency), frozenset()).read_facts(facts, reading, frozenset())
        yield from reading.problems
        for name in facts:
            if invoices is not None and self.facts[name].source == "invoices":
                message = f"{name} is worked out from invoices; give one or the other"
                yield Problem(pointer=f"/account/{name}", message=message, fact=name)

    def _edition_of(self, currency: str) -> Edition:
        """Return the ruleset as it reads a currency; one that it does not cover has amounts of its own places."""
        return self._ruleset.editions.get(currency) or msgspec.structs.replace(self._first, currency=currency)

    def check_history(self, node: Node | None, history: tuple[Document, ...]) -> None:
        """Complain of entries that the service would refuse, and of rules and actions that are not there."""
        for item in items_of(node):
            if isinstance(item, MappingNode):
                self._check_entry(item)
            else:
                self._complaints.add("wrong-type", item, f"An entry of history is a mapping; found {describe(item)}.")
        written = {} if node is None else {"history": node}
        for index, document in enumerate(history):
            self._complain(find_entry_problems(document, f"/history/{index}"), written, node)

    def check_outcomes(self, node: Node | None, outcomes: tuple[Document, ...], account: Document) -> None:
        """Complain of outcomes of an account that the service would refuse."""
        for item in items_of(node):
            if not isinstance(item, MappingNode):
                self._complaints.add("wrong-type", item, f"An outcome is a mapping; found {describe(item)}.")
        if node is None or any(not isinstance(item, MappingNode) for item in items_of(node)):
            return
        currency = account.get("currency")
        if isinstance(currency, str) and currency in EXPONENTS:
            try:
                read_outcomes(outcomes, currency=currency, zone=self._zone_of(account))
            except AccountInvalid as invalid:
                self._complain(invalid.problems, {"outcomes": node}, node)

    def _zone_of(self, account: Document) -> ZoneInfo:
        name = account.get("timezone")
        own = zone_of(name) if isinstance(name, str) else None
        return own or ZoneInfo(self._ruleset.timezone)

    def _check_entry(self, entry: Node) -> None:
        rule, action = find(entry, "rule"), find(entry, "action")
        rules = [each.id for each in self._first.rules]
        is_free = find(entry, "ruleset") is not None or find(entry, "level") is not None
        if isinstance(rule, Scalar) and rule.text not in rules and not is_free:
            found = f"“{rule.text}” is no rule of {self._ruleset.id}."
            hint = (
                self._hint_at_rows(rule.text)
                or suggest(rule.text, rules)
                or "An entry that carries “ruleset” or “level” may name a rule that is gone."
            )
            self._complaints.add("unknown-rule", rule, found, hint)
        if isinstance(action, Scalar) and action.text not in ACTIONS:
            hint = suggest(action.text, ACTIONS) or f"The actions: {list_words(ACTIONS)}."
            self._complaints.add("unknown-word", action, f"“{action.text}” is no action.", hint)
            self._told.add(action.at)

    def _hint_at_rows(self, name: str) -> str | None:
        rows = [rule.id for rule in self._first.rules if rule.table == name]
        return f"It is a table; history names its rows: {list_words(rows[:_MOST_ROWS], 'and')}." if rows else None

    def _hint_at(self, problem: Problem) -> str | None:
        """Return how an account is written that a ruleset of several currencies can read."""
        if problem.pointer != "/account/currency" or len(self._ruleset.editions) == 1:
            return None
        return f"Add the account's currency: {self._ruleset.id} has {list_words(self._ruleset.editions, 'and')}."

    def _complain(self, problems: Iterable[Problem], written: Written, place: Node | None) -> None:
        for problem in problems:
            parts = problem.pointer.split("/")[1:]
            node = _follow(written, parts[1:] if parts[0] == "account" else parts) or place
            if node is not None and node.at not in self._told:
                end = "" if problem.message.endswith(("?", ".")) else "."
                self._complaints.add("account-invalid", node, f"{problem.message}{end}", self._hint_at(problem))


def _follow(written: Written, parts: list[str]) -> Node | None:
    """Return the node that a JSON pointer means, or the nearest above it."""
    node = written.get(parts[0]) if parts else None
    for part in parts[1:]:
        if isinstance(node, Sequence) and part.isdigit() and int(part) < len(node.items):
            node = node.items[int(part)]
        elif (below := find(node, part)) is not None:
            node = below
        else:
            break
    return node
