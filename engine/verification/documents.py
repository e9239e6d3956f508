"""Accounts and history as a suite writes them, to the documents that a caller would send (language.md 3.1 and 5.3)."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

import msgspec

from engine.evaluation.accounts import HEADER, AccountReader
from engine.evaluation.history import HistoryReader
from engine.evaluation.reading import read_currency, read_zone
from engine.loading.complaints import list_words, suggest
from engine.loading.constants import digits_of
from engine.loading.node import Mapping as MappingNode
from engine.loading.node import Node, Scalar, Sequence, entries_of, find, items_of, read_number, to_data
from engine.model.account import AccountInvalid, Problem
from engine.model.diagnostic import Position
from engine.model.money import EXPONENTS
from engine.model.ruleset import Edition, Ruleset
from engine.model.vocabulary import ACTIONS, NUMERIC_TYPES, Fact
from engine.verification.complaints import SuiteComplaints

Document = dict[str, object]
Written = dict[str, Node]
"""The top-level keys of an account with what stands under them, wherever it was written."""

_INVOICE_NUMBERS = frozenset({"open", "amount"})
_INVOICE_FLAGS = frozenset({"disputed"})
_ENTRY_NUMBERS = frozenset({"level"})
_ENTRY_FLAGS = frozenset({"reset"})


def merge(account: MappingNode, replaced: Node | None) -> Written:
    """Return the account's keys with those of ``with`` put in their place whole; null takes one away."""
    written = {entry.key.text: entry.value for entry in account.entries}
    for entry in entries_of(replaced):
        written.pop(entry.key.text, None)
        if not (isinstance(entry.value, Scalar) and entry.value.kind == "null"):
            written[entry.key.text] = entry.value
    return written


def write_account(written: Written, name: str, facts: Mapping[str, Fact]) -> Document:
    """Return the account document, each value typed by the fact's declaration; ``name`` is its id if it has none."""
    document: Document = {"id": name}
    for key, node in written.items():
        if key == "invoices":
            document[key] = [_write_members(item, _INVOICE_NUMBERS, _INVOICE_FLAGS) for item in items_of(node)]
        elif key in facts:
            document[key] = _write_fact(facts[key], node)
        else:
            document[key] = _write_text(node)
    return document


def _write_fact(fact: Fact, node: Node) -> object:
    if fact.type in NUMERIC_TYPES:
        return _write_number(node)
    if fact.type == "boolean":
        return to_data(node)
    if isinstance(node, Sequence):
        return [_write_text(item) for item in node.items]
    return _write_text(node)


def _write_number(node: Node) -> object:
    digits = digits_of(node)
    return to_data(node) if digits is None else read_number(digits)


def _write_text(node: Node) -> object:
    """Return a word; a plain number keeps its written digits, anything else is for the reader to refuse."""
    return node.text if isinstance(node, Scalar) and node.kind in {"word", "number"} else to_data(node)


def _write_members(node: Node, numbers: frozenset[str], flags: frozenset[str]) -> object:
    if not isinstance(node, MappingNode):
        return to_data(node)
    document: Document = {}
    for entry in node.entries:
        key, value = entry.key.text, entry.value
        if key in numbers:
            document[key] = _write_number(value)
        elif key in flags:
            document[key] = to_data(value)
        elif isinstance(value, Sequence):
            document[key] = [_write_text(item) for item in value.items]
        elif isinstance(value, MappingNode):
            document[key] = {part.key.text: _write_text(part.value) for part in value.entries}
        else:
            document[key] = _write_text(value)
    return document


def write_history(node: Node | None) -> tuple[Document, ...]:
    """Return the history as documents, in written order."""
    written = (_write_members(item, _ENTRY_NUMBERS, _ENTRY_FLAGS) for item in items_of(node))
    return tuple(document for document in written if isinstance(document, dict))


class DocumentChecker:
    """Checks accounts and histories against one ruleset, as the service would read them."""

    def __init__(self, ruleset: Ruleset, complaints: SuiteComplaints) -> None:
        self._ruleset = ruleset
        self._complaints = complaints
        self._told: set[Position] = set()
        self._first = next(iter(ruleset.editions.values()))
        self._zone = ZoneInfo(ruleset.timezone)

    @property
    def facts(self) -> Mapping[str, Fact]:
        """Every fact that the ruleset knows."""
        return self._first.facts

    def check_names(self, keys: Iterable[Scalar]) -> bool:
        """Complain of every key that is neither a fact nor a part of an account; tell whether all are known."""
        known = [*self.facts, *sorted(HEADER)]
        unknown = [key for key in keys if key.text not in self.facts and key.text not in HEADER]
        for key in unknown:
            found = f"“{key.text}” is no fact that {self._ruleset.id} knows."
            self._complaints.add("unknown-fact", key, found, suggest(key.text, known))
        return not unknown

    def check_account(self, document: Document, written: Written, place: Node) -> None:
        """Complain of what the service would refuse, but for unknown facts and those that are needed and missing."""
        document = {key: value for key, value in document.items() if key in self.facts or key in HEADER}
        try:
            edition = self._edition_of(read_currency(document))
            zone = read_zone(document, self._zone)
            AccountReader(edition, frozenset()).read(document, zone, known_elsewhere=frozenset())
        except AccountInvalid as invalid:
            self._complain(invalid.problems, written, place)

    def _edition_of(self, currency: str) -> Edition:
        """Return the ruleset as it reads a currency; one that it does not cover has amounts of its own places."""
        if currency not in EXPONENTS:
            hint = suggest(currency, EXPONENTS)
            message = f"“{currency}” is no currency of ISO 4217.{f' {hint}' if hint else ''}"
            raise AccountInvalid((Problem(pointer="/account/currency", message=message),))
        return self._ruleset.editions.get(currency) or msgspec.structs.replace(self._first, currency=currency)

    def check_history(self, node: Node | None, history: tuple[Document, ...]) -> None:
        """Complain of entries that the service would refuse, and of rules and actions that are not there."""
        for item in items_of(node):
            if self._complaints.need_mapping(item, "An entry of history") is not None:
                self._check_entry(item)
        try:
            rules = {rule.id: rule for rule in self._first.rules}
            HistoryReader(self._ruleset.id, rules).read(history, account="", zone=self._zone, preferred=None)
        except AccountInvalid as invalid:
            self._complain(invalid.problems, {"history": node} if node is not None else {}, node)

    def _check_entry(self, entry: Node) -> None:
        rule, action = find(entry, "rule"), find(entry, "action")
        rules = [each.id for each in self._first.rules]
        is_free = find(entry, "ruleset") is not None or find(entry, "level") is not None
        if isinstance(rule, Scalar) and rule.text not in rules and not is_free:
            found = f"“{rule.text}” is no rule of {self._ruleset.id}."
            hint = (
                suggest(rule.text, rules) or "An entry that carries “ruleset” or “level” may name a rule that is gone."
            )
            self._complaints.add("unknown-rule", rule, found, hint)
        if isinstance(action, Scalar) and action.text not in ACTIONS:
            hint = suggest(action.text, ACTIONS) or f"The actions: {list_words(ACTIONS)}."
            self._complaints.add("unknown-word", action, f"“{action.text}” is no action.", hint)
            self._told.add(action.at)

    def _complain(self, problems: Iterable[Problem], written: Written, place: Node | None) -> None:
        for problem in problems:
            parts = problem.pointer.split("/")[1:]
            node = _follow(written, parts[1:] if parts[0] == "account" else parts) or place
            if node is not None and node.at not in self._told:
                end = "" if problem.message.endswith(("?", ".")) else "."
                self._complaints.add("account-invalid", node, f"{problem.message}{end}")


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
