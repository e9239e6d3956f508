"""The files by which other services run check, test and diff."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.comparison.rulesets import HEAD, LADDER
from tests.comparison.test_diff_command import git

ROOT = Path(__file__).resolve().parents[2]
INTEGRATIONS = ROOT / "integrations"
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
    for name, text in (("gh", ASKED), ("dunning", command)):
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


def test_without_pull_request_only_the_summary(runner: dict[str, str]) -> None:
    """On a push there is nothing to comment on."""
    comment(runner | {"NUMBER": ""})
    assert Path(runner["GITHUB_STEP_SUMMARY"]).is_file()
    assert asked(runner) == []


def test_first_rulesets_have_nothing_to_compare_with(runner: dict[str, str]) -> None:
    """Where the base has no such folder yet, that is said and all is well."""
    assert "nothing to compare with" in comment(runner | {"RULESETS": "fresh"})
