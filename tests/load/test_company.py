"""The short form of `make company`."""

import pytest

from tests.load.company import founded


@pytest.mark.heavy
def test_nobody_gets_a_letter_twice_whoever_dies() -> None:
    """Workers and the server die, versions change, customers pay, promise and dispute: each step is done once."""
    with founded(customers_count=15, seed=1) as company:
        company.live(stride=10, kill_server_every=6)
        company.end()
        letters = company.check()
    assert letters > len(company.customers)
    assert {*company.kills} == {"worker", "server"}
