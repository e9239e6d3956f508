"""`dunning init` lays out a folder that is valid and tested from the first moment."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.command import dunning, read_error

PLACES = (("NL", "EUR", "Europe/Amsterdam"), ("US", "USD", "America/New_York"), ("JP", "JPY", "Asia/Tokyo"))


@pytest.mark.parametrize(("country", "currency", "timezone"), PLACES)
def test_what_is_laid_out_passes(tmp_path: Path, country: str, currency: str, timezone: str) -> None:
    """The first ruleset has no finding at all, and its suite passes, wherever it is for."""
    chosen = ("--country", country, "--currency", currency, "--timezone", timezone)
    result = dunning("init", tmp_path / "new", *chosen)
    assert result.exit_code == 0
    assert all(Path(name).is_file() for name in result.stdout.split())
    rulesets = tmp_path / "new" / "rulesets"
    assert dunning("check", rulesets).stdout == "1 ruleset checked: no problems\n"
    tested = dunning("test", rulesets)
    assert tested.exit_code == 0
    assert "10 passed" in tested.stdout


@pytest.mark.parametrize(
    ("service", "file"), [("github", ".github/workflows/dunning.yml"), ("gitlab", ".gitlab-ci.yml"), ("none", None)]
)
def test_ci_file_is_that_of_the_service(tmp_path: Path, service: str, file: str | None) -> None:
    """Only the chosen service's file is written; it is YAML and runs check, test and diff."""
    dunning("init", tmp_path, "--ci", service)
    known = {".github/workflows/dunning.yml", ".gitlab-ci.yml"}
    assert {name for name in known if (tmp_path / name).exists()} == ({file} if file is not None else set())
    if file is not None:
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert yaml.safe_load(text)
        assert all(f"dunning {word} " in text for word in ("check", "test", "diff"))
        assert "${country}" not in text


def test_editor_finds_the_schemas(tmp_path: Path) -> None:
    """The editor's settings, and the first line of each file, name schemas that are there."""
    dunning("init", tmp_path)
    settings = json.loads((tmp_path / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    assert all((tmp_path / schema).is_file() for schema in settings["yaml.schemas"])
    for path in (tmp_path / "rulesets").iterdir():
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert (path.parent / first.partition("$schema=")[2]).is_file()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Where a file is there already nothing is written, and it says which."""
    (tmp_path / "rulesets").mkdir()
    (tmp_path / "rulesets" / "facts.yaml").write_text("facts: {}\n", encoding="utf-8")
    result = dunning("init", tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "rulesets/facts.yaml already" in result.stderr
    assert not (tmp_path / "README.md").exists()


@pytest.mark.parametrize(
    ("option", "value"), [("--country", "XX"), ("--currency", "EURO"), ("--timezone", "Mars/Olympus")]
)
def test_unknown_words_are_refused(tmp_path: Path, option: str, value: str) -> None:
    """A country, currency or zone that is not known is a wrong use, and nothing is written."""
    result = dunning("init", tmp_path / "new", option, value)
    assert result.exit_code == 2
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (("--country", "UK"), "Write GB."),
        (("--country", "Atlantis"), "such as NL or GB"),
        (("--currency", "euro"), "Write EUR."),
        (("--timezone", "London"), "Did you mean “Europe/London”?"),
    ],
)
def test_asks_for_the_word_that_is_meant(tmp_path: Path, chosen: tuple[str, str], said: str) -> None:
    """A country that no account can have, or a word that is no code, is refused with the right one."""
    result = dunning("init", tmp_path / "new", *chosen)
    assert result.exit_code == 2
    assert said in read_error(result)
    assert not (tmp_path / "new").exists()
