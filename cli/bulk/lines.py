"""Files of lines cut into units: where a unit begins a row begins, also where a CSV value has lines of its own."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from pyarrow import fs

from cli.bulk.plan import Input, Unit

_CHUNK = 16 * 1024 * 1024
_NEWLINE, _RETURN, _QUOTE = b'\n\r"'
_DELIMITERS = (b",", b";", b"\t")
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


def cut_lines(system: fs.FileSystem, source: Input, at: int, *, most: int) -> Iterator[Unit]:
    """Yield the units of a CSV or NDJSON file, of at most so many rows each; ``at`` numbers the input."""
    start, rows, before = 0, 0, 0
    skips_header = source.form == "csv"
    for end in _find_ends(system, source):
        if skips_header:
            start, skips_header = end, False
            continue
        rows += 1
        if rows == most:
            yield Unit(index=-1, input=at, start=start, stop=end, rows_before=before, rows_count=rows)
            start, rows, before = end, 0, before + rows
    if rows:
        yield Unit(index=-1, input=at, start=start, stop=source.size, rows_before=before, rows_count=rows)


def read_header(system: fs.FileSystem, source: Input) -> bytes:
    """Return the first line of a CSV file, its end included."""
    end = next(_find_ends(system, source), source.size)
    with system.open_input_file(source.path) as file:
        return bytes(file.read_at(end, 0))


def read_bytes(system: fs.FileSystem, source: Input, unit: Unit) -> bytes:
    """Return the bytes of a unit."""
    with system.open_input_file(source.path) as file:
        return bytes(file.read_at(unit.stop - unit.start, unit.start))


def delimiter_of(header: bytes) -> bytes:
    """Return what stands between the columns: what the header has most of."""
    return max(_DELIMITERS, key=header.count)


def _find_ends(system: fs.FileSystem, source: Input) -> Iterator[int]:
    """Yield the place after each row; a line end within quotes ends none."""
    position, last = 0, 0
    quoting: _Quoting | None = None
    with system.open_input_stream(source.path, compression=None) as stream:
        while chunk := stream.read(_CHUNK):
            codes = np.frombuffer(chunk, dtype=np.uint8)
            ends = np.flatnonzero(codes == _NEWLINE)
            if source.form == "csv":
                quoting = quoting or _Quoting(delimiter_of(chunk.partition(b"\n")[0]))
                ends = quoting.leave_quoted(codes, ends)
            for end in ends.tolist():
                last = position + end + 1
                yield last
            position += len(chunk)
    if last < source.size:
        yield source.size


class _Quoting:
    """Where values of a CSV are quoted, chunk after chunk, as Arrow reads them.

    A quote begins a quoted value only where a value begins; within one, two of them are one of its letters. Elsewhere,
    as in 5" pipe, it is a letter like any other.
    """

    def __init__(self, delimiter: bytes) -> None:
        self._begin = np.zeros(256, dtype=np.bool_)
        self._begin[[*delimiter, _NEWLINE, _RETURN]] = True
        self._is_quoted = False
        self._before = _NEWLINE
        self._has_closed = False

    def leave_quoted(self, codes: Bytes, ends: Places) -> Places:
        """Return the line ends of a chunk that stand in no quoted value."""
        quotes = np.flatnonzero(codes == _QUOTE)
        turns = self._find_turns(codes, quotes)
        kept: Places = ends[(np.searchsorted(turns, ends) + self._is_quoted) % 2 == 0]
        self._is_quoted ^= bool(len(turns) % 2)
        is_last = len(turns) > 0 and int(turns[-1]) == len(codes) - 1
        self._has_closed = is_last and not self._is_quoted
        self._before = int(codes[-1])
        return kept

    def _find_turns(self, codes: Bytes, quotes: Places) -> Places:
        """Return the quotes that begin or end quoted values: all of them, but in a file with odd ones."""
        opening = quotes[int(self._is_quoted) :: 2]  # if every quote counts
        before = np.where(opening > 0, codes[opening - 1], self._before)
        follows_end = np.where(opening > 0, before == _QUOTE, self._has_closed)
        return quotes if (self._begin[before] | follows_end).all() else self._walk(codes, quotes)

    def _walk(self, codes: Bytes, quotes: Places) -> Places:
        turns: list[int] = []
        is_quoted, closed_at = self._is_quoted, -1 if self._has_closed else -2
        for place in quotes.tolist():
            before = int(codes[place - 1]) if place else self._before
            if is_quoted or self._begin[before] or closed_at == place - 1:
                turns.append(place)
                closed_at = place if is_quoted else -2
                is_quoted = not is_quoted
        return np.array(turns, dtype=np.int64)
