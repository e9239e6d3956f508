"""Files by path or address: one way to list, read and write them, on this machine or in an object store."""

from pathlib import Path
from urllib.parse import unquote

import msgspec
import pyarrow as pa
from pyarrow import fs

from cli.bulk.plan import ENDINGS, Form, Input, RunRefused

_NULL = "__HIVE_DEFAULT_PARTITION__"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder in its file system; ``shown`` is what may be said of it, without keys and passwords."""

    system: fs.FileSystem
    path: str
    written: str

    @property
    def shown(self) -> str:
        """How it is named in what is printed and kept."""
        return hide_secrets(self.written)

    @property
    def form(self) -> Form | None:
        """The form that its name tells, None for a folder."""
        return form_of(self.path)


def form_of(path: str) -> Form | None:
    """Return the form that the ending of a name tells, if it does."""
    return next((form for ending, form in ENDINGS.items() if path.lower().endswith(ending)), None)


def hide_secrets(written: str) -> str:
    """Return an address without its user and options, which may be keys; a path, or a user alone, as it is written."""
    scheme, sign, rest = written.partition("://")
    if not sign:
        return written
    user, at, place = rest.rpartition("@")  # of several the last: a key may hold an @, or a / that should be escaped
    if at and ":" in user.partition("/")[0]:
        rest = place
    return f"{scheme}://{rest.partition('?')[0]}"


def find_place(written: str) -> Place:
    """Return what a path or an address such as s3://bucket/folder names; RunRefused where it is neither."""
    if "://" not in written:
        return Place(system=fs.LocalFileSystem(), path=str(Path(written).absolute()), written=written)
    try:
        system, path = fs.FileSystem.from_uri(written)
    except (pa.ArrowException, OSError, ValueError) as problem:
        shown = hide_secrets(written)
        said = str(problem).replace(written, shown)
        raise RunRefused(f"{shown} cannot be opened: {said}.") from None
    return Place(system=system, path=path.rstrip("/") or path, written=written)


def list_inputs(place: Place) -> tuple[Input, ...]:
    """Return the files of a place, by path; a folder's are all of one form, and may lie in folders named key=value."""
    info = place.system.get_file_info(place.path)
    if info.type == fs.FileType.NotFound:
        raise RunRefused(f"{place.shown} is not there.")
    if info.type == fs.FileType.File:
        return (_input_of(info, place.path),)
    found = place.system.get_file_info(fs.FileSelector(place.path, recursive=True))
    files = sorted(
        (each for each in found if each.type == fs.FileType.File and not _is_hidden(each.path, place.path)),
        key=lambda each: each.path,
    )
    inputs = tuple(_input_of(each, place.path) for each in files)
    forms = sorted({each.form for each in inputs})
    if not inputs:
        raise RunRefused(f"{place.shown} holds no file; files end with {', '.join(ENDINGS)}.")
    if len(forms) > 1:
        raise RunRefused(f"{place.shown} holds files of {' and of '.join(forms)}; put them into folders of their own.")
    return inputs


def _is_hidden(path: str, root: str) -> bool:
    """Tell whether a file is one of those that Spark and others lay beside the data."""
    return any(part.startswith(("_", ".")) for part in path.removeprefix(root).split("/"))


def _input_of(info: fs.FileInfo, root: str) -> Input:
    form = form_of(info.path)
    if form is None:
        raise RunRefused(f"{info.path} is no file of accounts; their names end with {', '.join(ENDINGS)}.")
    folders = info.path.removeprefix(root).split("/")[:-1]
    pairs = (part.partition("=") for part in folders if "=" in part)
    return Input(
        path=info.path,
        form=form,
        size=info.size,
        changed_at_ns=info.mtime_ns,
        partitions={name: None if value == _NULL else unquote(value) for name, _, value in pairs},
    )
