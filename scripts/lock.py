"""Write requirements/*.txt: every dependency pinned and hashed, for Python 3.11 to 3.14, without any index address."""

import hashlib
import json
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
UV = "uv==0.13.9"
HEADER = """\
# Written by `make lock` from pyproject.toml, for Python 3.11 to 3.14; not edited by hand.
# dependencies: {digest}
"""


def dependency_digest(pyproject: Path) -> str:
    """The digest of all that pyproject.toml says on dependencies, which a lock carries to show that it is fresh."""
    tables = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    project = tables["project"]
    wanted = [
        tables["build-system"]["requires"],
        project["requires-python"],
        sorted(project["dependencies"]),
        {extra: sorted(names) for extra, names in sorted(project["optional-dependencies"].items())},
        {group: sorted(names) for group, names in sorted(tables["dependency-groups"].items())},
    ]
    return "sha256:" + hashlib.sha256(json.dumps(wanted).encode()).hexdigest()


def compile_lock(uv: Path, name: str, *arguments: str) -> None:
    """Resolve what `arguments` ask for into requirements/`name`.txt, keeping its pins where they still do."""
    target = REQUIREMENTS / f"{name}.txt"
    options = ["--universal", "--python-version=3.11", "--generate-hashes", "--no-emit-index-url", "--no-header"]
    arguments = ("--quiet", *options, f"--output-file={target}", *arguments, *sys.argv[1:])
    subprocess.run([uv, "pip", "compile", *arguments], check=True, cwd=ROOT)
    pins = target.read_text(encoding="utf-8")
    digest = dependency_digest(ROOT / "pyproject.toml")
    target.write_text(HEADER.format(digest=digest) + pins, encoding="utf-8")


def main() -> None:
    """Lock everything once, then the parts that are installed alone; `--upgrade` takes newer releases."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        tools = Path(folder) / "bin"
        subprocess.run([tools / "pip", "install", "--quiet", UV], check=True)
        everything = [f"--group={group}" for group in ("build", "dev", "bench")]
        compile_lock(tools / "uv", "dev", "pyproject.toml", *everything)
        compile_lock(tools / "uv", "runtime", "pyproject.toml", "--constraints=requirements/dev.txt")
        compile_lock(tools / "uv", "spark", "pyproject.toml", "--extra=spark", "--constraints=requirements/dev.txt")
        compile_lock(tools / "uv", "browser", "--group=browser", "--constraints=requirements/dev.txt")
        compile_lock(tools / "uv", "shipping", "--group=shipping")
        compile_lock(tools / "uv", "build", "--group=build", "--constraints=requirements/dev.txt")


if __name__ == "__main__":
    main()
