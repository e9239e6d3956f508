"""`dunning demo`: everything on this machine in one go."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import shlex
import signal
import threading
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import rich_click as click

from api import server
from api.apart import Examiner
from api.operation import SCOPES
from api.usage import RulesetsInUse, put_in_use
from api.versions import compile_version
from cli.halfyear import HalfYear, publish_earlier
from cli.options import ServerOptions, port_option, server_options
from cli.rulesetfolder import RulesetFolder
from cli.running import Service, run
from cli.samples import find_showpiece, read_samples
from cli.users import find_user, name_actor
from store.rulesets import Provenance
from store.store import Store
from store.tokens import Token

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
    """Start PostgreSQL, publish the example rulesets, store accounts with half a year, serve, say what to try.

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
        self._as_of = ""
        self.folders: list[RulesetFolder] = []
        self.has_failed = False

    async def prepare(self, store: Store, status: Path) -> None:
        """Publish, store the samples, make a token, choose an account to show."""
        _say(f"PostgreSQL is up; its data are in {self._data}.")
        self._secret, token = await _find_token(store, self._data / TOKEN_FILE)
        samples = await read_samples(store, RULESETS / "samples", dt.datetime.now(dt.UTC).date())
        self._as_of = samples.as_of
        folder = RulesetFolder(RULESETS, store.rulesets, Examiner(status.parent), _say)
        self.folders.append(folder)
        await _store_half_year(HalfYear(store, samples, token), store, folder)
        await folder.begin(status)
        _say(f"{len(samples.accounts)} sample accounts are stored, and what was done for them in half a year.")
        async with _in_use(store) as rulesets:
            self._account = await find_showpiece(store, samples, rulesets.compiled)

    def announce(self, address: str) -> None:
        """Say what to try as soon as it works, beside the server, which goes on preparing."""
        threading.Thread(target=self._announce, args=(address,), daemon=True).start()

    def _announce(self, address: str) -> None:
        """Print three commands to try, where the console is, and the token that opens it."""
        _await_prepared(address)
        self._propose_run(address)
        commands = self._write_commands(address)
        _say(f"Listening on {address}; stop with Ctrl-C. The API is described at {address}/schema.\n")
        for about, line in commands:
            click.echo(f"# {about}\n{line}\n")
        about = "See what is due, why, and what it brought: open this in a browser, and sign in with the token below it"
        click.echo(f"# {about}\n{address}/console\ntoken: {self._secret}\n")
        if self._is_once:
            self._try_first(address)

    def _propose_run(self, address: str) -> None:
        """Propose a run over the samples, once: what would be done for all of them, and for whom nothing."""
        with contextlib.suppress(OSError, ValueError):  # the three commands show what is wrong
            if not self._ask(f"{address}/v1/runs")["runs"]:
                self._ask(f"{address}/v1/runs", json.dumps({"as_of": self._as_of}).encode())

    def _ask(self, url: str, body: bytes | None = None) -> Any:  # noqa: ANN401  what the server says
        """Ask the server as the commands do."""
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        request = urllib.request.Request(url, body, headers)  # noqa: S310  ours
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  as above
            return json.load(answer)

    def _write_commands(self, address: str) -> list[tuple[str, str]]:
        account = f"{address}/v1/accounts/{quote(self._account, safe='')}"
        as_of = quote(self._as_of)
        paths = [
            ("What is the next dunning action for this account?", f"{account}/next-action?as_of={as_of}"),
            ("What happens if nobody pays?", f"{account}/timeline?as_of={self._as_of[:10]}"),
            ("What was decided, from what?", f"{address}/v1/decisions?account={quote(self._account)}&limit=1"),
        ]
        header = shlex.quote(f"Authorization: Bearer {self._secret}")
        return [(about, f"curl -s -H {header} {shlex.quote(path)}") for about, path in paths]

    def _try_first(self, address: str) -> None:
        """Ask as the first command does, then stop the server."""
        url = shlex.split(self._write_commands(address)[0][1])[-1]
        try:
            decision = self._ask(url)
            click.echo(json.dumps(decision, indent=2, ensure_ascii=False))
            self.has_failed = decision["outcome"] != "act"
        except (OSError, ValueError) as problem:
            _say(f"{url}: {problem}")
            self.has_failed = True
        os.kill(os.getpid(), signal.SIGTERM)


async def _store_half_year(half_year: HalfYear, store: Store, folder: RulesetFolder) -> None:
    """Store what the samples lived through, once; of a first start that was ended meanwhile what is left of it."""
    if not await half_year.is_begun():
        _say("Half a year of two hundred accounts is lived through; that is done once.")
        provenance = Provenance(publisher=name_actor(), publisher_name=find_user())
        await publish_earlier(store.rulesets, RULESETS, provenance)
        async with _in_use(store) as rulesets:
            await half_year.begin(rulesets)
        await folder.publish()
        async with _in_use(store) as rulesets:
            await half_year.end(rulesets)
    elif not await half_year.is_ended():
        await half_year.store_as_it_is()


@contextlib.asynccontextmanager
async def _in_use(store: Store) -> AsyncIterator[RulesetsInUse]:
    """Make the versions in use ready, for this process alone."""
    versions = await store.rulesets.active_at()
    compiled = tuple([await asyncio.to_thread(compile_version, version) for version in versions])
    yield put_in_use(compiled)
    for one in compiled:
        one.close()


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


async def _find_token(store: Store, path: Path) -> tuple[str, Token]:
    """Use the token of the last demo, so that its commands still work, or make one; answers its secret too."""
    secret = _read_secret(path)
    token = await store.tokens.verify(secret) if secret else None
    if token is not None:
        return secret, token
    made = await store.tokens.create("demo", frozenset(SCOPES))
    _write_secret(path, made.secret)
    return made.secret, made.token


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
