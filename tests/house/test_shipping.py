"""What ships: the wheel and the image."""

import re
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from scripts.prove_dockerfile import Image, instructions

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = list(instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all files in the wheel."""
    target = tmp_path_factory.mktemp("wheel")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(target), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel_has_data_beside_the_code(wheel_names: set[str]) -> None:
    """Every schema, migration, query and ruleset of the repository is in the wheel."""
    rooms = ("engine", "store", "pages", "api", "cli", "schemas", "rulesets")
    kinds = {".json", ".sql", ".yaml", ".ndjson", ".html", ".css", ".js"}
    files = (path for room in rooms for path in (ROOT / room).rglob("*") if path.suffix in kinds)
    assert {path.relative_to(ROOT).as_posix() for path in files} <= wheel_names


def test_wheel_has_no_tests(wheel_names: set[str]) -> None:
    """Neither tests nor benchmarks ship."""
    assert [name for name in wheel_names if name.startswith(("tests/", "bench/", "scripts/"))] == []


def test_image_copies_what_exists() -> None:
    """Every path that the Dockerfile copies from the project exists and is let through by .dockerignore."""
    allowed = set(re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    copied = {
        name.rstrip("/")
        for verb, rest in DOCKERFILE
        if verb == "COPY" and not rest.startswith("--from=")
        for name in rest.split()[:-1]
    }
    assert copied == allowed
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_image_runs_without_rights_and_says_how_it_is() -> None:
    """The image ends as a user other than root, with a health check and a command."""
    verbs = [verb for verb, _ in DOCKERFILE]
    last_stage = DOCKERFILE[len(verbs) - verbs[::-1].index("FROM") - 1 :]
    assert ("USER", "10001") in last_stage
    assert {"HEALTHCHECK", "CMD"} <= {verb for verb, _ in last_stage}
    assert not any(verb == "RUN" and "gcc" in rest for verb, rest in last_stage)


def test_image_scan_finds_what_should_not_ship(tmp_path: Path) -> None:
    """A package that no lock pins, a compiler, and a file that everybody can write to are each named."""
    image = Image(tmp_path)
    folder = image.root / "opt"
    for name in ("evil-1.0.dist-info", "msgspec-0.0.1.dist-info", "dunning-0.1.0.dist-info"):
        (folder / name).mkdir(parents=True)
    (folder / "gcc").touch(mode=0o755)
    (folder / "settings").touch()
    (folder / "settings").chmod(0o666)
    found = {Path(problem.split()[0]).name for problem in image.scan()}
    assert found == {"evil-1.0.dist-info", "msgspec-0.0.1.dist-info", "gcc", "settings"}
