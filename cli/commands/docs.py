"""`dunning docs`: each ruleset as a page that a manager can read."""

from pathlib import Path

import rich_click as click

from cli.examples import show_examples
from cli.rulesetfiles import load_sound
from pages import html, markdown
from pages.content import Teller
from pages.page import Page, Picture


@click.command(
    "docs",
    epilog=show_examples(
        ("dunning docs rulesets --out pages", "HTML and Markdown, with an index"),
        ("dunning docs rulesets/first.yaml --out pages --format html", "one page to mail"),
    ),
)
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=Path())
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    envvar="DUNNING_DOCS_OUT",
    show_envvar=True,
    help="The folder to write to; made where it is missing.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["all", "html", "markdown"]),
    default="all",
    envvar="DUNNING_DOCS_FORMAT",
    show_envvar=True,
    help="Pages for a browser, for a wiki or repository, or both.",
)
def command(path: Path, out: Path, form: str) -> None:
    """Write each ruleset as a page: the ladder as a picture, rules in plain words, blocks, fees worked through.

    PATH is a ruleset file or a folder of them; left out, the folder you are in. An HTML page needs nothing but itself
    and can be mailed; a Markdown page has its picture beside it. The names of the files written are the answer.

    Ends with 3 if a ruleset is invalid; nothing is written then.
    """
    checked = load_sound(path)
    if not checked.rulesets:
        raise click.UsageError(f"There is no ruleset in {path}; name a ruleset file or a folder that holds some.")
    pages = [Teller(ruleset).tell() for ruleset in checked.rulesets]
    out.mkdir(parents=True, exist_ok=True)
    for name, words in _write(pages, form):
        (out / name).write_text(words, encoding="utf-8")
        click.echo(str(out / name))


def _write(pages: list[Page], form: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for page in pages:
        if form != "markdown":
            found.append((f"{page.name}.html", html.write_html(page)))
        if form != "html":
            found.append((f"{page.name}.md", markdown.write_markdown(page)))
            blocks = (block for section in page.sections for block in section.blocks)
            found += [(f"{block.name}.svg", block.svg) for block in blocks if isinstance(block, Picture)]
    if form != "markdown" and len(pages) > 1:
        found.append(("index.html", html.write_index("Dunning rulesets", pages)))
    return found
