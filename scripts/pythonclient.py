"""The generated half of clients/python, written from the OpenAPI document: its records, and each operation's method.

What of a record an answer may hold is read generously, so that a newer service can say more than an older client knows.
"""

import keyword
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from api.generated import write_openapi_file
from api.schemas import find_used

Schema = dict[str, Any]
FOLDER = Path(__file__).resolve().parents[1] / "clients" / "python" / "dunning_client"

_FREE = ("Account", "AccountPatch")  # their facts are keys of their own, so they are mappings
_HEAD = '"""{about}\n\nWritten by `make generate` from schemas/openapi.json; not edited by hand.\n"""\n\n'
_PARAMETER = re.compile(r"\{([a-z_]+)\}")
_FOLLOWING = {"cursor": "next_cursor", "after": "next_after"}
_TEXTS = frozenset({"str", "dt.date", "dt.datetime"})
_SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS = {"date": "dt.date", "date-time": "dt.datetime"}


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter of an operation, with the name that Python can take."""

    name: str
    place: str
    kind: str
    is_required: bool

    @property
    def argument(self) -> str:
        """Its name as an argument."""
        name = self.name.lower().replace("-", "_")
        return f"{name}_" if keyword.iskeyword(name) else name


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation, as the client's methods need it."""

    name: str
    summary: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    media_types: tuple[str, ...]
    body: str | None
    record: str
    items: tuple[str, str] | None

    def list_of(self, place: str) -> list[Parameter]:
        """List its parameters of one place."""
        return [each for each in self.parameters if each.place == place]

    @property
    def turned_by(self) -> str | None:
        """The parameter that turns its pages."""
        names = [each.name for each in self.list_of("query") if each.name in _FOLLOWING]
        return names[0] if names and self.items is not None else None


@cache
def read_document() -> Schema:
    """Read the OpenAPI document as it would be written now."""
    document: Schema = msgspec.json.decode(write_openapi_file())
    return document


def write_records() -> str:
    """Write the records."""
    components = read_document()["components"]["schemas"]
    answered = find_used([list(_answers()), read_document()["webhooks"]], components)
    parts = [_HEAD.format(about="The records of requests and answers.")]
    parts.append("from __future__ import annotations\n\nimport datetime as dt\nfrom typing import Any, Literal\n\n")
    parts.append("import msgspec\nfrom msgspec import UNSET, UnsetType\n\n")
    parts += [f"{name} = dict[str, Any]\n" for name in _FREE]
    for name, schema in components.items():
        if name not in _FREE:
            parts.append(_write_record(name, schema, is_answered=name in answered))
    return _format("".join(parts))


def write_client(*, is_async: bool) -> str:
    """Write the class with a method for each operation."""
    name, base, pages = ("AsyncClient", "AsyncTransport", "turn_pages_async") if is_async else (
        "Client", "Transport", "turn_pages"
    )  # fmt: skip
    iterator = "AsyncIterator" if is_async else "Iterator"
    waits = "awaits" if is_async else "waits for"
    parts = [
        _HEAD.format(about=f"A client that {waits} its answers: a method for each operation of the service."),
        f"import datetime as dt\nfrom collections.abc import {iterator}, Mapping\nfrom typing import Any, Literal\n\n",
        "from dunning_client import records\nfrom dunning_client.calls import Call, fill\n",
        f"from dunning_client.transport import {base}, {pages}\n\n\nclass {name}({base}):\n",
        f'    """The service at an address, asked with a token; {waits} its answers."""\n',
    ]
    for operation in list_operations():
        parts.append(_write_method(operation, is_async=is_async))
        if operation.turned_by is not None:
            parts.append(_write_pages(operation, pages, iterator))
    return _format("".join(parts))


def list_operations() -> list[Operation]:
    """List every operation of the document."""
    found = []
    for path, methods in read_document()["paths"].items():
        for method, written in methods.items():
            found.append(_read_operation(path, method, written))
    return found


def snake(name: str) -> str:
    """Write a name as Python does."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _read_operation(path: str, method: str, written: Schema) -> Operation:
    parameters = tuple(
        Parameter(
            name=each["name"],
            place=each["in"],
            kind=_type_of(each["schema"], is_answered=False, prefix="records."),
            is_required=each["required"],
        )
        for each in written.get("parameters", ())
        if each["name"] != "If-None-Match" or method != "get"
    )
    content = written.get("requestBody", {}).get("content", {})
    record, schema = _read_answer(written["responses"])
    return Operation(
        name=snake(written["operationId"]),
        summary=written["summary"],
        method=method.upper(),
        path=path,
        parameters=parameters,
        media_types=tuple(content),
        body=_read_body(content),
        record=record,
        items=_find_items(schema),
    )


def _read_body(content: Mapping[str, Schema]) -> str | None:
    if not content:
        return None
    kinds = {
        "bytes | str" if not kind.endswith("json") or kind.endswith("ndjson") else
        f"{_type_of(media['schema'], is_answered=False, prefix='records.')} | Mapping[str, Any]"
        for kind, media in content.items()
    }  # fmt: skip
    return " | ".join(sorted(kinds))


def _read_answer(responses: Mapping[str, Schema]) -> tuple[str, Schema | None]:
    """Return what a success is read as, and its schema where it is one record."""
    contents = [answer.get("content", {}) for status, answer in responses.items() if status.startswith("2")]
    kinds = [(kind, media["schema"]) for content in contents for kind, media in content.items()]
    if not kinds:
        return "None", None
    if any(not kind.partition(";")[0].endswith("json") or "ndjson" in kind for kind, _ in kinds):
        return ("str", None) if all(kind.startswith("text/") for kind, _ in kinds) else ("bytes", None)
    types = {_type_of(schema, is_answered=True, prefix="records.") for _, schema in kinds}
    return (types.pop(), kinds[0][1]) if len(types) == 1 else ("Any", None)


def _find_items(schema: Schema | None) -> tuple[str, str] | None:
    """Find what a page holds: the name of its list, and of what."""
    if schema is None or "$ref" not in schema:
        return None
    properties = read_document()["components"]["schemas"][_name_of(schema)]["properties"]
    lists = [(name, each["items"]) for name, each in properties.items() if each.get("type") == "array"]
    if len(lists) != 1 or not set(properties) & set(_FOLLOWING.values()):
        return None
    name, item = lists[0]
    return name, _type_of(item, is_answered=True, prefix="records.")


def _answers() -> Iterator[Schema]:
    for methods in read_document()["paths"].values():
        for operation in methods.values():
            yield operation["responses"]


def _write_record(name: str, schema: Schema, *, is_answered: bool) -> str:
    required = schema.get("required", ())
    lines = [f'\n\nclass {name}(msgspec.Struct, frozen=True, kw_only=True):\n    """{_first_line(schema)}"""\n\n']
    for field, described in schema["properties"].items():
        kind = _type_of(described, is_answered=is_answered)
        if field not in required:
            kind = f"{kind.removesuffix(' | None')} | UnsetType{' | None' if kind.endswith(' | None') else ''}"
        renamed = f'name="{field}"' if keyword.iskeyword(field) else ""
        default = "" if field in required else "default=UNSET"
        options = ", ".join(filter(None, (default, renamed)))
        given = f" = msgspec.field({options})" if renamed else " = UNSET" if default else ""
        lines.append(f"    {field}{'_' if renamed else ''}: {kind}{given}\n")
    return "".join(lines)


def _type_of(schema: Schema, *, is_answered: bool, prefix: str = "") -> str:
    """Write a schema as a type that msgspec can read."""
    inner: Callable[[Schema], str] = lambda each: _type_of(each, is_answered=is_answered, prefix=prefix)  # noqa: E731
    if "$ref" in schema:
        return f"{prefix}{_name_of(schema)}"
    if "anyOf" in schema:
        return _join([inner(each) for each in schema["anyOf"]])
    kind = schema.get("type")
    if isinstance(kind, list):
        return _join([inner({**schema, "type": each, "format": None}) for each in kind] + ["int"])
    return _type_of_one(schema, str(kind), inner, is_answered=is_answered)


def _type_of_one(schema: Schema, kind: str, inner: Callable[[Schema], str], *, is_answered: bool) -> str:
    if "enum" in schema and not is_answered:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if kind == "array":
        return f"list[{inner(schema.get('items', {}))}]"
    if kind == "object":
        more = schema.get("additionalProperties")
        return f"dict[str, {inner(more) if isinstance(more, dict) else 'Any'}]"
    return _FORMATS.get(schema.get("format") or "", _SIMPLE.get(kind, "Any"))


def _join(kinds: list[str]) -> str:
    """Join the choices of a type; where msgspec could not tell them apart it is any of them."""
    once = list(dict.fromkeys(kinds))
    records = [each for each in once if each[0].isupper() or each.startswith(("records.", "dict["))]
    if "Any" in once or sum(not each.startswith("Literal[") for each in records) > 1:
        return "Any"
    texts = [each for each in once if each in _TEXTS or each.startswith("Literal[")]
    if len(texts) > 1:
        once = ["str", *[each for each in once if each not in texts]]
    return " | ".join(sorted(once, key=lambda each: each == "None"))


def _name_of(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _first_line(schema: Schema) -> str:
    return str(schema.get("description", "")).split("\n")[0].replace("\\", "\\\\")


def _write_method(operation: Operation, *, is_async: bool) -> str:
    before, awaited = ("async ", "await ") if is_async else ("", "")
    call = [f'method="{operation.method}"', f"path={_write_path(operation)}"]
    for place, key in (("query", "query"), ("header", "headers")):
        if named := operation.list_of(place):
            pairs = ", ".join(f'"{each.name}": {each.argument}' for each in named)
            call.append(f"{key}={{{pairs}}}")
    if operation.body is not None:
        call.append(f"body=body, media_types={operation.media_types!r}")
    if any(each.name == "Idempotency-Key" for each in operation.parameters):
        call.append("is_once=True")
    record = "Any" if operation.record == "Any" else operation.record
    returned = "" if record == "Any" else f": {record}"
    answer = f"await self._ask(call, {record})" if is_async else f"self._ask(call, {record})"
    ending = f"        {awaited}self._ask(call, None)\n" if record == "None" else (
        f"        answer{returned} = {answer}\n        return answer\n"
    )  # fmt: skip
    return (
        f"\n    {before}def {operation.name}(self{_write_arguments(operation)}) -> {record}:\n"
        f'        """{operation.summary}"""\n'
        f"        call = Call({', '.join(call)})\n{ending}"
    )


def _write_pages(operation: Operation, pages: str, iterator: str) -> str:
    """Write the method that turns the pages of another."""
    assert operation.items is not None  # noqa: S101  the caller looked
    items, record = operation.items
    turned_by = operation.turned_by or ""
    rest = [each for each in operation.parameters if each.name != turned_by]
    handed = ", ".join(
        [each.argument for each in rest if each.place == "path"]
        + [f"{turned_by}=page"]
        + [f"{each.argument}={each.argument}" for each in rest if each.place != "path"]
    )
    name = operation.name.replace("list_", "iterate_", 1)
    arguments = _write_arguments(msgspec.structs.replace(operation, parameters=tuple(rest)))
    about = "newest" if turned_by == "cursor" else "oldest"
    return (
        f"\n    def {name}(self{arguments}) -> {iterator}[{record}]:\n"
        f'        """{operation.summary} All of them, page by page, the {about} first."""\n'
        f"        return {pages}(\n"
        f'            lambda page: self.{operation.name}({handed}), "{items}", "{_FOLLOWING[turned_by]}"\n        )\n'
    )


def _write_path(operation: Operation) -> str:
    names = _PARAMETER.findall(operation.path)
    if not names:
        return f'"{operation.path}"'
    return f'fill("{operation.path}", {", ".join(f"{name}={name}" for name in names)})'


def _write_arguments(operation: Operation) -> str:
    path = [f"{each.argument}: {each.kind}" for each in operation.list_of("path")]
    body = [] if operation.body is None else [f"body: {operation.body}"]
    named = [each for each in operation.parameters if each.place != "path"]
    needed = [f"{each.argument}: {each.kind}" for each in named if each.is_required]
    others = [
        f"{each.argument}: {each.kind}{'' if each.kind.endswith('None') else ' | None'} = None"
        for each in named
        if not each.is_required
    ]
    return "".join(f", {each}" for each in (*path, *body, *(["*"] if named else []), *needed, *others))


def _format(text: str) -> str:
    """Format a file as all others are."""
    ruff = Path(sys.executable).with_name("ruff")
    config = FOLDER.parents[2] / "pyproject.toml"
    for command in (["check", "--select=F401,I001", "--fix-only", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [ruff, *command, f"--config={config}", f"--stdin-filename={FOLDER / 'generated.py'}", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        text = done.stdout
    return text


GENERATED: Mapping[Path, Callable[[], str]] = {
    FOLDER / "records.py": write_records,
    FOLDER / "client.py": lambda: write_client(is_async=False),
    FOLDER / "async_client.py": lambda: write_client(is_async=True),
}
