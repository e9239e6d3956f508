"""The text of a suite to its cases, or to complaints (language.md section 9)."""

import contextlib
import datetime as dt
import itertools

import msgspec

from engine.loading.complaints import Complaints, TooManyComplaints, suggest
from engine.loading.grammar.kinds import label, section
from engine.loading.grammar.suite import SUITE, WrittenSuite, WrittenTest
from engine.loading.grammar.terms import JsonSchema
from engine.loading.grammar.writing import write_account, write_history, write_outcomes
from engine.loading.node import Entry, Mapping, Node, Scalar, Sequence, describe, entries_of, find
from engine.loading.scope import Scope
from engine.loading.spot import Spot
from engine.loading.yamltext import parse_yaml
from engine.model.diagnostic import Diagnostic, sort_by_place
from engine.model.ruleset import Ruleset
from engine.verification.documents import DocumentChecker, Written, merge
from engine.verification.mistakes import ALL_MISTAKES
from engine.verification.paths import Names, names_of, resolve
from engine.verification.suite import NAMELESS, Case, Expectation, Suite
from engine.verification.timelines import TimelineReader, read_instant

MOST_COMBINATIONS = 1000
_ACCOUNT: JsonSchema = {"errorMessage": "Write an account: {currency: EUR, country: NL}."}


class ParsedSuite(msgspec.Struct, frozen=True, kw_only=True):
    """The file as nodes and as parts, with what is wrong so far; the collector goes on with the reading."""

    file: str
    root: Node | None
    written: WrittenSuite | None
    diagnostics: tuple[Diagnostic, ...]
    complaints: Complaints

    @property
    def ruleset(self) -> str | None:
        """The ruleset that the suite names, by id or by file; None where it names none."""
        return None if self.written is None else self.written.ruleset


class LoadedSuite(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one file: a suite, or errors that say why not."""

    file: str
    suite: Suite | None
    diagnostics: tuple[Diagnostic, ...]


def parse_suite(text: bytes | str, file: str) -> ParsedSuite:
    """Read the file's structure and which ruleset it is about."""
    parsed = parse_yaml(text, file, allow_null=True, first_key="ruleset")
    complaints = Complaints(file, ALL_MISTAKES)
    written = None
    with contextlib.suppress(TooManyComplaints):
        written = None if parsed.node is None else SUITE.read(parsed.node, Spot(Scope(complaints=complaints)))
    diagnostics = sort_by_place([*parsed.diagnostics, *complaints.found])
    return ParsedSuite(file=file, root=parsed.node, written=written, diagnostics=diagnostics, complaints=complaints)


def read_suite(parsed: ParsedSuite, ruleset: Ruleset) -> LoadedSuite:
    """Return the suite as cases of the ruleset, or every error in it."""
    cases: tuple[Case, ...] = ()
    with contextlib.suppress(TooManyComplaints):
        cases = () if parsed.written is None else _SuiteReader(ruleset, parsed.complaints).read(parsed.written)
    diagnostics = sort_by_place([*parsed.diagnostics, *parsed.complaints.found])
    suite = Suite(file=parsed.file, ruleset=ruleset.id, cases=cases) if not diagnostics else None
    return LoadedSuite(file=parsed.file, suite=suite, diagnostics=diagnostics)


def load_suite(text: bytes | str, ruleset: Ruleset, *, file: str = "<suite>") -> LoadedSuite:
    """Read a suite as cases of a ruleset, whichever it names."""
    return read_suite(parse_suite(text, file), ruleset)


class _SuiteReader:
    def __init__(self, ruleset: Ruleset, complaints: Complaints) -> None:
        self._names: Names = names_of(ruleset)
        # Where there is only one currency, nobody needs to write it.
        self._defaults = {"currency": currency} if (currency := _only_one(ruleset)) is not None else {}
        self._documents = DocumentChecker(ruleset, complaints)
        self._spot = Spot(Scope(complaints=complaints))
        self._timelines = TimelineReader(self._names, self._spot)
        self._complaints = complaints
        self._accounts: dict[str, Mapping] = {}
        self._asked: set[str] = set()

    def read(self, suite: WrittenSuite) -> tuple[Case, ...]:
        """Return all cases, each combination of a matrix one of its own."""
        for entry in entries_of(suite.accounts):
            account = section(_ACCOUNT).read(entry.value, self._spot.under(entry.key))
            if isinstance(account, Mapping):
                self._accounts[entry.key.text] = account
                self._documents.check_names(account)
        self._check_names(suite.tests)
        cases = tuple(case for test in suite.tests for case in self._read_test(test))
        self._check_unasked()
        return cases

    def _check_unasked(self) -> None:
        """Complain of accounts that no test asks about as of the others, which each test has checked."""
        for name, account in self._accounts.items():
            if name not in self._asked:
                self._build_account(merge(account, None), name, account)

    def _check_names(self, tests: tuple[WrittenTest, ...]) -> None:
        lines: dict[str, int] = {}
        for test in tests:
            name = find(test.node, "name")
            if not isinstance(name, Scalar):
                continue
            if name.text in lines:
                found = f"A second test is called “{name.text}”; the first is on line {lines[name.text]}."
                self._complaints.add("duplicate-id", name, found, "Give one of the two another name.")
            lines.setdefault(name.text, name.at.line)

    def _read_test(self, test: WrittenTest) -> tuple[Case, ...]:
        skip = self._read_skip(test.skip)
        history = write_history(test.history)
        self._documents.check_history(test.history, history)
        outcomes = write_outcomes(test.outcomes)
        timeline = self._timelines.read(test)
        as_of = self._read_as_of(test) if test.timeline is None else None
        expect = self._read_expect(test)
        combinations = self._read_combinations(test)
        self._documents.check_outcomes(test.outcomes, outcomes, combinations[0][1] if combinations else {})
        return tuple(
            Case(
                name=f"{test.name or ''}{suffix}",
                at=test.node.at,
                account=account,
                history=history,
                outcomes=outcomes,
                as_of=as_of,
                expect=expect,
                timeline=timeline,
                skip=skip,
            )
            for suffix, account in combinations
        )

    def _read_skip(self, node: Node | None) -> str | None:
        if node is None:
            return None
        if not isinstance(node, Scalar) or node.kind != "word" or not node.text.strip():
            self._complaints.add("skip-without-reason", node, f"“skip” gives no reason; found {describe(node)}.")
            return None
        return node.text

    # ── the account ──

    def _read_combinations(self, test: WrittenTest) -> list[tuple[str, dict[str, object]]]:
        """Return for each combination of the matrix what tells it apart, and its account."""
        name, account = self._find_account(test)
        self._documents.check_names(test.changes)
        axes = self._read_matrix(test.matrix)
        if account is None:
            return [("", {})]
        written = merge(account, test.changes)
        place = account if account.entries or not isinstance(test.account, Mapping) else test.node
        found: list[tuple[str, dict[str, object]]] = []
        for combination in itertools.product(*(axis for _, axis in axes)):
            chosen = dict(zip((key for key, _ in axes), combination, strict=True))
            found.append((_describe_combination(chosen), self._build_account(written | chosen, name, place)))
        return found

    def _build_account(self, written: Written, name: str, place: Node) -> dict[str, object]:
        document = {**self._defaults, **write_account(written, name, self._documents.facts)}
        self._documents.check_account(document, written, place)
        return document

    def _find_account(self, test: WrittenTest) -> tuple[str, Mapping | None]:
        node = test.account
        if isinstance(node, Mapping):
            self._documents.check_names(node)
            return NAMELESS, node
        key = next((entry.key for entry in test.node.entries if entry.key.text == "account"), None)
        name = None if node is None or key is None else label().read(node, self._spot.under(key))
        if node is None or not isinstance(name, str):
            return NAMELESS, None
        self._asked.add(name)
        if name not in self._accounts:
            found = f"“{name}” is no account of this suite."
            self._complaints.add("unknown-account", node, found, suggest(name, self._accounts))
        return name, self._accounts.get(name)

    def _read_matrix(self, node: Mapping | None) -> list[tuple[str, tuple[Node, ...]]]:
        self._documents.check_names(node)
        axes: list[tuple[str, tuple[Node, ...]]] = []
        count = 1
        for entry in entries_of(node):
            if not isinstance(entry.value, Sequence):
                found = f"{entry.key.text} takes a list of values to try; found {describe(entry.value)}."
                self._complaints.add("wrong-type", entry.value, found, f"Write {entry.key.text}: [first, second].")
            elif not entry.value.items:
                self._complaints.add("empty-list", entry.value, f"{entry.key.text} has no value to try.")
            else:
                axes.append((entry.key.text, entry.value.items))
                count *= len(entry.value.items)
        if node is not None and count > MOST_COMBINATIONS:
            found = f"The matrix has {count:,} combinations; {MOST_COMBINATIONS:,} are the most."
            self._complaints.add("too-many-combinations", node, found)
            return []
        return axes

    # ── what is asked and expected ──

    def _read_as_of(self, test: WrittenTest) -> dt.datetime | dt.date | None:
        if test.as_of is not None:
            return read_instant(test.as_of, self._spot)
        if self._complaints.is_lacking(test.node, "as_of"):
            found = "The test does not say as of when it asks."
            self._complaints.add("missing-key", test.node, found, "Add “as_of: 2026-03-06”.")
        return None

    def _read_expect(self, test: WrittenTest) -> tuple[Expectation, ...]:
        node, lacks = test.expect, self._complaints.is_lacking
        if test.timeline is not None:
            if node is not None:
                self._complaints.add("test-unclear", node, "The test has both “expect” and “timeline”.")
            return ()
        if lacks(test.node, "expect") and lacks(test.node, "timeline"):
            self._complaints.add("test-unclear", test.node, "The test has neither “expect” nor “timeline”.")
        if node is not None and not node.entries:
            self._complaints.add("test-unclear", node, "The test expects nothing, so it could not fail.")
        for key in ("until", "asked_on"):
            if lacks(test.node, "timeline") and (stray := find(test.node, key)) is not None:
                self._complaints.add("test-unclear", stray, f"“{key}” belongs to a timeline, and the test has none.")
        read = (self._read_expectation(entry) for entry in entries_of(node))
        return tuple(expectation for expectation in read if expectation is not None)

    def _read_expectation(self, entry: Entry) -> Expectation | None:
        path = resolve(entry.key, entry.value, self._names, self._complaints)
        if path is None:
            return None
        return Expectation(written=entry.key.text, path=path, value=entry.value, at=entry.key.at)


def _only_one(ruleset: Ruleset) -> str | None:
    return next(iter(ruleset.editions)) if len(ruleset.editions) == 1 else None


def _describe_combination(chosen: Written) -> str:
    if not chosen:
        return ""
    parts = (f"{key}: {node.text if isinstance(node, Scalar) else describe(node)}" for key, node in chosen.items())
    return f" [{', '.join(parts)}]"
