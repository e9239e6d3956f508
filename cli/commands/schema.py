"""`dunning schema`: the JSON Schemas of the files that authors write."""

from pathlib import Path

import rich_click as click

from cli.examples import show_examples
from cli.exits import FAILED
from engine.loading.grammar.schemas import SCHEMAS, schema_text


@click.command(
    "schema",
    epilog=show_examples(
        ("dunning schema --out schemas", "write them, or write them anew"),
        ("dunning schema --out schemas --check", "is one out of date?"),
    ),
)
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("schemas"),
    envvar="DUNNING_SCHEMAS",
    show_envvar=True,
    help="The folder to write to, or to look into.",
)
@click.option(
    "--check", "is_check", is_flag=True, help="Write nothing; end with 1 if a file is missing or out of date."
)
def command(folder: Path, *, is_check: bool) -> None:
    """Write the JSON Schemas of rulesets, facts, suites and checks, for editors that complete and explain.

    Name the schema in the first line of a file: `# yaml-language-server: $schema=../schemas/ruleset.schema.json`
    """
    stale = []
    for name in SCHEMAS:
        path, text = folder / f"{name}.schema.json", schema_text(name)
        if is_check:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(path)
            continue
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(path)
    for path in stale:
        click.echo(f"{path} is missing or out of date; `dunning schema --out {folder}` writes it.", err=True)
    if stale:
        raise SystemExit(FAILED)
