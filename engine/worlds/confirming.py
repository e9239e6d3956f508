"""The first of some questions that shows, when it is asked, what it is to show."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TypeVar

from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.program import Compiled
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.model.question import Question
from engine.worlds.asking import Asking

T = TypeVar("T")


def find_confirmed(
    questions: Iterable[Question],
    shows: Callable[[Asking], T | None],
    compiled: Compiled,
    beside: Sequence[Compiled] = (),
    *,
    most: int,
) -> tuple[Question, T] | None:
    """Return the first question of which ``shows`` returns something, with that; it gets an answer.

    Questions are made as they are asked, ``most`` of them, and as far as the budget of whoever makes them goes.
    """
    left = islice(questions, most)
    while True:
        try:
            question = next(left, None)
        except BudgetExceeded:
            return None
        if question is None:
            return None
        asking = Asking(compiled, question, beside)
        try:
            shown = shows(asking)
            if shown is not None:
                _ = asking.decision  # whoever tries the account must get an answer
                return question, shown
        except (AccountInvalid, RulesetsOverlap):
            continue
