"""The rulesets a process decides with: compiled, kept fresh by news from PostgreSQL, else the last good ones."""

import asyncio
import datetime as dt
import logging
from collections.abc import Sequence

import msgspec

from api.overlaps import Standing, find_overlaps
from api.problems import ProblemError
from api.recent import Recent
from api.versions import UnusableVersion, compile_version
from engine.evaluation.program import Compiled
from store.notices import Notices
from store.rulesets import TOPIC, Rulesets, RulesetVersion

_log = logging.getLogger("dunning.rulesets")
_CLOSE_AFTER_SECONDS = 120.0

Key = tuple[str, int]


class RulesetsInUse(msgspec.Struct, frozen=True):
    """The compiled versions that answer together, and their names as JSON for the decision log."""

    compiled: tuple[Compiled, ...]
    names: bytes


class LiveRulesets:
    """The versions in use now, and the pinned older ones asked for last."""

    def __init__(self, rulesets: Rulesets, notices: Notices, *, pinned_count: int, stale_after_seconds: float) -> None:
        self._rulesets = rulesets
        self._notices = notices
        self._stale_after_seconds = stale_after_seconds
        self._live: dict[Key, Compiled] = {}
        self._pinned: Recent[Key, Compiled] = Recent(pinned_count, self._close_later)
        self._problems: dict[Key, str] = {}
        self._overlaps: tuple[str, ...] = ()
        self._in_use: RulesetsInUse | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Load what is in use, and follow the news from here on."""
        await self.refresh()
        self._notices.subscribe(TOPIC, self.refresh)

    async def refresh(self) -> None:
        """Take up what was published and drop what was retired; a version that cannot be loaded changes nothing."""
        async with self._turn:
            versions = {_key_of(version): version for version in await self._rulesets.active_at()}
            problems: dict[Key, str] = {}
            live: dict[Key, Compiled] = {}
            for key, version in versions.items():
                try:
                    live[key] = self._live[key] if key in self._live else await asyncio.to_thread(warm_version, version)
                except UnusableVersion as problem:
                    problems[key] = str(problem)
                    _log.error("%s; the last good version is kept", problem)
            for key in self._live.keys() - live.keys():
                if any(broken[0] == key[0] for broken in problems):
                    live[key] = self._live[key]
            known = set(self._live)
            dropped = [self._live[key] for key in self._live.keys() - live.keys()]
            self._live, self._problems = live, problems
            self._in_use = put_in_use(tuple(live[key] for key in sorted(live)))
            if set(live) != known:
                self._overlaps = await asyncio.to_thread(_find_overlaps, tuple(live.values()))
            for compiled in dropped:
                self._close_later(compiled)

    def in_use(self) -> RulesetsInUse:
        """Return what answers now; refused when nothing was loaded yet or the news are too old to be trusted."""
        if self._in_use is None or self.stale_seconds > self._stale_after_seconds:
            raise ProblemError(
                "unavailable",
                "This server has had no news of the rulesets for too long to decide with them.",
                headers={"Retry-After": "2"},
            )
        return self._in_use

    async def in_use_at(self, known_at: dt.datetime) -> RulesetsInUse:
        """Return what answered at an instant, by what was published, approved and retired then."""
        keys = [_key_of(version) for version in await self._rulesets.active_at(known_at)]
        return put_in_use(tuple([(await self.pin(*key)).compiled[0] for key in keys]))

    async def pin(self, ruleset: str, number: int) -> RulesetsInUse:
        """Return one version, whether it is in use or not."""
        key = (ruleset, number)
        compiled = self._live.get(key) or self._pinned.find(key)
        return put_in_use((compiled or await self._load_pinned(key),))

    @property
    def stale_seconds(self) -> float:
        """For how long news may have been missed."""
        return max(self._notices.silent_seconds, 0.0)

    @property
    def count(self) -> int:
        """How many versions are in use."""
        return len(self._live)

    @property
    def overlaps_count(self) -> int:
        """How many pairs of rulesets in use cover one account."""
        return len(self._overlaps)

    @property
    def trouble(self) -> str | None:
        """Why nothing can be decided."""
        if self._in_use is None:
            return "the rulesets are not loaded yet"
        if self.stale_seconds > self._stale_after_seconds:
            return f"there has been no news of rulesets for more than {self._stale_after_seconds:g} seconds"
        return None

    @property
    def notices(self) -> tuple[str, ...]:
        """Which versions could not be taken up, which cover the same accounts, and that none is in use."""
        nothing = () if self._live else ("no ruleset is in use",)
        return (*self._problems.values(), *self._overlaps, *nothing)

    async def _load_pinned(self, key: Key) -> Compiled:
        version = await self._rulesets.read_version(*key)
        if version is None:
            raise ProblemError("unknown-ruleset", f"Ruleset {key[0]} has no version {key[1]}.")
        try:
            return self._pinned.keep(key, await asyncio.to_thread(warm_version, version))
        except UnusableVersion as problem:
            raise ProblemError("unavailable", f"{problem}.", headers={"Retry-After": "60"}) from problem

    @staticmethod
    def _close_later(dropped: Compiled) -> None:
        """Free what is not used any more, once no thread can still be deciding with it."""
        asyncio.get_running_loop().call_later(_CLOSE_AFTER_SECONDS, dropped.close)


def warm_version(version: RulesetVersion) -> Compiled:
    """Make a stored version ready to decide at once: what it would build at its first question takes up to a second."""
    compiled = compile_version(version)
    for code in compiled.programs.values():
        _ = code.networks, code.masks, code.coverage_table
    return compiled


def _find_overlaps(live: Sequence[Compiled]) -> tuple[str, ...]:
    standing = [Standing(ruleset=one.ruleset, number=one.version or 0) for one in live]
    return tuple(overlap.diagnostic.message for overlap in find_overlaps(standing))


def put_in_use(compiled: tuple[Compiled, ...]) -> RulesetsInUse:
    """Name the versions that answer together."""
    names = [[one.ruleset.id, one.version] for one in compiled]
    return RulesetsInUse(compiled=compiled, names=msgspec.json.encode(names))


def _key_of(version: RulesetVersion) -> Key:
    return version.draft.ruleset_id, version.number
