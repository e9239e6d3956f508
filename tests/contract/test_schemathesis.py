"""An attacker who reads the OpenAPI document finds nothing: no 5xx, nothing undescribed, no limit untrue."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.running import Running
from tests.contract.conftest import OPENAPI
from tests.waiting import PATIENCE_SECONDS

HERE = Path(__file__).parent


@pytest.mark.slow
def test_the_api_is_as_it_describes_itself(server: Running, tmp_path: Path) -> None:
    """Every operation, at every limit of its parameters and bodies and beyond, and with random ones; bounded."""
    config = (HERE / "schemathesis.toml").read_text(encoding="utf-8")
    (tmp_path / "schemathesis.toml").write_text(f'hooks = "{HERE / "hooks.py"}"\n{config}')
    program = Path(sys.executable).with_name("schemathesis")
    authorization = f"Authorization: {server.client.headers['authorization']}"
    phases = ["--phases=examples,coverage,fuzzing", "--max-examples=15", f"--request-timeout={PATIENCE_SECONDS}"]
    # How much its generator throws away on the way is no finding of the API.
    steady = ["--seed=7", "--generation-deterministic", "--no-shrink", "--no-color"]
    steady.append("--suppress-health-check=filter_too_much")
    done = subprocess.run(
        [program, "run", OPENAPI, f"--url={server.client.base_url}", "-H", authorization, *phases, *steady],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.decide()["outcome"] in {"act", "wait", "not_covered"}  # and it answers as before
