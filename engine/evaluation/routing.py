"""Which ruleset covers an account on a day (language.md 5.1), and the account as that ruleset reads it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from zoneinfo import ZoneInfo

from engine.coordinates.beside import DAYS_OVERDUE
from engine.coordinates.standing import Standing
from engine.coordinates.terms import Terms
from engine.evaluation.drawing import draw
from engine.evaluation.history import read_instant
from engine.evaluation.program import Compiled, Program
from engine.evaluation.reading import Reading, read_currency, read_day, read_zone
from engine.evaluation.rulesets import Rulesets
from engine.evaluation.view import View
from engine.model.account import Account, AccountInvalid, Entry, Problem, RulesetsOverlap
from engine.model.businessdays import first_moment_of

Document = Mapping[str, object]
_NO_ENTRIES: tuple[Entry, ...] = ()


class Candidate:
    """One ruleset that may cover the account, and the account as it reads it."""

    def __init__(self, route: "Route", compiled: Compiled, program: Program, *, covers: bool | None = None) -> None:
        self.compiled = compiled
        self.program = program
        self._route = route
        self.zone: ZoneInfo = read_zone(route.account, compiled.zone)
        self.as_of = _localize(route.as_of, self.zone)
        self._covers = covers
        self._standing: Standing | None = None

    @property
    def standing(self) -> Standing:
        """Return the whole account as this ruleset reads it, read once.

        Raises AccountInvalid with every problem found.
        """
        if self._standing is None:
            self._standing = self.read()
        return self._standing

    def read(self, terms: Terms | None = None) -> Standing:
        """Read the whole account, by other terms than the program's where some are given; `standing` reads it once."""
        route, program = self._route, self.program
        account = program.accounts.read(route.account, self.zone, known_elsewhere=route.rulesets.known_facts)
        if route.outcomes:
            account = draw(account, route.outcomes, program.terms, as_of=self.as_of)
        if route.history and not program.facts_from_history.isdisjoint(account.given):
            beside = sorted(program.facts_from_history & account.given.keys())
            message = "{} is worked out from history; give one or the other"
            problems = (Problem(pointer=f"/account/{n}", fact=n, message=message.format(n)) for n in beside)
            raise AccountInvalid(tuple(problems))
        entries = self._read_history(account)
        return Standing(program.terms if terms is None else terms, account, entries, as_of=self.as_of)

    def view(self, day: dt.date) -> View:
        """Return the account on a day as this ruleset reads it."""
        return View(self.program, self.standing.on(day), day)

    @cached_property
    def _glimpsed(self) -> Standing:
        """Return the account as far as coverage reads it."""
        route, program = self._route, self.program
        reading = Reading()
        names, entries = program.coverage_facts, _NO_ENTRIES
        is_history_asked = not program.facts_from_history.isdisjoint(names)
        if is_history_asked:
            # They name the episode, and say who was contacted where an entry does not, and when a window begins.
            names |= {DAYS_OVERDUE, "preferred_channel", *program.terms.countdowns}
        is_drawn = bool(route.outcomes) and program.is_coverage_drawn
        if is_drawn:
            names |= {DAYS_OVERDUE}  # a promise without an amount is about what was overdue
        account = program.accounts.glimpse(route.account, names, self.zone, reading)
        route.unreadable.extend(reading.problems)
        if is_drawn:
            account = draw(account, route.outcomes, program.terms, as_of=self.as_of)
        if is_history_asked:
            entries = self._read_history(account)
        return Standing(program.terms, account, entries, as_of=self.as_of)

    def _read_history(self, account: Account) -> tuple[Entry, ...]:
        preferred = account.given.get("preferred_channel")
        return self.program.histories.read(
            self._route.history,
            account=account.id,
            zone=self.zone,
            preferred=preferred if isinstance(preferred, str) else None,
        )

    def glimpse(self, day: dt.date) -> View:
        """Return the account on a day, as far as coverage reads it."""
        return View(self.program, self._glimpsed.on(day), day)

    def is_covering(self, day: dt.date | None) -> bool:
        """Tell whether ``applies_to`` holds now, or at the first moment of a later day."""
        if day is not None and self.program.can_coverage_change:
            return self._find_covering(day)
        if self._covers is None:
            self._covers = self._find_covering(self.as_of.date())
        return self._covers

    def _find_covering(self, day: dt.date) -> bool:
        if not self.program.coverage_coordinates:
            return bool(self.program.plan.coverage)
        point = self.glimpse(day).read(self.program.coverage_coordinates)
        return bool(self.program.coverage_table.holding(point))

    def is_effective(self, day: dt.date | None) -> bool:
        """Tell whether the ruleset applies now, or on a later day."""
        return self.compiled.is_effective(self.as_of.date() if day is None else day)


def _localize(asked: dt.datetime | dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the instant asked about in a zone."""
    return asked.astimezone(zone) if isinstance(asked, dt.datetime) else first_moment_of(asked, zone)


class Route:
    """One ask on its way: the rulesets that could answer, the account, its history, its outcomes, the instant.

    ``possible`` are the candidates that cover the account now or may do so.
    """

    def __init__(
        self,
        rulesets: Rulesets | Sequence[Compiled],
        account: Document,
        history: Sequence[Document],
        *,
        as_of: dt.datetime | dt.date,
        track: str,
        ruleset: str | None,
        outcomes: Sequence[Document] = (),
    ) -> None:
        self.rulesets = rulesets if isinstance(rulesets, Rulesets) else Rulesets(rulesets)
        self.account = account
        self.history = history
        self.outcomes = outcomes
        self.as_of = as_of
        self.unreadable: list[Problem] = []
        self._field = self.rulesets.field(track, ruleset, read_currency(account))
        self.track = track if ruleset is None else self._field.track or track
        possible, self._is_unreadable = self._field.list_possible(account)
        self.possible = [Candidate(self, *pair, covers=True if is_sure else None) for pair, is_sure in possible]
        if not self.possible:
            read_zone(account, self._field.zone)

    @property
    def default_zone(self) -> ZoneInfo:
        """Return the account's zone or, where it names none, the first ruleset's."""
        return read_zone(self.account, self._field.zone)

    @property
    def local_as_of(self) -> dt.datetime:
        """Return the instant asked about where no ruleset covers."""
        return _localize(self.as_of, self.default_zone)

    @property
    def asked(self) -> tuple[Compiled, ...]:
        """Return every ruleset asked, in whatever currency."""
        return self._field.asked

    @cached_property
    def candidates(self) -> list[Candidate]:
        """Return every ruleset asked that has the account's currency, whether it covers the account or not."""
        return [Candidate(self, *pair) for pair in self._field.pairs]

    def refuse_unreadable(self) -> None:
        """Raise what could not be read of the facts that coverage asks about, if anything."""
        if not self._is_unreadable and not self.unreadable:
            return
        self.unreadable.clear()
        for candidate in self.candidates:
            if candidate.is_effective(None):
                candidate.is_covering(None)
        if self.unreadable:
            raise AccountInvalid(tuple(dict.fromkeys(self.unreadable)))

    def covering(self, day: dt.date | None = None) -> Candidate | None:
        """Return the ruleset that covers the account, now or at the first moment of a later day.

        Of several effective versions of one ruleset the highest number counts. Raises RulesetsOverlap.
        """
        latest: dict[str, Candidate] = {}
        for candidate in self.possible:
            name = candidate.compiled.ruleset.id
            if candidate.is_effective(day) and (
                name not in latest or (candidate.compiled.version or 0) > (latest[name].compiled.version or 0)
            ):
                latest[name] = candidate
        found = [candidate for candidate in latest.values() if candidate.is_covering(day)]
        if len(found) > 1:
            raise RulesetsOverlap(tuple(sorted(candidate.compiled.ruleset.id for candidate in found)))
        return found[0] if found else None


def parse_as_of(text: str) -> dt.datetime | dt.date:
    """Return an aware instant, or a date, which is the first moment of that day for the account.

    Raises AccountInvalid.
    """
    day = read_day(text)
    if day is not None:
        return day
    instant = read_instant(text, ZoneInfo("UTC"))
    if instant is None:
        message = f"as_of is a date or an instant with its offset, such as 2026-11-20T09:00:00+01:00, not {text!r}"
        raise AccountInvalid((Problem(pointer="/as_of", message=message),))
    return instant
