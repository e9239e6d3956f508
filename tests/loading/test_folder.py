"""A folder of rulesets: which files count, the facts.yaml beside them, and ids that stand twice."""

from pathlib import Path

from engine.loading.files import read_folder
from engine.loading.folder import is_ruleset_file, load_folder

RULESET = "ruleset: {id}\ntitle: A\ncurrency: EUR\ntimezone: UTC\nrules: []\napplies_to: {{{when}}}\n"


def write(ruleset: str, when: str = "") -> bytes:
    """Write a small ruleset."""
    return RULESET.format(id=ruleset, when=when).encode()


def test_knows_rulesets_by_their_names() -> None:
    """Suites, checks, shared facts, hidden files and other endings are no rulesets."""
    names = ["a.yaml", "b.yml", "a_test.yaml", "a_check.yaml", "facts.yaml", ".c.yaml", "notes.md", "x/d.yaml"]
    assert [name for name in names if is_ruleset_file(name)] == ["a.yaml", "b.yml", "x/d.yaml"]


def test_loads_each_file_beside_its_facts() -> None:
    """Each ruleset sees the facts.yaml of its own folder only."""
    folder = load_folder(
        {
            "nl/facts.yaml": b"facts: {seats: {type: integer, optional: true}}",
            "nl/a.yaml": write("a", "seats: 3.."),
            "se/b.yaml": write("b", "seats: 3.."),
            "nl/a_test.yaml": b"ruleset: a",
        }
    )
    assert [(each.file, each.ruleset is not None) for each in folder.loaded] == [
        ("nl/a.yaml", True),
        ("se/b.yaml", False),
    ]
    assert [(each.file, each.code) for each in folder.diagnostics] == [("se/b.yaml", "unknown-fact")]


def test_refuses_an_id_that_another_file_has() -> None:
    """The second file with an id is refused, at its id, with the name of the first."""
    folder = load_folder({"a.yaml": write("same"), "b.yaml": write("same")})
    assert [each.ruleset is not None for each in folder.loaded] == [True, False]
    (found,) = folder.diagnostics
    assert (found.file, found.line, found.column, found.code) == ("b.yaml", 1, 10, "duplicate-ruleset")
    assert "a.yaml" in found.message


def test_uses_no_ruleset_beside_broken_facts() -> None:
    """An error in facts.yaml is shown once; each ruleset beside it says for itself that it waits for that."""
    folder = load_folder({"facts.yaml": b"facts: {seats: {type: int}}", "a.yaml": write("a", "seats: 3..")})
    assert [(each.file, each.code) for each in folder.diagnostics] == [("facts.yaml", "unknown-word")]
    assert [each.code for each in folder.loaded[0].diagnostics] == ["shared-facts-broken"]
    assert folder.loaded[0].ruleset is None


def test_reads_folders_from_disk(tmp_path: Path) -> None:
    """YAML files are read with those of subfolders, and nothing else."""
    (tmp_path / "nl").mkdir()
    (tmp_path / "nl" / "a.yaml").write_bytes(b"x")
    (tmp_path / "b.yml").write_bytes(b"y")
    (tmp_path / "notes.md").write_bytes(b"z")
    (tmp_path / ".hidden.yaml").write_bytes(b"z")
    assert read_folder(tmp_path) == {str(tmp_path / "b.yml"): b"y", str(tmp_path / "nl" / "a.yaml"): b"x"}
