"""The short form of `make chaos`."""

import pytest

from tests.load.chaos import TROUBLES, rage, raging


@pytest.mark.heavy
def test_whatever_goes_wrong_nothing_that_was_answered_is_lost() -> None:
    """After kills, a stall, a full disk and a clock that is set, all that was answered is in a log that is whole."""
    with raging(clients_count=20) as storm:
        got_over = list(rage(storm, rounds=1, seed=1, between=40))
        storm.end()
        assert storm.check() > len(storm.clients.decided)
        storm.clients.decided.append("0" * 32)
        with pytest.raises(AssertionError, match=r"not logged: .'0{32}'"):  # what is missing is seen
            storm.check()
    assert {*got_over} == {trouble.__name__ for trouble in TROUBLES}
    assert storm.clients.executed
