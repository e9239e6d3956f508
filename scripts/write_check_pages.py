"""Writes docs/authors/checks/ anew: `python -m scripts.write_check_pages`."""

from pathlib import Path

from engine.analysis.manual import write_pages

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "authors" / "checks"


def main() -> None:
    """Write every page, and delete those of checks that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pages = write_pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
