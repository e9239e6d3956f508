"""The bodies of what the service says of itself: vocabulary, health, readiness."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta


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
    """Whether the service can decide; `problems` stop it, `notices` (a broken file, say) do not.

    `due_lag_seconds` is how long the oldest question about a stored account has waited, whichever server is to ask it;
    null while that cannot be read.
    """

    status: Literal["ready", "not_ready"]
    problems: tuple[str, ...]
    notices: tuple[str, ...]
    due_lag_seconds: Annotated[float, Meta(ge=0)] | None
