"""Rulesets compiled once, whoever asks for them."""

from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.program import Compiled, compile_ruleset
from engine.model.ruleset import Ruleset


class Compilations:
    """The compiled form of rulesets, made when it is first asked for."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Ruleset, Compiled | None]] = {}

    def find(self, ruleset: Ruleset) -> Compiled | None:
        """Return a ruleset ready to decide, None where its conditions are too large for boxes."""
        if id(ruleset) not in self._known:
            try:
                compiled = compile_ruleset(ruleset)
            except BudgetExceeded:
                compiled = None
            self._known[id(ruleset)] = ruleset, compiled  # kept with its ruleset, so that the number stays its own
        return self._known[id(ruleset)][1]

    def close(self) -> None:
        """Free what the engine holds."""
        for _, compiled in self._known.values():
            if compiled is not None:
                compiled.close()
