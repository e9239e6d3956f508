"""What the console vendors is what its source and its lock make, and says what it is made of."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "console-src"
STATIC = ROOT / "api" / "console" / "static"
MADE = ("editor.js", "editor.json", "editor.licenses.txt")


def read_json(path: Path) -> Any:
    """Read a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_bundle_names_its_parts_and_its_digest() -> None:
    """Each with the version of the lock and its licence, whose text is beside it."""
    made = read_json(STATIC / "editor.json")
    assert made["sha256"] == hashlib.sha256((STATIC / "editor.js").read_bytes()).hexdigest()
    locked = read_json(SOURCE / "package-lock.json")["packages"]
    texts = (STATIC / "editor.licenses.txt").read_text(encoding="utf-8")
    for part in made["packages"]:
        assert locked[f"node_modules/{part['name']}"]["version"] == part["version"]
        assert part["license"] == "MIT"
        assert f"{part['name']} {part['version']}" in texts
    assert {f"node_modules/{part['name']}" for part in made["packages"]} == {
        path for path, each in locked.items() if path and not each.get("dev")
    }


def test_the_lock_names_no_index() -> None:
    """It holds digests; where they are fetched from is the machine's own."""
    text = (SOURCE / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text
    assert "://" not in text


@pytest.mark.slow
def test_the_source_makes_the_same_bytes(tmp_path: Path) -> None:
    """Wherever it is built."""
    if shutil.which("npm") is None:
        assert "CI" not in os.environ, "npm is needed here"
        pytest.skip("npm is not installed; where CI is set this test never skips")
    folder, into = tmp_path / "console-src", tmp_path / "static"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules"))
    into.mkdir()
    for command in (
        ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"),
        ("npm", "run", "build", "--", str(into)),
    ):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    for name in MADE:
        assert (into / name).read_bytes() == (STATIC / name).read_bytes(), f"`make console`: {name} is out of date"
