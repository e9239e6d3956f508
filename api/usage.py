"""The versions that answer together, and what must not be answered while some of them are not ready."""

import msgspec

from api.problems import ProblemError
from api.versions import name_version
from engine.evaluation.program import Compiled
from engine.evaluation.rulesets import Rulesets
from engine.model.decision import Decision

_RETRY_SECONDS = "2"


class Unread(msgspec.Struct, frozen=True):
    """A version whose coverage cannot be read; a track of None may be any."""

    ruleset: str
    number: int
    track: str | None


class RulesetsInUse(msgspec.Struct, frozen=True):
    """The versions that answer together, indexed once, and their names as JSON for the decision log.

    ``withheld`` are those of which only the outline is ready: they route accounts and decide nothing. Of those that are
    ``unread`` not even that is known: whom nobody else covers may be theirs. Where a call of one of them
    ``waits_for_best_hour``, stored accounts are told how often calls are answered.
    """

    rulesets: Rulesets
    names: bytes
    withheld: tuple[Compiled, ...] = ()
    unread: tuple[Unread, ...] = ()
    waits_for_best_hour: bool = False

    @property
    def compiled(self) -> tuple[Compiled, ...]:
        """Return the versions one by one."""
        return self.rulesets.compiled

    def check_prepared(self, decision: Decision, currency: object, *, ruleset: str | None) -> None:
        """Refuse a decision that an outline made, or might take over on a later day that was looked at."""
        for outline in self.withheld:
            is_asked = outline.ruleset.id == ruleset if ruleset else outline.ruleset.track == decision.track
            if is_asked and isinstance(currency, str) and currency in outline.programs:
                is_its = decision.ruleset is not None and decision.ruleset.id == outline.ruleset.id
                begins_on = outline.ruleset.effective.from_on
                begins_later = begins_on is not None and begins_on > decision.as_of.date()
                if is_its or begins_later or outline.programs[currency].can_coverage_change:
                    raise _refuse(outline.ruleset.id, outline.version or 0)
        if decision.ruleset is None and ruleset is None:
            self._check_unread(decision.track)

    def check_track(self, track: str) -> None:
        """Refuse what asks about many days while a ruleset of the track is not ready."""
        for outline in self.withheld:
            if outline.ruleset.track == track:
                raise _refuse(outline.ruleset.id, outline.version or 0)
        self._check_unread(track)

    def _check_unread(self, track: str) -> None:
        for each in self.unread:
            if each.track in {None, track}:
                raise _refuse(each.ruleset, each.number)


def put_in_use(
    compiled: tuple[Compiled, ...], withheld: tuple[Compiled, ...] = (), unread: tuple[Unread, ...] = ()
) -> RulesetsInUse:
    """Name the versions that answer together."""
    every = tuple(sorted((*compiled, *withheld), key=lambda one: (one.ruleset.id, one.version or 0)))
    names = [[one.ruleset.id, one.version] for one in every]
    editions = (edition for one in compiled for edition in one.ruleset.editions.values())
    return RulesetsInUse(
        rulesets=Rulesets(every),
        names=msgspec.json.encode(names),
        withheld=withheld,
        unread=unread,
        waits_for_best_hour=any(edition.waits_for_best_hour for edition in editions),
    )


def _refuse(ruleset: str, number: int) -> ProblemError:
    name = name_version(ruleset, number)
    detail = f"{name} is not ready to decide here, and this account may be one of its own."
    return ProblemError("unavailable", detail, headers={"Retry-After": _RETRY_SECONDS})
