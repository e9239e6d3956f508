"""clients/typescript compiles with a call of every operation, and goes the whole way against a real server."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.contract.conftest import OPENAPI, ROOT
from tests.contract.test_clients import run

pytestmark = pytest.mark.slow
SOURCE = ROOT / "clients" / "typescript"
SAID = """\
outcome: act
recorded: friendly-reminder after [ 3000, 3000 ] under 1 key
refused: urn:dunning:problem:unknown-account
told: 1
verified: true
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client built in a folder of its own, with a call of every operation and the loop beside it."""
    if shutil.which("npm") is None:
        assert "CI" not in os.environ, "npm is needed here"
        pytest.skip("npm is not installed; where CI is set this test never skips")
    folder = tmp_path_factory.mktemp("typescript") / "clients" / "typescript"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules", "out", "schema.d.ts"))
    (folder.parents[1] / "schemas").mkdir()
    shutil.copy(OPENAPI, folder.parents[1] / "schemas")
    shutil.copy(Path(__file__).parent / "typescript_loop.ts", folder / "src" / "loop.ts")
    paths = json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"]
    calls = [f'void client.{method.upper()}("{path}", {{}} as never);\n' for path in paths for method in paths[path]]
    head = 'import { connect } from "./index.js";\nconst client = connect({ url: "", token: "" });\n'
    (folder / "src" / "every.ts").write_text(head + "".join(calls), encoding="utf-8")
    run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", folder=folder)
    run("npm", "run", "build", folder=folder)
    return folder


def test_every_operation_compiles_and_the_loop_is_gone(built: Path, environment: dict[str, str]) -> None:
    """What is sent is repeated under one key, a refusal is a problem, pages turn, and webhooks of both kinds verify."""
    assert run("node", "out/loop.js", folder=built, environment=environment) == SAID


def test_an_operation_that_is_not_there_does_not_compile(built: Path) -> None:
    """The compiler would notice one that the document lacks."""
    other = built / "src" / "other.ts"
    every = (built / "src" / "every.ts").read_text(encoding="utf-8")
    other.write_text(every.splitlines()[0] + "\nvoid connect({ url: '', token: '' }).GET('/nowhere', {} as never);\n")
    with pytest.raises(AssertionError, match="/nowhere"):
        run("npx", "--no-install", "tsc", "--noEmit", folder=built)
    other.unlink()
