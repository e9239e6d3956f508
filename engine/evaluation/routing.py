"""Which ruleset covers an account on a day (language.md 5.1), and the account as that ruleset reads it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from zoneinfo import ZoneInfo

from engine.coordinates.standing import Standing
from engine.evaluation.history import read_history, read_instant
from engine.evaluation.program import Compiled, Program
from engine.evaluation.reading import read_account, read_coverage, read_currency, read_day, read_zone
from engine.evaluation.view import View
from engine.model.account import AccountInvalid, Entry, Problem, RulesetsOverlap
from engine.model.businessdays import first_moment_of

Document = Mapping[str, object]


class UnknownRuleset(Exception):
    """The ruleset asked for by name is none of those that could decide."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no ruleset {name}")
        self.name = name


class Candidate:
    """One ruleset that may cover the account, and the account as it reads it."""

    def __init__(self, route: "Route", compiled: Compiled, program: Program) -> None:
        self.compiled = compiled
        self.program = program
        self._route = route
        self.zone: ZoneInfo = read_zone(route.account, compiled.zone)
        self.as_of = _localize(route.as_of, self.zone)
        self._covers: bool | None = None

    @cached_property
    def standing(self) -> Standing:
        """Return the whole account as this ruleset reads it.

        Raises AccountInvalid with every problem found.
        """
        route, edition = self._route, self.program.edition
        account = read_account(
            route.account,
            edition,
            self.zone,
            known_elsewhere=route.known_facts,
            needed=self.program.needed_facts,
        )
        if route.history:
            beside = sorted(name for name in account.given if edition.facts[name].source == "history")
            if beside:
                problems = (
                    Problem(
                        pointer=f"/account/{name}",
                        fact=name,
                        message=f"{name} is worked out from history; give one or the other",
                    )
                    for name in beside
                )
                raise AccountInvalid(tuple(problems))
        preferred = account.given.get("preferred_channel")
        entries = read_history(
            route.history,
            ruleset=self.compiled.ruleset.id,
            account=account.id,
            zone=self.zone,
            edition=edition,
            preferred=preferred if isinstance(preferred, str) else None,
        )
        return Standing(self.program.terms, account, entries, as_of=self.as_of)

    def view(self, day: dt.date) -> View:
        """Return the account on a day as this ruleset reads it."""
        return View(self.program, self.standing, day)

    @cached_property
    def _glimpsed(self) -> Standing:
        """Return the account as far as coverage reads it."""
        route, program = self._route, self.program
        account, problems = read_coverage(route.account, program.coverage_facts, program.edition, self.zone)
        route.unreadable.extend(problems)
        entries: tuple[Entry, ...] = ()
        if any(program.edition.facts[name].source == "history" for name in program.coverage_facts):
            entries = read_history(
                route.history,
                ruleset=self.compiled.ruleset.id,
                account=account.id,
                zone=self.zone,
                edition=program.edition,
                preferred=None,
            )
        return Standing(program.terms, account, entries, as_of=self.as_of)

    def glimpse(self, day: dt.date) -> View:
        """Return the account on a day, as far as coverage reads it."""
        return View(self.program, self._glimpsed, day)

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
        snapshot = self.glimpse(day).snapshot
        point = {each.key: each.read(snapshot) for each in self.program.coverage_coordinates}
        return bool(self.program.coverage_table.holding(point))


def _localize(asked: dt.datetime | dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the instant asked about in a zone."""
    return asked.astimezone(zone) if isinstance(asked, dt.datetime) else first_moment_of(asked, zone)


class Route:
    """One ask on its way: the rulesets that could answer, the account, its history, the instant."""

    def __init__(
        self,
        rulesets: Sequence[Compiled],
        account: Document,
        history: Sequence[Document],
        *,
        as_of: dt.datetime | dt.date,
        track: str,
        ruleset: str | None,
    ) -> None:
        self.account = account
        self.history = history
        self.as_of = as_of
        self.track = track
        self.unreadable: list[Problem] = []
        self._rulesets = rulesets
        asked = [
            one for one in rulesets if (one.ruleset.track == track if ruleset is None else one.ruleset.id == ruleset)
        ]
        if ruleset is not None and not asked:
            raise UnknownRuleset(ruleset)
        if ruleset is not None:
            self.track = asked[0].ruleset.track
        currency = read_currency(account)
        self.candidates = [Candidate(self, one, one.programs[currency]) for one in asked if currency in one.programs]
        self.default_zone = read_zone(account, asked[0].zone if asked else ZoneInfo("UTC"))

    @property
    def local_as_of(self) -> dt.datetime:
        """Return the instant asked about where no ruleset covers: in the account's zone, or the first ruleset's."""
        return _localize(self.as_of, self.default_zone)

    def refuse_unreadable(self) -> None:
        """Raise what could not be read of the facts that coverage asks about."""
        raise AccountInvalid(tuple(dict.fromkeys(self.unreadable)))

    @cached_property
    def known_facts(self) -> frozenset[str]:
        """Return every fact that some ruleset knows."""
        return frozenset[str]().union(*(one.fact_names for one in self._rulesets))

    def covering(self, day: dt.date | None = None) -> Candidate | None:
        """Return the ruleset that covers the account, now or at the first moment of a later day.

        Of several effective versions of one ruleset the highest number counts. Raises RulesetsOverlap.
        """
        latest: dict[str, Candidate] = {}
        for candidate in self.candidates:
            local_day = candidate.as_of.date() if day is None else day
            name = candidate.compiled.ruleset.id
            if candidate.compiled.is_effective(local_day) and (
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
