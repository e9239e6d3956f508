"""Which kind of file stands where a ruleset should, by its keys."""

import msgspec

from engine.loading.grammar.account import ACCOUNT_KEYS
from engine.loading.grammar.ruleset import RULESET
from engine.loading.node import Mapping
from engine.model.vocabulary import STANDARD_FACTS

_RULESET_KEYS = frozenset(key.name for key in RULESET.keys)


class FileKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of file, and what to do with one."""

    name: str
    hint: str


_ACCOUNT = FileKind(
    name="an account",
    hint="Ask about it: dunning decide --ruleset FILE --account FILE. Keep accounts outside the folder of rulesets.",
)
_SUITE = FileKind(name="a suite", hint="Call it NAME_test.yaml, and run it: dunning test FOLDER.")
_FACTS = FileKind(name="a list of facts", hint="Call it facts.yaml: then all rulesets of its folder know its facts.")
_SCORES = FileKind(
    name="a list of scorecards", hint="Call it scorecard.yaml: then all rulesets of its folder know its scores."
)
_GUARANTEES = FileKind(
    name="a list of guarantees", hint="Call it guarantees.yaml: then it holds for all rulesets of its folder."
)


def find_other_kind(root: Mapping) -> FileKind | None:
    """Return the kind of a file that is surely no ruleset, None for all else."""
    keys = {entry.key.text for entry in root.entries}
    if "tests" in keys and "rules" not in keys:
        return _SUITE
    if keys == {"facts"}:
        return _FACTS
    if "scorecards" in keys and "rules" not in keys:
        return _SCORES
    if keys == {"guarantees"}:
        return _GUARANTEES
    own = (ACCOUNT_KEYS | STANDARD_FACTS.keys()) - _RULESET_KEYS
    is_account = bool(keys & own) or "account" in keys
    return _ACCOUNT if is_account and not keys & {"ruleset", "rules", "title"} else None
