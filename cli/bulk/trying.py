"""A change tried on accounts for `dunning diff`: theirs are read, decided by both sides, and told in one form."""

import tempfile
from pathlib import Path

import msgspec
import rich_click as click

from cli.bulk.answers import find_fetch, name_source
from cli.bulk.impact import Measured, Trial, measure
from cli.bulk.plan import RunRefused
from cli.comparing import load_place
from cli.options import LogOptions
from cli.reporters import impact
from cli.revisions import Place
from engine.evaluation.program import compile_ruleset


def try_change(
    trial: Trial, old: Place, new: Place, form: str, context: click.Context, options: LogOptions
) -> str | dict[str, object]:
    """Return what a change comes to for accounts, in the form asked; what cannot be read ends with a sentence."""
    measured = _measure(trial, old, new, context, options)
    if form == "json":
        return impact.tell(measured)
    if form == "html":
        return "\n".join(impact.write_html(measured))
    return impact.write_markdown(measured) if form == "markdown" else impact.write_text(measured)


def _measure(trial: Trial, old: Place, new: Place, context: click.Context, options: LogOptions) -> Measured:
    sides = [[*load_place(place).values()] for place in (old, new)]
    both = (compile_ruleset(each) for side in sides for each in side)
    try:
        fetch = find_fetch(trial.accounts, trial.leave_out, both, context, options)
        with tempfile.TemporaryDirectory(prefix="dunning-") as folder:
            if fetch is not None:
                copied = Path(folder) / "accounts.ndjson"
                fetch(copied)
                trial = msgspec.structs.replace(trial, accounts=str(copied), shown=name_source(trial.accounts))
            return measure(trial, *sides, is_alone=not old.is_folder and not new.is_folder)
    except RunRefused as problem:
        raise click.ClickException(str(problem).rstrip()) from None
