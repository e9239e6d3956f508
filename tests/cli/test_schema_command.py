"""`dunning schema` writes the JSON Schemas, or says that they are out of date."""

from pathlib import Path

from tests.cli.command import dunning

SCHEMAS = {f"{name}.schema.json" for name in ("check", "facts", "guarantees", "ruleset", "scorecard", "suite")}


def test_the_schemas_are_written(tmp_path: Path) -> None:
    """Every schema is written to the folder, which need not exist, and its path is said."""
    folder = tmp_path / "new"
    result = dunning("schema", "--out", folder)
    assert result.exit_code == 0
    assert {path.name for path in folder.iterdir()} == SCHEMAS
    assert {Path(line).name for line in result.stdout.splitlines()} == SCHEMAS


def test_fresh_schemas_pass(tmp_path: Path) -> None:
    """What was just written is not out of date."""
    dunning("schema", "--out", tmp_path)
    assert dunning("schema", "--check", "--out", tmp_path).exit_code == 0


def test_stale_schemas_are_named(tmp_path: Path) -> None:
    """A schema that is missing or differs is named, and the end is 1; nothing is written."""
    dunning("schema", "--out", tmp_path)
    (tmp_path / "suite.schema.json").write_text("{}", encoding="utf-8")
    (tmp_path / "facts.schema.json").unlink()
    result = dunning("schema", "--check", "--out", tmp_path)
    assert result.exit_code == 1
    assert [line.split(" ")[0] for line in result.stderr.splitlines()] == [
        str(tmp_path / "facts.schema.json"),
        str(tmp_path / "suite.schema.json"),
    ]
    assert (tmp_path / "suite.schema.json").read_text(encoding="utf-8") == "{}"
