"""The same question gives the same bytes, in this process and in any other."""

import os
import subprocess
import sys

from tests.agreement.answering import ACCOUNTS_A_RULESET, answer

RULESETS = 40


def test_a_thousand_decisions_repeat_byte_for_byte_in_a_new_process() -> None:
    """Fully explained decisions come out equal under another hash seed."""
    here = answer(RULESETS)
    command = [sys.executable, "-m", "tests.agreement.answering", str(RULESETS)]
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    there = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.split("\n")
    assert len(here) == RULESETS * ACCOUNTS_A_RULESET == 1000
    assert there == here
