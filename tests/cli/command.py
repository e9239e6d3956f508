"""The `dunning` command, run in this process."""

from pathlib import Path

from click.testing import CliRunner, Result

from cli.main import main

EXAMPLE = Path(__file__).parents[1] / "verification" / "example.yaml"
BROKEN = """ruleset: broken
title: Broken
currency: EUR
timezone: Europe/Amsterdam
rules:
  - id: reminder
    when: {days_overdu: 3..}
    then: {action: send_reminder, channel: email}
"""
ANNA = "{country: NL, currency: EUR, channels: [email], invoices: [{id: I1, due_on: 2026-03-01, open: 49.95}]}"


def dunning(*arguments: str | Path) -> Result:
    """What came of `dunning` with these arguments; an exception of ours is raised, not swallowed."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def read_error(result: Result) -> str:
    """What was said of wrong usage, as one line: the frame around it breaks lines where the terminal ends."""
    return " ".join(result.stderr.replace("│", " ").split())


def make_folder(folder: Path, **files: str) -> Path:
    """A folder with the example ruleset and these files; two underscores stand for a dot."""
    (folder / "example.yaml").write_bytes(EXAMPLE.read_bytes())
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def suite(*tests: str, ruleset: str = "example") -> str:
    """A suite in which Anna, who owes 49.95 since 1 March, is asked about; each test is the rest of one."""
    lines = "".join(f"  - {{name: t{i}, account: anna, {test}}}\n" for i, test in enumerate(tests, start=1))
    return f"ruleset: {ruleset}\naccounts: {{anna: {ANNA}}}\ntests:\n{lines}"
