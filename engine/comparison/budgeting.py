"""A budget of comparisons of boxes, for all searches for where two editions differ."""

from engine.conditions.boxes import BudgetExceeded, Steps


class Comparisons(Steps):
    """How many comparisons are left: what a search takes, whatever its size, some ten million a second."""

    def spend(self, comparisons: int = 1) -> None:
        """Take comparisons off; raises BudgetExceeded when there are not so many left."""
        self._left -= max(1, comparisons)
        if self._left < 0:
            raise BudgetExceeded(self._budget)
