"""The pages of commands and settings, written from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from cli.main import main

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMANDS = """\
# The commands

`dunning` has one command for each thing you do. The answer goes to standard output, everything else to standard error.
`dunning COMMAND --help` says the same as this page. A flag goes before its variable, a variable before the default.

This page is generated from the commands by `make generate`.

| status | meaning |
|---|---|
| 0 | fine |
| 1 | it could not be done: a service that does not answer, an account that cannot be decided on |
| 2 | wrong usage: an unknown flag, a file that is not there |
| 3 | a ruleset is invalid |
| 4 | a suite failed, or too little is covered |
"""
_DIFFERENT = "| 5 | differences were found (`dunning diff --exit-code`) |\n"
_SETTINGS = """\
# Settings

A setting is a flag of a command, a variable of the environment, or its default, in this order. There is no file of
settings. What each flag does in full stands in [the commands](../commands.md).

This page is generated from the commands by `make generate`.

| variable | flag | commands | default | what it sets |
|---|---|---|---|---|
"""
Commands = list[tuple[str, click.Command]]


def list_commands(command: click.Command = main, path: str = "dunning") -> Iterator[tuple[str, click.Command]]:
    """Return every command that does something, with its words."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command, info_name=path)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        if inner is not None:
            yield from list_commands(inner, f"{path} {name}")


def write_commands_page() -> str:
    """Return docs/commands.md."""
    commands = dict(list_commands())
    head = _COMMANDS + (_DIFFERENT if "dunning diff" in commands else "")
    return head + "".join(_section(path, command) for path, command in commands.items())


def write_settings_page() -> str:
    """Return docs/operators/settings.md."""
    found: dict[str, list[tuple[str, click.Option]]] = {}
    for path, command in list_commands():
        for option in _options(command):
            if isinstance(option.envvar, str):
                found.setdefault(option.envvar, []).append((path.removeprefix("dunning "), option))
    return _SETTINGS + "".join(_setting_row(name, found[name]) for name in sorted(found))


def _options(command: click.Command) -> Iterator[click.Option]:
    return (parameter for parameter in command.params if isinstance(parameter, click.Option))


def _section(path: str, command: click.Command) -> str:
    paragraphs = [_plain(paragraph) for paragraph in (command.help or "").split("\n\n")]
    usage = " ".join([path, "[OPTIONS]", *_arguments(command)])
    rows = "".join(_option_row(option) for option in _options(command))
    table = f"\n| flag | variable | default | what it does |\n|---|---|---|---|\n{rows}" if rows else ""
    shown = [line for line in (command.epilog or "").splitlines() if line.startswith("$ ")]
    examples = ["```console", *shown, "```", ""] if shown else []
    return "\n".join(["", f"## {path}", "", "```text", usage, "```", "", *_spaced(paragraphs), *examples]) + table


def _spaced(paragraphs: Iterable[str]) -> Iterator[str]:
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ""
        yield paragraph
    yield ""


def _arguments(command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    return (p.make_metavar(context) for p in command.params if isinstance(p, click.Argument))


def _option_row(option: click.Option) -> str:
    variable = f"`{option.envvar}`" if isinstance(option.envvar, str) else ""
    return f"| {_flag(option)} | {variable} | {_default(option)} | {_escape(_plain(option.help or ''))} |\n"


def _setting_row(name: str, users: list[tuple[str, click.Option]]) -> str:
    _, option = users[0]
    defaults = " or ".join(dict.fromkeys(_default(each) for _, each in users if _default(each)))
    commands = ", ".join(path for path, _ in users)
    about = max((_plain(each.help or "") for _, each in users), key=len)
    return f"| `{name}` | `{option.opts[0]}` | {commands} | {defaults} | {_escape(about)} |\n"


def _flag(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(option.opts, key=len, reverse=True))
    value = "" if option.is_flag else f" `{_value(option)}`"
    marks = [word for word, is_so in (("required", option.required), ("repeatable", option.multiple)) if is_so]
    return names + _escape(value) + (f" ({', '.join(marks)})" if marks else "")


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return "|".join(str(choice) for choice in option.type.choices)
    if isinstance(option.type, click.IntRange):
        low, high = option.type.min, option.type.max
        return f"{low}-{high}" if high is not None else f"{low} or more"
    return option.metavar or option.type.name.upper()


def _default(option: click.Option) -> str:
    default: Mapping[str, object] = option.to_info_dict()
    value = default.get("default")
    if option.is_flag or value is None or str(value).startswith("Sentinel"):
        return ""
    return f"`{value}`"


def _plain(text: str) -> str:
    """Join the lines of a help text, without the marks that keep them apart."""
    return re.sub(r"\s+", " ", text.replace("\b", "")).strip()


def _escape(text: str) -> str:
    return text.replace("|", "\\|")
