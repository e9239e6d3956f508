"""The entry point of the `dunning` command."""

import errno
import importlib
import pkgutil
from typing import Any

import rich_click as click

from cli import commands
from cli.examples import show_examples
from engine.conditions.boxes import BudgetExceeded
from engine.network.unusable import DurableRulesUnusable

_TOO_LARGE = (
    "The conditions of a ruleset are too large to be decided with; split large “any” conditions, or the ruleset."
    " `dunning check` names it."
)


class CommandFolder(click.RichGroup):
    """The commands of cli/commands/, each imported only when it is asked for, so that a start stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of the alphabet."""
        del ctx
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; none when there is no such file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        try:
            module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        except DurableRulesUnusable as problem:
            raise click.ClickException(f"{problem}") from problem
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  as click's own
        """Run a command; a file that cannot be read or written is said in a sentence."""
        try:
            return super().invoke(ctx)
        except BudgetExceeded as problem:
            raise click.ClickException(_TOO_LARGE) from problem
        except OSError as problem:
            if problem.errno == errno.EPIPE:  # whoever read our output has seen enough
                raise
            place = "" if problem.filename is None else f"{problem.filename}: "
            raise click.ClickException(f"{place}{problem.strerror or problem}.") from problem


@click.group(
    cls=CommandFolder,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
    epilog=show_examples(
        ("dunning init my-rulesets", "lay out a folder to begin with"),
        ("dunning check my-rulesets", "is it valid, and what is odd about it?"),
        ("dunning test my-rulesets", "does it do what its suites say?"),
        ("dunning check --help", "each command explains itself"),
    ),
)
@click.version_option(package_name="dunning")
def main() -> None:
    """Answer "what is the next dunning action for this account?" from YAML rulesets, and prove it later."""
