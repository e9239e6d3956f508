"""Identifiers that sort by the time they were made: UUID version 7 (RFC 9562), as text."""

import datetime as dt
import os
import random
import time
import uuid

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_RANDOM = random.Random(os.urandom(32))  # noqa: S311  an id is a name, not a secret; tokens use `secrets`
_COUNTER_LIMIT = 1 << 12
_LONGEST_LEAD = 10_000  # milliseconds that ids may go ahead of the clock


class _Clock:
    """The last millisecond used and how many ids were made in it."""

    millisecond = 0
    counter = 0


def reseed_identifiers() -> None:
    """Start a fresh random sequence, so that a forked process does not repeat its parent's."""
    _RANDOM.seed(os.urandom(32))


os.register_at_fork(after_in_child=reseed_identifiers)


def make_id() -> str:
    """Make an id that sorts after every id this process made before, also when the clock steps back a little.

    Where it was set back further, ids of the time that it says now are right again, and those before were not.
    """
    millisecond = time.time_ns() // 1_000_000
    if millisecond > _Clock.millisecond or millisecond < _Clock.millisecond - _LONGEST_LEAD:
        _Clock.millisecond = millisecond
        _Clock.counter = _RANDOM.getrandbits(11)  # half the space stays free for the rest of the millisecond
    else:
        _Clock.counter += 1
        if _Clock.counter == _COUNTER_LIMIT:  # borrowed from the next millisecond
            _Clock.millisecond += 1
            _Clock.counter = 0
    return _format(_Clock.millisecond, _Clock.counter, _RANDOM.getrandbits(62))


def instant_of(identifier: str) -> dt.datetime:
    """Read the instant, to the millisecond, at which an id was made."""
    return _EPOCH + dt.timedelta(milliseconds=int(identifier[:8] + identifier[9:13], 16))


def first_id_at(instant: dt.datetime) -> str:
    """Name the smallest id that can be made at this instant, so that a period becomes a range of ids."""
    millisecond = -((_EPOCH - instant) // dt.timedelta(milliseconds=1))
    return _format(min(max(millisecond, 0), (1 << 48) - 1), 0, 0)


def is_id(text: str) -> bool:
    """Whether a text is a UUID as this service writes them."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _format(millisecond: int, counter: int, tail: int) -> str:
    digits = f"{(millisecond << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | tail:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
