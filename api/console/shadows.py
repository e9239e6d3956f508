"""Shadows: what a version that is asked beside what is in use would have changed, as a matrix from step to step."""

import math
from decimal import Decimal
from typing import Any

import msgspec
from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import SCREEN_KEY, Screen, show
from api.console.tables import Column, Sheet, arrange, one_page, read_asked, send_csv
from api.routes.shadows import READ, read_report
from api.service import find_service
from api.shadowmessages import ShadowAccount, ShadowCell, ShadowReport, ShadowStep
from engine.model.decision import Money

_STRENGTHS = 5


def _say(step: ShadowStep) -> str:
    """Say a step in the words of its ruleset."""
    return " · ".join(filter(None, (step.rule or step.outcome, step.action, step.channel))).replace("_", " ")


def _amount(money: Money | None) -> Decimal | None:
    return None if money is None else Decimal(money.amount)


CELLS = Sheet[ShadowCell](
    "steps",
    (
        Column("in_use", "In use", lambda cell: _say(cell.champion)),
        Column("shadow", "Shadow", lambda cell: _say(cell.challenger)),
        Column("accounts", "Accounts", lambda cell: cell.accounts, is_figure=True),
        Column("different", "Otherwise", lambda cell: cell.different, is_figure=True),
        Column("claimed", "Claimed", lambda cell: _amount(cell.claimed), is_figure=True),
        Column("currency", None, lambda cell: cell.claimed and cell.claimed.currency),
    ),
)
FIRST = Sheet[ShadowAccount](
    "first",
    (
        Column("account", "Account", lambda each: each.account_id),
        Column("at", "Asked", lambda each: each.at),
        Column("in_use", "In use", lambda each: _say(each.champion)),
        Column("shadow", "Shadow", lambda each: _say(each.challenger)),
        Column("claimed", "Claimed", lambda each: _amount(each.claimed), is_figure=True),
        Column("currency", None, lambda each: each.claimed and each.claimed.currency),
        Column("decision", None, lambda each: each.decision_id),
    ),
)


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which ruleset."""

    ruleset: str | None = None


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the matrix: how many accounts, of how many something else would be done, and how dark it is."""

    accounts: int
    different: int
    strength: int


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """Steps in use to the left, those of the shadow above; a field is None where no account went from one to other."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Field | None, ...]], ...]


@get("/figures/shadows", opt={SCREEN_KEY: Screen(scope=READ.scope, reads_personal=READ.reads_personal)})
async def show_shadows(scope: Scope) -> Response[Any]:
    """Show the shadow of a ruleset, the first of those that have one where none is asked for."""
    asked, order = read_asked(scope, Query)
    service = find_service(scope)
    shadows = await service.store.shadows.list_all()
    name = asked.ruleset or (shadows[0].ruleset_id if shadows else None)
    if name is None:
        return show(scope, "shadows", {"shadows": (), "report": None})
    report = await read_report(service, name)
    if order.csv == CELLS.name:
        return send_csv(CELLS, one_page(report.matrix))
    if order.csv == FIRST.name:
        return send_csv(FIRST, one_page(report.first))
    told = {
        "shadows": shadows,
        "report": report,
        "matrix": _lay_out(report),
        "cells": arrange(order, CELLS, report.matrix),
        "first": arrange(order, FIRST, report.first),
        "say": _say,
    }
    return show(scope, "shadows", told)


def _lay_out(report: ShadowReport) -> Matrix:
    """Lay out the matrix, a step where most accounts are first; accounts of all currencies together."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    lefts: dict[str, int] = {}
    heads: dict[str, int] = {}
    for cell in report.matrix:
        left, head = _say(cell.champion), _say(cell.challenger)
        accounts, different = counts.get((left, head), (0, 0))
        counts[left, head] = accounts + cell.accounts, different + cell.different
        lefts[left] = lefts.get(left, 0) + cell.accounts
        heads[head] = heads.get(head, 0) + cell.accounts
    largest = max((accounts for accounts, _ in counts.values()), default=0)
    ordered = tuple(sorted(heads, key=lambda head: (-heads[head], head)))
    rows = tuple(
        (left, tuple(_field(counts.get((left, head)), largest) for head in ordered))
        for left in sorted(lefts, key=lambda left: (-lefts[left], left))
    )
    return Matrix(heads=ordered, rows=rows)


def _field(counted: tuple[int, int] | None, largest: int) -> Field | None:
    if counted is None:
        return None
    accounts, different = counted
    strength = math.ceil(_STRENGTHS * math.log1p(accounts) / math.log1p(max(largest, 1)))
    return Field(accounts=accounts, different=different, strength=strength)
