"""The end of a run: its parts become the answer, and the answer stands under its name all at once."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec
from pyarrow import fs

from cli.bulk.carrying import REFUSED_COLUMNS
from cli.bulk.places import Place, form_of
from cli.bulk.plan import FORMS, Plan
from cli.bulk.workfolder import WorkFolder
from cli.bulk.writing import join_parts, keep_folder, write_header

_PART = re.compile(rf"part-[0-9]{{5,}}\.({'|'.join(FORMS)})", re.ASCII)


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

    def find_obstacle(self) -> str | None:
        """Return why what stands there cannot be replaced, None where it can."""

    def put(self, folder: WorkFolder, plan: Plan) -> None:
        """Put the decisions there; doing it again changes nothing."""


class FileAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A file, or a folder of parts."""

    out: Place
    refused: Path
    report: Path | None = None

    @property
    def beside(self) -> tuple[Path, ...]:
        """The files that a run writes besides, which may lie in the folder of the parts."""
        return (self.refused,) if self.report is None else (self.refused, self.report)

    @property
    def shown(self) -> str:
        """How it is named."""
        return self.out.shown

    @property
    def is_there(self) -> bool:
        """Tell whether something stands there already."""
        return bool(self.out.system.get_file_info(self.out.path).type != fs.FileType.NotFound)

    def find_obstacle(self) -> str | None:
        """Return why what stands there cannot be replaced: of a folder only what a run has written goes away."""
        kind = self.out.system.get_file_info(self.out.path).type
        if form_of(self.out.path) is not None:
            return "is a folder; give another --out" if kind == fs.FileType.Directory else None
        if kind == fs.FileType.File:
            return "is a file, and parts need a folder; give another --out"
        others = sorted(each.base_name for each in _list_folder(self.out) if not self._is_ours(each))
        return f"holds {others[0]}, which no run has written; move it away, or give another --out" if others else None

    def _is_ours(self, info: fs.FileInfo) -> bool:
        is_here = isinstance(self.out.system, fs.LocalFileSystem)
        return _is_part(info) or (is_here and Path(info.path).resolve() in {each.resolve() for each in self.beside})

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
        _remove_parts(out, keep={part.name for part in parts if not part.exists()})  # those were placed before a stop
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


def _list_folder(place: Place) -> list[fs.FileInfo]:
    return list(place.system.get_file_info(fs.FileSelector(place.path, allow_not_found=True)))


def _is_part(info: fs.FileInfo) -> bool:
    return info.type == fs.FileType.File and _PART.fullmatch(info.base_name) is not None


def _remove_parts(out: Place, *, keep: set[str]) -> None:
    """Take away the parts of the answer that is replaced, and nothing else."""
    for info in _list_folder(out):
        if _is_part(info) and info.base_name not in keep:
            out.system.delete_file(info.path)


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
