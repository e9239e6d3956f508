"""Days to places on a horizontal axis; over a long ladder, later days are drawn closer together."""

from collections.abc import Iterator

_BENT_FROM_DAYS = 100
_EXPONENT = 0.55
_STRAIGHT_TICKS = (1, 2, 5, 7, 10, 14, 20, 30)
_MOST_TICKS = 12
_BENT_TICKS = (1, 3, 7, 14, 30, 60, 90, 120, 180, 270, 365, 540, 730, 1095, 1825)
_LEAST_APART = 26


class DayScale:
    """The days from ``low`` to ``high`` between two places."""

    def __init__(self, low: int, high: int, left: float, right: float) -> None:
        self._low = low
        self._high = max(high, low + 1)
        self._left = left
        self._right = right
        self.is_bent = self._high - self._low > _BENT_FROM_DAYS

    def x(self, day: int) -> float:
        """Return the place of a day."""
        low, high = self._bend(self._low), self._bend(self._high)
        return round(self._left + (self._right - self._left) * (self._bend(day) - low) / (high - low), 1)

    def _bend(self, day: int) -> float:
        if not self.is_bent:
            return float(day)
        size: float = abs(day) ** _EXPONENT
        return -size if day < 0 else size

    def ticks(self) -> Iterator[int]:
        """Yield the days worth a line, those left out that would lie too close to the one before."""
        if not self.is_bent:
            span = self._high - self._low
            step = next((tick for tick in _STRAIGHT_TICKS if span / tick <= _MOST_TICKS), _STRAIGHT_TICKS[-1])
            yield from range(-(-self._low // step) * step, self._high + 1, step)
            return
        last: float | None = None
        for day in sorted({0, *_BENT_TICKS, *(-tick for tick in _BENT_TICKS)}):
            is_inside = self._low <= day <= self._high
            if is_inside and (last is None or day == 0 or self.x(day) - last >= _LEAST_APART):
                last = self.x(day)
                yield day
