"""The generated half of clients/typescript: which operations take an Idempotency-Key."""

from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.pythonclient import list_operations

_FILE = Path(__file__).resolve().parents[1] / "clients" / "typescript" / "src" / "operations.ts"
_HEAD = "// Written by `make generate` from schemas/openapi.json; not edited by hand.\n"


def write_operations() -> str:
    """Write the list of those that may be sent again under one key."""
    keyed = [
        f'  "{each.method} {each.path}",\n'
        for each in list_operations()
        if any(parameter.name == "Idempotency-Key" for parameter in each.parameters)
    ]
    about = "/** What takes an Idempotency-Key. */"
    return f"{_HEAD}\n{about}\nexport const once: readonly string[] = [\n{''.join(keyed)}];\n"


GENERATED: Mapping[Path, Callable[[], str]] = {_FILE: write_operations}
