"""Files of lines cut into units: where a unit begins a row begins, also where a CSV value has lines of its own."""

from collections.abc import Iterator

import numpy as np
from pyarrow import fs

from cli.bulk.plan import Input, Unit

_CHUNK = 16 * 1024 * 1024
_NEWLINE, _QUOTE = 10, 34


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


def _find_ends(system: fs.FileSystem, source: Input) -> Iterator[int]:
    """Yield the place after each row; a line end within quotes ends none."""
    position, is_quoted = 0, 0
    last = 0
    with system.open_input_stream(source.path, compression=None) as stream:
        while chunk := stream.read(_CHUNK):
            codes = np.frombuffer(chunk, dtype=np.uint8)
            ends = np.flatnonzero(codes == _NEWLINE)
            if source.form == "csv":
                quotes = np.cumsum(codes == _QUOTE) + is_quoted
                ends = ends[quotes[ends] % 2 == 0]
                is_quoted = int(quotes[-1]) % 2
            for end in ends.tolist():
                last = position + end + 1
                yield last
            position += len(chunk)
    if last < source.size:
        yield source.size
