"""Cases and what is owed as columns: records of a fixed size, from which every figure of a report is added up.

Days are counted from 1 January 1970, money is in minor units; words that cases are grouped by stand in them as codes.
"""

import datetime as dt
import functools
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]
_MOST_REMEMBERED = 10_000
_EPOCH = dt.date(1970, 1, 1).toordinal()
NEVER = -(2**31)
"""The day of what has not happened."""

FORM = 1
"""Which form the records below have; what was stored in another is made anew."""

CASE = np.dtype(
    [
        ("opened_on", "<i4"),
        ("paid_on", "<i4"),  # the day since which all of it is paid
        ("opened", "<i8"),
        ("recovered", "<i8"),
        ("written_off", "<i8"),
        ("fees", "<i8"),
        ("told", "<i8"),  # the money of promises that are kept, partly kept or broken, and what of it was paid
        ("served", "<i8"),
        ("contacts", "<u4"),
        ("complaints", "<u4"),
        ("reached", "<u4"),
        ("not_reached", "<u4"),
        ("promises_open", "<u4"),
        ("promises_kept", "<u4"),
        ("promises_partly_kept", "<u4"),
        ("promises_broken", "<u4"),
        ("promises_withdrawn", "<u4"),
        ("moves", "<u4"),  # how many of these are the case's, in order
        ("labels", "<u4"),
        ("paid_at", "u1"),  # a bit for each of the days at which rates are told
        ("is_given_up", "?"),
        ("is_handed_over", "?"),
        ("is_acted_on", "?"),
    ]
)
# Money that came to a case, or went back: so many days after it opened, and after its last action (or -1).
MOVE = np.dtype([("after_opening", "<i4"), ("after_action", "<i4"), ("amount", "<i8"), ("labels", "<u4")])
LABEL = np.dtype("<u8")
# An invoice, or the credit or invoice of which only the billing is known: then it has no line.
INVOICE = np.dtype(
    [
        ("account", "<i8"),
        ("line", "<i4"),
        ("due_on", "<i4"),
        ("open", "<i8"),  # after credits
        ("written_off", "<i8"),
        ("billed", "<i8"),
        ("issued_on", "<i4"),
        ("is_disputed", "?"),
        ("is_billed", "?"),  # its amount and day of issue are known
    ]
)
PAYMENT = np.dtype([("day", "<i4"), ("late", "<i4"), ("amount", "<i8")])
NO_LINE = -1


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Records of cases, and of what is owed; labels are in the order of their cases and moves."""

    cases: bytes = b""
    moves: bytes = b""
    case_labels: bytes = b""
    move_labels: bytes = b""
    invoices: bytes = b""
    payments: bytes = b""


NAMES = Columns.__struct_fields__
NO_COLUMNS = Columns()


class Shelf:
    """Columns as they come, one after the other."""

    def __init__(self) -> None:
        self._parts: dict[str, list[bytes]] = {name: [] for name in NAMES}

    def add(self, columns: Columns) -> None:
        """Put columns behind what there is."""
        for name, parts in self._parts.items():
            if part := getattr(columns, name):
                parts.append(part)

    def finish(self) -> Columns:
        """Return all of it."""
        return Columns(**{name: b"".join(parts) for name, parts in self._parts.items()})


def to_number(day: dt.date | None) -> int:
    """Return a day as columns have it."""
    return NEVER if day is None else day.toordinal() - _EPOCH


def to_day(number: int) -> dt.date:
    """Return a day that stands in a column."""
    return dt.date.fromordinal(number + _EPOCH)


@functools.lru_cache(_MOST_REMEMBERED)
def code_of(by: str, word: str) -> int:
    """Return the code of a word in one grouping."""
    return int.from_bytes(hashlib.blake2b(f"{by}:{word}".encode(), digest_size=8).digest(), "little")


def pack(kind: np.dtype[Any], rows: Iterable[tuple[object, ...]]) -> bytes:
    """Write records."""
    found = list(rows)
    return np.array(found, kind).tobytes() if found else b""


def pack_codes(codes: Iterable[int]) -> bytes:
    """Write the codes of words."""
    return np.array(list(codes), LABEL).tobytes()


def add_up(numbers: Array) -> int:
    """Add up exactly, however large the sum is."""
    whole = numbers.astype(np.int64)
    return (int((whole >> 32).sum()) << 32) + int((whole & 0xFFFFFFFF).sum())


def add_up_by(places: Array, numbers: Array, count: int) -> list[int]:
    """Add up exactly what stands in each of so many places; a sum of twenty-six bits each is exact as a float."""
    whole = numbers.astype(np.int64)
    sums = [0] * count
    for shift, part in ((0, whole & 0x3FFFFFF), (26, (whole >> 26) & 0x3FFFFFF), (52, whole >> 52)):
        for place, number in enumerate(np.bincount(places, part, count)):
            sums[place] += int(number) << shift
    return sums


def words_by_code(words: Mapping[str, Iterable[str]], by: str) -> dict[int, str]:
    """Return the words of one grouping by their codes."""
    return {code_of(by, word): word for word in words.get(by, ())}
