"""The bodies of what the service says of itself: vocabulary, health, readiness."""

from typing import Any, Literal

import msgspec


class FactAbout(msgspec.Struct, frozen=True, kw_only=True):
    """One standard fact."""

    name: str
    type: str
    about: str
    values: tuple[str, ...] | None
    places: int
    unit: str | None
    optional: bool
    default: Any
    moves: int
    source: str


class ActionAbout(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of action."""

    name: str
    about: str
    is_contact: bool
    parameters: dict[str, Any]


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """The words that every ruleset shares."""

    facts: tuple[FactAbout, ...]
    actions: tuple[ActionAbout, ...]
    channels: dict[str, str]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """That the process answers."""

    status: Literal["alive"] = "alive"


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the service can decide; `problems` stop it, `notices` (a broken file, say) do not."""

    status: Literal["ready", "not_ready"]
    problems: tuple[str, ...]
    notices: tuple[str, ...]
