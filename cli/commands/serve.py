"""`dunning serve`: the server, and a folder of rulesets kept published."""

import asyncio
import logging
from pathlib import Path

import rich_click as click

from api.apart import Examiner
from cli.options import ServerOptions, port_option, server_options
from cli.rulesetfolder import RulesetFolder
from cli.running import Service, run
from store.store import Store

_LOG = logging.getLogger("dunning.server")


@click.command("serve")
@server_options
@port_option(8080)
@click.option(
    "--rulesets",
    envvar="DUNNING_RULESETS",
    show_envvar=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Publish the rulesets of this folder and every change of them; a broken file keeps its last good version.",
)
def command(options: ServerOptions, port: int, rulesets: Path | None) -> None:
    """Answer over HTTP until stopped.

    A ruleset's file in a git repository is published with its commit, author and committer, if it is as committed.
    """
    folders: list[RulesetFolder] = []
    say = _LOG.info if options.log_format == "json" else _say

    async def prepare(store: Store, status: Path) -> None:
        if rulesets is not None:
            folders.append(RulesetFolder(rulesets, store.rulesets, Examiner(status.parent), say))
            await folders[0].begin(status)

    async def keep(store: Store, status: Path, stop: asyncio.Event) -> None:
        del store
        for folder in folders:
            await folder.watch(stop, status)

    run(
        Service(
            options=options,
            port=port,
            prepare=prepare,
            keep=keep,
            on_ready=lambda address: say(f"Listening on {address}; stop with Ctrl-C."),
        )
    )


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)
