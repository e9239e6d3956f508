"""What entries are to the episode of now, side by side, as `engine.coordinates.episode` says of one (5.4 to 5.4b)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.portfolio.arrays import NO_DAY
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.entries import Entries
from engine.portfolio.histories import BETWEEN, NONE

if TYPE_CHECKING:
    from engine.portfolio.standing import Standings

FULL, HOLDING, STALE, OTHER, NO_PART = range(5)
_FAR = 10**7


def find_parts(entries: Entries, standings: Standings, own: Truths) -> tuple[Ints, Truths]:
    """Return what each entry of this ruleset and account is, and the rows where that changes with the days."""
    oldest = standings.oldest_due_on[entries.rows]
    is_between = oldest == NO_DAY
    named = entries.episode != NO_DAY
    is_named_so = np.where(is_between, entries.episode == BETWEEN, entries.episode == oldest)
    issued_from = standings.debts.issued_from[entries.rows]
    part = np.where(~named & is_between, HOLDING, FULL)
    part[_are_stale(entries, standings)] = STALE
    part[~named & (issued_from != NO_DAY) & (entries.days < issued_from)] = NO_PART
    part[named & ~is_named_so] = OTHER
    order = np.arange(len(part))
    ended = np.full(standings.count, NONE, dtype=np.int64)
    dated = own & (entries.episode > NO_DAY)
    ended[entries.rows[dated]] = order[dated]
    part[is_between & (order <= ended[entries.rows])] = OTHER
    return part, _place_in_windows(part, entries, standings)


def _are_stale(entries: Entries, standings: Standings) -> Truths:
    """Tell which entries name invoices none of which is open and undisputed now."""
    debts = standings.debts
    lists = entries.fields["invoices"]
    found = np.zeros(len(entries.rows), dtype=np.bool_)
    if lists.null_count == len(lists):
        return found
    lists = lists.take(pa.array(entries.places))
    owners = np.asarray(pc.list_parent_indices(lists)).astype(np.int64)
    if not len(owners):
        return found
    ids = debts.invoices.distinct_ids
    known = np.asarray(pc.index_in(lists.flatten(), ids).fill_null(NONE)).astype(np.int64)
    width = len(ids) + 1
    open_rows = np.repeat(np.arange(standings.count), debts.counts)
    are_open = open_rows * width + debts.invoices.codes[debts.lines.places]
    is_open = np.isin(entries.rows[owners] * width + known, are_open) & (known != NONE)
    found[owners] = True
    found[owners[is_open]] = False
    return found & debts.carried[entries.rows]


def _place_in_windows(part: Ints, entries: Entries, standings: Standings) -> Truths:
    """Say of the entries of rules with a window of their own whether they lie in it; return whose window moves."""
    moving = np.zeros(standings.count, dtype=np.bool_)
    ids = {word: code for code, word in enumerate(entries.words)}
    for rule, window in standings.program.terms.windows.items():
        if rule not in ids:
            continue
        begin = np.full(standings.count, NO_DAY, dtype=np.int64)
        for each in window:
            given = standings.facts.column(each.fact.name)
            values = np.zeros(standings.count, dtype=np.int64) if given is None else given.values
            present = np.zeros(standings.count, dtype=np.bool_) if given is None else given.present
            opens = standings.facts_on + np.clip(values, -_FAR, _FAR) - each.highest
            begin = np.where(present, np.maximum(begin, np.maximum(opens, 0)), begin)
            if each.fact.default is not None:
                moving |= ~present & (np.bincount(entries.rows, minlength=standings.count) > 0)
        has_window = (entries.rule == ids[rule]) & (begin[entries.rows] != NO_DAY)
        within = entries.days >= begin[entries.rows]
        part[has_window & within] = FULL
        part[has_window & ~within] = OTHER
    return moving
