"""The page of all paths, written from the OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

from api.generated import write_openapi_file

_INTRODUCTION = """\
# All paths

What each takes and answers, to the last field, stands in [schemas/openapi.json](../../schemas/openapi.json). The scope
is that of the token in `Authorization: Bearer …`; where there is none, no token is needed.

This page is generated from the routes by `make generate`.

| method and path | scope | what it does |
|---|---|---|
"""


def write_endpoints_page() -> str:
    """Return docs/applications/endpoints.md."""
    paths: dict[str, dict[str, Any]] = json.loads(write_openapi_file())["paths"]
    rows = (_row(method, path, said) for path, methods in paths.items() for method, said in methods.items())
    return _INTRODUCTION + "".join(rows)


def _row(method: str, path: str, said: dict[str, Any]) -> str:
    _, _, scope = said.get("description", "").partition("the scope ")
    return f"| `{method.upper()} {path}` | {scope.rstrip('.')} | {said['summary']} |\n"
