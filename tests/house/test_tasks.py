"""The tasks of the Makefile and the commands of the terminal; tests/docs compares the documents with them."""

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
TASKS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_every_task_says_what_it_does() -> None:
    """`make help` has a line for every task of the Makefile."""
    listed = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+) +\S", listed, re.MULTILINE)) == TASKS


def test_every_task_is_phony() -> None:
    """No task is taken for the file of the same name."""
    declared = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert declared
    assert set(declared[1].split()) == TASKS


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(cli.commands.__path__)])
def test_every_command_has_help(name: str) -> None:
    """Every file in cli/commands/ holds a command whose --help says what it does."""
    result = CliRunner().invoke(main, [name.replace("_", "-"), "--help"])
    assert result.exit_code == 0, result.output
    assert re.search(r"Usage:.*\n[\s│]*[A-Z]\w+", result.output)


def test_unknown_command_is_a_usage_error() -> None:
    """A command that does not exist ends with the exit code for wrong usage."""
    assert CliRunner().invoke(main, ["no-such-command"]).exit_code == 2
