"""What the tests of several rooms share: one real PostgreSQL for the run, a fresh database for each module, a limit."""

import asyncio
import itertools
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Coroutine, Generator, Iterator
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest

from store.database import Database
from store.embedded import EmbeddedServer
from store.migration import migrate
from tests.folders import make_open_folder

_T = TypeVar("_T")
_TEMPLATE = "dunning_template"
_TEMPLATE_LOCK = 7310562
_NUMBERS = itertools.count()
# A test run's data need not survive the machine; only kill tests, which start servers of their own, ask for more.
_QUICK = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}
# What may take longer than other tests: what is marked so, and random cases of which more are asked for than at a desk.
_LONG = ("slow", "heavy", *(["property"] if "DUNNING_PROPERTY_COUNT" in os.environ else []))
# The limit is for whoever writes a test. A machine of CI, which may be slower by half or share its cores, fails none.
_PATIENCE = 3 if "CI" in os.environ else 1
# The frame around an error breaks lines where the terminal ends, within a path as well: no path here is as long.
os.environ["TERMINAL_WIDTH"] = "1000"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let pyproject.toml say how long a test may take."""
    parser.addini("longest_test_seconds", "the seconds of a core that a test without a mark may take", type="string")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that takes long without a mark, by processor time: a busy machine hardly changes that."""
    begun = _count_core_seconds()
    result = yield
    seconds, most = _count_core_seconds() - begun, float(item.config.getini("longest_test_seconds")) * _PATIENCE
    is_watched = sys.gettrace() is not None  # a debugger or coverage makes everything slower
    if seconds > most and not is_watched and not any(item.get_closest_marker(name) for name in _LONG):
        pytest.fail(f"It took {seconds:.1f} s of a core, more than {most:g}: mend that or mark it slow.", pytrace=False)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the run took of the cores, the workers of pytest-xdist included, which have ended by now."""
    terminalreporter.write_line(f"{_count_core_seconds():.0f} seconds of the cores, without PostgreSQL's.")


def _count_core_seconds() -> float:
    """Count what this process and those that it started and saw end have taken."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio only: asyncpg knows no other."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    """Start the run's PostgreSQL, shared by all workers of pytest-xdist; the last one stops it."""
    worker = getattr(request.config, "workerinput", {})
    run = worker.get("testrunuid", f"{os.getpid()}")
    folder = Path(tempfile.gettempdir()) / f"dunning-tests-{run}"
    server = EmbeddedServer.start(folder, settings=_QUICK)
    yield server
    if server.release():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Make a folder that a PostgreSQL of the test's own can be kept in."""
    with make_open_folder() as made:
        yield made


@pytest.fixture(scope="module")
def database_url(postgres: EmbeddedServer) -> Iterator[str]:
    """Make a fresh migrated database for the module and name it."""
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    _run(_make_database(postgres, name))
    yield postgres.url(name)
    _run(_execute(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def empty_database_url(postgres: EmbeddedServer) -> Iterator[str]:
    """Make a fresh database without any table and name it."""
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    _run(_execute(postgres, f"CREATE DATABASE {name}"))
    yield postgres.url(name)
    _run(_execute(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


async def _make_database(server: EmbeddedServer, name: str) -> None:
    """Copy the migrated template, making it first where no worker of this run has yet."""
    connection = await asyncpg.connect(server.url())
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _TEMPLATE_LOCK)
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", _TEMPLATE):
            await connection.execute(f"CREATE DATABASE {_TEMPLATE}")
            database = await Database.open(server.url(_TEMPLATE))
            await migrate(database)
            await database.close()
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    finally:
        await connection.close()


async def _execute(server: EmbeddedServer, statement: str) -> None:
    connection = await asyncpg.connect(server.url())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _run(work: Coroutine[object, object, _T]) -> _T:
    return asyncio.run(work)
