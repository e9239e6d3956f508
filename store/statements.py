"""The SQL statements of queries/*.sql, each with a name and a sentence, read once."""

import functools
import re
from importlib import resources

import msgspec

_HEAD = re.compile(r"^-- name: (?P<name>[a-z_]+)\n(?P<about>(?:-- .*\n)+)", re.MULTILINE)


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One SQL statement, with the sentence that says what it is for."""

    name: str
    about: str
    sql: str


def sql(name: str) -> str:
    """Find a statement's text by `<file>.<name>`."""
    file, _, statement = name.partition(".")
    return read_statements(file)[statement].sql


@functools.cache
def read_statements(file: str) -> dict[str, Statement]:
    """Read the statements of queries/<file>.sql by name."""
    text = resources.files("store").joinpath("queries", f"{file}.sql").read_text("utf-8")
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return {
        head["name"]: Statement(
            name=head["name"],
            about=" ".join(line.removeprefix("-- ") for line in head["about"].splitlines()),
            sql=text[head.end() : end].strip(),
        )
        for head, end in zip(heads, ends, strict=True)
    }
