"""Two places' rulesets brought together by their id and compared."""

from collections.abc import Mapping

from cli.reporters import text
from cli.revisions import NothingThereError, Place
from engine.comparison.compare import compare, compare_presence
from engine.loading.folder import load_folder
from engine.loading.load import has_errors
from engine.model.ruleset import Ruleset
from pages.diffhtml import Compared


class BrokenError(Exception):
    """A place has a ruleset with errors; its words say which, with their lines."""


def compare_places(old: Place, new: Place, *, budget: int) -> tuple[Compared, ...]:
    """Compare two files whatever their ids, or else each ruleset with the one of its id; BrokenError."""
    theirs, ours = load_place(old), load_place(new)
    if not old.is_folder and not new.is_folder:
        return (_compare(next(iter(theirs.values())), next(iter(ours.values())), budget),)
    if not old.is_folder:
        ours = {name: ruleset for name, ruleset in ours.items() if name in theirs}
    if not new.is_folder:
        theirs = {name: ruleset for name, ruleset in theirs.items() if name in ours}
    names = [*ours, *(name for name in theirs if name not in ours)]
    return tuple(_compare(theirs.get(name), ours.get(name), budget) for name in names)


def _compare(old: Ruleset | None, new: Ruleset | None, budget: int) -> Compared:
    if old is None or new is None:
        return Compared(old=old, new=new, difference=compare_presence(old, new))
    return Compared(old=old, new=new, difference=compare(old, new, budget=budget))


def load_place(place: Place) -> Mapping[str, Ruleset]:
    """Return the rulesets of a place by id; BrokenError where one has errors, NothingThereError where there is none."""
    folder = load_folder(place.files)
    if has_errors(folder.diagnostics):
        errors = [diagnostic for diagnostic in folder.diagnostics if diagnostic.severity == "error"]
        said = text.write_diagnostics(errors, place.files)
        raise BrokenError(f"{place.name} cannot be compared, for it has errors:\n{said}")
    found = {each.ruleset.id: each.ruleset for each in folder.loaded if each.ruleset is not None}
    if not found:
        raise NothingThereError(
            f"There is no ruleset in {place.name}; a ruleset is a .yaml file with the key “ruleset”."
        )
    return found
