"""Where pip alone installed the program on a Python that durable-rules was not compiled for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("command", [["check", "rulesets"], ["serve"], ["--help"]])
def test_a_rules_engine_that_cannot_be_loaded_is_said(tmp_path: Path, command: list[str]) -> None:
    """No traceback, but why, and the command that mends it."""
    symbol = "undefined symbol: PyEval_CallObject"
    (tmp_path / "durable_rules_engine.py").write_text(f"raise ImportError({symbol!r})\n")
    program = [sys.executable, "-c", "from cli.main import main; main()", *command]
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    said = " ".join(done.stderr.replace("│", " ").split())
    assert done.returncode == 1
    assert symbol in said
    assert "CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject" in said
    assert "Traceback" not in said
