"""Deciding again what is in the log: the same versions, account, history and instant must give the same bytes."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from api.histories import fill_input
from api.messages import Explain
from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled
from engine.evaluation.routing import parse_as_of
from engine.evaluation.rulesets import UnknownRuleset
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.model.decision import encode_decision
from engine.model.exactjson import FREE_JSON
from engine.model.language import EARLIEST_EDITION, LANGUAGE_EDITION
from store.decisionrecords import LoggedDecision

Key = tuple[str, int]


class FactsErased(Exception):
    """What a decision was made from was erased, so that it cannot be made again."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The question as logged."""

    as_of: str
    track: str
    ruleset: str | None
    explain: Explain
    language_edition: int = EARLIEST_EDITION


class _Input(msgspec.Struct, frozen=True, kw_only=True):
    account: msgspec.Raw
    history: msgspec.Raw
    outcomes: msgspec.Raw | UnsetType = UNSET
    options: Options
    rulesets: tuple[Key, ...]


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """A logged decision taken apart: the question, the versions that were asked, and the answer as given."""

    decision_id: str
    account: Mapping[str, object]
    history: Sequence[Mapping[str, object]]
    outcomes: Sequence[Mapping[str, object]]
    options: Options
    rulesets: tuple[Key, ...]
    answer: bytes


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A place (JSON pointer) where two decisions differ; what one of them lacks is absent."""

    pointer: str
    logged: Any | UnsetType = UNSET
    replayed: Any | UnsetType = UNSET


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What came of deciding again: the decision, or why there is none.

    `language_edition` is the one the logged decision was made under.
    """

    decision_id: str
    language_edition: int
    answer: bytes | None
    problem: str | None
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        """Whether it is the same, byte for byte."""
        return not self.differences

    @property
    def is_of_earlier_edition(self) -> bool:
        """Whether it differs, and was made when the language meant something else."""
        return bool(self.differences) and self.language_edition < LANGUAGE_EDITION


def remember(logged: LoggedDecision) -> Remembered:
    """Take a logged decision apart; raises FactsErased."""
    if logged.answer is None or logged.input is None:
        raise FactsErased("the facts of this decision were erased")
    text = logged.input
    if logged.related_accounts:
        if logged.related is None:
            raise FactsErased("entries of another account in this decision's history were erased")
        text = fill_input(text, logged.related)
    read = _INPUT.decode(text)
    return Remembered(
        decision_id=logged.id,
        account=FREE_JSON.decode(read.account),
        history=FREE_JSON.decode(read.history),
        outcomes=() if read.outcomes is UNSET else FREE_JSON.decode(read.outcomes),
        options=read.options,
        rulesets=read.rulesets,
        answer=logged.answer,
    )


def replay(remembered: Remembered, rulesets: Sequence[Compiled], *, explain: Explain | None = None) -> Replay:
    """Decide again with these versions and compare; another level of explanation is not compared."""
    options = remembered.options
    make = partial(Replay, decision_id=remembered.decision_id, language_edition=options.language_edition)
    try:
        decision = next_action(
            rulesets,
            remembered.account,
            remembered.history,
            outcomes=remembered.outcomes,
            as_of=parse_as_of(options.as_of),
            track=options.track,
            ruleset=options.ruleset,
            explain=explain or options.explain,
            decision_id=remembered.decision_id,
            is_live=False,
            language_edition=options.language_edition,
        )
    except (AccountInvalid, RulesetsOverlap, UnknownRuleset, OverflowError) as problem:
        difference = Difference(pointer="", logged=msgspec.json.decode(remembered.answer))
        said = str(problem)
        return make(answer=None, problem=said, differences=(difference,))
    answer = encode_decision(decision)
    differences = () if explain or answer == remembered.answer else tuple(compare(remembered.answer, answer))
    return make(answer=answer, problem=None, differences=differences)


def compare(logged: bytes, replayed: bytes) -> Iterator[Difference]:
    """Tell where two JSON documents differ; where only their bytes do, at the root."""
    found = list(_compare("", msgspec.json.decode(logged), msgspec.json.decode(replayed)))
    yield from found or [Difference(pointer="", logged=logged.decode(), replayed=replayed.decode())]


def _compare(pointer: str, logged: object, replayed: object) -> Iterator[Difference]:
    if isinstance(logged, dict) and isinstance(replayed, dict):
        for key in [*logged, *(key for key in replayed if key not in logged)]:
            below = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            yield from _compare(below, logged.get(key, UNSET), replayed.get(key, UNSET))
    elif isinstance(logged, list) and isinstance(replayed, list) and len(logged) == len(replayed):
        for index, (one, other) in enumerate(zip(logged, replayed, strict=True)):
            yield from _compare(f"{pointer}/{index}", one, other)
    elif logged != replayed:
        yield Difference(pointer=pointer, logged=logged, replayed=replayed)


_INPUT = msgspec.json.Decoder(_Input)
