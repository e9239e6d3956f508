"""The rows of what came of a debt: payments, promises, disputes, as a caller records them beside the history."""

from engine.loading.grammar.account import IDENTITY, INSTANT
from engine.loading.grammar.kinds import money, one_of
from engine.loading.grammar.parts import DATE
from engine.loading.grammar.table import Fields, Table, key
from engine.loading.grammar.terms import JsonSchema, ref
from engine.model.outcome import OUTCOME_TYPES

OUTCOME: Table[Fields] = Table(
    make=dict,
    keys=(
        key("id", IDENTITY, "The outcome's id, one of its own within the account.", "P-1", needed=True),
        key(
            "type",
            one_of(OUTCOME_TYPES, (each.about for each in OUTCOME_TYPES.values())),
            "What happened.",
            "promise",
            needed=True,
        ),
        key("at", INSTANT, "When it happened.", "2026-03-04T12:00:00+01:00", needed=True),
        key("amount", money(), "How much, above 0; a promise without one is about all that is overdue then.", 49.95),
        key("invoice", IDENTITY, "The invoice that it is about; left out, the whole account.", "I1"),
        key("by", DATE, "The last day of a promise.", "2026-03-20"),
        key("promise", IDENTITY, "The promise that is withdrawn, by its id; left out, all open ones.", "P-1"),
        key("dispute", IDENTITY, "The dispute that is closed, by the id it was opened with; left out, all.", "D-1"),
        key("origin", IDENTITY, "Who or what reports it.", "bank"),
        key("attempt", IDENTITY, "The attempt that it came of.", "R-3"),
        key("recorded_at", INSTANT, "When the service learned of it: it counts from then on.", "2026-03-05"),
    ),
    wanted="Write an outcome: {id: P-1, type: payment, at: 2026-03-04, amount: 20}.",
)
WRITE_OUTCOMES = "Write a list of outcomes: [{id: P-1, type: payment, at: 2026-03-04, amount: 20}]."
OUTCOMES: JsonSchema = {"type": "array", "items": ref("outcome"), "errorMessage": WRITE_OUTCOMES}
