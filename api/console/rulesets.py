"""The rulesets: which are in use, their versions, and one of them in plain words with its ladder."""

import asyncio
import contextlib
from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.parts import write_part
from api.console.screen import HOME, SCREEN_KEY, Screen, draw, show
from api.console.tables import Column, Sheet, arrange, one_page, read_asked, send_csv
from api.messages import HIGHEST_VERSION
from api.problems import ProblemError
from api.recent import Recent
from api.requests import NoQuery
from api.routes.rulesets import LIST, READ_VERSION
from api.service import Service, find_service
from api.versions import UnusableVersion, load_version
from engine.conditions.boxes import BudgetExceeded
from pages.content import Teller
from pages.page import Page, Picture, Section
from store.rulesets import RulesetVersion, VersionHead

_KEY = "console_telling"
_MOST_TOLD = 32
_PATH = "/rulesets/{ruleset_id:str}/versions/{number:int}"


VERSIONS = Sheet[VersionHead](
    "versions",
    (
        Column("ruleset", "Ruleset", lambda each: each.ruleset_id),
        Column("version", "Version", lambda each: each.number),
        Column("in_use", "In use", lambda each: each.is_active),
        Column("effective_from", "Effective", lambda each: each.effective_from),
        Column("effective_until", None, lambda each: each.effective_until),
        Column("published_at", "Published", lambda each: each.published_at),
        Column("by", "By", lambda each: each.provenance.publisher_name or each.provenance.publisher),
        Column("approved_at", "Approved", lambda each: each.approved_at),
    ),
)


@get("/rulesets", opt={SCREEN_KEY: Screen(scope=LIST.scope)})
async def show_rulesets(scope: Scope) -> Response[Any]:
    """List every version, by ruleset, newest first."""
    _, order = read_asked(scope, NoQuery)
    heads = await find_service(scope).store.rulesets.list_versions()
    versions = sorted(heads, key=lambda each: (each.ruleset_id, -each.number))
    if order.csv == VERSIONS.name:
        return send_csv(VERSIONS, one_page(versions))
    return show(scope, "rulesets", {"order": order, "table": arrange(order, VERSIONS, versions)})


@get(_PATH, opt={SCREEN_KEY: Screen(scope=READ_VERSION.scope)})
async def show_version(scope: Scope, ruleset_id: FromPath[str], number: FromPath[int]) -> Response[bytes]:
    """Show a version in plain words."""
    service = find_service(scope)
    version = await _read(service, ruleset_id, number)
    events = await service.store.rulesets.list_events(ruleset_id, number)
    page = await _tell(scope, version)
    picture = f"{HOME}/rulesets/{ruleset_id}/versions/{number}/ladder.svg"
    sections = [
        (section.heading, [write_part(block, picture=picture) for block in section.blocks])
        for section in _sections(page)
    ]
    told = {"version": version, "events": events, "page": page, "sections": sections, "text": version.draft.text}
    return show(scope, "version", told)


@get(f"{_PATH}/ladder.svg", opt={SCREEN_KEY: Screen(scope=READ_VERSION.scope)})
async def draw_ladder(scope: Scope, ruleset_id: FromPath[str], number: FromPath[int]) -> Response[bytes]:
    """Draw the ladder of a version."""
    page = await _tell(scope, await _read(find_service(scope), ruleset_id, number))
    blocks = (block for section in _sections(page) for block in section.blocks)
    svg = next((block.svg for block in blocks if isinstance(block, Picture)), None)
    if svg is None:
        raise ProblemError("not-found", "No rule of this version begins on a day, so there is no picture.")
    return draw(svg)


async def _read(service: Service, ruleset_id: str, number: int) -> RulesetVersion:
    known = min(number, HIGHEST_VERSION)
    version = await service.store.rulesets.read_version(ruleset_id, known)
    if version is None:
        raise ProblemError("unknown-ruleset", f"There is no version {number} of {ruleset_id!r}.")
    return version


class _Telling:
    """The versions told in plain words, one at a time and each once: proving what one guarantees may take a while."""

    def __init__(self) -> None:
        self._told: Recent[tuple[str, str], Page] = Recent(_MOST_TOLD)
        self._turn = asyncio.Semaphore(1)

    async def tell(self, version: RulesetVersion) -> Page | None:
        """Tell a version; None of one that this program cannot read, or that is too large to be told."""
        key = (version.draft.ruleset_id, version.draft.digest)
        async with self._turn:
            told = self._told.find(key)
            if told is None:
                with contextlib.suppress(UnusableVersion, BudgetExceeded):
                    told = self._told.keep(key, await asyncio.to_thread(lambda: Teller(load_version(version)).tell()))
        return told


async def _tell(scope: Scope, version: RulesetVersion) -> Page | None:
    telling: _Telling = scope["litestar_app"].state.setdefault(_KEY, _Telling())
    return await telling.tell(version)


def _sections(page: Page | None) -> tuple[Section, ...]:
    return () if page is None else page.sections
