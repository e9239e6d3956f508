"""A folder of rulesets: which files count, the facts.yaml beside them, and ids that stand twice."""

from pathlib import Path

from engine.loading.files import read_folder
from engine.loading.folder import is_ruleset_file, load_folder

RULESET = "ruleset: {id}\ntitle: A\ncurrency: EUR\ntimezone: UTC\nrules: []\napplies_to: {{{when}}}\n"


def write(ruleset: str, when: str = "") -> bytes:
    """Write a small ruleset."""
    return RULESET.format(id=ruleset, when=when).encode()


def test_knows_rulesets_by_their_names() -> None:
    """Suites, checks, shared files, hidden ones and other endings are no rulesets."""
    shared = ["facts.yaml", "scorecard.yaml", "guarantees.yaml"]
    names = ["a.yaml", "b.yml", "a_test.yaml", "a_check.yaml", *shared, ".c.yaml", "notes.md", "x/d.yaml"]
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


GUARANTEE = "guarantees: [{{id: {id}, never: {{action: write_off}}}}]\n"


def test_reads_each_file_beside_the_guarantees_of_its_folder() -> None:
    """Each ruleset has the guarantees of its own folder after its own, and they are part of its digest."""
    own = write("a") + GUARANTEE.format(id="own").encode()
    alone = load_folder({"nl/a.yaml": own})
    folder = load_folder({"nl/a.yaml": own, "nl/guarantees.yaml": GUARANTEE.format(id="policy").encode()})
    (ruleset,), (before,) = ([each.ruleset for each in one.loaded] for one in (folder, alone))
    assert ruleset is not None
    assert before is not None
    found = ruleset.editions["EUR"].guarantees
    assert [(each.id, each.file) for each in found] == [("own", None), ("policy", "nl/guarantees.yaml")]
    assert ruleset.digest != before.digest


def test_uses_no_ruleset_beside_broken_guarantees() -> None:
    """An error in guarantees.yaml is shown once; each ruleset beside it says for itself that it waits for that."""
    folder = load_folder({"guarantees.yaml": b"guarantees: [{id: a, never: {}}]", "a.yaml": write("a")})
    assert [(each.file, each.code) for each in folder.diagnostics] == [("guarantees.yaml", "guarantee-unclear")]
    assert [each.code for each in folder.loaded[0].diagnostics] == ["shared-guarantees-broken"]
    assert folder.loaded[0].ruleset is None


SCORECARD = b"scorecards: {risk_score: {points: {vip: {classes: [{when: true, points: 5}], otherwise: %d}}}}\n"


def test_reads_each_file_beside_the_scorecards_of_its_folder() -> None:
    """Rules and guarantees of a folder may ask for its scores, and its scorecards are part of every digest."""
    files = {"nl/a.yaml": write("a", "risk_score: 5"), "nl/guarantees.yaml": b"guarantees: [" + OF_A_SCORE + b"]"}
    one, other = (load_folder(files | {"nl/scorecard.yaml": SCORECARD % points}) for points in (0, 1))
    assert not one.diagnostics
    (ruleset,), (changed,) = ([each.ruleset for each in folder.loaded] for folder in (one, other))
    assert ruleset is not None
    assert changed is not None
    assert ruleset.editions["EUR"].facts["risk_score"].type == "integer"
    assert ruleset.digest != changed.digest


OF_A_SCORE = b"{id: a, never: {action: write_off, when: {risk_score: ..4}}}"


def test_uses_no_ruleset_beside_broken_scorecards() -> None:
    """An error in scorecard.yaml is shown once; each ruleset beside it says for itself that it waits for that."""
    folder = load_folder({"scorecard.yaml": b"scorecards: [a]", "a.yaml": write("a")})
    assert [(each.file, each.code) for each in folder.diagnostics] == [("scorecard.yaml", "wrong-type")]
    assert [each.code for each in folder.loaded[0].diagnostics] == ["shared-scores-broken"]
    assert folder.loaded[0].ruleset is None


def test_refuses_a_guarantee_that_another_ruleset_of_the_folder_has() -> None:
    """Ids of guarantees are unique in a folder: the second ruleset is refused, at its guarantee."""
    own = GUARANTEE.format(id="same").encode()
    folder = load_folder({"x/a.yaml": write("a") + own, "x/b.yaml": write("b") + own, "y/c.yaml": write("c") + own})
    assert [each.ruleset is not None for each in folder.loaded] == [True, False, True]
    (found,) = folder.diagnostics
    assert (found.file, found.code) == ("x/b.yaml", "duplicate-id")
    assert "x/a.yaml" in found.message
