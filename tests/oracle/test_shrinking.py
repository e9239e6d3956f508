"""A failing case is small when it is shown."""

from typing import Any

from tests.oracle.shrinking import shrink


def test_whatever_a_document_fails_without_goes() -> None:
    """What is left is what fails, at any depth, and nothing beside it."""
    document = {"a": [1, {"b": 2, "c": [3, 4, 5]}, 6], "d": {"e": {"f": 7}}}
    assert shrink(document, lambda smaller: "c" in str(smaller)) == {"a": [{"c": []}]}


def test_a_part_stands_for_what_holds_it() -> None:
    """A condition that fails alone needs no condition around it."""
    document = {"when": {"any": [{"vip": True}, {"all": [{"days": 3}, {"plan": "basic"}]}]}}
    assert shrink(document, lambda smaller: "days" in str(smaller.get("when"))) == {"when": {"days": 3}}


def test_what_no_part_can_be_taken_from_stays() -> None:
    """A document that fails only whole is shown whole, and is not changed by trying."""
    document: dict[str, Any] = {"a": [1, {"b": 2}], "c": None}
    whole = {"a": [1, {"b": 2}], "c": None}
    assert shrink(document, lambda smaller: smaller == whole) == whole
    assert document == whole
