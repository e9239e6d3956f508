"""One durable_rules network with its one session: the only code that calls the C extension."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.network.atoms import Conjunction
from engine.network.names import WARM_UP
from engine.network.unusable import DurableRulesUnusable

try:
    from durable_rules_engine import (
        assert_event,
        complete_and_start_action,
        create_ruleset,
        delete_ruleset,
        delete_state,
        start_action_for_state,
    )
except ImportError as problem:
    raise DurableRulesUnusable(problem) from problem

# The first match of a new session: no other event has this fact.
_WARM_UP_EVENT = f'{{"id":"e","{WARM_UP}":1}}'
_WARM_UP_PRIORITY = 65_000

# A match is answered as text that begins {"0000":{ with the rule's name, its number in four digits.
_NAME_END = 6

_NO_MATCH = (1, 1)
_MATCH = (0, 1)


class EngineFault(Exception):
    """durable_rules failed, and failed again after its session was made anew."""

    def __init__(self, cause: BaseException, resets: int) -> None:
        super().__init__(f"durable_rules failed twice ({cause}); its session was reset {resets} times so far")
        self.resets = resets


class WrongWinner(EngineFault):
    """durable_rules answered a rule that it was not asked about."""

    def __init__(self, found: int, resets: int) -> None:
        Exception.__init__(self, f"durable_rules answered rule {found}, which it was not asked about")
        self.resets = resets


class NetworkClosed(Exception):
    """The network was closed and decides nothing any more."""


class _Irregular(Exception):
    """A call answered what it never does while the session is sound."""


class Session:
    """Rules numbered in the order of their priority; `match` answers the first that holds for an event.

    Rules are added until it is opened, at the first question at the latest; it is for one thread at a time. A session
    that was left in the middle of its three calls (`_sound` is false) is made anew before it is used again: it would
    answer the event before. `_warm` tells whether it ever finished an action, since only then may its state be deleted.
    """

    def __init__(self) -> None:
        self._rules: list[Conjunction] = []
        self._numbers: dict[str, int] = {}
        self._handle: int | None = None
        self._sound = self._warm = self._closed = self.is_open = False
        self.resets = 0

    def add(self, rule: Conjunction) -> None:
        """Put a rule below the others."""
        self._rules.append(rule)

    def open(self) -> None:
        """Make the network and its session."""
        self.is_open = True
        self._numbers = {_name(number): number for number in range(len(self._rules) + 1)}
        self._handle = create_ruleset("dunning", _write(self._rules))
        self._warm_up()

    def match(self, event: str) -> int | None:
        """Return the number of the first rule that holds, or None."""
        if self._sound or self._begin():
            try:
                return self._evaluate(event)
            except Exception:  # noqa: BLE001 - whatever the extension raises, the session is made anew and asked again
                self._sound = False
        return self._evaluate_again(event)

    def close(self) -> None:
        """Free the network and its session; closing twice is allowed."""
        self._closed = True
        self._sound = False
        self._free()

    def __del__(self) -> None:
        self.close()

    def _begin(self) -> bool:
        """Open a session that is asked for the first time; tells whether it can be asked."""
        if not self.is_open and not self._closed:
            try:
                self.open()
            except Exception:  # noqa: BLE001 - as above
                self._sound = False
        return self._sound

    def _evaluate_again(self, event: str) -> int | None:
        try:
            self._reset()
            return self._evaluate(event)
        except NetworkClosed:
            raise
        except Exception as cause:
            raise EngineFault(cause, self.resets) from cause

    def _evaluate(self, event: str) -> int | None:
        handle = self._handle
        self._sound = False
        code = assert_event(handle, event)
        if code == _MATCH:
            started = start_action_for_state(handle, 1)
            if started is None:
                raise _Irregular("start_action_for_state answered nothing")
            if complete_and_start_action(handle, 1) is not None:
                raise _Irregular("complete_and_start_action answered a second match")
            self._sound = True
            return self._numbers[started[1][2:_NAME_END]]
        if code == _NO_MATCH:
            self._sound = True
            return None
        raise _Irregular(f"assert_event answered {code}")

    def _reset(self) -> None:
        if self._closed:
            raise NetworkClosed
        self.resets += 1
        if self._handle is not None and self._warm:
            self._warm = False
            delete_state(self._handle, None)
            self._warm_up()
        else:
            self._free()
            self.open()

    def _warm_up(self) -> None:
        if self._evaluate(_WARM_UP_EVENT) != len(self._numbers) - 1:
            self._sound = False
            raise _Irregular("the warm-up event did not match its rule")
        self._warm = True

    def _free(self) -> None:
        """Delete the network; the state of a session that never finished an action is left, deleting it crashes."""
        handle, self._handle = self._handle, None
        warm, self._warm = self._warm, False
        if handle is None:
            return
        if warm:
            delete_state(handle, None)
        delete_ruleset(handle)


def _name(number: int) -> str:
    return f"{number:04}"


def _write(rules: Sequence[Conjunction]) -> str:
    written: dict[str, object] = {
        _name(number): _write_rule(number, [atom.condition() for atom in atoms]) for number, atoms in enumerate(rules)
    }
    written[_name(len(rules))] = _write_rule(_WARM_UP_PRIORITY, [{WARM_UP: 1}])
    return msgspec.json.encode(written).decode()


def _write_rule(priority: int, conditions: list[dict[str, object]]) -> dict[str, object]:
    return {"pri": priority, "all": [{"m": {"$and": conditions}}]}
