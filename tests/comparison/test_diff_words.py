"""Places and exceptions in words, as every format of `dunning diff` has them."""

import msgspec

from cli.reporters.diffmarkdown import write_broken, write_markdown
from engine.comparison.difference import Change, Place, Row
from pages.diffwords import say_places, say_unless
from tests.comparison.rulesets import LADDER, differ


def make_row(*places: dict[str, str], unless: tuple[str, ...] = (), same: tuple[str, ...] = ()) -> Row:
    """A row of which only the places matter."""
    found = tuple(Place(conditions=each) for each in places)
    return Row(headline="b comes", was=("a",), becomes=("b",), places=found, unless=unless, same=same)


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


def test_a_comment_too_long_keeps_every_verdict() -> None:
    """Of a ruleset for which there is no room the verdict stands, and where the rest is told; what fits stays whole."""
    short = differ(LADDER, LADDER.replace("days_overdue: 14..", "days_overdue: 16.."))
    changes = tuple(Change(part="rule", name=f"rule-{number}", kinds=("changed",)) for number in range(4_000))
    long = msgspec.structs.replace(short, changes=changes)
    said = write_markdown([long, short], is_all=False)
    assert len(said) < 65_536
    assert said.count("### `sample`") == 2
    assert "differ.**\n\nHow it differs is too long for a comment; `dunning diff` tells it." in said
    assert "days overdue 14 to 15" in said


def test_what_is_left_out_for_want_of_room_is_not_called_unusual() -> None:
    """Usual rows beyond those that are shown are counted as such; the unusual are counted apart, without an "only"."""
    difference = differ(LADDER, LADDER.replace("days_overdue: 14..", "days_overdue: 16.."))
    usual, unusual = make_row({"x": "late"}), msgspec.structs.replace(make_row({"x": "late"}), is_unusual=True)
    edition = msgspec.structs.replace(difference.editions[0], rows=(*[usual] * 33, *[unusual] * 2))
    said = write_markdown([msgspec.structs.replace(difference, editions=(edition,))], is_all=False)
    assert "⚠ 3 more (EUR) are left out; `dunning diff --all` tells them." in said
    assert "2 more (EUR), where the level stands lower" in said
    assert "only" not in said


def test_errors_with_a_fence_stay_inside_of_theirs() -> None:
    """What a broken file says, backticks included, stands as text."""
    assert write_broken("a ```` b").splitlines()[-3:] == ["`````text", "a ```` b", "`````"]
