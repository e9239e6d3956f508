"""Every link leads somewhere, to the heading too."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, list_pages, read_page, without_blocks

LINK = re.compile(r"\]\((?P<path>[^)\s#]*)(?:#(?P<anchor>[^)\s]+))?\)")


def anchors_of(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and GitLab make them."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.+)$", without_blocks(text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.replace("`", ""))
        anchor = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        number = 0
        while (name := f"{anchor}-{number}" if number else anchor) in found:
            number += 1
        found.add(name)
    return found


def leads_somewhere(target: Path, anchor: str | None) -> bool:
    """Tell whether a file is there, with this heading where one is named."""
    return target.exists() and (anchor is None or anchor in anchors_of(target.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", list_pages())
def test_links_lead_somewhere(page: str) -> None:
    """A link inside the repository leads to a file or folder, and its anchor to a heading."""
    dead = []
    for link in LINK.finditer(without_blocks(read_page(page))):
        target = (ROOT / page).parent / link["path"] if link["path"] else ROOT / page
        if ":" not in link["path"] and not leads_somewhere(target, link["anchor"]):
            dead.append(link[0])
    assert dead == []


def test_every_page_is_linked() -> None:
    """Every page of docs/ can be reached from docs/README.md."""
    reached, waiting = set(), [ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        links = LINK.finditer(page.read_text(encoding="utf-8"))
        waiting += [page.parent / link["path"] for link in links if link["path"] and ":" not in link["path"]]
    assert sorted(page for page in (ROOT / "docs").rglob("*.md") if page.resolve() not in reached) == []
