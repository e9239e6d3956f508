"""A batch decided row by row, each account as though it were asked alone: slow, and right by construction."""

import pyarrow as pa

from engine.evaluation.decide import next_action
from engine.evaluation.rulesets import Rulesets
from engine.model.account import AccountInvalid, Problem, RulesetsOverlap
from engine.model.decision import Decision
from engine.portfolio.asking import Ask, Decided
from engine.portfolio.decisions import REFUSED, write_decisions
from engine.portfolio.documents import Row, read_rows

ALL_SINGLY = "every account is decided one by one"


def decide_singly(batch: pa.RecordBatch, rulesets: Rulesets, ask: Ask, *, why: str = ALL_SINGLY) -> Decided:
    """Return the decisions of a regularized batch, and who was refused with every reason.

    ``why`` says why they are not decided all at once. Raises UnknownRuleset.
    """
    decisions: list[Decision] = []
    refused: list[tuple[int, str | None, str, str | None, str]] = []
    for index, row in enumerate(read_rows(batch)):
        try:
            decisions.append(_decide(row, rulesets, ask))
        except AccountInvalid as invalid:
            problems = invalid.problems
        except RulesetsOverlap as overlap:
            problems = (Problem(pointer="/account", message=str(overlap)),)
        else:
            continue
        name = row.account.get("id")
        known = name if isinstance(name, str) else None
        refused += [(index, known, problem.pointer, problem.fact, problem.message) for problem in problems]
    return Decided(
        decisions=write_decisions(decisions, ask.columns),
        refused=_write_refused(refused),
        singly={why: batch.num_rows} if batch.num_rows else {},
    )


def _decide(row: Row, rulesets: Rulesets, ask: Ask) -> Decision:
    if row.problem is not None:
        raise row.problem
    return next_action(
        rulesets,
        row.account,
        row.history,
        outcomes=row.outcomes,
        as_of=ask.as_of,
        track=ask.track,
        ruleset=ask.ruleset,
        explain="reason" if ask.with_reason else "none",
        is_live=False,
    )


def _write_refused(refused: list[tuple[int, str | None, str, str | None, str]]) -> pa.RecordBatch:
    columns = zip(*refused, strict=True) if refused else ((),) * len(REFUSED)
    arrays = [pa.array(list(values), field.type) for values, field in zip(columns, REFUSED, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=REFUSED)
