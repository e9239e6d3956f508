"""Whether the time can be trusted."""

import datetime as dt

import pytest

from store.clock import Clock
from store.errors import Untimely

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
HOUR = 3600.0


class Hands:
    """The hands of the two clocks of a machine, to be set by a test."""

    def __init__(self) -> None:
        self.wall = NOW.timestamp()
        self.steady = 1000.0
        self.clock = Clock(wall=lambda: self.wall, steady=lambda: self.steady)

    def go(self, seconds: float) -> None:
        """Let time pass."""
        self.wall += seconds
        self.steady += seconds

    def hear(self, ahead: float = 0.0, reached: dt.datetime | None = None) -> None:
        """Hear PostgreSQL's clock, which is ahead of this machine's by so many seconds."""
        now = dt.datetime.fromtimestamp(self.wall + ahead, dt.UTC)
        self.clock.hear(now, reached, asked_at=self.wall)


@pytest.mark.parametrize(("step", "way"), [(HOUR, "forward by 3,600 seconds"), (-HOUR, "back by 3,600 seconds")])
def test_a_clock_that_is_set_is_noticed_until_it_is_mended(step: float, way: str) -> None:
    """A step of the clock while the service runs is told, and nothing is logged, until it is taken back."""
    hands = Hands()
    hands.go(86_400.0)
    assert hands.clock.trouble is None
    hands.wall += step
    assert way in str(hands.clock.trouble)
    with pytest.raises(Untimely, match="set it right"):
        hands.clock.check()
    hands.go(60.0)
    with pytest.raises(Untimely):
        hands.clock.check()
    hands.wall -= step
    hands.clock.check()


def test_a_step_to_the_time_of_postgresql_mends_a_clock() -> None:
    """A clock that was apart from PostgreSQL's, and is told so, is set to it: the step is no trouble."""
    hands = Hands()
    hands.hear(ahead=HOUR)
    assert "3,600 seconds behind that of PostgreSQL" in str(hands.clock.trouble)
    hands.wall += HOUR
    hands.hear()
    assert hands.clock.trouble is None


def test_a_step_of_both_clocks_is_no_agreement() -> None:
    """Where PostgreSQL shares the clock that was set, that the two agree shows nothing."""
    hands = Hands()
    hands.hear()
    hands.wall += HOUR
    hands.hear()
    assert "set forward" in str(hands.clock.trouble)


def test_a_slow_answer_is_no_difference() -> None:
    """What PostgreSQL said at any time between question and answer agrees."""
    hands = Hands()
    asked_at = hands.wall
    hands.go(300.0)
    hands.clock.hear(NOW, None, asked_at=asked_at)
    assert hands.clock.trouble is None
    hands.clock.hear(NOW - dt.timedelta(days=3), None, asked_at=asked_at)
    assert "3 days ahead of that of PostgreSQL" in str(hands.clock.trouble)


def test_a_log_that_reaches_into_the_future_is_told() -> None:
    """A line whose time is yet to come shows that a clock was wrong, also to a process that was started since."""
    hands = Hands()
    hands.hear(reached=NOW + dt.timedelta(seconds=20))
    assert hands.clock.trouble is None
    hands.hear(reached=NOW + dt.timedelta(days=365))
    assert "`dunning audit clock`" in str(hands.clock.trouble)
