"""Ruleset files on disk: what a path on the command line stands for, read and checked."""

from collections.abc import Iterable
from pathlib import Path

import rich_click as click

from cli.exits import RULESET_INVALID
from cli.reporters import text
from engine.evaluation.program import Compiled
from engine.examination.examine import Examination, examine_files
from engine.loading.files import read_folder
from engine.loading.folder import SHARED_FILES

Files = dict[str, bytes]


def read_files(paths: Iterable[Path], *, with_siblings: bool = False) -> Files:
    """Return the YAML files of each folder, and each file with the shared files beside it, or with all beside it."""
    files: Files = {}
    for path in paths:
        if path.is_dir():
            files |= read_folder(path)
            continue
        files[str(path)] = path.read_bytes()
        shared = [path.with_name(name) for name in SHARED_FILES]
        beside = sorted(path.parent.glob("*.y*ml")) if with_siblings else shared
        files |= {str(each): each.read_bytes() for each in beside if each.is_file()}
    return files


def load_sound(path: Path) -> Examination:
    """Return the rulesets of a file or folder, not analysed; where one is broken, say so and end."""
    files = read_files([path])
    examination = examine_files(files)
    if examination.has_errors:
        click.echo(text.write_diagnostics(examination.diagnostics, files), err=True, nl=False)
        raise SystemExit(RULESET_INVALID)
    return examination


def load_compiled(path: Path) -> tuple[Compiled, ...]:
    """Return the rulesets of a file or folder, ready to decide; where one is broken, say so and end."""
    examination = load_sound(path)
    if not examination.rulesets:
        raise click.UsageError(f"There is no ruleset in {path}; a ruleset is a .yaml file with the key “ruleset”.")
    return tuple(examination.compiled(ruleset) for ruleset in examination.rulesets)
