"""A table of rules as a table: what all rows have in common in a sentence, what tells them apart in columns."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from pages.page import Block, Table, Text
from pages.steps import Step
from pages.words import Wording, plain, say_action, say_channels, say_terms

Document: TypeAlias = dict[str, object]
Row: TypeAlias = tuple[Step, Document]


def tell_table(name: str, rows: Sequence[Row], words: Wording, waiting: Callable[[Document], str]) -> Iterator[Block]:
    """Yield a table's common words, and its rows; ``waiting`` says what a rule waits for, and the like."""
    whens, actions = ([_mapping(node, key) for _, node in rows] for key in ("when", "then"))
    asked, done = _apart(whens), _apart(actions)
    waits = [waiting(node) for _, node in rows]
    are_waits_apart = len(set(waits)) > 1
    common = _without(actions[0], done)
    sentences = (
        words.condition(_without(whens[0], asked)),
        *(() if are_waits_apart else waits[:1]),
        "; ".join((say_action(common), *say_terms(common))),
    )
    yield Text(words=f"Table “{plain(name)}”, one rule a row. For all of them: {'; '.join(filter(None, sentences))}.")
    has_level, has_day = (any(each) for each in ([s.rule.level for s, _ in rows], [s.first_day for s, _ in rows]))
    yield Table(
        headings=(
            *(("level",) if has_level else ()),
            *(("first day",) if has_day else ()),
            "what",
            *map(plain, (*asked, *done)),
            *(("waits",) if are_waits_apart else ()),
        ),
        rows=tuple(
            (
                *((str(step.rule.level or ""),) if has_level else ()),
                *(("" if step.first_day is None else f"day {step.first_day}",) if has_day else ()),
                f"{step.rule.title or plain(step.rule.id)}\n{step.rule.id}",
                *(words.condition({key: when[key]}) if key in when else "" for key in asked),
                *(_say_part(key, action) for key in done),
                *((wait,) if are_waits_apart else ()),
            )
            for (step, _), when, action, wait in zip(rows, whens, actions, waits, strict=True)
        ),
    )


def _mapping(node: Document, key: str) -> Document:
    found = node.get(key)
    return found if isinstance(found, dict) else {}


def _apart(documents: Sequence[Document]) -> list[str]:
    """Return the keys that not all have, or that are not the same in all."""
    keys = dict.fromkeys(key for document in documents for key in document)
    return [key for key in keys if len({json.dumps(each.get(key), default=str) for each in documents}) > 1]


def _without(document: Document, keys: Sequence[str]) -> Document:
    return {key: value for key, value in document.items() if key not in keys}


def _say_part(key: str, action: Document) -> str:
    if key not in action:
        return ""
    return say_channels(action) if key == "channel" else "\n".join(say_terms({key: action[key]}))
