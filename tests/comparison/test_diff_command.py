"""`dunning diff` says what changes between files, folders and git revisions."""

import datetime as dt
import json
import subprocess
from pathlib import Path

import pytest

from engine.evaluation.program import compile_ruleset
from pages.diffpicture import run_lane
from tests.cli.command import dunning
from tests.comparison.rulesets import HEAD, LADDER, load

LATER = LADDER.replace("days_overdue: 14..", "days_overdue: 16..")


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, whatever the machine's own settings are."""
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose rulesets/sample.yaml was committed, and is later now; the command runs in it."""
    folder = tmp_path / "repository"
    (folder / "rulesets").mkdir(parents=True)
    (folder / "rulesets" / "sample.yaml").write_text(HEAD + LADDER, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    (folder / "rulesets" / "sample.yaml").write_text(HEAD + LATER, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def write(folder: Path, name: str, text: str) -> Path:
    """A ruleset file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_two_files(tmp_path: Path) -> None:
    """Two files are compared whatever they are called: the text, the days, a sample, and 0 at the end."""
    old, new = write(tmp_path, "old.yaml", HEAD + LADDER), write(tmp_path, "new.yaml", HEAD + LATER)
    result = dunning("diff", old, new)
    assert result.exit_code == 0
    assert "when.days_overdue: 14.. → 16.." in result.stdout
    assert "days overdue 14 to 15" in result.stdout
    assert "becomes no rule wins" in result.stdout
    assert "account: {id: sample-1, currency: EUR, days_overdue: 14" in result.stdout


def test_exit_code_tells_a_script(tmp_path: Path) -> None:
    """With --exit-code a difference ends with 5, and a proof that there is none with 0."""
    old, new = write(tmp_path, "old.yaml", HEAD + LADDER), write(tmp_path, "new.yaml", HEAD + LATER)
    retitled = write(tmp_path, "retitled.yaml", HEAD + LADDER.replace("id: remind", "id: remind, title: Nudge"))
    assert dunning("diff", old, new, "--exit-code").exit_code == 5
    same = dunning("diff", old, retitled, "--exit-code")
    assert same.exit_code == 0
    assert "No behaviour change: proved for every account and every history." in same.stdout


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_renaming_a_rule_that_is_waited_for_is_a_difference(tmp_path: Path, form: str) -> None:
    """Running accounts stop: every format heads with that, never with a proof for every history, and it ends with 5."""
    old = write(tmp_path, "old.yaml", HEAD + LADDER)
    new = write(tmp_path, "new.yaml", HEAD + LADDER.replace("rule: warn", "rule: last").replace("id: warn", "id: last"))
    result = dunning("diff", old, new, "--exit-code", "--format", form)
    assert result.exit_code == 5
    assert "Behaviour changes for accounts in the middle of an episode" in result.stdout
    assert "every history" not in result.stdout


def test_a_revision_and_the_working_tree(repository: Path) -> None:
    """A file as it was in a revision is compared with what it is now."""
    assert repository.is_dir()
    result = dunning("diff", "HEAD:rulesets/sample.yaml", "rulesets/sample.yaml")
    assert result.exit_code == 0
    assert "14.. → 16.." in result.stdout


def test_folders_are_compared_by_id(repository: Path) -> None:
    """In folders, a ruleset is compared with the one of its id; one that is new or gone is said to be."""
    write(repository, "rulesets/fresh.yaml", (HEAD + LADDER).replace("ruleset: sample", "ruleset: fresh"))
    result = dunning("diff", "main:rulesets", "rulesets")
    assert "14.. → 16.." in result.stdout
    assert "This ruleset is new." in result.stdout
    back = dunning("diff", "rulesets", "main:rulesets")
    assert "This ruleset is gone." in back.stdout


def test_facts_are_those_of_the_revision(repository: Path) -> None:
    """A ruleset of a revision is read with the facts.yaml of that revision."""
    text = HEAD + "rules: [{id: a, when: {mood: good}, then: {action: notify_team}}]\n"
    write(repository, "rulesets/sample.yaml", text)
    write(repository, "rulesets/facts.yaml", "facts: {mood: {type: enum, values: [good, bad], default: good}}\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "second")
    write(repository, "rulesets/facts.yaml", "facts: {mood: {type: enum, values: [good, bad], default: bad}}\n")
    result = dunning("diff", "HEAD:rulesets/sample.yaml", "rulesets/sample.yaml")
    assert "default: good → bad" in result.stdout
    assert "mood not given" in result.stdout


def test_markdown_for_a_pull_request(tmp_path: Path) -> None:
    """Markdown begins with a mark, tells of every row in a table, and folds away samples and text."""
    old, new = write(tmp_path, "old.yaml", HEAD + LADDER), write(tmp_path, "new.yaml", HEAD + LATER)
    lines = dunning("diff", old, new, "--format", "markdown").stdout.splitlines()
    assert lines[0] == "<!-- dunning diff -->"
    assert "| EUR: for | was | becomes |" in lines
    assert "<details><summary>What is written</summary>" in lines
    assert "```yaml" in lines


def test_json_for_programs(tmp_path: Path) -> None:
    """JSON has the verdict, the changes, and each row with its places, what goes before, and a sample."""
    old, new = write(tmp_path, "old.yaml", HEAD + LADDER), write(tmp_path, "new.yaml", HEAD + LATER)
    (answer,) = json.loads(dunning("diff", old, new, "--format", "json").stdout)
    assert (answer["ruleset"], answer["is_behaviour_same"], answer["is_finished"]) == ("sample", False, True)
    row = answer["difference"]["editions"][0]["rows"][0]
    assert row["places"][0]["conditions"]["days_overdue"] == "days overdue 14 to 15"
    assert row["sample"]["account"]["days_overdue"] == 14


def test_html_is_one_page_with_a_picture(tmp_path: Path) -> None:
    """The page needs nothing but itself, and draws the ladder before and after with what differs ringed."""
    old, new = write(tmp_path, "old.yaml", HEAD + LADDER), write(tmp_path, "new.yaml", HEAD + LATER)
    page = dunning("diff", old, new, "--format", "html").stdout
    assert page.startswith("<!doctype html>")
    assert page.count('class="ring"') >= 2
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in page


def test_a_picture_shows_the_days_on_which_it_happens() -> None:
    """What is due on a Saturday and waits for Monday stands on Monday, and what follows counts from there."""
    text = (
        "rules:\n"
        "  - {id: a, when: {days_overdue: 3..}, then: {action: assign_task, schedule: {day: business_day}}}\n"
        "  - {id: b, after: {rule: a, days: 2}, then: {action: notify_team}}\n"
    )
    lane = run_lane("before", compile_ruleset(load(text)), {"id": "A", "currency": "EUR"}, dt.date(2026, 2, 27))
    assert lane is not None
    assert [rung.day for rung in lane.rungs] == [5, 7]


def test_words_of_a_ruleset_are_no_markup(tmp_path: Path) -> None:
    """What a file says stands in the page as text."""
    old = write(tmp_path, "old.yaml", HEAD + LADDER)
    new = write(tmp_path, "new.yaml", HEAD + LADDER.replace("tone: friendly", 'template: "<b onclick=x>|`_"'))
    page = dunning("diff", old, new, "--format", "html").stdout
    assert "<b onclick" not in page
    markdown = dunning("diff", old, new, "--format", "markdown").stdout
    assert "&lt;b onclick=x>\\|" in markdown


def test_small_budget_says_not_finished(tmp_path: Path) -> None:
    """When the steps run out it says so, and does not call it the same."""
    old, new = write(tmp_path, "old.yaml", HEAD + LADDER), write(tmp_path, "new.yaml", HEAD + LATER)
    result = dunning("diff", old, new, "--budget", "1", "--exit-code")
    assert result.exit_code == 5
    assert "Not finished" in result.stdout


def test_broken_ruleset_is_shown_and_ends_with_3(tmp_path: Path) -> None:
    """An error in either file is shown on stderr with its place; stdout stays empty."""
    old = write(tmp_path, "old.yaml", HEAD + LADDER)
    new = write(tmp_path, "new.yaml", HEAD + LADDER.replace("days_overdue", "days_overdu", 1))
    result = dunning("diff", old, new)
    assert (result.exit_code, result.stdout) == (3, "")
    assert f"{new} cannot be compared, for it has errors:" in result.stderr
    assert "Did you mean “days_overdue”?" in result.stderr


def test_a_comment_says_of_what_it_left_out_how_it_is_told(tmp_path: Path) -> None:
    """Rows left out are told by where they hold and how to see them, and not made little of."""
    renamed = LADDER.replace("rule: warn", "rule: last").replace("id: warn", "id: last")
    old, new = write(tmp_path, "old.yaml", HEAD + LADDER), write(tmp_path, "new.yaml", HEAD + renamed)
    said = dunning("diff", old, new, "--format", "markdown").stdout
    assert "where the level stands lower" in said
    assert "only where" not in said
    assert "mostly" not in said


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A path that does not exist is a wrong use, with the way out."""
    old = write(tmp_path, "old.yaml", HEAD + LADDER)
    result = dunning("diff", old, tmp_path / "nowhere.yaml")
    assert result.exit_code == 2
    assert "There is no file or folder" in " ".join(result.stderr.split())


def test_a_folder_without_rulesets(tmp_path: Path) -> None:
    """A folder that holds no ruleset is a wrong use."""
    old = write(tmp_path, "old/sample.yaml", HEAD + LADDER)
    (tmp_path / "empty").mkdir()
    assert dunning("diff", old, tmp_path / "empty").exit_code == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere:rulesets/sample.yaml", "git knows no revision nowhere"),
        ("HEAD:rulesets/other.yaml", "there is no rulesets/other.yaml in HEAD"),
        ("HEAD:rulesets/samples.yaml", "HEAD:rulesets/sample.yaml is there"),
        ("--output=x:rulesets", "No such option"),
    ],
)
def test_what_git_does_not_know(repository: Path, name: str, said: str) -> None:
    """An unknown revision or path is a wrong use that says which of the two it is; an option is none."""
    assert repository.is_dir()
    result = dunning("diff", name, "rulesets/sample.yaml")
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_a_path_counted_from_a_folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path written as seen from a folder of the repository is told as it counts from its top."""
    monkeypatch.chdir(repository / "rulesets")
    result = dunning("diff", "HEAD:sample.yaml", "sample.yaml")
    assert result.exit_code == 2
    assert "HEAD:rulesets/sample.yaml." in " ".join(result.stderr.replace("│", " ").split())


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A revision where there is no repository is a wrong use, and it is said what to do."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    new = write(tmp_path, "new.yaml", HEAD + LADDER)
    result = dunning("diff", "main:new.yaml", new)
    assert result.exit_code == 2
    said = " ".join(result.stderr.replace("│", " ").split())
    assert "is in no git repository: a revision can be read inside a git repository only" in said


def test_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git is not installed a revision cannot be read, and that is not the caller's fault."""
    monkeypatch.setenv("PATH", str(tmp_path))
    new = write(tmp_path, "new.yaml", HEAD + LADDER)
    result = dunning("diff", "main:new.yaml", new)
    assert result.exit_code == 1
    assert "git cannot be run" in result.stderr


def test_a_call_that_waits_for_its_hour_is_another(tmp_path: Path) -> None:
    """A time that becomes the best one is told in what is written and in what is decided."""
    rule = 'rules: [{id: call, then: {action: place_call, channel: phone, schedule: {time: "10:00"}}}]\n'
    old = write(tmp_path, "old.yaml", HEAD + rule)
    new = write(tmp_path, "new.yaml", HEAD + rule.replace('"10:00"', "best"))
    said = dunning("diff", old, new).stdout
    assert "then.schedule.time: 10:00 → best" in said
    assert "call has schedule any at the best hour in the place of any 10:00" in said
