"""Sends the `curl` commands of a page, and compares their answers with what is shown."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tests.docs.consoles import Step, split_words

_ALONE = {"-s", "-i"}
_STATUS = re.compile(r"HTTP/1\.1 (\d{3})")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a `curl` command sends."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None
    shows_head: bool


def read_request(words: Iterable[str], variables: dict[str, str], folder: Path) -> Request:
    """Return what a command's words ask for; only the few flags that the pages use are known."""
    headers: dict[str, str] = {}
    method, content, url, shows_head = "", None, "", False
    rest = iter(_fill(word, variables) for word in words)
    assert next(rest) == "curl"
    for word in rest:
        if word in _ALONE:
            shows_head = shows_head or word == "-i"
        elif word == "-X":
            method = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word in {"-d", "--data-binary"}:
            given = next(rest)
            content = (folder / given[1:]).read_bytes() if given.startswith("@") else given.encode()
        elif word == "--json":
            content = next(rest).encode()
            headers["Content-Type"] = "application/json"
        else:
            assert not word.startswith("-"), f"curl's flag {word} is not known here"
            url = word
    return Request(
        method=method or ("GET" if content is None else "POST"),
        url=url,
        headers=headers,
        content=content,
        shows_head=shows_head,
    )


async def send(client: httpx.AsyncClient, request: Request) -> httpx.Response:
    """Send it as curl would: without the client's own token where the command names one."""
    assert request.url.startswith("http://127.0.0.1:8080/"), request.url
    headers = {"User-Agent": "curl", "Accept": "*/*"} | request.headers
    sent = client.build_request(request.method, request.url, headers=headers, content=request.content)
    if "Authorization" not in request.headers:
        del sent.headers["Authorization"]
    return await client.send(sent)


def compare(step: Step, request: Request, answer: httpx.Response) -> None:
    """Fail where the answer lacks what the page shows; texts may be shortened with an ellipsis, objects by keys."""
    shown = step.shown
    if request.shows_head:
        head, _, shown = shown.partition("\n\n")
        status, *lines = head.splitlines()
        match = _STATUS.match(status)
        assert match is not None, f"{step.place}: {status}"
        assert answer.status_code == int(match[1]), f"{step.place}: {answer.status_code} {answer.text}"
        for line in lines:
            name, _, value = line.partition(": ")
            assert fits(value, answer.headers.get(name)), f"{step.place}: {name}: {answer.headers.get(name)}"
    elif shown and "urn:dunning:problem" not in shown:
        assert answer.is_success, f"{step.place}: {answer.text}"
    if shown:
        expected, came = json.loads(shown), answer.json()
        assert fits(expected, came), f"{step.place}: the answer is\n\n{json.dumps(came, indent=2)}"


def fits(shown: Any, came: Any) -> bool:
    """Tell whether a value has all that is shown of it; an ellipsis stands for any text, or for further items."""
    if isinstance(shown, dict):
        return isinstance(came, dict) and all(
            (name in came and fits(value, came[name])) or name == "…" for name, value in shown.items()
        )
    if isinstance(shown, list):
        whole = [item for item in shown if item != "…"]
        return (
            isinstance(came, list)
            and (len(whole) == len(came) or (len(whole) < len(shown) and len(whole) <= len(came)))
            and all(fits(one, other) for one, other in zip(whole, came, strict=False))
        )
    if isinstance(shown, str) and isinstance(came, str):
        return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), came, re.DOTALL) is not None
    return bool(shown == came)


def _fill(word: str, variables: dict[str, str]) -> str:
    """Put the values of variables into a word."""
    return re.sub(r"\$([A-Z_]+)", lambda match: variables[match[1]], word)


def note(answer: httpx.Response, variables: dict[str, str]) -> None:
    """Keep the id of a decision for the commands that follow, as $DECISION."""
    if answer.headers.get("content-type", "").startswith("application/json"):
        body = answer.json()
        if isinstance(body, dict) and isinstance(body.get("decision_id"), str):
            variables["DECISION"] = body["decision_id"]


def words_of(step: Step) -> list[str]:
    """Return a command's words."""
    return split_words(step.command)
