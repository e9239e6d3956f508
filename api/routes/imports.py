"""Importing accounts: newline-delimited JSON of any size, stored in batches while it is still being sent."""

import hashlib
from collections.abc import AsyncIterator

from litestar import post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.response import Response
from litestar.types import Receive, Scope

from api.accountmessages import Account, ImportAnswer, ImportQuery, LineProblem
from api.answers import answer_json
from api.documents import check_document
from api.operation import MEBIBYTE, NDJSON, OPT_KEY, Answer, Body, Operation
from api.problems import ProblemError, refuse_place
from api.requests import check_media_type, read_query, receive_part
from api.service import find_service
from store.accounts import Accounts, ImportedLine, ImportProgress, ImportRefusal, ImportStep
from store.errors import FactsBeside, ImportConflict

_BATCH = 1000
_MOST_PROBLEMS = 1000
_TOO_LONG = b"\xff\n"  # stands in the digest for a line that is not held
_ANOTHER_FILE = "what was imported under this id before is not how this file begins"
_BODY = Body(
    record=Account, media_types=(NDJSON,), aliases=("application/ndjson", "application/jsonl"), most_bytes=None
)

IMPORT = Operation(
    name="importAccounts",
    summary="Store many accounts, one JSON document a line of 1 MiB at most; a bad line spoils none of the others.",
    method="POST",
    scope="accounts",
    query=ImportQuery,
    body=_BODY,
    answers=(Answer(about="What became of the lines; at most 1,000 problems are listed.", record=ImportAnswer),),
    problems=("too-many-requests", "import-conflict", "unavailable"),
)


@post("/v1/accounts:import", status_code=200, opt={OPT_KEY: IMPORT})
async def import_accounts(request: Request[object, object, State]) -> Response[bytes]:
    """Import accounts."""
    scope = request.scope
    asked = read_query(scope, ImportQuery)
    check_media_type(scope, _BODY)
    service = find_service(scope)
    if service.imports.locked():
        raise ProblemError("too-many-requests", "Enough imports are running already.", headers={"Retry-After": "5"})
    async with service.imports:
        running = _Import(service.store.accounts, asked.id)
        return answer_json(await running.run(scope, request.receive))


class _Import:
    """One import: counts its lines, checks each, and stores the good ones a batch at a time."""

    def __init__(self, accounts: Accounts, import_id: str | None) -> None:
        self._accounts = accounts
        self._id = import_id
        self._line = 0
        self._flushed = 0
        self._hash = hashlib.sha256()
        self._batch: list[tuple[int, ImportedLine]] = []
        self._listed: list[ImportRefusal] = []
        self._kept_count = 0
        self._refused = self._refused_before = self._new = self._replaced = 0

    async def run(self, scope: Scope, receive: Receive) -> ImportAnswer:
        """Take every line; those done by an earlier attempt are passed over, and its refusals said again."""
        del scope
        known = ImportProgress() if self._id is None else await self._accounts.begin_import(self._id)
        self._flushed = known.lines_done
        self._listed, self._kept_count = list(known.refusals), len(known.refusals)
        async for line in _read_lines(receive):
            self._line += 1
            self._hash.update(_TOO_LONG if line is None else line + b"\n")
            if self._line == known.lines_done and known.digest not in {None, self._hash.digest()}:
                raise ImportConflict(_ANOTHER_FILE)
            if self._line > known.lines_done:
                self._take(line)
            if self._line - self._flushed == _BATCH:
                await self._flush()
        if self._line == 0:
            raise refuse_place("", "it is empty: there is no line to import.")
        if self._line < known.lines_done:
            raise ImportConflict(_ANOTHER_FILE)
        await self._flush()
        return ImportAnswer(
            lines_count=self._line,
            new_count=self._new,
            replaced_count=self._replaced,
            skipped_count=known.lines_done - known.refused_count,
            refused_count=known.refused_count + self._refused,
            problems=tuple(LineProblem(line=r.line, pointer=r.pointer, message=r.message) for r in self._listed),
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
                self._batch.append((self._line, ImportedLine(id=account.id, document=line.strip())))

    def _refuse(self, pointer: str, message: str, *, line: int | None = None) -> None:
        self._refused += 1
        if len(self._listed) < _MOST_PROBLEMS:
            place = pointer.replace("\0", "\N{REPLACEMENT CHARACTER}")
            self._listed.append(ImportRefusal(line=line or self._line, pointer=place, message=message))

    async def _flush(self) -> None:
        if self._line <= self._flushed:
            return
        lines = await self._take_out_beside()
        step = None
        if self._id is not None:
            step = ImportStep(
                import_id=self._id,
                lines_before=self._flushed,
                lines_done=self._line,
                digest=self._hash.digest(),
                refused_count=self._refused - self._refused_before,
                refusals=tuple(self._listed[self._kept_count :]),
            )
        count = await self._accounts.import_lines(lines, step=step)
        self._new += count.new_count
        self._replaced += count.replaced_count
        self._flushed, self._kept_count, self._refused_before = self._line, len(self._listed), self._refused
        self._batch = []

    async def _take_out_beside(self) -> list[ImportedLine]:
        """Refuse the lines that give what the recorded promises of their account yield; answers the others."""
        beside = await self._accounts.find_beside([line for _, line in self._batch])
        kept = []
        for place, (number, line) in enumerate(self._batch):
            if place in beside:
                self._refuse(f"/{beside[place]}", f"{FactsBeside(beside[place])}.", line=number)
            else:
                kept.append(line)
        return kept


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
