"""Clients generated from the committed OpenAPI document compile, and call the service."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.conftest import CLIENTS, OPENAPI

pytestmark = pytest.mark.slow
SAID = """\
rule: friendly-reminder
episode: 2026-11-01
refused: urn:dunning:problem:invalid-request
imported: 1 refused: 1
"""
BIN = Path(sys.executable).parent


def run(*command: object, folder: Path, environment: dict[str, str] | None = None) -> str:
    """Run a program in a folder, and return what it prints."""
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_python_client(tmp_path: Path, environment: dict[str, str]) -> None:
    """openapi-python-client has nothing to warn of; the example's calls fit its types, and do what they say."""
    shutil.copy(CLIENTS / "python" / "example.py", tmp_path)
    options = [
        f"--path={OPENAPI}",
        f"--config={CLIENTS / 'python' / 'config.yaml'}",
        "--meta=none",
        "--fail-on-warning",
    ]
    run(BIN / "openapi-python-client", "generate", *options, "--output-path=dunning_client", folder=tmp_path)
    run(sys.executable, "-m", "compileall", "-q", "dunning_client", folder=tmp_path)
    run(BIN / "mypy", "--follow-imports=silent", "example.py", folder=tmp_path)
    assert run(sys.executable, "example.py", folder=tmp_path, environment=environment) == SAID


def test_a_typescript_client(tmp_path: Path, environment: dict[str, str]) -> None:
    """openapi-typescript reads the document; the example compiles against it, strictly, and does what it says."""
    if shutil.which("npm") is None:
        assert "CI" not in os.environ, "npm is needed here"
        pytest.skip("npm is not installed; where CI is set this test never skips")
    for file in (CLIENTS / "typescript").iterdir():
        shutil.copy(file, tmp_path)
    run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", folder=tmp_path)
    options = ["--default-non-nullable=false", "-o", "schema.d.ts"]
    run("npx", "--no-install", "openapi-typescript", OPENAPI, *options, folder=tmp_path)
    run("npx", "--no-install", "tsc", folder=tmp_path)
    assert run("node", "out/example.js", folder=tmp_path, environment=environment) == SAID
