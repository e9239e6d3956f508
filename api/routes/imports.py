"""Importing accounts: newline-delimited JSON of any size, stored in batches while it is still being sent."""

from collections.abc import AsyncIterator

from litestar import post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.response import Response
from litestar.types import Receive, Scope

from api.answers import answer_json
from api.documents import check_document
from api.messages import Account, ImportAnswer, ImportQuery, LineProblem
from api.operation import MEBIBYTE, NDJSON, OPT_KEY, Answer, Body, Operation
from api.problems import ProblemError
from api.requests import check_media_type, read_query, receive_part
from api.service import find_service
from store.accounts import Accounts, ImportedLine

_BATCH = 1000
_MOST_PROBLEMS = 1000
_BODY = Body(record=Account, media_types=(NDJSON, "application/ndjson", "application/jsonl"), most_bytes=None)

IMPORT = Operation(
    name="importAccounts",
    summary="Store many accounts, one JSON document a line; good lines are stored whatever the others are like.",
    method="POST",
    scope="accounts",
    query=ImportQuery,
    body=_BODY,
    answers=(Answer(about="What became of the lines; at most 1,000 problems are listed.", record=ImportAnswer),),
    problems=("too-many-requests", "unavailable"),
)


@post("/v1/accounts:import", status_code=200, opt={OPT_KEY: IMPORT})
async def import_accounts(request: Request[object, object, State]) -> Response[bytes]:
    """Import accounts."""
    scope = request.scope
    asked = read_query(scope, ImportQuery)
    check_media_type(scope, _BODY)
    service = find_service(scope)
    if service.batches.locked():
        raise ProblemError("too-many-requests", "Enough imports are running already.", headers={"Retry-After": "5"})
    async with service.batches:
        running = _Import(service.store.accounts, asked.id)
        return answer_json(await running.run(scope, request.receive))


class _Import:
    """One import: counts its lines, checks each, and stores the good ones a batch at a time."""

    def __init__(self, accounts: Accounts, import_id: str | None) -> None:
        self._accounts = accounts
        self._id = import_id
        self._line = 0
        self._done = 0
        self._batch: list[ImportedLine] = []
        self._problems: list[LineProblem] = []
        self._refused = self._new = self._replaced = 0

    async def run(self, scope: Scope, receive: Receive) -> ImportAnswer:
        """Take every line."""
        del scope
        self._done = await self._accounts.begin_import(self._id) if self._id is not None else 0
        async for line in _read_lines(receive):
            self._line += 1
            if self._line > self._done:
                self._take(line)
            if len(self._batch) == _BATCH:
                await self._flush()
        await self._flush()
        return ImportAnswer(
            lines_count=self._line,
            new_count=self._new,
            replaced_count=self._replaced,
            skipped_count=min(self._done, self._line),
            refused_count=self._refused,
            problems=tuple(self._problems),
        )

    def _take(self, line: bytes | None) -> None:
        if line is None:
            self._refuse("", f"The line is longer than {MEBIBYTE:,} bytes.")
        elif line.strip():
            try:
                account = check_document(line, None)
            except ProblemError as problem:
                place = problem.details.problems
                self._refuse((place[0].pointer or "") if place else "", problem.details.detail)
            else:
                self._batch.append(ImportedLine(id=account.id, document=line.strip()))

    def _refuse(self, pointer: str, message: str) -> None:
        self._refused += 1
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(LineProblem(line=self._line, pointer=pointer, message=message))

    async def _flush(self) -> None:
        if not self._batch:
            return
        count = await self._accounts.import_lines(self._batch, import_id=self._id, lines_done=self._line)
        self._new += count.new_count
        self._replaced += count.replaced_count
        self._batch = []


async def _read_lines(receive: Receive) -> AsyncIterator[bytes | None]:
    """Read the body line by line; ``None`` stands for a line too long to be held."""
    rest = bytearray()
    is_too_long = False
    more = True
    while more:
        part, more = await receive_part(receive)
        *lines, last = part.split(b"\n")
        for line in lines:
            rest += line
            yield None if is_too_long or len(rest) > MEBIBYTE else bytes(rest)
            rest.clear()
            is_too_long = False
        rest += last
        if len(rest) > MEBIBYTE:
            rest.clear()
            is_too_long = True
    if rest or is_too_long:
        yield None if is_too_long else bytes(rest)
