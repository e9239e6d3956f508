"""The editions of the table of decline codes, read from the package itself."""

import functools
from importlib import resources

import msgspec

from engine.loading.node import to_data
from engine.loading.yamltext import parse_yaml
from engine.model.decline import DeclineTable

# Rulesets name an edition, so none is ever taken away or changed.
EDITIONS = ("2026-11", "2026-12")
NEWEST = EDITIONS[-1]


@functools.cache
def read_table(edition: str) -> DeclineTable:
    """Return one edition."""
    file = resources.files("engine.model").joinpath("declines", f"{edition}.yaml")
    parsed = parse_yaml(file.read_bytes(), file.name)
    if parsed.node is None or parsed.diagnostics:
        raise ValueError(parsed.diagnostics)
    table = msgspec.convert(to_data(parsed.node), DeclineTable)
    if table.rows_of is None:
        return table
    return msgspec.structs.replace(table, declines=read_table(table.rows_of).declines)
