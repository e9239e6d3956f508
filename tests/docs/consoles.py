"""Takes console blocks apart, runs them in a folder, and compares what they print."""

import re
import shlex
import subprocess
from collections.abc import Iterable, Iterator

import msgspec
from click.testing import CliRunner

from cli.main import main
from tests.docs.pages import Block

PROGRAMS = ("dunning", ".venv/bin/dunning")
_ANYTHING = "…"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command of a console block, and what is shown below it."""

    place: str
    command: str
    shown: str


def read_steps(block: Block) -> Iterator[Step]:
    """Return the commands of a block; one goes on to the next line until its quotes and backslashes are closed."""
    lines = block.text.splitlines()
    number = 0
    while number < len(lines):
        place = f"{block.page}:{block.line + number}"
        assert lines[number].startswith(("$ ", "#")) or not lines[number], f"{place}: output without a command"
        if not lines[number].startswith("$ "):
            number += 1
            continue
        command = lines[number].removeprefix("$ ")
        number += 1
        while not _is_whole(command):
            assert number < len(lines), f"{place}: the command does not end"
            command += "\n" + lines[number]
            number += 1
        shown: list[str] = []
        while number < len(lines) and not lines[number].startswith(("$ ", "# ")):
            shown.append(lines[number])
            number += 1
        yield Step(place=place, command=command, shown="\n".join(shown).strip("\n"))


def split_words(command: str) -> list[str]:
    """Return a command's words without comments."""
    return shlex.split(command.replace("\\\n", " "), comments=True)


def split_programs(command: str) -> list[list[str]]:
    """Return the programs of a command line, each with its arguments; redirections and settings are left out."""
    programs: list[list[str]] = [[]]
    words = iter(split_words(command))
    for word in words:
        if word in {"|", "&&", ";", "&"}:
            programs.append([])
        elif word in {">", "<", ">>"}:
            next(words)
        elif programs[-1] or not re.match(r"[A-Z_]+=", word):
            programs[-1].append(word)
    return [program for program in programs if program]


def run_steps(steps: Iterable[Step]) -> None:
    """Run commands in the folder that the test is in; each must print what is shown."""
    status = 0
    for step in steps:
        program = split_programs(step.command)[0]
        if program == ["echo", "$?"]:
            printed = f"{status}\n"
        elif program[0] in PROGRAMS:
            words = split_words(step.command)
            result = CliRunner().invoke(main, program[1:])
            assert result.exception is None or isinstance(result.exception, SystemExit), step.place
            status, printed = result.exit_code, result.output
            if ">" in words:
                with open(words[words.index(">") + 1], "w", encoding="utf-8") as file:  # noqa: PTH123  relative to the folder
                    file.write(result.stdout)
                printed = result.stderr
        else:
            done = subprocess.run(["bash", "-c", step.command], check=True, capture_output=True, text=True)
            status, printed = done.returncode, done.stdout
        compare(step, printed)


def compare(step: Step, printed: str) -> None:
    """Fail where a command printed something else than the page shows."""
    pattern = ""
    for line in step.shown.splitlines():
        if line.strip() == _ANYTHING:
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split(_ANYTHING)) + r"[ ]*\n"
    written = printed.strip("\n") + "\n" if printed.strip() else ""
    if re.fullmatch(pattern, written) is None:
        raise AssertionError(f"{step.place}: `{step.command}` printed\n\n{written}\ninstead of\n\n{step.shown}")


def _is_whole(command: str) -> bool:
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return False
    return not command.rstrip(" ").endswith("\\")
