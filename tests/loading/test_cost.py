"""A hostile file costs steps in proportion to its length: steps are counted, for a clock would judge the machine."""

import sys
from collections.abc import Callable

import pytest

from engine.loading.load import load_ruleset
from engine.verification.check import load_check
from engine.verification.reading import load_suite
from tests.cli.command import EXAMPLE

HEAD = "ruleset: a\ntitle: A\ncurrency: EUR\ntimezone: UTC\n"
SUITE = "ruleset: example\naccounts: {a: {currency: EUR}}\ntests:\n"
LINES = {
    "keys": (HEAD + "rules: []\n", "k{0}: 1\n"),
    "facts": (HEAD + "rules: []\napplies_to:\n", "  k{0}: 1\n"),
    "one fact in many conditions": (HEAD + "rules: []\nconditions:\n", "  k{0}: {{vop: true}}\n"),
    "a key that stands again": (HEAD + "rules: []\n", "k{0}: 1\ntitle: A\n"),
    "rules": (HEAD + "rules:\n", "  - {{id: r{0}, after: {{rule: q{0}}}, then: {{action: none}}}}\n"),
}
TESTS = {
    "expectations": "  - {{name: t{0}, account: a, as_of: 2026-01-01, expect: {{rul{0}: a}}}}\n",
    "accounts": "  - {{name: t{0}, account: a{0}, as_of: 2026-01-01, expect: {{rule: null}}}}\n",
    "entries": "  - {{name: t{0}, account: a, as_of: 2026-01-01, expect: {{rule: null}}, history: [{{rule: r{0}}}]}}\n",
}


def count_steps(read: Callable[[], object]) -> int:
    """How many functions are called."""
    steps = 0

    def note(frame: object, event: str, what: object) -> None:
        nonlocal steps
        del frame, what
        steps += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        read()
    finally:
        sys.setprofile(None)
    return steps


@pytest.mark.parametrize("kind", LINES)
def test_a_ruleset_of_many_mistakes_is_cheap_to_refuse(kind: str) -> None:
    """Twice as many unknown names take no more than twice as many steps."""
    head, line = LINES[kind]
    short, long = (head + "".join(line.format(number) for number in range(count)) for count in (1500, 3000))
    assert count_steps(lambda: load_ruleset(long)) <= 2.1 * count_steps(lambda: load_ruleset(short))


def test_thirty_two_thousand_unknown_keys() -> None:
    """They end after a thousand complaints, and what is left costs a few steps a line to parse."""
    text = HEAD + "rules: []\n" + "".join(f"k{number}: 1\n" for number in range(32_000))
    assert count_steps(lambda: load_ruleset(text)) < 100 * 32_000
    assert len(load_ruleset(text).diagnostics) == 1000


def test_a_check_of_many_mistakes_ends_too() -> None:
    """A check ends after a thousand complaints, of its keys and of its codes."""
    keys = "".join(f"k{number}: 1\n" for number in range(1500))
    codes = "".join(f"  - {{code: c{number}, line: 1}}\n" for number in range(1500))
    for text in (f"ruleset: a\ndiagnostics: []\n{keys}", f"ruleset: a\ndiagnostics:\n{codes}"):
        assert len(load_check(text, "a_check.yaml", ()).diagnostics) == 1000


@pytest.mark.parametrize("kind", TESTS)
def test_a_suite_of_many_mistakes_is_cheap_to_refuse(kind: str) -> None:
    """A suite ends after a thousand complaints as a ruleset does."""
    ruleset = load_ruleset(EXAMPLE.read_bytes()).ruleset
    assert ruleset is not None
    short, long = (SUITE + "".join(TESTS[kind].format(number) for number in range(count)) for count in (1500, 3000))
    assert count_steps(lambda: load_suite(long, ruleset)) <= 2.1 * count_steps(lambda: load_suite(short, ruleset))
    assert len(load_suite(long, ruleset).diagnostics) == 1000
