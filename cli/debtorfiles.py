"""Accounts over time in NDJSON files, as the report that is made of them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import rich_click as click

from api.recovering import Collector, Made
from engine.evaluation.history import read_instant
from engine.evaluation.reading import zone_of
from engine.model.account import AccountInvalid, Problem
from engine.model.exactjson import FREE_JSON
from engine.recovery.debtor import Debtor
from engine.recovery.reading import Stated, Terms, read_debtors
from engine.recovery.report import Asked

_BESIDE = ("history", "outcomes", "recorded_at")
_Line = tuple[str, Mapping[str, object]]


def make_file_report(paths: Sequence[Path], asked: Asked, zone: ZoneInfo) -> Made:
    """Make the report about the accounts of some files; ``zone`` holds where an account names none."""
    collector = Collector(asked)
    for account_id, debtors in read_debtor_files(paths, zone):
        if isinstance(debtors, AccountInvalid):
            collector.refuse(account_id, debtors)
        else:
            collector.add(debtors)
    return collector.finish()


def read_debtor_files(
    paths: Sequence[Path], zone: ZoneInfo
) -> Iterator[tuple[str, tuple[Debtor, ...] | AccountInvalid]]:
    """Yield the accounts of some files by their ids, each in each of its currencies, or what is wrong with it."""
    seen: set[str] = set()
    for account_id, lines in groupby(_read_lines(paths), key=lambda line: line[0]):
        if account_id in seen:
            raise click.UsageError(
                f"Account {account_id} stands twice with others between; its lines follow each other."
            )
        seen.add(account_id)
        try:
            yield account_id, _read(tuple(document for _, document in lines), zone)
        except AccountInvalid as invalid:
            yield account_id, invalid


def _read(lines: Sequence[Mapping[str, object]], zone: ZoneInfo) -> tuple[Debtor, ...]:
    stated = []
    for line in lines:
        at = line.get("recorded_at")
        known_at = read_instant(at, zone)
        if known_at is None and at is not None:
            message = f"recorded_at is a date or an instant with its offset, not {at!r}"
            raise AccountInvalid((Problem(pointer="/recorded_at", message=message),))
        document = {name: value for name, value in line.items() if name not in _BESIDE}
        stated.append(Stated(document=document, known_at=known_at))
    history = [each for line in lines for each in _list(line, "history")]
    outcomes = [each for line in lines for each in _list(line, "outcomes")]
    return read_debtors(stated, history, outcomes, Terms(zone=zone))


def _list(line: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    found = line.get(key)
    if found is None:
        return ()
    if isinstance(found, list) and all(isinstance(each, dict) for each in found):
        return found
    raise AccountInvalid((Problem(pointer=f"/{key}", message=f"{key} is a list of objects"),))


def _read_lines(paths: Sequence[Path]) -> Iterator[_Line]:
    for path in paths:
        with path.open("rb") as file:
            for number, text in enumerate(file, start=1):
                if text.strip():
                    yield _read_line(path, number, text)


def _read_line(path: Path, number: int, text: bytes) -> _Line:
    try:
        document: object = FREE_JSON.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise click.UsageError(f"{path}:{number} is not JSON that can be read: {error}") from None
    identity = document.get("id") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(identity, str):
        raise click.UsageError(f"{path}:{number} is no account: a JSON object with `id` and `currency` was expected.")
    return identity, document


def read_timezone(name: str) -> ZoneInfo:
    """Return the zone of accounts that name none."""
    zone = zone_of(name)
    if zone is None:
        raise click.UsageError(f"--timezone {name} is no IANA name such as Europe/Amsterdam.")
    return zone
