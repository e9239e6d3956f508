"""The reference of the language is complete: whatever a file may hold is named in it."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from engine.loading.grammar.schemas import SCHEMAS
from engine.model.calendar import WEEKDAYS
from engine.model.decision import Decision
from engine.model.vocabulary import ACTIONS, CHANNELS, STANDARD_FACTS
from tests.docs.pages import read_page

PAGE = read_page("docs/authors/language.md")
DECLINES = read_page("docs/authors/retry-rules.md")
WORDS = set(re.findall(r"[A-Za-z][\w-]*", PAGE + DECLINES))
BUCKETS = 10_000


def keys_of(schema: Any) -> Iterator[str]:
    """Return every key that a schema describes, but the facts and the parameters of actions."""
    if isinstance(schema, dict):
        for key, each in schema.items():
            if key == "properties" and isinstance(each, dict):
                yield from each
            yield from keys_of(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from keys_of(each)


def words_of(schema: Any) -> Iterator[str]:
    """Return every word of a closed list."""
    if isinstance(schema, dict):
        if isinstance(schema.get("enum"), list):
            yield from (word for word in schema["enum"] if isinstance(word, str))
        for each in schema.values():
            yield from words_of(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from words_of(each)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_named(name: str) -> None:
    """Every key of a file stands in the reference, those of declines in the page on them."""
    assert sorted(set(keys_of(SCHEMAS[name]())) - WORDS - STANDARD_FACTS.keys()) == []


def test_every_word_is_named() -> None:
    """Every word of the closed lists stands in the reference or in the tables of facts and declines."""
    tables = [read_page(f"docs/authors/{name}.md") for name in ("vocabulary", "declines")]
    text = "".join((PAGE, DECLINES, *tables))
    words = {word for word in words_of(SCHEMAS["ruleset"]()) if word.islower() and word not in WEEKDAYS}
    assert sorted(word for word in words if word not in text) == []


def test_every_action_channel_and_parameter_is_named() -> None:
    """Every action with its parameters, and every channel, stands in the reference."""
    parameters = {name for action in ACTIONS.values() for name in action.parameters}
    assert sorted((ACTIONS.keys() | parameters | CHANNELS.keys()) - WORDS) == []


def test_every_part_of_a_decision_is_explained() -> None:
    """Every key of a decision stands in the page for applications or in the one for auditors."""
    text = read_page("docs/applications/asking.md") + read_page("docs/auditors/README.md")
    assert [name for name in Decision.__struct_fields__ if not re.search(rf"[`\"]{name}[`\".]", text)] == []


def test_published_vectors_of_experiments_are_true() -> None:
    """The buckets that the page shows are those of its formula."""
    row = re.compile(
        r"^\| `(?P<experiment>\S+)` \| `(?P<account>\S+)` \| (?P<bucket>[\d,]+) \| (?P<variant>\w+) \|$", re.MULTILINE
    )
    rows = list(row.finditer(read_page("docs/authors/experiments.md")))
    assert rows
    for shown in rows:
        digest = hashlib.sha256(f"{shown['experiment']}:{shown['account']}".encode()).digest()
        bucket = int.from_bytes(digest[:8], "big") % BUCKETS
        assert shown["bucket"] == f"{bucket:,}"
        assert shown["variant"] == ("control" if bucket < BUCKETS // 2 else "friendly")
