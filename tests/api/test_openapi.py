"""The OpenAPI document and the problems' page: fresh, whole, and true of what is answered."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from litestar import Litestar
from litestar.routes import ASGIRoute, HTTPRoute

from api.console.screen import HOME
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
        if route.path == HOME or route.path.startswith(f"{HOME}/"):
            continue  # pages for people
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


def find_objects(part: object) -> Iterator[dict[str, Any]]:
    """Find every object of the document."""
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from find_objects(value)
    elif isinstance(part, list):
        for value in part:
            yield from find_objects(value)


def find_operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Find every operation of the document."""
    return (operation for methods in document["paths"].values() for operation in methods.values())


def test_no_schema_is_only_true_or_false(document: dict[str, Any]) -> None:
    """Generators of clients stumble over them, over an enum without a type, and over the tuples of JSON Schema."""
    for node in find_objects(document):
        schemas = [node.get("schema"), node.get("items"), *node.get("anyOf", ()), *node.get("oneOf", ())]
        if isinstance(node.get("properties"), dict):
            schemas += node["properties"].values()
        assert not any(isinstance(schema, bool) or schema == {} for schema in schemas), node
        assert "prefixItems" not in node
        assert "enum" not in node or "type" in node, node


def test_each_schema_has_one_plain_name(document: dict[str, Any]) -> None:
    """Two records of one name would be told apart by their modules, which no client can be generated from."""
    names = list(document["components"]["schemas"])
    assert all(re.fullmatch("[A-Z][A-Za-z]+", name) for name in names), names
    assert len({name.lower() for name in names}) == len(names)


def test_everything_says_what_it_is(document: dict[str, Any]) -> None:
    """Tags, operations, parameters, bodies, answers, headers and schemas have a description; each tag is used."""
    operations = list(find_operations(document))
    assert {tag["name"] for tag in document["tags"]} == {tag for one in operations for tag in one["tags"]}
    parts = [*document["tags"], *operations]
    parts += [part for kind in ("schemas", "headers") for part in document["components"][kind].values()]
    for operation in operations:
        answers = list(operation["responses"].values())
        headers = [header for answer in answers for header in answer["headers"].values() if "$ref" not in header]
        assert all("X-Request-Id" in answer["headers"] for answer in answers)
        body = [operation["requestBody"]] if "requestBody" in operation else []
        parts += [*operation.get("parameters", ()), *body, *answers, *headers]
    assert [part for part in parts if not part.get("description")] == []


def test_patterns_are_ecmascripts(document: dict[str, Any]) -> None:
    r"""JSON Schema means those; Python's anchors \A and \Z are letters there."""
    patterns = [node["pattern"] for node in find_objects(document) if isinstance(node.get("pattern"), str)]
    assert patterns
    assert not any(anchor in pattern for pattern in patterns for anchor in (r"\A", r"\Z"))


def test_instants_and_days_have_their_format(document: dict[str, Any]) -> None:
    """A client reads them as such: every key of an answer that ends as such by the rules of the house."""
    for name, schema in document["components"]["schemas"].items():
        for key, written in schema.get("properties", {}).items():
            formats = {choice.get("format") for choice in written.get("anyOf", [written])} - {None}
            if key.endswith("_at") and name != "ExportedDecision":
                assert formats == {"date-time"}, (name, key)
            if key.endswith("_on") and name not in {"Account", "AccountPatch"}:
                assert formats == {"date"}, (name, key)


def test_what_is_no_json_is_bytes(document: dict[str, Any]) -> None:
    """YAML, lines of JSON and Parquet are sent and read as they are; what a line holds is said beside it."""
    for node in find_objects(document):
        for kind, written in node.get("content", {}).items() if isinstance(node.get("content"), dict) else ():
            if kind in {"application/yaml", "application/x-ndjson", "application/vnd.apache.parquet"}:
                assert written["schema"] == {"type": "string", "format": "binary"}
            if kind == "application/x-ndjson":
                assert written["x-item-schema"]["$ref"].rpartition("/")[2] in document["components"]["schemas"]


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
