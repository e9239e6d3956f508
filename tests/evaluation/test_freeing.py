"""A version that nobody holds any more is gone, whole, without the garbage collector."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from api.versions import make_ready
from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled, compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.loading.load import load_ruleset, load_shared_facts
from engine.model.account import AccountInvalid
from engine.model.exactjson import FREE_JSON
from tests.cli.decided import EXAMPLES, RULESETS

AS_OF = parse_as_of("2026-11-20T09:00:00+01:00")


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Do without the garbage collector: of what was made before a server was ready it frees nothing."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def decide(name: str) -> Compiled:
    """Make an example ready, and decide with it about each sample account that it takes."""
    shared = load_shared_facts((RULESETS / "facts.yaml").read_text()).shared
    ruleset = load_ruleset((RULESETS / f"{name}.yaml").read_text(), shared_facts=shared).ruleset
    assert ruleset is not None
    compiled = compile_ruleset(ruleset)
    make_ready(compiled)
    outcomes = set()
    for line in (RULESETS / "samples/accounts.ndjson").read_bytes().splitlines()[::5]:
        try:
            outcomes.add(next_action([compiled], FREE_JSON.decode(line), (), as_of=AS_OF, explain="full").outcome)
        except AccountInvalid:
            continue
    assert len(outcomes) > 1
    return compiled


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_version_that_is_dropped_is_freed_at_once(name: str) -> None:
    """What it decided with holds nothing that holds it; the collector finds no circle afterwards either."""
    compiled = decide(name)
    held: list[ref[object]] = [ref(compiled)]
    for program in compiled.programs.values():
        parts = (program, program.masks, program.masks.table, program.coverage_table, program.networks)
        held += [ref(part) for part in parts]
    gc.collect()  # what reading and compiling left behind
    del compiled, program, parts
    assert [part for part in held if part() is not None] == []
    assert gc.collect() == 0
