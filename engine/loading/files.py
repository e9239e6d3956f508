"""The YAML files of a folder on disk, as the pure functions want them."""

from importlib.resources.abc import Traversable

_ENDINGS = (".yaml", ".yml")


def read_folder(folder: Traversable) -> dict[str, bytes]:
    """Return the YAML files of a folder (a ``pathlib.Path`` will do) by their path, those of subfolders too."""
    files: dict[str, bytes] = {}
    for each in sorted(folder.iterdir(), key=str):
        if each.name.startswith("."):
            continue
        if each.is_dir():
            files |= read_folder(each)
        elif each.name.endswith(_ENDINGS):
            files[str(each)] = each.read_bytes()
    return files
