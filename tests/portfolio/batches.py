"""Accounts and rulesets for the tests of portfolios."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from engine.evaluation.rulesets import Rulesets
from engine.examination.examine import examine_files
from engine.loading.files import read_folder
from engine.portfolio.columns import list_facts, make_schema
from engine.portfolio.regular import regularize
from engine.portfolio.spreading import spread

RULESETS = Path(__file__).resolve().parents[2] / "rulesets"
SMALL = """
ruleset: small
title: Small
currency: [EUR, JPY]
timezone: Europe/Amsterdam
facts:
  share: {type: decimal, places: 2, optional: true}
rules:
  - id: call
    when: {days_overdue: 10.., customer_value: {at_least: {EUR: 100, JPY: 100}}}
    then: {action: place_call, channel: phone}
  - id: remind
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: [email, letter]}
"""


def compile_text(text: str) -> Rulesets:
    """One ruleset, ready to decide."""
    examination = examine_files({"small.yaml": text.encode()})
    return Rulesets([examination.compiled(one) for one in examination.rulesets])


@cache
def small() -> Rulesets:
    """The small ruleset."""
    return compile_text(SMALL)


@cache
def examples() -> Rulesets:
    """The example rulesets, as one folder."""
    examination = examine_files(read_folder(RULESETS))
    return Rulesets([examination.compiled(one) for one in examination.rulesets])


@cache
def sample_documents() -> tuple[str, ...]:
    """The sample accounts as JSON, each with its history in it."""
    histories: dict[str, list[dict[str, Any]]] = {}
    for line in (RULESETS / "samples/history.ndjson").read_bytes().splitlines():
        entry = msgspec.json.decode(line)
        histories.setdefault(entry.pop("account_id"), []).append(entry)
    accounts = map(msgspec.json.decode, (RULESETS / "samples/accounts.ndjson").read_bytes().splitlines())
    return tuple(msgspec.json.encode(one | {"history": histories.get(one["id"], [])}).decode() for one in accounts)


def wanted(rulesets: Rulesets) -> pa.Schema:
    """The columns of accounts for some rulesets."""
    return make_schema(list_facts(rulesets))


def rows(rulesets: Rulesets, *documents: Mapping[str, object] | str) -> pa.RecordBatch:
    """Accounts given as documents, in columns."""
    texts = [each if isinstance(each, str) else msgspec.json.encode(each).decode() for each in documents]
    return spread(texts, wanted(rulesets))


def table(rulesets: Rulesets, **columns: pa.Array | Sequence[object]) -> pa.RecordBatch:
    """Accounts given as the columns of a file."""
    arrays = [each if isinstance(each, pa.Array) else pa.array(each) for each in columns.values()]
    return regularize(pa.RecordBatch.from_arrays(arrays, names=list(columns)), wanted(rulesets))
