"""The six example rulesets, ready to decide, and the due dates that are tried with them."""

import datetime as dt
from functools import cache
from pathlib import Path

from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.folder import load_folder

RULESETS = Path(__file__).resolve().parents[2] / "rulesets"
FIRST_DUE, THREE_YEARS = dt.date(2026, 1, 1), 3 * 365 + 1


@cache
def compile_examples() -> dict[str, Compiled]:
    """Return them by id, their rates of interest prolonged as though somebody had entered the next ones."""
    files = [path for path in RULESETS.glob("*.yaml") if not path.stem.endswith("_test")]
    texts = {path.name: path.read_bytes().replace(b"known_until: 2026", b"known_until: 2030") for path in files}
    found = [each.ruleset for each in load_folder(texts).loaded if each.ruleset is not None]
    return {ruleset.id: compile_ruleset(ruleset) for ruleset in found}
