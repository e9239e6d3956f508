"""What holds for every file of the repository."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MACHINE_PATH = re.compile(r"(?<![\w.:/$}-])/(?:work|root|home|Users)/[\w.-]")
INDEX_ADDRESS = re.compile(r"(?:pypi|pythonhosted)\.(?:org|io)|--(?:extra-)?index-url[ =]|/simple/?[\"'\s]")


def texts() -> Iterator[tuple[str, str]]:
    """Every text file that git has or would take, with its path from the root."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in sorted(set(filter(None, names))):
        path = ROOT / name
        if path.is_file():
            content = path.read_bytes()
            if b"\0" not in content:
                yield name, content.decode("utf-8")


def matches(pattern: re.Pattern[str]) -> list[str]:
    """Each place where the pattern is found, as path, line number and what was found."""
    return [
        f"{name}:{number}: {found[0]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := pattern.search(line))
    ]


@pytest.fixture(autouse=True)
def _git_checkout() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so what belongs to the repository is not known")


def test_no_file_names_a_path_of_a_machine() -> None:
    """No file of the repository names a folder of the machine that it was written on."""
    assert matches(MACHINE_PATH) == []


def test_no_file_names_a_package_index() -> None:
    """No file of the repository names the address of a package index."""
    assert matches(INDEX_ADDRESS) == []


def test_every_link_between_documents_leads_somewhere() -> None:
    """Every relative link in a Markdown file leads to a file or folder that exists."""
    dead = [
        f"{name}: {target}"
        for name, text in texts()
        if name.endswith(".md")
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert dead == []
