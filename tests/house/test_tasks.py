"""The tasks of the Makefile and the commands that the documents show."""

import pkgutil
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli.commands
from cli.main import main

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TASKS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
SHOWN_CODE = re.compile(r"^```console\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def shown_commands() -> set[tuple[str, str]]:
    """Each `make TASK` and `dunning COMMAND` that a document shows as code, with the document's name."""
    return {
        (str(document.relative_to(ROOT)), found)
        for document in DOCUMENTS
        for code in SHOWN_CODE.findall(document.read_text(encoding="utf-8"))
        for found in re.findall(r"(?:^|(?<=[\s/]))(make [a-z]+|dunning [a-z]+)", "".join(code))
    }


def test_every_task_says_what_it_does() -> None:
    """`make help` has a line for every task of the Makefile."""
    listed = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"^  make ([a-z]+) +\S", listed, re.MULTILINE)) == TASKS


def test_every_task_is_phony() -> None:
    """No task is taken for the file of the same name."""
    declared = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert declared
    assert set(declared[1].split()) == TASKS


def test_shown_tasks_and_commands_exist() -> None:
    """Every `make` task and `dunning` command that a document shows exists."""
    commands = {module.name.replace("_", "-") for module in pkgutil.iter_modules(cli.commands.__path__)}
    exist = {f"make {task}" for task in TASKS} | {f"dunning {command}" for command in commands}
    assert sorted(shown for shown in shown_commands() if shown[1] not in exist) == []


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(cli.commands.__path__)])
def test_every_command_has_help(name: str) -> None:
    """Every file in cli/commands/ holds a command whose --help says what it does."""
    result = CliRunner().invoke(main, [name.replace("_", "-"), "--help"])
    assert result.exit_code == 0, result.output
    assert re.search(r"Usage:.*\n[\s│]*[A-Z]\w+", result.output)


def test_unknown_command_is_a_usage_error() -> None:
    """A command that does not exist ends with the exit code for wrong usage."""
    assert CliRunner().invoke(main, ["no-such-command"]).exit_code == 2
