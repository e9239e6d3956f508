"""The decision that README.md shows."""

import datetime as dt
import json

import msgspec

from cli.samples import AS_OF
from engine.evaluation.decide import next_action
from engine.evaluation.program import compile_ruleset
from engine.loading.files import read_folder
from engine.loading.folder import load_folder
from engine.model.decision import encode_decision
from tests.docs.pages import ROOT, read_blocks
from tests.docs.sending import fits

RULESETS = ROOT / "rulesets"
ACCOUNT = "A-1001"
# The service adds these when it publishes and logs.
ADDED = {"decision_id", "commit"}


def read_lines(name: str) -> list[dict[str, object]]:
    """Return the documents of a sample file."""
    lines = (RULESETS / "samples" / name).read_bytes().splitlines()
    return [msgspec.json.decode(line, type=dict[str, object]) for line in lines]


def test_shown_decision_is_made() -> None:
    """The decision in README.md is the one that the example rulesets give for the sample account."""
    files = {path.removeprefix(f"{RULESETS}/"): text for path, text in read_folder(RULESETS).items()}
    loaded = [each.ruleset for each in load_folder(files).loaded if each.ruleset is not None]
    account = next(each for each in read_lines("accounts.ndjson") if each["id"] == ACCOUNT)
    history = [entry for entry in read_lines("history.ndjson") if entry.pop("account_id") == ACCOUNT]
    rulesets = [compile_ruleset(ruleset, version=1) for ruleset in loaded]
    decision = next_action(rulesets, account, history, as_of=dt.datetime.fromisoformat(AS_OF))
    came = json.loads(encode_decision(decision))
    (shown,) = [json.loads(block.text) for block in read_blocks("README.md") if block.language == "json"]
    assert shown.keys() - ADDED == came.keys()
    assert shown["ruleset"].keys() == came["ruleset"].keys()
    compared = {name: value for name, value in shown.items() if name not in ADDED}
    compared["ruleset"].pop("commit")
    assert fits(compared, came), json.dumps(came, indent=2)
