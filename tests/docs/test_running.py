"""What the documents show is what the commands print."""

from pathlib import Path

import pytest

from tests.docs.consoles import Step, compare, read_steps, run_steps
from tests.docs.pages import list_pages, read_blocks

RUNNABLE = [page for page in list_pages() if any(block.marked("run") is not None for block in read_blocks(page))]


@pytest.mark.parametrize("page", RUNNABLE)
def test_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a fresh folder the page's files are written and its commands run in order; each prints what the page shows."""
    monkeypatch.chdir(tmp_path)
    for block in read_blocks(page):
        name = block.marked("file")
        if name is not None:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.marked("run") is not None:
            run_steps(read_steps(block))


def test_other_output_is_noticed() -> None:
    """A page that shows something else than is printed fails; what is left out with an ellipsis is not compared."""
    step = Step(place="page:1", command="dunning", shown="one … three\n…\nend")
    compare(step, "one two three\nfour\nfive\nend\n")
    for printed in ("one two\nend\n", "one two three\nend\nmore\n", ""):
        with pytest.raises(AssertionError):
            compare(step, printed)
