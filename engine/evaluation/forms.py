"""A compiled ruleset as bytes: the record, the boxes and the windows, so that nothing of it is worked out again.

Whoever keeps a form says which program wrote it, for only that one may read it, and answers for its being whole: what
is read is held against the types, and never run, but another's boxes would be decided by.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cache

import msgspec
from msgspec.msgpack import Decoder, Encoder, Ext

from engine.conditions.boxes import Region
from engine.coordinates.kinds import AnyCoordinate
from engine.coordinates.plan import Plan
from engine.coordinates.scores import Score
from engine.coordinates.windows import Countdown
from engine.evaluation.program import Blueprint, Compiled
from engine.model.ruleset import Action, Edition, Ruleset

_DECIMAL, _INTEGER = 1, 2
# The integers that msgpack has; a ruleset's own numbers are among them, and parameters may be any.
_LEAST, _MOST = -(2**63), 2**64 - 1


class UnfitForm(Exception):
    """Bytes are no form of the ruleset."""


class _Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    dimensions: dict[str, AnyCoordinate]
    parts: dict[str, Region]
    coverage: Region
    blocks: tuple[Region, ...]
    first: tuple[Region, ...]
    again: tuple[Region, ...]
    turns: tuple[Region, ...]
    otherwise: Region
    scores: dict[str, Score]


class _Blueprint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    plan: _Plan
    either: tuple[Region, ...]
    windows: dict[str, tuple[Countdown, ...]]


class _Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ruleset: Ruleset
    blueprints: dict[str, _Blueprint]


def write_form(compiled: Compiled) -> bytes:
    """Write a compiled ruleset; its texts, which are kept beside it, are left out."""
    bare = _map_actions(msgspec.structs.replace(compiled.ruleset, text="", canonical=b""), _pack)
    blueprints = {
        currency: msgspec.structs.replace(program.blueprint, either=program.either)
        for currency, program in compiled.programs.items()
    }
    return Encoder().encode({"ruleset": bare, "blueprints": blueprints})


def read_form(
    form: bytes, *, digest: str, text: str, canonical: bytes, version: int | None = None, commit: str | None = None
) -> Compiled:
    """Make a ruleset ready to decide from its form and its texts; raises UnfitForm."""
    try:
        found = _decoder().decode(form)
    except (msgspec.MsgspecError, ValueError) as problem:
        raise UnfitForm(f"it cannot be read: {problem}") from None
    if found.ruleset.digest != digest:
        raise UnfitForm(f"it is of {found.ruleset.digest}")
    if found.ruleset.editions.keys() != found.blueprints.keys():
        raise UnfitForm("it has other currencies than its ruleset")
    return Compiled(
        msgspec.structs.replace(found.ruleset, text=text, canonical=canonical),
        version=version,
        commit=commit,
        blueprints={
            currency: Blueprint(
                plan=Plan(**msgspec.structs.asdict(each.plan)), either=each.either, windows=each.windows
            )
            for currency, each in found.blueprints.items()
        },
    )


@cache
def _decoder() -> Decoder[_Form]:
    return Decoder(_Form, ext_hook=_unpack)


def _map_actions(ruleset: Ruleset, change: Callable[[object], object]) -> Ruleset:
    """Return a ruleset with the parameters of all its actions changed."""

    def of_action(action: Action) -> Action:
        parameters = {name: change(value) for name, value in action.parameters.items()}
        return msgspec.structs.replace(
            action, parameters=parameters, along_with=tuple(map(of_action, action.along_with))
        )

    def of_edition(edition: Edition) -> Edition:
        rules = tuple(msgspec.structs.replace(rule, action=of_action(rule.action)) for rule in edition.rules)
        return msgspec.structs.replace(edition, rules=rules, otherwise=of_action(edition.otherwise))

    return msgspec.structs.replace(
        ruleset, editions={currency: of_edition(edition) for currency, edition in ruleset.editions.items()}
    )


def _pack(value: object) -> object:
    """Return a parameter with the numbers marked that are written as text: among values of any type, text is text."""
    if isinstance(value, Decimal):
        return Ext(_DECIMAL, str(value).encode())
    if isinstance(value, int) and not _LEAST <= value <= _MOST:
        return Ext(_INTEGER, str(value).encode())
    if isinstance(value, dict):
        return {name: _pack(each) for name, each in value.items()}
    return [_pack(each) for each in value] if isinstance(value, list) else value


def _unpack(code: int, data: memoryview) -> Decimal | int:
    text = bytes(data).decode()
    if code == _DECIMAL:
        return Decimal(text)
    if code == _INTEGER:
        return int(text)
    raise ValueError(f"nothing is marked with {code}")
