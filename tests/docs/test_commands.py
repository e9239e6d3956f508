"""Every command that a document shows exists, with its flags and words."""

import re

import click
import pytest

from scripts.commandpage import list_commands
from tests.docs.consoles import PROGRAMS, Step, read_steps, split_programs
from tests.docs.pages import ROOT, all_blocks, list_pages, read_page, without_blocks

COMMANDS = dict(list_commands())
TASKS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
# What the documents use beside our own commands; another word is a slip.
OTHERS = {"createdb", "curl", "docker", "echo", "export", "pg_dump", "pg_restore", "pip", "psql", "sed"}
STEPS = [step for block in all_blocks("console") for step in read_steps(block)]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.place)
def test_shown_command_exists(step: Step) -> None:
    """A shown command names a program that is known; ours is read by its own parser, flags and words included."""
    for program in split_programs(step.command):
        name, *words = program
        if name in PROGRAMS:
            _parse(words)
        elif name == "make":
            assert {word for word in words if "=" not in word} <= TASKS, step.place
        else:
            assert name in OTHERS, f"{step.place}: {name} is not known here"


@pytest.mark.parametrize("page", list_pages())
def test_command_in_a_sentence_exists(page: str) -> None:
    """A command or task that a sentence names exists, with the flags it is named with."""
    wrong = []
    for code in re.findall(r"`((?:dunning|make) [^`\n]+)`", without_blocks(read_page(page))):
        program, *words = code.split()
        if not (words[0] in TASKS if program == "make" else _is_known(words)):
            wrong.append(code)
    assert wrong == []


def _is_known(words: list[str]) -> bool:
    path, arguments = _find(words)
    groups = {known.rpartition(" ")[0] for known in COMMANDS}
    if path is None or not words[0].islower():
        return words == ["COMMAND", "--help"] or f"dunning {words[0]}" in groups
    flags = {flag for parameter in COMMANDS[path].params for flag in parameter.opts} | {"--help"}
    return {word for word in arguments if word.startswith("-")} <= flags


def _parse(words: list[str]) -> None:
    path, arguments = _find(words)
    if path is None:
        assert words in (["--help"], ["--version"]), f"there is no command `dunning {' '.join(words)}`"
        return
    command = COMMANDS[path]
    context = click.Context(command, info_name=path)
    parser = command.make_parser(context)
    given, _, _ = parser.parse_args(arguments)
    for parameter in command.params:
        if isinstance(parameter.type, click.Choice) and parameter.name in given:
            value = given[parameter.name]
            for each in value if isinstance(value, list) else [value]:
                parameter.type.convert(each, parameter, context)


def _find(words: list[str]) -> tuple[str | None, list[str]]:
    for length in (2, 1):
        path = " ".join(["dunning", *words[:length]])
        if path in COMMANDS:
            return path, words[length:]
    return None, words
