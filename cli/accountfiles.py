"""Account, history and outcome files on disk, YAML or JSON, as the documents that a caller would send."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import rich_click as click

from api.jsonplaces import find_repeated_key, may_repeat_keys
from cli.exits import FAILED
from cli.reporters import text
from engine.evaluation.program import Compiled
from engine.evaluation.routing import parse_as_of
from engine.loading.grammar.writing import Document, write_account, write_history, write_outcomes
from engine.loading.node import Mapping as MappingNode
from engine.loading.node import Node, entries_of, find, place_of, to_data
from engine.loading.node import Sequence as SequenceNode
from engine.loading.yamltext import parse_yaml
from engine.model.account import AccountInvalid
from engine.model.exactjson import FREE_JSON
from engine.model.question import Question
from engine.model.vocabulary import Fact
from engine.verification.documents import merge
from engine.verification.suite import NAMELESS

_ANY_FILE = ("empty-file", "file-too-large")
_MOST_TOLD = 100
_LINE_ENDINGS = (".ndjson", ".jsonl")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """An account, what was executed for it and what came of it; ``as_of`` is when it is asked, if its file says so."""

    account: Mapping[str, object]
    history: Sequence[Mapping[str, object]]
    outcomes: Sequence[Mapping[str, object]] = ()
    as_of: dt.datetime | dt.date | None = None
    written: Mapping[str, tuple[Path, Node]] = {}  # where “account”, “history” and “outcomes” stand in YAML

    def ask(self, at: dt.datetime | dt.date) -> Question:
        """Return the question of an instant."""
        history = tuple(dict(each) for each in self.history)
        outcomes = tuple(dict(each) for each in self.outcomes)
        return Question(account=dict(self.account), history=history, outcomes=outcomes, as_of=at)


class _Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a list beside an account: the key it stands under, how YAML is written out, what was expected."""

    key: str
    write: Callable[[SequenceNode], Sequence[Document]]
    wanted: str


_HISTORY = _Listed(key="history", write=write_history, wanted="no history: a list of entries such as {rule, at}")
_OUTCOMES = _Listed(
    key="outcomes",
    write=write_outcomes,
    wanted="no outcomes: a list of outcomes such as {id, type: payment, at, amount}",
)


def read_subject(account: Path, history: Path | None, outcomes: Path | None, rulesets: Sequence[Compiled]) -> Subject:
    """Return what the files hold; an account file may also be `{as_of: …, account: …, history: […], outcomes: […]}`."""
    facts = {
        name: fact for one in rulesets for code in one.programs.values() for name, fact in code.edition.facts.items()
    }
    subject = _read_account(account, facts)
    for path, listed in ((history, _HISTORY), (outcomes, _OUTCOMES)):
        if path is not None:
            found, node = _read_list(path, listed)
            written = {key: place for key, place in subject.written.items() if key != listed.key}
            written |= {} if node is None else {listed.key: (path, node)}
            subject = msgspec.structs.replace(subject, **{listed.key: found}, written=written)
    return subject


def _read_account(path: Path, facts: Mapping[str, Fact]) -> Subject:
    if path.suffix == ".json":
        document = _decode(path, path.read_bytes())
        if not isinstance(document, dict):
            raise click.UsageError(f"{path} holds no account: a JSON object with id, currency and facts was expected.")
        if not isinstance(document.get("account"), dict):
            return Subject(account=document, history=[])
        as_of = _read_as_of(path, document.get("as_of"))
        lists = [_check_list(path, document.get(each.key, []), each) for each in (_HISTORY, _OUTCOMES)]
        return Subject(account=document["account"], history=lists[0], outcomes=lists[1], as_of=as_of)
    root = _parse(path)
    inner = find(root, "account")
    node = inner if isinstance(inner, MappingNode) else root
    if not isinstance(node, MappingNode):
        raise click.UsageError(f"{path} holds no account: a mapping with id, currency and facts was expected.")
    history, outcomes, at = (find(root, key) if node is inner else None for key in ("history", "outcomes", "as_of"))
    places: dict[str, tuple[Path, Node]] = {"account": (path, node)}
    places |= {} if history is None else {"history": (path, history)}
    places |= {} if outcomes is None else {"outcomes": (path, outcomes)}
    return Subject(
        account=write_account(merge(node, None), NAMELESS, facts),
        history=() if history is None else _write_list(path, history, _HISTORY),
        outcomes=() if outcomes is None else _write_list(path, outcomes, _OUTCOMES),
        written=places,
        as_of=_read_as_of(path, None if at is None else to_data(at)),
    )


def _read_as_of(path: Path, written: object) -> dt.datetime | dt.date | None:
    if written is None:
        return None
    try:
        return parse_as_of(str(written))
    except AccountInvalid as invalid:
        raise click.UsageError(f"{path}: {invalid.problems[0].message}.") from None


def _read_list(path: Path, listed: _Listed) -> tuple[Sequence[Document], Node | None]:
    if path.suffix in _LINE_ENDINGS:
        lines = [_decode(path, line) for line in path.read_bytes().splitlines() if line.strip()]
        return _check_list(path, lines, listed), None
    if path.suffix == ".json":
        return _check_list(path, _decode(path, path.read_bytes()), listed), None
    root = _parse(path)
    node = find(root, listed.key) if entries_of(root) else root
    return _write_list(path, node, listed), node


def _write_list(path: Path, node: Node | None, listed: _Listed) -> Sequence[Document]:
    if isinstance(node, SequenceNode) and all(isinstance(item, MappingNode) for item in node.items):
        return listed.write(node)
    raise click.UsageError(f"{path} holds {listed.wanted} was expected.")


def _check_list(path: Path, found: object, listed: _Listed) -> list[Document]:
    if isinstance(found, list) and all(isinstance(entry, dict) for entry in found):
        return found
    raise click.UsageError(f"{path} holds {listed.wanted} was expected.")


def _decode(path: Path, content: bytes) -> object:
    try:
        document: object = FREE_JSON.decode(content)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise click.UsageError(f"{path} is not JSON that can be read: {error}") from None
    if may_repeat_keys(content, document) and (pointer := find_repeated_key(content)) is not None:
        raise click.UsageError(f"{path}: the key at {pointer} stands twice.")
    return document


def _parse(path: Path) -> Node:
    content = path.read_bytes()
    parsed = parse_yaml(content, str(path))
    if parsed.diagnostics or parsed.node is None:
        # The hints of these are for authors of rulesets.
        found = [
            msgspec.structs.replace(each, hint=None) if each.code in _ANY_FILE else each for each in parsed.diagnostics
        ]
        click.echo(text.write_diagnostics(found, {str(path): content}), err=True, nl=False)
        raise SystemExit(FAILED)
    return parsed.node


def refuse(account: Path, subject: Subject, invalid: AccountInvalid) -> SystemExit:
    """Say what is wrong with an account or what stands beside it, with its line if known, and return how to end."""
    click.echo(f"{account}: the account cannot be decided on.", err=True)
    for problem in invalid.problems[:_MOST_TOLD]:
        click.echo(f"  {_place(subject, problem.pointer)}{problem.pointer}: {problem.message}", err=True)
    if (more := len(invalid.problems) - _MOST_TOLD) > 0:
        click.echo(f"  and {more:,} more", err=True)
    return SystemExit(FAILED)


def _place(subject: Subject, pointer: str) -> str:
    """Return the file, line and column of what a pointer means, where it was read from YAML."""
    part, *rest = pointer.split("/")[1:]
    if part not in subject.written:
        return ""
    path, node = subject.written[part]
    at = place_of(node, rest)
    return f"{path}:{at.line}:{at.column} "
