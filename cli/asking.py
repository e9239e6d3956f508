"""The options that `dunning decide` and `dunning timeline` share."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

import rich_click as click

from engine.evaluation.program import Compiled

P = ParamSpec("P")
R = TypeVar("R")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def takes_an_account(command: Callable[P, R]) -> Callable[P, R]:
    """Add --ruleset, --account, --history, --outcomes and --track to a command."""
    options = (
        click.option(
            "--ruleset",
            "ruleset_path",
            required=True,
            type=click.Path(exists=True, path_type=Path),
            envvar="DUNNING_RULESET",
            show_envvar=True,
            help="A ruleset file, or a folder of which the one that covers the account decides.",
        ),
        click.option(
            "--account",
            "account_path",
            required=True,
            type=_FILE,
            envvar="DUNNING_ACCOUNT",
            show_envvar=True,
            help="The account: YAML or JSON, alone or as {as_of: …, account: …, history: […], outcomes: […]}.",
        ),
        click.option(
            "--history",
            "history_path",
            type=_FILE,
            envvar="DUNNING_HISTORY",
            show_envvar=True,
            help="What was executed so far: a list in YAML or JSON, or NDJSON.",
        ),
        click.option(
            "--outcomes",
            "outcomes_path",
            type=_FILE,
            envvar="DUNNING_OUTCOMES",
            show_envvar=True,
            help="Payments, promises and disputes so far: a list in YAML or JSON, or NDJSON.",
        ),
        click.option(
            "--track",
            default="dunning",
            envvar="DUNNING_TRACK",
            show_envvar=True,
            help="Which rulesets of a folder are asked; a file is asked whatever its track.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def only_one(rulesets: Sequence[Compiled]) -> str | None:
    """Return the id of the ruleset if there is but one: then that one is asked."""
    return rulesets[0].ruleset.id if len(rulesets) == 1 else None
