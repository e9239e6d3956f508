"""The text of a suite to its cases, or to complaints (language.md section 9)."""

import datetime as dt
import itertools

import msgspec

from engine.loading.complaints import suggest
from engine.loading.node import Entry, Mapping, Node, Scalar, Sequence, describe, entries_of, find
from engine.loading.yamltext import parse_yaml
from engine.model.diagnostic import Diagnostic, sort_by_place
from engine.model.ruleset import Ruleset
from engine.verification.complaints import SuiteComplaints
from engine.verification.documents import DocumentChecker, Written, merge, write_account, write_history
from engine.verification.paths import Names, names_of, resolve
from engine.verification.suite import NAMELESS, Case, Expectation, Suite
from engine.verification.timelines import TimelineReader, read_instant

SUITE_KEYS = ("ruleset", "accounts", "tests")
TEST_KEYS = (
    "name", "account", "as_of", "history", "with", "expect", "timeline", "until", "asked_on", "matrix", "skip",
)  # fmt: skip
MOST_COMBINATIONS = 1000


class ParsedSuite(msgspec.Struct, frozen=True, kw_only=True):
    """The file as nodes, and the ruleset it names, by id or by file; None where it names none."""

    file: str
    root: Mapping | None
    ruleset: str | None
    diagnostics: tuple[Diagnostic, ...]


class LoadedSuite(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one file: a suite, or errors that say why not."""

    file: str
    suite: Suite | None
    diagnostics: tuple[Diagnostic, ...]


def parse_suite(text: bytes | str, file: str) -> ParsedSuite:
    """Read the file's structure and which ruleset it is about."""
    parsed = parse_yaml(text, file, allow_null=True)
    complaints = SuiteComplaints(file)
    root = None if parsed.node is None else complaints.need_mapping(parsed.node, "A suite")
    named = find(root, "ruleset")
    ruleset = None
    if root is not None and named is None:
        complaints.add(
            "missing-key", root, "The suite does not say which ruleset it tests.", "Begin with “ruleset: …”."
        )
    elif named is not None:
        ruleset = complaints.need_word(named, "The ruleset of a suite")
    diagnostics = sort_by_place([*parsed.diagnostics, *complaints.found])
    return ParsedSuite(file=file, root=root, ruleset=ruleset, diagnostics=diagnostics)


def read_suite(parsed: ParsedSuite, ruleset: Ruleset) -> LoadedSuite:
    """Return the suite as cases of the ruleset, or every error in it."""
    complaints = SuiteComplaints(parsed.file)
    cases = _SuiteReader(ruleset, complaints).read(parsed.root) if parsed.root is not None else ()
    diagnostics = sort_by_place([*parsed.diagnostics, *complaints.found])
    suite = Suite(file=parsed.file, ruleset=ruleset.id, cases=cases) if not diagnostics else None
    return LoadedSuite(file=parsed.file, suite=suite, diagnostics=diagnostics)


def load_suite(text: bytes | str, ruleset: Ruleset, *, file: str = "<suite>") -> LoadedSuite:
    """Read a suite as cases of a ruleset, whichever it names."""
    return read_suite(parse_suite(text, file), ruleset)


class _SuiteReader:
    def __init__(self, ruleset: Ruleset, complaints: SuiteComplaints) -> None:
        self._names: Names = names_of(ruleset)
        self._documents = DocumentChecker(ruleset, complaints)
        self._timelines = TimelineReader(self._names, complaints)
        self._complaints = complaints
        self._accounts: dict[str, Mapping] = {}
        self._asked: set[str] = set()

    def read(self, root: Mapping) -> tuple[Case, ...]:
        """Return all cases, each combination of a matrix one of its own."""
        self._complaints.check_keys(root, SUITE_KEYS, "a suite")
        self._read_accounts(find(root, "accounts"))
        tests = find(root, "tests")
        if not isinstance(tests, Sequence):
            self._complaints.add(
                "missing-key", tests or root, "The suite has no list of tests.", "Add “tests:” with a list."
            )
            return ()
        self._check_names(tests)
        cases = tuple(case for item in tests.items for case in self._read_test(item))
        self._check_unasked()
        return cases

    def _read_accounts(self, node: Node | None) -> None:
        if node is None or self._complaints.need_mapping(node, "“accounts”") is None:
            return
        for entry in entries_of(node):
            account = self._complaints.need_mapping(entry.value, f"The account {entry.key.text}")
            if account is not None:
                self._accounts[entry.key.text] = account
                self._documents.check_names(each.key for each in account.entries)

    def _check_unasked(self) -> None:
        """Complain of accounts that no test asks about as of the others, which each test has checked."""
        for name, account in self._accounts.items():
            if name not in self._asked:
                self._build_account(merge(account, None), name, account, account)

    def _check_names(self, tests: Sequence) -> None:
        lines: dict[str, int] = {}
        for item in tests.items:
            name = find(item, "name")
            if not isinstance(name, Scalar):
                continue
            if name.text in lines:
                found = f"A second test is called “{name.text}”; the first is on line {lines[name.text]}."
                self._complaints.add("duplicate-id", name, found, "Give one of the two another name.")
            lines.setdefault(name.text, name.at.line)

    def _read_test(self, node: Node) -> tuple[Case, ...]:
        test = self._complaints.need_mapping(node, "A test")
        if test is None:
            return ()
        self._complaints.check_keys(test, TEST_KEYS, "a test")
        name_node = find(test, "name")
        if name_node is None:
            self._complaints.add("missing-key", test, "The test has no name.", "Add “name: …”, one sentence.")
        name = self._complaints.need_word(name_node, "A test's name") if name_node is not None else None
        skip = self._read_skip(find(test, "skip"))
        history_node = find(test, "history")
        history = write_history(history_node)
        self._documents.check_history(history_node, history)
        timeline = self._timelines.read(test)
        as_of = self._read_as_of(test) if find(test, "timeline") is None else None
        expect = self._read_expect(test)
        return tuple(
            Case(
                name=f"{name or ''}{suffix}",
                at=test.at,
                account=account,
                history=history,
                as_of=as_of,
                expect=expect,
                timeline=timeline,
                skip=skip,
            )
            for suffix, account in self._read_combinations(test)
        )

    def _read_skip(self, node: Node | None) -> str | None:
        if node is None:
            return None
        if not isinstance(node, Scalar) or node.kind != "word" or not node.text.strip():
            self._complaints.add("skip-without-reason", node, f"“skip” gives no reason; found {describe(node)}.")
            return None
        return node.text

    # ── the account ──

    def _read_combinations(self, test: Mapping) -> list[tuple[str, dict[str, object]]]:
        """Return for each combination of the matrix what tells it apart, and its account."""
        name, account = self._find_account(test)
        replaced = find(test, "with")
        if replaced is not None and self._complaints.need_mapping(replaced, "“with”") is not None:
            self._documents.check_names(entry.key for entry in entries_of(replaced))
        axes = self._read_matrix(find(test, "matrix"))
        if account is None:
            return [("", {})]
        written = merge(account, replaced)
        found: list[tuple[str, dict[str, object]]] = []
        for combination in itertools.product(*(axis for _, axis in axes)):
            chosen = dict(zip((key for key, _ in axes), combination, strict=True))
            found.append((_describe_combination(chosen), self._build_account(written | chosen, name, test, account)))
        return found

    def _build_account(self, written: Written, name: str, test: Mapping, account: Mapping) -> dict[str, object]:
        document = write_account(written, name, self._documents.facts)
        known = {key: node for key, node in written.items() if key in document}
        is_named = isinstance(find(test, "account"), Scalar)
        self._documents.check_account(document, known, account if is_named or account.entries else test)
        return document

    def _find_account(self, test: Mapping) -> tuple[str, Mapping | None]:
        node = find(test, "account")
        if node is None:
            self._complaints.add("missing-key", test, "The test names no account.", "Add “account: …”.")
            return NAMELESS, None
        if isinstance(node, Mapping):
            self._documents.check_names(entry.key for entry in node.entries)
            return NAMELESS, node
        name = self._complaints.need_word(node, "An account")
        self._asked.add(name or "")
        if name is not None and name not in self._accounts:
            found = f"“{name}” is no account of this suite."
            self._complaints.add("unknown-account", node, found, suggest(name, self._accounts))
        return name or NAMELESS, self._accounts.get(name or "")

    def _read_matrix(self, node: Node | None) -> list[tuple[str, tuple[Node, ...]]]:
        if node is None or self._complaints.need_mapping(node, "“matrix”") is None:
            return []
        self._documents.check_names(entry.key for entry in entries_of(node))
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
        if count > MOST_COMBINATIONS:
            found = f"The matrix has {count:,} combinations; {MOST_COMBINATIONS:,} are the most."
            self._complaints.add("too-many-combinations", node, found)
            return []
        return axes

    # ── what is asked and expected ──

    def _read_as_of(self, test: Mapping) -> dt.datetime | dt.date | None:
        node = find(test, "as_of")
        if node is None:
            if self._complaints.is_lacking(test, "as_of"):
                found = "The test does not say as of when it asks."
                self._complaints.add("missing-key", test, found, "Add “as_of: 2026-03-06”.")
            return None
        return read_instant(node, self._complaints)

    def _read_expect(self, test: Mapping) -> tuple[Expectation, ...]:
        node = find(test, "expect")
        if find(test, "timeline") is not None:
            if node is not None:
                found = "The test has both “expect” and “timeline”."
                self._complaints.add("test-unclear", node, found)
            return ()
        if node is None:
            if self._complaints.is_lacking(test, "expect") and self._complaints.is_lacking(test, "timeline"):
                self._complaints.add("test-unclear", test, "The test has neither “expect” nor “timeline”.")
            return ()
        if self._complaints.need_mapping(node, "“expect”") is not None and not entries_of(node):
            self._complaints.add("test-unclear", node, "The test expects nothing, so it could not fail.")
        for key in ("until", "asked_on"):
            if (stray := find(test, key)) is not None:
                self._complaints.add("test-unclear", stray, f"“{key}” belongs to a timeline, and the test has none.")
        read = (self._read_expectation(entry) for entry in entries_of(node))
        return tuple(expectation for expectation in read if expectation is not None)

    def _read_expectation(self, entry: Entry) -> Expectation | None:
        path = resolve(entry.key, entry.value, self._names, self._complaints)
        if path is None:
            return None
        return Expectation(written=entry.key.text, path=path, value=entry.value, at=entry.key.at)


def _describe_combination(chosen: Written) -> str:
    if not chosen:
        return ""
    parts = (f"{key}: {node.text if isinstance(node, Scalar) else describe(node)}" for key, node in chosen.items())
    return f" [{', '.join(parts)}]"
