"""Experiments as written, to records (language.md section 8)."""

from engine.loading.complaints import Complaints
from engine.loading.constants import read_date, read_integer
from engine.loading.node import Entry, Node, entries_of, find
from engine.model.ruleset import Experiment

_WHOLE = 100


def read_experiments(node: Node | None, complaints: Complaints) -> tuple[Experiment, ...]:
    """Return the experiments in written order, their variants too."""
    return tuple(_read_experiment(entry, complaints) for entry in entries_of(node))


def _read_experiment(entry: Entry, complaints: Complaints) -> Experiment:
    written = find(entry.value, "variants")
    read = [(each.key.text, read_integer(each.value, complaints, least=0, most=_WHOLE)) for each in entries_of(written)]
    variants = tuple((name, percent) for name, percent in read if percent is not None)
    total = sum(percent for _, percent in variants)
    if written is not None and len(variants) == len(read) and total != _WHOLE:
        complaints.add(
            "percents-add-up", written, f"The variants of {entry.key.text} add up to {total} %, not to 100 %."
        )
    return Experiment(id=entry.key.text, variants=variants, until=read_date(find(entry.value, "until"), complaints))
