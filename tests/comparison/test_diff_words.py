"""Places and exceptions in words, as every format of `dunning diff` has them."""

from cli.reporters.diffwords import say_places, say_unless
from engine.comparison.difference import Place, Row


def make_row(*places: dict[str, str], unless: tuple[str, ...] = (), same: tuple[str, ...] = ()) -> Row:
    """A row of which only the places matter."""
    found = tuple(Place(conditions=each) for each in places)
    return Row(was=("a",), becomes=("b",), places=found, unless=unless, same=same)


def test_one_place_is_all_its_conditions() -> None:
    """A single place is told as it is; one without conditions is every account."""
    assert say_places(make_row({"x": "late", "y": "vip"})) == ("late; vip",)
    assert say_places(make_row({})) == ("every account",)


def test_what_places_have_in_common_is_told_once() -> None:
    """First what all places ask, then what each asks besides."""
    places = say_places(make_row({"x": "late", "y": "vip"}, {"x": "late", "z": "large"}))
    assert places == ("late", "and vip", "or large")
    assert say_places(make_row({"x": "late"}, {"x": "late", "z": "large"})) == ("late", "and nothing more", "or large")


def test_places_with_nothing_in_common_are_alternatives() -> None:
    """Without anything in common, the places are linked by "or" alone."""
    assert say_places(make_row({"x": "late"}, {"x": "early"})) == ("late", "or early")


def test_what_decides_before_and_what_does_the_same() -> None:
    """Blocks and rules that decide before, then those that do the same on the other side; many are counted."""
    assert say_unless(make_row({}, unless=("block hold", "first"))) == "block hold or rule first decides before"
    assert say_unless(make_row({}, unless=("first",), same=("second",))) == (
        "rule first decides before, or rule second does the same"
    )
    assert say_unless(make_row({}, unless=("a", "b", "c", "d"))) == "one of 4 rules (a, b, c, …) decides before"
    assert say_unless(make_row({})) == ""
