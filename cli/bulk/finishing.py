"""The end of a run: its parts become the answer, and the answer stands under its name all at once."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from pyarrow import fs

from cli.bulk.carrying import REFUSED_COLUMNS
from cli.bulk.places import Place, form_of
from cli.bulk.plan import Plan
from cli.bulk.workfolder import WorkFolder
from cli.bulk.writing import join_parts, keep_folder, write_header


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Where decisions and refused accounts go."""

    out: Place
    refused: Path

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


def finish(folder: WorkFolder, plan: Plan, answer: Answer) -> None:
    """Put the parts of a run where they were asked for; doing it again changes nothing."""
    parts = [folder.part_of(unit, plan.form) for unit in plan.units]
    whole = folder.path / f"whole.{plan.form}"
    is_file = form_of(answer.out.path) is not None
    if is_file:
        join_parts(whole, parts, plan.columns, plan.form)
    else:
        parts = list(_with_headers(folder, plan, parts))
    local = fs.LocalFileSystem()
    if isinstance(answer.out.system, fs.LocalFileSystem):
        _place_here(Path(answer.out.path), [whole] if is_file else parts, is_file=is_file)
    elif is_file:
        fs.copy_files(str(whole), answer.out.path, source_filesystem=local, destination_filesystem=answer.out.system)
    else:
        answer.out.system.create_dir(answer.out.path)
        for part in parts:
            target = f"{answer.out.path}/{part.name}"
            fs.copy_files(str(part), target, source_filesystem=local, destination_filesystem=answer.out.system)
    join_parts(answer.refused, [folder.refused_of(unit) for unit in plan.units], REFUSED_COLUMNS, "csv")


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
