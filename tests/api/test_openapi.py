"""The OpenAPI document and the problems' page: fresh, whole, and true of what is answered."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from litestar import Litestar
from litestar.routes import ASGIRoute, HTTPRoute

from api.generated import GENERATED
from api.problems import PROBLEM_TYPES
from tests.api.examples import ANNA, AS_OF

_BASE = "https://dunning.test/openapi"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The committed document."""
    path = next(path for path in GENERATED if path.name == "openapi.json")
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_committed_files_are_fresh(path: Path) -> None:
    """What is committed is what `make generate` writes."""
    assert path.read_text(encoding="utf-8") == GENERATED[path]()


@pytest.mark.anyio
async def test_every_route_is_described(app: Litestar, document: dict[str, Any]) -> None:
    """Every method of every path is in the document, ASGI routes too, and nothing else is."""
    routed: set[tuple[str, str]] = set()
    for route in app.routes:
        path = re.sub(r":(str|int)}", "}", route.path)
        if isinstance(route, HTTPRoute):
            routed |= {(path, method.lower()) for method in route.methods if method != "OPTIONS"}
        elif isinstance(route, ASGIRoute):
            routed.add((path, route.route_handler.opt["operation"].method.lower()))
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == routed


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """Every $ref names a schema that is there, and every schema is valid JSON Schema 2020-12."""
    schemas = document["components"]["schemas"]
    references = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references <= set(schemas)
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_problem_is_used_and_described(document: dict[str, Any]) -> None:
    """Every problem type stands in the page, and with some operation where an operation can cause it."""
    page = next(path for path in GENERATED if path.name == "problems.md").read_text(encoding="utf-8")
    said = json.dumps(document["paths"])
    for kind in PROBLEM_TYPES.values():
        assert kind.urn in page
        assert f"`{kind.name}`" in said or kind.name in {"bad-request", "not-found", "method-not-allowed"}


@pytest.mark.anyio
@pytest.mark.usefixtures("published")
async def test_what_is_answered_is_as_described(client: httpx.AsyncClient, document: dict[str, Any]) -> None:
    """Real answers, refusals too, hold to the schema that stands beside their operation."""
    account = {"id": "anna"}
    asked: list[tuple[str, str, str, dict[str, Any]]] = [
        ("PUT", "/v1/accounts/{account_id}", "", {"json": ANNA}),
        ("GET", "/v1/accounts/{account_id}", "", {}),
        ("PATCH", "/v1/accounts/{account_id}", "", {"json": {"vip": True}}),
        ("POST", "/v1/next-action", "", {"json": {"account": ANNA, "as_of": AS_OF, "explain": "full"}}),
        ("POST", "/v1/next-action", "", {"json": {"account": account, "as_of": AS_OF}}),
        ("POST", "/v1/next-actions", "", {"json": {"items": [{"account": ANNA}, {"account": account}]}}),
        ("GET", "/v1/accounts/{account_id}/next-action", f"?as_of={AS_OF[:10]}", {}),
        ("GET", "/v1/accounts/{account_id}/timeline", "?as_of=2026-11-01", {}),
        ("POST", "/v1/accounts/{account_id}/history", "", {"json": {"rule": "friendly-reminder", "at": AS_OF}}),
        ("GET", "/v1/rulesets", "", {}),
        ("GET", "/v1/rulesets/{ruleset_id}", "", {}),
        ("GET", "/v1/rulesets/{ruleset_id}/versions", "", {}),
        ("GET", "/v1/rulesets/{ruleset_id}/versions/{number}", "", {}),
        ("POST", "/v1/rulesets", "", {"json": {"text": "ruleset: x"}}),
        ("GET", "/v1/decisions", "", {}),
        ("GET", "/v1/decisions/{decision_id}", "", {}),
        ("POST", "/v1/decisions/{decision_id}/replay", "", {}),
        ("POST", "/v1/rulesets/{ruleset_id}/versions/{number}/activate", "", {"json": {"note": "for show"}}),
        ("GET", "/v1/audit/accesses", "", {}),
        ("GET", "/v1/audit/proof/{decision_id}", "?size=1", {}),
        ("GET", "/v1/audit/consistency", "?old_size=0&new_size=0", {}),
        ("GET", "/v1/audit/checkpoint", "", {}),
        ("GET", "/v1/vocabulary", "", {}),
        ("GET", "/healthz", "", {}),
        ("GET", "/readyz", "", {}),
    ]
    names = {"account_id": "anna", "ruleset_id": "nl-consumer", "number": "1", "decision_id": "none"}
    for method, path, query, body in asked:
        answer = await client.request(method, path.format(**names) + query, **body)
        described = document["paths"][path][method.lower()]["responses"][str(answer.status_code)]
        content = described["content"][answer.headers["content-type"]]
        schema = {"$id": _BASE, "components": document["components"], **content["schema"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())
        if path == "/v1/next-action" and answer.status_code == 200:
            names["decision_id"] = answer.json()["decision_id"]
