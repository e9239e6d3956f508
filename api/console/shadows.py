"""Shadows: what a version that is asked beside what is in use would have changed, as a matrix from step to step."""

import math
from collections.abc import Iterable, Mapping
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
    """Lay out the steps of which something else would be done, those of most accounts first, currencies together."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for cell in report.matrix:
        key = _say(cell.champion), _say(cell.challenger)
        accounts, different = counts.get(key, (0, 0))
        counts[key] = accounts + cell.accounts, different + cell.different
    changed = [key for key, (_, different) in counts.items() if different]
    lefts, heads = dict.fromkeys(left for left, _ in changed), dict.fromkeys(head for _, head in changed)
    shown = {key: counted for key, counted in counts.items() if key[0] in lefts and key[1] in heads}
    largest = max((accounts for accounts, _ in shown.values()), default=0)
    ordered = _order(heads, {head: sum(n for (_, at), (n, _) in shown.items() if at == head) for head in heads})
    rows = tuple(
        (left, tuple(_field(shown.get((left, head)), largest) for head in ordered))
        for left in _order(lefts, {left: sum(n for (at, _), (n, _) in shown.items() if at == left) for left in lefts})
    )
    return Matrix(heads=ordered, rows=rows)


def _order(names: Iterable[str], counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: (-counts[name], name)))


def _field(counted: tuple[int, int] | None, largest: int) -> Field | None:
    if counted is None:
        return None
    accounts, different = counted
    strength = math.ceil(_STRENGTHS * math.log1p(accounts) / math.log1p(max(largest, 1)))
    return Field(accounts=accounts, different=different, strength=strength)
