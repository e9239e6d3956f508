"""Slips of people who know billing and not YAML: each message leads to a file without a fault, and comes alone."""

from pathlib import Path

import msgspec
import pytest
import yaml
from click.testing import Result

from tests.cli.command import dunning

FOLDER = Path(__file__).parent / "mistakes"
DECIDE = ("decide", "--ruleset", "shop.yaml", "--as-of", "2026-03-10", "--format", "text", "--account")
RUN = {"rulesets": ("check",), "suites": ("test",), "accounts": DECIDE}


class Slip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file with one mistake: what must be said of it, what must not, and how it is mended."""

    file: Path
    says: tuple[str, ...]
    never: tuple[str, ...]
    mended: dict[str, str]


SLIPS = msgspec.convert(
    yaml.safe_load((FOLDER / "index.yaml").read_text(encoding="utf-8")),
    tuple[Slip, ...],
    dec_hook=lambda kind, value: kind(value),
)


def ask(slip: Slip, folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    """What `dunning` says of a text that stands in a file of that name, beside the others of its folder."""
    beside = FOLDER / slip.file.parent / "shop.yaml"
    if beside.exists():
        (folder / beside.name).write_bytes(beside.read_bytes())
    (folder / slip.file.name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return dunning(*RUN[slip.file.parent.name], slip.file.name)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.file.stem)
def test_says_what_was_meant(slip: Slip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to write, at its place, and nothing that leads elsewhere."""
    result = ask(slip, tmp_path, (FOLDER / slip.file).read_text(encoding="utf-8"), monkeypatch)
    assert [each for each in slip.says if each not in result.output] == []
    assert [each for each in slip.never if each in result.output] == []


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.file.stem)
def test_leads_to_a_file_without_a_fault(slip: Slip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who writes what the message says is done."""
    text = (FOLDER / slip.file).read_text(encoding="utf-8")
    assert text.count(slip.mended["from"]) == 1
    result = ask(slip, tmp_path, text.replace(slip.mended["from"], slip.mended["to"]), monkeypatch)
    assert (result.exit_code, result.stderr) == (0, "")
    assert not {"error:", "warning:"} & set(result.output.split())
