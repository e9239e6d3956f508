"""The pictures of the figures: curves of cohorts with the versions in use, and parts of wholes."""

import datetime as dt
import xml.etree.ElementTree as ET

from pages.cohortpicture import Change, Curve, Point, draw_cohorts
from pages.colours import CALL, SERVICE, WORK
from pages.intervalpicture import Interval, draw_intervals
from pages.stackpicture import Part, Stack, draw_stacks

_SVG = "{http://www.w3.org/2000/svg}"
MONTHS = ("2026-03", "2026-04", "2026-05")


def final(percent: float) -> Point:
    """A share that grows no more."""
    return Point(percent=percent, is_final=True)


def cohorts(points: tuple[Point | None, ...], *changes: Change) -> ET.Element:
    """Draw one curve."""
    drawn = draw_cohorts(MONTHS, [Curve(name="7 days", points=points)], changes, about="<shares>")
    return ET.fromstring(drawn)  # noqa: S314  our own picture


def upright(root: ET.Element) -> list[float]:
    """Where the lines of changes stand."""
    lines = (line for line in root.iter(f"{_SVG}line") if line.get("class") == "zero")
    return [float(line.get("x1", "")) for line in lines]


def test_a_version_is_a_line_in_the_month_it_came_into_use() -> None:
    """Between its months' points, by its day; one of another time is not drawn, and names are only text."""
    changes = [
        Change(name=f"shop <{day}>", on=dt.date.fromisoformat(day))
        for day in ("2026-04-01", "2026-04-16", "2025-01-01")
    ]
    root = cohorts((final(10), final(20), final(30)), *changes)
    first, second = upright(root)
    points = [float(circle.get("cx", "")) for circle in root.iter(f"{_SVG}circle")]
    assert points[0] < first < second <= points[1] + 5
    assert "shop <2026-04-16>" in [text.text for text in root.iter(f"{_SVG}text")]


def test_what_may_still_grow_is_hollow_and_dashed() -> None:
    """A cohort without cases has no point, and the curve goes on behind it."""
    root = cohorts((final(0), None, Point(percent=100, is_final=False)))
    circles = list(root.iter(f"{_SVG}circle"))
    assert ["ground" in (circle.get("style") or "") for circle in circles] == [False, True]
    heights = [float(circle.get("cy", "")) for circle in circles]
    assert heights[0] > heights[1]
    curve = [line for line in root.iter(f"{_SVG}line") if line.get("stroke-width") == "2"]
    assert [line.get("stroke-dasharray") for line in curve] == ["4 5"]


def test_versions_of_one_day_share_a_line() -> None:
    """Which says how many there are; a name near the end stands before its line."""
    days = ("2026-03-02", "2026-05-30", "2026-05-30", "2026-05-30")
    changes = [Change(name=f"shop {number}", on=dt.date.fromisoformat(day)) for number, day in enumerate(days)]
    root = cohorts((final(10), final(20), final(30)), *changes)
    assert len(upright(root)) == 2
    anchors = {text.text: text.get("text-anchor") for text in root.iter(f"{_SVG}text")}
    assert (anchors["shop 0"], anchors["shop 1 and 2 more"]) == ("start", "end")


def test_an_interval_that_holds_nothing_is_grey() -> None:
    """Its name, its ends and its middle stand on one axis; what is more is of one colour, what is fewer of another."""
    intervals = [
        Interval(name="<more>", value=4, low=1, high=7),
        Interval(name="fewer", value=-4, low=-11, high=-1),
        Interval(name="unknown", value=0, low=-3, high=3),
    ]
    root = ET.fromstring(draw_intervals(intervals, about="differences"))  # noqa: S314  our own picture
    dots = list(root.iter(f"{_SVG}circle"))
    assert [dot.get("class") for dot in dots] == [CALL, SERVICE, WORK]
    assert float(dots[1].get("cx", "")) < float(dots[2].get("cx", "")) < float(dots[0].get("cx", ""))
    words = [text.text for text in root.iter(f"{_SVG}text")]
    assert words[:3] == ["-15", "0", "+15"]
    assert "<more>" in words
    assert draw_intervals((), about="nothing").startswith("<svg")


def test_no_name_is_written_over_another() -> None:
    """Curves that end at one height are named below each other."""
    curves = [Curve(name=name, points=(final(50), final(50), final(50))) for name in ("60 days", "90 days")]
    root = ET.fromstring(draw_cohorts(MONTHS, curves, (), about="shares"))  # noqa: S314  our own picture
    one, other = (float(text.get("y", "")) for text in root.iter(f"{_SVG}text") if "days" in (text.text or ""))
    assert other - one >= 14


def test_parts_fill_their_whole() -> None:
    """Bars stand one behind the other; a small part has no words; colours are named once."""
    parts = (Part(name="paid", percent=98, family=CALL), Part(name="91+", percent=2, family=SERVICE))
    stacks = [Stack(label="1-30", parts=parts), Stack(label="31-60", parts=parts[:1]), Stack(label="none", parts=())]
    root = ET.fromstring(draw_stacks(stacks, about="rolls"))  # noqa: S314  our own picture
    bars = [rect for rect in root.iter(f"{_SVG}rect") if rect.get("height") == "22"]
    assert len(bars) == 3
    assert float(bars[0].get("x", "")) + float(bars[0].get("width", "")) == float(bars[1].get("x", ""))
    words = [text.text for text in root.iter(f"{_SVG}text")]
    assert words.count("paid") == 1
    assert "98.0 %" in words
    assert "2.0 %" not in words
