"""The scorecard.yaml of a folder, read for each of its rulesets."""

import msgspec

from engine.loading.grammar.scorecards import SHARED_SCORES
from engine.loading.node import Mapping, find
from engine.loading.scope import Scope
from engine.loading.scorecards import read_scorecards
from engine.loading.spot import Spot
from engine.model.scorecard import Scorecard


class SharedScores(msgspec.Struct, frozen=True, kw_only=True):
    """A scorecard.yaml as written; it holds for every ruleset beside it."""

    file: str
    root: Mapping


def read_shared_scores(shared: SharedScores | None, scope: Scope) -> dict[str, Scorecard]:
    """Return the scorecards of a folder as far as they can be read, by the fact that each yields.

    ``scope`` has the facts of the folder, without those.
    """
    read = None if shared is None else SHARED_SCORES.read(shared.root, Spot(scope))
    if shared is None or read is None:
        return {}
    return read_scorecards(read, find(shared.root, "never_score"), scope, shared.file)
