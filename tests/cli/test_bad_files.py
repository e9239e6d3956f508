"""What a command is given and cannot use ends in a sentence and an exit code, never in a traceback."""

import json
from pathlib import Path

import pytest

from tests.cli.command import ANNA, BROKEN, EXAMPLE, dunning, make_folder, read_error, suite

PASSING = "as_of: 2026-03-06, expect: {rule: friendly-reminder}"
ACCOUNT = {"id": "anna", "country": "NL", "currency": "EUR", "channels": ["email"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": "anna", "vip": true, "vip": false}', "the key at /vip stands twice"),
        ('{"id": "anna", "customer_value": 1e999999999}', "a number far outside what can be decided on"),
        ('{"id": "anna", "tags": ' + "[" * 5000 + "]" * 5000 + "}", "is not JSON that can be read"),
        ("", "is not JSON that can be read"),
    ],
)
def test_json_that_cannot_be_meant(tmp_path: Path, text: str, said: str) -> None:
    """An account file is read as strictly as the body of a request."""
    account = tmp_path / "a.json"
    account.write_text(text)
    result = dunning("decide", "--ruleset", EXAMPLE, "--account", account)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in read_error(result)


@pytest.mark.parametrize("history", ["just words", "[1, 2]", "{history: none}", "{history: [x]}", "{rule: x}"])
def test_history_is_a_list_of_entries(tmp_path: Path, history: str) -> None:
    """Anything else is refused: read as nothing, it would ask as if nothing had been executed."""
    account, file = tmp_path / "a.yaml", tmp_path / "h.yaml"
    account.write_text(ANNA)
    file.write_text(history)
    result = dunning("decide", "--ruleset", EXAMPLE, "--account", account, "--history", file)
    assert (result.exit_code, "holds no history" in read_error(result)) == (2, True)


def test_history_beside_an_account_is_a_list_too(tmp_path: Path) -> None:
    """An account file with a history of another kind is refused."""
    account = tmp_path / "a.yaml"
    account.write_text(f"account: {ANNA}\nhistory: nothing\n")
    result = dunning("decide", "--ruleset", EXAMPLE, "--account", account)
    assert (result.exit_code, "holds no history" in read_error(result)) == (2, True)


def test_an_empty_account_is_no_ruleset(tmp_path: Path) -> None:
    """What is said of an account file is for whoever wrote an account."""
    account = tmp_path / "a.yaml"
    account.write_text("")
    result = dunning("decide", "--ruleset", EXAMPLE, "--account", account)
    assert result.exit_code == 1
    assert "[empty-file]" in result.stderr
    assert "ruleset:" not in result.stderr


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the operating system names the file and ends with 1."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    account = tmp_path / "a.json"
    account.write_text(json.dumps(ACCOUNT))
    monkeypatch.setattr(Path, "read_bytes", refuse)
    result = dunning("decide", "--ruleset", EXAMPLE, "--account", account)
    assert result.exit_code == 1
    assert "Permission denied" in result.stderr


def test_a_broken_neighbour_does_not_fail_another_suite(tmp_path: Path) -> None:
    """Who names one suite is told of its ruleset, not of every file beside it; a folder is asked whole."""
    folder = make_folder(tmp_path, example_test__yaml=suite(PASSING), broken__yaml=BROKEN)
    for path in (folder / "example_test.yaml", folder / "example.yaml"):
        result = dunning("test", path)
        assert (result.exit_code, result.stderr) == (0, "")
    assert dunning("test", folder).exit_code == 3


def test_a_suite_about_a_broken_neighbour_says_what_is_broken(tmp_path: Path) -> None:
    """Where a suite finds no ruleset, the errors of those beside it are what one needs to know."""
    folder = make_folder(tmp_path, broken__yaml=BROKEN, broken_test__yaml=suite(PASSING, ruleset="broken"))
    result = dunning("test", folder / "broken_test.yaml")
    assert result.exit_code == 3
    assert "[unknown-fact]" in result.stderr


def test_more_than_all_cannot_be_covered(tmp_path: Path) -> None:
    """101 % is wrong usage."""
    folder = make_folder(tmp_path, example_test__yaml=suite(PASSING))
    assert dunning("test", folder, "--min-coverage", "101").exit_code == 2


def test_a_folder_without_rulesets_is_not_published(tmp_path: Path) -> None:
    """Nothing to publish is wrong usage, said before a server is asked."""
    result = dunning("publish", tmp_path, "--token", "t", "--server", "http://127.0.0.1:1")
    assert (result.exit_code, "There is no ruleset in" in read_error(result)) == (2, True)


def test_a_token_of_two_lines_is_none() -> None:
    """What a file or a paste added to a token is refused before it is sent."""
    assert dunning("publish", EXAMPLE, "--token", "a\nb", "--server", "http://127.0.0.1:1").exit_code == 2


def test_a_token_that_may_do_nothing_is_not_made(tmp_path: Path) -> None:
    """A role or a scope is needed."""
    made = dunning("token", "create", "--name=a", f"--data={tmp_path}")
    assert (made.exit_code, "give --role or --scope" in made.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options", [["--name="], ["--name=a\nb"], [f"--name={'x' * 101}"], ["--name=a", "--days=99999999"]]
)
def test_a_token_that_cannot_be(tmp_path: Path, options: list[str]) -> None:
    """A name is one line that a list can show, and an end is within calendars."""
    assert dunning("token", "create", "--scope=decide", f"--data={tmp_path}", *options).exit_code == 2
    assert list(tmp_path.iterdir()) == []
