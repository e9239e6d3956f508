"""The product and the independent oracle give the same decisions, whatever is asked."""

import random
from collections.abc import Iterator

import pytest

from api.versions import make_ready
from engine.coordinates import plan
from engine.evaluation import program
from engine.evaluation.forms import read_form, write_form
from tests.agreement.comparing import Pair, differences
from tests.agreement.showing import show_smallest
from tests.oracle.generate import random_accounts
from tests.oracle.generate_rulesets import ALL_FEATURES, random_ruleset
from tests.properties import CASES

pytestmark = pytest.mark.property
CHUNKS = 12
CASES_A_RULESET = 40
LOOKED_AHEAD_A_RULESET = 2
FEATURES = ALL_FEATURES | {"errors"}


@pytest.fixture(autouse=True)
def every_decision_twice(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Decide everything by the network and by the bitmap table, and let no difference pass."""
    monkeypatch.setattr(program, "SAMPLE_EVERY", 1)
    monkeypatch.setattr(program, "counters", program.Counters())
    yield
    assert program.counters.comparisons == program.counters.decisions
    assert program.counters.differences == program.counters.faults == 0


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_network_bitmap_and_oracle_agree(chunk: int) -> None:
    """Random rulesets and accounts on, one below and one above each threshold give one answer three ways."""
    compare_all(chunk, CASES // CHUNKS // CASES_A_RULESET + 1)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_conditions_over_parts_of_themselves_say_the_same(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where whatever is more than one box is a part of its own, all three agree as well."""
    monkeypatch.setattr(plan, "MOST_BOXES", 1)
    compare_all(chunk, CASES // CHUNKS // CASES_A_RULESET // 4 + 1)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_is_read_from_a_compiled_form_decides_the_same(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form is read back as what was compiled, record by record, and decides as the oracle does.

    What the first questions do not build of it is built while it is asked.
    """
    monkeypatch.setattr(plan, "MOST_BOXES", 1 + chunk % 2 * 999)
    for number in range(CASES // CHUNKS // CASES_A_RULESET // 4 + 1):
        seed = number * CHUNKS + chunk
        rng = random.Random(seed)
        blueprint = random_ruleset(rng, FEATURES)
        pair, whole = Pair(blueprint.text), Pair(blueprint.text)
        ruleset = whole.compiled.ruleset
        pair.compiled = read_form(
            write_form(whole.compiled),
            digest=ruleset.digest,
            text=ruleset.text,
            canonical=ruleset.canonical,
            version=7,
            commit="c0ffee",
        )
        assert pair.compiled.ruleset == ruleset
        assert (pair.compiled.version, pair.compiled.commit) == (7, "c0ffee")
        for currency, each in whole.compiled.programs.items():
            read = pair.compiled.programs[currency]
            assert (read.plan, read.terms.windows) == (each.plan, each.terms.windows)
            assert read.blueprint.either == each.either
        for index, case in enumerate(random_accounts(rng, blueprint, CASES_A_RULESET)):
            if index == CASES_A_RULESET // 4:
                make_ready(pair.compiled)
            found = differences(pair, case, look_ahead=False)
            assert not found, f"seed {seed}: {found}"
        pair.close()
        whole.close()


def compare_all(chunk: int, rulesets: int) -> None:
    """Ask the product and the oracle about some random rulesets."""
    for number in range(rulesets):
        seed = number * CHUNKS + chunk
        rng = random.Random(seed)
        blueprint = random_ruleset(rng, FEATURES)
        pair = Pair(blueprint.text)
        for index, case in enumerate(random_accounts(rng, blueprint, CASES_A_RULESET)):
            look_ahead = index < LOOKED_AHEAD_A_RULESET
            if found := differences(pair, case, look_ahead=look_ahead):
                shown = show_smallest(blueprint, case, found, look_ahead=look_ahead)
                pytest.fail(f"seed {seed}, account {index}: {shown}")
        pair.close()
