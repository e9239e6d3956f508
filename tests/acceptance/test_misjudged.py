"""Files that were misjudged, tried as a new user would: a gap, a renamed rule, a boundary that is one off."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.cli.command import dunning

HERE = Path(__file__).parent / "misjudged"


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("nobody-is-covered", "No rule covers accounts with “days_overdue: ..0 or missing”, nor those that email"),
        ("nothing-for-vip", "Nothing is ever done for accounts with “failed_attempts: 0, vip: true”."),
        ("inner-buckets", "No rule covers accounts with “days_overdue: [..0, 121..] or missing”, nor those that the"),
    ],
)
def test_a_gap_names_nobody_whom_a_rule_covers(name: str, right: str) -> None:
    """Whom a closed channel or a fact at its default keeps out is named so."""
    assert right in dunning("check", HERE / f"gap-{name}.yaml").output


def test_a_renamed_rule_is_no_proof_for_who_waits_for_it() -> None:
    """The account in the middle of its episode is decided otherwise, and the status says so."""
    before, after = (HERE / "rename" / side / "shop.yaml" for side in ("before", "after"))
    for ruleset, rule in ((before, "suspend"), (after, "final-notice")):
        asked = dunning("decide", "--ruleset", ruleset, "--account", HERE / "rename" / "account.yaml")
        assert f'"id": "{rule}"' in asked.stdout
    said = dunning("diff", "--exit-code", before, after)
    assert said.exit_code == 5
    assert "No behaviour change: proved for every account and every history" not in said.stdout
    assert "Behaviour changes for accounts in the middle of an episode" in said.stdout


def test_a_case_beyond_a_boundary_fails_where_the_boundary_is_moved(tmp_path: Path) -> None:
    """The cases that are offered give all else that the rule asks, so that they fail on a ruleset that is one off."""
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    shutil.copytree(HERE / "boundary" / "right", right)
    given = dunning("test", right, "--untested").stdout
    assert "boundaries 2/4 (50 %)" in given
    offered = yaml.safe_load(given[given.index("\n\n") :])
    whats = [case["name"] for case in offered]
    assert whats == ["rule reminder: days_overdue: 3.. at 2", "rule reminder: overdue_balance: 10.00.. at 9.99"]
    suite = yaml.safe_load((right / "shop_test.yaml").read_text(encoding="utf-8"))
    suite["tests"] = [case for case in suite["tests"] if case["name"] not in whats] + offered
    (right / "shop_test.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    passed = dunning("test", right)
    assert (passed.exit_code, "boundaries 4/4 (100 %)" in passed.stdout) == (0, True)
    shutil.copytree(right, wrong)
    shutil.copy(HERE / "boundary" / "off-by-one" / "shop.yaml", wrong)
    failed = dunning("test", wrong)
    assert failed.exit_code == 4
    assert [
        line.partition(" ")[2].partition(" ")[2] for line in failed.stdout.splitlines() if "FAILED" in line
    ] == whats
    assert "7 cases, 5 passed, 2 failed" in failed.stdout
