"""Which edition of the ruleset language this engine reads."""

LANGUAGE_EDITION = 3
"""Stored with every version and every logged decision: the same file can mean something else in another edition."""
EARLIEST_EDITION = 2
"""What is meant where nothing was stored: editions were first written down with the third."""
_NAMES = {2: "second", 3: "third"}


def say_edition(number: int) -> str:
    """Name an edition."""
    return f"the {_NAMES[number]} edition of the language"
