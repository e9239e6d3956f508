"""The files by which other services run check, test and diff."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cli.laying import lay_out
from tests.comparison.rulesets import HEAD, LADDER
from tests.comparison.test_diff_command import git

ROOT = Path(__file__).resolve().parents[2]
INTEGRATIONS = ROOT / "integrations"
CURL = '#!/bin/sh\nprintf "%s\\n" "$*" >>"$GH_LOG"\ncase "$*" in *per_page*) printf "%s" "$NOTES";; esac\n'
ASKED = '#!/bin/sh\nprintf "%s\\n" "$*" >>"$GH_LOG"\ncase "$*" in *--jq*) printf "%s" "$GH_EARLIER";; esac\n'


@pytest.mark.parametrize("file", [INTEGRATIONS / "github" / "action.yml", INTEGRATIONS / "gitlab" / "dunning.yml"])
def test_services_run_check_test_and_diff(file: Path) -> None:
    """Both services' files are YAML and run the three commands."""
    text = file.read_text(encoding="utf-8") + (INTEGRATIONS / "github" / "comment.sh").read_text(encoding="utf-8")
    assert yaml.safe_load(file.read_text(encoding="utf-8"))
    assert all(f"dunning {word} " in text for word in ("check", "test", "diff"))


def test_action_installs_from_files_that_exist() -> None:
    """The action's requirements are in this repository."""
    text = (INTEGRATIONS / "github" / "action.yml").read_text(encoding="utf-8")
    named = {word.strip('"').removeprefix("$root/") for word in text.split() if word.startswith('"$root/')}
    assert named
    assert all((ROOT / name).is_file() for name in named)


def test_hooks_are_commands() -> None:
    """Every hook of pre-commit runs a command of this program on the folder rulesets/."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in hooks] == ["dunning-check", "dunning-test", "dunning-diff"]
    for hook in hooks:
        program, command = hook["entry"].split()
        assert program == "dunning"
        assert (ROOT / "cli" / "commands" / f"{command}.py").is_file()
        assert "rulesets" in hook["args"]


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """A job of the service: a repository with a change, a `gh` that writes down what it is asked, and `dunning`."""
    folder = tmp_path / "repository"
    (folder / "rulesets").mkdir(parents=True)
    path = folder / "rulesets" / "sample.yaml"
    path.write_text(HEAD + LADDER, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    path.write_text(HEAD + LADDER.replace("3..}", "4..}"), encoding="utf-8")
    programs = tmp_path / "programs"
    programs.mkdir()
    command = f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom cli.main import main\nmain()\n"
    for name, text in (("gh", ASKED), ("curl", CURL), ("dunning", command)):
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(stat.S_IRWXU)
    return os.environ | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GH_LOG": str(tmp_path / "gh.log"),
        "GH_EARLIER": "",
        "RULESETS": "rulesets",
        "BASE": "HEAD",
        "COMMENT": "true",
        "REPOSITORY": "owner/name",
        "NUMBER": "7",
    }


def run(script: str, runner: dict[str, str]) -> str:
    """Run the lines of a job in its repository, as both services do, and return what they said."""
    folder = Path(runner["RUNNER_TEMP"]) / "repository"
    line = ["bash", "-eo", "pipefail", "-c", script]
    return subprocess.run(line, cwd=folder, env=runner, capture_output=True, text=True, check=True).stdout


def comment(runner: dict[str, str]) -> str:
    """Run the step that comments, and return what it said."""
    folder = Path(runner["RUNNER_TEMP"]) / "repository"
    script = str(INTEGRATIONS / "github" / "comment.sh")
    done = subprocess.run([script], cwd=folder, env=runner, capture_output=True, text=True, check=True)
    return done.stdout


def asked(runner: dict[str, str]) -> list[str]:
    """What `gh` was asked."""
    log = Path(runner["GH_LOG"])
    return log.read_text(encoding="utf-8").splitlines() if log.is_file() else []


def test_pull_request_is_commented_on(runner: dict[str, str]) -> None:
    """The first time a comment is written, and the job's summary says the same."""
    comment(runner)
    assert "days overdue 3" in Path(runner["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
    assert asked(runner)[-1].startswith("api --silent --method POST repos/owner/name/issues/7/comments")


def test_comment_is_written_anew(runner: dict[str, str]) -> None:
    """The next time the same comment is changed, so that a pull request has one."""
    comment(runner | {"GH_EARLIER": "99"})
    assert asked(runner)[-1].startswith("api --silent --method PATCH repos/owner/name/issues/comments/99")


def break_ruleset(runner: dict[str, str]) -> None:
    """Make the changed ruleset one that cannot be compared."""
    path = Path(runner["RUNNER_TEMP"]) / "repository" / "rulesets" / "sample.yaml"
    path.write_text(HEAD + LADDER.replace("days_overdue", "days_overdu", 1), encoding="utf-8")


def test_an_invalid_ruleset_replaces_the_old_comment(runner: dict[str, str], tmp_path: Path) -> None:
    """What the comment said is true no more: it says that nothing was compared and why, and the step ends with 3."""
    break_ruleset(runner)
    script = str(INTEGRATIONS / "github" / "comment.sh")
    done = try_script(script, runner | {"GH_EARLIER": "99"}, tmp_path / "repository")
    assert done.returncode == 3
    assert asked(runner)[-1].startswith("api --silent --method PATCH repos/owner/name/issues/comments/99")
    said = (tmp_path / "dunning-diff.md").read_text(encoding="utf-8")
    assert said.startswith("<!-- dunning diff -->")
    assert "Nothing could be compared" in said
    assert "Did you mean “days_overdue”?" in said


def test_an_invalid_ruleset_replaces_the_old_note(runner: dict[str, str], tmp_path: Path) -> None:
    """GitLab's note is written anew too, and the job fails."""
    break_ruleset(runner)
    template = yaml.safe_load((INTEGRATIONS / "gitlab" / "dunning.yml").read_text(encoding="utf-8"))
    given = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD", "CI_API_V4_URL": "api", "CI_PROJECT_ID": "1"}
    notes = {"NOTES": '[{"id": 5, "body": "<!-- dunning diff -->"}]', "DUNNING_GITLAB_TOKEN": "secret"}
    script = template["dunning-diff"]["script"][0]
    done = try_script(script, runner | given | notes | {"CI_MERGE_REQUEST_IID": "2"}, tmp_path / "repository")
    assert done.returncode == 3
    assert asked(runner)[-1].endswith("api/projects/1/merge_requests/2/notes/5")


def test_an_invalid_ruleset_replaces_the_comment_of_the_laid_out_workflow(
    runner: dict[str, str], tmp_path: Path
) -> None:
    """The workflow that `dunning init` lays out does the same; services run it so that any failure ends it."""
    break_ruleset(runner)
    laid = lay_out({"country": "NL", "currency": "EUR", "timezone": "Europe/Amsterdam"}, "github")
    steps = yaml.safe_load(laid[".github/workflows/dunning.yml"])["jobs"]["dunning"]["steps"]
    script = next(step["run"] for step in steps if step.get("name") == "What changes")
    given = runner | {"GITHUB_REPOSITORY": "owner/name", "GH_EARLIER": "https://service/comments/99"}
    done = try_script("set -e\n" + script.replace("${{ github.event.number }}", "7"), given, tmp_path / "repository")
    assert done.returncode == 3
    assert "--method PATCH https://service/comments/99" in asked(runner)[-1]


def test_without_pull_request_only_the_summary(runner: dict[str, str]) -> None:
    """On a push there is nothing to comment on."""
    comment(runner | {"NUMBER": ""})
    assert Path(runner["GITHUB_STEP_SUMMARY"]).is_file()
    assert asked(runner) == []


def test_first_rulesets_have_nothing_to_compare_with(runner: dict[str, str]) -> None:
    """Where the base has no such folder yet, that is said and all is well."""
    assert "nothing to compare with" in comment(runner | {"RULESETS": "fresh"})


def test_without_the_right_to_comment_the_job_goes_on(runner: dict[str, str]) -> None:
    """A pull request from a fork may not be commented on; the job says so and does not fail."""
    gh = Path(runner["PATH"].partition(":")[0]) / "gh"
    gh.write_text('#!/bin/sh\ncase "$*" in *--method*) exit 1;; esac\n', encoding="utf-8")
    assert "No right to comment" in comment(runner)


@pytest.mark.parametrize(
    ("notes", "wanted"), [("[]", "/notes"), ('[{"id": 5, "body": "<!-- dunning diff -->"}]', "/notes/5")]
)
def test_merge_request_has_one_note(runner: dict[str, str], notes: str, wanted: str) -> None:
    """GitLab's job writes a note the first time, and the same one anew after that."""
    template = yaml.safe_load((INTEGRATIONS / "gitlab" / "dunning.yml").read_text(encoding="utf-8"))
    given = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD", "CI_API_V4_URL": "api", "CI_PROJECT_ID": "1"}
    said = run(
        template["dunning-diff"]["script"][0],
        runner | given | {"CI_MERGE_REQUEST_IID": "2", "DUNNING_GITLAB_TOKEN": "secret", "NOTES": notes},
    )
    assert "days overdue 3" in said
    assert asked(runner)[-1].endswith(f"api/projects/1/merge_requests/2{wanted}")


def test_laid_out_workflow_comments(runner: dict[str, str]) -> None:
    """The workflow that `dunning init` lays out writes one comment too."""
    laid = lay_out({"country": "NL", "currency": "EUR", "timezone": "Europe/Amsterdam"}, "github")
    steps = yaml.safe_load(laid[".github/workflows/dunning.yml"])["jobs"]["dunning"]["steps"]
    script = next(step["run"] for step in steps if step.get("name") == "What changes")
    url = "https://service/comments/99"
    given = runner | {"GITHUB_REPOSITORY": "owner/name"}
    run(script.replace("${{ github.event.number }}", "7"), given)
    run(script.replace("${{ github.event.number }}", "7"), given | {"GH_EARLIER": url})
    written = [line for line in asked(runner) if "--method" in line]
    assert written[0].startswith("api --silent --method POST repos/owner/name/issues/7/comments --field body=@")
    assert written[1].startswith(f"api --silent --method PATCH {url} --field body=@")


def try_script(script: str, runner: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a job's script in a folder, however it ends."""
    return subprocess.run(["sh", "-c", script], cwd=folder, env=runner, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("is_there", [False, True], ids=["no commit", "no rulesets in the last commit"])
def test_hooks_pass_before_there_are_rulesets(
    runner: dict[str, str],
    tmp_path: Path,
    is_there: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """Every hook passes on the commit that brings the first rulesets."""
    folder = tmp_path / "new"
    (folder / "rulesets").mkdir(parents=True)
    git(folder, "init", "--quiet")
    if is_there:
        (folder / "README.md").write_text("Rulesets will stand here.", encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--message", "first")
    (folder / "rulesets" / "sample.yaml").write_text(HEAD + LADDER, encoding="utf-8")
    (folder / "rulesets" / "sample_test.yaml").write_text("ruleset: sample\ntests: []\n", encoding="utf-8")
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")):
        done = try_script(" ".join([hook["entry"], *hook["args"]]), runner, folder)
        assert (done.returncode, done.stderr) == (0, ""), hook["id"]
    assert "Nothing to compare with." in done.stdout


def test_a_missing_place_is_refused_unless_it_may_be_missing(runner: dict[str, str], tmp_path: Path) -> None:
    """A place that is new may be missing in git, if that is asked for; one that is nowhere is mistyped."""
    folder = tmp_path / "repository"
    (folder / "more").mkdir()
    for missing in ("rulsets", "more"):
        assert try_script(f"dunning diff HEAD:{missing} rulesets", runner, folder).returncode == 2
    done = try_script("dunning diff --allow-missing --format json HEAD:more rulesets", runner, folder)
    assert (done.returncode, done.stdout.strip()) == (0, "[]")
    mistyped = try_script("dunning diff --allow-missing --format json HEAD:rulsets rulesets", runner, folder)
    assert (mistyped.returncode, "HEAD:rulesets is there" in mistyped.stderr) == (2, True)


@pytest.mark.parametrize("laid", [False, True], ids=["template", "laid out"])
def test_the_log_of_gitlab_shows_what_failed(
    runner: dict[str, str],
    tmp_path: Path,
    laid: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """The report is for the merge request; the job's log says in words which case failed, and the job fails."""
    folder = tmp_path / "repository"
    case = "{name: early, account: {currency: EUR, channels: [email]}, as_of: 2026-01-05, expect: {rule: nothing}}"
    suite = f"ruleset: sample\ntests:\n  - {case}\n".replace("rule: nothing", "outcome: blocked")
    (folder / "rulesets" / "sample_test.yaml").write_text(suite, encoding="utf-8")
    if laid:
        words = {"country": "NL", "currency": "EUR", "timezone": "Europe/Amsterdam"}
        job = yaml.safe_load(lay_out(words, "gitlab")[".gitlab-ci.yml"])["dunning"]
    else:
        job = yaml.safe_load((INTEGRATIONS / "gitlab" / "dunning.yml").read_text(encoding="utf-8"))["dunning-test"]
    script = next(line for line in job["script"] if "junit" in line)
    done = try_script(script, runner, folder)
    assert done.returncode == 4
    assert "FAILED rulesets/sample_test.yaml:3 early" in done.stdout
    assert "<testsuites" in (folder / "dunning-tests.xml").read_text(encoding="utf-8")
