"""One line of a kind a second."""

import logging

from api.calmlog import Calm


def say(calm: Calm, message: str, *values: object, name: str = "dunning") -> str | None:
    """Hand a line to the filter; answers it as it would be written."""
    record = logging.LogRecord(name, logging.WARNING, "", 0, message, values, None)
    return record.getMessage() if calm.filter(record) else None


def test_a_line_of_a_kind_is_written_once_a_second() -> None:
    """What differs in its values only is of one kind; what was kept back is counted; other kinds are not held up."""
    seconds = iter([0.0, 0.1, 0.2, 0.3, 0.4, 1.5, 1.6, 3.0])
    calm = Calm(lambda: next(seconds))
    assert say(calm, "the disk of %s is full", "A") == "the disk of A is full"
    assert say(calm, "the disk of %s is full", "B") is None
    assert say(calm, "the disk of %s is full", "C") is None
    assert say(calm, "something else") == "something else"
    assert say(calm, "the disk of %s is full", "D", name="other") == "the disk of D is full"
    assert say(calm, "the disk of %s is full", "E") == "the disk of E is full (2 more of its kind since)"
    assert say(calm, "the disk of %s is full", "F") is None
    assert say(calm, "the disk of %s is full", "G") == "the disk of G is full (1 more of its kind since)"
