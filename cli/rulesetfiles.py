"""Ruleset files on disk: what a path on the command line stands for, read and checked."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import msgspec
import rich_click as click

from cli.exits import RULESET_INVALID
from cli.reporters import text
from engine.analysis.analyse import analyse_folder
from engine.analysis.settings import USUAL, Settings
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.files import read_folder
from engine.loading.folder import FACTS_FILE, is_ruleset_file, load_folder
from engine.loading.load import has_errors
from engine.model.diagnostic import Diagnostic, sort_by_place
from engine.model.ruleset import Ruleset

Files = dict[str, bytes]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """The rulesets that are whole, the files of those that are not, and everything that is said of the files."""

    rulesets: tuple[Ruleset, ...]
    diagnostics: tuple[Diagnostic, ...]
    broken: frozenset[str]
    count: int


def read_files(paths: Iterable[Path], *, with_siblings: bool = False) -> Files:
    """Return the YAML files of each folder, and each file with the facts.yaml beside it, or with all beside it."""
    files: Files = {}
    for path in paths:
        if path.is_dir():
            files |= read_folder(path)
            continue
        files[str(path)] = path.read_bytes()
        beside = sorted(path.parent.glob("*.y*ml")) if with_siblings else [path.with_name(FACTS_FILE)]
        files |= {str(each): each.read_bytes() for each in beside if each.is_file()}
    return files


def check_files(
    files: Files, *, settings: Settings = USUAL, on: dt.date | None = None, is_analysed: bool = True
) -> Checked:
    """Say everything there is to say of ruleset files: text, shape, meaning and, where that is wanted, analysis.

    ``on`` is today, for what ends soon.
    """
    folder = load_folder(files)
    rulesets = tuple(each.ruleset for each in folder.loaded if each.ruleset is not None)
    facts = [each.whole for each in folder.shared_facts if each.whole is not None]
    found = analyse_folder(rulesets, facts_files=facts, settings=settings, on=on) if is_analysed else ()
    return Checked(
        rulesets=rulesets,
        diagnostics=sort_by_place([*folder.diagnostics, *(each.diagnostic for each in found)]),
        broken=frozenset(each.file for each in folder.loaded if each.ruleset is None),
        count=sum(is_ruleset_file(file) for file in files),
    )


def load_sound(path: Path) -> Checked:
    """Return the rulesets of a file or folder, not analysed; where one is broken, say so and end."""
    files = read_files([path])
    checked = check_files(files, is_analysed=False)
    if has_errors(checked.diagnostics):
        click.echo(text.write_diagnostics(checked.diagnostics, files), err=True, nl=False)
        raise SystemExit(RULESET_INVALID)
    return checked


def load_compiled(path: Path) -> tuple[Compiled, ...]:
    """Return the rulesets of a file or folder, ready to decide; where one is broken, say so and end."""
    checked = load_sound(path)
    if not checked.rulesets:
        raise click.UsageError(f"There is no ruleset in {path}; a ruleset is a .yaml file with the key “ruleset”.")
    return tuple(compile_ruleset(ruleset) for ruleset in checked.rulesets)
