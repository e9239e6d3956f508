"""What people write for a number, a date or a span of hours is understood, so that the hint can say it right."""

import pytest

from engine.loading.complaints import find_meant
from engine.loading.numberslips import clean_number
from engine.loading.slips import hint_at_date, hint_at_hours, hint_at_time
from engine.loading.testslips import hint_at_test


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("40,00", "40.00"),
        ("1,000", "1000"),
        ("1.000,50", "1000.50"),
        ("1 000", "1000"),
        ("€ 10", "10"),
        ("EUR 10", "10"),
        ("15 %", "15"),
        ("+5", "5"),
        ("007", "7"),
        ("-3 days", "-3"),
        ("two weeks", "14"),
        ("soon", None),
        ("1.5 weeks", None),
    ],
)
def test_reads_a_number_as_it_was_meant(written: str, meant: str | None) -> None:
    """Signs, units and the commas of either side of the Atlantic are taken off; what is unclear is left alone."""
    assert clean_number(written) == meant


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("≥ 3", "Write 3.. for 3 or more."),
        ("<= 3", "Write ..3 for 3 or less."),
        ("!= 3", "Write {not: 3}."),
        ("3 to 13", "Write 3..13 for a range, both ends included."),
        ("3 or less", "Write ..3 for 3 or less."),
        ("> 10€", "Write {more_than: 10}."),
        (">= 2 weeks", "Write 14.. for 14 or more."),
        ("at least 14 days", "Write 14.. for 14 or more."),
        ("min. 14", "Write 14.. for 14 or more."),
        ("14 max", "Write ..14 for 14 or less."),
        ("more than 3 days", "Write {more_than: 3}."),
        ("not 3", "Write {not: 3}."),
        ("14 .. 30", "Write 14..30 for a range, both ends included."),
        ("14..30 days", "Write 14..30, in digits alone."),
        ("10,50..", "Write 10.50..: a point before the decimals."),
        ("€10..€50", "Write 10..50, in digits alone."),
        ("14.. or 30..", "Write a list: [14.., 30..]."),
        ("3, 14, 30", "Write a list: [3, 14, 30]."),
        ("3 days or 2 weeks", "Write a list: [3, 14]."),
        ("€5.000", "Write 5000 if thousands are meant, or 5.00: a point stands before decimals only."),
        (">= 5.000", "Write 5000.. if thousands are meant, or 5.00..: a point stands before decimals only."),
        (">3 and <10", "Write {more_than: 3, less_than: 10}."),
        ("14.. days", "Write 14.., in digits alone."),
        ("3 months", None),
        ("48h", None),
        ("..", None),
        ("soon", None),
    ],
)
def test_reads_a_comparison(written: str, hint: str | None) -> None:
    """Signs and words of comparison become ranges and tests of the language."""
    assert hint_at_test(written) == hint


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("31.01.2026", "Write 2026-01-31: year-month-day."),
        ("Jan 3, 2026", "Write 2026-01-03: year-month-day."),
        ("3 March 2026", "Write 2026-03-03: year-month-day."),
        ("30/02/2026", None),
        ("soon", None),
    ],
)
def test_reads_a_date(written: str, hint: str | None) -> None:
    """A date in the manner of a country becomes one of the language, unless there is no such day."""
    assert hint_at_date(written) == hint


@pytest.mark.parametrize(
    ("written", "hint"), [("12am", 'Write "00:00".'), ("12 pm", 'Write "12:00".'), ("25:00", None)]
)
def test_reads_a_time(written: str, hint: str | None) -> None:
    """Noon and midnight are told apart, and there is no hour after the last."""
    assert hint_at_time(written) == hint


def test_reads_a_span_of_hours() -> None:
    """Both ends are read alike."""
    assert hint_at_hours("8.30 to 5pm") == 'Write "08:30-17:00".'
    assert hint_at_hours("all day") is None


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("zondag", ("monday", "saturday", "sunday"), "sunday"),
        ("sat", ("friday", "saturday", "sunday"), "saturday"),
        ("zonday", ("monday", "tuesday"), "monday"),
        ("number", ("enum", "integer", "decimal"), "integer"),
        ("xyz", ("enum", "integer"), None),
    ],
)
def test_finds_the_word_that_is_meant(word: str, known: tuple[str, ...], meant: str | None) -> None:
    """Another language, a word cut short and a slip of the finger lead to a word that is known, a guess does not."""
    assert find_meant(word, known) == meant
