"""The rulesets a process decides with: kept fresh by news from PostgreSQL, prepared beside, else the last good ones."""

import asyncio
import datetime as dt
import logging
from collections.abc import Sequence

from api.forms import KeptForms
from api.outlines import find_track, outline_version
from api.overlaps import Standing, find_overlaps
from api.preparing import Key, Preparer, key_of
from api.problems import ProblemError
from api.recent import Recent
from api.usage import RulesetsInUse, Unread, put_in_use
from api.versions import UnusableVersion, name_version
from engine.evaluation.program import Compiled
from store.notices import Notices
from store.rulesets import TOPIC, LastChange, Rulesets, RulesetVersion

_log = logging.getLogger("dunning.rulesets")
_CLOSE_AFTER_SECONDS = 120.0
_PATIENCE_SECONDS = 10.0
_START_SECONDS = 2.0
_WAKE_AFTER_SECONDS = 5.0


class LiveRulesets:
    """The versions in use now, and the pinned older ones asked for last.

    A version takes over when it is ready; until then what answered before it answers. One that was in use before this
    process began answers at once by its compiled form; where there is none it is withheld until it is ready: its
    accounts are refused. ``compiled_count`` is how many were compiled here.
    """

    def __init__(
        self,
        rulesets: Rulesets,
        notices: Notices,
        forms: KeptForms,
        *,
        pinned_count: int,
        stale_after_seconds: float,
    ) -> None:
        self._rulesets = rulesets
        self._forms = forms
        self.compiled_count = 0
        self._notices = notices
        self._stale_after_seconds = stale_after_seconds
        self._preparer = Preparer()
        self._wanted: dict[Key, RulesetVersion] = {}
        self._ready: dict[Key, Compiled] = {}
        self._withheld: dict[Key, Compiled | Unread] = {}
        self._preparing: dict[Key, asyncio.Task[None]] = {}
        self._problems: dict[Key, str] = {}
        self._pinned: Recent[Key, Compiled] = Recent(pinned_count, self._close_later)
        self._overlaps: tuple[str, ...] = ()
        self._compared: set[Key] = set()
        self._comparing: asyncio.Task[None] | None = None
        self._waking: asyncio.Task[None] | None = None
        self._in_use: RulesetsInUse | None = None
        self._change: LastChange | None = None
        self._turn = asyncio.Lock()
        self._is_closed = False

    async def start(self) -> None:
        """Learn what is in use, and follow the news from here on; what is not ready in a moment is withheld."""
        await self.take_news()
        if self._preparing:
            await asyncio.wait(self._preparing.values(), timeout=_START_SECONDS)
        self._waking = asyncio.create_task(self._wake(tuple(self._ready.values())))
        self._notices.subscribe(TOPIC, self.take_news)

    async def close(self) -> None:
        """Begin nothing more."""
        self._is_closed = True
        tasks = [*self._preparing.values(), *(task for task in (self._comparing, self._waking) if task is not None)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._preparer.close()

    async def take_news(self) -> None:
        """Learn what was published and drop what was retired; preparing goes on beside, and holds nothing up."""
        if self._is_closed:
            return
        async with self._turn:
            change = await self._rulesets.last_change()
            wanted = {key_of(version): version for version in await self._rulesets.active_at()}
            if self._in_use is None:  # all of them answered before this process began
                for key, version in wanted.items():
                    if (compiled := await self._forms.find(version)) is not None:
                        self._ready[key] = compiled
                    else:
                        await self._withhold(key, version)
            self._wanted = wanted
            self._problems = {key: said for key, said in self._problems.items() if key in wanted}
            for key in wanted.keys() - self._ready.keys():  # one that was replaced a moment ago is ready yet
                if (compiled := self._pinned.take(key)) is not None:
                    self._ready[key] = compiled
            new = wanted.keys() - self._ready.keys() - self._preparing.keys() - self._problems.keys()
            for key in sorted(new, key=lambda key: len(wanted[key].draft.text)):  # the quickest first
                self._preparing[key] = asyncio.create_task(self._prepare(key, wanted[key]))
            self._arrange()
            self._change = change
            await self._forms.keep_only(wanted)

    async def refresh(self, ruleset_id: str) -> None:
        """Take the news and wait, within reason, until what is new of a ruleset is ready."""
        await self.take_news()
        preparing = [task for key, task in self._preparing.items() if key[0] == ruleset_id]
        if preparing:
            await asyncio.wait(preparing, timeout=_PATIENCE_SECONDS)
        if self._comparing is not None:
            await asyncio.wait([self._comparing], timeout=_PATIENCE_SECONDS)

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
        keys = [key_of(version) for version in await self._rulesets.active_at(known_at)]
        return put_in_use(tuple([(await self.pin(*key)).compiled[0] for key in keys]))

    async def pin(self, ruleset: str, number: int) -> RulesetsInUse:
        """Return one version, whether it is in use or not."""
        key = (ruleset, number)
        compiled = self._ready.get(key) or self._pinned.find(key)
        return put_in_use((compiled or await self._load_pinned(key),))

    def is_current(self, change: LastChange) -> bool:
        """Tell whether what answers here is what was in use after a change, all of it ready."""
        return self._change == change and not self.preparing_count

    @property
    def stale_seconds(self) -> float:
        """For how long news may have been missed."""
        return max(self._notices.silent_seconds, 0.0)

    @property
    def count(self) -> int:
        """How many versions are in use."""
        return len(self._ready)

    @property
    def preparing_count(self) -> int:
        """How many versions are in use by their publication and not ready."""
        return len(self._preparing.keys() & self._wanted.keys())

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
        """Which versions are not ready or could not be taken up, which overlap, and that none is in use."""
        preparing = (self._say_preparing(key) for key in sorted(self._preparing.keys() & self._wanted.keys()))
        nothing = () if self._wanted else ("no ruleset is in use",)
        return (*preparing, *self._problems.values(), *self._overlaps, *nothing)

    async def _prepare(self, key: Key, version: RulesetVersion) -> None:
        try:
            compiled = await self._make(version)
        except UnusableVersion as problem:
            _log.error("%s; the last good version is kept", problem)
            await self._give_up(key, version, str(problem))
        except Exception as problem:  # noqa: BLE001  whatever it is, the other rulesets go on, and /readyz shows it
            _log.error("%s could not be prepared", name_version(*key), exc_info=problem)
            await self._give_up(key, version, f"{name_version(*key)} could not be prepared; the service's log says why")
        else:
            self._pinned.take(key)  # it was asked for by number meanwhile: in one place only is it let go of
            self._ready[key] = compiled
        finally:
            self._preparing.pop(key, None)
            self._arrange()

    async def _make(self, version: RulesetVersion) -> Compiled:
        """Make a version ready to decide at once, by its form or else by its text."""
        compiled = await self._forms.find(version)
        if compiled is not None:
            await self._preparer.wake(compiled)
            return compiled
        compiled = await self._preparer.prepare(version)
        self.compiled_count += 1
        _log.info("%s was compiled", name_version(*key_of(version)))
        await self._forms.keep(version, compiled)
        return compiled

    async def _wake(self, asleep: Sequence[Compiled]) -> None:
        """Build what the first questions to versions read from their forms would build, the smallest first.

        Not at once: who asks first, and builds what the question needs, has the processor alone.
        """
        await asyncio.sleep(_WAKE_AFTER_SECONDS)
        for compiled in sorted(asleep, key=lambda one: len(one.ruleset.text)):
            try:
                await self._preparer.wake(compiled)
            except Exception as problem:  # noqa: BLE001  whatever it is, questions meet it too, and the others go on
                _log.error("%s could not be built whole", compiled.ruleset.id, exc_info=problem)

    async def _give_up(self, key: Key, version: RulesetVersion, problem: str) -> None:
        """Let the version before answer on; where there is none, refuse the accounts of the one that cannot."""
        self._problems[key] = problem
        if not any(other[0] == key[0] for other in self._ready):
            await self._withhold(key, version)

    async def _withhold(self, key: Key, version: RulesetVersion) -> None:
        if key not in self._withheld:
            try:
                self._withheld[key] = await asyncio.to_thread(outline_version, version)
            except UnusableVersion:
                self._withheld[key] = Unread(*key, find_track(version))

    def _arrange(self) -> None:
        """Put into use what is ready of what is wanted, and the versions before those that are not."""
        unready = self._wanted.keys() & (self._preparing.keys() | self._problems.keys())
        waiting = {ruleset for ruleset, _ in unready}
        for key in [key for key in self._ready if key not in self._wanted and key[0] not in waiting]:
            self._pinned.keep(key, self._ready.pop(key))
        self._withheld = {key: known for key, known in self._withheld.items() if key in unready}
        outlines = tuple(each for each in self._withheld.values() if isinstance(each, Compiled))
        unread = tuple(each for each in self._withheld.values() if isinstance(each, Unread))
        self._in_use = put_in_use(tuple(self._ready.values()), outlines, unread)
        if self._compared != self._ready.keys() and (self._comparing is None or self._comparing.done()):
            self._comparing = asyncio.create_task(self._compare())

    async def _compare(self) -> None:
        """Find what is covered twice, beside everything else; once more where that changed meanwhile."""
        while self._compared != self._ready.keys():
            compared = set(self._ready)
            self._overlaps = await asyncio.to_thread(_find_overlaps, tuple(self._ready.values()))
            self._compared = compared

    def _say_preparing(self, key: Key) -> str:
        name = f"{name_version(*key)} is being prepared"
        if key in self._withheld:
            return f"{name}; the accounts it covers are refused until it is ready"
        before = sorted(number for ruleset, number in self._ready if ruleset == key[0])
        if not before:
            return f"{name}; it answers as soon as it is ready"
        return f"{name}; version {' and '.join(map(str, before))} answers until it is ready"

    async def _load_pinned(self, key: Key) -> Compiled:
        version = await self._rulesets.read_version(*key)
        if version is None:
            raise ProblemError("unknown-ruleset", f"Ruleset {key[0]} has no version {key[1]}.")
        if (found := self._ready.get(key) or self._pinned.find(key)) is not None:
            return found  # while it was read from the database
        try:
            compiled = await self._preparer.prepare(version)
        except UnusableVersion as problem:
            raise ProblemError("unavailable", f"{problem}.", headers={"Retry-After": "60"}) from problem
        return self._ready.get(key) or self._pinned.keep(key, compiled)

    @staticmethod
    def _close_later(dropped: Compiled) -> None:
        """Free what is not used any more, once no thread can still be deciding with it."""
        asyncio.get_running_loop().call_later(_CLOSE_AFTER_SECONDS, dropped.close)


def _find_overlaps(live: Sequence[Compiled]) -> tuple[str, ...]:
    standing = [Standing(ruleset=one.ruleset, number=one.version or 0) for one in live]
    return tuple(overlap.diagnostic.message for overlap in find_overlaps(standing))
