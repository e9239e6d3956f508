"""`dunning publish`: bring rulesets to a running service."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from cli.exits import FINE, RULESET_INVALID, SUITE_FAILED
from cli.gitprovenance import read_provenance
from cli.rulesetfolder import write_diagnostic
from engine.loading.files import read_folder
from engine.loading.folder import FACTS_FILE, GUARANTEES_FILE, SCORES_FILE, is_ruleset_file
from engine.model.diagnostic import Diagnostic

_SECONDS = 60
_UNPROCESSABLE = 422
_TRIES = 15
_RETRY_AFTER = "retry_after_seconds"


@click.command("publish")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--server",
    envvar="DUNNING_SERVER",
    show_envvar=True,
    default="http://127.0.0.1:8080",
    metavar="URL",
    help="The service to publish to.",
)
@click.option(
    "--token", envvar="DUNNING_TOKEN", show_envvar=True, required=True, help="A token with the scope publish."
)
@click.option(
    "--allow-overlap",
    is_flag=True,
    help="Publish also where another ruleset in use covers one of the accounts; those get no answer then.",
)
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
@click.pass_context
def command(
    context: click.Context, paths: tuple[Path, ...], *, server: str, token: str, allow_overlap: bool, shape: str
) -> None:
    """Publish ruleset files, or all rulesets of folders, with the shared files and the suite beside each.

    A file in a git repository is published with its commit, author and committer, if it is as committed.
    """
    if not server.startswith(("http://", "https://")):
        raise click.BadParameter("it begins with http:// or https://", param_hint="--server")
    if not token.isascii() or not token.isprintable():
        raise click.BadParameter("a token is one line, as `dunning token create` prints it", param_hint="--token")
    answers = []
    status = FINE
    client = _Client(server=server.rstrip("/"), token=token, allow_overlap=allow_overlap)
    for path, answer in _publish_all(_find_files(paths), client):
        if "version" in answer:
            answers.append(answer)
            if shape == "text":
                news = "published" if answer["is_new"] else "is this already"
                click.echo(f"{path}: {answer['ruleset']} version {answer['version']} {news} ({answer['digest']})")
        else:
            refused = SUITE_FAILED if answer["type"].endswith(":suite-failed") else RULESET_INVALID
            status = min(status or refused, refused)
            click.echo(f"{path}: {answer['detail']}", err=True)
        for diagnostic in msgspec.convert(answer.get("diagnostics", []), list[Diagnostic]):
            click.echo(write_diagnostic(diagnostic), err=True)
    if shape == "json":
        click.echo(json.dumps(answers))
    if status:
        context.exit(status)


def _find_files(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(filter(is_ruleset_file, read_folder(path))) if path.is_dir() else [path]
        if not inside:
            raise click.UsageError(f"There is no ruleset in {path}; a ruleset is a .yaml file with the key “ruleset”.")
        found += map(Path, inside)
    return found


class _Client(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is published to, and how."""

    server: str
    token: str
    allow_overlap: bool


def _publish_all(paths: Sequence[Path], client: _Client) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Publish all; a file that overlaps the last version of one after it has its turn again after that."""
    while paths:
        overlapping = {}
        for path in paths:
            answer = _publish(path, client)
            if _is_overlap(answer):
                overlapping[path] = answer
            else:
                yield path, answer
        if len(overlapping) == len(paths):
            yield from overlapping.items()
            return
        paths = list(overlapping)


def _publish(path: Path, client: _Client) -> dict[str, Any]:
    """Send one file; answers what the service answered, a refusal of the ruleset included."""
    names = {"facts": FACTS_FILE, "scorecard": SCORES_FILE, "guarantees": GUARANTEES_FILE}
    shared = {key: path.with_name(name) for key, name in names.items()}
    suite = path.with_name(f"{path.stem}_test.yaml")
    sources = [path, *(each for each in shared.values() if each.exists())]
    provenance = msgspec.to_builtins(read_provenance("", sources))
    del provenance["publisher"]  # the service knows whose token it is
    body = {"text": _read(path), "file": str(path)} | {key: value for key, value in provenance.items() if value}
    body |= {key: _read(other) for key, other in (*shared.items(), ("suite", suite)) if other.exists()}
    body |= {"allow_overlap": True} if client.allow_overlap else {}
    for _ in range(_TRIES - 1):
        answer = _send(body, client)
        if not _is_too_many(answer):
            return answer
        time.sleep(answer[_RETRY_AFTER])
    answer = _send(body, client)
    if _is_too_many(answer):
        raise click.ClickException(f"{client.server} examines enough rulesets already; publish again in a while.")
    return answer


def _send(body: Mapping[str, object], client: _Client) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310  the scheme was checked
        f"{client.server}/v1/rulesets",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  as above
            published: dict[str, Any] = json.load(answer)
            return published
    except urllib.error.HTTPError as problem:
        return _read_refusal(problem, client.server)
    except (OSError, http.client.HTTPException, ValueError) as problem:
        reason = getattr(problem, "reason", problem)
        raise click.ClickException(f"{client.server} does not answer: {reason}.") from None


def _read_refusal(problem: urllib.error.HTTPError, server: str) -> dict[str, Any]:
    try:
        refusal: dict[str, Any] = json.load(problem)
    except ValueError:
        raise click.ClickException(f"{server} answered {problem.code}.") from None
    refusal[_RETRY_AFTER] = int(problem.headers.get("Retry-After", "2"))
    if problem.code != _UNPROCESSABLE and not _is_overlap(refusal) and not _is_too_many(refusal):
        raise click.ClickException(f"{server} answered {problem.code}: {refusal.get('detail', '')}")
    return refusal


def _is_overlap(answer: Mapping[str, Any]) -> bool:
    return bool(answer.get("type", "").endswith(":rulesets-overlap"))


def _is_too_many(answer: Mapping[str, Any]) -> bool:
    return bool(answer.get("type", "").endswith(":too-many-requests"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise click.ClickException(f"{path} cannot be read: {problem}.") from None
