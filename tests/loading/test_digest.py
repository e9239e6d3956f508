"""The digest identifies what a ruleset means, not how it is typed."""

import pytest

from engine.loading.load import load_ruleset, load_shared_facts

TEXT = """\
ruleset: a
title: A
currency: EUR
timezone: UTC
experiments: {tone: {variants: {plain: 50, warm: 50}}}
rules:
  - {id: one, when: {days_overdue: 3.., vip: false}, then: {action: none}}
  - {id: two, then: {action: none}}
"""


TABLE = """\
ruleset: a
title: A
currency: EUR
timezone: UTC
rules:
  - table: t
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: email}
    columns: [id, segment, tone]
    rows:
      - [one, consumer, firm]
      - [two, -, final]
"""


def digest(text: str, facts: str | None = None) -> str:
    """Load what must be without fault."""
    shared = None if facts is None else load_shared_facts(facts).shared
    ruleset = load_ruleset(text, shared_facts=shared).ruleset
    assert ruleset is not None
    return ruleset.digest


def test_is_a_sha256_of_the_canonical_form() -> None:
    """The digest never changes for the same meaning: this one is published."""
    assert digest(TEXT) == "sha256:3a849a25b6a91a5a48c6a960e2871896d0ffa3fc6477d02578febe4083d8022f"


@pytest.mark.parametrize(
    "same",
    [
        "# a comment\n" + TEXT,
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("title: A\ncurrency: EUR\n", "currency:   EUR\ntitle: 'A'\n"),
        TEXT.replace("{days_overdue: 3.., vip: false}", "\n      vip: false\n      days_overdue: 3..\n   ")
        .replace("  - {id: one, when:", "  - id: one\n    when:")
        .replace(", then: {action: none}}\n  - {id: two", "\n    then: {action: none}\n  - {id: two"),
    ],
    ids=["comment", "line ends", "order of keys", "blocks for braces"],
)
def test_does_not_change_with_the_typing(same: str) -> None:
    """White space, comments, quotes around words and the order of keys do not matter."""
    assert digest(same) == digest(TEXT)


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("3..", "4.."),
        TEXT.replace("title: A", "title: B"),
        TEXT.replace("id: one", "id: three"),
        TEXT.replace("{plain: 50, warm: 50}", "{warm: 50, plain: 50}"),
    ],
    ids=["threshold", "title", "id", "order of variants"],
)
def test_changes_with_the_meaning(other: str) -> None:
    """What is decided or shown matters, and so does the order of variants, which decides who is in which."""
    assert digest(other) != digest(TEXT)


def test_changes_with_the_shared_facts() -> None:
    """The facts.yaml beside a ruleset is a part of what it means; an empty one is nothing."""
    seats, empty = "facts: {seats: {type: integer, optional: true}}", "facts: {}"
    assert digest(TEXT, seats) != digest(TEXT) == digest(TEXT, empty)


@pytest.mark.parametrize(
    "same",
    [
        TABLE.replace("[id, segment, tone]", "[segment, tone, id]")
        .replace("[one, consumer, firm]", "[consumer, firm, one]")
        .replace("[two, -, final]", "[-, final, two]"),
        TABLE.replace("tone]", "tone, channel]")
        .replace(", channel: email", "")
        .replace("firm]", "firm, email]")
        .replace("final]", "final, email]"),
    ],
    ids=["order of columns", "a key as a column"],
)
def test_of_a_table_is_that_of_its_rows(same: str) -> None:
    """It does not matter which columns a table has, and in which order, where its rows say the same."""
    assert digest(same) == digest(TABLE)


@pytest.mark.parametrize(
    "other",
    [
        TABLE.replace("-, final", '"-", final'),
        TABLE.replace("-, final", "smb, final"),
        TABLE[: TABLE.index("  - table")]
        + "  - {id: t-one, when: {days_overdue: 3.., segment: consumer}, "
        + "then: {action: send_reminder, channel: email, tone: firm}}\n"
        + "  - {id: t-two, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email, tone: final}}\n",
    ],
    ids=["a dash in quotes", "a cell", "the same rules written out"],
)
def test_of_a_table_tells_it_from_rules(other: str) -> None:
    """A row says which table it is of, for an `after` may name that; and a dash in quotes is a word."""
    assert digest(other) != digest(TABLE)
