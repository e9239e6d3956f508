"""The lint rules and the import contracts."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_imports_go_in_one_direction() -> None:
    """Every import contract of pyproject.toml is kept."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_ignored_lint_rule_has_a_reason() -> None:
    """Each lint rule that is off has its reason beside it."""
    section = PYPROJECT[PYPROJECT.index("[tool.ruff.lint]") : PYPROJECT.index("[tool.mypy]")]
    silent = [
        line
        for line in section.splitlines()
        if re.match(r'\s+"[A-Z]+[0-9]*",|"\S+" = \["', line) and not re.search(r"# \w", line)
    ]
    assert silent == []


def test_no_rule_is_silenced_for_a_whole_file() -> None:
    """No source file switches the linter or the type checker off for all of itself."""
    blanket = re.compile(r"#\s*(ruff: noqa|flake8: noqa|type: ignore\s*$|noqa\s*$|mypy: )", re.MULTILINE)
    rooms = ("engine", "store", "pages", "api", "cli", "schemas", "bench", "scripts")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert [str(path.relative_to(ROOT)) for path in files if blanket.search(path.read_text(encoding="utf-8"))] == []


def test_every_room_of_the_wheel_is_under_contract() -> None:
    """Each Python package that ships is a layer of the import contracts."""
    tool = tomllib.loads(PYPROJECT)["tool"]
    shipped = [name for name in tool["hatch"]["build"]["targets"]["wheel"]["packages"] if name != "rulesets"]
    assert sorted(shipped) == sorted(tool["importlinter"]["root_packages"])
