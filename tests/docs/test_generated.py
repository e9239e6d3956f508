"""What is made from the code is committed as it would be made now."""

from pathlib import Path

import pytest

from scripts.generate import GENERATED, is_fresh
from tests.docs.pages import ROOT


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_is_fresh(path: Path) -> None:
    """A generated file is what `make generate` would write."""
    assert is_fresh(path, GENERATED[path]()), "out of date: run `make generate`"
