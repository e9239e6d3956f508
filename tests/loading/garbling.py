"""Texts and documents spoiled by chance: what a slip, a broken program or an attacker makes of them."""

import json
import random
from typing import Any

PIECES = ["\t", "\n", "  ", "- ", ": ", *"{}[],'\"|>#%@`?", "&a ", "*a", "!!str ", "<<: ", "..", "null", "0x1", "1e5"]
PIECES += ["~", "---\n", "...\n", "\x00", "\ufeff", "é", "\u2028", "😀", "\r"]
JUNK: list[Any] = [None, True, 0, -1, 1.5, 10**20, "x", "", "3..5", "..", "2026-01-01", "2026-02-30", "email", "none"]
JUNK += [[], {}, [1], {"a": 1}, {"EUR": 1}, [[]], [{}], {"is": "missing"}, "25:00", {"action": "none"}, "announced"]
KEYS = ["x", "any", "when", "is", "not", "currency", "after", "level", "then", "facts"]


def tear(chance: random.Random, text: str) -> bytes:
    """Add, lose, move and overwrite characters of a text."""
    for _ in range(chance.choice([1, 2, 3, 8])):
        place, other = chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)
        piece = chance.choice([chance.choice(PIECES), text[other : other + chance.randrange(60)]])
        text = text[:place] + piece + text[place + chance.randrange(30) * (chance.random() < 0.3) :]
    data = bytearray(text.encode())
    if chance.random() < 0.1:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def spoil(chance: random.Random, document: Any) -> Any:
    """Put junk in some places of a document of JSON, of which a copy is made."""
    data = json.loads(json.dumps(document, default=str))
    for _ in range(chance.choice([1, 1, 2, 5])):
        holder, key = chance.choice(find_places(data))
        what = chance.random()
        if what < 0.15:
            del holder[key]
        elif what < 0.3 and isinstance(holder, dict):
            holder[chance.choice(KEYS)] = holder.pop(key)
        else:
            holder[key] = json.loads(json.dumps(chance.choice(JUNK)))
        if not find_places(data):
            break
    return data


def find_places(data: Any) -> list[tuple[Any, Any]]:
    """List every value with what holds it."""
    pairs = list(data.items()) if isinstance(data, dict) else list(enumerate(data)) if isinstance(data, list) else []
    return [(data, key) for key, _ in pairs] + [place for _, value in pairs for place in find_places(value)]
