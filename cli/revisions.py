"""What `dunning diff` is given: files and folders on disk, or as they were in a git revision (`REV:path`)."""

import subprocess
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

import msgspec
import rich_click as click

from cli.exits import FAILED
from cli.rulesetfiles import Files, read_files
from engine.loading.folder import SHARED_FILES

_SECONDS = 30
_LAST_COMMIT = "HEAD"
_ENDINGS = (".yaml", ".yml")


class NothingThereError(click.UsageError):
    """A place of git holds no rulesets yet: before the first commit, or before the folder was made."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The YAML files of a place, by their path within it; ``is_folder`` tells a folder from one ruleset."""

    name: str
    files: Files
    is_folder: bool


def read_place(name: str) -> Place:
    """Read a file, a folder or `REV:path`; ends with a sentence where there is no such thing."""
    path = Path(name)
    if path.exists():
        return _read_disk(name, path)
    revision, colon, inside = name.partition(":")
    if not colon:
        hint = f"for an earlier version of it, name a git revision: main:{name}"
        raise click.UsageError(f"There is no file or folder {name}; {hint}.")
    return _read_revision(name, revision or _LAST_COMMIT, inside)


def _read_disk(name: str, path: Path) -> Place:
    files = read_files([path])
    if not path.is_dir():
        return Place(name=name, files=files, is_folder=False)
    return Place(name=name, files={str(Path(file).relative_to(path)): files[file] for file in files}, is_folder=True)


def _read_revision(name: str, revision: str, inside: str) -> Place:
    root = _find_top(name)
    if _try(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") is None:
        if revision == _LAST_COMMIT:
            raise NothingThereError(f"{name}: there is no commit yet.")
        raise click.UsageError(
            f"{name}: git knows no revision {revision}; `git log --oneline` and `git branch` list them."
        )
    path = PurePosixPath(inside)
    address = f"{revision}:{'' if str(path) == '.' else path}"
    kind = _try(root, "cat-file", "-t", address)
    if kind is None:
        is_new = (Path(root) / path).exists()  # what is nowhere is mistyped, and no beginning
        refusal = NothingThereError if is_new else click.UsageError
        raise refusal(f"{name}: there is no {inside} in {revision}; {_hint(root, revision, inside)}.")
    if kind.strip() == b"tree":
        return Place(name=name, files=_read_tree(root, address), is_folder=True)
    files = {str(path): _show(root, address)}
    for shared in map(path.with_name, SHARED_FILES):
        if (beside := _try(root, "show", f"{revision}:{shared}")) is not None:
            files[str(shared)] = beside
    return Place(name=name, files=files, is_folder=False)


def _find_top(name: str) -> str:
    found = _try(".", "rev-parse", "--show-toplevel")
    if found is None:
        hint = (
            "a revision can be read inside a git repository only; name a file or a folder, or change to the repository"
        )
        raise click.UsageError(f"There is no file or folder {name}, and {Path.cwd()} is in no git repository: {hint}.")
    return found.decode().strip()


def _hint(root: str, revision: str, inside: str) -> str:
    """Say where the path may have been meant to lead."""
    counted = f"the path counts from the top of the repository, {Path(root).name}/"
    from_here = f"{(_try('.', 'rev-parse', '--show-prefix') or b'').decode().strip()}{PurePosixPath(inside)}"
    if from_here != inside and _try(root, "cat-file", "-t", f"{revision}:{from_here}") is not None:
        return f"{counted}: {revision}:{from_here}"
    listed = [file for file in _show_names(root, f"{revision}:") if _is_wanted(file)]
    folders = {str(parent) for file in listed for parent in PurePosixPath(file).parents} - {"."}
    near = get_close_matches(inside, [*listed, *sorted(folders)], n=1)
    return f"{counted}; {revision}:{near[0]} is there" if near else counted


def _read_tree(root: str, address: str) -> Files:
    listed = _show_names(root, address)
    separator = "" if address.endswith(":") else "/"
    return {file: _show(root, f"{address}{separator}{file}") for file in listed if _is_wanted(file)}


def _is_wanted(file: str) -> bool:
    is_hidden = any(part.startswith(".") for part in PurePosixPath(file).parts)
    return file.endswith(_ENDINGS) and not is_hidden


def _show_names(root: str, address: str) -> list[str]:
    listed = _try(root, "ls-tree", "-r", "-z", "--name-only", address)
    return [] if listed is None else [name.decode() for name in listed.split(b"\0") if name]


def _show(root: str, address: str) -> bytes:
    return _ask(address, "-C", root, "show", address)


def _try(root: str, *arguments: str) -> bytes | None:
    """Run git; None where it says no."""
    try:
        return _run("-C", root, *arguments).stdout
    except subprocess.CalledProcessError:
        return None


def _ask(name: str, *arguments: str) -> bytes:
    """Run git, and end with what it says where it says no."""
    try:
        return _run(*arguments).stdout
    except subprocess.CalledProcessError as problem:
        said = problem.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise click.UsageError(f"{name}: git says: {said or 'no'}.") from None


def _run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, timeout=_SECONDS, check=True)  # noqa: S603, S607  # git as it is found; no shell
    except subprocess.TimeoutExpired:
        click.echo(f"git did not answer within {_SECONDS} seconds.", err=True)
    except OSError as problem:
        click.echo(
            f"git cannot be run ({problem.strerror}); a revision can only be read where git is installed.", err=True
        )
    raise SystemExit(FAILED)
