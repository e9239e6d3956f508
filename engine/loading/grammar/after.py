"""The rows of “after”: what was executed before, of a rule of which a guarantee may ask more."""

from engine.loading.grammar.kinds import number, one_of, word
from engine.loading.grammar.parts import DAYS_OR_NONE, TIMES
from engine.loading.grammar.table import AT, Table, key
from engine.loading.rules import (
    HIGHEST_LEVEL,
    check_after,
    check_after_of_guarantee,
    make_after,
    name_level,
    name_rule,
    tables_of,
)
from engine.model.vocabulary import ACTIONS

# One row a key: the formatter would give each cell a line of its own.
# fmt: off
_TARGETS = (
    key("rule", word(meaning=name_rule), "The rule that was executed, or a table: any of its rows.",
        "friendly-reminder"),
    key("level", number(1, HIGHEST_LEVEL, name_level), "Any rule of exactly this level.", 2),
)
_ACTION = key("action", one_of(ACTIONS, (kind.about for kind in ACTIONS.values())),
    "Any rule whose own action is of this type, counted together.", "send_dunning_notice")
_HOW = (
    key("days", DAYS_OR_NONE, "Days that lie between; 0 if left out.", 7),
    key("times", TIMES, "How often it was executed; 1 if left out.", 1),
    key("from", one_of(("executed", "pay_by"), ("From its execution.", "From the last day to pay it gave.")),
        "What the days are counted from; “executed” if left out.", "pay_by", field="counted_from"),
)
# fmt: on
AFTER = Table(
    make=make_after,
    keys=(*_TARGETS, *_HOW),
    wanted="Write {rule: x, days: 3} or {level: 2}.",
    check=check_after,
    given=(*AT, ("tables", tables_of)),
)
AFTER_OF_GUARANTEE = Table(
    make=make_after,
    keys=(*_TARGETS, _ACTION, *_HOW),
    wanted="Write {action: send_dunning_notice, days: 14}, {rule: x} or {level: 2}.",
    check=check_after_of_guarantee,
    given=(*AT, ("tables", tables_of)),
)
