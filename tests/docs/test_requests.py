"""What the documents say of the API is true: requests are sent, paths and problems exist."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.problems import PROBLEM_TYPES
from tests.docs import sending
from tests.docs.consoles import Step, read_steps
from tests.docs.pages import ROOT, all_blocks, list_pages, read_blocks, read_page

OPENAPI: dict[str, Any] = json.loads((ROOT / "schemas" / "openapi.json").read_text(encoding="utf-8"))
METHODS = {(path, method.upper()) for path, methods in OPENAPI["paths"].items() for method in methods}
NAMED = re.compile(r"(?:\b(?P<method>GET|POST|PUT|PATCH|DELETE) )(?P<path>/[\w/{}:.-]*[\w}])")
BARE = re.compile(r"`(?P<path>/(?:v1|healthz|readyz|metrics|schema)[\w/{}:.-]*)`")


def sends(step: Step) -> bool:
    """Tell whether a command is a request to the service."""
    return step.command.startswith("curl ")


SENDING = [
    page
    for page in list_pages()
    if any(sends(step) for block in read_blocks(page) if block.language == "console" for step in read_steps(block))
]


@pytest.mark.anyio
@pytest.mark.parametrize("page", SENDING)
async def test_requests_are_answered_as_shown(page: str, client: httpx.AsyncClient, tmp_path: Path) -> None:
    """The page's requests are sent in order to a real application; each answer holds what is shown."""
    secret = client.headers["Authorization"].removeprefix("Bearer ")
    variables = {"TOKEN": secret, "URL": "http://127.0.0.1:8080"}
    for block in read_blocks(page):
        name = block.marked("file")
        if name is not None:
            (tmp_path / name).write_text(block.text, encoding="utf-8")
        if block.language != "console":
            continue
        for step in filter(sends, read_steps(block)):
            request = sending.read_request(sending.words_of(step), variables, tmp_path)
            answer = await sending.send(client, request)
            sending.compare(step, request, answer)
            sending.note(answer, variables)


@pytest.mark.parametrize("page", list_pages())
def test_named_paths_exist(page: str) -> None:
    """Every path that a page names is in schemas/openapi.json, with its method."""
    text = read_page(page)
    wrong = [match[0] for match in NAMED.finditer(text) if not _exists(match["path"], match["method"])]
    wrong += [match[0] for match in BARE.finditer(text) if not _exists(match["path"], None)]
    assert wrong == []


def test_every_problem_named_exists() -> None:
    """Every type of problem that a page names is one."""
    named = {name for page in list_pages() for name in re.findall(r"urn:dunning:problem:([a-z-]+)", read_page(page))}
    assert named - {kind.name for kind in PROBLEM_TYPES.values()} == set()


@pytest.mark.parametrize("block", all_blocks("json"), ids=lambda block: block.place)
def test_json_is_json(block: Any) -> None:
    """What is shown as JSON is JSON."""
    json.loads(block.text)


def _exists(path: str, method: str | None) -> bool:
    return _template(path, method) is not None


def _template(path: str, method: str | None) -> tuple[str, str] | None:
    for template, known in METHODS:
        pattern = re.sub(r"\\\{\w+\\\}", r"[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method in {None, known}:
            return template, known
    return None
