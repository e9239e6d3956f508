"""Whatever is done to a ruleset, loading answers with a ruleset or with diagnostics, never with an exception."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from engine.loading.load import Loaded, load_ruleset
from engine.loading.node import to_data
from engine.loading.yamltext import parse_yaml

WHOLE = (Path(__file__).parent / "good" / "whole.yaml").read_text(encoding="utf-8")
PIECES = ["\t", "\n", "  ", "- ", ": ", *"{}[],'\"|>#%@`?", "&a ", "*a", "!!str ", "<<: ", "..", "null", "0x1", "1e5"]
PIECES += ["~", "---\n", "...\n", "\x00", "\ufeff", "é", "\u2028", "😀", "\r"]
JUNK: list[Any] = [None, True, 0, -1, 1.5, 10**20, "x", "", "3..5", "..", "2026-01-01", "2026-02-30", "email", "none"]
JUNK += [[], {}, [1], {"a": 1}, {"EUR": 1}, [[]], [{}], {"is": "missing"}, "25:00", {"action": "none"}, "announced"]
KEYS = ["x", "any", "when", "is", "not", "currency", "after", "level", "then", "facts"]


def check(loaded: Loaded) -> None:
    """A file is a ruleset or has complaints, each at a place."""
    assert (loaded.ruleset is None) == bool(loaded.diagnostics)
    assert all(each.line >= 1 and each.column >= 1 and each.hint for each in loaded.diagnostics)


@pytest.mark.parametrize("seed", range(200))
def test_survives_torn_texts(seed: int) -> None:
    """Characters added, lost, moved and overwritten lead to diagnostics."""
    chance = random.Random(seed)
    text = WHOLE
    for _ in range(chance.choice([1, 2, 3, 8])):
        place, other = chance.randrange(len(text)), chance.randrange(len(text))
        piece = chance.choice([chance.choice(PIECES), text[other : other + chance.randrange(60)]])
        text = text[:place] + piece + text[place + chance.randrange(30) * (chance.random() < 0.3) :]
    data = bytearray(text.encode())
    if chance.random() < 0.1:
        data[chance.randrange(len(data))] = chance.randrange(256)
    check(load_ruleset(bytes(data)))


def find_places(data: Any) -> list[tuple[Any, Any]]:
    """List every value with what holds it."""
    pairs = list(data.items()) if isinstance(data, dict) else list(enumerate(data)) if isinstance(data, list) else []
    return [(data, key) for key, _ in pairs] + [place for _, value in pairs for place in find_places(value)]


@pytest.mark.parametrize("seed", range(300))
def test_survives_wrong_values(seed: int) -> None:
    """Any value in any place, keys lost and keys renamed lead to diagnostics."""
    chance = random.Random(seed)
    node = parse_yaml(WHOLE, "whole.yaml").node
    assert node is not None
    data = json.loads(json.dumps(to_data(node), default=str))
    for _ in range(chance.choice([1, 1, 2, 5])):
        holder, key = chance.choice(find_places(data))
        what = chance.random()
        if what < 0.15:
            del holder[key]
        elif what < 0.3 and isinstance(holder, dict):
            holder[chance.choice(KEYS)] = holder.pop(key)
        else:
            holder[key] = json.loads(json.dumps(chance.choice(JUNK)))
    check(load_ruleset(json.dumps(data, ensure_ascii=False)))
