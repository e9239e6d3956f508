"""The end of a run: its parts become the answer, and the answer stands under its name all at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec
from pyarrow import fs

from cli.bulk.carrying import REFUSED_COLUMNS
from cli.bulk.places import Place, form_of
from cli.bulk.plan import Plan
from cli.bulk.workfolder import WorkFolder
from cli.bulk.writing import join_parts, keep_folder, write_header


class Answer(Protocol):
    """Where decisions and refused accounts go."""

    @property
    def refused(self) -> Path:
        """The file of refused accounts."""

    @property
    def shown(self) -> str:
        """How it is named."""

    @property
    def is_there(self) -> bool:
        """Whether something stands there already."""

    def remove(self) -> None:
        """Take away what stands there."""

    def put(self, folder: WorkFolder, plan: Plan) -> None:
        """Put the decisions there; doing it again changes nothing."""


class FileAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A file, or a folder of parts."""

    out: Place
    refused: Path

    @property
    def shown(self) -> str:
        """How it is named."""
        return self.out.written

    @property
    def is_there(self) -> bool:
        """Tell whether something stands there already."""
        return bool(self.out.system.get_file_info(self.out.path).type != fs.FileType.NotFound)

    def remove(self) -> None:
        """Take away what stands there."""
        if self.out.system.get_file_info(self.out.path).type == fs.FileType.Directory:
            self.out.system.delete_dir(self.out.path)
        else:
            self.out.system.delete_file(self.out.path)

    def put(self, folder: WorkFolder, plan: Plan) -> None:
        """Put the parts there, as one file or each by itself."""
        _put(folder, plan, self.out)


def finish(folder: WorkFolder, plan: Plan, answer: Answer) -> None:
    """Put what was decided, and who was refused, where it was asked for; doing it again changes nothing."""
    answer.put(folder, plan)
    join_parts(answer.refused, [folder.refused_of(unit) for unit in plan.units], REFUSED_COLUMNS, "csv")


def _put(folder: WorkFolder, plan: Plan, out: Place) -> None:
    parts = [folder.part_of(unit, plan.form) for unit in plan.units]
    whole = folder.path / f"whole.{plan.form}"
    is_file = form_of(out.path) is not None
    if is_file:
        join_parts(whole, parts, plan.columns, plan.form)
    else:
        parts = list(_with_headers(folder, plan, parts))
    local = fs.LocalFileSystem()
    if isinstance(out.system, fs.LocalFileSystem):
        _place_here(Path(out.path), [whole] if is_file else parts, is_file=is_file)
    elif is_file:
        fs.copy_files(str(whole), out.path, source_filesystem=local, destination_filesystem=out.system)
    else:
        out.system.create_dir(out.path)
        for part in parts:
            target = f"{out.path}/{part.name}"
            fs.copy_files(str(part), target, source_filesystem=local, destination_filesystem=out.system)


def _with_headers(folder: WorkFolder, plan: Plan, parts: list[Path]) -> Iterator[Path]:
    """Yield the parts as files that stand by themselves: of CSV each begins with the names of the columns."""
    for part in parts:
        if plan.form != "csv":
            yield part
            continue
        whole = folder.path / part.name
        whole.write_bytes(write_header(plan.columns) + part.read_bytes())
        yield whole


def _place_here(out: Path, files: list[Path], *, is_file: bool) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    if is_file:
        files[0].replace(out)
        keep_folder(out.parent)
        return
    out.mkdir(exist_ok=True)
    for file in files:
        if file.exists():  # else it was placed before the run was stopped
            file.replace(out / file.name)
    keep_folder(out)
