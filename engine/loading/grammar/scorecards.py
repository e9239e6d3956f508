"""The rows of the scorecard.yaml of a folder."""

from engine.loading.grammar import terms
from engine.loading.grammar.kinds import number, raw, word
from engine.loading.grammar.lists import ListOf, Names
from engine.loading.grammar.parts import TEXT
from engine.loading.grammar.table import AT, Snippet, Table, key
from engine.loading.node import Mapping, Scalar
from engine.loading.scorecards import WrittenCard, WrittenClass, WrittenPoints, WrittenScores
from engine.loading.spot import Spot

MOST_POINTS = 1_000_000
_MOST_CLASSES = 100
_MOST_FACTS = 100
_MOST_CARDS = 20
_POINTS = number(-MOST_POINTS, MOST_POINTS)


def _key_of(node: Mapping, spot: Spot) -> Scalar:
    """Return the key that a mapping stands behind."""
    return spot.key or Scalar(kind="word", text="", at=node.at)


_KEY = (("key", _key_of),)
# One row a key: the formatter would give each cell a line of its own.
# fmt: off
_TEST = raw({
    "type": ["boolean", "number", "string", "array", "object"],
    "errorMessage": "Write what would stand behind the fact in “when”: a value, a list, a range or {is: missing}.",
})
_CLASS = Table(
    make=WrittenClass,
    keys=(
        key("when", _TEST, "The values of the class: what would stand behind the fact in a condition.", "1..2",
            ["consumer", "smb"], {"is": "missing"}, needed=True),
        key("points", _POINTS, "What each of these values is worth.", 15, needed=True),
    ),
    wanted="Write a class: {when: 1..2, points: 15}.",
    given=AT,
)
_OF_FACT = Table(
    make=WrittenPoints,
    keys=(
        key("classes", ListOf(_CLASS, "Write a list of classes: [{when: 0, points: 0}, {when: 1..2, points: 15}].",
                              most=_MOST_CLASSES, is_unique=False),
            "The classes of the fact's values; the first that holds counts.",
            [{"when": 0, "points": 0}, {"when": "1..2", "points": 15}], needed=True),
        key("otherwise", _POINTS, "What all other values are worth, and a fact that is missing.", 40, needed=True),
    ),
    wanted="Write {classes: [{when: 0, points: 0}], otherwise: 40}.",
    given=_KEY,
)
_CARD = Table(
    make=WrittenCard,
    keys=(
        key("about", TEXT, "What the score says, for readers.", "More points, more risk."),
        key("base", _POINTS, "The points that every account begins with; 0 if left out.", 200),
        key("points", Names(_OF_FACT, "Write a mapping of facts, each with its classes.", word(terms.FACT_NAME),
                            least=1, most=_MOST_FACTS),
            "The facts that count, each with its classes.",
            {"broken_promises": {"classes": [{"when": 0, "points": 0}], "otherwise": 40}}, needed=True),
    ),
    wanted="Write a scorecard: {points: {broken_promises: {classes: […], otherwise: 40}}}.",
    given=_KEY,
    snippet=Snippet(
        "scorecard",
        "A scorecard: points for the classes of facts, which add up to a fact.",
        {
            "about": "${1:More points, more risk.}",
            "points": {
                "${2:broken_promises}": {"classes": [{"when": 0, "points": 0}], "otherwise": 40},
            },
        },
    ),
)
SHARED_SCORES = Table(
    make=WrittenScores,
    keys=(
        key("scorecards", Names(_CARD, "Write a mapping of scorecards, each behind the fact that it yields.",
                                word(terms.FACT_NAME), most=_MOST_CARDS),
            "The scorecards of every ruleset of the folder, each behind the name of the fact that it yields.",
            {"risk_score": {"points": {"vip": {"classes": [{"when": True, "points": -10}], "otherwise": 0}}}},
            needed=True),
        key("never_score", ListOf(word(terms.FACT_NAME), "Write a list of facts: [nationality, gender]."),
            "The facts that no scorecard may give points for.", ["nationality", "gender"]),
    ),
    wanted="Write one mapping “scorecards”.",
)
