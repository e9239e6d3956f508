"""The locks in requirements/ and what pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest

from scripts.lock import dependency_digest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("browser", "build", "dev", "runtime", "shipping", "spark")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    """The version of each package in a lock."""
    return dict(PIN.findall((ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")))


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_fresh(lock: str) -> None:
    """A lock was made from the dependencies that pyproject.toml names now (else: `make lock`)."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert f"# dependencies: {dependency_digest(ROOT / 'pyproject.toml')}\n" in text


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    """Every package in a lock is pinned to one version and has at least one hash."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=\w)", text)[1:]
    assert entries
    assert [entry for entry in entries if not PIN.match(entry) or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", ["build", "runtime"])
def test_smaller_locks_agree_with_the_whole(lock: str) -> None:
    """What the image installs is what the tests ran with."""
    assert pins(lock).items() <= pins("dev").items()


@pytest.mark.parametrize(("lock", "package"), [("spark", "pyspark"), ("browser", "playwright")])
def test_more_is_added_to_the_whole(lock: str, package: str) -> None:
    """What `make spark` and `make browser` add changes nothing that the tests run with otherwise."""
    whole, added = pins("dev"), pins(lock)
    assert {name: added[name] for name in added if name in whole} == {
        name: whole[name] for name in added if name in whole
    }
    assert package in set(added) - set(whole)


def test_python_range_is_explained() -> None:
    """The reason for the range of Pythons stands right above it in pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["project"]["requires-python"] == ">=3.11,<3.15"
    assert re.search(r"^# durable-rules .*3\.13.*\n#.*\nrequires-python", text, re.MULTILINE)
