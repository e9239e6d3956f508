"""The short form of `make company`; with DUNNING_AUDIT_FULL=1 its servers and workers are killed sixty times."""

import os

import pytest

from tests.load.company.books import STEPS
from tests.load.company.firm import Company, founded
from tests.load.company.judging import judge

IS_FULL = bool(os.environ.get("DUNNING_AUDIT_FULL"))
CUSTOMERS_COUNT, STRIDE, CRASHES, KILL_SERVER_EVERY = (150, 2, 0.05, 2) if IS_FULL else (40, 10, 0.03, 6)


@pytest.mark.heavy
def test_each_step_is_done_once_and_in_time_whoever_dies() -> None:
    """Workers and servers die, versions change, customers pay, promise and dispute: all is done as it must be."""
    with founded(customers_count=CUSTOMERS_COUNT, stride=STRIDE, seed=1, crashes=CRASHES) as company:
        for _ in company.live(kill_server_every=KILL_SERVER_EVERY):
            pass
        found = judge(company)
        assert found["letters"] > len(company.lives)
        assert found["promises"] > found["promises broken"] > 0
        assert {*company.kills} == {"worker", "server"}
        assert not IS_FULL or company.kills.total() >= 60
        see_what_is_wrong_seen(company)


def see_what_is_wrong_seen(company: Company) -> None:
    """What is wrong is seen: a step that comes twice, a payment known before a letter, a delivery of other content."""
    path = company.folder / "mailbox-one"
    sent = path.read_text()
    path.write_text(sent + sent.splitlines()[0] + "\n")
    with pytest.raises(AssertionError, match="done twice"):
        judge(company)
    path.write_text(sent)
    name = next(line["account_id"] for line in company.read_lines("mailbox") if line["rule"] == STEPS[0])
    for deed in next(life.deeds for life in company.lives if life.name == name):
        if deed.kind == "document":
            deed.body["invoices"] = [each | {"open": "0.00"} for each in deed.body["invoices"]]
    with pytest.raises(AssertionError, match="step None"):
        judge(company)
