"""`dunning demo`: everything on this machine in one go."""

import asyncio
import contextlib
import json
import os
import shlex
import signal
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import rich_click as click

from api import server
from api.apart import Examiner
from api.operation import SCOPES
from cli.options import ServerOptions, port_option, server_options
from cli.rulesetfolder import RulesetFolder
from cli.running import Service, run
from cli.samples import AS_OF, find_showpiece, store_samples
from store.store import Store

RULESETS = Path(__file__).parents[2] / "rulesets"
USUAL_PORT = 8080
TOKEN_FILE = "demo-token"  # noqa: S105  a file's name
_SECONDS = 300  # on a machine that is very busy; usually one or two
_BETWEEN_LOOKS_SECONDS = 0.1


@click.command("demo")
@server_options
@port_option(None)
@click.option("--once", is_flag=True, help="Run the first of the commands, print its answer, and stop.")
def command(*, options: ServerOptions, port: int | None, once: bool) -> None:
    """Start PostgreSQL, publish the example rulesets, store sample accounts, serve, and say what to try.

    Everything is kept in the data folder, for the next time too; the demo's token with it, which a real service would
    not do.
    """
    demo = _Demo(options.data, is_once=once)

    async def keep(store: Store, status: Path, stop: asyncio.Event) -> None:
        del store
        await demo.folders[0].watch(stop, status)

    run(
        Service(
            options=options,
            port=_choose_port(options.host) if port is None else port,
            prepare=demo.prepare,
            keep=keep,
            on_ready=demo.announce,
        )
    )
    if demo.has_failed:
        raise click.ClickException("The first command was not answered with a decision.")


class _Demo:
    """What the demo prepares and then shows."""

    def __init__(self, data: Path, *, is_once: bool) -> None:
        self._data = data
        self._is_once = is_once
        self._secret = ""
        self._account = ""
        self.folders: list[RulesetFolder] = []
        self.has_failed = False

    async def prepare(self, store: Store, status: Path) -> None:
        """Publish, store the samples, make a token, choose an account to show."""
        _say(f"PostgreSQL is up; its data are in {self._data}.")
        self.folders.append(RulesetFolder(RULESETS, store.rulesets, Examiner(status.parent), _say))
        await self.folders[0].begin(status)
        count = await store_samples(store, RULESETS / "samples")
        _say(f"{count} sample accounts are stored.")
        self._secret = await _find_token(store, self._data / TOKEN_FILE)
        self._account = await find_showpiece(store, RULESETS / "samples")

    def announce(self, address: str) -> None:
        """Say what to try as soon as it works, beside the server, which goes on preparing."""
        threading.Thread(target=self._announce, args=(address,), daemon=True).start()

    def _announce(self, address: str) -> None:
        """Print the token and three commands to try."""
        _await_prepared(address)
        commands = self._write_commands(address)
        _say(f"Listening on {address}; stop with Ctrl-C. The API is described at {address}/schema.\n")
        click.echo(f"token: {self._secret}\n")
        click.echo(f"# Look at what is due: sign in with the token\n{address}/console\n")
        for about, line in commands:
            click.echo(f"# {about}\n{line}\n")
        if self._is_once:
            self._try_first(address)

    def _write_commands(self, address: str) -> list[tuple[str, str]]:
        account = f"{address}/v1/accounts/{quote(self._account, safe='')}"
        as_of = quote(AS_OF)
        paths = [
            ("What is the next dunning action for this account?", f"{account}/next-action?as_of={as_of}"),
            ("What happens if nobody pays?", f"{account}/timeline?as_of={AS_OF[:10]}"),
            ("What was decided, from what?", f"{address}/v1/decisions?account={quote(self._account)}&limit=1"),
        ]
        header = shlex.quote(f"Authorization: Bearer {self._secret}")
        return [(about, f"curl -s -H {header} {shlex.quote(path)}") for about, path in paths]

    def _try_first(self, address: str) -> None:
        """Ask as the first command does, then stop the server."""
        url = shlex.split(self._write_commands(address)[0][1])[-1]
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self._secret}"})  # noqa: S310  ours
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  as above
                decision = json.load(answer)
            click.echo(json.dumps(decision, indent=2, ensure_ascii=False))
            self.has_failed = decision["outcome"] != "act"
        except (OSError, ValueError) as problem:
            _say(f"{url}: {problem}")
            self.has_failed = True
        os.kill(os.getpid(), signal.SIGTERM)


def _await_prepared(address: str) -> None:
    """Wait until no ruleset is being prepared any more: until then its accounts are refused."""
    last = time.monotonic() + _SECONDS
    while time.monotonic() < last:
        with (
            contextlib.suppress(OSError),  # it cannot decide at all yet
            urllib.request.urlopen(f"{address}/readyz", timeout=_SECONDS) as answer,  # noqa: S310  our own
        ):
            if not any("is being prepared" in notice for notice in json.load(answer)["notices"]):
                return
        time.sleep(_BETWEEN_LOOKS_SECONDS)


async def _find_token(store: Store, path: Path) -> str:
    """Use the token of the last demo, so that its commands still work, or make one."""
    secret = _read_secret(path)
    if secret and await store.tokens.verify(secret) is not None:
        return secret
    made = await store.tokens.create("demo", frozenset(SCOPES))
    _write_secret(path, made.secret)
    return made.secret


def _read_secret(path: Path) -> str:
    return path.read_text(encoding="ascii", errors="replace").strip() if path.exists() else ""


def _write_secret(path: Path, secret: str) -> None:
    """Write a secret where only this user can read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret + "\n")


def _choose_port(host: str) -> int:
    """Take the usual port, or any free one where it is taken."""
    try:
        server.bind(host, USUAL_PORT).close()
    except OSError:
        _say(f"Port {USUAL_PORT} is taken; another is used.")
        return 0
    return USUAL_PORT


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)
